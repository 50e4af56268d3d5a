"""Data transfer in OCPP 2.0.1 and 2.1: data is any JSON."""

from msgspec import UNSET

from voltherd.domain.commands import DataTransfer, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import DataTransferRequest, DataTransferResponse
from voltherd.ocpp.v2.types import StatusInfoType
from voltherd.services.data_transfer import Desk


def _desk(here: Here) -> Desk:
    return Desk(here.services, here.state, here.work, here.version.value)


@routes.handle()
def data_transfer(here: Here, request: DataTransferRequest) -> DataTransferResponse:
    """Let the vendor's extension answer (P02); nobody: UnknownVendorId (P02.FR.06, P02.FR.07)."""
    data = None if request.data is UNSET else request.data
    answer = here.services.data_transfer.receive(_desk(here), request.vendor_id, text(request.message_id), data)
    info = StatusInfoType(reason_code="InvalidValue", additional_info=answer.words) if answer.words else UNSET
    return DataTransferResponse(
        status=answer.status, status_info=info, data=UNSET if answer.data is None else answer.data
    )


@routes.translate
async def send_data(caller: Caller, command: DataTransfer) -> Outcome:
    """Send vendor data (P01), held against the type that the vendor's extension has for it."""
    caller.services.data_transfer.check(command.vendor_id, command.message_id or "", command.data)
    request = DataTransferRequest(
        vendor_id=command.vendor_id,
        message_id=UNSET if command.message_id is None else command.message_id,
        data=UNSET if command.data is None else command.data,
    )
    return outcome(await caller.call(request, DataTransferResponse))


@routes.learn
def sent_data(here: Here, request: DataTransferRequest, response: DataTransferResponse) -> None:
    """Record vendor data of ours and what was said to it."""
    here.services.data_transfer.sent(
        _desk(here),
        request.vendor_id,
        text(request.message_id),
        None if request.data is UNSET else request.data,
        response.status,
        None if response.data is UNSET else response.data,
    )
