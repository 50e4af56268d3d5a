"""What a vehicle needs (ISO 15118), and the schedule that it is offered from that alone (K15-K20).

The offer looks at one EVSE only: the vehicle's limits, the EVSE's power, limits from outside.
"""

from typing import Any, ClassVar

from msgspec import Struct, field

from voltherd.domain.charging_schedule import DAY_S, ChargingProfile, ChargingSchedule, RateUnit, SchedulePeriod
from voltherd.domain.document import Document
from voltherd.domain.time import format_ms

VOLTAGE_V = 230.0
DEFAULT_AC_A = 32.0
DEFAULT_DC_W = 50_000.0
MIN_AC_A = 6.0
ENERGY_MARGIN = 1.25
"""Full power is offered for so much more time than the energy needs, for losses and the end of charging."""
LEAD_S = 30
"""Schedules start so much in the past, so that the station's clock leaves no gap (interop trap 37)."""
_PHASES = {"AC_single_phase": 1, "AC_two_phase": 2}


class EvNeeds(Struct, kw_only=True):
    """The vehicle's needs, free of versions; None: not said."""

    transfer: str
    energy_wh: float | None = None
    departure_ms: int | None = None
    max_current_a: float | None = None
    min_current_a: float | None = None
    max_voltage_v: float | None = None
    max_power_w: float | None = None
    control_mode: str = ""
    max_tuples: int | None = None

    @property
    def is_ac(self) -> bool:
        """Whether the current is limited per phase of an AC supply."""
        return self.transfer.startswith("AC")

    @property
    def phases(self) -> int:
        """Phases of the transfer mode; 1 for DC, whose power is not per phase."""
        return _PHASES.get(self.transfer, 3) if self.is_ac else 1


class ChargingNeeds(Document, kw_only=True):
    """What the vehicle on an EVSE said it needs (ISO 15118), and the schedule that it plans.

    `status` is our answer to the needs; `ev_schedule_answer` that to the vehicle's schedule.
    """

    kind = "charging-needs"
    title = "vehicle's charging needs"
    example: ClassVar[dict[str, Any]] = {
        "state": "Accepted",
        "evse_no": 1,
        "transaction_id": "tx-1",
        "needs": {
            "requestedEnergyTransfer": "AC_three_phase",
            "acChargingParameters": {"energyAmount": 20000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400},
        },
        "max_schedule_tuples": 3,
        "control_mode": "",
        "needs_at_ms": 1_767_614_400_000,
        "ev_schedule": None,
        "ev_schedule_answer": "",
        "ev_schedule_rejections": 0,
        "ev_schedule_at_ms": None,
    }
    transaction_id: str = ""
    needs: dict[str, Any] = field(default_factory=dict)
    """As the station sent it."""
    max_schedule_tuples: int | None = None
    control_mode: str = ""
    needs_at_ms: int | None = None
    ev_schedule: dict[str, Any] | None = None
    """The station's NotifyEVChargingSchedule as sent."""
    ev_schedule_answer: str = ""
    ev_schedule_rejections: int = 0
    """How many of the vehicle's schedules in a row went beyond the offer."""
    ev_schedule_at_ms: int | None = None

    @property
    def key(self) -> str:
        """The EVSE."""
        return str(self.evse_no)


class Supply(Struct, frozen=True, kw_only=True):
    """What an EVSE gives: its power and phases where they are known, and limits from outside."""

    max_power_w: float | None = None
    phases: int | None = None
    limit_a: float | None = None
    limit_w: float | None = None
    max_periods: int | None = None


def offered(profile_id: int, transaction_id: str, needs: EvNeeds, supply: Supply, now_ms: int) -> ChargingProfile:
    """Make the profile that answers the needs: one schedule, a TxProfile (K15.FR.07, K15.FR.18, K19.FR.07)."""
    ceiling, floor, unit = _bounds(needs, supply)
    phases = min(needs.phases, supply.phases or needs.phases) if needs.is_ac else None
    periods = [SchedulePeriod(start_period=0, limit=ceiling, number_phases=phases)]
    full_s = _full_power_s(needs, ceiling * VOLTAGE_V * phases if phases else ceiling, now_ms)
    most = min(needs.max_tuples or 2, supply.max_periods or 2)
    if full_s is not None and full_s < DAY_S and most > 1 and floor < ceiling:
        periods.append(SchedulePeriod(start_period=LEAD_S + full_s, limit=floor, number_phases=phases))
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit=unit,
        start_schedule=format_ms(now_ms - LEAD_S * 1000),
        duration=LEAD_S + DAY_S,
        charging_schedule_period=periods,
    )
    return ChargingProfile(
        id=profile_id,
        stack_level=0,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        transaction_id=transaction_id,
        charging_schedule=[schedule],
    )


def _bounds(needs: EvNeeds, supply: Supply) -> tuple[float, float, RateUnit]:
    """Give the most and the least that is offered, in A per phase for AC and in W for DC."""
    if needs.is_ac:
        per_phase = VOLTAGE_V * min(needs.phases, supply.phases or needs.phases)
        most = _least(
            needs.max_current_a,
            _over(needs.max_power_w, per_phase),
            _over(supply.max_power_w, per_phase),
            supply.limit_a,
            _over(supply.limit_w, per_phase),
        )
        ceiling = _tenths(DEFAULT_AC_A if most is None else most)
        return ceiling, min(ceiling, needs.min_current_a or MIN_AC_A), "A"
    of_vehicle = needs.max_power_w
    if of_vehicle is None and needs.max_current_a and needs.max_voltage_v:
        of_vehicle = needs.max_current_a * needs.max_voltage_v
    grid_w = None if supply.limit_a is None else supply.limit_a * VOLTAGE_V * (supply.phases or 3)
    power = _least(of_vehicle, supply.max_power_w, supply.limit_w, grid_w)
    ceiling = _tenths(DEFAULT_DC_W if power is None else power)
    return ceiling, _tenths(ceiling / 10), "W"


def _full_power_s(needs: EvNeeds, power_w: float, now_ms: int) -> int | None:
    """Give for how long full power is offered: until the energy is there, and until departure; None: always."""
    if not needs.energy_wh or needs.energy_wh < 0 or power_w <= 0:
        return None
    energy_s = needs.energy_wh / power_w * 3600 * ENERGY_MARGIN
    until_departure_s = 0.0 if needs.departure_ms is None else (needs.departure_ms - now_ms) / 1000
    return int(max(energy_s, min(until_departure_s, DAY_S)))


def _least(*values: float | None) -> float | None:
    return min((max(value, 0.0) for value in values if value is not None), default=None)


def _over(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


def _tenths(value: float) -> float:
    return int(value * 10) / 10
