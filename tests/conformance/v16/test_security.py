"""OCPP 1.6, security whitepaper: certificates on the station, security events and logs, signed firmware."""

import itertools
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station
from conformance.v16.sessions import report
from support.certificates import Authority
from support.payloads import instant

official = partial(case, version="1.6", block="Security")
ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
_numbers = itertools.count(1)
DIGITS = {"SHA256": 64, "SHA384": 96, "SHA512": 128}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A root certificate, as PEM text."""
    return Authority(tmp_path_factory.mktemp("root"), "Root").file.read_text()


def hashes(algorithm: str = "SHA256") -> dict[str, Any]:
    """How a station names an installed certificate."""
    digits = "0123456789abcdef" * 8
    length = DIGITS[algorithm]
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": digits[:length],
        "issuerKeyHash": digits[::-1][:length],
        "serialNumber": "1f",
    }


async def event(station: Station, kind: str) -> None:
    """Report a security event; it is acknowledged and kept."""
    assert await station.call("SecurityEventNotification", {"type": kind, "timestamp": instant()}) == {}
    kept = [item["frame"] for item in await station.messages("SecurityEventNotification") if item["direction"] == "in"]
    assert kind in kept[-1]


async def progress(station: Station, action: str, request_id: int, *statuses: str) -> None:
    """Report progress of a request; each step is acknowledged and kept."""
    before = len(await station.messages(action))
    for status in statuses:
        assert await station.call(action, {"status": status, "requestId": request_id}) == {}
    kept = [item["frame"] for item in (await station.messages(action))[before:] if item["direction"] == "in"]
    assert [status for status, frame in zip(statuses, kept, strict=True) if f'"{status}"' in frame] == list(statuses)


async def install(station: Station, kind: str, certificate: str, answer: dict[str, Any]) -> str:
    """Send a root certificate byte for byte; gives the state of the command's record."""
    wanted = {"certificateType": kind, "certificate": certificate}
    done = await station.raw("InstallCertificate", wanted, answer)
    assert done.call.payload == wanted
    assert done.result == answer
    return str(done.record["state"])


async def installed(station: Station, kind: str, found: dict[str, Any]) -> None:
    """Ask which certificates are installed; the answer is told as it came."""
    answer = ACCEPTED | {"certificateHashData": [found]}
    done = await station.raw("GetInstalledCertificateIds", {"certificateType": kind}, answer)
    assert done.call.payload == {"certificateType": kind}
    assert (done.result, done.record["answer"]) == (answer, answer)


@official("TC_075_1_CSMS", "A root certificate of the manufacturer is installed and found on the station")
async def test_tc_075_1_csms_manufacturer_root(v16: Station, root: str) -> None:
    assert await install(v16, "ManufacturerRootCertificate", root, ACCEPTED) == "effect_seen"
    await installed(v16, "ManufacturerRootCertificate", hashes())


@official("TC_075_2_CSMS", "A root certificate of the central system is installed and found on the station")
async def test_tc_075_2_csms_central_system_root(v16: Station, root: str) -> None:
    assert await install(v16, "CentralSystemRootCertificate", root, ACCEPTED) == "effect_seen"
    await installed(v16, "CentralSystemRootCertificate", hashes())


@official("TC_076_CSMS", "One certificate is deleted from the station, named as the station named it")
@pytest.mark.parametrize("algorithm", DIGITS)
async def test_tc_076_csms_certificate_deleted(v16: Station, root: str, algorithm: str) -> None:
    found = hashes(algorithm)
    assert await install(v16, "CentralSystemRootCertificate", root, ACCEPTED) == "effect_seen"
    await installed(v16, "CentralSystemRootCertificate", found)
    done = await v16.raw("DeleteCertificate", {"certificateHashData": found}, ACCEPTED)
    assert done.call.payload == {"certificateHashData": found}
    assert (done.result, done.record["state"]) == (ACCEPTED, "effect_seen")
    gone = await v16.raw("DeleteCertificate", {"certificateHashData": found}, {"status": "NotFound"})
    assert (gone.result, gone.record["state"]) == ({"status": "NotFound"}, "rejected")


@official("TC_078_CSMS", "A root certificate that the station finds invalid is refused, and its security event kept")
async def test_tc_078_csms_invalid_central_system_certificate(v16: Station, root: str) -> None:
    assert await install(v16, "CentralSystemRootCertificate", root, REJECTED) == "rejected"
    await event(v16, "InvalidCentralSystemCertificate")


@official("TC_079_CSMS", "The security log is asked for and uploaded; the file's name and the progress are kept")
async def test_tc_079_csms_security_log(v16: Station) -> None:
    number = next(_numbers)
    where = {"remoteLocation": "https://files.example/logs/", "oldestTimestamp": "2026-01-01T00:00:00Z"}
    wanted = {"logType": "SecurityLog", "requestId": number, "log": where}
    answer = ACCEPTED | {"filename": "security-1.log"}
    done = await v16.raw("GetLog", wanted, answer)
    assert done.call.payload == wanted
    assert (done.result, done.record["answer"]) == (answer, answer)
    await progress(v16, "LogStatusNotification", number, "Uploading", "Uploaded")


async def signed_update(station: Station, root: str, status: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Ask for an update that is signed, which is answered with a status; gives its number and the command's record."""
    asked = {
        "location": "https://firmware.example/one-2.0.bin",
        "retrieve_at": "2026-01-01T00:00:00.000Z",
        "signing_certificate": root,
        "signature": "MEUCIQDexample=",
        "retries": 1,
    }
    done = await station.command("update-firmware", asked | more, answers={"SignedUpdateFirmware": {"status": status}})
    assert done.call.action == "SignedUpdateFirmware"
    number = done.call.payload["requestId"]
    assert done.call.payload == {
        "requestId": number,
        "retries": 1,
        "firmware": {
            "location": asked["location"],
            "retrieveDateTime": asked["retrieve_at"],
            "signingCertificate": root,
            "signature": asked["signature"],
        },
    }
    return number, done.record


async def the_update(station: Station) -> dict[str, Any]:
    """Give the only update as the API shows it."""
    [found] = await station.documents("firmware-updates")
    return dict(found)


@official("TC_080_CSMS", "A signed update is downloaded, verified and installed; the new version is shown")
async def test_tc_080_csms_signed_update(v16: Station, root: str) -> None:
    number, record = await signed_update(v16, root, "Accepted", firmware_version="2.0")
    assert record["state"] == "accepted"
    action = "SignedFirmwareStatusNotification"
    await progress(v16, action, number, "Downloading", "Downloaded", "SignatureVerified")
    await report(v16, "Unavailable")
    await progress(v16, action, number, "Installing", "InstallRebooting")
    await v16.reconnect()
    assert (await v16.boot(firmwareVersion="2.0"))["status"] == "Accepted"
    await report(v16, "Available")
    await event(v16, "FirmwareUpdated")
    await progress(v16, action, number, "Installed")
    assert (await v16.shown())["firmware_version"] == "2.0"
    await v16.become(record, "effect_seen")
    found = await the_update(v16)
    assert (found["status"], found["signed"], found["request_id"]) == ("verified", True, number)
    assert [change["status"] for change in found["history"]] == [
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]


@official("TC_081_CSMS", "An update whose signature is wrong is not installed; that and the security event are kept")
async def test_tc_081_csms_update_with_a_wrong_signature(v16: Station, root: str) -> None:
    number, record = await signed_update(v16, root, "Accepted")
    await progress(v16, "SignedFirmwareStatusNotification", number, "Downloading", "Downloaded", "InvalidSignature")
    await event(v16, "InvalidFirmwareSignature")
    await v16.become(record, "failed")
    assert (await the_update(v16))["status"] == "failed"


async def test_a_signed_update_that_the_station_does_not_trust_is_shown_as_refused(v16: Station, root: str) -> None:
    _, record = await signed_update(v16, root, "InvalidCertificate")
    assert (record["state"], record["answer"]) == ("rejected", {"status": "InvalidCertificate"})
    assert (await the_update(v16))["status"] == "rejected"
    await event(v16, "InvalidFirmwareSigningCertificate")
