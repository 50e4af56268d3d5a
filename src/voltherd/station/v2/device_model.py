"""GetVariables, SetVariables, GetBaseReport, GetReport and NotifyReport of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.device_model import Place, Report
from voltherd.station.function import Fact
from voltherd.station.outbox import Outgoing
from voltherd.station.setting import Setting
from voltherd.station.v2.words import given, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


def place(component: v2.ComponentType, variable: v2.VariableType) -> Place:
    """The name of a variable on the wire."""
    evse = given(component.evse)
    return Place(
        component=component.name,
        variable=variable.name,
        instance=given(variable.instance),
        component_instance=given(component.instance),
        evse_id=None if evse is None else evse.id,
        connector_id=None if evse is None else given(evse.connector_id),
    )


@serves("GetVariables")
def get_variables(core: StationCore, request: v2.GetVariablesRequest) -> v2.GetVariablesResponse:
    """OCPP 2.0.1 B06."""
    return v2.GetVariablesResponse(get_variable_result=[_get(core, asked) for asked in request.get_variable_data])


def _get(core: StationCore, asked: v2.GetVariableDataType) -> v2.GetVariableResultType:
    attribute: Any = given(asked.attribute_type) or "Actual"
    value, problem = core.device_model.read(place(asked.component, asked.variable), attribute)
    return v2.GetVariableResultType(
        attribute_status=problem or "Accepted",
        component=asked.component,
        variable=asked.variable,
        attribute_type=asked.attribute_type,
        attribute_value=UNSET if value is None else value,
    )


@serves("SetVariables")
def set_variables(core: StationCore, request: v2.SetVariablesRequest) -> v2.SetVariablesResponse:
    """OCPP 2.0.1 B05."""
    return v2.SetVariablesResponse(set_variable_result=[_set(core, wanted) for wanted in request.set_variable_data])


def _set(core: StationCore, wanted: v2.SetVariableDataType) -> v2.SetVariableResultType:
    attribute: Any = given(wanted.attribute_type) or "Actual"
    outcome = core.device_model.write(place(wanted.component, wanted.variable), wanted.attribute_value, attribute)
    return v2.SetVariableResultType(
        attribute_status=outcome,
        component=wanted.component,
        variable=wanted.variable,
        attribute_type=wanted.attribute_type,
    )


@serves("GetBaseReport")
def get_base_report(core: StationCore, request: v2.GetBaseReportRequest) -> v2.GetBaseReportResponse:
    """OCPP 2.0.1 B07."""
    kind = request.report_base
    found = core.device_model.entries(
        settings=kind != "SummaryInventory", facts=kind in ("FullInventory", "SummaryInventory")
    )
    core.device_model.report(request.request_id, found)
    return v2.GetBaseReportResponse(status="Accepted")


@serves("GetReport")
def get_report(core: StationCore, request: v2.GetReportRequest) -> v2.GetReportResponse:
    """OCPP 2.0.1 B08."""
    if request.component_criteria is not UNSET:
        return v2.GetReportResponse(status="NotSupported")
    wanted = given(request.component_variable) or []
    everything = core.device_model.entries(settings=True, facts=True)
    found = [entry for entry in everything if any(_covers(one, entry_data(core, entry)) for one in wanted)]
    if not found:
        return v2.GetReportResponse(status="EmptyResultSet")
    core.device_model.report(request.request_id, found)
    return v2.GetReportResponse(status="Accepted")


def _covers(wanted: v2.ComponentVariableType, item: v2.ReportDataType) -> bool:
    component, variable = wanted.component, wanted.variable
    if component.name.casefold() != item.component.name.casefold():
        return False
    if component.evse is not UNSET and component.evse != item.component.evse:
        return False
    if variable is UNSET:
        return True
    same_instance = variable.instance is UNSET or variable.instance == item.variable.instance
    return variable.name.casefold() == item.variable.name.casefold() and same_instance


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


def entry_data(core: StationCore, entry: Setting | Fact) -> v2.ReportDataType:
    """A variable with its attribute and characteristics."""
    return _setting_data(core, entry) if isinstance(entry, Setting) else _fact_data(entry)


def _setting_data(core: StationCore, setting: Setting) -> v2.ReportDataType:
    value = UNSET if setting.access == "WriteOnly" else core.settings.text(setting.name)
    kind: Any = setting.kind
    attribute = v2.VariableAttributeType(
        type="Actual", value=value, mutability=setting.access, persistent=setting.persistent
    )
    return v2.ReportDataType(
        component=v2.ComponentType(name=setting.component or "", instance=setting.component_instance or UNSET),
        variable=v2.VariableType(name=setting.variable or "", instance=setting.instance or UNSET),
        variable_attribute=[attribute],
        variable_characteristics=v2.VariableCharacteristicsType(
            data_type=kind,
            supports_monitoring=False,
            unit=setting.unit or UNSET,
            min_limit=_limit(setting.least),
            max_limit=_limit(setting.most if setting.most is not None else setting.most_characters),
            values_list=",".join(setting.values) or UNSET,
        ),
    )


def _fact_data(fact: Fact) -> v2.ReportDataType:
    component = v2.ComponentType(name=fact.component, instance=fact.component_instance or UNSET)
    if fact.evse_id is not None:
        connector_id = UNSET if fact.connector_id is None else fact.connector_id
        component.evse = v2.EVSEType(id=fact.evse_id, connector_id=connector_id)
    kind: Any = fact.kind
    return v2.ReportDataType(
        component=component,
        variable=v2.VariableType(name=fact.variable, instance=fact.instance or UNSET),
        variable_attribute=[v2.VariableAttributeType(type="Actual", value=fact.value, mutability="ReadOnly")],
        variable_characteristics=v2.VariableCharacteristicsType(
            data_type=kind,
            supports_monitoring=False,
            unit=fact.unit or UNSET,
            min_limit=_limit(fact.least),
            max_limit=_limit(fact.most),
            values_list=fact.values or UNSET,
        ),
    )


def _limit(value: float | None) -> Any:
    return UNSET if value is None else int(value) if value == int(value) else value
