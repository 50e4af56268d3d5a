"""From frames to messages: fragments, compression, UTF-8 and the size limit (RFC 6455 5.4, 5.6; RFC 7692). No I/O."""

from __future__ import annotations

from enum import IntEnum

from voltherd.websocket.deflate import Deflate, InflatedTooLargeError, InflateError


class CloseCode(IntEnum):
    """The codes this layer uses itself (RFC 6455 7.4.1); applications may send 3000 to 4999 too."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS = 1005
    ABNORMAL = 1006
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013


class Opcode(IntEnum):
    """Frame types of RFC 6455 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class ProtocolViolationError(Exception):
    """The peer broke the protocol: close with `code` and `reason`."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Assembler:
    """Gathers one message from its frames; made for the first frame, dropped after the last."""

    __slots__ = ("_compressed", "_data", "_deflate", "_max_bytes", "_opcode")

    def __init__(self, max_bytes: int, deflate: Deflate | None = None) -> None:
        self._max_bytes = max_bytes
        self._deflate = deflate
        self._data = bytearray()
        self._opcode = Opcode.CONTINUATION
        self._compressed = False

    def add(self, opcode: int, payload: bytes, *, fin: bool, rsv1: bool, rsv2_3: bool) -> bytes | None:
        """Takes a data frame; gives the whole message with its last one, checked, else None.

        Raises:
            ProtocolViolationError: with the close code that fits.
        """
        self._check_order(opcode, rsv1=rsv1, rsv2_3=rsv2_3)
        if len(self._data) + len(payload) > self._max_bytes:
            raise ProtocolViolationError(CloseCode.MESSAGE_TOO_BIG, too_big(self._max_bytes))
        self._data += payload
        if not fin:
            return None
        return self._finish(bytes(self._data))

    @property
    def is_text(self) -> bool:
        """Whether the message is text (else binary)."""
        return self._opcode == Opcode.TEXT

    def _check_order(self, opcode: int, *, rsv1: bool, rsv2_3: bool) -> None:
        first = self._opcode == Opcode.CONTINUATION
        if rsv2_3 or (rsv1 and not (first and self._deflate)):
            raise ProtocolViolationError(CloseCode.PROTOCOL_ERROR, "reserved bit set")
        if first and opcode == Opcode.CONTINUATION:
            raise ProtocolViolationError(CloseCode.PROTOCOL_ERROR, "continuation without a first frame")
        if not first and opcode != Opcode.CONTINUATION:
            raise ProtocolViolationError(CloseCode.PROTOCOL_ERROR, "new message before the last one ended")
        if first:
            self._opcode, self._compressed = Opcode(opcode), rsv1

    def _finish(self, data: bytes) -> bytes:
        if self._compressed and self._deflate:
            data = self._inflate(self._deflate, data)
        if self.is_text and not is_utf8(data):
            raise ProtocolViolationError(CloseCode.INVALID_TEXT, "text is not valid UTF-8")
        return data

    def _inflate(self, deflate: Deflate, data: bytes) -> bytes:
        try:
            return deflate.inflate(data, self._max_bytes)
        except InflateError:
            raise ProtocolViolationError(CloseCode.INVALID_TEXT, "compressed data is broken") from None
        except InflatedTooLargeError:
            raise ProtocolViolationError(CloseCode.MESSAGE_TOO_BIG, too_big(self._max_bytes)) from None


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are valid UTF-8; plain ASCII is found in a few nanoseconds."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def too_big(max_bytes: int) -> str:
    """The reason given with 1009."""
    return f"message is larger than {max_bytes} bytes"


def parse_close(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame; an empty one has code 1005.

    Raises:
        ProtocolViolationError: a code that may not be sent, or a reason that is not UTF-8.
    """
    if not payload:
        return CloseCode.NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not is_sendable_code(code):
        raise ProtocolViolationError(CloseCode.PROTOCOL_ERROR, "invalid close code")
    if not is_utf8(payload[2:]):
        raise ProtocolViolationError(CloseCode.INVALID_TEXT, "close reason is not valid UTF-8")
    return code, payload[2:].decode()


def render_close(code: int, reason: str) -> bytes:
    """Payload of a close frame; the reason is cut to the 123 bytes that fit. 1005 gives an empty one."""
    if code == CloseCode.NO_STATUS:
        return b""
    text = reason.encode()[:123].decode(errors="ignore").encode()
    return code.to_bytes(2, "big") + text


def is_sendable_code(code: int) -> bool:
    """Whether a close frame may carry the code (RFC 6455 7.4; 1012 to 1014 by the IANA registry)."""
    return 3000 <= code <= 4999 or 1000 <= code <= 1003 or 1007 <= code <= 1014
