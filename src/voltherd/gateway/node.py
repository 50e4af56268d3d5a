"""What the sessions of one node share: services, store, registry, clocks, counters; and the care for dead sockets."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from voltherd.domain.errors import NotFound, StoreUnavailable
from voltherd.domain.station import ConnectionLog, Station
from voltherd.gateway.learning import Learning
from voltherd.gateway.message_log import MessageLog
from voltherd.gateway.quirks import settle
from voltherd.gateway.registry import Registry
from voltherd.gateway.routing import Routes
from voltherd.gateway.session import Session
from voltherd.ocpp.version import OcppVersion
from voltherd.services.ports import Done, Journal, News, Presence, Records, Removed
from voltherd.services.remote_control import Commands
from voltherd.services.state import StationState
from voltherd.services.stations import Stations
from voltherd.services.summing import Summing
from voltherd.services.use_cases import Services
from voltherd.services.work import Work
from voltherd.websocket import CloseCode

log = logging.getLogger("voltherd.gateway")


class Counters(msgspec.Struct):
    """Counts since the start; read when metrics are scraped."""

    messages_in: int = 0
    messages_out: int = 0
    refused: int = 0
    repeated: int = 0
    handler_faults: int = 0
    commit_faults: int = 0
    connections_opened: int = 0
    connections_closed: int = 0
    connections_put_off: int = 0
    leases_missed: int = 0


class Timing(msgspec.Struct, frozen=True):
    """When a socket is pinged and when it counts as dead, in s."""

    ping_interval_s: float = 60.0
    lease_s: float = 900.0
    """Longer than two heartbeat intervals; any frame renews it (interop trap 6)."""
    superseded_grace_s: float = 10.0
    """How long an older socket of a station that connected anew may be silent before it is closed."""
    sweep_interval_s: float = 1.0


class Node:
    """One process that holds sockets."""

    def __init__(
        self,
        *,
        name: str,
        services: Services,
        stations: Stations,
        commands: Commands,
        summing: Summing,
        journal: Journal,
        records: Records,
        news: News,
        routes: Mapping[OcppVersion, Routes],
        kept_notifications: Mapping[OcppVersion, frozenset[str]],
        message_log: MessageLog,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
        monotonic: Callable[[], float],
        timing: Timing,
        check_answers: bool = False,
    ) -> None:
        self.name = name
        self.check_answers = check_answers
        self.services = services
        self.stations = stations
        self.commands = commands
        self.summing = summing
        self.journal = journal
        self.records = records
        self.news = news
        self.routes = routes
        self.kept_notifications = kept_notifications
        self.message_log = message_log
        self.ids = ids
        self.clock_ms = clock_ms
        self.monotonic = monotonic
        self.timing = timing
        self.registry = Registry()
        self.learning = Learning(self)
        self.counters = Counters()
        self._logs: dict[int, ConnectionLog] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loads: dict[int, asyncio.Task[StationState]] = {}

    # -- sessions -------------------------------------------------------------------------------------------------

    def opened(self, session: Session) -> None:
        """A session began: it becomes the station's current one; older ones are on notice."""
        self.counters.connections_opened += 1
        now = self.monotonic()
        for older in self.registry.add(session):
            if older.superseded_at is None:
                older.superseded_at = now
        station = self.stations.find(session.identity)
        if station is None:
            session.close(CloseCode.POLICY_VIOLATION, "the station was deleted")
            return
        state = self.registry.claim_state(station.id)
        if state is None:
            self.spawn(self._load(session, station))
        else:
            self._ready(session, state)

    async def _load(self, session: Session, station: Station) -> None:
        delay_s = 0.05
        while session.connection is not None:
            try:
                state = await self._loaded_state(station)
            except NotFound:
                session.close(CloseCode.POLICY_VIOLATION, "the station was deleted")
                return
            except Exception as error:  # the store is away: the station waits, and is served later
                log.warning("cannot load station %s yet: %s", station.identity, error)
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, 5.0)
            else:
                self._loaded(session, state)
                return

    def _loaded(self, session: Session, state: StationState) -> None:
        """Go on; what a station sent before it left again counts all the same (interop trap 26)."""
        if session.connection is not None:
            self._ready(session, state)
        else:
            session.loaded(state)
            self.registry.park(state)

    async def _loaded_state(self, station: Station) -> StationState:
        """Load a station once, however many sessions ask for it."""
        load = self._loads.get(station.id)
        if load is None:
            load = self._loads[station.id] = asyncio.create_task(self._read_state(station))
            load.add_done_callback(lambda _: self._loads.pop(station.id, None))
        return await asyncio.shield(load)

    async def _read_state(self, station: Station) -> StationState:
        await self.journal.committed([])  # what an earlier state still had under way is to be read
        snapshot = await self.records.snapshot(station.tenant_id, station.id)
        if snapshot is None:
            raise NotFound(f"Station {station.identity} has no record.")
        snapshot.station = station
        state = StationState(snapshot)
        await self.summing.catch_up(state)
        self.commands.recall(state)
        return self.registry.keep_state(state)

    def _ready(self, session: Session, state: StationState) -> None:
        station = state.station
        settle(state)
        work = Work(self.clock_ms(), station.tenant_id, station.identity)
        if station.ocpp_version != session.version.value:
            self._changed_version(state, work, session.version)
        self.services.credentials.connected(state, session.security_profile)
        station.last_seen_ms = work.now_ms
        work.put(station)
        entry = ConnectionLog(
            id=self.ids(),
            tenant_id=station.tenant_id,
            station_id=station.id,
            generation=session.generation,
            node=self.name,
            opened_at_ms=session.connected_ms,
            ocpp_version=session.version.value,
            peer=session.peer,
            security_profile=session.security_profile,
        )
        self._logs[session.generation] = entry
        work.put(entry)
        work.tell("station", station.identity)
        self.commit(work, lambda error: self.published(work) if error is None else None)
        session.loaded(state)
        if state.open_commands:
            self.spawn(self.commands.connected(state))

    @staticmethod
    def _changed_version(state: StationState, work: Work, version: OcppVersion) -> None:
        """A station that switched its version is learned anew (interop trap 3)."""
        station = state.station
        if station.ocpp_version is not None:
            for connector in state.connectors.values():
                work.put(Removed(connector))
            state.connectors.clear()
            state.replies.clear()
            station.items_per_message = station.bytes_per_message = None
            station.flags = ()
            state.reports.clear()
            state.triggered.clear()
        station.ocpp_version = version.value

    def closed(self, session: Session, code: int, reason: str) -> None:
        """A session ended; only itself is removed."""
        self.counters.connections_closed += 1
        last = self.registry.remove(session)
        state = session.state
        entry = self._logs.pop(session.generation, None)
        if state is None or entry is None:
            return
        station = state.station
        work = Work(self.clock_ms(), station.tenant_id, station.identity)
        entry.closed_at_ms, entry.close_code, entry.close_reason = work.now_ms, code, reason[:255]
        work.put(entry)
        if last:
            station.last_seen_ms = work.now_ms
            work.put(station)
            work.tell("station", station.identity)
        self.commit(work, lambda error: self.published(work) if error is None else None)

    # -- the store ------------------------------------------------------------------------------------------------

    def commit(self, work: Work, done: Done) -> None:
        """Hand a message's records to the store; `done` follows the commit."""
        self.journal.commit(work.records, done)

    def published(self, work: Work) -> None:
        """Tell of what was committed."""
        for change in work.changes:
            self.news.publish(change)

    def handler_failed(self, session: Session, action: str, error: Exception) -> None:
        """A handler raised: one line for the operator, the state in memory is read anew."""
        self.counters.handler_faults += 1
        log.error("station %s: %s could not be processed: %r", session.identity, action, error)
        log.debug("where it happened", exc_info=error)
        self._reload(session)

    def commit_failed(self, session: Session, action: str, error: BaseException) -> None:
        """A message's records can never be stored: one line, the state in memory is read anew."""
        self.counters.commit_faults += 1
        log.error("station %s: %s could not be stored: %r", session.identity, action, error)
        self._reload(session)

    def _reload(self, session: Session) -> None:
        state = session.state
        if state is None:
            return
        self.registry.drop_state(state.station.id)
        self.summing.forget(state)
        for other in self.registry.sessions_of(session.identity):
            other.reloading()
            self.spawn(self._reload_state(other, state.station))

    async def _reload_state(self, session: Session, station: Station) -> None:
        while session.connection is not None:
            try:
                await self.journal.committed([])
                session.loaded(await self._loaded_state(station))
            except Exception as error:  # the store is away: its messages wait
                log.warning("cannot reload station %s yet: %s", station.identity, error)
                await asyncio.sleep(0.5)
            else:
                return

    # -- care -----------------------------------------------------------------------------------------------------

    def presence(self, identity: str) -> Presence | None:
        """Say how a station is reachable now; None when it is not."""
        session = self.registry.current(identity)
        if session is None:
            return None
        age_s = self.monotonic() - session.last_frame
        if age_s > self.timing.lease_s:
            return None
        now_ms = self.clock_ms()
        last_frame_ms = now_ms - round(age_s * 1000)
        return Presence(
            identity=identity,
            ocpp_version=session.version.value,
            connected_since_ms=session.connected_ms,
            last_frame_ms=last_frame_ms,
            security_profile=session.security_profile,
            peer=session.peer,
            lease_until_ms=last_frame_ms + round(self.timing.lease_s * 1000),
        )

    async def run(self) -> None:
        """Ping, end leases and expire commands until cancelled."""
        while True:
            await asyncio.sleep(self.timing.sweep_interval_s)
            self._sweep()
            try:
                await self.summing.write()
                await self.commands.expire()
                await self.services.reservations.expire(self.registry.state)
                await self.services.display_messages.expire(self.registry.state)
                await self.services.battery_swaps.expire(self.registry.state)
                await self.services.local_lists.follow()
            except Exception as error:  # the store is away: both wait for the next round
                log.warning("sums and commands cannot be written yet: %s", error)

    def _sweep(self) -> None:
        now, timing = self.monotonic(), self.timing
        for session in self.registry.all_sessions():
            silent_s = now - session.last_frame
            if silent_s > timing.lease_s:
                self.counters.leases_missed += 1
                self._end(session, "no frame within the lease")
            elif session.superseded_at is not None and (
                now - max(session.superseded_at, session.last_frame) > timing.superseded_grace_s
            ):
                self._end(session, "the station connected anew")
            elif silent_s > timing.ping_interval_s and session.connection is not None and _is_pinged(session):
                session.connection.ping()
            try:
                self._look_after(session)
            except Exception as error:  # of one station: the others are looked after all the same
                self.handler_failed(session, "what is due", error)

    def _look_after(self, session: Session) -> None:
        """Ask who does not say who it is (interop trap 10), and end reports that fell silent (trap 16)."""
        state = session.state
        if state is None or (session.asked_to_boot and not state.reports):
            return
        work = Work(self.clock_ms(), state.station.tenant_id, state.station.identity)
        if not session.asked_to_boot and self.registry.current(session.identity) is session:
            session.asked_to_boot = self.services.provisioning.boot_settled(state, work, session.connected_ms)
        self.services.device_model.overdue(state, work)
        if work.records:
            self.commit(work, lambda error: self.published(work) if error is None else None)
        self.learning.follow_up(work)

    @staticmethod
    def _end(session: Session, reason: str) -> None:
        session.close(CloseCode.POLICY_VIOLATION, reason)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the messages; it must not raise."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def flush(self) -> None:
        """Store what is gathered here, and wait until it is. Raises StoreUnavailable."""
        self.message_log.flush()
        await self.summing.write()
        await self.journal.flush()

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything handed to the store is settled and answered."""
        try:
            await asyncio.wait_for(self.flush(), timeout_s)
        except (TimeoutError, StoreUnavailable):
            log.warning("not all messages could be stored before the shutdown; those were not answered")

    async def close(self) -> None:
        """End what runs beside the messages."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _is_pinged(session: Session) -> bool:
    return session.state is None or not session.state.quirks.no_ping
