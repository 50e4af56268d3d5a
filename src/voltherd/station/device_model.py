"""The device model of 2.x: settings and inventory, read, set and reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from voltherd.ocpp import v2
from voltherd.station.evse import Evse
from voltherd.station.outbox import Outgoing
from voltherd.station.settings import Setting

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ITEMS_PER_REPORT: Final = 20
"""Variables in one NotifyReport."""


class Fact(Struct, frozen=True, kw_only=True):
    """A read-only variable of the inventory."""

    component: str
    variable: str
    value: str
    kind: str
    evse_id: int | None = None
    connector_id: int | None = None
    unit: str | None = None
    values: str | None = None


def inventory(core: StationCore) -> Iterator[Fact]:
    """What the station consists of, now."""
    config = core.config
    for variable, value in (
        ("Model", config.model),
        ("VendorName", config.vendor),
        ("SerialNumber", config.serial_number),
        ("FirmwareVersion", config.firmware_version),
    ):
        yield Fact(component="ChargingStation", variable=variable, value=value, kind="string")
    state = "Available" if core.station_operative else "Unavailable"
    yield Fact(component="ChargingStation", variable="AvailabilityState", value=state, kind="OptionList")
    phases = str(max(evse.phases for evse in config.evses) or 3)
    yield Fact(component="ChargingStation", variable="SupplyPhases", value=phases, kind="integer")
    for evse in core.evses.values():
        yield from _evse_facts(core, evse)


def _evse_facts(core: StationCore, evse: Evse) -> Iterator[Fact]:
    here = Fact(component="EVSE", variable="Power", value=f"{evse.config.max_power_w:g}", kind="decimal", unit="W")
    here = replace(here, evse_id=evse.id)
    yield here
    phases = str(evse.config.phases or 3)
    yield replace(here, variable="SupplyPhases", value=phases, kind="integer", unit=None)
    yield replace(here, variable="AvailabilityState", value=_worst(core, evse.id), kind="OptionList", unit=None)
    for connector_id in evse.connector_ids:
        kind = evse.config.connectors[connector_id - 1]
        plug = Fact(component="Connector", variable="ConnectorType", value=kind, kind="string")
        plug = replace(plug, evse_id=evse.id, connector_id=connector_id)
        yield plug
        word = core.dialect.status_word(evse.state(connector_id))
        yield replace(plug, variable="AvailabilityState", value=word, kind="OptionList")


def _worst(core: StationCore, evse_id: int) -> str:
    evse = core.evses[evse_id]
    words = [core.dialect.status_word(evse.state(c)) for c in evse.connector_ids]
    return next((word for word in words if word != "Available"), "Available")


def get_variable(core: StationCore, asked: v2.GetVariableDataType) -> v2.GetVariableResultType:
    """Read one variable (OCPP 2.0.1 B06)."""
    result = v2.GetVariableResultType(
        attribute_status="Accepted",
        component=asked.component,
        variable=asked.variable,
        attribute_type=asked.attribute_type,
    )
    setting = _setting(core, asked.component, asked.variable)
    fact = None if setting else _fact(core, asked.component, asked.variable)
    if setting is None and fact is None:
        result.attribute_status = _unknown(core, asked.component)
    elif asked.attribute_type not in (UNSET, "Actual"):
        result.attribute_status = "NotSupportedAttributeType"
    elif setting is not None and setting.access == "WriteOnly":
        result.attribute_status = "Rejected"
    else:
        result.attribute_value = core.settings.text(setting.name) if setting else fact.value if fact else ""
    return result


def set_variable(core: StationCore, wanted: v2.SetVariableDataType) -> v2.SetVariableResultType:
    """Set one variable (OCPP 2.0.1 B05)."""
    result = v2.SetVariableResultType(
        attribute_status="Accepted",
        component=wanted.component,
        variable=wanted.variable,
        attribute_type=wanted.attribute_type,
    )
    setting = _setting(core, wanted.component, wanted.variable)
    if setting is None:
        known = _fact(core, wanted.component, wanted.variable) is not None
        result.attribute_status = "Rejected" if known else _unknown(core, wanted.component)
    elif wanted.attribute_type not in (UNSET, "Actual"):
        result.attribute_status = "NotSupportedAttributeType"
    else:
        outcome: Any = core.settings.set(setting, wanted.attribute_value)
        result.attribute_status = outcome
    return result


def _setting(core: StationCore, component: v2.ComponentType, variable: v2.VariableType) -> Setting | None:
    if component.evse is not UNSET or component.instance is not UNSET:
        return None
    instance = None if variable.instance is UNSET else variable.instance
    return core.settings.by_path(component.name, variable.name, instance)


def _fact(core: StationCore, component: v2.ComponentType, variable: v2.VariableType) -> Fact | None:
    def fits(fact: Fact) -> bool:
        return fact.variable.casefold() == variable.name.casefold() and _is_at(component, fact)

    return next(filter(fits, inventory(core)), None)


def _is_at(component: v2.ComponentType, fact: Fact) -> bool:
    evse = component.evse
    evse_id = None if evse is UNSET else evse.id
    connector_id = None if evse is UNSET or evse.connector_id is UNSET else evse.connector_id
    return (component.name.casefold(), evse_id, connector_id) == (
        fact.component.casefold(),
        fact.evse_id,
        fact.connector_id,
    )


def _unknown(core: StationCore, component: v2.ComponentType) -> Any:
    known = core.settings.has_component(component.name) and component.evse is UNSET
    known = known or any(_is_at(component, fact) for fact in inventory(core))
    return "UnknownVariable" if known else "UnknownComponent"


def report(core: StationCore, *, configuration: bool, inventory_too: bool) -> list[v2.ReportDataType]:
    """Everything a base report lists (OCPP 2.0.1 B07)."""
    data = [_setting_data(core, s) for s in core.settings if s.component is not None] if configuration else []
    return data + ([_fact_data(fact) for fact in inventory(core)] if inventory_too else [])


def chosen(core: StationCore, wanted: list[v2.ComponentVariableType]) -> list[v2.ReportDataType]:
    """The part of the full report that is asked for (OCPP 2.0.1 B08)."""

    def is_wanted(item: v2.ReportDataType) -> bool:
        return any(_covers(one, item) for one in wanted)

    return list(filter(is_wanted, report(core, configuration=True, inventory_too=True)))


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


def notify_reports(core: StationCore, request_id: int, data: list[v2.ReportDataType]) -> list[Outgoing]:
    """The NotifyReports that deliver a report, in parts (OCPP 2.0.1 B07.FR.03)."""
    parts = [data[i : i + ITEMS_PER_REPORT] for i in range(0, len(data), ITEMS_PER_REPORT)]
    return [
        Outgoing(
            action="NotifyReport",
            request=v2.NotifyReportRequest(
                request_id=request_id,
                generated_at=core.clock.text(core.now),
                seq_no=number,
                report_data=part,
                tbc=number < len(parts) - 1,
            ),
        )
        for number, part in enumerate(parts)
    ]


def _setting_data(core: StationCore, setting: Setting) -> v2.ReportDataType:
    value = UNSET if setting.access == "WriteOnly" else core.settings.text(setting.name)
    kind: Any = setting.kind
    return v2.ReportDataType(
        component=v2.ComponentType(name=setting.component or ""),
        variable=v2.VariableType(name=setting.variable or "", instance=setting.instance or UNSET),
        variable_attribute=[
            v2.VariableAttributeType(type="Actual", value=value, mutability=setting.access, persistent=False)
        ],
        variable_characteristics=v2.VariableCharacteristicsType(
            data_type=kind,
            supports_monitoring=False,
            unit=setting.unit or UNSET,
            min_limit=UNSET if setting.least is None else int(setting.least),
            values_list=",".join(setting.values) or UNSET,
        ),
    )


def _fact_data(fact: Fact) -> v2.ReportDataType:
    component = v2.ComponentType(name=fact.component)
    if fact.evse_id is not None:
        connector_id = UNSET if fact.connector_id is None else fact.connector_id
        component.evse = v2.EVSEType(id=fact.evse_id, connector_id=connector_id)
    kind: Any = fact.kind
    return v2.ReportDataType(
        component=component,
        variable=v2.VariableType(name=fact.variable),
        variable_attribute=[v2.VariableAttributeType(type="Actual", value=fact.value, mutability="ReadOnly")],
        variable_characteristics=v2.VariableCharacteristicsType(
            data_type=kind,
            supports_monitoring=False,
            unit=fact.unit or UNSET,
            values_list=_STATES if fact.kind == "OptionList" else UNSET,
        ),
    )


_STATES: Final = "Available,Occupied,Reserved,Unavailable,Faulted"
