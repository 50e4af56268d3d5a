"""Events of monitors in OCPP 2.0.1 and 2.1 (N07, N08)."""

from msgspec import UNSET

from voltherd.domain.station_event import StationEvent
from voltherd.gateway.routing import Here
from voltherd.gateway.v2.common import text
from voltherd.ocpp.v2 import NotifyEventRequest
from voltherd.ocpp.v2.types import EventDataType
from voltherd.services.clocks import believed_ms


def record_events(here: Here, request: NotifyEventRequest) -> None:
    """Record every event of a message. Raises NotLoaded, so call it before anything is changed."""
    here.services.diagnostics.events.reported(
        here.state,
        here.work,
        (_event(here, event) for event in request.event_data),
        of_monitors=any(event.variable_monitoring_id is not UNSET for event in request.event_data),
    )


def _event(here: Here, event: EventDataType) -> StationEvent:
    station, evse = here.state.station, event.component.evse
    return StationEvent(
        id=0,
        tenant_id=station.tenant_id,
        station_id=station.id,
        source="monitor",
        at_ms=believed_ms(here.state, here.work, event.timestamp),
        received_ms=here.work.now_ms,
        event_id=event.event_id,
        trigger=event.trigger,
        actual_value=event.actual_value,
        component=event.component.name,
        component_instance=text(event.component.instance),
        variable=event.variable.name,
        variable_instance=text(event.variable.instance),
        evse_no=evse.id if evse is not UNSET else -1,
        connector_no=evse.connector_id if evse is not UNSET and evse.connector_id is not UNSET else -1,
        cause=event.cause if event.cause is not UNSET else None,
        cleared=event.cleared if event.cleared is not UNSET else None,
        tech_code=text(event.tech_code),
        tech_info=text(event.tech_info),
        severity=event.severity if event.severity is not UNSET else None,
        transaction_id=text(event.transaction_id),
        notification_type=event.event_notification_type,
        monitor_id=event.variable_monitoring_id if event.variable_monitoring_id is not UNSET else None,
    )
