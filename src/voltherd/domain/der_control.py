"""DER control: grid rules of distributed energy resources (functional block R)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType, field

from voltherd.domain.commands import Command
from voltherd.domain.der_types import (
    DEFAULT_ONLY,
    FIELD_OF,
    ControlType,
    Curve,
    EnterService,
    FixedPowerFactor,
    FixedVar,
    FreqDroop,
    Gradient,
    LimitMaxDischarge,
    Said,
)
from voltherd.domain.document import Document

ControlId = Annotated[str, Meta(min_length=1, max_length=36)]


class SetDerControl(Command):
    """Set a grid rule: a default one (`is_default`), which holds at once, or one that begins at its `start_time`.

    Exactly one of the setting fields is given, the one that belongs to the type.
    """

    name = "set-der-control"
    summary = "Set a grid rule"
    example: ClassVar[dict[str, Any]] = {
        "control_id": "droop-1",
        "control_type": "FreqDroop",
        "is_default": True,
        "freq_droop": {
            "priority": 10,
            "over_freq": 50.2,
            "under_freq": 49.8,
            "over_droop": 5,
            "under_droop": 5,
            "response_time": 2,
        },
    }
    control_id: ControlId
    control_type: ControlType
    is_default: bool
    curve: Curve | UnsetType = UNSET
    enter_service: EnterService | UnsetType = UNSET
    fixed_pf_absorb: FixedPowerFactor | UnsetType = UNSET
    fixed_pf_inject: FixedPowerFactor | UnsetType = UNSET
    fixed_var: FixedVar | UnsetType = UNSET
    freq_droop: FreqDroop | UnsetType = UNSET
    gradient: Gradient | UnsetType = UNSET
    limit_max_discharge: LimitMaxDischarge | UnsetType = UNSET

    def given(self) -> dict[str, Said]:
        """Give the setting fields that are there."""
        names = ("curve", *FIELD_OF.values())
        return {name: value for name in names if (value := getattr(self, name)) is not UNSET}


class GetDerControl(Command):
    """Ask which grid rules there are; what is left out matches any. The report shows under `der-controls`."""

    name = "get-der-control"
    summary = "Ask for the grid rules"
    example: ClassVar[dict[str, Any]] = {"is_default": True}
    is_default: bool | None = None
    control_type: ControlType | None = None
    control_id: ControlId | None = None


class ClearDerControl(Command):
    """Remove grid rules: one by its id, those of a type, or all default or all scheduled ones."""

    name = "clear-der-control"
    summary = "Remove grid rules"
    example: ClassVar[dict[str, Any]] = {"is_default": False, "control_type": "VoltVar"}
    is_default: bool
    control_type: ControlType | None = None
    control_id: ControlId | None = None


class DerControl(Document):
    """A grid rule at a station.

    `status` is `set`, `scheduled`, `active`, `superseded`, `ended`, `cleared`, `not-found`, or `rejected` (the
    station's word in `answer`). A default rule that is `set` holds while no scheduled one of its type is active.
    """

    kind = "der-controls"
    title = "grid rule"
    example: ClassVar[dict[str, Any]] = {
        "state": "set",
        "evse_no": 0,
        "control_id": "droop-1",
        "control_type": "FreqDroop",
        "is_default": True,
        "priority": 10,
        "superseded_by": None,
        "started_at_ms": None,
        "ended_at_ms": None,
        "answer": "Accepted",
        "source": "ours",
        "settings": {"priority": 10, "over_freq": 50.2, "under_freq": 49.8, "over_droop": 5, "under_droop": 5},
    }
    control_id: str
    control_type: str
    """Empty where the station named only the id."""
    is_default: bool = False
    priority: int | None = None
    superseded_by: str | None = None
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    answer: str = ""
    source: Literal["ours", "reported"] = "ours"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """A rejected one does not hide one of the same id that holds."""
        return f"rejected {self.control_id}" if self.state == "rejected" else self.control_id


class DerAlarm(Document):
    """A time in which a grid rule overruled charging, and the fault in the grid that caused it.

    `status` is `active` or `ended`.
    """

    kind = "der-alarms"
    title = "grid alarm"
    example: ClassVar[dict[str, Any]] = {
        "state": "ended",
        "evse_no": 0,
        "control_type": "HFMustTrip",
        "fault": "OverFrequency",
        "began_at_ms": 1757419000000,
        "ended_at_ms": 1757419060000,
        "info": "50.6 Hz",
        "flags": [],
    }
    control_type: str
    fault: str = ""
    began_at_ms: int | None = None
    ended_at_ms: int | None = None
    info: str = ""
    flags: list[str] = field(default_factory=list)
    """`begin-not-reported`."""

    @property
    def key(self) -> str:
        """The same report again is the same alarm."""
        return f"{self.control_type}|{self.began_at_ms if self.began_at_ms is not None else f'-{self.ended_at_ms}'}"


def problem_of(command: SetDerControl) -> str | None:
    """Say what the station would have to reject (R04.FR.12, .14, .16), or None."""
    expected = FIELD_OF.get(command.control_type, "curve")
    given = command.given()
    if list(given) != [expected]:
        return f"{command.control_type} needs the field {expected} and no other setting"
    if not command.is_default and command.control_type in DEFAULT_ONLY:
        return f"{command.control_type} exists only as a default control"
    setting = given[expected]
    times = [name for name in ("start_time", "duration") if getattr(setting, name, UNSET) is not UNSET]
    if command.is_default and times:
        return f"a default control has no {times[0]}"
    return None


COMMANDS: tuple[type[Command], ...] = (SetDerControl, GetDerControl, ClearDerControl)
DOCUMENTS: tuple[type[Document], ...] = (DerControl, DerAlarm)
