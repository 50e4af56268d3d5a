from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.desk import Desk
from voltherd.ocpp.version import OcppVersion


@pytest.fixture
async def v16(tmp_path: Path) -> AsyncIterator[Desk]:
    """The desk of a station that speaks 1.6."""
    desk = await Desk.open(tmp_path / "v16.db", OcppVersion.V16)
    yield desk
    await desk.store.close()


@pytest.fixture(params=[OcppVersion.V201, OcppVersion.V21], ids=["2.0.1", "2.1"])
async def v2(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """The desk of a station that speaks 2.0.1, then of one that speaks 2.1."""
    desk = await Desk.open(tmp_path / "v2.db", request.param)
    yield desk
    await desk.store.close()
