"""Summing: what a running transaction comes to, written at most once a second.

Readings and events are stored with their message, before it is answered. The sums on the transaction's record (energy,
power, last sequence number, ...) follow from them, so under load they are written a little later, and after a crash
they are drawn again from what is newer than the record.
"""

import copy
from collections.abc import Callable

from voltherd.domain.metering import by_instant
from voltherd.domain.transaction import Transaction
from voltherd.services.metering import follow, read_figures
from voltherd.services.ports import Change, Journal, News, Records
from voltherd.services.sequence import count
from voltherd.services.state import StationState
from voltherd.services.work import Work

EVERY_MS = 1_000


class Summing:
    """The running transactions that know more than their records. `Transaction.updated_ms` is when that was written."""

    def __init__(self, journal: Journal, records: Records, news: News, clock_ms: Callable[[], int]) -> None:
        self._journal = journal
        self._records = records
        self._news = news
        self._clock_ms = clock_ms
        self._waiting: dict[int, tuple[str, Transaction]] = {}

    def changed(self, work: Work, transaction: Transaction) -> None:
        """Write the record with this message, or soon if it runs and was written less than a second ago."""
        if transaction.active and work.now_ms - transaction.updated_ms < EVERY_MS:
            self._waiting[transaction.id] = (work.identity, transaction)
            return
        transaction.updated_ms = work.now_ms
        work.put(transaction)
        work.tell("transaction", str(transaction.id))
        work.tell("station", work.identity)

    async def write(self) -> None:
        """Write what waits. Raises StoreUnavailable; it then waits on."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        now_ms = self._clock_ms()
        for _, transaction in waiting.values():
            transaction.updated_ms = now_ms
        try:
            await self._journal.committed([transaction for _, transaction in waiting.values()])
        except BaseException:  # whatever it was: nothing is lost, and the caller hears of it
            self._waiting = waiting | self._waiting
            raise
        for identity, transaction in waiting.values():
            self._news.publish(Change("transaction", transaction.tenant_id, identity, str(transaction.id)))
            self._news.publish(Change("station", transaction.tenant_id, identity, identity))

    def forget(self, state: StationState) -> None:
        """Write nothing of a state that may be wrong; what its transactions come to is drawn again when it is read."""
        for transaction in state.transactions.values():
            self._waiting.pop(transaction.id, None)

    async def catch_up(self, state: StationState) -> None:
        """Draw the sums of a station's running transactions again from what is newer than their records."""
        for transaction in state.active():
            recorded = copy.copy(transaction)
            events, samples = await self._records.since_record(
                transaction.tenant_id, transaction.id, transaction.updated_ms
            )
            for event in events:
                count(transaction, event.seq_no)
                transaction.charging_state = event.charging_state or transaction.charging_state
                transaction.offline = transaction.offline or event.offline
            instants = by_instant(samples)
            read_figures(state, transaction, instants, self._clock_ms())
            follow(transaction, instants)
            if transaction != recorded:
                self._waiting[transaction.id] = (state.station.identity, transaction)
