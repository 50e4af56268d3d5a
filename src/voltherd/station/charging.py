"""The rules of charging, the same for all versions: cable, token, transaction.

A transaction begins when one of the start points comes to hold and ends when one of the stop points ceases to
(TxStartPoint, TxStopPoint of OCPP 2.0.1 E01, E06). In 1.6 both are the power path (OCPP 1.6, 4.8 and 4.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from msgspec import Struct

from voltherd.station.evse import ConnectorState, Evse, Permission
from voltherd.station.function import Function
from voltherd.station.hardware import NOTHING, Offer
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer
from voltherd.station.token import Token, TokenInfo
from voltherd.station.transaction import Sampled, StopReason, Transaction, TransactionEvent, Trigger

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

LOOK_S: Final = 10.0
"""How often a vehicle that may charge is looked at, for changes of its state."""

POINTS: Final = ("ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer")
_POWER_PATH: Final = frozenset({"PowerPathClosed"})

OnPermission = Callable[[bool], None]
Limiter = Callable[[Evse, Offer], Offer]
"""Narrows what an EVSE may offer."""


class TransactionAnswer(Struct, frozen=True, kw_only=True):
    """What a CSMS says to a message about a transaction.

    Attributes:
        info: about the token, None if it says nothing.
        csms_id: the number that a 1.6 CSMS gives the transaction.
        total_cost: what it costs by now or in the end (2.x).
    """

    info: TokenInfo | None = None
    csms_id: int | None = None
    total_cost: float | None = None


class Charging(Function):
    """Moves the EVSEs of one station from state to state.

    `limiters` narrow, one after the other, what an EVSE may offer.
    """

    __slots__ = ("_look_timer", "limiters")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("connection_timeout_s", 60, "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut"),
        switch("stop_on_invalid", True, "StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"),
        switch("stop_on_unplug", True, "StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect"),
        switch("unlock_on_unplug", True, "UnlockConnectorOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect"),
        text("tx_start_point", "PowerPathClosed", None, "TxCtrlr.TxStartPoint", kind="MemberList", values=POINTS),
        text("tx_stop_point", "PowerPathClosed", None, "TxCtrlr.TxStopPoint", kind="MemberList", values=POINTS),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.limiters: list[Limiter] = []
        self._look_timer: Timer | None = None

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

    # What hardware notices -------------------------------------------------------------------

    def plugged_in(self, evse_id: int, connector_id: int, now: float) -> bool:
        """A cable is in a vehicle now; False if the connector is taken or out of service."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        out_of_service = evse.state(connector_id) in (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED)
        if evse.plugged is not None or out_of_service:
            return False
        evse.plugged, evse.has_charged = connector_id, False
        permission = evse.permission
        _cancel(evse)
        remote = permission is not None and permission.remote_start_id is not None and evse.transaction is None
        self.changed(evse, "RemoteStart" if remote else "CablePluggedIn")
        return True

    def unplugged(self, evse_id: int, now: float) -> None:
        """The cable is out of the vehicle."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        evse.plugged = None
        if evse.transaction is not None and evse.permission is not None:
            self._withdraw(evse)
        self.changed(evse, "EVCommunicationLost", "EVDisconnected")
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
        evse = self.core.evses[evse_id]
        self.core.now = now
        tell = on_permission or _nobody
        if evse.permission is not None and evse.transaction is not None:
            may_stop = _is_for(evse.permission.token, evse.permission.group, token)
            if may_stop:
                self.deauthorize(evse, "StopAuthorized", "Local", token)
            tell(may_stop)
        elif not self.serves(evse, token, group):
            tell(False)
        else:
            self._ask(evse, token, tell, remote_start_id, profile)

    def faulted(self, evse_id: int, code: str | None, now: float) -> None:
        """An EVSE breaks (`code` names the error of 1.6) or is repaired (None)."""
        evse = self.core.evses[evse_id]
        self.core.now = now
        evse.fault = code
        if code is not None and evse.transaction is not None:
            self.stop(evse, "AbnormalCondition", "Other")
        self.core.evse_changed(evse)

    # Who may charge --------------------------------------------------------------------------

    def serves(self, evse: Evse, token: Token, group: Token | None = None) -> bool:
        """Whether the EVSE works and is not kept for somebody else."""
        if evse.state(evse.plugged or 1) in (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED):
            return False
        kept = evse.reservation
        if kept is None or _is_for(kept.token, kept.group, token):
            return True
        return kept.group is not None and group is not None and kept.group.matches(group)

    def _ask(self, evse: Evse, token: Token, tell: OnPermission, remote_start_id: int | None, profile: Any) -> None:
        evse.asking = token
        self.core.evse_changed(evse)

        def decided(info: TokenInfo) -> None:
            evse.asking = None
            if info.is_accepted:
                self.permit(evse, token, group=info.group, remote_start_id=remote_start_id, profile=profile)
            tell(info.is_accepted)
            self.core.evse_changed(evse)

        self.core.authorization.decide(token, decided)

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
        permission = Permission(
            token=token,
            group=group,
            remote_start_id=remote_start_id,
            transaction_id=self.new_id(),
            profile=profile,
        )
        evse.permission = permission
        if evse.plugged is None:
            until = self.core.now + self.core.settings.number("connection_timeout_s")
            evse.permission_timer = self.core.timers.at(until, lambda: self._cable_timeout(evse))
        self.changed(evse, "RemoteStart" if remote_start_id is not None else "Authorized", token=token)
        if evse.plugged is None:
            self.core.observer.on_waiting_for_cable(evse.id)
        return permission

    def deauthorize(self, evse: Evse, trigger: Trigger, reason: StopReason, token: Token | None = None) -> None:
        """Nobody may charge here any more."""
        self._withdraw(evse)
        self.changed(evse, trigger, reason, token)

    def _withdraw(self, evse: Evse) -> None:
        evse.permission = None
        _cancel(evse)

    def _cable_timeout(self, evse: Evse) -> None:
        evse.permission_timer = None
        if evse.plugged is None and evse.permission is not None:
            evse.permission = None
            self.changed(evse, "EVConnectTimeout", "Timeout")

    # Transactions ----------------------------------------------------------------------------

    def changed(self, evse: Evse, trigger: Trigger, reason: StopReason = "Local", token: Token | None = None) -> None:
        """Something happened at an EVSE: begin, go on with or end its transaction, as the points say."""
        before, now = evse.points, self._points(evse)
        evse.points = now
        if evse.transaction is None:
            if (now - before) & self._chosen("tx_start_point"):
                self._begin(evse, trigger)
        elif (before - now) & self._chosen("tx_stop_point"):
            self._end(evse, trigger, reason, token)
        else:
            self._go_on(evse, trigger, token)
        self.supply(evse)
        if evse.transaction is None and self._points(evse) != evse.points:
            self.changed(evse, "ChargingStateChanged")
            return
        evse.points = self._points(evse)
        self.core.evse_changed(evse)

    def _points(self, evse: Evse) -> frozenset[str]:
        points = set()
        if evse.plugged is not None:
            points |= {"EVConnected", "ParkingBayOccupancy"}
        if evse.permission is not None:
            points.add("Authorized")
        if evse.is_power_path_closed:
            points |= {"PowerPathClosed", "DataSigned"}
        if evse.charging_state == "Charging":
            points.add("EnergyTransfer")
        return frozenset(points)

    def _chosen(self, name: str) -> frozenset[str]:
        if self.core.dialect.family == "1.6":
            return _POWER_PATH
        return frozenset(self.core.settings.members(name))

    def _begin(self, evse: Evse, trigger: Trigger) -> None:
        core, now, permission = self.core, self.core.now, evse.permission
        start_wh = round(evse.hardware.read(now).energy_import_wh)
        transaction = Transaction(
            id=(permission.transaction_id if permission else None) or self.new_id(),
            evse_id=evse.id,
            connector_id=evse.plugged,
            token=permission.token if permission else None,
            started_at=core.clock.text(now),
            meter_start_wh=start_wh,
            meter_last_wh=start_wh,
            remote_start_id=permission.remote_start_id if permission else None,
            reservation_id=evse.reservation.id if evse.reservation and permission else None,
        )
        if permission is not None:
            core.reservations.used(evse)
        evse.transaction, evse.has_charged = transaction, True
        core.transactions.add(transaction)
        self.supply(evse)
        transaction.charging_state = evse.charging_state
        values = core.metering.at_start(evse)
        self._tell(TransactionEvent("Started", evse, transaction, trigger, values, transaction.token))
        for function in core.functions:
            function.transaction_started(evse, transaction)
        core.observer.on_transaction_started(transaction)

    def _go_on(self, evse: Evse, trigger: Trigger, token: Token | None) -> None:
        transaction = evse.transaction
        assert transaction is not None
        transaction.connector_id = transaction.connector_id or evse.plugged
        if evse.permission is not None and transaction.token is None:
            transaction.token = evse.permission.token
            transaction.remote_start_id = evse.permission.remote_start_id
        self.supply(evse)
        transaction.charging_state = evse.charging_state
        self._tell(TransactionEvent("Updated", evse, transaction, trigger, (), token))

    def stop(self, evse: Evse, trigger: Trigger, reason: StopReason) -> None:
        """End the transaction of an EVSE, whatever its stop points."""
        self._withdraw(evse)
        evse.points = self._points(evse)
        if evse.transaction is not None:
            self._end(evse, trigger, reason, None)
        self.core.evse_changed(evse)

    def _end(self, evse: Evse, trigger: Trigger, reason: StopReason, token: Token | None) -> None:
        transaction, core = evse.transaction, self.core
        assert transaction is not None
        self._withdraw(evse)
        values = core.metering.at_end(evse, transaction)
        transaction.is_open = False
        transaction.charging_state = "Idle" if evse.plugged is None else "EVConnected"
        evse.transaction = None
        self.supply(evse)
        self._tell(TransactionEvent("Ended", evse, transaction, trigger, values, token, reason))
        energy_wh = transaction.meter_last_wh - transaction.meter_start_wh
        core.observer.on_transaction_ended(transaction, energy_wh, reason)
        for function in core.functions:
            function.transaction_ended(evse, transaction)
        evse.points = self._points(evse)

    def stop_all(self, reason: StopReason, trigger: Trigger, evses: Iterable[Evse] | None = None) -> None:
        """End every transaction."""
        for evse in evses if evses is not None else self.core.evses.values():
            self.stop(evse, trigger, reason)

    def updated(self, evse: Evse, trigger: Trigger, *values: Sampled) -> None:
        """Tell something new about the running transaction of an EVSE."""
        transaction = evse.transaction
        if transaction is not None:
            transaction.charging_state = evse.charging_state
            self._tell(TransactionEvent("Updated", evse, transaction, trigger, values))

    def _tell(self, event: TransactionEvent) -> None:
        core, transaction = self.core, event.transaction
        message = core.dialect.render(core, event)
        if message is None:
            core.transactions.keep(transaction)
            return
        message.transaction_id, message.kept = transaction.id, True
        core.outbox.add(message)
        core.flush()

    def numbered(self, transaction_id: str, answer: Any) -> None:
        """Take the number of a 1.6 CSMS."""
        transaction = self.core.transactions.get(transaction_id)
        if transaction is not None and isinstance(answer, TransactionAnswer) and answer.csms_id is not None:
            transaction.csms_id = answer.csms_id

    def delivered(self, transaction_id: str, answer: Any) -> None:
        """The CSMS has a message about a transaction, and says what it thinks of its token."""
        transaction = self.core.transactions.get(transaction_id)
        if transaction is None or not isinstance(answer, TransactionAnswer) or answer.info is None:
            return
        if transaction.token is not None:
            self.core.authorization.learned(transaction.token, answer.info)
        evse = self.core.evses.get(transaction.evse_id)
        if answer.info.is_accepted or evse is None or evse.transaction is not transaction:
            return
        if self.core.settings.switch("stop_on_invalid"):
            self.deauthorize(evse, "Deauthorized", "DeAuthorized")

    def restore(self) -> None:
        """End the transactions that were open when the power went (OCPP 2.0.1 E12)."""
        for transaction in self.core.transactions.open():
            evse = self.core.evses.get(transaction.evse_id)
            if evse is None:
                continue
            values = self.core.metering.at_end(evse, transaction)
            transaction.is_open = False
            transaction.charging_state = "Idle"
            event = TransactionEvent("Ended", evse, transaction, "AbnormalCondition", values, None, "PowerLoss")
            self._tell(event)

    # Power -----------------------------------------------------------------------------------

    def supply(self, evse: Evse) -> None:
        """Hand the hardware what the vehicle may draw now."""
        offer = self._allowed(evse)
        if offer != evse.offer:
            evse.offer = offer
            evse.hardware.supply(offer, self.core.now)
        self._look_later()

    def _allowed(self, evse: Evse) -> Offer:
        if not evse.is_power_path_closed or evse.suspended_by_evse:
            return NOTHING
        offer = Offer(charge_limit_w=evse.config.max_power_w)
        for limiter in self.limiters:
            offer = limiter(evse, offer)
        return offer

    def look(self, evse: Evse) -> None:
        """See whether the vehicle does something else than was told (OCPP 2.0.1 E02.FR.02)."""
        transaction = evse.transaction
        if transaction is None:
            return
        self.supply(evse)
        if evse.charging_state != transaction.charging_state:
            self.changed(evse, "ChargingStateChanged", "StoppedByEV")

    def _look_later(self) -> None:
        if self._look_timer is None and self.is_busy:
            self._look_timer = self.core.timers.at(self.core.now + LOOK_S, self._look_at_all)

    def _look_at_all(self) -> None:
        self._look_timer = None
        for evse in self.core.evses.values():
            if evse.transaction is not None:
                self.core.metering.note(evse)
                self.look(evse)
        self._look_later()

    def new_id(self) -> str:
        """An id for a transaction, unlike any other (OCPP 2.0.1 E01.FR.08)."""
        return str(uuid.uuid4())


def _is_for(token: Token, group: Token | None, presented: Token) -> bool:
    return token.matches(presented) or (group is not None and group.matches(presented))


def _cancel(evse: Evse) -> None:
    if evse.permission_timer is not None:
        evse.permission_timer.cancel()
        evse.permission_timer = None


def _nobody(_allowed: bool) -> None:
    """Nobody waits for the outcome."""
