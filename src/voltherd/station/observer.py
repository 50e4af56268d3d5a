"""Who watches a station."""

from __future__ import annotations

from voltherd.station.transaction import StopReason, Transaction


class Observer:
    """What happens at a station; override what is of interest."""

    def on_connected(self) -> None:
        """The connection to the CSMS is open."""

    def on_disconnected(self, reason: str) -> None:
        """The connection is gone."""

    def on_connect_failed(self, reason: str, status: int | None) -> None:
        """An attempt to connect failed; `status` is the HTTP answer where there was one."""

    def on_registration(self, status: str) -> None:
        """The CSMS answered a BootNotification."""

    def on_sent(self, data: bytes) -> None:
        """A frame is sent."""

    def on_received(self, data: bytes) -> None:
        """A frame came in."""

    def on_answer(self, action: str, waited_s: float) -> None:
        """The CSMS answered a call, after so many real seconds."""

    def on_call_failed(self, action: str, problem: str) -> None:
        """A call ended without a usable answer."""

    def on_command(self, action: str) -> None:
        """The CSMS asked for something."""

    def on_token_refused(self) -> None:
        """The CSMS said that a token may not charge."""

    def on_waiting_for_cable(self, evse_id: int) -> None:
        """A token may charge and no cable is plugged in."""

    def on_transaction_started(self, transaction: Transaction) -> None:
        """Charging began."""

    def on_transaction_ended(self, transaction: Transaction, energy_wh: float, reason: StopReason) -> None:
        """Charging ended."""
