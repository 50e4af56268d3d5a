"""Certificates: what a station has installed, asks to be signed, or wants checked (functional block M)."""

from typing import Any, ClassVar, Final, Literal

from msgspec import Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
RootUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]
InstalledUse = Literal[
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "V2GCertificateChain",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
]
SigningUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
Standing = Literal["good", "revoked", "unknown"]
"""What is known of a certificate: `unknown` also where nobody could be asked."""


class HashData(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What a certificate is known by on the wire (hexadecimal digits)."""

    hash_algorithm: HashAlgorithm = "SHA256"
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    def folded(self) -> "HashData":
        """Give the form that is compared: lower case, no leading zeros in the serial number."""
        return HashData(
            hash_algorithm=self.hash_algorithm,
            issuer_name_hash=self.issuer_name_hash.lower(),
            issuer_key_hash=self.issuer_key_hash.lower(),
            serial_number=self.serial_number.lower().lstrip("0") or "0",
        )


_HASH: Final = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "6e1e6cf0aeb4ae7ee1bd6ef1ebd7c0ae5a9a5a9f55b6b0c6ff2cc2ed3e4f9b11",
    "issuer_key_hash": "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26",
    "serial_number": "3f2a91",
}


class InstallCertificate(Command):
    """Install a root certificate on a station.

    1.6 (security whitepaper) knows `CSMSRootCertificate` and `ManufacturerRootCertificate`, 2.1 also
    `OEMRootCertificate`.
    """

    name = "install-certificate"
    summary = "Install a root certificate"
    example: ClassVar[dict[str, Any]] = {
        "certificate_type": "CSMSRootCertificate",
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n",
    }
    certificate_type: RootUse
    certificate: str
    """PEM of one certificate."""


class DeleteCertificate(Command):
    """Delete a certificate from a station, named as the station reports it."""

    name = "delete-certificate"
    summary = "Delete a certificate"
    example: ClassVar[dict[str, Any]] = {"certificate": _HASH}
    certificate: HashData


class GetInstalledCertificateIds(Command):
    """Let a station tell which certificates it has installed: of some types, or all."""

    name = "get-installed-certificate-ids"
    summary = "Read the installed certificates"
    example: ClassVar[dict[str, Any]] = {"certificate_types": ["CSMSRootCertificate"]}
    certificate_types: list[InstalledUse] = field(default_factory=list)


class CertificateSigned(Command):
    """Hand a signed certificate to the station that asked for it.

    `certificate_type` and `request_id` are those of its request. Without a chain the certificate authority that is
    configured signs what the station asked for last.
    """

    name = "certificate-signed"
    summary = "Deliver a signed certificate"
    example: ClassVar[dict[str, Any]] = {
        "certificate_chain": "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n",
        "certificate_type": "ChargingStationCertificate",
    }
    certificate_chain: str | None = None
    """PEM: the station's certificate first, then those that signed it, without the root."""
    certificate_type: SigningUse | None = None
    request_id: int | None = None
    """2.1: the number that the station gave its request."""


class StationCertificate(Document, kw_only=True):
    """A certificate that a station has, had, or was to have.

    `status` is `installed`, `deleted`, `unknown` (the station no longer reports it) or `rejected`.
    """

    kind = "station-certificates"
    title = "certificate of a station"
    example: ClassVar[dict[str, Any]] = {
        "state": "installed",
        "evse_no": 0,
        "certificate_type": "CSMSRootCertificate",
        "hash_data": _HASH,
        "children": [],
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n",
        "subject": "CN=Example Root",
        "expires_at_ms": 1_900_000_000_000,
        "source": "intended",
        "reason": "",
    }
    certificate_type: str
    hash_data: HashData
    children: list[HashData] = field(default_factory=list)
    """The sub CA's of a chain, as the station reported them (M03.FR.05)."""
    certificate: str = ""
    """PEM; empty where the station reported one that nobody here installed."""
    subject: str = ""
    expires_at_ms: int | None = None
    source: Literal["intended", "reported"] = "intended"
    reason: str = ""
    """Why it is not installed, in words."""

    @property
    def key(self) -> str:
        hashes = self.hash_data.folded()
        found = (self.certificate_type, hashes.hash_algorithm, hashes.serial_number, hashes.issuer_name_hash)
        return ":".join((*found, hashes.issuer_key_hash))


CsrState = Literal["pending", "sent", "refused", "rejected"]


class Csr(Document, kw_only=True):
    """A station's request to have a certificate signed.

    `status` is `pending` (a chain is waited for), `sent` (the station took the chain), `refused` (it did not) or
    `rejected` (the request is not valid).
    """

    kind = "csrs"
    title = "certificate signing request"
    example: ClassVar[dict[str, Any]] = {
        "state": "pending",
        "evse_no": 0,
        "csr": "-----BEGIN CERTIFICATE REQUEST-----\nMIIB...\n-----END CERTIFICATE REQUEST-----\n",
        "fingerprint": "0d3c5f8a1b2c3d4e",
        "subject": "CN=CP-0001,O=Example",
        "common_name": "CP-0001",
        "key_type": "EC secp256r1",
        "certificate_type": "ChargingStationCertificate",
        "request_id": None,
        "root": None,
        "requested_at_ms": 1_757_419_000_000,
        "times_asked": 1,
        "chain": "",
        "reason": "",
    }
    csr: str
    fingerprint: str
    subject: str = ""
    common_name: str = ""
    key_type: str = ""
    certificate_type: str = ""
    """Empty: the station named none (a ChargingStationCertificate is meant)."""
    request_id: int | None = None
    root: HashData | None = None
    """2.1: the root under which the certificate is wanted."""
    requested_at_ms: int = 0
    times_asked: int = 1
    chain: str = ""
    """What the station was sent last."""
    reason: str = ""

    @property
    def key(self) -> str:
        return self.fingerprint


COMMANDS: tuple[type[Command], ...] = (
    InstallCertificate,
    DeleteCertificate,
    GetInstalledCertificateIds,
    CertificateSigned,
)
DOCUMENTS: tuple[type[Document], ...] = (StationCertificate, Csr)
