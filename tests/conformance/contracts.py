"""Contract certificates for cases about Plug and Charge."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from support.pki import Ca, name_of


def contract_certificate(ca: Ca, emaid: str, responder_url: str) -> x509.Certificate:
    """Make a contract's certificate that names its responder, which knows it."""
    serial = x509.random_serial_number()
    ca.known.add(serial)
    place = x509.AccessDescription(
        x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder_url)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name_of(emaid))
        .issuer_name(ca.name)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(serial)
        .not_valid_before(ca.now - timedelta(days=1))
        .not_valid_after(ca.now + timedelta(days=30))
        .add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
