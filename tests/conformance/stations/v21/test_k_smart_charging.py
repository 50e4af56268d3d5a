"""OCPP 2.1, block K: priority charging, dynamic profiles, limits from outside, needs of ISO 15118-20."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import (
    DC_BIDIRECTIONAL,
    driver_wants_priority,
    energy_manager,
    equip,
    renegotiates,
    talking,
    v2g_vehicle,
)
from conformance.stations.profiles import composite, get_profiles, like, profile, put_profile
from conformance.stations.v2 import Session, configure

ours = partial(case, version="2.1")
PRIORITY_A, NORMAL_A = 16.0, 7.0


# -- priority charging --------------------------------------------------------------------------------------------


async def _limited(csms: Csms, station: Hand, *, has_priority: bool = True) -> Session:
    """A session under a default profile, with a profile for priority charging beside it."""
    await put_profile(csms, 1, profile((0, NORMAL_A), kind="Relative"))
    if has_priority:
        await put_profile(csms, 0, profile((0, PRIORITY_A), purpose="PriorityCharging", kind="Relative"))
    session = Session(csms, station)
    await session.charging()
    like(await composite(csms, 1, 600), (0, NORMAL_A))
    return session


async def _use(csms: Csms, transaction_id: str, *, activate: bool) -> str:
    answer = await csms.call("UsePriorityCharging", transactionId=transaction_id, activate=activate)
    return str(answer["status"])


@ours("TC_K_21_1_V21", "Priority charging is switched on and off: the other profile counts, and that is told")
async def test_tc_k_21_1_v21_switched(csms: Csms, station: Hand) -> None:
    session = await _limited(csms, station)
    assert await _use(csms, session.id, activate=True) == "Accepted"
    await csms.expect("NotifyPriorityCharging", transactionId=session.id, activated=True)
    like(await composite(csms, 1, 600), (0, PRIORITY_A))
    assert await _use(csms, session.id, activate=False) == "Accepted"
    await csms.expect("NotifyPriorityCharging", transactionId=session.id, activated=False)
    like(await composite(csms, 1, 600), (0, NORMAL_A))


@ours("TC_K_21_2_V21", "Priority charging without a profile for it, or without a session, is refused")
async def test_tc_k_21_2_v21_refused(csms: Csms, station: Hand) -> None:
    session = await _limited(csms, station, has_priority=False)
    assert await _use(csms, session.id, activate=True) == "NoProfile"
    assert await _use(csms, "no-such-transaction", activate=True) == "Rejected"
    await csms.none("NotifyPriorityCharging")


@ours("TC_K_21_3_V21", "Priority charging keeps to the limit of the station")
async def test_tc_k_21_3_v21_station_limit(csms: Csms, station: Hand) -> None:
    await put_profile(csms, 0, profile((0, 10.0), purpose="ChargingStationMaxProfile", start=station.time()))
    session = await _limited(csms, station)
    assert await _use(csms, session.id, activate=True) == "Accepted"
    await csms.expect("NotifyPriorityCharging", activated=True)
    like(await composite(csms, 1, 600), (0, 10.0))


@ours("TC_K_22_1_V21", "Priority charging is switched on and off by the driver, and that is told")
async def test_tc_k_22_1_v21_by_the_driver(csms: Csms, station: Hand) -> None:
    session = await _limited(csms, station)
    assert driver_wants_priority(station, activate=True)
    await csms.expect("NotifyPriorityCharging", transactionId=session.id, activated=True)
    like(await composite(csms, 1, 600), (0, PRIORITY_A))
    assert driver_wants_priority(station, activate=False)
    await csms.expect("NotifyPriorityCharging", transactionId=session.id, activated=False)
    like(await composite(csms, 1, 600), (0, NORMAL_A))


@ours("TC_K_22_2_V21", "Without a profile for it the driver gets no priority charging")
async def test_tc_k_22_2_v21_driver_without_profile(csms: Csms, station: Hand) -> None:
    await _limited(csms, station, has_priority=False)
    assert not driver_wants_priority(station, activate=True)
    await csms.none("NotifyPriorityCharging")


# -- dynamic profiles ---------------------------------------------------------------------------------------------


async def _dynamic(csms: Csms, station: Hand, **more: Any) -> tuple[Session, dict[str, Any]]:
    session = Session(csms, station)
    await session.charging()
    fields = {"purpose": "TxProfile", "kind": "Dynamic", "transactionId": session.id} | more
    one = profile((0, 10.0), **fields)
    await put_profile(csms, 1, one)
    like(await composite(csms, 1, 600), (0, 10.0))
    return session, one


async def _installed(csms: Csms, one: dict[str, Any]) -> dict[str, Any]:
    [(_, found)] = await get_profiles(csms, chargingProfileId=[one["id"]])
    return found


@ours("TC_K_28_1_V21", "The values of a dynamic profile are pushed, count at once, and have their time")
async def test_tc_k_28_1_v21_pushed(csms: Csms, station: Hand) -> None:
    _, one = await _dynamic(csms, station)
    assert (await _installed(csms, one))["dynUpdateTime"]
    await station.pass_time(100)
    pushed = station.time()
    answer = await csms.call("UpdateDynamicSchedule", chargingProfileId=one["id"], scheduleUpdate={"limit": 13.0})
    assert answer["status"] == "Accepted"
    like(await composite(csms, 1, 600), (0, 13.0))
    found = await _installed(csms, one)
    assert found["dynUpdateTime"] >= pushed[:19]
    assert found["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 13.0
    other = profile((0, 8.0), kind="Relative", stackLevel=1)
    await put_profile(csms, 2, other)
    for wrong in (other["id"], 999_999):
        answer = await csms.call("UpdateDynamicSchedule", chargingProfileId=wrong, scheduleUpdate={"limit": 6.0})
        assert answer["status"] == "Rejected"


@ours("TC_K_28_2_V21", "The values of a dynamic profile are pulled at the interval set")
async def test_tc_k_28_2_v21_pulled(csms: Csms, station: Hand) -> None:
    csms.answers["PullDynamicScheduleUpdate"] = {"status": "Accepted", "scheduleUpdate": {"limit": 12.0}}
    _, one = await _dynamic(csms, station, dynUpdateInterval=60)
    await station.pass_time(185)
    assert len(list(csms.untaken("PullDynamicScheduleUpdate", chargingProfileId=one["id"]))) == 3
    like(await composite(csms, 1, 600), (0, 12.0))


@pytest.mark.parametrize(
    "wrong",
    [
        profile((0, 10.0), (60, 12.0), kind="Dynamic"),
        profile((5, 10.0), kind="Dynamic"),
        profile((0, 10.0), kind="Relative", dynUpdateInterval=30),
    ],
    ids=["two periods", "late", "not dynamic"],
)
@ours("TC_K_28_3_V21", "A dynamic profile has one period from its begin; others have no interval for updates")
async def test_tc_k_28_3_v21_wrong(csms: Csms, station: Hand, wrong: dict[str, Any]) -> None:
    await put_profile(csms, 1, wrong, "Rejected")


@ours("TC_K_29_1_V21", "A limit from outside is a dynamic profile of its own kind, is told, and changes with it")
async def test_tc_k_29_1_v21_from_outside(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    station.external_limit(10.0)
    told = await csms.expect("NotifyChargingLimit")
    assert told["chargingLimit"]["chargingLimitSource"]
    like(await composite(csms, 1, 600), (0, 10.0))
    [(_, found)] = await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")
    assert found["chargingProfileKind"] == "Dynamic"
    station.external_limit(8.0)
    like(await composite(csms, 1, 600), (0, 8.0))
    [(_, later)] = await get_profiles(csms, chargingProfilePurpose="ChargingStationExternalConstraints")
    assert later["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 8.0
    assert later["dynUpdateTime"] >= found["dynUpdateTime"]


@ours("TC_K_27_1_V21", "What is generated on the spot is a profile of its own kind, is told, and comes on top")
async def test_tc_k_27_1_v21_local_generation(csms: Csms, station: Hand) -> None:
    await put_profile(csms, 0, profile((0, 10.0), purpose="ChargingStationMaxProfile", start=station.time()))
    session = Session(csms, station)
    await session.charging()
    energy_manager(station, generation=True, unit="A", limit=5.0)
    told = await csms.expect("NotifyChargingLimit", chargingLimit={"isLocalGeneration": True})
    assert told["chargingLimit"]["chargingLimitSource"] in ("EMS", "Other")
    [(evse_id, found)] = await get_profiles(csms, chargingProfilePurpose="LocalGeneration")
    assert evse_id == 0
    assert found["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 5.0
    like(await composite(csms, 0, 600), (0, 15.0))


# -- what vehicles need -------------------------------------------------------------------------------------------


def _watts(session: Session, limit_w: float) -> dict[str, Any]:
    """A profile for the transaction, in watts, as DC has it."""
    one = profile((0, 0.0), purpose="TxProfile", start=session.station.time(), transactionId=session.id)
    schedule = one["chargingSchedule"][0]
    schedule |= {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_w}]}
    return one


async def _needs(csms: Csms, cold: Hand, vehicle: Any, status: str = "Accepted") -> tuple[Session, Came]:
    """Charge a vehicle of ISO 15118-20; gives the session and what it said it needs."""
    equip(cold, DC_BIDIRECTIONAL, max_discharge_w=20_000.0)
    await cold.booted()
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed")
    csms.will_answer("NotifyEVChargingNeeds", {"status": status})
    session = Session(csms, cold)
    cold.plug(1, vehicle)
    session.is_plugged = True
    await session.authorized()
    await session.event(eventType="Started")
    return session, await cold.meanwhile(csms.expect("NotifyEVChargingNeeds", evseId=1), step_s=1)


@ours("TC_K_18_1_V21", "Scheduled control: the vehicle's needs are told, and its plan after the profile came")
async def test_tc_k_18_1_v21_scheduled(csms: Csms, cold: Hand) -> None:
    session, told = await _needs(csms, cold, talking("Sirocco 800", soc=0.3, departure_at=cold.clock.now() + 7200))
    needs = told["chargingNeeds"]
    assert needs["controlMode"] == "ScheduledControl"
    assert needs["requestedEnergyTransfer"] == "DC"
    assert "acChargingParameters" not in needs
    assert needs["departureTime"]
    assert told["maxScheduleTuples"] >= 1
    await put_profile(csms, 1, _watts(session, 10_000.0))
    plan = await cold.meanwhile(csms.expect("NotifyEVChargingSchedule", evseId=1), step_s=1)
    periods = plan["chargingSchedule"]["chargingSchedulePeriod"]
    assert all(period["limit"] <= 10_000.0 for period in periods)


@ours("TC_K_18_2_V21", "A transfer that the operator does not allow ends the transaction for that reason")
async def test_tc_k_18_2_v21_rejected(csms: Csms, cold: Hand) -> None:
    session, _ = await _needs(csms, cold, talking("Sirocco 800", soc=0.3), "Rejected")
    ended = await cold.meanwhile(session.ended(triggerReason="AbnormalCondition"), step_s=1)
    assert ended["transactionInfo"]["stoppedReason"] == "ReqEnergyTransferRejected"


@ours("TC_K_19_1_V21", "Dynamic control: the vehicle's needs are told in the words of ISO 15118-20")
async def test_tc_k_19_1_v21_dynamic(csms: Csms, cold: Hand) -> None:
    _, told = await _needs(csms, cold, v2g_vehicle())
    needs = told["chargingNeeds"]
    assert needs["controlMode"] == "DynamicControl"
    assert needs["v2xChargingParameters"]
    assert "dcChargingParameters" not in needs
    assert set(needs["availableEnergyTransfer"]) >= {needs["requestedEnergyTransfer"], "DC"}


@ours("TC_K_20_1_V21", "A vehicle whose departure changes says so, and the new profile holds")
async def test_tc_k_20_1_v21_departure_changes(csms: Csms, cold: Hand) -> None:
    session, first = await _needs(csms, cold, v2g_vehicle(departure_at=cold.clock.now() + 7200))
    renegotiates(cold, departure_at=cold.clock.now() + 3600)
    again = await cold.meanwhile(csms.expect("NotifyEVChargingNeeds", after=first), step_s=1)
    assert again["chargingNeeds"]["departureTime"] < first["chargingNeeds"]["departureTime"]
    await put_profile(csms, 1, _watts(session, 5_000.0))
    await cold.pass_time(90)
    assert cold.power_w() <= 5_000.0 + 1
