import pytest

from support.desk import COMMAND_ID, Desk, at
from voltherd.domain.commands import (
    ChangeAvailability,
    ClearCache,
    DataTransfer,
    GetReport,
    GetVariables,
    RemoteStart,
    RemoteStop,
    Reset,
    SetVariables,
    Trigger,
    Unlock,
    VariableName,
    VariableValue,
)
from voltherd.domain.errors import CallRefused, NotFound, NotSupportedByVersion, PayloadInvalid
from voltherd.gateway.v16 import set_password

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1}]},
}


async def started(desk: Desk) -> int:
    payload = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": at(0)}
    number: int = (await desk.receive("StartTransaction", payload))["transactionId"]
    return number


async def boots(desk: Desk, *connectors: int) -> None:
    for number in connectors:
        status = {"connectorId": number, "errorCode": "NoError", "status": "Available"}
        await desk.receive("StatusNotification", status)


async def test_remote_start_sends_tag_connector_and_profile(v16: Desk) -> None:
    v16.answer("RemoteStartTransaction", ACCEPTED)
    found = await v16.perform(RemoteStart(id_token="CARD", evse_id=2, charging_profile=PROFILE))
    assert (found.accepted, found.status, found.answer) == (True, "Accepted", ACCEPTED)
    sent = {"idTag": "CARD", "connectorId": 2, "chargingProfile": PROFILE}
    assert v16.sent == [("RemoteStartTransaction", sent)]


async def test_remote_start_without_an_evse_names_no_connector_and_a_refusal_is_told(v16: Desk) -> None:
    v16.answer("RemoteStartTransaction", REJECTED)
    found = await v16.perform(RemoteStart(id_token="CARD"))
    assert (found.accepted, found.status) == (False, "Rejected")
    assert v16.sent == [("RemoteStartTransaction", {"idTag": "CARD"})]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (RemoteStart(id_token="C" * 21), "at most 20 characters"),
        (RemoteStart(id_token="CARD", evse_id=0), "begins with 1"),
        (RemoteStart(id_token="CARD", evse_id=1, connector_id=2), "connector 1"),
        (RemoteStart(id_token="CARD", charging_profile={"id": 1}), "charging_profile"),
    ],
)
async def test_a_remote_start_that_1_6_cannot_say_is_not_sent(v16: Desk, command: RemoteStart, words: str) -> None:
    with pytest.raises(PayloadInvalid, match=words):
        await v16.perform(command)
    assert v16.sent == []


async def test_remote_stop_finds_the_transaction_by_its_number_and_by_our_id(v16: Desk) -> None:
    number = await started(v16)
    v16.answer("RemoteStopTransaction", ACCEPTED)
    record = await v16.transaction()
    for name in (str(number), str(record.id)):
        assert (await v16.perform(RemoteStop(transaction_id=name))).accepted
    assert v16.sent == [("RemoteStopTransaction", {"transactionId": number})] * 2


async def test_remote_stop_of_nothing_known_is_not_sent(v16: Desk) -> None:
    with pytest.raises(NotFound):
        await v16.perform(RemoteStop(transaction_id="99"))
    await v16.receive("StopTransaction", {"transactionId": 0, "meterStop": 1, "timestamp": at(0)})
    with pytest.raises(NotFound, match="no number"):
        await v16.perform(RemoteStop(transaction_id=(await v16.transaction()).transaction_id))
    assert v16.sent == []


@pytest.mark.parametrize(
    ("kind", "sent"), [("soft", "Soft"), ("on_idle", "Soft"), ("hard", "Hard"), ("immediate", "Hard")]
)
async def test_reset_is_soft_or_hard(v16: Desk, kind: str, sent: str) -> None:
    v16.answer("Reset", ACCEPTED)
    assert (await v16.perform(Reset(type=kind))).accepted  # type: ignore[arg-type]
    assert v16.sent == [("Reset", {"type": sent})]


async def test_one_evse_cannot_be_reset_in_1_6(v16: Desk) -> None:
    with pytest.raises(NotSupportedByVersion):
        await v16.perform(Reset(evse_id=1))


@pytest.mark.parametrize(("status", "accepted"), [("Unlocked", True), ("UnlockFailed", False), ("NotSupported", False)])
async def test_unlock_says_what_became_of_the_lock(v16: Desk, status: str, accepted: bool) -> None:
    v16.answer("UnlockConnector", {"status": status})
    found = await v16.perform(Unlock(evse_id=2))
    assert (found.accepted, found.status) == (accepted, status)
    assert v16.sent == [("UnlockConnector", {"connectorId": 2})]


@pytest.mark.parametrize("status", ["Accepted", "Scheduled"])
async def test_a_change_of_availability_records_the_intent(v16: Desk, status: str) -> None:
    v16.answer("ChangeAvailability", {"status": status})
    found = await v16.perform(ChangeAvailability(operational=False, evse_id=2))
    assert (found.accepted, found.status) == (True, status)
    assert v16.sent == [("ChangeAvailability", {"connectorId": 2, "type": "Inoperative"})]
    await v16.restart()
    assert {number: evse.operational for number, evse in v16.state.evses.items()} == {2: False}


async def test_a_refused_change_of_availability_records_nothing(v16: Desk) -> None:
    await boots(v16, 1, 2)
    v16.answer("ChangeAvailability", REJECTED)
    assert not (await v16.perform(ChangeAvailability(operational=False, evse_id=2))).accepted
    assert v16.state.evses == {}
    assert len(v16.sent) == 1


@pytest.mark.parametrize("refusal", [REJECTED, CallRefused("no", "PropertyConstraintViolation")])
async def test_trap_12_where_connector_0_is_refused_each_connector_is_tried(v16: Desk, refusal: object) -> None:
    await boots(v16, 0, 1, 2)
    v16.answer("ChangeAvailability", refusal, ACCEPTED, {"status": "Scheduled"})  # type: ignore[arg-type]
    found = await v16.perform(ChangeAvailability(operational=False))
    assert [payload["connectorId"] for _, payload in v16.sent] == [0, 1, 2]
    assert (found.accepted, found.status) == (True, "Scheduled")
    await v16.restart()
    assert {number: evse.operational for number, evse in v16.state.evses.items()} == {0: False, 1: False, 2: False}


async def test_trap_12_a_change_that_only_some_connectors_take_is_not_accepted(v16: Desk) -> None:
    await boots(v16, 1, 2)
    v16.answer("ChangeAvailability", REJECTED, ACCEPTED, REJECTED)
    found = await v16.perform(ChangeAvailability(operational=True))
    assert (found.accepted, found.status) == (False, "Mixed")
    assert {number: evse.operational for number, evse in v16.state.evses.items()} == {1: True}


async def test_trap_12_where_the_only_connector_is_refused_the_station_is_tried(v16: Desk) -> None:
    await boots(v16, 0, 1)
    v16.answer("ChangeAvailability", REJECTED, ACCEPTED)
    assert (await v16.perform(ChangeAvailability(operational=False, evse_id=1))).accepted
    assert [payload["connectorId"] for _, payload in v16.sent] == [1, 0]


async def test_clear_cache(v16: Desk) -> None:
    v16.answer("ClearCache", ACCEPTED)
    assert (await v16.perform(ClearCache())).accepted
    assert v16.sent == [("ClearCache", {})]


@pytest.mark.parametrize(("data", "sent"), [("text", "text"), ({"a": 1}, '{"a":1}')])
async def test_data_goes_as_text(v16: Desk, data: object, sent: str) -> None:
    v16.answer("DataTransfer", {"status": "Accepted", "data": "ok"})
    found = await v16.perform(DataTransfer(vendor_id="acme", message_id="m", data=data))
    assert found.answer == {"status": "Accepted", "data": "ok"}
    assert v16.sent == [("DataTransfer", {"vendorId": "acme", "messageId": "m", "data": sent})]


@pytest.mark.parametrize(
    ("message", "action", "sent"),
    [
        ("StatusNotification", "TriggerMessage", "StatusNotification"),
        ("DiagnosticsStatusNotification", "TriggerMessage", "DiagnosticsStatusNotification"),
        ("LogStatusNotification", "ExtendedTriggerMessage", "LogStatusNotification"),
        ("SignChargePointCertificate", "ExtendedTriggerMessage", "SignChargePointCertificate"),
        ("SignChargingStationCertificate", "ExtendedTriggerMessage", "SignChargePointCertificate"),
    ],
)
async def test_triggers_find_their_message(v16: Desk, message: str, action: str, sent: str) -> None:
    v16.answer(action, ACCEPTED)
    assert (await v16.perform(Trigger(message=message, evse_id=2))).accepted
    assert v16.sent == [(action, {"requestedMessage": sent, "connectorId": 2})]


@pytest.mark.parametrize("message", ["TransactionEvent", "SignCombinedCertificate", "CustomTrigger", "Nonsense"])
async def test_triggers_that_1_6_does_not_have_are_not_sent(v16: Desk, message: str) -> None:
    with pytest.raises(NotSupportedByVersion):
        await v16.perform(Trigger(message=message))
    assert v16.sent == []


async def test_a_pending_station_may_send_what_it_was_asked_for(v16: Desk) -> None:
    v16.state.station.registration = "pending"
    v16.answer("TriggerMessage", ACCEPTED)
    await v16.perform(Trigger(message="StatusNotification"))
    v16.answer("ExtendedTriggerMessage", {"status": "NotImplemented"})
    assert not (await v16.perform(Trigger(message="SignCertificate"))).accepted
    v16.answer("TriggerMessage", CallRefused("no", "NotSupported"))
    with pytest.raises(CallRefused):
        await v16.perform(Trigger(message="Heartbeat"))
    assert v16.state.triggered == {"StatusNotification"}


def configuration(*keys: str) -> dict[str, object]:
    return {"configurationKey": [{"key": key, "readonly": key.startswith("R"), "value": f"<{key}>"} for key in keys]}


async def test_configuration_keys_are_read_and_recorded(v16: Desk) -> None:
    v16.answer("GetConfiguration", {**configuration("A", "R"), "unknownKey": ["X"]})
    found = await v16.perform(GetVariables(variables=[VariableName(variable=key) for key in ("A", "R", "X")]))
    assert v16.sent == [("GetConfiguration", {"key": ["A", "R", "X"]})]
    assert found.accepted
    assert found.answer["unknown"] == ["X"]
    assert [(item["variable"], item["value"], item["readonly"]) for item in found.answer["results"]] == [
        ("A", "<A>", False),
        ("R", "<R>", True),
    ]
    kept = await v16.variables()
    assert (kept["OCPP16.A"].actual_value, kept["OCPP16.A"].mutability) == ("<A>", "ReadWrite")
    assert kept["OCPP16.R"].mutability == "ReadOnly"


async def test_not_more_keys_are_asked_for_than_the_station_says_it_takes(v16: Desk) -> None:
    limit = {"key": "GetConfigurationMaxKeys", "readonly": True, "value": "2"}
    v16.answer("GetConfiguration", {"configurationKey": [limit]})
    assert (await v16.perform(GetVariables())).accepted
    assert v16.sent.pop() == ("GetConfiguration", {})

    v16.answer("GetConfiguration", lambda asked: configuration(*asked["key"]))
    found = await v16.perform(GetVariables(variables=[VariableName(variable=key) for key in "ABCDE"]))
    assert [payload["key"] for _, payload in v16.sent] == [["A", "B"], ["C", "D"], ["E"]]
    assert len(found.answer["results"]) == 5


async def test_variables_of_2_x_are_refused_with_a_word_on_how_to_name_keys(v16: Desk) -> None:
    with pytest.raises(NotSupportedByVersion, match="configuration keys only"):
        await v16.perform(GetVariables(variables=[VariableName(component="EVSE", variable="Power")]))


async def test_a_report_is_all_keys_and_its_effect_is_seen(v16: Desk) -> None:
    v16.answer("GetConfiguration", configuration("A", "B"))
    record = v16.open_command(GetReport())
    assert (await v16.perform(GetReport())).accepted
    assert v16.sent == [("GetConfiguration", {})]
    assert (record.state, record.effect) == ("effect_seen", "2 variables reported")
    stored = await v16.store.records.command(1, COMMAND_ID)
    assert stored is not None
    assert stored.state == "effect_seen"


async def test_keys_are_written_one_by_one_and_each_answer_is_recorded(v16: Desk) -> None:
    statuses = ["Accepted", "RebootRequired", "Rejected", "NotSupported"]
    v16.answer("ChangeConfiguration", *({"status": status} for status in statuses))
    wanted = [VariableValue(variable=key, value=f"={key}") for key in "ABCD"]
    found = await v16.perform(SetVariables(variables=wanted))
    assert [payload for _, payload in v16.sent] == [{"key": key, "value": f"={key}"} for key in "ABCD"]
    assert (found.accepted, found.status) == (False, "Mixed")
    assert [item["status"] for item in found.answer["results"]] == statuses
    kept = await v16.variables()
    assert [(kept[f"OCPP16.{key}"].desired_value, kept[f"OCPP16.{key}"].apply_state) for key in "ABCD"] == [
        ("=A", "applied"),
        ("=B", "reboot_required"),
        ("=C", "rejected"),
        ("=D", "unknown_to_station"),
    ]


async def test_a_reboot_that_is_needed_counts_as_accepted(v16: Desk) -> None:
    v16.answer("ChangeConfiguration", {"status": "RebootRequired"})
    found = await v16.perform(SetVariables(variables=[VariableValue(variable="A", value="1")]))
    assert (found.accepted, found.status) == (True, "RebootRequired")


async def test_what_was_written_before_the_link_dropped_is_recorded(v16: Desk) -> None:
    v16.answer("ChangeConfiguration", ACCEPTED, CallRefused("no", "InternalError"))
    with pytest.raises(CallRefused):
        await v16.perform(SetVariables(variables=[VariableValue(variable=key, value="1") for key in "AB"]))
    assert list(await v16.variables()) == ["OCPP16.A"]


async def test_writing_nothing_is_refused(v16: Desk) -> None:
    with pytest.raises(PayloadInvalid):
        await v16.perform(SetVariables(variables=[]))


async def test_the_authorization_key_is_never_recorded_nor_told(v16: Desk) -> None:
    v16.answer("ChangeConfiguration", ACCEPTED)
    await v16.perform(SetVariables(variables=[VariableValue(variable="AuthorizationKey", value="c0ffee" * 6)]))
    secret = {"key": "authorizationKey", "readonly": False, "value": "c0ffee" * 6}
    v16.answer("GetConfiguration", {"configurationKey": [secret]})
    found = await v16.perform(GetVariables())
    assert found.answer["results"][0]["value"] is None
    kept = (await v16.variables()).values()
    assert {(item.actual_value, item.desired_value) for item in kept} == {(None, None)}


@pytest.mark.parametrize(("status", "accepted"), [("Accepted", True), ("Rejected", False), ("NotSupported", False)])
async def test_a_password_goes_as_the_hexadecimal_digits_of_its_bytes(v16: Desk, status: str, accepted: bool) -> None:
    v16.answer("ChangeConfiguration", {"status": status})
    found = await set_password(v16, "secret-of-16-chr")
    assert (found.accepted, found.status) == (accepted, status)
    value = "7365637265742d6f662d31362d636872"
    assert v16.sent == [("ChangeConfiguration", {"key": "AuthorizationKey", "value": value})]
    assert all(item.actual_value is item.desired_value is None for item in (await v16.variables()).values())


async def test_a_password_of_more_than_20_bytes_is_not_sent(v16: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="20 bytes"):
        await set_password(v16, "x" * 21)
    assert v16.sent == []
