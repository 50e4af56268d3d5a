"""TransactionEvent and GetTransactionStatus of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.charging import TransactionAnswer
from voltherd.station.outbox import Outgoing
from voltherd.station.transaction import StopReason, TransactionEvent
from voltherd.station.v2.metering import meter_value
from voltherd.station.v2.words import given, id_token, reads, reports, serves, token_info

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_REASONS: Final[dict[StopReason, Any]] = {
    "DeAuthorized": "DeAuthorized",
    "Reset": "ImmediateReset",
    "UnlockCommand": "Remote",
}


@reports(TransactionEvent)
def transaction_event(core: StationCore, event: TransactionEvent) -> Outgoing:
    """A TransactionEvent; its seqNo is drawn here."""
    transaction = event.transaction
    info = v2.TransactionType(transaction_id=transaction.id, charging_state=transaction.charging_state)
    request = v2.TransactionEventRequest(
        event_type=event.kind,
        timestamp=transaction.started_at if event.kind == "Started" else core.clock.text(core.now),
        trigger_reason=event.trigger,
        seq_no=transaction.next_seq_no(),
        transaction_info=info,
        evse=v2.EVSEType(
            id=event.evse.id,
            connector_id=UNSET if transaction.connector_id is None else transaction.connector_id,
        ),
    )
    if not core.is_online:
        request.offline = True
    if event.values:
        request.meter_value = [meter_value(event.evse, one) for one in event.values]
    if event.token is not None:
        request.id_token = id_token(event.token)
    if event.kind == "Started" and transaction.reservation_id is not None:
        request.reservation_id = transaction.reservation_id
    if event.trigger == "RemoteStart" and transaction.remote_start_id is not None:
        info.remote_start_id = transaction.remote_start_id
    if event.reason is not None:
        info.stopped_reason = _REASONS.get(event.reason, event.reason)
    if event.trigger == "OperationModeChanged":
        info.operation_mode = core.smart_charging.execution.mode_of(event.evse)
    if core.is_v21 and core.smart_charging.execution.sleeps(event.evse):
        request.evse_sleep = True
    return Outgoing(action="TransactionEvent", request=request)


@reads("TransactionEvent")
def transaction_answered(core: StationCore, response: v2.TransactionEventResponse) -> TransactionAnswer:
    """Whether the token is accepted, where the answer says so, and what it costs."""
    info = None if response.id_token_info is UNSET else token_info(response.id_token_info)
    return TransactionAnswer(info=info, total_cost=given(response.total_cost))


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
