"""Configuration keys of 1.6: recorded whoever asked for them, and checked before they are written."""

import pytest

from support.desk import Desk
from voltherd.domain.availability import AvailabilityIntent
from voltherd.domain.commands import (
    ChangeAvailability,
    GetReport,
    RemoteStart,
    Reset,
    SetVariables,
    Unlock,
    VariableValue,
)
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.ocpp.v16 import (
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    GetConfigurationRequest,
    GetConfigurationResponse,
    TriggerMessageRequest,
    TriggerMessageResponse,
)
from voltherd.ocpp.v16.types import KeyValue


def wish(key: str, *, force: bool = False) -> SetVariables:
    return SetVariables(variables=[VariableValue(variable=key, value="1")], force=force)


async def test_raw_readings_and_writings_are_recorded_as_commands_are(v16: Desk) -> None:
    keys = [KeyValue(key="HeartbeatInterval", readonly=False, value="300")]
    await v16.learn(GetConfigurationRequest(), GetConfigurationResponse(configuration_key=keys))
    found = (await v16.variables())["OCPP16.HeartbeatInterval"]
    assert (found.actual_value, found.mutability) == ("300", "ReadWrite")
    request = ChangeConfigurationRequest(key="HeartbeatInterval", value="60")
    await v16.learn(request, ChangeConfigurationResponse(status="Accepted"))
    found = (await v16.variables())["OCPP16.HeartbeatInterval"]
    assert (found.actual_value, found.apply_state) == ("60", "applied")


@pytest.mark.parametrize("key", ["AuthorizationKey", "AUTHORIZATIONKEY", "authorizationkey", " AuthorizationKey "])
async def test_a_password_in_a_raw_call_is_valid_and_not_recorded_however_its_key_is_spelled(
    v16: Desk, key: str
) -> None:
    assert v16.state.station.password_hash is None
    request = ChangeConfigurationRequest(key=key, value="736563726574")
    await v16.learn(request, ChangeConfigurationResponse(status="Accepted"))
    found = (await v16.variables())[f"OCPP16.{key}"]
    assert (found.actual_value, found.desired_value) == (None, None)
    assert v16.state.station.password_hash is not None


@pytest.mark.parametrize("key", ["AuthorizationKey", "AUTHORIZATIONKEY", "authorizationkey"])
async def test_a_password_that_a_station_gives_is_not_recorded_however_its_key_is_spelled(v16: Desk, key: str) -> None:
    v16.answer("GetConfiguration", {"configurationKey": [{"key": key, "readonly": False, "value": "3039"}]})
    outcome = await v16.perform(GetReport())
    assert "3039" not in str(outcome.answer)
    assert (await v16.variables())[f"OCPP16.{key}"].actual_value is None


async def test_a_key_that_is_read_only_is_not_written_unless_forced(v16: Desk) -> None:
    key = {"key": "NumberOfConnectors", "readonly": True, "value": "2"}
    v16.answer("GetConfiguration", {"configurationKey": [key]})
    record = v16.open_command(GetReport())
    await v16.perform(GetReport())
    assert (record.state, record.effect) == ("effect_seen", "1 variables reported")
    with pytest.raises(PayloadInvalid, match=r"OCPP16\.NumberOfConnectors: it can only be read"):
        await v16.perform(wish("numberofconnectors"))
    v16.answer("ChangeConfiguration", {"status": "Rejected"})
    assert not (await v16.perform(wish("NumberOfConnectors", force=True))).accepted
    assert [action for action, _ in v16.sent] == ["GetConfiguration", "ChangeConfiguration"]


@pytest.mark.parametrize(
    ("answers", "evse_id", "words", "state"),
    [
        (["Accepted"], 1, "EVSE 1 was Available already", "effect_seen"),
        (["Accepted"], None, "the station was Available, Charging already", "effect_seen"),
        (["Rejected", "Accepted", "Accepted"], None, "the station was Available, Charging already", "effect_seen"),
        (["Rejected", "Accepted", "Rejected"], None, None, "sent"),
    ],
)
async def test_a_change_of_availability_to_what_holds_already_is_done_with_the_answer(
    v16: Desk, answers: list[str], evse_id: int | None, words: str | None, state: str
) -> None:
    for number, status in ((1, "Available"), (2, "Charging")):
        report = {"connectorId": number, "errorCode": "NoError", "status": status}
        await v16.receive("StatusNotification", report)
    command = ChangeAvailability(operational=True, evse_id=evse_id)
    record = v16.open_command(command)
    v16.answer("ChangeAvailability", *({"status": word} for word in answers))
    await v16.perform(command)
    assert (record.state, record.effect) == (state, words)


async def test_a_raw_change_of_availability_is_an_intent_too(v16: Desk) -> None:
    request = ChangeAvailabilityRequest(connector_id=2, type="Inoperative")
    await v16.learn(request, ChangeAvailabilityResponse(status="Scheduled"))
    [found] = (await v16.held(AvailabilityIntent)).values()
    assert (found.evse_no, found.operational, found.state) == (2, False, "scheduled")
    status = {"connectorId": 2, "errorCode": "NoError", "status": "Unavailable"}
    await v16.receive("StatusNotification", status)
    [found] = (await v16.held(AvailabilityIntent)).values()
    assert found.state == "in-effect"


async def test_a_pending_station_may_send_what_a_raw_trigger_asked_for(v16: Desk) -> None:
    v16.state.station.registration = "pending"
    request = TriggerMessageRequest(requested_message="StatusNotification")
    await v16.learn(request, TriggerMessageResponse(status="Accepted"))
    assert v16.state.triggered == {"StatusNotification"}


async def test_what_1_6_cannot_say_is_told(v16: Desk) -> None:
    for command in (Reset(type="immediate_and_resume"), RemoteStart(id_token="A", max_energy_wh=1000)):
        with pytest.raises(NotSupportedByVersion, match=r"2\.1"):
            await v16.perform(command)
    assert v16.sent == []


async def test_an_unlock_names_the_session_that_runs(v16: Desk) -> None:
    start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-05T12:00:00Z"}
    await v16.receive("StartTransaction", start)
    v16.answer("UnlockConnector", {"status": "Unlocked"})
    found = await v16.perform(Unlock(evse_id=1))
    assert (found.accepted, found.answer["running_transaction"]) == (True, str((await v16.transaction()).id))
