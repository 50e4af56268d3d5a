"""Opening a store: the database's place is checked, its schema brought up to date, then writer and readers start."""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from voltherd.store import sqlite
from voltherd.store.errors import CannotOpen
from voltherd.store.group_commit import GroupCommit, Writer
from voltherd.store.lock import DirectoryLock
from voltherd.store.reading import Reader
from voltherd.store.records import StoreRecords
from voltherd.store.retention import prune
from voltherd.store.sqlite import Durability

Clock = Callable[[], int]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Store:
    """An open store: `journal` is the way in, `records` the way out."""

    def __init__(self, writer: Writer, reader: Reader, *, clock_ms: Clock, lock: DirectoryLock | None = None) -> None:
        self.journal = GroupCommit(writer)
        self.reader = reader
        self.records = StoreRecords(reader, clock_ms)
        self._lock = lock

    async def prune(self, *, now_ms: int, retention: Mapping[str, int]) -> dict[str, int]:
        """Delete what is older than wanted; see `retention.prune`."""
        return await prune(self.journal, self.reader, now_ms=now_ms, retention=retention)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Commit everything, then let go of the database; one that is gone is waited for only so long."""
        try:
            await self.journal.close(timeout_s)
            await self.reader.close()
        finally:
            if self._lock is not None:
                self._lock.release()


async def open_store(
    url: str, *, durability: Durability = "commit", node: str = "", clock_ms: Clock = _now_ms
) -> Store:
    """Open the store at `sqlite:///path/to/file.db` or `postgresql://user@host/database`.

    `durability` "none" gives up the wait for the disk: the last moments may be lost with the machine's power. `node`
    names this process to a shared database. Raises CannotOpen, and StoreUnavailable where no database answers.
    """
    scheme, _, rest = url.partition("://")
    scheme = scheme.partition("+")[0]
    if scheme == "sqlite":
        return _open_sqlite(_path_of(url, rest), durability, clock_ms)
    if scheme in ("postgresql", "postgres"):
        from voltherd.store import postgres

        writer, reader = await postgres.connect(f"postgresql://{rest}", durability, node)
        return Store(writer, reader, clock_ms=clock_ms)
    raise CannotOpen(f"The database URL {_shown(url)!r} begins with neither sqlite:/// nor postgresql://.")


def _path_of(url: str, rest: str) -> Path:
    path = rest[1:].partition("?")[0]
    if not rest.startswith("/") or not path or path == ":memory:":
        raise CannotOpen(
            f"The database URL {url!r} names no file: write sqlite:///relative/path or sqlite:////absolute."
        )
    return Path(path)


def _shown(url: str) -> str:
    """Give a URL without its password."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url)


def _open_sqlite(path: Path, durability: Durability, clock_ms: Clock) -> Store:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotOpen(f"The data directory {path.parent} cannot be made: {error.strerror}.") from error
    lock = DirectoryLock(path)
    try:
        sqlite.prepare(path)
    except BaseException:  # whatever it was: the directory is let go, and the caller hears of it
        lock.release()
        raise
    return Store(sqlite.SqliteWriter(path, durability), sqlite.SqliteReader(path), clock_ms=clock_ms, lock=lock)
