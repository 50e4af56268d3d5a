"""Smart charging (functional block K)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, Timestamp, WireType
from voltherd.ocpp.v2.enums import (
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ClearChargingProfileStatusEnumType,
    GenericStatusEnumType,
    GetChargingProfileStatusEnumType,
    NotifyEVChargingNeedsStatusEnumType,
    PriorityChargingStatusEnumType,
)
from voltherd.ocpp.v2.scalars import IntFrom0, Text20, Text36
from voltherd.ocpp.v2.types import (
    ChargingLimitType,
    ChargingNeedsType,
    ChargingProfileCriterionType,
    ChargingProfileType,
    ChargingScheduleType,
    ChargingScheduleUpdateType,
    ClearChargingProfileType,
    CompositeScheduleType,
    StatusInfoType,
)


class ClearChargingProfileRequest(WireType, kw_only=True):
    """Removes charging profiles that match. CSMS to station."""

    charging_profile_id: int | UnsetType = UNSET
    charging_profile_criteria: ClearChargingProfileType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearChargingProfileResponse(WireType, kw_only=True):
    """Answer to `ClearChargingProfile`."""

    status: ClearChargingProfileStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearedChargingLimitRequest(WireType, kw_only=True):
    """Reports that an external limit is gone. Station to CSMS."""

    charging_limit_source: Text20
    evse_id: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ClearedChargingLimitResponse(WireType, kw_only=True):
    """Answer to `ClearedChargingLimit`."""

    custom_data: CustomDataType | UnsetType = UNSET


class GetChargingProfilesRequest(WireType, kw_only=True):
    """Asks for a report of installed charging profiles. CSMS to station."""

    request_id: int
    charging_profile: ChargingProfileCriterionType
    evse_id: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetChargingProfilesResponse(WireType, kw_only=True):
    """Answer to `GetChargingProfiles`."""

    status: GetChargingProfileStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetCompositeScheduleRequest(WireType, kw_only=True):
    """Asks which limit the installed profiles add up to. CSMS to station."""

    duration: int
    evse_id: int
    charging_rate_unit: ChargingRateUnitEnumType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetCompositeScheduleResponse(WireType, kw_only=True):
    """Answer to `GetCompositeSchedule`."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    schedule: CompositeScheduleType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyChargingLimitRequest(WireType, kw_only=True):
    """Reports a limit that another system has set. Station to CSMS."""

    charging_limit: ChargingLimitType
    charging_schedule: Annotated[list[ChargingScheduleType], Meta(min_length=1)] | UnsetType = UNSET
    evse_id: int | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyChargingLimitResponse(WireType, kw_only=True):
    """Answer to `NotifyChargingLimit`."""

    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEVChargingNeedsRequest(WireType, kw_only=True):
    """Reports what the EV needs (ISO 15118). Station to CSMS."""

    charging_needs: ChargingNeedsType
    evse_id: int
    max_schedule_tuples: int | UnsetType = UNSET
    timestamp: Timestamp | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEVChargingNeedsResponse(WireType, kw_only=True):
    """Answer to `NotifyEVChargingNeeds`."""

    status: NotifyEVChargingNeedsStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEVChargingScheduleRequest(WireType, kw_only=True):
    """Reports the schedule the EV plans to follow (ISO 15118). Station to CSMS."""

    time_base: Timestamp
    charging_schedule: ChargingScheduleType
    evse_id: int
    selected_charging_schedule_id: IntFrom0 | UnsetType = UNSET  # since 2.1
    power_tolerance_acceptance: bool | UnsetType = UNSET  # since 2.1
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyEVChargingScheduleResponse(WireType, kw_only=True):
    """Answer to `NotifyEVChargingSchedule`."""

    status: GenericStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyPriorityChargingRequest(WireType, kw_only=True):
    """Reports that priority charging was switched on or off. Station to CSMS. Since 2.1."""

    transaction_id: Text36
    activated: bool
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyPriorityChargingResponse(WireType, kw_only=True):
    """Answer to `NotifyPriorityCharging`. Since 2.1."""

    custom_data: CustomDataType | UnsetType = UNSET


class PullDynamicScheduleUpdateRequest(WireType, kw_only=True):
    """Asks for the current values of a dynamic profile. Station to CSMS. Since 2.1."""

    charging_profile_id: int
    custom_data: CustomDataType | UnsetType = UNSET


class PullDynamicScheduleUpdateResponse(WireType, kw_only=True):
    """Answer to `PullDynamicScheduleUpdate`. Since 2.1."""

    status: ChargingProfileStatusEnumType
    schedule_update: ChargingScheduleUpdateType | UnsetType = UNSET
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReportChargingProfilesRequest(WireType, kw_only=True):
    """Delivers one part of a report of charging profiles. Station to CSMS."""

    request_id: int
    charging_limit_source: Text20
    charging_profile: Annotated[list[ChargingProfileType], Meta(min_length=1)]
    evse_id: int
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class ReportChargingProfilesResponse(WireType, kw_only=True):
    """Answer to `ReportChargingProfiles`."""

    custom_data: CustomDataType | UnsetType = UNSET


class SetChargingProfileRequest(WireType, kw_only=True):
    """Installs a charging profile. CSMS to station."""

    evse_id: int
    charging_profile: ChargingProfileType
    custom_data: CustomDataType | UnsetType = UNSET


class SetChargingProfileResponse(WireType, kw_only=True):
    """Answer to `SetChargingProfile`."""

    status: ChargingProfileStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class UpdateDynamicScheduleRequest(WireType, kw_only=True):
    """Sets the current values of a dynamic profile. CSMS to station. Since 2.1."""

    charging_profile_id: int
    schedule_update: ChargingScheduleUpdateType
    custom_data: CustomDataType | UnsetType = UNSET


class UpdateDynamicScheduleResponse(WireType, kw_only=True):
    """Answer to `UpdateDynamicSchedule`. Since 2.1."""

    status: ChargingProfileStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class UsePriorityChargingRequest(WireType, kw_only=True):
    """Switches priority charging of a transaction on or off. CSMS to station. Since 2.1."""

    transaction_id: Text36
    activate: bool
    custom_data: CustomDataType | UnsetType = UNSET


class UsePriorityChargingResponse(WireType, kw_only=True):
    """Answer to `UsePriorityCharging`. Since 2.1."""

    status: PriorityChargingStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
