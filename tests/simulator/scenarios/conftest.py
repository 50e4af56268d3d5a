"""One server for the scenarios of a module, and how they are run against it."""

import itertools

import pytest

from support.server import API_KEY, ServerProcess
from voltherd.simulator.scenarios import Options, load_csms

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture
def options(server):
    """Fresh stations with a password, in time that runs ten times as fast."""
    number = next(_NUMBERS)
    return Options(
        url=server.ocpp,
        identities=(f"SCN-{number}-A", f"SCN-{number}-B"),
        password="scenario-password-1",
        accelerate=10.0,
        patience_s=15.0,
        csms=load_csms("voltherd"),
        variables={"api": f"{server.http}/api/v1", "api_key": API_KEY},
    )
