"""Contract certificates that a station could not check itself: read, and held against the roots that are trusted."""

from itertools import pairwise
from typing import Final, Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from voltherd.domain.certificate import HashData
from voltherd.domain.certificate_reading import is_issued_by
from voltherd.domain.id_token import Authorization, Verdict

ChainState = Literal["good", "expired", "revoked", "invalid"]
CertificateStatus = Literal[
    "Accepted", "CertificateExpired", "CertificateRevoked", "CertChainError", "ContractCancelled"
]
_CANCELLED: Final[tuple[Verdict, ...]] = ("Blocked", "Expired", "Invalid", "Unknown")


class ToCheck(NamedTuple):
    """A certificate of which a responder is to be asked; an empty address: it names none."""

    data: HashData
    responder_url: str


def joined(verdict: Authorization, chain: ChainState) -> CertificateStatus:
    """Join what holds of token and certificate: the verdict is changed, the certificate's word given (C07.FR.13-17)."""
    if chain == "good":
        return "ContractCancelled" if verdict.status in _CANCELLED else "Accepted"
    verdict.max_cost = None
    verdict.status = "Expired" if chain == "expired" else "Invalid"
    words: dict[ChainState, CertificateStatus] = {"expired": "CertificateExpired", "revoked": "CertificateRevoked"}
    return words.get(chain, "CertChainError")


def read_chain(pem: str, roots_pem: str, now_ms: int) -> tuple[ChainState, list[ToCheck]]:
    """Hold a chain (leaf first) against the roots; gives how it stands and what responders are to be asked.

    Revocation is not looked at here. A chain that cannot be read, or leads to no root, is invalid.
    """
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
        roots = x509.load_pem_x509_certificates(roots_pem.encode())
    except ValueError:
        return "invalid", []
    chain = [item for item in chain if item not in roots]
    issuer = next((root for root in roots if chain and is_issued_by(chain[-1], root)), None)
    if issuer is None or not all(is_issued_by(lower, upper) for lower, upper in pairwise(chain)):
        return "invalid", []
    path = [*chain, issuer]
    if any(now_ms > item.not_valid_after_utc.timestamp() * 1000 for item in path):
        return "expired", []
    if any(now_ms < item.not_valid_before_utc.timestamp() * 1000 for item in path) or not _may_sign(path[1:]):
        return "invalid", []
    return "good", [_to_check(lower, upper) for lower, upper in pairwise(path)]


def check_roots(pem: str) -> None:
    """Raise ValueError where this is no list of certificates."""
    try:
        x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ValueError("contract_roots: there are no certificates in PEM") from None


def _may_sign(issuers: list[x509.Certificate]) -> bool:
    for item in issuers:
        try:
            if not item.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return False
        except (x509.ExtensionNotFound, ValueError):
            return False
    return True


def _to_check(certificate: x509.Certificate, issuer: x509.Certificate) -> ToCheck:
    built = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
    data = HashData(
        hash_algorithm="SHA256",
        issuer_name_hash=built.issuer_name_hash.hex(),
        issuer_key_hash=built.issuer_key_hash.hex(),
        serial_number=f"{certificate.serial_number:x}",
    )
    return ToCheck(data, _responder(certificate))


def _responder(certificate: x509.Certificate) -> str:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    places = [item.access_location for item in access if item.access_method == AuthorityInformationAccessOID.OCSP]
    return next((place.value for place in places if isinstance(place, x509.UniformResourceIdentifier)), "")
