"""Keeping the connection: pings, and the pauses between attempts (OCPP 2.0.1 part 4, 5.3 and 5.4; OCPP 1.6J, 5.5)."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from voltherd.station.function import Function
from voltherd.station.setting import Setting, number
from voltherd.station.timers import Timer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

PATIENCE_S: Final = 5.0
"""Real seconds that a pong may take, however fast the station's clock runs."""


class KeepAlive(Function):
    """Says when to ping, and when a peer that does not answer is taken for gone."""

    __slots__ = ("_is_due", "_pinged_at", "_timer")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("websocket_ping_s", 0, "WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval"),
        number("retry_wait_s", 1, None, "OCPPCommCtrlr.RetryBackOffWaitMinimum"),
        number("retry_doublings", 6, None, "OCPPCommCtrlr.RetryBackOffRepeatTimes", unit=None, most=20),
        number("retry_random_s", 0, None, "OCPPCommCtrlr.RetryBackOffRandomRange"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._timer: Timer | None = None
        self._is_due = False
        self._pinged_at: float | None = None

    # Pings -----------------------------------------------------------------------------------

    def connected(self) -> None:
        """A connection is open."""
        self._pinged_at = None
        self._ping_later()

    def disconnected(self) -> None:
        """Nobody is left to ping."""
        self._stop()

    def setting_changed(self, name: str) -> None:
        """A new interval counts at once."""
        if name == "websocket_ping_s" and self.core.is_connected:
            self._ping_later()

    def take(self) -> Literal["ping", "drop"] | None:
        """What the owner is to do to the connection now."""
        if not self._is_due:
            return None
        self._is_due = False
        if self._pinged_at is None:
            self._pinged_at = self.core.now
            return "ping"
        waited_s = self.core.now - self._pinged_at
        return "drop" if waited_s >= PATIENCE_S * self.core.clock.factor else None

    def ponged(self) -> None:
        """The peer has answered."""
        self._pinged_at = None

    def _stop(self) -> None:
        self._is_due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ping_later(self) -> None:
        self._stop()
        interval_s = self.core.settings.number("websocket_ping_s")
        if interval_s > 0:
            self._timer = self.core.timers.at(self.core.now + interval_s, self._due)

    def _due(self) -> None:
        self._ping_later()
        self._is_due = True

    # Attempts to connect ---------------------------------------------------------------------

    def wait_s(self, failures: int, random: Random) -> float:
        """The pause before the next attempt, after so many failures, in seconds.

        As the CSMS has set it, else as configured: doubling, with jitter, so that a fleet does not come back in step.
        """
        settings, config = self.core.settings, self.core.config
        names = [setting.name for setting in self.SETTINGS[1:]]
        if all(settings.text(name) == settings.setting(name).default for name in names):
            longest_s = min(config.reconnect_min_s * 2.0 ** min(failures - 1, 20), config.reconnect_max_s)
            return longest_s * random.uniform(0.5, 1.0)
        least_s, doublings, random_s = (settings.number(name) for name in names)
        return least_s * 2.0 ** min(failures - 1, doublings) + random.uniform(0.0, random_s)
