"""What cases of OCPP 2.x about security share: certificates of the station, and ways to another CSMS."""

import base64
from typing import NamedTuple

from cryptography import x509

from conformance.stations.csms import Attempt, Csms
from conformance.stations.hand import Hand
from conformance.stations.pki import Root
from conformance.stations.v2 import put, rebooted

SLOT = 2
"""The slot that a case writes to; the first is in use."""


class Renewed(NamedTuple):
    """A certificate of the station."""

    chain: str
    serial: str
    common_name: str


async def asked_to_sign(csms: Csms, message: str = "SignChargingStationCertificate", answer: str = "Accepted") -> str:
    """Tell the station to ask for a certificate; gives its request."""
    csms.will_answer("SignCertificate", {"status": answer})
    assert (await csms.call("TriggerMessage", requestedMessage=message))["status"] == "Accepted"
    return str((await csms.expect("SignCertificate"))["csr"])


async def renewed(
    csms: Csms,
    root: Root,
    *,
    kind: str = "ChargingStationCertificate",
    message: str = "SignChargingStationCertificate",
    chain_of: tuple[Root, ...] = (),
    responder: str = "",
) -> Renewed:
    """Give the station a certificate of that root; `chain_of` are the authorities to send with it."""
    csr = await asked_to_sign(csms, message)
    leaf = root.signed(csr, responder=responder)
    chain = leaf + "".join(one.pem for one in chain_of)
    answer = await csms.call("CertificateSigned", certificateChain=chain, certificateType=kind)
    assert answer["status"] == "Accepted", answer
    certificate = x509.load_pem_x509_certificate(leaf.encode())
    name = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    return Renewed(chain, f"{certificate.serial_number:x}", str(name))


async def install_root(csms: Csms, root: Root) -> None:
    """Let the station trust CSMSs with certificates of that root."""
    answer = await csms.call("InstallCertificate", certificateType="CSMSRootCertificate", certificate=root.pem)
    assert answer["status"] == "Accepted"


async def set_way(csms: Csms, url: str, profile: int, slot: int = SLOT) -> str:
    """Give the station a way to a CSMS; gives the status."""
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": profile,
        "ocppInterface": "Wired0",
    }
    answer = await csms.call("SetNetworkProfile", configurationSlot=slot, connectionData=data)
    return str(answer["status"])


async def prefer(csms: Csms, slots: str) -> str:
    """Set the order in which ways are tried; gives the status."""
    return str((await put(csms, "OCPPCommCtrlr.NetworkConfigurationPriority", slots))["attributeStatus"])


async def move(csms: Csms, station: Hand, other: Csms, profile: int) -> None:
    """Have the station go to another CSMS by a restart; it comes there."""
    assert await set_way(csms, other.url, profile) == "Accepted"
    assert await prefer(csms, f"{SLOT},1") in ("Accepted", "RebootRequired")
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    station.follow(other)
    await rebooted(other, station)
    await other.settle()


def password_of(attempt: Attempt) -> tuple[str, str]:
    """User and password of a handshake."""
    kind, _, credentials = attempt.headers["Authorization"].partition(" ")
    assert kind == "Basic"
    user, _, password = base64.b64decode(credentials).decode().partition(":")
    return user, password
