"""Distributed energy resources (functional block R)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import DERControlEnumType, DERControlStatusEnumType, GridEventFaultEnumType
from voltherd.ocpp.v2.scalars import Text36, Text200
from voltherd.ocpp.v2.types import (
    DERCurveGetType,
    DERCurveType,
    EnterServiceGetType,
    EnterServiceType,
    FixedPFGetType,
    FixedPFType,
    FixedVarGetType,
    FixedVarType,
    FreqDroopGetType,
    FreqDroopType,
    GradientGetType,
    GradientType,
    LimitMaxDischargeGetType,
    LimitMaxDischargeType,
    StatusInfoType,
)


class ClearDERControlRequest(WireType, kw_only=True):
    """Removes DER controls. CSMS to station. Since 2.1."""

    is_default: bool
    control_type: DERControlEnumType | UnsetType = UNSET
    control_id: Text36 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearDERControlResponse(WireType, kw_only=True):
    """Answer to `ClearDERControl`. Since 2.1."""

    status: DERControlStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetDERControlRequest(WireType, kw_only=True):
    """Asks for a report of DER controls. CSMS to station. Since 2.1."""

    request_id: int
    is_default: bool | UnsetType = UNSET
    control_type: DERControlEnumType | UnsetType = UNSET
    control_id: Text36 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetDERControlResponse(WireType, kw_only=True):
    """Answer to `GetDERControl`. Since 2.1."""

    status: DERControlStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDERAlarmRequest(WireType, kw_only=True):
    """Reports a grid fault or its end. Station to CSMS. Since 2.1."""

    control_type: DERControlEnumType
    timestamp: Timestamp
    grid_event_fault: GridEventFaultEnumType | UnsetType = UNSET
    alarm_ended: bool | UnsetType = UNSET
    extra_info: Text200 | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDERAlarmResponse(WireType, kw_only=True):
    """Answer to `NotifyDERAlarm`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDERStartStopRequest(WireType, kw_only=True):
    """Reports that a DER control began or ended. Station to CSMS. Since 2.1."""

    control_id: Text36
    started: bool
    timestamp: Timestamp
    superseded_ids: Annotated[list[Text36], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDERStartStopResponse(WireType, kw_only=True):
    """Answer to `NotifyDERStartStop`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class ReportDERControlRequest(WireType, kw_only=True):
    """Delivers one part of a report of DER controls. Station to CSMS. Since 2.1."""

    request_id: int
    curve: Annotated[list[DERCurveGetType], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    enter_service: Annotated[list[EnterServiceGetType], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    fixed_pf_absorb: Annotated[list[FixedPFGetType], Meta(min_length=1, max_length=24)] | UnsetType = field(
        default=UNSET, name="fixedPFAbsorb"
    )
    fixed_pf_inject: Annotated[list[FixedPFGetType], Meta(min_length=1, max_length=24)] | UnsetType = field(
        default=UNSET, name="fixedPFInject"
    )
    fixed_var: Annotated[list[FixedVarGetType], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    freq_droop: Annotated[list[FreqDroopGetType], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    gradient: Annotated[list[GradientGetType], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    limit_max_discharge: Annotated[list[LimitMaxDischargeGetType], Meta(min_length=1, max_length=24)] | UnsetType = (
        UNSET
    )
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReportDERControlResponse(WireType, kw_only=True):
    """Answer to `ReportDERControl`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class SetDERControlRequest(WireType, kw_only=True):
    """Sets a DER control. CSMS to station. Since 2.1."""

    is_default: bool
    control_id: Text36
    control_type: DERControlEnumType
    curve: DERCurveType | UnsetType = UNSET
    enter_service: EnterServiceType | UnsetType = UNSET
    fixed_pf_absorb: FixedPFType | UnsetType = field(default=UNSET, name="fixedPFAbsorb")
    fixed_pf_inject: FixedPFType | UnsetType = field(default=UNSET, name="fixedPFInject")
    fixed_var: FixedVarType | UnsetType = UNSET
    freq_droop: FreqDroopType | UnsetType = UNSET
    gradient: GradientType | UnsetType = UNSET
    limit_max_discharge: LimitMaxDischargeType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SetDERControlResponse(WireType, kw_only=True):
    """Answer to `SetDERControl`. Since 2.1."""

    status: DERControlStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    superseded_ids: Annotated[list[Text36], Meta(min_length=1, max_length=24)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
