"""The faults of one station's line: they stand between its core and its socket, one after the other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Literal

import msgspec

from voltherd.simulator.chance import Chance
from voltherd.simulator.faults.fault import Fault, Frame, FrameFault, Hold, PassOn
from voltherd.simulator.station import SimulatedStation
from voltherd.websocket import Connection

OPEN_CALLS: Final = 256
"""How many calls are remembered to know the action of their answers."""

Way = Literal["sent", "received"]


class LineFaults:
    """What goes wrong with one station; is its `LineFilter`.

    Attributes:
        on_wire: told every frame as it is on the wire, and who said it, after (sent) or before (received) all faults.
        deserted: sockets left open without a word; `close` ends them.
    """

    def __init__(self, station: SimulatedStation, faults: Iterable[Fault] = (), *, seed: object = 1) -> None:
        self.station = station
        self.on_wire: Callable[[Way, bytes], None] | None = None
        self.deserted: list[Connection] = []
        self._seed = seed
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._holds: list[tuple[Fault, Hold]] = []
        self._actions: dict[Way, OrderedDict[str, str]] = {"sent": OrderedDict(), "received": OrderedDict()}
        station.filter = self
        for fault in faults:
            self.add(fault)

    # Which are in force ----------------------------------------------------------------------

    def add(self, fault: Fault) -> Hold:
        """A fault is in force from now on; the same seed and frames bring the same harm."""
        self._count += 1
        hold = Hold(self, Chance(self._seed, self.station.config.identity, self._count))
        self._holds.append((fault, hold))
        fault.begin(hold)
        return hold

    def remove(self, kind: str | None = None) -> int:
        """The faults of a kind are over (of all kinds, without one); gives how many."""
        gone = [one for one in self._holds if kind in (None, one[0].KIND)]
        self._holds = [one for one in self._holds if one not in gone]
        for fault, hold in gone:
            fault.end(hold)
        return len(gone)

    def close(self) -> None:
        """End them all, and the sockets that were left open."""
        self.remove()
        for task in self._tasks:
            task.cancel()
        for connection in self.deserted:
            connection.abort()
        self.deserted.clear()

    @property
    def in_force(self) -> tuple[Fault, ...]:
        """The faults, in the order in which frames of the station meet them."""
        return tuple(fault for fault, _ in self._holds)

    # What faults do --------------------------------------------------------------------------

    def later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something after so many seconds of the station's clock."""
        return asyncio.get_running_loop().call_later(max(seconds, 0.0) / self.station.clock.factor, act)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that takes its time."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def desert(self) -> None:
        """The station leaves its socket without a word, and comes back on another: the old one is half-open."""
        connection = self.station.forsake()
        if connection is not None:
            connection.desert()
            self.deserted.append(connection)

    def answer(self, frame: Frame, answer: bytes) -> None:
        """Answer in the station's place: what a fault says is not harmed further."""
        self._wire("sent", answer)

    # The line --------------------------------------------------------------------------------

    def opened(self) -> None:
        """A connection is open."""
        for actions in self._actions.values():
            actions.clear()

    def closed(self) -> None:
        """The connection is gone."""

    def sent(self, data: bytes) -> None:
        """The station says something."""
        self._pass("sent", data, 0)

    def received(self, data: bytes) -> None:
        """The CSMS said something."""
        if self.on_wire is not None:
            self.on_wire("received", data)
        self._pass("received", data, 0)

    def _pass(self, side: Way, data: bytes, start: int) -> None:
        frame = self._read(side, data)
        for place in range(start, len(self._holds)):
            fault, hold = self._holds[place]
            if isinstance(fault, FrameFault) and fault.strikes(frame, hold):
                fault.harm(frame, hold, self._after(side, fault))
                return
        self._wire(side, data)

    def _after(self, side: Way, fault: Fault) -> PassOn:
        return lambda data: self._go_on(side, data, fault)

    def _go_on(self, side: Way, data: bytes, after: Fault) -> None:
        """A frame goes on its way; its fault may be over by now."""
        place = next((n for n, (fault, _) in enumerate(self._holds) if fault is after), None)
        if place is None:
            self._wire(side, data)
        else:
            self._pass(side, data, place + 1)

    def _wire(self, side: Way, data: bytes) -> None:
        if side == "received":
            self.station.deliver(data)
            return
        if self.on_wire is not None and self.station.connection is not None:
            self.on_wire("sent", data)
        self.station.transmit(data)

    def _read(self, side: Way, data: bytes) -> Frame:
        try:
            found = msgspec.json.decode(data)
            kind, message_id = int(found[0]), str(found[1])
        except (ValueError, TypeError, LookupError, RecursionError):
            return Frame(data, side, 0, "", "")
        if kind in (2, 6) and len(found) > 2:
            action = str(found[2])
            calls = self._actions[side]
            calls[message_id] = action
            while len(calls) > OPEN_CALLS:
                calls.popitem(last=False)
        else:
            action = self._actions["received" if side == "sent" else "sent"].get(message_id, "")
        return Frame(data, side, kind, message_id, action)
