"""Reset of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voltherd.ocpp import v16
from voltherd.station.v16.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("Reset")
def reset(core: StationCore, request: v16.ResetRequest) -> v16.ResetResponse:
    """OCPP 1.6, 5.14."""
    if core.reset.refusal() is not None:
        return v16.ResetResponse(status="Rejected")
    core.reset.now(graceful=request.type == "Soft")
    return v16.ResetResponse(status="Accepted")
