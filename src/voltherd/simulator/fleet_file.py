"""A fleet as a TOML file: groups of stations, their drivers, what befalls them (see `docs/reference/simulate.md`)."""

from __future__ import annotations

import tomllib
from math import isfinite
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, field

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.faults import Fault, read_faults
from voltherd.simulator.first_settings import named
from voltherd.simulator.habits import Habits
from voltherd.simulator.personas import Persona, factory, of_table
from voltherd.simulator.problems import FileError
from voltherd.simulator.session_file import STEP_S, Session, read_sessions

IncidentKind = Literal[
    "outage", "power-cut", "reconnect-storm", "evse-fault", "meter-reset", "meter-stands", "lock-stuck", "limit"
]
"""outage: the network of some stations is gone; reconnect-storm: all connections drop and come back at once."""

MOST_STATIONS: Final = 100_000
"""How many stations a fleet has at most, in all its processes together."""

MOST_TOKENS: Final = 1_000_000

MOST_ACCELERATE: Final = 10_000

NEEDS_LENGTH: Final = ("outage", "power-cut", "evse-fault", "meter-stands", "lock-stuck", "limit")


class Incident(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that befalls stations, once or again and again. Times are the stations' seconds since the begin.

    Attributes:
        group: name of the group it befalls; None: all.
        share: share of these stations, drawn anew each time.
        at_s: when, the first time.
        every_s: how long after that again; None: once.
        for_s: how long it lasts.
        code: the error that a broken EVSE reports.
        limit_w: the limit of each station's EVSEs together, for `limit`.
    """

    kind: IncidentKind
    group: str | None = None
    share: float = 1.0
    at_s: float = 60.0
    every_s: float | None = None
    for_s: float = 0.0
    code: str = "InternalError"
    limit_w: float | None = None

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: times or shares that cannot be.
        """
        if not 0.0 < self.share <= 1.0 or self.at_s < 0 or self.for_s < 0:
            raise ValueError("share is above 0 and up to 1; at_s and for_s are not negative")
        if self.every_s is not None and self.every_s < max(self.for_s, 1.0):
            raise ValueError("every_s is at least a second and at least for_s")
        if self.kind in NEEDS_LENGTH and self.for_s == 0:
            raise ValueError(f"{self.kind} needs for_s")
        if (self.kind == "limit") is (self.limit_w is None):
            raise ValueError("limit_w is given with limit, and only there")


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stations of one kind.

    Attributes:
        name: what incidents call it; the prefix if not given.
        persona: a shipped one or one of the file; None: a mix of the shipped ones by their weights.
        prefix: what identities begin with; a number follows.
        first: the first number.
        ocpp: the versions they speak, dealt out in turn; None: all that the persona has.
        firmware: the firmware that they have, dealt out in turn; None: the persona's first.
        habits: name of the habits of its drivers; None: those called `default`, or the built-in ones.
        drivers: whether anybody comes; None: as the persona says.
        sessions: a CSV file with the sessions to charge, beside this file; then nobody else comes.
        step_s: length of the steps in it.
        settings: first values, over those of the persona: by keys of 1.6, `Component.Variable` of 2.x, or our names.
        faults: what goes wrong with every one of them, as tables (`voltherd.simulator.faults`).
    """

    prefix: str
    count: int
    name: str = ""
    persona: str | None = None
    first: int = 1
    ocpp: OcppVersion | tuple[OcppVersion, ...] | None = None
    firmware: str | tuple[str, ...] | None = None
    password: str | None = None
    habits: str | None = None
    drivers: bool | None = None
    sessions: str | None = None
    step_s: float = STEP_S
    settings: dict[str, str | int | float | bool] = field(default_factory=dict)
    faults: tuple[dict[str, Any], ...] = ()


class FleetTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `fleet`: how it runs; see `FleetOptions`. `tokens` are the drivers' cards, or how many there are."""

    url: str | None = None
    seed: int | None = None
    accelerate: float | None = None
    duration_s: float | None = None
    ramp_per_s: float | None = None
    meter_interval_s: int | None = None
    compression: bool = False
    tokens: tuple[str, ...] | int | None = None

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: a number that cannot be.
        """
        for name in ("accelerate", "duration_s", "ramp_per_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} is above 0")
        if self.accelerate is not None and self.accelerate > MOST_ACCELERATE:
            raise ValueError(f"accelerate is at most {MOST_ACCELERATE}")
        if self.meter_interval_s is not None and self.meter_interval_s < 1:
            raise ValueError("meter_interval_s is at least 1")
        if isinstance(self.tokens, int) and not 1 <= self.tokens <= MOST_TOKENS:
            raise ValueError(f"tokens are 1 to {MOST_TOKENS}, or a list of them")


class FleetOfFile(Struct, frozen=True, kw_only=True):
    """What a fleet file says.

    Attributes:
        options: values of the table `fleet`, by name; those of the command line go before them.
        personas, habits: those of the file, by name.
        sessions: by group name, where the group has a file of them.
        faults: by group name, where the group has any.
    """

    options: FleetTable
    groups: tuple[Group, ...]
    personas: dict[str, Persona]
    habits: dict[str, Habits]
    sessions: dict[str, tuple[Session, ...]]
    faults: dict[str, tuple[Fault, ...]]
    incidents: tuple[Incident, ...]

    def persona(self, group: Group) -> Persona | None:
        """The persona of a group; None for a mix."""
        if group.persona is None:
            return None
        return self.personas.get(group.persona) or factory()[group.persona]

    def habits_of(self, group: Group) -> Habits:
        """The habits of a group's drivers."""
        return self.habits.get(group.habits or "default") or Habits()


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fleet: FleetTable = FleetTable()
    group: tuple[Group, ...] = ()
    personas: dict[str, dict[str, Any]] = field(default_factory=dict)
    habits: dict[str, Habits] = field(default_factory=dict)
    incident: tuple[Incident, ...] = ()


def read_fleet(path: Path) -> FleetOfFile:
    """Read a fleet file and the session files that it names.

    Raises:
        FileError: something in it is not as it must be; the text says what and where.
    """
    try:
        file = msgspec.convert(tomllib.loads(path.read_text("utf-8"), parse_float=_finite), _File)
        personas = {name: of_table(dict(table), name, f"personas.{name}") for name, table in file.personas.items()}
        groups = tuple(_named(group) for group in file.group)
        _check(file, groups, personas)
        sessions = {g.name: _sessions(path, g) for g in groups if g.sessions is not None}
        faults = {g.name: _faults(g) for g in groups if g.faults}
    except (OSError, ValueError) as error:  # no file, no text, no TOML, no number, not what it must say
        raise FileError(f"{path}: {error}") from None
    except RecursionError:
        raise FileError(f"{path}: this is nested too deeply") from None
    except FileError as error:
        text = str(error)
        raise FileError(text if text.startswith(str(path.parent)) else f"{path}: {text}") from None
    return FleetOfFile(
        options=file.fleet,
        groups=groups,
        personas=personas,
        habits=file.habits,
        sessions=sessions,
        faults=faults,
        incidents=file.incident,
    )


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is not a number that anything here can be")
    return value


def _sessions(path: Path, group: Group) -> tuple[Session, ...]:
    assert group.sessions is not None
    return tuple(read_sessions(path.parent / group.sessions, step_s=group.step_s))


def _faults(group: Group) -> tuple[Fault, ...]:
    try:
        return read_faults(group.faults)
    except FileError as error:
        raise FileError(f"group {group.name}: {error}") from None


def _named(group: Group) -> Group:
    return group if group.name else msgspec.structs.replace(group, name=group.prefix)


def _check(file: _File, groups: tuple[Group, ...], personas: dict[str, Persona]) -> None:
    if not groups:
        raise FileError("there is no [[group]] of stations")
    seen: dict[str, str] = {}
    for place, group in enumerate(groups):
        where = f"group[{place}] ({group.name})"
        known = personas | factory()
        _check_numbers(group, sum(one.count for one in groups), where)
        _check_settings(group, where)
        if group.persona is not None and group.persona not in known:
            raise FileError(f"{where}: there is no persona {group.persona!r}; there are {', '.join(known)}")
        if group.habits is not None and group.habits not in file.habits:
            raise FileError(f"{where}: there are no habits {group.habits!r} in this file")
        if group.name in seen.values():
            raise FileError(f"{where}: another group has this name")
        for identity in identities(group):
            if identity in seen:
                raise FileError(f"{where}: {identity} is in {seen[identity]} already")
            seen[identity] = group.name
        _check_versions(group, known.get(group.persona or ""), where)
    for place, incident in enumerate(file.incident):
        if incident.group is not None and incident.group not in seen.values():
            raise FileError(f"incident[{place}]: there is no group {incident.group!r}")


def _check_numbers(group: Group, stations: int, where: str) -> None:
    if group.count < 1 or not 0 <= group.first < 10**12:
        raise FileError(f"{where}: count is at least 1, first not negative and below 10^12")
    if stations > MOST_STATIONS:
        told = f"count = {group.count}" if group.count > MOST_STATIONS else f"the groups have {stations} together"
        raise FileError(f"{where}: a fleet has at most {MOST_STATIONS} stations: {told}")
    if group.step_s <= 0:
        raise FileError(f"{where}: step_s is above 0")


def _check_settings(group: Group, where: str) -> None:
    try:
        named(group.settings)
    except ValueError as error:
        raise FileError(f"{where}: settings: {error}") from None


def _check_versions(group: Group, persona: Persona | None, where: str) -> None:
    spoken = set(persona.ocpp) if persona is not None else set(OcppVersion)
    for version in versions(group) or ():
        if version not in spoken:
            raise FileError(f"{where}: persona {group.persona} does not speak OCPP {version}")


def versions(group: Group) -> tuple[OcppVersion, ...] | None:
    """The versions that a group asks for."""
    return (group.ocpp,) if isinstance(group.ocpp, OcppVersion) else group.ocpp


def firmware(group: Group) -> tuple[str, ...] | None:
    """The versions of firmware that a group asks for."""
    return (group.firmware,) if isinstance(group.firmware, str) else group.firmware


def identities(group: Group) -> list[str]:
    """The identities of a group's stations."""
    return [f"{group.prefix}{number:04d}" for number in range(group.first, group.first + group.count)]
