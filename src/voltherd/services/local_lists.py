"""Keeps stations' local authorisation lists, and tells when they have drifted (functional block D)."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from voltherd.domain.device_model import OCPP16_COMPONENT, Variable
from voltherd.domain.errors import Conflict, Invalid, VoltherdError
from voltherd.domain.local_list import (
    KEPT_ENTRIES,
    GetLocalListVersion,
    ListEntry,
    ListLimits,
    ListState,
    LocalList,
    SendLocalList,
    belongs,
    checked,
    differences,
    digest,
    entry_of,
    merged,
)
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import document_of
from voltherd.services.settings import LocalLists as Setting
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

IN_STEP_RULE = "rule: keep local lists in step"
DRIFTED_RULE = "rule: the local list has drifted"
QUIET_MS = 2_000
"""After a change of a token so much time without another passes before lists are sent."""
SETTLED_MS = 5_000
"""A station is left alone for so long after it connected."""
AT_ONCE = 20
"""How many stations are given their list in one round."""
LOOKED_AT = 200
"""How many are looked at in one round."""
_STATES: dict[str, ListState] = {
    "Accepted": "in-step",
    "VersionMismatch": "drifted",
    "Failed": "failed",
    "NotSupported": "not-supported",
}


class Plan(Struct):
    """What is to be sent to a station."""

    full: bool
    entries: list[ListEntry]
    whole: list[ListEntry] | None
    """The complete list, where it is known: for when the station wants it anew (D01.FR.03)."""
    limits: ListLimits
    tokens_digest: str
    """Where the list is made of our tokens."""
    left_out: int
    """Tokens of ours that the station's version cannot take."""


class LocalLists:
    """Plans what is sent, records what was answered, and repairs by rule where the setting says so."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records
        self._settings = needs.settings
        self._tokens = needs.tokens
        self._commands = needs.commands
        self._stations = needs.stations
        self._clock_ms = needs.clock_ms
        self._sending: set[int] = set()
        """Stations that are just given a list: nothing that they answer is repaired meanwhile."""
        self._seen: dict[str, tuple[int, int]] = {}
        """Per station: since when it is connected, and the state of our tokens, when its list was looked at."""
        self._wanted: tuple[int, str] = (-1, "")

    # -- what is sent -----------------------------------------------------------------------------------------------

    async def ready(self, state: StationState) -> LocalList | None:
        """Give what is known of a station's list."""
        try:
            return self._held(state)
        except NotLoaded as gap:
            await gap.load()
            return self._held(state)

    async def plan(self, state: StationState, command: SendLocalList, fits: Callable[[ListEntry], bool]) -> Plan:
        """Decide what is to be sent. Raises Invalid, Conflict; nothing was sent then, and the list's record says it."""
        known = await self.ready(state)
        limits = await self.limits(state)
        full, left_out, tokens_digest = command.update == "full", 0, ""
        base = None if known is None or known.state == "drifted" else known.entries
        if command.entries is not None:
            entries = checked(command.entries, full=full)
            whole = entries if full else None if base is None else merged(base, entries)
        else:
            ours = await self.wanted(state.station.tenant_id)
            tokens_digest = digest(ours)
            whole = [entry for entry in ours if fits(entry)]
            left_out = len(ours) - len(whole)
            if not full and base is None:
                raise Conflict("It is not known which list the station has; send the full one.")
            entries = whole if full else differences(base or (), whole)
        self._refuse_too_many(limits, whole)
        return Plan(full, entries, whole, limits, tokens_digest, left_out)

    def _refuse_too_many(self, limits: ListLimits, whole: Sequence[ListEntry] | None) -> None:
        most = self._settings.get(Setting).max_entries
        if limits.max_entries is not None:
            most = min(most, limits.max_entries)
        if whole is not None and len(whole) > most:
            raise Invalid(f"The list would have {len(whole)} tokens; the station takes {most} at most.")

    async def wanted(self, tenant_id: int = DEFAULT_TENANT) -> list[ListEntry]:
        """Give the list that stations are to have: every token of ours that is accepted."""
        found: list[ListEntry] = []
        cursor, now_ms = None, self._clock_ms()
        while True:
            page = await self._records.tokens(tenant_id, limit=1000, cursor=cursor)
            found += [entry_of(token) for token in page.items if belongs(token, now_ms)]
            cursor = page.next
            if cursor is None:
                return found

    async def limits(self, state: StationState) -> ListLimits:
        """Give what the station reported of the size of its list and its messages (D01.FR.11, .12)."""
        station, found, cursor = state.station, dict[str, int](), None
        while True:
            page = await self._records.variables(station.tenant_id, station.id, limit=1000, cursor=cursor)
            for variable in page.items:
                _learn_limit(found, variable)
            cursor = page.next
            if cursor is None:
                return ListLimits(found.get("items"), found.get("bytes"), found.get("entries"))

    async def next_version(self, state: StationState) -> int:
        """Give a version above all that the station had; 0 and -1 are no versions of lists (D01.FR.18)."""
        known = await self.ready(state)
        return 1 + max(0, *_versions(known))

    def is_sure(self, known: LocalList | None) -> bool:
        """Whether the station's version is known, so that it need not be asked for."""
        return known is not None and known.state == "in-step"

    def begin(self, state: StationState) -> None:
        """A list is being sent: what the station says meanwhile of its version is no reason for a repair."""
        self._sending.add(state.station.id)

    def done(self, state: StationState) -> None:
        """The list was sent, or could not be."""
        self._sending.discard(state.station.id)

    # -- what was answered ------------------------------------------------------------------------------------------

    def sent(
        self, state: StationState, work: Work, *, version: int, full: bool, entries: list[ListEntry], status: str
    ) -> None:
        """Record the answer to one message with a list or a part of it, ours or a raw one. Raises NotLoaded."""
        known = self._held(state) or LocalList(state="unknown")
        known.answer, known.sent_at_ms, known.problem = status, work.now_ms, ""
        known.state = _STATES.get(status, "failed")
        if status == "Accepted":
            base = () if full else known.entries
            self._set_entries(known, None if base is None else merged(base, entries))
            known.version_sent = known.version_reported = version
            known.reported_at_ms, known.tokens_digest = work.now_ms, ""
        self._documents.keep(state, work, known)

    @staticmethod
    def _set_entries(known: LocalList, entries: list[ListEntry] | None) -> None:
        known.count = None if entries is None else len(entries)
        known.digest = "" if entries is None else digest(entries)
        known.entries = None if entries is None or len(entries) > KEPT_ENTRIES else tuple(entries)

    def made_of_tokens(self, state: StationState, work: Work, tokens_digest: str) -> None:
        """Note that a station has all our tokens as they were. The list's record must be loaded."""
        known = self._held(state)
        if known is not None:
            known.tokens_digest = tokens_digest
            self._documents.keep(state, work, known)

    def failed(self, state: StationState, work: Work, ended: ListState, problem: str) -> None:
        """Note why a list could not be sent. The list's record must be loaded."""
        known = self._held(state) or LocalList(state=ended)
        known.state, known.problem = ended, problem
        self._documents.keep(state, work, known)

    def reported(self, state: StationState, work: Work, version: int) -> None:
        """Record the version that a station says it has (D02); 1.6: -1 says that it has no lists. Raises NotLoaded."""
        known = self._held(state) or LocalList(state="unknown")
        known.version_reported, known.reported_at_ms = version, work.now_ms
        known.state = _compared(known)
        self._documents.keep(state, work, known)
        repair = self._settings.get(Setting, tenant_id=state.station.tenant_id).keep_in_step
        if known.state == "drifted" and repair and state.station.id not in self._sending:
            work.follow_up(SendLocalList(), DRIFTED_RULE)

    def _held(self, state: StationState) -> LocalList | None:
        return next(iter(self._documents.held(state, LocalList).values()), None)

    # -- in step by rule --------------------------------------------------------------------------------------------

    async def follow(self) -> None:
        """Give connected stations what changed, where the setting wants it; called every second or so."""
        if not self._settings.get(Setting).keep_in_step:
            self._seen.clear()
            return
        now_ms, link, left = self._clock_ms(), self._commands.link, AT_ONCE
        looked = 0
        if now_ms - self._tokens.changed_ms < QUIET_MS:
            return
        for identity in link.online():
            presence = link.presence(identity)
            if presence is None or now_ms - presence.connected_since_ms < SETTLED_MS:
                continue
            mark = (presence.connected_since_ms, self._tokens.changes)
            before = self._seen.get(identity)
            if before != mark:
                self._seen[identity] = mark
                looked += 1
                if await self._bring_up(identity, is_new=before is None or before[0] != mark[0]):
                    left -= 1
                if left == 0 or looked == LOOKED_AT:
                    return

    async def _bring_up(self, identity: str, *, is_new: bool) -> bool:
        """Send the list where it is another than our tokens, else ask for the version after a new connection."""
        station = self._stations.find(identity)
        if station is None or station.registration != "accepted":
            return False
        found = await self._records.documents_of(station.tenant_id, station.id, LocalList.kind)
        known = document_of(found[0]) if found else None
        if isinstance(known, LocalList) and known.state == "not-supported" and not is_new:
            return False
        is_equal = isinstance(known, LocalList) and known.tokens_digest == await self._digest_of_tokens()
        if is_equal and not is_new:
            return False
        try:
            wish = GetLocalListVersion() if is_equal else SendLocalList()
            await self._commands.submit(identity, wish, requested_by=IN_STEP_RULE)
        except VoltherdError:
            self._seen.pop(identity, None)
        return True

    async def _digest_of_tokens(self) -> str:
        if self._wanted[0] != self._tokens.changes:
            changes = self._tokens.changes
            self._wanted = changes, digest(await self.wanted())
        return self._wanted[1]


def _versions(known: LocalList | None) -> tuple[int, int]:
    return (0, 0) if known is None else (known.version_sent or 0, known.version_reported or 0)


def _compared(known: LocalList) -> ListState:
    if known.version_reported == -1:
        return "not-supported"
    if known.version_sent is None:
        return "unknown"
    return "in-step" if known.version_reported == known.version_sent else "drifted"


_LIMITS = {
    (OCPP16_COMPONENT.casefold(), "sendlocallistmaxlength"): "items",
    (OCPP16_COMPONENT.casefold(), "localauthlistmaxlength"): "entries",
    ("localauthlistctrlr", "itemspermessage"): "items",
    ("localauthlistctrlr", "bytespermessage"): "bytes",
}


def _learn_limit(found: dict[str, int], variable: Variable) -> None:
    component, name = variable.component.casefold(), variable.variable.casefold()
    if (component, name) == ("localauthlistctrlr", "entries") and variable.max_limit:
        found["entries"] = int(variable.max_limit)
    limit, text = _LIMITS.get((component, name)), variable.actual_value or ""
    if limit and variable.attribute == "Actual" and text.isascii() and text.isdigit() and int(text[:9]) > 0:
        found[limit] = int(text[:9])
