from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.charging_needs import ChargingNeeds
from voltherd.domain.charging_profile import InstalledProfile, SetChargingProfile
from voltherd.domain.charging_schedule import ChargingProfile
from voltherd.domain.device_model import Variable
from voltherd.domain.station import Evse
from voltherd.ocpp.version import OcppVersion

from .test_charging_profile import ends, starts

ACCEPTED = {"status": "Accepted"}
AC: Payload = {
    "requestedEnergyTransfer": "AC_three_phase",
    "acChargingParameters": {"energyAmount": 20_000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400},
}
DC: Payload = {
    "requestedEnergyTransfer": "DC",
    "dcChargingParameters": {"evMaxCurrent": 200, "evMaxVoltage": 500, "energyAmount": 50_000},
}


async def tells(desk: Desk, needs: Payload, **more: Any) -> Payload:
    return await desk.receive("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs, **more})


def follow_up(desk: Desk) -> SetChargingProfile:
    """The only command that the last message leads to."""
    (found,) = desk.work.follow_ups or ()
    assert found.after_s >= 0.1, "not in the same instant as the answer"
    assert isinstance(found.command, SetChargingProfile)
    return found.command


async def offered(desk: Desk, needs: Payload = AC, **more: Any) -> ChargingProfile:
    """What the station is sent for needs; it accepts."""
    assert await tells(desk, needs, **more) == ACCEPTED
    desk.sent.clear()
    desk.answer("SetChargingProfile", ACCEPTED)
    assert (await desk.perform(follow_up(desk))).accepted
    (found,) = desk.sent
    assert found[1]["evseId"] == 1
    return msgspec.convert(found[1]["chargingProfile"], ChargingProfile)


def periods(profile: ChargingProfile) -> list[tuple[int, float]]:
    (schedule,) = profile.charging_schedule
    return [(period.start_period, float(period.limit or 0)) for period in schedule.charging_schedule_period]


async def plans(desk: Desk, *limits: float, unit: str = "A", start: str = at(0), **more: Any) -> str:
    """Let the vehicle plan these limits, ten minutes each; gives the answer's status."""
    found = [{"startPeriod": number * 600, "limit": limit} for number, limit in enumerate(limits)]
    schedule = {"id": 1, "chargingRateUnit": unit, "duration": 600 * len(limits), "chargingSchedulePeriod": found}
    told = {"timeBase": start, "evseId": 1, "chargingSchedule": schedule, **more}
    return str((await desk.receive("NotifyEVChargingSchedule", told))["status"])


async def test_k15_fr_07_needs_are_answered_at_once_and_a_tx_profile_follows_for_the_session(v2: Desk) -> None:
    await starts(v2)
    profile = await offered(v2, maxScheduleTuples=3)
    assert (profile.charging_profile_purpose, profile.transaction_id) == ("TxProfile", "tx-1")
    (schedule,) = profile.charging_schedule
    assert (schedule.charging_rate_unit, schedule.start_schedule) == ("A", at(-30))
    full_s = int(20_000 / (32 * 3 * 230) * 3600 * 1.25)
    assert periods(profile) == [(0, 32.0), (30 + full_s, 6.0)]
    kept = (await v2.held(ChargingNeeds))["1"]
    assert (kept.state, kept.transaction_id, kept.needs, kept.max_schedule_tuples) == ("Accepted", "tx-1", AC, 3)


async def test_k15_fr_07_no_more_periods_than_the_vehicle_takes(v2: Desk) -> None:
    await starts(v2)
    assert periods(await offered(v2, maxScheduleTuples=1)) == [(0, 32.0)]


async def test_k15_fr_07_no_more_periods_than_the_station_takes(v2: Desk) -> None:
    variable = Variable(
        station_id=v2.state.station.id, component="SmartChargingCtrlr", variable="PeriodsPerSchedule", actual_value="1"
    )
    await v2.store.journal.committed([variable])
    await starts(v2)
    assert periods(await offered(v2)) == [(0, 32.0)]


async def test_needs_without_parameters_lead_to_a_profile_too(v2: Desk) -> None:
    await starts(v2)
    assert periods(await offered(v2, {"requestedEnergyTransfer": "AC_single_phase"})) == [(0, 32.0)]


async def test_full_power_is_offered_until_a_later_departure(v2: Desk) -> None:
    await starts(v2)
    profile = await offered(v2, {**AC, "departureTime": at(8 * 3600)})
    assert periods(profile) == [(0, 32.0), (30 + 8 * 3600, 6.0)]


async def test_an_offer_stays_within_the_power_of_the_evse_and_its_phases(v2: Desk) -> None:
    v2.state.evses[1] = Evse(station_id=v2.state.station.id, evse_no=1, max_power_w=3680.0, phases=1)
    await starts(v2)
    profile = await offered(v2)
    assert periods(profile)[0] == (0, 16.0)
    assert profile.charging_schedule[0].charging_schedule_period[0].number_phases == 1


async def test_dc_is_offered_in_watts_without_phases(v2: Desk) -> None:
    v2.state.evses[1] = Evse(station_id=v2.state.station.id, evse_no=1, max_power_w=60_000.0)
    await starts(v2)
    profile = await offered(v2, DC)
    assert profile.charging_schedule[0].charging_rate_unit == "W"
    assert periods(profile)[0] == (0, 60_000.0)
    assert profile.charging_schedule[0].charging_schedule_period[0].number_phases is None


async def test_k11_a_limit_from_outside_lowers_the_offer(v2: Desk) -> None:
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}]}
    limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "chargingSchedule": [schedule]}
    await v2.receive("NotifyChargingLimit", limit)
    await starts(v2)
    assert periods(await offered(v2))[0] == (0, 10.0)
    await v2.receive("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
    assert periods(await offered(v2))[0] == (0, 32.0)


async def test_k15_fr_04_without_a_session_there_is_no_profile(v2: Desk) -> None:
    answer = await tells(v2, AC)
    assert answer == {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound"}}
    assert not v2.work.follow_ups
    assert (await v2.held(ChargingNeeds))["1"].state == "Rejected"


async def test_k17_fr_07_new_needs_replace_the_profile(v2: Desk) -> None:
    await starts(v2)
    first = await offered(v2)
    again = await offered(v2, {"requestedEnergyTransfer": "AC_single_phase"})
    assert first.id == again.id
    assert len(await v2.held(InstalledProfile)) == 1


async def test_needs_after_a_profile_of_an_operator_replace_that_one(v2: Desk) -> None:
    await starts(v2)
    v2.answer("SetChargingProfile", ACCEPTED)
    mine: Payload = {
        "id": 7,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8}]}
        ],
    }
    await v2.perform(SetChargingProfile(profile=msgspec.convert(mine, ChargingProfile), evse_id=1))
    assert (await offered(v2)).id == 7


async def test_k15_fr_11_a_plan_within_the_offer_is_accepted_and_verifies_it(v2: Desk) -> None:
    await starts(v2)
    await offered(v2)
    assert await plans(v2, 32, 16, 8) == "Accepted"
    assert not v2.work.follow_ups
    (profile,) = (await v2.held(InstalledProfile)).values()
    assert (profile.verified, profile.verified_by) == (True, "vehicle's schedule")
    kept = (await v2.held(ChargingNeeds))["1"]
    assert kept.ev_schedule is not None
    assert (kept.ev_schedule_answer, kept.ev_schedule["timeBase"]) == ("Accepted", at(0))


@pytest.mark.parametrize("unit_and_limits", [("A", (32, 40)), ("W", (23_000,))])
async def test_k15_fr_12_k15_fr_13_a_plan_beyond_the_offer_is_rejected_and_a_new_offer_follows(
    v2: Desk, unit_and_limits: tuple[str, tuple[float, ...]]
) -> None:
    await starts(v2)
    first = await offered(v2)
    unit, limits = unit_and_limits
    assert await plans(v2, *limits, unit=unit) == "Rejected"
    assert (await v2.held(ChargingNeeds))["1"].ev_schedule_answer == "Rejected"
    again = follow_up(v2)
    assert (await v2.perform(again)).accepted
    assert (again.profile.id, periods(again.profile)) == (first.id, periods(first))
    assert await plans(v2, 32) == "Accepted"


async def test_k15_fr_12_a_plan_is_held_against_what_the_offer_lowers_later(v2: Desk) -> None:
    await starts(v2)
    profile = await offered(v2)
    lowered_s = periods(profile)[1][0] - 30
    assert await plans(v2, 32, start=at(lowered_s - 600)) == "Accepted"
    assert await plans(v2, 32, start=at(lowered_s - 300)) == "Rejected"


async def test_a_plan_without_an_offer_has_nothing_to_go_beyond(v2: Desk) -> None:
    assert await plans(v2, 500) == "Accepted"
    assert (await v2.held(ChargingNeeds))["1"].ev_schedule_answer == "Accepted"


async def test_the_offer_goes_with_the_session(v2: Desk) -> None:
    await starts(v2)
    await offered(v2)
    await ends(v2)
    assert await v2.held(InstalledProfile) == {}


# -- ISO 15118-20 (2.1) -----------------------------------------------------------------------------------------------

V2X: Payload = {
    "requestedEnergyTransfer": "DC_BPT",
    "controlMode": "DynamicControl",
    "mobilityNeedsMode": "EVCC",
    "v2xChargingParameters": {
        "maxChargePower": 22_000,
        "maxDischargePower": 10_000,
        "evTargetEnergyRequest": 30_000,
        "minVoltage": 300,
        "maxVoltage": 500,
    },
}


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    yield desk
    await desk.store.close()


async def test_k19_fr_07_dynamic_control_gets_one_schedule_and_its_plan_is_ours(v21: Desk) -> None:
    await starts(v21)
    profile = await offered(v21, V2X, maxScheduleTuples=2)
    assert len(profile.charging_schedule) == 1
    assert periods(profile)[0] == (0, 22_000.0)
    kept = (await v21.held(ChargingNeeds))["1"]
    assert (kept.control_mode, kept.needs) == ("DynamicControl", V2X)
    assert await plans(v21, 50_000, unit="W", selectedChargingScheduleId=1) == "Accepted"


async def test_k18_fr_12_scheduled_control_is_held_to_the_schedule_that_was_selected(v21: Desk) -> None:
    await starts(v21)
    await offered(v21, {**V2X, "controlMode": "ScheduledControl"})
    assert await plans(v21, 50_000, unit="W", selectedChargingScheduleId=1) == "Rejected"
    assert await plans(v21, 20_000, unit="W", selectedChargingScheduleId=1) == "Accepted"


async def test_k18_fr_04_without_a_session_21_has_a_word_of_its_own(v21: Desk) -> None:
    assert (await tells(v21, V2X))["status"] == "NoChargingProfile"


async def test_k20_fr_03_a_new_departure_leads_to_a_new_profile(v21: Desk) -> None:
    await starts(v21)
    await offered(v21, V2X)
    profile = await offered(v21, {**V2X, "departureTime": at(10 * 3600)}, timestamp=at(0))
    assert periods(profile)[1][0] == 30 + 10 * 3600


async def test_a_plan_that_comes_before_the_answer_to_its_offer_is_recorded_is_held_against_that_offer(
    v2: Desk,
) -> None:
    await starts(v2)
    await offered(v2, {**AC, "acChargingParameters": {**AC["acChargingParameters"], "evMaxCurrent": 16}})
    assert await tells(v2, AC) == ACCEPTED
    command = follow_up(v2)

    def planned_at_once(sent: Payload) -> Payload:
        assert [item.wanted is not None for item in v2.services.charging_profiles.installed(v2.state).values()] == [
            True
        ]
        return ACCEPTED

    v2.answer("SetChargingProfile", planned_at_once)
    service = v2.services.charging_profiles
    await v2.record(lambda work: service.intend(v2.state, work, command.profile, 1))
    assert await plans(v2, 32) == "Accepted"
    assert (await v2.perform(command)).accepted


async def test_a_plan_verifies_an_offer_whose_answer_comes_after_it(v2: Desk) -> None:
    await starts(v2)
    assert await tells(v2, AC) == ACCEPTED
    command = follow_up(v2)
    service = v2.services.charging_profiles
    await service.ready(v2.state)
    await v2.record(lambda work: service.intend(v2.state, work, command.profile, 1))
    assert await plans(v2, 32) == "Accepted"
    profile = command.profile
    await v2.record(lambda work: service.answered(v2.state, work, profile, 1, accepted=True, replaces=False))
    (kept,) = (await v2.held(InstalledProfile)).values()
    assert (kept.state, kept.verified) == ("installed", True)


async def test_a_dc_plan_in_amperes_is_not_refused_for_a_voltage_that_nobody_knows(v2: Desk) -> None:
    await starts(v2)
    await offered(v2, DC)
    assert await plans(v2, 125, unit="A") == "Accepted"


async def test_a_vehicle_that_goes_beyond_every_offer_gets_them_slower_and_slower(v2: Desk) -> None:
    await starts(v2)
    await offered(v2)
    pauses = []
    for _ in range(16):
        assert await plans(v2, 99) == "Rejected"
        (found,) = v2.work.follow_ups or ()
        pauses.append(found.after_s)
    assert pauses[:3] == [0.2, 0.2, 0.2]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0
    assert await plans(v2, 16) == "Accepted"
    assert await plans(v2, 99) == "Rejected"
    assert [found.after_s for found in v2.work.follow_ups or ()] == [0.2]


async def test_k11_a_limit_whose_time_is_over_lowers_nothing(v2: Desk) -> None:
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": at(-7200),
        "duration": 3600,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}],
    }
    limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "chargingSchedule": [schedule]}
    await v2.receive("NotifyChargingLimit", limit)
    await starts(v2)
    assert periods(await offered(v2))[0] == (0, 32.0)
