"""From msgspec's complaint to the CALLERROR: which code, where, and in words an operator reads."""

from __future__ import annotations

from typing import Final

import msgspec

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.scalars import DATE_TIME_PATTERN, FOREIGN_FIELD

_MISSING: Final = "Object missing required field `"
_UNKNOWN: Final = "Object contains unknown field `"
_NAME_LIMIT: Final = 64
_VENDOR_ID: Final = "vendorId: "


def refusal(error: msgspec.DecodeError) -> OcppError:
    """The error to answer with.

    Its details hold `path` (`$.meterValue[0].timestamp`, names as on the wire) and `rule`, one of required, unknown,
    type, enum, format, length, items and range; without both the payload is no JSON at all.
    """
    if not isinstance(error, msgspec.ValidationError):
        return OcppError(ErrorCode.FORMAT_VIOLATION, f"payload is not JSON: {error}")
    reason, path = _split(str(error))
    code, rule, words, field = _classified(reason)
    where = f"{path}.{field}" if field else path
    return refused(code, rule, where, words)


def refused(code: ErrorCode, rule: str, path: str, words: str) -> OcppError:
    """An error about the value at `path`."""
    return OcppError(code, f"{path}: {words}", {"path": path, "rule": rule})


def _split(text: str) -> tuple[str, str]:
    reason, separator, path = text.rpartition(" - at `")
    return (reason, path.removesuffix("`")) if separator else (text, "$")


def _classified(reason: str) -> tuple[ErrorCode, str, str, str]:
    """Code, rule, words, and the field below the path that the complaint is about."""
    if reason.startswith(_MISSING):
        return ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "required", "is required", reason[len(_MISSING) : -1]
    if reason.startswith(_UNKNOWN):
        return ErrorCode.FORMAT_VIOLATION, "unknown", "no such field", reason[len(_UNKNOWN) : -1][:_NAME_LIMIT]
    if reason == FOREIGN_FIELD:
        return ErrorCode.FORMAT_VIOLATION, "unknown", "no such field in this version", ""
    if reason.startswith("Invalid enum value"):
        return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "enum", "none of the allowed values", ""
    if reason.startswith(_VENDOR_ID):
        code, rule, words, _ = _classified(reason[len(_VENDOR_ID) :])
        return code, rule, words, "vendorId"
    return (*_expectation(reason), "")


def _expectation(reason: str) -> tuple[ErrorCode, str, str]:
    words = reason.replace("`", "").replace("Expected", "expected")
    if reason.startswith("Expected `array` of length"):
        return ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "items", words
    if " matching regex " in reason:
        form = "date-time (RFC 3339)" if DATE_TIME_PATTERN[:20] in reason else "URI (RFC 3986)"
        return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "format", f"not a {form}"
    if "`, got `" in reason:
        return ErrorCode.TYPE_CONSTRAINT_VIOLATION, "type", words.replace(", got other", "")
    rule = "length" if " of length " in reason else "range"
    return ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, rule, words
