"""Keeps what is installed where, and the limits that come from outside (functional block K).

A profile is `intended` when it is sent, `installed` when the station took it, and `verified` when a report, a composite
schedule or the vehicle's plan showed it: `Accepted` is not success (interop traps 36, 41).
"""

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from voltherd.domain.charging_needs import ChargingNeeds as Needs
from voltherd.domain.charging_profile import (
    PARTS_FROM,
    ChargingLimit,
    CompositeSchedule,
    Criteria,
    GetChargingProfiles,
    InstalledProfile,
    PriorityNotified,
    ProfileShown,
    SetChargingProfile,
    UsePriorityCharging,
)
from voltherd.domain.charging_rules import StationLimits, always, at_station, beside, one_schedule, room
from voltherd.domain.charging_schedule import ChargingProfile, ScheduleUpdate
from voltherd.domain.commands import CommandRecord, RemoteStart
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.transaction import Transaction
from voltherd.domain.v2x import SetV2xOperation
from voltherd.services.charging_limits import ChargingLimits, stated_limits
from voltherd.services.charging_needs import OFFERS_FROM, ChargingNeeds
from voltherd.services.charging_reports import REPORT, ChargingReports
from voltherd.services.charging_templates import Templates
from voltherd.services.dependencies import Dependencies
from voltherd.services.effects import NotDone, Seen, effect_of, remote_start_id
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

MAX_PAST = 50
"""So many profiles that were cleared or refused are kept per station."""
_OF_TRANSACTIONS = frozenset({InstalledProfile.kind, ChargingLimit.kind})
RESUMED = "rule: the session goes on after a restart (E17)"
NOT_THERE = "PropertyConstraintViolation"


class ChargingProfiles:
    """What is installed, and its parts: `limits` from outside, `needs` of vehicles, `reports`, `templates`."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records
        self.now_ms = needs.clock_ms
        self._in_vain: dict[int, set[str]] = {}
        self.limits = ChargingLimits(needs.documents)
        self.needs = ChargingNeeds(needs.documents, self.limits)
        self.reports = ChargingReports(needs.documents, self.limits)
        self.templates = Templates(needs)

    # -- before a profile is sent -------------------------------------------------------------------------------------

    async def ready(self, state: StationState) -> None:
        """Read what the station holds, so that translations find it in memory."""
        for kind in (InstalledProfile, Needs, CompositeSchedule):
            try:
                self._documents.held(state, kind)
            except NotLoaded as gap:
                await gap.load()

    async def stated_limits(self, state: StationState) -> StationLimits:
        """Read what the station's device model says of profiles."""
        found: list[Variable] = []
        cursor: str | None = None
        while True:
            page = await self._records.variables(state.station.tenant_id, state.station.id, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                return stated_limits(found)

    def installed(self, state: StationState) -> dict[str, InstalledProfile]:
        """Give the profiles of a station by id. Raises NotLoaded."""
        return self._documents.held(state, InstalledProfile)

    def bound(self, state: StationState, command: SetChargingProfile, number: int) -> tuple[ChargingProfile, int]:
        """Give the profile with id and transaction, and its EVSE (K01.FR.03, interop trap 38). Raises PayloadInvalid.

        `number` becomes the id of a profile that has none.
        """
        profile, evse_no = command.profile, command.evse_id
        profile = replace(profile, id=number) if profile.id is None else profile
        name = command.transaction_id or profile.transaction_id
        if profile.charging_profile_purpose == "TxProfile":
            transaction = _transaction(state, name, evse_no)
            profile = replace(profile, transaction_id=transaction.transaction_id)
            evse_no = transaction.evse_no if evse_no is None else evse_no
        elif name is not None:
            profile = replace(profile, transaction_id=name)
        return profile, evse_no or 0

    def check(
        self, state: StationState, profile: ChargingProfile, evse_no: int, limits: StationLimits, *, replaces: bool
    ) -> None:
        """Raise PayloadInvalid that names every rule a profile breaks at this station.

        `replaces`: the station replaces what has the same purpose and stack level, as it does in 1.6.
        """
        others = self.installed(state).values()
        needs = self._documents.held(state, Needs).get(str(evse_no))
        next_to = room(profile, others, limits) if replaces else beside(profile, evse_no, others, limits)
        broken = list(
            chain(always(profile, evse_no), at_station(profile, limits), one_schedule(profile, needs), next_to)
        )
        if broken:
            raise PayloadInvalid(" ".join(broken), NOT_THERE)

    @staticmethod
    def fitted(profile: ChargingProfile, limits: StationLimits) -> ChargingProfile:
        """Shorten an offer of ours to the periods that the station takes: its full power stays on (K15.FR.07)."""
        if limits.max_periods is None or not OFFERS_FROM <= (profile.id or 0) < PARTS_FROM:
            return profile
        first = profile.charging_schedule[0]
        periods = first.charging_schedule_period[: max(1, limits.max_periods)]
        return replace(profile, charging_schedule=[replace(first, charging_schedule_period=periods)])

    def resumed(self, state: StationState, work: Work, transaction_id: str) -> None:
        """Send the profiles of a transaction again that goes on after a restart (E17.FR.15). Raises NotLoaded."""
        for known in self.installed(state).values():
            mine = known.purpose == "TxProfile" and known.transaction_id == transaction_id
            if mine and known.in_force and known.part_of is None:
                again = SetChargingProfile(profile=known.profile, evse_id=known.evse_no, exact=True)
                work.follow_up(again, RESUMED)

    # -- what became of it --------------------------------------------------------------------------------------------

    def intend(
        self, state: StationState, work: Work, profile: ChargingProfile, evse_no: int, *, part_of: int | None = None
    ) -> None:
        """Keep that a profile is being sent. Raises NotLoaded."""
        self._tidy(state, work)
        known = self.installed(state).get(str(profile.id))
        if known is not None and known.in_force:
            known.wanted, known.wanted_evse_id = profile, evse_no
        else:
            known = _document(profile, evse_no, "intended", "ours")
        known.part_of = part_of
        self._documents.keep(state, work, known)

    def answered(
        self,
        state: StationState,
        work: Work,
        profile: ChargingProfile,
        evse_no: int,
        *,
        accepted: bool,
        reason: str = "",
        replaces: bool,
    ) -> None:
        """Keep what the station answered to a profile, whoever sent it. Raises NotLoaded."""
        held = self.installed(state)
        known = held.get(str(profile.id))
        ours = known is not None and (known.state == "intended" or known.wanted is not None)
        if accepted:
            found = _document(profile, evse_no, "installed", "ours" if ours else "raw")
            if ours and known is not None:
                found.part_of = known.part_of
                if known.state == "intended":  # the vehicle may have planned by it before this answer came
                    found.verified, found.verified_by = known.verified, known.verified_by
            if replaces:
                self._replace(state, work, found)
        elif known is not None and known.in_force:
            found = known
            found.wanted = found.wanted_evse_id = None
            found.reason = reason
        else:
            found = _document(profile, evse_no, "rejected", "ours" if ours else "raw")
            found.reason = reason
        self._documents.keep(state, work, found)
        self._tidy(state, work)

    def came_with_start(
        self,
        state: StationState,
        work: Work,
        profile: ChargingProfile,
        evse_no: int,
        *,
        remote_start_id: int | None = None,
        transaction_id: str | None = None,
    ) -> None:
        """Keep a profile that a remote start brought (K05.FR.02); without a session it waits for one. Raises NotLoaded.

        One that waited for a session on the same EVSE until now waits no longer.
        """
        for other in list(self._waiting(state)):
            if other.evse_no == evse_no:
                self._documents.drop(state, work, other)
        ours = any(record.name == RemoteStart.name for record in state.open_commands.values())
        profile = replace(profile, transaction_id=transaction_id)
        found = _document(profile, evse_no, "installed" if transaction_id else "intended", "ours" if ours else "raw")
        found.remote_start_id = remote_start_id
        self._documents.keep(state, work, found)

    def transaction_began(self, state: StationState, work: Work, transaction: Transaction) -> None:
        """Bind the profile that came with the remote start of this transaction."""
        if InstalledProfile.kind not in state.documents:
            return
        for item in list(self._waiting(state)):
            if item.remote_start_id is None:
                same = item.evse_no in (0, transaction.evse_no)
            else:
                same = item.remote_start_id == transaction.remote_start_id
            if same:
                item.transaction_id, item.evse_no = transaction.transaction_id, transaction.evse_no or item.evse_no
                item.profile = replace(item.profile, transaction_id=transaction.transaction_id)
                item.state = "installed"
                self._documents.keep(state, work, item)

    def _waiting(self, state: StationState) -> Iterator[InstalledProfile]:
        for item in self.installed(state).values():
            if item.purpose == "TxProfile" and item.state == "intended" and not item.transaction_id:
                yield item

    def _replace(self, state: StationState, work: Work, new: InstalledProfile) -> None:
        for other in self.installed(state).values():
            same = (other.purpose, other.stack_level, other.evse_no, other.transaction_id) == (
                new.purpose,
                new.stack_level,
                new.evse_no,
                new.transaction_id,
            )
            if same and other.in_force and other.profile_id != new.profile_id:
                other.state, other.finding = "cleared", f"replaced by profile {new.profile_id}"
                self._documents.keep(state, work, other)

    def cleared(self, state: StationState, work: Work, criteria: Criteria, *, found: bool) -> None:
        """Keep that profiles were removed; `found` false: the station has none of those meant. Raises NotLoaded."""
        for item in self.installed(state).values():
            external = item.purpose in ("ChargingStationExternalConstraints", "LocalGeneration")
            if not item.in_force or external or not criteria.match(item):
                continue
            item.state, item.verified = "cleared", False
            item.finding = "" if found else "the station did not know it when it was to be cleared"
            self._documents.keep(state, work, item)

    def parts_of(self, state: StationState, profile_id: int) -> list[int]:
        """Give the ids under which a profile is at the station: its own, or those of its copies. Raises NotLoaded."""
        parts = [item.profile_id for item in self.installed(state).values() if item.part_of == profile_id]
        own = self.installed(state).get(str(profile_id))
        return parts if parts and (own is None or not own.in_force) else [profile_id, *parts]

    # -- ways around refusals -----------------------------------------------------------------------------------------

    def is_worth_trying(self, state: StationState, way: str) -> bool:
        """Whether a way around a refusal was not tried in vain at this station since the server started."""
        return way not in self._in_vain.get(state.station.id, ())

    def in_vain(self, state: StationState, way: str) -> None:
        """Remember that a way did not help."""
        self._in_vain.setdefault(state.station.id, set()).add(way)

    def remember(self, state: StationState, work: Work, way: str) -> None:
        """Keep among the station's flags that a way helped (interop trap 36)."""
        station = state.station
        if way not in station.flags:
            station.flags = (*station.flags, way)
            work.put(station)
            work.tell("station", station.identity)

    # -- dynamic profiles (2.1) ---------------------------------------------------------------------------------------

    def dynamic(self, state: StationState, profile_id: int) -> InstalledProfile | None:
        """Give a dynamic profile that the station may have, by id. Raises NotLoaded."""
        found = self.installed(state).get(str(profile_id))
        alive = found is not None and found.profile_kind == "Dynamic" and found.state not in ("cleared", "rejected")
        return found if alive else None

    def values(self, state: StationState, profile_id: int) -> ScheduleUpdate | None:
        """Give the current values of a dynamic profile (K28.FR.07); None where there is none (K28.FR.12)."""
        found = self.dynamic(state, profile_id)
        if found is None:
            return None
        period = found.profile.charging_schedule[0].charging_schedule_period[0]
        return ScheduleUpdate(**{name: getattr(period, name) for name in ScheduleUpdate.__struct_fields__})

    def updated(self, state: StationState, work: Work, profile_id: int, update: ScheduleUpdate) -> None:
        """Take over the values that a station accepted for a dynamic profile (K28.FR.06). Raises NotLoaded."""
        found = self.dynamic(state, profile_id)
        if found is None:
            return
        said = {name: getattr(update, name) for name in ScheduleUpdate.__struct_fields__}
        schedule = found.profile.charging_schedule[0]
        period = replace(
            schedule.charging_schedule_period[0], **{name: value for name, value in said.items() if value is not None}
        )
        found.profile = replace(found.profile, charging_schedule=[replace(schedule, charging_schedule_period=[period])])
        self._documents.keep(state, work, found)

    # -- the end of a transaction -------------------------------------------------------------------------------------

    def before_end(self, state: StationState) -> None:
        """Read what belongs to transactions, all at once. Raises NotLoaded."""
        if state.documents.keys() >= _OF_TRANSACTIONS:
            return

        async def load() -> None:
            for held in (self.installed, self.limits.held):
                try:
                    held(state)
                except NotLoaded as gap:
                    await gap.load()

        raise NotLoaded(load)

    def transaction_ended(self, state: StationState, work: Work, transaction: Transaction) -> None:
        """Drop the profiles of a transaction: the station has done the same (interop trap 38)."""
        for item in list(self._of_transaction(state, transaction.transaction_id)):
            self._documents.drop(state, work, item)
        if ChargingLimit.kind in state.documents:
            self.limits.ended(state, work, transaction.transaction_id)

    def _of_transaction(self, state: StationState, transaction_id: str) -> Iterator[InstalledProfile]:
        if InstalledProfile.kind in state.documents:
            for item in self.installed(state).values():
                if item.purpose == "TxProfile" and item.transaction_id == transaction_id:
                    yield item

    def _tidy(self, state: StationState, work: Work) -> None:
        """Drop profiles of transactions that have ended, and the oldest of those that are past."""
        held = list(self.installed(state).values())
        past = [item for item in held if item.state in ("cleared", "rejected")]
        for item in held:
            transaction = state.transactions.get(item.transaction_id)
            if item.purpose == "TxProfile" and transaction is not None and not transaction.active:
                self._documents.drop(state, work, item)
        for item in past[:-MAX_PAST]:
            self._documents.drop(state, work, item)


def _transaction(state: StationState, name: str | None, evse_no: int | None) -> Transaction:
    """Find the open transaction that a TxProfile is for. Raises PayloadInvalid."""
    if name is None:
        found = state.open_on(evse_no) if evse_no else None
        if found is None:
            words = "A TxProfile needs a transaction: name one, or an EVSE on which one is open (K01.FR.03, K01.FR.16)."
            raise PayloadInvalid(words, NOT_THERE)
        return found
    known = state.transactions.get(name)
    if known is None:
        known = next((item for item in state.transactions.values() if str(item.id) == name), None)
    if known is None:
        raise PayloadInvalid(f"The station has no recent transaction {name} for a TxProfile (K01.FR.03).", NOT_THERE)
    if not known.active:
        raise PayloadInvalid(f"Transaction {name} has ended; a TxProfile is for an open one (K01.FR.09).", NOT_THERE)
    if evse_no and known.evse_no and evse_no != known.evse_no:
        words = f"Transaction {name} is on EVSE {known.evse_no}, not on EVSE {evse_no} (K01.FR.09)."
        raise PayloadInvalid(words, NOT_THERE)
    return known


def _document(profile: ChargingProfile, evse_no: int, state: str, source: str) -> InstalledProfile:
    return InstalledProfile(
        state=state,
        evse_no=evse_no,
        profile_id=profile.id or 0,
        purpose=profile.charging_profile_purpose,
        stack_level=profile.stack_level,
        profile_kind=profile.charging_profile_kind,
        transaction_id=profile.transaction_id or "",
        profile=profile,
        source="ours" if source == "ours" else "raw",
    )


@effect_of(SetChargingProfile, SetV2xOperation)
def _shown(
    state: StationState, record: CommandRecord, command: SetChargingProfile | SetV2xOperation, fact: Fact
) -> Seen:
    named = command.profile_id if isinstance(command, SetV2xOperation) else command.profile.id
    wanted = named or remote_start_id(record.id)
    if not isinstance(fact, ProfileShown) or fact.profile_id != wanted:
        return None
    return fact.how if fact.obeyed else NotDone(fact.how)


@effect_of(GetChargingProfiles)
def _reported(state: StationState, record: CommandRecord, command: GetChargingProfiles, fact: Fact) -> Seen:
    same = isinstance(fact, Progressed) and (fact.what, fact.request_id) == (REPORT, remote_start_id(record.id))
    return fact.status if isinstance(fact, Progressed) and same else None


@effect_of(UsePriorityCharging)
def _prioritised(state: StationState, record: CommandRecord, command: UsePriorityCharging, fact: Fact) -> Seen:
    if not isinstance(fact, PriorityNotified) or fact.activated != command.activate:
        return None
    known = state.transactions.get(fact.transaction_id)
    names = (fact.transaction_id, str(known.id) if known else "")
    word = "on" if fact.activated else "off"
    return f"priority charging is {word} for session {fact.transaction_id}" if command.transaction_id in names else None
