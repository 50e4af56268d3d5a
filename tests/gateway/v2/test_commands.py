from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.commands import (
    ChangeAvailability,
    ClearCache,
    DataTransfer,
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
from voltherd.gateway.v2 import set_password
from voltherd.ocpp.version import OcppVersion

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
PROFILE: Payload = {
    "id": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": [
        {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]}
    ],
}


async def started(desk: Desk) -> None:
    begin = {
        "eventType": "Started",
        "timestamp": at(0),
        "triggerReason": "RemoteStart",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "evse": {"id": 1},
    }
    await desk.receive("TransactionEvent", begin)


async def boots(desk: Desk, *places: tuple[int, int]) -> None:
    for evse_id, connector_id in places:
        status = {"timestamp": at(0), "connectorStatus": "Available", "evseId": evse_id, "connectorId": connector_id}
        await desk.receive("StatusNotification", status)


async def test_remote_start_carries_the_commands_number_token_group_and_profile(v2: Desk) -> None:
    v2.answer("RequestStartTransaction", {"status": "Accepted", "transactionId": "tx-9"})
    command = RemoteStart(
        id_token="CARD", id_token_type="ISO14443", evse_id=2, group_id_token="FLEET", charging_profile=PROFILE
    )
    found = await v2.perform(command)
    assert (found.accepted, found.answer) == (True, {"status": "Accepted", "transactionId": "tx-9"})
    sent = {
        "idToken": {"idToken": "CARD", "type": "ISO14443"},
        "remoteStartId": v2.request_id,
        "evseId": 2,
        "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        "chargingProfile": PROFILE,
    }
    assert v2.sent == [("RequestStartTransaction", sent)]


async def test_a_session_that_a_remote_start_caused_is_its_effect(v2: Desk) -> None:
    command = RemoteStart(id_token="CARD")
    record = v2.open_command(command)
    v2.answer("RequestStartTransaction", ACCEPTED)
    await v2.perform(command)
    info = {"transactionId": "tx-1", "remoteStartId": v2.request_id}
    begin = {"eventType": "Started", "timestamp": at(0), "triggerReason": "RemoteStart", "seqNo": 0}
    await v2.receive("TransactionEvent", {**begin, "transactionInfo": info, "evse": {"id": 1}})
    assert record.effect == "session tx-1 began on EVSE 1"


async def test_a_profile_that_is_none_is_not_sent(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid, match=r"charging_profile: chargingSchedule"):
        await v2.perform(RemoteStart(id_token="CARD", charging_profile={**PROFILE, "chargingSchedule": []}))
    assert v2.sent == []


async def test_a_token_type_is_what_the_version_allows(v2: Desk) -> None:
    v2.answer("RequestStartTransaction", ACCEPTED)
    command = RemoteStart(id_token="CARD", id_token_type="DirectPayment")
    if v2.version is OcppVersion.V21:
        assert (await v2.perform(command)).accepted
    else:
        with pytest.raises(PayloadInvalid):
            await v2.perform(command)


async def test_remote_stop_finds_the_transaction_by_its_wire_id_and_by_our_id(v2: Desk) -> None:
    await started(v2)
    v2.answer("RequestStopTransaction", ACCEPTED)
    for name in ("tx-1", str((await v2.transaction()).id)):
        assert (await v2.perform(RemoteStop(transaction_id=name))).accepted
    assert v2.sent == [("RequestStopTransaction", {"transactionId": "tx-1"})] * 2
    with pytest.raises(NotFound):
        await v2.perform(RemoteStop(transaction_id="tx-2"))


@pytest.mark.parametrize(
    ("kind", "sent"), [("soft", "OnIdle"), ("on_idle", "OnIdle"), ("hard", "Immediate"), ("immediate", "Immediate")]
)
@pytest.mark.parametrize("evse_id", [None, 2])
async def test_reset_of_the_station_or_one_evse(v2: Desk, kind: str, sent: str, evse_id: int | None) -> None:
    v2.answer("Reset", {"status": "Scheduled"})
    found = await v2.perform(Reset(type=kind, evse_id=evse_id))  # type: ignore[arg-type]
    assert (found.accepted, found.status) == (True, "Scheduled")
    assert v2.sent == [("Reset", {"type": sent} if evse_id is None else {"type": sent, "evseId": 2})]


@pytest.mark.parametrize(
    ("status", "accepted"), [("Unlocked", True), ("UnlockFailed", False), ("OngoingAuthorizedTransaction", False)]
)
async def test_unlock_says_what_became_of_the_lock(v2: Desk, status: str, accepted: bool) -> None:
    v2.answer("UnlockConnector", {"status": status, "statusInfo": {"reasonCode": "X"}})
    found = await v2.perform(Unlock(evse_id=2, connector_id=3))
    assert (found.accepted, found.status) == (accepted, status)
    assert found.answer["statusInfo"] == {"reasonCode": "X"}
    assert v2.sent == [("UnlockConnector", {"evseId": 2, "connectorId": 3})]


@pytest.mark.parametrize(
    ("command", "evse", "intent"),
    [
        (ChangeAvailability(operational=False), None, {0: False}),
        (ChangeAvailability(operational=True, evse_id=2), {"id": 2}, {2: True}),
        (ChangeAvailability(operational=False, evse_id=2, connector_id=1), {"id": 2, "connectorId": 1}, {2: None}),
    ],
)
async def test_a_change_of_availability_records_the_intent(
    v2: Desk, command: ChangeAvailability, evse: Payload | None, intent: dict[int, bool]
) -> None:
    v2.answer("ChangeAvailability", {"status": "Scheduled"})
    assert (await v2.perform(command)).status == "Scheduled"
    sent: Payload = {"operationalStatus": "Operative" if command.operational else "Inoperative"}
    assert v2.sent == [("ChangeAvailability", {**sent, "evse": evse} if evse else sent)]
    await v2.restart()
    assert {number: item.operational for number, item in v2.state.evses.items()} == intent


async def test_trap_12_where_the_station_as_a_whole_is_refused_each_evse_is_tried(v2: Desk) -> None:
    await boots(v2, (1, 1), (2, 1), (2, 2))
    v2.answer("ChangeAvailability", REJECTED, ACCEPTED)
    found = await v2.perform(ChangeAvailability(operational=False))
    assert [payload.get("evse") for _, payload in v2.sent] == [None, {"id": 1}, {"id": 2}]
    assert (found.accepted, found.status) == (True, "Accepted")


async def test_a_connector_without_its_evse_is_not_sent(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid):
        await v2.perform(ChangeAvailability(operational=False, connector_id=1))


async def test_clear_cache(v2: Desk) -> None:
    v2.answer("ClearCache", REJECTED)
    assert not (await v2.perform(ClearCache())).accepted


@pytest.mark.parametrize("data", ["text", {"a": [1, None]}, 6.5])
async def test_data_goes_as_it_is(v2: Desk, data: object) -> None:
    v2.answer("DataTransfer", {"status": "Accepted", "data": {"b": 2}})
    found = await v2.perform(DataTransfer(vendor_id="acme", data=data))
    assert found.answer == {"status": "Accepted", "data": {"b": 2}}
    assert v2.sent == [("DataTransfer", {"vendorId": "acme", "data": data})]


async def test_triggers_name_an_evse(v2: Desk) -> None:
    v2.answer("TriggerMessage", ACCEPTED)
    assert (await v2.perform(Trigger(message="MeterValues", evse_id=2))).accepted
    assert (await v2.perform(Trigger(message="SignChargePointCertificate"))).accepted
    assert v2.sent == [
        ("TriggerMessage", {"requestedMessage": "MeterValues", "evse": {"id": 2}}),
        ("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"}),
    ]


async def test_status_is_asked_for_connector_by_connector(v2: Desk) -> None:
    await boots(v2, (1, 1), (2, 1), (2, 2), (0, 0))
    v2.answer("TriggerMessage", ACCEPTED, REJECTED)
    assert (await v2.perform(Trigger(message="StatusNotification"))).accepted
    await v2.perform(Trigger(message="StatusNotification", evse_id=1))
    await v2.perform(Trigger(message="StatusNotification", evse_id=5))
    await v2.perform(Trigger(message="StatusNotification", evse_id=2, connector_id=9))
    places = [(payload["evse"]["id"], payload["evse"]["connectorId"]) for _, payload in v2.sent]
    assert places == [(1, 1), (2, 1), (2, 2), (1, 1), (5, 1), (2, 9)]


@pytest.mark.parametrize("message", ["DiagnosticsStatusNotification", "Nonsense"])
async def test_triggers_that_2_x_does_not_have_are_not_sent(v2: Desk, message: str) -> None:
    with pytest.raises(NotSupportedByVersion):
        await v2.perform(Trigger(message=message))


async def test_custom_triggers_begin_with_2_1(v2: Desk) -> None:
    v2.answer("TriggerMessage", ACCEPTED)
    command = Trigger(message="CustomTrigger", custom="Acme.Dump")
    if v2.version is OcppVersion.V21:
        assert (await v2.perform(command)).accepted
        assert v2.sent == [("TriggerMessage", {"requestedMessage": "CustomTrigger", "customTrigger": "Acme.Dump"})]
    else:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(command)


async def test_a_pending_station_may_send_what_it_was_asked_for(v2: Desk) -> None:
    v2.state.station.registration = "pending"
    v2.answer("TriggerMessage", ACCEPTED)
    await v2.perform(Trigger(message="SignChargingStationCertificate"))
    v2.answer("TriggerMessage", {"status": "NotImplemented"})
    await v2.perform(Trigger(message="Heartbeat"))
    assert v2.state.triggered == {"SignCertificate"}


def read(asked: Payload) -> Payload:
    results = []
    for item in asked["getVariableData"]:
        status = "UnknownVariable" if item["variable"]["name"].startswith("X") else "Accepted"
        value = {"attributeValue": "5"} if status == "Accepted" else {}
        results.append({**item, "attributeStatus": status, **value})
    return {"getVariableResult": results}


def name(variable: str, **more: Any) -> VariableName:
    return VariableName(component="OCPPCommCtrlr", variable=variable, **more)


async def test_variables_are_read_and_recorded(v2: Desk) -> None:
    v2.answer("GetVariables", read)
    found = await v2.perform(
        GetVariables(variables=[name("A", evse_id=1, connector_id=2, attribute="Target"), name("X")])
    )
    component = {"name": "OCPPCommCtrlr", "evse": {"id": 1, "connectorId": 2}}
    first = {"component": component, "variable": {"name": "A"}, "attributeType": "Target"}
    second = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "X"}}
    assert v2.sent == [("GetVariables", {"getVariableData": [first, second]})]
    assert (found.accepted, found.status) == (True, "Mixed")
    assert found.answer["unknown"] == ["OCPPCommCtrlr.X"]
    (result,) = found.answer["results"]
    assert result == {
        "component": "OCPPCommCtrlr",
        "evse_id": 1,
        "connector_id": 2,
        "variable": "A",
        "attribute": "Target",
        "status": "Accepted",
        "value": "5",
    }
    (kept,) = (await v2.variables()).values()
    assert (kept.attribute, kept.actual_value, kept.evse_no, kept.connector_no) == ("Target", "5", 1, 2)


async def test_what_is_asked_is_split_by_the_smallest_limit_the_station_reports(v2: Desk) -> None:
    def limit(instance: str, value: str) -> Payload:
        return {
            "component": {"name": "DeviceDataCtrlr"},
            "variable": {"name": "ItemsPerMessage", "instance": instance},
            "variableAttribute": [{"value": value}],
        }

    data = [limit("GetReport", "1"), limit("GetVariables", "3"), limit("SetVariables", "2")]
    await v2.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": data})
    stored = await v2.store.records.station(1, "CS-1")
    assert stored is not None
    assert stored.items_per_message == 2

    v2.answer("GetVariables", read)
    found = await v2.perform(GetVariables(variables=[name(f"V{n}") for n in range(5)]))
    assert [len(payload["getVariableData"]) for _, payload in v2.sent] == [2, 2, 1]
    assert len(found.answer["results"]) == 5


async def test_what_is_asked_is_split_by_bytes(v2: Desk) -> None:
    v2.state.station.bytes_per_message = 400
    v2.answer("GetVariables", read)
    await v2.perform(GetVariables(variables=[name("V" * 50) for _ in range(6)]))
    sizes = [len(payload["getVariableData"]) for _, payload in v2.sent]
    assert sum(sizes) == 6
    assert sizes == [2, 2, 2]


async def test_a_variable_needs_its_component(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="component"):
        await v2.perform(GetVariables(variables=[VariableName(variable="HeartbeatInterval")]))
    with pytest.raises(PayloadInvalid):
        await v2.perform(GetVariables())


def value(variable: str, wanted: str, **more: Any) -> VariableValue:
    return VariableValue(component="OCPPCommCtrlr", variable=variable, value=wanted, **more)


def written(*statuses: str) -> Any:
    waiting = list(statuses)

    def answer(asked: Payload) -> Payload:
        results = []
        for item in asked["setVariableData"]:
            rest = {key: found for key, found in item.items() if key != "attributeValue"}
            results.append({**rest, "attributeStatus": waiting.pop(0)})
        return {"setVariableResult": results[::-1]}

    return answer


async def test_variables_are_written_and_each_answer_is_recorded(v2: Desk) -> None:
    statuses = ["Accepted", "RebootRequired", "Rejected", "UnknownVariable"]
    v2.answer("SetVariables", written(*statuses))
    found = await v2.perform(SetVariables(variables=[value(key, f"={key}") for key in "ABCD"]))
    assert len(v2.sent) == 1
    assert (found.accepted, found.status) == (False, "Mixed")
    assert {item["variable"]: item["status"] for item in found.answer["results"]} == dict(
        zip("ABCD", statuses, strict=True)
    )
    kept = await v2.variables()
    assert [
        (kept[f"OCPPCommCtrlr.{key}"].desired_value, kept[f"OCPPCommCtrlr.{key}"].apply_state) for key in "ABCD"
    ] == [
        ("=A", "applied"),
        ("=B", "reboot_required"),
        ("=C", "rejected"),
        ("=D", "unknown_to_station"),
    ]


async def test_a_variable_is_never_twice_in_one_request(v2: Desk) -> None:
    v2.answer("SetVariables", written(*["Accepted"] * 4))
    wanted = [value("A", "1"), value("B", "1"), value("a", "2"), value("A", "3", attribute="Target")]
    assert (await v2.perform(SetVariables(variables=wanted))).accepted
    assert [len(payload["setVariableData"]) for _, payload in v2.sent] == [2, 2]


async def test_what_was_written_before_a_refusal_is_recorded(v2: Desk) -> None:
    v2.state.station.items_per_message = 1
    v2.answer("SetVariables", written("Accepted"), CallRefused("no", "InternalError"))
    with pytest.raises(CallRefused):
        await v2.perform(SetVariables(variables=[value("A", "1"), value("B", "1")]))
    assert list(await v2.variables()) == ["OCPPCommCtrlr.A"]


async def test_the_basic_auth_password_is_never_recorded(v2: Desk) -> None:
    v2.answer("SetVariables", written("Accepted"))
    secret = VariableValue(component="SecurityCtrlr", variable="BasicAuthPassword", value="hunter2-hunter2-")
    assert (await v2.perform(SetVariables(variables=[secret]))).accepted
    (kept,) = (await v2.variables()).values()
    assert (kept.desired_value, kept.actual_value) == (None, None)


@pytest.mark.parametrize(("status", "accepted"), [("Accepted", True), ("Rejected", False), ("RebootRequired", False)])
async def test_a_password_is_valid_only_once_it_was_accepted(v2: Desk, status: str, accepted: bool) -> None:
    v2.answer("SetVariables", written(status))
    found = await set_password(v2, "hunter2-hunter2-")
    assert (found.accepted, found.status, found.answer) == (accepted, status, {"status": status})
    wanted = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": "hunter2-hunter2-",
    }
    assert v2.sent == [("SetVariables", {"setVariableData": [wanted]})]
    assert all(item.actual_value is item.desired_value is None for item in (await v2.variables()).values())


async def test_what_was_reported_of_a_variable_stays_when_it_is_read_or_written(v2: Desk) -> None:
    characteristics = {"dataType": "integer", "supportsMonitoring": True, "unit": "s"}
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "A"},
        "variableAttribute": [{"value": "1", "mutability": "ReadWrite", "persistent": True}],
        "variableCharacteristics": characteristics,
    }
    await v2.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": [data]})
    v2.answer("SetVariables", written("Rejected"))
    await v2.perform(SetVariables(variables=[value("A", "9")]))
    v2.answer("GetVariables", read)
    await v2.perform(GetVariables(variables=[name("A")]))
    (kept,) = (await v2.variables()).values()
    assert (kept.actual_value, kept.desired_value, kept.unit, kept.persistent) == ("5", "9", "s", True)
