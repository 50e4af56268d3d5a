"""Quirks: what certain stations do differently, as switches that the code acts on, gathered in profiles of a model.

A profile is chosen by vendor, model and firmware as the station told them when it booted; an operator may choose
another one for a station, and set single switches. Nothing here names a vendor: profiles are data.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from voltherd.domain.errors import Invalid

DEFAULT_PROFILE = "default"
ChosenBy = Literal["default", "boot", "operator"]


class Quirks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="kebab"):
    """The switches. Each is off (false, or nothing) for a station that keeps to the specification."""

    no_ping: bool = False
    """The station falls over WebSocket pings: none are sent, silence alone ends the lease (trap 6)."""
    no_boot_after_reconnect: bool = False
    """It connects anew without telling who it is: asked for a BootNotification on every connection (trap 10)."""
    no_trigger: bool = False
    """It falls over TriggerMessage: no rule of ours sends one. Operators still may."""
    connector_0_refused: bool = False
    """It refuses to change the availability of connector 0: each connector is asked at once (trap 12)."""
    measurands_one_by_one: bool = False
    """It refuses lists of measurands that hold one it does not know: they are tried one after another (trap 13)."""
    report_never_ends: bool = False
    """It never marks the last part of a report: a report that falls silent is complete (trap 16)."""
    soft_reset_ignored: bool = False
    """It accepts a soft reset and does nothing: without a session it is reset at once instead."""
    password_as_text: bool = False
    """OCPP 1.6: it takes a new password as text, not as hexadecimal digits (trap 4)."""
    stack_level_zero: bool = False
    """Charging profiles: it takes stack level 0 only (trap 36)."""
    relative_only: bool = False
    """Charging profiles: it takes the kind `Relative` only (trap 36)."""
    charging_rate_unit: Literal["A", "W"] | None = None
    """Charging profiles: the only unit it understands, whatever it says (traps 14, 36)."""
    timestamps_local_zone: str | None = None
    """It writes local time without a zone: the zone it stands in, such as `Europe/Berlin` (trap 29)."""
    heartbeat_interval_s: Annotated[int, Meta(ge=1, le=86_400)] | None = None
    """Its connections are cut when they are silent for long: the heartbeat interval that it is given, in s."""
    pause_between_calls_s: Annotated[float, Meta(gt=0, le=60)] | None = None
    """It loses calls that follow each other at once: the pause before each of ours, in s."""
    items_per_message: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """It takes fewer items in one message than it says, or does not say how many."""
    empty_samples: bool = False
    """It sends readings without any value: they are passed over, the rest is kept."""
    unknown_fields: bool = False
    """It sends fields that its version does not know: they are passed over, the rest is kept."""


class Tolerance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is let through although the schema forbids it."""

    words: dict[str, str] = field(default_factory=dict)
    """Fields that only describe: unknown words are kept; a valid word, with which the rest is decoded meanwhile.

    `Action.field` names the field of one action.
    """
    timestamps: tuple[str, ...] = ()
    """Fields whose timestamps may have an odd shape."""
    numbers: bool = False
    """Whether the value of a sample may be a number where text is wanted, and text where a number is."""
    empty_samples: bool = False
    unknown_fields: bool = False


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Regular expressions that the whole text must match, upper and lower case alike; left out: anything does."""

    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None

    @property
    def precision(self) -> int:
        """How much is asked: the profile that asks for most is chosen."""
        return sum(item is not None for item in (self.vendor, self.model, self.firmware))


class QuirkProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of station: what it does differently, and where that is known from."""

    name: str = ""
    title: str
    source: tuple[str, ...] = ()
    """Where it was reported; empty: a way of ours, for operators to choose."""
    when: When | None = None
    """None: never chosen by itself."""
    switches: Quirks = Quirks()
    tolerated: Tolerance = Tolerance()
    """Beside what the profile `default` tolerates."""


class QuirkChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an operator set for one station."""

    profile: str | None = None
    """None: as chosen by the station's boot."""
    switches: dict[str, Any] = field(default_factory=dict)
    """Switches that count whatever the profile says."""


class QuirksInForce(Struct, frozen=True, kw_only=True):
    """What holds for a station, and why."""

    profile: QuirkProfile
    chosen_by: ChosenBy
    overrides: dict[str, Any]
    switches: Quirks
    tolerated: Tolerance


class QuirkBook:
    """All profiles there are."""

    def __init__(self, profiles: Iterable[QuirkProfile] = ()) -> None:
        self._profiles = {profile.name: profile for profile in profiles}
        self._default = self._profiles.get(DEFAULT_PROFILE) or QuirkProfile(name=DEFAULT_PROFILE, title="Any station")
        self.in_force = lru_cache(maxsize=1024)(self._in_force)
        """See `_in_force`; stations of a kind share what was found."""

    @property
    def names(self) -> list[str]:
        """The names of all profiles, in order."""
        return sorted({DEFAULT_PROFILE, *self._profiles})

    def find(self, name: str) -> QuirkProfile:
        """Give a profile. Raises Invalid, naming those there are."""
        profile = self._profiles.get(name, self._default)
        if profile.name != name:
            raise Invalid(f"There is no quirk profile {name!r}; there are {', '.join(self.names)}.")
        return profile

    def choose(self, vendor: str, model: str, firmware: str) -> QuirkProfile:
        """Give the profile that asks for most of what the station told of itself; of equals the first by name."""
        fitting = [
            profile
            for name, profile in sorted(self._profiles.items())
            if profile.when is not None and _fits(profile.when, vendor, model, firmware)
        ]
        return max(fitting, key=lambda profile: profile.when.precision if profile.when else 0, default=self._default)

    def _in_force(self, chosen: str | None, vendor: str, model: str, firmware: str) -> QuirksInForce:
        """Say what holds for a station; `chosen` is what an operator set, as `written` wrote it."""
        choice = read(chosen)
        by_boot = self.choose(vendor, model, firmware)
        profile = by_boot if choice.profile is None else self._profiles.get(choice.profile, self._default)
        switches = _merged(profile.switches, choice.switches)
        chosen_by: ChosenBy = "default" if by_boot is self._default else "boot"
        return QuirksInForce(
            profile=profile,
            chosen_by="operator" if choice.profile is not None else chosen_by,
            overrides=choice.switches,
            switches=switches,
            tolerated=_tolerated(self._default.tolerated, profile.tolerated, switches),
        )

    def check(self, choice: QuirkChoice) -> None:
        """Raises Invalid where a profile or a switch is not known, or a value cannot be."""
        if choice.profile is not None:
            self.find(choice.profile)
        try:
            msgspec.convert(choice.switches, Quirks)
        except msgspec.ValidationError as error:
            known = ", ".join(Quirks.__struct_encode_fields__)
            raise Invalid(f"Quirks: {error}. The switches are {known}.") from None


def read(text: str | None) -> QuirkChoice:
    """Read what an operator set from a station's record; a bare name is that of a profile."""
    if not text:
        return QuirkChoice()
    return msgspec.json.decode(text, type=QuirkChoice) if text.startswith("{") else QuirkChoice(profile=text)


def written(choice: QuirkChoice) -> str | None:
    """Write what an operator set into a station's record; None where nothing is set."""
    if not choice.switches:
        return choice.profile
    return msgspec.json.encode(choice).decode()


def _fits(when: When, vendor: str, model: str, firmware: str) -> bool:
    asked = ((when.vendor, vendor), (when.model, model), (when.firmware, firmware))
    return all(pattern is None or re.fullmatch(pattern, text.strip(), re.IGNORECASE) for pattern, text in asked)


def _merged(switches: Quirks, overrides: dict[str, Any]) -> Quirks:
    known = {name: value for name, value in overrides.items() if name in Quirks.__struct_encode_fields__}
    try:
        return msgspec.convert({**msgspec.to_builtins(switches), **known}, Quirks)
    except msgspec.ValidationError:  # set under rules that hold no more
        return switches


def _tolerated(default: Tolerance, own: Tolerance, switches: Quirks) -> Tolerance:
    return Tolerance(
        words={**default.words, **own.words},
        timestamps=tuple(dict.fromkeys((*default.timestamps, *own.timestamps))),
        numbers=default.numbers or own.numbers,
        empty_samples=switches.empty_samples,
        unknown_fields=switches.unknown_fields,
    )
