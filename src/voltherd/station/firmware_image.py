"""Firmware images: what is in them, and the manufacturer's signature over them.

The signature is over the whole file with SHA-256, by RSA-PSS or on an elliptic curve (OCPP 2.0.1 L01.FR.04), and
comes in Base64 beside the file. The specification names ECSchnorr, which no common library has; ECDSA serves here.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from msgspec import Struct

from voltherd.station import keys

MAGIC: Final = b"VOLTHERD-FIRMWARE "
_PSS_SIGNING: Final = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
_PSS_CHECKING: Final = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)


class BadImage(ValueError):
    """The file is damaged, or made for other hardware; the text says which."""


class Image(Struct, frozen=True, kw_only=True):
    """What an image says of itself. `model` is empty where it fits any."""

    version: str
    model: str = ""
    digest: str = ""


def build(version: str, payload: bytes, *, model: str = "") -> bytes:
    """Make an image: a line with its description, then the program."""
    image = Image(version=version, model=model, digest=sha256(payload).hexdigest())
    return MAGIC + msgspec.json.encode(image) + b"\n" + payload


def read(content: bytes, *, model: str, name: str = "") -> Image:
    """Read an image and verify that it is whole and fits.

    A file of another make is taken as it is: its version is a stretch of its digest, since nothing else is known.

    Args:
        content: the file.
        model: of the station.
        name: of the file, without meaning for images of our make.

    Raises:
        BadImage: it is empty, damaged, or for another model (OCPP 2.0.1 L01.FR.29).
    """
    if not content:
        raise BadImage("The file is empty")
    if not content.startswith(MAGIC):
        return Image(version=f"{name[:30]}-{sha256(content).hexdigest()[:8]}".lstrip("-"))
    head, _, payload = content.partition(b"\n")
    try:
        image = msgspec.json.decode(head.removeprefix(MAGIC), type=Image)
    except msgspec.DecodeError as error:
        raise BadImage(f"The description of the image cannot be read: {error}") from None
    if sha256(payload).hexdigest() != image.digest:
        raise BadImage("The image is damaged")
    if image.model and image.model != model:
        raise BadImage(f"The image is for {image.model}, not for {model}")
    return image


def sign(content: bytes, key: bytes) -> str:
    """Sign a file with a manufacturer's private key; the signature in Base64."""
    match keys.load(key):
        case rsa.RSAPrivateKey() as private:
            return b64encode(private.sign(content, _PSS_SIGNING, hashes.SHA256())).decode()
        case ec.EllipticCurvePrivateKey() as private:
            return b64encode(private.sign(content, ec.ECDSA(hashes.SHA256()))).decode()


def is_signed(content: bytes, signature: str, certificate: x509.Certificate) -> bool:
    """Whether the signature over a file was made with the key of the certificate."""
    try:
        signed = b64decode(signature, validate=True)
        match certificate.public_key():
            case rsa.RSAPublicKey() as public:
                public.verify(signed, content, _PSS_CHECKING, hashes.SHA256())
            case ec.EllipticCurvePublicKey() as public:
                public.verify(signed, content, ec.ECDSA(hashes.SHA256()))
            case _:
                return False
    except (Base64Error, InvalidSignature):
        return False
    return True
