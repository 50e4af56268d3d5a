"""A vehicle: a battery behind a charging curve."""

from __future__ import annotations

from dataclasses import dataclass

CHARGING_EFFICIENCY = 0.92
"""Share of the metered energy that reaches the battery."""


@dataclass(slots=True)
class Vehicle:
    """An electric vehicle. `soc` and `target_soc` are shares from 0 to 1; it takes nothing from the target on."""

    battery_wh: float = 60_000.0
    soc: float = 0.3
    target_soc: float = 1.0
    max_ac_w: float = 11_000.0
    ac_phases: int = 3
    max_dc_w: float = 120_000.0
    taper_from_soc: float = 0.6

    @property
    def is_full(self) -> bool:
        """Whether it wants no more."""
        return self.soc >= self.target_soc

    def wanted_w(self, *, is_dc: bool) -> float:
        """The power it would take now, in watts: flat, then falling towards a full battery."""
        if self.is_full:
            return 0.0
        start = self.taper_from_soc if is_dc else 0.95
        floor = 0.12 if is_dc else 0.3
        most = self.max_dc_w if is_dc else self.max_ac_w
        if self.soc <= start:
            return most
        return most * (1.0 - (1.0 - floor) * (self.soc - start) / (1.0 - start))

    def absorb(self, energy_wh: float) -> None:
        """Take energy in, metered in watt-hours."""
        self.soc = min(self.soc + energy_wh * CHARGING_EFFICIENCY / self.battery_wh, 1.0)
        if self.target_soc - self.soc < 1e-6:
            self.soc = max(self.soc, self.target_soc)
