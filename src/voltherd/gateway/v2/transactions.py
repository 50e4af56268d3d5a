"""Transactions in OCPP 2.0.1 and 2.1: every event is accepted, in whatever order it comes."""

from msgspec import UNSET

from voltherd.domain.transaction import EventReport
from voltherd.gateway.routing import Here
from voltherd.gateway.v2.common import id_token_info, samples, text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import TransactionEventRequest, TransactionEventResponse


@routes.handle(remember=True)
def transaction_event(here: Here, request: TransactionEventRequest) -> TransactionEventResponse:
    """Record an event; a token in it gets its verdict (E01-E08, E02.FR.02)."""
    verdict = here.services.transactions.event(here.state, here.work, _report(request, here.work.now_ms))
    return TransactionEventResponse(id_token_info=UNSET if verdict is None else id_token_info(verdict, here.version))


def _report(request: TransactionEventRequest, received_ms: int) -> EventReport:
    info, evse, token = request.transaction_info, request.evse, request.id_token
    remote_start_id, reservation_id = info.remote_start_id, request.reservation_id
    evse_no = connector_no = None
    if evse is not UNSET and evse.id > 0:
        evse_no = evse.id
        connector_no = evse.connector_id if evse.connector_id is not UNSET else None
    return EventReport(
        kind=request.event_type,
        transaction_id=info.transaction_id,
        seq_no=request.seq_no,
        trigger_reason=request.trigger_reason,
        timestamp=request.timestamp,
        offline=request.offline is True,
        evse_no=evse_no,
        connector_no=connector_no,
        id_token=token.id_token if token is not UNSET else None,
        id_token_type=token.type if token is not UNSET else "",
        charging_state=info.charging_state,
        stopped_reason=text(info.stopped_reason),
        remote_start_id=remote_start_id if remote_start_id is not UNSET else None,
        reservation_id=reservation_id if reservation_id is not UNSET else None,
        samples=samples(request.meter_value, received_ms) if request.meter_value is not UNSET else [],
    )
