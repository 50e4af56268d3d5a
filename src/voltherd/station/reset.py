"""Restarting the station on demand (OCPP 2.0.1 B11, B12; OCPP 1.6, 5.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.provisioning import BootReason
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

GRACEFUL_PATIENCE_S: Final = 15.0
"""How long a graceful reset waits for its last messages to be delivered."""

IMMEDIATE_DELAY_S: Final = 0.3
"""How long an immediate reset leaves its answer on the line before the socket goes."""


class Reset(Function):
    """Ends what goes on, waits for the last messages, and leaves."""

    __slots__ = ("_is_leaving", "_timer", "_when_idle")

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._is_leaving = False
        self._when_idle: BootReason | None = None
        self._timer: Timer | None = None

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

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Perhaps it was the last one."""
        self._look()

    def quiet(self) -> None:
        """Nothing waits to be delivered any more."""
        if self._is_leaving:
            self._leave()

    def restarting(self) -> None:
        """The restart it wanted, or another one."""
        self._is_leaving, self._when_idle = False, None
        if self._timer is not None:
            self._timer.cancel()

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
