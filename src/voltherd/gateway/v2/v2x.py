"""V2X in OCPP 2.1."""

from typing import Any

from msgspec import UNSET, UnsetType

from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.domain.v2x import (
    AfrrSignal,
    NotifyAllowedEnergyTransfer,
    Operation,
    SetV2xOperation,
    is_dynamic,
    problem_of,
)
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome, transaction_named, wire
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.tariff import require_21
from voltherd.ocpp.v2 import (
    AFRRSignalRequest,
    AFRRSignalResponse,
    AuthorizeRequest,
    AuthorizeResponse,
    NotifyAllowedEnergyTransferRequest,
    NotifyAllowedEnergyTransferResponse,
    NotifyEVChargingNeedsRequest,
    SetChargingProfileRequest,
    SetChargingProfileResponse,
    TransactionEventRequest,
    TransactionEventResponse,
    UpdateDynamicScheduleRequest,
)
from voltherd.ocpp.v2.types import ChargingProfileType
from voltherd.ocpp.version import OcppVersion

SCHEDULE_LEAD_MS = 30_000
"""Schedules start so much in the past, so that the station's clock leaves no gap (interop trap 37)."""


# -- what goes into answers to other messages -------------------------------------------------------------------------


def tell_allowed(here: Here, request: AuthorizeRequest, response: AuthorizeResponse) -> AuthorizeResponse:
    """Add which kinds of energy transfer an accepted token may use (Q01.FR.01). Raises NotLoaded."""
    info = response.id_token_info
    if here.version is OcppVersion.V201 or info.status != "Accepted":
        return response
    group = None if info.group_id_token is UNSET else info.group_id_token.id_token
    modes = here.services.v2x.allowed(here.state, request.id_token.id_token, group, here.work.now_ms)
    if modes:
        response.allowed_energy_transfer = list(modes)  # type: ignore[arg-type]
    return response


def before_event(here: Here, request: TransactionEventRequest) -> None:
    """Raise NotLoaded where something of the session must be read first."""
    if here.version is OcppVersion.V201:
        return
    if request.event_type != "Updated" or request.transaction_info.operation_mode is not UNSET:
        here.services.v2x.held(here.state)
    if request.event_type == "Started" and request.id_token is not UNSET:
        here.services.v2x.require(here.state, here.work.now_ms)


def permitted(here: Here, request: NotifyEVChargingNeedsRequest) -> bool:
    """Whether the session on an EVSE may use the transfer that it wants (Q01.FR.04). Raises NotLoaded."""
    transaction = None if here.version is OcppVersion.V201 else here.state.open_on(request.evse_id)
    wanted = request.charging_needs.requested_energy_transfer
    return transaction is None or here.services.v2x.permits(here.state, transaction.transaction_id, wanted)


def note_needs(here: Here, request: NotifyEVChargingNeedsRequest) -> None:
    """Record which transfer vehicle and station agreed on (Q01.FR.03); `permitted` comes first."""
    if here.version is not OcppVersion.V201:
        needs = request.charging_needs
        available = needs.available_energy_transfer
        here.services.v2x.needs_told(
            here.state,
            here.work,
            request.evse_id,
            needs.requested_energy_transfer,
            [] if available is UNSET else available,
        )


def after_event(here: Here, request: TransactionEventRequest, response: TransactionEventResponse) -> None:
    """Record what a session may do, and the operation mode that the station says is in force (K01.FR.110)."""
    if here.version is OcppVersion.V201:
        return
    v2x, info, verdict = here.services.v2x, request.transaction_info, response.id_token_info
    accepted = verdict is not UNSET and verdict.status == "Accepted"
    if request.event_type == "Started" and request.id_token is not UNSET and accepted and verdict is not UNSET:
        token = request.id_token.id_token
        group = None if verdict.group_id_token is UNSET else verdict.group_id_token.id_token
        modes = v2x.allowed(here.state, token, group, here.work.now_ms)
        if modes:
            v2x.authorised(here.state, here.work, info.transaction_id, modes, token)
    if info.operation_mode is not UNSET:
        v2x.operation_reported(here.state, here.work, info.transaction_id, info.operation_mode)
    if request.event_type == "Ended":
        v2x.ended(here.state, here.work, info.transaction_id)


# -- what other messages say of it ------------------------------------------------------------------------------------


def before_profile(here: Here) -> None:
    """Raise NotLoaded where what is known of sessions must be read first."""
    if here.version is not OcppVersion.V201:
        here.services.v2x.held(here.state)


def after_profile(here: Here, request: SetChargingProfileRequest, response: SetChargingProfileResponse) -> None:
    """Record the operation mode that a charging profile asks for, whoever sent it; `before_profile` comes first."""
    profile = request.charging_profile
    if here.version is OcppVersion.V201 or not profile.charging_profile_purpose.startswith("Tx"):
        return
    transaction_id = "" if profile.transaction_id is UNSET else profile.transaction_id
    schedule = profile.charging_schedule[0]
    period = schedule.charging_schedule_period[0]
    mode = period.operation_mode
    if mode is UNSET and transaction_id not in here.services.v2x.held(here.state):
        return
    in_w = schedule.charging_rate_unit == "W"
    operation = Operation(
        mode="ChargingOnly" if mode is UNSET else mode,
        setpoint_w=_number(period.setpoint) if in_w else None,
        limit_w=_number(period.limit) if in_w else None,
        discharge_limit_w=_number(period.discharge_limit) if in_w else None,
    )
    here.services.v2x.operation_set(
        here.state, here.work, operation, transaction_id, request.evse_id, profile.id, response.status
    )


def after_update(here: Here, request: UpdateDynamicScheduleRequest) -> None:
    """Record values of a dynamic profile that the station took; `before_profile` comes first."""
    update = request.schedule_update
    here.services.v2x.values_updated(
        here.state,
        here.work,
        request.charging_profile_id,
        setpoint_w=_number(update.setpoint),
        limit_w=_number(update.limit),
        discharge_limit_w=_number(update.discharge_limit),
    )


def _number(value: float | UnsetType) -> float | None:
    return None if value is UNSET else float(value)


# -- commands ---------------------------------------------------------------------------------------------------------


@routes.translate
async def notify_allowed_energy_transfer(caller: Caller, command: NotifyAllowedEnergyTransfer) -> Outcome:
    """Change which kinds of energy transfer a session may use (Q02.FR.05)."""
    require_21(caller, command)
    transaction = transaction_named(caller.state, command.transaction_id)
    request = NotifyAllowedEnergyTransferRequest(
        transaction_id=transaction.transaction_id, allowed_energy_transfer=list(command.allowed_energy_transfer)
    )
    return outcome(await caller.call(request, NotifyAllowedEnergyTransferResponse))


@routes.learn
def allowed_energy_transfer_changed(
    here: Here, request: NotifyAllowedEnergyTransferRequest, response: NotifyAllowedEnergyTransferResponse
) -> None:
    """Record what a session may use now."""
    here.services.v2x.allowed_changed(
        here.state, here.work, request.transaction_id, request.allowed_energy_transfer, response.status
    )


@routes.translate
async def afrr_signal(caller: Caller, command: AfrrSignal) -> Outcome:
    """Pass on a frequency restoration signal (Q08.FR.12). Raises PayloadInvalid."""
    require_21(caller, command)
    at = command.at
    if at is None:
        at = format_ms(_now_ms(caller))
    elif parse_timestamp(at) is None:
        raise PayloadInvalid(f"at: {at!r} is no instant.", "PropertyConstraintViolation")
    return outcome(await caller.call(AFRRSignalRequest(timestamp=at, signal=command.signal), AFRRSignalResponse))


@routes.translate
async def set_v2x_operation(caller: Caller, command: SetV2xOperation) -> Outcome:
    """Set an operation mode by a charging profile with one period (Q02 to Q10). Raises PayloadInvalid, NotFound."""
    require_21(caller, command)
    problem = problem_of(command)
    if problem is not None:
        raise PayloadInvalid(f"{problem}.", "PropertyConstraintViolation")
    transaction_id = ""
    if command.transaction_id is not None:
        transaction_id = transaction_named(caller.state, command.transaction_id).transaction_id
    profile_id = command.profile_id or caller.request_id
    profile = _profile(command, transaction_id, profile_id, _now_ms(caller))
    request = SetChargingProfileRequest(
        evse_id=command.evse_id, charging_profile=wire(ChargingProfileType, profile, "profile")
    )
    answer = await caller.call(request, SetChargingProfileResponse)
    found = outcome(answer)
    found.answer["profile_id"] = profile_id
    return found


def _now_ms(caller: Caller) -> int:
    return caller.services.v2x.now_ms()


def _profile(command: SetV2xOperation, transaction_id: str, profile_id: int, now_ms: int) -> dict[str, Any]:
    """Make the charging profile, named as on the wire."""
    dynamic = is_dynamic(command)
    schedule: dict[str, Any] = {
        "id": 1,
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [_period(command)],
        "duration": command.duration_s,
        "startSchedule": None if dynamic else format_ms(now_ms - SCHEDULE_LEAD_MS),
    }
    if command.duration_s is not None and not dynamic:
        schedule["duration"] = command.duration_s + SCHEDULE_LEAD_MS // 1000
    return _without_none(
        {
            "id": profile_id,
            "stackLevel": command.stack_level,
            "chargingProfilePurpose": "TxProfile" if transaction_id else "TxDefaultProfile",
            "chargingProfileKind": "Dynamic" if dynamic else "Absolute",
            "transactionId": transaction_id or None,
            "dynUpdateInterval": command.dynamic_update_interval_s,
            "maxOfflineDuration": command.max_offline_duration_s,
            "invalidAfterOfflineDuration": command.invalid_after_offline,
            "chargingSchedule": [_without_none(schedule)],
        }
    )


def _period(command: SetV2xOperation) -> dict[str, Any]:
    return _without_none(
        {
            "startPeriod": 0,
            "operationMode": command.operation_mode,
            "limit": command.limit_w,
            "dischargeLimit": command.discharge_limit_w,
            "setpoint": command.setpoint_w,
            "setpointReactive": command.setpoint_reactive_var,
            "v2xBaseline": command.baseline_w,
            "preconditioningRequest": command.preconditioning,
            "evseSleep": command.evse_sleep,
            "v2xFreqWattCurve": [
                {"frequency": point.frequency_hz, "power": point.power_w} for point in command.freq_watt_curve
            ]
            or None,
            "v2xSignalWattCurve": [
                {"signal": point.signal, "power": point.power_w} for point in command.signal_watt_curve
            ]
            or None,
        }
    )


def _without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
