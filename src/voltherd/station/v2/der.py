"""SetDERControl, GetDERControl, ClearDERControl and what a station says of DER controls (2.1, block R)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.ocpp.scalars import decode_extra
from voltherd.station.der import DerAlarm, DerReport, DerStartStop
from voltherd.station.der_control import FIELD_OF, DerControl
from voltherd.station.outbox import Outgoing
from voltherd.station.remote_control import Refusal
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_INNER: Final[dict[str, str]] = {"fixedPFAbsorb": "fixedPF", "fixedPFInject": "fixedPF"}
"""What a report calls the settings, where that is not the field's own name."""

_WITHOUT_SCHEDULE: Final = ("enterService", "gradient")


@serves("SetDERControl")
def set_der_control(core: StationCore, request: v2.SetDERControlRequest) -> v2.SetDERControlResponse:
    """OCPP 2.1 R04.FR.01 - FR.08."""
    wire = msgspec.to_builtins(request)
    settings = wire.get(FIELD_OF[request.control_type])
    outcome = core.der.set(request.control_id, request.control_type, is_default=request.is_default, settings=settings)
    if isinstance(outcome, Refusal):
        return v2.SetDERControlResponse(status="Rejected", status_info=info(outcome.reason, outcome.text))
    if outcome == "NotSupported":
        return v2.SetDERControlResponse(status="NotSupported")
    return v2.SetDERControlResponse(status="Accepted", superseded_ids=outcome[:24] or UNSET)


@serves("ClearDERControl")
def clear_der_control(core: StationCore, request: v2.ClearDERControlRequest) -> v2.ClearDERControlResponse:
    """OCPP 2.1 R04.FR.41 - FR.45."""
    status = core.der.clear(
        is_default=request.is_default, kind=given(request.control_type), control_id=given(request.control_id)
    )
    return v2.ClearDERControlResponse(status=status)


@serves("GetDERControl")
def get_der_control(core: StationCore, request: v2.GetDERControlRequest) -> v2.GetDERControlResponse:
    """OCPP 2.1 R04.FR.30 - FR.36."""
    status = core.der.report(
        request.request_id,
        is_default=given(request.is_default),
        kind=given(request.control_type),
        control_id=given(request.control_id),
    )
    return v2.GetDERControlResponse(status=status)


@reports(DerReport)
def report_der_control(core: StationCore, report: DerReport) -> Outgoing:
    """One part of a report (R04.FR.31, FR.32)."""
    wire: dict[str, Any] = {"requestId": report.request_id, "tbc": report.more}
    for one in report.controls:
        wire.setdefault(FIELD_OF[one.kind], []).append(_reported(one))
    request = msgspec.convert(wire, v2.ReportDERControlRequest, dec_hook=decode_extra)
    return Outgoing(action="ReportDERControl", request=request)


def _reported(one: DerControl) -> dict[str, Any]:
    field = FIELD_OF[one.kind]
    entry: dict[str, Any] = {"id": one.id, _INNER.get(field, field): one.settings}
    if field not in _WITHOUT_SCHEDULE:
        entry |= {"isDefault": one.is_default, "isSuperseded": one.is_superseded}
    if field == "curve":
        entry["curveType"] = one.kind
    return entry


@reports(DerStartStop)
def notify_der_start_stop(core: StationCore, report: DerStartStop) -> Outgoing:
    """A scheduled control has started or ended (R04.FR.20 - FR.22)."""
    request = v2.NotifyDERStartStopRequest(
        control_id=report.control_id,
        started=report.started,
        timestamp=core.clock.text(core.now),
        superseded_ids=list(report.superseded[:24]) or UNSET,
    )
    return Outgoing(action="NotifyDERStartStop", request=request)


@reports(DerAlarm)
def notify_der_alarm(core: StationCore, report: DerAlarm) -> Outgoing:
    """A control takes over, or does no more (R05)."""
    request = v2.NotifyDERAlarmRequest(control_type=report.cause.kind, timestamp=core.clock.text(core.now))
    if report.cause.fault is not None:
        request.grid_event_fault = report.cause.fault
    if report.ended:
        request.alarm_ended = True
    return Outgoing(action="NotifyDERAlarm", request=request)
