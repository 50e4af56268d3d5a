"""OCPP 1.6, security whitepaper: certificates on the station, security events and logs, signed firmware."""

from functools import partial
from typing import Any

import pytest
from cryptography import x509

from conformance.cases import case
from conformance.station import Station
from conformance.v16.sessions import report
from support.payloads import instant
from support.pki import Ca, pem, request
from voltherd.domain.certificate import HashAlgorithm

official = partial(case, version="1.6", block="Security")
ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}
ROOTS = {
    "CSMSRootCertificate": "CentralSystemRootCertificate",
    "ManufacturerRootCertificate": "ManufacturerRootCertificate",
}
"""What the API calls a root, and how 1.6 writes it."""


@pytest.fixture(scope="module")
def ca() -> Ca:
    """An authority of the operator's own."""
    return Ca()


@pytest.fixture(scope="module")
def root(ca: Ca) -> str:
    """Its root certificate, as PEM text."""
    return pem(ca.certificate)


def hashes(ca: Ca, algorithm: HashAlgorithm = "SHA256") -> dict[str, Any]:
    """How a station names the installed root."""
    data = ca.hash_data(ca.certificate, algorithm)
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


async def event(station: Station, kind: str) -> None:
    """Report a security event; it is acknowledged, kept and shown."""
    assert await station.call("SecurityEventNotification", {"type": kind, "timestamp": instant()}) == {}
    [shown] = await station.documents("station-events")
    assert (shown["source"], shown["type"]) == ("security", kind)


async def progress(station: Station, action: str, request_id: int, *statuses: str) -> None:
    """Report progress of a request; each step is acknowledged."""
    for status in statuses:
        assert await station.call(action, {"status": status, "requestId": request_id}) == {}


# -- certificates -------------------------------------------------------------------------------------------------


async def the_certificate(station: Station) -> dict[str, Any]:
    """Give the only certificate that the API shows of the station."""
    [found] = await station.documents("station-certificates")
    return dict(found)


async def install(station: Station, kind: str, root: str, answer: dict[str, Any]) -> None:
    """Send a root certificate byte for byte; what the station said is shown."""
    wanted = {"certificate_type": kind, "certificate": root}
    done = await station.command("install-certificate", wanted, answers={"InstallCertificate": answer})
    assert done.call.action == "InstallCertificate"
    assert done.call.payload == {"certificateType": ROOTS[kind], "certificate": root}
    taken = answer == ACCEPTED
    assert (done.record["state"], done.record["answer"]) == ("effect_seen" if taken else "rejected", answer)
    shown = await the_certificate(station)
    assert (shown["certificate_type"], shown["certificate"]) == (kind, root)
    assert shown["status"] == ("installed" if taken else "rejected")


async def find(station: Station, kind: str, found: dict[str, Any]) -> None:
    """Ask which certificates are installed; what the station names is shown, and is the one that was installed."""
    answer = ACCEPTED | {"certificateHashData": [found]}
    wanted = {"certificate_types": [kind]}
    done = await station.command(
        "get-installed-certificate-ids", wanted, answers={"GetInstalledCertificateIds": answer}
    )
    assert (done.call.action, done.call.payload) == ("GetInstalledCertificateIds", {"certificateType": ROOTS[kind]})
    assert done.record["state"] == "effect_seen"
    assert done.record["answer"]["certificateHashData"] == [found]
    shown = await the_certificate(station)
    assert (shown["status"], shown["hash_data"]["serial_number"]) == ("installed", found["serialNumber"])
    assert shown["certificate"], "it is known which one it is"


@official("TC_075_1_CSMS", "A root certificate of the manufacturer is installed and found on the station")
async def test_tc_075_1_csms_manufacturer_root(v16: Station, ca: Ca, root: str) -> None:
    await install(v16, "ManufacturerRootCertificate", root, ACCEPTED)
    await find(v16, "ManufacturerRootCertificate", hashes(ca))


@official("TC_075_2_CSMS", "A root certificate of the central system is installed and found on the station")
async def test_tc_075_2_csms_central_system_root(v16: Station, ca: Ca, root: str) -> None:
    await install(v16, "CSMSRootCertificate", root, ACCEPTED)
    await find(v16, "CSMSRootCertificate", hashes(ca))


@official("TC_076_CSMS", "One certificate is deleted from the station, named as the station named it")
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_tc_076_csms_certificate_deleted(v16: Station, ca: Ca, root: str, algorithm: HashAlgorithm) -> None:
    named = hashes(ca, algorithm)
    await install(v16, "CSMSRootCertificate", root, ACCEPTED)
    await find(v16, "CSMSRootCertificate", named)
    wanted = {"certificate": (await the_certificate(v16))["hash_data"]}
    done = await v16.command("delete-certificate", wanted, answers={"DeleteCertificate": ACCEPTED})
    assert (done.call.action, done.call.payload) == ("DeleteCertificate", {"certificateHashData": named})
    assert done.record["state"] == "effect_seen"
    assert (await the_certificate(v16))["status"] == "deleted"
    gone = await v16.command("delete-certificate", wanted, answers={"DeleteCertificate": {"status": "NotFound"}})
    assert (gone.record["state"], gone.record["answer"]) == ("rejected", {"status": "NotFound"})


@official("TC_077_CSMS", "A new certificate that the station finds invalid is refused, and its security event kept")
async def test_tc_077_csms_invalid_station_certificate(v16: Station, ca: Ca) -> None:
    answers = {"ExtendedTriggerMessage": ACCEPTED, "CertificateSigned": REJECTED}
    asked = await v16.command("trigger", {"message": "SignChargingStationCertificate"}, answers)
    assert (asked.call.action, asked.call.payload) == (
        "ExtendedTriggerMessage",
        {"requestedMessage": "SignChargePointCertificate"},
    )
    csr, _ = request(v16.identity)
    assert await v16.call("SignCertificate", {"csr": csr}) == ACCEPTED
    await v16.become(asked.record, "effect_seen")
    [pending] = await v16.documents("csrs")
    assert (pending["status"], pending["common_name"]) == ("pending", v16.identity)

    chain = ca.sign(csr)
    sent = await v16.api.post(f"/csrs/{pending['id']}/chain", {"certificate_chain": chain}, wait="true")
    [call] = v16.peer.taken_calls()
    assert (call.action, call.payload) == ("CertificateSigned", {"certificateChain": chain})
    signed = x509.load_pem_x509_certificate(chain.encode())
    assert signed.public_key() == x509.load_pem_x509_csr(csr.encode()).public_key()
    assert (sent["state"], sent["answer"]) == ("rejected", REJECTED)
    [refused] = await v16.documents("csrs")
    assert refused["status"] == "refused"
    await event(v16, "InvalidChargePointCertificate")


async def test_a_new_certificate_that_the_station_takes_is_shown_as_sent(v16: Station, ca: Ca) -> None:
    csr, _ = request(v16.identity)
    v16.answers["CertificateSigned"] = ACCEPTED
    assert await v16.call("SignCertificate", {"csr": csr}) == ACCEPTED
    [pending] = await v16.documents("csrs")
    path = f"/csrs/{pending['id']}/chain"
    foreign, _ = request(v16.identity)
    status, _ = await v16.api.refused(path, {"certificate_chain": ca.sign(foreign)})
    assert (status, v16.peer.taken_calls()) == (422, []), "a certificate for another key is not sent"
    sent = await v16.api.post(path, {"certificate_chain": ca.sign(csr)}, wait="true")
    assert sent["state"] == "effect_seen"
    [done] = await v16.documents("csrs")
    assert done["status"] == "sent"


@official("TC_078_CSMS", "A root certificate that the station finds invalid is refused, and its security event kept")
async def test_tc_078_csms_invalid_central_system_certificate(v16: Station, root: str) -> None:
    await install(v16, "CSMSRootCertificate", root, REJECTED)
    await event(v16, "InvalidCentralSystemCertificate")


# -- the security log ---------------------------------------------------------------------------------------------


@official("TC_079_CSMS", "The security log is asked for and uploaded; the file's name and the progress are shown")
async def test_tc_079_csms_security_log(v16: Station) -> None:
    where, oldest = "https://files.example/logs/", "2026-01-01T00:00:00Z"
    answer = ACCEPTED | {"filename": "security-1.log"}
    wanted = {"type": "security", "location": where, "oldest_at": oldest}
    done = await v16.command("get-log", wanted, answers={"GetLog": answer})
    number = done.call.payload["requestId"]
    assert done.call.action == "GetLog"
    assert done.call.payload == {
        "logType": "SecurityLog",
        "requestId": number,
        "log": {"remoteLocation": where, "oldestTimestamp": oldest},
    }
    assert (done.record["state"], done.record["answer"]) == ("accepted", answer)
    await progress(v16, "LogStatusNotification", number, "Uploading", "Uploaded")
    await v16.become(done.record, "effect_seen")
    [log] = await v16.documents("logs")
    assert (log["type"], log["file_name"], log["status"]) == ("security", "security-1.log", "uploaded")
    assert [change["status"] for change in log["history"]] == ["Uploading", "Uploaded"]


# -- signed firmware ----------------------------------------------------------------------------------------------


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
