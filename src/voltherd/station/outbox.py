"""What a station has to say, in the order it says it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request, encode
from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.version import OcppVersion
from voltherd.station.evse import Transaction
from voltherd.station.journal import Journal, KeptMessage

OnAnswer = Callable[[Any, OcppError | None], None]
"""Called with the response, or None and what went wrong."""


class Outgoing(Struct, eq=False, kw_only=True):
    """A request on its way. With a `transaction` it is kept until it is answered."""

    action: str
    request: WireType
    transaction: Transaction | None = None
    on_answer: OnAnswer | None = None
    number: int = 0
    refusals: int = 0
    not_before: float = 0.0
    sent_at: float = 0.0


class Outbox:
    """Two lanes: passing messages, which die with the connection, and kept ones, which do not.

    Both together are sent in the order in which things happened.
    """

    def __init__(self, version: OcppVersion, journal: Journal) -> None:
        self._version = version
        self._journal = journal
        self._passing: deque[Outgoing] = deque()
        self._kept: deque[Outgoing] = deque()
        self._number = 0

    def restore(self) -> list[Transaction]:
        """Take up what the journal kept; gives the transactions that were open when the power went."""
        messages, transactions = self._journal.load()
        by_id = {transaction.id: transaction for transaction in transactions}
        for message in messages:
            self._number = max(self._number, message.number)
            transaction = by_id.get(message.transaction_id)
            if transaction is None or message.version != self._version:
                self._journal.drop_message(message.number)
                continue
            request = decode_request(self._version, message.action, message.payload)
            self._kept.append(
                Outgoing(action=message.action, request=request, transaction=transaction, number=message.number)
            )
        return [transaction for transaction in transactions if transaction.is_open]

    @property
    def kept_count(self) -> int:
        """How many messages about transactions wait."""
        return len(self._kept)

    def waits_for(self, transaction_id: str) -> bool:
        """Whether messages about a transaction wait."""
        return any(m.transaction is not None and m.transaction.id == transaction_id for m in self._kept)

    def say(self, message: Outgoing) -> None:
        """Add a passing message."""
        self._number += 1
        message.number = self._number
        self._passing.append(message)

    def keep(self, message: Outgoing) -> None:
        """Add a message about a transaction; it is in the journal when this returns."""
        assert message.transaction is not None
        self._number += 1
        message.number = self._number
        self._journal.keep_transaction(message.transaction)
        self._journal.keep_message(
            KeptMessage(
                number=message.number,
                version=self._version,
                action=message.action,
                payload=encode(message.request),
                transaction_id=message.transaction.id,
            )
        )
        self._kept.append(message)

    def next(self, now: float, *, kept: bool) -> Outgoing | None:
        """The oldest message that may be sent, a kept one only if `kept`; it stays until `done`."""
        first = self._kept[0] if kept and self._kept and self._kept[0].not_before <= now else None
        if self._passing and (first is None or self._passing[0].number < first.number):
            return self._passing.popleft()
        return first

    def retry_at(self) -> float | None:
        """When the first kept message may be sent, None without one."""
        return self._kept[0].not_before if self._kept else None

    def done(self, message: Outgoing) -> None:
        """A kept message was answered or is given up."""
        assert self._kept
        assert self._kept[0] is message
        self._kept.popleft()
        self._journal.drop_message(message.number)
        transaction = message.transaction
        assert transaction is not None
        if transaction.is_open or self.waits_for(transaction.id):
            self._journal.keep_transaction(transaction)
        else:
            self._journal.drop_transactions([transaction.id])

    def line_is_down(self) -> list[Outgoing]:
        """The connection is gone: the passing messages that will never be sent."""
        lost = list(self._passing)
        self._passing.clear()
        for message in self._kept:
            message.not_before = 0.0
        return lost
