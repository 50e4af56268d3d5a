"""Charging profiles and schedules as data, in the words of ChargingProfileType of OCPP 2.x (JSON is camelCase)."""

from typing import Any, Literal

from msgspec import Struct, field

Number = int | float
RateUnit = Literal["A", "W"]
Purpose = Literal[
    "ChargingStationExternalConstraints",
    "ChargingStationMaxProfile",
    "TxDefaultProfile",
    "TxProfile",
    "PriorityCharging",
    "LocalGeneration",
]
Kind = Literal["Absolute", "Recurring", "Relative", "Dynamic"]
OperationMode = Literal[
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
]
DAY_S = 86_400
RECURRENCE_S = {"Daily": DAY_S, "Weekly": 7 * DAY_S}


class Wireform(Struct, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """Base of what is written as OCPP 2.x writes it; None: not said."""


class ScheduleUpdate(Wireform, kw_only=True):
    """Current values of a dynamic profile (2.1 K28), in the unit of its schedule."""

    limit: Number | None = None
    limit_l2: Number | None = field(default=None, name="limit_L2")
    limit_l3: Number | None = field(default=None, name="limit_L3")
    discharge_limit: Number | None = None
    discharge_limit_l2: Number | None = field(default=None, name="dischargeLimit_L2")
    discharge_limit_l3: Number | None = field(default=None, name="dischargeLimit_L3")
    setpoint: Number | None = None
    setpoint_l2: Number | None = field(default=None, name="setpoint_L2")
    setpoint_l3: Number | None = field(default=None, name="setpoint_L3")
    setpoint_reactive: Number | None = None
    setpoint_reactive_l2: Number | None = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: Number | None = field(default=None, name="setpointReactive_L3")


class SchedulePeriod(Wireform, kw_only=True):
    """From `start_period` seconds after the schedule's start on; limits are per phase where the unit is A."""

    start_period: int
    limit: Number | None = None
    number_phases: int | None = None
    phase_to_use: int | None = None
    limit_l2: Number | None = field(default=None, name="limit_L2")
    limit_l3: Number | None = field(default=None, name="limit_L3")
    discharge_limit: Number | None = None
    discharge_limit_l2: Number | None = field(default=None, name="dischargeLimit_L2")
    discharge_limit_l3: Number | None = field(default=None, name="dischargeLimit_L3")
    setpoint: Number | None = None
    setpoint_l2: Number | None = field(default=None, name="setpoint_L2")
    setpoint_l3: Number | None = field(default=None, name="setpoint_L3")
    setpoint_reactive: Number | None = None
    setpoint_reactive_l2: Number | None = field(default=None, name="setpointReactive_L2")
    setpoint_reactive_l3: Number | None = field(default=None, name="setpointReactive_L3")
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: Number | None = None
    operation_mode: OperationMode | None = None
    v2x_freq_watt_curve: list[dict[str, Any]] | None = None
    v2x_signal_watt_curve: list[dict[str, Any]] | None = None
    custom_data: dict[str, Any] | None = None


class ChargingSchedule(Wireform, kw_only=True):
    """Periods in order of time; `duration` in s, `min_charging_rate` in the schedule's unit."""

    id: int
    charging_rate_unit: RateUnit
    charging_schedule_period: list[SchedulePeriod]
    start_schedule: str | None = None
    duration: int | None = None
    min_charging_rate: Number | None = None
    sales_tariff: dict[str, Any] | None = None
    limit_at_soc: dict[str, Any] | None = field(default=None, name="limitAtSoC")
    power_tolerance: Number | None = None
    signature_id: int | None = None
    digest_value: str | None = None
    use_local_time: bool | None = None
    randomized_delay: int | None = None
    absolute_price_schedule: dict[str, Any] | None = None
    price_level_schedule: dict[str, Any] | None = None
    custom_data: dict[str, Any] | None = None


class ChargingProfile(Wireform, kw_only=True):
    """A limit over time. Without `id`, the number of the command that sends it is taken."""

    id: int | None = None
    stack_level: int
    charging_profile_purpose: Purpose
    charging_profile_kind: Kind
    charging_schedule: list[ChargingSchedule]
    recurrency_kind: Literal["Daily", "Weekly"] | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    transaction_id: str | None = None
    max_offline_duration: int | None = None
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: int | None = None
    dyn_update_time: str | None = None
    price_schedule_signature: str | None = None
    custom_data: dict[str, Any] | None = None
