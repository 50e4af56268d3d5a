"""Reset of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voltherd.ocpp import v2
from voltherd.station.evse import Evse
from voltherd.station.v2.words import given, info, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("Reset")
def reset(core: StationCore, request: v2.ResetRequest) -> v2.ResetResponse:
    """OCPP 2.0.1 B11, B12; OCPP 2.1 B13."""
    refusal = core.reset.refusal()
    if refusal is not None:
        return _rejected("NotEnabled", refusal)
    evse_id = given(request.evse_id)
    evse = None if evse_id is None else core.evses.get(evse_id)
    if evse_id is not None and evse is None:
        return _rejected("UnknownEvse", f"There is no EVSE {evse_id}")
    if request.type == "ImmediateAndResume":
        return _reset_and_resume(core, evse)
    if evse is not None:
        return _reset_evse(core, evse, on_idle=request.type == "OnIdle")
    if request.type == "OnIdle" and core.charging.is_busy:
        core.reset.when_idle()
        return v2.ResetResponse(status="Scheduled")
    core.reset.now(graceful=request.type == "OnIdle")
    return v2.ResetResponse(status="Accepted")


def _reset_evse(core: StationCore, evse: Evse, *, on_idle: bool) -> v2.ResetResponse:
    if on_idle and evse.transaction is not None:
        core.reset.evse_when_idle(evse)
        return v2.ResetResponse(status="Scheduled")
    core.reset.evse_now(evse)
    return v2.ResetResponse(status="Accepted")


def _reset_and_resume(core: StationCore, evse: Evse | None) -> v2.ResetResponse:
    timeout = core.settings.by_path("TxCtrlr", "ResumptionTimeout", None)
    if timeout is None or core.settings.number(timeout.name) <= 0:
        return _rejected("UnsupportedParam", "Transactions cannot be resumed")
    core.reset.and_resume(evse)
    return v2.ResetResponse(status="Accepted")


def _rejected(reason: str, text: str) -> v2.ResetResponse:
    return v2.ResetResponse(status="Rejected", status_info=info(reason, text))
