"""Who watches one station of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voltherd.simulator.events import EventKind
from voltherd.simulator.statistics import Watcher
from voltherd.station import StopReason, Transaction

if TYPE_CHECKING:
    from voltherd.simulator.fleet import Fleet


class Eye(Watcher):
    """Tells the fleet, its drivers and those who watch what happens at one station."""

    __slots__ = ("_fleet", "_identity")

    def __init__(self, fleet: Fleet, identity: str) -> None:
        super().__init__(fleet.statistics)
        self._fleet = fleet
        self._identity = identity

    def on_connected(self) -> None:
        self._fleet.connected(self._identity)
        self._fleet.tell("connected", self._identity)

    def on_disconnected(self, reason: str) -> None:
        super().on_disconnected(reason)
        self._fleet.tell("disconnected", self._identity, reason=reason)

    def on_connect_failed(self, reason: str, status: int | None) -> None:
        super().on_connect_failed(reason, status)
        self._fleet.connect_failed(self._identity, reason, status)
        self._fleet.tell("connect-failed", self._identity, reason=reason, status=status)

    def on_registration(self, status: str) -> None:
        if status == "Accepted":
            self._fleet.accepted()
        self._fleet.tell("registration", self._identity, status=status)

    def on_sent(self, data: bytes) -> None:
        super().on_sent(data)
        self._frame("frame-sent", data)

    def on_received(self, data: bytes) -> None:
        super().on_received(data)
        self._frame("frame-received", data)

    def _frame(self, kind: EventKind, data: bytes) -> None:
        if self._fleet.feed.is_watched and self._fleet.feed.wants_frames(self._identity):
            self._fleet.tell(kind, self._identity, frame=data.decode("utf-8", "replace"))

    def on_command(self, action: str) -> None:
        super().on_command(action)
        self._fleet.tell("command", self._identity, action=action)

    def on_call_failed(self, action: str, problem: str) -> None:
        super().on_call_failed(action, problem)
        self._fleet.tell("call-failed", self._identity, action=action, problem=problem)

    def on_transaction_started(self, transaction: Transaction) -> None:
        super().on_transaction_started(transaction)
        token = "" if transaction.token is None else transaction.token.id
        if token:
            self._fleet.cards.use(token)
        self._fleet.tell("transaction-started", self._identity, transaction.evse_id, id=transaction.id, token=token)
        drivers = self._fleet.drivers_at(self._identity, transaction.evse_id)
        if drivers is not None:
            drivers.started()

    def on_transaction_ended(self, transaction: Transaction, energy_wh: float, reason: StopReason) -> None:
        super().on_transaction_ended(transaction, energy_wh, reason)
        if transaction.token is not None:
            self._fleet.cards.leave(transaction.token.id)
        evse_id, told = transaction.evse_id, {"id": transaction.id, "energy_wh": energy_wh, "reason": reason}
        self._fleet.tell("transaction-ended", self._identity, evse_id, **told)
        drivers = self._fleet.drivers_at(self._identity, evse_id)
        if drivers is not None:
            drivers.ended()

    def on_waiting_for_cable(self, evse_id: int) -> None:
        drivers = self._fleet.drivers_at(self._identity, evse_id)
        if drivers is not None:
            drivers.called()

    def on_vehicle(self, evse_id: int) -> None:
        """A vehicle began or ceased to want power."""
        drivers = self._fleet.drivers_at(self._identity, evse_id)
        if drivers is not None:
            drivers.vehicle_changed()
