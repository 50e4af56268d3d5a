"""The device model of 2.x: settings and inventory, read, set and reported (OCPP 2.0.1 B05 to B08)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, text
from voltherd.station.settings import SetOutcome
from voltherd.station.structure import structure

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ITEMS_PER_REPORT: Final = 20
"""Variables in one report message."""
ITEMS_PER_MESSAGE: Final = 100
BYTES_PER_MESSAGE: Final = 65_536
VALUE_SIZE_V201: Final = 1_000
VALUE_SIZE_V21: Final = 2_500

PROBLEMS: Final = frozenset({"problem", "tripped", "overload", "fallback"})
"""Variables that are in the summary inventory when they are true, casefolded."""
ABSENT_COUNTS: Final = frozenset({"active", "available", "enabled"})
"""Criteria that a component without such a variable meets (OCPP 2.0.1 B08.FR.07 to FR.09)."""

AttributeType = Literal["Actual", "Target", "MinSet", "MaxSet"]
Problem = Literal["Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
Entry = Setting | Fact
Key = tuple[str, str, int | None, int | None]
"""A component: name and instance (casefolded), EVSE, connector."""


class Place(Struct, frozen=True, kw_only=True):
    """The name of a variable; names are the same whatever their case."""

    component: str
    variable: str
    instance: str | None = None
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None

    @property
    def component_key(self) -> Key:
        """Its component."""
        return _fold(self.component), _fold(self.component_instance), self.evse_id, self.connector_id

    @property
    def key(self) -> tuple[Key, str, str]:
        """The whole name."""
        return self.component_key, _fold(self.variable), _fold(self.instance)


class Selection(Struct, frozen=True, kw_only=True):
    """Variables that a report is asked for; None takes any (OCPP 2.0.1 B08.FR.20 to FR.25)."""

    component: str
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    variable: str | None = None
    instance: str | None = None

    def covers(self, place: Place) -> bool:
        """Whether a variable is meant."""
        return (
            _fold(self.component) == _fold(place.component)
            and (not self.component_instance or _fold(self.component_instance) == _fold(place.component_instance))
            and self.evse_id in (None, place.evse_id)
            and self.connector_id in (None, place.connector_id)
            and (self.variable is None or _fold(self.variable) == _fold(place.variable))
            and (not self.instance or _fold(self.instance) == _fold(place.instance))
        )


class Report(Struct, frozen=True):
    """One part of a report on the device model."""

    request_id: int
    seq_no: int
    more: bool
    entries: tuple[Entry, ...]


class Inventory:
    """The variables of a station at one moment; facts are gathered when the first is needed."""

    __slots__ = ("_components", "_core", "_facts")

    def __init__(self, core: StationCore) -> None:
        self._core = core
        self._facts: dict[tuple[Key, str, str], Fact] | None = None
        self._components: set[Key] = set()

    def find(self, place: Place) -> Entry | None:
        """The variable of that name."""
        if place.evse_id is None:
            setting = self._core.settings.by_path(
                place.component, place.variable, place.instance, place.component_instance
            )
            if setting is not None:
                return setting
        return self._all().get(place.key)

    def unknown(self, place: Place) -> Problem:
        """What is unknown about a name: the variable, or the component already."""
        known = place.evse_id is None and self._core.settings.has_component(place.component, place.component_instance)
        self._all()
        return "UnknownVariable" if known or place.component_key in self._components else "UnknownComponent"

    def _all(self) -> dict[tuple[Key, str, str], Fact]:
        if self._facts is None:
            self._facts = {place_of(fact).key: fact for fact in self._core.device_model.all_facts()}
            self._components = {key[0] for key in self._facts}
        return self._facts


def _items(name: str, variable: str, most: int, unit: str | None = None) -> Setting:
    return number(name, most, None, f"DeviceDataCtrlr.{variable}", unit=unit, access="ReadOnly")


class DeviceModel(Function):
    """Finds variables, reads, sets and reports them."""

    __slots__ = ()

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("get_max_keys", ITEMS_PER_MESSAGE, "GetConfigurationMaxKeys", unit=None, access="ReadOnly"),
        number("connectors", 1, "NumberOfConnectors", unit=None, access="ReadOnly"),
        text("phase_rotation", "", "ConnectorPhaseRotation", kind="SequenceList"),
        number("phase_rotation_max", 100, "ConnectorPhaseRotationMaxLength", unit=None, access="ReadOnly"),
        number("light_intensity_percent", 100, "LightIntensity", unit="Percent", most=100),
        number("blink_repeat", 3, "BlinkRepeat", unit=None, most=100),
        _items("items_per_report", "ItemsPerMessage/GetReport", ITEMS_PER_MESSAGE),
        _items("items_per_get", "ItemsPerMessage/GetVariables", ITEMS_PER_MESSAGE),
        _items("items_per_set", "ItemsPerMessage/SetVariables", ITEMS_PER_MESSAGE),
        _items("bytes_per_report", "BytesPerMessage/GetReport", BYTES_PER_MESSAGE, "B"),
        _items("bytes_per_get", "BytesPerMessage/GetVariables", BYTES_PER_MESSAGE, "B"),
        _items("bytes_per_set", "BytesPerMessage/SetVariables", BYTES_PER_MESSAGE, "B"),
        _items("configuration_value_size", "ConfigurationValueSize", VALUE_SIZE_V201),
        _items("reporting_value_size", "ReportingValueSize", VALUE_SIZE_V201),
    )

    def restore(self) -> None:
        """Count what the station consists of."""
        core = self.core
        core.settings.hidden = _names(tuple(type(one) for one in core.functions if not one.is_offered))
        if core.dialect.family == "1.6":
            self._restore_keys()
        elif core.is_v21:
            core.settings.fix("configuration_value_size", str(VALUE_SIZE_V21))
            core.settings.fix("reporting_value_size", str(VALUE_SIZE_V21))

    def _restore_keys(self) -> None:
        settings = self.core.settings
        rotations = ["NotApplicable" if e.config.phases != 3 else "RST" for e in self.core.evses.values()
                     for _ in e.connector_ids]  # fmt: skip
        settings.fix("connectors", str(len(rotations)))
        if not settings.text("phase_rotation"):
            settings.fix("phase_rotation", ",".join(f"{n}.{one}" for n, one in enumerate(["RST", *rotations])))

    def objects_to(self, name: str, value: str) -> str | None:
        """Phase rotations are written `connector.RST` (OCPP 1.6, 9.1.7)."""
        if name != "phase_rotation":
            return None
        connectors = self.core.settings.number("connectors")
        wrong = next((one for one in value.split(",") if not _is_rotation(one.strip(), connectors)), None)
        return None if wrong is None else f"{wrong!r} is no phase rotation of a connector"

    # Reading and setting ---------------------------------------------------------------------

    def read(
        self, place: Place, attribute: AttributeType = "Actual", inventory: Inventory | None = None
    ) -> tuple[str | None, Problem | None]:
        """The value of a variable, or why there is none (OCPP 2.0.1 B06)."""
        inventory = inventory or Inventory(self.core)
        entry = inventory.find(place)
        if entry is None:
            return None, inventory.unknown(place)
        if isinstance(entry, Fact):
            if entry.is_secret:
                return None, "Rejected"
            value = value_of_fact(entry, attribute)
            return value, "NotSupportedAttributeType" if value is None else None
        if attribute != "Actual":
            return None, "NotSupportedAttributeType"
        if entry.access == "WriteOnly":
            return None, "Rejected"
        return self.core.settings.text(entry.name), None

    def write(
        self, place: Place, value: str, attribute: AttributeType = "Actual", inventory: Inventory | None = None
    ) -> tuple[SetOutcome | Problem, str | None]:
        """Set a variable; gives the outcome and what is wrong with the value (OCPP 2.0.1 B05)."""
        inventory = inventory or Inventory(self.core)
        entry = inventory.find(place)
        if entry is None:
            return inventory.unknown(place), None
        if isinstance(entry, Fact):
            return self._write_fact(entry, value, attribute)
        if attribute != "Actual":
            return "NotSupportedAttributeType", None
        settings = self.core.settings
        if len(value) > settings.number("configuration_value_size"):
            return "Rejected", "The value is too long"
        problem = settings.problem(entry, value)
        return settings.set(entry, value) if problem is None else "Rejected", problem

    def _write_fact(self, fact: Fact, value: str, attribute: AttributeType) -> tuple[SetOutcome | Problem, str | None]:
        if value_of_fact(fact, attribute) is None:
            return "NotSupportedAttributeType", None
        if attribute == "Actual" and fact.write is not None:
            problem = fact.write(value)
        elif attribute != "MaxSet":
            return "Rejected", "It is read-only"
        else:
            problem = self.core.sensors.set_limit(fact, value)
        return "Accepted" if problem is None else "Rejected", problem

    def check_size(self, name: str, count: int) -> None:
        """Refuse a request with more items or bytes than its limits allow (`get`, `set` or `report`).

        Raises:
            OcppError: too much of it (OCPP 2.1 B06.FR.16, B06.FR.17, B08.FR.17, B08.FR.18).
        """
        check_size(self.core, f"items_per_{name}", f"bytes_per_{name}", count)

    # Reporting -------------------------------------------------------------------------------

    def everything(self) -> list[Entry]:
        """All variables (FullInventory, OCPP 2.0.1 B07.FR.08)."""
        return [*self._settings(), *self.all_facts()]

    def configuration(self) -> list[Entry]:
        """What the operator can set (ConfigurationInventory, OCPP 2.0.1 B07.FR.07)."""
        limits = (fact for fact in self.all_facts() if fact.max_set is not None)
        return [*(setting for setting in self._settings() if setting.access != "ReadOnly"), *limits]

    def summary(self) -> list[Entry]:
        """Availability and problems (SummaryInventory, OCPP 2.0.1 B07.FR.09)."""
        return [fact for fact in self.all_facts() if _is_summed_up(fact)]

    def selected(self, criteria: list[str], wanted: list[Selection]) -> list[Entry]:
        """The variables of components that meet one of the criteria, as far as they are wanted (OCPP 2.0.1 B08)."""
        found = self.everything()
        if criteria:
            fitting = self._fitting(found, criteria)
            found = [entry for entry in found if place_of(entry).component_key in fitting]
        if wanted:
            found = [entry for entry in found if any(one.covers(place_of(entry)) for one in wanted)]
        return found

    def _fitting(self, entries: list[Entry], criteria: list[str]) -> set[Key]:
        """The components that meet at least one criterion (OCPP 2.0.1 B08.FR.07 to FR.13)."""
        values: dict[Key, dict[str, str]] = {}
        for entry in entries:
            place = place_of(entry)
            values.setdefault(place.component_key, {})[_fold(place.variable)] = self.value(entry)
        return {key for key, known in values.items() if any(_meets(known, _fold(one)) for one in criteria)}

    def _settings(self) -> Iterator[Setting]:
        return (setting for setting in self.core.settings if setting.component is not None)

    def all_facts(self) -> Iterator[Fact]:
        """The inventory, as all functions know it."""
        for function in self.core.functions:
            if function.is_offered:
                yield from function.facts()

    def value(self, entry: Entry) -> str:
        """The actual value; empty for what cannot be read."""
        if isinstance(entry, Fact):
            return entry.value
        return "" if entry.access == "WriteOnly" else self.core.settings.text(entry.name)

    def report(self, request_id: int, entries: list[Entry]) -> None:
        """Deliver a report in parts, after the answer to the request in hand (OCPP 2.0.1 B07.FR.03, FR.10)."""
        parts = [tuple(entries[i : i + ITEMS_PER_REPORT]) for i in range(0, len(entries), ITEMS_PER_REPORT)]
        deliver(self.core, [Report(request_id, n, n < len(parts) - 1, part) for n, part in enumerate(parts)])

    def facts(self) -> Iterator[Fact]:
        """What the station consists of."""
        return structure(self.core)


@cache
def _names(functions: tuple[type[Function], ...]) -> frozenset[str]:
    """The names of the settings of functions."""
    return frozenset(setting.name for function in functions for setting in function.SETTINGS)


# What other blocks use -----------------------------------------------------------------------


def deliver(core: StationCore, parts: list[Struct]) -> None:
    """Say the parts of a report, each when the one before is answered, after the answer to the request in hand."""
    waiting = iter(parts)

    def go_on(answer: object = None, error: OcppError | None = None) -> None:
        part = next(waiting, None) if core.is_connected else None
        if part is not None:
            core.say(part, go_on, asked_for=True)

    core.afterwards(go_on)


def check_size(core: StationCore, items: str, size: str, count: int) -> None:
    """Refuse a request with more items or bytes than the settings `items` and `size` allow.

    Raises:
        OcppError: too much of it.
    """
    if count > core.settings.number(items):
        raise OcppError(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, f"More than {core.settings.text(items)} items")
    if core.request_bytes > core.settings.number(size):
        raise OcppError(ErrorCode.FORMAT_VIOLATION, f"More than {core.settings.text(size)} bytes")


def place_of(entry: Entry) -> Place:
    """The name of a variable."""
    if isinstance(entry, Setting):
        return Place(
            component=entry.component or "",
            variable=entry.variable or "",
            instance=entry.instance,
            component_instance=entry.component_instance,
        )
    return Place(
        component=entry.component,
        variable=entry.variable,
        instance=entry.instance,
        component_instance=entry.component_instance,
        evse_id=entry.evse_id,
        connector_id=entry.connector_id,
    )


def value_of_fact(fact: Fact, attribute: AttributeType) -> str | None:
    """The value of an attribute, None where the variable has none such."""
    if attribute == "Actual":
        return fact.value
    if attribute == "Target":
        return fact.target
    return fact.max_set if attribute == "MaxSet" else None


def can_be_monitored(entry: Entry) -> bool:
    """Whether it changes, so that somebody may watch it (supportsMonitoring)."""
    return not entry.is_constant if isinstance(entry, Fact) else entry.access != "ReadOnly"


def _is_summed_up(fact: Fact) -> bool:
    name = _fold(fact.variable)
    return name == "availabilitystate" or (name in PROBLEMS and fact.value == "true")


def _meets(values: dict[str, str], criterion: str) -> bool:
    value = values.get(criterion)
    return criterion in ABSENT_COUNTS if value is None else value.casefold() == "true"


def _is_rotation(one: str, connectors: int) -> bool:
    connector, _, rotation = one.partition(".")
    known = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")
    return connector.isdecimal() and int(connector) <= connectors and rotation in known


def _fold(name: str | None) -> str:
    return (name or "").casefold()
