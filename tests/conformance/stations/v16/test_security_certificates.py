"""OCPP 1.6, security whitepaper: certificates of the station, what they are refused for, logs and signed firmware."""

from functools import partial
from typing import Any

import pytest
from cryptography import x509

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v16_words import Session
from support.pki import Ca, pem

official = partial(case, version="1.6", block="Security")
CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
UPDATED = ("Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed")


@pytest.fixture
def ca() -> Ca:
    """An authority of the operator's own."""
    return Ca("Operator Root")


async def install(csms: Csms, kind: str, certificate: str) -> str:
    """Install a root; gives the status of the answer."""
    answer = await csms.call("InstallCertificate", certificateType=kind, certificate=certificate)
    return str(answer["status"])


async def installed(csms: Csms, kind: str) -> list[dict[str, Any]]:
    """What the station says it has."""
    answer = await csms.call("GetInstalledCertificateIds", certificateType=kind)
    found = list(answer.get("certificateHashData", []))
    assert (answer["status"] == "Accepted") == bool(found), answer
    return found


def _is(hashes: dict[str, Any], ca: Ca) -> bool:
    wanted = ca.hash_data(ca.certificate, hashes["hashAlgorithm"])
    told = [hashes[name].casefold() for name in ("issuerNameHash", "issuerKeyHash", "serialNumber")]
    told[2] = told[2].lstrip("0")
    parts = wanted.issuer_name_hash, wanted.issuer_key_hash, wanted.serial_number.lstrip("0")
    return told == [part.casefold() for part in parts]


async def event(csms: Csms, kind: str) -> Came:
    """A security event was told."""
    return await csms.expect("SecurityEventNotification", type=kind)


async def _requested(csms: Csms, ca: Ca) -> Came:
    """The station trusts the authority, and asks for a certificate as it was told to."""
    assert await install(csms, CENTRAL, pem(ca.certificate)) == "Accepted"
    answer = await csms.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    assert answer["status"] == "Accepted"
    return await csms.expect("SignCertificate")


@official("TC_074_CS", "Told to, it asks for a certificate in its own name, and takes the one that comes")
async def test_tc_074_cs_certificate(csms: Csms, station: Hand, ca: Ca) -> None:
    asked = await _requested(csms, ca)
    csr = x509.load_pem_x509_csr(asked["csr"].encode())
    assert csr.is_signature_valid
    [name] = csr.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    assert name.value == station.config.serial_number
    assert csr.subject.get_attributes_for_oid(x509.oid.NameOID.ORGANIZATION_NAME), "the operator is not named"
    answer = await csms.call("CertificateSigned", certificateChain=ca.sign(asked["csr"]))
    assert answer["status"] == "Accepted"
    await csms.none("SignCertificate")
    again = await csms.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    assert again["status"] == "Accepted"
    second = await csms.expect("SignCertificate")
    key = x509.load_pem_x509_csr(second["csr"].encode()).public_key()
    assert key != csr.public_key(), "it uses the old key again"


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            MANUFACTURER,
            marks=official("TC_075_1_CS", "A root of the manufacturer is installed, and found there"),
            id="TC_075_1_CS",
        ),
        pytest.param(
            CENTRAL,
            marks=official("TC_075_2_CS", "A root of the central system is installed, and found there"),
            id="TC_075_2_CS",
        ),
    ],
)
async def test_root_installed(csms: Csms, station: Hand, ca: Ca, kind: str) -> None:
    before = await installed(csms, kind)
    assert await install(csms, kind, pem(ca.certificate)) == "Accepted"
    added = [one for one in await installed(csms, kind) if one not in before]
    assert len(added) == 1
    assert _is(added[0], ca)
    other = CENTRAL if kind == MANUFACTURER else MANUFACTURER
    assert not any(_is(one, ca) for one in await installed(csms, other))
    await station.power_cut()
    await csms.expect("BootNotification")
    assert added[0] in await installed(csms, kind), "it was lost over a power cut"


@official("TC_076_CS", "A root is deleted by its hashes; it is not found then, and cannot be deleted again")
async def test_tc_076_cs_deleted(csms: Csms, station: Hand, ca: Ca) -> None:
    assert await install(csms, CENTRAL, pem(ca.certificate)) == "Accepted"
    [hashes] = [one for one in await installed(csms, CENTRAL) if _is(one, ca)]
    assert (await csms.call("DeleteCertificate", certificateHashData=hashes))["status"] == "Accepted"
    assert hashes not in await installed(csms, CENTRAL)
    assert (await csms.call("DeleteCertificate", certificateHashData=hashes))["status"] == "NotFound"


@pytest.mark.parametrize("wrong", ["no certificate", "another key", "another authority"])
@official("TC_077_CS", "A certificate that is not what it asked for is refused, and that is a security event")
async def test_tc_077_cs_wrong_certificate(csms: Csms, station: Hand, ca: Ca, wrong: str) -> None:
    asked = await _requested(csms, ca)
    chain = {
        "no certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "another key": pem(ca.issue(station.config.serial_number)) + pem(ca.certificate),
        "another authority": Ca("Stranger").sign(asked["csr"]),
    }[wrong]
    assert (await csms.call("CertificateSigned", certificateChain=chain))["status"] == "Rejected"
    await event(csms, "InvalidChargePointCertificate")


@official("TC_078_CS", "A root that makes no sense is refused, and that is a security event")
async def test_tc_078_cs_wrong_root(csms: Csms, station: Hand, ca: Ca) -> None:
    before = await installed(csms, CENTRAL)
    leaf = pem(ca.issue("no authority"))
    assert await install(csms, CENTRAL, leaf) == "Rejected"
    await event(csms, "InvalidCentralSystemCertificate")
    assert await installed(csms, CENTRAL) == before


@official("TC_079_CS", "The security log is brought to the place named, under the name told")
async def test_tc_079_cs_security_log(csms: Csms, station: Hand, files: FileServer) -> None:
    where = {"remoteLocation": f"{files.url}/security/"}
    answer = await csms.call("GetLog", logType="SecurityLog", requestId=79, log=where)
    assert answer["status"] == "Accepted"
    for word in ("Uploading", "Uploaded"):
        assert (await csms.expect("LogStatusNotification", requestId=79))["status"] == word
    [(path, content)] = files.received.items()
    assert path == f"/security/{answer['filename']}"
    assert b"StartupOfTheDevice" in content


async def _signed_update(csms: Csms, station: Hand, files: FileServer, spoiled: str = "") -> str:
    assert await install(csms, MANUFACTURER, files.manufacturer.pem) == "Accepted"
    firmware = files.firmware(station.time(-60), spoiled=spoiled)
    answer = await csms.call("SignedUpdateFirmware", requestId=80, firmware=firmware, retries=0)
    return str(answer["status"])


async def _progress(csms: Csms, station: Hand, *words: str) -> None:
    came: Came | None = None
    for word in words:
        awaited = csms.expect("SignedFirmwareStatusNotification", after=came, requestId=80)
        came = await station.meanwhile(awaited, step_s=2)
        assert came["status"] == word


@official("TC_080_CS", "Signed firmware is fetched, verified and installed; the restart brings the new version")
async def test_tc_080_cs_signed_update(csms: Csms, station: Hand, files: FileServer) -> None:
    old = next(c for c in csms.calls if c.action == "BootNotification")["firmwareVersion"]
    assert await _signed_update(csms, station, files) == "Accepted"
    await _progress(csms, station, *UPDATED)
    boot = await csms.expect("BootNotification")
    assert boot["firmwareVersion"] != old
    await event(csms, "FirmwareUpdated")
    await csms.none("FirmwareStatusNotification")


@official("TC_081_CS", "Firmware whose signature is wrong is not installed, and that is a security event")
async def test_tc_081_cs_invalid_signature(csms: Csms, station: Hand, files: FileServer) -> None:
    assert await _signed_update(csms, station, files, "signature") == "Accepted"
    await _progress(csms, station, "Downloading", "Downloaded", "InvalidSignature")
    await event(csms, "InvalidFirmwareSignature")
    await csms.none("BootNotification")
    await Session(csms, station).charging()


@official("TC_081_CS", "Firmware whose certificate is wrong is not even fetched, and that is a security event")
async def test_tc_081_cs_invalid_certificate(csms: Csms, station: Hand, files: FileServer) -> None:
    assert await _signed_update(csms, station, files, "certificate") == "InvalidCertificate"
    await event(csms, "InvalidFirmwareSigningCertificate")
    await csms.none("SignedFirmwareStatusNotification")
