"""Which charging profiles a station takes, and why not (OCPP 2.x K01, K28, Q03 - Q10; OCPP 1.6, 5.16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from msgspec import Struct

from voltherd.station.remote_control import Refusal
from voltherd.station.smart_charging.profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    OperationMode,
    Placed,
    Purpose,
    RateUnit,
    instant,
)


class Abilities(Struct, kw_only=True, frozen=True):
    """What a station can do with profiles.

    Attributes:
        phases: of each EVSE in order; 0 for DC.
        replaces_levels: a profile of the same purpose and level is replaced (1.6); otherwise it is a conflict (2.x).
        purposes: those beyond 2.0.1 that are supported.
        switches_phases: an EVSE can keep to fewer phases than it has (`Phases3to1`).
        chooses_phase: an EVSE can choose which phase to use (`ACPhaseSwitchingSupported`).
        balances_load: thresholds and offsets for LocalLoadBalancing are set.
        highest_external_id: ids up to this one are those of external limits (`MaxExternalConstraintsId`).
    """

    phases: tuple[int, ...]
    units: tuple[RateUnit, ...] = ("A", "W")
    max_level: int = 9
    max_periods: int = 24
    max_profiles: int = 20
    replaces_levels: bool = False
    purposes: tuple[Purpose, ...] = ("PriorityCharging", "LocalGeneration")
    modes: tuple[OperationMode, ...] = ("ChargingOnly",)
    dynamic: bool = True
    local_time: bool = True
    randomized_delay: bool = True
    limit_at_soc: bool = True
    evse_sleep: bool = False
    switches_phases: bool = True
    chooses_phase: bool = False
    balances_load: bool = False
    highest_external_id: int | None = None


class Running(NamedTuple):
    """The transaction of the EVSE in question: its id, and whether the vehicle has told its needs (ISO 15118)."""

    transaction_id: str
    told_needs: bool = False


_MODES_OF: Final[dict[str, tuple[OperationMode, ...]]] = {
    "PriorityCharging": ("ChargingOnly",),
    "ChargingStationMaxProfile": ("ChargingOnly",),
    "ChargingStationExternalConstraints": ("ChargingOnly", "ExternalLimits", "ExternalSetpoint"),
    "LocalGeneration": ("ChargingOnly", "ExternalLimits"),
}
"""Modes by purpose (OCPP 2.1, K 3.2); transactions may have all."""

_AMOUNTS: Final = (
    "limit",
    "limit_l2",
    "limit_l3",
    "discharge_limit",
    "discharge_limit_l2",
    "discharge_limit_l3",
    "setpoint",
    "setpoint_l2",
    "setpoint_l3",
    "setpoint_reactive",
    "setpoint_reactive_l2",
    "setpoint_reactive_l3",
)


def refusal(placed: Placed, book: Sequence[Placed], can: Abilities, running: Running | None) -> Refusal | None:
    """Say why a profile of the CSMS cannot be installed beside those of the book; None if it can."""
    profile = placed.profile
    if not 0 <= placed.evse_id <= len(can.phases):
        return Refusal("UnknownEvse", f"There is no EVSE {placed.evse_id}")
    return (
        _of_purpose(placed, can, running)
        or _of_kind(profile, can)
        or next((found for one in profile.charging_schedule if (found := _of_schedule(placed, one, can))), None)
        or _of_number(profile, running)
        or _conflict(placed, book, can)
    )


def replaced(placed: Placed, book: Iterable[Placed], can: Abilities) -> list[Placed]:
    """Give the profiles that a new one takes the place of (OCPP 2.x K01.FR.05; OCPP 1.6, 5.16.3)."""
    return [
        one for one in book if one.profile.id == placed.profile.id or (can.replaces_levels and _same_place(one, placed))
    ]


def _of_purpose(placed: Placed, can: Abilities, running: Running | None) -> Refusal | None:
    profile, purpose = placed.profile, placed.profile.charging_profile_purpose
    if purpose == "ChargingStationExternalConstraints":  # K01.FR.22
        return Refusal("InvalidProfile", "Limits of external systems are not set by the CSMS")
    if purpose in ("PriorityCharging", "LocalGeneration") and purpose not in can.purposes:  # K01.FR.120
        return Refusal("UnsupportedPurpose", f"{purpose} is not supported")
    if purpose == "ChargingStationMaxProfile":
        if placed.evse_id != 0:  # K04.FR.03
            return Refusal("InvalidProfile", "A ChargingStationMaxProfile is for EVSE 0")
        if profile.charging_profile_kind == "Relative":  # K01.FR.38
            return Refusal("InvalidProfile", "A ChargingStationMaxProfile cannot be relative")
    if purpose == "TxProfile":
        return _of_transaction(placed, can, running)
    return None


def _of_transaction(placed: Placed, can: Abilities, running: Running | None) -> Refusal | None:
    wanted = placed.profile.transaction_id
    if placed.evse_id == 0:  # K01.FR.16
        return Refusal("InvalidProfile", "A TxProfile is for one EVSE")
    if running is None:  # K01.FR.09
        return Refusal("TxNotFound", f"There is no transaction on EVSE {placed.evse_id}")
    if wanted is None and not can.replaces_levels:  # K01.FR.03; optional in 1.6
        return Refusal("InvalidProfile", "A TxProfile needs a transactionId")
    if wanted is not None and wanted != running.transaction_id:  # K01.FR.33
        return Refusal("TxNotFound", "There is another transaction on this EVSE")
    return None


def _of_kind(profile: ChargingProfile, can: Abilities) -> Refusal | None:
    kind = profile.charging_profile_kind
    if _from(profile) >= _to(profile):
        return Refusal("InvalidProfile", "A profile is valid from an earlier time than it is valid to")
    if not 0 <= profile.stack_level <= can.max_level:
        return Refusal("InvalidStackLevel", f"Stack levels are from 0 to {can.max_level}")
    if can.highest_external_id is not None and profile.id <= can.highest_external_id:  # K01.FR.81
        return Refusal("InvalidProfileId", f"Ids up to {can.highest_external_id} are those of external limits")
    if kind == "Recurring" and profile.recurrency_kind is None:
        return Refusal("InvalidProfile", "A recurring profile needs a recurrencyKind")
    if kind == "Dynamic":
        return _of_dynamic(profile, can)
    if profile.dyn_update_interval is not None or profile.dyn_update_time is not None:  # K01.FR.122, K28.FR.04
        return Refusal("InvalidProfile", "Only dynamic profiles are updated")
    return None


def _of_dynamic(profile: ChargingProfile, can: Abilities) -> Refusal | None:
    if not can.dynamic:  # K01.FR.121
        return Refusal("UnsupportedKind", "Dynamic profiles are not supported")
    periods = profile.charging_schedule[0].charging_schedule_period
    if len(profile.charging_schedule) != 1 or len(periods) != 1 or periods[0].start_period != 0:  # K28.FR.01 - FR.03
        return Refusal("InvalidSchedule", "A dynamic profile has one schedule of one period, from second 0 on")
    return None


def _of_number(profile: ChargingProfile, running: Running | None) -> Refusal | None:
    """More than one schedule is for a vehicle that chooses among them (K01.FR.34)."""
    if len(profile.charging_schedule) > 1 and (running is None or not running.told_needs):
        return Refusal("InvalidSchedule", "Several schedules need a vehicle that told its needs (ISO 15118)")
    return None


def _of_schedule(placed: Placed, schedule: ChargingSchedule, can: Abilities) -> Refusal | None:
    periods = schedule.charging_schedule_period
    if schedule.charging_rate_unit not in can.units:  # K01.FR.26
        return Refusal("UnsupportedRateUnit", f"{schedule.charging_rate_unit} is not supported")
    if len(periods) > can.max_periods:
        return Refusal("TooManyElements", f"At most {can.max_periods} periods")
    if periods[0].start_period != 0:  # K01.FR.31
        return _invalid("The first period starts at 0")
    if any(a.start_period >= b.start_period for a, b in pairwise(periods)):  # K01.FR.35
        return _invalid("Periods are in order of time")
    if schedule.duration is not None and schedule.duration <= 0:
        return _invalid("A schedule lasts for a second at least")
    return (
        _of_start(placed.profile, schedule, can)
        or _of_features(placed.profile, schedule, can)
        or next((found for one in periods if (found := _of_period(placed, schedule, one, can))), None)
    )


def _of_start(profile: ChargingProfile, schedule: ChargingSchedule, can: Abilities) -> Refusal | None:
    """Absolute and recurring schedules say when they start, relative ones do not; 1.6 stations were never strict."""
    kind = profile.charging_profile_kind
    if can.replaces_levels:
        return (
            _invalid("A recurring schedule needs a start")
            if kind == "Recurring" and not schedule.start_schedule
            else None
        )
    if kind in ("Absolute", "Recurring") and schedule.start_schedule is None:  # K01.FR.40
        return _invalid("An absolute or recurring schedule needs a start")
    if kind == "Relative" and schedule.start_schedule is not None:  # K01.FR.41
        return _invalid("A relative schedule has no start")
    return None


def _of_features(profile: ChargingProfile, schedule: ChargingSchedule, can: Abilities) -> Refusal | None:
    purpose = profile.charging_profile_purpose
    if purpose == "PriorityCharging" and schedule.duration is not None:  # K01.FR.70
        return _invalid("Priority charging has no duration")
    if schedule.use_local_time and not can.local_time:  # K01.FR.123
        return _invalid("useLocalTime is not supported")
    if schedule.randomized_delay:
        if not can.randomized_delay:  # K01.FR.124
            return _invalid("randomizedDelay is not supported")
        if purpose not in ("TxProfile", "TxDefaultProfile"):  # K01.FR.95
            return _invalid("randomizedDelay is for transactions")
    if schedule.limit_at_soc is not None and not can.limit_at_soc:  # K01.FR.125
        return _invalid("limitAtSoC is not supported")
    return None


def _of_period(
    placed: Placed, schedule: ChargingSchedule, period: ChargingSchedulePeriod, can: Abilities
) -> Refusal | None:
    where = f"Schedule {schedule.id}, period {period.start_period}"
    if period.evse_sleep and not can.evse_sleep:  # K01.FR.126
        return _invalid(f"{where}: evseSleep is not supported")
    if period.limit is not None and period.limit < 0:
        return _invalid(f"{where}: a limit is not negative")
    return (
        _of_mode(placed.profile, schedule, period, can)
        or of_setpoint(period, where)
        or _of_phases(placed.evse_id, period, can)
    )


def _of_mode(
    profile: ChargingProfile, schedule: ChargingSchedule, period: ChargingSchedulePeriod, can: Abilities
) -> Refusal | None:
    mode: OperationMode = period.operation_mode or "ChargingOnly"
    where = f"Schedule {schedule.id}, period {period.start_period}"
    allowed = _MODES_OF.get(profile.charging_profile_purpose)
    if allowed is not None and mode not in allowed:  # K01.FR.71, K 3.2
        return _invalid(f"{where}: {mode} is not for {profile.charging_profile_purpose}")
    if mode not in can.modes:  # Q09.FR.01, K01.FR.115
        reason = "UnsupportedParam" if mode == "LocalLoadBalancing" else "InvalidOperationMode"
        return Refusal(reason, f"{where}: {mode} is not supported")
    if mode == "ChargingOnly" and period.limit is None:
        return _invalid(f"{where}: ChargingOnly needs a limit")
    if mode == "CentralSetpoint" and period.setpoint is None:
        return _invalid(f"{where}: CentralSetpoint needs a setpoint")
    if mode in ("Idle", "LocalFrequency") and any(getattr(period, name) is not None for name in _AMOUNTS):
        return _invalid(f"{where}: {mode} has no limits or setpoints")  # Q08.FR.04, Q10.FR.02
    if mode == "LocalFrequency":
        return _of_frequency(schedule, period, where)
    if mode == "LocalLoadBalancing" and not can.balances_load:  # Q09.FR.02
        return Refusal("MissingDevModelInfo", f"{where}: thresholds of load balancing are not set")
    return None


def _of_frequency(schedule: ChargingSchedule, period: ChargingSchedulePeriod, where: str) -> Refusal | None:
    if period.v2x_baseline is None or len(period.v2x_freq_watt_curve or ()) < 2:  # Q08.FR.03
        return Refusal("NoFreqWattCurve", f"{where}: LocalFrequency needs a baseline and a curve")
    return None if schedule.charging_rate_unit == "W" else _invalid(f"{where}: LocalFrequency is in W")  # Q08.FR.05


def of_setpoint(period: ChargingSchedulePeriod, where: str) -> Refusal | None:
    """A setpoint is between the limits beside it (V2X.05)."""
    for suffix in ("", "_l2", "_l3"):
        setpoint = getattr(period, f"setpoint{suffix}")
        most, least = getattr(period, f"limit{suffix}"), getattr(period, f"discharge_limit{suffix}")
        if setpoint is not None and not (-inf if least is None else least) <= setpoint <= (
            inf if most is None else most
        ):
            return _invalid(f"{where}: the setpoint is beyond a limit")
    return None


def _of_phases(evse_id: int, period: ChargingSchedulePeriod, can: Abilities) -> Refusal | None:
    number, phase = period.number_phases, period.phase_to_use
    if number is None and phase is None:
        return None
    hardware = can.phases[evse_id - 1] if evse_id else max(can.phases, default=3)
    if hardware == 0:  # K01.FR.44; 1.6 has nothing against it
        return None if can.replaces_levels else Refusal("NoPhaseForDC", "Phases are not chosen for DC")
    if number is not None and not 1 <= number <= 3:
        return _invalid("Phases are from 1 to 3")
    if number is not None and number < hardware and not can.switches_phases:  # K01.FR.43
        return _invalid("The number of phases cannot be reduced")
    if phase is None:
        return None
    if number != 1 or not 1 <= phase <= 3:  # K01.FR.19
        return _invalid("A phase is chosen from 1 to 3 where one is used")
    return None if can.chooses_phase or phase == 1 else _invalid("The phase cannot be chosen")  # K01.FR.48


def _conflict(placed: Placed, book: Sequence[Placed], can: Abilities) -> Refusal | None:
    gone = replaced(placed, book, can)
    if any(one.source != "CSO" for one in gone):  # K01.FR.05
        return Refusal("InvalidProfileId", "This is the id of a limit of an external system")
    others = [one for one in book if one not in gone]
    if not can.replaces_levels and any(_duplicates(placed, one) for one in others):
        return Refusal("DuplicateProfile", "There is such a profile of this stack level")
    if any(_phases_conflict(placed, one) for one in others):
        return _invalid("Another profile chooses another phase")
    if len(others) >= can.max_profiles:
        return Refusal("TooManyElements", f"At most {can.max_profiles} profiles")
    return None


def _duplicates(placed: Placed, other: Placed) -> bool:
    """Tell whether two profiles could hold at the same time (K01.FR.06, FR.39, FR.52, FR.53)."""
    if _same_place(placed, other):
        return placed.profile.charging_profile_purpose == "TxProfile" or _overlap(placed.profile, other.profile)
    both = placed.profile.charging_profile_purpose == other.profile.charging_profile_purpose == "TxDefaultProfile"
    level = placed.profile.stack_level == other.profile.stack_level
    return both and level and (placed.evse_id == 0) != (other.evse_id == 0)


def _same_place(placed: Placed, other: Placed) -> bool:
    a, b = placed.profile, other.profile
    return (a.charging_profile_purpose, a.stack_level, placed.evse_id) == (
        b.charging_profile_purpose,
        b.stack_level,
        other.evse_id,
    )


def _overlap(a: ChargingProfile, b: ChargingProfile) -> bool:
    return max(_from(a), _from(b)) < min(_to(a), _to(b))


def _from(profile: ChargingProfile) -> float:
    return -inf if profile.valid_from is None else instant(profile.valid_from)


def _to(profile: ChargingProfile) -> float:
    return inf if profile.valid_to is None else instant(profile.valid_to)


def _phases_conflict(placed: Placed, other: Placed) -> bool:
    """Tell whether profiles of several purposes want several phases (K 3.8)."""
    if placed.profile.charging_profile_purpose == other.profile.charging_profile_purpose:
        return False
    if placed.evse_id != other.evse_id and 0 not in (placed.evse_id, other.evse_id):
        return False
    wanted, given = _phases_used(placed), _phases_used(other)
    return bool(wanted) and bool(given) and len(wanted | given) > 1


def _phases_used(placed: Placed) -> set[int]:
    return {
        period.phase_to_use
        for schedule in placed.profile.charging_schedule
        for period in schedule.charging_schedule_period
        if period.phase_to_use is not None
    }


def _invalid(info: str) -> Refusal:
    return Refusal("InvalidSchedule", info)
