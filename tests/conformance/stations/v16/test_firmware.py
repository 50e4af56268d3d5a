"""OCPP 1.6, firmware management and diagnostics: updates without a signature, and diagnostics brought to a server."""

from functools import partial

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v16_words import Session, all_connectors

official = partial(case, version="1.6", block="Core")


async def _update(csms: Csms, station: Hand, files: FileServer, spoiled: str = "") -> None:
    location = files.firmware(station.time(-60), spoiled=spoiled)["location"]
    asked = {"location": location, "retrieveDate": station.time(-60), "retries": 0}
    assert await csms.call("UpdateFirmware", asked) == {}


async def _status(csms: Csms, station: Hand, *words: str) -> Came:
    """The update goes through these states, in order, and through no other; gives the last message."""
    came: Came | None = None
    for word in words:
        came = await station.meanwhile(csms.expect("FirmwareStatusNotification", after=came), step_s=2)
        assert came["status"] == word
    assert came is not None
    return came


@official("TC_044_1_CS", "Firmware is fetched and installed; after the restart the new version is at work and says so")
async def test_tc_044_1_cs_installed(csms: Csms, station: Hand, files: FileServer) -> None:
    old = next(c for c in csms.calls if c.action == "BootNotification")["firmwareVersion"]
    await _update(csms, station, files)
    await _status(csms, station, "Downloading", "Downloaded", "Installing", "Installed")
    boot = await csms.expect("BootNotification")
    assert boot["firmwareVersion"] != old
    for number in (1, 2):
        await csms.expect("StatusNotification", connectorId=number, status="Available", after=boot)
    session = Session(csms, station)
    await session.charging()


@official("TC_044_1_CS", "An update waits for the session to end")
async def test_tc_044_1_cs_waits_for_the_session(csms: Csms, station: Hand, files: FileServer) -> None:
    session = Session(csms, station)
    await session.charging()
    await _update(csms, station, files)
    await _status(csms, station, "Downloading", "Downloaded")
    await station.pass_time(60)
    await csms.none("FirmwareStatusNotification", "StopTransaction")
    await session.presented_to_stop()
    await _status(csms, station, "Installing", "Installed")


@official("TC_044_2_CS", "Firmware that cannot be fetched: that is told, and the station goes on with what it has")
async def test_tc_044_2_cs_download_failed(csms: Csms, station: Hand, files: FileServer) -> None:
    await _update(csms, station, files, "file")
    await _status(csms, station, "Downloading", "DownloadFailed")
    await csms.none("BootNotification")
    await Session(csms, station).charging()


@official("TC_044_3_CS", "Firmware that cannot be installed: that is told, and the station goes on with what it has")
async def test_tc_044_3_cs_installation_failed(csms: Csms, station: Hand, files: FileServer) -> None:
    await _update(csms, station, files, "image")
    await _status(csms, station, "Downloading", "Downloaded", "Installing", "InstallationFailed")
    await csms.settle()
    assert (await csms.call("TriggerMessage", requestedMessage="StatusNotification"))["status"] == "Accepted"
    csms.forget()
    assert (await csms.call("TriggerMessage", requestedMessage="StatusNotification"))["status"] == "Accepted"
    await all_connectors(csms)
    await Session(csms, station).charging()


@official("TC_045_1_CS", "Diagnostics are brought to the place named, under the name told")
async def test_tc_045_1_cs_uploaded(csms: Csms, station: Hand, files: FileServer) -> None:
    answer = await csms.call("GetDiagnostics", location=f"{files.url}/diagnostics/", retries=0)
    name = answer["fileName"]
    assert (await csms.expect("DiagnosticsStatusNotification"))["status"] == "Uploading"
    assert (await csms.expect("DiagnosticsStatusNotification"))["status"] == "Uploaded"
    [(path, content)] = files.received.items()
    assert path == f"/diagnostics/{name}"
    assert content.strip(), "the file is empty"


@official("TC_045_2_CS", "Diagnostics that cannot be brought there: that is told")
async def test_tc_045_2_cs_upload_failed(csms: Csms, station: Hand, files: FileServer) -> None:
    files.refusing = True
    answer = await csms.call("GetDiagnostics", location=f"{files.url}/diagnostics/", retries=1, retryInterval=10)
    assert answer["fileName"]
    assert (await csms.expect("DiagnosticsStatusNotification"))["status"] == "Uploading"
    await station.meanwhile(csms.expect("DiagnosticsStatusNotification", status="UploadFailed"), step_s=2)
    assert files.received == {}
