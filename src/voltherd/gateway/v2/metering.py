"""Meter values outside of transactions in OCPP 2.0.1 and 2.1; those of transactions come with their events."""

from voltherd.gateway.routing import Here
from voltherd.gateway.v2.common import samples
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import MeterValuesRequest, MeterValuesResponse

_DONE = MeterValuesResponse()


@routes.handle()
def meter_values(here: Here, request: MeterValuesRequest) -> MeterValuesResponse:
    """Record meter values of an EVSE, or of the station's own meter with EVSE 0 (J01, interop trap 30)."""
    found = samples(request.meter_value, here.work.now_ms, here.state.quirks.timestamps_local_zone)
    here.services.metering.values(here.state, here.work, max(request.evse_id, 0), 0, found, None)
    return _DONE
