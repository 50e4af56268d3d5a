"""What a CSMS may have a station do: start, stop, unlock, say (OCPP 2.0.1 F; OCPP 1.6, 5.11, 5.12, 5.17, 5.18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from msgspec import Struct

from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.function import Function
from voltherd.station.presenting import works
from voltherd.station.token import Token
from voltherd.station.triggers import TRIGGERS, Asked, SayNow, TriggerOutcome

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

UnlockOutcome = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]
_OUT_OF_SERVICE: Final = (ConnectorState.UNAVAILABLE, ConnectorState.FAULTED)


class Refusal(Struct, frozen=True):
    """Why something is not done: a reason code of OCPP 2.x and a sentence."""

    reason: str
    text: str


OnRemoteStart = Callable[[Evse, Any], Refusal | None]


class RemoteControl(Function):
    """Starts, stops, unlocks and says from afar.

    Attributes:
        triggers: what can be triggered, by the name of the message in either family; shared by all stations. Functions
            of other blocks enter themselves at import: `RemoteControl.triggers["LogStatusNotification"] = say_status`.
            Such a function is called before the answer; what it says goes to `core.trigger` or `core.afterwards`.
        custom_triggers: those of CustomTrigger (2.1), by their name.
        on_remote_start: asked before a remote start with a charging profile (as on the wire) is accepted; a `Refusal`
            rejects it. The profile is then `evse.permission.profile`. None ignores profiles (OCPP 2.0.1 F01.FR.12).
    """

    __slots__ = ("on_remote_start",)

    triggers: ClassVar[dict[str, SayNow]] = dict(TRIGGERS)
    custom_triggers: ClassVar[dict[str, SayNow]] = {}

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.on_remote_start: OnRemoteStart | None = None

    # Starting --------------------------------------------------------------------------------

    def start(
        self,
        token: Token,
        evse_id: int | None,
        remote_start_id: int | None,
        *,
        group: Token | None = None,
        profile: Any = None,
    ) -> Evse | Refusal:
        """Start charging for a token, after the answer; gives the EVSE that was chosen."""
        core = self.core
        if core.registration != "Accepted":
            return Refusal("CSNotAccepted", "The station is not accepted yet")
        evse = core.evses.get(evse_id) if evse_id is not None else self.free_evse(token, group)
        if evse is None:
            return (
                Refusal("UnknownEvse", "No such EVSE") if evse_id is not None else Refusal("NotFound", "None is free")
            )
        refusal = self._refusal(evse, token, group, profile)
        if refusal is not None:
            return refusal
        core.afterwards(lambda: self._permit(evse, token, remote_start_id, group, profile))
        return evse

    def _refusal(self, evse: Evse, token: Token, group: Token | None, profile: Any) -> Refusal | None:
        if evse.permission is not None or evse.asking is not None:
            return Refusal("TxInProgress", "The EVSE is authorized for a transaction")
        asks_first = self.core.settings.switch("authorize_remote")
        left = self.core.reservations.might_leave if asks_first else self.core.reservations.leaves
        if not works(self.core, evse) or not left(evse, token, group):
            return Refusal("NotEnabled", "The EVSE is out of service or reserved")
        if profile is None or self.on_remote_start is None:
            return None
        return self.on_remote_start(evse, profile)

    def _permit(self, evse: Evse, token: Token, remote_start_id: int | None, group: Token | None, profile: Any) -> None:
        charging = self.core.charging
        if self.core.settings.switch("authorize_remote"):
            charging.presented(
                evse.id, token, self.core.now, remote_start_id=remote_start_id, group=group, profile=profile
            )
        else:
            charging.permit(evse, token, group=group, remote_start_id=remote_start_id, profile=profile)

    def free_evse(self, token: Token | None = None, group: Token | None = None) -> Evse | None:
        """A plugged-in EVSE that waits for a token, else a free one; one that is reserved for the token comes first."""
        evses = [evse for evse in self.core.evses.values() if _is_free(evse)]
        if token is not None:
            reserved = [e for e in evses if e.reservation is not None and self.core.charging.serves(e, token, group)]
            evses = reserved + [evse for evse in evses if evse.reservation is None]
        else:
            evses = [evse for evse in evses if evse.reservation is None]
        return next((evse for evse in evses if evse.plugged is not None), evses[0] if evses else None)

    # Stopping --------------------------------------------------------------------------------

    def stop(self, transaction_id: str | int) -> bool:
        """End a transaction, or what it may take where its stop point is another one (OCPP 2.0.1 F03.FR.02)."""
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
        """Open the lock of a connector, cable or not (OCPP 2.0.1 F05.FR.06).

        1.6 ends its transaction; 2.x refuses while it is authorized (F05.FR.02). No plug is let go under load: power is
        cut first, and comes back if the lock does not open.
        """
        core, evse = self.core, self.core.evses.get(evse_id)
        if evse is None or connector_id not in evse.connector_ids:
            return "UnknownConnector"
        running = evse.transaction is not None and evse.transaction.connector_id in (connector_id, None)
        if running and evse.permission is not None and not stop_first:
            return "OngoingAuthorizedTransaction"
        if connector_id == evse.plugged:
            core.charging.cut(evse)
        if evse.fault == "ConnectorLockFailure" or not evse.hardware.unlock(connector_id):
            core.charging.supply(evse)
            return "UnlockFailed"
        core.afterwards(lambda: self._unlocked(evse, connector_id, ends=running and stop_first))
        return "Unlocked"

    def _unlocked(self, evse: Evse, connector_id: int, *, ends: bool) -> None:
        """Who waited or charged at the connector is done, and a cable that was kept for its owner is free."""
        charging = self.core.charging
        if ends:
            charging.stop(evse, "UnlockCommand", "UnlockCommand")
        elif connector_id == evse.plugged and evse.permission is not None:
            charging.deauthorize(evse, "UnlockCommand", "UnlockCommand")
        if evse.holds == connector_id:
            charging.lock.let_go(evse)
            self.core.evse_changed(evse)

    # Saying ----------------------------------------------------------------------------------

    def trigger(self, message: str, asked: Asked) -> TriggerOutcome:
        """Say something after the answer to the request in hand (OCPP 2.0.1 F06; OCPP 1.6, 5.17)."""
        say = self.triggers.get(message)
        if message == "CustomTrigger":
            say = self.custom_triggers.get(asked.custom or "")
        return "NotImplemented" if say is None else say(self.core, asked)


def _is_free(evse: Evse) -> bool:
    return (evse.transaction is None or evse.transaction.token is None) and (
        evse.permission is None and evse.asking is None and evse.state(evse.plugged or 1) not in _OUT_OF_SERVICE
    )
