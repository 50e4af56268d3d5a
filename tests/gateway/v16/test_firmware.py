"""Firmware in OCPP 1.6: UpdateFirmware, and SignedUpdateFirmware of the security whitepaper."""

from typing import Any

import pytest

from support.desk import Desk, at
from voltherd.domain.commands import CommandRecord
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.firmware import FirmwareUpdate, UpdateFirmware

LOCATION = "ftp://firmware.example/duo.bin"
BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}
SIGNED = {"signing_certificate": "-----BEGIN CERTIFICATE-----", "signature": "c2ln"}


async def update(desk: Desk, **more: Any) -> CommandRecord:
    command = UpdateFirmware(location=LOCATION, **more)
    record = desk.open_command(command)
    desk.answer("UpdateFirmware", {})
    desk.answer("SignedUpdateFirmware", {"status": "Accepted"})
    assert (await desk.perform(command)).accepted
    return record


async def the_update(desk: Desk) -> FirmwareUpdate:
    [found] = (await desk.held(FirmwareUpdate)).values()
    return found


async def test_an_update_without_signature_is_update_firmware(v16: Desk) -> None:
    await update(v16, retrieve_at=at(60), retries=2, retry_interval_s=30)
    sent = {"location": LOCATION, "retrieveDate": at(60), "retries": 2, "retryInterval": 30}
    assert v16.sent == [("UpdateFirmware", sent)]
    found = await the_update(v16)
    assert (found.request_id, found.state, found.signed) == (v16.request_id, "accepted", False)


async def test_tc_044_a_status_belongs_to_the_update_that_is_open(v16: Desk) -> None:
    record = await update(v16)
    for status in ("Downloading", "Downloaded", "Installing", "Installed"):
        assert await v16.receive("FirmwareStatusNotification", {"status": status}) == {}
    found = await the_update(v16)
    assert [change.status for change in found.history] == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert (found.state, record.state) == ("installed", "effect_seen")


async def test_the_version_of_the_next_boot_is_the_proof(v16: Desk) -> None:
    await v16.receive("BootNotification", {**BOOT, "firmwareVersion": "1.4"})
    record = await update(v16, firmware_version="1.5")
    await v16.receive("FirmwareStatusNotification", {"status": "Installed"})
    assert record.state == "sent"
    await v16.receive("BootNotification", {**BOOT, "firmwareVersion": "1.5"})
    assert (record.state, (await the_update(v16)).state) == ("effect_seen", "verified")


async def test_installed_after_the_boot_that_proved_it_is_of_the_same_update(v16: Desk) -> None:
    await v16.receive("BootNotification", {**BOOT, "firmwareVersion": "1.4"})
    await update(v16, firmware_version="1.5")
    await v16.receive("FirmwareStatusNotification", {"status": "Installing"})
    await v16.receive("BootNotification", {**BOOT, "firmwareVersion": "1.5"})
    for _ in range(2):
        await v16.receive("FirmwareStatusNotification", {"status": "Installed"})
    found = await the_update(v16)
    assert (found.state, len(found.history)) == ("verified", 3)


@pytest.mark.parametrize("status", ["DownloadFailed", "InstallationFailed"])
async def test_a_failure_ends_the_command(v16: Desk, status: str) -> None:
    record = await update(v16)
    await v16.receive("FirmwareStatusNotification", {"status": status})
    assert (record.state, (await the_update(v16)).state) == ("failed", "failed")


async def test_a_status_without_any_update_is_kept(v16: Desk) -> None:
    await v16.receive("FirmwareStatusNotification", {"status": "Downloading"})
    found = await the_update(v16)
    assert (found.request_id, found.known, found.state) == (None, False, "running")


async def test_whitepaper_l01_a_signature_makes_it_a_signed_update(v16: Desk) -> None:
    record = await update(v16, install_at=at(120), **SIGNED)
    firmware = {
        "location": LOCATION,
        "retrieveDateTime": at(0),
        "installDateTime": at(120),
        "signingCertificate": "-----BEGIN CERTIFICATE-----",
        "signature": "c2ln",
    }
    assert v16.sent == [("SignedUpdateFirmware", {"requestId": v16.request_id, "firmware": firmware})]
    status = {"status": "InvalidSignature", "requestId": v16.request_id}
    assert await v16.receive("SignedFirmwareStatusNotification", status) == {}
    assert (record.state, (await the_update(v16)).state) == ("failed", "failed")


async def test_what_1_6_cannot_say_is_not_sent(v16: Desk) -> None:
    with pytest.raises(NotSupportedByVersion, match="install_at"):
        await v16.perform(UpdateFirmware(location=LOCATION, install_at=at(60)))
    with pytest.raises(PayloadInvalid, match="go together"):
        await v16.perform(UpdateFirmware(location=LOCATION, signature="c2ln"))
    assert v16.sent == []
