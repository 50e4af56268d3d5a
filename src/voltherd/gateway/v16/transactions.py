"""Transactions in OCPP 1.6: a start that is always given an id, a stop that is never refused."""

from msgspec import UNSET

from voltherd.domain.transaction import StartReport, StopReport
from voltherd.gateway.routing import Here
from voltherd.gateway.v16 import tariff
from voltherd.gateway.v16.common import id_tag_info, samples
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    StartTransactionRequest,
    StartTransactionResponse,
    StopTransactionRequest,
    StopTransactionResponse,
)


@routes.handle(remember=True)
def start_transaction(here: Here, request: StartTransactionRequest) -> StartTransactionResponse:
    """Record a start and give it its number, whatever the token is worth (OCPP 1.6 4.8, interop trap 22)."""
    reservation_id = request.reservation_id
    report = StartReport(
        connector_no=max(request.connector_id, 0),
        id_token=request.id_tag,
        meter_start_wh=request.meter_start,
        timestamp=request.timestamp,
        reservation_id=reservation_id if reservation_id is not UNSET else None,
    )
    transaction, verdict = here.services.transactions.start(here.state, here.work, report)
    return StartTransactionResponse(id_tag_info=id_tag_info(verdict), transaction_id=int(transaction.transaction_id))


@routes.handle(remember=True)
def stop_transaction(here: Here, request: StopTransactionRequest) -> StopTransactionResponse:
    """Record a stop with the readings that came with it (OCPP 1.6 4.10, interop trap 18)."""
    tariff.ready(here)
    reason, id_tag, data = request.reason, request.id_tag, request.transaction_data
    report = StopReport(
        transaction_id=request.transaction_id,
        meter_stop_wh=request.meter_stop,
        timestamp=request.timestamp,
        reason=reason if reason is not UNSET else "Local",
        id_token=id_tag if id_tag is not UNSET else None,
        samples=samples(data, here.work.now_ms, here.state.quirks.timestamps_local_zone) if data is not UNSET else [],
    )
    verdict = here.services.transactions.stop(here.state, here.work, report)
    stopped = here.state.transactions.get(str(request.transaction_id))
    if stopped is not None:
        tariff.tell_cost(here, stopped)
    return StopTransactionResponse(id_tag_info=UNSET if verdict is None else id_tag_info(verdict))
