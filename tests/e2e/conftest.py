"""Servers for the tests of the whole; none of them may ever log a stack trace."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.api import Api
from support.postgres import Postgres
from support.server import ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that takes in every station."""
    data = tmp_path_factory.mktemp("server") / "data"
    running = ServerProcess(data, unknown_stations="accept", ping_interval_s=0.5, handshake_timeout_s=1)
    yield running
    log = running.stop()
    assert "Traceback" not in log, log


@pytest.fixture
async def api(server: ServerProcess) -> AsyncIterator[Api]:
    client = Api(server.http)
    yield client
    await client.close()


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that refuses stations it does not know, and gives up silent ones quickly."""
    data = tmp_path_factory.mktemp("strict") / "data"
    running = ServerProcess(data, heartbeat_interval_s=1, lease_s=2.2, ping_interval_s=0.4, boot_retry_interval_s=7)
    yield running
    log = running.stop()
    assert "Traceback" not in log, log


@pytest.fixture
async def strict_api(strict: ServerProcess) -> AsyncIterator[Api]:
    client = Api(strict.http)
    yield client
    await client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that takes in every station and keeps its records in PostgreSQL."""
    url = asyncio.run(postgres.fresh_database())
    data = tmp_path_factory.mktemp("postgres-server") / "data"
    running = ServerProcess(data, unknown_stations="accept", database_url=url)
    yield running
    log = running.stop()
    assert "Traceback" not in log, log


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> ServerProcess:
    """A server on each of the databases."""
    name = "server" if request.param == "sqlite" else "postgres_server"
    running: ServerProcess = request.getfixturevalue(name)
    return running


@pytest.fixture
async def either_api(either: ServerProcess) -> AsyncIterator[Api]:
    client = Api(either.http)
    yield client
    await client.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the database that a server of this test uses."""
    if request.param == "sqlite":
        return {}
    running: Postgres = request.getfixturevalue("postgres")
    return {"database_url": await running.fresh_database()}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory for servers of this test alone."""
    return tmp_path / "data"
