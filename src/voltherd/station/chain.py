"""Reads certificates, knows them by their hashes, and walks them up to a root. Pure functions over `cryptography`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from msgspec import Struct

from voltherd.station import keys

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]

_HASHES: Final[dict[HashAlgorithm, type[hashes.HashAlgorithm]]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm)
_LONGEST: Final = 10
"""More certificates than this are no chain."""


class BadCertificate(ValueError):
    """A certificate that cannot be read or must not be trusted; the text says why."""


class HashData(Struct, frozen=True, kw_only=True):
    """What a certificate is known by: hashes of its issuer's name and key in hex, and its serial number in hex."""

    algorithm: HashAlgorithm
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    def matches(self, other: HashData) -> bool:
        """Whether both name the same certificate; the case of hex digits and leading zeros say nothing."""
        return self._plain() == other._plain()

    def _plain(self) -> tuple[str, ...]:
        serial = self.serial_number.casefold().lstrip("0")
        return self.algorithm, self.issuer_name_hash.casefold(), self.issuer_key_hash.casefold(), serial


def read(pem: str) -> list[x509.Certificate]:
    """Read one or more certificates in PEM. Raises BadCertificate."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        for certificate in found:
            certificate.public_key(), certificate.subject, certificate.extensions
    except _UNREADABLE as error:
        raise BadCertificate(f"The certificate cannot be read: {error}") from None
    if len(found) > _LONGEST:
        raise BadCertificate(f"A chain of {len(found)} certificates is too long")
    return found


def to_pem(chain: Iterable[x509.Certificate]) -> str:
    """Write certificates one after the other."""
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in chain)


def common_name(certificate: x509.Certificate) -> str:
    """Give the subject's CN, empty without one."""
    return _name_part(certificate, NameOID.COMMON_NAME)


def organization(certificate: x509.Certificate) -> str:
    """Give the subject's O, empty without one."""
    return _name_part(certificate, NameOID.ORGANIZATION_NAME)


def responder_url(certificate: x509.Certificate) -> str | None:
    """Give the address of the OCSP responder that the certificate names, None without one."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return None
    for description in access:
        if description.access_method == AuthorityInformationAccessOID.OCSP:
            return str(description.access_location.value)
    return None


def hash_data(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: HashAlgorithm = "SHA256") -> HashData:
    """Hash the issuer's name and key as OCSP does (RFC 6960 4.1.1); a root is its own issuer."""
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, _HASHES[algorithm]()).build()
    return HashData(
        algorithm=algorithm,
        issuer_name_hash=asked.issuer_name_hash.hex(),
        issuer_key_hash=asked.issuer_key_hash.hex(),
        serial_number=f"{certificate.serial_number:x}",
    )


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether one certificate's name and key signed the other."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def issuer_of(certificate: x509.Certificate, among: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """Find who signed a certificate."""
    return next((other for other in among if is_issued_by(certificate, other)), None)


def check_period(certificate: x509.Certificate, at: datetime) -> None:
    """Raise BadCertificate unless the certificate is valid at that time."""
    name = certificate.subject.rfc4514_string()
    if at < certificate.not_valid_before_utc:
        raise BadCertificate(f"The certificate of {name} is not valid before {certificate.not_valid_before_utc}")
    if at > certificate.not_valid_after_utc:
        raise BadCertificate(f"The certificate of {name} expired at {certificate.not_valid_after_utc}")


def check_root(pem: str, at: datetime) -> x509.Certificate:
    """Read a certificate that is to be trusted (OCPP 2.0.1 M05.FR.07).

    Raises:
        BadCertificate: it cannot be read, is more than one, too weak, expired, or no certificate of an authority.
    """
    found = read(pem)
    if len(found) != 1:
        raise BadCertificate(f"One certificate is expected, {len(found)} came")
    root = found[0]
    check_period(root, at)
    _check_authority(root, below=0)
    if root.issuer == root.subject and not is_issued_by(root, root):
        raise BadCertificate("The root is not signed with its own key")
    return root


def verify(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    """Walk from the first certificate over the others up to one of the roots (RFC 5280 section 6).

    Returns:
        The path, from the leaf to the root.

    Raises:
        BadCertificate: some certificate is missing, expired, too weak or not allowed to sign.
    """
    path = [chain[0]]
    check_period(path[0], at)
    _check_key(path[0])
    while not _is_one_of(path[-1], roots):
        issuer = issuer_of(path[-1], roots) or issuer_of(path[-1], chain[1:])
        if issuer is None:
            raise BadCertificate(f"Nobody trusted signed {path[-1].subject.rfc4514_string()}")
        if issuer in path:
            raise BadCertificate("The certificates sign each other in a circle")
        check_period(issuer, at)
        _check_authority(issuer, below=len(path) - 1)
        path.append(issuer)
    return path


def leads_to(certificates: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> bool:
    """Whether some certificate of a chain is signed by one of the roots, or is one; says nothing of their validity."""
    return any(_is_one_of(one, roots) or issuer_of(one, roots) is not None for one in certificates)


def _check_authority(certificate: x509.Certificate, *, below: int) -> None:
    """Check that a certificate may sign others, `below` of them being authorities themselves."""
    _check_key(certificate)
    name = certificate.subject.rfc4514_string()
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        if certificate.issuer != certificate.subject:
            raise BadCertificate(f"{name} is no certificate authority") from None
        return
    if not constraints.ca:
        raise BadCertificate(f"{name} is no certificate authority")
    if constraints.path_length is not None and below > constraints.path_length:
        raise BadCertificate(f"The path below {name} is too long")
    _check_signs_certificates(certificate, name)


def _check_signs_certificates(certificate: x509.Certificate, name: str) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.key_cert_sign:
        raise BadCertificate(f"The key of {name} must not sign certificates")


def _check_key(certificate: x509.Certificate) -> None:
    try:
        keys.check_strength(certificate.public_key())
    except keys.BadKey as error:
        raise BadCertificate(str(error)) from None


def _is_one_of(certificate: x509.Certificate, roots: Sequence[x509.Certificate]) -> bool:
    return any(certificate == root for root in roots)


def _name_part(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
