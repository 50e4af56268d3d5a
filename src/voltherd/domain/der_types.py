"""Settings of DER controls, field by field as OCPP 2.1 has them, in our spelling (functional block R).

Powers and voltages are in percent of the rated values or in the unit that `y_unit` says, frequencies in Hz, times in s;
a lower `priority` overrules a higher one. `start_time` and `duration` belong to scheduled controls only (R04.FR.12).
"""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Number = int | float
Priority = Annotated[int, Meta(ge=0)]
Unit = Literal["Not_Applicable", "PctMaxW", "PctMaxVar", "PctWAvail", "PctVarAvail", "PctEffectiveV"]
ControlType = Literal[
    "EnterService",
    "FreqDroop",
    "FreqWatt",
    "FixedPFAbsorb",
    "FixedPFInject",
    "FixedVar",
    "Gradients",
    "HFMustTrip",
    "HFMayTrip",
    "HVMustTrip",
    "HVMomCess",
    "HVMayTrip",
    "LimitMaxDischarge",
    "LFMustTrip",
    "LVMustTrip",
    "LVMomCess",
    "LVMayTrip",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
]
FIELD_OF: Final[dict[str, str]] = {
    "EnterService": "enter_service",
    "FixedPFAbsorb": "fixed_pf_absorb",
    "FixedPFInject": "fixed_pf_inject",
    "FixedVar": "fixed_var",
    "FreqDroop": "freq_droop",
    "Gradients": "gradient",
    "LimitMaxDischarge": "limit_max_discharge",
}
"""The field that belongs to a type of control; all others have a `curve` (R04.FR.16)."""
DEFAULT_ONLY: Final = frozenset({"EnterService", "Gradients"})
"""These exist only as default controls (R04.FR.14)."""


class Said(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base: what was left out stays out."""


class Scheduled(Said, kw_only=True):
    """What scheduled controls have: when they begin and for how many s they hold."""

    priority: Priority
    start_time: str | UnsetType = UNSET
    duration: Number | UnsetType = UNSET


class CurvePoint(Said, kw_only=True):
    """A point of a curve."""

    x: Number
    y: Number


class Hysteresis(Said, kw_only=True):
    """How far a value must come back before the control ends."""

    hysteresis_high: Number | UnsetType = UNSET
    hysteresis_low: Number | UnsetType = UNSET
    hysteresis_delay: Number | UnsetType = UNSET
    hysteresis_gradient: Number | UnsetType = UNSET


class ReactivePowerParams(Said, kw_only=True):
    """The reference voltage of a volt-var curve."""

    v_ref: Number | UnsetType = UNSET
    autonomous_v_ref_enable: bool | UnsetType = UNSET
    autonomous_v_ref_time_constant: Number | UnsetType = UNSET


class VoltageParams(Said, kw_only=True):
    """What voltage curves have besides their points."""

    hv10_min_mean_value: Number | UnsetType = UNSET
    hv10_min_mean_trip_delay: Number | UnsetType = UNSET
    power_during_cessation: Literal["Active", "Reactive"] | UnsetType = UNSET


class Curve(Scheduled, kw_only=True):
    """A curve: volt-var, volt-watt, frequency-watt, ride-through and trip limits."""

    curve_data: Annotated[list[CurvePoint], Meta(min_length=1, max_length=10)]
    y_unit: Unit
    hysteresis: Hysteresis | UnsetType = UNSET
    reactive_power_params: ReactivePowerParams | UnsetType = UNSET
    voltage_params: VoltageParams | UnsetType = UNSET
    response_time: Number | UnsetType = UNSET


class EnterService(Said, kw_only=True):
    """The voltages and frequencies between which feeding may begin."""

    priority: Priority
    high_voltage: Number
    low_voltage: Number
    high_freq: Number
    low_freq: Number
    delay: Number | UnsetType = UNSET
    random_delay: Number | UnsetType = UNSET
    ramp_rate: Number | UnsetType = UNSET


class FixedPowerFactor(Scheduled, kw_only=True):
    """A fixed power factor; `excitation` true: over-excited, reactive power is fed in."""

    displacement: Number
    excitation: bool


class FixedVar(Scheduled, kw_only=True):
    """A fixed reactive power."""

    setpoint: Number
    unit: Unit


class FreqDroop(Scheduled, kw_only=True):
    """How active power follows the frequency."""

    over_freq: Number
    under_freq: Number
    over_droop: Number
    under_droop: Number
    response_time: Number


class Gradient(Said, kw_only=True):
    """How fast power may change, in percent of the maximum per s."""

    priority: Priority
    gradient: Number
    soft_gradient: Number


class LimitMaxDischarge(Scheduled, kw_only=True):
    """The most that may be fed back, in percent of the rated power."""

    pct_max_discharge_power: Number | UnsetType = UNSET
    power_monitoring_must_trip: Curve | UnsetType = UNSET
