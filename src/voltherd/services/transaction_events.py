"""Events of transactions as OCPP 2.x reports them, in whatever order they come (E01-E08)."""

from msgspec.structs import replace

from voltherd.domain.id_token import Authorization
from voltherd.domain.metering import by_instant
from voltherd.domain.transaction import (
    EventReport,
    GetTransactionStatus,
    Limits,
    Transaction,
    TransactionEvent,
    limits_of,
    set_limits,
)
from voltherd.services.availability import AVAILABLE_WHILE_ACTIVE
from voltherd.services.clocks import believed_ms
from voltherd.services.metering import Instants, begin, believe, finish, flag, follow, forget_start, read_figures
from voltherd.services.sequence import count
from voltherd.services.state import StationState
from voltherd.services.transaction_book import NO_START, TransactionBook
from voltherd.services.work import Work

SEQ_NO_REUSED = "seq-no-reused"
UNPLUGGED = frozenset({"EVCommunicationLost", "EVDeparted"})
ASKED_FOR_GAP = "rule: ended offline with missing events (E14)"


class TransactionEvents(TransactionBook):
    """Records events; one that came before changes nothing."""

    def event(self, state: StationState, work: Work, report: EventReport) -> Authorization | None:
        """Record an event in whatever order it comes (E01-E08); gives the verdict on the token that came with it."""
        known = state.transactions.get(report.transaction_id)
        if known is None:
            self._require_loaded(state, report.transaction_id)
        if report.id_token is not None or report.reservation_id:
            self._require_reserved(state)
        if report.kind == "Ended":
            self._before_end(state)
        verdict = None
        if report.id_token is not None:
            verdict = self._tokens.authorize_at(
                state, report.id_token, work.now_ms, token_type=report.id_token_type, starts=_begins(report)
            )
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
        elif known is None or report.remote_start_id is not None:  # or the cable came before the request (F01.FR.25)
            self._began(state, work, transaction)
        if report.kind == "Ended":
            self._finish_event(state, work, transaction, report, instants, at_ms)
            if known is None and len(instants) == 1 and instants[0][1].begin_wh is None:
                forget_start(transaction)
        elif known is not None and report.kind == "Updated" and not says_more:
            self._sums_changed(work, transaction)
        else:
            self._put(state, work, transaction)
        if report.kind == "Ended" and report.offline and transaction.seq_gaps:
            work.follow_up(GetTransactionStatus(transaction_id=transaction.transaction_id), ASKED_FOR_GAP)
        if verdict is not None and verdict.max_cost is not None:
            _limit_spending(transaction, verdict.max_cost)
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
        if report.trigger_reason in UNPLUGGED or report.stopped_reason == "EVDisconnected":
            _explain_available(transaction)
        reading_wh = transaction.meter_last_wh
        for _, found in instants:
            reading_wh = reading_wh if found.register_wh is None else found.register_wh
        for _, found in instants:
            reading_wh = reading_wh if found.end_wh is None else found.end_wh
        finish(state, transaction, reading_wh, at_ms)
        self._ended(state, work, transaction, at_ms)


def _explain_available(transaction: Transaction) -> None:
    """Take the flag back: 2.x reports the free connector first, then the end that unplugging brought (E06.FR.02)."""
    transaction.flags = tuple(word for word in transaction.flags if word != AVAILABLE_WHILE_ACTIVE)


def _says_more_than_sums(transaction: Transaction, report: EventReport) -> bool:
    """Whether an event changes what cannot be drawn again from the events and readings stored."""
    located = report.evse_no and not transaction.evse_no
    named = report.id_token or report.remote_start_id or report.reservation_id or report.limits
    return bool(located or named or SEQ_NO_REUSED in transaction.flags)


def _begins(report: EventReport) -> bool:
    """Whether the token is shown to begin a session, not to end one."""
    return report.kind == "Started" or (report.kind == "Updated" and report.trigger_reason == "Authorized")


def _limit_spending(transaction: Transaction, max_cost: str) -> None:
    """Want a limit of what the token may spend, once; the answer tells it to stations that know limits (C17.FR.03)."""
    limits = limits_of(transaction)
    if transaction.active and limits.wanted is None:
        set_limits(transaction, replace(limits, wanted=Limits(max_cost=float(max_cost))))


def _event_record(transaction: Transaction, report: EventReport, at_ms: int, now_ms: int) -> TransactionEvent:
    believe(report.samples, now_ms)
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
