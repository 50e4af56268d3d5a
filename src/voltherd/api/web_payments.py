"""Payment over a QR code at the station: what the web page for drivers asks."""

from typing import Annotated, Any

from litestar import Response, post
from msgspec import Meta, Struct

from voltherd.api.describe import Doc, described
from voltherd.api.request import ApiRequest
from voltherd.domain.errors import Invalid, StationError
from voltherd.domain.tariff import NotifyWebPaymentStarted

TAG = "Commands"


class ScannedBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a driver scanned."""

    url: Annotated[str, Meta(min_length=1, max_length=2048)]
    lock_s: Annotated[int, Meta(ge=1, le=3600)] | None = None
    """Tell the station so long to begin no session at the EVSE by itself; needs an EVSE in the address."""


class ScannedView(Struct, kw_only=True):
    """What the address says."""

    station_id: str
    evse_id: int | None
    roaming_evse_id: str
    max_cost: float | None
    max_energy_wh: float | None
    max_time_s: int | None
    command_id: str | None
    """Of the word to the station that a payment has begun, where that was wanted and the station is connected."""


EXAMPLE = {
    "station_id": "CP-0001",
    "evse_id": 1,
    "roaming_evse_id": "",
    "max_cost": None,
    "max_energy_wh": 20000,
    "max_time_s": None,
    "command_id": "174120381927424",
}


@post(
    "/web-payments/check",
    name="check a scanned code",
    status_code=200,
    opt=described(
        Doc(
            tag=TAG,
            summary="Check a dynamic QR code",
            description="For the web page on which a driver pays (2.1 C25): `422` unless the one-time password in the "
            "address is valid now. After the payment start the session with `remote-start`, the payment's reference as "
            "`id_token`, `id_token_type` DirectPayment, and the limits given here.",
            body=ScannedBody,
            body_example={"url": "https://pay.example/CP-0001/1/aHicux89/v1/?maxenergy=20000", "lock_s": 120},
            answer=ScannedView,
            example=EXAMPLE,
            errors=(400, 404),
        )
    ),
)
async def check(request: ApiRequest) -> Response[ScannedView]:
    """Check what a driver scanned."""
    body = await request.read(ScannedBody)
    found = request.api.services.web_payments.check(body.url, tenant_id=request.tenant_id)
    command_id = None
    if body.lock_s is not None:
        if found.evse_id is None or not found.station_id:
            raise Invalid("lock_s: the address names no EVSE of a station.")
        command_id = await _lock(request, found.station_id, found.evse_id, body.lock_s)
    return Response(
        ScannedView(
            station_id=found.station_id,
            evse_id=found.evse_id,
            roaming_evse_id=found.roaming_evse_id,
            max_cost=found.max_cost,
            max_energy_wh=found.max_energy_wh,
            max_time_s=found.max_time_s,
            command_id=command_id,
        )
    )


async def _lock(request: ApiRequest, station_id: str, evse_id: int, lock_s: int) -> str | None:
    command = NotifyWebPaymentStarted(evse_id=evse_id, timeout_s=lock_s)
    try:
        record = await request.api.commands.submit(
            station_id, command, requested_by=request.caller.name, tenant_id=request.tenant_id
        )
    except StationError:
        return None
    return str(record.id)


HANDLERS: list[Any] = [check]
