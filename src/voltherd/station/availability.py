"""Status of connectors, and what is in or out of service (OCPP 2.0.1 G; OCPP 1.6, 4.9 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Outcome = Literal["Accepted", "Rejected", "Scheduled"]
ROOM: Final = "inoperative"
"""What was put out of service: the station (`0`), EVSEs (`1.0`) and connectors (`1.2`)."""

STATES: Final = "Available,Occupied,Reserved,Unavailable,Faulted"


class ConnectorStatus(Struct, frozen=True, eq=False):
    """What a connector does now."""

    evse: Evse
    connector_id: int
    state: ConnectorState


class StationStatus(Struct, frozen=True):
    """Whether the station as a whole is in service (connector 0 of 1.6)."""

    is_operative: bool


class Availability(Function):
    """Tells states, and changes what is in service.

    Station, EVSEs and connectors are in or out of service each for itself; a connector works when all three are in.
    """

    __slots__ = ("_offline_since", "_out", "_waiting")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        number("status_duration_s", 0, "MinimumStatusDuration"),
        number("offline_threshold_s", 60, None, "OCPPCommCtrlr.OfflineThreshold"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._out: frozenset[str] = frozenset()
        self._offline_since: float | None = None
        self._waiting: dict[tuple[int, int], Timer] | None = None

    def restore(self) -> None:
        """What was put out of service stays so over a restart (OCPP 2.0.1 G03.FR.08, G04.FR.09)."""
        self._out = frozenset(self.core.storage.all(ROOM))
        for evse in self.core.evses.values():
            evse.inoperative = self._wanted(evse)

    @property
    def station_operative(self) -> bool:
        """Whether the station as a whole is in service."""
        return "0" not in self._out

    # Telling ---------------------------------------------------------------------------------

    def accepted(self) -> None:
        """Tell everything after a boot or a long time offline, else what changed (OCPP 2.0.1 B04; 1.6, 4.9)."""
        since, self._offline_since = self._offline_since, None
        long = self.core.dialect.family == "2.x" and self.core.settings.number("offline_threshold_s")
        everything = since is None or self.core.config.boot_on_reconnect or (long and self.core.now - since > long)
        self.tell(all_of_it=bool(everything))

    def disconnected(self) -> None:
        """From now on it is offline."""
        if self._offline_since is None and self.core.registration == "Accepted":
            self._offline_since = self.core.now

    def restarting(self) -> None:
        """Nothing was told yet after a restart."""
        self._offline_since = None
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
        duration_s = self.core.settings.number("status_duration_s") if self.core.dialect.family == "1.6" else 0
        for connector_id in evse.connector_ids:
            told, word = evse.told.get(connector_id), self.word(evse, connector_id)
            self._wait_no_more(evse, connector_id)
            if told == word and not all_of_it:
                continue
            if all_of_it or told is None or duration_s <= 0 or word in ("Faulted", "Unavailable"):
                self._say(evse, connector_id)
            else:
                self._waiting = self._waiting or {}
                self._waiting[evse.id, connector_id] = self.core.timers.at(
                    self.core.now + duration_s, partial(self._say, evse, connector_id)
                )

    def _say(self, evse: Evse, connector_id: int) -> None:
        if self.core.is_online:
            evse.told[connector_id] = self.word(evse, connector_id)
            self.core.say(ConnectorStatus(evse, connector_id, evse.state(connector_id)))

    def _wait_no_more(self, evse: Evse, connector_id: int) -> None:
        """A state that did not last is not told (MinimumStatusDuration of 1.6)."""
        timer = self._waiting.pop((evse.id, connector_id), None) if self._waiting else None
        if timer is not None:
            timer.cancel()

    def word(self, evse: Evse, connector_id: int) -> str:
        """A connector's state in the words of the version spoken."""
        if self.core.dialect.family == "1.6":
            return evse.state(connector_id).value
        return evse.coarse_state(connector_id)

    # Changing --------------------------------------------------------------------------------

    def change(self, evse_id: int | None, connector_id: int | None, *, operative: bool) -> Outcome:
        """Put station, EVSE or connector in or out of service, once the transaction has ended (OCPP 2.0.1 G03, G04)."""
        evses = list(self.core.evses.values()) if evse_id is None else [e for e in [self.core.evses.get(evse_id)] if e]
        if not evses or (connector_id is not None and connector_id not in evses[0].connector_ids):
            return "Rejected"
        self._remember("0" if evse_id is None else f"{evse_id}.{connector_id or 0}", operative=operative)
        for evse in evses:
            self._apply(evse)
        self.core.afterwards(lambda: self._changed(evses, station_too=evse_id is None))
        return "Scheduled" if any(evse.to_become_inoperative for evse in evses) else "Accepted"

    def _changed(self, evses: list[Evse], *, station_too: bool) -> None:
        if station_too and self.core.is_online:
            self.core.say(StationStatus(self.station_operative))
        for evse in evses:
            self.core.evse_changed(evse)

    def _wanted(self, evse: Evse) -> frozenset[int]:
        """The connectors that should be out of service."""
        if "0" in self._out or f"{evse.id}.0" in self._out:
            return frozenset(evse.connector_ids)
        return frozenset(c for c in evse.connector_ids if f"{evse.id}.{c}" in self._out)

    def _apply(self, evse: Evse) -> None:
        """What a session goes on at waits for its end (OCPP 2.0.1 G03.FR.05, G04.FR.06)."""
        wanted, running = self._wanted(evse), evse.transaction
        new = wanted - evse.inoperative
        waits = running is not None and (running.connector_id is None or running.connector_id in new)
        evse.to_become_inoperative = new if waits else frozenset()
        evse.inoperative = wanted - evse.to_become_inoperative

    def _remember(self, key: str, *, operative: bool) -> None:
        if operative:
            self._out -= {key}
            self.core.storage.drop(ROOM, key)
        else:
            self._out |= {key}
            self.core.storage.keep(ROOM, key, b"")

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """What waited for the end of the transaction happens now."""
        if evse.to_become_inoperative:
            self._apply(evse)
            self.core.evse_changed(evse)

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """The states as variables."""
        state = Fact(
            component="ChargingStation", variable="AvailabilityState", value="", kind="OptionList", values=STATES
        )
        yield replace(state, value="Available" if self.station_operative else "Unavailable")
        for evse in self.core.evses.values():
            words = [evse.coarse_state(c) for c in evse.connector_ids]
            worst = next((word for word in words if word != "Available"), "Available")
            yield replace(state, component="EVSE", evse_id=evse.id, value=worst)
            for connector_id, word in zip(evse.connector_ids, words, strict=True):
                yield replace(state, component="Connector", evse_id=evse.id, connector_id=connector_id, value=word)
