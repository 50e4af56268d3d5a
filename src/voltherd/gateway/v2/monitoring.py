"""Monitors and reports of chosen variables in OCPP 2.0.1 and 2.1 (N02 to N06, B08)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.domain.commands import NO_ANSWER, Outcome
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.monitoring import (
    ClearVariableMonitoring,
    GetCustomReport,
    GetMonitoringReport,
    Monitor,
    Place,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
    WantedMonitor,
)
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import EMPTY, items_outcome, outcome, parts
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    ClearVariableMonitoringRequest,
    ClearVariableMonitoringResponse,
    GetMonitoringReportRequest,
    GetMonitoringReportResponse,
    GetReportRequest,
    GetReportResponse,
    NotifyMonitoringReportRequest,
    NotifyMonitoringReportResponse,
    SetMonitoringBaseRequest,
    SetMonitoringBaseResponse,
    SetMonitoringLevelRequest,
    SetMonitoringLevelResponse,
    SetVariableMonitoringRequest,
    SetVariableMonitoringResponse,
)
from voltherd.ocpp.v2.types import (
    ComponentType,
    ComponentVariableType,
    EVSEType,
    MonitoringDataType,
    PeriodicEventStreamParamsType,
    SetMonitoringDataType,
    SetMonitoringResultType,
    VariableMonitoringType,
    VariableType,
)
from voltherd.ocpp.version import OcppVersion

_NOTED: Final = NotifyMonitoringReportResponse()
_MONITORING: Final = "MonitoringCtrlr"
_SINCE_21: Final = ("TargetDelta", "TargetDeltaRelative")
NO_ID: Final = "NoId"
"""The status of a monitor that was accepted without the number by which it could be known."""

# -- setting and clearing ---------------------------------------------------------------------------------------------


@routes.translate
async def set_variable_monitoring(caller: Caller, command: SetVariableMonitoring) -> Outcome:
    """Set monitors (N04, N11), not more at once than the station takes (N04.FR.09)."""
    wanted = [_data(caller.version, item) for item in command.monitors]
    limits = await caller.services.diagnostics.monitors.limits(caller.state, _MONITORING, "SetVariableMonitoring")
    results: list[dict[str, Any]] = []
    unasked: list[dict[str, Any]] = []
    for part in parts(wanted, max_items=limits.items, max_bytes=limits.size_bytes):
        request = SetVariableMonitoringRequest(set_monitoring_data=part)
        answer = await caller.call(request, SetVariableMonitoringResponse)
        pairs, left_out = _matched(part, answer.set_monitoring_result)
        for data, result in pairs:
            said = msgspec.to_builtins(result)
            if data is None:
                unasked.append(said)
            else:
                results.append(said | {"status": _status(data, result)})
        results.extend(_without_answer(data) for data in left_out)
    return items_outcome(results, unasked)


def _without_answer(data: SetMonitoringDataType) -> dict[str, Any]:
    said = {"status": NO_ANSWER, "type": data.type, "severity": data.severity}
    return said | {"component": msgspec.to_builtins(data.component), "variable": msgspec.to_builtins(data.variable)}


def _data(version: OcppVersion, item: WantedMonitor) -> SetMonitoringDataType:
    streams = item.stream_interval_s is not None or item.stream_values is not None
    if version is OcppVersion.V201 and (streams or item.type in _SINCE_21):
        raise NotSupportedByVersion("OCPP 2.0.1 has neither event streams nor monitors of a target's distance.")
    return SetMonitoringDataType(
        id=_given(item.monitor_id),
        value=int(item.value) if item.value == int(item.value) else item.value,
        type=item.type,
        severity=item.severity,
        transaction=item.transaction,
        component=_component(item),
        variable=VariableType(name=item.variable, instance=item.variable_instance or UNSET),
        periodic_event_stream=PeriodicEventStreamParamsType(
            interval=_given(item.stream_interval_s), values=_given(item.stream_values)
        )
        if streams
        else UNSET,
    )


@routes.learn
def monitoring_set(here: Here, request: SetVariableMonitoringRequest, response: SetVariableMonitoringResponse) -> None:
    """Record each monitor with its number, or why it was refused."""
    pairs, left_out = _matched(request.set_monitoring_data, response.set_monitoring_result)
    found = [_answered(data, _status(data, result), result) for data, result in pairs if data is not None]
    found.extend(_answered(data, NO_ANSWER) for data in left_out)
    here.services.diagnostics.monitors.answered(here.state, here.work, found)


_Pair = tuple[SetMonitoringDataType | None, SetMonitoringResultType]


def _matched(
    asked: Sequence[SetMonitoringDataType], results: Sequence[SetMonitoringResultType]
) -> tuple[list[_Pair], list[SetMonitoringDataType]]:
    """Match results with what was asked, which may be answered in another order (N04.FR.02), and give what has none.

    A result for something else stands beside None.
    """
    left = list(asked)
    pairs: list[_Pair] = []
    for result in results:
        at = next((at for at, item in enumerate(left) if _what(item) == _what(result)), None)
        pairs.append((left.pop(at) if at is not None else None, result))
    return pairs, left


def _status(data: SetMonitoringDataType | None, result: SetMonitoringResultType) -> str:
    """Give the status of a monitor; one without a number is not set (N04.FR.11)."""
    without = result.id is UNSET and (data is None or data.id is UNSET)
    return NO_ID if result.status == "Accepted" and without else result.status


def _answered(data: SetMonitoringDataType, status: str, result: SetMonitoringResultType | None = None) -> Monitor:
    accepted = status == "Accepted"
    number = result.id if result is not None and result.id is not UNSET else data.id
    monitor = _placed(data.component, data.variable, data.type, data.severity)
    monitor.state = "set" if accepted else "rejected"
    monitor.number = number if accepted and number is not UNSET else None
    monitor.reason = "" if accepted else status
    monitor.value, monitor.transaction = float(data.value), data.transaction is True
    stream = data.periodic_event_stream
    if stream is not UNSET:
        monitor.stream_interval_s = stream.interval if stream.interval is not UNSET else None
        monitor.stream_values = stream.values if stream.values is not UNSET else None
    return monitor


def _what(item: SetMonitoringDataType | SetMonitoringResultType) -> tuple[object, ...]:
    component, variable = item.component, item.variable
    evse = (component.evse.id, component.evse.connector_id) if component.evse is not UNSET else None
    names = (component.name, text(component.instance), variable.name, text(variable.instance))
    return (*(name.casefold() for name in names), evse, item.type, item.severity)


@routes.translate
async def clear_variable_monitoring(caller: Caller, command: ClearVariableMonitoring) -> Outcome:
    """Remove monitors (N06), not more at once than the station takes (N06.FR.04)."""
    limits = await caller.services.diagnostics.monitors.limits(caller.state, _MONITORING, "ClearVariableMonitoring")
    results: list[dict[str, Any]] = []
    unasked: list[dict[str, Any]] = []
    numbers = list(dict.fromkeys(command.monitor_ids))
    for part in parts(numbers, max_items=limits.items, max_bytes=limits.size_bytes):
        answer = await caller.call(ClearVariableMonitoringRequest(id=part), ClearVariableMonitoringResponse)
        for result in answer.clear_monitoring_result:
            (results if result.id in part else unasked).append(msgspec.to_builtins(result))
        answered = {result.id for result in answer.clear_monitoring_result}
        results.extend({"status": NO_ANSWER, "id": number} for number in part if number not in answered)
    return items_outcome(results, unasked)


@routes.learn
def monitoring_cleared(
    here: Here, request: ClearVariableMonitoringRequest, response: ClearVariableMonitoringResponse
) -> None:
    """Record which monitors are gone; one that the station does not find is, too (N06.FR.02)."""
    results = [result for result in response.clear_monitoring_result if result.id in request.id]
    gone = [result.id for result in results if result.status != "Rejected"]
    here.services.diagnostics.monitors.cleared(here.state, here.work, gone)


# -- base and level ---------------------------------------------------------------------------------------------------


@routes.translate
async def set_monitoring_base(caller: Caller, command: SetMonitoringBase) -> Outcome:
    """Choose a base set of monitors (N03)."""
    request = SetMonitoringBaseRequest(monitoring_base=command.base)
    return outcome(await caller.call(request, SetMonitoringBaseResponse))


@routes.learn
def monitoring_based(here: Here, request: SetMonitoringBaseRequest, response: SetMonitoringBaseResponse) -> None:
    """Record which monitors went (N03.FR.04, .05)."""
    if response.status == "Accepted":
        here.services.diagnostics.monitors.based(here.state, here.work, request.monitoring_base)


@routes.translate
async def set_monitoring_level(caller: Caller, command: SetMonitoringLevel) -> Outcome:
    """Choose how severe events must be (N05)."""
    request = SetMonitoringLevelRequest(severity=command.severity)
    return outcome(await caller.call(request, SetMonitoringLevelResponse))


# -- reports ----------------------------------------------------------------------------------------------------------


@routes.translate
async def get_monitoring_report(caller: Caller, command: GetMonitoringReport) -> Outcome:
    """Ask for a report of monitors (N02); its parts come as NotifyMonitoringReport."""
    request = GetMonitoringReportRequest(
        request_id=caller.request_id,
        monitoring_criteria=list(dict.fromkeys(command.criteria)) or UNSET,
        component_variable=await _places(caller, command.places),
    )
    # the first part may come before our side has looked at the answer
    caller.services.diagnostics.monitors.report_begins(caller.state, request.request_id, whole=_is_whole(request))
    return outcome(await caller.call(request, GetMonitoringReportResponse), accepted=("Accepted", EMPTY))


def _is_whole(request: GetMonitoringReportRequest) -> bool:
    return not request.monitoring_criteria and not request.component_variable


@routes.learn
def monitoring_report_asked(
    here: Here, request: GetMonitoringReportRequest, response: GetMonitoringReportResponse
) -> None:
    """Note whether a report tells of all monitors (N02.FR.11); an empty result is the whole report (N02.FR.10)."""
    monitors = here.services.diagnostics.monitors
    if response.status == EMPTY:
        monitors.none_there(here.state, here.work, request.request_id, whole=_is_whole(request))
    elif response.status == "Accepted":
        monitors.report_begins(here.state, request.request_id, whole=_is_whole(request))


@routes.handle()
def notify_monitoring_report(here: Here, request: NotifyMonitoringReportRequest) -> NotifyMonitoringReportResponse:
    """Record one part of a report of monitors, asked for or not (N02)."""
    data = request.monitor if request.monitor is not UNSET else []
    here.services.diagnostics.monitors.part(
        here.state,
        here.work,
        request.request_id,
        request.seq_no,
        [_reported(item, monitor) for item in data for monitor in item.variable_monitoring],
        last=request.tbc is not True,
    )
    return _NOTED


def _reported(item: MonitoringDataType, found: VariableMonitoringType) -> Monitor:
    monitor = _placed(item.component, item.variable, found.type, found.severity)
    monitor.number, monitor.value, monitor.transaction = found.id, float(found.value), found.transaction
    monitor.notification_type = text(found.event_notification_type)
    return monitor


@routes.translate
async def get_custom_report(caller: Caller, command: GetCustomReport) -> Outcome:
    """Ask for chosen components and variables (B08); the parts come as NotifyReport."""
    request = GetReportRequest(
        request_id=caller.request_id,
        component_criteria=list(dict.fromkeys(command.criteria)) or UNSET,
        component_variable=await _places(caller, command.places),
    )
    return outcome(await caller.call(request, GetReportResponse))


async def _places(caller: Caller, places: Sequence[Place]) -> list[ComponentVariableType] | UnsetType:
    """Give the places that a report is about. Raises PayloadInvalid where the station takes fewer (N02.FR.07)."""
    if not places:
        return UNSET
    limits = await caller.services.diagnostics.monitors.limits(caller.state, "DeviceDataCtrlr", "GetReport")
    if limits.items is not None and len(places) > limits.items:
        words = f"The station reports on at most {limits.items} places at once; {len(places)} are named."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    return [ComponentVariableType(component=_component(place), variable=_variable(place)) for place in places]


# -- places -----------------------------------------------------------------------------------------------------------


def _component(item: Place | WantedMonitor) -> ComponentType:
    if item.connector_id is not None and item.evse_id is None:
        raise PayloadInvalid("A connector needs its evse_id.", "OccurrenceConstraintViolation")
    evse = UNSET if item.evse_id is None else EVSEType(id=item.evse_id, connector_id=_given(item.connector_id))
    return ComponentType(name=item.component, instance=item.component_instance or UNSET, evse=evse)


def _variable(place: Place) -> VariableType | UnsetType:
    if place.variable is None:
        return UNSET
    return VariableType(name=place.variable, instance=place.variable_instance or UNSET)


def _given(value: int | None) -> int | UnsetType:
    return UNSET if value is None else value


def _placed(component: ComponentType, variable: VariableType, kind: str, severity: int) -> Monitor:
    evse = component.evse
    return Monitor(
        state="reported",
        component=component.name,
        component_instance=text(component.instance) or None,
        evse_no=evse.id if evse is not UNSET else 0,
        connector_id=evse.connector_id if evse is not UNSET and evse.connector_id is not UNSET else None,
        variable=variable.name,
        variable_instance=text(variable.instance) or None,
        type=kind,
        severity=severity,
    )
