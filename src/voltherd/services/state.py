"""What the node that holds a station's socket keeps of it in memory: handlers decide without asking the store."""

from collections import OrderedDict
from typing import NamedTuple

from voltherd.domain.commands import CommandRecord
from voltherd.domain.device_model import Report
from voltherd.domain.document import Document
from voltherd.domain.message import InboundMessage
from voltherd.domain.quirk import Quirks, Tolerance
from voltherd.domain.station import Connector, Evse, Station
from voltherd.domain.transaction import Transaction
from voltherd.services.ports import StationSnapshot


class Held(NamedTuple):
    """A document and the id of its record."""

    id: int
    created_ms: int
    document: Document


MAX_RECENT_TRANSACTIONS = 64
MAX_ABSENT = 64
MAX_SEEN_EVENTS = 32
SNAPSHOT_TRANSACTIONS = 50
"""A snapshot that holds fewer transactions than this holds all there are."""


class StationState:
    """One station: its record, connectors, open and recent transactions, remembered replies, open commands."""

    __slots__ = (
        "absent_transactions",
        "connectors",
        "documents",
        "evses",
        "holds_all_transactions",
        "next_number",
        "open_commands",
        "quirks",
        "replies",
        "reports",
        "seen_events",
        "station",
        "tolerated",
        "transactions",
        "triggered",
    )

    def __init__(self, snapshot: StationSnapshot) -> None:
        self.station: Station = snapshot.station
        self.evses: dict[int, Evse] = {evse.evse_no: evse for evse in snapshot.evses}
        self.connectors: dict[tuple[int, int], Connector] = {
            (item.evse_no, item.connector_no): item for item in snapshot.connectors
        }
        self.transactions: dict[str, Transaction] = {
            item.transaction_id: item for item in reversed(snapshot.transactions)
        }
        self.holds_all_transactions = len(snapshot.transactions) < SNAPSHOT_TRANSACTIONS
        """Whether a transaction that is not here does not exist."""
        self.absent_transactions: OrderedDict[str, None] = OrderedDict()
        self.replies: OrderedDict[str, InboundMessage] = OrderedDict(
            (item.message_id, item) for item in sorted(snapshot.replies, key=lambda reply: reply.at_ms)
        )
        self.next_number = snapshot.highest_transaction_number + 1
        self.seen_events: OrderedDict[tuple[int, int], int] = OrderedDict()
        self.open_commands: dict[int, CommandRecord] = {item.id: item for item in snapshot.open_commands}
        self.triggered: set[str] = set()
        """Actions that a TriggerMessage asked for while the station's registration is pending."""
        self.documents: dict[str, dict[str, Held]] = {}
        """By kind and key, of the kinds that were needed so far: see `services.documents`."""
        self.quirks = Quirks()
        """What this kind of station does differently."""
        self.tolerated: Tolerance | None = None
        """What is let through although the schema forbids it; None: what is for any station."""
        self.reports: dict[int, Report] = {}
        """Device model reports on their way, by requestId."""

    def take_number(self) -> int:
        """Give the next transactionId for a 1.6 station (positive, 31 bits)."""
        number = self.next_number
        self.next_number = number + 1 if number < 0x7FFF_FFFF else 1
        return number

    def open_on(self, evse_no: int, connector_no: int | None = None) -> Transaction | None:
        """Give the open transaction on an EVSE (and connector), the newest if there are several."""
        found = None
        for item in self.transactions.values():
            if item.active and item.evse_no == evse_no and connector_no in (None, 0, item.connector_no):
                found = item
        return found

    def statuses_within(self, evse_no: int, connector_no: int) -> list[str]:
        """Give what was last reported of a place and its parts; EVSE 0 is the station, connector 0 the whole EVSE."""
        return [
            connector.status
            for place, connector in self.connectors.items()
            if evse_no in (0, place[0]) and connector_no in (0, place[1])
        ]

    def active(self) -> list[Transaction]:
        """Give all open transactions."""
        return [item for item in self.transactions.values() if item.active]

    def remember(self, transaction: Transaction) -> None:
        """Keep a transaction at hand; the oldest ended ones are let go."""
        self.absent_transactions.pop(transaction.transaction_id, None)
        self.transactions[transaction.transaction_id] = transaction
        if len(self.transactions) > MAX_RECENT_TRANSACTIONS:
            for key, item in list(self.transactions.items()):
                if not item.active and item is not transaction:
                    del self.transactions[key]
                    self.holds_all_transactions = False
                    break

    def remember_event(self, transaction: Transaction, seq_no: int, signature: int) -> None:
        """Keep what an event was, to tell a repetition from a reused number; the oldest are let go."""
        self.seen_events[transaction.id, seq_no] = signature
        if len(self.seen_events) > MAX_SEEN_EVENTS:
            self.seen_events.popitem(last=False)

    def remember_absent(self, transaction_id: str) -> None:
        """Note that the store does not know a transaction, so that it is asked once."""
        self.absent_transactions[transaction_id] = None
        while len(self.absent_transactions) > MAX_ABSENT:
            self.absent_transactions.popitem(last=False)
