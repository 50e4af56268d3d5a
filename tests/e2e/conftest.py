"""One server for most tests of the whole; it takes in every station, and must never log a stack trace."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.api import Api
from support.postgres import Postgres
from support.server import ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("server") / "data"
    running = ServerProcess(data, unknown_stations="accept", message_log="true", handshake_timeout_s=2)
    yield running
    log = running.stop()
    assert "Traceback" not in log, log


@pytest.fixture
async def api(server: ServerProcess) -> AsyncIterator[Api]:
    client = Api(server.http)
    yield client
    await client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings of the database that a server of this test uses."""
    if request.param == "sqlite":
        return {}
    running: Postgres = request.getfixturevalue("postgres")
    return {"database_url": await running.fresh_database()}
