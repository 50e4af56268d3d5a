"""Logs, events and customer information of 2.x stations, at a node's desk."""

from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.diagnostics import CertificateHash, CustomerInformation, GetCustomerInformation, GetLog, Log
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.local_list import ListEntry, SendLocalList
from voltherd.domain.station_event import StationEvent
from voltherd.ocpp.version import OcppVersion

THERE = "https://logs.example/up"


async def logs(desk: Desk) -> list[Log]:
    return list((await desk.held(Log)).values())


async def customers(desk: Desk) -> list[CustomerInformation]:
    return list((await desk.held(CustomerInformation)).values())


async def events(desk: Desk) -> list[StationEvent]:
    return (await desk.store.records.station_events(1, station_id=desk.state.station.id)).items


async def upload_status(desk: Desk, status: str, request_id: int | None) -> None:
    said = {"status": status} if request_id is None else {"status": status, "requestId": request_id}
    assert await desk.receive("LogStatusNotification", said) == {}


# -- logs -------------------------------------------------------------------------------------------------------------


async def test_n01_a_log_is_asked_for_and_its_upload_is_the_commands_effect(v2: Desk) -> None:
    v2.answer("GetLog", {"status": "Accepted", "filename": "d.zip"})
    record = v2.open_command(GetLog(location=THERE, oldest_at=at(-60)))
    assert (await v2.perform(GetLog(location=THERE, oldest_at=at(-60)))).accepted
    log = {"remoteLocation": THERE, "oldestTimestamp": at(-60)}
    assert v2.sent == [("GetLog", {"log": log, "logType": "DiagnosticsLog", "requestId": v2.request_id})]
    await upload_status(v2, "Uploading", v2.request_id)
    assert [item.state for item in await logs(v2)] == ["uploading"]
    await upload_status(v2, "Uploaded", v2.request_id)
    assert record.effect == "the log was uploaded"
    [kept] = await logs(v2)
    assert (kept.state, kept.file_name, [item.status for item in kept.history]) == (
        "uploaded", "d.zip", ["Uploading", "Uploaded"],
    )  # fmt: skip


@pytest.mark.parametrize("status", ["UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"])
async def test_n01_fr_10_an_upload_that_failed_fails_the_command(v2: Desk, status: str) -> None:
    v2.answer("GetLog", {"status": "Accepted"})
    record = v2.open_command(GetLog(location=THERE))
    await v2.perform(GetLog(location=THERE))
    await upload_status(v2, status, v2.request_id)
    assert record.state == "failed"
    assert [item.state for item in await logs(v2)] == ["failed"]


async def test_n01_fr_12_the_upload_under_way_is_cancelled_by_a_newer_request(v2: Desk) -> None:
    await upload_status(v2, "Uploading", 7)
    v2.answer("GetLog", {"status": "AcceptedCanceled"})
    assert (await v2.perform(GetLog(location=THERE))).accepted
    assert [(item.number, item.state) for item in await logs(v2)] == [(7, "cancelled"), (v2.request_id, "accepted")]
    await upload_status(v2, "AcceptedCanceled", 7)
    assert [item.state for item in await logs(v2)] == ["cancelled", "accepted"]


async def test_n01_fr_05_a_refused_log_is_recorded(v2: Desk) -> None:
    v2.answer("GetLog", {"status": "Rejected"})
    assert not (await v2.perform(GetLog(type="security", location=THERE))).accepted
    [log] = await logs(v2)
    assert (log.state, log.type, log.ended_at_ms) == ("rejected", "security", v2.now_ms)


async def test_a_status_that_came_before_the_answer_was_looked_at_counts(v2: Desk) -> None:
    await upload_status(v2, "Uploaded", v2.request_id)
    v2.answer("GetLog", {"status": "Accepted", "filename": "d.zip"})
    await v2.perform(GetLog(location=THERE))
    [log] = await logs(v2)
    assert (log.state, log.type, log.file_name) == ("uploaded", "diagnostics", "d.zip")


async def test_n01_fr_13_idle_without_a_number_is_no_log(v2: Desk) -> None:
    await upload_status(v2, "Idle", None)
    assert await logs(v2) == []


async def test_the_log_of_a_data_collector_came_with_2_1(v2: Desk) -> None:
    v2.answer("GetLog", {"status": "Accepted"})
    command = GetLog(type="data_collector", location=THERE)
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(command)
    else:
        await v2.perform(command)
        assert v2.sent[0][1]["logType"] == "DataCollectorLog"


# -- events -----------------------------------------------------------------------------------------------------------


def event(event_id: int, **more: Any) -> Payload:
    return {
        "eventId": event_id,
        "timestamp": at(-10),
        "trigger": "Alerting",
        "actualValue": "81",
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Temperature"},
        "eventNotificationType": "CustomMonitor",
        **more,
    }


async def notify(desk: Desk, *data: Payload) -> None:
    assert await desk.receive("NotifyEvent", {"generatedAt": at(0), "seqNo": 0, "eventData": list(data)}) == {}


async def test_n07_every_event_is_kept_with_all_it_says(v2: Desk) -> None:
    full = event(
        2,
        cause=1,
        cleared=False,
        techCode="T1",
        techInfo="hot",
        transactionId="tx",
        component={"name": "Connector", "instance": "a", "evse": {"id": 1, "connectorId": 2}},
        variable={"name": "Temperature", "instance": "b"},
    )
    await notify(v2, event(1), full)
    second, first = sorted(await events(v2), key=lambda item: -item.event_id)
    assert (first.event_id, first.cause, first.evse_no, first.connector_no) == (1, None, 1, -1)
    assert (second.cause, second.cleared, second.tech_code, second.tech_info) == (1, False, "T1", "hot")
    assert (second.transaction_id, second.component_instance, second.variable_instance) == ("tx", "a", "b")
    assert (second.evse_no, second.connector_no, second.actual_value) == (1, 2, "81")
    assert (second.at_ms, second.received_ms) == (v2.now_ms - 10_000, v2.now_ms)


async def test_a_repeated_event_is_kept_once(v2: Desk) -> None:
    await notify(v2, event(1), event(2))
    await notify(v2, event(1), event(2))
    assert len(await events(v2)) == 2


async def test_an_event_without_severity_has_that_of_its_monitor(v2: Desk) -> None:
    monitor: Payload = {"id": 7, "transaction": False, "value": 80, "type": "UpperThreshold", "severity": 3}
    if v2.version is OcppVersion.V21:
        monitor["eventNotificationType"] = "PreconfiguredMonitor"
    reported = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Temperature"}}
    told = [{**reported, "variableMonitoring": [monitor]}]
    await v2.receive("NotifyMonitoringReport", {"requestId": 1, "seqNo": 0, "generatedAt": at(0), "monitor": told})
    await v2.restart()
    await notify(v2, event(1, variableMonitoringId=7), event(2, variableMonitoringId=8))
    assert {item.event_id: (item.severity, item.monitor_id) for item in await events(v2)} == {1: (3, 7), 2: (None, 8)}


async def test_n07_fr_20_the_severity_of_an_event_of_2_1_is_its_own(v2: Desk) -> None:
    if v2.version is OcppVersion.V21:
        await notify(v2, event(1, severity=2))
        assert [item.severity for item in await events(v2)] == [2]


async def test_trap_29_an_event_of_an_implausible_clock_counts_from_its_receipt(v2: Desk) -> None:
    await notify(v2, event(1, timestamp="1970-01-01T00:00:00Z", variableMonitoringId=7))
    assert [item.at_ms for item in await events(v2)] == [v2.now_ms]
    assert v2.state.station.flags == ("implausible-clock",)


async def test_a04_security_events_are_kept_with_their_criticality(v2: Desk) -> None:
    for kind in ("InvalidTLSVersion", "InvalidMessages", "Homemade"):
        await v2.receive("SecurityEventNotification", {"type": kind, "timestamp": at(0)})
    found = {item.type: (item.source, item.critical) for item in await events(v2)}
    assert found == {
        "InvalidTLSVersion": ("security", True),
        "InvalidMessages": ("security", False),
        "Homemade": ("security", None),
    }


# -- customer information ---------------------------------------------------------------------------------------------


def part(seq_no: int, data: str, *, more: bool = False, request_id: int = 5) -> Payload:
    return {"data": data, "seqNo": seq_no, "generatedAt": at(0), "requestId": request_id, "tbc": more}


async def tell(desk: Desk, *parts: Payload) -> None:
    for payload in parts:
        assert await desk.receive("NotifyCustomerInformation", payload) == {}


async def test_n09_a_report_is_put_together_and_its_end_is_the_commands_effect(v2: Desk) -> None:
    v2.answer("CustomerInformation", {"status": "Accepted"})
    command = GetCustomerInformation(id_token="AA", id_token_type="ISO14443")
    record = v2.open_command(command)
    assert (await v2.perform(command)).accepted
    asked = {"requestId": v2.request_id, "report": True, "clear": False}
    assert v2.sent == [("CustomerInformation", {**asked, "idToken": {"idToken": "AA", "type": "ISO14443"}})]
    await tell(v2, part(0, "one ", more=True, request_id=v2.request_id))
    assert [(item.state, item.text) for item in await customers(v2)] == [("receiving", "one ")]
    assert record.state == "sent"
    await tell(v2, part(1, "two", request_id=v2.request_id))
    assert record.effect == "all parts were reported"
    [found] = await customers(v2)
    assert (found.state, found.text, found.customer, found.report) == ("complete", "one two", "id_token AA", True)


async def test_n09_fr_05_parts_may_come_in_any_order_and_twice_and_after_a_restart(v2: Desk) -> None:
    await tell(v2, part(2, "c"), part(1, "b", more=True), part(1, "b", more=True))
    assert [(item.state, item.text) for item in await customers(v2)] == [("unknown", "")]
    await v2.restart()
    await tell(v2, part(0, "a", more=True))
    [found] = await customers(v2)
    assert (found.state, found.text, found.waiting) == ("complete", "abc", {})
    await tell(v2, part(0, "a", more=True))
    assert (await customers(v2))[0].text == "abc"


async def test_no_more_of_a_report_is_kept_than_bounded(v2: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voltherd.services.customer_information.MAX_CUSTOMER_CHARACTERS", 5)
    await tell(v2, part(0, "abcd", more=True), part(1, "efgh"))
    [found] = await customers(v2)
    assert (found.text, found.truncated, found.state) == ("abcde", True, "complete")


@pytest.mark.parametrize(("status", "state"), [("Rejected", "rejected"), ("Invalid", "invalid")])
async def test_n09_fr_03_a_refusal_is_recorded(v2: Desk, status: str, state: str) -> None:
    v2.answer("CustomerInformation", {"status": status})
    done = await v2.perform(GetCustomerInformation(customer_identifier="Jane", clear=True))
    assert (done.accepted, done.status) == (False, status)
    assert [item.state for item in await customers(v2)] == [state]


async def test_n10_a_certificate_names_the_customer(v2: Desk) -> None:
    v2.answer("CustomerInformation", {"status": "Accepted"})
    certificate = CertificateHash(hash_algorithm="SHA256", issuer_name_hash="n", issuer_key_hash="k", serial_number="1")
    await v2.perform(GetCustomerInformation(report=False, clear=True, certificate=certificate))
    assert v2.sent[0][1]["customerCertificate"] == {
        "hashAlgorithm": "SHA256", "issuerNameHash": "n", "issuerKeyHash": "k", "serialNumber": "1",
    }  # fmt: skip


async def test_n10_fr_02_a_token_that_was_cleared_is_taken_off_the_local_list(v2: Desk) -> None:
    v2.answer("SendLocalList", {"status": "Accepted"})
    listed = [ListEntry(id_token="aa", id_token_type="ISO14443"), ListEntry(id_token="BB")]
    await v2.perform(SendLocalList(entries=listed))
    v2.answer("CustomerInformation", {"status": "Accepted"})
    await v2.perform(GetCustomerInformation(id_token="AA", clear=True))
    await tell(v2, part(0, "cleared", request_id=v2.request_id))
    [wanted] = v2.work.follow_ups or []
    assert isinstance(wanted.command, SendLocalList)
    assert wanted.command.update == "differential"
    gone = ListEntry(id_token="aa", id_token_type="ISO14443", remove=True)
    assert wanted.command.entries == [gone]


async def test_n10_a_token_that_is_on_no_list_changes_none(v2: Desk) -> None:
    v2.answer("CustomerInformation", {"status": "Accepted"})
    await v2.perform(GetCustomerInformation(id_token="AA", clear=True))
    await tell(v2, part(0, "cleared", request_id=v2.request_id))
    assert not v2.work.follow_ups


@pytest.mark.parametrize(
    "command",
    [
        GetCustomerInformation(),
        GetCustomerInformation(id_token="A", customer_identifier="B"),
        GetCustomerInformation(id_token="A", report=False),
    ],
)
async def test_n09_fr_04_exactly_one_customer_is_named_and_something_asked(
    v2: Desk, command: GetCustomerInformation
) -> None:
    with pytest.raises(PayloadInvalid):
        await v2.perform(command)
    assert v2.sent == []
