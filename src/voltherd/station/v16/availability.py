"""StatusNotification and ChangeAvailability of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voltherd.ocpp import v16
from voltherd.station.availability import ConnectorStatus, StationStatus
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import number_of, place_of, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(ConnectorStatus)
def connector_status(core: StationCore, report: ConnectorStatus) -> Outgoing:
    """The status of one connector."""
    number = number_of(core, report.evse.id, report.connector_id)
    return _status(core, number, report.state.value, report.evse.fault or "NoError")


@reports(StationStatus)
def station_status(core: StationCore, report: StationStatus) -> Outgoing:
    """The status of connector 0, the station."""
    return _status(core, 0, "Available" if report.is_operative else "Unavailable", "NoError")


def _status(core: StationCore, number: int, status: Any, error_code: Any) -> Outgoing:
    request = v16.StatusNotificationRequest(
        connector_id=number,
        error_code=error_code,
        status=status,
        timestamp=core.clock.text(core.now),
    )
    return Outgoing(action="StatusNotification", request=request)


@serves("ChangeAvailability")
def change_availability(core: StationCore, request: v16.ChangeAvailabilityRequest) -> v16.ChangeAvailabilityResponse:
    """OCPP 1.6, 5.2."""
    place = place_of(core, request.connector_id)
    if place is None and request.connector_id != 0:
        return v16.ChangeAvailabilityResponse(status="Rejected")
    evse_id, connector_id = place or (None, None)
    outcome = core.availability.change(evse_id, connector_id, operative=request.type == "Operative")
    return v16.ChangeAvailabilityResponse(status=outcome)
