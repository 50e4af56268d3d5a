"""Charging profiles in OCPP 1.6: one schedule, a numeric transaction, limits with one decimal."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.domain.charging_profile import (
    ClearChargingProfile,
    CompositeSchedule,
    Criteria,
    GetCompositeSchedule,
    SetChargingProfile,
)
from voltherd.domain.charging_rules import beyond_16, tenths
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, Purpose, SchedulePeriod
from voltherd.domain.commands import Outcome
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.gateway.charging_profile import (
    VERIFIED_S,
    Answered,
    Sending,
    given,
    refuse_discharging,
    said,
    schedule_outcome,
)
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import all_outcome, outcome, wire
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    ClearChargingProfileRequest,
    ClearChargingProfileResponse,
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
    RemoteStartTransactionRequest,
    RemoteStartTransactionResponse,
    SetChargingProfileRequest,
    SetChargingProfileResponse,
)
from voltherd.ocpp.v16 import types as ocpp
from voltherd.ocpp.v16.enums import ChargingProfilePurposeType

_PURPOSES: Final[dict[Purpose, ChargingProfilePurposeType]] = {
    "ChargingStationMaxProfile": "ChargePointMaxProfile",
    "TxDefaultProfile": "TxDefaultProfile",
    "TxProfile": "TxProfile",
}
_NEUTRAL: Final[dict[ChargingProfilePurposeType, Purpose]] = {theirs: ours for ours, theirs in _PURPOSES.items()}


@routes.translate
async def set_charging_profile(caller: Caller, command: SetChargingProfile) -> Outcome:
    """Install a charging profile (OCPP 1.6 5.16); connector n is EVSE n, connector 0 the station."""
    beyond = beyond_16(command.profile)
    if beyond:
        raise NotSupportedByVersion(f"OCPP 1.6 has no words for {', '.join(beyond)} in a charging profile.")
    refuse_discharging(command.profile)

    async def send(evse_no: int, profile: ChargingProfile) -> Answered:
        request = SetChargingProfileRequest(
            connector_id=evse_no, cs_charging_profiles=wire(ocpp.ChargingProfile, profile_of_16(profile), "profile")
        )
        answer = await caller.call(request, SetChargingProfileResponse)
        return Answered(answer.status, "", msgspec.to_builtins(answer))

    sending = Sending(caller, command, send)
    found = await sending.run(replaces=True)
    if command.verify and found.accepted:
        asked = GetCompositeScheduleRequest(connector_id=sending.evse_no, duration=VERIFIED_S)
        found.answer["composite"] = msgspec.to_builtins(await caller.call(asked, GetCompositeScheduleResponse))
    return found


def profile_of_16(profile: ChargingProfile) -> dict[str, Any]:
    """Put a profile into the words of 1.6; limits are rounded down to tenths. Raises NotSupportedByVersion."""
    schedule, number = profile.charging_schedule[0], profile.transaction_id
    if number is not None and not number.isdecimal():
        raise NotSupportedByVersion(f"Transaction {number} has no number that a 1.6 station would know.")
    found = {
        "chargingProfileId": profile.id,
        "transactionId": None if number is None else int(number),
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": _PURPOSES[profile.charging_profile_purpose],
        "chargingProfileKind": profile.charging_profile_kind,
        "recurrencyKind": profile.recurrency_kind,
        "validFrom": profile.valid_from,
        "validTo": profile.valid_to,
        "chargingSchedule": _schedule_of_16(schedule),
    }
    return {name: value for name, value in found.items() if value is not None}


def _schedule_of_16(schedule: ChargingSchedule) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(schedule)
    del found["id"]
    for period in found["chargingSchedulePeriod"]:
        period["limit"] = tenths(period["limit"])
    if "minChargingRate" in found:
        found["minChargingRate"] = tenths(found["minChargingRate"])
    return found


@routes.learn
def profile_answered(here: Here, request: SetChargingProfileRequest, response: SetChargingProfileResponse) -> None:
    """Keep what was installed or refused, whoever sent it."""
    here.services.charging_profiles.answered(
        here.state,
        here.work,
        profile_from_16(request.cs_charging_profiles),
        request.connector_id,
        accepted=response.status == "Accepted",
        reason="" if response.status == "Rejected" else response.status,
        replaces=True,
    )


@routes.learn
def profile_came_with_start(
    here: Here, request: RemoteStartTransactionRequest, response: RemoteStartTransactionResponse
) -> None:
    """Keep the profile that a remote start brought, until a session begins (OCPP 1.6 5.11)."""
    if request.charging_profile is not UNSET and response.status == "Accepted":
        profile, connector = profile_from_16(request.charging_profile), said(request.connector_id)
        here.services.charging_profiles.came_with_start(here.state, here.work, profile, connector or 0)


def profile_from_16(profile: ocpp.ChargingProfile) -> ChargingProfile:
    """Read a profile of 1.6 in the words of 2.x."""
    number = said(profile.transaction_id)
    return ChargingProfile(
        id=profile.charging_profile_id,
        stack_level=profile.stack_level,
        charging_profile_purpose=_NEUTRAL[profile.charging_profile_purpose],
        charging_profile_kind=profile.charging_profile_kind,
        charging_schedule=[_schedule_from_16(profile.charging_schedule)],
        recurrency_kind=said(profile.recurrency_kind),
        valid_from=said(profile.valid_from),
        valid_to=said(profile.valid_to),
        transaction_id=None if number is None else str(number),
    )


def _schedule_from_16(schedule: ocpp.ChargingSchedule) -> ChargingSchedule:
    return ChargingSchedule(
        id=1,
        charging_rate_unit=schedule.charging_rate_unit,
        charging_schedule_period=[_period_from_16(period) for period in schedule.charging_schedule_period],
        start_schedule=said(schedule.start_schedule),
        duration=said(schedule.duration),
        min_charging_rate=said(schedule.min_charging_rate),
    )


def _period_from_16(period: ocpp.ChargingSchedulePeriod) -> SchedulePeriod:
    return SchedulePeriod(
        start_period=period.start_period, limit=period.limit, number_phases=said(period.number_phases)
    )


@routes.translate
async def clear_charging_profile(caller: Caller, command: ClearChargingProfile) -> Outcome:
    """Remove profiles (OCPP 1.6 5.4); nothing named: all. Raises NotSupportedByVersion."""
    if command.profile_id is not None:
        service = caller.services.charging_profiles
        await service.ready(caller.state)
        ids = service.parts_of(caller.state, command.profile_id)
        requests = [ClearChargingProfileRequest(id=number) for number in ids]
        return all_outcome([outcome(await caller.call(request, ClearChargingProfileResponse)) for request in requests])
    request = ClearChargingProfileRequest(
        connector_id=given(command.evse_id),
        charging_profile_purpose=_purpose(command.purpose),
        stack_level=given(command.stack_level),
    )
    return outcome(await caller.call(request, ClearChargingProfileResponse))


def _purpose(purpose: Purpose | None) -> ChargingProfilePurposeType | UnsetType:
    if purpose is None:
        return UNSET
    if purpose not in _PURPOSES:
        raise NotSupportedByVersion(f"OCPP 1.6 has no purpose {purpose}.")
    return _PURPOSES[purpose]


@routes.learn
def profiles_cleared(here: Here, request: ClearChargingProfileRequest, response: ClearChargingProfileResponse) -> None:
    """Keep that profiles are gone, or were not there."""
    number, purpose = said(request.id), request.charging_profile_purpose
    if number is not None:
        criteria = Criteria(profile_ids=(number,))
    else:
        criteria = Criteria(
            evse_no=said(request.connector_id),
            purpose=None if purpose is UNSET else _NEUTRAL[purpose],
            stack_level=said(request.stack_level),
        )
    here.services.charging_profiles.cleared(here.state, here.work, criteria, found=response.status == "Accepted")


@routes.translate
async def get_composite_schedule(caller: Caller, command: GetCompositeSchedule) -> Outcome:
    """Ask for the composite schedule (OCPP 1.6 5.7)."""
    request = GetCompositeScheduleRequest(
        connector_id=command.evse_id, duration=command.duration_s, charging_rate_unit=given(command.unit)
    )
    answer = await caller.call(request, GetCompositeScheduleResponse)
    return schedule_outcome(answer, answer.charging_schedule)


@routes.learn
def composite_known(here: Here, request: GetCompositeScheduleRequest, response: GetCompositeScheduleResponse) -> None:
    """Keep a composite schedule and hold it against what is installed."""
    schedule = response.charging_schedule
    if schedule is UNSET:
        return
    start = said(response.schedule_start) or said(schedule.start_schedule)
    found = CompositeSchedule(
        state="reported",
        evse_no=said(response.connector_id) or request.connector_id,
        start=start or "",
        duration_s=said(schedule.duration),
        charging_rate_unit=schedule.charging_rate_unit,
        periods=[_period_from_16(period) for period in schedule.charging_schedule_period],
        received_at_ms=here.work.now_ms,
    )
    here.services.charging_profiles.reports.composite(here.state, here.work, found)
