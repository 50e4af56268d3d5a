"""The same tests on both databases: SQLite in a directory, and a real PostgreSQL that the session starts for itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from support.postgres import Postgres
from voltherd.store import Store, open_store
from voltherd.store.mapping import TABLES
from voltherd.store.reading import statement_of


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


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_store(url)
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
