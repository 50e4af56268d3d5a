"""SQLite: one connection writes whole batches, a few threads read beside it (WAL).

What waits for the disk, the commit, is done in a thread. The rows of a batch of usual size are put in on the event
loop before: sqlite3 lets go of the interpreter's lock around every step, and to trade it with the loop for each would
cost more than the steps. For the same reason a batch is few, wide statements (many rows of VALUES each).
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from sqlalchemy import StaticPool, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from voltherd.domain.errors import StoreUnavailable
from voltherd.store.batch import Operations, TableWork, cleaned, gather
from voltherd.store.errors import CannotOpen, NotStorable
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.migrate import READ_REVISION, upgrade
from voltherd.store.migrations import HEAD
from voltherd.store.reading import Statement
from voltherd.store.schema import partly_indexed_by

Durability = Literal["commit", "none"]
T = TypeVar("T")

BUSY_TIMEOUT_S = 1.0
MOST_ROWS_ON_LOOP = 1_000
"""Larger batches are put in by the thread too: the loop is not to stand still for them."""
READERS = 2
_ROWS_A_STATEMENT = (64, 16, 4, 1)
"""Each number is prepared once per table."""
MAX_KNOWN_ROWS = 50_000
Steps = list[tuple[int, str]]
_Job = tuple["asyncio.Future[Any]", Callable[[Any], Any], Any]


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open a connection that starts no transaction by itself."""
    uri = f"file:{quote(str(path))}?mode={'rwc' if create else 'rw'}"
    return sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False, cached_statements=256
    )


def prepare(path: Path) -> None:
    """Make the file if need be, readable by its owner only, and bring its schema up to date. Raises CannotOpen."""
    _make(path)
    try:
        connection = connect(path, create=True)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            if _revision(connection) != HEAD:
                _migrate(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise CannotOpen(f"{path} cannot be opened as an SQLite database: {error}.") from error


def _make(path: Path) -> None:
    """Make an empty file of mode 0600, which SQLite gives to the files beside it too; one that is there stays."""
    with contextlib.suppress(OSError):  # whatever is wrong with the place, opening it tells
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _revision(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute(READ_REVISION).fetchone()
    return row[0] if row else None


def _migrate(connection: sqlite3.Connection) -> None:
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as bound:
        bound.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(bound)
        bound.exec_driver_sql("COMMIT")


class Upsert:
    """The SQL that writes and deletes rows of one table.

    SQLite rewrites the index entries of every column that an update names, also where the value stays. So the values
    of indexed columns are remembered per key, and rows that keep theirs are updated without naming those columns.
    """

    def __init__(self, table: RecordTable[Any]) -> None:
        name, self._key = table.table.name, ", ".join(f'"{column}"' for column in table.key)
        columns = ", ".join(f'"{column}"' for column in table.names)
        self._head = f"INSERT INTO {name} ({columns}) VALUES "
        self._row = f"({', '.join('?' * len(table.names))})"
        self._key_of = table.key_of_row
        indexed = {column.name for index in table.table.indexes for column in index.columns}
        indexed |= {column.name for column in partly_indexed_by(table.table)}
        indexed -= set(table.key)
        self._indexed_of = table.getter(sorted(indexed)) if table.mode == "put" and indexed else None
        others = [column for column in table.names if column not in table.key]
        update = f"DO UPDATE SET {table.assignments(others)}"
        self._all = self._steps("DO NOTHING" if table.mode == "append" else update)
        unindexed = [column for column in others if column not in indexed]
        self._unindexed = self._steps(f"DO UPDATE SET {table.assignments(unindexed)}")
        self._known: dict[tuple[Any, ...], Any] = {}
        self.delete = f"DELETE FROM {name} WHERE " + " AND ".join(f'"{column}" = ?' for column in table.key)

    def _steps(self, action: str) -> Steps:
        tail = f" ON CONFLICT ({self._key}) {action}"
        return [(rows, self._head + ", ".join([self._row] * rows) + tail) for rows in _ROWS_A_STATEMENT]

    def statements(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
        """Give the statements that write rows, with their values."""
        if self._indexed_of is None:
            return _filled(self._all, rows)
        new, known = [], []
        for row in rows:
            key, indexed = self._key_of(row), self._indexed_of(row)
            if self._known.get(key) == indexed:
                known.append(row)
            else:
                self._known[key] = indexed
                new.append(row)
        return chain(_filled(self._all, new), _filled(self._unindexed, known))

    def forget(self, *, unless_fewer_than: int = 0) -> None:
        """Remember no row's indexed columns any more: the batch was undone, or there are too many."""
        if len(self._known) >= unless_fewer_than:
            self._known.clear()


def _filled(steps: Steps, rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
    at, left = 0, len(rows)
    for step, statement in steps:
        while left >= step:
            yield statement, list(chain.from_iterable(rows[at : at + step]))
            at, left = at + step, left - step


class SqliteWriter:
    """Writes batches on one connection, which belongs to the loop or to the writer's thread, in turn."""

    def __init__(self, path: Path, durability: Durability = "commit") -> None:
        self._path = path
        self._synchronous = "FULL" if durability == "commit" else "OFF"
        self._connection: sqlite3.Connection | None = None
        self._upserts: dict[str, Upsert] = {}
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="voltherd-store-writer", daemon=True)
        self._thread.start()

    async def write(self, calls: Sequence[Operations]) -> None:
        """Write calls in one transaction. Raises StoreUnavailable, or anything else if a call is at fault."""
        connection = self._begun_at_once(calls)
        if connection is None:
            await self._do(self._write, calls)
            return
        try:
            self._apply(connection, gather(calls))
        except BaseException as error:
            self._undo(connection)
            raise explained(error) from error
        await self._do(self._commit, connection)

    async def write_each(self, calls: Sequence[Operations]) -> list[Exception | None]:
        """Write calls in one transaction, each for itself; tells what is wrong with those left out."""
        return await self._do(self._write_each, calls)

    async def close(self) -> None:
        """Finish what was begun and end the thread."""
        if not self._thread.is_alive():
            return
        await self._do(self._close, None)
        self._jobs.put(None)
        self._thread.join()

    def _do(self, function: Callable[[Any], T], argument: Any) -> "asyncio.Future[T]":
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((future, function, argument))
        return future

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, function, argument = job
            try:
                result, error = function(argument), None
            except BaseException as problem:
                result, error = None, problem
            try:
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:  # the event loop is gone: nobody waits
                return
            del job, future, argument, result, error

    def _begun_at_once(self, calls: Sequence[Operations]) -> sqlite3.Connection | None:
        """Begin on the loop; None where that may take time: no connection yet, many rows, or another process writes."""
        connection = self._connection
        if connection is None or sum(map(len, calls)) > MOST_ROWS_ON_LOOP:
            return None
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            return None
        return connection

    def _write(self, calls: Sequence[Operations]) -> None:
        work = gather(calls)
        connection = self._begun()
        try:
            self._apply(connection, work)
        except BaseException as error:
            self._undo(connection)
            raise explained(error) from error
        self._commit(connection)

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(connection)
            raise explained(error) from error

    def _write_each(self, calls: Sequence[Operations]) -> list[Exception | None]:
        connection = self._begun()
        try:
            outcomes = [self._apply_one(connection, operations) for operations in calls]
            connection.execute("COMMIT")
        except BaseException as error:
            self._undo(connection)
            raise explained(error) from error
        return outcomes

    def _apply_one(self, connection: sqlite3.Connection, operations: Operations) -> Exception | None:
        problem = self._try(connection, operations)
        if problem is None:
            return None
        return self._try(connection, cleaned(operations)) and problem

    def _try(self, connection: sqlite3.Connection, operations: Operations) -> Exception | None:
        connection.execute("SAVEPOINT one")
        try:
            self._apply(connection, gather([operations]))
        except Exception as error:
            problem = explained(error)
            if isinstance(problem, StoreUnavailable):
                raise
            connection.execute("ROLLBACK TO one")
            self._forget()
            return problem
        finally:
            if connection.in_transaction:
                connection.execute("RELEASE one")
        return None

    def _apply(self, connection: sqlite3.Connection, work: Sequence[TableWork]) -> None:
        for table, removed, rows in work:
            upsert = self._upserts.get(table.table.name)
            if upsert is None:
                upsert = self._upserts[table.table.name] = Upsert(table)
            if removed:
                upsert.forget()
                connection.executemany(upsert.delete, removed)
            for statement, values in upsert.statements(rows):
                connection.execute(statement, values)
            upsert.forget(unless_fewer_than=MAX_KNOWN_ROWS)

    def _begun(self) -> sqlite3.Connection:
        try:
            if self._connection is None:
                self._connection = self._opened()
            self._wait_and_begin(self._connection)
        except sqlite3.Error as error:
            self._close(None)
            raise explained(error) from error
        return self._connection

    @staticmethod
    def _wait_and_begin(connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
        try:
            connection.execute("BEGIN IMMEDIATE")
        finally:
            connection.execute("PRAGMA busy_timeout = 0")

    def _opened(self) -> sqlite3.Connection:
        connection = connect(self._path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
            connection.execute("PRAGMA cache_size = -65536")
        except BaseException:
            connection.close()
            raise
        return connection

    def _forget(self) -> None:
        for upsert in self._upserts.values():
            upsert.forget()

    def _undo(self, connection: sqlite3.Connection) -> None:
        self._forget()
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._close(None)

    def _close(self, _: None) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def explained(error: BaseException) -> Exception:
    """Tell apart what passes by itself (locked, disk full, read-only, I/O) from rows that never fit."""
    if isinstance(error, (StoreUnavailable, NotStorable)):
        return error
    never_fits = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
    if isinstance(error, sqlite3.Error) and not isinstance(error, never_fits):
        return StoreUnavailable(f"The SQLite database cannot be used right now: {error}.")
    return NotStorable(f"A record cannot be stored: {error}.")


class SqliteReader:
    """Reads in threads, each with a connection of its own; never waits for the writer."""

    def __init__(self, path: Path) -> None:
        self.dialect = SQLiteDialect_pysqlite()
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="voltherd-store-reader")

    async def run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run SELECTs on one snapshot of the database. Raises StoreUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, statements)

    def _run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        try:
            connection = self._connection()
            if len(statements) == 1:
                return [connection.execute(*statements[0]).fetchall()]
            connection.execute("BEGIN")
            try:
                return [connection.execute(sql, values).fetchall() for sql, values in statements]
            finally:
                connection.execute("COMMIT")
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise explained(error) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    async def close(self) -> None:
        """End the threads and close their connections."""
        self._threads.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
