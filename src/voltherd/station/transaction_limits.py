"""What a transaction may use up, and what an invalid token is left (OCPP 2.1 E16; OCPP 2.0.1 E05)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import asdict, replace

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.hardware import NOTHING, Offer, Reading
from voltherd.station.setting import Setting, number, text
from voltherd.station.timers import Timer
from voltherd.station.transaction import Limits, StopReason, Transaction, TransactionAnswer, Trigger

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_REASONS: Final[dict[Trigger, StopReason]] = {
    "ChargingStateChanged": "DeAuthorized",
    "CostLimitReached": "CostLimitReached",
    "EnergyLimitReached": "EnergyLimitReached",
    "SoCLimitReached": "SOCLimitReached",
    "TimeLimitReached": "TimeLimitReached",
}


class TransactionLimits(Function):
    """Watches over the limits of the transactions that have some."""

    __slots__ = ("_reached", "_timers")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("max_invalid_energy_wh", 0, "MaxEnergyOnInvalidId", "TxCtrlr.MaxEnergyOnInvalidId", unit="Wh"),
        text(
            "supported_limits",
            "maxCost,maxEnergy,maxTime,maxSoC",
            None,
            "TxCtrlr.SupportedLimits",
            kind="MemberList",
            values=("maxCost", "maxEnergy", "maxTime", "maxSoC"),
            access="ReadOnly",
            since_v21=True,
        ),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._reached: dict[int, Trigger] | None = None
        self._timers: dict[int, Timer] | None = None

    # Setting ---------------------------------------------------------------------------------

    def answered(self, evse: Evse, answer: TransactionAnswer) -> None:
        """The CSMS answered an event, perhaps with limits (OCPP 2.1 E16.FR.02, E16.FR.03)."""
        if answer.limits is not None and self.core.is_v21:
            self.set(evse, answer.limits)

    def ask(self, evse: Evse, wanted: Limits) -> None:
        """The driver sets limits; they cannot exceed those of the CSMS (OCPP 2.1 E16.FR.01, E16.FR.04)."""
        there = evse.transaction.limits if evse.transaction is not None else None
        bounds = asdict(there) if there is not None else {}
        lower = {
            name: value if bounds.get(name) is None else min(value, bounds[name])
            for name, value in asdict(wanted).items()
            if value is not None
        }
        self.set(evse, Limits(**lower))

    def set(self, evse: Evse, limits: Limits) -> None:
        """Put limits in force, each in the place of its forerunner, and say so."""
        transaction = evse.transaction
        given = {name: value for name, value in asdict(limits).items() if value is not None}
        if transaction is None or not given:
            return
        before = transaction.limits or Limits()
        transaction.limits = replace(before, **given)
        if transaction.limits != before:
            self.core.charging.updated(evse, "LimitSet", limits=Limits(**given))
        self.check(evse)

    def token_is_invalid(self, evse: Evse) -> None:
        """The token was not valid, but the transaction goes on with a little energy, or none (OCPP 2.0.1 E05)."""
        transaction = evse.transaction
        if transaction is not None:
            left_wh = float(self.core.settings.number("max_invalid_energy_wh"))
            transaction.limits = replace(transaction.limits or Limits(), invalid_energy_wh=left_wh)
            self.core.transactions.keep(transaction)
            self.check(evse)

    def resumed(self, evse: Evse) -> None:
        """A transaction goes on after a restart, perhaps without energy."""
        if self.narrow not in self.core.charging.limiters:
            self.core.charging.limiters.append(self.narrow)
        self._look_later(evse)

    def _look_later(self, evse: Evse) -> None:
        self.core.timers.at(self.core.now, lambda: self.check(evse))

    # Watching --------------------------------------------------------------------------------

    def check(self, evse: Evse) -> None:
        """See whether a limit is reached now, or no more (OCPP 2.1 E16.FR.05, E16.FR.06, E16.FR.10, E16.FR.14)."""
        transaction = evse.transaction
        if transaction is None or transaction.limits is None:
            return
        reading = evse.hardware.read(self.core.now)
        exceeded = self._exceeded(transaction, transaction.limits, reading)
        before = (self._reached or {}).get(evse.id)
        if exceeded is not None and exceeded != before:
            self._stop_flow(evse, exceeded)
        elif exceeded is None and before is not None:
            self._forget(evse)
            self.core.charging.look(evse)
        self._look_again(evse, transaction, transaction.limits, reading)

    def _exceeded(self, transaction: Transaction, limits: Limits, reading: Reading) -> Trigger | None:
        energy_wh = reading.energy_import_wh - transaction.meter_start_wh
        if limits.invalid_energy_wh is not None and energy_wh >= limits.invalid_energy_wh:
            return "ChargingStateChanged"
        if limits.energy_wh is not None and energy_wh >= limits.energy_wh:
            return "EnergyLimitReached"
        if limits.time_s is not None and self.core.now >= self._begin(transaction) + limits.time_s:
            return "TimeLimitReached"
        soc = reading.soc_percent
        if limits.soc_percent is not None and soc is not None and soc >= limits.soc_percent:
            return "SoCLimitReached"
        cost = self.core.costs.total(transaction)
        if limits.cost is not None and cost is not None and cost >= limits.cost:
            return "CostLimitReached"
        return None

    def _begin(self, transaction: Transaction) -> float:
        begin = self.core.clock.at(transaction.started_at, self.core.now)
        return self.core.now if begin is None else begin

    def _stop_flow(self, evse: Evse, trigger: Trigger) -> None:
        charging = self.core.charging
        if self._reached is None:
            self._reached = {}
        self._reached[evse.id] = trigger
        if self.narrow not in charging.limiters:
            charging.limiters.append(self.narrow)
        if "EnergyTransfer" in self.core.settings.members("tx_stop_point") and self.core.dialect.family == "2.x":
            ended_by: Trigger = "Deauthorized" if trigger == "ChargingStateChanged" else trigger
            charging.stop(evse, ended_by, _REASONS[trigger])
            return
        charging.supply(evse)
        charging.changed(evse, trigger)

    def narrow(self, evse: Evse, offer: Offer) -> Offer:
        """Let nothing flow where a limit is reached, or a restart left no energy."""
        if self._reached is not None and evse.id in self._reached:
            return NOTHING
        transaction = evse.transaction
        return offer if transaction is None or transaction.may_transfer else NOTHING

    def _look_again(self, evse: Evse, transaction: Transaction, limits: Limits, reading: Reading) -> None:
        """Be there when a limit is reached, so that it is hardly exceeded (OCPP 2.1 E16.FR.19)."""
        energies = [wh for wh in (limits.energy_wh, limits.invalid_energy_wh) if wh is not None]
        waits = []
        if energies and reading.power_w > 0:
            left_wh = min(energies) - (reading.energy_import_wh - transaction.meter_start_wh)
            waits.append(left_wh / reading.power_w * 3600)
        if limits.time_s is not None:
            waits.append(self._begin(transaction) + limits.time_s - self.core.now)
        ahead = [max(wait, 0.1) for wait in waits if wait > 0]
        if self._timers is not None and evse.id in self._timers:
            self._timers.pop(evse.id).cancel()
        if ahead and evse.transaction is transaction:
            self._timers = self._timers or {}
            self._timers[evse.id] = self.core.timers.at(self.core.now + min(ahead), lambda: self.check(evse))

    def _forget(self, evse: Evse) -> None:
        if self._reached is not None:
            self._reached.pop(evse.id, None)
            self._reached = self._reached or None

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Its limits end with it."""
        self._forget(evse)
        if self._timers is not None and evse.id in self._timers:
            self._timers.pop(evse.id).cancel()
