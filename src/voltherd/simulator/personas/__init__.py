"""Kinds of charging stations, as data: each `.toml` file beside this one is a factory persona.

Vendors and models are invented. A persona says what hardware a station has, which versions of OCPP and of its firmware
there are, its first settings, the functional blocks it serves, and its quirks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.first_settings import named
from voltherd.simulator.personas.blocks import BLOCKS, Block
from voltherd.simulator.problems import FileError, UnknownError
from voltherd.simulator.quirks import Quirks
from voltherd.simulator.vehicle import CARS, EvseRating, VehicleModel
from voltherd.simulator.vehicle import model as vehicle_model
from voltherd.station.config import EvseConfig

MOST_EVSES: Final = 1000
"""How many EVSEs a station has at most."""


class EvseSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many equal EVSEs; `phases` 0 is DC, powers are those of one EVSE. See `EvseRating`."""

    max_power_w: float
    count: int = 1
    phases: int = 3
    voltage_v: float = 230.0
    connectors: tuple[str, ...] = ("sType2",)
    max_discharge_w: float = 0.0
    max_current_a: float | None = None
    max_voltage_v: float = 1000.0
    iso15118: bool = False

    @property
    def config(self) -> EvseConfig:
        """As the station's rules know it."""
        return EvseConfig(
            max_power_w=self.max_power_w,
            phases=self.phases,
            voltage_v=self.voltage_v,
            connectors=self.connectors,
            max_discharge_w=self.max_discharge_w,
        )

    @property
    def rating(self) -> EvseRating:
        """As a vehicle sees it."""
        return EvseRating.of(
            self.config,
            max_discharge_w=self.max_discharge_w,
            iso15118=self.iso15118,
            max_current_a=self.max_current_a,
            max_voltage_v=self.max_voltage_v,
        )


class Persona(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of station.

    Attributes:
        name: its file's name, in small letters.
        firmware: versions there are; the first is what a station leaves the factory with.
        ocpp: versions it speaks.
        settings: first values, by our names; of a file also by keys of 1.6 or `Component.Variable` of 2.x.
        weight: how often it is met in a mixed fleet; 0: only where asked for.
        shared_power_w: what its EVSEs have together; None: each its own.
        without: functional blocks that it does not serve (see `blocks.py`): their messages are not implemented.
        swaps_batteries: its EVSEs are slots for batteries (OCPP 2.1 S).
        drivers: whether people come by themselves to charge.
        vehicles: names of the vehicles that come; empty: cars of all kinds that fit.
    """

    title: str
    vendor: str
    model: str
    evse: tuple[EvseSpec, ...]
    name: str = ""
    firmware: tuple[str, ...] = ("1.0.0",)
    ocpp: tuple[OcppVersion, ...] = tuple(OcppVersion)
    weight: int = 0
    shared_power_w: float | None = None
    settings: dict[str, str] = field(default_factory=dict)
    without: tuple[Block, ...] = ()
    quirks: Quirks = Quirks()
    swaps_batteries: bool = False
    drivers: bool = True
    vehicles: tuple[str, ...] = ()

    @property
    def behaviour(self) -> Quirks:
        """Its quirks, and that it answers nothing about blocks that it is without."""
        lacking = tuple(action for block in self.without for action in BLOCKS[block])
        return msgspec.structs.replace(self.quirks, lacks=self.quirks.lacks + lacking) if lacking else self.quirks

    @property
    def evses(self) -> tuple[EvseSpec, ...]:
        """One entry per EVSE."""
        return tuple(spec for spec in self.evse for _ in range(spec.count))

    def visitors(self, evse: EvseSpec) -> tuple[VehicleModel, ...]:
        """The kinds of vehicles that come to an EVSE."""
        rating = evse.rating
        kinds = tuple(vehicle_model(name) for name in self.vehicles) or CARS
        return tuple(kind for kind in kinds if _fits(kind, rating))


def _fits(kind: VehicleModel, rating: EvseRating) -> bool:
    if not rating.is_dc:
        return kind.ac_phases > 0
    return kind.dc_curve is not None and kind.pack_voltage_v.most <= rating.max_voltage_v


@cache
def factory() -> dict[str, Persona]:
    """The personas that are shipped, by name."""
    found = sorted(entry.name for entry in files(__package__).iterdir() if entry.name.endswith(".toml"))
    return {name[:-5]: read(files(__package__).joinpath(name).read_text("utf-8"), name[:-5], name) for name in found}


def persona(name: str) -> Persona:
    """A shipped persona.

    Raises:
        UnknownError: there is none of this name.
    """
    try:
        return factory()[name]
    except KeyError:
        raise UnknownError(f"There is no persona {name!r}; there are {', '.join(factory())}") from None


def read(text: str, name: str, where: str) -> Persona:
    """Read the TOML text of a persona.

    Raises:
        FileError: it is no TOML, or does not say what a persona must.
    """
    try:
        return of_table(tomllib.loads(text), name, where)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{where}: {error}") from None


def of_table(table: dict[str, Any], name: str, where: str) -> Persona:
    """A persona of a table; `like` names a shipped one whose values hold where the table has none.

    Raises:
        FileError: it does not say what a persona must.
    """
    like = table.pop("like", None)
    try:
        if isinstance(table.get("settings"), Mapping):
            table = table | {"settings": named(table["settings"])}
        base = msgspec.to_builtins(persona(like)) if like is not None else {}
        found = msgspec.convert(base | table | {"name": name}, Persona)
        _check(found)
    except (msgspec.ValidationError, UnknownError, ValueError, KeyError) as error:
        raise FileError(f"{where}: {error.args[0]}") from None
    return found


def _check(found: Persona) -> None:
    if not found.evse or not found.firmware or not found.ocpp:
        raise ValueError("a persona needs at least one evse, firmware and ocpp")
    if len(found.vendor) > 20 or len(found.model) > 20:
        raise ValueError("vendor and model have at most 20 characters (OCPP 1.6)")
    for spec in found.evse:
        if spec.count > MOST_EVSES:
            raise ValueError(f"a station has at most {MOST_EVSES} EVSEs, not {spec.count}")
        if spec.phases not in (0, 1, 3) or spec.max_power_w <= 0 or spec.count < 1 or not spec.connectors:
            raise ValueError("an evse has 0 (DC), 1 or 3 phases, a power, and at least one connector")
    if len(found.evses) > MOST_EVSES:
        raise ValueError(f"a station has at most {MOST_EVSES} EVSEs, not {len(found.evses)}")
    for name in found.vehicles:
        vehicle_model(name)
