"""Payloads: from bytes to the typed message of the negotiated version, and back.

Each action has one decoder per version, made when it is first needed. Its verdict is that of the version's official
schema; `docs/reference/message-validation.md` lists the few exceptions, and which CALLERROR a violation becomes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Raw

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.narrowing import narrowed
from voltherd.ocpp.scalars import WireType, decode_extra
from voltherd.ocpp.tenths import tenths_check
from voltherd.ocpp.verdict import refusal
from voltherd.ocpp.version import MessageSpec, OcppVersion, messages

Decode: TypeAlias = Callable[[bytes | Raw], WireType]

_encoder: Final = msgspec.json.Encoder()

encode: Final[Callable[[WireType], bytes]] = _encoder.encode
"""The payload as compact JSON; fields that are UNSET are left out. Nothing is checked: see `validate`."""


class _Decoders(dict[str, Decode]):
    """Action -> decoder of one version and direction, made on first use."""

    def __init__(self, version: OcppVersion, *, response: bool) -> None:
        super().__init__()
        self.version = version
        self.response = response

    def __missing__(self, action: str) -> Decode:
        spec = messages(self.version).get(action)
        wire_type = None if spec is None else spec.response if self.response else spec.request
        if spec is None or wire_type is None:
            raise OcppError(ErrorCode.NOT_IMPLEMENTED, f"{action} is no action of OCPP {self.version}")
        decode = self[action] = _decoder(narrowed(wire_type, self.version), spec)
        return decode


def decode_request(version: OcppVersion, action: str, raw: bytes | Raw) -> WireType:
    """The request of an action.

    Raises:
        OcppError: the version has no such action, or its schema refuses the payload; says what is wrong and where.
    """
    return _REQUESTS[version][action](raw)


def decode_response(version: OcppVersion, action: str, raw: bytes | Raw) -> WireType:
    """The answer to an action; raises as `decode_request` does."""
    return _RESPONSES[version][action](raw)


def validate(version: OcppVersion, action: str, payload: dict[str, Any] | bytes, *, response: bool = False) -> None:
    """Check a payload that is to be sent as it is.

    Raises:
        OcppError: as for `decode_request`.
    """
    raw = payload if isinstance(payload, bytes) else _encoder.encode(payload)
    (_RESPONSES if response else _REQUESTS)[version][action](raw)


def _decoder(wire_type: type[WireType], spec: MessageSpec) -> Decode:
    strict = msgspec.json.Decoder(wire_type, dec_hook=decode_extra).decode
    check = tenths_check(wire_type)

    def decode(raw: bytes | Raw) -> WireType:
        try:
            message = strict(raw)
        except msgspec.ValidationError as error:
            message = _second_look(error, raw, wire_type, spec)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _not_json(error) from None
        if check is not None:
            check(message)
        return message

    return decode


def _second_look(
    error: msgspec.ValidationError, raw: bytes | Raw, wire_type: type[WireType], spec: MessageSpec
) -> WireType:
    """From draft 6 on, 6.0 is an integer: once more with whole numbers written as such."""
    if spec.draft < 6 or "Expected `int`, got `float`" not in str(error):
        raise refusal(error) from None
    try:
        return msgspec.convert(_whole(msgspec.json.decode(raw)), wire_type, dec_hook=decode_extra)
    except msgspec.ValidationError as second:
        raise refusal(second) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise _not_json(broken) from None


def _whole(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _not_json(error: Exception) -> OcppError:
    return OcppError(ErrorCode.FORMAT_VIOLATION, f"payload is not JSON: {error}")


_REQUESTS: Final = {version: _Decoders(version, response=False) for version in OcppVersion}
_RESPONSES: Final = {version: _Decoders(version, response=True) for version in OcppVersion}
