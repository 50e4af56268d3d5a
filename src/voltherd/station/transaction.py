"""A transaction as the station keeps it, and what it reports about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct

from voltherd.ocpp.v2.enums import ReadingContextEnumType, ReasonEnumType, TriggerReasonEnumType
from voltherd.station.hardware import Reading
from voltherd.station.storage import Storage
from voltherd.station.tariff_cost import Bill
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.evse import Evse

StopReason = ReasonEnumType | Literal["CostLimitReached", "Reset", "UnlockCommand"]
"""Why a transaction ended, in the words of both families."""

Trigger = TriggerReasonEnumType
"""What brought an event about, in the words of 2.x; 1.6 has no use for it."""

ChargingState = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]

Context = ReadingContextEnumType
"""Why a meter was read."""

ROOM: Final = "transaction"
"""Where transactions are kept."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a transaction may use up (OCPP 2.1 E16); None is no limit.

    Attributes:
        invalid_energy_wh: left to a token that turned out invalid (MaxEnergyOnInvalidId), from the start on.
    """

    cost: float | None = None
    energy_wh: float | None = None
    time_s: float | None = None
    soc_percent: float | None = None
    invalid_energy_wh: float | None = None


class Transaction(Struct, eq=False, kw_only=True):
    """One transaction.

    Attributes:
        connector_id: None until a cable is plugged in.
        token: who it was authorised for, None until then.
        csms_id: the number that a 1.6 CSMS gave it.
        reserved_s: how long its EVSE had been kept for it.
        charging_state: the state last reported.
        is_authorized: somebody may charge.
        token_told: an event has told the token.
        phases_told: the number of phases in use that was last told.
        limits: what ends or pauses it, None without any.
        may_transfer: False after a restart that let it go on without energy (OCPP 2.1 E17.FR.12).
        alive_at: when it was last kept.
        bill: what it costs by its tariff so far (2.1), None where the CSMS reckons.
        tariff_told: an event has told the tariff.
        ended_by: why its permission ended, where its end waits for something else.
    """

    id: str
    evse_id: int
    connector_id: int | None
    token: Token | None
    started_at: str
    meter_start_wh: int
    meter_last_wh: int
    seq_no: int = 0
    csms_id: int | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    reserved_s: float | None = None
    charging_state: ChargingState = "Idle"
    is_open: bool = True
    is_authorized: bool = False
    group: Token | None = None
    token_told: bool = False
    phases_told: int | None = None
    limits: Limits | None = None
    may_transfer: bool = True
    alive_at: str = ""
    bill: Bill | None = None
    tariff_told: bool = False
    ended_by: StopReason | None = None

    def next_seq_no(self) -> int:
        """The number of the next event (OCPP 2.0.1 E01.FR.07)."""
        self.seq_no += 1
        return self.seq_no - 1


class Signed(Struct, frozen=True, kw_only=True):
    """The energy of a reading as the meter signed it: OCMF text, its method, and the key where that is to be told."""

    data: str
    method: str
    public_key: str | None = None


class Sampled(Struct, frozen=True, kw_only=True):
    """A reading at a time (OCPP's form), why it was taken, which measurands of it are told, and its signed energy."""

    at: str
    context: Context
    reading: Reading
    measurands: tuple[str, ...]
    signed: Signed | None = None


class TransactionEvent(Struct, frozen=True, eq=False):
    """Something happened to a transaction.

    Attributes:
        token: to be told, else None.
        reason: for `Ended`.
        limits: set just now, else None.
    """

    kind: Literal["Started", "Updated", "Ended"]
    evse: Evse
    transaction: Transaction
    trigger: Trigger
    values: tuple[Sampled, ...] = ()
    token: Token | None = None
    reason: StopReason | None = None
    limits: Limits | None = None


class TransactionAnswer(Struct, frozen=True, kw_only=True):
    """What a CSMS says to a message about a transaction.

    Attributes:
        info: about the token, None if it says nothing.
        csms_id: the number that a 1.6 CSMS gives the transaction.
        total_cost: what it costs by now or in the end (2.x).
        limits: what it may use up (2.1).
        messages: for the driver, the main one first (2.x).
        priority: of this transaction, where it is not that of its token (2.x).
    """

    info: TokenInfo | None = None
    csms_id: int | None = None
    total_cost: float | None = None
    limits: Limits | None = None
    messages: tuple[str, ...] = ()
    priority: int | None = None


class Transactions:
    """The transactions about which something goes on or is still to be said."""

    __slots__ = ("_by_id", "_storage")

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._by_id: dict[str, Transaction] | None = None
        for value in storage.all(ROOM).values():
            self.add(msgspec.json.decode(value, type=Transaction))

    def get(self, transaction_id: str | None) -> Transaction | None:
        """The transaction with that id of ours."""
        return self._by_id.get(transaction_id) if self._by_id and transaction_id is not None else None

    def open(self) -> list[Transaction]:
        """Those that go on."""
        return [transaction for transaction in (self._by_id or {}).values() if transaction.is_open]

    def add(self, transaction: Transaction) -> None:
        """Take a new one in; it is kept with its first message."""
        if self._by_id is None:
            self._by_id = {}
        self._by_id[transaction.id] = transaction

    def keep(self, transaction: Transaction) -> None:
        """Keep its present state."""
        self._storage.keep(ROOM, transaction.id, msgspec.json.encode(transaction))

    def document(self, transaction_id: str) -> tuple[str, str, bytes] | None:
        """Its present state, to be kept together with a message."""
        transaction = self.get(transaction_id)
        return None if transaction is None else (ROOM, transaction_id, msgspec.json.encode(transaction))

    def delivered(self, transaction_id: str, *, more: bool) -> None:
        """A message about it was delivered: what the answer brought is kept."""
        transaction = self.get(transaction_id)
        if transaction is not None and (transaction.is_open or more):
            self.keep(transaction)

    def forget(self, transaction_id: str, *, more: bool) -> None:
        """Forget it if it has ended and there is no more to say."""
        transaction = self.get(transaction_id)
        if transaction is None or transaction.is_open or more:
            return
        assert self._by_id is not None
        del self._by_id[transaction_id]
        self._by_id = self._by_id or None
        self._storage.drop(ROOM, transaction_id)

    def closed(self) -> list[str]:
        """The ids of those that have ended."""
        return [name for name, transaction in (self._by_id or {}).items() if not transaction.is_open]
