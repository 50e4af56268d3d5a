"""Charging profiles and schedules of the station, in the words of ChargingProfileType of OCPP 2.1.

They say what every version can say: 2.0.1 leaves fields out, 1.6 is translated in `station.v16.smart_charging`.
Encoded with msgspec they are the JSON of OCPP 2.1; so they are kept in the storage and handed to the wire types.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from msgspec import Struct, field

from voltherd.ocpp.scalars import Number
from voltherd.ocpp.v2.enums import ChargingProfilePurposeEnumType, OperationModeEnumType

RateUnit = Literal["A", "W"]
Purpose = ChargingProfilePurposeEnumType
Kind = Literal["Absolute", "Recurring", "Relative", "Dynamic"]
Recurrency = Literal["Daily", "Weekly"]
OperationMode = OperationModeEnumType

RECURRENCE_S: Final = {"Daily": 86_400, "Weekly": 604_800}

FOR_TRANSACTIONS: Final = ("TxProfile", "TxDefaultProfile", "PriorityCharging")
"""Purposes of which at most one counts for a transaction at a time."""

PERSISTENT: Final = ("ChargingStationMaxProfile", "TxDefaultProfile", "PriorityCharging", "TxProfile")
"""Purposes that survive a power cut (OCPP 2.1 K01.FR.27, OCPP 1.6 errata 3.37); TxProfile with its transaction."""


class Wireform(Struct, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """Base of what is written as OCPP 2.1 writes it; None: not said."""


class CurvePoint(Wireform, kw_only=True):
    """A point of `v2xFreqWattCurve` (`frequency` in Hz) or `v2xSignalWattCurve` (`signal`); `power` in watts."""

    power: Number
    frequency: Number | None = None
    signal: int | None = None


class LimitAtSoC(Wireform, kw_only=True):
    """From this state of charge on (percent), limits are capped; in the unit of the schedule."""

    soc: int
    limit: Number


class ScheduleUpdate(Wireform, kw_only=True):
    """Current values of a dynamic profile, in the unit of its schedule (OCPP 2.1 K28)."""

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


class ChargingSchedulePeriod(ScheduleUpdate, kw_only=True):
    """Holds from `start_period` seconds after the schedule's start on.

    Amperes are per phase, watts those of all phases together; with values for L2 and L3 the first value is that of L1.
    Discharge limits are negative. In a composite schedule no `limit` means that nobody limits.
    """

    start_period: int
    number_phases: int | None = None
    phase_to_use: int | None = None
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: Number | None = None
    operation_mode: OperationMode | None = None
    v2x_freq_watt_curve: list[CurvePoint] | None = None
    v2x_signal_watt_curve: list[CurvePoint] | None = None
    custom_data: dict[str, Any] | None = None


class ChargingSchedule(Wireform, kw_only=True):
    """Periods in order of time; `duration` and `randomized_delay` in seconds."""

    id: int
    charging_rate_unit: RateUnit
    charging_schedule_period: list[ChargingSchedulePeriod]
    start_schedule: str | None = None
    duration: int | None = None
    min_charging_rate: Number | None = None
    sales_tariff: dict[str, Any] | None = None
    limit_at_soc: LimitAtSoC | None = field(default=None, name="limitAtSoC")
    power_tolerance: Number | None = None
    signature_id: int | None = None
    digest_value: str | None = None
    use_local_time: bool | None = None
    randomized_delay: int | None = None
    absolute_price_schedule: dict[str, Any] | None = None
    price_level_schedule: dict[str, Any] | None = None
    custom_data: dict[str, Any] | None = None


class ChargingProfile(Wireform, kw_only=True):
    """A limit over time. Durations and intervals in seconds, instants as OCPP writes them."""

    id: int
    stack_level: int
    charging_profile_purpose: Purpose
    charging_profile_kind: Kind
    charging_schedule: list[ChargingSchedule]
    recurrency_kind: Recurrency | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    transaction_id: str | None = None
    max_offline_duration: int | None = None
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: int | None = None
    dyn_update_time: str | None = None
    price_schedule_signature: str | None = None
    custom_data: dict[str, Any] | None = None


class Placed(Struct, kw_only=True, omit_defaults=True, gc=False):
    """A profile where it is in force.

    Attributes:
        evse_id: 0 is the station: all EVSEs together, or each of them for a TxDefaultProfile.
        source: who set it, in words of ChargingLimitSource (CSO, EMS, SO, Other).
        selected: index of the schedule that counts; a vehicle chooses among up to three (ISO 15118).
        delays_s: how much later than planned each period begins (`randomizedDelay`, OCPP 2.1 K01.FR.92), if so.
    """

    profile: ChargingProfile
    evse_id: int
    source: str = "CSO"
    selected: int = 0
    delays_s: tuple[int, ...] = ()

    @property
    def schedule(self) -> ChargingSchedule:
        """The schedule that counts."""
        schedules = self.profile.charging_schedule
        return schedules[self.selected] if self.selected < len(schedules) else schedules[0]


def applies(placed: Placed, evse_id: int, transaction_id: str | None) -> bool:
    """Tell whether a profile has a say about an EVSE (0: the station as a whole) with that transaction, if any."""
    purpose = placed.profile.charging_profile_purpose
    if purpose == "TxProfile":
        return evse_id != 0 and placed.evse_id == evse_id and placed.profile.transaction_id == transaction_id
    if evse_id == 0:
        return placed.evse_id == 0 and purpose not in FOR_TRANSACTIONS
    return placed.evse_id in (0, evse_id)


@lru_cache(maxsize=4096)
def instant(text: str) -> float:
    """Give the seconds since 1970 (UTC) of an OCPP timestamp; without a zone it is UTC.

    Raises:
        ValueError: it is no timestamp.
    """
    return _parse(text).timestamp()


@lru_cache(maxsize=4096)
def local_instant(text: str) -> float:
    """Give the seconds since 1970 on the local clock, whatever zone stands there (OCPP 2.1 K01.FR.90).

    Raises:
        ValueError: it is no timestamp.
    """
    return _parse(text).replace(tzinfo=UTC).timestamp()


def _parse(text: str) -> datetime:
    moment = datetime.fromisoformat(text.upper().replace(":60", ":59", 1) if ":59:60" in text else text.upper())
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
