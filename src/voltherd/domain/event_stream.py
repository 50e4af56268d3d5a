"""Periodic event streams of OCPP 2.1: which are open, and the values that come in them."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.station import DEFAULT_TENANT

UNKNOWN_MONITOR: Final = -1


class StreamValues(Struct, kw_only=True, gc=False):
    """Values of a stream that came in one message."""

    tenant_id: int = DEFAULT_TENANT
    station_id: int
    stream: int
    """The station's number of the stream."""
    monitor_id: int
    """Number of the monitor whose values they are, or UNKNOWN_MONITOR."""
    received_ms: int
    values: list[tuple[int, str]]
    """Instant in ms, and the value as it came."""


class StreamValue(Struct, gc=False):
    """One value of a stream; `number` where the text is one."""

    at_ms: int
    value: str
    number: float | None


class GetPeriodicEventStream(Command):
    """Ask which event streams are open (2.1)."""

    name = "get-periodic-event-stream"
    summary = "Read the open event streams"


class AdjustPeriodicEventStream(Command):
    """Change how often a station sends the values of a stream (2.1); one of the two numbers at least."""

    name = "adjust-periodic-event-stream"
    summary = "Change how often an event stream sends"
    example: ClassVar[dict[str, Any]] = {"stream_id": 1, "interval_s": 60}
    stream_id: Annotated[int, Meta(ge=0)]
    interval_s: Annotated[int, Meta(ge=0)] | None = None
    values: Annotated[int, Meta(ge=0)] | None = None


class EventStream(Document, kw_only=True):
    """A stream of values of one monitor.

    `status` is `open`, `closed`, `rejected` or `unknown` (values came that no stream was opened for).
    Its values are at `GET /stations/{station_id}/event-streams/{stream}/values`, with `number` as `{stream}`.
    """

    kind = "event-streams"
    title = "event stream"
    example: ClassVar[dict[str, Any]] = {
        "state": "open",
        "evse_no": 1,
        "number": 1,
        "monitor_id": 7,
        "interval_s": 60,
        "values": None,
        "component": "EVSE",
        "variable": "Temperature",
        "severity": 8,
        "notification_type": "CustomMonitor",
        "pending": 0,
        "opened_at_ms": 1_777_883_460_000,
        "closed_at_ms": None,
    }
    state: Literal["open", "closed", "rejected", "unknown"]
    number: int
    """The station's id of it."""
    monitor_id: int | None = None
    interval_s: int | None = None
    values: int | None = None
    component: str = ""
    """What the monitor watches, as far as it is known."""
    variable: str = ""
    severity: int | None = None
    notification_type: str = ""
    pending: int = 0
    """So many values waited at the station, when that last doubled or fell to none: grows where it sends too seldom."""
    opened_at_ms: int | None = None
    closed_at_ms: int | None = None

    @property
    def key(self) -> str:
        return str(self.number)


def number_in(text: str) -> float | None:
    """Give the number that a value is; None where it is none."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def thinned(values: Sequence[StreamValue], points: int) -> list[StreamValue]:
    """Give about `points` of many values, the smallest and the largest of each of as many spans as fit.

    Peaks stay, which an average would hide. Values without a number are represented by the first of their span.
    """
    if len(values) <= points:
        return list(values)
    first_ms, spans = values[0].at_ms, max(1, points // 2)
    length_ms = (values[-1].at_ms - first_ms) // spans + 1
    found: list[StreamValue] = []
    at = 0
    while at < len(values):
        end_ms = first_ms + ((values[at].at_ms - first_ms) // length_ms + 1) * length_ms
        until = at
        while until < len(values) and values[until].at_ms < end_ms:
            until += 1
        found.extend(_extremes(values[at:until]))
        at = until
    return found


def _extremes(values: Sequence[StreamValue]) -> list[StreamValue]:
    numbers = [item for item in values if item.number is not None]
    if not numbers:
        return [values[0]]
    low = min(numbers, key=lambda item: item.number or 0.0)
    high = max(numbers, key=lambda item: item.number or 0.0)
    if low is high or low.number == high.number:
        return [low]
    return [low, high] if low.at_ms <= high.at_ms else [high, low]


COMMANDS: tuple[type[Command], ...] = (GetPeriodicEventStream, AdjustPeriodicEventStream)
DOCUMENTS: tuple[type[Document], ...] = (EventStream,)
