"""Events of stations and values of event streams as the API shows them."""

from typing import Any

from msgspec import Struct

from voltherd.domain.event_stream import StreamValue
from voltherd.domain.station_event import StationEvent
from voltherd.domain.time import format_ms


class StationEventView(Struct, kw_only=True):
    """What a station reported of itself: an event of a monitor, or a security event."""

    id: str
    station_id: str
    source: str
    """`monitor` or `security`."""
    type: str | None
    """Of security events, such as `FirmwareUpdated`."""
    critical: bool | None
    """Of security events: as the list of standard events says; null for others."""
    at: str
    received_at: str
    severity: int | None
    """0 is danger, 9 is debugging; null where neither event nor monitor says."""
    event_id: int | None
    """The station's number of it."""
    trigger: str | None
    actual_value: str | None
    cleared: bool | None
    component: str | None
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str | None
    variable_instance: str | None
    cause: int | None
    """`event_id` of the event that caused it."""
    tech_code: str | None
    tech_info: str | None
    transaction_id: str | None
    notification_type: str | None
    monitor_id: int | None
    """`number` of the monitor that saw it."""


def station_event_view(event: StationEvent, identity: str) -> StationEventView:
    """Show an event of the station `identity`."""
    of_monitor = event.source == "monitor"
    return StationEventView(
        id=str(event.id),
        station_id=identity,
        source=event.source,
        type=event.type or None,
        critical=event.critical,
        at=format_ms(event.at_ms),
        received_at=format_ms(event.received_ms),
        severity=event.severity,
        event_id=event.event_id if of_monitor else None,
        trigger=event.trigger or None,
        actual_value=event.actual_value if of_monitor else None,
        cleared=event.cleared,
        component=event.component or None,
        component_instance=event.component_instance or None,
        evse_id=event.evse_no if event.evse_no >= 0 else None,
        connector_id=event.connector_no if event.connector_no >= 0 else None,
        variable=event.variable or None,
        variable_instance=event.variable_instance or None,
        cause=event.cause,
        tech_code=event.tech_code or None,
        tech_info=event.tech_info or None,
        transaction_id=event.transaction_id or None,
        notification_type=event.notification_type or None,
        monitor_id=event.monitor_id,
    )


STATION_EVENT: dict[str, Any] = {
    "id": "174120381923330",
    "station_id": "CP-0001",
    "source": "monitor",
    "type": None,
    "critical": None,
    "at": "2026-05-04T08:30:12.000Z",
    "received_at": "2026-05-04T08:30:12.345Z",
    "severity": 3,
    "event_id": 17,
    "trigger": "Alerting",
    "actual_value": "81.5",
    "cleared": False,
    "component": "EVSE",
    "component_instance": None,
    "evse_id": 1,
    "connector_id": None,
    "variable": "Temperature",
    "variable_instance": None,
    "cause": None,
    "tech_code": None,
    "tech_info": None,
    "transaction_id": None,
    "notification_type": "CustomMonitor",
    "monitor_id": 7,
}


class StreamValueView(Struct, kw_only=True):
    """One value of an event stream; `number` where the text is one."""

    at: str
    value: str
    number: float | None


class StreamValuesView(Struct, kw_only=True):
    """Values of an event stream in order of time."""

    items: list[StreamValueView]
    thinned: bool
    """Whether values were left out, so that not more than `points` are given."""
    next: str | None
    """Instant from which to ask on, where there are more than `limit`; null: there are not."""


def stream_value_view(value: StreamValue) -> StreamValueView:
    """Show one value."""
    return StreamValueView(at=format_ms(value.at_ms), value=value.value, number=value.number)


STREAM_VALUES: dict[str, Any] = {
    "items": [{"at": "2026-05-04T08:30:12.000Z", "value": "81.5", "number": 81.5}],
    "thinned": False,
    "next": None,
}
