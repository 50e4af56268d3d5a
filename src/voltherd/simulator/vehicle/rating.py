"""What an EVSE can do electrically, as a vehicle sees it."""

from __future__ import annotations

from msgspec import Struct

from voltherd.station.config import EvseConfig


class EvseRating(Struct, frozen=True, kw_only=True):
    """The nameplate of an EVSE.

    Attributes:
        max_power_w: most power to the vehicle, all phases together.
        max_discharge_w: most power from it; 0 where the EVSE cannot take any.
        phases: 1 to 3 for AC, 0 for DC.
        voltage_v: nominal voltage between phase and neutral (AC).
        max_current_a: per phase (AC) or of the cable (DC).
        max_voltage_v: highest voltage of the output (DC).
        iso15118: whether it speaks ISO 15118 with vehicles that do.
    """

    max_power_w: float
    max_discharge_w: float = 0.0
    phases: int = 3
    voltage_v: float = 230.0
    max_current_a: float
    max_voltage_v: float = 1000.0
    iso15118: bool = False

    @property
    def is_dc(self) -> bool:
        """Whether it feeds the battery directly."""
        return self.phases == 0

    @classmethod
    def of(
        cls,
        config: EvseConfig,
        *,
        max_discharge_w: float = 0.0,
        iso15118: bool = False,
        max_current_a: float | None = None,
        max_voltage_v: float = 1000.0,
    ) -> EvseRating:
        """The rating of an EVSE as a station is configured; DC cables carry 500 A unless told otherwise."""
        cable_a = (500.0 if config.is_dc else config.max_current_a) if max_current_a is None else max_current_a
        return cls(
            max_power_w=config.max_power_w,
            max_discharge_w=max_discharge_w,
            phases=config.phases,
            voltage_v=config.voltage_v,
            max_current_a=cable_a,
            max_voltage_v=max_voltage_v,
            iso15118=iso15118,
        )
