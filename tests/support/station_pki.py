"""Authorities for tests of stations: roots, intermediates, answers to signing requests, at a time of one's choice."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from voltherd.station import chain, keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def name_of(common_name, organization=""):
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(names)


class Maker:
    """An authority; `above` is who signed it, itself without."""

    def __init__(self, name="Root", above=None, *, ca=True, path_length=None, key=None, start=NOW - DAY, days=100):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name_of(name)
        self.above = above or self
        self.certificate = self.above.sign(
            self.name, self.key.public_key(), ca=ca, path_length=path_length, start=start, days=days
        )

    def sign(self, subject, public_key, *, ca=False, path_length=None, start=NOW - DAY, days=100, responder=None):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(start + days * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
        if responder is not None:
            place = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self):
        return chain.to_pem([self.certificate])

    def answer(self, csr, **more):
        """Sign a request; the chain without the root."""
        wanted = x509.load_pem_x509_csr(csr.encode())
        leaf = self.sign(wanted.subject, wanted.public_key(), **more)
        return chain.to_pem([leaf] if self.above is self else [leaf, self.certificate])

    def issue(self, common_name, **more):
        """A certificate with a key of its own: PEM and private key."""
        key = keys.generate()
        return self.answer(keys.signing_request(key, common_name=common_name), **more), key


def hash_of(maker, algorithm="SHA256"):
    return chain.hash_data(maker.certificate, maker.above.certificate, algorithm)


def on_the_wire(data):
    return {
        "hashAlgorithm": data.algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }
