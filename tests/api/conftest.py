"""The whole API over a real store; the way to stations is a loopback that answers like a station process."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from support.stores import fresh_store
from voltherd.api.create import create_api
from voltherd.api.dependencies import Api
from voltherd.bus.local import LocalNews
from voltherd.domain.access import ApiKey, Role
from voltherd.domain.commands import Command, Outcome
from voltherd.domain.errors import StationOffline
from voltherd.domain.ids import IdSource
from voltherd.services.access import Access
from voltherd.services.authorization import Tokens
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import Documents
from voltherd.services.metering import Metering
from voltherd.services.ports import Journal, Presence, RawAnswer
from voltherd.services.provisioning import Provisioning
from voltherd.services.remote_control import Commands
from voltherd.services.settings import Settings
from voltherd.services.stations import Stations
from voltherd.services.summing import Summing
from voltherd.services.transactions import Transactions
from voltherd.services.use_cases import build
from voltherd.store import Store
from voltherd.web import WebClient

SECRET = b"a secret of sixteen bytes or more"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class LoopbackLink:
    """Implements `services.ports.Link` in this process: stations that answer what the test says."""

    connected: dict[str, Presence] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    """Action or command name -> payload of the answer, or the error to raise."""
    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    journal: Journal | None = None

    def connect(self, identity: str, *, version: str = "2.0.1", age_ms: int = 0) -> None:
        seen_ms = now_ms() - age_ms
        self.connected[identity] = Presence(identity, version, seen_ms, seen_ms, 0, "loopback", seen_ms + 60_000)

    def presence(self, identity: str) -> Presence | None:
        return self.connected.get(identity)

    def online(self) -> Sequence[str]:
        return list(self.connected)

    async def _answer(self, identity: str, name: str, request: Any) -> Any:
        if identity not in self.connected:
            raise StationOffline(f"Station {identity} is not connected.")
        self.seen.append((identity, name, request))
        await asyncio.sleep(0)
        answer = self.answers.get(name, b'{"status":"Accepted"}')
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def perform(self, identity: str, command: Command, *, timeout_s: float, command_id: int) -> Outcome:
        answer = msgspec.json.decode(await self._answer(identity, command.name, command))
        return Outcome(accepted=answer["status"] == "Accepted", status=answer["status"], answer=answer)

    async def call_raw(
        self, identity: str, action: str, payload: bytes, *, timeout_s: float, validate: bool
    ) -> RawAnswer:
        return RawAnswer("message-1", await self._answer(identity, action, (payload, validate)))

    async def set_password(self, identity: str, password: str, *, timeout_s: float) -> Outcome:
        answer = msgspec.json.decode(await self._answer(identity, "set-password", password))
        return Outcome(accepted=answer["status"] == "Accepted", status=answer["status"], answer=answer)

    async def flush(self) -> None:
        """Nothing is gathered here, but the log is written behind."""
        if self.journal is not None:
            await self.journal.flush()

    async def disconnect(self, identity: str, reason: str) -> None:
        self.closed.append((identity, reason))
        self.connected.pop(identity, None)


class NoGauges:
    """Parts that count nothing."""

    def collect(self) -> Mapping[str, float]:
        return {'voltherd_messages_total{direction="in"}': 3.0, "voltherd_connections": 1.0}


@dataclass
class World:
    """Everything a test touches."""

    api: Api
    app: Litestar
    link: LoopbackLink
    store: Store
    keys: dict[Role, str]
    listening: bool = True

    def client(self, role: Role | None = "admin", *, token: str | None = None) -> httpx.AsyncClient:
        """Make a client with the key of a role (None: without a key)."""
        token = token or (self.keys[role] if role else None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://voltherd/api/v1", headers=headers)

    async def key_of_tenant(self, tenant_id: int, role: Role = "admin") -> str:
        """Make a key that belongs to another tenant."""
        key, text = await self.api.access.add_key(f"tenant {tenant_id}", role, who="test", tenant_id=tenant_id)
        assert isinstance(key, ApiKey)
        return text


@pytest.fixture
def static(tmp_path: Path) -> Path:
    return tmp_path / "static"


async def make_world(store: Store, static: Path) -> World:
    ids, news, link = IdSource(now_ms), LocalNews(), LoopbackLink()
    journal, records = store.journal, store.records
    link.journal = journal
    summing = Summing(journal, records, news, now_ms)
    stations = Stations(journal, records, news, ids, now_ms, SECRET)
    tokens = Tokens(journal, records, now_ms)
    commands = Commands(journal, records, stations, news, ids, now_ms)
    commands.use_link(link, lambda _: None)
    access = Access(records, journal, ids=ids, clock_ms=now_ms, secret=SECRET)
    settings = Settings(records, journal, ids=ids, clock_ms=now_ms)
    for part in (stations, access, settings):
        await part.load()
    transactions = Transactions(journal, records, tokens, news, summing.changed, ids, now_ms)
    needs = Dependencies(
        journal=journal,
        records=records,
        news=news,
        ids=ids,
        clock_ms=now_ms,
        settings=settings,
        stations=stations,
        tokens=tokens,
        documents=Documents(journal, records, news, ids, now_ms),
        commands=commands,
        web=WebClient(),
    )
    metering = Metering(summing.changed)
    world: World
    api = Api(
        services=build(needs, provisioning=Provisioning(), transactions=transactions, metering=metering),
        stations=stations,
        tokens=tokens,
        commands=commands,
        transactions=transactions,
        access=access,
        settings=settings,
        records=records,
        journal=journal,
        link=link,
        news=news,
        gauges=NoGauges(),
        ids=ids,
        clock_ms=now_ms,
        listening=lambda: world.listening,
        static=static,
    )
    roles: tuple[Role, ...] = ("admin", "operator", "viewer")
    keys: dict[Role, str] = {role: (await access.add_key(role, role, who="test"))[1] for role in roles}
    world = World(api, create_api(api), link, store, keys)
    return world


@pytest.fixture
async def world(tmp_path: Path, static: Path) -> AsyncIterator[World]:
    store = await fresh_store(tmp_path / "voltherd.db", durability="none")
    made = await make_world(store, static)
    yield made
    made.app.state["live"].stop()
    await made.api.commands.close()
    await store.close()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as made:
        yield made
