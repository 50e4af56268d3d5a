"""Core profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import Timestamp, WireType
from voltherd.ocpp.v16.enums import (
    AvailabilityStatus,
    AvailabilityType,
    ChargePointErrorCode,
    ChargePointStatus,
    ClearCacheStatus,
    ConfigurationStatus,
    DataTransferStatus,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    ResetStatus,
    ResetType,
    UnlockStatus,
)
from voltherd.ocpp.v16.scalars import Text20, Text25, Text50, Text255, Text500
from voltherd.ocpp.v16.types import ChargingProfile, IdTagInfo, KeyValue, MeterValue, TransactionData


class AuthorizeRequest(WireType, kw_only=True):
    """Asks whether an ID tag may charge. Station to CSMS."""

    id_tag: Text20


class AuthorizeResponse(WireType, kw_only=True):
    """Answer to `Authorize`."""

    id_tag_info: IdTagInfo


class BootNotificationRequest(WireType, kw_only=True):
    """Asks to be taken on after start-up. Station to CSMS."""

    charge_point_vendor: Text20
    charge_point_model: Text20
    charge_point_serial_number: Text25 | UnsetType = UNSET
    charge_box_serial_number: Text25 | UnsetType = UNSET
    firmware_version: Text50 | UnsetType = UNSET
    iccid: Text20 | UnsetType = UNSET
    imsi: Text20 | UnsetType = UNSET
    meter_type: Text25 | UnsetType = UNSET
    meter_serial_number: Text25 | UnsetType = UNSET


class BootNotificationResponse(WireType, kw_only=True):
    """Answer to `BootNotification`."""

    status: RegistrationStatus
    current_time: Timestamp
    interval: int


class ChangeAvailabilityRequest(WireType, kw_only=True):
    """Puts a connector, or the station with connector 0, in or out of service. CSMS to station."""

    connector_id: int
    type: AvailabilityType


class ChangeAvailabilityResponse(WireType, kw_only=True):
    """Answer to `ChangeAvailability`."""

    status: AvailabilityStatus


class ChangeConfigurationRequest(WireType, kw_only=True):
    """Sets one configuration key. CSMS to station."""

    key: Text50
    value: Text500


class ChangeConfigurationResponse(WireType, kw_only=True):
    """Answer to `ChangeConfiguration`."""

    status: ConfigurationStatus


class ClearCacheRequest(WireType, kw_only=True):
    """Empties the authorization cache. CSMS to station."""


class ClearCacheResponse(WireType, kw_only=True):
    """Answer to `ClearCache`."""

    status: ClearCacheStatus


class DataTransferRequest(WireType, kw_only=True):
    """Carries what a vendor agreed on beyond the protocol. Either side."""

    vendor_id: Text255
    message_id: Text50 | UnsetType = UNSET
    data: str | UnsetType = UNSET


class DataTransferResponse(WireType, kw_only=True):
    """Answer to `DataTransfer`."""

    status: DataTransferStatus
    data: str | UnsetType = UNSET


class GetConfigurationRequest(WireType, kw_only=True):
    """Reads configuration keys; all of them if none is named. CSMS to station."""

    key: list[Text50] | UnsetType = UNSET


class GetConfigurationResponse(WireType, kw_only=True):
    """Answer to `GetConfiguration`."""

    configuration_key: list[KeyValue] | UnsetType = UNSET
    unknown_key: list[Text50] | UnsetType = UNSET


class HeartbeatRequest(WireType, kw_only=True):
    """Shows life and fetches the time. Station to CSMS."""


class HeartbeatResponse(WireType, kw_only=True):
    """Answer to `Heartbeat`."""

    current_time: Timestamp


class MeterValuesRequest(WireType, kw_only=True):
    """Reports meter readings of one connector. Station to CSMS."""

    connector_id: int
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]
    transaction_id: int | UnsetType = UNSET


class MeterValuesResponse(WireType, kw_only=True):
    """Answer to `MeterValues`."""


class RemoteStartTransactionRequest(WireType, kw_only=True):
    """Asks the station to start charging for an ID tag. CSMS to station."""

    id_tag: Text20
    connector_id: int | UnsetType = UNSET
    charging_profile: ChargingProfile | UnsetType = UNSET


class RemoteStartTransactionResponse(WireType, kw_only=True):
    """Answer to `RemoteStartTransaction`."""

    status: RemoteStartStopStatus


class RemoteStopTransactionRequest(WireType, kw_only=True):
    """Asks the station to end a transaction. CSMS to station."""

    transaction_id: int


class RemoteStopTransactionResponse(WireType, kw_only=True):
    """Answer to `RemoteStopTransaction`."""

    status: RemoteStartStopStatus


class ResetRequest(WireType, kw_only=True):
    """Restarts the station. CSMS to station."""

    type: ResetType


class ResetResponse(WireType, kw_only=True):
    """Answer to `Reset`."""

    status: ResetStatus


class StartTransactionRequest(WireType, kw_only=True):
    """Reports that a transaction began; the answer gives it its id. Station to CSMS."""

    connector_id: int
    id_tag: Text20
    meter_start: int
    timestamp: Timestamp
    reservation_id: int | UnsetType = UNSET


class StartTransactionResponse(WireType, kw_only=True):
    """Answer to `StartTransaction`."""

    id_tag_info: IdTagInfo
    transaction_id: int


class StatusNotificationRequest(WireType, kw_only=True):
    """Reports the state or a fault of a connector. Station to CSMS."""

    connector_id: int
    error_code: ChargePointErrorCode
    status: ChargePointStatus
    info: Text50 | UnsetType = UNSET
    timestamp: Timestamp | UnsetType = UNSET
    vendor_id: Text255 | UnsetType = UNSET
    vendor_error_code: Text50 | UnsetType = UNSET


class StatusNotificationResponse(WireType, kw_only=True):
    """Answer to `StatusNotification`."""


class StopTransactionRequest(WireType, kw_only=True):
    """Reports that a transaction ended. Station to CSMS."""

    meter_stop: int
    timestamp: Timestamp
    transaction_id: int
    id_tag: Text20 | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
    transaction_data: list[TransactionData] | UnsetType = UNSET


class StopTransactionResponse(WireType, kw_only=True):
    """Answer to `StopTransaction`."""

    id_tag_info: IdTagInfo | UnsetType = UNSET


class UnlockConnectorRequest(WireType, kw_only=True):
    """Opens the lock of a connector. CSMS to station."""

    connector_id: int


class UnlockConnectorResponse(WireType, kw_only=True):
    """Answer to `UnlockConnector`."""

    status: UnlockStatus
