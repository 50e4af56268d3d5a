"""StatusNotification and ChangeAvailability of 2.x; the station as such has no status of its own there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.availability import ConnectorStatus
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(ConnectorStatus)
def connector_status(core: StationCore, report: ConnectorStatus) -> Outgoing:
    """The status of one connector."""
    status: Any = report.evse.coarse_state(report.connector_id)
    request = v2.StatusNotificationRequest(
        timestamp=core.clock.text(core.now),
        connector_status=status,
        evse_id=report.evse.id,
        connector_id=report.connector_id,
    )
    return Outgoing(action="StatusNotification", request=request)


@serves("ChangeAvailability")
def change_availability(core: StationCore, request: v2.ChangeAvailabilityRequest) -> v2.ChangeAvailabilityResponse:
    """OCPP 2.0.1 G03, G04."""
    evse_id, connector_id = None, None
    if request.evse is not UNSET:
        evse_id = request.evse.id
        connector_id = None if request.evse.connector_id is UNSET else request.evse.connector_id
    outcome = core.availability.change(evse_id, connector_id, operative=request.operational_status == "Operative")
    return v2.ChangeAvailabilityResponse(status=outcome)
