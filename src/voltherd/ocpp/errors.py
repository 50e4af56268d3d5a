"""What can go wrong on the wire, and how each version spells it.

::

    Exception
    ├── OcppError           a message cannot be served: becomes a CALLERROR
    │   └── FrameError      not even the frame could be read
    └── CallNotPossible     the connection takes no further call: closed, or its queue is full

The codes carry the spelling of 2.0.1 and 2.1 throughout the program; `spelled` gives what a version
puts on the wire, `parse_code` reads any spelling that comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from voltherd.ocpp.version import OcppVersion

DESCRIPTION_LIMIT: Final = 255
"""Longest error description a CALLERROR may carry, in characters (OCPP 2.0.1 part 4, 4.2.3)."""

UNREADABLE_ID: Final = "-1"
"""The message id of a CALLERROR that answers a frame whose own id could not be read."""


class ErrorCode(StrEnum):
    """The CALLERROR codes, in the spelling of 2.0.1 and 2.1."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


_SPELLED_16: Final[Mapping[str, str]] = {
    ErrorCode.FORMAT_VIOLATION: "FormationViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "NotSupported",
    ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
}

_BY_SPELLING: Final[Mapping[str, ErrorCode]] = {
    **{code.value.lower(): code for code in ErrorCode},
    "formationviolation": ErrorCode.FORMAT_VIOLATION,
    "occurenceconstraintviolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "propertyconstraintsviolation": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "messagetypenotimplemented": ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED,
}


class OcppError(Exception):
    """A message that cannot be served; knows the CALLERROR it becomes.

    `code` is an `ErrorCode`, or the text a peer sent where it is none of the known ones.
    """

    def __init__(self, code: ErrorCode | str, description: str = "", details: dict[str, Any] | None = None) -> None:
        self.code = code
        self.description = description[:DESCRIPTION_LIMIT]
        self.details: dict[str, Any] = details if details is not None else {}
        super().__init__(f"{code}: {self.description}" if self.description else str(code))


class FrameError(OcppError):
    """A frame that cannot be read; carries the id and the type as far as they could be."""

    def __init__(
        self,
        code: ErrorCode,
        description: str,
        *,
        message_id: str = UNREADABLE_ID,
        message_type: int | None = None,
        is_empty: bool = False,
    ) -> None:
        super().__init__(code, description)
        self.message_id = message_id
        self.message_type = message_type
        self.is_empty = is_empty


class CallNotPossible(Exception):
    """A call cannot be taken: the connection is closed, or too many calls wait already."""


def spelled(code: ErrorCode | str, version: OcppVersion) -> str:
    """The code as `version` writes it; codes a version lacks become its nearest one."""
    if version is OcppVersion.V16:
        return _SPELLED_16.get(code, str(code))
    return str(code)


def parse_code(text: str) -> ErrorCode | str:
    """A code as a peer spelled it; unknown codes stay the text they were."""
    return _BY_SPELLING.get(text.strip().lower(), text)
