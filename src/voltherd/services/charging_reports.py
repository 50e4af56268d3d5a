"""Reports of installed charging profiles and composite schedules: they verify what was sent (K08, K09)."""

from collections import OrderedDict

from msgspec import Struct, field
from msgspec.structs import replace

from voltherd.domain.charging_profile import CompositeSchedule, Criteria, InstalledProfile, ProfileShown
from voltherd.domain.charging_rules import instant, periods_of
from voltherd.domain.charging_schedule import ChargingProfile
from voltherd.domain.composite_schedule import Situation, generous_phases, leading_at
from voltherd.domain.events import Progressed
from voltherd.services.charging_limits import ChargingLimits
from voltherd.services.documents import Documents
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

REPORT = "charging-profiles"
REPORTED, COMPOSITE = "report", "composite schedule"
MAX_RUNNING = 4096
TOLERANCE = 1.02
IGNORES = "ignores-charging-profiles"
"""Flag of a station whose composite schedule goes beyond a profile that it accepted."""
_CAPS = ("ChargingStationMaxProfile", "ChargingStationExternalConstraints")


class _Running(Struct):
    criteria: Criteria
    seen: set[int] = field(default_factory=set)


class ChargingReports:
    """Assembles reports by station and requestId, and compares composite schedules with what is installed."""

    def __init__(self, documents: Documents, limits: ChargingLimits) -> None:
        self._documents = documents
        self._limits = limits
        self._running: OrderedDict[tuple[int, int], _Running] = OrderedDict()

    def asked(self, state: StationState, work: Work, request_id: int, criteria: Criteria, *, comes: bool) -> None:
        """Keep what a report is about; `comes` false: the station has no such profile. Raises NotLoaded."""
        self._documents.held(state, InstalledProfile)
        running = _Running(criteria)
        if comes:
            key = state.station.id, request_id
            early = self._running.pop(key, None)
            self._running[key] = _Running(criteria, early.seen) if early else running
            while len(self._running) > MAX_RUNNING:
                self._running.popitem(last=False)
        else:
            self._complete(state, work, request_id, running)

    def part(
        self,
        state: StationState,
        work: Work,
        request_id: int,
        source: str,
        evse_no: int,
        profiles: list[ChargingProfile],
        *,
        last: bool,
    ) -> None:
        """Record one part of a report, asked for or not (K09.FR.01, K09.FR.02). Raises NotLoaded."""
        self._documents.held(state, InstalledProfile)
        key = state.station.id, request_id
        running = self._running.get(key)
        for profile in profiles:
            self._reported(state, work, source, evse_no, profile)
            if running is not None:
                running.seen.add(profile.id or 0)
        if last:
            self._running.pop(key, None)
            if running is not None:
                self._complete(state, work, request_id, running)
            else:
                observe(state, work, Progressed(REPORT, request_id, "reported"))

    def _reported(self, state: StationState, work: Work, source: str, evse_no: int, profile: ChargingProfile) -> None:
        known = self._documents.held(state, InstalledProfile).get(str(profile.id))
        ours = known is not None and known.state in ("intended", "installed", "reported")
        found = InstalledProfile(
            state="reported",
            evse_no=evse_no,
            profile_id=profile.id or 0,
            purpose=profile.charging_profile_purpose,
            stack_level=profile.stack_level,
            profile_kind=profile.charging_profile_kind,
            transaction_id=profile.transaction_id or "",
            profile=profile,
            source=known.source if ours and known is not None else "reported",
            limit_source=source,
            part_of=known.part_of if known is not None else None,
            verified=True,
            verified_by=REPORTED,
        )
        wanted = (known.wanted or known.profile) if ours and known is not None else profile
        if not _says_the_same(wanted, profile):
            found.finding = "the station reports other limits than it was sent"
        self._documents.keep(state, work, found)
        self._show(state, work, found, "the station reported it", obeyed=not found.finding)

    def _complete(self, state: StationState, work: Work, request_id: int, running: _Running) -> None:
        """All parts are there: what should have been in the report and was not is gone."""
        count = len(running.seen)
        for item in self._documents.held(state, InstalledProfile).values():
            if item.in_force and running.criteria.match(item) and item.profile_id not in running.seen:
                item.state, item.verified, item.finding = "cleared", False, "the station's report does not name it"
                self._documents.keep(state, work, item)
                self._show(state, work, item, "the station's report does not name it", obeyed=False)
        words = f"{count} profile reported" if count == 1 else f"{count} profiles reported"
        observe(state, work, Progressed(REPORT, request_id, words))

    def composite(self, state: StationState, work: Work, schedule: CompositeSchedule) -> None:
        """Keep a composite schedule, and see whether it obeys what is installed (interop trap 36). Raises NotLoaded."""
        held = self._documents.held(state, InstalledProfile)
        prioritised = self._limits.is_prioritised(state, schedule.evse_no)
        self._documents.held(state, CompositeSchedule)
        self._documents.keep(state, work, schedule)
        items = {item.profile_id: item for item in held.values() if item.in_force and _concerns(item, schedule.evse_no)}
        transaction = state.open_on(schedule.evse_no) if schedule.evse_no else None
        evse = state.evses.get(schedule.evse_no)
        situation = Situation(
            transaction_start_ms=transaction.started_at_ms if transaction else instant(schedule.start),
            priority=prioritised,
            phases=(evse.phases if evse else None) or generous_phases(schedule.charging_rate_unit),
        )
        for profile_id, obeyed in _compared(list(items.values()), schedule, situation).items():
            self._judge(state, work, items[profile_id], obeyed=obeyed)

    def _judge(self, state: StationState, work: Work, item: InstalledProfile, *, obeyed: bool) -> None:
        item.verified = obeyed
        item.verified_by = COMPOSITE if obeyed else ""
        item.finding = "" if obeyed else "the station's composite schedule goes beyond it"
        self._documents.keep(state, work, item)
        if not obeyed and IGNORES not in state.station.flags:
            state.station.flags = (*state.station.flags, IGNORES)
            work.put(state.station)
            work.tell("station", state.station.identity)
        words = "the composite schedule keeps to it" if obeyed else "the composite schedule goes beyond it"
        self._show(state, work, item, words, obeyed=obeyed)

    @staticmethod
    def _show(state: StationState, work: Work, item: InstalledProfile, words: str, *, obeyed: bool) -> None:
        observe(state, work, ProfileShown(item.part_of or item.profile_id, words, obeyed))


def _concerns(item: InstalledProfile, evse_no: int) -> bool:
    """Whether a profile plays a part in the composite schedule of an EVSE; that of the station has caps only."""
    if evse_no == 0:
        return item.evse_no == 0 and item.purpose in _CAPS
    return item.evse_no in (0, evse_no)


def _compared(items: list[InstalledProfile], schedule: CompositeSchedule, situation: Situation) -> dict[int, bool]:
    """Say of each profile that counts at the start of a period whether the period stays within it."""
    start_ms = instant(schedule.start)
    profiles, verdicts = [item.profile for item in items], dict[int, bool]()
    if start_ms is None or any(item.purpose == "LocalGeneration" for item in items):
        return verdicts
    for period in schedule.periods:
        at_ms = start_ms + period.start_period * 1000
        phases = period.number_phases or situation.phases
        leading = leading_at(profiles, at_ms, schedule.charging_rate_unit, replace(situation, phases=phases))
        for found in leading.values() if period.limit is not None else ():
            profile_id = found.profile.id or 0
            within = float(period.limit or 0) <= found.limit * TOLERANCE + 0.1
            verdicts[profile_id] = verdicts.get(profile_id, True) and within
    return verdicts


def _says_the_same(sent: ChargingProfile, reported: ChargingProfile) -> bool:
    """Whether purpose, level, units and limits are those that were sent; the rest may be written otherwise."""

    def core(profile: ChargingProfile) -> list[object]:
        found: list[object] = [profile.charging_profile_purpose, profile.stack_level]
        found += [schedule.charging_rate_unit for schedule in profile.charging_schedule]
        found += [
            (period.start_period, None if period.limit is None else round(float(period.limit), 1))
            for period in periods_of(profile)
        ]
        return found

    return core(sent) == core(reported)
