"""permessage-deflate (RFC 7692): negotiation and the two codecs. No I/O."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from voltherd.websocket.http import split_list

EXTENSION = "permessage-deflate"
_TAIL = b"\x00\x00\xff\xff"
_MAX_BITS = 15
_MIN_RAW_BITS = 9
"""zlib cannot write a raw stream with a window of 2^8."""

_MIN_BYTES = 64
"""Shorter messages are sent as they are: they would hardly shrink."""


class InflateError(Exception):
    """The compressed data is broken."""


class InflatedTooLargeError(Exception):
    """The message would grow beyond the limit."""


@dataclass(frozen=True, slots=True)
class DeflateParameters:
    """The agreed parameters of one connection."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = _MAX_BITS
    client_max_window_bits: int = _MAX_BITS

    def header(self) -> str:
        """Value for `Sec-WebSocket-Extensions` in the server's answer."""
        parts = [EXTENSION]
        if self.server_no_context_takeover:
            parts.append("server_no_context_takeover")
        if self.client_no_context_takeover:
            parts.append("client_no_context_takeover")
        if self.server_max_window_bits != _MAX_BITS:
            parts.append(f"server_max_window_bits={self.server_max_window_bits}")
        if self.client_max_window_bits != _MAX_BITS:
            parts.append(f"client_max_window_bits={self.client_max_window_bits}")
        return "; ".join(parts)


CLIENT_OFFER = f"{EXTENSION}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"


def negotiate(extension_headers: Iterable[str]) -> DeflateParameters | None:
    """The server's answer to the first offer it can serve; None for no compression.

    The context is dropped after each message in both directions: a kept one would cost some
    300 KB per connection.
    """
    for offer in _offers(extension_headers):
        parameters = _parse(offer, is_offer=True)
        if parameters is not None and parameters.server_max_window_bits >= _MIN_RAW_BITS:
            return replace(
                parameters,
                server_no_context_takeover=True,
                client_no_context_takeover=True,
                client_max_window_bits=_MAX_BITS,
            )
    return None


def accept_response(extension_headers: Iterable[str]) -> DeflateParameters | None:
    """What the server agreed to; None if it chose no compression.

    Raises:
        ValueError: it answered something that was not offered.
    """
    answers = split_list(extension_headers)
    if not answers:
        return None
    parameters = _parse(answers[0], is_offer=False) if len(answers) == 1 else None
    if parameters is None:
        raise ValueError(f"extension not offered: {', '.join(answers)}")
    return parameters


def _offers(extension_headers: Iterable[str]) -> list[str]:
    return [offer for offer in split_list(extension_headers) if offer.split(";")[0].strip() == EXTENSION]


def _parse(text: str, *, is_offer: bool) -> DeflateParameters | None:
    name, *parts = (part.strip() for part in text.split(";"))
    if name != EXTENSION:
        return None
    found: dict[str, int | bool] = {}
    for part in parts:
        key, _, raw = part.partition("=")
        value = _value(key.strip(), raw.strip().strip('"'), is_offer=is_offer)
        if value is None or key.strip() in found:
            return None
        found[key.strip()] = value
    return DeflateParameters(**found)  # type: ignore[arg-type]


def _value(key: str, raw: str, *, is_offer: bool) -> int | bool | None:
    if key in ("server_no_context_takeover", "client_no_context_takeover"):
        return True if not raw else None
    if key == "client_max_window_bits" and is_offer and not raw:
        return _MAX_BITS
    if key in ("server_max_window_bits", "client_max_window_bits") and raw.isdecimal():
        return int(raw) if 8 <= int(raw) <= _MAX_BITS else None
    return None


class Deflate:
    """Compresses and inflates whole messages of one connection."""

    __slots__ = ("_compressor", "_decompressor", "_keep_in", "_keep_out", "_out_bits")

    def __init__(self, parameters: DeflateParameters, *, is_client: bool) -> None:
        client_side = (not parameters.client_no_context_takeover, parameters.client_max_window_bits)
        server_side = (not parameters.server_no_context_takeover, parameters.server_max_window_bits)
        ours, theirs = (client_side, server_side) if is_client else (server_side, client_side)
        self._keep_out, self._out_bits = ours
        self._keep_in = theirs[0]
        self._compressor: zlib._Compress | None = None
        self._decompressor: zlib._Decompress | None = None

    def compress(self, data: bytes) -> bytes | None:
        """The payload for a frame with RSV1, or None where it is better sent as it is."""
        if len(data) < _MIN_BYTES or self._out_bits < _MIN_RAW_BITS:
            return None
        compressor = self._compressor or zlib.compressobj(wbits=-self._out_bits, memLevel=6)
        if self._keep_out:
            self._compressor = compressor
        return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[: -len(_TAIL)]

    def inflate(self, data: bytes, max_bytes: int) -> bytes:
        """The message; stops as soon as it would be longer than `max_bytes`.

        Raises:
            InflateError: not a deflate stream.
            InflatedTooLargeError: the limit was reached.
        """
        decompressor = self._decompressor or zlib.decompressobj(wbits=-_MAX_BITS)
        try:
            message = decompressor.decompress(data + _TAIL, max_bytes + 1)
        except zlib.error as error:
            raise InflateError(str(error)) from None
        if len(message) > max_bytes:
            raise InflatedTooLargeError
        if self._keep_in and not decompressor.eof:
            self._decompressor = decompressor
        return message
