"""DataTransfer of 1.6; its data is text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.ocpp import v16
from voltherd.station.data_transfer import Transfer, Transferred
from voltherd.station.outbox import Outgoing
from voltherd.station.v16.words import given, reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("DataTransfer")
def data_transfer(core: StationCore, request: v16.DataTransferRequest) -> v16.DataTransferResponse:
    """OCPP 1.6, 5.6."""
    answer = core.data_transfer.serve(request.vendor_id, given(request.message_id), given(request.data))
    return v16.DataTransferResponse(status=answer.status, data=_text(answer.data))


@reports(Transfer)
def transfer(core: StationCore, report: Transfer) -> Outgoing:
    """Data for the central system (OCPP 1.6, 4.3)."""
    request = v16.DataTransferRequest(
        vendor_id=report.vendor_id, message_id=report.message_id or UNSET, data=_text(report.data)
    )
    return Outgoing(action="DataTransfer", request=request)


@reads("DataTransfer")
def transferred(core: StationCore, response: v16.DataTransferResponse) -> Transferred:
    """What the central system says to it."""
    return Transferred(response.status, given(response.data))


def _text(data: Any) -> str | UnsetType:
    if data is None:
        return UNSET
    return data if isinstance(data, str) else msgspec.json.encode(data).decode()
