"""Charging profiles, composite schedules, external limits, priority and dynamic charging of 2.x (block K)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from voltherd.ocpp import v2
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.scalars import decode_extra
from voltherd.station.outbox import Outgoing
from voltherd.station.remote_control import Refusal
from voltherd.station.smart_charging.book import Filter
from voltherd.station.smart_charging.dynamic import PullUpdate
from voltherd.station.smart_charging.external import ChargingLimit, ChargingLimitCleared
from voltherd.station.smart_charging.function import ProfileReport
from voltherd.station.smart_charging.priority import PriorityChanged
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    ScheduleUpdate,
)
from voltherd.station.v2.words import given, info, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reads("ChargingProfile")
def profile(core: StationCore, wire: v2.ChargingProfileType) -> ChargingProfile:
    """A charging profile from the wire; `RequestStartTransaction` hands it on as it is."""
    return msgspec.convert(msgspec.to_builtins(wire), ChargingProfile)


def wire_schedule(schedule: ChargingSchedule) -> v2.ChargingScheduleType:
    """A charging schedule on the wire."""
    return msgspec.convert(msgspec.to_builtins(schedule), v2.ChargingScheduleType, dec_hook=decode_extra)


def _wire_profile(one: ChargingProfile) -> v2.ChargingProfileType:
    return msgspec.convert(msgspec.to_builtins(one), v2.ChargingProfileType, dec_hook=decode_extra)


def _wire_period(period: ChargingSchedulePeriod) -> v2.ChargingSchedulePeriodType:
    """A period of a composite schedule; hundredths are enough."""
    values = {name: getattr(period, name) for name in ScheduleUpdate.__struct_fields__}
    rounded = replace(period, **{name: round(value, 2) for name, value in values.items() if value is not None})
    return msgspec.convert(msgspec.to_builtins(rounded), v2.ChargingSchedulePeriodType, dec_hook=decode_extra)


def need_smart_charging(core: StationCore) -> None:
    """Refuse what a station without smart charging does not know (K01.FR.29).

    Raises:
        OcppError: it has none.
    """
    if not core.smart_charging.is_offered:
        raise OcppError(ErrorCode.NOT_SUPPORTED, "The station does not do smart charging")


@serves("SetChargingProfile")
def set_charging_profile(core: StationCore, request: v2.SetChargingProfileRequest) -> v2.SetChargingProfileResponse:
    """OCPP 2.x K01."""
    need_smart_charging(core)
    problem = core.smart_charging.install(request.evse_id, profile(core, request.charging_profile))
    return v2.SetChargingProfileResponse(**_outcome(problem))


@serves("ClearChargingProfile")
def clear_charging_profile(
    core: StationCore, request: v2.ClearChargingProfileRequest
) -> v2.ClearChargingProfileResponse:
    """OCPP 2.x K10."""
    need_smart_charging(core)
    if request.charging_profile_id is not UNSET:
        wanted = Filter(ids=(request.charging_profile_id,))
    elif request.charging_profile_criteria is not UNSET:
        criteria = request.charging_profile_criteria
        wanted = Filter(
            evse_id=given(criteria.evse_id),
            purpose=given(criteria.charging_profile_purpose),
            level=given(criteria.stack_level),
        )
    else:
        wanted = Filter()
    return v2.ClearChargingProfileResponse(status="Accepted" if core.smart_charging.clear(wanted) else "Unknown")


@serves("GetChargingProfiles")
def get_charging_profiles(core: StationCore, request: v2.GetChargingProfilesRequest) -> v2.GetChargingProfilesResponse:
    """OCPP 2.x K09."""
    need_smart_charging(core)
    criteria = request.charging_profile
    wanted = Filter(
        ids=tuple(given(criteria.charging_profile_id) or ()),
        evse_id=given(request.evse_id),
        purpose=given(criteria.charging_profile_purpose),
        level=given(criteria.stack_level),
        sources=tuple(given(criteria.charging_limit_source) or ()),
    )
    found = core.smart_charging.find(wanted)
    if not found:
        return v2.GetChargingProfilesResponse(status="NoProfiles")
    core.smart_charging.report(request.request_id, found)
    return v2.GetChargingProfilesResponse(status="Accepted")


@reports(ProfileReport)
def report_charging_profiles(core: StationCore, report: ProfileReport) -> Outgoing:
    """One part of a report of profiles (OCPP 2.x K09.FR.01, FR.02)."""
    request = v2.ReportChargingProfilesRequest(
        request_id=report.request_id,
        charging_limit_source=report.source,
        charging_profile=[_wire_profile(one) for one in report.profiles],
        evse_id=report.evse_id,
        tbc=report.more,
    )
    return Outgoing(action="ReportChargingProfiles", request=request)


@serves("GetCompositeSchedule")
def get_composite_schedule(
    core: StationCore, request: v2.GetCompositeScheduleRequest
) -> v2.GetCompositeScheduleResponse:
    """OCPP 2.x K08."""
    need_smart_charging(core)
    found = core.smart_charging.composite(request.evse_id, request.duration, given(request.charging_rate_unit))
    if found is None:
        reason = info("InvalidValue", "There is no such EVSE, the unit is not supported, or the duration is 0")
        return v2.GetCompositeScheduleResponse(status="Rejected", status_info=reason)
    schedule = v2.CompositeScheduleType(
        charging_schedule_period=[_wire_period(period) for period in found.periods],
        evse_id=found.evse_id,
        duration=found.duration_s,
        schedule_start=core.clock.text(found.start),
        charging_rate_unit=found.unit,
    )
    return v2.GetCompositeScheduleResponse(status="Accepted", schedule=schedule)


# External limits -------------------------------------------------------------------------------


@reports(ChargingLimit)
def notify_charging_limit(core: StationCore, report: ChargingLimit) -> Outgoing:
    """A limit of an external system (OCPP 2.x K11.FR.02, K12.FR.02)."""
    limit = v2.ChargingLimitType(charging_limit_source=report.source)
    if report.is_grid_critical:
        limit.is_grid_critical = True
    if report.is_local_generation and core.is_v21:
        limit.is_local_generation = True
    request = v2.NotifyChargingLimitRequest(charging_limit=limit)
    if report.evse_id:
        request.evse_id = report.evse_id
    if report.schedule is not None:
        request.charging_schedule = [wire_schedule(report.schedule)]
    return Outgoing(action="NotifyChargingLimit", request=request)


@reports(ChargingLimitCleared)
def cleared_charging_limit(core: StationCore, report: ChargingLimitCleared) -> Outgoing:
    """An external limit is gone (OCPP 2.x K13.FR.02)."""
    request = v2.ClearedChargingLimitRequest(charging_limit_source=report.source)
    if report.evse_id:
        request.evse_id = report.evse_id
    return Outgoing(action="ClearedChargingLimit", request=request)


# Priority and dynamic charging -----------------------------------------------------------------


@serves("UsePriorityCharging")
def use_priority_charging(core: StationCore, request: v2.UsePriorityChargingRequest) -> v2.UsePriorityChargingResponse:
    """OCPP 2.1 K21."""
    need_smart_charging(core)
    status = core.priority_charging.use(request.transaction_id, activate=request.activate)
    reasons = {
        "Rejected": info("TxNotFound", "There is no such transaction"),
        "NoProfile": info("NotFound", "There is no PriorityCharging profile for this EVSE"),
    }
    return v2.UsePriorityChargingResponse(status=status, status_info=reasons.get(status, UNSET))


@reports(PriorityChanged)
def notify_priority_charging(core: StationCore, report: PriorityChanged) -> Outgoing:
    """Priority charging was switched (OCPP 2.1 K21.FR.05, FR.08)."""
    request = v2.NotifyPriorityChargingRequest(transaction_id=report.transaction_id, activated=report.activated)
    return Outgoing(action="NotifyPriorityCharging", request=request)


@serves("UpdateDynamicSchedule")
def update_dynamic_schedule(
    core: StationCore, request: v2.UpdateDynamicScheduleRequest
) -> v2.UpdateDynamicScheduleResponse:
    """OCPP 2.1 K28."""
    need_smart_charging(core)
    problem = core.dynamic_schedules.update(request.charging_profile_id, _update(request.schedule_update))
    return v2.UpdateDynamicScheduleResponse(**_outcome(problem))


@reports(PullUpdate)
def pull_dynamic_schedule_update(core: StationCore, report: PullUpdate) -> Outgoing:
    """The question for current values (OCPP 2.1 K28.FR.10)."""
    request = v2.PullDynamicScheduleUpdateRequest(charging_profile_id=report.profile_id)
    return Outgoing(action="PullDynamicScheduleUpdate", request=request)


@reads("PullDynamicScheduleUpdate")
def dynamic_schedule_pulled(core: StationCore, response: v2.PullDynamicScheduleUpdateResponse) -> ScheduleUpdate | None:
    """The values, None where the CSMS has none (OCPP 2.1 K28.FR.08)."""
    if response.status != "Accepted" or response.schedule_update is UNSET:
        return None
    return _update(response.schedule_update)


def _update(wire: v2.ChargingScheduleUpdateType) -> ScheduleUpdate:
    return msgspec.convert(msgspec.to_builtins(wire), ScheduleUpdate)


def _outcome(problem: Refusal | None) -> dict[str, Any]:
    if problem is None:
        return {"status": "Accepted"}
    return {"status": "Rejected", "status_info": info(problem.reason, problem.text)}
