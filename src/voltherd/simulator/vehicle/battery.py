"""The battery of a vehicle: energy and heat."""

from __future__ import annotations

from math import exp
from typing import Final

HEAT_WH_PER_KWH_K: Final = 1.7
"""Heat that warms one kWh of battery (about 6 kg) by one kelvin."""

SETTLING_S: Final = 4 * 3600.0
"""Time constant with which a battery takes on the temperature around it."""

COOLED_FROM_C: Final = 32.0
"""Where the vehicle begins to cool its battery."""

COOLING_S: Final = 900.0
"""Time constant of the cooling."""


class Battery:
    """Holds `energy_wh` of `capacity_wh`; `temperature_c` follows its losses and the air at `ambient_c`."""

    __slots__ = ("ambient_c", "capacity_wh", "energy_wh", "temperature_c")

    def __init__(self, capacity_wh: float, soc: float, *, temperature_c: float = 20.0, ambient_c: float = 20.0) -> None:
        """Take so much, charged to `soc` (0 to 1).

        Raises:
            ValueError: no capacity, or a state of charge that cannot be.
        """
        if capacity_wh <= 0 or not 0.0 <= soc <= 1.0:
            raise ValueError(f"A battery of {capacity_wh} Wh cannot be charged to {soc}")
        self.capacity_wh = capacity_wh
        self.energy_wh = capacity_wh * soc
        self.temperature_c = temperature_c
        self.ambient_c = ambient_c

    @property
    def soc(self) -> float:
        """State of charge, 0 to 1."""
        return self.energy_wh / self.capacity_wh

    def add(self, energy_wh: float) -> None:
        """Put energy in, or take it out if negative."""
        self.energy_wh = min(max(self.energy_wh + energy_wh, 0.0), self.capacity_wh)

    def warm(self, loss_wh: float, seconds: float) -> None:
        """Live through some seconds in which so much was lost in the battery as heat."""
        self.temperature_c += loss_wh / (HEAT_WH_PER_KWH_K * self.capacity_wh / 1000)
        self.temperature_c = _settled(self.temperature_c, self.ambient_c, seconds / SETTLING_S)
        if self.temperature_c > COOLED_FROM_C:
            self.temperature_c = _settled(self.temperature_c, COOLED_FROM_C, seconds / COOLING_S)


def _settled(value: float, towards: float, time_constants: float) -> float:
    return towards + (value - towards) * exp(-time_constants)
