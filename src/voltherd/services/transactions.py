"""Transactions: everything a station reports is recorded, whatever the order, however often (functional block E).

`start` and `stop` serve OCPP 1.6, `event` serves 2.x; what both share is in `transaction_book`. A record is never
refused for its content; oddities become flags. Here is what operators do with transactions.
"""

from msgspec.structs import replace

from voltherd.domain.errors import Conflict, NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.domain.transaction import EventReport, Limits, Transaction, limits_of, set_limits
from voltherd.services.metering import flag
from voltherd.services.ports import Change
from voltherd.services.starts_and_stops import StartsAndStops
from voltherd.services.state import StationState
from voltherd.services.transaction_events import TransactionEvents
from voltherd.services.transaction_limits import to_tell, unsupported
from voltherd.services.work import Work


class Transactions(StartsAndStops, TransactionEvents):
    """Starts, stops and events of all versions, and what operators do with transactions."""

    async def limit(self, transaction: int, limits: Limits, *, tenant_id: int = DEFAULT_TENANT) -> Transaction:
        """Want limits for a running transaction: told to the station with the answer to its next event (2.1, E16).

        Raises NotFound, Conflict.
        """
        station_id = (await self._record(transaction, tenant_id)).station_id
        unknown = await unsupported(self._records, tenant_id, station_id, limits)
        record = await self._record(transaction, tenant_id)
        if record.ocpp_version != "2.1":
            raise Conflict(f"OCPP {record.ocpp_version or 'of this station'} has no limits of transactions; 2.1 has.")
        if not record.active:
            raise Conflict(f"Transaction {record.transaction_id} is over.")
        if unknown:
            raise Conflict(f"The station says that it does not support {', '.join(unknown)}.")
        set_limits(record, replace(limits_of(record), wanted=limits))
        await self._journal.committed([record])
        self._news.publish(Change("transaction", tenant_id, "", str(record.id)))
        return record

    def limits_to_tell(self, state: StationState, work: Work, report: EventReport) -> Limits | None:
        """Give the limits that the answer to this event must tell, and record that it does (E16.FR.02)."""
        transaction = state.transactions.get(report.transaction_id)
        if transaction is None or not transaction.active or not transaction.limits:
            return None
        before = limits_of(transaction)
        after = to_tell(before, report)
        if after != before:
            set_limits(transaction, after)
            self._put(state, work, transaction)
        return after.told if after.told_at_seq_no == report.seq_no else None

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
