"""What every case gets: one server for all, a fresh station per case, and a check of every frame."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.station import Csms, MakeStation, Station, Tokens, fresh_identity
from support.api import Api
from support.certificates import Authority
from support.server import API_KEY, ServerProcess
from voltherd.conformance.run import GIVEN


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case(id, title, version, block): the certification case that this test is")


def pytest_itemcollected(item: pytest.Item) -> None:
    marker = item.get_closest_marker("case")
    if marker is not None and marker.kwargs["id"].lower() not in item.name.lower():
        raise pytest.UsageError(f"{item.nodeid}: the test's name must hold the case's id, {marker.kwargs['id']}")


@pytest.fixture(scope="session")
def csms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Csms]:
    """The server under test: one of our own, or the one that the environment names."""
    given = os.environ.get(f"{GIVEN}_OCPP")
    if given:
        yield Csms(given, os.environ[f"{GIVEN}_API"], os.environ[f"{GIVEN}_API_KEY"])
        return
    folder = tmp_path_factory.mktemp("conformance")
    servers, stations = Authority(folder, "Server CA"), Authority(folder, "Station CA")
    with _own(folder, servers, stations) as server:
        yield Csms(server.ocpp, server.http, API_KEY, server.ocpp_tls, servers, stations, folder)
        log = server.stop()
    assert "Traceback" not in log, log


def _own(folder: Path, servers: Authority, stations: Authority) -> ServerProcess:
    chains = [servers.issue("server"), servers.issue("server", rsa_key=True)]
    return ServerProcess(
        folder / "data",
        ocpp_tls="127.0.0.1:0",
        tls_certificate=os.pathsep.join(str(certificate) for certificate, _ in chains),
        tls_key=os.pathsep.join(str(key) for _, key in chains),
        tls_client_ca=stations.file,
        tls_certification_ciphers=True,
    )


@pytest.fixture
async def api(csms: Csms) -> AsyncIterator[Api]:
    """The REST API, signed in as an administrator."""
    client = Api(csms.http)
    client.client.headers["Authorization"] = f"Bearer {csms.api_key}"
    yield client
    await client.close()


@pytest.fixture
def tokens(api: Api) -> Tokens:
    """Makes tokens."""
    return Tokens(api)


@pytest.fixture
async def make_station(csms: Csms, api: Api) -> AsyncIterator[MakeStation]:
    """Makes stations of the server: `await make_station("1.6", booted=False, password=...)`.

    In the end all are closed, and what broke a schema fails the test.
    """
    made: list[Station] = []

    async def make(version: str, *, connected: bool = True, booted: bool = True, **record: Any) -> Station:
        station = Station(csms, api, version, fresh_identity(version))
        made.append(station)
        await api.put(f"/stations/{station.identity}", **({"registration": "accepted"} | record))
        if connected:
            await station.connect(password=record.get("password"))
            if booted:
                assert (await station.boot())["status"] == "Accepted"
        return station

    yield make
    violations = [found for station in made for found in await station.close()]
    assert not violations, "; ".join(violations)


@pytest.fixture
async def v16(make_station: MakeStation) -> Station:
    """A station of OCPP 1.6: accepted, connected, booted."""
    return await make_station("1.6")


@pytest.fixture
async def v201(make_station: MakeStation) -> Station:
    """A station of OCPP 2.0.1: accepted, connected, booted."""
    return await make_station("2.0.1")


@pytest.fixture
async def v21(make_station: MakeStation) -> Station:
    """A station of OCPP 2.1: accepted, connected, booted."""
    return await make_station("2.1")
