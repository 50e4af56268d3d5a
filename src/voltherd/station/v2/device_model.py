"""GetVariables, SetVariables, GetBaseReport, GetReport and NotifyReport of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.device_model import (
    VALUE_SIZE_V21,
    VALUE_SIZE_V201,
    Entry,
    Inventory,
    Place,
    Report,
    Selection,
    can_be_monitored,
    place_of,
)
from voltherd.station.function import Fact
from voltherd.station.outbox import Outgoing
from voltherd.station.setting import Setting
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


def place(component: v2.ComponentType, variable: v2.VariableType) -> Place:
    """The name of a variable on the wire."""
    evse = given(component.evse)
    return Place(
        component=component.name,
        variable=variable.name,
        instance=given(variable.instance) or None,
        component_instance=given(component.instance) or None,
        evse_id=None if evse is None else evse.id,
        connector_id=None if evse is None else given(evse.connector_id),
    )


def component_of(place: Place) -> v2.ComponentType:
    """The component of a variable, for the wire."""
    component = v2.ComponentType(name=place.component, instance=place.component_instance or UNSET)
    if place.evse_id is not None:
        connector_id = UNSET if place.connector_id is None else place.connector_id
        component.evse = v2.EVSEType(id=place.evse_id, connector_id=connector_id)
    return component


def variable_of(place: Place) -> v2.VariableType:
    """The variable, for the wire."""
    return v2.VariableType(name=place.variable, instance=place.instance or UNSET)


def selection(wanted: v2.ComponentVariableType) -> Selection:
    """The variables that a report is asked for."""
    evse, variable = given(wanted.component.evse), given(wanted.variable)
    return Selection(
        component=wanted.component.name,
        component_instance=given(wanted.component.instance) or None,
        evse_id=None if evse is None else evse.id,
        connector_id=None if evse is None else given(evse.connector_id),
        variable=None if variable is None else variable.name,
        instance=None if variable is None else given(variable.instance) or None,
    )


# Reading and setting -------------------------------------------------------------------------


@serves("GetVariables")
def get_variables(core: StationCore, request: v2.GetVariablesRequest) -> v2.GetVariablesResponse:
    """OCPP 2.0.1 B06."""
    core.device_model.check_size("get", len(request.get_variable_data))
    inventory = Inventory(core)
    return v2.GetVariablesResponse(
        get_variable_result=[_get(core, asked, inventory) for asked in request.get_variable_data]
    )


def _get(core: StationCore, asked: v2.GetVariableDataType, inventory: Inventory) -> v2.GetVariableResultType:
    attribute: Any = given(asked.attribute_type) or "Actual"
    value, problem = core.device_model.read(place(asked.component, asked.variable), attribute, inventory)
    return v2.GetVariableResultType(
        attribute_status=problem or "Accepted",
        component=asked.component,
        variable=asked.variable,
        attribute_type=attribute,
        attribute_value=UNSET if value is None else value[: _most_characters(core)],
        attribute_status_info=info("WriteOnly", "It can only be written") if problem == "Rejected" else UNSET,
    )


@serves("SetVariables")
def set_variables(core: StationCore, request: v2.SetVariablesRequest) -> v2.SetVariablesResponse:
    """OCPP 2.0.1 B05."""
    core.device_model.check_size("set", len(request.set_variable_data))
    inventory = Inventory(core)
    return v2.SetVariablesResponse(
        set_variable_result=[_set(core, wanted, inventory) for wanted in request.set_variable_data]
    )


def _set(core: StationCore, wanted: v2.SetVariableDataType, inventory: Inventory) -> v2.SetVariableResultType:
    attribute: Any = given(wanted.attribute_type) or "Actual"
    outcome, problem = core.device_model.write(
        place(wanted.component, wanted.variable), wanted.attribute_value, attribute, inventory
    )
    reason = "ReadOnly" if problem == "It is read-only" else "InvalidValue"
    return v2.SetVariableResultType(
        attribute_status=outcome,
        component=wanted.component,
        variable=wanted.variable,
        attribute_type=attribute,
        attribute_status_info=UNSET if problem is None else info(reason, problem),
    )


# Reporting -----------------------------------------------------------------------------------


@serves("GetBaseReport")
def get_base_report(core: StationCore, request: v2.GetBaseReportRequest) -> v2.GetBaseReportResponse:
    """OCPP 2.0.1 B07."""
    model, kind = core.device_model, request.report_base
    if kind == "SummaryInventory":
        found = model.summary()
    else:
        found = model.everything() if kind == "FullInventory" else model.configuration()
    model.report(request.request_id, found)
    return v2.GetBaseReportResponse(status="Accepted")


@serves("GetReport")
def get_report(core: StationCore, request: v2.GetReportRequest) -> v2.GetReportResponse:
    """OCPP 2.0.1 B08."""
    wanted = given(request.component_variable) or []
    core.device_model.check_size("report", len(wanted))
    criteria: list[str] = list(given(request.component_criteria) or [])
    found = core.device_model.selected(criteria, [selection(one) for one in wanted])
    if not found:
        return v2.GetReportResponse(status="EmptyResultSet")
    core.device_model.report(request.request_id, found)
    return v2.GetReportResponse(status="Accepted")


@reports(Report)
def notify_report(core: StationCore, report: Report) -> Outgoing:
    """One part of a report."""
    request = v2.NotifyReportRequest(
        request_id=report.request_id,
        generated_at=core.clock.text(core.now),
        seq_no=report.seq_no,
        report_data=[entry_data(core, entry) for entry in report.entries],
        tbc=report.more,
    )
    return Outgoing(action="NotifyReport", request=request)


def entry_data(core: StationCore, entry: Entry) -> v2.ReportDataType:
    """A variable with its attributes and characteristics."""
    where = place_of(entry)
    attributes = [_setting_attribute(core, entry)] if isinstance(entry, Setting) else _fact_attributes(core, entry)
    return v2.ReportDataType(
        component=component_of(where),
        variable=variable_of(where),
        variable_attribute=attributes,
        variable_characteristics=_characteristics(entry),
    )


def _setting_attribute(core: StationCore, setting: Setting) -> v2.VariableAttributeType:
    value = UNSET if setting.access == "WriteOnly" else core.settings.text(setting.name)[: _most_characters(core)]
    return v2.VariableAttributeType(
        type="Actual",
        value=value,
        mutability=setting.access,
        persistent=setting.persistent,
        constant=False,
    )


def _fact_attributes(core: StationCore, fact: Fact) -> list[v2.VariableAttributeType]:
    attributes = [
        v2.VariableAttributeType(
            type="Actual",
            value=UNSET if fact.is_secret else fact.value[: _most_characters(core)],
            mutability=_mutability(fact),
            persistent=fact.is_constant or fact.write is not None,
            constant=fact.is_constant,
        )
    ]
    if fact.target is not None:
        attributes.append(v2.VariableAttributeType(type="Target", value=fact.target, mutability="ReadOnly"))
    if fact.max_set is not None:
        attributes.append(
            v2.VariableAttributeType(type="MaxSet", value=fact.max_set, mutability="ReadWrite", persistent=True)
        )
    return attributes


def _mutability(fact: Fact) -> Any:
    if fact.write is None:
        return "ReadOnly"
    return "WriteOnly" if fact.is_secret else "ReadWrite"


def _characteristics(entry: Entry) -> v2.VariableCharacteristicsType:
    kind: Any = entry.kind
    values, most = entry.values, entry.most
    if isinstance(entry, Setting) and most is None:
        most = entry.most_characters
    return v2.VariableCharacteristicsType(
        data_type=kind,
        supports_monitoring=can_be_monitored(entry),
        unit=entry.unit or UNSET,
        min_limit=_limit(entry.least),
        max_limit=_limit(most),
        values_list=(values if isinstance(values, str) else ",".join(values or ())) or UNSET,
    )


def _most_characters(core: StationCore) -> int:
    return VALUE_SIZE_V21 if core.is_v21 else VALUE_SIZE_V201


def _limit(value: float | None) -> Any:
    return UNSET if value is None else int(value) if value == int(value) else value
