"""Matches batteries that come out with those that went in (functional block S)."""

import heapq
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from voltherd.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap, SwapEvent
from voltherd.domain.commands import CommandRecord
from voltherd.domain.document import DocumentRecord
from voltherd.domain.events import Fact, Progressed
from voltherd.domain.id_token import token_key
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import document_of
from voltherd.services.effects import NotDone, Seen, effect_of, observe, remote_start_id
from voltherd.services.keeping import drop_oldest
from voltherd.services.ports import Change
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

SWAP: Final = "battery-swap"
OPEN: Final = frozenset({"requested", "in", "out"})
OTHER_TOKEN: Final = "other-token"
COUNT_DIFFERS: Final = "count-differs"
AFTER_EXPIRY: Final = "after-expiry"
NOT_ACCEPTED: Final = "token-not-accepted"
REUSED: Final = "request-id-reused"
DEFAULT_EXPIRY_S: Final = 600
"""Of a booking that a raw call asked for."""
_MAX_WISHES: Final = 10_000


class Swapped(NamedTuple):
    """What a station says of a swap."""

    event: SwapEvent
    request_id: int
    id_token: str
    id_token_type: str
    batteries: Sequence[Battery]


@effect_of(RequestBatterySwap)
def _swapped(state: StationState, record: CommandRecord, command: RequestBatterySwap, fact: Fact) -> Seen:
    if not isinstance(fact, Progressed) or fact.what != SWAP or fact.request_id != remote_start_id(record.id):
        return None
    words = {"completed": "batteries were swapped", "mismatch": "batteries were swapped, but in and out do not match"}
    if fact.status in words:
        return words[fact.status]
    return NotDone("nobody took the batteries that were offered") if fact.status == "timeout" else None


class BatterySwaps:
    """Matches batteries that come out with those that went in (functional block S)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._tokens = needs.tokens
        self._clock_ms = needs.clock_ms
        self._wishes: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._journal, self._records = needs.journal, needs.records
        self._stations, self._news = needs.stations, needs.news
        self._due: list[tuple[int, int]] | None = None

    def _held(self, state: StationState) -> dict[str, BatterySwap]:
        return self._documents.held(state, BatterySwap)

    def require_accepted(self, state: StationState, token: str, token_type: str) -> str | None:
        """Say why no swap may be asked for with this token, or None (S02.FR.03). Raises NotLoaded."""
        verdict = self._tokens.authorize(state.station.tenant_id, token, self._clock_ms(), token_type=token_type)
        return None if verdict.status == "Accepted" else f"token {token} is not accepted ({verdict.status})"

    def wish(self, state: StationState, request_id: int, expires_after_s: int) -> None:
        """Note how long the booking that is asked for now holds."""
        self._wishes[state.station.id, request_id] = expires_after_s
        if len(self._wishes) > _MAX_WISHES:
            self._wishes.popitem(last=False)

    def requested(self, state: StationState, work: Work, swap: Swapped, *, answer: str) -> None:
        """Record the answer to a request of ours (S02.FR.01, .04)."""
        held = self._held(state)
        self._expire(state, work, held)
        known = _newest(held, swap.request_id)
        if known is not None and known.state in OPEN and known.answer:
            return
        accepted = answer.startswith("Accepted")
        expires_after_s = self._wishes.pop((state.station.id, swap.request_id), DEFAULT_EXPIRY_S)
        expires_ms = work.now_ms + expires_after_s * 1000
        document = known if known is not None and known.state in OPEN else _next(known, swap)
        self._keep(
            state,
            work,
            replace(
                document,
                state=("requested" if not document.state else document.state) if accepted else "rejected",
                answer=answer,
                requested_at_ms=work.now_ms,
                expires_at_ms=expires_ms if accepted and document.in_at_ms is None else None,
            ),
        )

    def reported(self, state: StationState, work: Work, swap: Swapped) -> None:
        """Record batteries in, out, or not taken (S03.FR.01, .03, .06). Raises NotLoaded.

        The same report again changes nothing. What does not match is flagged; nothing is refused.
        """
        held = self._held(state)
        verdict = self._tokens.authorize(
            state.station.tenant_id, swap.id_token, work.now_ms, token_type=swap.id_token_type
        )
        self._expire(state, work, held)
        known = _newest(self._held(state), swap.request_id)
        if known is not None and _has(known, swap):
            return
        document = _next(known, swap) if known is None or _is_over(known, swap) else replace(known)
        document.authorization = verdict.status
        _take_over(document, swap, work.now_ms)
        if verdict.status != "Accepted":
            _flag(document, NOT_ACCEPTED)
        self._keep(state, work, document)
        observe(state, work, Progressed(SWAP, swap.request_id, document.state))

    def _keep(self, state: StationState, work: Work, swap: BatterySwap) -> None:
        self._documents.keep(state, work, swap)
        if swap.state == "requested" and swap.expires_at_ms is not None and self._due is not None:
            heapq.heappush(self._due, (swap.expires_at_ms, state.station.id))
        drop_oldest(self._documents, state, work, BatterySwap, lambda swap: swap.state not in OPEN)

    async def expire(self, states: Callable[[int], StationState | None]) -> None:
        """End bookings that nobody came for; called every second or so, and cheap where nothing is due.

        Raises StoreUnavailable; what was due stays due.
        """
        now_ms = self._clock_ms()
        if self._due is None:
            self._due = await self._requested()
        while self._due and self._due[0][0] <= now_ms:
            _, station_id = self._due[0]
            state = states(station_id)
            if state is None:
                await self._expire_stored(station_id, now_ms)
            else:
                await self._expire_live(state, now_ms)
            heapq.heappop(self._due)

    async def _requested(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        cursor: str | None = None
        while True:
            page = await self._records.documents(
                DEFAULT_TENANT, BatterySwap.kind, state="requested", limit=1000, cursor=cursor
            )
            found += [(_swap(record).expires_at_ms or 0, record.station_id) for record in page.items]
            cursor = page.next
            if cursor is None:
                heapq.heapify(found)
                return found

    async def _expire_live(self, state: StationState, now_ms: int) -> None:
        work = Work(now_ms, state.station.tenant_id, state.station.identity)
        while True:
            try:
                self._expire(state, work, self._held(state))
                break
            except NotLoaded as gap:
                await gap.load()
        await self._journal.committed(work.records)
        for change in work.changes:
            self._news.publish(change)

    async def _expire_stored(self, station_id: int, now_ms: int) -> None:
        for record in await self._records.documents_of(DEFAULT_TENANT, station_id, BatterySwap.kind):
            swap = _swap(record)
            if _is_due(swap, now_ms):
                record.state, record.changed_ms = "expired", now_ms
                record.data = msgspec.json.encode(replace(swap, state="expired")).decode()
                await self._journal.committed([record])
                identity = self._stations.identity_of(station_id) or ""
                self._news.publish(Change("document", record.tenant_id, identity, f"{record.kind}/{record.id}"))

    def _expire(self, state: StationState, work: Work, held: dict[str, BatterySwap]) -> None:
        """End bookings that nobody came for."""
        for swap in held.values():
            if _is_due(swap, work.now_ms):
                self._documents.keep(state, work, replace(swap, state="expired"))


def _is_due(swap: BatterySwap, now_ms: int) -> bool:
    return swap.state == "requested" and swap.expires_at_ms is not None and swap.expires_at_ms <= now_ms


def _swap(record: DocumentRecord) -> BatterySwap:
    found = document_of(record)
    assert isinstance(found, BatterySwap)
    return found


def _newest(held: dict[str, BatterySwap], request_id: int) -> BatterySwap | None:
    found = [swap for swap in held.values() if swap.request_id == request_id]
    return max(found, key=lambda swap: swap.run, default=None)


def _next(known: BatterySwap | None, swap: Swapped) -> BatterySwap:
    document = BatterySwap(
        state="", request_id=swap.request_id, id_token=swap.id_token, id_token_type=swap.id_token_type
    )
    if known is not None:
        document.run = known.run + 1
        document.flags = [REUSED]
    return document


def _has(known: BatterySwap, swap: Swapped) -> bool:
    """Whether a swap holds this report already."""
    there = {"BatteryIn": known.batteries_in, "BatteryOut": known.batteries_out, "BatteryOutTimeout": known.offered}
    return there[swap.event] == list(swap.batteries)


def _is_over(known: BatterySwap, swap: Swapped) -> bool:
    """Whether a report cannot belong to this swap: it is complete, or has such a report with other batteries."""
    if known.state in ("rejected", "completed", "mismatch"):
        return True
    return bool(known.batteries_in if swap.event == "BatteryIn" else known.batteries_out)


def _take_over(document: BatterySwap, swap: Swapped, now_ms: int) -> None:
    if token_key(swap.id_token) != token_key(document.id_token):
        _flag(document, OTHER_TOKEN)
    if document.state == "expired":
        _flag(document, AFTER_EXPIRY)
    document.expires_at_ms = None
    batteries = list(swap.batteries)
    if swap.event == "BatteryOutTimeout":
        document.offered, document.state = batteries, "timeout"
        return
    if swap.event == "BatteryIn":
        document.batteries_in, document.in_at_ms = batteries, now_ms
    else:
        document.batteries_out, document.out_at_ms = batteries, now_ms
    document.state = _state(document)


def _state(document: BatterySwap) -> str:
    if not document.batteries_out:
        return "in"
    if not document.batteries_in:
        return "out"
    if len(document.batteries_in) != len(document.batteries_out):
        _flag(document, COUNT_DIFFERS)
    return "mismatch" if {COUNT_DIFFERS, OTHER_TOKEN} & set(document.flags) else "completed"


def _flag(document: BatterySwap, word: str) -> None:
    if word not in document.flags:
        document.flags = [*document.flags, word]
