"""Functional block L in OCPP 2.0.1 and 2.1."""

from typing import Any

import pytest

from support.desk import COMMAND_ID, NOON_MS, Desk, at
from support.payloads import BOOT_2X
from voltherd.domain.commands import CommandRecord
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.firmware import (
    FirmwareUpdate,
    PublishedFirmware,
    PublishFirmware,
    UnpublishFirmware,
    UpdateFirmware,
)
from voltherd.gateway import v2 as package
from voltherd.ocpp.v2 import UpdateFirmwareRequest, UpdateFirmwareResponse
from voltherd.ocpp.v2.types import FirmwareType
from voltherd.ocpp.version import OcppVersion

LOCATION = "https://firmware.example/duo.bin"
CHECKSUM = "0cc175b9c0f1b6a831c399e269772661"
ACCEPTED = {"status": "Accepted"}


async def update(desk: Desk, **more: Any) -> CommandRecord:
    """Send an update that the station accepts."""
    command = UpdateFirmware(location=LOCATION, **more)
    record = desk.open_command(command)
    desk.answer("UpdateFirmware", ACCEPTED)
    assert (await desk.perform(command)).accepted
    return record


async def told(desk: Desk, status: str, **more: Any) -> None:
    assert (
        await desk.receive("FirmwareStatusNotification", {"status": status, "requestId": desk.request_id, **more}) == {}
    )


async def boots(desk: Desk, version: str) -> None:
    station = {**BOOT_2X["chargingStation"], "firmwareVersion": version}
    await desk.receive("BootNotification", {**BOOT_2X, "chargingStation": station})


async def the_update(desk: Desk) -> FirmwareUpdate:
    [found] = (await desk.held(FirmwareUpdate)).values()
    return found


async def test_l01_fr_11_a_secure_update_carries_certificate_and_signature(v2: Desk) -> None:
    await update(
        v2,
        signing_certificate="-----BEGIN CERTIFICATE-----",
        signature="c2ln",
        retrieve_at=at(60),
        install_at=at(120),
        retries=3,
        retry_interval_s=30,
    )
    firmware = {
        "location": LOCATION,
        "retrieveDateTime": at(60),
        "installDateTime": at(120),
        "signingCertificate": "-----BEGIN CERTIFICATE-----",
        "signature": "c2ln",
    }
    sent = {"requestId": v2.request_id, "firmware": firmware, "retries": 3, "retryInterval": 30}
    assert v2.sent == [("UpdateFirmware", sent)]
    found = await the_update(v2)
    assert (found.state, found.signed, found.install_at, found.location) == ("accepted", True, at(120), LOCATION)


async def test_l02_without_a_time_the_station_may_fetch_at_once(v2: Desk) -> None:
    await update(v2)
    assert v2.sent[0][1]["firmware"] == {"location": LOCATION, "retrieveDateTime": at(0)}


@pytest.mark.parametrize("wrong", [{"signature": "c2ln"}, {"retrieve_at": "tomorrow"}, {"install_at": "later"}])
async def test_what_makes_no_update_is_not_sent(v2: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(PayloadInvalid):
        await v2.perform(UpdateFirmware(location=LOCATION, **wrong))  # type: ignore[arg-type]
    assert v2.sent == []


async def test_l01_fr_01_every_status_is_kept_with_its_time(v2: Desk) -> None:
    record = await update(v2)
    for second, status in enumerate(["Downloading", "Downloaded", "Installing", "Installed"]):
        v2.now_ms = NOON_MS + second * 1000
        await told(v2, status)
    found = await the_update(v2)
    assert [(change.status, change.at) for change in found.history] == [
        ("Downloading", at(0)), ("Downloaded", at(1)), ("Installing", at(2)), ("Installed", at(3)),
    ]  # fmt: skip
    assert (found.state, found.ended_at_ms) == ("installed", NOON_MS + 3000)
    assert (record.state, record.effect) == ("effect_seen", "the station reported Installed")


async def test_installed_is_not_the_end_where_a_version_is_expected(v2: Desk) -> None:
    await boots(v2, "1.4")
    record = await update(v2, firmware_version="1.5")
    await told(v2, "Installed")
    assert (record.state, (await the_update(v2)).state) == ("sent", "installed")
    await boots(v2, "1.5")
    assert (record.state, record.effect) == ("effect_seen", "the station booted with firmware 1.5")
    assert (await the_update(v2)).state == "verified"


async def test_a_boot_into_the_new_version_before_installed_is_proof_too(v2: Desk) -> None:
    await boots(v2, "1.4")
    record = await update(v2, firmware_version="1.5")
    await told(v2, "InstallRebooting")
    await boots(v2, "1.5")
    assert (record.state, (await the_update(v2)).state) == ("effect_seen", "verified")
    await told(v2, "Installed")
    assert (await the_update(v2)).state == "verified"


async def test_l01_fr_15_a_boot_into_the_bootloader_proves_nothing_yet(v2: Desk) -> None:
    await boots(v2, "1.4")
    record = await update(v2, firmware_version="1.5")
    await told(v2, "InstallRebooting")
    await boots(v2, "1.4")
    assert (record.state, (await the_update(v2)).state) == ("sent", "running")


async def test_a_boot_with_another_version_after_installed_ends_the_command_as_failed(v2: Desk) -> None:
    await boots(v2, "1.4")
    record = await update(v2, firmware_version="1.5")
    await told(v2, "Installed")
    await v2.restart()
    v2.state.open_commands[record.id] = record
    await boots(v2, "1.4")
    assert (record.state, record.effect) == ("failed", "the station booted with firmware 1.4, not 1.5")
    assert (await the_update(v2)).state == "failed"


@pytest.mark.parametrize(
    "status", ["DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature"]
)
async def test_l01_a_failure_ends_the_command(v2: Desk, status: str) -> None:
    record = await update(v2)
    await told(v2, status)
    assert (record.state, record.effect) == ("failed", f"the station reported {status}")
    found = await the_update(v2)
    assert (found.state, found.reason, found.last_status) == ("failed", status, status)


@pytest.mark.parametrize("status", ["InvalidCertificate", "RevokedCertificate", "Rejected"])
async def test_l01_fr_22_a_refusal_is_told_with_the_stations_word(v2: Desk, status: str) -> None:
    v2.answer("UpdateFirmware", {"status": status})
    found = await v2.perform(UpdateFirmware(location=LOCATION))
    assert (found.accepted, found.status) == (False, status)
    assert ((await the_update(v2)).state, (await the_update(v2)).reason) == ("rejected", status)


async def test_l01_fr_24_a_newer_update_ends_the_older(v2: Desk) -> None:
    older = await update(v2)
    request = UpdateFirmwareRequest(
        request_id=99, firmware=FirmwareType(location="ftp://new", retrieve_date_time=at(0))
    )
    v2.answer("UpdateFirmware", {"status": "AcceptedCanceled"})
    await v2.call(request, UpdateFirmwareResponse)
    assert (older.state, older.effect) == ("failed", "cancelled by a newer update")
    states = {key: found.state for key, found in (await v2.held(FirmwareUpdate)).items()}
    assert states == {str(v2.request_id): "cancelled", "99": "accepted"}


async def test_a_status_with_an_unknown_number_is_kept_as_an_update_that_nobody_asked_for(v2: Desk) -> None:
    assert await v2.receive("FirmwareStatusNotification", {"status": "Downloading", "requestId": 5}) == {}
    found = await the_update(v2)
    assert (found.request_id, found.known, found.state) == (5, False, "running")


async def test_l01_fr_20_idle_without_a_number_is_answered_and_changes_nothing(v2: Desk) -> None:
    assert await v2.receive("FirmwareStatusNotification", {"status": "Idle"}) == {}
    assert await v2.held(FirmwareUpdate) == {}
    await update(v2)
    await told(v2, "Installed")
    await v2.receive("FirmwareStatusNotification", {"status": "Idle"})
    found = await the_update(v2)
    assert (found.state, found.last_status) == ("installed", "Idle")


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_what_the_station_adds_to_a_status_is_kept(v2: Desk) -> None:
    await update(v2)
    await told(v2, "DownloadFailed", statusInfo={"reasonCode": "NoSpace", "additionalInfo": "12 MB free"})
    assert (await the_update(v2)).reason == "NoSpace: 12 MB free"


async def test_l03_a_publication_is_followed_until_it_is_published(v2: Desk) -> None:
    command = PublishFirmware(location=LOCATION, checksum=CHECKSUM)
    record = v2.open_command(command)
    v2.answer("PublishFirmware", ACCEPTED)
    assert (await v2.perform(command)).accepted
    assert v2.sent == [
        ("PublishFirmware", {"location": LOCATION, "checksum": CHECKSUM, "requestId": v2.request_id}),
    ]  # fmt: skip
    for status in ("Downloading", "Downloaded", "ChecksumVerified"):
        await v2.receive("PublishFirmwareStatusNotification", {"status": status, "requestId": v2.request_id})
    assert record.state == "sent"
    published = {
        "status": "Published",
        "requestId": v2.request_id,
        "location": ["http://lc/duo.bin", "ftp://lc/duo.bin"],
    }
    await v2.receive("PublishFirmwareStatusNotification", published)
    assert (record.state, record.id) == ("effect_seen", COMMAND_ID)
    found = (await v2.held(PublishedFirmware))[CHECKSUM]
    assert (found.state, found.locations) == ("published", ["http://lc/duo.bin", "ftp://lc/duo.bin"])
    assert [change.status for change in found.history][-1] == "Published"


@pytest.mark.parametrize("status", ["DownloadFailed", "InvalidChecksum", "PublishFailed"])
async def test_l03_a_publication_that_fails_ends_the_command(v2: Desk, status: str) -> None:
    command = PublishFirmware(location=LOCATION, checksum=CHECKSUM)
    record = v2.open_command(command)
    v2.answer("PublishFirmware", ACCEPTED)
    await v2.perform(command)
    await v2.receive("PublishFirmwareStatusNotification", {"status": status, "requestId": v2.request_id})
    assert record.state == "failed"
    assert (await v2.held(PublishedFirmware))[CHECKSUM].state == "failed"


@pytest.mark.parametrize(
    ("status", "accepted", "state"),
    [
        ("Unpublished", True, "unpublished"),
        ("NoFirmware", False, "unpublished"),
        ("DownloadOngoing", False, "accepted"),
    ],
)
async def test_l04_what_is_published_no_more(v2: Desk, status: str, accepted: bool, state: str) -> None:
    v2.answer("PublishFirmware", ACCEPTED)
    await v2.perform(PublishFirmware(location=LOCATION, checksum=CHECKSUM))
    v2.answer("UnpublishFirmware", {"status": status})
    found = await v2.perform(UnpublishFirmware(checksum=CHECKSUM))
    assert (found.accepted, found.status) == (accepted, status)
    assert (await v2.held(PublishedFirmware))[CHECKSUM].state == state


def test_what_is_handled_is_not_kept_as_a_frame_besides() -> None:
    assert {"FirmwareStatusNotification", "PublishFirmwareStatusNotification"}.isdisjoint(package.KEPT_NOTIFICATIONS)
