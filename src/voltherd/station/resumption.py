"""Transactions that were cut off by a power loss or a restart (OCPP 2.1 E17, B13; OCPP 2.0.1 and 1.6: they end)."""

from __future__ import annotations

from typing import ClassVar

from voltherd.station.evse import Evse, Permission
from voltherd.station.function import Function
from voltherd.station.hardware import NOTHING
from voltherd.station.setting import Setting, number, switch
from voltherd.station.transaction import Transaction, TransactionEvent


class Resumption(Function):
    """Ends them, or lets them go on where 2.1 and the settings allow it."""

    __slots__ = ()

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("resume_within_s", 0, None, "TxCtrlr.ResumptionTimeout", since_v21=True),
        switch("resume_energy", True, None, "TxCtrlr.AllowEnergyTransferResumption", since_v21=True),
        number("resume_random_s", 0, None, "TxCtrlr.EnergyTransferResumptionRandomRange", since_v21=True),
    )

    def restore(self) -> None:
        """Take up the transactions that were open when the power went."""
        for evse in self.core.evses.values():
            evse.hardware.supply(NOTHING, self.core.now)
        for transaction in self.core.transactions.open():
            evse_or_none = self.core.evses.get(transaction.evse_id)
            if evse_or_none is None:
                transaction.is_open = False
            elif self._may_resume(transaction):
                self._take_up(evse_or_none, transaction)
            else:
                self._end(evse_or_none, transaction)

    def _may_resume(self, transaction: Transaction) -> bool:
        """Whether it is not too late (OCPP 2.1 E17.FR.10, E17.FR.20)."""
        within_s = self.core.settings.number("resume_within_s") if self.core.is_v21 else 0
        last = self.core.clock.at(transaction.alive_at, self.core.now)
        return within_s > 0 and last is not None and self.core.now - last <= within_s

    def _end(self, evse: Evse, transaction: Transaction) -> None:
        """Close the books with what the meter says now (OCPP 2.1 E17.FR.21)."""
        values = self.core.metering.at_end(evse, transaction)
        transaction.is_open, transaction.is_authorized = False, False
        transaction.charging_state = "Idle" if evse.vehicle is None else "EVConnected"
        event = TransactionEvent("Ended", evse, transaction, "AbnormalCondition", values, None, "PowerLoss")
        self.core.charging.tell(event)

    def _take_up(self, evse: Evse, transaction: Transaction) -> None:
        evse.transaction, evse.has_charged = transaction, True
        evse.plugged = transaction.connector_id
        if transaction.is_authorized and transaction.token is not None:
            evse.permission = Permission(
                token=transaction.token,
                group=transaction.group,
                remote_start_id=transaction.remote_start_id,
                transaction_id=transaction.id,
            )
        self.go_on(evse, transaction)
        if evse.vehicle is None and evse.plugged is not None:
            self.core.charging.unplugged(evse.id, self.core.now)

    def go_on(self, evse: Evse, transaction: Transaction) -> None:
        """It goes on, with energy where that is allowed, after a random while (OCPP 2.1 E17.FR.11 to E17.FR.18)."""
        core, was = self.core, transaction.charging_state
        transaction.may_transfer = transaction.may_transfer and core.settings.switch("resume_energy")
        core.transaction_limits.resumed(evse)
        spread_s = core.settings.number("resume_random_s")
        if spread_s > 0 and was == "Charging" and transaction.may_transfer:
            evse.suspended_by_evse = True
            core.timers.at(core.now + core.random.uniform(0, spread_s), lambda: self._release(evse))
        core.charging.resumed(evse)
        core.metering.transaction_started(evse, transaction)

    def _release(self, evse: Evse) -> None:
        evse.suspended_by_evse = False
        self.core.charging.look(evse)

    # Restarts that leave transactions alone --------------------------------------------------

    def restarting(self) -> None:
        """Those that were paused go on; nothing else is left."""
        for evse in self.core.evses.values():
            if evse.transaction is not None:
                evse.suspended_by_evse = False
                self.go_on(evse, evse.transaction)
