"""What starts, stops and events of transactions share: finding, opening and closing records."""

from collections.abc import Callable
from typing import Protocol

from voltherd.domain.events import Began, Ended
from voltherd.domain.id_token import Authorization
from voltherd.domain.transaction import Transaction
from voltherd.services.authorization import Tokens
from voltherd.services.effects import observe
from voltherd.services.metering import SumsChanged, flag
from voltherd.services.orphans import ORPHAN_STOP
from voltherd.services.ports import Journal, News, Records
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work

SUPERSEDED = "superseded"
NO_START = "start-not-reported"
MESSAGES_LOST = "messages-lost"
NOT_ONGOING = "the station says that it is over, and has no message of it left"


class Reserved(Protocol):
    """Who must know that a session began, or that a token was shown in it."""

    def require(self, state: StationState) -> None:
        """Raise NotLoaded where something must be read first; called before anything is changed."""

    def presented(
        self, state: StationState, work: Work, transaction: Transaction, verdict: Authorization | None
    ) -> None:
        """A session began for a token or a reservation."""


class Bound(Protocol):
    """Who holds what goes with a transaction."""

    def before_end(self, state: StationState) -> None:
        """Raise NotLoaded where something must be read first; called before anything is changed."""

    def transaction_began(self, state: StationState, work: Work, transaction: Transaction) -> None:
        """A transaction began, or it became known which remote start it came from."""

    def transaction_ended(self, state: StationState, work: Work, transaction: Transaction) -> None:
        """A transaction has ended; nothing needs to be read any more, or it is left for later."""


class TransactionBook:
    """Records of transactions in a station's state."""

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
        self._bound: Bound | None = None

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

    def use_profiles(self, bound: Bound) -> None:
        """Tell of the ends of transactions, with which their charging profiles go (interop trap 38)."""
        self._bound = bound

    def _before_end(self, state: StationState) -> None:
        if self._bound is not None:
            self._bound.before_end(state)

    def use_states(self, states: Callable[[int], StationState | None]) -> None:
        """Let changes by operators reach the state that a live station's node keeps in memory."""
        self._states = states

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
        if self._bound is not None:
            self._bound.transaction_began(state, work, transaction)

    def _ended(self, state: StationState, work: Work, transaction: Transaction, at_ms: int) -> None:
        was_active = transaction.active
        self._close(transaction, at_ms, work.now_ms)
        transaction.inferred = ORPHAN_STOP in transaction.flags or NO_START in transaction.flags
        self._put(state, work, transaction)
        if was_active:
            observe(state, work, Ended(transaction))
            if self._bound is not None:
                self._bound.transaction_ended(state, work, transaction)

    @staticmethod
    def _close(transaction: Transaction, at_ms: int, now_ms: int) -> None:
        transaction.active = False
        transaction.power_w = None
        transaction.stopped_at_ms, transaction.stopped_received_ms = at_ms, now_ms
        transaction.updated_ms = now_ms

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
