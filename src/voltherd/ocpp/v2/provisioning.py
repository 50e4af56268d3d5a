"""Provisioning (functional block B)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    BootReasonEnumType,
    ComponentCriterionEnumType,
    GenericDeviceModelStatusEnumType,
    RegistrationStatusEnumType,
    ReportBaseEnumType,
    ResetEnumType,
    ResetStatusEnumType,
    SetNetworkProfileStatusEnumType,
)
from voltherd.ocpp.v2.types import (
    ChargingStationType,
    ComponentVariableType,
    GetVariableDataType,
    GetVariableResultType,
    NetworkConnectionProfileType,
    ReportDataType,
    SetVariableDataType,
    SetVariableResultType,
    StatusInfoType,
)


class BootNotificationRequest(WireType, kw_only=True):
    """Asks to be taken on after start-up. Station to CSMS."""

    charging_station: ChargingStationType
    reason: BootReasonEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class BootNotificationResponse(WireType, kw_only=True):
    """Answer to `BootNotification`."""

    current_time: Timestamp
    interval: int
    status: RegistrationStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetBaseReportRequest(WireType, kw_only=True):
    """Asks for a predefined report of the device model. CSMS to station."""

    request_id: int
    report_base: ReportBaseEnumType
    custom_data: CustomDataType | UnsetType = UNSET


class GetBaseReportResponse(WireType, kw_only=True):
    """Answer to `GetBaseReport`."""

    status: GenericDeviceModelStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetReportRequest(WireType, kw_only=True):
    """Asks for a report of chosen components and variables. CSMS to station."""

    request_id: int
    component_variable: Annotated[list[ComponentVariableType], Meta(min_length=1)] | UnsetType = UNSET
    component_criteria: Annotated[list[ComponentCriterionEnumType], Meta(min_length=1, max_length=4)] | UnsetType = (
        UNSET
    )
    custom_data: CustomDataType | UnsetType = UNSET


class GetReportResponse(WireType, kw_only=True):
    """Answer to `GetReport`."""

    status: GenericDeviceModelStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetVariablesRequest(WireType, kw_only=True):
    """Reads variables of the device model. CSMS to station."""

    get_variable_data: Annotated[list[GetVariableDataType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class GetVariablesResponse(WireType, kw_only=True):
    """Answer to `GetVariables`."""

    get_variable_result: Annotated[list[GetVariableResultType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyReportRequest(WireType, kw_only=True):
    """Delivers one part of a device model report. Station to CSMS."""

    request_id: int
    generated_at: Timestamp
    seq_no: int
    report_data: Annotated[list[ReportDataType], Meta(min_length=1)] | UnsetType = UNSET
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyReportResponse(WireType, kw_only=True):
    """Answer to `NotifyReport`."""

    custom_data: CustomDataType | UnsetType = UNSET


class ResetRequest(WireType, kw_only=True):
    """Restarts the station or one EVSE. CSMS to station."""

    type: ResetEnumType
    evse_id: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ResetResponse(WireType, kw_only=True):
    """Answer to `Reset`."""

    status: ResetStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetNetworkProfileRequest(WireType, kw_only=True):
    """Stores the settings of a connection to a CSMS. CSMS to station."""

    configuration_slot: int
    connection_data: NetworkConnectionProfileType
    custom_data: CustomDataType | UnsetType = UNSET


class SetNetworkProfileResponse(WireType, kw_only=True):
    """Answer to `SetNetworkProfile`."""

    status: SetNetworkProfileStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariablesRequest(WireType, kw_only=True):
    """Sets variables of the device model. CSMS to station."""

    set_variable_data: Annotated[list[SetVariableDataType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET


class SetVariablesResponse(WireType, kw_only=True):
    """Answer to `SetVariables`."""

    set_variable_result: Annotated[list[SetVariableResultType], Meta(min_length=1)]
    custom_data: CustomDataType | UnsetType = UNSET
