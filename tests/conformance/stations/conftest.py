"""What every case of a station gets: a CSMS by hand and the software station, and a check of every frame."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from conformance.stations import v2, v16_words
from conformance.stations.csms import Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from support.certificates import Authority
from voltherd.ocpp.version import OcppVersion

VERSIONS = {"v16": OcppVersion.V16, "v201": OcppVersion.V201, "v21": OcppVersion.V21}


@pytest.fixture
def version(request: pytest.FixtureRequest) -> OcppVersion:
    """The version of the folder that the case is in."""
    return VERSIONS.get(request.path.parent.name, OcppVersion.V201)


@pytest.fixture
async def csms(version: OcppVersion) -> AsyncIterator[Csms]:
    """A CSMS by hand that listens. In the end no frame may have broken a schema."""
    made = Csms(version)
    await made.start()
    yield made
    await made.stop()
    judged = v16_words.broken_transactions if version is OcppVersion.V16 else v2.broken_transactions
    broken = made.violations + judged(made.calls)
    assert not broken, "; ".join(dict.fromkeys(broken))


@pytest.fixture
async def cold(csms: Csms, tmp_path: Path) -> AsyncIterator[Hand]:
    """The station under test, switched off."""
    made = Hand(csms, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def station(cold: Hand) -> Hand:
    """The station under test, booted and idle; what it said until then is taken."""
    await cold.booted()
    return cold


@pytest.fixture
def files() -> Iterator[FileServer]:
    """Where firmware comes from and logs go to."""
    server = FileServer()
    yield server
    server.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who signs the CSMS's certificates."""
    return Authority(tmp_path, "CSMS Root")
