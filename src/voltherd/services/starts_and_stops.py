"""Starts and stops as OCPP 1.6 reports them: one message each, and the number of the transaction is ours."""

from voltherd.domain.id_token import Authorization, token_key
from voltherd.domain.metering import by_instant
from voltherd.domain.transaction import StartReport, StopReport, Transaction
from voltherd.services.clocks import believed_ms, is_believed
from voltherd.services.metering import begin, finish, flag, read_figures, store_samples
from voltherd.services.orphans import ORPHAN_STOP, adopt, meant_by, orphan_id, release
from voltherd.services.state import StationState
from voltherd.services.transaction_book import TransactionBook
from voltherd.services.work import Work

REPEATED_STOP = "stop-repeated-differently"


class StartsAndStops(TransactionBook):
    """Records starts and stops; the same report again gives the same answer and changes nothing."""

    def start(self, state: StationState, work: Work, report: StartReport) -> tuple[Transaction, Authorization]:
        """Record a start. The same start again gets the same transaction (interop trap 19)."""
        key = f"{report.connector_no}|{token_key(report.id_token)}|{report.timestamp}|{report.meter_start_wh}"
        self._require_replayed(state, key)
        self._require_reserved(state)
        verdict = self._tokens.authorize_at(state, report.id_token, work.now_ms, starts=True)
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
        self._before_end(state)
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
