"""What a CSMS may have a station do: start, stop, unlock (OCPP 2.0.1 F; OCPP 1.6, 5.11, 5.12, 5.18)."""

from __future__ import annotations

from typing import Final, Literal

from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.function import Function
from voltherd.station.token import Token

UnlockOutcome = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]

_OUT_OF_SERVICE: Final = (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED)


class RemoteControl(Function):
    """Starts, stops and unlocks from afar."""

    __slots__ = ()

    def start(self, token: Token, evse_id: int | None, remote_start_id: int | None) -> Evse | None:
        """Start charging for a token; the EVSE that was chosen, None if it cannot be."""
        core = self.core
        if core.registration != "Accepted":
            return None
        evse = core.evses.get(evse_id) if evse_id is not None else self.free_evse()
        if evse is None or evse.permission is not None or not core.charging.serves(evse, token):
            return None
        core.afterwards(lambda: self._permit(evse, token, remote_start_id))
        return evse

    def _permit(self, evse: Evse, token: Token, remote_start_id: int | None) -> None:
        core = self.core
        if core.settings.switch("authorize_remote"):
            core.charging.presented(evse.id, token, core.now, remote_start_id=remote_start_id)
        else:
            core.charging.permit(evse, token, remote_start_id=remote_start_id)

    def free_evse(self) -> Evse | None:
        """A plugged-in EVSE that waits for a token, else a free one."""
        evses = [evse for evse in self.core.evses.values() if _is_free(evse)]
        return next((evse for evse in evses if evse.plugged is not None), evses[0] if evses else None)

    def stop(self, transaction_id: str | int) -> bool:
        """End a transaction."""
        core, evse = self.core, self.core.charging.find(transaction_id)
        if evse is None:
            return False
        transaction = evse.transaction

        def end() -> None:
            if evse.transaction is transaction:
                core.charging.deauthorize(evse, "RemoteStop", "Remote")

        core.afterwards(end)
        return True

    def unlock(self, evse_id: int, connector_id: int, *, stop_first: bool) -> UnlockOutcome:
        """Open the lock of a connector; 1.6 ends a transaction first, 2.x refuses."""
        core, evse = self.core, self.core.evses.get(evse_id)
        if evse is None or connector_id not in evse.connector_ids:
            return "UnknownConnector"
        if evse.transaction is not None and not stop_first:
            return "OngoingAuthorizedTransaction"
        if evse.fault == "ConnectorLockFailure" or not evse.hardware.unlock(connector_id):
            return "UnlockFailed"
        if evse.transaction is not None:
            core.afterwards(lambda: core.charging.stop(evse, "UnlockCommand", "UnlockCommand"))
        return "Unlocked"


def _is_free(evse: Evse) -> bool:
    return (
        evse.transaction is None
        and evse.permission is None
        and evse.reservation is None
        and evse.state(evse.plugged or 1) not in _OUT_OF_SERVICE
    )
