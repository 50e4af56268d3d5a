"""The frames of OCPP-J: five array shapes around a payload that stays raw.

Decoding has two stages. Here a frame becomes a tagged array whose payload is only skipped over;
`voltherd.ocpp.payload` decodes it once the action is known. What deviates but can be understood
(OCPP 2.1 part 4, 4.1 and 4.2, and what real stations do) is read and marked in an `IrregularCall`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from voltherd.ocpp.errors import UNREADABLE_ID, ErrorCode, FrameError, OcppError, parse_code, spelled
from voltherd.ocpp.version import OcppVersion

ID_LIMIT: Final = 36
"""Longest message id the specifications allow, in characters."""

TOLERATED_ID_LIMIT: Final = 255
"""Longest message id we still serve, in characters."""

EMPTY_PAYLOAD: Final = b"{}"


class NumericId(str):
    """A message id that came as a JSON number; answers carry the same number."""

    __slots__ = ()


class Call(Struct, tag=2, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """CALL: a request that must be answered."""

    message_id: str
    action: str
    payload: Raw


class IrregularCall(Call, tag=2, array_like=True, frozen=True, gc=False, kw_only=True):
    """A CALL understood in spite of a deviation, which `remark` names."""

    remark: str


class CallResult(Struct, tag=3, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """CALLRESULT: the answer to a CALL."""

    message_id: str
    payload: Raw


class CallError(Struct, tag=4, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """CALLERROR: the refusal of a CALL."""

    message_id: str
    code: str
    description: str = ""
    details: Raw = Raw(EMPTY_PAYLOAD)

    def to_error(self) -> OcppError:
        """The refusal as an exception."""
        return _to_error(self.code, self.description, self.details)


class CallResultError(Struct, tag=5, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """CALLRESULTERROR: an answer of ours could not be processed (2.1)."""

    message_id: str
    code: str
    description: str = ""
    details: Raw = Raw(EMPTY_PAYLOAD)

    def to_error(self) -> OcppError:
        """The refusal as an exception."""
        return _to_error(self.code, self.description, self.details)


class Send(Struct, tag=6, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """SEND: a message that nothing answers (2.1)."""

    message_id: str
    action: str
    payload: Raw


Frame = Call | CallResult | CallError | CallResultError | Send

_FRAMES: Final = msgspec.json.Decoder(Call | CallResult | CallError | CallResultError | Send)
_ELEMENTS: Final = msgspec.json.Decoder(list[Raw])
_encode: Final = msgspec.json.Encoder().encode
_NULL: Final = Raw(b"null")
_START: Final = re.compile(rb'\s*\[\s*(\d{1,4})\s*(?:,\s*(?:"([^"\\\x00-\x1f]{1,255})"|(\d{1,36}))\s*[,\]])?')
_LONE_SURROGATE: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*)"
    rb"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def decode_frame(data: bytes | str) -> Frame:
    """Read one text frame.

    Raises:
        FrameError: it cannot be understood; carries the message id and type where they could be read.
    """
    try:
        frame: Frame = _FRAMES.decode(data)
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        return _decode_irregular(data)
    if len(frame.message_id) > ID_LIMIT or getattr(frame, "payload", None) == _NULL:
        return _decode_irregular(data)
    return frame


def _to_error(code: str, description: str, details: Raw) -> OcppError:
    try:
        parsed = msgspec.json.decode(details)
    except (ValueError, RecursionError):
        parsed = None
    return OcppError(parse_code(code), description, parsed if isinstance(parsed, dict) else None)


def _decode_irregular(data: bytes | str) -> Frame:
    """The slow way: element by element, tolerating what can be understood."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    remarks: list[str] = []
    try:
        elements = _elements(raw, remarks)
        message_type = _message_type(elements, remarks)
    except FrameError as error:
        raise _with_start(error, raw) from None
    message_id = _message_id(elements, message_type, remarks)
    return _rebuild(message_type, message_id, elements, remarks)


def _elements(raw: bytes, remarks: list[str]) -> list[Raw]:
    if not raw.strip(b" \t\r\n\x00"):
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, "The frame is empty", is_empty=True)
    try:
        raw.decode()
        return _ELEMENTS.decode(raw)
    except msgspec.ValidationError:
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, "The frame is not a JSON array") from None
    except RecursionError:
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, "The frame is nested too deeply") from None
    except ValueError:
        pass
    mended = _LONE_SURROGATE.sub(lambda m: m[1] + (m[2] or rb"\ufffd"), raw).removeprefix(b"\xef\xbb\xbf")
    mended = mended.decode("utf-8", "replace").encode()
    try:
        elements = _ELEMENTS.decode(mended)
    except (ValueError, RecursionError):
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, "The frame is not valid JSON") from None
    remarks.append("characters that are no valid Unicode were replaced")
    return elements


def _with_start(error: FrameError, raw: bytes) -> FrameError:
    """The same error with the type and id that the first bytes of a broken frame still show."""
    start = _START.match(raw)
    if start is None:
        return error
    number = NumericId(start[3].decode()) if start[3] else None
    text = start[2].decode("utf-8", "replace") if start[2] else None
    return FrameError(
        ErrorCode.RPC_FRAMEWORK_ERROR,
        error.description,
        message_id=number or text or UNREADABLE_ID,
        message_type=int(start[1]),
    )


def _message_type(elements: list[Raw], remarks: list[str]) -> int:
    value = _plain(elements[0]) if elements else None
    if isinstance(value, str | float):
        remarks.append("the message type is not written as an integer")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 5:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, "The frame does not begin with a message type number")
    return value


def _message_id(elements: list[Raw], message_type: int, remarks: list[str]) -> str:
    value = _plain(elements[1]) if len(elements) > 1 else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        remarks.append("the message id is a number")
        value = NumericId(bytes(elements[1]).decode())
    if not isinstance(value, str) or len(value) > TOLERATED_ID_LIMIT:
        problem = "too long" if isinstance(value, str) else "not a string"
        raise FrameError(ErrorCode.RPC_FRAMEWORK_ERROR, f"The message id is {problem}", message_type=message_type)
    if len(value) > ID_LIMIT:
        remarks.append(f"the message id is longer than {ID_LIMIT} characters")
    return value


def _rebuild(message_type: int, message_id: str, elements: list[Raw], remarks: list[str]) -> Frame:
    def wrong(code: ErrorCode, description: str) -> FrameError:
        return FrameError(code, description, message_id=message_id, message_type=message_type)

    if message_type not in (2, 3, 4, 5, 6):
        raise wrong(ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, f"There is no message type {message_type}")
    rest = elements[2:]
    if message_type in (2, 6):
        if len(rest) != 2:
            raise wrong(ErrorCode.RPC_FRAMEWORK_ERROR, f"A CALL has 4 elements, this one {len(elements)}")
        action = _plain(rest[0])
        if not isinstance(action, str):
            raise wrong(ErrorCode.RPC_FRAMEWORK_ERROR, "The action is not a string")
        return _call(message_type, message_id, action, rest[1], remarks)
    if message_type == 3:
        if len(rest) != 1:
            raise wrong(ErrorCode.RPC_FRAMEWORK_ERROR, f"A CALLRESULT has 3 elements, this one {len(elements)}")
        return CallResult(message_id, _payload(rest[0], remarks))
    return _call_error(message_type, message_id, rest)


def _call(message_type: int, message_id: str, action: str, raw: Raw, remarks: list[str]) -> Call | Send:
    payload = _payload(raw, remarks)
    if message_type == 6:
        return Send(message_id, action, payload)
    if not remarks:
        return Call(message_id, action, payload)
    return IrregularCall(message_id, action, payload, remark="; ".join(remarks))


def _payload(raw: Raw, remarks: list[str]) -> Raw:
    """The payload; `null` stands for the empty object (OCPP 2.1 part 4, 4.1.5)."""
    if raw != _NULL:
        return raw
    remarks.append("the payload is null")
    return Raw(EMPTY_PAYLOAD)


def _call_error(message_type: int, message_id: str, rest: list[Raw]) -> CallError | CallResultError:
    """A refusal is worth reading however it is shaped: nobody answers it."""
    code, description = ([_plain(raw) for raw in rest[:2]] + [None, None])[:2]
    kind = CallError if message_type == 4 else CallResultError
    return kind(
        message_id,
        code if isinstance(code, str) else str(ErrorCode.GENERIC_ERROR),
        description if isinstance(description, str) else "",
        rest[2] if len(rest) > 2 else Raw(EMPTY_PAYLOAD),
    )


def _plain(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None


def encode_id(message_id: str) -> bytes:
    """A message id as JSON, of the type it came in."""
    if type(message_id) is NumericId:
        return message_id.encode()
    return _encode(message_id)


def encode_call(message_id: str, action: str, payload: bytes) -> bytes:
    """A CALL around an encoded payload."""
    return b'[2,%b,"%b",%b]' % (encode_id(message_id), action.encode(), payload)


def encode_send(message_id: str, action: str, payload: bytes) -> bytes:
    """A SEND around an encoded payload (2.1)."""
    return b'[6,%b,"%b",%b]' % (encode_id(message_id), action.encode(), payload)


def encode_result(message_id: str, payload: bytes) -> bytes:
    """A CALLRESULT around an encoded payload."""
    return b"[3,%b,%b]" % (encode_id(message_id), payload)


def encode_error(message_id: str, error: OcppError, version: OcppVersion, *, message_type: int = 4) -> bytes:
    """A CALLERROR, or with `message_type` 5 a CALLRESULTERROR (2.1)."""
    body = _encode((spelled(error.code, version), error.description, error.details))
    return b"[%d,%b,%b" % (message_type, encode_id(message_id), body[1:])
