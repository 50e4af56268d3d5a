"""Status of connectors, and what is in or out of service (OCPP 2.0.1 G; OCPP 1.6, 4.9 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.function import Fact, Function
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Outcome = Literal["Accepted", "Rejected", "Scheduled"]
ROOM: Final = "inoperative"
"""Connectors (`evse.connector`) and the station (`0`) that were put out of service."""

STATES: Final = "Available,Occupied,Reserved,Unavailable,Faulted"
_OCCUPIED: Final = (
    ConnectorState.PREPARING,
    ConnectorState.CHARGING,
    ConnectorState.SUSPENDED_EV,
    ConnectorState.SUSPENDED_EVSE,
    ConnectorState.FINISHING,
)


class ConnectorStatus(Struct, frozen=True, eq=False):
    """What a connector does now."""

    evse: Evse
    connector_id: int
    state: ConnectorState


class StationStatus(Struct, frozen=True):
    """Whether the station as a whole is in service (connector 0 of 1.6)."""

    is_operative: bool


def coarse(state: ConnectorState) -> str:
    """A state in the five words of 2.x."""
    return "Occupied" if state in _OCCUPIED else state.value


class Availability(Function):
    """Tells states, and changes what is in service."""

    __slots__ = ("station_operative",)

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.station_operative = True

    def restore(self) -> None:
        """What was put out of service stays so over a restart (OCPP 2.0.1 G03.FR.08)."""
        for key in self.core.storage.all(ROOM):
            evse_id, _, connector_id = key.partition(".")
            if evse_id == "0":
                self.station_operative = False
            elif int(evse_id) in self.core.evses:
                evse = self.core.evses[int(evse_id)]
                evse.inoperative |= {int(connector_id)}

    # Telling ---------------------------------------------------------------------------------

    def accepted(self) -> None:
        """Tell everything."""
        self.tell(all_of_it=True)

    def restarting(self) -> None:
        """Nothing was told yet after a restart."""
        for evse in self.core.evses.values():
            evse.told.clear()

    def evse_changed(self, evse: Evse) -> None:
        """Tell what is new about one EVSE."""
        if self.core.is_online:
            self._tell_evse(evse, all_of_it=False)

    def tell(self, *, all_of_it: bool = False) -> None:
        """Report the connectors whose status changed, or all (OCPP 1.6, 4.9; OCPP 2.0.1 G01)."""
        if not self.core.is_online:
            return
        if all_of_it:
            self.core.say(StationStatus(self.station_operative))
        for evse in self.core.evses.values():
            self._tell_evse(evse, all_of_it=all_of_it)

    def _tell_evse(self, evse: Evse, *, all_of_it: bool) -> None:
        word = self._word
        for connector_id in evse.connector_ids:
            state = evse.state(connector_id)
            told = evse.told.get(connector_id)
            if all_of_it or told is None or word(told) != word(state):
                evse.told[connector_id] = state
                self.core.say(ConnectorStatus(evse, connector_id, state))

    def _word(self, state: ConnectorState) -> str:
        return state.value if self.core.dialect.family == "1.6" else coarse(state)

    # Changing --------------------------------------------------------------------------------

    def change(self, evse_id: int | None, connector_id: int | None, *, operative: bool) -> Outcome:
        """Put connectors in or out of service, once their transaction has ended."""
        evses = list(self.core.evses.values()) if evse_id is None else [e for e in [self.core.evses.get(evse_id)] if e]
        if not evses or (connector_id is not None and connector_id not in evses[0].connector_ids):
            return "Rejected"
        if evse_id is None:
            self.station_operative = operative
            self._remember("0", operative=operative)
        scheduled = [self._change_evse(evse, connector_id, operative=operative) for evse in evses]
        self.core.afterwards(lambda: self.tell(all_of_it=evse_id is None))
        return "Scheduled" if any(scheduled) else "Accepted"

    def _change_evse(self, evse: Evse, connector_id: int | None, *, operative: bool) -> bool:
        chosen = frozenset(evse.connector_ids if connector_id is None else (connector_id,))
        for one in chosen:
            self._remember(f"{evse.id}.{one}", operative=operative)
        if operative:
            evse.inoperative -= chosen
            evse.to_become_inoperative -= chosen
        elif evse.transaction is not None:
            evse.to_become_inoperative |= chosen
            return True
        else:
            evse.inoperative |= chosen
        return False

    def _remember(self, key: str, *, operative: bool) -> None:
        if operative:
            self.core.storage.drop(ROOM, key)
        else:
            self.core.storage.keep(ROOM, key, b"")

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """What waited for the end of the transaction happens now."""
        if evse.to_become_inoperative:
            evse.inoperative |= evse.to_become_inoperative
            evse.to_become_inoperative = frozenset()
            self.core.evse_changed(evse)

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The states as variables."""
        state = Fact(
            component="ChargingStation", variable="AvailabilityState", value="", kind="OptionList", values=STATES
        )
        yield replace(state, value="Available" if self.station_operative else "Unavailable")
        for evse in self.core.evses.values():
            words = [coarse(evse.state(c)) for c in evse.connector_ids]
            worst = next((word for word in words if word != "Available"), "Available")
            yield replace(state, component="EVSE", evse_id=evse.id, value=worst)
            for connector_id, word in zip(evse.connector_ids, words, strict=True):
                yield replace(state, component="Connector", evse_id=evse.id, connector_id=connector_id, value=word)
