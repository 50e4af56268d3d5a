"""The same tests on both databases: SQLite in a directory, and a real PostgreSQL that the session starts for itself."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from support.postgres import Postgres
from voltherd.store import Store, open_store
from voltherd.store.mapping import TABLES
from voltherd.store.reading import statement_of
from voltherd.store.schema import metadata


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/data/voltherd.db"
    server: Postgres = request.getfixturevalue("postgres")
    return await server.fresh_database()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest schema, to copy: migrating takes a tenth of a second."""
    path = tmp_path_factory.mktemp("migrated") / "voltherd.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """URL of a database at the newest schema, emptied for each test."""
    url = asyncio.run(postgres.fresh_database())
    asyncio.run(migrate(url))
    return url


async def migrate(url: str) -> None:
    await (await open_store(url)).close()


@pytest.fixture
def migrated_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of an empty database at the newest schema."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "voltherd.db")
        return f"sqlite:///{tmp_path}/voltherd.db"
    url: str = request.getfixturevalue("migrated_postgres")
    tables = ", ".join(metadata.tables)
    asyncio.run(request.getfixturevalue("postgres").execute(f"TRUNCATE {tables}", url=url))
    return url


@pytest.fixture
async def store(migrated_url: str) -> AsyncIterator[Store]:
    opened = await open_store(migrated_url)
    yield opened
    await opened.close()


Stored = Callable[[type], Awaitable[list[Any]]]


@pytest.fixture
def stored(store: Store) -> Stored:
    """Gives every row of a table as records."""

    async def read(kind: type) -> list[Any]:
        table = TABLES[kind]
        statement = statement_of(select(*table.columns), store.reader.dialect)
        return [table.from_row(row) for row in (await store.reader.run([statement]))[0]]

    return read
