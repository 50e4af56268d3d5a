"""DER controls and which of them count: defaults, schedules, priorities, superseding (OCPP 2.1 R04, chapter R 2.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any, Final, get_args

from msgspec import Struct

from voltherd.ocpp.v2.enums import DERControlEnumType
from voltherd.station.smart_charging.profile import instant

DerKind = DERControlEnumType

FOLLOWED: Final[tuple[DerKind, ...]] = (
    "EnterService",
    "FreqDroop",
    "FreqWatt",
    "FixedPFAbsorb",
    "FixedPFInject",
    "FixedVar",
    "Gradients",
    "HFMustTrip",
    "HVMustTrip",
    "LimitMaxDischarge",
    "LFMustTrip",
    "LVMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattVar",
)
"""What a station can follow."""

DEFAULT_ONLY: Final[tuple[DerKind, ...]] = ("EnterService", "Gradients")
"""Settings without a schedule."""

FIELD_OF: Final[dict[str, str]] = {
    **dict.fromkeys(get_args(DerKind), "curve"),
    "EnterService": "enterService",
    "FreqDroop": "freqDroop",
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "Gradients": "gradient",
    "LimitMaxDischarge": "limitMaxDischarge",
}
"""The field of SetDERControl that holds a kind of control."""


class DerControl(Struct, kw_only=True, omit_defaults=True):
    """One control.

    Attributes:
        settings: the object of SetDERControl that describes it, as JSON.
        start, end: seconds since 1970 of its schedule; a default has none.
        is_started: its start was reached.
    """

    id: str
    kind: DerKind
    is_default: bool
    priority: int
    settings: dict[str, Any]
    start: float = -inf
    end: float = inf
    is_superseded: bool = False
    is_started: bool = False

    def is_active(self, at: float) -> bool:
        """Whether its schedule runs, and nothing has superseded it."""
        return not self.is_superseded and self.start <= at < self.end


def control(
    control_id: str, kind: DerKind, *, is_default: bool, settings: dict[str, Any], now: float
) -> DerControl | str:
    """Make a control of what a request says; a text says why it cannot be."""
    starts, lasts = settings.get("startTime"), settings.get("duration")
    made = DerControl(id=control_id, kind=kind, is_default=is_default, priority=settings["priority"], settings=settings)
    if is_default:
        return made
    if kind in DEFAULT_ONLY:
        return f"{kind} is a default only"
    if starts is None or lasts is None:
        return "A scheduled control has a startTime and a duration"
    made.start = instant(starts)
    made.end = made.start + lasts
    made.is_started = made.start <= now
    return made if made.end > now else "The schedule of this control has passed"


def supersede(new: DerControl, others: Sequence[DerControl], now: float) -> list[str]:
    """Mark what a new control supersedes, or the new one itself; gives the ids (R04.FR.03, FR.06 - FR.08).

    A lower number is a higher priority; of equal ones the newer counts.
    """
    found: list[str] = []
    for other in others:
        if other.kind != new.kind or other.is_default != new.is_default or other.is_superseded:
            continue
        runs = not other.is_default and other.is_active(now)
        if other.priority < new.priority:
            if other.is_default or runs or _overlap(new, other):
                new.is_superseded = True
                return [new.id]
        elif not runs or new.start <= now:
            other.is_superseded = True
            found.append(other.id)
    return found


def begin(new: DerControl, others: Iterable[DerControl]) -> list[str]:
    """A scheduled control starts: those that still run are superseded; gives their ids (R04.FR.07, FR.21)."""
    found = []
    new.is_started = True
    for other in others:
        same = other is not new and other.kind == new.kind and not other.is_default
        if same and other.is_started and not other.is_superseded:
            other.is_superseded = True
            found.append(other.id)
    return found


def in_force(controls: Iterable[DerControl], now: float) -> dict[DerKind, DerControl]:
    """Give what counts now, by kind: the scheduled one that runs, else the default (R04.FR.09, FR.11)."""
    found: dict[DerKind, DerControl] = {}
    for one in controls:
        if one.is_active(now) and (one.kind not in found or found[one.kind].is_default):
            found[one.kind] = one
    return found


def _overlap(one: DerControl, other: DerControl) -> bool:
    return max(one.start, other.start) < min(one.end, other.end)
