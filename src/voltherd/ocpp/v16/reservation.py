"""Reservation profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import Timestamp, WireType
from voltherd.ocpp.v16.enums import CancelReservationStatus, ReservationStatus
from voltherd.ocpp.v16.scalars import Text20


class CancelReservationRequest(WireType, kw_only=True):
    """Gives a reserved connector back. CSMS to station."""

    reservation_id: int


class CancelReservationResponse(WireType, kw_only=True):
    """Answer to `CancelReservation`."""

    status: CancelReservationStatus


class ReserveNowRequest(WireType, kw_only=True):
    """Reserves a connector for an ID tag until a time. CSMS to station."""

    connector_id: int
    expiry_date: Timestamp
    id_tag: Text20
    reservation_id: int
    parent_id_tag: Text20 | UnsetType = UNSET


class ReserveNowResponse(WireType, kw_only=True):
    """Answer to `ReserveNow`."""

    status: ReservationStatus
