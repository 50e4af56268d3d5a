"""OCPP 1.6, profile firmware management: updates and diagnostics."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station
from conformance.v16.sessions import report

official = partial(case, version="1.6", block="Firmware management")
LOCATION = "https://firmware.example/one-2.0.bin"
UPLOADS = "https://files.example/diagnostics/"


async def progress(station: Station, action: str, *statuses: str, **more: Any) -> None:
    """Report progress; each step is acknowledged and kept."""
    before = len(await station.messages(action))
    for status in statuses:
        assert await station.call(action, {"status": status} | more) == {}
    kept = (await station.messages(action))[before:]
    asked = [item["frame"] for item in kept if item["direction"] == "in"]
    assert len(asked) == len(statuses)
    for status, frame in zip(statuses, asked, strict=True):
        assert f'"{status}"' in frame


async def update(station: Station, **more: Any) -> dict[str, Any]:
    """Ask for an update; the station gets exactly that and takes it. Gives the command's record."""
    asked = {"location": LOCATION, "retrieve_at": "2026-01-01T00:00:00.000Z", "retries": 1, "retry_interval_s": 30}
    done = await station.command("update-firmware", asked | more, answers={"UpdateFirmware": {}})
    assert done.call.action == "UpdateFirmware"
    assert done.call.payload == {
        "location": LOCATION,
        "retrieveDate": "2026-01-01T00:00:00.000Z",
        "retries": 1,
        "retryInterval": 30,
    }
    assert done.record["state"] == "accepted"
    assert (await the_update(station))["status"] == "accepted"
    return done.record


async def the_update(station: Station) -> dict[str, Any]:
    """Give the only update as the API shows it."""
    [found] = await station.documents("firmware-updates")
    return dict(found)


async def updated(station: Station, status: str, *told: str) -> None:
    """The update ended so, and the station told this of it."""
    found = await the_update(station)
    assert found["status"] == status
    assert [change["status"] for change in found["history"]] == list(told)


@official("TC_044_1_CSMS", "An update is downloaded and installed; after the restart the new version is shown")
@pytest.mark.parametrize("told", ["before the restart", "after the restart"])
async def test_tc_044_1_csms_update_installed(v16: Station, told: str) -> None:
    await v16.reconnect()
    await v16.boot(firmwareVersion="1.0")
    record = await update(v16, firmware_version="2.0")
    await progress(v16, "FirmwareStatusNotification", "Downloading", "Downloaded")
    await report(v16, "Unavailable")
    await progress(v16, "FirmwareStatusNotification", "Installing")
    if told == "before the restart":
        await progress(v16, "FirmwareStatusNotification", "Installed")
    await v16.reconnect()
    assert (await v16.boot(firmwareVersion="2.0"))["status"] == "Accepted"
    if told == "after the restart":
        await progress(v16, "FirmwareStatusNotification", "Installed")
    await report(v16, "Available")
    assert (await v16.shown())["firmware_version"] == "2.0"
    await v16.become(record, "effect_seen")
    await updated(v16, "verified", "Downloading", "Downloaded", "Installing", "Installed")


@official("TC_044_2_CSMS", "An update whose download fails is shown, and the station goes on with what it has")
async def test_tc_044_2_csms_download_fails(v16: Station) -> None:
    record = await update(v16)
    await progress(v16, "FirmwareStatusNotification", "Downloading", "DownloadFailed")
    await v16.become(record, "failed")
    await updated(v16, "failed", "Downloading", "DownloadFailed")
    assert (await v16.call("Heartbeat")).keys() == {"currentTime"}


@official("TC_044_3_CSMS", "An update that cannot be installed is shown after the restart")
async def test_tc_044_3_csms_installation_fails(v16: Station) -> None:
    record = await update(v16)
    await progress(v16, "FirmwareStatusNotification", "Downloading", "Downloaded")
    await report(v16, "Unavailable")
    await progress(v16, "FirmwareStatusNotification", "Installing")
    await v16.reconnect()
    assert (await v16.boot(firmwareVersion="1.0"))["status"] == "Accepted"
    await progress(v16, "FirmwareStatusNotification", "InstallationFailed")
    await report(v16, "Available")
    assert (await v16.shown())["firmware_version"] == "1.0"
    await v16.become(record, "failed")
    await updated(v16, "failed", "Downloading", "Downloaded", "Installing", "InstallationFailed")


async def diagnostics(station: Station) -> dict[str, Any]:
    """Ask for diagnostics; the station names the file. Gives the command's record."""
    asked = {"location": UPLOADS, "oldest_at": "2026-01-01T00:00:00Z", "latest_at": "2026-01-02T00:00:00Z"}
    done = await station.command("get-log", asked, answers={"GetDiagnostics": {"fileName": "diagnostics-1.zip"}})
    assert done.call.action == "GetDiagnostics"
    assert done.call.payload == {
        "location": UPLOADS,
        "startTime": "2026-01-01T00:00:00Z",
        "stopTime": "2026-01-02T00:00:00Z",
    }
    assert (done.record["state"], done.record["answer"]["fileName"]) == ("accepted", "diagnostics-1.zip")
    return done.record


async def uploaded(station: Station, status: str, *told: str) -> None:
    """The only log ended so, and the station told this of it."""
    [log] = await station.documents("logs")
    assert (log["type"], log["file_name"], log["status"]) == ("diagnostics", "diagnostics-1.zip", status)
    assert [change["status"] for change in log["history"]] == list(told)


@official("TC_045_1_CSMS", "Diagnostics are asked for and uploaded; the file's name and the progress are shown")
async def test_tc_045_1_csms_diagnostics_uploaded(v16: Station) -> None:
    record = await diagnostics(v16)
    await progress(v16, "DiagnosticsStatusNotification", "Uploading", "Uploaded")
    await v16.become(record, "effect_seen")
    await uploaded(v16, "uploaded", "Uploading", "Uploaded")


@official("TC_045_2_CSMS", "Diagnostics are asked for, but the upload fails; that is shown")
async def test_tc_045_2_csms_diagnostics_upload_fails(v16: Station) -> None:
    record = await diagnostics(v16)
    await progress(v16, "DiagnosticsStatusNotification", "Uploading", "UploadFailed")
    await v16.become(record, "failed")
    await uploaded(v16, "failed", "Uploading", "UploadFailed")


async def test_a_station_without_diagnostics_names_no_file_and_that_is_shown_as_refused(v16: Station) -> None:
    done = await v16.command("get-log", {"location": UPLOADS}, answers={"GetDiagnostics": {}})
    assert done.record["state"] == "rejected"
