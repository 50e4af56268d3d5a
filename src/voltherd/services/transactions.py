"""Transactions: everything a station reports is recorded, whatever the order, however often (functional block E).

`start` and `stop` serve OCPP 1.6, `event` serves 2.x. All are idempotent: the same report again gives the same answer
and changes nothing. A record is never refused for its content; oddities become flags.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from voltherd.domain.errors import Conflict, NotFound
from voltherd.domain.events import Began, Ended
from voltherd.domain.id_token import Authorization, token_key
from voltherd.domain.metering import by_instant
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.domain.time import plausible_ms
from voltherd.domain.transaction import (
    EventReport,
    GetTransactionStatus,
    Limits,
    StartReport,
    StopReport,
    Transaction,
    TransactionEvent,
    limits_of,
    set_limits,
)
from voltherd.services.authorization import Tokens
from voltherd.services.clocks import believed_ms, is_believed
from voltherd.services.effects import observe
from voltherd.services.metering import Instants, SumsChanged, begin, finish, flag, follow, read_figures, store_samples
from voltherd.services.orphans import ORPHAN_STOP, adopt, meant_by, orphan_id, release
from voltherd.services.ports import Change, Journal, News, Records
from voltherd.services.sequence import count
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

SUPERSEDED = "superseded"
REPEATED_STOP = "stop-repeated-differently"
NO_START = "start-not-reported"
SEQ_NO_REUSED = "seq-no-reused"
MESSAGES_LOST = "messages-lost"
NOT_ONGOING = "the station says that it is over, and has no message of it left"
ASKED_FOR_GAP = "rule: ended offline with missing events (E14)"


class Reserved(Protocol):
    """Who must know that a session began, or that a token was shown in it."""

    def require(self, state: StationState) -> None:
        """Raise NotLoaded where something must be read first; called before anything is changed."""

    def presented(
        self, state: StationState, work: Work, transaction: Transaction, verdict: Authorization | None
    ) -> None:
        """A session began for a token or a reservation."""


class Transactions:
    """Starts, stops and events of all versions."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        tokens: Tokens,
        news: News,
        sums_changed: SumsChanged,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
    ) -> None:
        self._news = news
        self._sums_changed = sums_changed
        self._clock_ms = clock_ms
        self._journal = journal
        self._records = records
        self._tokens = tokens
        self._ids = ids
        self._states: Callable[[int], StationState | None] = lambda _: None
        self._reserved: Reserved | None = None

    def use_reservations(self, reserved: Reserved) -> None:
        """Tell of the sessions that may use up a reservation."""
        self._reserved = reserved

    def _require_reserved(self, state: StationState) -> None:
        if self._reserved is not None:
            self._reserved.require(state)

    def _presented(
        self, state: StationState, work: Work, transaction: Transaction, verdict: Authorization | None
    ) -> None:
        if self._reserved is not None:
            self._reserved.presented(state, work, transaction, verdict)

    def use_states(self, states: Callable[[int], StationState | None]) -> None:
        """Let changes by operators reach the state that a live station's node keeps in memory."""
        self._states = states

    # -- OCPP 1.6 -------------------------------------------------------------------------------------------------

    def start(self, state: StationState, work: Work, report: StartReport) -> tuple[Transaction, Authorization]:
        """Record a start. The same start again gets the same transaction (interop trap 19)."""
        key = f"{report.connector_no}|{token_key(report.id_token)}|{report.timestamp}|{report.meter_start_wh}"
        self._require_replayed(state, key)
        self._require_reserved(state)
        verdict = self._tokens.authorize_at(state, report.id_token, work.now_ms)
        for known in state.transactions.values():
            if known.replay_key == key and (known.active or is_believed(report.timestamp, work.now_ms)):
                return known, verdict
        at_ms = believed_ms(state, work, report.timestamp)
        self._supersede(state, work, report.connector_no)
        transaction = self._new(state, work, str(state.take_number()), report.connector_no, 1, at_ms)
        transaction.id_token, transaction.id_token_type = report.id_token, "ISO14443"
        transaction.authorization, transaction.replay_key = verdict.status, self._take_key(state, work, key)
        transaction.reservation_id = report.reservation_id or None
        begin(transaction, float(report.meter_start_wh), at_ms)
        orphan = adopt(state, transaction)
        if orphan is not None:
            self._close(transaction, orphan.stopped_at_ms or at_ms, work.now_ms)
            work.put(orphan)
        self._began(state, work, transaction)
        self._presented(state, work, transaction, verdict)
        return transaction, verdict

    @staticmethod
    def _take_key(state: StationState, work: Work, key: str) -> str:
        """Give the key to a new transaction; an ended one of a station without a clock may have had the same."""
        for known in state.transactions.values():
            if known.replay_key == key:
                known.replay_key = None
                work.put(known)
        return key

    def stop(self, state: StationState, work: Work, report: StopReport) -> Authorization | None:
        """Record a stop; gives the verdict on the token that came with it. Never refused, never lost (trap 18)."""
        transaction = self._find_stopped(state, report)
        verdict = None
        if report.id_token:
            verdict = self._tokens.authorize_at(state, report.id_token, work.now_ms)
        at_ms = believed_ms(state, work, report.timestamp)
        if transaction is None:
            transaction = self._orphan(state, work, report, at_ms)
        if transaction.meter_stop_wh is not None and not transaction.active and not transaction.inferred:
            if (transaction.meter_stop_wh, transaction.stopped_at_ms) != (report.meter_stop_wh, at_ms):
                flag(transaction, REPEATED_STOP)
                work.put(transaction)
            return verdict
        released = release(state, transaction)
        if released is not None:
            work.put(released)
        store_samples(state, work, transaction.evse_no, transaction.connector_no, report.samples, transaction)
        read_figures(state, transaction, by_instant(report.samples), work.now_ms)
        transaction.stop_reason = report.reason
        transaction.stop_id_token = report.id_token or ""
        finish(state, transaction, float(report.meter_stop_wh), at_ms)
        self._ended(state, work, transaction, at_ms)
        return verdict

    def _find_stopped(self, state: StationState, report: StopReport) -> Transaction | None:
        wire_id = str(report.transaction_id)
        known = state.transactions.get(wire_id)
        if known is None and report.transaction_id > 0:
            self._require_loaded(state, wire_id)
        return meant_by(state, report) if known is None else known

    def _orphan(self, state: StationState, work: Work, report: StopReport, at_ms: int) -> Transaction:
        transaction = self._new(state, work, orphan_id(report), 0, 0, at_ms)
        transaction.id_token = report.id_token or ""
        transaction.inferred = True
        transaction.flags = (ORPHAN_STOP,)
        return transaction

    # -- OCPP 2.x -------------------------------------------------------------------------------------------------

    def event(self, state: StationState, work: Work, report: EventReport) -> Authorization | None:
        """Record an event in whatever order it comes (E01-E08); gives the verdict on the token that came with it."""
        known = state.transactions.get(report.transaction_id)
        if known is None:
            self._require_loaded(state, report.transaction_id)
        if report.id_token is not None or report.reservation_id:
            self._require_reserved(state)
        verdict = None
        if report.id_token is not None:
            verdict = self._tokens.authorize_at(state, report.id_token, work.now_ms, token_type=report.id_token_type)
        at_ms = believed_ms(state, work, report.timestamp)
        transaction = known or self._from_event(state, work, report, at_ms)
        signature = hash((report.kind, report.timestamp, report.trigger_reason))
        if known is not None and self._is_repeated(state, transaction, report, signature):
            return verdict
        state.remember_event(transaction, report.seq_no, signature)
        newest = transaction.seq_no_last is None or report.seq_no > transaction.seq_no_last
        count(transaction, report.seq_no)
        says_more = _says_more_than_sums(transaction, report)
        instants = by_instant(report.samples)
        self._take_over(state, work, transaction, report, verdict, instants, newest=newest)
        work.put(_event_record(transaction, report, at_ms, work.now_ms))
        if report.kind == "Started":
            self._started(state, work, transaction, instants, at_ms, known=known is not None)
        elif known is None:
            self._began(state, work, transaction)
        if report.kind == "Ended":
            self._finish_event(state, work, transaction, report, instants, at_ms)
        elif known is not None and report.kind == "Updated" and not says_more:
            self._sums_changed(work, transaction)
        else:
            self._put(state, work, transaction)
        if report.kind == "Ended" and report.offline and transaction.seq_gaps:
            work.follow_up(GetTransactionStatus(transaction_id=transaction.transaction_id), ASKED_FOR_GAP)
        if report.reservation_id or (verdict is not None and report.kind != "Ended"):
            self._presented(state, work, transaction, verdict)
        return verdict

    def _from_event(self, state: StationState, work: Work, report: EventReport, at_ms: int) -> Transaction:
        evse_no = report.evse_no or 0
        if report.kind == "Started" and evse_no:
            self._supersede(state, work, evse_no)
        transaction = self._new(state, work, report.transaction_id, evse_no, report.connector_no or 1, at_ms)
        if report.kind != "Started":
            transaction.inferred = True
            transaction.flags = (NO_START,)
        return transaction

    @staticmethod
    def _is_repeated(state: StationState, transaction: Transaction, report: EventReport, signature: int) -> bool:
        seen = state.seen_events.get((transaction.id, report.seq_no))
        if seen is not None:
            if seen != signature:
                flag(transaction, SEQ_NO_REUSED)
            return seen == signature
        first, last = transaction.seq_no_first, transaction.seq_no_last
        if first is None or last is None or not first <= report.seq_no <= last or report.seq_no in transaction.seq_gaps:
            return False
        return not (report.kind == "Ended" and transaction.active)

    @staticmethod
    def _take_over(
        state: StationState,
        work: Work,
        transaction: Transaction,
        report: EventReport,
        verdict: Authorization | None,
        instants: Instants,
        *,
        newest: bool,
    ) -> None:
        if report.evse_no and not transaction.evse_no:
            transaction.evse_no, transaction.connector_no = report.evse_no, report.connector_no or 1
        if report.id_token is not None and not transaction.id_token and report.kind != "Ended":
            transaction.id_token, transaction.id_token_type = report.id_token, report.id_token_type
            transaction.authorization = verdict.status if verdict else ""
        transaction.offline = transaction.offline or report.offline
        transaction.remote_start_id = report.remote_start_id or transaction.remote_start_id
        transaction.reservation_id = report.reservation_id or transaction.reservation_id
        if isinstance(report.charging_state, str) and newest:
            transaction.charging_state = report.charging_state
        if report.limits is not None and newest:
            set_limits(transaction, replace(limits_of(transaction), reported=report.limits))
        read_figures(state, transaction, instants, work.now_ms)
        if newest:
            follow(transaction, instants)

    def _started(
        self,
        state: StationState,
        work: Work,
        transaction: Transaction,
        instants: Instants,
        at_ms: int,
        *,
        known: bool,
    ) -> None:
        if known:
            transaction.started_at_ms = at_ms
            transaction.flags = tuple(word for word in transaction.flags if word != NO_START)
            transaction.inferred = transaction.inferred and bool(transaction.close_reason)
        for _, found in instants:
            reading_wh = found.register_wh if found.begin_wh is None else found.begin_wh
            if reading_wh is not None:
                begin(transaction, reading_wh, at_ms)
                break
        if not known:
            self._began(state, work, transaction)

    def _finish_event(
        self,
        state: StationState,
        work: Work,
        transaction: Transaction,
        report: EventReport,
        instants: Instants,
        at_ms: int,
    ) -> None:
        transaction.stop_reason = report.stopped_reason or "Local"
        transaction.stop_id_token = report.id_token or ""
        reading_wh = transaction.meter_last_wh
        for _, found in instants:
            reading_wh = reading_wh if found.register_wh is None else found.register_wh
        for _, found in instants:
            reading_wh = reading_wh if found.end_wh is None else found.end_wh
        finish(state, transaction, reading_wh, at_ms)
        self._ended(state, work, transaction, at_ms)

    def status(self, state: StationState, work: Work, transaction_id: str, *, ongoing: bool, waiting: bool) -> None:
        """Take over what a station answers about a transaction (E14): nothing more will come, or it is over.

        Raises NotLoaded. A transaction that ended unreported is closed as inferred; no meter value is invented.
        """
        transaction = self.find(state, transaction_id)
        if transaction is None or waiting:
            return
        if transaction.seq_gaps and MESSAGES_LOST not in transaction.flags and not ongoing:
            flag(transaction, MESSAGES_LOST)
            self._put(state, work, transaction)
        if transaction.active and not ongoing:
            self._ended(state, work, transaction, work.now_ms)
            transaction.inferred, transaction.close_reason = True, NOT_ONGOING

    # -- both -----------------------------------------------------------------------------------------------------

    def find(self, state: StationState, transaction_id: str) -> Transaction | None:
        """Give a transaction by its id on the wire. Raises NotLoaded where the store may know it."""
        known = state.transactions.get(transaction_id)
        if known is None:
            self._require_loaded(state, transaction_id)
        return state.transactions.get(transaction_id)

    def _require_loaded(self, state: StationState, transaction_id: str) -> None:
        """Raise NotLoaded once for an id that is not in memory; after the look-up absence is known."""
        if transaction_id in state.absent_transactions:
            return

        async def load() -> None:
            station = state.station
            found = await self._records.transaction_by_wire_id(station.tenant_id, station.id, transaction_id)
            if found is None:
                state.remember_absent(transaction_id)
            else:
                state.remember(found)

        if not state.holds_all_transactions:
            raise NotLoaded(load)

    def _require_replayed(self, state: StationState, key: str) -> None:
        """Raise NotLoaded once for a start that may repeat one which is no longer in memory."""
        marker = f"start {key}"
        if state.holds_all_transactions or marker in state.absent_transactions:
            return
        if any(known.replay_key == key for known in state.transactions.values()):
            return

        async def load() -> None:
            station = state.station
            found = await self._records.transaction_by_replay_key(station.tenant_id, station.id, key)
            state.remember_absent(marker)
            if found is not None:
                state.remember(found)

        raise NotLoaded(load)

    def _new(
        self, state: StationState, work: Work, transaction_id: str, evse_no: int, connector_no: int, at_ms: int
    ) -> Transaction:
        transaction = Transaction(
            id=self._ids(),
            tenant_id=state.station.tenant_id,
            station_id=state.station.id,
            transaction_id=transaction_id,
            evse_no=evse_no,
            connector_no=connector_no,
            started_at_ms=at_ms,
            started_received_ms=work.now_ms,
            ocpp_version=state.station.ocpp_version or "",
            updated_ms=work.now_ms,
        )
        state.remember(transaction)
        return transaction

    def _supersede(self, state: StationState, work: Work, evse_no: int) -> None:
        """Close what is still open on an EVSE where a new transaction begins: inferred, no meter value invented."""
        earlier = state.open_on(evse_no)
        if earlier is None:
            return
        flag(earlier, SUPERSEDED)
        self._ended(state, work, earlier, work.now_ms)
        earlier.inferred, earlier.close_reason = True, "a new transaction began on the same EVSE"

    @staticmethod
    def _put(state: StationState, work: Work, transaction: Transaction) -> None:
        transaction.updated_ms = work.now_ms
        work.put(transaction)
        work.tell("transaction", str(transaction.id))
        work.tell("station", state.station.identity)

    def _began(self, state: StationState, work: Work, transaction: Transaction) -> None:
        self._put(state, work, transaction)
        observe(state, work, Began(transaction))

    def _ended(self, state: StationState, work: Work, transaction: Transaction, at_ms: int) -> None:
        was_active = transaction.active
        self._close(transaction, at_ms, work.now_ms)
        transaction.inferred = ORPHAN_STOP in transaction.flags or NO_START in transaction.flags
        self._put(state, work, transaction)
        if was_active:
            observe(state, work, Ended(transaction))

    @staticmethod
    def _close(transaction: Transaction, at_ms: int, now_ms: int) -> None:
        transaction.active = False
        transaction.power_w = None
        transaction.stopped_at_ms, transaction.stopped_received_ms = at_ms, now_ms
        transaction.updated_ms = now_ms

    async def limit(self, transaction: int, limits: Limits, *, tenant_id: int = DEFAULT_TENANT) -> Transaction:
        """Want limits for a running transaction: told to the station with the answer to its next event (2.1, E16).

        Raises NotFound, Conflict.
        """
        record = await self._record(transaction, tenant_id)
        if record.ocpp_version != "2.1":
            raise Conflict(f"OCPP {record.ocpp_version or 'of this station'} has no limits of transactions; 2.1 has.")
        if not record.active:
            raise Conflict(f"Transaction {record.transaction_id} is over.")
        set_limits(record, replace(limits_of(record), wanted=limits))
        await self._journal.committed([record])
        self._news.publish(Change("transaction", tenant_id, "", str(record.id)))
        return record

    async def _record(self, transaction: int, tenant_id: int) -> Transaction:
        """Give the record at work, or that of the store. Raises NotFound."""
        stored = await self._records.transaction(tenant_id, transaction)
        if stored is None:
            raise NotFound(f"There is no transaction {transaction}.")
        state = self._states(stored.station_id)
        return state.transactions.get(stored.transaction_id, stored) if state else stored

    async def close(self, transaction: int, reason: str, *, who: str, tenant_id: int = DEFAULT_TENANT) -> Transaction:
        """Close a stale transaction by hand: flagged, no meter value invented. Raises NotFound, Conflict."""
        record = await self._record(transaction, tenant_id)
        if not record.active:
            raise Conflict(f"Transaction {record.transaction_id} is closed already.")
        record.inferred = True
        record.close_reason = f"closed by {who}: {reason}"
        flag(record, "closed-by-operator")
        now_ms = self._clock_ms()
        self._close(record, now_ms, now_ms)
        await self._journal.committed([record])
        self._news.publish(Change("transaction", tenant_id, "", str(record.id)))
        return record


def _says_more_than_sums(transaction: Transaction, report: EventReport) -> bool:
    """Whether an event changes what cannot be drawn again from the events and readings stored."""
    located = report.evse_no and not transaction.evse_no
    named = report.id_token or report.remote_start_id or report.reservation_id or report.limits
    return bool(located or named or SEQ_NO_REUSED in transaction.flags)


def _event_record(transaction: Transaction, report: EventReport, at_ms: int, now_ms: int) -> TransactionEvent:
    for item in report.samples:
        item.at_ms = plausible_ms(item.at_ms, now_ms)
    return TransactionEvent(
        transaction.station_id,
        transaction.id,
        report.seq_no,
        report.kind,
        report.trigger_reason,
        at_ms,
        now_ms,
        report.offline,
        report.charging_state if isinstance(report.charging_state, str) else "",
        report.stopped_reason,
        report.id_token or "",
        transaction.tenant_id,
        transaction.evse_no,
        transaction.connector_no,
        report.samples,
        report.details,
    )
