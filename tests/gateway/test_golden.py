"""Frames of real stations, played as they came (`tests/golden`)."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.desk import Desk
from voltherd.gateway.quirks import BOOK, STANDARD, decode_tolerantly
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

GOLDEN = sorted(Path(__file__).parent.parent.joinpath("golden").glob("*.json"))


async def play(desk: Desk, frame: dict[str, Any]) -> set[str]:
    """Handle a frame as a session does; gives the flags of its deviations."""
    raw = msgspec.json.encode(frame["payload"])
    flags: set[str] = set()
    try:
        request: msgspec.Struct = decode_request(desk.version, frame["action"], raw)
    except OcppError as error:
        request, deviations = decode_tolerantly(
            desk.version, frame["action"], raw, error, desk.state.tolerated or STANDARD
        )
        flags = {item.flag for item in deviations}
    await desk.handle(frame["action"], request)
    return flags


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
async def test_golden_frames_of_real_stations_are_understood(path: Path, tmp_path: Path) -> None:
    golden = msgspec.json.decode(path.read_bytes())
    desk = await Desk.open(tmp_path / "golden.db", OcppVersion(golden["version"]))
    flags: set[str] = set()
    for frame in golden["frames"]:
        if "refused" in frame:
            with pytest.raises(OcppError) as refused:
                await play(desk, frame)
            assert refused.value.code == frame["refused"]
        else:
            flags |= await play(desk, frame)
    station = desk.state.station
    assert BOOK.choose(station.vendor, station.model, station.firmware_version).name == golden["profile"]
    assert flags | set(station.flags) == set(golden["flags"])
    await desk.store.close()


def test_every_profile_that_names_a_model_has_golden_frames() -> None:
    named = {name for name in BOOK.names if BOOK.find(name).when is not None}
    without = {"evbox", "simpson-partners-home7"}  # reported by their answers only: see test_quirks_at_work.py
    assert named - without == {path.stem for path in GOLDEN} - {"any-odd-words"}
