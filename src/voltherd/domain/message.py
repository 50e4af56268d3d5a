"""OCPP messages as records: the log of raw frames, and the answers remembered for repeated ids."""

from typing import Literal

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

Direction = Literal["in", "out"]
MessageType = Literal["call", "result", "error", "send", "invalid"]


class LoggedMessage(Struct, gc=False):
    """One frame as it went over the wire."""

    id: int
    station_id: int
    at_ms: int
    direction: Direction
    message_type: MessageType
    message_id: str
    action: str
    frame: str
    tenant_id: int = DEFAULT_TENANT


Frame = tuple[int, Direction, MessageType, str, str, bytes]
"""at_ms, direction, message_type, message_id, action, frame."""


class LoggedFrames(Struct, gc=False):
    """Frames of one station that were gathered, in their order; the first has this id, the others the next ones."""

    id: int
    tenant_id: int
    station_id: int
    frames: list[Frame]


class InboundMessage(Struct, kw_only=True, gc=False):
    """The answer that a station's call got, so that a repetition gets the same (interop trap 20)."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    message_id: str
    payload_hash: bytes
    reply: bytes
    at_ms: int
