"""What a charging profile must keep to before it is sent, and how it is made to fit a station (functional block K).

Each broken rule is a sentence that ends with the rule's number. All functions are pure; raw calls never come here.
"""

import itertools
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.domain.charging_needs import LEAD_S, ChargingNeeds
from voltherd.domain.charging_profile import MAX_PROFILE_ID, InstalledProfile
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, RateUnit, SchedulePeriod
from voltherd.domain.time import format_ms, parse_timestamp

DEFAULT_PHASES = 3
"""What a station assumes where a period names none (K01.FR.49)."""
NOW_TOLERANCE_S = 10
_SINCE_21_PURPOSES = ("PriorityCharging", "LocalGeneration")
_OF_20 = {
    ChargingProfile: {
        "id",
        "stackLevel",
        "chargingProfilePurpose",
        "chargingProfileKind",
        "recurrencyKind",
        "validFrom",
        "validTo",
        "transactionId",
        "chargingSchedule",
        "customData",
    },
    ChargingSchedule: {
        "id",
        "startSchedule",
        "duration",
        "chargingRateUnit",
        "minChargingRate",
        "chargingSchedulePeriod",
        "salesTariff",
        "customData",
    },
    SchedulePeriod: {"startPeriod", "limit", "numberPhases", "phaseToUse", "customData"},
}
_NOT_OF_16 = {"salesTariff", "customData", "phaseToUse"}


class StationLimits(Struct, frozen=True, kw_only=True):
    """What a station's device model, or its 1.6 configuration, says of profiles; None: it said nothing."""

    units: frozenset[str] = frozenset()
    max_stack_level: int | None = None
    max_periods: int | None = None
    max_profiles: int | None = None
    max_external_id: int | None = None
    phase_switching: bool | None = None
    purposes: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    """Names of `Supports...` variables that are false."""


def always(profile: ChargingProfile, evse_no: int) -> Iterator[str]:
    """Give the rules that a profile breaks at any station."""
    purpose, kind = profile.charging_profile_purpose, profile.charging_profile_kind
    if profile.id is None or not 0 < profile.id <= MAX_PROFILE_ID:
        yield f"The profile's id must be between 1 and {MAX_PROFILE_ID}."
    if profile.stack_level < 0:
        yield "The stack level is 0 or more."
    if purpose == "ChargingStationExternalConstraints":
        yield "ChargingStationExternalConstraints is for limits that others set; a CSMS must not use it (K01.FR.22)."
    if purpose == "TxProfile":
        if not profile.transaction_id:
            yield "A TxProfile needs the transaction that it is for (K01.FR.03)."
        if evse_no < 1:
            yield "A TxProfile is for one EVSE, not for the station as a whole (K01.FR.16)."
    elif profile.transaction_id:
        yield f"Only a TxProfile belongs to a transaction, not a {purpose} (K01.FR.03)."
    if purpose == "ChargingStationMaxProfile":
        if evse_no != 0:
            yield "A ChargingStationMaxProfile is for the station as a whole: EVSE 0 (K01)."
        if kind == "Relative":
            yield "A ChargingStationMaxProfile cannot be Relative (K01.FR.38)."
    if kind == "Recurring" and profile.recurrency_kind is None:
        yield "A Recurring profile needs recurrencyKind (K01)."
    if kind != "Recurring" and profile.recurrency_kind is not None:
        yield f"Only a Recurring profile has recurrencyKind, not a {kind} one (K01)."
    yield from _validity(profile)
    yield from _dynamic(profile)
    if not 1 <= len(profile.charging_schedule) <= 3:
        yield "A profile has one to three schedules (K01)."
    for schedule in profile.charging_schedule:
        yield from _schedule(profile, schedule)


def _validity(profile: ChargingProfile) -> Iterator[str]:
    begin, end = instant(profile.valid_from), instant(profile.valid_to)
    if begin is not None and end is not None and end <= begin:
        yield "validTo must be later than validFrom (K01.FR.36, K01.FR.37)."


def _dynamic(profile: ChargingProfile) -> Iterator[str]:
    if profile.charging_profile_kind != "Dynamic":
        if profile.dyn_update_interval is not None or profile.dyn_update_time is not None:
            yield "Only a Dynamic profile has dynUpdateInterval and dynUpdateTime (K01.FR.122)."
        return
    schedules = profile.charging_schedule
    if len(schedules) != 1 or len(schedules[0].charging_schedule_period) != 1:
        yield "A Dynamic profile has one schedule with one period (K28.FR.01)."


def _schedule(profile: ChargingProfile, schedule: ChargingSchedule) -> Iterator[str]:
    purpose, kind, periods = (
        profile.charging_profile_purpose,
        profile.charging_profile_kind,
        schedule.charging_schedule_period,
    )
    if kind in ("Absolute", "Recurring") and schedule.start_schedule is None:
        yield f"A schedule that is {kind} needs startSchedule (K01.FR.40)."
    if kind == "Relative" and schedule.start_schedule is not None:
        yield "A Relative schedule has no startSchedule (K01.FR.41)."
    if not periods:
        yield "A schedule needs at least one period (K01)."
        return
    if periods[0].start_period != 0:
        yield "The first period of a schedule starts at 0 (K01.FR.31)."
    starts = [period.start_period for period in periods]
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        yield "The periods of a schedule are in order of startPeriod, each later than the one before (K01.FR.35)."
    if any(period.phase_to_use is not None and period.number_phases != 1 for period in periods):
        yield "phaseToUse goes with numberPhases 1 only (K01.FR.19)."
    if purpose == "PriorityCharging":
        if schedule.duration is not None:
            yield "A PriorityCharging schedule has no duration (K01.FR.70)."
        if any(period.operation_mode not in (None, "ChargingOnly") for period in periods):
            yield "A PriorityCharging schedule has the operation mode ChargingOnly (K01.FR.71)."
    if schedule.randomized_delay and purpose not in ("TxProfile", "TxDefaultProfile"):
        yield "Only TxProfile and TxDefaultProfile have a randomizedDelay (K01.FR.95)."


def no_discharging(profile: ChargingProfile) -> Iterator[str]:
    """Give what a profile says of discharging, for versions that know of charging only: 2.1 has negative limits."""
    schedules = profile.charging_schedule
    numbers = [period.limit for period in periods_of(profile)] + [schedule.min_charging_rate for schedule in schedules]
    if any(number is not None and number < 0 for number in numbers):
        yield "A limit is 0 or more: limits below 0 are for discharging, which came with OCPP 2.1 (Q02)."


def at_station(profile: ChargingProfile, limits: StationLimits) -> Iterator[str]:
    """Give the limits of the station that a profile goes beyond, and features that it said it lacks."""
    if limits.max_stack_level is not None and profile.stack_level > limits.max_stack_level:
        yield f"The station takes stack levels up to {limits.max_stack_level} (ProfileStackLevel)."
    most = max((len(schedule.charging_schedule_period) for schedule in profile.charging_schedule), default=0)
    if limits.max_periods is not None and most > limits.max_periods:
        yield f"The station takes {limits.max_periods} periods per schedule, here are {most} (PeriodsPerSchedule)."
    if limits.max_external_id is not None and (profile.id or 0) <= limits.max_external_id:
        yield f"Ids up to {limits.max_external_id} are the station's own (K01.FR.80)."
    purpose = profile.charging_profile_purpose
    if purpose in _SINCE_21_PURPOSES and limits.purposes is not None and purpose not in limits.purposes:
        yield f"The station does not support the purpose {purpose} (K01.FR.120)."
    for variable, used, rule in _features(profile):
        if used and variable in limits.refused:
            yield f"The station does not support this: {variable} is false ({rule})."
    if limits.phase_switching is False and any(period.phase_to_use is not None for period in periods_of(profile)):
        yield "The station cannot choose the phase: ACPhaseSwitchingSupported is not true (K01.FR.20)."


def _features(profile: ChargingProfile) -> Iterable[tuple[str, bool, str]]:
    schedules, periods = profile.charging_schedule, list(periods_of(profile))
    return (
        ("SupportsDynamicProfiles", profile.charging_profile_kind == "Dynamic", "K01.FR.121"),
        ("SupportsUseLocalTime", any(schedule.use_local_time for schedule in schedules), "K01.FR.123"),
        ("SupportsRandomizedDelay", any(schedule.randomized_delay for schedule in schedules), "K01.FR.124"),
        ("SupportsLimitAtSoC", any(schedule.limit_at_soc for schedule in schedules), "K01.FR.125"),
        ("SupportsEvseSleep", any(period.evse_sleep for period in periods), "K01.FR.126"),
        ("SupportsMaxOfflineDuration", profile.max_offline_duration is not None, "K01.FR.101"),
    )


def beside(
    profile: ChargingProfile, evse_no: int, others: Iterable[InstalledProfile], limits: StationLimits
) -> Iterator[str]:
    """Give the rules that a profile breaks beside those that are installed already."""
    rest = [other for other in others if other.in_force and profile.id not in (other.profile_id, other.part_of)]
    for other in rest:
        if other.stack_level != profile.stack_level or other.purpose != profile.charging_profile_purpose:
            continue
        if profile.charging_profile_purpose == "TxProfile":
            if other.transaction_id == profile.transaction_id:
                yield f"Profile {other.profile_id} has this stack level for the same transaction (K01.FR.39)."
        elif _overlap(profile, other.profile):
            if other.evse_no == evse_no:
                yield f"Profile {other.profile_id} has this purpose, stack level and time on the EVSE (K01.FR.06)."
            elif profile.charging_profile_purpose == "TxDefaultProfile" and 0 in (other.evse_no, evse_no):
                rule = "K01.FR.52" if evse_no == 0 else "K01.FR.53"
                where = f"EVSE {other.evse_no}" if other.evse_no else "the whole station"
                yield f"Profile {other.profile_id} is a default of this stack level for {where} ({rule})."
    yield from room(profile, others, limits)


def one_schedule(profile: ChargingProfile, needs: ChargingNeeds | None) -> Iterator[str]:
    """Say so where there are several schedules, and the vehicle did not tell its needs for this transaction."""
    told = needs is not None and needs.transaction_id == profile.transaction_id
    if len(profile.charging_schedule) > 1 and not told:
        yield "Several schedules are for vehicles that told their needs (ISO 15118); else there is one (K01.FR.34)."


def room(profile: ChargingProfile, others: Iterable[InstalledProfile], limits: StationLimits) -> Iterator[str]:
    """Say so where the station holds as many profiles as it can."""
    there = {other.profile_id for other in others if other.in_force} - {profile.id}
    if limits.max_profiles is not None and len(there) >= limits.max_profiles:
        yield f"The station holds {len(there)} profiles and takes no more than {limits.max_profiles}."


def _overlap(one: ChargingProfile, other: ChargingProfile) -> bool:
    def before(first: ChargingProfile, second: ChargingProfile) -> bool:
        end, begin = instant(first.valid_to), instant(second.valid_from)
        return end is not None and begin is not None and end <= begin

    return not before(one, other) and not before(other, one)


# -- versions ---------------------------------------------------------------------------------------------------------


def beyond_20(profile: ChargingProfile) -> list[str]:
    """Name what OCPP 2.0.1 has no words for."""
    found = sorted(_unknown(profile, frozenset()))
    if profile.charging_profile_purpose in _SINCE_21_PURPOSES:
        found.append(profile.charging_profile_purpose)
    if profile.charging_profile_kind == "Dynamic":
        found.append("Dynamic")
    return found


def beyond_16(profile: ChargingProfile) -> list[str]:
    """Name what OCPP 1.6 has no words for."""
    found = sorted(set(beyond_20(profile)) | set(_unknown(profile, frozenset(_NOT_OF_16))))
    if len(profile.charging_schedule) > 1:
        found.append("more than one chargingSchedule")
    if any(period.limit is None for period in periods_of(profile)):
        found.append("a period without limit")
    return found


def _unknown(profile: ChargingProfile, less: frozenset[str]) -> Iterator[str]:
    parts: list[Struct] = [profile, *profile.charging_schedule, *periods_of(profile)]
    for part in parts:
        known = _OF_20[type(part)] - less
        yield from (name for name in msgspec.to_builtins(part) if name not in known)


# -- fitting ----------------------------------------------------------------------------------------------------------


def periods_of(profile: ChargingProfile) -> Iterator[SchedulePeriod]:
    """Give the periods of all schedules."""
    for schedule in profile.charging_schedule:
        yield from schedule.charging_schedule_period


def instant(text: str | None) -> int | None:
    """Read an optional timestamp, in ms; None where there is none or it cannot be read."""
    return None if text is None else parse_timestamp(text)


def begun(profile: ChargingProfile, now_ms: int) -> ChargingProfile:
    """Let absolute schedules that start about now start a little in the past (interop trap 37).

    The first period grows by as much; everything after it stays where it was.
    """
    if profile.charging_profile_kind != "Absolute":
        return profile
    schedules = [_begun(schedule, now_ms) for schedule in profile.charging_schedule]
    return replace(profile, charging_schedule=schedules)


def _begun(schedule: ChargingSchedule, now_ms: int) -> ChargingSchedule:
    start_ms = instant(schedule.start_schedule)
    wanted_ms = now_ms - LEAD_S * 1000
    if start_ms is None or not wanted_ms < start_ms <= now_ms + NOW_TOLERANCE_S * 1000:
        return schedule
    earlier_s = -(-(start_ms - wanted_ms) // 1000)
    first, *later = schedule.charging_schedule_period
    return replace(
        schedule,
        start_schedule=format_ms(start_ms - earlier_s * 1000),
        duration=None if schedule.duration is None else schedule.duration + earlier_s,
        charging_schedule_period=[
            first,
            *(replace(period, start_period=period.start_period + earlier_s) for period in later),
        ],
    )


def units_of(profile: ChargingProfile) -> set[RateUnit]:
    """Give the units of all schedules."""
    return {schedule.charging_rate_unit for schedule in profile.charging_schedule}


def convertible(profile: ChargingProfile) -> bool:
    """Whether limits are all that a change of the unit concerns."""
    plain = {"startPeriod", "limit", "numberPhases", "phaseToUse", "customData"}
    return all(set(msgspec.to_builtins(period)) <= plain for period in periods_of(profile)) and not any(
        schedule.limit_at_soc for schedule in profile.charging_schedule
    )


def converted(profile: ChargingProfile, unit: RateUnit, voltage_v: float) -> ChargingProfile:
    """Give the same limits in another unit: W = A x V x phases (K01.FR.50, K01.FR.51); never more than before."""
    schedules = [_converted(schedule, unit, voltage_v) for schedule in profile.charging_schedule]
    return replace(profile, charging_schedule=schedules)


def _converted(schedule: ChargingSchedule, unit: RateUnit, voltage_v: float) -> ChargingSchedule:
    if schedule.charging_rate_unit == unit:
        return schedule

    def change(value: float | None, phases: int | None) -> float | None:
        factor = voltage_v * (phases or DEFAULT_PHASES)
        return None if value is None else tenths(value * factor if unit == "W" else value / factor)

    periods = [
        replace(period, limit=change(period.limit, period.number_phases))
        for period in schedule.charging_schedule_period
    ]
    phases = schedule.charging_schedule_period[0].number_phases if schedule.charging_schedule_period else None
    return replace(
        schedule,
        charging_rate_unit=unit,
        charging_schedule_period=periods,
        min_charging_rate=change(schedule.min_charging_rate, phases),
    )


def tenths(value: float) -> float:
    """Round down to one decimal, as far as floating point lets see; 1.6 knows no finer limits."""
    return int(value * 10 + 1e-6) / 10 if value >= 0 else -tenths(-value)
