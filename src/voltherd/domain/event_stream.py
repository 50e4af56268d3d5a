"""Periodic event streams of OCPP 2.1: which are open, and the values that come in them."""

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT


class StreamValues(Struct, kw_only=True, gc=False):
    """Values of a stream that came in one message."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    stream: int
    """The station's number of the stream."""
    monitor_id: int
    """Number of the monitor whose values they are; -1: not known."""
    received_ms: int
    values: list[tuple[int, str]]
    """Instant in ms, and the value as it came."""


class StreamValue(Struct, gc=False):
    """One value of a stream; `number` where the text is one."""

    at_ms: int
    value: str
    number: float | None
