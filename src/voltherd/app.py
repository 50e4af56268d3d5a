"""Composition root: builds and starts everything; the only place that knows all parts."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from voltherd.api.create import create_api
from voltherd.api.dependencies import Api
from voltherd.bus.local import LocalNews
from voltherd.config import Settings, parse_address
from voltherd.domain.errors import Invalid
from voltherd.domain.ids import IdSource
from voltherd.gateway import v2, v16
from voltherd.gateway.link import LiveLink
from voltherd.gateway.listener import Listener
from voltherd.gateway.message_log import MessageLog
from voltherd.gateway.node import Node, Timing
from voltherd.gateway.quirks import BOOK, settle
from voltherd.gateway.tls import CIPHERS_CERTIFICATION, CIPHERS_TLS12, station_tls
from voltherd.ocpp.version import OcppVersion
from voltherd.services import settings as operator_settings
from voltherd.services.access import Access
from voltherd.services.authorization import Tokens
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import Documents
from voltherd.services.metering import Metering
from voltherd.services.provisioning import Provisioning
from voltherd.services.remote_control import Commands
from voltherd.services.stations import Stations
from voltherd.services.summing import Summing
from voltherd.services.transactions import Transactions
from voltherd.services.use_cases import build
from voltherd.store import Store, open_store
from voltherd.store.log_files import LogFileStore
from voltherd.web import WebClient
from voltherd.websocket import Limits

log = logging.getLogger("voltherd")

SECRET_FILE = "server.key"
PRUNE_INTERVAL_S = 3600.0
DAY_MS = 24 * 3600 * 1000


def wall_clock_ms() -> int:
    """Give the time as epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Addresses(msgspec.Struct):
    """Where a running server is reached."""

    http: str
    ocpp: str
    ocpp_tls: str | None = None


class App:
    """One running server. Made by `App.start`, ended by `close`."""

    def __init__(self, settings: Settings, store: Store, secret: bytes) -> None:
        self.config = settings
        self.store = store
        clock_ms, ids = wall_clock_ms, IdSource(wall_clock_ms)
        journal, records = store.journal, store.records
        self.news = LocalNews()
        self.access = Access(records, journal, ids=ids, clock_ms=clock_ms, secret=secret)
        self.settings = operator_settings.Settings(
            records,
            journal,
            ids=ids,
            clock_ms=clock_ms,
            defaults=(
                operator_settings.Onboarding(unknown_stations=settings.unknown_stations),
                operator_settings.Retention(messages_days=settings.message_retention_days),
            ),
        )
        self.stations = Stations(journal, records, self.news, ids, clock_ms, secret, unknown=settings.unknown_stations)
        self.stations.use_quirks(BOOK)
        self.settings.watch(operator_settings.Onboarding, self._onboarding)
        self.tokens = Tokens(journal, records, clock_ms, unknown_tokens=settings.unknown_tokens)
        self.summing = Summing(journal, records, self.news, clock_ms)
        self.transactions = Transactions(journal, records, self.tokens, self.news, self.summing.changed, ids, clock_ms)
        self.commands = Commands(journal, records, self.stations, self.news, ids, clock_ms)
        self.node = self._node(ids, clock_ms)
        self.link = LiveLink(
            self.node,
            {
                OcppVersion.V16: v16.set_password,
                OcppVersion.V201: v2.set_password,
                OcppVersion.V21: v2.set_password,
            },
        )
        states = self.node.registry.state
        self.commands.use_link(self.link, states)
        self.stations.use_states(states)
        self.stations.on_release(self.commands.ask_to_boot)
        self.transactions.use_states(states)
        limits = Limits(max_message_bytes=settings.max_message_bytes, handshake_timeout_s=settings.handshake_timeout_s)
        self.listener = Listener(self.node, self.stations, limits=limits)
        self.settings.watch(operator_settings.Connecting, self._connecting)
        self.addresses = Addresses("", "")
        self._http: _HttpServer | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._listening = False

    def _node(self, ids: Callable[[], int], clock_ms: Callable[[], int]) -> Node:
        settings = self.config
        journal = self.store.journal
        needs = Dependencies(
            journal=journal,
            records=self.store.records,
            news=self.news,
            ids=ids,
            clock_ms=clock_ms,
            settings=self.settings,
            stations=self.stations,
            tokens=self.tokens,
            documents=Documents(journal, self.store.records, self.news, ids, clock_ms),
            commands=self.commands,
            web=WebClient(),
            log_files=LogFileStore(Path(settings.data) / "logs"),
        )
        services = build(
            needs,
            provisioning=Provisioning(
                heartbeat_interval_s=settings.heartbeat_interval_s,
                retry_interval_s=settings.boot_retry_interval_s,
                settle=settle,
                connecting=lambda: self.settings.get(operator_settings.Connecting),
            ),
            transactions=self.transactions,
            metering=Metering(self.summing.changed),
        )
        return Node(
            name=socket.gethostname(),
            services=services,
            stations=self.stations,
            commands=self.commands,
            summing=self.summing,
            journal=journal,
            records=self.store.records,
            news=self.news,
            routes={OcppVersion.V16: v16.routes, OcppVersion.V201: v2.routes, OcppVersion.V21: v2.routes},
            kept_notifications={
                OcppVersion.V16: v16.KEPT_NOTIFICATIONS,
                OcppVersion.V201: v2.KEPT_NOTIFICATIONS,
                OcppVersion.V21: v2.KEPT_NOTIFICATIONS,
            },
            check_answers=settings.check_answers,
            message_log=MessageLog(journal, ids, clock_ms, enabled=settings.message_log),
            ids=ids,
            clock_ms=clock_ms,
            monotonic=time.monotonic,
            timing=Timing(
                ping_interval_s=settings.ping_interval_s,
                lease_s=settings.lease_s,
                sweep_interval_s=min(2.0, settings.ping_interval_s / 2),
            ),
        )

    def _connecting(self, value: operator_settings.Connecting) -> None:
        self.listener.admission.limit(value.admissions_per_s)

    def _onboarding(self, value: operator_settings.Onboarding) -> None:
        self.stations.unknown = value.unknown_stations

    @classmethod
    async def start(cls, settings: Settings) -> "App":
        """Open the store, load what is kept in memory, and listen. Raises Invalid, StoreError, OSError."""
        data = _data_directory(settings)
        store = await open_store(settings.store_url, durability=settings.durability)
        try:
            app = cls(settings, store, _secret(data))
            await app._load()
            await app._listen()
        except BaseException:  # whatever it was: the store is let go, and the caller hears of it
            await store.close()
            raise
        return app

    async def _load(self) -> None:
        await self.access.load()
        await self.access.bootstrap(self.config.admin_password, self.config.api_key)
        await self.settings.load()
        await self.stations.load()
        await self.commands.load()

    async def _listen(self) -> None:
        http = _bind(self.config.http)
        try:
            await self._open_doors()
        except BaseException:  # whatever it was: no door stays open, and the caller hears of it
            http.close()
            await self.listener.close()
            raise
        self._http = _HttpServer(create_api(self._api()), http)
        await self._http.start()
        self.addresses.http = f"http://{_shown(http)}"
        self._tasks = [asyncio.create_task(self.node.run()), asyncio.create_task(self._keep_house())]

    async def _open_doors(self) -> None:
        settings = self.config
        self.addresses.ocpp = f"ws://{await self._open_door('ocpp', settings.ocpp)}/ocpp"
        if settings.ocpp_tls is not None:
            context = station_tls(
                settings.tls_certificate,
                settings.tls_key,
                settings.tls_client_ca,
                ciphers=CIPHERS_CERTIFICATION if settings.tls_certification_ciphers else CIPHERS_TLS12,
            )
            self.addresses.ocpp_tls = f"wss://{await self._open_door('ocpp_tls', settings.ocpp_tls, context)}/ocpp"
        self._listening = True

    async def _open_door(self, name: str, address: str, tls: ssl.SSLContext | None = None) -> str:
        host, port = parse_address(address, name)
        try:
            return f"{_host(host)}:{await self.listener.open(host, port, tls)}"
        except OSError as error:
            raise _cannot_listen(name, address, error) from None

    def _api(self) -> Api:
        return Api(
            services=self.node.services,
            stations=self.stations,
            tokens=self.tokens,
            commands=self.commands,
            transactions=self.transactions,
            access=self.access,
            settings=self.settings,
            records=self.store.records,
            journal=self.store.journal,
            link=self.link,
            news=self.news,
            gauges=Gauges(self),
            ids=self.node.ids,
            clock_ms=wall_clock_ms,
            listening=lambda: self._listening,
        )

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(PRUNE_INTERVAL_S)
            retention = self.settings.get(operator_settings.Retention)
            try:
                await self.store.prune(now_ms=wall_clock_ms(), retention=_ages(retention))
            except Exception as error:  # the store is away: the next round tries again
                log.warning("old records could not be deleted yet: %s", error)

    async def close(self) -> None:
        """Stop in order: no new work, everything stored and answered, sockets closed with 1001, then the store."""
        self._listening = False
        self.listener.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.stop()
        await self.commands.close()
        await self.node.drain(self.config.drain_timeout_s)
        await self.listener.close()
        await self.node.drain(self.config.drain_timeout_s)
        await self.node.close()
        await self.store.close()


class Gauges:
    """Implements `api.dependencies.Gauges`: reads the counters of all parts."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Mapping[str, float]:
        """Give every counter and gauge by its Prometheus name."""
        app = self._app
        counters = app.node.counters
        found: dict[str, float] = {
            'voltherd_messages_total{direction="in"}': counters.messages_in,
            'voltherd_messages_total{direction="out"}': counters.messages_out,
            "voltherd_messages_refused_total": counters.refused,
            "voltherd_messages_repeated_total": counters.repeated,
            "voltherd_handler_faults_total": counters.handler_faults,
            "voltherd_commit_faults_total": counters.commit_faults,
            "voltherd_connections_opened_total": counters.connections_opened,
            "voltherd_connections_closed_total": counters.connections_closed,
            "voltherd_connections_put_off_total": counters.connections_put_off,
            "voltherd_leases_missed_total": counters.leases_missed,
            "voltherd_connections": app.listener.connections,
            "voltherd_stations": len(app.stations),
            "voltherd_stations_online": len(app.link.online()),
            "voltherd_log_messages_dropped_total": app.store.journal.dropped_log_messages,
            "voltherd_store_available": 1.0 if app.store.journal.available else 0.0,
        }
        return found


class _HttpServer:
    """Uvicorn on a socket of ours, in our loop, without its signal handlers."""

    def __init__(self, api: Any, listening: socket.socket) -> None:
        config = uvicorn.Config(
            api, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=2, server_header=False
        )
        self._server = _QuietServer(config)
        self._live = api.state["live"]
        self._socket = listening
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise Invalid("The HTTP server could not start.")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._live.stop()
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _data_directory(settings: Settings) -> Path:
    data = Path(settings.data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"The data directory {data} cannot be made: {error.strerror}.") from None
    return data


def _secret(data: Path) -> bytes:
    """Read the key under which credentials are hashed; made at the first start, readable by its owner only."""
    path = data / SECRET_FILE
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        secret = secrets.token_bytes(32)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return secret
    except (OSError, ValueError) as error:
        raise Invalid(f"The server's key {path} cannot be read: {error}.") from None


def _bind(address: str) -> socket.socket:
    """Take the HTTP port first, so that one in use is told in one line before anything starts."""
    host, port = parse_address(address, "http")
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise _cannot_listen("http", address, error) from None
    found.listen(128)
    found.setblocking(False)
    return found


def _cannot_listen(name: str, address: str, error: OSError) -> Invalid:
    words = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return Invalid(f"`{name}`: cannot listen on {address}: {words}.")


def _shown(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"{_host(host)}:{port}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _ages(retention: operator_settings.Retention) -> dict[str, int]:
    return {
        name: days * DAY_MS
        for name, days in (
            ("messages", retention.messages_days),
            ("meter_samples", retention.meter_samples_days),
            ("status_intervals", retention.status_intervals_days),
            ("station_events", retention.station_events_days),
        )
        if days is not None
    }
