"""Priority charging: a transaction that is to charge as fast as possible (OCPP 2.1 K21, K22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

PriorityOutcome = Literal["Accepted", "Rejected", "NoProfile"]


class PriorityChanged(Struct, frozen=True):
    """Priority charging of a transaction was switched on or off."""

    transaction_id: str
    activated: bool


class PriorityCharging(Function):
    """Knows for which transactions it is on."""

    __slots__ = ("_on",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._on: frozenset[str] | None = None

    def is_on(self, evse: Evse) -> bool:
        """Whether it is on for the transaction of an EVSE."""
        return self._on is not None and evse.transaction is not None and evse.transaction.id in self._on

    def use(self, transaction_id: str, *, activate: bool) -> PriorityOutcome:
        """Switch it on or off as the CSMS says (K21)."""
        evse = self.core.charging.find(transaction_id)
        if evse is None or evse.transaction is None:
            return "Rejected"
        if activate and not self._has_profile(evse):
            return "NoProfile"
        self.core.afterwards(lambda: self._switch(evse, transaction_id, activate=activate))
        return "Accepted"

    def use_here(self, evse_id: int, *, activate: bool, now: float) -> bool:
        """A driver wants it at the station; False: it cannot be had (K22)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        if evse.transaction is None or (activate and not self._has_profile(evse)):
            return False
        self._switch(evse, evse.transaction.id, activate=activate)
        return True

    def _has_profile(self, evse: Evse) -> bool:
        return any(
            placed.profile.charging_profile_purpose == "PriorityCharging" and placed.evse_id in (0, evse.id)
            for placed in self.core.smart_charging.book
        )

    def _switch(self, evse: Evse, transaction_id: str, *, activate: bool) -> None:
        if evse.transaction is None or activate == self.is_on(evse):
            return
        on = self._on or frozenset()
        self._on = (on | {transaction_id} if activate else on - {transaction_id}) or None
        self.core.smart_charging.execution.refresh()
        self.core.queue(PriorityChanged(transaction_id, activate))

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """It lasts no longer than its transaction."""
        if self._on is not None:
            self._on = self._on - {transaction.id} or None
