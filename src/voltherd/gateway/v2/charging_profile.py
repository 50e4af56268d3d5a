"""Charging profiles in OCPP 2.0.1 and 2.1."""

import msgspec
from msgspec import UNSET

from voltherd.domain.charging_profile import (
    ClearChargingProfile,
    CompositeSchedule,
    Criteria,
    GetChargingProfiles,
    GetCompositeSchedule,
    SetChargingProfile,
    UpdateDynamicSchedule,
    UsePriorityCharging,
)
from voltherd.domain.charging_rules import beyond_20
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, SchedulePeriod, ScheduleUpdate
from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.gateway.charging_profile import (
    VERIFIED_S,
    Answered,
    Sending,
    given,
    read,
    refuse_discharging,
    said,
    schedule_outcome,
)
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import all_outcome, outcome, transaction_named, wire
from voltherd.gateway.v2 import v2x
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    ClearChargingProfileRequest,
    ClearChargingProfileResponse,
    ClearedChargingLimitRequest,
    ClearedChargingLimitResponse,
    GetChargingProfilesRequest,
    GetChargingProfilesResponse,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    NotifyChargingLimitRequest,
    NotifyChargingLimitResponse,
    NotifyPriorityChargingRequest,
    NotifyPriorityChargingResponse,
    PullDynamicScheduleUpdateRequest,
    PullDynamicScheduleUpdateResponse,
    ReportChargingProfilesRequest,
    ReportChargingProfilesResponse,
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
    SetChargingProfileRequest,
    SetChargingProfileResponse,
    UpdateDynamicScheduleRequest,
    UpdateDynamicScheduleResponse,
    UsePriorityChargingRequest,
    UsePriorityChargingResponse,
)
from voltherd.ocpp.v2.types import (
    ChargingProfileCriterionType,
    ChargingProfileType,
    ChargingScheduleUpdateType,
    ClearChargingProfileType,
    StatusInfoType,
)
from voltherd.ocpp.version import OcppVersion

_PART_TAKEN = ReportChargingProfilesResponse()
_LIMIT_NOTED = NotifyChargingLimitResponse()
_LIMIT_CLEARED = ClearedChargingLimitResponse()
_PRIORITY_NOTED = NotifyPriorityChargingResponse()
_NOT_DYNAMIC = StatusInfoType(reason_code="InvalidProfile")
_ALL_SOURCES = ["CSO", "EMS", "SO", "Other"]
_WRONG = "PropertyConstraintViolation"


# -- installing -------------------------------------------------------------------------------------------------------


@routes.translate
async def set_charging_profile(caller: Caller, command: SetChargingProfile) -> Outcome:
    """Install a charging profile (K01)."""
    beyond = beyond_20(command.profile) if caller.version is OcppVersion.V201 else []
    if beyond:
        raise NotSupportedByVersion(f"OCPP 2.0.1 has no words for {', '.join(beyond)} in a charging profile.")
    if caller.version is OcppVersion.V201:
        refuse_discharging(command.profile)

    async def send(evse_no: int, profile: ChargingProfile) -> Answered:
        request = SetChargingProfileRequest(
            evse_id=evse_no, charging_profile=wire(ChargingProfileType, msgspec.to_builtins(profile), "profile")
        )
        answer = await caller.call(request, SetChargingProfileResponse)
        return Answered(answer.status, _reason(answer.status_info), msgspec.to_builtins(answer))

    sending = Sending(caller, command, send)
    found = await sending.run(replaces=False)
    if command.verify and found.accepted:
        asked = GetCompositeScheduleRequest(evse_id=sending.evse_no, duration=VERIFIED_S)
        found.answer["composite"] = msgspec.to_builtins(await caller.call(asked, GetCompositeScheduleResponse))
    return found


@routes.learn
def profile_answered(here: Here, request: SetChargingProfileRequest, response: SetChargingProfileResponse) -> None:
    """Keep what was installed or refused, whoever sent it."""
    v2x.before_profile(here)
    here.services.charging_profiles.answered(
        here.state,
        here.work,
        read(ChargingProfile, request.charging_profile),
        request.evse_id,
        accepted=response.status == "Accepted",
        reason=_reason(response.status_info),
        replaces=False,
    )
    v2x.after_profile(here, request, response)


@routes.learn
def profile_came_with_start(
    here: Here, request: RequestStartTransactionRequest, response: RequestStartTransactionResponse
) -> None:
    """Keep the profile that a remote start brought, until its session begins (K05)."""
    if request.charging_profile is not UNSET and response.status == "Accepted":
        here.services.charging_profiles.came_with_start(
            here.state,
            here.work,
            read(ChargingProfile, request.charging_profile),
            said(request.evse_id) or 0,
            remote_start_id=request.remote_start_id,
            transaction_id=said(response.transaction_id),
        )


def _reason(info: StatusInfoType | object) -> str:
    return info.reason_code if isinstance(info, StatusInfoType) else ""


# -- removing ---------------------------------------------------------------------------------------------------------


@routes.translate
async def clear_charging_profile(caller: Caller, command: ClearChargingProfile) -> Outcome:
    """Remove profiles, by id or by criteria (K10.FR.02, K10.FR.06). Raises PayloadInvalid."""
    criteria = (command.evse_id, command.purpose, command.stack_level)
    if (command.profile_id is None) == all(value is None for value in criteria):
        words = "Name either profile_id or some of evse_id, purpose and stack_level (K10.FR.02)."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    if command.purpose in ("ChargingStationExternalConstraints", "LocalGeneration"):
        raise PayloadInvalid(f"Profiles of {command.purpose} are not ours to clear (K10.FR.06).", _WRONG)
    if command.profile_id is None:
        request = ClearChargingProfileRequest(
            charging_profile_criteria=ClearChargingProfileType(
                evse_id=given(command.evse_id),
                charging_profile_purpose=given(command.purpose),
                stack_level=given(command.stack_level),
            )
        )
        return outcome(await caller.call(request, ClearChargingProfileResponse))
    await caller.services.charging_profiles.ready(caller.state)
    ids = caller.services.charging_profiles.parts_of(caller.state, command.profile_id)
    requests = [ClearChargingProfileRequest(charging_profile_id=number) for number in ids]
    return all_outcome([outcome(await caller.call(request, ClearChargingProfileResponse)) for request in requests])


@routes.learn
def profiles_cleared(here: Here, request: ClearChargingProfileRequest, response: ClearChargingProfileResponse) -> None:
    """Keep that profiles are gone (K10.FR.03, K10.FR.04), or were not there (K10.FR.01)."""
    wanted, one = request.charging_profile_criteria, request.charging_profile_id
    if one is not UNSET:
        criteria = Criteria(profile_ids=(one,))
    elif wanted is not UNSET:
        criteria = Criteria(
            evse_no=said(wanted.evse_id),
            purpose=said(wanted.charging_profile_purpose),
            stack_level=said(wanted.stack_level),
        )
    else:
        criteria = Criteria()
    here.services.charging_profiles.cleared(here.state, here.work, criteria, found=response.status == "Accepted")


# -- asking -----------------------------------------------------------------------------------------------------------


@routes.translate
async def get_charging_profiles(caller: Caller, command: GetChargingProfiles) -> Outcome:
    """Ask for a report (K09); without criteria for profiles of all sources (K09.FR.03). Raises PayloadInvalid."""
    others = command.purpose is not None or command.stack_level is not None or bool(command.limit_sources)
    if command.profile_ids and others:
        words = "Name either profile_ids or some of purpose, stack_level and limit_sources (K09.FR.03)."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    sources = command.limit_sources or ([] if others or command.profile_ids else _ALL_SOURCES)
    request = GetChargingProfilesRequest(
        request_id=caller.request_id,
        evse_id=given(command.evse_id),
        charging_profile=ChargingProfileCriterionType(
            charging_profile_purpose=given(command.purpose),
            stack_level=given(command.stack_level),
            charging_profile_id=command.profile_ids or UNSET,
            charging_limit_source=sources or UNSET,
        ),
    )
    return outcome(await caller.call(request, GetChargingProfilesResponse), accepted=("Accepted", "NoProfiles"))


@routes.learn
def report_announced(here: Here, request: GetChargingProfilesRequest, response: GetChargingProfilesResponse) -> None:
    """Keep what the report is about, so that what it does not name is known to be gone."""
    wanted = request.charging_profile
    sources = said(wanted.charging_limit_source) or []
    criteria = Criteria(
        profile_ids=tuple(said(wanted.charging_profile_id) or ()),
        evse_no=said(request.evse_id),
        purpose=said(wanted.charging_profile_purpose),
        stack_level=said(wanted.stack_level),
        limit_sources=tuple(sources),
    )
    reports = here.services.charging_profiles.reports
    reports.asked(here.state, here.work, request.request_id, criteria, comes=response.status == "Accepted")


@routes.handle()
def report_charging_profiles(here: Here, request: ReportChargingProfilesRequest) -> ReportChargingProfilesResponse:
    """Record one part of a report (K09.FR.02)."""
    here.services.charging_profiles.reports.part(
        here.state,
        here.work,
        request.request_id,
        request.charging_limit_source,
        request.evse_id,
        [read(ChargingProfile, profile) for profile in request.charging_profile],
        last=request.tbc is not True,
    )
    return _PART_TAKEN


@routes.translate
async def get_composite_schedule(caller: Caller, command: GetCompositeSchedule) -> Outcome:
    """Ask for the composite schedule (K08)."""
    request = GetCompositeScheduleRequest(
        evse_id=command.evse_id, duration=command.duration_s, charging_rate_unit=given(command.unit)
    )
    answer = await caller.call(request, GetCompositeScheduleResponse)
    return schedule_outcome(answer, answer.schedule)


@routes.learn
def composite_known(here: Here, request: GetCompositeScheduleRequest, response: GetCompositeScheduleResponse) -> None:
    """Keep a composite schedule and hold it against what is installed."""
    found = response.schedule
    if found is UNSET:
        return
    schedule = CompositeSchedule(
        state="reported",
        evse_no=request.evse_id,
        start=found.schedule_start,
        duration_s=found.duration,
        charging_rate_unit=found.charging_rate_unit,
        periods=[read(SchedulePeriod, period) for period in found.charging_schedule_period],
        received_at_ms=here.work.now_ms,
    )
    here.services.charging_profiles.reports.composite(here.state, here.work, schedule)


# -- limits from outside, priority ------------------------------------------------------------------------------------


@routes.handle()
def notify_charging_limit(here: Here, request: NotifyChargingLimitRequest) -> NotifyChargingLimitResponse:
    """Keep a limit that others have set (K11, K12, K14)."""
    limit = request.charging_limit
    here.services.charging_profiles.limits.notified(
        here.state,
        here.work,
        limit.charging_limit_source,
        said(request.evse_id) or 0,
        [read(ChargingSchedule, schedule) for schedule in said(request.charging_schedule) or []],
        is_grid_critical=said(limit.is_grid_critical),
        is_local_generation=said(limit.is_local_generation),
    )
    return _LIMIT_NOTED


@routes.handle()
def cleared_charging_limit(here: Here, request: ClearedChargingLimitRequest) -> ClearedChargingLimitResponse:
    """Keep that a limit of others is gone (K13)."""
    limits = here.services.charging_profiles.limits
    limits.cleared(here.state, here.work, request.charging_limit_source, said(request.evse_id))
    return _LIMIT_CLEARED


@routes.handle()
def notify_priority_charging(here: Here, request: NotifyPriorityChargingRequest) -> NotifyPriorityChargingResponse:
    """Keep that priority charging was switched on or off (K21.FR.09, K22.FR.06)."""
    limits = here.services.charging_profiles.limits
    limits.priority(here.state, here.work, request.transaction_id, activated=request.activated)
    return _PRIORITY_NOTED


@routes.translate
async def use_priority_charging(caller: Caller, command: UsePriorityCharging) -> Outcome:
    """Switch priority charging of a session on or off (K21). Raises NotFound."""
    _since_21(caller, command.name)
    transaction = transaction_named(caller.state, command.transaction_id)
    request = UsePriorityChargingRequest(transaction_id=transaction.transaction_id, activate=command.activate)
    return outcome(await caller.call(request, UsePriorityChargingResponse))


# -- dynamic profiles -------------------------------------------------------------------------------------------------


@routes.translate
async def update_dynamic_schedule(caller: Caller, command: UpdateDynamicSchedule) -> Outcome:
    """Set the values of a dynamic profile (K28). Raises PayloadInvalid for one that is not dynamic, or not there."""
    _since_21(caller, command.name)
    service = caller.services.charging_profiles
    await service.ready(caller.state)
    known = service.installed(caller.state).get(str(command.profile_id))
    if known is None or known.state in ("cleared", "rejected"):
        words = f"The station has no profile {command.profile_id}, as far as is known (K28)."
        if known is not None:
            words = f"Profile {command.profile_id} is not at the station: it is {known.state} (K28)."
        raise PayloadInvalid(f"{words} `get-charging-profiles` asks which there are.", _WRONG)
    if known.in_force and known.profile_kind != "Dynamic":
        raise PayloadInvalid(f"Profile {command.profile_id} is {known.profile_kind}, not Dynamic (K28.FR.11).", _WRONG)
    update = wire(ChargingScheduleUpdateType, msgspec.to_builtins(command.update), "update")
    request = UpdateDynamicScheduleRequest(charging_profile_id=command.profile_id, schedule_update=update)
    return outcome(await caller.call(request, UpdateDynamicScheduleResponse))


@routes.learn
def dynamic_updated(here: Here, request: UpdateDynamicScheduleRequest, response: UpdateDynamicScheduleResponse) -> None:
    """Keep the values that the station took."""
    if response.status == "Accepted":
        v2x.before_profile(here)
        update = read(ScheduleUpdate, _bare(request.schedule_update))
        here.services.charging_profiles.updated(here.state, here.work, request.charging_profile_id, update)
        v2x.after_update(here, request)


def _bare(update: ChargingScheduleUpdateType) -> ChargingScheduleUpdateType:
    return msgspec.structs.replace(update, custom_data=UNSET)


@routes.handle()
def pull_dynamic_schedule_update(
    here: Here, request: PullDynamicScheduleUpdateRequest
) -> PullDynamicScheduleUpdateResponse:
    """Give the current values of a dynamic profile (K28.FR.07); `Rejected` where it is none of ours (K28.FR.12)."""
    values = here.services.charging_profiles.values(here.state, request.charging_profile_id)
    if values is None:
        return PullDynamicScheduleUpdateResponse(status="Rejected", status_info=_NOT_DYNAMIC)
    update = wire(ChargingScheduleUpdateType, msgspec.to_builtins(values), "update")
    return PullDynamicScheduleUpdateResponse(status="Accepted", schedule_update=update)


def _since_21(caller: Caller, name: str) -> None:
    if caller.version is OcppVersion.V201:
        raise NotSupportedByVersion(f"OCPP {caller.version} has no message for {name}.")
