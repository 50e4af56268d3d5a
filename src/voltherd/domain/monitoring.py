"""Monitors: what stations watch on their variables, and reports of chosen parts of the device model (block N)."""

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, field

from voltherd.domain.commands import Command
from voltherd.domain.document import Document

MonitorType = Literal[
    "UpperThreshold",
    "LowerThreshold",
    "Delta",
    "Periodic",
    "PeriodicClockAligned",
    "TargetDelta",
    "TargetDeltaRelative",
]
MonitorState = Literal["set", "reported", "rejected", "cleared"]
ACTIVE: Final = ("set", "reported")
Severity = Annotated[int, Meta(ge=0, le=9)]
From0 = Annotated[int, Meta(ge=0)]


class Place(Struct, kw_only=True, forbid_unknown_fields=True):
    """A component, and one variable of it unless all are meant."""

    component: Annotated[str, Meta(min_length=1, max_length=50)]
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    variable: str | None = None
    variable_instance: str | None = None


class WantedMonitor(Struct, kw_only=True, forbid_unknown_fields=True):
    """A monitor to set. With `monitor_id` it replaces the one of that number (OCPP 2.0.1 N04.FR.12)."""

    component: Annotated[str, Meta(min_length=1, max_length=50)]
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    variable: Annotated[str, Meta(min_length=1, max_length=50)]
    variable_instance: str | None = None
    type: MonitorType
    value: float
    severity: Severity
    """0 is danger, 9 is debugging."""
    transaction: bool = False
    """Watch during transactions only."""
    monitor_id: int | None = None
    stream_interval_s: From0 | None = None
    """Send the values as a periodic event stream (2.1), after so many seconds at the latest."""
    stream_values: From0 | None = None
    """The same, as soon as there are so many values."""


class SetVariableMonitoring(Command):
    """Let a station watch variables and report events of them."""

    name = "set-variable-monitoring"
    summary = "Set monitors"
    example: ClassVar[dict[str, Any]] = {
        "monitors": [
            {
                "component": "EVSE",
                "evse_id": 1,
                "variable": "Temperature",
                "type": "UpperThreshold",
                "value": 80,
                "severity": 3,
            }
        ]
    }
    monitors: Annotated[list[WantedMonitor], Meta(min_length=1)]


class SetMonitoringBase(Command):
    """Switch to a set of monitors that the manufacturer made; custom monitors go unless it is `All`."""

    name = "set-monitoring-base"
    summary = "Choose the base set of monitors"
    example: ClassVar[dict[str, Any]] = {"base": "FactoryDefault"}
    base: Literal["All", "FactoryDefault", "HardWiredOnly"]


class SetMonitoringLevel(Command):
    """Let a station report only events that are so severe or worse (0 is the worst)."""

    name = "set-monitoring-level"
    summary = "Choose how severe events must be"
    example: ClassVar[dict[str, Any]] = {"severity": 5}
    severity: Severity


class GetMonitoringReport(Command):
    """Ask for the monitors there are; of some kinds or places only, or all."""

    name = "get-monitoring-report"
    summary = "Read the monitors"
    example: ClassVar[dict[str, Any]] = {"criteria": ["ThresholdMonitoring"]}
    criteria: list[Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]] = field(
        default_factory=list
    )
    places: list[Place] = field(default_factory=list)


class ClearVariableMonitoring(Command):
    """Remove monitors by their numbers."""

    name = "clear-variable-monitoring"
    summary = "Remove monitors"
    example: ClassVar[dict[str, Any]] = {"monitor_ids": [7]}
    monitor_ids: Annotated[list[int], Meta(min_length=1)]


class GetCustomReport(Command):
    """Ask for a report of chosen components and variables; it lands in the device model."""

    name = "get-custom-report"
    summary = "Read parts of the configuration"
    example: ClassVar[dict[str, Any]] = {"criteria": ["Problem"], "places": [{"component": "EVSE", "evse_id": 1}]}
    criteria: list[Literal["Active", "Available", "Enabled", "Problem"]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


class Monitor(Document, kw_only=True):
    """A monitor on a variable of a station.

    `status` is `set` (the station agreed), `reported` (it told of it), `rejected` (`reason` says how) or `cleared`.
    """

    kind = "monitors"
    title = "monitor"
    example: ClassVar[dict[str, Any]] = {
        "state": "set",
        "evse_no": 1,
        "number": 7,
        "component": "EVSE",
        "component_instance": None,
        "connector_id": None,
        "variable": "Temperature",
        "variable_instance": None,
        "type": "UpperThreshold",
        "value": 80.0,
        "severity": 3,
        "transaction": False,
        "notification_type": "CustomMonitor",
        "stream_interval_s": None,
        "stream_values": None,
        "reason": "",
        "reported_at_ms": 1_777_883_460_000,
    }
    state: MonitorState
    number: int | None = None
    """The station's id of it; none where it was rejected."""
    component: str
    component_instance: str | None = None
    connector_id: int | None = None
    variable: str
    variable_instance: str | None = None
    type: str
    value: float | None = None
    severity: int
    transaction: bool = False
    notification_type: str = ""
    stream_interval_s: int | None = None
    stream_values: int | None = None
    reason: str = ""
    reported_at_ms: int | None = None

    @property
    def key(self) -> str:
        if self.number is not None:
            return str(self.number)
        place = (self.component, self.component_instance, self.evse_no, self.connector_id)
        return "|".join(str(part) for part in (*place, self.variable, self.variable_instance, self.type, self.severity))


COMMANDS: tuple[type[Command], ...] = (
    SetVariableMonitoring,
    SetMonitoringBase,
    SetMonitoringLevel,
    GetMonitoringReport,
    ClearVariableMonitoring,
    GetCustomReport,
)
DOCUMENTS: tuple[type[Document], ...] = (Monitor,)
