"""StatusNotification and ChangeAvailability of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.ocpp.v16.enums import ChargePointErrorCode
from voltherd.station.availability import ConnectorStatus, StationStatus
from voltherd.station.cable_lock import LockProblem
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import number_of, place_of, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ERROR_CODES: Final = frozenset(get_args(ChargePointErrorCode))


@reports(ConnectorStatus)
def connector_status(core: StationCore, report: ConnectorStatus) -> Outgoing:
    """The status of one connector; an error that 1.6 has no word for goes by the vendor's."""
    fault = report.evse.fault or "NoError"
    number = number_of(core, report.evse.id, report.connector_id)
    if fault in ERROR_CODES:
        return _status(core, number, report.state.value, fault)
    return _status(core, number, report.state.value, "OtherError", fault)


@reports(StationStatus)
def station_status(core: StationCore, report: StationStatus) -> Outgoing:
    """The status of connector 0, the station."""
    return _status(core, 0, "Available" if report.is_operative else "Unavailable", "NoError")


@reports(LockProblem)
def lock_problem(core: StationCore, report: LockProblem) -> Outgoing | None:
    """A plug that does not lock; that it does again has no message of its own."""
    if not report.is_there:
        return None
    number = number_of(core, report.evse.id, report.connector_id)
    return _status(core, number, "Faulted", "ConnectorLockFailure")


def _status(core: StationCore, number: int, status: Any, error_code: Any, vendor_code: str = "") -> Outgoing:
    request = v16.StatusNotificationRequest(
        connector_id=number,
        error_code=error_code,
        status=status,
        timestamp=core.clock.text(core.now),
        vendor_id=core.config.vendor[:255] if vendor_code else UNSET,
        vendor_error_code=vendor_code[:50] or UNSET,
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
