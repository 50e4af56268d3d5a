"""TLS for stations: one port serves security profiles 2 and 3 (OCPP 2.0.1 A00, 1.6 whitepaper)."""

import ssl
from collections.abc import Sequence

from voltherd.domain.errors import Invalid

CIPHERS_TLS12 = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE+AESGCM"


CIPHERS_CERTIFICATION = f"{CIPHERS_TLS12}:AES128-GCM-SHA256:AES256-GCM-SHA384"
"""With the two suites without forward secrecy that certification asks for (A00.FR.321)."""


def station_tls(
    certificates: Sequence[str], keys: Sequence[str], client_ca: str | None, *, ciphers: str = CIPHERS_TLS12
) -> ssl.SSLContext:
    """Build the context of the TLS port: 1.2 and 1.3, no compression, a client certificate asked for, not required.

    Raises Invalid where a file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(ciphers)
    for certificate, key in zip(certificates, keys, strict=True):
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(f"The certificate {certificate} with key {key} cannot be used: {_words(error)}.") from None
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(f"The client authorities in {client_ca} cannot be used: {_words(error)}.") from None
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _words(error: OSError) -> str:
    return error.strerror or str(error)
