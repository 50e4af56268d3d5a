"""Reserves EVSEs, and follows what becomes of it (functional block H)."""

import heapq
from collections.abc import Callable, Iterable

import msgspec

from voltherd.domain.document import DocumentRecord
from voltherd.domain.id_token import Authorization
from voltherd.domain.reservation import (
    NOT_AT_STATION,
    NOT_OURS,
    OPEN,
    REPLACEMENT_UNKNOWN,
    Reservation,
    Reserve,
    expiry_ms,
    refuse_rival,
    used_by,
)
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.domain.transaction import Transaction
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import document_of
from voltherd.services.ports import Change
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

EXPIRY_GRACE_MS = 5_000
"""So long after its end a station may still say itself what became of a reservation; 1.6 has no message for it."""
KEPT_ENDED = 50
"""Reservations that have ended are kept up to this number per station; older ones are deleted."""
MAX_NUMBER = 0x7FFF_FFFF
OVER_BY_OUR_CLOCK = "its time is over; the station said nothing"
_ENDS = {
    "Expired": ("expired", "its time is over"),
    "Removed": ("cancelled", "the station gave it up"),
    "NoTransaction": ("expired", "the token was shown, but no session began"),
}
"""What a station says of the end of a reservation (H01.FR.16, .17, H03.FR.11, H04.FR.01)."""


class Reservations:
    """Reservations of all stations: what was answered, what became of them, and their end by our clock."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._journal = needs.journal
        self._records = needs.records
        self._news = needs.news
        self._clock_ms = needs.clock_ms
        self._stations = needs.stations
        self._due: list[tuple[int, int, int]] = []
        """A heap of (end, station, number) of every reservation in force, perhaps of some that are not any more."""
        self._knows_all = False

    async def ready(self, state: StationState) -> list[Reservation]:
        """Read a station's reservations into memory where they are not there yet; gives them, oldest first."""
        try:
            return list(self._documents.held(state, Reservation).values())
        except NotLoaded as gap:
            await gap.load()
            return list(self._documents.held(state, Reservation).values())

    async def number_for(self, state: StationState, command: Reserve, wanted: int) -> int:
        """Give the number of a new reservation, `wanted` unless it is taken. Raises Conflict, Invalid."""
        now_ms = self._clock_ms()
        expiry_ms(command, now_ms)
        held = await self.ready(state)
        replaced = refuse_rival(held, command, now_ms)
        if replaced is not None:
            return replaced.reservation_id
        taken, number = {found.reservation_id for found in held}, wanted
        while number in taken or number < 1:
            number = number % MAX_NUMBER + 1
        return number

    async def check(self, station_id: int, command: Reserve, *, tenant_id: int = DEFAULT_TENANT) -> None:
        """Refuse a wish that cannot be, before anything is sent. Raises Conflict, Invalid."""
        now_ms = self._clock_ms()
        expiry_ms(command, now_ms)
        found = await self._records.documents_of(tenant_id, station_id, Reservation.kind)
        refuse_rival((_reservation(record) for record in found), command, now_ms)

    # -- what the station is asked ----------------------------------------------------------------------------------

    def asking(self, state: StationState, work: Work, asked: Reservation) -> None:
        """Record what the station is about to be asked for: until it answers, nobody knows whether it keeps it.

        One that is to be replaced stays in force meanwhile, with a flag. Raises NotLoaded.
        """
        known = self._held(state).get(asked.key)
        if known is not None and known.in_force:
            known.flags = (*(flag for flag in known.flags if flag != REPLACEMENT_UNKNOWN), REPLACEMENT_UNKNOWN)
            self._keep(state, work, known)
            return
        asked.state, asked.made_at_ms = "unknown", work.now_ms
        self._keep(state, work, asked)

    def not_made(self, state: StationState, work: Work, number: int, refusal: str | None) -> None:
        """The station refused the call as such, or (None) was never asked. Raises NotLoaded."""
        known = self._held(state).get(str(number))
        if known is not None and known.state == "unknown" and refusal is None:
            self._documents.drop(state, work, known)
        elif known is not None and known.state == "unknown":
            self._end(state, work, known, "rejected", refusal or "")
        elif known is not None:
            self._still_there(state, work, known)

    def _still_there(self, state: StationState, work: Work, known: Reservation) -> None:
        if REPLACEMENT_UNKNOWN in known.flags:
            known.flags = tuple(flag for flag in known.flags if flag != REPLACEMENT_UNKNOWN)
            self._keep(state, work, known)

    # -- what the station answered ----------------------------------------------------------------------------------

    def answered(self, state: StationState, work: Work, asked: Reservation, status: str) -> None:
        """Record the answer to a request to reserve, ours or a raw one. Raises NotLoaded.

        A refused replacement leaves the reservation that was there as it is (H01.FR.02).
        """
        known = self._held(state).get(asked.key)
        asked.answer, asked.made_at_ms = status, work.now_ms
        if status != "Accepted":
            if known is None or not known.in_force:
                asked.state, asked.ended_at_ms, asked.ended_by = "rejected", work.now_ms, f"the station said {status}"
                self._keep(state, work, asked)
            else:
                self._still_there(state, work, known)
            return
        if known is not None and not known.answer and known.state in ("used", "cancelled", "expired"):
            asked = _told_before(asked, known)
        self._keep(state, work, asked)

    def cancelled(self, state: StationState, work: Work, number: int, status: str) -> None:
        """Record the answer to a cancellation. Raises NotLoaded."""
        known = self._held(state).get(str(number))
        if known is None or not known.is_open:
            return
        if status == "Accepted":
            self._end(state, work, known, "cancelled", "cancelled by us")
        elif known.state == "unknown":
            self._end(state, work, known, "rejected", "the station has no such reservation")
        elif NOT_AT_STATION not in known.flags:
            known.flags = (*known.flags, NOT_AT_STATION)
            self._keep(state, work, known)

    # -- what the station reports -----------------------------------------------------------------------------------

    def reported(self, state: StationState, work: Work, number: int, status: str) -> None:
        """Record what a station says of a reservation, known to us or not. Raises NotLoaded."""
        ended, words = _ENDS.get(status, ("cancelled", f"the station reported {status}"))
        known = self._held(state).get(str(number))
        if known is None:
            known = Reservation(reservation_id=number, state="accepted", made_at_ms=work.now_ms, flags=(NOT_OURS,))
        elif not known.is_open and known.ended_by != OVER_BY_OUR_CLOCK:
            return
        self._end(state, work, known, ended, words)

    def require(self, state: StationState) -> None:
        """Have the station's reservations in memory. Raises NotLoaded, once."""
        self._held(state)

    def presented(
        self, state: StationState, work: Work, transaction: Transaction, verdict: Authorization | None
    ) -> None:
        """A transaction began or a token was shown in it: the reservation meant is used up (H01.FR.15, H03.FR.09)."""
        held, number = self._held(state), transaction.reservation_id
        if number:
            found = held.get(str(number))
            if found is None:
                found = Reservation(reservation_id=number, state="accepted", made_at_ms=work.now_ms, flags=(NOT_OURS,))
                found.evse_no, found.id_token = transaction.evse_no, transaction.id_token
        elif verdict is not None and verdict.status == "Accepted" and transaction.id_token:
            found = used_by(
                held.values(),
                token=transaction.id_token,
                group_id=verdict.group_id,
                evse_no=transaction.evse_no,
                began_ms=transaction.started_received_ms,
            )
        else:
            found = None
        if found is not None and (found.in_force or found.state == "unknown" or found.ended_by == OVER_BY_OUR_CLOCK):
            found.transaction_id = transaction.transaction_id
            self._end(state, work, found, "used", f"session {transaction.transaction_id} began")

    def _held(self, state: StationState) -> dict[str, Reservation]:
        return self._documents.held(state, Reservation)

    def _end(self, state: StationState, work: Work, reservation: Reservation, ended: str, words: str) -> None:
        reservation.state, reservation.ended_by, reservation.ended_at_ms = ended, words, work.now_ms
        self._keep(state, work, reservation)

    def _keep(self, state: StationState, work: Work, reservation: Reservation) -> None:
        self._documents.keep(state, work, reservation)
        if reservation.is_open and reservation.expires_at_ms is not None:
            self._remind(reservation.expires_at_ms, state.station.id, reservation.reservation_id)
        ended = [found for found in self._held(state).values() if not found.is_open]
        for old in ended[:-KEPT_ENDED]:
            self._documents.drop(state, work, old)

    # -- the end by our clock ---------------------------------------------------------------------------------------

    def _remind(self, end_ms: int, station_id: int, number: int) -> None:
        heapq.heappush(self._due, (end_ms + EXPIRY_GRACE_MS, station_id, number))

    async def expire(self, states: Callable[[int], StationState | None]) -> None:
        """End what is over and of which no station spoke; called every second or so, and cheap where nothing is due.

        Raises StoreUnavailable; what was due stays due.
        """
        if not self._knows_all:
            await self._read_all()
        now_ms = self._clock_ms()
        while self._due and self._due[0][0] <= now_ms:
            _, station_id, number = self._due[0]
            await self._expire(states(station_id), station_id, number, now_ms)
            heapq.heappop(self._due)

    async def _expire(self, state: StationState | None, station_id: int, number: int, now_ms: int) -> None:
        if state is None:
            await self._expire_stored(station_id, number, now_ms)
            return
        await self.ready(state)
        found = self._held(state).get(str(number))
        if found is None or not _is_due(found, now_ms):
            return
        work = Work(now_ms, state.station.tenant_id, state.station.identity)
        self._end(state, work, found, "expired", OVER_BY_OUR_CLOCK)
        await self._journal.committed(work.records)
        for change in work.changes:
            self._news.publish(change)

    async def _expire_stored(self, station_id: int, number: int, now_ms: int) -> None:
        """End a reservation at a station of which nothing is in memory."""
        for record in await self._records.documents_of(DEFAULT_TENANT, station_id, Reservation.kind):
            found = _reservation(record)
            if found.reservation_id == number and _is_due(found, now_ms):
                found.state, found.ended_by, found.ended_at_ms = "expired", OVER_BY_OUR_CLOCK, now_ms
                record.state, record.data, record.changed_ms = found.state, _text(found), now_ms
                await self._journal.committed([record])
                identity = self._stations.identity_of(station_id) or ""
                self._news.publish(Change("document", record.tenant_id, identity, f"{record.kind}/{record.id}"))

    async def _read_all(self, tenant_id: int = DEFAULT_TENANT) -> None:
        for state in OPEN:
            cursor: str | None = None
            while True:
                page = await self._records.documents(
                    tenant_id, Reservation.kind, state=state, limit=1000, cursor=cursor
                )
                self._remind_of(page.items)
                cursor = page.next
                if cursor is None:
                    break
        self._knows_all = True

    def _remind_of(self, records: Iterable[DocumentRecord]) -> None:
        for record in records:
            found = _reservation(record)
            if found.expires_at_ms is not None:
                self._remind(found.expires_at_ms, record.station_id, found.reservation_id)


def _is_due(reservation: Reservation, now_ms: int) -> bool:
    """A reservation that was replaced may have got a later end."""
    end_ms = reservation.expires_at_ms
    return reservation.is_open and end_ms is not None and end_ms + EXPIRY_GRACE_MS <= now_ms


def _told_before(asked: Reservation, known: Reservation) -> Reservation:
    """Join what was asked for with what the station told of it before its answer was looked at."""
    asked.state, asked.ended_at_ms, asked.ended_by = known.state, known.ended_at_ms, known.ended_by
    asked.transaction_id = known.transaction_id
    return asked


def _reservation(record: DocumentRecord) -> Reservation:
    found = document_of(record)
    assert isinstance(found, Reservation)
    return found


def _text(reservation: Reservation) -> str:
    return msgspec.json.encode(reservation).decode()
