"""The device model of 2.x: settings and inventory, read, set and reported (OCPP 2.0.1 B05 to B08)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from msgspec import Struct

from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number
from voltherd.station.settings import SetOutcome

ITEMS_PER_REPORT: Final = 20
"""Variables in one report message."""

AttributeType = Literal["Actual", "Target", "MinSet", "MaxSet"]
Problem = Literal["Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]


class Place(Struct, frozen=True, kw_only=True):
    """The name of a variable; names are the same whatever their case."""

    component: str
    variable: str
    instance: str | None = None
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None


class Report(Struct, frozen=True):
    """One part of a report on the device model."""

    request_id: int
    seq_no: int
    more: bool
    entries: tuple[Setting | Fact, ...]


def _limit(name: str, variable: str, most: int = 100) -> Setting:
    return number(name, most, None, f"DeviceDataCtrlr.{variable}", unit=None, access="ReadOnly")


class DeviceModel(Function):
    """Finds variables, reads, sets and reports them."""

    __slots__ = ()

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("get_max_keys", 100, "GetConfigurationMaxKeys", unit=None, access="ReadOnly"),
        number("connectors", 1, "NumberOfConnectors", unit=None, access="ReadOnly"),
        _limit("items_per_report", "ItemsPerMessage/GetReport", ITEMS_PER_REPORT),
        number(
            "items_per_get", 100, None, "DeviceDataCtrlr.ItemsPerMessage/GetVariables", unit=None, access="ReadOnly"
        ),
        number(
            "items_per_set", 100, None, "DeviceDataCtrlr.ItemsPerMessage/SetVariables", unit=None, access="ReadOnly"
        ),
    )

    def restore(self) -> None:
        """Count what the station consists of."""
        count = sum(len(evse.connector_ids) for evse in self.core.evses.values())
        self.core.settings.fix("connectors", str(count))

    def read(self, place: Place, attribute: AttributeType = "Actual") -> tuple[str | None, Problem | None]:
        """The value of a variable, or why there is none."""
        setting, fact = self._find(place)
        if setting is None and fact is None:
            return None, self._unknown(place)
        if attribute != "Actual":
            return None, "NotSupportedAttributeType"
        if setting is None:
            return fact.value if fact else None, None
        if setting.access == "WriteOnly":
            return None, "Rejected"
        return self.core.settings.text(setting.name), None

    def write(self, place: Place, value: str, attribute: AttributeType = "Actual") -> SetOutcome | Problem:
        """Set a variable."""
        setting, fact = self._find(place)
        if setting is None and fact is None:
            return self._unknown(place)
        if attribute != "Actual":
            return "NotSupportedAttributeType"
        return "Rejected" if setting is None else self.core.settings.set(setting, value)

    def entries(self, *, settings: bool, facts: bool) -> list[Setting | Fact]:
        """Everything there is to report."""
        found: list[Setting | Fact] = []
        if settings:
            found += [s for s in self.core.settings if s.component is not None]
        if facts:
            found += self.all_facts()
        return found

    def all_facts(self) -> Iterator[Fact]:
        """The inventory, as all functions know it."""
        for function in self.core.functions:
            yield from function.facts()

    def report(self, request_id: int, entries: list[Setting | Fact]) -> None:
        """Deliver a report in parts, after the answer to the request in hand (OCPP 2.0.1 B07.FR.03)."""
        parts = [entries[i : i + ITEMS_PER_REPORT] for i in range(0, len(entries), ITEMS_PER_REPORT)]
        for seq_no, part in enumerate(parts):
            self.core.trigger(Report(request_id, seq_no, seq_no < len(parts) - 1, tuple(part)))

    def facts(self) -> Iterator[Fact]:
        """The outlets."""
        config = self.core.config
        phases = str(max(evse.phases for evse in config.evses) or 3)
        yield Fact(component="ChargingStation", variable="SupplyPhases", value=phases, kind="integer")
        for evse in self.core.evses.values():
            power = f"{evse.config.max_power_w:g}"
            yield Fact(component="EVSE", variable="Power", value=power, kind="decimal", unit="W", evse_id=evse.id)
            phases = str(evse.config.phases or 3)
            yield Fact(component="EVSE", variable="SupplyPhases", value=phases, kind="integer", evse_id=evse.id)
            for connector_id, kind in zip(evse.connector_ids, evse.config.connectors, strict=True):
                yield Fact(
                    component="Connector",
                    variable="ConnectorType",
                    value=kind,
                    kind="string",
                    evse_id=evse.id,
                    connector_id=connector_id,
                )

    def _find(self, place: Place) -> tuple[Setting | None, Fact | None]:
        if place.evse_id is None:
            found = self.core.settings.by_path(
                place.component, place.variable, place.instance, place.component_instance
            )
            if found is not None:
                return found, None
        return None, next((fact for fact in self.all_facts() if _is_at(fact, place)), None)

    def _unknown(self, place: Place) -> Problem:
        known = place.evse_id is None and self.core.settings.has_component(place.component, place.component_instance)
        known = known or any(_is_of(fact, place) for fact in self.all_facts())
        return "UnknownVariable" if known else "UnknownComponent"


def _is_of(fact: Fact, place: Place) -> bool:
    return (
        fact.component.casefold() == place.component.casefold()
        and (fact.evse_id, fact.connector_id) == (place.evse_id, place.connector_id)
        and (fact.component_instance or "").casefold() == (place.component_instance or "").casefold()
    )


def _is_at(fact: Fact, place: Place) -> bool:
    return (
        _is_of(fact, place)
        and fact.variable.casefold() == place.variable.casefold()
        and (fact.instance or "").casefold() == (place.instance or "").casefold()
    )
