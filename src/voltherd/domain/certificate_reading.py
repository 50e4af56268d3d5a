"""Reads certificates, requests for them, and what responders say of them. Pure functions over `cryptography`."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voltherd.domain.certificate import HashAlgorithm, HashData, Standing
from voltherd.domain.errors import Invalid

MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 224
"""Certification asks for keys of at least 224 bits on elliptic curves, 2048 otherwise."""
CLOCK_TOLERANCE_MS: Final = 5 * 60 * 1000
_ALGORITHMS: Final[dict[HashAlgorithm, type[hashes.HashAlgorithm]]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm)


class SigningRequest(NamedTuple):
    """What a certificate signing request says."""

    subject: str
    common_name: str
    key_type: str
    public_key: bytes
    fingerprint: str


def read_csr(pem: str) -> SigningRequest:
    """Read a request (RFC 2986, PEM) and check its signature and key. Raises Invalid, in words."""
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        signed = request.is_signature_valid
        key = request.public_key()
    except _UNREADABLE as error:
        raise Invalid(f"The certificate signing request cannot be read: {error or type(error).__name__}.") from None
    if not signed:
        raise Invalid("The certificate signing request is not signed with its own key.")
    der = request.public_bytes(Encoding.DER)
    return SigningRequest(
        subject=request.subject.rfc4514_string(),
        common_name=_common_name(request.subject),
        key_type=_key_type(key),
        public_key=_public_bytes(key),
        fingerprint=hashlib.sha256(der).hexdigest()[:16],
    )


def _key_type(key: object) -> str:
    """Name a public key. Raises Invalid where it is too weak or of no kind that certificates are made for."""
    match key:
        case rsa.RSAPublicKey():
            if key.key_size < MIN_RSA_BITS:
                raise Invalid(f"Its RSA key has {key.key_size} bits; {MIN_RSA_BITS} are the least.")
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            if key.key_size < MIN_EC_BITS:
                raise Invalid(f"Its key on {key.curve.name} has {key.key_size} bits; {MIN_EC_BITS} are the least.")
            return f"EC {key.curve.name}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
    raise Invalid(f"Its key is of a kind that is not used: {type(key).__name__}.")


def _public_bytes(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


class CertificateFacts(NamedTuple):
    """What a certificate says."""

    subject: str
    expires_at_ms: int
    public_key: bytes
    hash_data: HashData


def read_certificates(pem: str) -> list[CertificateFacts]:
    """Read a chain of certificates (PEM), the first first. Raises Invalid."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        return [_facts(certificate, found) for certificate in found]
    except _UNREADABLE as error:
        raise Invalid(f"The certificate cannot be read: {error or type(error).__name__}.") from None


def check_chain(pem: str, request: SigningRequest) -> list[CertificateFacts]:
    """Read the chain that answers a request. Raises Invalid: another key, or they do not sign each other."""
    chain = read_certificates(pem)
    if chain[0].public_key != request.public_key:
        raise Invalid("The first certificate is not for the key that the station asked a certificate for.")
    certificates = x509.load_pem_x509_certificates(pem.encode())
    for lower, upper in pairwise(certificates):
        _check_issued(lower, upper)
    return chain


def _facts(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> CertificateFacts:
    issuer = next((item for item in chain if item.subject == certificate.issuer), None)
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        expires_at_ms=_ms(certificate.not_valid_after_utc),
        public_key=_public_bytes(certificate.public_key()),
        hash_data=_hash_data(certificate, issuer, "SHA256"),
    )


def hash_data_of(pem: str, algorithm: HashAlgorithm) -> HashData:
    """Give what a certificate is known by with another algorithm. Raises Invalid."""
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except _UNREADABLE as error:
        raise Invalid(f"The certificate cannot be read: {error}.") from None
    issuer = next((item for item in chain if item.subject == chain[0].issuer), None)
    return _hash_data(chain[0], issuer, algorithm)


def _hash_data(certificate: x509.Certificate, issuer: x509.Certificate | None, algorithm: HashAlgorithm) -> HashData:
    """Hash issuer name and key as OCSP does (RFC 6960 4.1.1); without its issuer the key's hash stays empty."""
    maker = certificate if issuer is None else issuer
    known = maker.subject == certificate.issuer
    return HashData(
        hash_algorithm=algorithm,
        issuer_name_hash=_name_hash(certificate.issuer, algorithm),
        issuer_key_hash=_key_hash(maker, algorithm) if known else "",
        serial_number=f"{certificate.serial_number:x}",
    )


# -- what responders say ------------------------------------------------------------------------------------------


class Said(NamedTuple):
    """What a responder or a list says of a certificate, and until when that holds."""

    standing: Standing
    until_ms: int | None


def ocsp_request(data: HashData) -> bytes:
    """Make the request for a certificate's status (RFC 6960), DER. Raises Invalid where the hashes are none."""
    try:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            bytes.fromhex(data.issuer_name_hash),
            bytes.fromhex(data.issuer_key_hash),
            int(data.serial_number, 16),
            _ALGORITHMS[data.hash_algorithm](),
        )
        return builder.build().public_bytes(Encoding.DER)
    except _UNREADABLE as error:
        raise Invalid(f"These hashes name no certificate: {error}.") from None


def read_ocsp(der: bytes, data: HashData, now_ms: int) -> Said:
    """Read a responder's answer for a certificate. Raises Invalid: it is an error, of another one, or too old."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Invalid(f"The responder answered {response.response_status.name}.")
        return _said(response, data, now_ms)
    except _UNREADABLE as error:
        raise Invalid(f"The responder's answer cannot be read: {error or type(error).__name__}.") from None


def _said(response: ocsp.OCSPResponse, data: HashData, now_ms: int) -> Said:
    wanted = int(data.serial_number, 16)
    single = next((item for item in response.responses if item.serial_number == wanted), None)
    if single is None:
        raise Invalid("The responder answered for another certificate.")
    if single.issuer_key_hash.hex() != data.issuer_key_hash.lower() and (
        type(single.hash_algorithm) is _ALGORITHMS[data.hash_algorithm]
    ):
        raise Invalid("The responder answered for a certificate of another issuer.")
    _check_signature(response, data)
    until = single.next_update_utc
    if until is not None and _ms(until) < now_ms - CLOCK_TOLERANCE_MS:
        raise Invalid("The responder's answer is out of date.")
    words: dict[ocsp.OCSPCertStatus, Standing] = {
        ocsp.OCSPCertStatus.GOOD: "good",
        ocsp.OCSPCertStatus.REVOKED: "revoked",
    }
    return Said(words.get(single.certificate_status, "unknown"), None if until is None else _ms(until))


def _check_signature(response: ocsp.OCSPResponse, data: HashData) -> None:
    """Check that the issuer, or whom it lets speak for it, signed (RFC 6960 4.2.2.2), with what the answer brings.

    An answer without any certificate is the issuer's own; whoever has the issuer's certificate checks it.
    """
    brought = list(response.certificates)
    if not brought:
        return
    signer = next((certificate for certificate in brought if _signed_by(response, certificate)), None)
    if signer is None:
        raise Invalid("The answer is not signed by the responder that it names.")
    if _key_hash(signer, data.hash_algorithm) == data.issuer_key_hash.lower():
        return
    if not _may_respond(signer) or _name_hash(signer.issuer, data.hash_algorithm) != data.issuer_name_hash.lower():
        raise Invalid("The answer is signed by one who does not speak for the certificate's issuer.")
    issuer = next(
        (item for item in brought if _key_hash(item, data.hash_algorithm) == data.issuer_key_hash.lower()), None
    )
    if issuer is not None:
        _check_issued(signer, issuer)


def is_issued_by(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    """Whether the upper certificate's subject signed the lower one."""
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):  # another issuer, or no signature of it
        return False
    return True


def _check_issued(lower: x509.Certificate, upper: x509.Certificate) -> None:
    if not is_issued_by(lower, upper):
        names = lower.subject.rfc4514_string(), upper.subject.rfc4514_string()
        raise Invalid(f"{names[0]} was not signed by {names[1]}.")


def _signed_by(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    key, algorithm = certificate.public_key(), response.signature_hash_algorithm
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(response.signature, response.tbs_response_bytes)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _may_respond(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in uses


def _name_hash(name: x509.Name, algorithm: HashAlgorithm) -> str:
    digest = hashes.Hash(_ALGORITHMS[algorithm]())
    digest.update(name.public_bytes())
    return digest.finalize().hex()


def _key_hash(certificate: x509.Certificate, algorithm: HashAlgorithm) -> str:
    """Hash a certificate's key as OCSP names issuers: a request for what it signed holds that hash."""
    built = ocsp.OCSPRequestBuilder().add_certificate(certificate, certificate, _ALGORITHMS[algorithm]()).build()
    return built.issuer_key_hash.hex()


def read_crl(der: bytes, data: HashData, now_ms: int) -> Said:
    """Say whether a revocation list (DER or PEM) names a certificate. Raises Invalid: of another issuer, or too old."""
    try:
        load = x509.load_pem_x509_crl if der.lstrip().startswith(b"-----") else x509.load_der_x509_crl
        crl = load(der)
        if _name_hash(crl.issuer, data.hash_algorithm) != data.issuer_name_hash.lower():
            raise Invalid("The list is of another issuer.")
        until = crl.next_update_utc
        if until is not None and _ms(until) < now_ms - CLOCK_TOLERANCE_MS:
            raise Invalid("The list is out of date.")
        revoked = crl.get_revoked_certificate_by_serial_number(int(data.serial_number, 16)) is not None
        return Said("revoked" if revoked else "good", None if until is None else _ms(until))
    except _UNREADABLE as error:
        raise Invalid(f"The revocation list cannot be read: {error or type(error).__name__}.") from None


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
