"""What a station has to say, in the order it says it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import decode_request, encode
from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.version import OcppVersion
from voltherd.station.storage import KeptMessage, Storage
from voltherd.station.transaction import Transactions

OnAnswer = Callable[[Any, OcppError | None], None]
"""Called with what the dialect read from the answer, or None and what went wrong."""

NO_ANSWER: Final = OcppError(ErrorCode.GENERIC_ERROR, "No answer in time")


class Outgoing(Struct, eq=False, kw_only=True):
    """A request on its way.

    A `kept` one stays until it is answered, over lost connections and restarts; one about a transaction is always kept.
    `is_send` marks a message that nobody answers (SEND of 2.1). `was_offline`: the line was lost while it waited.
    """

    action: str
    request: WireType
    transaction_id: str | None = None
    kept: bool = False
    on_answer: OnAnswer | None = None
    is_send: bool = False
    was_offline: bool = False
    number: int = 0
    refusals: int = 0
    not_before: float = 0.0
    sent_at: float = 0.0


class Outbox:
    """Two lanes: passing messages, which die with the connection, and kept ones, which do not.

    Both together are sent in the order in which things happened.
    """

    __slots__ = ("_kept", "_number", "_passing", "_storage", "_transactions", "_version")

    def __init__(self, version: OcppVersion, storage: Storage, transactions: Transactions) -> None:
        self._version = version
        self._storage = storage
        self._transactions = transactions
        self._passing: deque[Outgoing] | None = None
        self._kept: deque[Outgoing] | None = None
        self._number = 0
        self._restore()

    def _restore(self) -> None:
        for message in self._storage.messages():
            self._number = max(self._number, message.number)
            try:
                if message.version != self._version:
                    raise ValueError("said in another version")
                request = decode_request(self._version, message.action, message.payload)
            except (OcppError, ValueError):
                self._storage.drop_message(message.number)
                continue
            kept = self._kept = self._kept or deque()
            kept.append(
                Outgoing(
                    action=message.action,
                    request=request,
                    transaction_id=message.transaction_id,
                    kept=True,
                    number=message.number,
                    was_offline=True,
                )
            )
        for transaction_id in self._transactions.closed():
            self._transactions.forget(transaction_id, more=self.waits_for(transaction_id))

    @property
    def kept_count(self) -> int:
        """How many kept messages wait."""
        return len(self._kept) if self._kept else 0

    @property
    def transaction_count(self) -> int:
        """How many messages about transactions wait."""
        return sum(m.transaction_id is not None for m in self._kept) if self._kept else 0

    def waits_for(self, transaction_id: str) -> bool:
        """Whether messages about a transaction wait."""
        return any(m.transaction_id == transaction_id for m in self._kept or ())

    def add(self, message: Outgoing) -> None:
        """Take a message in; a kept one is in the storage when this returns."""
        self._number += 1
        message.number = self._number
        if not message.kept:
            passing = self._passing = self._passing or deque()
            passing.append(message)
            return
        document = None if message.transaction_id is None else self._transactions.document(message.transaction_id)
        self._storage.keep_message(
            KeptMessage(
                number=message.number,
                version=self._version,
                action=message.action,
                payload=encode(message.request),
                transaction_id=message.transaction_id,
            ),
            document,
        )
        kept = self._kept = self._kept or deque()
        kept.append(message)

    def next(self, now: float, *, kept: bool) -> Outgoing | None:
        """The oldest message that may be sent, a kept one only if `kept`; a kept one stays until `done`."""
        waiting, passing = self._kept, self._passing
        first = waiting[0] if kept and waiting and waiting[0].not_before <= now else None
        if passing and (first is None or passing[0].number < first.number):
            message = passing.popleft()
            self._passing = passing or None
            return message
        return first

    def retry_at(self) -> float | None:
        """When the first kept message may be sent, None without one."""
        return self._kept[0].not_before if self._kept else None

    def done(self, message: Outgoing) -> None:
        """A kept message was answered or is given up."""
        assert self._kept
        assert self._kept[0] is message
        self._kept.popleft()
        self._kept = self._kept or None
        about = message.transaction_id
        if about is not None:  # before the message goes: the power may fail in between
            self._transactions.delivered(about, more=self.waits_for(about))
        self._storage.drop_message(message.number)
        if about is not None:
            self._transactions.forget(about, more=self.waits_for(about))

    def line_is_down(self) -> list[Outgoing]:
        """The connection is gone: the passing messages that will never be sent."""
        lost = list(self._passing or ())
        self._passing = None
        for message in self._kept or ():
            message.not_before = 0.0
            message.was_offline = True
        return lost
