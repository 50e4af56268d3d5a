"""Records what stations report of themselves: events of monitors, and security events (blocks A and N)."""

from collections.abc import Iterable, Mapping

from voltherd.domain.monitoring import Monitor
from voltherd.domain.station_event import SECURITY_EVENTS, StationEvent, digest_of
from voltherd.services.clocks import believed_ms
from voltherd.services.dependencies import Dependencies
from voltherd.services.state import StationState
from voltherd.services.work import Work


class StationEvents:
    """Keeps every event that a station reports."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._ids = needs.ids

    def reported(self, state: StationState, work: Work, events: Iterable[StationEvent], *, of_monitors: bool) -> None:
        """Record events of monitors (N07, N08); where one does not say how severe it is, its monitor does.

        `of_monitors`: whether any names its monitor. Raises NotLoaded before the first event is taken.
        """
        monitors: Mapping[str, Monitor] = self._documents.held(state, Monitor) if of_monitors else {}
        for event in events:
            monitor = monitors.get(str(event.monitor_id))
            if monitor is not None:
                event.severity = monitor.severity if event.severity is None else event.severity
                event.notification_type = event.notification_type or monitor.notification_type
            self._keep(work, event)

    def security(
        self,
        state: StationState,
        work: Work,
        kind: str,
        timestamp: str,
        tech_info: str,
        known: Mapping[str, bool] = SECURITY_EVENTS,
    ) -> None:
        """Record a security event (A04, whitepaper A04); `known` says which standard events are critical."""
        station = state.station
        event = StationEvent(
            id=0,
            tenant_id=station.tenant_id,
            station_id=station.id,
            source="security",
            type=kind,
            at_ms=believed_ms(state, work, timestamp),
            received_ms=work.now_ms,
            tech_info=tech_info,
            critical=known.get(kind),
        )
        self._keep(work, event)

    def _keep(self, work: Work, event: StationEvent) -> None:
        event.id, event.digest = self._ids(), digest_of(event)
        work.put(event)
