"""How a charging profile gets to a station of any version: checked, fitted, sent, and sent otherwise if refused."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from voltherd.domain.charging_profile import SetChargingProfile
from voltherd.domain.charging_rules import (
    DEFAULT_PHASES,
    StationLimits,
    begun,
    converted,
    convertible,
    no_discharging,
    units_of,
)
from voltherd.domain.charging_schedule import ChargingProfile, RateUnit
from voltherd.domain.charging_ways import AMPS, MAX_RETRIES, PLACES, WATTS, altered, helpful, known_ways, places
from voltherd.domain.commands import Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.gateway.quirks import ways_of
from voltherd.gateway.routing import Caller
from voltherd.gateway.translating import outcome
from voltherd.services.charging_profiles import NOT_THERE, ChargingProfiles

S = TypeVar("S", bound=Struct)
T = TypeVar("T")


NO_SCHEDULE = "NoSchedule"
"""The status of an outcome where a composite schedule was accepted and is not in the answer."""
VERIFIED_S = 3600
"""So far ahead the composite schedule is looked at to verify a profile."""


class Answered(NamedTuple):
    """What a station said to one request."""

    status: str
    reason: str
    payload: dict[str, Any]


Send = Callable[[int, ChargingProfile], Awaitable[Answered]]
Place = tuple[int, ChargingProfile]


class Sending:
    """One command to install a profile."""

    def __init__(self, caller: Caller, command: SetChargingProfile, send: Send) -> None:
        self._caller = caller
        self._command = command
        self._send = send
        self._service: ChargingProfiles = caller.services.charging_profiles
        self._tried: list[dict[str, Any]] = []
        self._units = units_of(command.profile)
        self._id: int | None = None
        self._limits = StationLimits()
        self._replaces = False
        self.evse_no = 0

    async def run(self, *, replaces: bool) -> Outcome:
        """Send the profile; after a refusal try what is known to help stations (interop trap 36).

        `replaces`: a station of this version replaces what has the same purpose and stack level. Raises PayloadInvalid.
        """
        caller, service, command = self._caller, self._service, self._command
        await service.ready(caller.state)
        limits = await service.stated_limits(caller.state)
        profile, evse_no = service.bound(caller.state, command, caller.request_id)
        profile = service.fitted(profile, limits)
        service.check(caller.state, profile, evse_no, limits, replaces=replaces)
        self._limits, self._replaces = limits, replaces
        self._id, self.evse_no = profile.id, evse_no
        profile = profile if command.exact else begun(profile, service.now_ms())
        profile = self._in_units_of(profile, limits)
        places_now, ways = self._by_known_ways(profile, evse_no)
        answers = await self._at(places_now, " ".join(ways))
        if _is_refused(answers):
            shaped = profile if set(ways) & set(PLACES) else places_now[0][1]
            answers = await self._otherwise(shaped, evse_no, answers, ways)
        return self._outcome(answers)

    def _in_units_of(self, profile: ChargingProfile, limits: StationLimits) -> ChargingProfile:
        """Convert where the station states that it takes one unit only (K01.FR.26). Raises PayloadInvalid."""
        units = units_of(profile)
        if not limits.units or units <= limits.units:
            return profile
        unit: RateUnit = "A" if "A" in limits.units else "W"
        if not convertible(profile):
            words = f"The station takes {unit} only, and this profile says more than limits (K01.FR.26)."
            raise PayloadInvalid(words, NOT_THERE)
        return converted(profile, unit, self._command.voltage_v)

    def _by_known_ways(self, profile: ChargingProfile, evse_no: int) -> tuple[list[Place], list[str]]:
        """Apply what helped at this station before; gives where what goes, and the ways taken."""
        ways: list[str] = []
        state = self._caller.state
        for way in known_ways((*state.station.flags, *ways_of(state.quirks))):
            found = self._places(profile, way, evse_no)
            if not found or not self._keeps_to_rules(found):
                continue
            ways.append(way)
            if way in PLACES:
                return found, ways
            profile = found[0][1]
        return [(evse_no, profile)], ways

    def _altered(self, profile: ChargingProfile, way: str) -> ChargingProfile | None:
        known = self._caller.state.transactions.get(profile.transaction_id or "")
        return altered(
            profile,
            way,
            voltage_v=self._command.voltage_v,
            transaction_start_ms=known.started_at_ms if known else None,
        )

    def _keeps_to_rules(self, where: list[Place]) -> bool:
        """Whether a profile that was changed for the station is still one that may be sent."""
        try:
            for evse_no, profile in where:
                self._service.check(self._caller.state, profile, evse_no, self._limits, replaces=self._replaces)
        except PayloadInvalid:
            return False
        return True

    def _evses(self) -> set[int]:
        state = self._caller.state
        return {evse_no for evse_no, _ in state.connectors} | set(state.evses)

    async def _otherwise(
        self, profile: ChargingProfile, evse_no: int, refused: list[Answered], taken: list[str]
    ) -> list[Answered]:
        """Try ways that did not fail here before, each alone, a few at most; what helps is remembered."""
        service, state = self._service, self._caller.state
        stated = {WATTS, AMPS} if self._limits.units else set[str]()
        for way in helpful(refused[-1].reason):
            if len(self._tried) > MAX_RETRIES or way in stated or way in taken:
                continue
            found = self._places(profile, way, evse_no)
            if not found or not service.is_worth_trying(state, way) or not self._keeps_to_rules(found):
                continue
            answers = await self._at(found, way)
            if not _is_refused(answers):
                await self._caller.record(lambda work, way=way: service.remember(state, work, way))  # type: ignore[misc]
                return answers
            service.in_vain(state, way)
        return refused

    def _places(self, profile: ChargingProfile, way: str, evse_no: int) -> list[Place]:
        if way in PLACES:
            return places(profile, way, evse_no, self._evses())
        changed = self._altered(profile, way)
        return [] if changed is None else [(evse_no, changed)]

    async def _at(self, where: list[Place], way: str) -> list[Answered]:
        """Send a profile to one place or several; the first refusal ends it."""
        answers: list[Answered] = []
        for evse_no, profile in where:
            part_of = self._id if profile.id != self._id else None
            await self._caller.record(
                lambda work, profile=profile, evse_no=evse_no, part_of=part_of: self._service.intend(  # type: ignore[misc]
                    self._caller.state, work, profile, evse_no, part_of=part_of
                )
            )
            self._units = units_of(profile)
            answer = await self._send(evse_no, profile)
            self._tried.append({"evse_id": evse_no, "way": way, "status": answer.status})
            answers.append(answer)
            if answer.status != "Accepted":
                break
        return answers

    def _outcome(self, answers: list[Answered]) -> Outcome:
        last = answers[-1]
        answer = dict(last.payload)
        if len(self._tried) > 1 or self._tried[0]["way"]:
            answer["tried"] = self._tried
        if self._units != units_of(self._command.profile):
            by = {"voltage_v": self._command.voltage_v, "phases": f"as each period says, else {DEFAULT_PHASES}"}
            answer["converted"] = {"unit": "".join(self._units), **by}
        accepted = all(item.status == "Accepted" for item in answers)
        return Outcome(accepted=accepted, status=last.status, answer=answer)


def _is_refused(answers: list[Answered]) -> bool:
    return answers[-1].status == "Rejected"


def schedule_outcome(answer: Struct, schedule: object) -> Outcome:
    """Give the outcome of asking for a composite schedule: `Accepted` without a schedule tells nothing (K08)."""
    found = outcome(answer)
    if found.accepted and schedule is UNSET:
        found.accepted, found.status = False, NO_SCHEDULE
        found.answer["problem"] = "the station accepted and gave no schedule"
    return found


def refuse_discharging(profile: ChargingProfile) -> None:
    """Refuse limits below 0 for a version without discharging (1.6, 2.0.1). Raises PayloadInvalid."""
    broken = list(no_discharging(profile))
    if broken:
        raise PayloadInvalid(" ".join(broken), NOT_THERE)


def said(value: T | UnsetType) -> T | None:
    """Give what was said on the wire, None for nothing."""
    return None if value is UNSET else value


def given(value: T | None) -> T | UnsetType:
    """Leave out what is None."""
    return UNSET if value is None else value


def read(kind: type[S], value: Struct) -> S:
    """Read a part of a message of 2.x as the domain knows it: both have the names of the wire."""
    return msgspec.convert(msgspec.to_builtins(value), kind)
