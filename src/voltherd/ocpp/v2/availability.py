"""Availability (functional block G)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import ChangeAvailabilityStatusEnumType, ConnectorStatusEnumType, OperationalStatusEnumType
from voltherd.ocpp.v2.types import EVSEType, StatusInfoType


class ChangeAvailabilityRequest(WireType, kw_only=True):
    """Puts the station, an EVSE or a connector in or out of service. CSMS to station."""

    operational_status: OperationalStatusEnumType
    evse: EVSEType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ChangeAvailabilityResponse(WireType, kw_only=True):
    """Answer to `ChangeAvailability`."""

    status: ChangeAvailabilityStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class HeartbeatRequest(WireType, kw_only=True):
    """Shows life and fetches the time. Station to CSMS."""

    custom_data: CustomDataType | UnsetType = UNSET


class HeartbeatResponse(WireType, kw_only=True):
    """Answer to `Heartbeat`."""

    current_time: Timestamp
    custom_data: CustomDataType | UnsetType = UNSET


class StatusNotificationRequest(WireType, kw_only=True):
    """Reports the state of a connector. Station to CSMS."""

    timestamp: Timestamp
    connector_status: ConnectorStatusEnumType
    evse_id: int
    connector_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class StatusNotificationResponse(WireType, kw_only=True):
    """Answer to `StatusNotification`."""

    custom_data: CustomDataType | UnsetType = UNSET
