"""Remote control in 2.x (F01-F07) and restarts (B11-B13)."""

from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.commands import RemoteStart, Reset, Trigger, Unlock
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.quirk import Quirks
from voltherd.ocpp.version import OcppVersion

ACCEPTED = {"status": "Accepted"}
PROFILE: Payload = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [
        {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]}
    ],
}


async def event(desk: Desk, kind: str, seq_no: int, trigger: str = "RemoteStart", **info: Any) -> Payload:
    payload: Payload = {
        "eventType": kind,
        "timestamp": at(seq_no),
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": "tx-1", **info},
    }
    if kind == "Started":
        payload["evse"] = {"id": 1, "connectorId": 1}
    return await desk.receive("TransactionEvent", payload)


async def test_f01_fr_25_a_session_that_began_with_its_cable_is_the_effect_once_it_names_the_request(v2: Desk) -> None:
    await event(v2, "Started", 0, "CablePluggedIn")
    command = RemoteStart(id_token="CARD")
    record = v2.open_command(command)
    v2.answer("RequestStartTransaction", {"status": "Accepted", "transactionId": "tx-1"})
    await v2.perform(command)
    assert record.state == "sent"
    await event(v2, "Updated", 1, remoteStartId=v2.request_id)
    assert (record.state, record.effect) == ("effect_seen", "session tx-1 began on EVSE 1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chargingProfilePurpose": "TxDefaultProfile"}, "F01.FR.09"),
        ({"transactionId": "tx-1"}, "F01.FR.11"),
    ],
)
async def test_f01_fr_09_11_a_profile_that_may_not_come_with_a_remote_start_is_not_sent(
    v2: Desk, change: Payload, words: str
) -> None:
    with pytest.raises(PayloadInvalid, match=words):
        await v2.perform(RemoteStart(id_token="CARD", charging_profile={**PROFILE, **change}))
    assert v2.sent == []


async def test_f07_fr_02_limits_of_a_remote_start_come_with_the_answer_to_the_first_event(v2: Desk) -> None:
    v2.state.station.ocpp_version = v2.version.value
    command = RemoteStart(id_token="CARD", max_energy_wh=10_000, max_cost=12.5, max_time_s=3600, max_soc_percent=80)
    v2.answer("RequestStartTransaction", ACCEPTED)
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion, match=r"2\.1"):
            await v2.perform(command)
        assert v2.sent == []
        return
    v2.open_command(command)
    await v2.perform(command)
    answer = await event(v2, "Started", 0, remoteStartId=v2.request_id)
    assert answer["transactionLimit"] == {"maxCost": 12.5, "maxEnergy": 10_000, "maxTime": 3600, "maxSoC": 80}


async def test_f05_fr_02_a_refused_unlock_names_the_session_that_runs(v2: Desk) -> None:
    await event(v2, "Started", 0)
    v2.answer("UnlockConnector", {"status": "OngoingAuthorizedTransaction"})
    found = await v2.perform(Unlock(evse_id=1, connector_id=1))
    assert (found.accepted, found.answer["running_transaction"]) == (False, str((await v2.transaction()).id))


@pytest.mark.parametrize(
    ("command", "action", "payload"),
    [
        (Trigger(message="Heartbeat"), "Heartbeat", {}),
        (
            Trigger(message="StatusNotification", evse_id=1, connector_id=1),
            "NotifyEvent",
            {
                "generatedAt": at(0),
                "seqNo": 0,
                "eventData": [
                    {
                        "eventId": 1,
                        "timestamp": at(0),
                        "trigger": "Delta",
                        "actualValue": "Available",
                        "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
                        "variable": {"name": "AvailabilityState"},
                        "eventNotificationType": "HardWiredNotification",
                    }
                ],
            },
        ),
    ],
)
async def test_f06_what_a_trigger_asked_for_is_its_effect_however_it_comes(
    v2: Desk, command: Trigger, action: str, payload: Payload
) -> None:
    from voltherd.domain.events import Received
    from voltherd.services.effects import observe
    from voltherd.services.work import Work

    record = v2.open_command(command)
    v2.answer("TriggerMessage", ACCEPTED)
    assert (await v2.perform(command)).accepted
    await v2.receive(action, payload)
    observe(v2.state, Work(v2.now_ms, 1, "CS-1"), Received(action, None))
    assert record.state == "effect_seen"


async def test_f06_a_custom_trigger_is_sent_in_2_1_and_its_message_is_the_effect(v2: Desk) -> None:
    from voltherd.domain.events import Received
    from voltherd.services.effects import observe
    from voltherd.services.work import Work

    command = Trigger(message="CustomTrigger", custom="NotifyDERAlarm")
    record = v2.open_command(command)
    v2.answer("TriggerMessage", ACCEPTED)
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(command)
        return
    await v2.perform(command)
    assert v2.sent == [("TriggerMessage", {"requestedMessage": "CustomTrigger", "customTrigger": "NotifyDERAlarm"})]
    observe(v2.state, Work(v2.now_ms, 1, "CS-1"), Received("Heartbeat", None))
    assert record.state == "sent"
    observe(v2.state, Work(v2.now_ms, 1, "CS-1"), Received("NotifyDERAlarm", None))
    assert (record.state, record.effect) == ("effect_seen", "NotifyDERAlarm came")


async def test_b02_fr_02_a_pending_station_may_send_what_a_raw_trigger_asked_for(v2: Desk) -> None:
    from voltherd.ocpp.v2 import TriggerMessageRequest, TriggerMessageResponse

    request = TriggerMessageRequest(requested_message="SignChargingStationCertificate")
    await v2.learn(request, TriggerMessageResponse(status="Accepted"))
    assert v2.state.triggered == set()
    v2.state.station.registration = "pending"
    await v2.learn(request, TriggerMessageResponse(status="Rejected"))
    assert v2.state.triggered == set()
    await v2.learn(request, TriggerMessageResponse(status="Accepted"))
    assert v2.state.triggered == {"SignCertificate"}


async def test_b13_a_restart_that_resumes_sessions_belongs_to_2_1(v2: Desk) -> None:
    v2.answer("Reset", ACCEPTED)
    command = Reset(type="immediate_and_resume", evse_id=1)
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(command)
        assert v2.sent == []
    else:
        assert (await v2.perform(command)).accepted
        assert v2.sent == [("Reset", {"type": "ImmediateAndResume", "evseId": 1})]


async def test_b11_a_boot_that_was_triggered_is_not_the_effect_of_a_restart(v2: Desk) -> None:
    record = v2.open_command(Reset())
    who = {"chargingStation": {"model": "M", "vendorName": "V"}}
    await v2.receive("BootNotification", {"reason": "Triggered", **who})
    assert record.state == "sent"
    await v2.receive("BootNotification", {"reason": "RemoteReset", **who})
    assert (record.state, record.effect) == ("effect_seen", "the station booted again (RemoteReset)")


async def test_quirk_soft_reset_ignored_restarts_at_once_where_no_session_runs(v2: Desk) -> None:
    v2.state.quirks = Quirks(soft_reset_ignored=True)
    v2.answer("Reset", ACCEPTED)
    await v2.perform(Reset(type="on_idle"))
    await event(v2, "Started", 0)
    await v2.perform(Reset(type="on_idle"))
    await v2.perform(Reset(type="on_idle", evse_id=1))
    await v2.perform(Reset(type="on_idle", evse_id=2))
    assert [payload["type"] for _, payload in v2.sent] == ["Immediate", "OnIdle", "OnIdle", "Immediate"]
