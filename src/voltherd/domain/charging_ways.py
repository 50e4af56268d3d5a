"""Ways around refusals: what some stations want of a profile that the standard does not ask for (interop trap 36).

Each way is a name, kept among the flags of a station once it helped, and a change of the profile.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from voltherd.domain.charging_profile import PARTS_FROM
from voltherd.domain.charging_rules import converted, convertible, instant, periods_of, units_of
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule

PER_CONNECTOR: Final = "profiles-per-connector"
STATION_ONLY: Final = "profiles-connector-0-only"
STACK_LEVEL_0: Final = "profiles-stack-level-0"
RELATIVE: Final = "profiles-relative-only"
WATTS: Final = "profiles-watts-only"
AMPS: Final = "profiles-amps-only"
WITHOUT_PHASES: Final = "profiles-without-phases"
PLACES: Final = (PER_CONNECTOR, STATION_ONLY)
"""Ways that change where a default profile goes, not the profile."""
WAYS: Final = (*PLACES, STACK_LEVEL_0, RELATIVE, WATTS, AMPS, WITHOUT_PHASES)
MAX_RETRIES: Final = 4
_BY_REASON: Final[dict[str, tuple[str, ...]]] = {
    "UnsupportedRateUnit": (WATTS, AMPS),
    "InvalidStackLevel": (STACK_LEVEL_0,),
    "UnsupportedKind": (RELATIVE,),
    "NoPhaseForDC": (WITHOUT_PHASES,),
}
_FINAL: Final = frozenset(
    {
        "DuplicateProfile",
        "InvalidMessageSeq",
        "InvalidProfileId",
        "RateLimitExceeded",
        "TxNotFound",
        "UnknownEvse",
        "UnknownEVSE",
        "UnsupportedPurpose",
    }
)
"""Reasons that no other form of the profile changes."""


def helpful(reason: str) -> tuple[str, ...]:
    """Give the ways that may help against a refusal with this reason code (empty: none was given)."""
    return () if reason in _FINAL else _BY_REASON.get(reason, WAYS)


def altered(
    profile: ChargingProfile, way: str, *, voltage_v: float, transaction_start_ms: int | None
) -> ChargingProfile | None:
    """Give the profile as a way wants it; None where the way changes nothing, or would change what it means."""
    if way == STACK_LEVEL_0:
        return replace(profile, stack_level=0) if profile.stack_level > 0 else None
    if way == RELATIVE:
        return _relative(profile, transaction_start_ms)
    if way in (WATTS, AMPS):
        unit = "W" if way == WATTS else "A"
        changes = units_of(profile) != {unit} and convertible(profile)
        return converted(profile, "W" if way == WATTS else "A", voltage_v) if changes else None
    if way == WITHOUT_PHASES:
        return _without_phases(profile)
    return None


def _relative(profile: ChargingProfile, transaction_start_ms: int | None) -> ChargingProfile | None:
    """Count from the transaction's start; without one only a limit that never changes can be said so."""
    if profile.charging_profile_kind != "Absolute" or profile.charging_profile_purpose == "ChargingStationMaxProfile":
        return None
    schedules = [_counted(schedule, transaction_start_ms) for schedule in profile.charging_schedule]
    found = [schedule for schedule in schedules if schedule is not None]
    if len(found) < len(schedules):
        return None
    return replace(profile, charging_profile_kind="Relative", charging_schedule=found)


def _counted(schedule: ChargingSchedule, transaction_start_ms: int | None) -> ChargingSchedule | None:
    start_ms, periods = instant(schedule.start_schedule), schedule.charging_schedule_period
    if start_ms is None:
        return None
    if transaction_start_ms is None:
        constant = len(periods) == 1 and schedule.duration is None
        return replace(schedule, start_schedule=None) if constant else None
    offset_s = (start_ms - transaction_start_ms) // 1000
    if schedule.duration is not None and schedule.duration + offset_s <= 0:
        return None
    before = [period for period in periods if period.start_period + offset_s <= 0][-1:] or periods[:1]
    after = [period for period in periods if period.start_period + offset_s > 0 and period is not before[0]]
    return replace(
        schedule,
        start_schedule=None,
        duration=None if schedule.duration is None else schedule.duration + offset_s,
        charging_schedule_period=[
            replace(before[0], start_period=0),
            *(replace(period, start_period=period.start_period + offset_s) for period in after),
        ],
    )


def _without_phases(profile: ChargingProfile) -> ChargingProfile | None:
    if all(period.number_phases is None for period in periods_of(profile)):
        return None
    schedules = [
        replace(
            schedule,
            charging_schedule_period=[
                replace(period, number_phases=None, phase_to_use=None) for period in schedule.charging_schedule_period
            ],
        )
        for schedule in profile.charging_schedule
    ]
    return replace(profile, charging_schedule=schedules)


def places(profile: ChargingProfile, way: str, evse_no: int, evses: Iterable[int]) -> list[tuple[int, ChargingProfile]]:
    """Give where a default profile goes by a way, each with a profile of its own; none where the way does not apply.

    A station replaces what has the same id, so copies for several connectors get ids of ours.
    """
    known = sorted(number for number in evses if number > 0)
    if profile.charging_profile_purpose != "TxDefaultProfile":
        return []
    if way == STATION_ONLY:
        return [(0, profile)] if evse_no and known in ([], [evse_no]) else []
    if way != PER_CONNECTOR or evse_no or not known:
        return []
    if len(known) == 1:
        return [(known[0], profile)]
    return [(number, replace(profile, id=part_id(profile.id or 0, number))) for number in known]


def part_id(profile_id: int, evse_no: int) -> int:
    """Give the id of a profile's copy for one connector."""
    return PARTS_FROM + profile_id % 0x10_0000 * 64 + evse_no % 64


def known_ways(flags: Iterable[str]) -> Iterator[str]:
    """Give the ways that helped at a station before, those that change the profile first."""
    there = set(flags)
    yield from (way for way in WAYS if way in there and way not in PLACES)
    yield from (way for way in PLACES if way in there)
