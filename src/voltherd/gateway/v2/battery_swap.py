"""Battery swapping in OCPP 2.1."""

from msgspec import UNSET

from voltherd.domain.battery_swap import Battery, RequestBatterySwap
from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.tariff import require_21
from voltherd.ocpp.v2 import (
    BatterySwapRequest,
    BatterySwapResponse,
    RequestBatterySwapRequest,
    RequestBatterySwapResponse,
)
from voltherd.ocpp.v2.types import BatteryDataType, IdTokenType
from voltherd.services.battery_swaps import Swapped
from voltherd.services.work import NotLoaded


@routes.handle()
def battery_swap(here: Here, request: BatterySwapRequest) -> BatterySwapResponse:
    """Record batteries that were put in, taken out, or left (S03)."""
    here.services.battery_swaps.reported(
        here.state,
        here.work,
        Swapped(
            request.event_type,
            request.request_id,
            request.id_token.id_token,
            request.id_token.type,
            [_battery(item) for item in request.battery_data],
        ),
    )
    return BatterySwapResponse()


def _battery(said: BatteryDataType) -> Battery:
    return Battery(
        slot=said.evse_id,
        serial_number=said.serial_number,
        soc_percent=float(said.soc),
        soh_percent=float(said.soh),
        production_date=None if said.production_date is UNSET else said.production_date,
        vendor_info=None if said.vendor_info is UNSET else said.vendor_info,
    )


@routes.translate
async def request_battery_swap(caller: Caller, command: RequestBatterySwap) -> Outcome:
    """Ask for a swap (S02); a token that is not accepted is not sent (S02.FR.03). Raises PayloadInvalid."""
    require_21(caller, command)
    refusal = await _refusal(caller, command)
    if refusal is not None:
        raise PayloadInvalid(f"id_token: {refusal}.", "PropertyConstraintViolation")
    caller.services.battery_swaps.wish(caller.state, caller.request_id, command.expires_after_s)
    token = IdTokenType(id_token=command.id_token, type=command.id_token_type)
    request = RequestBatterySwapRequest(id_token=token, request_id=caller.request_id)
    return outcome(await caller.call(request, RequestBatterySwapResponse))


async def _refusal(caller: Caller, command: RequestBatterySwap) -> str | None:
    swaps = caller.services.battery_swaps
    while True:
        try:
            return swaps.require_accepted(caller.state, command.id_token, command.id_token_type)
        except NotLoaded as gap:
            await gap.load()


@routes.learn
def battery_swap_requested(
    here: Here, request: RequestBatterySwapRequest, response: RequestBatterySwapResponse
) -> None:
    """Record the booking, or why there is none."""
    info = response.status_info
    reason = "" if info is UNSET else f" ({info.reason_code})"
    token = request.id_token
    here.services.battery_swaps.requested(
        here.state,
        here.work,
        Swapped("BatteryIn", request.request_id, token.id_token, token.type, ()),
        answer=f"{response.status}{reason}",
    )
