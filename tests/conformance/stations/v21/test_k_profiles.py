"""OCPP 2.1, block K: what is new in charging profiles, and which of them are refused."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import DC_BIDIRECTIONAL, energy_manager, equip, talking
from conformance.stations.profiles import clear, composite, get_profiles, like, profile, put_profile
from conformance.stations.v2 import Session, configure, rebooted

ours = partial(case, version="2.1")


def _scheduled(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The profile with more in its schedule."""
    one["chargingSchedule"][0] |= more
    return one


async def _refused(csms: Csms, one: dict[str, Any], evse_id: int = 1, reason: str = "") -> None:
    answer = await csms.call("SetChargingProfile", evseId=evse_id, chargingProfile=one)
    assert answer["status"] == "Rejected"
    if reason:
        assert answer["statusInfo"]["reasonCode"] == reason


@ours("TC_K_01_1_V21", "A profile for priority charging has no end, and only charges")
async def test_tc_k_01_1_v21_priority(csms: Csms, station: Hand) -> None:
    await _refused(csms, profile((0, 16.0), purpose="PriorityCharging", kind="Relative", duration=600))
    other = profile((0, 0.0), purpose="PriorityCharging", kind="Relative")
    period = {"startPeriod": 0, "setpoint": 3000.0, "operationMode": "CentralSetpoint"}
    await _refused(csms, _scheduled(other, chargingRateUnit="W", chargingSchedulePeriod=[period]))


@ours("TC_K_01_2_V21", "Periods begin a random while later where that is wanted, the first and the end do not")
async def test_tc_k_01_2_v21_random_delay(csms: Csms, station: Hand) -> None:
    wrong = profile((0, 10.0), purpose="ChargingStationMaxProfile", start=station.time())
    await _refused(csms, _scheduled(wrong, randomizedDelay=60), 0)
    one = profile((0, 8.0), (300, 12.0), start=station.time(), duration=900)
    await put_profile(csms, 1, _scheduled(one, randomizedDelay=120))
    session = Session(csms, station)
    await session.charging()
    found = await composite(csms, 1, 1200)
    assert found[0] == (0, 8.0)
    begin = next(start for start, limit in found if limit == 12.0)
    assert 295 <= begin <= 421
    assert any(895 <= start <= 901 and limit > 12.0 for start, limit in found), "its end was moved"
    again = await composite(csms, 1, 1200)
    assert abs(next(start for start, limit in again if limit == 12.0) - begin) <= 2, "the delay is drawn anew"


@ours("TC_K_01_3_V21", "Above a state of charge the limit is lower")
async def test_tc_k_01_3_v21_limit_at_soc(csms: Csms, cold: Hand) -> None:
    equip(cold, DC_BIDIRECTIONAL)
    await cold.booted()
    one = profile((0, 0.0), kind="Relative")
    period = {"startPeriod": 0, "limit": 15_000.0}
    cap = {"soc": 60, "limit": 4_000.0}
    await put_profile(csms, 1, _scheduled(one, chargingRateUnit="W", chargingSchedulePeriod=[period], limitAtSoC=cap))
    session = Session(csms, cold)
    cold.plug(1, talking("Sirocco 800", soc=0.58))
    session.is_plugged = True
    await session.authorized()
    await cold.pass_time(120)
    assert 14_000 < cold.power_w() <= 15_001
    await cold.pass_time(900)
    assert 3_000 < cold.power_w() <= 4_001


@ours("TC_K_01_4_V21", "A schedule in local time begins by the station's local clock")
async def test_tc_k_01_4_v21_local_time(csms: Csms, station: Hand) -> None:
    await configure(csms, ClockCtrlr__TimeZone="", ClockCtrlr__TimeOffset="+02:00")
    one = profile((0, 7.0), (600, 9.0), start=station.time(7200 - 60), duration=3600)
    await put_profile(csms, 1, _scheduled(one, useLocalTime=True))
    await Session(csms, station).charging()
    like((await composite(csms, 1, 1200))[:2], (0, 7.0), (540, 9.0), within_s=8)


@ours("TC_K_01_5_V21", "Without a connection a profile ends when it says so, and the one below counts")
async def test_tc_k_01_5_v21_offline(csms: Csms, station: Hand) -> None:
    await put_profile(csms, 1, profile((0, 7.0), kind="Relative"))
    await put_profile(csms, 1, profile((0, 15.0), kind="Relative", stackLevel=1, maxOfflineDuration=300))
    await Session(csms, station).charging()
    await station.pass_time(30)
    most_w = 15 * 3 * 230 + 1
    assert 7 * 3 * 230 < station.power_w() <= most_w
    await station.cut_off()
    await station.pass_time(200)
    assert 7 * 3 * 230 < station.power_w() <= most_w
    await station.pass_time(200)
    assert 0 < station.power_w() <= 7 * 3 * 230 + 1
    await station.back_online()
    await station.pass_time(60)
    assert 7 * 3 * 230 < station.power_w() <= most_w


@ours("TC_K_01_6_V21", "Profiles that are not of one transaction outlive a power cut")
async def test_tc_k_01_6_v21_persistent(csms: Csms, station: Hand) -> None:
    sent = [
        (0, profile((0, 20.0), purpose="ChargingStationMaxProfile", start=station.time())),
        (1, profile((0, 10.0), kind="Relative")),
        (0, profile((0, 16.0), purpose="PriorityCharging", kind="Relative")),
    ]
    for evse_id, one in sent:
        await put_profile(csms, evse_id, one)
    await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    found: set[tuple[int, int]] = set()
    for evse_id in (0, 1):
        found |= {(place, one["id"]) for place, one in await get_profiles(csms, evse_id)}
    assert found >= {(evse_id, one["id"]) for evse_id, one in sent}


@ours("TC_K_01_7_V21", "Phases are not chosen for DC")
async def test_tc_k_01_7_v21_no_phase_for_dc(csms: Csms, cold: Hand) -> None:
    equip(cold, DC_BIDIRECTIONAL)
    await cold.booted()
    one = profile((0, 0.0), kind="Relative")
    period = {"startPeriod": 0, "limit": 5_000.0, "numberPhases": 1}
    await _refused(csms, _scheduled(one, chargingRateUnit="W", chargingSchedulePeriod=[period]), reason="NoPhaseForDC")


@ours("TC_K_01_8_V21", "Limits may differ by phase")
async def test_tc_k_01_8_v21_phases(csms: Csms, station: Hand) -> None:
    one = profile((0, 0.0), kind="Relative")
    period = {"startPeriod": 0, "numberPhases": 3, "limit": 8.0, "limit_L2": 10.0, "limit_L3": 12.0}
    await put_profile(csms, 1, _scheduled(one, chargingSchedulePeriod=[period]))
    [(_, found)] = await get_profiles(csms, 1)
    assert found["chargingSchedule"][0]["chargingSchedulePeriod"][0] == period
    await Session(csms, station).charging()
    await station.pass_time(30)
    currents = station.running.hardware[1].read(station.clock.now()).currents_a
    assert all(current <= limit + 0.05 for current, limit in zip(currents, (8.0, 10.0, 12.0), strict=True)), currents
    assert sum(currents) > 20


@pytest.mark.parametrize("asked", [{"chargingProfileId": ...}, {"purpose": "ChargingStationExternalConstraints"}])
@ours("TC_K_10_1_V21", "Profiles of an energy manager are not cleared by the operator")
async def test_tc_k_10_1_v21_not_cleared(csms: Csms, station: Hand, asked: dict[str, Any]) -> None:
    energy_manager(station, limit=9_000.0)
    [(_, found)] = await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")
    if "chargingProfileId" in asked:
        await clear(csms, "Unknown", chargingProfileId=found["id"])
    else:
        await clear(csms, "Unknown", chargingProfileCriteria={"chargingProfilePurpose": asked["purpose"]})
    assert len(await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")) == 1


@ours("TC_K_11_1_V21", "Where limits of others are not allowed they change nothing")
async def test_tc_k_11_1_v21_not_allowed(csms: Csms, station: Hand) -> None:
    await configure(csms, SmartChargingCtrlr__ExternalConstraintsProfileDisallowed=True)
    await Session(csms, station).charging()
    await station.pass_time(30)
    before_w = station.power_w()
    with pytest.raises(AssertionError, match="may not"):
        energy_manager(station, limit=4_000.0)
    await station.pass_time(30)
    assert station.power_w() == pytest.approx(before_w, rel=0.02)
    await csms.none("NotifyChargingLimit")
