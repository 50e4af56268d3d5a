"""Remote control (functional block F)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import (
    MessageTriggerEnumType,
    RequestStartStopStatusEnumType,
    TriggerMessageStatusEnumType,
    UnlockStatusEnumType,
)
from voltherd.ocpp.v2.scalars import Text36, Text50
from voltherd.ocpp.v2.types import ChargingProfileType, EVSEType, IdTokenType, StatusInfoType


class RequestStartTransactionRequest(WireType, kw_only=True):
    """Asks the station to start charging for an ID token. CSMS to station."""

    id_token: IdTokenType
    remote_start_id: int
    evse_id: int | UnsetType = UNSET
    group_id_token: IdTokenType | UnsetType = UNSET
    charging_profile: ChargingProfileType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class RequestStartTransactionResponse(WireType, kw_only=True):
    """Answer to `RequestStartTransaction`."""

    status: RequestStartStopStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    transaction_id: Text36 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class RequestStopTransactionRequest(WireType, kw_only=True):
    """Asks the station to end a transaction. CSMS to station."""

    transaction_id: Text36
    custom_data: CustomDataType | UnsetType = UNSET


class RequestStopTransactionResponse(WireType, kw_only=True):
    """Answer to `RequestStopTransaction`."""

    status: RequestStartStopStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TriggerMessageRequest(WireType, kw_only=True):
    """Asks the station to send a message now. CSMS to station."""

    requested_message: MessageTriggerEnumType
    evse: EVSEType | UnsetType = UNSET
    custom_trigger: Text50 | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class TriggerMessageResponse(WireType, kw_only=True):
    """Answer to `TriggerMessage`."""

    status: TriggerMessageStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class UnlockConnectorRequest(WireType, kw_only=True):
    """Opens the lock of a connector. CSMS to station."""

    evse_id: int
    connector_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class UnlockConnectorResponse(WireType, kw_only=True):
    """Answer to `UnlockConnector`."""

    status: UnlockStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
