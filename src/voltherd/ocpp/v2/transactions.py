"""Transactions (functional block E)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Number, Timestamp, WireType
from voltherd.ocpp.v2.enums import PreconditioningStatusEnumType, TransactionEventEnumType, TriggerReasonEnumType
from voltherd.ocpp.v2.scalars import Text36
from voltherd.ocpp.v2.types import (
    CostDetailsType,
    EVSEType,
    IdTokenInfoType,
    IdTokenType,
    MessageContentType,
    MeterValueType,
    TransactionLimitType,
    TransactionType,
)


class GetTransactionStatusRequest(WireType, kw_only=True):
    """Asks whether a transaction goes on and messages of it wait. CSMS to station."""

    transaction_id: Text36 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetTransactionStatusResponse(WireType, kw_only=True):
    """Answer to `GetTransactionStatus`."""

    messages_in_queue: bool
    ongoing_indicator: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class TransactionEventRequest(WireType, kw_only=True):
    """Reports the start, a change or the end of a transaction. Station to CSMS."""

    event_type: TransactionEventEnumType
    timestamp: Timestamp
    trigger_reason: TriggerReasonEnumType
    seq_no: int
    transaction_info: TransactionType
    meter_value: Annotated[list[MeterValueType], Meta(min_length=1)] | UnsetType = UNSET
    offline: bool | UnsetType = UNSET
    number_of_phases_used: int | UnsetType = UNSET
    cable_max_current: int | UnsetType = UNSET
    reservation_id: int | UnsetType = UNSET
    evse: EVSEType | UnsetType = UNSET
    id_token: IdTokenType | UnsetType = UNSET
    cost_details: CostDetailsType | UnsetType = UNSET  # since 2.1
    preconditioning_status: PreconditioningStatusEnumType | UnsetType = UNSET  # since 2.1
    evse_sleep: bool | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class TransactionEventResponse(WireType, kw_only=True):
    """Answer to `TransactionEvent`."""

    total_cost: Number | UnsetType = UNSET
    charging_priority: int | UnsetType = UNSET
    id_token_info: IdTokenInfoType | UnsetType = UNSET
    updated_personal_message: MessageContentType | UnsetType = UNSET
    transaction_limit: TransactionLimitType | UnsetType = UNSET  # since 2.1
    updated_personal_message_extra: (
        Annotated[list[MessageContentType], Meta(min_length=1, max_length=4)] | UnsetType
    ) = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET
