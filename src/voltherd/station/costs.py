"""What a transaction costs, as the CSMS says (OCPP 2.0.1 I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.transaction import Transaction, TransactionAnswer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


class Shown(Struct, frozen=True, kw_only=True):
    """What the driver is shown of the running or last transaction of an EVSE (OCPP 2.0.1 I01, I02, I03).

    Attributes:
        messages: personal ones, the main one first.
    """

    transaction_id: str
    total_cost: float | None = None
    is_final: bool = False
    messages: tuple[str, ...] = ()


class Costs(Function):
    """Knows what running transactions cost; `shown` is what drivers see, by EVSE, None where nothing is."""

    __slots__ = ("shown",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.shown: dict[int, Shown] | None = None

    def total(self, transaction: Transaction) -> float | None:
        """What a transaction costs by now, with tax, None if nobody knows (OCPP 2.1 E16.FR.15, E16.FR.16)."""
        if transaction.bill is not None:
            return transaction.bill.total(ended=False)[1].incl_tax
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

    def _show(self, transaction: Transaction, *, cost: float | None, messages: tuple[str, ...] = ()) -> None:
        before = (self.shown or {}).get(transaction.evse_id)
        if before is None or before.transaction_id != transaction.id:
            before = Shown(transaction_id=transaction.id)
        shown = Shown(
            transaction_id=transaction.id,
            total_cost=before.total_cost if cost is None else cost,
            is_final=not transaction.is_open,
            messages=messages or before.messages,
        )
        self.shown = self.shown or {}
        self.shown[transaction.evse_id] = shown
        self._display(transaction.evse_id, shown)

    def _display(self, evse_id: int, shown: Shown) -> None:
        """Put it on the display (OCPP 2.0.1 I02.FR.03, I02.FR.04, I03.FR.03, I06.FR.03)."""
        display = self.core.display
        if shown.total_cost is not None:
            display.tell(evse_id, "cost", f"{shown.total_cost:.2f} {self.core.settings.text('currency')}")
        if shown.messages:
            display.tell(evse_id, "personal", shown.messages[0])

    def transaction_started(self, evse: Evse, transaction: Transaction) -> None:
        """The display is for the new driver; without a tariff told, the fallback stands there (OCPP 2.0.1 I04)."""
        if self.shown is not None:
            self.shown.pop(evse.id, None)
            self.shown = self.shown or None
        if self.core.dialect.family == "2.x":
            self.core.display.tell(evse.id, "cost", "")
            self.core.display.tell(evse.id, "tariff", self.core.settings.text("tariff_fallback"))

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Offline nobody can tell the total: the fallback stands there (OCPP 2.0.1 I05.FR.02)."""
        if self.core.dialect.family == "2.x" and not self.core.is_online and transaction.bill is None:
            self.core.display.tell(evse.id, "cost", self.core.settings.text("cost_fallback"))
