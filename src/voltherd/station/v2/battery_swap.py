"""Battery swapping of 2.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.battery_swap import Battery, Swapped
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import id_token, info, reports, serves, token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("RequestBatterySwap")
def request_battery_swap(core: StationCore, request: v2.RequestBatterySwapRequest) -> v2.RequestBatterySwapResponse:
    """OCPP 2.1 S02."""
    if not core.battery_swap.is_offered:
        why = info("UnsupportedRequest", "The station swaps no batteries")
        return v2.RequestBatterySwapResponse(status="Rejected", status_info=why)
    objection = core.battery_swap.request(token(request.id_token), request.request_id)
    if objection is not None:
        return v2.RequestBatterySwapResponse(status="Rejected", status_info=info(*objection))
    return v2.RequestBatterySwapResponse(status="Accepted")


@reports(Swapped)
def swapped(core: StationCore, report: Swapped) -> Outgoing:
    """Batteries were put in, taken out or left."""
    request = v2.BatterySwapRequest(
        event_type=report.event,
        request_id=report.request_id,
        id_token=id_token(report.token),
        battery_data=[_data(slot, battery) for slot, battery in report.batteries],
    )
    return Outgoing(action="BatterySwap", request=request)


def _data(slot: int, battery: Battery) -> v2.BatteryDataType:
    return v2.BatteryDataType(
        evse_id=slot,
        serial_number=battery.serial_number,
        soc=round(battery.soc_percent, 1),
        soh=round(battery.soh_percent, 1),
        production_date=battery.produced_at or UNSET,
        vendor_info=battery.vendor_info or UNSET,
    )
