"""Monitors and their events in 2.x: SetVariableMonitoring and what belongs to it, NotifyEvent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.device_model import check_size
from voltherd.station.monitor import Event, Events, Monitor, MonitorReport, StreamParams
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.device_model import component_of, place, selection, variable_of
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("SetVariableMonitoring")
def set_variable_monitoring(
    core: StationCore, request: v2.SetVariableMonitoringRequest
) -> v2.SetVariableMonitoringResponse:
    """OCPP 2.0.1 N04; OCPP 2.1 N11."""
    check_size(core, "items_per_monitoring", "bytes_per_monitoring", len(request.set_monitoring_data))
    return v2.SetVariableMonitoringResponse(
        set_monitoring_result=[_set(core, wanted) for wanted in request.set_monitoring_data]
    )


def _set(core: StationCore, wanted: v2.SetMonitoringDataType) -> v2.SetMonitoringResultType:
    stream = given(wanted.periodic_event_stream)
    result = core.monitoring.set(
        Monitor(
            id=given(wanted.id) or 0,
            place=place(wanted.component, wanted.variable),
            type=wanted.type,
            value=float(wanted.value),
            severity=wanted.severity,
            transaction=bool(given(wanted.transaction)),
            stream=None if stream is None else stream_params(stream),
        )
    )
    return v2.SetMonitoringResultType(
        status=result.status,
        type=wanted.type,
        component=wanted.component,
        variable=wanted.variable,
        severity=wanted.severity,
        id=wanted.id if result.id is None else result.id,
        status_info=UNSET if result.why is None else info("InvalidValue", result.why),
    )


def stream_params(params: v2.PeriodicEventStreamParamsType) -> StreamParams:
    """How often a stream is sent."""
    return StreamParams(interval_s=given(params.interval), values=given(params.values))


@serves("ClearVariableMonitoring")
def clear_variable_monitoring(
    core: StationCore, request: v2.ClearVariableMonitoringRequest
) -> v2.ClearVariableMonitoringResponse:
    """OCPP 2.0.1 N06."""
    check_size(core, "items_per_clearing", "bytes_per_clearing", len(request.id))
    return v2.ClearVariableMonitoringResponse(
        clear_monitoring_result=[
            v2.ClearMonitoringResultType(status=core.monitoring.clear(number), id=number) for number in request.id
        ]
    )


@serves("SetMonitoringBase")
def set_monitoring_base(core: StationCore, request: v2.SetMonitoringBaseRequest) -> v2.SetMonitoringBaseResponse:
    """OCPP 2.0.1 N03."""
    core.monitoring.set_base(request.monitoring_base)
    return v2.SetMonitoringBaseResponse(status="Accepted")


@serves("SetMonitoringLevel")
def set_monitoring_level(core: StationCore, request: v2.SetMonitoringLevelRequest) -> v2.SetMonitoringLevelResponse:
    """OCPP 2.0.1 N05."""
    if core.monitoring.set_level(request.severity):
        return v2.SetMonitoringLevelResponse(status="Accepted")
    why = info("ValueOutOfRange", "A severity is a number from 0 to 9")
    return v2.SetMonitoringLevelResponse(status="Rejected", status_info=why)


@serves("GetMonitoringReport")
def get_monitoring_report(core: StationCore, request: v2.GetMonitoringReportRequest) -> v2.GetMonitoringReportResponse:
    """OCPP 2.0.1 N02."""
    wanted = given(request.component_variable) or []
    core.device_model.check_size("report", len(wanted))
    criteria: list[str] = list(given(request.monitoring_criteria) or [])
    found = core.monitoring.chosen(criteria, [selection(one) for one in wanted])
    if not found:
        return v2.GetMonitoringReportResponse(status="EmptyResultSet")
    core.monitoring.report(request.request_id, found)
    return v2.GetMonitoringReportResponse(status="Accepted")


@reports(MonitorReport)
def notify_monitoring_report(core: StationCore, report: MonitorReport) -> Outgoing:
    """One part of a report on monitors."""
    request = v2.NotifyMonitoringReportRequest(
        request_id=report.request_id,
        seq_no=report.seq_no,
        generated_at=core.clock.text(core.now),
        monitor=[_monitoring_data(core, monitor) for monitor in report.monitors],
        tbc=report.more,
    )
    return Outgoing(action="NotifyMonitoringReport", request=request)


def _monitoring_data(core: StationCore, monitor: Monitor) -> v2.MonitoringDataType:
    origin: Any = monitor.origin
    return v2.MonitoringDataType(
        component=component_of(monitor.place),
        variable=variable_of(monitor.place),
        variable_monitoring=[
            v2.VariableMonitoringType(
                id=monitor.id,
                transaction=monitor.transaction,
                value=monitor.value,
                type=monitor.type,
                severity=monitor.severity,
                event_notification_type=origin if core.is_v21 else UNSET,
            )
        ],
    )


@reports(Events)
def notify_event(core: StationCore, report: Events) -> Outgoing:
    """Events."""
    request = v2.NotifyEventRequest(
        generated_at=core.clock.text(core.now),
        seq_no=0,
        event_data=[event_data(core, event) for event in report.events],
        tbc=False,
    )
    return Outgoing(action="NotifyEvent", request=request)


def event_data(core: StationCore, event: Event) -> v2.EventDataType:
    """An event on the wire."""
    return v2.EventDataType(
        event_id=event.id,
        timestamp=event.at,
        trigger=event.trigger,
        actual_value=event.value,
        component=component_of(event.place),
        variable=variable_of(event.place),
        event_notification_type=event.origin,
        cause=UNSET if event.cause is None else event.cause,
        tech_code=event.tech_code or UNSET,
        cleared=event.cleared or UNSET,
        transaction_id=event.transaction_id or UNSET,
        variable_monitoring_id=UNSET if event.monitor_id is None else event.monitor_id,
        severity=event.severity if core.is_v21 else UNSET,
    )
