"""A light fleet that remembers what was acknowledged: what a server owes its stations can be counted afterwards."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage
from websockets.typing import Subprotocol

from support.payloads import BOOT_2X, BOOT_16, event, meter_values_16, start_16, status_2x, status_16, stop_16

GONE = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, TimeoutError)


class Session(Struct):
    """One charging session as the station knows it."""

    token: str
    meter_start_wh: int
    started_at: str
    transaction_id: str = ""
    meter_stop_wh: int | None = None
    stop_reason: str = ""
    acknowledged: list[Any] = field(default_factory=list)
    """What the server answered, in order: `start`, `stop`, sequence numbers of events, instants of meter values."""


class FleetStation:
    """One station: charges again and again, delivers what was not answered after every reconnect, same content."""

    def __init__(self, url: Callable[[], str], identity: str, version: str, seed: int) -> None:
        self.identity = identity
        self.version = version
        self.sessions: list[Session] = []
        self.resent = 0
        self.refusals: list[str] = []
        self._url = url
        self._random = random.Random(seed)
        self._keeps_id = self._random.random() < 0.5
        self._meter_wh = self._random.randrange(100_000)
        self._socket: ClientConnection | None = None
        self._number = 0
        self.finishing = False

    async def run(self) -> None:
        """Charge until told to finish; then end the session that runs."""
        await self._deliver("BootNotification", BOOT_16 if self.version == "1.6" else BOOT_2X)
        while not self.finishing:
            await (self._charge_16() if self.version == "1.6" else self._charge_2x())
        if self._socket is not None:
            await self._socket.close()

    async def _charge_16(self) -> None:
        session = self._new_session()
        self.sessions.append(session)
        await self._deliver("StatusNotification", status_16("Charging"))
        started = start_16(session.token, meter_wh=session.meter_start_wh)
        session.started_at = started["timestamp"]
        answer = await self._deliver("StartTransaction", started)
        session.transaction_id = str(answer["transactionId"])
        session.acknowledged.append("start")
        for _ in range(self._random.randrange(4)):
            values = meter_values_16(str(self._more_wh()), transaction_id=answer["transactionId"])
            await self._deliver("MeterValues", values)
            session.acknowledged.append(values["meterValue"][0]["timestamp"])
        session.meter_stop_wh, session.stop_reason = self._more_wh(), "EVDisconnected"
        stopped = stop_16(answer["transactionId"], meter_wh=session.meter_stop_wh, reason=session.stop_reason)
        await self._deliver("StopTransaction", stopped)
        session.acknowledged.append("stop")
        await self._deliver("StatusNotification", status_16("Available"))

    async def _charge_2x(self) -> None:
        session = self._new_session()
        session.transaction_id = f"tx-{self.identity}-{len(self.sessions)}"
        self.sessions.append(session)
        await self._deliver("StatusNotification", status_2x("Occupied"))
        wh = float(session.meter_start_wh)
        events = [event("Started", session.transaction_id, 0, energy_wh=wh, token=session.token)]
        session.started_at = events[0]["timestamp"]
        await self._event(session, events[0])
        updates = self._random.randrange(4)
        for number in range(updates):
            wh = float(self._more_wh())
            await self._event(session, event("Updated", session.transaction_id, number + 1, energy_wh=wh))
        session.meter_stop_wh, session.stop_reason = self._more_wh(), "EVDisconnected"
        info = {"stoppedReason": session.stop_reason}
        ended = event("Ended", session.transaction_id, updates + 1, energy_wh=float(session.meter_stop_wh), info=info)
        await self._event(session, ended)
        await self._deliver("StatusNotification", status_2x("Available"))

    async def _event(self, session: Session, payload: dict[str, Any]) -> None:
        await self._deliver("TransactionEvent", payload)
        session.acknowledged.append(payload["seqNo"])

    def _new_session(self) -> Session:
        return Session(token=f"TAG-{self._random.randrange(50)}", meter_start_wh=self._meter_wh, started_at="")

    def _more_wh(self) -> int:
        self._meter_wh += self._random.randrange(1, 500)
        return self._meter_wh

    async def _deliver(self, action: str, payload: dict[str, Any]) -> Any:
        """Send a message until it is answered; the content stays the same, the id too with every second station."""
        await asyncio.sleep(self._random.uniform(0.01, 0.12))
        message_id = self._next_id()
        first = True
        while True:
            try:
                answer = await self._ask(message_id, action, payload)
            except GONE:
                self._socket = None
                await asyncio.sleep(self._random.uniform(0.0, 0.1))
            else:
                if answer[0] == 3:
                    return answer[2]
                self.refusals.append(f"{self.identity} {action}: {answer[2:]}")
                await asyncio.sleep(0.1)
                self._socket = None
            if not first:
                self.resent += 1
            first = False
            if not self._keeps_id:
                message_id = self._next_id()

    def _next_id(self) -> str:
        self._number += 1
        return f"{self.identity}-{self._number}"

    async def _ask(self, message_id: str, action: str, payload: dict[str, Any]) -> list[Any]:
        if self._socket is None:
            self._socket = await connect(
                f"{self._url()}/{self.identity}",
                subprotocols=[Subprotocol(f"ocpp{self.version}")],
                ping_interval=None,
                compression=None,
                close_timeout=0.5,
                open_timeout=10,
                proxy=None,
            )
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        while True:
            answer: list[Any] = json.loads(await asyncio.wait_for(self._socket.recv(), 20.0))
            if answer[0] in (3, 4) and answer[1] == message_id:
                return answer


class Fleet:
    """Many stations, a third of each version."""

    def __init__(self, url: Callable[[], str], stations: int) -> None:
        versions = ("1.6", "2.0.1", "2.1")
        self.stations = [
            FleetStation(url, f"FLEET-{number:03}", versions[number % 3], seed=number) for number in range(stations)
        ]
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let all stations charge."""
        self._running = [asyncio.create_task(station.run()) for station in self.stations]

    async def finish(self, timeout_s: float = 60.0) -> None:
        """Let all stations end their sessions and deliver the rest."""
        for station in self.stations:
            station.finishing = True
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(*self._running)

    def check(self) -> None:
        """Raise where a station has failed."""
        for task in self._running:
            if task.done() and not task.cancelled() and task.exception() is not None:
                task.result()

    def cancel(self) -> None:
        """End everything."""
        for task in self._running:
            task.cancel()
