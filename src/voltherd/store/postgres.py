"""PostgreSQL: a batch is one statement that inserts whole columns (`unnest`) into all its tables, one round trip."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, Boolean, Dialect, Double, LargeBinary, NullPool, Text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from voltherd.domain.errors import StoreUnavailable
from voltherd.store.batch import Operations, TableWork, cleaned, gather
from voltherd.store.errors import CannotOpen, NotStorable
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.migrate import READ_REVISION, upgrade
from voltherd.store.migrations import HEAD
from voltherd.store.reading import Statement
from voltherd.store.sqlite import Durability

CONNECT_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 30.0
READERS = 8
_MIGRATION_LOCK = 0x766F6C74
_ARRAYS = {BigInteger: "bigint", Text: "text", Double: "float8", Boolean: "boolean", LargeBinary: "bytea"}
_NEVER_FITS = ("22", "23")
"""SQLSTATE classes of data exceptions and broken constraints: the record is at fault."""


async def connect(url: str, durability: Durability, node: str) -> tuple["PostgresWriter", "PostgresReader"]:
    """Bring the schema up to date and start writer and readers. Raises CannotOpen or StoreUnavailable."""
    settings = {
        "application_name": f"voltherd {node}".strip(),
        "synchronous_commit": "on" if durability == "commit" else "off",
    }
    try:
        await _prepare(url)
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=READERS,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            reset=_keep,
            server_settings=settings,
        )
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise CannotOpen(f"PostgreSQL refuses the database URL: {error}.") from error
    except (ValueError, asyncpg.InterfaceError) as error:
        raise CannotOpen(f"The database URL cannot be understood: {error}.") from error
    except (OSError, asyncpg.PostgresError) as error:
        raise explained(error) from error
    return PostgresWriter(url, settings), PostgresReader(pool)


async def _keep(_: Any) -> None:
    """Leave a connection as it is when it goes back to the pool: readers change no session state."""


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
    try:
        if await _revision(connection) == HEAD:
            return
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        if await _revision(connection) != HEAD:
            await _migrate(url)
    finally:
        await connection.close()


async def _revision(connection: Any) -> str | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval(READ_REVISION)
    return revision


async def _migrate(url: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(upgrade)
        await connection.commit()
    await engine.dispose()


class Upsert:
    """The SQL that writes and deletes rows of one table; parameters are arrays, one a column."""

    def __init__(self, table: RecordTable[Any]) -> None:
        self.name, self.key = table.table.name, ", ".join(f'"{column}"' for column in table.key)
        self.columns = ", ".join(f'"{column}"' for column in table.names)
        self.types = [_array(table.table.c[name].type) for name in table.names]
        self.key_types = [_array(table.table.c[name].type) for name in table.key]
        others = [column for column in table.names if column not in table.key]
        self.action = "DO NOTHING" if table.mode == "append" else f"DO UPDATE SET {table.assignments(others)}"

    def insert(self, first: int = 1) -> str:
        """Give the INSERT whose parameters begin at number `first`."""
        arrays = _unnest(self.types, first)
        return f"INSERT INTO {self.name} ({self.columns}) SELECT * FROM {arrays} ON CONFLICT ({self.key}) {self.action}"

    def delete(self) -> str:
        """Give the DELETE by key."""
        return f"DELETE FROM {self.name} WHERE ({self.key}) IN (SELECT * FROM {_unnest(self.key_types, 1)})"


def _array(kind: Any) -> str:
    return next(name for base, name in _ARRAYS.items() if isinstance(kind, base))


def _unnest(types: Sequence[str], first: int) -> str:
    return f"unnest({', '.join(f'${at}::{kind}[]' for at, kind in enumerate(types, first))})"


class PostgresWriter:
    """Writes batches on one connection, and connects again when it is lost."""

    def __init__(self, url: str, settings: dict[str, str]) -> None:
        self._url = url
        self._settings = settings
        self._connection: Any = None
        self._upserts: dict[str, Upsert] = {}
        self._statements: dict[tuple[str, ...], str] = {}

    async def write(self, calls: Sequence[Operations]) -> None:
        """Write calls in one transaction. Raises StoreUnavailable, or NotStorable if a call is at fault."""
        work = gather(calls)
        if not work:
            return
        try:
            connection = await self._connected()
            if any(table.removed for table in work):
                async with connection.transaction():
                    await self._apply(connection, work)
            else:
                await self._insert(connection, work)
        except Exception as error:
            raise self._failed(error) from error

    async def write_each(self, calls: Sequence[Operations]) -> list[Exception | None]:
        """Write calls in one transaction, each for itself; tells what is wrong with those left out."""
        try:
            connection = await self._connected()
            async with connection.transaction():
                return [await self._write_one(connection, operations) for operations in calls]
        except Exception as error:
            raise self._failed(error) from error

    async def _write_one(self, connection: Any, operations: Operations) -> Exception | None:
        problem = await self._try(connection, operations)
        if problem is None:
            return None
        return await self._try(connection, cleaned(operations)) and problem

    async def _try(self, connection: Any, operations: Operations) -> Exception | None:
        try:
            async with connection.transaction():
                await self._apply(connection, gather([operations]))
        except Exception as error:
            problem = explained(error)
            if isinstance(problem, StoreUnavailable):
                raise
            return problem
        return None

    async def _apply(self, connection: Any, work: Sequence[TableWork]) -> None:
        for table, removed, _ in work:
            if removed:
                await connection.execute(self._upsert(table).delete(), *zip(*removed, strict=True))
        left = [item for item in work if item.rows]
        if left:
            await self._insert(connection, left)

    async def _insert(self, connection: Any, work: Sequence[TableWork]) -> None:
        names = tuple(table.table.name for table, _, _ in work)
        statement = self._statements.get(names)
        if statement is None:
            statement = self._statements[names] = self._statement([table for table, _, _ in work])
        arrays: list[Any] = []
        for _, _, rows in work:
            arrays.extend(zip(*rows, strict=True))
        await connection.execute(statement, *arrays)

    def _statement(self, tables: Sequence[RecordTable[Any]]) -> str:
        """Make one statement that inserts into several tables, at once and all or nothing."""
        first, inserts = 1, []
        for table in tables:
            upsert = self._upsert(table)
            inserts.append(upsert.insert(first))
            first += len(upsert.types)
        earlier = [f"write{at} AS ({insert})" for at, insert in enumerate(inserts[:-1])]
        return (f"WITH {', '.join(earlier)} " if earlier else "") + inserts[-1]

    def _upsert(self, table: RecordTable[Any]) -> Upsert:
        name = table.table.name
        if name not in self._upserts:
            self._upserts[name] = Upsert(table)
        return self._upserts[name]

    async def _connected(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                server_settings=self._settings,
            )
        return self._connection

    def _failed(self, error: Exception) -> Exception:
        """Explain an error; after one of the connection's the next attempt connects anew."""
        problem = explained(error)
        if isinstance(problem, StoreUnavailable) and self._connection is not None:
            self._connection.terminate()
            self._connection = None
        return problem

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.close(timeout=2)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()


def explained(error: BaseException) -> Exception:
    """Tell apart what passes by itself (connection, disk full, shutdown, deadlock) from rows that never fit."""
    if isinstance(error, (StoreUnavailable, NotStorable)):
        return error
    passes = isinstance(error, (OSError, asyncpg.InternalClientError)) or (
        isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError))
        and not isinstance(error, ValueError)
        and (getattr(error, "sqlstate", None) or "")[:2] not in _NEVER_FITS
    )
    if passes:
        return StoreUnavailable(f"PostgreSQL cannot be used right now: {error or type(error).__name__}.")
    return NotStorable(f"A record cannot be stored: {error}.")


class PostgresReader:
    """Reads on a pool of connections."""

    def __init__(self, pool: Any) -> None:
        self.dialect: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
        self._pool = pool

    async def run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run SELECTs on one connection; a connection that turns out dead is replaced. Raises StoreUnavailable."""
        try:
            return await self._run(statements)
        except (
            OSError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            asyncpg.PostgresConnectionError,
            asyncpg.OperatorInterventionError,
        ) as e:
            if isinstance(e, (TimeoutError, ValueError)):
                raise explained(e) from e
            await self._pool.expire_connections()
        except Exception as error:
            raise explained(error) from error
        try:
            return await self._run(statements)
        except Exception as error:
            raise explained(error) from error

    async def _run(self, statements: Sequence[Statement]) -> list[list[Row]]:
        async with self._pool.acquire() as connection:
            return [await self._fetch(connection, statement) for statement in statements]

    @staticmethod
    async def _fetch(connection: Any, statement: Statement) -> list[Row]:
        """Fetch rows; text of PostgreSQL holds no NUL, so nothing is found where one is asked for (trap 8)."""
        sql, values = statement
        if any(isinstance(value, str) and "\0" in value for value in values):
            return []
        rows: list[Row] = await connection.fetch(sql, *values)
        return rows

    async def close(self) -> None:
        """Close all connections."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._pool.terminate()
