"""DataTransfer of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.data_transfer import outcome
from voltherd.station.v16.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("DataTransfer")
def data_transfer(core: StationCore, request: v16.DataTransferRequest) -> v16.DataTransferResponse:
    """OCPP 1.6, 5.6."""
    status = outcome(request.vendor_id, request.message_id)
    return v16.DataTransferResponse(status=status, data=request.data if status == "Accepted" else UNSET)
