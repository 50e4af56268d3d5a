"""Private keys of a station and the requests to have them certified. Pure functions over `cryptography`.

Keys are handed around as PKCS #8 in DER: that is what storage keeps, and it is a tenth of the size of a loaded key.
"""

from __future__ import annotations

from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

KeyKind = Literal["secp256r1", "secp384r1", "secp256k1", "brainpoolP256r1", "rsa2048", "rsa3072"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

MIN_RSA_BITS: Final = 2048
MIN_EC_BITS: Final = 224
"""The least sizes of keys (OCPP 2.0.1 A00.FR.502, A00.FR.503)."""

_CURVES: Final[dict[str, type[ec.EllipticCurve]]] = {
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp256k1": ec.SECP256K1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
}


class BadKey(ValueError):
    """A key that cannot be read, is too weak, or is of a kind that OCPP does not use."""


def generate(kind: KeyKind = "secp256r1") -> bytes:
    """Make a private key (OCPP 2.0.1 A02.FR.02) as PKCS #8 in DER."""
    if kind in _CURVES:
        return to_der(ec.generate_private_key(_CURVES[kind]()))
    return to_der(rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa"))))


def to_der(key: PrivateKey) -> bytes:
    """Write a private key as PKCS #8 in DER."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def to_pem(der: bytes) -> bytes:
    """Write a private key as TLS libraries want it."""
    return load(der).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load(data: bytes) -> PrivateKey:
    """Read a private key, DER or PEM. Raises BadKey."""
    try:
        key = load_pem_private_key(data, None) if data.startswith(b"-----") else load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(f"The private key cannot be read: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise BadKey(f"A private key is of a kind that is not used: {type(key).__name__}")
    return key


def check_strength(key: object) -> PublicKey:
    """Give back a public key that is strong enough (OCPP 2.0.1 A00.FR.501 to A00.FR.503). Raises BadKey."""
    match key:
        case rsa.RSAPublicKey():
            least, bits = MIN_RSA_BITS, key.key_size
        case ec.EllipticCurvePublicKey():
            least, bits = MIN_EC_BITS, key.key_size
        case _:
            raise BadKey(f"A key is of a kind that is not used: {type(key).__name__}")
    if bits < least:
        raise BadKey(f"A key has {bits} bits, {least} are the least")
    return key


def public_bytes(key: PublicKey) -> bytes:
    """Write a public key as SubjectPublicKeyInfo in DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signing_request(der: bytes, *, common_name: str, organization: str = "") -> str:
    """Make a certificate signing request in PEM (RFC 2986; OCPP 2.0.1 A02.FR.03).

    Args:
        der: the private key.
        common_name: the serial number of the station (A00.FR.511).
        organization: the operator's name (A00.FR.509; of 1.6 A02.FR.13); left out when empty.
    """
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names)).sign(load(der), hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()
