"""Data transfer in OCPP 2.0.1 and 2.1."""

from msgspec import UNSET

from voltherd.domain.commands import DataTransfer, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import DataTransferRequest, DataTransferResponse


@routes.handle()
def data_transfer(here: Here, request: DataTransferRequest) -> DataTransferResponse:
    """Let whoever registered for the vendor answer (P02); nobody: UnknownVendorId."""
    data = None if request.data is UNSET else request.data
    answer = here.services.data_transfer.receive(
        here.state, here.work, request.vendor_id, text(request.message_id), data
    )
    return DataTransferResponse(status=answer.status, data=UNSET if answer.data is None else answer.data)


@routes.translate
async def send_data(caller: Caller, command: DataTransfer) -> Outcome:
    """Send vendor data (P01)."""
    request = DataTransferRequest(
        vendor_id=command.vendor_id,
        message_id=UNSET if command.message_id is None else command.message_id,
        data=UNSET if command.data is None else command.data,
    )
    return outcome(await caller.call(request, DataTransferResponse))
