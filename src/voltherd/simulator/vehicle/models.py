"""Kinds of vehicles. Names are invented; the figures are those of their classes on the market."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from voltherd.simulator.vehicle.curve import Curve, constant_then_falling
from voltherd.station.hardware import EnergyTransferMode

Control = Literal["ScheduledControl", "DynamicControl"]


class VehicleModel(Struct, frozen=True, kw_only=True):
    """A kind of vehicle.

    Attributes:
        battery_wh: usable capacity.
        ac_phases: phases of its on-board charger; 0 without one.
        ac_max_current_a: most current per phase that the on-board charger draws.
        ac_min_current_a: below this it draws nothing (IEC 61851-1 knows no less than 6 A).
        ac_efficiency: share of the metered energy that the battery keeps (AC), and the other way.
        ac_curve: most power at the inlet by state of charge (AC).
        dc_curve: the same for DC; None: the vehicle cannot.
        dc_efficiency: share of the metered energy that the battery keeps (DC), and the other way.
        dc_max_current_a: most current of its inlet (DC).
        pack_voltage_v: voltage of the battery by state of charge.
        ac_discharge_w: most power it gives over AC; 0: none.
        dc_discharge_w: most power it gives over DC; 0: none.
        start_delay_s: from closed contactor to current, for AC and DC (cable check and precharge).
        modes: the modes it asks for by ISO 15118, dearest first; empty: it speaks the pilot signal only.
        control: the control mode of ISO 15118-20; None before it.
    """

    name: str
    battery_wh: float
    ac_phases: int = 3
    ac_max_current_a: float = 16.0
    ac_min_current_a: float = 6.0
    ac_efficiency: float = 0.9
    ac_curve: Curve
    dc_curve: Curve | None = None
    dc_efficiency: float = 0.97
    dc_max_current_a: float = 500.0
    pack_voltage_v: Curve
    ac_discharge_w: float = 0.0
    dc_discharge_w: float = 0.0
    start_delay_s: tuple[float, float] = (4.0, 22.0)
    modes: tuple[EnergyTransferMode, ...] = ()
    control: Control | None = None

    @property
    def ac_max_power_w(self) -> float:
        """Most power of the on-board charger at 230 V."""
        return self.ac_phases * self.ac_max_current_a * 230.0

    @property
    def is_bidirectional(self) -> bool:
        """Whether it can give energy back."""
        return self.ac_discharge_w > 0 or self.dc_discharge_w > 0


_400_V: Final = Curve(((0.0, 310.0), (0.1, 340.0), (0.8, 385.0), (1.0, 405.0)))
_800_V: Final = Curve(((0.0, 610.0), (0.1, 660.0), (0.8, 760.0), (1.0, 805.0)))


def _kw(*points: tuple[int, float]) -> Curve:
    """A curve of kilowatts over percent."""
    return Curve([(percent / 100, power_kw * 1000) for percent, power_kw in points])


MODELS: Final = (
    VehicleModel(
        name="Pica City",
        battery_wh=23_000.0,
        ac_phases=1,
        ac_max_current_a=16.0,
        ac_efficiency=0.87,
        ac_curve=constant_then_falling(3_700.0, from_soc=0.96),
        pack_voltage_v=_400_V,
    ),
    VehicleModel(
        name="Duetto Plug-in",
        battery_wh=11_600.0,
        ac_phases=1,
        ac_max_current_a=16.0,
        ac_efficiency=0.86,
        ac_curve=constant_then_falling(3_600.0, from_soc=0.92),
        pack_voltage_v=_400_V,
        start_delay_s=(8.0, 0.0),
    ),
    VehicleModel(
        name="Lind Hatch",
        battery_wh=46_000.0,
        ac_curve=constant_then_falling(11_000.0),
        dc_curve=_kw((0, 70), (8, 100), (30, 98), (45, 78), (60, 62), (75, 45), (85, 28), (95, 14), (100, 5)),
        dc_max_current_a=300.0,
        pack_voltage_v=_400_V,
    ),
    VehicleModel(
        name="Falk Estate",
        battery_wh=58_000.0,
        ac_curve=constant_then_falling(11_000.0),
        dc_curve=_kw((0, 95), (5, 125), (25, 125), (35, 110), (55, 85), (70, 65), (80, 50), (90, 28), (100, 6)),
        dc_max_current_a=350.0,
        pack_voltage_v=_400_V,
        modes=("DC", "AC_three_phase"),
    ),
    VehicleModel(
        name="Sirocco 800",
        battery_wh=74_000.0,
        ac_efficiency=0.91,
        ac_curve=constant_then_falling(11_000.0),
        dc_curve=_kw((0, 150), (5, 225), (45, 233), (55, 190), (65, 180), (78, 120), (82, 60), (92, 30), (100, 8)),
        dc_max_current_a=350.0,
        pack_voltage_v=_800_V,
        start_delay_s=(4.0, 18.0),
        modes=("DC", "AC_three_phase"),
        control="ScheduledControl",
    ),
    VehicleModel(
        name="Taurin Sport",
        battery_wh=89_000.0,
        ac_max_current_a=32.0,
        ac_efficiency=0.91,
        ac_curve=constant_then_falling(22_000.0),
        dc_curve=_kw((0, 180), (4, 300), (40, 320), (52, 260), (65, 190), (78, 130), (88, 70), (95, 35), (100, 9)),
        dc_max_current_a=500.0,
        pack_voltage_v=_800_V,
        start_delay_s=(3.0, 16.0),
        modes=("DC", "AC_three_phase"),
        control="ScheduledControl",
    ),
    VehicleModel(
        name="Atlas SUV",
        battery_wh=105_000.0,
        ac_curve=constant_then_falling(11_000.0, from_soc=0.97),
        dc_curve=_kw((0, 130), (6, 195), (45, 185), (60, 140), (75, 95), (85, 62), (93, 34), (100, 8)),
        dc_max_current_a=500.0,
        pack_voltage_v=_400_V,
        modes=("DC", "AC_three_phase"),
    ),
    VehicleModel(
        name="Porter Van",
        battery_wh=68_000.0,
        ac_max_current_a=32.0,
        ac_efficiency=0.89,
        ac_curve=constant_then_falling(22_000.0),
        dc_curve=_kw((0, 50), (5, 80), (60, 78), (75, 60), (85, 38), (95, 18), (100, 5)),
        dc_max_current_a=250.0,
        pack_voltage_v=_400_V,
        start_delay_s=(6.0, 30.0),
    ),
    VehicleModel(
        name="Rondo V2G",
        battery_wh=77_000.0,
        ac_efficiency=0.92,
        ac_curve=constant_then_falling(11_000.0),
        dc_curve=_kw((0, 90), (6, 150), (35, 145), (55, 105), (75, 75), (88, 40), (100, 7)),
        dc_efficiency=0.96,
        dc_max_current_a=400.0,
        pack_voltage_v=_400_V,
        ac_discharge_w=11_000.0,
        dc_discharge_w=20_000.0,
        modes=("DC_BPT", "DC", "AC_BPT", "AC_three_phase"),
        control="DynamicControl",
    ),
    VehicleModel(
        name="Rondo Grid",
        battery_wh=60_000.0,
        ac_efficiency=0.91,
        ac_curve=constant_then_falling(11_000.0),
        dc_curve=_kw((0, 70), (6, 110), (40, 100), (60, 75), (80, 45), (92, 22), (100, 6)),
        dc_max_current_a=300.0,
        pack_voltage_v=_400_V,
        ac_discharge_w=11_000.0,
        dc_discharge_w=10_000.0,
        modes=("AC_BPT_DER", "AC_BPT", "DC_BPT", "DC", "AC_three_phase"),
        control="DynamicControl",
    ),
    VehicleModel(
        name="Hauler 400",
        battery_wh=420_000.0,
        ac_max_current_a=32.0,
        ac_efficiency=0.92,
        ac_curve=constant_then_falling(22_000.0, from_soc=0.98),
        dc_curve=_kw((0, 250), (3, 370), (70, 365), (82, 260), (92, 120), (100, 20)),
        dc_max_current_a=500.0,
        pack_voltage_v=_800_V,
        start_delay_s=(6.0, 28.0),
        modes=("DC",),
    ),
    VehicleModel(
        name="Metro Bus 12",
        battery_wh=350_000.0,
        ac_phases=0,
        ac_curve=constant_then_falling(1.0),
        dc_curve=_kw((0, 200), (5, 300), (75, 290), (85, 180), (95, 80), (100, 15)),
        dc_max_current_a=500.0,
        pack_voltage_v=_800_V,
        start_delay_s=(0.0, 12.0),
        modes=("DC_ACDP", "DC"),
    ),
    VehicleModel(
        name="Swap Pack",
        battery_wh=1_900.0,
        ac_phases=0,
        ac_curve=constant_then_falling(1.0),
        dc_curve=constant_then_falling(1_500.0, from_soc=0.9),
        dc_max_current_a=30.0,
        pack_voltage_v=Curve(((0.0, 60.0), (0.2, 70.0), (0.9, 80.0), (1.0, 83.0))),
        start_delay_s=(0.0, 2.0),
    ),
)
"""All kinds, in the order of their size within each use."""

CARS: Final = MODELS[:10]
"""What comes to a public charging station."""


def model(name: str) -> VehicleModel:
    """The kind of this name, upper and lower case alike.

    Raises:
        KeyError: there is none; the text names those there are.
    """
    for one in MODELS:
        if one.name.casefold() == name.casefold():
            return one
    raise KeyError(f"No vehicle {name!r}; there are {', '.join(one.name for one in MODELS)}")
