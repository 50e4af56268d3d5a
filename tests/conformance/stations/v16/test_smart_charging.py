"""OCPP 1.6: smart charging."""

from functools import partial
from itertools import count
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.profiles import like
from conformance.stations.v16_words import Session

official = partial(case, version="1.6", block="Smart Charging")
_numbers = count(1)


def profile(
    *periods: tuple[int, float],
    purpose: str = "TxDefaultProfile",
    kind: str = "Absolute",
    start: str | None = None,
    duration: int | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A profile in amperes; a period is its start in seconds and its limit."""
    schedule: dict[str, Any] = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": begin, "limit": limit} for begin, limit in periods],
    }
    if start is not None:
        schedule["startSchedule"] = start
    if duration is not None:
        schedule["duration"] = duration
    return {
        "chargingProfileId": next(_numbers),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
    } | fields


async def put(csms: Csms, connector_id: int, one: dict[str, Any], status: str = "Accepted") -> None:
    """Set a profile."""
    answer = await csms.call("SetChargingProfile", connectorId=connector_id, csChargingProfiles=one)
    assert answer["status"] == status


async def composite(csms: Csms, connector_id: int, duration: int) -> list[tuple[int, float]]:
    """Ask for the composite schedule; gives its periods."""
    answer = await csms.call("GetCompositeSchedule", connectorId=connector_id, duration=duration, chargingRateUnit="A")
    assert answer["status"] == "Accepted", answer
    schedule = answer["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "A"
    return [(one["startPeriod"], one["limit"]) for one in schedule["chargingSchedulePeriod"]]


def obeys(station: Hand, limit_a: float) -> None:
    """No more flows than the limit lets through."""
    assert 0 < station.power_w(1) <= limit_a * 230 * 3 + 1


@official("TC_056_CS", "A default profile limits the sessions that follow")
async def test_tc_056_cs_default(csms: Csms, station: Hand) -> None:
    await put(csms, 1, profile((0, 6.0), start=station.time(), duration=86_400))
    await Session(csms, station).charging()
    await station.pass_time(10)
    obeys(station, 6.0)


@official("TC_082_CS", "A default profile limits a session that runs")
async def test_tc_082_cs_default_during_a_session(csms: Csms, station: Hand) -> None:
    await Session(csms, station).charging()
    await station.pass_time(10)
    assert station.power_w(1) > 6.0 * 230 * 3 + 1
    await put(csms, 1, profile((0, 6.0), start=station.time(), duration=86_400))
    await station.pass_time(10)
    obeys(station, 6.0)


@official("TC_057_CS", "A profile of a running transaction limits it")
async def test_tc_057_cs_of_a_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    sent = profile((0, 8.0), purpose="TxProfile", kind="Relative", transactionId=session.id)
    await put(csms, 1, sent)
    await station.pass_time(10)
    obeys(station, 8.0)


@official("TC_058_1_CS", "A profile of a transaction is rejected where none runs")
async def test_tc_058_1_cs_no_transaction(csms: Csms, station: Hand) -> None:
    await put(csms, 1, profile((0, 6.0), purpose="TxProfile", kind="Relative"), "Rejected")


@official("TC_058_2_CS", "A profile of another transaction is rejected")
async def test_tc_058_2_cs_another_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    sent = profile((0, 6.0), purpose="TxProfile", kind="Relative", transactionId=session.id + 1)
    await put(csms, 1, sent, "Rejected")


@official("TC_059_CS", "A remote start with a profile: it limits the session")
async def test_tc_059_cs_remote_start(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    sent = profile((0, 6.0), purpose="TxProfile", kind="Relative")
    await session.remote_started(chargingProfile=sent)
    await session.started()
    await session.energy()
    await station.pass_time(10)
    obeys(station, 6.0)


@official("TC_060_CS", "A remote start with a profile that is not the transaction's own is rejected")
async def test_tc_060_cs_remote_start_rejected(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    sent = profile((0, 6.0), purpose="TxDefaultProfile", start=station.time())
    await session.remote_started("Rejected", chargingProfile=sent)
    await csms.none("StartTransaction")


@official("TC_066_CS", "The composite schedule of a connector, from all that was set")
async def test_tc_066_cs_composite(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    start = station.time()
    await put(csms, 0, profile((0, 10.0), purpose="ChargePointMaxProfile", start=start, duration=86_400))
    default = [(0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0)]
    await put(csms, 1, profile(*default, start=start, duration=300))
    own = [(0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0)]
    await put(csms, 1, profile(*own, purpose="TxProfile", start=start, duration=260, transactionId=session.id))
    found = await composite(csms, 1, 400)
    like(found, (0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0))


@official("TC_067_CS", "Profiles are cleared, by id and by criteria; there is none afterwards")
@pytest.mark.parametrize("by", ["id", "criteria"])
async def test_tc_067_cs_cleared(csms: Csms, station: Hand, by: str) -> None:
    sent = profile((0, 6.0), start=station.time(), duration=86_400)
    await put(csms, 1, sent)
    criteria = {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    wanted = {"id": sent["chargingProfileId"]} if by == "id" else criteria
    assert (await csms.call("ClearChargingProfile", wanted))["status"] == "Accepted"
    assert (await csms.call("ClearChargingProfile", wanted))["status"] == "Unknown"
    await Session(csms, station).charging()
    await station.pass_time(10)
    assert station.power_w(1) > 6.0 * 230 * 3 + 1


@official("TC_072_CS", "The highest stack level counts where it says something")
async def test_tc_072_cs_stacked(csms: Csms, station: Hand) -> None:
    start = station.time()
    low = profile((0, 6.0), (100, 8.0), (200, 10.0), start=start, duration=400)
    high = profile((0, 7.0), (100, 9.0), start=start, duration=150, stackLevel=1)
    await put(csms, 1, low)
    await put(csms, 1, high)
    found = await composite(csms, 1, 350)
    like(found, (0, 7.0), (100, 9.0), (150, 8.0), (200, 10.0))
