"""The rules of charging, the same for all versions: cable, permission, transaction.

A transaction begins when one of the start points comes to hold and ends when one of the stop points ceases to
(TxStartPoint, TxStopPoint of OCPP 2.0.1 E01, E06). In 1.6 both are the power path (OCPP 1.6, 4.8 and 4.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from voltherd.station import presenting
from voltherd.station.cable_lock import CableLock
from voltherd.station.evse import Evse, Permission
from voltherd.station.function import Fact
from voltherd.station.points import POINTS, first_state, points_of, start_points, state_to_tell, stop_points
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.supplying import Supplying
from voltherd.station.token import Token
from voltherd.station.transaction import (
    Limits,
    Sampled,
    StopReason,
    Transaction,
    TransactionEvent,
    Trigger,
)

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_FAULTS: Final[dict[str, StopReason]] = {
    "EmergencyStop": "EmergencyStop",
    "GroundFailure": "GroundFault",
    "OverCurrentFailure": "OvercurrentFault",
    "OverVoltage": "PowerQuality",
    "UnderVoltage": "PowerQuality",
}
"""Why a transaction ends, by the error code of 1.6."""

OnPermission = Callable[[bool], None]


class Charging(Supplying):
    """Moves the EVSEs of one station from state to state."""

    __slots__ = ("lock",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("connection_timeout_s", 60, "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut"),
        switch("stop_on_invalid", True, "StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"),
        switch("stop_on_unplug", True, "StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect"),
        switch("unlock_on_unplug", True, "UnlockConnectorOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
        text("tx_start_point", "PowerPathClosed", None, "TxCtrlr.TxStartPoint", kind="MemberList", values=POINTS,
             required=True),
        text("tx_stop_point", "PowerPathClosed", None, "TxCtrlr.TxStopPoint", kind="MemberList", values=POINTS,
             required=True),
        switch("charge_before_accepted", True, None, "TxCtrlr.TxBeforeAcceptedEnabled"),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.lock = CableLock(core)

    @property
    def is_busy(self) -> bool:
        """Whether a transaction goes on."""
        return any(evse.transaction is not None for evse in self.core.evses.values())

    def find(self, transaction_id: str | int) -> Evse | None:
        """The EVSE on which a transaction goes on, by our id or by the number of a 1.6 CSMS."""
        for evse in self.core.evses.values():
            running = evse.transaction
            if running is not None and transaction_id in (running.id, running.csms_id):
                return evse
        return None

    def restarting(self) -> None:
        """Who was authorized is forgotten, but for transactions that go on."""
        for evse in self.core.evses.values():
            if evse.transaction is None:
                self._withdraw(evse)
                evse.points = frozenset()

    def accepted(self) -> None:
        """After a restart, vehicles that are still there are noticed anew."""
        self.core.timers.at(self.core.now, self._notice)

    def _notice(self) -> None:
        for evse in self.core.evses.values():
            if evse.transaction is None and evse.plugged is not None and not evse.points:
                self.changed(evse, "CablePluggedIn")

    # What hardware notices -------------------------------------------------------------------

    def plugged_in(self, evse_id: int, connector_id: int, now: float) -> bool:
        """A cable is in a vehicle now; False if the connector is taken or out of service."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        loose = evse.loose is not None and evse.loose.connector_id != connector_id
        if evse.plugged is not None or loose or evse.fault is not None or evse.is_out_of_service(connector_id):
            return False
        running = evse.transaction
        if running is not None and running.connector_id not in (None, connector_id):
            return False
        evse.loose, evse.plugged = None, connector_id
        if running is None:
            evse.has_charged = False
        _cancel(evse)
        if evse.permission is not None:
            self.lock.engage(evse, connector_id)
        self.core.evse_changed(evse)
        remote = evse.permission is not None and evse.permission.remote_start_id is not None and running is None
        if evse.permission is None and not self.core.settings.switch("authorize_enabled"):
            self.permit(evse, presenting.NOBODY)
        else:
            self.changed(evse, "RemoteStart" if remote else "CablePluggedIn")
        return True

    def unplugged(self, evse_id: int, now: float) -> None:
        """The cable is out of the vehicle (OCPP 2.0.1 E09, E10)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        connector_id, evse.plugged = evse.plugged, None
        permission, running = evse.permission, evse.transaction
        if connector_id is not None:
            self.lock.pulled_at_vehicle(evse, connector_id, permission)
        if permission is not None:
            ends = self.core.settings.switch("stop_on_unplug") or "PowerPathClosed" in stop_points(self.core)
            if running is None or ends:
                self._withdraw(evse)
            elif connector_id is None or not evse.has_socket(connector_id):
                self._wait_for_cable(evse)
        self.changed(evse, "EVCommunicationLost", "EVDisconnected")
        if evse.transaction is None:
            evse.has_charged = False
        self.core.evse_changed(evse)

    def presented(
        self,
        evse_id: int,
        token: Token,
        now: float,
        on_permission: OnPermission | None = None,
        *,
        remote_start_id: int | None = None,
        group: Token | None = None,
        profile: Any = None,
    ) -> None:
        """A token is held to the reader: starts charging, or stops what the same token or group started."""
        self.core.now = now
        card = presenting.Card(
            token=token,
            group=group,
            remote_start_id=remote_start_id,
            profile=profile,
            tell=on_permission or _nobody,
        )
        presenting.present(self.core, self.core.evses[evse_id], card)

    def vehicle_stopped(self, evse_id: int, now: float) -> None:
        """The vehicle ended its ISO 15118 session (OCPP 2.0.1 E15)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        if evse.permission is not None and evse.plugged is not None:
            self.deauthorize(evse, "StopAuthorized", "StoppedByEV")

    def parked(self, evse_id: int, is_taken: bool, now: float) -> None:
        """The detector of the parking bay noticed that a vehicle came or left (OCPP 2.0.1 E01.FR.01, E06.FR.01)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        evse.parked = is_taken
        self.changed(evse, "EVDetected" if is_taken else "EVDeparted", "Local" if is_taken else "EVDisconnected")

    def faulted(self, evse_id: int, code: str | None, now: float) -> None:
        """An EVSE breaks (`code` names the error of 1.6) or is repaired (None)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        evse.fault = code
        if code is not None and evse.transaction is not None:
            self.stop(evse, "AbnormalCondition", _FAULTS.get(code, "Other"))
        self.supply(evse)
        self.core.evse_changed(evse)

    def facts(self) -> Iterator[Fact]:
        """The locks of the sockets."""
        return self.lock.facts()

    # Who may charge --------------------------------------------------------------------------

    def serves(self, evse: Evse, token: Token, group: Token | None = None) -> bool:
        """Whether the EVSE works and is not kept for somebody else."""
        return presenting.works(self.core, evse) and self.core.reservations.leaves(evse, token, group)

    def permit(
        self,
        evse: Evse,
        token: Token,
        *,
        group: Token | None = None,
        remote_start_id: int | None = None,
        profile: Any = None,
    ) -> Permission:
        """Let a token charge: now, or when a cable is plugged in within the connection timeout."""
        used = self.core.reservations.use(evse, token, group)
        permission = Permission(
            token=token,
            group=group,
            remote_start_id=remote_start_id,
            transaction_id=self.new_id(),
            profile=profile,
            reservation_id=None if used is None else used.id,
            reserved_s=None if used is None else self.core.reservations.kept_s(used),
        )
        evse.permission = permission
        if evse.plugged is None:
            self._wait_for_cable(evse)
        else:
            self.lock.engage(evse, evse.plugged)
        trigger: Trigger = "RemoteStart" if remote_start_id is not None else "Authorized"
        self.changed(evse, trigger)
        if evse.plugged is None:
            self.core.observer.on_waiting_for_cable(evse.id)
        return permission

    def _wait_for_cable(self, evse: Evse) -> None:
        _cancel(evse)
        until = self.core.now + self.core.settings.number("connection_timeout_s")
        evse.permission_timer = self.core.timers.at(until, lambda: self._cable_timeout(evse))

    def deauthorize(self, evse: Evse, trigger: Trigger, reason: StopReason, token: Token | None = None) -> None:
        """Nobody may charge here any more."""
        self._withdraw(evse)
        if evse.transaction is not None and evse.transaction.ended_by is None:
            evse.transaction.ended_by = reason
        self.changed(evse, trigger, reason, token)

    def _withdraw(self, evse: Evse) -> None:
        evse.permission = None
        _cancel(evse)

    def _cable_timeout(self, evse: Evse) -> None:
        """Nobody plugged in (OCPP 2.0.1 E03.FR.05, E03.FR.15, E10.FR.02)."""
        evse.permission_timer = None
        if evse.plugged is not None or evse.permission is None:
            return
        reservation_id = evse.permission.reservation_id
        evse.permission = None
        if evse.transaction is not None and "ParkingBayOccupancy" not in stop_points(self.core):
            self.stop(evse, "EVConnectTimeout", "Timeout")
        else:
            self.changed(evse, "EVConnectTimeout", "Timeout")
        if reservation_id is not None:
            self.core.reservations.wasted(reservation_id)

    # Transactions ----------------------------------------------------------------------------

    def changed(self, evse: Evse, trigger: Trigger, reason: StopReason = "Local", token: Token | None = None) -> None:
        """Something happened at an EVSE: begin, go on with or end its transaction, as the points say."""
        before, now = evse.points, points_of(self.core, evse)
        evse.points = now
        if evse.transaction is None:
            if self._is_beginning(now, before):
                self._begin(evse, trigger)
        elif self._is_over(evse, before - now):
            self._end(evse, trigger, evse.transaction.ended_by or reason, token)
        else:
            self._go_on(evse, trigger, token)
        self.settle(evse)
        self.core.evse_changed(evse)

    def _is_beginning(self, now: frozenset[str], before: frozenset[str]) -> bool:
        """A start point came to hold; or one holds still from before, and somebody may charge anew."""
        starts, gained = start_points(self.core), now - before
        return bool(gained & starts) or ("PowerPathClosed" in gained and bool(now & starts))

    def _is_over(self, evse: Evse, lost: frozenset[str]) -> bool:
        """A stop point ceased to hold; or nobody and nothing is there any more, whatever the stop points."""
        if lost & stop_points(self.core):
            return True
        return evse.permission is None and not evse.points and bool(lost)

    def settle(self, evse: Evse) -> None:
        """Let flow what may flow now, and tell or begin what follows from it."""
        self.supply(evse)
        points, running = points_of(self.core, evse), evse.transaction
        if running is None:
            if self._is_beginning(points, evse.points):
                self.changed(evse, "ChargingStateChanged")
            else:
                evse.points = points
        elif (evse.points - points) & stop_points(self.core) or evse.charging_state != running.charging_state:
            self.changed(evse, "ChargingStateChanged", "StoppedByEV")
        else:
            evse.points = points

    def _begin(self, evse: Evse, trigger: Trigger) -> None:
        core, now, permission = self.core, self.core.now, evse.permission
        start_wh = round(evse.hardware.read(now).energy_import_wh)
        if start_points(self.core) & evse.points == {"DataSigned"}:
            trigger = "SignedDataReceived"
        transaction = Transaction(
            id=(permission.transaction_id if permission else None) or self.new_id(),
            evse_id=evse.id,
            connector_id=evse.plugged,
            token=permission.token if permission else None,
            group=permission.group if permission else None,
            is_authorized=permission is not None,
            started_at=core.clock.text(now),
            meter_start_wh=start_wh,
            meter_last_wh=start_wh,
            remote_start_id=permission.remote_start_id if permission else None,
            reservation_id=permission.reservation_id if permission else None,
            reserved_s=permission.reserved_s if permission else None,
        )
        evse.transaction, evse.has_charged = transaction, True
        core.transactions.add(transaction)
        transaction.charging_state = first_state(evse, trigger, self.allowed(evse))
        values = core.metering.at_start(evse)
        self.tell(TransactionEvent("Started", evse, transaction, trigger, values, transaction.token))
        for function in core.functions:
            function.transaction_started(evse, transaction)
        core.observer.on_transaction_started(transaction)

    def _go_on(self, evse: Evse, trigger: Trigger, token: Token | None) -> None:
        transaction = evse.transaction
        assert transaction is not None
        values: tuple[Sampled, ...] = ()
        if transaction.connector_id is None and evse.plugged is not None:
            transaction.connector_id = evse.plugged
        permission = evse.permission
        transaction.is_authorized = permission is not None
        if permission is not None:
            transaction.ended_by = None
        if permission is not None and transaction.token is None:
            transaction.token, transaction.group = permission.token, permission.group
            transaction.remote_start_id = permission.remote_start_id
            transaction.reservation_id, transaction.reserved_s = permission.reservation_id, permission.reserved_s
        if permission is not None and not transaction.token_told:
            token = token or transaction.token
        transaction.charging_state = state_to_tell(evse, trigger)
        self.tell(TransactionEvent("Updated", evse, transaction, trigger, values, token))

    def stop(self, evse: Evse, trigger: Trigger, reason: StopReason, token: Token | None = None) -> None:
        """End the transaction of an EVSE, whatever its stop points."""
        self._withdraw(evse)
        evse.points = points_of(self.core, evse)
        if evse.transaction is not None:
            self._end(evse, trigger, reason, token)
        self.supply(evse)
        self.core.evse_changed(evse)

    def _end(self, evse: Evse, trigger: Trigger, reason: StopReason, token: Token | None) -> None:
        transaction, core = evse.transaction, self.core
        assert transaction is not None
        self._withdraw(evse)
        self.supply(evse)
        values = core.metering.at_end(evse, transaction)
        transaction.is_open, transaction.is_authorized = False, False
        transaction.charging_state = "Idle" if evse.plugged is None else "EVConnected"
        evse.transaction = None
        self.tell(TransactionEvent("Ended", evse, transaction, trigger, values, token, reason))
        self.lock.ended(evse, reason)
        energy_wh = transaction.meter_last_wh - transaction.meter_start_wh
        core.observer.on_transaction_ended(transaction, energy_wh, reason)
        for function in core.functions:
            function.transaction_ended(evse, transaction)
        evse.points = points_of(self.core, evse)

    def stop_all(
        self,
        reason: StopReason,
        trigger: Trigger,
        evses: Iterable[Evse] | None = None,
        token: Token | None = None,
    ) -> None:
        """End every transaction."""
        for evse in evses if evses is not None else self.core.evses.values():
            self.stop(evse, trigger, reason, token)

    def updated(self, evse: Evse, trigger: Trigger, *values: Sampled, limits: Limits | None = None) -> None:
        """Tell something new about the running transaction of an EVSE."""
        transaction = evse.transaction
        if transaction is not None:
            self.tell(TransactionEvent("Updated", evse, transaction, trigger, values, limits=limits))

    def tell(self, event: TransactionEvent) -> None:
        """Keep an event, and say it when it can be said."""
        core, transaction = self.core, event.transaction
        transaction.alive_at = core.clock.text(core.now)
        core.tariffs.reckon(event.evse, transaction)
        if event.token is not None:
            transaction.token_told = True
        message = core.dialect.render(core, event)
        if message is None:
            core.transactions.keep(transaction)
            return
        message.transaction_id, message.kept = transaction.id, True
        core.outbox.add(message)
        core.flush()

    def resumed(self, evse: Evse) -> None:
        """A transaction goes on after a restart (OCPP 2.1 E17.FR.14)."""
        transaction = evse.transaction
        if transaction is None:
            return
        if evse.plugged is not None and evse.permission is not None:
            self.lock.engage(evse, evse.plugged)
        self.supply(evse)
        evse.points = points_of(self.core, evse)
        transaction.charging_state = evse.charging_state
        self.updated(evse, "TxResumed")

    def new_id(self) -> str:
        """An id for a transaction, unlike any other (OCPP 2.0.1 E01.FR.08)."""
        return str(uuid.uuid4())


def _cancel(evse: Evse) -> None:
    if evse.permission_timer is not None:
        evse.permission_timer.cancel()
        evse.permission_timer = None


def _nobody(_allowed: bool) -> None:
    """Nobody waits for the outcome."""
