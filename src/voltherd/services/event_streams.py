"""Keeps which event streams are open and the values that come in them (OCPP 2.1 N11 to N15)."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from voltherd.domain.event_stream import UNKNOWN_MONITOR, EventStream, StreamValues
from voltherd.domain.monitoring import ACTIVE, Monitor
from voltherd.services.clocks import IMPLAUSIBLE_CLOCK, believed_ms
from voltherd.services.dependencies import Dependencies
from voltherd.services.settings import Diagnostics as DiagnosticsSetting
from voltherd.services.state import StationState
from voltherd.services.work import Work

MAX_OFFSET_S: Final = 10 * 366 * 24 * 3600
"""A value that is further away from its message's base time than ten years is not believed to be of then."""


class Stream(Struct, kw_only=True):
    """A stream as the station describes it."""

    number: int
    monitor_id: int
    interval_s: int | None = None
    values: int | None = None


def _instant_ms(state: StationState, work: Work, base_ms: int, after_s: float) -> int:
    """Give the instant of a value, or that of receipt where there is no such time."""
    if abs(after_s) <= MAX_OFFSET_S:
        return base_ms + round(after_s * 1000)
    station = state.station
    if IMPLAUSIBLE_CLOCK not in station.flags:
        station.flags = (*station.flags, IMPLAUSIBLE_CLOCK)
        work.put(station)
    return work.now_ms


class EventStreams:
    """Keeps the event streams of stations."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._settings = needs.settings

    def opened(self, state: StationState, work: Work, stream: Stream) -> bool:
        """Record that a stream opens, and say whether it may (N11.FR.05, .06).

        One of a monitor that is known always may; of another, as the setting `diagnostics` says. A station may stream
        what it was made to watch, without a request of ours (N11.FR.03).
        """
        self._documents.held(state, EventStream)
        monitor = self._monitor(state, stream.monitor_id)
        takes_unknown = self._settings.get(DiagnosticsSetting).unknown_event_streams == "accept"
        accepted = takes_unknown or monitor is not None
        self._keep(state, work, stream, monitor, accepted=accepted)
        return accepted

    def listed(self, state: StationState, work: Work, streams: Sequence[Stream]) -> None:
        """Record which streams a station says are open; all others are not (N12)."""
        held = self._documents.held(state, EventStream)
        for stream in streams:
            self._keep(state, work, stream, self._monitor(state, stream.monitor_id), accepted=True)
        told = {stream.number for stream in streams}
        for known in held.values():
            if known.state in ("open", "unknown") and known.number not in told:
                self._close(state, work, known)

    def closed(self, state: StationState, work: Work, number: int) -> None:
        """Record that a stream was closed (N13.FR.02)."""
        known = self._documents.held(state, EventStream).get(str(number))
        if known is not None:
            self._close(state, work, known)

    def adjusted(
        self, state: StationState, work: Work, number: int, interval_s: int | None, values: int | None
    ) -> None:
        """Record how often a stream sends from now on (N14.FR.03)."""
        known = self._documents.held(state, EventStream).get(str(number))
        if known is not None:
            known.interval_s = known.interval_s if interval_s is None else interval_s
            known.values = known.values if values is None else values
            self._documents.keep(state, work, known)

    def received(
        self,
        state: StationState,
        work: Work,
        number: int,
        base_time: str,
        values: Sequence[tuple[float, str]],
        pending: int = 0,
    ) -> None:
        """Record values, each told as seconds after `base_time` (N15); those of an unknown stream too.

        How many are `pending` at the station is written when that doubled or fell to none (N15.FR.05). A value whose
        instant no calendar has is one of the instant of receipt, and the station's clock is flagged.
        """
        known = self._documents.held(state, EventStream).get(str(number))
        if known is None:
            known = EventStream(state="unknown", number=number, pending=pending)
            self._documents.keep(state, work, known)
        elif pending >= 2 * known.pending > 0 or (pending == 0) != (known.pending == 0):
            known.pending = pending
            self._documents.keep(state, work, known)
        station, base_ms = state.station, believed_ms(state, work, base_time)
        work.put(
            StreamValues(
                tenant_id=station.tenant_id,
                station_id=station.id,
                stream=number,
                monitor_id=UNKNOWN_MONITOR if known.monitor_id is None else known.monitor_id,
                received_ms=work.now_ms,
                values=[(_instant_ms(state, work, base_ms, after_s), value) for after_s, value in values],
            )
        )

    def _monitor(self, state: StationState, number: int) -> Monitor | None:
        monitor = self._documents.held(state, Monitor).get(str(number))
        return monitor if monitor is not None and monitor.state in ACTIVE else None

    def _keep(
        self, state: StationState, work: Work, stream: Stream, monitor: Monitor | None, *, accepted: bool
    ) -> None:
        before = self._documents.held(state, EventStream).get(str(stream.number))
        goes_on = before is not None and before.state == "open" and before.monitor_id == stream.monitor_id
        kept = EventStream(
            state="open" if accepted else "rejected",
            number=stream.number,
            monitor_id=stream.monitor_id,
            interval_s=stream.interval_s,
            values=stream.values,
            opened_at_ms=before.opened_at_ms if before is not None and goes_on else work.now_ms,
        )
        if monitor is not None:
            kept.component, kept.variable, kept.evse_no = monitor.component, monitor.variable, monitor.evse_no
            kept.severity, kept.notification_type = monitor.severity, monitor.notification_type
        self._documents.keep(state, work, kept)

    def _close(self, state: StationState, work: Work, stream: EventStream) -> None:
        stream.state, stream.closed_at_ms = "closed", work.now_ms
        self._documents.keep(state, work, stream)
