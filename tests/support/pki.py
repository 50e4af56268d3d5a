"""A certificate authority of the tests: roots, stations' requests, chains, an OCSP responder, and revocation lists."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from support.web_service import Answer, Request
from voltherd.domain.certificate import HashAlgorithm, HashData
from voltherd.domain.certificate_reading import hash_data_of

DAY = timedelta(days=1)
ALGORITHMS = {"SHA256": hashes.SHA256, "SHA384": hashes.SHA384, "SHA512": hashes.SHA512}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def request(common_name: str, key: Key | None = None) -> tuple[str, Key]:
    """Make a station's certificate signing request."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(name_of(common_name)).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode(), key


class Ca:
    """A root that signs certificates and tells what became of them."""

    def __init__(self, name: str = "Test Root", *, now: datetime | None = None, key: Key | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(name)
        self.revoked: set[int] = set()
        self.known: set[int] = set()
        self.certificate = self._sign(self.name, self.key.public_key(), ca=True)

    def _sign(
        self,
        subject: x509.Name,
        public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        *,
        ca: bool,
        responder: bool = False,
    ) -> x509.Certificate:
        serial = x509.random_serial_number()
        self.known.add(serial)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(serial)
            .not_valid_before(self.now - DAY)
            .not_valid_after(self.now + 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if responder:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name: str) -> x509.Certificate:
        """Make a certificate with a key of its own."""
        return self._sign(name_of(name), ec.generate_private_key(ec.SECP256R1()).public_key(), ca=False)

    def sign(self, csr: str) -> str:
        """Give the chain for a request: the certificate and this root."""
        wanted = x509.load_pem_x509_csr(csr.encode())
        signed = self._sign(wanted.subject, wanted.public_key(), ca=False)  # type: ignore[arg-type]
        return pem(signed) + pem(self.certificate)

    def hash_data(self, certificate: x509.Certificate, algorithm: HashAlgorithm = "SHA256") -> HashData:
        return hash_data_of(pem(certificate) + pem(self.certificate), algorithm)

    def delegate(self) -> "Ca":
        """Make a responder that this root lets speak for it; it shares what this one knows."""
        found = Ca("Responder", now=self.now)
        found.known, found.revoked = self.known, self.revoked
        found.certificate = self._sign(found.name, found.key.public_key(), ca=False, responder=True)
        return found

    def revoke(self, certificate: x509.Certificate) -> None:
        self.revoked.add(certificate.serial_number)

    def respond(self, request: Request) -> Answer:
        """Answer as an OCSP responder does."""
        asked = ocsp.load_der_ocsp_request(request.body)
        status = ocsp.OCSPCertStatus.GOOD if asked.serial_number in self.known else ocsp.OCSPCertStatus.UNKNOWN
        revoked = asked.serial_number in self.revoked
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else status,
            this_update=self.now,
            next_update=self.now + DAY,
            revocation_time=self.now if revoked else None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate).certificates(
            [self.certificate]
        )
        return 200, builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def revocation_list(self) -> bytes:
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(self.now).next_update(self.now + DAY)
        for serial in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(self.now).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)
