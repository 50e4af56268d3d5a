from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.commands import GetReport
from voltherd.domain.metering import MeterSample
from voltherd.gateway import v2 as package
from voltherd.ocpp.version import OcppVersion, messages


async def test_a_boot_is_answered_with_time_and_interval(v2: Desk) -> None:
    modem = {"iccid": "89", "imsi": "262"}
    station = {"vendorName": "Acme", "model": "Two", "serialNumber": "S1", "firmwareVersion": "2.0", "modem": modem}
    answer = await v2.receive("BootNotification", {"reason": "PowerUp", "chargingStation": station})
    assert answer == {"status": "Accepted", "currentTime": at(0), "interval": 300}
    found = await v2.store.records.station(1, "CS-1")
    assert found is not None
    assert (found.vendor, found.model, found.serial_number, found.firmware_version) == ("Acme", "Two", "S1", "2.0")
    assert (found.iccid, found.imsi, found.boot_reason) == ("89", "262", "PowerUp")


@pytest.mark.parametrize(("registration", "status"), [("pending", "Pending"), ("rejected", "Rejected")])
async def test_a_station_that_is_not_accepted_is_told_when_to_boot_again(
    v2: Desk, registration: str, status: str
) -> None:
    v2.state.station.registration = registration  # type: ignore[assignment]
    boot = {"reason": "Unknown", "chargingStation": {"vendorName": "Acme", "model": "Two"}}
    answer = await v2.receive("BootNotification", boot)
    assert (answer["status"], answer["interval"]) == (status, 68)


async def test_trap_27_an_unknown_reason_of_a_boot_is_kept_as_text(v2: Desk) -> None:
    boot = {"reason": "Lightning", "chargingStation": {"vendorName": "Acme", "model": "Two"}}
    assert (await v2.receive("BootNotification", boot))["status"] == "Accepted"
    assert v2.state.station.boot_reason == "Lightning"


async def test_a_heartbeat_records_nothing(v2: Desk) -> None:
    assert await v2.receive("Heartbeat", {}) == {"currentTime": at(0)}
    assert v2.work.records == []


def status(evse_id: int, connector_id: int, word: str = "Occupied") -> Payload:
    return {"timestamp": at(-5), "connectorStatus": word, "evseId": evse_id, "connectorId": connector_id}


async def test_a_status_is_recorded_at_the_stations_time(v2: Desk) -> None:
    assert await v2.receive("StatusNotification", status(2, 1)) == {}
    found = (await v2.connectors())[2, 1]
    assert (found.status, found.changed_at_ms) == ("Occupied", v2.now_ms - 5000)


async def test_trap_28_status_of_evse_0_and_connector_0_makes_no_phantoms(v2: Desk) -> None:
    await v2.receive("StatusNotification", status(0, 1))
    await v2.receive("StatusNotification", status(1, 0))
    await v2.receive("StatusNotification", status(0, 0))
    assert sorted(await v2.connectors()) == [(0, 0), (1, 0)]
    await v2.restart()
    assert v2.state.evses == {}


def availability(component: Payload, value: str, **changes: object) -> Payload:
    return {
        "eventId": 1,
        "timestamp": at(-5),
        "trigger": "Delta",
        "actualValue": value,
        "component": component,
        "eventNotificationType": "HardWiredNotification",
        "variable": {"name": "AvailabilityState"},
        **changes,
    }


async def notify(desk: Desk, *events: Payload) -> None:
    payload = {"generatedAt": at(0), "seqNo": 7, "eventData": list(events), "tbc": True}
    assert await desk.receive("NotifyEvent", payload) == {}


async def test_events_of_availability_set_the_status_of_connector_evse_and_station(v2: Desk) -> None:
    connector = {"name": "Connector", "evse": {"id": 2, "connectorId": 3}}
    await notify(
        v2,
        availability(connector, "Faulted", techCode="E7", techInfo="relay"),
        availability({"name": "EVSE", "evse": {"id": 2}}, "Occupied"),
        availability({"name": "ChargingStation"}, "Available"),
    )
    found = await v2.connectors()
    assert {place: item.status for place, item in found.items()} == {
        (2, 3): "Faulted",
        (2, 0): "Occupied",
        (0, 0): "Available",
    }
    assert (found[2, 3].vendor_error_code, found[2, 3].info) == ("E7", "relay")


@pytest.mark.parametrize(
    "event",
    [
        availability({"name": "Connector"}, "Faulted"),
        availability({"name": "TokenReader"}, "Faulted"),
        availability({"name": "Connector", "evse": {"id": 1, "connectorId": 1}}, ""),
        availability({"name": "Connector", "evse": {"id": 1}}, "true", variable={"name": "Problem"}),
    ],
)
async def test_other_events_set_no_status(v2: Desk, event: Payload) -> None:
    await notify(v2, event)
    assert await v2.connectors() == {}


@pytest.mark.parametrize(
    ("charging", "flags"),
    [({}, ("available-while-active",)), ({"chargingState": "Idle"}, ())],
    ids=["charging", "idle"],
)
async def test_trap_24_available_while_charging_keeps_the_transaction_and_flags_it(
    v2: Desk, charging: Payload, flags: tuple[str, ...]
) -> None:
    """A vehicle that has left (Idle, E10) leaves its connector Available while the session may still run."""
    begin = {
        "eventType": "Started",
        "timestamp": at(0),
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t", **charging},
        "evse": {"id": 1, "connectorId": 1},
    }
    await v2.receive("TransactionEvent", begin)
    await notify(v2, availability({"name": "Connector", "evse": {"id": 1, "connectorId": 1}}, "Available"))
    found = await v2.transaction()
    assert (found.active, found.flags) == (True, flags)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (None, "Unknown"),
        ("accepted", "Accepted"),
        ("blocked", "Blocked"),
        ("expired", "Expired"),
        ("invalid", "Invalid"),
    ],
)
async def test_verdicts_are_told(v2: Desk, status: str | None, told: str) -> None:
    if status:
        await v2.token("Card", status=status)
    answer = await v2.receive("Authorize", {"idToken": {"idToken": "CARD", "type": "ISO14443"}})
    assert answer == {"idTokenInfo": {"status": told}}


async def test_the_group_of_a_token_is_told_unless_it_does_not_fit(v2: Desk) -> None:
    await v2.token("A", group_id="FLEET")
    await v2.token("B", group_id="G" * 40)
    asked = [{"idToken": {"idToken": name, "type": "ISO14443"}} for name in "AB"]
    first, second = [(await v2.receive("Authorize", payload))["idTokenInfo"] for payload in asked]
    assert first["groupIdToken"] == {"idToken": "FLEET", "type": "Central"}
    assert ("groupIdToken" in second) == (v2.version is OcppVersion.V21)


async def test_trap_30_readings_outside_of_transactions_are_the_evses_or_the_stations(v2: Desk) -> None:
    for evse_id in (0, 1):
        reading = {"timestamp": at(0), "sampledValue": [{"value": 6.0}]}
        assert await v2.receive("MeterValues", {"evseId": evse_id, "meterValue": [reading]}) == {}
        (sample,) = v2.recorded(MeterSample)
        assert (sample.evse_no, sample.connector_no, sample.transaction) == (evse_id, 0, None)
        assert (sample.measurand, sample.unit) == ("Energy.Active.Import.Register", "Wh")


def report(seq_no: int, *data: Payload, more: bool, request_id: int = 1) -> Payload:
    found: dict[str, Any] = {"requestId": request_id, "generatedAt": at(0), "seqNo": seq_no, "tbc": more}
    return {**found, "reportData": list(data)} if data else found


def variable(name: str, value: str, *, component: Payload | None = None, **more: object) -> Payload:
    return {
        "component": component or {"name": "OCPPCommCtrlr"},
        "variable": {"name": name},
        "variableAttribute": [{"value": value}],
        **more,
    }


async def test_a_report_in_parts_is_recorded_and_its_end_is_the_commands_effect(v2: Desk) -> None:
    v2.answer("GetBaseReport", {"status": "Accepted"})
    record = v2.open_command(GetReport(base="ConfigurationInventory"))
    assert (await v2.perform(GetReport(base="ConfigurationInventory"))).accepted
    sent = {"requestId": v2.request_id, "reportBase": "ConfigurationInventory"}
    assert v2.sent == [("GetBaseReport", sent)]

    characteristics = {
        "dataType": "integer", "supportsMonitoring": False, "unit": "s", "minLimit": 1, "maxLimit": 9.5,
    }  # fmt: skip
    attributes = [
        {"type": "Actual", "value": "60", "mutability": "ReadOnly", "persistent": True},
        {"type": "Target", "value": "30"},
    ]
    first = {**variable("HeartbeatInterval", ""), "variableAttribute": attributes}
    first["variableCharacteristics"] = characteristics
    assert await v2.receive("NotifyReport", report(0, first, more=True, request_id=v2.request_id)) == {}
    assert record.state == "sent"
    connector = {"name": "Connector", "evse": {"id": 1, "connectorId": 2}, "instance": "main"}
    second = variable("Available", "true", component=connector)
    await v2.receive("NotifyReport", report(1, second, more=False, request_id=v2.request_id))
    assert (record.state, record.effect) == ("effect_seen", "3 variables reported")

    kept = await v2.variables()
    actual, target = kept["OCPPCommCtrlr.HeartbeatInterval"], kept["OCPPCommCtrlr.HeartbeatInterval.Target"]
    assert (actual.actual_value, actual.mutability, actual.persistent, actual.constant) == (
        "60",
        "ReadOnly",
        True,
        False,
    )
    assert (actual.data_type, actual.unit, actual.min_limit, actual.max_limit) == ("integer", "s", 1.0, 9.5)
    assert (target.actual_value, target.mutability, target.data_type) == ("30", "ReadWrite", "integer")
    found = kept["Connector.Available"]
    assert (found.component_instance, found.evse_no, found.connector_no) == ("main", 1, 2)


async def test_a_report_without_data_ends_it_too(v2: Desk) -> None:
    record = v2.open_command(GetReport())
    await v2.receive("NotifyReport", report(0, more=False, request_id=v2.request_id))
    assert record.effect == "0 variables reported"


async def test_a_report_that_nobody_asked_for_is_taken(v2: Desk) -> None:
    await v2.receive("NotifyReport", report(9, variable("A", "1"), more=False, request_id=77))
    assert list(await v2.variables()) == ["OCPPCommCtrlr.A"]


async def test_a_reported_password_is_not_recorded(v2: Desk) -> None:
    secret = variable("BasicAuthPassword", "hunter2-hunter2-", component={"name": "SecurityCtrlr"})
    await v2.receive("NotifyReport", report(0, secret, more=False))
    assert (await v2.variables())["SecurityCtrlr.BasicAuthPassword"].actual_value is None


async def test_a_message_that_nothing_answers_gets_no_response(v2: Desk) -> None:
    if v2.version is OcppVersion.V21:
        stream = {"id": 1, "pending": 0, "basetime": at(0), "data": [{"t": 0, "v": "1"}]}
        assert await v2.receive("NotifyPeriodicEventStream", stream) == {}


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21])
def test_every_message_of_a_station_has_a_handler(version: OcppVersion) -> None:
    sent = {action for action, spec in messages(version).items() if spec.sender != "csms"}
    assert sent <= package.routes.handlers.keys()
    assert frozenset() == package.KEPT_NOTIFICATIONS
