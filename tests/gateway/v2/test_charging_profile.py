import copy
from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.charging_profile import (
    ChargingLimit,
    ClearChargingProfile,
    CompositeSchedule,
    GetChargingProfiles,
    GetCompositeSchedule,
    InstalledProfile,
    SetChargingProfile,
    UpdateDynamicSchedule,
    UsePriorityCharging,
)
from voltherd.domain.charging_schedule import ChargingProfile, ScheduleUpdate
from voltherd.domain.commands import Command, RemoteStart
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import NotFound, NotSupportedByVersion, PayloadInvalid
from voltherd.ocpp.version import OcppVersion

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
DEFAULT: Payload = {
    "id": 7,
    "stackLevel": 1,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [
        {
            "id": 1,
            "startSchedule": "2026-01-05T08:00:00Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16, "numberPhases": 3}],
        }
    ],
}


def profile(**changes: Any) -> Payload:
    """The default profile with changes; `periods`, `unit`, `start` and `duration` are those of its schedule."""
    found = copy.deepcopy(DEFAULT)
    schedule = found["chargingSchedule"][0]
    for name, field in (
        ("periods", "chargingSchedulePeriod"),
        ("unit", "chargingRateUnit"),
        ("start", "startSchedule"),
        ("duration", "duration"),
    ):
        if name in changes:
            schedule[field] = changes.pop(name)
    found.update(changes)
    if schedule.get("startSchedule", "") is None:
        del schedule["startSchedule"]
    return {key: value for key, value in found.items() if value is not None}


def tx_profile(**changes: Any) -> Payload:
    return profile(
        **{"chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative", "start": None, **changes}
    )


def setting(wanted: Payload, **more: Any) -> SetChargingProfile:
    return SetChargingProfile(profile=msgspec.convert(wanted, ChargingProfile), **more)


async def starts(desk: Desk, transaction_id: str = "tx-1", evse_id: int = 1) -> None:
    begin = {"eventType": "Started", "timestamp": at(0), "triggerReason": "CablePluggedIn", "seqNo": 0}
    await desk.receive(
        "TransactionEvent", {**begin, "transactionInfo": {"transactionId": transaction_id}, "evse": {"id": evse_id}}
    )


async def ends(desk: Desk, transaction_id: str = "tx-1", evse_id: int = 1) -> None:
    end = {"eventType": "Ended", "timestamp": at(60), "triggerReason": "EVDeparted", "seqNo": 1}
    await desk.receive(
        "TransactionEvent", {**end, "transactionInfo": {"transactionId": transaction_id}, "evse": {"id": evse_id}}
    )


async def states(desk: Desk, *values: tuple[str, str], instance: str = "", maximum: float | None = None) -> None:
    """Let the station's device model say so of smart charging."""
    for name, value in values:
        variable = Variable(
            station_id=desk.state.station.id,
            component="SmartChargingCtrlr",
            variable=name,
            variable_instance=instance,
            actual_value=value,
            max_limit=maximum,
        )
        await desk.store.journal.committed([variable])


async def boots(desk: Desk, *evses: int) -> None:
    for evse_id in evses:
        status = {"timestamp": at(0), "connectorStatus": "Available", "evseId": evse_id, "connectorId": 1}
        await desk.receive("StatusNotification", status)


async def installed(desk: Desk, wanted: Payload, evse_id: int) -> None:
    desk.answer("SetChargingProfile", ACCEPTED)
    assert (await desk.perform(setting(wanted, evse_id=evse_id))).accepted
    desk.sent.clear()


# -- installing -------------------------------------------------------------------------------------------------------


async def test_k01_a_default_profile_is_sent_as_it_is_and_kept_as_installed_not_verified(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    found = await v2.perform(setting(DEFAULT, evse_id=1))
    assert found.accepted
    assert v2.sent == [("SetChargingProfile", {"evseId": 1, "chargingProfile": DEFAULT})]
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.verified, kept.source, kept.evse_no) == ("installed", False, "ours", 1)
    assert (kept.purpose, kept.stack_level) == ("TxDefaultProfile", 1)


@pytest.mark.parametrize(
    "changes", [{"periods": [{"startPeriod": 0, "limit": -16}]}, {"minChargingRate": -1}], ids=["limit", "least"]
)
async def test_q02_limits_below_0_came_with_2_1(v2: Desk, changes: Payload) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    least = changes.pop("minChargingRate", None)
    wanted = profile(**changes)
    if least is not None:
        wanted["chargingSchedule"][0]["minChargingRate"] = least
    if v2.version is OcppVersion.V201:
        with pytest.raises(PayloadInvalid, match="below 0 are for discharging"):
            await v2.perform(setting(wanted, evse_id=1))
        assert v2.sent == []
    else:
        assert (await v2.perform(setting(wanted, evse_id=1))).accepted


async def test_a_profile_without_an_id_gets_the_commands_number(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(profile(id=None), evse_id=1))
    assert v2.sent[0][1]["chargingProfile"]["id"] == v2.request_id


async def test_a_profile_that_is_not_answered_stays_intended(v2: Desk) -> None:
    v2.answer("SetChargingProfile", TimeoutError("no answer"))
    with pytest.raises(TimeoutError):
        await v2.perform(setting(DEFAULT, evse_id=1))
    assert (await v2.held(InstalledProfile))["7"].state == "intended"


async def test_a_refused_profile_is_kept_with_the_stations_reason(v2: Desk) -> None:
    v2.answer("SetChargingProfile", {"status": "Rejected", "statusInfo": {"reasonCode": "UnknownEVSE"}})
    found = await v2.perform(setting(DEFAULT, evse_id=9))
    assert (found.accepted, found.status) == (False, "Rejected")
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.reason) == ("rejected", "UnknownEVSE")
    assert len(v2.sent) == 1


async def test_k01_fr_05_the_same_id_replaces_and_a_refused_replacement_leaves_the_first(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    v2.answer("SetChargingProfile", {"status": "Rejected", "statusInfo": {"reasonCode": "RateLimitExceeded"}})
    await v2.perform(setting(profile(periods=[{"startPeriod": 0, "limit": 6}]), evse_id=1))
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.wanted) == ("installed", None)
    assert kept.profile.charging_schedule[0].charging_schedule_period[0].limit == 16
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(profile(periods=[{"startPeriod": 0, "limit": 6}]), evse_id=1))
    (kept,) = (await v2.held(InstalledProfile)).values()
    assert kept.profile.charging_schedule[0].charging_schedule_period[0].limit == 6


async def test_a_raw_call_is_kept_as_such(v2: Desk) -> None:
    from voltherd.ocpp.payload import decode_request, decode_response

    raw = msgspec.json.encode({"evseId": 1, "chargingProfile": DEFAULT})
    request = decode_request(v2.version, "SetChargingProfile", raw)
    await v2.learn(request, decode_response(v2.version, "SetChargingProfile", b'{"status":"Accepted"}'))
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.source) == ("installed", "raw")


# -- rules ------------------------------------------------------------------------------------------------------------

LATER = [{"startPeriod": 10, "limit": 6}]
UNORDERED = [{"startPeriod": 0, "limit": 6}, {"startPeriod": 60, "limit": 7}, {"startPeriod": 30, "limit": 8}]
BROKEN: list[tuple[str, Payload, int]] = [
    ("K01.FR.22", profile(chargingProfilePurpose="ChargingStationExternalConstraints"), 0),
    ("K01.FR.03", tx_profile(), 1),
    ("K01.FR.16", tx_profile(), 0),
    ("K01.FR.03", tx_profile(transactionId="tx-0"), 1),
    ("K01.FR.03", profile(transactionId="tx-1"), 1),
    ("EVSE 0", profile(chargingProfilePurpose="ChargingStationMaxProfile"), 1),
    (
        "K01.FR.38",
        profile(chargingProfilePurpose="ChargingStationMaxProfile", chargingProfileKind="Relative", start=None),
        0,
    ),
    ("K01.FR.31", profile(periods=LATER), 1),
    ("K01.FR.35", profile(periods=UNORDERED), 1),
    ("K01.FR.40", profile(start=None), 1),
    ("K01.FR.40", profile(start=None, chargingProfileKind="Recurring", recurrencyKind="Daily"), 1),
    ("recurrencyKind", profile(chargingProfileKind="Recurring"), 1),
    ("K01.FR.41", profile(chargingProfileKind="Relative"), 1),
    ("K01.FR.19", profile(periods=[{"startPeriod": 0, "limit": 6, "numberPhases": 3, "phaseToUse": 1}]), 1),
    ("K01.FR.34", profile(chargingSchedule=DEFAULT["chargingSchedule"] * 2), 1),
    ("K01.FR.36", profile(validFrom="2026-01-06T00:00:00Z", validTo="2026-01-05T00:00:00Z"), 1),
    ("between 1 and", profile(id=-1), 1),
]


@pytest.mark.parametrize(("rule", "wanted", "evse_id"), BROKEN, ids=[rule for rule, _, _ in BROKEN])
async def test_what_breaks_a_rule_is_not_sent_and_the_error_names_the_rule(
    v2: Desk, rule: str, wanted: Payload, evse_id: int
) -> None:
    with pytest.raises(PayloadInvalid, match=rule):
        await v2.perform(setting(wanted, evse_id=evse_id))
    assert v2.sent == []
    assert await v2.held(InstalledProfile) == {}


async def test_trap_39_k01_fr_22_external_constraints_are_never_sent(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.22"):
        await v2.perform(setting(profile(chargingProfilePurpose="ChargingStationExternalConstraints"), evse_id=0))
    assert v2.sent == []


async def test_trap_38_k01_fr_03_a_tx_profile_is_bound_to_the_open_session_and_dropped_with_it(v2: Desk) -> None:
    await starts(v2)
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(tx_profile(), evse_id=1))
    assert v2.sent[0][1]["chargingProfile"]["transactionId"] == "tx-1"
    assert (await v2.held(InstalledProfile))["7"].transaction_id == "tx-1"
    await ends(v2)
    assert await v2.held(InstalledProfile) == {}
    with pytest.raises(PayloadInvalid, match="has ended"):
        await v2.perform(setting(tx_profile(), evse_id=1, transaction_id="tx-1"))


async def test_trap_38_a_session_is_found_by_the_id_of_its_record_and_gives_the_evse(v2: Desk) -> None:
    await starts(v2, evse_id=2)
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(tx_profile(), transaction_id=str((await v2.transaction()).id)))
    assert (v2.sent[0][1]["evseId"], v2.sent[0][1]["chargingProfile"]["transactionId"]) == (2, "tx-1")
    with pytest.raises(PayloadInvalid, match="is on EVSE 2"):
        await v2.perform(setting(tx_profile(), transaction_id="tx-1", evse_id=1))


async def test_trap_38_after_a_restart_profiles_of_ended_sessions_go_too(v2: Desk) -> None:
    await starts(v2)
    await installed(v2, tx_profile(), 1)
    await v2.restart()
    await ends(v2)
    assert await v2.held(InstalledProfile) == {}


async def test_trap_37_an_absolute_schedule_starts_a_little_in_the_past_and_ends_when_it_was_to_end(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    periods = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 600, "limit": 8}]
    await v2.perform(setting(profile(start=at(0), duration=3600, periods=periods), evse_id=1))
    (sent,) = v2.sent[0][1]["chargingProfile"]["chargingSchedule"]
    assert (sent["startSchedule"], sent["duration"]) == (at(-30), 3630)
    assert sent["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 16}, {"startPeriod": 630, "limit": 8}]


@pytest.mark.parametrize("start", [at(3600), at(-3600)])
async def test_trap_37_schedules_of_the_future_and_the_past_stay_as_they_are(v2: Desk, start: str) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(profile(start=start), evse_id=1))
    assert v2.sent[0][1]["chargingProfile"] == profile(start=start)


async def test_trap_37_exact_leaves_the_start_as_it_is(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    await v2.perform(setting(profile(start=at(0)), evse_id=1, exact=True))
    assert v2.sent[0][1]["chargingProfile"] == profile(start=at(0))


async def test_k01_fr_06_no_second_profile_of_the_same_purpose_level_evse_and_time(v2: Desk) -> None:
    await installed(v2, profile(validFrom=at(0), validTo=at(3600)), 1)
    with pytest.raises(PayloadInvalid, match=r"Profile 7 .*K01\.FR\.06"):
        await v2.perform(setting(profile(id=8), evse_id=1))
    await installed(v2, profile(id=8, validFrom=at(3600)), 1)
    await installed(v2, profile(id=9, stackLevel=2), 1)
    await installed(v2, profile(id=10), 2)


async def test_k01_fr_39_no_second_profile_of_the_same_level_for_a_session(v2: Desk) -> None:
    await starts(v2)
    await installed(v2, tx_profile(), 1)
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.39"):
        await v2.perform(setting(tx_profile(id=8), evse_id=1))


@pytest.mark.parametrize(("first", "second", "rule"), [(1, 0, "K01.FR.52"), (0, 1, "K01.FR.53")])
async def test_k01_fr_52_defaults_of_the_station_and_of_an_evse_need_different_levels(
    v2: Desk, first: int, second: int, rule: str
) -> None:
    await installed(v2, DEFAULT, first)
    with pytest.raises(PayloadInvalid, match=rule):
        await v2.perform(setting(profile(id=8), evse_id=second))


async def test_what_the_station_states_is_kept_to(v2: Desk) -> None:
    await states(v2, ("ProfileStackLevel", "3"), ("PeriodsPerSchedule", "1"), ("MaxExternalConstraintsId", "5"))
    await states(v2, ("Entries", "0"), instance="ChargingProfiles", maximum=1)
    two = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 60, "limit": 8}]
    for wanted, words in (
        (profile(stackLevel=4), "ProfileStackLevel"),
        (profile(periods=two), "PeriodsPerSchedule"),
        (profile(id=5), "K01.FR.80"),
        (profile(periods=[{"startPeriod": 0, "limit": 6, "numberPhases": 1, "phaseToUse": 2}]), "K01.FR.20"),
    ):
        with pytest.raises(PayloadInvalid, match=words):
            await v2.perform(setting(wanted, evse_id=1))
    await installed(v2, DEFAULT, 1)
    with pytest.raises(PayloadInvalid, match="takes no more than 1"):
        await v2.perform(setting(profile(id=8, stackLevel=2), evse_id=1))


async def test_k01_fr_26_amperes_become_watts_where_the_station_takes_watts_only(v2: Desk) -> None:
    await states(v2, ("RateUnit", "W"))
    v2.answer("SetChargingProfile", ACCEPTED)
    periods = [{"startPeriod": 0, "limit": 16}, {"startPeriod": 60, "limit": 10, "numberPhases": 1}]
    found = await v2.perform(setting(profile(periods=periods), evse_id=1))
    (sent,) = v2.sent[0][1]["chargingProfile"]["chargingSchedule"]
    assert sent["chargingRateUnit"] == "W"
    assert [period["limit"] for period in sent["chargingSchedulePeriod"]] == [11040.0, 2300.0]
    assert (found.answer["converted"]["unit"], found.answer["converted"]["voltage_v"]) == ("W", 230.0)


async def test_k01_fr_26_watts_become_amperes_rounded_down_by_the_voltage_given(v2: Desk) -> None:
    await states(v2, ("RateUnit", "A"))
    v2.answer("SetChargingProfile", ACCEPTED)
    wanted = profile(unit="W", periods=[{"startPeriod": 0, "limit": 10000}])
    await v2.perform(setting(wanted, evse_id=1, voltage_v=240.0))
    (sent,) = v2.sent[0][1]["chargingProfile"]["chargingSchedule"]
    assert (sent["chargingRateUnit"], sent["chargingSchedulePeriod"][0]["limit"]) == ("A", 13.8)


# -- 2.1 --------------------------------------------------------------------------------------------------------------

DYNAMIC: Payload = {
    **profile(chargingProfileKind="Dynamic", start=None, unit="W", periods=[{"startPeriod": 0, "limit": 11000}]),
    "dynUpdateInterval": 60,
}
OF_21: list[tuple[str, Payload, int]] = [
    ("K28.FR.01", {**DYNAMIC, "chargingSchedule": profile(periods=UNORDERED[:2], start=None)["chargingSchedule"]}, 1),
    ("K01.FR.122", profile(dynUpdateInterval=60), 1),
    ("K01.FR.70", profile(chargingProfilePurpose="PriorityCharging", duration=60), 1),
    (
        "K01.FR.71",
        profile(
            chargingProfilePurpose="PriorityCharging",
            periods=[{"startPeriod": 0, "limit": 6, "operationMode": "CentralSetpoint"}],
        ),
        1,
    ),
]


@pytest.mark.parametrize(("rule", "wanted", "evse_id"), OF_21, ids=[rule for rule, _, _ in OF_21])
async def test_rules_of_21_are_named_and_201_has_no_words_for_it(
    v2: Desk, rule: str, wanted: Payload, evse_id: int
) -> None:
    error = PayloadInvalid if v2.version is OcppVersion.V21 else NotSupportedByVersion
    with pytest.raises(error, match=rule if v2.version is OcppVersion.V21 else "has no words for"):
        await v2.perform(setting(wanted, evse_id=evse_id))
    assert v2.sent == []


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_k01_fr_121_what_the_station_says_it_lacks_is_not_sent(v2: Desk) -> None:
    await states(v2, ("SupportsDynamicProfiles", "false"), ("SupportedAdditionalPurposes", "LocalGeneration"))
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.121"):
        await v2.perform(setting(DYNAMIC, evse_id=1))
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.120"):
        await v2.perform(setting(profile(chargingProfilePurpose="PriorityCharging"), evse_id=1))


async def test_k28_fr_07_a_station_pulls_the_values_that_it_was_given_last(v2: Desk) -> None:
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(UpdateDynamicSchedule(profile_id=7, update=ScheduleUpdate(limit=1)))
        return
    await installed(v2, DYNAMIC, 1)
    pulled = await v2.receive("PullDynamicScheduleUpdate", {"chargingProfileId": 7})
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 11000}}
    v2.answer("UpdateDynamicSchedule", ACCEPTED)
    assert (await v2.perform(UpdateDynamicSchedule(profile_id=7, update=ScheduleUpdate(limit=7000.5)))).accepted
    sent = {"chargingProfileId": 7, "scheduleUpdate": {"limit": 7000.5}}
    assert v2.sent == [("UpdateDynamicSchedule", sent)]
    await v2.restart()
    pulled = await v2.receive("PullDynamicScheduleUpdate", {"chargingProfileId": 7})
    assert pulled["scheduleUpdate"] == {"limit": 7000.5}


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_k28_fr_12_what_is_not_dynamic_or_not_known_is_not_given(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    refused = {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}
    for number in (7, 8):
        assert await v2.receive("PullDynamicScheduleUpdate", {"chargingProfileId": number}) == refused
    with pytest.raises(PayloadInvalid, match=r"K28\.FR\.11"):
        await v2.perform(UpdateDynamicSchedule(profile_id=7, update=ScheduleUpdate(limit=1)))


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_k28_values_of_a_profile_that_is_not_there_are_not_sent(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="The station has no profile 8, as far as is known"):
        await v2.perform(UpdateDynamicSchedule(profile_id=8, update=ScheduleUpdate(limit=1)))
    v2.answer("SetChargingProfile", REJECTED)
    await v2.perform(setting(DYNAMIC, evse_id=1))
    v2.sent.clear()
    with pytest.raises(PayloadInvalid, match="it is rejected"):
        await v2.perform(UpdateDynamicSchedule(profile_id=7, update=ScheduleUpdate(limit=1)))
    assert v2.sent == []


async def test_k21_priority_charging_takes_effect_when_the_station_tells(v2: Desk) -> None:
    await starts(v2)
    command = UsePriorityCharging(transaction_id="tx-1", activate=True)
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(command)
        return
    with pytest.raises(NotFound):
        await v2.perform(UsePriorityCharging(transaction_id="tx-9", activate=True))
    v2.answer("UsePriorityCharging", ACCEPTED)
    record = v2.open_command(command)
    await v2.perform(command)
    assert v2.sent == [("UsePriorityCharging", {"transactionId": "tx-1", "activate": True})]
    await v2.receive("NotifyPriorityCharging", {"transactionId": "tx-1", "activated": True})
    assert record.effect == "priority charging is on for session tx-1"
    (kept,) = (await v2.held(ChargingLimit)).values()
    assert (kept.source, kept.state, kept.evse_no) == ("PriorityCharging", "active", 1)
    await v2.receive("NotifyPriorityCharging", {"transactionId": "tx-1", "activated": False})
    (kept,) = (await v2.held(ChargingLimit)).values()
    assert kept.state == "cleared"
    await ends(v2)
    assert await v2.held(ChargingLimit) == {}


# -- removing ---------------------------------------------------------------------------------------------------------


async def test_k10_fr_02_by_id_or_by_criteria(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    await installed(v2, profile(id=8), 2)
    v2.answer("ClearChargingProfile", ACCEPTED)
    await v2.perform(ClearChargingProfile(profile_id=7))
    await v2.perform(ClearChargingProfile(evse_id=2, purpose="TxDefaultProfile", stack_level=1))
    criteria = {"evseId": 2, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    assert [payload for _, payload in v2.sent] == [
        {"chargingProfileId": 7},
        {"chargingProfileCriteria": criteria},
    ]
    assert [item.state for item in (await v2.held(InstalledProfile)).values()] == ["cleared", "cleared"]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (ClearChargingProfile(), "K10.FR.02"),
        (ClearChargingProfile(profile_id=7, evse_id=1), "K10.FR.02"),
        (ClearChargingProfile(purpose="ChargingStationExternalConstraints"), "K10.FR.06"),
        (GetChargingProfiles(profile_ids=[1], stack_level=1), "K09.FR.03"),
    ],
)
async def test_what_cannot_be_meant_is_not_sent(v2: Desk, command: Command, rule: str) -> None:
    with pytest.raises(PayloadInvalid, match=rule):
        await v2.perform(command)
    assert v2.sent == []


async def test_k10_fr_01_unknown_is_no_success_and_the_profile_is_gone_all_the_same(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    v2.answer("ClearChargingProfile", {"status": "Unknown"})
    found = await v2.perform(ClearChargingProfile(profile_id=7))
    assert (found.accepted, found.status) == (False, "Unknown")
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.finding) == ("cleared", "the station did not know it when it was to be cleared")


# -- reports ----------------------------------------------------------------------------------------------------------


def report(desk: Desk, *profiles: Payload, evse_id: int = 1, tbc: bool = False, **more: Any) -> Payload:
    part: Payload = {
        "requestId": desk.request_id,
        "chargingLimitSource": "CSO",
        "chargingProfile": list(profiles),
        "evseId": evse_id,
    }
    return part | ({"tbc": True} if tbc else {}) | more


async def test_k09_a_report_is_complete_with_its_last_part_and_verifies_what_it_names(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    await installed(v2, profile(id=8), 2)
    await installed(v2, profile(id=9, stackLevel=2), 2)
    v2.answer("GetChargingProfiles", ACCEPTED)
    command = GetChargingProfiles()
    record = v2.open_command(command)
    await v2.perform(command)
    sources = {"chargingLimitSource": ["CSO", "EMS", "SO", "Other"]}
    assert v2.sent == [("GetChargingProfiles", {"requestId": v2.request_id, "chargingProfile": sources})]
    assert await v2.receive("ReportChargingProfiles", report(v2, DEFAULT, tbc=True)) == {}
    assert not record.effect
    foreign = profile(id=-3, chargingProfilePurpose="ChargingStationExternalConstraints")
    await v2.receive("ReportChargingProfiles", report(v2, foreign, evse_id=0, tbc=True, chargingLimitSource="EMS"))
    other = profile(id=8, periods=[{"startPeriod": 0, "limit": 32}])
    await v2.receive("ReportChargingProfiles", report(v2, other, evse_id=2))
    assert record.effect == "3 profiles reported"
    kept = await v2.held(InstalledProfile)
    assert {key: (item.state, item.verified, item.source) for key, item in kept.items()} == {
        "7": ("reported", True, "ours"),
        "8": ("reported", True, "ours"),
        "9": ("cleared", False, "ours"),
        "-3": ("reported", True, "reported"),
    }
    assert kept["7"].finding == ""
    assert kept["8"].finding == "the station reports other limits than it was sent"
    assert kept["-3"].limit_source == "EMS"


async def test_k09_a_report_verifies_the_command_that_installed_the_profile(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    command = setting(DEFAULT, evse_id=1)
    record = v2.open_command(command)
    await v2.perform(command)
    assert record.state == "sent"
    await v2.receive("ReportChargingProfiles", report(v2, DEFAULT, requestId=99))
    assert (record.state, record.effect) == ("effect_seen", "the station reported it")


async def test_k09_no_profiles_is_an_answer_and_what_was_thought_there_is_gone(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    v2.answer("GetChargingProfiles", {"status": "NoProfiles"})
    command = GetChargingProfiles(evse_id=1, purpose="TxDefaultProfile")
    record = v2.open_command(command)
    found = await v2.perform(command)
    assert (found.accepted, found.status, record.effect) == (True, "NoProfiles", "0 profiles reported")
    assert (await v2.held(InstalledProfile))["7"].state == "cleared"


async def test_k09_a_report_that_nobody_asked_for_is_kept(v2: Desk) -> None:
    await v2.receive("ReportChargingProfiles", report(v2, DEFAULT, requestId=12345))
    assert (await v2.held(InstalledProfile))["7"].source == "reported"


# -- composite schedules ----------------------------------------------------------------------------------------------


def composite(*limits: float, unit: str = "A") -> Payload:
    periods = [{"startPeriod": number * 600, "limit": limit} for number, limit in enumerate(limits)]
    schedule = {"evseId": 1, "duration": 3600, "scheduleStart": at(0), "chargingRateUnit": unit}
    return {"status": "Accepted", "schedule": {**schedule, "chargingSchedulePeriod": periods}}


async def test_trap_36_k08_a_composite_schedule_within_the_profile_verifies_it(v2: Desk) -> None:
    v2.answer("SetChargingProfile", ACCEPTED)
    v2.answer("GetCompositeSchedule", composite(16.0, 10.0))
    command = setting(DEFAULT, evse_id=1, verify=True)
    record = v2.open_command(command)
    found = await v2.perform(command)
    assert found.answer["composite"]["status"] == "Accepted"
    assert (record.state, record.effect) == ("effect_seen", "the composite schedule keeps to it")
    assert (await v2.held(InstalledProfile))["7"].verified_by == "composite schedule"
    kept = (await v2.held(CompositeSchedule))["1"]
    assert ([period.limit for period in kept.periods], kept.charging_rate_unit) == ([16.0, 10.0], "A")


async def test_trap_36_a_station_that_accepts_a_profile_and_ignores_it_is_reported(v2: Desk) -> None:
    command = setting(DEFAULT, evse_id=1)
    record = v2.open_command(command)
    await installed(v2, DEFAULT, 1)
    v2.answer("GetCompositeSchedule", composite(16.0, 32.0))
    await v2.perform(GetCompositeSchedule(evse_id=1, duration_s=3600, unit="A"))
    assert v2.sent == [("GetCompositeSchedule", {"evseId": 1, "duration": 3600, "chargingRateUnit": "A"})]
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.verified, kept.finding) == (False, "the station's composite schedule goes beyond it")
    assert (record.state, record.effect) == ("failed", "the composite schedule goes beyond it")
    assert "ignores-charging-profiles" in v2.state.station.flags


async def test_k08_watts_are_compared_with_amperes_by_phases(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    v2.answer("GetCompositeSchedule", composite(11040.0, unit="W"))
    await v2.perform(GetCompositeSchedule(evse_id=1, duration_s=3600))
    assert (await v2.held(InstalledProfile))["7"].verified


async def test_k08_a_profile_that_a_higher_level_overrules_is_neither_verified_nor_blamed(v2: Desk) -> None:
    await installed(v2, DEFAULT, 1)
    await installed(v2, profile(id=8, stackLevel=2, periods=[{"startPeriod": 0, "limit": 32}]), 1)
    v2.answer("GetCompositeSchedule", composite(32.0))
    await v2.perform(GetCompositeSchedule(evse_id=1, duration_s=3600))
    kept = await v2.held(InstalledProfile)
    assert [(kept[key].verified, kept[key].finding) for key in ("7", "8")] == [(False, ""), (True, "")]


async def test_k08_fr_05_a_refused_composite_schedule_is_told(v2: Desk) -> None:
    v2.answer("GetCompositeSchedule", REJECTED)
    assert not (await v2.perform(GetCompositeSchedule(evse_id=9, duration_s=60))).accepted
    assert await v2.held(CompositeSchedule) == {}


async def test_k08_fr_02_a_composite_schedule_that_is_not_in_the_answer_is_no_success(v2: Desk) -> None:
    v2.answer("GetCompositeSchedule", ACCEPTED)
    found = await v2.perform(GetCompositeSchedule(evse_id=1, duration_s=60))
    assert (found.accepted, found.status) == (False, "NoSchedule")
    assert found.answer == {"status": "Accepted", "problem": "the station accepted and gave no schedule"}
    assert await v2.held(CompositeSchedule) == {}


# -- limits from outside ----------------------------------------------------------------------------------------------


async def test_k11_k13_a_limit_from_outside_is_kept_until_it_is_cleared(v2: Desk) -> None:
    limit = {"chargingLimitSource": "EMS", "isGridCritical": True}
    schedule = {**DEFAULT["chargingSchedule"][0]}
    told = {"chargingLimit": limit, "chargingSchedule": [schedule], "evseId": 1}
    assert await v2.receive("NotifyChargingLimit", told) == {}
    kept = (await v2.held(ChargingLimit))["EMS|1"]
    assert (kept.state, kept.is_grid_critical, kept.schedules[0].charging_schedule_period[0].limit) == (
        "active",
        True,
        16,
    )
    assert await v2.receive("ClearedChargingLimit", {"chargingLimitSource": "EMS", "evseId": 1}) == {}
    assert (await v2.held(ChargingLimit))["EMS|1"].state == "cleared"


async def test_k12_a_limit_of_the_station_may_be_cleared_without_an_evse(v2: Desk) -> None:
    await v2.receive("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "SO"}})
    await v2.receive("ClearedChargingLimit", {"chargingLimitSource": "SO"})
    (kept,) = (await v2.held(ChargingLimit)).values()
    assert (kept.state, kept.evse_no, kept.cleared_at_ms is not None) == ("cleared", 0, True)


async def test_k13_clearing_what_nobody_told_of_is_kept_too(v2: Desk) -> None:
    await v2.receive("ClearedChargingLimit", {"chargingLimitSource": "Other", "evseId": 2})
    (kept,) = (await v2.held(ChargingLimit)).values()
    assert (kept.state, kept.source, kept.evse_no) == ("cleared", "Other", 2)


# -- trap 36 ----------------------------------------------------------------------------------------------------------


async def test_trap_36_a_default_for_the_station_that_is_refused_goes_to_each_evse_and_that_is_remembered(
    v2: Desk,
) -> None:
    await boots(v2, 1, 2)
    v2.answer("SetChargingProfile", lambda sent: ACCEPTED if sent["evseId"] else REJECTED)
    found = await v2.perform(setting(DEFAULT, evse_id=0))
    assert found.accepted
    way = "profiles-per-connector"
    assert found.answer["tried"] == [
        {"evse_id": 0, "way": "", "status": "Rejected"},
        {"evse_id": 1, "way": way, "status": "Accepted"},
        {"evse_id": 2, "way": way, "status": "Accepted"},
    ]
    ids = [sent["chargingProfile"]["id"] for _, sent in v2.sent[1:]]
    assert len({7, *ids}) == 3
    assert way in v2.state.station.flags
    kept = await v2.held(InstalledProfile)
    assert [kept[str(number)].part_of for number in ids] == [7, 7]
    v2.sent.clear()
    await v2.perform(setting(DEFAULT, evse_id=0))
    assert [sent["evseId"] for _, sent in v2.sent] == [1, 2]
    v2.sent.clear()
    v2.answer("ClearChargingProfile", ACCEPTED)
    await v2.perform(ClearChargingProfile(profile_id=7))
    assert [sent["chargingProfileId"] for _, sent in v2.sent] == ids


def _is_relative(sent: Payload) -> bool:
    return bool(sent["chargingProfile"]["chargingProfileKind"] == "Relative")


def _is_in_watts(sent: Payload) -> bool:
    return bool(sent["chargingProfile"]["chargingSchedule"][0]["chargingRateUnit"] == "W")


def _has_no_phases(sent: Payload) -> bool:
    return "numberPhases" not in sent["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]


def _is_level_0(sent: Payload) -> bool:
    return bool(sent["chargingProfile"]["stackLevel"] == 0)


@pytest.mark.parametrize(
    ("likes", "way"),
    [
        (_is_level_0, "profiles-stack-level-0"),
        (_is_relative, "profiles-relative-only"),
        (_is_in_watts, "profiles-watts-only"),
        (_has_no_phases, "profiles-without-phases"),
    ],
)
async def test_trap_36_what_a_station_wants_is_found_after_a_refusal_and_remembered(
    v2: Desk, likes: Any, way: str
) -> None:
    await boots(v2, 1, 2)
    v2.answer("SetChargingProfile", lambda sent: ACCEPTED if likes(sent) else REJECTED)
    found = await v2.perform(setting(DEFAULT, evse_id=1))
    assert (found.accepted, found.answer["tried"][-1]["way"]) == (True, way)
    assert len(v2.sent) <= 5
    assert way in v2.state.station.flags
    v2.sent.clear()
    assert (await v2.perform(setting(profile(id=8, stackLevel=2), evse_id=2))).accepted
    assert len(v2.sent) == 1, "what helped is done at once the next time"


async def test_trap_36_a_station_that_refuses_everything_is_asked_a_few_times_and_then_once(v2: Desk) -> None:
    await boots(v2, 1, 2)
    v2.answer("SetChargingProfile", REJECTED)
    found = await v2.perform(setting(DEFAULT, evse_id=1))
    assert (found.accepted, len(v2.sent)) == (False, 5)
    v2.sent.clear()
    await v2.perform(setting(DEFAULT, evse_id=1))
    assert len(v2.sent) == 1


@pytest.mark.parametrize(("reason", "tries"), [("TxNotFound", 1), ("UnsupportedRateUnit", 2)])
async def test_trap_36_the_stations_reason_tells_what_is_worth_trying(v2: Desk, reason: str, tries: int) -> None:
    v2.answer("SetChargingProfile", {"status": "Rejected", "statusInfo": {"reasonCode": reason}})
    await v2.perform(setting(DEFAULT, evse_id=1))
    assert len(v2.sent) == tries


async def test_trap_36_a_way_that_would_break_a_rule_is_not_taken(v2: Desk) -> None:
    await installed(v2, profile(stackLevel=0), 1)
    v2.answer("SetChargingProfile", lambda sent: ACCEPTED if _is_level_0(sent) else REJECTED)
    found = await v2.perform(setting(profile(id=8, periods=[{"startPeriod": 0, "limit": 10}]), evse_id=1))
    assert not found.accepted
    assert all(sent["chargingProfile"]["stackLevel"] == 1 for _, sent in v2.sent)


async def test_trap_36_a_second_peculiarity_is_found_on_top_of_the_first(v2: Desk) -> None:
    v2.answer("SetChargingProfile", lambda sent: ACCEPTED if _is_in_watts(sent) else REJECTED)
    assert (await v2.perform(setting(profile(stackLevel=0), evse_id=1))).accepted
    v2.answer("SetChargingProfile", lambda sent: ACCEPTED if _is_in_watts(sent) and _is_level_0(sent) else REJECTED)
    assert (await v2.perform(setting(profile(id=8), evse_id=2))).accepted
    flags = set(v2.state.station.flags)
    assert {"profiles-watts-only", "profiles-stack-level-0"} <= flags


async def test_k08_nobody_is_blamed_for_phases_that_nobody_told(v2: Desk) -> None:
    await installed(v2, profile(unit="W", periods=[{"startPeriod": 0, "limit": 7360}]), 1)
    v2.answer("GetCompositeSchedule", composite(32.0))
    await v2.perform(GetCompositeSchedule(evse_id=1, duration_s=3600))
    assert (await v2.held(InstalledProfile))["7"].finding == ""


# -- with a remote start ----------------------------------------------------------------------------------------------


def _begins(desk: Desk, kind: str, seq_no: int, remote_start_id: int | None) -> Payload:
    info: Payload = {"transactionId": "tx-5"}
    info |= {} if remote_start_id is None else {"remoteStartId": remote_start_id}
    told = {"eventType": kind, "timestamp": at(seq_no), "triggerReason": "RemoteStart", "seqNo": seq_no}
    return {**told, "transactionInfo": info, "evse": {"id": 1}}


@pytest.mark.parametrize("cable_first", [False, True])
async def test_k05_a_profile_that_a_remote_start_brought_belongs_to_the_session_that_begins(
    v2: Desk, cable_first: bool
) -> None:
    if cable_first:
        await v2.receive("TransactionEvent", _begins(v2, "Started", 0, None))
    v2.answer("RequestStartTransaction", ACCEPTED)
    command = RemoteStart(id_token="CARD", evse_id=1, charging_profile=tx_profile())
    v2.open_command(command)
    await v2.perform(command)
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.transaction_id, kept.remote_start_id, kept.source) == (
        "intended",
        "",
        v2.request_id,
        "ours",
    )
    await v2.receive("TransactionEvent", _begins(v2, "Updated" if cable_first else "Started", 1, v2.request_id))
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.transaction_id, kept.profile.transaction_id) == ("installed", "tx-5", "tx-5")
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.39"):
        await v2.perform(setting(tx_profile(id=8), evse_id=1))
    await ends(v2, "tx-5")
    assert await v2.held(InstalledProfile) == {}


async def test_k05_a_session_of_another_start_does_not_get_the_profile(v2: Desk) -> None:
    v2.answer("RequestStartTransaction", ACCEPTED)
    await v2.perform(RemoteStart(id_token="CARD", evse_id=1, charging_profile=tx_profile()))
    await starts(v2, "tx-6")
    kept = (await v2.held(InstalledProfile))["7"]
    assert (kept.state, kept.transaction_id, kept.source) == ("intended", "", "raw")


async def test_k05_a_start_that_was_refused_brought_nothing(v2: Desk) -> None:
    v2.answer("RequestStartTransaction", REJECTED)
    await v2.perform(RemoteStart(id_token="CARD", evse_id=1, charging_profile=tx_profile()))
    assert await v2.held(InstalledProfile) == {}
