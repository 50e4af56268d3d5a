"""Periodic event streams: the values of periodic monitors in bulk, unanswered (OCPP 2.1 N11 to N15)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct

from voltherd.station.function import Function
from voltherd.station.monitor import Monitor, StreamParams
from voltherd.station.setting import Setting, number
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.ocpp.errors import OcppError
    from voltherd.station.core import StationCore

MOST_STREAMS: Final = 10
MOST_VALUES: Final = 1_000
"""Values that a stream holds back at most; the oldest go first."""
VALUES_PER_MESSAGE: Final = 100
"""Values in one message where the parameters set no bound."""


class Stream(Struct, eq=False, kw_only=True):
    """One stream. `values` are pairs of a station time and a value; `is_open` once the CSMS has accepted it."""

    id: int
    monitor_id: int
    params: StreamParams
    is_open: bool = False
    values: deque[tuple[float, str]] | None = None
    timer: Timer | None = None


class OpenStream(Struct, frozen=True, eq=False):
    """The station asks to send a stream; the answer is whether it may."""

    stream: Stream


class CloseStream(Struct, frozen=True):
    """The station ends a stream."""

    id: int


class StreamValues(Struct, frozen=True, kw_only=True):
    """Values of a stream: (seconds since `base`, value); `pending` more wait."""

    id: int
    base: str
    values: tuple[tuple[float, str], ...]
    pending: int


class EventStreams(Function):
    """Opens streams for monitors, collects their values, sends them."""

    __slots__ = ("_last_id", "_streams")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("most_streams", MOST_STREAMS, None, "MonitoringCtrlr.MaxPeriodicEventStreams", unit=None,
               access="ReadOnly", since_v21=True),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._streams: dict[int, Stream] | None = None
        self._last_id = 0

    @property
    def is_offered(self) -> bool:
        """2.1 has streams."""
        return self.core.is_v21

    @property
    def open_streams(self) -> list[Stream]:
        """The streams that the CSMS has accepted."""
        return [stream for stream in (self._streams or {}).values() if stream.is_open]

    # Monitors --------------------------------------------------------------------------------

    def objection(self, monitor: Monitor) -> str | None:
        """Why the values of a monitor cannot go by stream, None if they can or need not."""
        params = monitor.stream
        if params is None:
            return None
        if not self.is_offered or not monitor.is_periodic:
            return "Only a periodic monitor can have a stream"
        if not params.interval_s and not params.values:
            return "A stream needs an interval or a number of values"
        used = sum(stream.monitor_id != monitor.id for stream in (self._streams or {}).values())
        return None if used < MOST_STREAMS else "There are as many streams as there can be"

    def monitor_set(self, monitor: Monitor) -> None:
        """Open, change or close the stream of a monitor that was set (OCPP 2.1 N11.FR.02, N13.FR.06)."""
        self._end(monitor)
        if monitor.stream is not None:
            self.core.afterwards(lambda: self._open(monitor))

    def monitor_gone(self, monitor: Monitor) -> None:
        """Close the stream of a monitor that was removed (OCPP 2.1 N13.FR.05)."""
        self._end(monitor)

    def _end(self, monitor: Monitor) -> None:
        stream = self._of(monitor)
        if stream is not None:
            self.core.afterwards(lambda: self._close(stream))

    def _of(self, monitor: Monitor) -> Stream | None:
        return next((one for one in (self._streams or {}).values() if one.monitor_id == monitor.id), None)

    # Opening and closing ---------------------------------------------------------------------

    def accepted(self) -> None:
        """After a restart, the monitors that were set with a stream get one again."""
        if self.is_offered:
            for monitor in self.core.monitoring.with_stream():
                if self._of(monitor) is None:
                    self._open(monitor)

    def restarting(self) -> None:
        """Streams do not outlive a restart."""
        for stream in (self._streams or {}).values():
            _cancel(stream)
        self._streams = None

    def _open(self, monitor: Monitor) -> None:
        core = self.core
        if monitor.stream is None or not core.is_online:
            return
        self._last_id += 1
        stream = Stream(id=self._last_id, monitor_id=monitor.id, params=monitor.stream)
        self._streams = self._streams or {}
        self._streams[stream.id] = stream

        def answered(answer: bool | None, error: OcppError | None) -> None:
            if answer:
                stream.is_open = True
                self._send_later(stream)
            else:
                self._forget(stream)

        core.say(OpenStream(stream), answered)

    def _close(self, stream: Stream) -> None:
        if self._streams is None or stream.id not in self._streams:
            return
        while stream.values and self.core.is_online:
            self._send(stream)
        self._forget(stream)
        self.core.say(CloseStream(stream.id))

    def _forget(self, stream: Stream) -> None:
        _cancel(stream)
        if self._streams is not None:
            self._streams.pop(stream.id, None)
            self._streams = self._streams or None

    def adjust(self, stream_id: int, params: StreamParams) -> bool:
        """Send a stream more or less often; False if it cannot be (OCPP 2.1 N14)."""
        stream = (self._streams or {}).get(stream_id)
        if stream is None or not stream.is_open:
            return False
        interval_s = stream.params.interval_s if params.interval_s is None else params.interval_s
        values = stream.params.values if params.values is None else params.values
        if not interval_s and not values:
            return False
        stream.params = StreamParams(interval_s=interval_s, values=values)
        self.core.monitoring.stream_adjusted(stream.monitor_id, stream.params)
        self._send_later(stream)
        return True

    # Values ----------------------------------------------------------------------------------

    def take(self, monitor: Monitor, value: str) -> bool:
        """Take a value of a monitor; False if it goes by NotifyEvent (OCPP 2.1 N11.FR.07)."""
        stream = self._of(monitor) if self._streams else None
        if stream is None or not stream.is_open:
            return False
        if stream.values is None:
            stream.values = deque(maxlen=MOST_VALUES)
        stream.values.append((self.core.now, value))
        if stream.params.values and len(stream.values) >= stream.params.values:
            self._send(stream)
        return True

    def _send_later(self, stream: Stream) -> None:
        _cancel(stream)
        if stream.params.interval_s:
            stream.timer = self.core.timers.at(self.core.now + stream.params.interval_s, lambda: self._due(stream))

    def _due(self, stream: Stream) -> None:
        self._send_later(stream)
        self._send(stream)

    def _send(self, stream: Stream) -> None:
        """Send what fits into one message (OCPP 2.1 N15.FR.04, FR.07, FR.09)."""
        core, waiting = self.core, stream.values
        if not waiting or not core.is_online:
            return
        count = min(stream.params.values or VALUES_PER_MESSAGE, len(waiting))
        taken = [waiting.popleft() for _ in range(count)]
        first_at = taken[0][0]
        core.say(
            StreamValues(
                id=stream.id,
                base=core.clock.text(first_at),
                values=tuple((round(at - first_at, 3), value) for at, value in taken),
                pending=len(waiting),
            )
        )


def _cancel(stream: Stream) -> None:
    if stream.timer is not None:
        stream.timer.cancel()
        stream.timer = None
