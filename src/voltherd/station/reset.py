"""Restarting the station or an EVSE on demand (OCPP 2.0.1 B11, B12; OCPP 2.1 B13; OCPP 1.6, 5.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.provisioning import BootReason
from voltherd.station.setting import Setting, number
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

GRACEFUL_PATIENCE_S: Final = 15.0
"""How long a graceful reset waits for its last messages to be delivered."""

IMMEDIATE_DELAY_S: Final = 0.3
"""How long an immediate reset leaves its answer on the line before the socket goes."""

EVSE_RESET_S: Final = 2.0
"""How long the reset of an EVSE takes."""


class Reset(Function):
    """Ends what goes on, waits for the last messages, and leaves."""

    __slots__ = ("_evses_when_idle", "_is_leaving", "_timer", "_when_idle")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("reset_retries", 1, "ResetRetries", "OCPPCommCtrlr.ResetRetries", unit=None, most=10),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._is_leaving = False
        self._when_idle: BootReason | None = None
        self._evses_when_idle: frozenset[int] = frozenset()
        self._timer: Timer | None = None

    def refusal(self) -> str | None:
        """Why the station cannot restart now, None if it can (OCPP 2.0.1 B11.FR.06, B12.FR.10)."""
        if self._is_leaving:
            return "The station is restarting already"
        objections = (function.objects_to_reset() for function in self.core.functions)
        return next((objection for objection in objections if objection is not None), None)

    # The station -----------------------------------------------------------------------------

    def now(self, *, graceful: bool, reason: BootReason = "RemoteReset") -> None:
        """Restart when the answer is on its way: at once, or after the last messages are delivered."""

        def leave() -> None:
            self.core.charging.stop_all("Reset" if graceful else "ImmediateReset", "ResetCommand")
            self._leave_within(GRACEFUL_PATIENCE_S if graceful else IMMEDIATE_DELAY_S, reason)

        self.core.afterwards(leave)

    def when_idle(self, reason: BootReason = "ScheduledReset") -> None:
        """Restart as soon as no transaction goes on (OCPP 2.0.1 B12.FR.01)."""
        self._when_idle = reason
        self.core.afterwards(self._look)

    def of_itself(self, reason: BootReason) -> None:
        """Restart when the last messages are delivered, nobody having asked for it."""
        self._leave_within(GRACEFUL_PATIENCE_S, reason)

    def and_resume(self, evse: Evse | None) -> None:
        """Restart the station or one EVSE; its transactions go on afterwards (OCPP 2.1 B13)."""

        def leave() -> None:
            for one in self.core.evses.values() if evse is None else (evse,):
                if one.transaction is not None:
                    self._interrupt(one, unlock=evse is None)
            if evse is None:
                self._leave_within(GRACEFUL_PATIENCE_S, "RemoteReset")
            else:
                self.core.timers.at(self.core.now + EVSE_RESET_S, lambda: self._go_on(evse))

        self.core.afterwards(leave)

    def _interrupt(self, evse: Evse, *, unlock: bool) -> None:
        """Tell, and let no energy flow until it goes on (OCPP 2.1 B13.FR.04, FR.10, FR.20)."""
        self.core.charging.updated(evse, "ResetCommand")
        evse.suspended_by_evse = True
        self.core.charging.supply(evse)
        if unlock and evse.plugged is not None:
            evse.hardware.unlock(evse.plugged)

    def _go_on(self, evse: Evse) -> None:
        """Go on with the transaction of an EVSE (OCPP 2.1 B13.FR.12 to FR.14, FR.22, FR.30)."""
        evse.suspended_by_evse = False
        if evse.transaction is not None:
            self.core.resumption.go_on(evse, evse.transaction)

    # One EVSE --------------------------------------------------------------------------------

    def evse_now(self, evse: Evse) -> None:
        """Restart an EVSE when the answer is on its way (OCPP 2.0.1 B11.FR.08, B12.FR.08)."""
        self.core.afterwards(lambda: self._reset_evse(evse, ends=True))

    def evse_when_idle(self, evse: Evse) -> None:
        """Restart an EVSE when its transaction has ended (OCPP 2.0.1 B12.FR.01, FR.07)."""
        self._evses_when_idle |= {evse.id}

    def _reset_evse(self, evse: Evse, *, ends: bool) -> None:
        core = self.core
        self._evses_when_idle -= {evse.id}
        if ends:
            core.charging.stop_all("ImmediateReset", "ResetCommand", [evse])
        evse.suspended_by_evse = True

        def done() -> None:
            evse.suspended_by_evse = False
            core.charging.supply(evse)
            core.evse_changed(evse)

        core.timers.at(core.now + EVSE_RESET_S, done)

    # Moments ---------------------------------------------------------------------------------

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Perhaps it was the last one."""
        if evse.id in self._evses_when_idle:
            self._reset_evse(evse, ends=False)
        self._look()

    def quiet(self) -> None:
        """Nothing waits to be delivered any more."""
        if self._is_leaving:
            self._leave()

    def restarting(self) -> None:
        """The restart it wanted, or another one; transactions that it only interrupted go on by `Resumption`."""
        self._is_leaving, self._when_idle, self._evses_when_idle = False, None, frozenset()
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        if self._when_idle is not None and not self.core.charging.is_busy:
            self._leave_within(GRACEFUL_PATIENCE_S, self._when_idle)
            self._when_idle = None

    def _leave_within(self, seconds: float, reason: BootReason) -> None:
        self.core.provisioning.boot_next(reason)
        self._is_leaving = True
        self._timer = self.core.timers.at(self.core.now + seconds, self._leave)
        if self.core.is_quiet:
            self._leave()

    def _leave(self) -> None:
        if self._is_leaving:
            self._is_leaving = False
            self.core.must_leave = True
