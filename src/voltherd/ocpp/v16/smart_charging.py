"""Smart charging profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import Timestamp, WireType
from voltherd.ocpp.v16.enums import (
    ChargingProfilePurposeType,
    ChargingProfileStatus,
    ChargingRateUnitType,
    ClearChargingProfileStatus,
    GetCompositeScheduleStatus,
)
from voltherd.ocpp.v16.types import ChargingProfile, ChargingSchedule


class ClearChargingProfileRequest(WireType, kw_only=True):
    """Removes charging profiles that match. CSMS to station."""

    id: int | UnsetType = UNSET
    connector_id: int | UnsetType = UNSET
    charging_profile_purpose: ChargingProfilePurposeType | UnsetType = UNSET
    stack_level: int | UnsetType = UNSET


class ClearChargingProfileResponse(WireType, kw_only=True):
    """Answer to `ClearChargingProfile`."""

    status: ClearChargingProfileStatus


class GetCompositeScheduleRequest(WireType, kw_only=True):
    """Asks which limit the installed profiles add up to. CSMS to station."""

    connector_id: int
    duration: int
    charging_rate_unit: ChargingRateUnitType | UnsetType = UNSET


class GetCompositeScheduleResponse(WireType, kw_only=True):
    """Answer to `GetCompositeSchedule`."""

    status: GetCompositeScheduleStatus
    connector_id: int | UnsetType = UNSET
    schedule_start: Timestamp | UnsetType = UNSET
    charging_schedule: ChargingSchedule | UnsetType = UNSET


class SetChargingProfileRequest(WireType, kw_only=True):
    """Installs a charging profile. CSMS to station."""

    connector_id: int
    cs_charging_profiles: ChargingProfile


class SetChargingProfileResponse(WireType, kw_only=True):
    """Answer to `SetChargingProfile`."""

    status: ChargingProfileStatus
