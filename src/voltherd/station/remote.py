"""What a CSMS may ask of a station, in words that all versions share.

Outcomes are the words of 2.x; `v16` and `v2` turn requests into these and outcomes into answers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from voltherd.station.evse import ConnectorState, Evse, Reservation, Token

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

AvailabilityOutcome = Literal["Accepted", "Rejected", "Scheduled"]
ReserveOutcome = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
UnlockOutcome = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]

_OUT_OF_SERVICE = (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED)


def start(
    core: StationCore, token: Token, evse_id: int | None, remote_start_id: int | None
) -> tuple[bool, Evse | None]:
    """Start charging for a token (OCPP 1.6, 5.11; OCPP 2.0.1 F01, F02)."""
    if core.registration != "Accepted":
        return False, None
    evse = core.evses.get(evse_id) if evse_id is not None else _free_evse(core)
    if evse is None or evse.transaction is not None or evse.permission is not None:
        return False, None
    if evse.state(evse.plugged or 1) in _OUT_OF_SERVICE:
        return False, None
    kept_for = evse.reservation
    if kept_for is not None and not kept_for.token.matches(token):
        return False, None
    core.afterwards(lambda: _permit(core, evse, token, remote_start_id))
    return True, evse


def _permit(core: StationCore, evse: Evse, token: Token, remote_start_id: int | None) -> None:
    if core.settings.switch("authorize_remote"):
        core.charging.present(evse.id, token, core.now, remote_start_id=remote_start_id)
    else:
        core.charging.permit(evse, token, remote_start_id=remote_start_id)


def _free_evse(core: StationCore) -> Evse | None:
    """A plugged-in EVSE that waits for a token, else a free one."""
    evses = [
        evse
        for evse in core.evses.values()
        if evse.transaction is None
        and evse.permission is None
        and evse.reservation is None
        and evse.state(evse.plugged or 1) not in _OUT_OF_SERVICE
    ]
    return next((evse for evse in evses if evse.plugged is not None), evses[0] if evses else None)


def stop(core: StationCore, transaction_id: str | int) -> bool:
    """End a transaction (OCPP 1.6, 5.12; OCPP 2.0.1 F03)."""
    evse = core.charging.find(transaction_id)
    if evse is None:
        return False

    def end() -> None:
        if evse.transaction is not None:
            core.charging.stop(evse, "Remote", "RemoteStop")

    core.afterwards(end)
    return True


def change_availability(
    core: StationCore, evse_id: int | None, connector_id: int | None, *, operative: bool
) -> AvailabilityOutcome:
    """Put connectors in or out of service, once their transaction has ended (OCPP 1.6, 5.2; 2.0.1 G03, G04)."""
    evses = list(core.evses.values()) if evse_id is None else [e for e in [core.evses.get(evse_id)] if e]
    if not evses or (connector_id is not None and connector_id not in evses[0].connector_ids):
        return "Rejected"
    if evse_id is None:
        core.station_operative = operative
    scheduled = False
    for evse in evses:
        chosen = {connector_id} if connector_id is not None else set(evse.connector_ids)
        if operative:
            evse.inoperative -= chosen
            evse.to_become_inoperative -= chosen
        elif evse.transaction is not None:
            evse.to_become_inoperative |= chosen
            scheduled = True
        else:
            evse.inoperative |= chosen
    core.afterwards(lambda: core.tell_status(all_of_it=evse_id is None))
    return "Scheduled" if scheduled else "Accepted"


def unlock(core: StationCore, evse_id: int, connector_id: int, *, stop_first: bool) -> UnlockOutcome:
    """Open the lock of a connector; 1.6 ends a transaction first, 2.x refuses (1.6, 5.18; 2.0.1 F05)."""
    evse = core.evses.get(evse_id)
    if evse is None or connector_id not in evse.connector_ids:
        return "UnknownConnector"
    if evse.fault == "ConnectorLockFailure":
        return "UnlockFailed"
    if evse.transaction is not None:
        if not stop_first:
            return "OngoingAuthorizedTransaction"

        def end() -> None:
            if evse.transaction is not None:
                core.charging.stop(evse, "UnlockCommand", "UnlockCommand")

        core.afterwards(end)
    return "Unlocked"


def reserve(core: StationCore, evse_id: int | None, reservation: Reservation) -> ReserveOutcome:
    """Keep an EVSE free for a token; the same id again replaces the reservation (1.6, 5.13; 2.0.1 H01)."""
    holder = next((e for e in core.evses.values() if e.reservation and e.reservation.id == reservation.id), None)
    evse = holder if evse_id is None and holder is not None else None
    if evse is None:
        evse = core.evses.get(evse_id) if evse_id is not None else _free_evse(core)
    if evse is None:
        return "Rejected" if evse_id is not None else "Occupied"
    state = evse.state(1)
    if state is ConnectorState.FAULTED:
        return "Faulted"
    if state is ConnectorState.UNAVAILABLE:
        return "Unavailable"
    if not evse.is_idle or (evse.reservation is not None and evse.reservation.id != reservation.id):
        return "Occupied"
    if holder is not None:
        holder.reservation = None
    evse.reservation = reservation
    core.afterwards(core.tell_status)
    return "Accepted"


def cancel_reservation(core: StationCore, reservation_id: int) -> bool:
    """Give a reservation up (OCPP 1.6, 5.1; OCPP 2.0.1 H02)."""
    for evse in core.evses.values():
        if evse.reservation is not None and evse.reservation.id == reservation_id:
            evse.reservation = None
            core.afterwards(core.tell_status)
            return True
    return False


def until(core: StationCore, timestamp: str) -> float | None:
    """A point in time as seconds of the station's clock, None if it cannot be read."""
    try:
        told = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return core.now + (told - core.clock.wall(core.now)).total_seconds()
