"""Data transfer in OCPP 1.6: data is text; anything else is carried as its JSON."""

import msgspec
from msgspec import UNSET

from voltherd.domain.commands import DataTransfer, Outcome
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import DataTransferRequest, DataTransferResponse


@routes.handle()
def data_transfer(here: Here, request: DataTransferRequest) -> DataTransferResponse:
    """Let whoever registered for the vendor answer (OCPP 1.6 4.3); nobody: UnknownVendorId."""
    data = request.data
    answer = here.services.data_transfer.receive(
        here.state, here.work, request.vendor_id, text(request.message_id), data if data is not UNSET else None
    )
    return DataTransferResponse(status=answer.status, data=UNSET if answer.data is None else _as_text(answer.data))


@routes.translate
async def send_data(caller: Caller, command: DataTransfer) -> Outcome:
    """Send vendor data (OCPP 1.6 5.6)."""
    request = DataTransferRequest(
        vendor_id=command.vendor_id,
        message_id=UNSET if command.message_id is None else command.message_id,
        data=UNSET if command.data is None else _as_text(command.data),
    )
    return outcome(await caller.call(request, DataTransferResponse))


def _as_text(data: object) -> str:
    return data if isinstance(data, str) else msgspec.json.encode(data).decode()
