"""OCPP 2.0.1, block K: composite schedules, external limits, and vehicles that negotiate."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.profiles import composite, get_profiles, like, profile, put_profile
from conformance.stations.v2 import Session, configure, connector

official = partial(case, version="2.0.1")
MOST_A = 32.0
"""What the EVSEs under test can give: 22 kW on three phases."""


@official("TC_K_21_CS", "A default profile holds from the time on from which it is valid")
async def test_tc_k_21_cs_valid_from(csms: Csms, station: Hand) -> None:
    sent = profile((0, 6.0), kind="Relative", validFrom=station.time(300))
    await put_profile(csms, 1, sent)
    found = await composite(csms, 1, 400)
    assert found[0][1] > 6.0
    like(found, (0, found[0][1]), (300, 6.0))


@official("TC_K_22_CS", "A default profile of all EVSEs holds until the time to which it is valid")
async def test_tc_k_22_cs_valid_to(csms: Csms, station: Hand) -> None:
    sent = profile((0, 6.0), start=station.time(-1), validFrom=station.time(-4), validTo=station.time(300))
    await put_profile(csms, 0, sent)
    for evse_id, limit in ((1, 6.0), (2, 6.0), (0, 12.0)):
        found = await composite(csms, evse_id, 400)
        assert found[1][1] > limit
        like(found, (0, limit), (300, found[1][1]))


@official("TC_K_23_CS", "A profile holds from its start on")
async def test_tc_k_23_cs_starts_later(csms: Csms, station: Hand) -> None:
    sent = profile((0, 6.0), start=station.time(60), validFrom=station.time(50), validTo=station.time(404))
    await put_profile(csms, 1, sent)
    found = await composite(csms, 1, 300)
    like(found, (0, found[0][1]), (60, 6.0))
    assert found[0][1] > 6.0


@official("TC_K_28_CS", "A default profile holds for a running session at once")
async def test_tc_k_28_cs_during_a_session(csms: Csms, station: Hand) -> None:
    await configure(csms, SmartChargingCtrlr__LimitChangeSignificance="1.0")
    session = Session(csms, station)
    await session.charging()
    sent = profile((0, 6.0), start=station.time(-4), duration=304, validFrom=station.time(-4))
    await put_profile(csms, 1, sent)
    assert (await composite(csms, 1, 300))[0] == (0, 6.0)
    await station.pass_time(10)
    assert station.power_w(1) <= 6.0 * 230 * 3 + 1


@official("TC_K_39_CS", "Without profiles the station tells what it can give itself")
async def test_tc_k_39_cs_no_profiles(csms: Csms, station: Hand) -> None:
    found = await composite(csms, 0, 300)
    assert found[0][0] == 0
    assert found[0][1] > 0


@official("TC_K_40_CS", "The highest stack level counts where it says something")
async def test_tc_k_40_cs_stacked(csms: Csms, station: Hand) -> None:
    until = {"validFrom": station.time(-1), "validTo": station.time(405)}
    low = profile((0, 6.0), (100, 8.0), (200, 10.0), start=station.time(-1), duration=404, **until)
    high = profile((0, 7.0), (100, 9.0), start=station.time(-1), duration=151, stackLevel=1, **until)
    await put_profile(csms, 1, low)
    await put_profile(csms, 1, high)
    found = await composite(csms, 1, 350)
    like(found, (0, 7.0), (100, 9.0), (150, 8.0), (200, 10.0))


@official("TC_K_41_CS", "Of the purposes the lowest limit counts, and the transaction's own before the default")
async def test_tc_k_41_cs_combined(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    until = {"validFrom": station.time(-1), "validTo": station.time(405)}
    start = station.time()
    await put_profile(csms, 0, profile((0, 10.0), purpose="ChargingStationMaxProfile", start=start, duration=86_400))
    default = [(0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0)]
    await put_profile(csms, 1, profile(*default, start=start, duration=300, **until))
    own = [(0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0)]
    sent = profile(*own, purpose="TxProfile", start=start, duration=260, transactionId=session.id, **until)
    await put_profile(csms, 1, sent)
    found = await composite(csms, 1, 400)
    like(found, (0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0))


@official("TC_K_47_CS", "There is no schedule of an unknown EVSE")
async def test_tc_k_47_cs_unknown_evse(csms: Csms, station: Hand) -> None:
    answer = await csms.call("GetCompositeSchedule", evseId=3, duration=300, chargingRateUnit="A")
    assert answer["status"] == "Rejected"
    assert "schedule" not in answer


@official("TC_K_37_CS", "A remote start with a profile: the profile is the session's own")
async def test_tc_k_37_cs_remote_start(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    sent = profile((0, 6.0), purpose="TxProfile", kind="Relative")
    await session.remote_started(chargingProfile=sent)
    await session.energy()
    [(evse_id, found)] = await get_profiles(csms, chargingProfileId=[sent["id"]])
    assert evse_id == 1
    assert found["chargingProfilePurpose"] == "TxProfile"
    assert found.get("transactionId", session.id) == session.id
    assert (
        found["chargingSchedule"][0]["chargingSchedulePeriod"] == sent["chargingSchedule"][0]["chargingSchedulePeriod"]
    )
    await station.pass_time(10)
    assert station.power_w(1) <= 6.0 * 230 * 3 + 1


@official("TC_K_52_CS", "A limit from outside is reported as a profile")
async def test_tc_k_52_cs_external_limit(csms: Csms, station: Hand) -> None:
    station.external_limit(10.0)
    found = await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")
    assert found
    assert {one["chargingProfilePurpose"] for _, one in found} == {"ChargingStationExternalConstraints"}


async def _negotiating(csms: Csms, station: Hand, *answers: str) -> Session:
    """Card, then a vehicle that speaks ISO 15118; it tells its needs."""
    csms.will_answer("NotifyEVChargingNeeds", *({"status": status} for status in answers))
    session = Session(csms, station)
    await session.authorized()
    station.plug(vehicle=station.talking_vehicle())
    await connector(csms, "Occupied")
    return session


async def _needs(csms: Csms) -> None:
    needs = await csms.expect("NotifyEVChargingNeeds", evseId=1)
    asked: dict[str, Any] = needs["chargingNeeds"]
    kind = "dcChargingParameters" if asked["requestedEnergyTransfer"] == "DC" else "acChargingParameters"
    assert kind in asked


PROFILE = 4711


async def _renegotiated(csms: Csms, station: Hand) -> Session:
    session = await _negotiating(csms, station)
    await _needs(csms)
    event = await csms.expect("TransactionEvent")
    session.id = event["transactionInfo"]["transactionId"]
    own = {"purpose": "TxProfile", "transactionId": session.id, "id": PROFILE}
    sent = profile((0, 10.0), duration=300, start=station.time(), **own)
    await put_profile(csms, 1, sent)
    await station.pass_time(15)
    await session.energy()
    return session


@official("TC_K_53_CS", "A vehicle tells its needs, and charges by the profile that it is given")
async def test_tc_k_53_cs_needs(csms: Csms, station: Hand) -> None:
    await _renegotiated(csms, station)
    assert station.power_w(1) <= 10.0 * 230 * 3 + 1


@official("TC_K_54_CS", "A vehicle whose needs are rejected charges all the same")
async def test_tc_k_54_cs_needs_rejected(csms: Csms, station: Hand) -> None:
    session = await _negotiating(csms, station, "Rejected")
    await _needs(csms)
    await station.pass_time(70)
    await session.energy()


@official("TC_K_56_CS", "Offline, a vehicle with needs charges by the default profile")
async def test_tc_k_56_cs_needs_offline(csms: Csms, station: Hand) -> None:
    sent = profile((0, 6.0), start=station.time(-4), duration=404, validFrom=station.time(-4))
    await put_profile(csms, 1, sent)
    session = Session(csms, station)
    await session.authorized()
    await station.cut_off()
    station.plug(vehicle=station.talking_vehicle())
    await station.pass_time(90)
    assert 0 < station.power_w(1) <= 6.0 * 230 * 3 + 1
    await station.back_online()
    await csms.expect("TransactionEvent", offline=True, transactionInfo={"chargingState": "Charging"})


@official("TC_K_57_CS", "A vehicle tells new needs during its session, and gets a new profile")
async def test_tc_k_57_cs_new_needs(csms: Csms, station: Hand) -> None:
    session = await _renegotiated(csms, station)
    station.vehicle_renegotiates()
    await station.pass_time(15)
    await _needs(csms)
    own = {"purpose": "TxProfile", "transactionId": session.id, "id": PROFILE}
    sent = profile((0, 15.0), start=station.time(), **own)
    await put_profile(csms, 1, sent)
    await station.pass_time(15)
    await session.event(triggerReason="ChargingRateChanged")


@official("TC_K_58_CS", "The CSMS gives a vehicle with needs a new profile during its session")
async def test_tc_k_58_cs_new_profile(csms: Csms, station: Hand) -> None:
    session = await _renegotiated(csms, station)
    own = {"purpose": "TxProfile", "transactionId": session.id, "id": PROFILE}
    sent = profile((0, 8.0), start=station.time(), **own)
    await put_profile(csms, 1, sent)
    await station.pass_time(15)
    await session.event(triggerReason="ChargingRateChanged")
    assert station.power_w(1) <= 8.0 * 230 * 3 + 1


@pytest.mark.parametrize("unit", ["A", "W"])
async def test_both_units_are_offered(csms: Csms, station: Hand, unit: str) -> None:
    found = await composite(csms, 1, 60, unit)
    assert found[0][1] == pytest.approx(MOST_A if unit == "A" else 22_000, rel=0.01)
