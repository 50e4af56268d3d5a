"""TLS as stations do it towards a CSMS: profiles 2 and 3 (OCPP 2.0.1 A00.FR.307 to A00.FR.323, A00.FR.401)."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Final, Literal

from voltherd.station import keys

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:AES128-GCM-SHA256:AES256-GCM-SHA384"
"""What A00.FR.318 lists, and what forward secrecy recommends; nothing weaker (A00.FR.320)."""

Failure = Literal["Certificate", "Version", "Cipher", "Refused", "Unreachable"]
"""Why no connection came about: the server's certificate, TLS version or ciphers, its answer, or the network."""

_VERSION_WORDS: Final = ("VERSION", "UNSUPPORTED_PROTOCOL")
_CIPHER_WORDS: Final = ("NO_SHARED_CIPHER", "HANDSHAKE_FAILURE", "NO_CIPHERS", "INSUFFICIENT_SECURITY")


@lru_cache(maxsize=16)
def shared_context(roots_pem: str) -> ssl.SSLContext:
    """A context without a certificate of the station's own; stations that trust the same share it."""
    return _context(roots_pem)


def own_context(roots_pem: str, chain_pem: str, key: bytes) -> ssl.SSLContext:
    """A context that shows the station's certificate (profile 3); `key` is PKCS #8 in DER."""
    context = _context(roots_pem)
    with _as_file(keys.to_pem(key) + chain_pem.encode()) as path:
        context.load_cert_chain(path)
    return context


def why(error: BaseException | None) -> Failure:
    """Sort what came out of an attempt to connect."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Certificate"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        if any(word in reason for word in _VERSION_WORDS):
            return "Version"
        if any(word in reason for word in _CIPHER_WORDS):
            return "Cipher"
    return "Unreachable"


def _context(roots_pem: str) -> ssl.SSLContext:
    """Trusts the given roots and nobody else; an installed certificate is trusted even if somebody signed it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_ciphers(CIPHERS)
    if roots_pem:
        context.load_verify_locations(cadata=roots_pem)
    return context


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """The path of a file that only this process can read, and that is gone afterwards."""
    if hasattr(os, "memfd_create"):  # never on a disk
        descriptor = os.memfd_create("certificate")
        path = f"/proc/self/fd/{descriptor}"
    else:
        descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield path
    finally:
        os.close(descriptor)
        if not path.startswith("/proc/"):
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108
