"""Reset of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.v2.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("Reset")
def reset(core: StationCore, request: v2.ResetRequest) -> v2.ResetResponse:
    """OCPP 2.0.1 B11, B12."""
    if request.evse_id is not UNSET:
        return _reset_evse(core, request.evse_id, on_idle=request.type == "OnIdle")
    if request.type == "OnIdle" and core.charging.is_busy:
        core.reset.when_idle()
        return v2.ResetResponse(status="Scheduled")
    core.reset.now(graceful=request.type == "OnIdle")
    return v2.ResetResponse(status="Accepted")


def _reset_evse(core: StationCore, evse_id: int, *, on_idle: bool) -> v2.ResetResponse:
    evse = core.evses.get(evse_id)
    if evse is None or (on_idle and evse.transaction is not None):
        return v2.ResetResponse(status="Rejected")
    core.afterwards(lambda: core.charging.stop_all("ImmediateReset", "ResetCommand", [evse]))
    return v2.ResetResponse(status="Accepted")
