"""What a transaction costs, as the CSMS says (OCPP 2.0.1 I)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.charging import TransactionAnswer
    from voltherd.station.core import StationCore


class Shown(Struct, frozen=True, kw_only=True):
    """What the driver is shown of the running or last transaction of an EVSE (OCPP 2.0.1 I01, I02, I03).

    Attributes:
        messages: personal ones, as on the wire.
    """

    transaction_id: str
    total_cost: float | None = None
    is_final: bool = False
    messages: tuple[Any, ...] = ()


class Costs(Function):
    """Knows what running transactions cost; `shown` is what drivers see, by EVSE, None where nothing is."""

    __slots__ = ("shown",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.shown: dict[int, Shown] | None = None

    def total(self, transaction: Transaction) -> float | None:
        """What a transaction costs by now, None if nobody knows."""
        shown = (self.shown or {}).get(transaction.evse_id)
        return shown.total_cost if shown is not None and shown.transaction_id == transaction.id else None

    def updated(self, transaction_id: str, cost: float) -> bool:
        """The CSMS tells what a transaction costs so far; False if it does not go on (OCPP 2.0.1 I02)."""
        evse = self.core.charging.find(transaction_id)
        if evse is None or evse.transaction is None:
            return False
        self._show(evse.transaction, cost=cost)
        self.core.afterwards(lambda: self.core.transaction_limits.check(evse))
        return True

    def answered(self, transaction: Transaction, answer: TransactionAnswer) -> None:
        """The CSMS answered an event, perhaps with the cost and words for the driver (OCPP 2.0.1 I01, I03)."""
        if answer.total_cost is not None or answer.messages:
            self._show(transaction, cost=answer.total_cost, messages=answer.messages)

    def _show(self, transaction: Transaction, *, cost: float | None, messages: tuple[Any, ...] = ()) -> None:
        before = (self.shown or {}).get(transaction.evse_id)
        if before is None or before.transaction_id != transaction.id:
            before = Shown(transaction_id=transaction.id)
        self.shown = self.shown or {}
        self.shown[transaction.evse_id] = Shown(
            transaction_id=transaction.id,
            total_cost=before.total_cost if cost is None else cost,
            is_final=not transaction.is_open,
            messages=messages or before.messages,
        )

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """The display is for the new driver."""
        if self.shown is not None:
            self.shown.pop(evse.id, None)
            self.shown = self.shown or None
