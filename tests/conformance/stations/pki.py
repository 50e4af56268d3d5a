"""Roots, the certificates they sign, and TLS servers with them, for cases of a station."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def name_of(common_name: str) -> x509.Name:
    """A name of one part."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def to_pem(certificate: x509.Certificate) -> str:
    """As PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Root:
    """An authority; `above` signed it, itself without. `days` may lie in the past."""

    def __init__(
        self, name: str = "Root", *, above: "Root | None" = None, days: int = 30, rsa_key: bool = False
    ) -> None:
        self.key = _key(rsa_key)
        self.name = name_of(name)
        signer = above or self
        self.certificate = signer._sign(self.name, self.key.public_key(), authority=True, days=days)

    @property
    def pem(self) -> str:
        """The root itself."""
        return to_pem(self.certificate)

    def _sign(
        self,
        subject: x509.Name,
        public_key: PublicKey,
        *,
        authority: bool = False,
        days: int = 30,
        host: str = "",
        responder: str = "",
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        end = now + days * DAY
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, end) - 2 * DAY)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            if host[0].isdigit():
                names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
            builder = builder.add_extension(names, critical=False)
        if responder:
            place = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def signed(self, csr: str, *, responder: str = "") -> str:
        """The chain for a request: the certificate alone, as the root is known."""
        wanted = x509.load_pem_x509_csr(csr.encode())
        assert wanted.is_signature_valid
        public_key = wanted.public_key()
        assert isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        assert public_key.key_size >= (2048 if isinstance(public_key, rsa.RSAPublicKey) else 224)
        return to_pem(self._sign(wanted.subject, public_key, responder=responder))

    def issued(self, common_name: str, *, responder: str = "") -> tuple[str, Key]:
        """A certificate with a key of its own."""
        key = _key()
        return to_pem(self._sign(name_of(common_name), key.public_key(), responder=responder)), key

    def server(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        days: int = 30,
        clients: "Root | None" = None,
        rsa_key: bool = False,
    ) -> ssl.SSLContext:
        """A TLS server with a certificate of this root; with `clients` it asks for one of theirs."""
        key = _key(rsa_key)
        certificate = self._sign(name_of(host), key.public_key(), days=days, host=host)
        file = folder / f"server-{certificate.serial_number}.pem"
        file.write_bytes(
            to_pem(certificate).encode()
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients.pem)
        return context

    def hash_data(self) -> dict[str, str]:
        """How OCPP names this root, which signed itself."""
        public = self.certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": sha256(self.certificate.issuer.public_bytes()).hexdigest(),
            "issuerKeyHash": sha256(_bits(public)).hexdigest(),
            "serialNumber": f"{self.certificate.serial_number:x}",
        }

    def sign_file(self, content: bytes, key: Key) -> str:
        """A signature over a file, as a manufacturer makes it."""
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return base64.b64encode(key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()


def _key(rsa_key: bool = False) -> Key:
    return rsa.generate_private_key(65_537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())


def _bits(spki: bytes) -> bytes:
    """The public key without what says of which kind it is (RFC 6960, 4.1.1)."""
    loaded = serialization.load_der_public_key(spki)
    if isinstance(loaded, rsa.RSAPublicKey):
        return loaded.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    return loaded.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def same_hash(found: dict[str, str], wanted: dict[str, str]) -> bool:
    """Whether two names of a certificate are the same, whatever the case and leading zeros of their digits."""
    return all(
        found[name].lower().lstrip("0") == wanted[name].lower().lstrip("0")
        for name in ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
    )
