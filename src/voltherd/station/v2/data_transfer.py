"""DataTransfer of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.data_transfer import outcome
from voltherd.station.v2.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("DataTransfer")
def data_transfer(core: StationCore, request: v2.DataTransferRequest) -> v2.DataTransferResponse:
    """OCPP 2.0.1 P01."""
    status = outcome(request.vendor_id, request.message_id)
    return v2.DataTransferResponse(status=status, data=request.data if status == "Accepted" else UNSET)
