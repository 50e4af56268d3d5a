"""AFRRSignal of 2.1 (Q08)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voltherd.ocpp import v2
from voltherd.station.v2.words import info, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("AFRRSignal")
def afrr_signal(core: StationCore, request: v2.AFRRSignalRequest) -> v2.AFRRSignalResponse:
    """OCPP 2.1 Q08.FR.10, FR.11."""
    problem = core.v2x.signalled(request.signal, request.timestamp)
    if problem is None:
        return v2.AFRRSignalResponse(status="Accepted")
    return v2.AFRRSignalResponse(status="Rejected", status_info=info(problem.reason, problem.text))
