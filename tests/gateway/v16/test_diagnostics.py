"""Logs and security events of 1.6 stations, at a node's desk."""

import pytest

from support.desk import Desk, at
from voltherd.domain.diagnostics import GetLog, Log
from voltherd.domain.errors import Invalid, NotSupportedByVersion
from voltherd.domain.station_event import StationEvent
from voltherd.gateway import v16 as package
from voltherd.ocpp.v16 import GetDiagnosticsRequest, GetDiagnosticsResponse

THERE = "ftp://logs.example/up"


async def logs(desk: Desk) -> list[Log]:
    return list((await desk.held(Log)).values())


async def test_diagnostics_are_asked_for_with_get_diagnostics_and_followed_without_a_number(v16: Desk) -> None:
    v16.answer("GetDiagnostics", {"fileName": "d.zip"})
    command = GetLog(location=THERE, retries=2, retry_interval_s=30, oldest_at=at(-60), latest_at=at(0))
    record = v16.open_command(command)
    done = await v16.perform(command)
    assert (done.accepted, done.status, done.answer) == (True, "Accepted", {"fileName": "d.zip"})
    sent = {"location": THERE, "retries": 2, "retryInterval": 30, "startTime": at(-60), "stopTime": at(0)}
    assert v16.sent == [("GetDiagnostics", sent)]
    await v16.receive("DiagnosticsStatusNotification", {"status": "Uploading"})
    assert record.state == "sent"
    await v16.receive("DiagnosticsStatusNotification", {"status": "Uploaded"})
    assert (record.state, record.effect) == ("effect_seen", "the log was uploaded")
    [log] = await logs(v16)
    assert (log.state, log.type, log.number, log.location, log.file_name) == (
        "uploaded", "diagnostics", None, THERE, "d.zip",
    )  # fmt: skip
    assert [item.status for item in log.history] == ["Uploading", "Uploaded"]
    assert log.ended_at_ms == v16.now_ms


async def test_a_failed_upload_fails_the_command(v16: Desk) -> None:
    v16.answer("GetDiagnostics", {"fileName": "d.zip"})
    record = v16.open_command(GetLog(location=THERE))
    await v16.perform(GetLog(location=THERE))
    await v16.receive("DiagnosticsStatusNotification", {"status": "UploadFailed"})
    assert record.state == "failed"
    assert [log.state for log in await logs(v16)] == ["failed"]


async def test_a_station_without_diagnostics_names_no_file(v16: Desk) -> None:
    v16.answer("GetDiagnostics", {})
    done = await v16.perform(GetLog(location=THERE))
    assert (done.accepted, done.status) == (False, "Rejected")
    assert [log.state for log in await logs(v16)] == ["rejected"]


async def test_the_security_log_is_asked_for_with_get_log_and_followed_by_its_number(v16: Desk) -> None:
    v16.answer("GetLog", {"status": "Accepted", "filename": "s.log"})
    record = v16.open_command(GetLog(type="security", location=THERE))
    assert (await v16.perform(GetLog(type="security", location=THERE))).accepted
    request = {"logType": "SecurityLog", "requestId": v16.request_id, "log": {"remoteLocation": THERE}}
    assert v16.sent == [("GetLog", request)]
    for status in ("Uploading", "Uploaded"):
        await v16.receive("LogStatusNotification", {"status": status, "requestId": v16.request_id})
    assert record.state == "effect_seen"
    [log] = await logs(v16)
    assert (log.state, log.type, log.number, log.file_name) == ("uploaded", "security", v16.request_id, "s.log")


async def test_n01_fr_12_a_newer_request_cancels_the_upload_under_way(v16: Desk) -> None:
    await v16.receive("LogStatusNotification", {"status": "Uploading", "requestId": 7})
    v16.answer("GetLog", {"status": "AcceptedCanceled"})
    assert (await v16.perform(GetLog(type="security", location=THERE))).accepted
    assert [(log.number, log.state) for log in await logs(v16)] == [(7, "cancelled"), (v16.request_id, "accepted")]


async def test_a_status_that_nobody_asked_for_is_kept_and_completed_by_the_answer_that_comes_late(v16: Desk) -> None:
    await v16.receive("DiagnosticsStatusNotification", {"status": "Uploading"})
    assert [(log.state, log.type) for log in await logs(v16)] == [("uploading", "")]
    await v16.restart()
    await v16.learn(GetDiagnosticsRequest(location=THERE), GetDiagnosticsResponse(file_name="d.zip"))
    [log] = await logs(v16)
    assert (log.state, log.type, log.file_name) == ("uploading", "diagnostics", "d.zip")


@pytest.mark.parametrize("action", ["DiagnosticsStatusNotification", "LogStatusNotification"])
async def test_idle_without_an_upload_makes_no_log(v16: Desk, action: str) -> None:
    assert await v16.receive(action, {"status": "Idle"}) == {}
    assert await logs(v16) == []


async def test_a_log_without_location_needs_to_know_where_this_server_is(v16: Desk) -> None:
    with pytest.raises(Invalid, match="upload_base_url"):
        await v16.perform(GetLog())
    assert v16.sent == []


async def test_there_is_no_log_of_a_data_collector(v16: Desk) -> None:
    with pytest.raises(NotSupportedByVersion):
        await v16.perform(GetLog(type="data_collector", location=THERE))


@pytest.mark.parametrize(
    ("kind", "critical"), [("FirmwareUpdated", True), ("InvalidTLSVersion", False), ("VendorEvent", None)]
)
async def test_a04_security_events_are_kept_with_their_criticality_in_1_6(
    v16: Desk, kind: str, critical: bool | None
) -> None:
    said = {"type": kind, "timestamp": at(-5), "techInfo": "by hand"}
    assert await v16.receive("SecurityEventNotification", said) == {}
    await v16.receive("SecurityEventNotification", said)
    [event] = (await v16.store.records.station_events(1, station_id=v16.state.station.id)).items
    assert isinstance(event, StationEvent)
    assert (event.source, event.type, event.critical, event.tech_info) == ("security", kind, critical, "by hand")
    assert event.at_ms == v16.now_ms - 5000


def test_what_is_in_records_is_not_kept_as_frames_besides() -> None:
    assert "SecurityEventNotification" not in package.KEPT_NOTIFICATIONS
