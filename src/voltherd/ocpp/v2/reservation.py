"""Reservation (functional block H)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    CancelReservationStatusEnumType,
    ReservationUpdateStatusEnumType,
    ReserveNowStatusEnumType,
)
from voltherd.ocpp.v2.scalars import Text20
from voltherd.ocpp.v2.types import IdTokenType, StatusInfoType


class CancelReservationRequest(WireType, kw_only=True):
    """Gives a reservation back. CSMS to station."""

    reservation_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class CancelReservationResponse(WireType, kw_only=True):
    """Answer to `CancelReservation`."""

    status: CancelReservationStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReservationStatusUpdateRequest(WireType, kw_only=True):
    """Reports that a reservation expired or was dropped. Station to CSMS."""

    reservation_id: int
    reservation_update_status: ReservationUpdateStatusEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class ReservationStatusUpdateResponse(WireType, kw_only=True):
    """Answer to `ReservationStatusUpdate`."""

    custom_data: CustomDataType | UnsetType = UNSET


class ReserveNowRequest(WireType, kw_only=True):
    """Reserves an EVSE for an ID token until a time. CSMS to station."""

    id: int
    expiry_date_time: Timestamp
    id_token: IdTokenType
    connector_type: Text20 | UnsetType = UNSET
    evse_id: int | UnsetType = UNSET
    group_id_token: IdTokenType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReserveNowResponse(WireType, kw_only=True):
    """Answer to `ReserveNow`."""

    status: ReserveNowStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
