"""Data transfer in OCPP 1.6: data is text; anything else is carried as its JSON."""

from typing import Any

import msgspec
from msgspec import UNSET

from voltherd.domain.commands import DataTransfer, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import DataTransferRequest, DataTransferResponse
from voltherd.services.data_transfer import Desk, as_text
from voltherd.services.extensions.iso15118_pnc import VENDOR as PNC


def _desk(here: Here) -> Desk:
    return Desk(here.services, here.state, here.work, here.version.value)


@routes.handle()
def data_transfer(here: Here, request: DataTransferRequest) -> DataTransferResponse:
    """Let the vendor's extension answer (OCPP 1.6 4.3); nobody: UnknownVendorId. Words of a refusal go as data."""
    data = request.data if request.data is not UNSET else None
    answer = here.services.data_transfer.receive(_desk(here), request.vendor_id, text(request.message_id), data)
    told = answer.words or answer.data
    return DataTransferResponse(status=answer.status, data=UNSET if told is None else as_text(told))


@routes.translate
async def send_data(caller: Caller, command: DataTransfer) -> Outcome:
    """Send vendor data (OCPP 1.6 5.6), held against the type that the vendor's extension has for it."""
    caller.services.data_transfer.check(command.vendor_id, command.message_id or "", command.data)
    request = DataTransferRequest(
        vendor_id=command.vendor_id,
        message_id=UNSET if command.message_id is None else command.message_id,
        data=UNSET if command.data is None else as_text(command.data),
    )
    return outcome(await caller.call(request, DataTransferResponse))


@routes.learn
def sent_data(here: Here, request: DataTransferRequest, response: DataTransferResponse) -> None:
    """Record vendor data of ours and what was said to it."""
    here.services.data_transfer.sent(
        _desk(here),
        request.vendor_id,
        text(request.message_id),
        request.data if request.data is not UNSET else None,
        response.status,
        response.data if response.data is not UNSET else None,
    )


async def plug_and_charge(caller: Caller, message: str, data: dict[str, Any]) -> Outcome:
    """Send a message of Plug and Charge over 1.6; the outcome is that of the message inside.

    A station that does not know it says `UnknownVendorId` or `UnknownMessageId`.
    """
    request = DataTransferRequest(vendor_id=PNC, message_id=message, data=as_text(data))
    found = await caller.call(request, DataTransferResponse)
    if found.status != "Accepted" or found.data is UNSET:
        return Outcome(accepted=False, status=found.status, answer=msgspec.to_builtins(found))
    try:
        answer = msgspec.json.decode(found.data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return Outcome(accepted=False, status="Rejected", answer=msgspec.to_builtins(found))
    status = str(answer.get("status", ""))
    return Outcome(accepted=status == "Accepted", status=status, answer=answer)
