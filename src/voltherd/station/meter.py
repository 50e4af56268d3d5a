"""The meter of an EVSE and what it reads."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct

from voltherd.station.config import EvseConfig
from voltherd.station.vehicle import Vehicle

STEP_S: Final = 15.0
"""Longest step of the integration, so that the taper of a vehicle is followed."""


class Reading(Struct, frozen=True):
    """One reading. `energy_wh` is the register since manufacture; `soc_percent` is known for DC only."""

    energy_wh: float
    power_w: float
    currents_a: tuple[float, ...]
    voltages_v: tuple[float, ...]
    soc_percent: float | None


class Meter:
    """Integrates what a vehicle draws from an EVSE."""

    def __init__(self, config: EvseConfig, *, energy_wh: float = 0.0, random: Random | None = None) -> None:
        self._config = config
        self._random = random or Random(0)
        self._now: float | None = None
        self.energy_wh = energy_wh
        self.power_w = 0.0

    def advance(self, now: float, vehicle: Vehicle | None, limit_w: float) -> None:
        """Bring the register up to `now`; from here on the vehicle may draw up to `limit_w`."""
        left_s = 0.0 if self._now is None else max(now - self._now, 0.0)
        self._now = now
        while left_s > 0 and self.power_w > 0 and vehicle is not None:
            step_s = min(left_s, STEP_S)
            wanted_wh = self.power_w * step_s / 3600
            room_wh = max(vehicle.target_soc - vehicle.soc, 0.0) * vehicle.battery_wh / 0.92
            energy_wh = min(wanted_wh, room_wh)
            self.energy_wh += energy_wh
            vehicle.absorb(energy_wh)
            left_s -= step_s
            self.power_w = self._power_w(vehicle, limit_w)
        self.power_w = self._power_w(vehicle, limit_w)

    def read(self, vehicle: Vehicle | None) -> Reading:
        """The register and the momentary values."""
        if self._config.is_dc:
            return self._read_dc(vehicle)
        phases = min(self._config.phases, vehicle.ac_phases if vehicle else self._config.phases)
        voltages = tuple(
            round(self._config.voltage_v + self._random.uniform(-2.0, 2.0), 1) for _ in range(self._config.phases)
        )
        currents = tuple(
            round(self.power_w / phases / voltage, 2) if index < phases else 0.0
            for index, voltage in enumerate(voltages)
        )
        return Reading(self.energy_wh, self.power_w, currents, voltages, None)

    def _read_dc(self, vehicle: Vehicle | None) -> Reading:
        soc = vehicle.soc if vehicle else 0.0
        voltage_v = round(340.0 + 70.0 * soc + self._random.uniform(-1.0, 1.0), 1)
        current_a = round(self.power_w / voltage_v, 2)
        return Reading(self.energy_wh, self.power_w, (current_a,), (voltage_v,), round(soc * 100, 1))

    def _power_w(self, vehicle: Vehicle | None, limit_w: float) -> float:
        if vehicle is None or limit_w <= 0:
            return 0.0
        most = self._config.max_power_w
        if not self._config.is_dc and vehicle.ac_phases < self._config.phases:
            most *= vehicle.ac_phases / self._config.phases
        return min(vehicle.wanted_w(is_dc=self._config.is_dc), limit_w, most)
