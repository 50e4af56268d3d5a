"""DataTransfer of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.data_transfer import Transfer, Transferred
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import given, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("DataTransfer")
def data_transfer(core: StationCore, request: v2.DataTransferRequest) -> v2.DataTransferResponse:
    """OCPP 2.0.1 P01."""
    answer = core.data_transfer.serve(request.vendor_id, given(request.message_id), given(request.data))
    return v2.DataTransferResponse(status=answer.status, data=UNSET if answer.data is None else answer.data)


@reports(Transfer)
def transfer(core: StationCore, report: Transfer) -> Outgoing:
    """Data for the CSMS (OCPP 2.0.1 P02)."""
    request = v2.DataTransferRequest(
        vendor_id=report.vendor_id,
        message_id=report.message_id or UNSET,
        data=UNSET if report.data is None else report.data,
    )
    return Outgoing(action="DataTransfer", request=request)


@reads("DataTransfer")
def transferred(core: StationCore, response: v2.DataTransferResponse) -> Transferred:
    """What the CSMS says to it."""
    return Transferred(response.status, given(response.data))
