"""The device model in OCPP 2.0.1 and 2.1: reports, reading and writing variables."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from voltherd.domain.commands import NO_ANSWER, GetReport, GetVariables, Outcome, SetVariables
from voltherd.domain.device_model import ApplyState, Variable
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import check_writable, outcome, parts, read_outcome, some, written_outcome
from voltherd.gateway.v2.common import component_of, record_of, text, variable_of
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetReportRequest,
    GetReportResponse,
    GetVariablesRequest,
    GetVariablesResponse,
    NotifyReportRequest,
    NotifyReportResponse,
    SetVariablesRequest,
    SetVariablesResponse,
)
from voltherd.ocpp.v2.types import (
    ComponentType,
    GetVariableDataType,
    GetVariableResultType,
    ReportDataType,
    SetVariableDataType,
    SetVariableResultType,
    VariableCharacteristicsType,
    VariableType,
)
from voltherd.services.device_model import is_secret, items_per_message

_DONE = NotifyReportResponse()
_APPLIED: Final[dict[str, ApplyState]] = {
    "Accepted": "applied",
    "RebootRequired": "reboot_required",
    "UnknownComponent": "unknown_to_station",
    "UnknownVariable": "unknown_to_station",
    "NotSupportedAttributeType": "unknown_to_station",
}
"""Everything else is `rejected`."""
_UNKNOWN: Final = ("UnknownComponent", "UnknownVariable")


@routes.handle()
def notify_report(here: Here, request: NotifyReportRequest) -> NotifyReportResponse:
    """Record one part of a report, asked for or not (B07, B08)."""
    data = request.report_data if request.report_data is not UNSET else []
    station_id = here.state.station.id
    found = (variable for item in data for variable in _reported(station_id, item))
    last = request.tbc is not True
    here.services.device_model.report_part(
        here.state, here.work, request.request_id, found, seq_no=request.seq_no, last=last
    )
    return _DONE


@routes.learn
def report_agreed(here: Here, request: GetBaseReportRequest, response: GetBaseReportResponse) -> None:
    """Expect the parts of a report (B07.FR.01); a station that falls silent is noticed (interop trap 16)."""
    if response.status == "Accepted":
        here.services.device_model.report_begun(here.state, here.work, request.request_id)


@routes.learn
def custom_report_agreed(here: Here, request: GetReportRequest, response: GetReportResponse) -> None:
    """Expect the parts of a report of chosen variables (B08.FR.01)."""
    if response.status == "Accepted":
        here.services.device_model.report_begun(here.state, here.work, request.request_id)


def _reported(station_id: int, item: ReportDataType) -> Iterator[Variable]:
    for attribute in item.variable_attribute:
        kind = attribute.type if attribute.type is not UNSET else "Actual"
        record = record_of(station_id, item.component, item.variable, kind)
        record.actual_value = attribute.value if attribute.value is not UNSET else None
        record.mutability = attribute.mutability if attribute.mutability is not UNSET else "ReadWrite"
        record.persistent = attribute.persistent is True
        record.constant = attribute.constant is True
        if item.variable_characteristics is not UNSET:
            _characterise(record, item.variable_characteristics)
        yield record


def _characterise(record: Variable, found: VariableCharacteristicsType) -> None:
    record.data_type, record.supports_monitoring = found.data_type, found.supports_monitoring
    record.unit = found.unit if found.unit is not UNSET else None
    record.min_limit = float(found.min_limit) if found.min_limit is not UNSET else None
    record.max_limit = float(found.max_limit) if found.max_limit is not UNSET else None
    record.values_list = found.values_list if found.values_list is not UNSET else None


@routes.translate
async def get_report(caller: Caller, command: GetReport) -> Outcome:
    """Ask for a base report (B07); its parts come as NotifyReport."""
    request = GetBaseReportRequest(request_id=caller.request_id, report_base=command.base)
    return outcome(await caller.call(request, GetBaseReportResponse))


@routes.translate
async def get_variables(caller: Caller, command: GetVariables) -> Outcome:
    """Read variables (B06), not more at once than the station takes (B06.FR.05)."""
    wanted = [
        GetVariableDataType(
            component=component_of(item), variable=variable_of(item), attribute_type=item.attribute or UNSET
        )
        for item in some(command.variables)
    ]
    found: list[GetVariableResultType] = []
    left_out: list[dict[str, Any]] = []
    unasked: list[dict[str, Any]] = []
    station = caller.state.station
    for part in parts(wanted, max_items=items_per_message(caller.state), max_bytes=station.bytes_per_message):
        answer = await caller.call(GetVariablesRequest(get_variable_data=part), GetVariablesResponse)
        answered, missing, others = _matched(part, answer.get_variable_result)
        found.extend(answered)
        unasked.extend(map(_read, others))
        left_out.extend({**_name(item), "status": NO_ANSWER, "value": None} for item in missing)
    unknown = [f"{item.component.name}.{item.variable.name}" for item in found if item.attribute_status in _UNKNOWN]
    results = [_read(item) for item in found if item.attribute_status not in _UNKNOWN]
    return read_outcome(results + left_out, unknown, unasked)


@routes.learn
def variables_read(here: Here, request: GetVariablesRequest, response: GetVariablesResponse) -> None:
    """Record what was read (B06)."""
    records: list[Variable] = []
    answered, _, others = _matched(request.get_variable_data, response.get_variable_result)
    for item in (*answered, *others):
        if item.attribute_status == "Accepted":
            record = record_of(here.state.station.id, item.component, item.variable, _attribute(item))
            record.actual_value = text(item.attribute_value)
            records.append(record)
    here.services.device_model.reported(here.state, here.work, records)
    for record in records:
        here.services.network_profiles.read(here.state, here.work, record)


def _read(item: GetVariableResultType) -> dict[str, Any]:
    secret = is_secret(item.component.name, item.variable.name)
    value = item.attribute_value if item.attribute_value is not UNSET and not secret else None
    return {**_name(item), "status": item.attribute_status, "value": value}


@routes.translate
async def set_variables(caller: Caller, command: SetVariables) -> Outcome:
    """Write variables (B05), not more at once than the station takes, none twice in one request (B05.FR.11, .13).

    What it would refuse by its own report is not sent, unless forced.
    """
    await check_writable(caller, command)
    wanted = [
        SetVariableDataType(
            component=component_of(item),
            variable=variable_of(item),
            attribute_type=item.attribute or UNSET,
            attribute_value=item.value,
        )
        for item in some(command.variables)
    ]
    results: list[dict[str, Any]] = []
    unasked: list[dict[str, Any]] = []
    station = caller.state.station
    limit = items_per_message(caller.state)
    for part in parts(wanted, max_items=limit, max_bytes=station.bytes_per_message, same=_key):
        answer = await caller.call(SetVariablesRequest(set_variable_data=part), SetVariablesResponse)
        answered, missing, others = _matched(part, answer.set_variable_result)
        results.extend({**_name(item), "status": item.attribute_status} for item in answered)
        unasked.extend({**_name(item), "status": item.attribute_status} for item in others)
        results.extend({**_name(item), "status": NO_ANSWER} for item in missing)
    return written_outcome(results, unasked)


@routes.learn
def variables_written(here: Here, request: SetVariablesRequest, response: SetVariablesResponse) -> None:
    """Record what the station said to each wish (B05); one that it left out stays `wanted`: nobody knows."""
    answered, left_out, _ = _matched(request.set_variable_data, response.set_variable_result)
    for wish in left_out:
        record = record_of(here.state.station.id, wish.component, wish.variable, _attribute(wish))
        record.desired_value, record.apply_state = wish.attribute_value, "wanted"
        here.services.device_model.wanted(here.state, here.work, record)
    values = {_key(item): item.attribute_value for item in request.set_variable_data}
    for item in answered:
        value = values[_key(item)]
        record = record_of(here.state.station.id, item.component, item.variable, _attribute(item))
        record.desired_value = value
        record.apply_state = _APPLIED.get(item.attribute_status, "rejected")
        here.services.device_model.wanted(here.state, here.work, record)
        if is_secret(record.component, record.variable) and item.attribute_status == "Accepted":
            here.services.credentials.password_taken(here.state, here.work, value.encode())


_Asked = GetVariableDataType | SetVariableDataType
_Result = GetVariableResultType | SetVariableResultType
_Item = _Asked | _Result
A = TypeVar("A", GetVariableDataType, SetVariableDataType)
R = TypeVar("R", GetVariableResultType, SetVariableResultType)


def _matched(asked: Sequence[A], results: Sequence[R]) -> tuple[list[R], list[A], list[R]]:
    """Sort results by what was asked for (B05.FR.02, B06.FR.02): those of it, what has none, and others.

    A result that leaves an EVSE or an instance out gets the name that was asked for, where it can be of nothing else.
    """
    wanted = {_key(item): item for item in asked}
    answered = [item for item in results if wanted.pop(_key(item), None) is not None]
    known = set(map(id, answered))
    others = []
    for item in results:
        if id(item) in known:
            continue
        meant = [one for one in wanted.values() if _says_less(item, one)]
        alike = sum(id(other) not in known and _says_less(other, one) for one in meant[:1] for other in results)
        if not meant or len(meant) != alike:
            others.append(item)
            continue
        del wanted[_key(meant[0])]
        known.add(id(item))
        answered.append(replace(item, component=meant[0].component, variable=meant[0].variable))
    return answered, list(wanted.values()), others


def _says_less(result: _Result, asked: _Asked) -> bool:
    """Whether a result can be of what was asked for: it says the same, or leaves something of the name out."""
    said, meant = _key(result), _key(asked)
    return all(one in (None, "", other) for one, other in zip(said, meant, strict=True))


def _attribute(item: _Item) -> str:
    return item.attribute_type if item.attribute_type is not UNSET else "Actual"


def _key(item: _Item) -> tuple[object, ...]:
    """Give what two items of the same variable and attribute have in common; names are case-insensitive."""
    return (*_place(item.component), *_called(item.variable), _attribute(item))


def _place(component: ComponentType) -> tuple[object, ...]:
    evse = component.evse
    where = (evse.id, evse.connector_id) if evse is not UNSET else None
    return component.name.casefold(), text(component.instance).casefold(), where


def _called(variable: VariableType) -> tuple[str, str]:
    return variable.name.casefold(), text(variable.instance).casefold()


def _name(item: _Item) -> dict[str, Any]:
    evse = item.component.evse
    named: dict[str, Any] = {
        "component": item.component.name,
        "component_instance": item.component.instance,
        "evse_id": evse.id if evse is not UNSET else UNSET,
        "connector_id": evse.connector_id if evse is not UNSET else UNSET,
        "variable": item.variable.name,
        "variable_instance": item.variable.instance,
        "attribute": _attribute(item),
    }
    return {name: value for name, value in named.items() if value is not UNSET}
