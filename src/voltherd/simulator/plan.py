"""Which stations a fleet has, and who comes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Literal

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.faults import Fault
from voltherd.simulator.first_settings import named
from voltherd.simulator.fleet_file import FleetOfFile, Group, Incident, firmware, identities, versions
from voltherd.simulator.habits import Habits
from voltherd.simulator.personas import Persona, factory, persona
from voltherd.simulator.session_file import Session, by_place

FleetVersion = Literal["1.6", "2.0.1", "2.1", "mix"]


def tokens(count: int) -> tuple[str, ...]:
    """So many ID tokens for simulated drivers; the first ones are always the same."""
    return tuple(f"04D3A0{number:08X}" for number in range(1, count + 1))


TOKENS: Final = tokens(48)
"""The ID tokens of the simulated drivers, unless others are given."""


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station of a fleet.

    Attributes:
        group: the name of the group it belongs to.
        firmware: the version it has at the begin.
        habits: of its drivers; None: those of the fleet's options.
        settings: first values of settings, over those of the persona.
        sessions: per EVSE, what is charged there; None: drivers come by their habits.
        drivers: whether anybody comes.
        faults: what goes wrong with it from the begin.
    """

    identity: str
    version: OcppVersion
    persona: Persona
    serial_number: str
    password: str | None = None
    group: str = ""
    firmware: str = ""
    habits: Habits | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    sessions: tuple[tuple[Session, ...], ...] | None = None
    drivers: bool = True
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """A whole fleet, the tokens its drivers carry, and what befalls it."""

    stations: tuple[StationPlan, ...]
    tokens: tuple[str, ...] = TOKENS
    incidents: tuple[Incident, ...] = ()

    @classmethod
    def of(
        cls,
        stations: int,
        version: FleetVersion | OcppVersion = "mix",
        *,
        prefix: str = "SIM-",
        password: str | None = None,
        tokens: tuple[str, ...] = TOKENS,
        seed: int = 1,
        kind: str | None = None,
    ) -> FleetPlan:
        """So many stations named `<prefix>0001` on, of one persona or a mix; `mix` deals the versions out in turn.

        Raises:
            UnknownError: there is no persona of this name.
            ValueError: it does not speak the version.
        """
        asked = None if version == "mix" else OcppVersion(version)
        if kind is not None and asked is not None and asked not in persona(kind).ocpp:
            raise ValueError(f"Persona {kind} does not speak OCPP {asked}; it speaks {', '.join(persona(kind).ocpp)}")
        spoken = persona(kind).ocpp if kind is not None else tuple(OcppVersion)
        group = Group(prefix=prefix, count=stations, persona=kind, password=password, ocpp=asked or spoken)
        return cls(tuple(_stations(group, persona(kind) if kind else None, Random(seed))), tokens)

    @classmethod
    def of_file(cls, file: FleetOfFile, *, seed: int = 1, password: str | None = None) -> FleetPlan:
        """The fleet of a file; `password` is for groups that have none of their own."""
        random = Random(seed)
        plans: list[StationPlan] = []
        for group in file.groups:
            default = file.habits.get(group.habits or "default")
            plans.extend(
                replace(
                    plan, habits=default, password=plan.password or password, faults=file.faults.get(group.name, ())
                )
                for plan in _stations(group, file.persona(group), random)
            )
            _deal_out(plans, group, file.sessions.get(group.name))
        given = file.options.tokens
        cards = tokens(given) if isinstance(given, int) else given
        return cls(tuple(plans), cards or TOKENS, file.incidents)

    @classmethod
    def demo(cls, *, password: str | None = None) -> FleetPlan:
        """The 24 stations of `voltherd demo`: eight of each version, AC 11 and 22 kW and DC 150 kW."""
        row = ("ac-11-single", "ac-22-dual", "ac-22-single", "ac-22-dual")
        names = (*row, "dc-150", *row[:2], "dc-150")
        plans = [
            StationPlan(
                identity=f"DEMO-{_DIGITS[version]}-{number:02d}",
                version=version,
                persona=persona(name),
                serial_number=f"D{_DIGITS[version]}{number:05d}",
                password=password,
                firmware=persona(name).firmware[0],
            )
            for version in OcppVersion
            for number, name in enumerate(names, 1)
        ]
        return cls(tuple(plans))

    def part(self, number: int, count: int) -> FleetPlan:
        """The share of one of `count` processes (numbered from 0): every so-manieth station and token."""
        if count == 1:
            return self
        cards = self.tokens[number::count] or self.tokens
        return FleetPlan(self.stations[number::count], cards, self.incidents)


_DIGITS: Final = {OcppVersion.V16: "016", OcppVersion.V201: "201", OcppVersion.V21: "210"}


def _stations(group: Group, kind: Persona | None, random: Random) -> list[StationPlan]:
    """The stations of a group; without a persona each has one that is met often and speaks its version."""
    plans = []
    settings = named(group.settings)
    spoken = versions(group) or (kind.ocpp if kind is not None else tuple(OcppVersion))
    for place, identity in enumerate(identities(group)):
        version = spoken[place % len(spoken)]
        chosen = kind or _common(version, random)
        loaded = firmware(group) or chosen.firmware[:1]
        plans.append(
            StationPlan(
                identity=identity,
                version=version,
                persona=chosen,
                serial_number=f"S{random.randrange(10**9):09d}",
                password=group.password,
                group=group.name,
                firmware=loaded[place % len(loaded)],
                settings=settings,
                drivers=chosen.drivers if group.drivers is None else group.drivers,
            )
        )
    return plans


def _common(version: OcppVersion, random: Random) -> Persona:
    kinds = [one for one in factory().values() if version in one.ocpp and one.weight]
    return random.choices(kinds, [one.weight for one in kinds])[0]


def _deal_out(plans: list[StationPlan], group: Group, sessions: Sequence[Session] | None) -> None:
    """Give the sessions of a file to the EVSEs of a group, which was added last."""
    if sessions is None:
        return
    first = len(plans) - group.count
    places = by_place(sessions, sum(len(plan.persona.evses) for plan in plans[first:]))
    for index in range(first, len(plans)):
        count = len(plans[index].persona.evses)
        mine, places = places[:count], places[count:]
        plans[index] = replace(plans[index], sessions=tuple(map(tuple, mine)), drivers=True)
