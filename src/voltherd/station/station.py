"""A station on the network: the core, a WebSocket, and a timer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Final, Protocol
from urllib.parse import quote

from voltherd.station import tls
from voltherd.station.clock import Clock
from voltherd.station.config import StationConfig
from voltherd.station.core import StationCore
from voltherd.station.hardware import EvseHardware
from voltherd.station.jobs import Job, Transfer
from voltherd.station.observer import Observer
from voltherd.station.storage import Storage
from voltherd.station.token import Token
from voltherd.station.transfer import transfer
from voltherd.websocket import CloseCode, ConnectError, Connection, ConnectRefused, Listener, connect

_AUTHENTICATION_FAILED: Final = (401, 403)


class LineFilter(Protocol):
    """Somebody between a station and its socket: a recorder, a fault.

    It passes frames on with `Station.transmit` and `Station.deliver`: at once, late, changed, twice or never.
    """

    def opened(self) -> None:
        """A connection is open; the station has said nothing yet."""

    def closed(self) -> None:
        """The connection is gone."""

    def sent(self, frame: bytes) -> None:
        """The station says something."""

    def received(self, frame: bytes) -> None:
        """The CSMS said something."""


class Station:
    """Connects, keeps connected, and drives a `StationCore` in real time.

    `start` returns at once; the station tries to connect until `stop`. All methods belong to the event loop.
    """

    def __init__(
        self,
        config: StationConfig,
        hardware: Mapping[int, EvseHardware],
        *,
        clock: Clock | None = None,
        storage: Storage | None = None,
        observer: Observer | None = None,
        random: Random | None = None,
    ) -> None:
        self.config = config
        self.clock = clock or Clock()
        self._random = random or Random()
        self.core = StationCore(
            config, hardware, clock=self.clock, storage=storage, observer=observer, random=self._random
        )
        self._observer = self.core.observer
        self.filter: LineFilter | None = None
        self._connection: Connection | None = None
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self._restarting = False

    # Life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Switch on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"station {self.config.identity}")

    async def stop(self) -> None:
        """Switch off; the connection is closed in order."""
        task, self._task = self._task, None
        if task is None:
            return
        for one in (task, *self._jobs):
            one.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            self._connection.close(CloseCode.NORMAL)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    await self._gone.wait()

    async def wait_until(self, condition: Callable[[StationCore], bool], timeout_s: float = 10.0) -> None:
        """Wait until something holds, looked at after every change.

        Raises:
            TimeoutError: it did not within `timeout_s` real seconds.
        """
        async with asyncio.timeout(timeout_s):
            while not condition(self.core):
                self._changed.clear()
                await self._changed.wait()

    async def wait_accepted(self, timeout_s: float = 10.0) -> None:
        """Wait until the CSMS has taken the station on.

        Raises:
            TimeoutError: it did not within `timeout_s` real seconds.
        """
        await self.wait_until(lambda core: core.is_online, timeout_s)

    # What hardware notices -------------------------------------------------------------------

    def plugged_in(self, evse_id: int = 1, connector_id: int = 1) -> bool:
        """A cable is in a vehicle; False if the connector is taken or out of service."""
        done = self.core.charging.plugged_in(evse_id, connector_id, self.clock.now())
        self.pump()
        return done

    def unplugged(self, evse_id: int = 1) -> None:
        """The cable is out of the vehicle."""
        self.core.charging.unplugged(evse_id, self.clock.now())
        self.pump()

    async def present(self, token: Token, *, evse_id: int = 1) -> bool:
        """A token is held to the reader; whether it may charge (or stopped its transaction)."""
        allowed = asyncio.get_running_loop().create_future()
        self.core.charging.presented(
            evse_id, token, self.clock.now(), lambda yes: None if allowed.done() else allowed.set_result(yes)
        )
        self.pump()
        return bool(await allowed)

    def parked(self, is_taken: bool, *, evse_id: int = 1) -> None:
        """The detector of a parking bay noticed that a vehicle came or left."""
        self.core.charging.parked(evse_id, is_taken, self.clock.now())
        self.pump()

    def vehicle_stopped(self, evse_id: int = 1) -> None:
        """The vehicle ended its ISO 15118 session."""
        self.core.charging.vehicle_stopped(evse_id, self.clock.now())
        self.pump()

    def fault(self, code: str | None, *, evse_id: int = 1) -> None:
        """An EVSE breaks (with an error code of 1.6) or is repaired (None)."""
        self.core.charging.faulted(evse_id, code, self.clock.now())
        self.pump()

    # The line --------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it connects to."""
        target = self.core.target()
        return f"{target.url.rstrip('/')}/{quote(target.identity, safe='')}"

    @property
    def connection(self) -> Connection | None:
        """The connection that is open, if any."""
        return self._connection

    def forsake(self) -> Connection | None:
        """Give up the connection as if it were gone, without closing it; whoever calls looks after it."""
        connection = self._connection
        if connection is not None:
            self.closed("forsaken")
        return connection

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                await self._connect()
            except ConnectError as error:
                status = error.status if isinstance(error, ConnectRefused) else None
                self._observer.on_connect_failed(str(error), status)
                failure = "Refused" if status in _AUTHENTICATION_FAILED else tls.why(error.__cause__)
                self.core.connect_failed(failure, str(error), self.clock.now())
                self.pump()
                failures += 1
            else:
                failures = 0
                await self._gone.wait()
                if self._restarting:
                    self._restarting = False
                    await self.clock.sleep(self.config.reboot_s)
                    self._restarted()
                    continue
                if self.core.must_reconnect:
                    continue
                failures = 1
            await self.pause(self.core.keep_alive.wait_s(failures, self._random))

    async def pause(self, seconds: float) -> None:
        """Wait before the next attempt to connect, in real seconds."""
        await asyncio.sleep(seconds)

    async def _connect(self) -> None:
        self._gone.clear()
        target = self.core.target()
        context = None
        if target.chain_pem:
            context = tls.own_context(target.roots_pem, target.chain_pem, target.key)
        elif target.security_profile > 1:
            context = tls.shared_context(target.roots_pem)
        await connect(
            self.url,
            listener=_Line(self),
            subprotocols=(self.config.version.subprotocol,),
            basic_auth=None if not target.password else (target.identity, target.password),
            compression=self.config.compression,
            ssl=context,
        )

    def opened(self, connection: Connection) -> None:
        """The connection is open."""
        self._connection = connection
        if self.filter is not None:
            self.filter.opened()
        self.core.connected(self.clock.now(), connection.peer_certificate)
        self.pump()

    def received(self, data: bytes) -> None:
        """A text message came."""
        if self.filter is None:
            self.deliver(data)
        else:
            self.filter.received(data)

    def deliver(self, data: bytes) -> None:
        """Let the station hear a frame, past its filter."""
        self.core.receive(data, self.clock.now())
        self.pump()

    def transmit(self, data: bytes) -> None:
        """Put a frame on the line, past the filter; without a connection it is lost."""
        if self._connection is not None:
            self._connection.send_text(data)

    def closed(self, reason: str) -> None:
        """The connection is gone."""
        self._connection = None
        if self.filter is not None:
            self.filter.closed()
        self.core.disconnected(self.clock.now(), reason)
        self._gone.set()
        self.pump()

    def pump(self) -> None:
        """Send what there is to send, and set the timer."""
        send = self.transmit if self.filter is None else self.filter.sent
        for data in self.core.take_output():
            send(data)
        self._ping()
        for job in self.core.take_jobs():
            self._begin(job)
        if self.core.must_leave and not self._restarting:
            self._restart()
        elif self.core.must_reconnect and self._connection is not None:
            self._connection.close(CloseCode.NORMAL, "reconnecting")
        self._set_timer()
        self._changed.set()

    def _ping(self) -> None:
        if self._connection is None:
            return
        wanted = self.core.keep_alive.take()
        if wanted == "ping":
            self._connection.ping()
        elif wanted == "drop":
            self._connection.abort()

    def ponged(self) -> None:
        """The peer has answered a ping."""
        self.core.keep_alive.ponged()

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _do(self, job: Job) -> None:
        assert isinstance(job, Transfer)
        outcome = await transfer(job)
        self.core.done(job, outcome, self.clock.now())
        self.pump()

    def _restarted(self) -> None:
        self.core.now = self.clock.now()
        self.core.tell_restarting()

    def _restart(self) -> None:
        if self._connection is None:
            self._restarted()
            return
        self._restarting = True
        self._connection.close(CloseCode.GOING_AWAY, "restarting")

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        at = self.core.next_wakeup()
        if at is not None and self._task is not None:
            delay_s = max((at - self.clock.now()) / self.clock.factor, 0.005)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.wake)

    def wake(self) -> None:
        """Do what is due now."""
        self.core.advance(self.clock.now())
        self.pump()


class _Line(Listener):
    """Passes what happens on a connection to its station."""

    __slots__ = ("_station",)

    def __init__(self, station: Station) -> None:
        self._station = station

    def on_open(self, connection: Connection) -> None:
        self._station.opened(connection)

    def on_message(self, connection: Connection, data: bytes) -> None:
        self._station.received(data)

    def on_pong(self, connection: Connection) -> None:
        self._station.ponged()

    def on_close(self, connection: Connection, code: int, reason: str, clean: bool) -> None:
        self._station.closed(f"{code} {reason}".strip())
