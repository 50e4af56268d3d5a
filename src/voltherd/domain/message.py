"""OCPP messages as records: the log of raw frames, and the answers remembered for repeated ids."""

from typing import Literal

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT


class LoggedMessage(Struct, kw_only=True, gc=False):
    """One frame as it went over the wire."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    station_id: int
    at_ms: int
    direction: Literal["in", "out"]
    message_type: Literal["call", "result", "error", "send", "invalid"]
    message_id: str
    action: str
    frame: str


class InboundMessage(Struct, kw_only=True, gc=False):
    """The answer that a station's call got, so that a repetition gets the same (interop trap 20)."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    message_id: str
    payload_hash: bytes
    reply: bytes
    at_ms: int
