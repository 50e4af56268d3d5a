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

    __slots__ = ("_evses_when_idle", "_is_leaving", "_resuming", "_timer", "_when_idle")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("reset_retries", 1, "ResetRetries", "OCPPCommCtrlr.ResetRetries", unit=None, most=10),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._is_leaving = False
        self._when_idle: BootReason | None = None
        self._evses_when_idle: frozenset[int] = frozenset()
        self._resuming: tuple[Evse, ...] = ()
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
        evses = tuple(self.core.evses.values()) if evse is None else (evse,)
        self._resuming = tuple(one for one in evses if one.transaction is not None)

        def leave() -> None:
            for one in self._resuming:
                self.core.charging.updated(one, "ResetCommand")
                self._suspend(one, unlock=evse is None)
            if evse is None:
                self._leave_within(GRACEFUL_PATIENCE_S, "RemoteReset")
            else:
                self._timer = self.core.timers.at(self.core.now + EVSE_RESET_S, self._resume)

        self.core.afterwards(leave)

    def _suspend(self, evse: Evse, *, unlock: bool) -> None:
        evse.suspended_by_evse = True
        self.core.charging.supply(evse)
        if unlock and evse.plugged is not None:
            evse.hardware.unlock(evse.plugged)

    def _resume(self) -> None:
        """Go on with the transactions (OCPP 2.1 B13.FR.12 to FR.14, FR.22 to FR.30)."""
        evses, self._resuming = self._resuming, ()
        allowed = self.core.settings.by_path("TxCtrlr", "AllowEnergyTransferResumption", None)
        for evse in evses:
            if evse.transaction is None:
                continue
            if evse.plugged is not None:
                evse.hardware.lock(evse.plugged)
            evse.suspended_by_evse = allowed is not None and not self.core.settings.switch(allowed.name)
            self.core.charging.supply(evse)
            self.core.charging.updated(evse, "TxResumed")

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
        """The restart it wanted, or another one."""
        self._is_leaving, self._when_idle, self._evses_when_idle = False, None, frozenset()
        if self._timer is not None:
            self._timer.cancel()

    def accepted(self) -> None:
        """After the restart, what was going on goes on."""
        if self._resuming and not self._is_leaving:
            self._resume()

    def _look(self) -> None:
        if self._when_idle is not None and not self.core.charging.is_busy:
            self._leave_within(GRACEFUL_PATIENCE_S, self._when_idle)
            self._when_idle = None

    def _leave_within(self, seconds: float, reason: BootReason) -> None:
        self.core.provisioning.boot_reason = reason
        self._is_leaving = True
        self._timer = self.core.timers.at(self.core.now + seconds, self._leave)
        if self.core.is_quiet:
            self._leave()

    def _leave(self) -> None:
        if self._is_leaving:
            self._is_leaving = False
            self.core.must_leave = True
