"""TransactionEvent and GetTransactionStatus of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.evse import Evse
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import Limits, StopReason, TransactionAnswer, TransactionEvent
from voltherd.station.v2.metering import meter_value
from voltherd.station.v2.tariff import tell_cost
from voltherd.station.v2.words import V2, given, id_token, reads, reports, serves, token_info

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_REASONS: Final[dict[StopReason, Any]] = {
    "DeAuthorized": "DeAuthorized",
    "Reset": "ImmediateReset",
    "UnlockCommand": "Remote",
    "CostLimitReached": "LocalOutOfCredit",
}

SOME_CURRENT_A: Final = 0.5
"""What counts as a phase in use, in amperes."""


@reports(TransactionEvent)
def transaction_event(core: StationCore, event: TransactionEvent) -> Outgoing:
    """A TransactionEvent; its seqNo is drawn here."""
    transaction, evse = event.transaction, event.evse
    info = v2.TransactionType(transaction_id=transaction.id, charging_state=transaction.charging_state)
    request = v2.TransactionEventRequest(
        event_type=event.kind,
        timestamp=transaction.started_at if event.kind == "Started" else core.clock.text(core.now),
        trigger_reason=event.trigger,
        seq_no=transaction.next_seq_no(),
        transaction_info=info,
        evse=v2.EVSEType(
            id=evse.id,
            connector_id=UNSET if transaction.connector_id is None else transaction.connector_id,
        ),
    )
    if not core.is_online:
        request.offline = True
    if event.values:
        request.meter_value = [meter_value(core, evse, one) for one in event.values]
    if event.token is not None:
        request.id_token = id_token(event.token)
        if core.is_v21 and event.kind == "Started":
            _tell_vehicle(evse, request.id_token)
    if event.token is not None and event.token is transaction.token and transaction.reservation_id is not None:
        request.reservation_id = transaction.reservation_id
    if event.trigger == "RemoteStart" and transaction.remote_start_id is not None:
        info.remote_start_id = transaction.remote_start_id
    if event.reason is not None:
        info.stopped_reason = _reason(core, event.reason)
    _tell_cable(event, request)
    if core.is_v21:
        _tell_more(event, info)
        tell_cost(core, event, request)
    if event.trigger == "OperationModeChanged":
        info.operation_mode = core.smart_charging.execution.mode_of(event.evse)
    if core.is_v21 and core.smart_charging.execution.sleeps(event.evse):
        request.evse_sleep = True
    return Outgoing(action="TransactionEvent", request=request)


def _tell_vehicle(evse: Evse, token: v2.IdTokenType) -> None:
    """A vehicle of ISO 15118-20 is told with the token (OCPP 2.1 Q01.FR.02)."""
    vehicle = evse.vehicle
    if vehicle is not None and vehicle.evcc_id and vehicle.needs is not None and vehicle.needs.control is not None:
        token.additional_info = [v2.AdditionalInfoType(additional_id_token=vehicle.evcc_id, type="EVCCID")]


def _reason(core: StationCore, reason: StopReason) -> Any:
    """The reason in the words of the version."""
    if reason == "ReqEnergyTransferRejected" and not core.is_v21:
        return "Other"
    return _REASONS.get(reason, reason)


def _tell_cable(event: TransactionEvent, request: v2.TransactionEventRequest) -> None:
    """Phases in use, where they are known and new (OCPP 2.0.1 E02.FR.18, E02.FR.19), and what the cable bears."""
    transaction, evse = event.transaction, event.evse
    if evse.config.is_dc:
        return
    if event.kind == "Started" and evse.plugged is not None:
        request.cable_max_current = round(evse.config.max_current_a)
    if event.values:
        phases = sum(1 for amps in event.values[-1].reading.currents_a if abs(amps) > SOME_CURRENT_A)
        if phases and phases != transaction.phases_told:
            request.number_of_phases_used = transaction.phases_told = phases


def _tell_more(event: TransactionEvent, info: v2.TransactionType) -> None:
    """What 2.1 adds (E16.FR.01, I07)."""
    limits = event.limits
    if limits is not None:
        info.transaction_limit = v2.TransactionLimitType(
            max_cost=UNSET if limits.cost is None else limits.cost,
            max_energy=UNSET if limits.energy_wh is None else limits.energy_wh,
            max_time=UNSET if limits.time_s is None else round(limits.time_s),
            max_soc=UNSET if limits.soc_percent is None else round(limits.soc_percent),
        )


def _mark_offline(core: StationCore, message: Outgoing) -> None:
    """What waited while the line was lost says so (OCPP 2.0.1 E11.FR.07, E12.FR.02)."""
    if message.was_offline and isinstance(message.request, v2.TransactionEventRequest):
        message.request.offline = True


V2.completes("TransactionEvent", _mark_offline)


@reads("TransactionEvent")
def transaction_answered(core: StationCore, response: v2.TransactionEventResponse) -> TransactionAnswer:
    """Whether the token is accepted, where the answer says so, and what it costs."""
    info = None if response.id_token_info is UNSET else token_info(response.id_token_info)
    wires = [] if response.updated_personal_message is UNSET else [response.updated_personal_message]
    wires += given(response.updated_personal_message_extra) or []
    messages = [wire.content for wire in wires]
    return TransactionAnswer(
        info=info,
        total_cost=given(response.total_cost),
        limits=_limits(response),
        messages=tuple(messages),
        priority=given(response.charging_priority),
    )


def _limits(response: v2.TransactionEventResponse) -> Limits | None:
    wire = response.transaction_limit
    if wire is UNSET:
        return None
    return Limits(
        cost=given(wire.max_cost),
        energy_wh=given(wire.max_energy),
        time_s=given(wire.max_time),
        soc_percent=given(wire.max_soc),
    )


@serves("GetTransactionStatus")
def get_transaction_status(
    core: StationCore, request: v2.GetTransactionStatusRequest
) -> v2.GetTransactionStatusResponse:
    """OCPP 2.0.1 E14."""
    if request.transaction_id is UNSET:
        return v2.GetTransactionStatusResponse(messages_in_queue=core.outbox.transaction_count > 0)
    return v2.GetTransactionStatusResponse(
        messages_in_queue=core.outbox.waits_for(request.transaction_id),
        ongoing_indicator=core.charging.find(request.transaction_id) is not None,
    )
