import copy
from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.charging_profile import (
    ClearChargingProfile,
    CompositeSchedule,
    GetChargingProfiles,
    GetCompositeSchedule,
    InstalledProfile,
    SetChargingProfile,
)
from voltherd.domain.charging_schedule import ChargingProfile
from voltherd.domain.commands import RemoteStart
from voltherd.domain.device_model import OCPP16_COMPONENT, Variable
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.ocpp.payload import decode_request, decode_response

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
DEFAULT: Payload = {
    "id": 7,
    "stackLevel": 1,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": "2026-01-05T08:00:00Z",
    "chargingSchedule": [
        {
            "id": 1,
            "startSchedule": "2026-01-05T08:00:00Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.19, "numberPhases": 3}],
        }
    ],
}
OF_16: Payload = {
    "chargingProfileId": 7,
    "stackLevel": 1,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": "2026-01-05T08:00:00Z",
    "chargingSchedule": {
        "startSchedule": "2026-01-05T08:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1, "numberPhases": 3}],
    },
}


def wanted(**changes: Any) -> ChargingProfile:
    """The default profile with changes; `schedule` changes its schedule, `period` its first period."""
    found = copy.deepcopy(DEFAULT)
    schedule = found["chargingSchedule"][0]
    schedule.update(changes.pop("schedule", {}))
    schedule["chargingSchedulePeriod"][0].update(changes.pop("period", {}))
    found.update(changes)
    return msgspec.convert(found, ChargingProfile)


def tx_profile(**changes: Any) -> ChargingProfile:
    found = wanted(chargingProfilePurpose="TxProfile", chargingProfileKind="Relative", **changes)
    found.charging_schedule[0].start_schedule = None
    return found


async def starts(desk: Desk, connector: int = 1) -> str:
    begin = {"connectorId": connector, "idTag": "CARD", "meterStart": 0, "timestamp": at(0)}
    answer = await desk.receive("StartTransaction", begin)
    return str(answer["transactionId"])


async def boots(desk: Desk, *connectors: int) -> None:
    for connector in connectors:
        status = {"connectorId": connector, "status": "Available", "errorCode": "NoError"}
        await desk.receive("StatusNotification", status)


async def key(desk: Desk, name: str, value: str) -> None:
    variable = Variable(station_id=desk.state.station.id, component=OCPP16_COMPONENT, variable=name, actual_value=value)
    await desk.store.journal.committed([variable])


async def test_a_profile_is_put_into_the_words_of_16_and_its_limit_is_never_raised(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    assert (await v16.perform(SetChargingProfile(profile=wanted(), evse_id=2))).accepted
    assert v16.sent == [("SetChargingProfile", {"connectorId": 2, "csChargingProfiles": OF_16})]
    kept = (await v16.held(InstalledProfile))["7"]
    assert (kept.state, kept.evse_no, kept.source, kept.verified) == ("installed", 2, "ours", False)


async def test_a_maximum_of_the_station_is_called_otherwise_and_goes_to_connector_0(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(chargingProfilePurpose="ChargingStationMaxProfile")))
    _, sent = v16.sent[0]
    assert (sent["connectorId"], sent["csChargingProfiles"]["chargingProfilePurpose"]) == (0, "ChargePointMaxProfile")
    assert (await v16.held(InstalledProfile))["7"].purpose == "ChargingStationMaxProfile"


async def test_trap_38_a_tx_profile_carries_the_number_of_the_session_and_goes_with_it(v16: Desk) -> None:
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.03"):
        await v16.perform(SetChargingProfile(profile=tx_profile(), evse_id=1))
    number = await starts(v16)
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=tx_profile(), evse_id=1))
    assert v16.sent[0][1]["csChargingProfiles"]["transactionId"] == int(number)
    assert list(await v16.held(InstalledProfile)) == ["7"]
    await v16.restart()
    await v16.receive("StopTransaction", {"transactionId": int(number), "meterStop": 10, "timestamp": at(60)})
    assert await v16.held(InstalledProfile) == {}


async def test_trap_39_external_constraints_are_never_sent(v16: Desk) -> None:
    external = wanted(chargingProfilePurpose="ChargingStationExternalConstraints")
    with pytest.raises(PayloadInvalid, match=r"K01\.FR\.22"):
        await v16.perform(SetChargingProfile(profile=external, evse_id=0))
    assert v16.sent == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"chargingProfilePurpose": "PriorityCharging"}, "PriorityCharging"),
        ({"chargingProfileKind": "Dynamic"}, "Dynamic"),
        ({"period": {"setpoint": 5}}, "setpoint"),
        ({"period": {"numberPhases": 1, "phaseToUse": 2}}, "phaseToUse"),
        ({"customData": {"vendorId": "acme"}}, "customData"),
        ({"chargingSchedule": DEFAULT["chargingSchedule"] * 2}, "more than one chargingSchedule"),
    ],
)
async def test_what_16_has_no_words_for_is_named_and_not_sent(v16: Desk, changes: Payload, words: str) -> None:
    with pytest.raises(NotSupportedByVersion, match=words):
        await v16.perform(SetChargingProfile(profile=wanted(**changes), evse_id=1))
    assert v16.sent == []


async def test_what_has_the_same_purpose_level_and_connector_is_replaced_by_the_station(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    await v16.perform(SetChargingProfile(profile=wanted(id=8), evse_id=1))
    kept = await v16.held(InstalledProfile)
    assert {name: item.state for name, item in kept.items()} == {"7": "cleared", "8": "installed"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ChargeProfileMaxStackLevel", "0", "stack levels up to 0"),
        ("ChargingScheduleMaxPeriods", "0", "PeriodsPerSchedule"),
    ],
)
async def test_the_keys_of_16_are_kept_to(v16: Desk, name: str, value: str, words: str) -> None:
    await key(v16, name, value)
    with pytest.raises(PayloadInvalid, match=words):
        await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))


async def test_the_number_of_profiles_is_kept_to(v16: Desk) -> None:
    await key(v16, "MaxChargingProfilesInstalled", "1")
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    with pytest.raises(PayloadInvalid, match="takes no more than 1"):
        await v16.perform(SetChargingProfile(profile=wanted(id=8), evse_id=2))


@pytest.mark.parametrize("stated", ["Power", "W", '"Power"', " Power ; "])
async def test_trap_14_watts_only_however_it_is_written(v16: Desk, stated: str) -> None:
    await key(v16, "ChargingScheduleAllowedChargingRateUnit", stated)
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(period={"limit": 16}), evse_id=1))
    schedule = v16.sent[0][1]["csChargingProfiles"]["chargingSchedule"]
    assert (schedule["chargingRateUnit"], schedule["chargingSchedulePeriod"][0]["limit"]) == ("W", 11040.0)


@pytest.mark.parametrize("stated", ["Current,Power", "Current;Power", "A, W"])
async def test_trap_14_both_units_however_they_are_written(v16: Desk, stated: str) -> None:
    await key(v16, "ChargingScheduleAllowedChargingRateUnit", stated)
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    assert v16.sent[0][1]["csChargingProfiles"] == OF_16


async def test_trap_36_connector_0_refused_each_connector_is_asked(v16: Desk) -> None:
    await boots(v16, 0, 1, 2)
    v16.answer("SetChargingProfile", lambda sent: ACCEPTED if sent["connectorId"] else REJECTED)
    found = await v16.perform(SetChargingProfile(profile=wanted(), evse_id=0))
    assert found.accepted
    assert [item["evse_id"] for item in found.answer["tried"]] == [0, 1, 2]
    assert "profiles-per-connector" in v16.state.station.flags


async def test_trap_36_only_connector_0_takes_a_default(v16: Desk) -> None:
    await boots(v16, 0, 1)
    v16.answer("SetChargingProfile", lambda sent: REJECTED if sent["connectorId"] else ACCEPTED)
    assert (await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))).accepted
    assert [sent["connectorId"] for _, sent in v16.sent] == [1, 0]
    assert (await v16.held(InstalledProfile))["7"].evse_no == 0


async def test_trap_36_relative_only_counts_an_absolute_schedule_from_the_start_of_the_session(v16: Desk) -> None:
    await starts(v16)
    v16.now_ms += 600_000
    relative = lambda sent: sent["csChargingProfiles"]["chargingProfileKind"] == "Relative"  # noqa: E731
    v16.answer("SetChargingProfile", lambda sent: ACCEPTED if relative(sent) else REJECTED)
    profile = wanted(
        stackLevel=0,
        chargingProfilePurpose="TxProfile",
        schedule={
            "startSchedule": at(600),
            "duration": 3600,
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}, {"startPeriod": 900, "limit": 8}],
        },
    )
    assert (await v16.perform(SetChargingProfile(profile=profile, evse_id=1, exact=True))).accepted
    schedule = v16.sent[-1][1]["csChargingProfiles"]["chargingSchedule"]
    assert schedule["duration"] == 4200
    assert schedule["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16.0},
        {"startPeriod": 1500, "limit": 8.0},
    ]


async def test_trap_36_not_supported_is_no_refusal_that_another_form_would_change(v16: Desk) -> None:
    v16.answer("SetChargingProfile", {"status": "NotSupported"})
    found = await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    assert (found.accepted, found.status, len(v16.sent)) == (False, "NotSupported", 1)
    assert (await v16.held(InstalledProfile))["7"].state == "rejected"


async def test_trap_37_a_schedule_that_starts_now_starts_a_little_in_the_past(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(schedule={"startSchedule": at(0)}), evse_id=1))
    assert v16.sent[0][1]["csChargingProfiles"]["chargingSchedule"]["startSchedule"] == at(-30)


async def test_a_raw_profile_and_a_raw_clear_are_kept(v16: Desk) -> None:
    async def raw(action: str, payload: Payload) -> None:
        request = decode_request(v16.version, action, msgspec.json.encode(payload))
        await v16.learn(request, decode_response(v16.version, action, b'{"status":"Accepted"}'))

    await raw("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": OF_16})
    kept = (await v16.held(InstalledProfile))["7"]
    assert (kept.source, kept.profile.charging_schedule[0].charging_schedule_period[0].limit) == ("raw", 16.1)
    await raw("ClearChargingProfile", {})
    assert (await v16.held(InstalledProfile))["7"].state == "cleared"


async def test_clearing_by_id_by_criteria_and_all(v16: Desk) -> None:
    v16.answer("ClearChargingProfile", ACCEPTED)
    await v16.perform(ClearChargingProfile(profile_id=7))
    await v16.perform(ClearChargingProfile(evse_id=1, purpose="ChargingStationMaxProfile", stack_level=2))
    await v16.perform(ClearChargingProfile())
    assert [sent for _, sent in v16.sent] == [
        {"id": 7},
        {"connectorId": 1, "chargingProfilePurpose": "ChargePointMaxProfile", "stackLevel": 2},
        {},
    ]
    with pytest.raises(NotSupportedByVersion):
        await v16.perform(ClearChargingProfile(purpose="PriorityCharging"))


async def test_a_composite_schedule_is_kept_and_verifies(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1}]}
    composite = {"status": "Accepted", "connectorId": 1, "scheduleStart": at(0), "chargingSchedule": schedule}
    v16.answer("GetCompositeSchedule", composite)
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    found = await v16.perform(GetCompositeSchedule(evse_id=1, duration_s=600, unit="A"))
    assert found.answer == composite
    assert v16.sent[-1][1] == {"connectorId": 1, "duration": 600, "chargingRateUnit": "A"}
    assert (await v16.held(CompositeSchedule))["1"].periods[0].limit == 16.1
    assert (await v16.held(InstalledProfile))["7"].verified


async def test_a_composite_schedule_without_a_start_is_kept_and_proves_nothing(v16: Desk) -> None:
    v16.answer("SetChargingProfile", ACCEPTED)
    await v16.perform(SetChargingProfile(profile=wanted(), evse_id=1))
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 99}]}
    v16.answer("GetCompositeSchedule", {"status": "Accepted", "chargingSchedule": schedule})
    await v16.perform(GetCompositeSchedule(evse_id=1, duration_s=600))
    kept = (await v16.held(InstalledProfile))["7"]
    assert (kept.verified, kept.finding, len(await v16.held(CompositeSchedule))) == (False, "", 1)


def test_get_charging_profiles_has_no_message_in_16(v16: Desk) -> None:
    assert GetChargingProfiles not in v16.routes.translations


async def test_a_profile_that_a_remote_start_brought_belongs_to_the_session_on_its_connector(v16: Desk) -> None:
    v16.answer("RemoteStartTransaction", ACCEPTED)
    profile = {**OF_16, "chargingProfilePurpose": "TxProfile"}
    await v16.perform(RemoteStart(id_token="CARD", evse_id=1, charging_profile=profile))
    assert (await v16.held(InstalledProfile))["7"].state == "intended"
    await starts(v16, 2)
    assert (await v16.held(InstalledProfile))["7"].transaction_id == ""
    number = await starts(v16, 1)
    kept = (await v16.held(InstalledProfile))["7"]
    assert (kept.state, kept.transaction_id) == ("installed", number)


@pytest.mark.parametrize("changes", [{"period": {"limit": -16}}, {"schedule": {"minChargingRate": -1}}])
async def test_5_16_a_limit_below_0_is_not_sent(v16: Desk, changes: Payload) -> None:
    with pytest.raises(PayloadInvalid, match="below 0 are for discharging"):
        await v16.perform(SetChargingProfile(profile=wanted(**changes), evse_id=1))
    assert v16.sent == []


async def test_5_7_a_composite_schedule_that_is_not_in_the_answer_is_no_success(v16: Desk) -> None:
    v16.answer("GetCompositeSchedule", ACCEPTED)
    found = await v16.perform(GetCompositeSchedule(evse_id=1, duration_s=60))
    assert (found.accepted, found.status) == (False, "NoSchedule")
    assert await v16.held(CompositeSchedule) == {}
