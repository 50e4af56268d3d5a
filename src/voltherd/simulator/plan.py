"""Which stations a fleet has. Vendors and models are invented."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig

FleetVersion = Literal["1.6", "2.0.1", "2.1", "mix"]

TOKENS: Final = tuple(f"04D3A0{number:08X}" for number in range(1, 49))
"""The ID tokens of the simulated drivers, unless others are given."""

_AC_11: Final = EvseConfig(max_power_w=11_000.0, phases=3)
_AC_22: Final = EvseConfig(max_power_w=22_000.0, phases=3)
_AC_7: Final = EvseConfig(max_power_w=7_400.0, phases=1, connectors=("cType2",))
_DC_60: Final = EvseConfig(max_power_w=60_000.0, phases=0, connectors=("cCCS2",))
_DC_150: Final = EvseConfig(max_power_w=150_000.0, phases=0, connectors=("cCCS2",))
_DC_300: Final = EvseConfig(max_power_w=300_000.0, phases=0, connectors=("cCCS2",))


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of station; `weight` says how often it is met."""

    vendor: str
    name: str
    firmware_version: str
    evses: tuple[EvseConfig, ...]
    weight: int


MODELS: Final = (
    Model("Nordwatt", "Fjell Wall 11", "2.4.1", (_AC_11,), 6),
    Model("Nordwatt", "Fjell Post 22", "2.4.1", (_AC_22, _AC_22), 6),
    Model("Lumera", "Curb One", "1.19.0", (_AC_7,), 2),
    Model("Lumera", "Curb Duo", "1.19.2", (_AC_22, _AC_22), 4),
    Model("Halden Power", "HP-60 Depot", "5.0.3", (_DC_60,), 2),
    Model("Halden Power", "HP-150 Transit", "5.1.0", (_DC_150, _DC_150), 4),
    Model("Tesserae", "Obelisk 300", "0.9.12", (_DC_300, _DC_300), 1),
)
"""What streets and depots are made of."""


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station of a fleet."""

    identity: str
    version: OcppVersion
    model: Model
    serial_number: str
    password: str | None = None


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """A whole fleet, and the tokens its drivers carry."""

    stations: tuple[StationPlan, ...]
    tokens: tuple[str, ...] = TOKENS

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
    ) -> FleetPlan:
        """So many stations named `<prefix>0001` on; `mix` deals the versions out in turn."""
        random = Random(seed)
        versions = list(OcppVersion) if version == "mix" else [OcppVersion(version)]
        models = random.choices(MODELS, [model.weight for model in MODELS], k=stations)
        plans = [
            StationPlan(
                identity=f"{prefix}{number:04d}",
                version=versions[(number - 1) % len(versions)],
                model=models[number - 1],
                serial_number=f"S{random.randrange(10**9):09d}",
                password=password,
            )
            for number in range(1, stations + 1)
        ]
        return cls(tuple(plans), tokens)

    @classmethod
    def demo(cls, *, password: str | None = None) -> FleetPlan:
        """The 24 stations of `voltherd demo`: eight of each version, AC 11 and 22 kW and DC 150 kW."""
        kinds = (MODELS[0], MODELS[1], MODELS[3], MODELS[1], MODELS[5], MODELS[0], MODELS[3], MODELS[5])
        plans = [
            StationPlan(
                identity=f"DEMO-{_DIGITS[version]}-{number:02d}",
                version=version,
                model=model,
                serial_number=f"D{_DIGITS[version]}{number:05d}",
                password=password,
            )
            for version in OcppVersion
            for number, model in enumerate(kinds, 1)
        ]
        return cls(tuple(plans))


_DIGITS: Final = {OcppVersion.V16: "016", OcppVersion.V201: "201", OcppVersion.V21: "210"}
