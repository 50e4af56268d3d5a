"""Meter values in OCPP 1.6."""

from msgspec import UNSET

from voltherd.domain.transaction import Transaction
from voltherd.gateway.routing import Here
from voltherd.gateway.v16 import tariff
from voltherd.gateway.v16.common import samples
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import MeterValuesRequest, MeterValuesResponse

_DONE = MeterValuesResponse()


@routes.handle()
def meter_values(here: Here, request: MeterValuesRequest) -> MeterValuesResponse:
    """Record meter values of a connector, or of the whole station (OCPP 1.6 4.7, interop trap 30)."""
    tariff.ready(here)
    connector_no = max(request.connector_id, 0)
    transaction = _transaction(here, request, connector_no) if connector_no else None
    here.services.metering.values(
        here.state,
        here.work,
        connector_no,
        1 if connector_no else 0,
        samples(request.meter_value, here.work.now_ms, here.state.quirks.timestamps_local_zone),
        transaction,
    )
    if transaction is not None:
        tariff.tell_cost(here, transaction)
    return _DONE


def _transaction(here: Here, request: MeterValuesRequest, connector_no: int) -> Transaction | None:
    """Find whose values these are: never those of another connector's transaction (interop trap 25)."""
    number = request.transaction_id
    if number is not UNSET and number > 0:
        named = here.services.transactions.find(here.state, str(number))
        if named is not None and named.evse_no == connector_no:
            return named
    return here.state.open_on(connector_no)
