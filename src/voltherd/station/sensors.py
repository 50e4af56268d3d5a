"""What a station measures, as variables of its device model; and the cap on an EVSE's power that a CSMS may set.

`EVSE.Power` has the power that flows now, as Target what is on offer, and as MaxSet the most that may be on offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace

from voltherd.station.evse import Evse
from voltherd.station.function import Fact, Function
from voltherd.station.hardware import Offer, Reading
from voltherd.station.setting import Setting

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "power-limit"
"""Where the caps are kept, by EVSE."""
PHASES: Final = ("L1", "L2", "L3")


class Sensors(Function):
    """Reads the meters for the device model.

    `caps_w` are the most that EVSEs may offer, by EVSE, in watts; None when there is none.
    """

    __slots__ = ("caps_w",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.caps_w: dict[int, float] | None = None

    def restore(self) -> None:
        """The caps survive a restart."""
        for key, value in self.core.storage.all(ROOM).items():
            self._cap(int(key), float(value))

    # The cap ---------------------------------------------------------------------------------

    def set_limit(self, fact: Fact, value: str) -> str | None:
        """Cap what an EVSE offers (MaxSet of its Power, in watts); gives what is wrong with the value."""
        evse = self.core.evses.get(fact.evse_id or 0)
        if evse is None or (fact.component, fact.variable) != ("EVSE", "Power"):
            return "It cannot be set"
        try:
            cap_w = float(value)
        except ValueError:
            return "Not a number"
        if not 0 <= cap_w <= evse.config.max_power_w:
            return f"Not between 0 and {evse.config.max_power_w:g} W"
        self._cap(evse.id, cap_w)
        self.core.storage.keep(ROOM, str(evse.id), value.encode())
        self.core.afterwards(lambda: self.core.charging.supply(evse))
        return None

    def _cap(self, evse_id: int, cap_w: float) -> None:
        if self.caps_w is None:
            self.caps_w = {}
            self.core.charging.limiters.append(self._limited)
        self.caps_w[evse_id] = cap_w

    def _limited(self, evse: Evse, offer: Offer) -> Offer:
        cap_w = (self.caps_w or {}).get(evse.id)
        if cap_w is None or (offer.charge_limit_w <= cap_w and offer.discharge_limit_w <= cap_w):
            return offer
        return replace(
            offer,
            charge_limit_w=min(offer.charge_limit_w, cap_w),
            discharge_limit_w=min(offer.discharge_limit_w, cap_w),
        )

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """Everything measured, now."""
        for evse in self.core.evses.values():
            yield from self.facts_of(evse)

    def facts_of(self, evse: Evse) -> Iterator[Fact]:
        """What is measured at one EVSE."""
        reading = evse.hardware.read(self.core.now)
        yield self._power(evse, reading)
        yield from _electrical(evse, reading)
        yield from _energy(evse, reading)
        temperature = _temperature(evse, reading)
        if temperature is not None:
            yield temperature
        base = Fact(component="EVSE", evse_id=evse.id, variable="", value="", kind="decimal")
        if reading.soc_percent is not None:
            soc = f"{reading.soc_percent:.0f}"
            yield replace(base, component="ConnectedEV", variable="StateOfCharge", value=soc, unit="Percent")
        state = evse.charging_state if evse.transaction is not None else "Idle"
        yield replace(base, variable="ChargingState", value=state, kind="OptionList", values=_STATES)

    def temperature(self, evse: Evse) -> Fact | None:
        """The temperature of an EVSE, None if it is not measured."""
        return _temperature(evse, evse.hardware.read(self.core.now))

    def _power(self, evse: Evse, reading: Reading) -> Fact:
        most_w = evse.config.max_power_w
        return Fact(
            component="EVSE",
            evse_id=evse.id,
            variable="Power",
            value=f"{reading.power_w:.0f}",
            kind="decimal",
            unit="W",
            least=-most_w if reading.energy_export_wh else None,
            most=most_w,
            target=f"{evse.offer.charge_limit_w:.0f}",
            max_set=f"{(self.caps_w or {}).get(evse.id, most_w):g}",
        )


_STATES: Final = "Charging,EVConnected,SuspendedEV,SuspendedEVSE,Idle"


def _temperature(evse: Evse, reading: Reading) -> Fact | None:
    if reading.temperature_c is None:
        return None
    return Fact(
        component="EVSE",
        evse_id=evse.id,
        variable="Temperature",
        value=f"{reading.temperature_c:.1f}",
        kind="decimal",
        unit="Celsius",
    )


def _electrical(evse: Evse, reading: Reading) -> Iterator[Fact]:
    is_dc = evse.config.is_dc
    base = Fact(component="EVSE", evse_id=evse.id, variable="", value="", kind="decimal")
    for name, unit, values in (
        ("DCCurrent" if is_dc else "ACCurrent", "A", reading.currents_a),
        ("DCVoltage" if is_dc else "ACVoltage", "V", reading.voltages_v),
    ):
        for phase, value in zip((None,) if is_dc else PHASES, values, strict=False):
            yield replace(base, variable=name, instance=phase, unit=unit, value=f"{value:.1f}")
    if not is_dc:
        yield replace(base, variable="Frequency", unit="Hz", value=f"{reading.frequency_hz:.2f}")


def _energy(evse: Evse, reading: Reading) -> Iterator[Fact]:
    base = Fact(component="FiscalMetering", evse_id=evse.id, variable="", value="", kind="decimal", unit="Wh")
    yield replace(base, variable="EnergyImportRegister", value=f"{reading.energy_import_wh:.0f}")
    if reading.energy_export_wh:
        yield replace(base, variable="EnergyExportRegister", value=f"{reading.energy_export_wh:.0f}")
