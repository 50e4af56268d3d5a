"""Tariff and cost, payment (functional blocks I and C)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Number, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    GenericStatusEnumType,
    PaymentStatusEnumType,
    TariffChangeStatusEnumType,
    TariffGetStatusEnumType,
    TariffSetStatusEnumType,
)
from voltherd.ocpp.v2.scalars import IntFrom0, Text20, Text36, Text50, Text60, Text255, Text500, Text2000
from voltherd.ocpp.v2.types import AddressType, ClearTariffsResultType, StatusInfoType, TariffAssignmentType, TariffType


class ChangeTransactionTariffRequest(WireType, kw_only=True):
    """Replaces the tariff of a running transaction. CSMS to station. Since 2.1."""

    tariff: TariffType
    transaction_id: Text36
    custom_data: CustomDataType | UnsetType = UNSET


class ChangeTransactionTariffResponse(WireType, kw_only=True):
    """Answer to `ChangeTransactionTariff`. Since 2.1."""

    status: TariffChangeStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearTariffsRequest(WireType, kw_only=True):
    """Removes tariffs from the station. CSMS to station. Since 2.1."""

    tariff_ids: Annotated[list[Text60], Meta(min_length=1)] | UnsetType = UNSET
    evse_id: IntFrom0 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearTariffsResponse(WireType, kw_only=True):
    """Answer to `ClearTariffs`. Since 2.1."""

    clear_tariffs_result: Annotated[list[ClearTariffsResultType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class CostUpdatedRequest(WireType, kw_only=True):
    """Tells the station what a transaction costs so far. CSMS to station."""

    total_cost: Number
    transaction_id: Text36
    custom_data: CustomDataType | UnsetType = UNSET


class CostUpdatedResponse(WireType, kw_only=True):
    """Answer to `CostUpdated`."""

    custom_data: CustomDataType | UnsetType = UNSET


class GetTariffsRequest(WireType, kw_only=True):
    """Asks which tariffs an EVSE has. CSMS to station. Since 2.1."""

    evse_id: IntFrom0
    custom_data: CustomDataType | UnsetType = UNSET


class GetTariffsResponse(WireType, kw_only=True):
    """Answer to `GetTariffs`. Since 2.1."""

    status: TariffGetStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    tariff_assignments: Annotated[list[TariffAssignmentType], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifySettlementRequest(WireType, kw_only=True):
    """Reports how a payment at the terminal was settled. Station to CSMS. Since 2.1."""

    psp_ref: Text255
    status: PaymentStatusEnumType
    settlement_amount: Number
    settlement_time: Timestamp
    transaction_id: Text36 | UnsetType = UNSET
    status_info: Text500 | UnsetType = UNSET
    receipt_id: Text50 | UnsetType = UNSET
    receipt_url: Text2000 | UnsetType = UNSET
    vat_company: AddressType | UnsetType = UNSET
    vat_number: Text20 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifySettlementResponse(WireType, kw_only=True):
    """Answer to `NotifySettlement`. Since 2.1."""

    receipt_url: Text2000 | UnsetType = UNSET
    receipt_id: Text50 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyWebPaymentStartedRequest(WireType, kw_only=True):
    """Tells the station that a driver is paying on the web for an EVSE. CSMS to station. Since 2.1."""

    evse_id: IntFrom0
    timeout: int
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyWebPaymentStartedResponse(WireType, kw_only=True):
    """Answer to `NotifyWebPaymentStarted`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class SetDefaultTariffRequest(WireType, kw_only=True):
    """Sets the tariff of an EVSE for drivers without their own. CSMS to station. Since 2.1."""

    evse_id: IntFrom0
    tariff: TariffType
    custom_data: CustomDataType | UnsetType = UNSET


class SetDefaultTariffResponse(WireType, kw_only=True):
    """Answer to `SetDefaultTariff`. Since 2.1."""

    status: TariffSetStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class VatNumberValidationRequest(WireType, kw_only=True):
    """Asks whether a VAT number is valid. Station to CSMS. Since 2.1."""

    vat_number: Text20
    evse_id: IntFrom0 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class VatNumberValidationResponse(WireType, kw_only=True):
    """Answer to `VatNumberValidation`. Since 2.1."""

    vat_number: Text20
    status: GenericStatusEnumType
    company: AddressType | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET
    evse_id: IntFrom0 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
