"""The rules of charging, the same for all versions: cable, token, transaction, meter.

A transaction runs while a cable is plugged in and a token may charge (TxStartPoint and TxStopPoint
`PowerPathClosed` of OCPP 2.0.1 E01, E06; OCPP 1.6, 4.8 and 4.10).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from voltherd.ocpp.errors import OcppError
from voltherd.station.dialect import Trigger
from voltherd.station.evse import ConnectorState, Evse, Permission, StopReason, Token, Transaction
from voltherd.station.outbox import Outgoing
from voltherd.station.vehicle import Vehicle

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

LOOK_S: Final = 10.0
"""How often a charging vehicle is looked at, for changes of its state."""

OnPermission = Callable[[bool], None]


class Charging:
    """Moves the EVSEs of one station from state to state."""

    def __init__(self, core: StationCore) -> None:
        self._core = core
        self._known_tokens: set[str] = set()
        self._look_at: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a transaction goes on."""
        return any(evse.transaction is not None for evse in self._core.evses.values())

    def find(self, transaction_id: str | int) -> Evse | None:
        """The EVSE on which a transaction goes on, by our id or by the number of a 1.6 CSMS."""
        for evse in self._core.evses.values():
            running = evse.transaction
            if running is not None and transaction_id in (running.id, running.csms_id):
                return evse
        return None

    # What drivers do -------------------------------------------------------------------------

    def plug_in(self, evse_id: int, vehicle: Vehicle, now: float, *, connector_id: int = 1) -> bool:
        """A driver plugs in; False if the connector is taken or out of service."""
        evse = self._core.evses[evse_id]
        self._core.now = now
        if evse.plugged is not None or evse.state(connector_id) in (
            ConnectorState.UNAVAILABLE,
            ConnectorState.FAULTED,
        ):
            return False
        evse.vehicle, evse.plugged, evse.has_charged = vehicle, connector_id, False
        self._core.tell_status()
        if evse.permission is not None:
            self._begin(evse, "RemoteStart" if evse.permission.remote_start_id is not None else "CablePluggedIn")
        return True

    def unplug(self, evse_id: int, now: float) -> None:
        """The cable is pulled out of the vehicle; ends its transaction."""
        evse = self._core.evses[evse_id]
        self._core.now = now
        if evse.transaction is not None:
            self.stop(evse, "EVDisconnected", "EVCommunicationLost")
        evse.meter.advance(now, evse.vehicle, 0.0)
        evse.vehicle, evse.plugged, evse.permission, evse.has_charged = None, None, None, False
        self._apply_scheduled(evse)
        self._core.tell_status()

    def present(
        self,
        evse_id: int,
        token: Token,
        now: float,
        on_permission: OnPermission | None = None,
        *,
        remote_start_id: int | None = None,
    ) -> None:
        """A driver holds a token to the reader: starts charging, or stops what the same token started."""
        evse = self._core.evses[evse_id]
        self._core.now = now
        tell = on_permission or (lambda _allowed: None)
        running = evse.transaction
        if running is not None:
            if running.token.matches(token):
                self.stop(evse, "Local", "StopAuthorized")
            tell(running.token.matches(token))
        elif not _serves(evse, token):
            tell(False)
        else:
            self._ask(evse, token, tell, remote_start_id)

    def _ask(self, evse: Evse, token: Token, tell: OnPermission, remote_start_id: int | None) -> None:
        evse.asking = token
        self._core.tell_status()

        def decided(response: Any, error: OcppError | None) -> None:
            evse.asking = None
            allowed = self._may_offline(token) if error is not None else self._core.dialect.is_allowed(response)
            self._remember(token, allowed)
            if error is None and not allowed:
                self._core.observer.on_token_refused()
            if allowed:
                self.permit(evse, token, remote_start_id=remote_start_id)
            tell(allowed)
            self._core.tell_status()

        message = self._core.dialect.authorize(token)
        message.on_answer = decided
        self._core.say(message)

    def _may_offline(self, token: Token) -> bool:
        known = self._core.settings.switch("cache_enabled") and token.id.casefold() in self._known_tokens
        return known or self._core.settings.switch("offline_unknown")

    def _remember(self, token: Token, allowed: bool) -> None:
        (self._known_tokens.add if allowed else self._known_tokens.discard)(token.id.casefold())

    def forget_tokens(self) -> None:
        """Empty the authorization cache."""
        self._known_tokens.clear()

    # Transactions ----------------------------------------------------------------------------

    def permit(self, evse: Evse, token: Token, *, remote_start_id: int | None = None) -> Permission:
        """Let a token charge: now, or when a cable is plugged in within the connection timeout."""
        permission = Permission(
            token=token,
            until=self._core.now + self._core.settings.number("connection_timeout_s"),
            remote_start_id=remote_start_id,
            transaction_id=self._new_id(),
        )
        evse.permission = permission
        if evse.plugged is not None:
            self._begin(evse, "RemoteStart" if remote_start_id is not None else "Authorized")
        else:
            self._core.tell_status()
            self._core.observer.on_waiting_for_cable(evse.id)
        return permission

    def _begin(self, evse: Evse, trigger: Trigger) -> None:
        permission, evse.permission = evse.permission, None
        assert permission is not None
        assert evse.plugged is not None
        core, now = self._core, self._core.now
        evse.meter.advance(now, evse.vehicle, 0.0)
        start_wh = round(evse.meter.energy_wh)
        transaction = Transaction(
            id=permission.transaction_id or self._new_id(),
            evse_id=evse.id,
            connector_id=evse.plugged,
            token=permission.token,
            started_at=core.clock.text(now),
            meter_start_wh=start_wh,
            meter_last_wh=start_wh,
            remote_start_id=permission.remote_start_id,
            reservation_id=evse.reservation.id if evse.reservation else None,
        )
        evse.reservation = None
        evse.transaction, evse.has_charged = transaction, True
        evse.meter.advance(now, evse.vehicle, evse.limit_w)
        self._sample_later(evse)
        self._look_at = now + LOOK_S
        reading = evse.meter.read(evse.vehicle)
        core.keep(core.dialect.started(evse, transaction, trigger, reading))
        core.tell_status()
        core.observer.on_transaction_started(transaction)

    def stop(self, evse: Evse, reason: StopReason, trigger: Trigger) -> None:
        """End the transaction of an EVSE."""
        transaction = evse.transaction
        assert transaction is not None
        core = self._core
        evse.meter.advance(core.now, evse.vehicle, evse.limit_w)
        reading = evse.meter.read(evse.vehicle)
        transaction.meter_last_wh = round(reading.energy_wh)
        transaction.is_open = False
        evse.transaction, evse.next_sample = None, None
        evse.meter.advance(core.now, evse.vehicle, 0.0)
        core.keep(core.dialect.ended(evse, transaction, reason, trigger, reading))
        energy_wh = transaction.meter_last_wh - transaction.meter_start_wh
        core.observer.on_transaction_ended(transaction, energy_wh, reason)
        self._apply_scheduled(evse)
        core.tell_status()

    def stop_all(self, reason: StopReason, trigger: Trigger, evses: Iterable[Evse] | None = None) -> None:
        """End every transaction."""
        for evse in evses if evses is not None else self._core.evses.values():
            if evse.transaction is not None:
                self.stop(evse, reason, trigger)
            evse.permission = None

    def delivered(self, message: Outgoing, accepted: bool | None) -> None:
        """The CSMS has a message about a transaction; `accepted` is what it says about the token."""
        transaction = message.transaction
        assert transaction is not None
        if accepted is None:
            return
        self._remember(transaction.token, accepted)
        if not accepted:
            self._core.observer.on_token_refused()
        evse = self._core.evses.get(transaction.evse_id)
        if accepted or evse is None or evse.transaction is not transaction:
            return
        if self._core.settings.switch("stop_on_invalid"):
            self.stop(evse, "DeAuthorized", "Deauthorized")

    def restore(self, cut_off: list[Transaction]) -> None:
        """End the transactions that were open when the power went (OCPP 2.0.1 E12)."""
        for transaction in cut_off:
            evse = self._core.evses.get(transaction.evse_id)
            if evse is None:
                continue
            evse.meter.energy_wh = float(transaction.meter_last_wh)
            transaction.is_open = False
            reading = evse.meter.read(None)
            self._core.keep(self._core.dialect.ended(evse, transaction, "PowerLoss", "AbnormalCondition", reading))

    # Availability and faults -----------------------------------------------------------------

    def fault(self, evse_id: int, code: str | None, now: float) -> None:
        """An EVSE breaks (`code` names the error of 1.6) or is repaired (None)."""
        evse = self._core.evses[evse_id]
        self._core.now = now
        evse.fault = code
        if code is not None and evse.transaction is not None:
            self.stop(evse, "Other", "AbnormalCondition")
        self._core.tell_status()

    def _apply_scheduled(self, evse: Evse) -> None:
        evse.inoperative |= evse.to_become_inoperative
        evse.to_become_inoperative.clear()

    # Time ------------------------------------------------------------------------------------

    def restart_sampling(self, now: float) -> None:
        """The interval between samples was changed."""
        self._core.now = now
        for evse in self._core.evses.values():
            if evse.transaction is not None:
                self._sample_later(evse)

    def advance(self, now: float) -> None:
        """Take samples, notice full vehicles, let permissions and reservations run out."""
        look = self._look_at is not None and now >= self._look_at
        for evse in self._core.evses.values():
            if evse.transaction is not None and (look or _is_due(evse.next_sample, now)):
                self._look(evse, now)
            self._run_out(evse, now)
        if look:
            self._look_at = now + LOOK_S if self.is_busy else None

    def next_wakeup(self) -> float | None:
        """When `advance` has something to do."""
        times: list[float | None] = [self._look_at]
        for evse in self._core.evses.values():
            times.append(evse.next_sample)
            times.append(evse.permission.until if evse.permission else None)
            times.append(evse.reservation.until if evse.reservation else None)
        return min((t for t in times if t is not None), default=None)

    def _look(self, evse: Evse, now: float) -> None:
        transaction = evse.transaction
        assert transaction is not None
        core = self._core
        before = evse.state(transaction.connector_id)
        evse.meter.advance(now, evse.vehicle, evse.limit_w)
        transaction.meter_last_wh = round(evse.meter.energy_wh)
        if _is_due(evse.next_sample, now):
            self._sample_later(evse)
            reading = evse.meter.read(evse.vehicle)
            core.keep(core.dialect.sampled(evse, transaction, "MeterValuePeriodic", reading))
        if evse.state(transaction.connector_id) is not before:
            core.keep(core.dialect.state_changed(evse, transaction))
            core.tell_status()

    def _run_out(self, evse: Evse, now: float) -> None:
        if evse.permission is not None and now >= evse.permission.until:
            evse.permission = None
            self._core.tell_status()
        if evse.reservation is not None and now >= evse.reservation.until:
            evse.reservation = None
            self._core.tell_status()

    def _sample_later(self, evse: Evse) -> None:
        interval_s = self._core.settings.number("meter_interval_s")
        evse.next_sample = self._core.now + interval_s if interval_s > 0 else None

    def _new_id(self) -> str:
        return str(uuid.uuid4())


def _is_due(time: float | None, now: float) -> bool:
    return time is not None and now >= time


def _serves(evse: Evse, token: Token) -> bool:
    """Whether the EVSE works and is not kept for somebody else."""
    if evse.state(evse.plugged or 1) in (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED):
        return False
    kept = evse.reservation
    return kept is None or _is_for(kept.token, kept.group, token)


def _is_for(token: Token, group: Token | None, presented: Token) -> bool:
    return token.matches(presented) or (group is not None and group.matches(presented))
