"""Logs and their upload, over a core with frames, and once over real sockets."""

import asyncio

import pytest

from support.file_server import ftp_files, http_files
from support.station_line import V16, V21, V201, Line
from voltherd.station.jobs import TransferFailed, Uploaded
from voltherd.station.transfer import perform


def get_log(line, *, request_id=7, url="http://h/logs/", kind="SecurityLog", **more):
    log = {"remoteLocation": url, **more.pop("log", {})}
    return line.ask("GetLog", {"log": log, "logType": kind, "requestId": request_id, **more})


def finish(line, outcome):
    job = line.jobs.pop(0)
    line.core.done(job, outcome, line.now)
    line.pump()
    return job


def statuses(line, action="LogStatusNotification"):
    return [(p["status"], p.get("requestId")) for p in line.of(action)]


@pytest.fixture(params=[V16, V201, V21])
def line(request):
    line = Line(request.param, password="a-long-password-1")
    line.connect(0.0)
    return line


def test_n01_fr_01_02_07_08_09_a_log_is_uploaded_and_every_status_carries_the_request_id(line):
    answer = get_log(line)
    assert answer["status"] == "Accepted"
    assert statuses(line) == [("Uploading", 7)]
    job = finish(line, Uploaded("http://h/logs/x"))
    assert (job.url, job.name) == ("http://h/logs/", answer["filename"])
    assert statuses(line) == [("Uploading", 7), ("Uploaded", 7)]


def test_n01_fr_03_the_security_log_has_the_security_events(line):
    get_log(line)
    text = line.jobs[0].content.decode()
    assert "SecurityLog of CS-1" in text
    assert "StartupOfTheDevice" in text
    assert "network_attempts" not in text


def test_n01_fr_04_diagnostics_tell_what_happened_and_how_the_station_is_set(line):
    line.plug()
    line.present()
    get_log(line, kind="DiagnosticsLog")
    text = line.jobs[0].content.decode()
    assert "transaction" in text
    assert "started on EVSE 1" in text
    assert "network_attempts = 3" in text


def test_a01_fr_12_no_log_discloses_the_password(line):
    setting = line.core.settings.setting("password")
    assert line.core.settings.set(setting, "the-secret-of-this-station") == "Accepted"
    for number, kind in enumerate(("DiagnosticsLog", "SecurityLog")):
        get_log(line, request_id=number, kind=kind)
    assert all(b"the-secret" not in job.content for job in line.jobs)
    assert b"password was changed" in line.jobs[1].content


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("Failed", "UploadFailure"),
        ("PermissionDenied", "PermissionDenied"),
        ("BadMessage", "BadMessage"),
        ("NotSupportedOperation", "NotSupportedOperation"),
        ("Redirected", "UploadFailure"),
    ],
)
def test_n01_fr_10_the_reason_of_a_failure_is_told_after_the_last_attempt(line, failure, status):
    get_log(line, retries=1, retryInterval=5)
    finish(line, TransferFailed(failure))
    line.wait(4.0)
    assert line.jobs == []
    line.wait(2.0)
    finish(line, TransferFailed(failure))
    assert statuses(line) == [("Uploading", 7), ("Uploading", 7), (status, 7)]
    line.wait(100.0)
    assert line.jobs == []


def test_n01_fr_30_a_redirect_is_told_as_the_reason_in_2_1():
    line = Line(V21)
    line.connect(0.0)
    get_log(line, retries=0)
    finish(line, TransferFailed("Redirected"))
    assert line.of("LogStatusNotification")[-1]["statusInfo"]["reasonCode"] == "RedirectNotAllowed"


def test_n01_fr_12_and_20_a_new_request_cancels_the_upload_under_way(line):
    get_log(line, request_id=1)
    assert get_log(line, request_id=2)["status"] == "AcceptedCanceled"
    first, second = line.jobs
    assert (first.cancelled, second.cancelled) == (True, False)
    line.core.done(first, Uploaded(""), line.now)
    line.jobs.pop(0)
    finish(line, Uploaded(""))
    told = [("AcceptedCanceled", 1)] if line.version is not V16 else []
    assert statuses(line) == [("Uploading", 1), *told, ("Uploading", 2), ("Uploaded", 2)]


def test_n01_fr_05_a_log_without_lines_of_that_time_is_not_available(line):
    answer = get_log(line, log={"oldestTimestamp": "2020-01-01T00:00:00Z", "latestTimestamp": "2020-01-02T00:00:00Z"})
    assert answer["status"] == "Rejected"
    assert line.jobs == []


def test_lines_are_chosen_by_time(line):
    line.core.logs.note("early")
    line.wait(1000.0)
    line.core.logs.note("late")
    bound = line.core.clock.text(line.now - 500.0)
    get_log(line, kind="DiagnosticsLog", log={"oldestTimestamp": bound})
    text = line.jobs[0].content.decode()
    assert " late\n" in text
    assert " early\n" not in text


def test_n01_fr_24_a_log_that_is_not_kept_is_refused():
    line = Line(V21)
    line.connect(0.0)
    assert get_log(line, kind="DataCollectorLog")["status"] == "Rejected"


def test_f06_fr_14_and_15_the_status_can_be_triggered(line):
    action = "ExtendedTriggerMessage" if line.version is V16 else "TriggerMessage"
    assert line.ask(action, {"requestedMessage": "LogStatusNotification"})["status"] == "Accepted"
    get_log(line)
    line.ask(action, {"requestedMessage": "LogStatusNotification"})
    assert statuses(line) == [("Idle", None), ("Uploading", 7), ("Uploading", 7)]


def test_the_status_of_an_upload_is_told_later_when_the_line_is_down(line):
    get_log(line)
    line.lose()
    finish(line, Uploaded(""))
    line.connect()
    assert statuses(line)[-1] == ("Uploaded", 7)


def test_a_restart_ends_an_upload(line):
    get_log(line)
    line.lose()
    line.core.tell_restarting()
    line.connect()
    assert statuses(line)[-1] == ("UploadFailure", 7)
    assert line.jobs[0].cancelled


def test_logs_are_bounded_rings_and_that_of_security_survives_a_power_cut():
    line = Line(V201)
    for number in range(300):
        line.core.logs.note(f"line {number}")
        line.core.logs.note_security(f"event {number}")
    for kind in ("DiagnosticsLog", "SecurityLog"):
        again = Line(V201, storage=line.core.storage) if kind == "SecurityLog" else line
        again.connect(0.0)
        get_log(again, kind=kind)
        content = again.jobs[-1].content
        assert len(content) < 20_000
        assert b" 299\n" in content
        assert b"line 0\n" not in content
        assert b"event 0\n" not in content


# GetDiagnostics of 1.6 --------------------------------------------------------------------------------


@pytest.fixture
def old():
    line = Line(V16)
    line.connect(0.0)
    return line


def test_diagnostics_of_1_6_are_uploaded(old):
    answer = old.ask("GetDiagnostics", {"location": "ftp://h/d", "retries": 0})
    job = finish(old, Uploaded(""))
    assert job.name == answer["fileName"]
    assert [p["status"] for p in old.of("DiagnosticsStatusNotification")] == ["Uploading", "Uploaded"]
    assert old.of("LogStatusNotification") == []


def test_diagnostics_of_1_6_may_fail(old):
    old.ask("GetDiagnostics", {"location": "ftp://h/d", "retries": 0})
    finish(old, TransferFailed("PermissionDenied"))
    assert old.of("DiagnosticsStatusNotification")[-1] == {"status": "UploadFailed"}
    old.ask("TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"})
    assert old.of("DiagnosticsStatusNotification")[-1] == {"status": "Idle"}


def test_diagnostics_of_1_6_without_anything_have_no_file_name(old):
    asked = {"location": "ftp://h/d", "startTime": "2020-01-01T00:00:00Z", "stopTime": "2020-01-02T00:00:00Z"}
    assert old.ask("GetDiagnostics", asked) == {}


# Real sockets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [http_files, ftp_files])
async def test_the_file_arrives_with_its_lines(files):
    line = Line(V201)
    line.connect(0.0)
    with files() as place:
        name = get_log(line, url=place.url + "/logs/")["filename"]
        outcome = await asyncio.to_thread(perform, line.jobs[0])
        finish(line, outcome)
        assert b"StartupOfTheDevice" in place.content["/logs/" + name]
    assert statuses(line)[-1] == ("Uploaded", 7)
