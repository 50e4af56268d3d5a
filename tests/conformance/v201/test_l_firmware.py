"""OCPP 2.0.1, block L: firmware management."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import BOOT_2X, event, status_2x

official = partial(case, version="2.0.1")
LOCATION = "https://firmware.example/duo-1.5.bin"
CHECKSUM = "0cc175b9c0f1b6a831c399e269772661"
SECURE = {"signing_certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "signature": "c2ln"}
FETCHED = ("Downloading", "Downloaded", "SignatureVerified")
AFTERWARDS = "2030-01-01T00:00:00.000Z"


async def update(station: Station, status: str = "Accepted", **more: Any) -> tuple[dict[str, Any], int]:
    """Ask for a secure update; gives the command's record and the number on the wire."""
    wish = {"location": LOCATION, **SECURE, **more}
    done = await station.command("update-firmware", wish, {"UpdateFirmware": {"status": status}}, not_after_s=600)
    assert done.call.action == "UpdateFirmware"
    firmware = done.call.payload["firmware"]
    assert (firmware["location"], firmware["signature"]) == (LOCATION, "c2ln")
    assert firmware["signingCertificate"] == SECURE["signing_certificate"]
    assert "retrieveDateTime" in firmware
    return done.record, int(done.call.payload["requestId"])


async def tell(station: Station, number: int, *statuses: str) -> None:
    """Tell how far the update is; each is acknowledged."""
    for status in statuses:
        assert await station.call("FirmwareStatusNotification", {"status": status, "requestId": number}) == {}


async def reboot(station: Station, version: str = "1.5") -> None:
    """Boot into new firmware, and tell the state of the connectors."""
    await station.reconnect()
    told = {**BOOT_2X["chargingStation"], "firmwareVersion": version}
    assert (await station.boot(reason="FirmwareUpdate", chargingStation=told))["status"] == "Accepted"
    assert await station.call("StatusNotification", status_2x("Available")) == {}


async def shown(station: Station, number: int) -> dict[str, Any]:
    """One update as the API shows it."""
    [found] = [item for item in await station.documents("firmware-updates") if item["request_id"] == number]
    return dict(found)


async def event_told(station: Station, kind: str) -> None:
    told = {"type": kind, "timestamp": "2026-01-05T12:00:00Z"}
    assert await station.call("SecurityEventNotification", told) == {}


@official("TC_L_01_CSMS", "A signed update is installed, and the next boot proves it")
async def test_tc_l_01_csms_installed(v201: Station) -> None:
    record, number = await update(v201, firmware_version="1.5")
    assert record["state"] == "accepted"
    await tell(v201, number, *FETCHED, "Installing", "InstallRebooting")
    await reboot(v201)
    await tell(v201, number, "Installed")
    await event_told(v201, "FirmwareUpdated")
    await v201.become(record, "effect_seen")
    found = await shown(v201, number)
    assert (found["status"], found["reason"]) == ("verified", "the station booted with firmware 1.5")
    assert [item["status"] for item in found["history"]] == [*FETCHED, "Installing", "InstallRebooting", "Installed"]
    assert (await v201.shown())["firmware_version"] == "1.5"


@official("TC_L_02_CSMS", "An update is installed at a later time")
async def test_tc_l_02_csms_install_scheduled(v201: Station) -> None:
    record, number = await update(v201, install_at=AFTERWARDS)
    found = await shown(v201, number)
    assert (found["status"], found["install_at"]) == ("accepted", AFTERWARDS)
    await tell(v201, number, *FETCHED, "InstallScheduled")
    assert (await shown(v201, number))["status"] == "running"
    await tell(v201, number, "Installing", "InstallRebooting")
    await reboot(v201)
    await tell(v201, number, "Installed")
    await v201.become(record, "effect_seen")


@official("TC_L_03_CSMS", "An update is fetched at a later time")
async def test_tc_l_03_csms_download_scheduled(v201: Station) -> None:
    record, number = await update(v201, retrieve_at=AFTERWARDS)
    assert (await shown(v201, number))["retrieve_at"] == AFTERWARDS
    await tell(v201, number, "DownloadScheduled", *FETCHED, "Installing", "InstallRebooting")
    await reboot(v201)
    await tell(v201, number, "Installed")
    await v201.become(record, "effect_seen")


async def refused(station: Station, status: str, told: str) -> None:
    record, number = await update(station, status)
    await event_told(station, told)
    assert (record["state"], record["answer"]["status"]) == ("rejected", status)
    found = await shown(station, number)
    assert (found["status"], found["reason"]) == ("rejected", status)


@official("TC_L_04_CSMS", "A station refuses an update whose certificate was revoked")
async def test_tc_l_04_csms_revoked_certificate(v201: Station) -> None:
    await refused(v201, "RevokedCertificate", "InvalidFirmwareSigningCertificate")


@official("TC_L_05_CSMS", "A station refuses an update whose certificate is not valid")
async def test_tc_l_05_csms_invalid_certificate(v201: Station) -> None:
    await refused(v201, "InvalidCertificate", "InvalidFirmwareSigningCertificate")


async def failed(station: Station, *statuses: str) -> None:
    """An update comes as far as the last status, which is its end."""
    record, number = await update(station)
    await tell(station, number, *statuses)
    ended = await station.become(record, "failed")
    assert ended["error"]["detail"] == f"the station reported {statuses[-1]}"
    assert (await shown(station, number))["status"] == "failed"


@official("TC_L_06_CSMS", "The signature of what was fetched is not valid")
async def test_tc_l_06_csms_invalid_signature(v201: Station) -> None:
    await failed(v201, "Downloading", "Downloaded", "InvalidSignature")
    await event_told(v201, "InvalidFirmwareSignature")


@official("TC_L_07_CSMS", "An update cannot be fetched")
async def test_tc_l_07_csms_download_failed(v201: Station) -> None:
    await failed(v201, "Downloading", "DownloadFailed")


@official("TC_L_08_CSMS", "What was installed does not pass its verification")
async def test_tc_l_08_csms_install_verification_failed(v201: Station) -> None:
    await failed(v201, *FETCHED, "InstallVerificationFailed")


@official("TC_L_09_CSMS", "An update cannot be installed")
async def test_tc_l_09_csms_installation_failed(v201: Station) -> None:
    await failed(v201, *FETCHED, "Installing", "InstallationFailed")


@official("TC_L_10_CSMS", "A newer update takes the place of one that is under way")
async def test_tc_l_10_csms_accepted_cancelled(v201: Station) -> None:
    older, first = await update(v201)
    await tell(v201, first, "Downloading")
    newer, second = await update(v201, "AcceptedCanceled")
    assert first != second
    assert (await v201.become(older, "failed"))["effect"] == "cancelled by a newer update"
    assert (await shown(v201, first))["status"] == "cancelled"
    await tell(v201, second, *FETCHED, "Installing", "InstallRebooting")
    await reboot(v201)
    await tell(v201, second, "Installed")
    await v201.become(newer, "effect_seen")


@official("TC_L_11_CSMS", "A station that cannot give up its update refuses a newer one and goes on")
async def test_tc_l_11_csms_unable_to_cancel(v201: Station) -> None:
    older, first = await update(v201)
    await tell(v201, first, "Downloading")
    newer, _ = await update(v201, "Rejected")
    assert newer["state"] == "rejected"
    await tell(v201, first, "Downloaded", "SignatureVerified", "Installing", "InstallRebooting")
    await reboot(v201)
    await tell(v201, first, "Installed")
    await v201.become(older, "effect_seen")


@official("TC_L_13_CSMS", "An update waits for the session to end, while other connectors take none")
async def test_tc_l_13_csms_ongoing_session(v201: Station, tokens: Tokens) -> None:
    await v201.call("TransactionEvent", event("Started", "tx-1", 0, token=await tokens.make()))
    record, number = await update(v201)
    await tell(v201, number, "DownloadScheduled")
    assert await v201.call("StatusNotification", status_2x("Unavailable", evse=2)) == {}
    assert (await v201.connector(2))["status"] == "Unavailable"
    assert (await v201.transaction())["active"]
    await v201.call("TransactionEvent", event("Ended", "tx-1", 1))
    await tell(v201, number, *FETCHED, "Installing", "Installed")
    await v201.become(record, "effect_seen")


# -- local controllers --------------------------------------------------------------------------------------------


async def publish(station: Station, *statuses: str, **more: Any) -> dict[str, Any]:
    """Publish firmware, and tell how far that is; gives the command's record."""
    wish = {"location": LOCATION, "checksum": CHECKSUM}
    done = await station.command("publish-firmware", wish, {"PublishFirmware": {"status": "Accepted"}})
    number = done.call.payload["requestId"]
    assert done.call.payload == {**wish, "requestId": number}
    for status in statuses:
        last = more if status == statuses[-1] else {}
        told = {"status": status, "requestId": number, **last}
        assert await station.call("PublishFirmwareStatusNotification", told) == {}
    return done.record


async def publication(station: Station) -> dict[str, Any]:
    [found] = await station.documents("published-firmware")
    return dict(found)


@official("TC_L_17_CSMS", "A local controller offers firmware, and tells where")
async def test_tc_l_17_csms_published(v201: Station) -> None:
    where = ["http://controller.local/duo.bin", "ftp://controller.local/duo.bin"]
    record = await publish(v201, "Downloading", "Downloaded", "ChecksumVerified", "Published", location=where)
    await v201.become(record, "effect_seen")
    found = await publication(v201)
    assert (found["status"], found["locations"]) == ("published", where)


async def not_published(station: Station, *statuses: str) -> None:
    record = await publish(station, *statuses)
    await station.become(record, "failed")
    found = await publication(station)
    assert (found["status"], found["reason"]) == ("failed", statuses[-1])


@official("TC_L_19_CSMS", "The checksum of firmware to be offered is wrong")
async def test_tc_l_19_csms_invalid_checksum(v201: Station) -> None:
    await not_published(v201, "Downloading", "Downloaded", "InvalidChecksum")


@official("TC_L_20_CSMS", "A local controller cannot offer firmware")
async def test_tc_l_20_csms_publish_failed(v201: Station) -> None:
    await not_published(v201, "Downloading", "Downloaded", "ChecksumVerified", "PublishFailed")


@official("TC_L_24_CSMS", "A local controller cannot fetch firmware")
async def test_tc_l_24_csms_download_failed(v201: Station) -> None:
    await not_published(v201, "Downloading", "DownloadFailed")


async def unpublish(station: Station, status: str) -> dict[str, Any]:
    answers = {"UnpublishFirmware": {"status": status}}
    done = await station.command("unpublish-firmware", {"checksum": CHECKSUM}, answers)
    assert done.call.payload == {"checksum": CHECKSUM}
    assert done.record["answer"]["status"] == status
    return done.record


@official("TC_L_21_CSMS", "Firmware is offered no more")
async def test_tc_l_21_csms_unpublished(v201: Station) -> None:
    await publish(v201, "Published")
    assert (await unpublish(v201, "Unpublished"))["state"] == "effect_seen"
    assert (await publication(v201))["status"] == "unpublished"


@official("TC_L_22_CSMS", "Firmware that is not offered cannot be withdrawn")
async def test_tc_l_22_csms_no_firmware(v201: Station) -> None:
    assert (await unpublish(v201, "NoFirmware"))["state"] == "rejected"


@official("TC_L_23_CSMS", "Firmware that a station is fetching stays")
async def test_tc_l_23_csms_download_ongoing(v201: Station) -> None:
    await publish(v201, "Published")
    assert (await unpublish(v201, "DownloadOngoing"))["state"] == "rejected"
    assert (await publication(v201))["status"] == "published"
