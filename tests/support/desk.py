"""A node's desk for one station, without sockets: real handlers, services and store, and a station that answers."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from support.stores import fresh_store
from voltherd.bus.local import LocalNews
from voltherd.domain.commands import Command, CommandRecord, Outcome
from voltherd.domain.document import D
from voltherd.domain.errors import AnswerInvalid, CallRefused, PayloadInvalid
from voltherd.domain.ids import IdSource
from voltherd.domain.metering import MeterSample
from voltherd.domain.station import Connector, Station, StatusInterval
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.domain.transaction import Transaction, TransactionEvent
from voltherd.gateway import v2, v16
from voltherd.gateway.quirks import STANDARD, decode_tolerantly, settle
from voltherd.gateway.routing import Here, Routes
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request, decode_response, encode, validate
from voltherd.ocpp.version import OcppVersion
from voltherd.services.authorization import TokenChanges, Tokens
from voltherd.services.dependencies import Dependencies
from voltherd.services.documents import Documents, document_of
from voltherd.services.effects import remote_start_id
from voltherd.services.metering import Metering
from voltherd.services.provisioning import Provisioning
from voltherd.services.remote_control import Commands
from voltherd.services.settings import Settings
from voltherd.services.state import StationState
from voltherd.services.stations import Stations
from voltherd.services.summing import Summing
from voltherd.services.transactions import Transactions
from voltherd.services.use_cases import Services, build
from voltherd.services.work import NotLoaded, Work
from voltherd.store import Store
from voltherd.web import WebClient

ResponseT = TypeVar("ResponseT", bound=Struct)
Payload = dict[str, Any]
Answer = Payload | Exception | Callable[[Payload], Payload]

NOON_MS = parse_timestamp("2026-01-05T12:00:00Z") or 0
COMMAND_ID = 4711


def at(seconds: float) -> str:
    """A station's timestamp, so many seconds after noon."""
    return format_ms(NOON_MS + int(seconds * 1000))


class Desk:
    """One station of one version: `receive` does what a session does with a call, `perform` carries a command out."""

    def __init__(
        self, store: Store, version: OcppVersion, services: Services, summing: Summing, state: StationState
    ) -> None:
        self.summing = summing
        self.store = store
        self.version = version
        self.services = services
        self.state = state
        self.now_ms = NOON_MS
        self.work = Work(NOON_MS, 1, state.station.identity)
        self.answers: dict[str, list[Answer]] = {}
        self.sent: list[tuple[str, Payload]] = []

    @classmethod
    async def open(cls, path: Path, version: OcppVersion) -> "Desk":
        store = await fresh_store(path, clock_ms=lambda: NOON_MS)
        ids = IdSource(lambda: NOON_MS)
        station = Station(id=ids(), identity="CS-1", ocpp_version=version.value, created_at_ms=NOON_MS)
        await store.journal.committed([station])
        tokens = Tokens(store.journal, store.records, lambda: NOON_MS)
        summing = Summing(store.journal, store.records, LocalNews(), lambda: NOON_MS)
        settings = Settings(store.records, store.journal, ids=ids, clock_ms=lambda: NOON_MS)
        stations = Stations(store.journal, store.records, LocalNews(), ids, lambda: NOON_MS, b"a secret of the tests")
        needs = Dependencies(
            journal=store.journal,
            records=store.records,
            news=LocalNews(),
            ids=ids,
            clock_ms=lambda: NOON_MS,
            settings=settings,
            stations=stations,
            tokens=tokens,
            documents=Documents(store.journal, store.records, LocalNews(), ids, lambda: NOON_MS),
            commands=Commands(store.journal, store.records, stations, LocalNews(), ids, lambda: NOON_MS),
            web=WebClient(),
        )
        transactions = Transactions(
            store.journal, store.records, tokens, LocalNews(), summing.changed, ids, lambda: NOON_MS
        )
        services = build(
            needs,
            provisioning=Provisioning(spread=lambda: 0.5, settle=settle),
            transactions=transactions,
            metering=Metering(summing.changed),
        )
        return cls(store, version, services, summing, await _state(store, station.id))

    @property
    def routes(self) -> Routes:
        return v16.routes if self.version is OcppVersion.V16 else v2.routes

    async def restart(self) -> None:
        """Forget what is in memory, as a node does that starts anew."""
        self.state = await _state(self.store, self.state.station.id)
        self.summing.__init__(self.store.journal, self.store.records, LocalNews(), lambda: NOON_MS)  # type: ignore[misc]
        await self.summing.catch_up(self.state)

    async def token(self, token: str, **changes: Any) -> None:
        await self.services.authorization.put(token, TokenChanges(**changes))

    # -- calls of the station -------------------------------------------------------------------------------------

    async def receive(self, action: str, payload: Payload) -> Payload:
        """Handle a call; the records are committed, and the response is held against the schema."""
        raw = msgspec.json.encode(payload)
        try:
            request: Struct = decode_request(self.version, action, raw)
        except OcppError as error:
            request, _ = decode_tolerantly(self.version, action, raw, error, self.state.tolerated or STANDARD)
        return await self.handle(action, request)

    async def handle(self, action: str, request: Struct) -> Payload:
        """Handle a message that is decoded already."""
        response = await self._handled(action, request)
        await self.store.journal.committed(self.work.records)
        if response is None:
            return {}
        validate(self.version, action, encode(response), response=True)  # type: ignore[arg-type]
        return msgspec.json.decode(msgspec.json.encode(response))

    async def _handled(self, action: str, request: Struct) -> Struct | None:
        for _ in range(10):
            self.work = Work(self.now_ms, 1, self.state.station.identity)
            try:
                return self.routes.handlers[action].handler(
                    Here(self.services, self.state, self.work, self.version), request
                )
            except NotLoaded as gap:
                assert self.work.records == [], "what must be loaded is asked for before anything changes"
                await gap.load()
        raise AssertionError("the handler never had what it needs")

    # -- commands to the station ----------------------------------------------------------------------------------

    @property
    def request_id(self) -> int:
        return remote_start_id(COMMAND_ID)

    @property
    def has_sent(self) -> bool:
        return bool(self.sent)

    def answer(self, action: str, *answers: Answer) -> None:
        """Let the station answer so; the last answer is given from then on."""
        self.answers[action] = list(answers)

    async def perform(self, command: Command) -> Outcome:
        return await self.routes.translations[type(command)](self, command)

    def open_command(self, command: Command) -> CommandRecord:
        """Record a command as sent, so that effects are looked for."""
        record = CommandRecord(
            id=COMMAND_ID,
            station_id=self.state.station.id,
            name=command.name,
            request=msgspec.json.encode(command).decode(),
            state="sent",
            created_at_ms=NOON_MS,
            not_after_ms=NOON_MS + 60_000,
        )
        self.state.open_commands[record.id] = record
        return record

    async def call(self, request: Struct, response: type[ResponseT]) -> ResponseT:
        action = response.__name__.removesuffix("Response")
        payload = encode(request)  # type: ignore[arg-type]
        try:
            validate(self.version, action, payload)
        except OcppError as error:
            raise PayloadInvalid(error.description, str(error.code)) from None
        self.sent.append((action, msgspec.json.decode(payload)))
        waiting = self.answers.get(action)
        if not waiting:
            raise CallRefused(f"The station does not know {action}.", "NotImplemented")
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        found = answer if isinstance(answer, dict) else answer(self.sent[-1][1])
        try:
            response = decode_response(self.version, action, msgspec.json.encode(found))
        except OcppError as error:
            raise AnswerInvalid(error.description) from None
        await self.learn(request, response)
        return response  # type: ignore[return-value]

    async def learn(self, request: Struct, response: Struct) -> None:
        """Record what a node records once a request of ours was answered."""
        action = type(response).__name__.removesuffix("Response")
        function = self.routes.learned.get(action)
        if function is None:
            return
        while True:
            self.work = Work(self.now_ms, 1, self.state.station.identity)
            try:
                function(Here(self.services, self.state, self.work, self.version), request, response)
                break
            except NotLoaded as gap:
                await gap.load()
        await self.store.journal.committed(self.work.records)

    async def held(self, kind: type[D]) -> dict[str, D]:
        """Give the stored documents of the station by key, as the API reads them."""
        station = self.state.station
        found = await self.store.records.documents_of(1, station.id, kind.kind)
        return {record.key: document_of(record) for record in found}  # type: ignore[misc]

    def record(self, change: Callable[[Work], None]) -> Awaitable[None]:
        work = Work(self.now_ms, 1, self.state.station.identity)
        change(work)
        return self.store.journal.committed(work.records)

    # -- what is recorded -----------------------------------------------------------------------------------------

    async def transactions(self) -> list[Transaction]:
        """Give the stored transactions, oldest first."""
        await self.summing.write()
        page = await self.store.records.transactions(1, station_id=self.state.station.id)
        return sorted(page.items, key=lambda item: item.id)

    async def transaction(self) -> Transaction:
        """Give the one stored transaction."""
        (found,) = await self.transactions()
        return found

    async def samples(self, transaction: int) -> list[MeterSample]:
        return (await self.store.records.meter_samples(1, transaction)).items

    async def variables(self) -> dict[str, Any]:
        page = await self.store.records.variables(1, self.state.station.id)
        return {
            f"{item.component}.{item.variable}" + ("" if item.attribute == "Actual" else f".{item.attribute}"): item
            for item in page.items
        }

    async def connectors(self) -> dict[tuple[int, int], Connector]:
        snapshot = await self.store.records.snapshot(1, self.state.station.id)
        assert snapshot is not None
        return {(item.evse_no, item.connector_no): item for item in snapshot.connectors}

    def recorded(self, kind: type[Struct]) -> list[Any]:
        """Give what the last message recorded of a kind; samples also from within events."""
        events = [item for item in self.work.records if isinstance(item, TransactionEvent)]
        found = [*self.work.records, *(sample for event in events for sample in event.samples)]
        return [item for item in found if isinstance(item, kind)]

    def intervals(self) -> list[StatusInterval]:
        return self.recorded(StatusInterval)


async def _state(store: Store, station_id: int) -> StationState:
    snapshot = await store.records.snapshot(1, station_id)
    assert snapshot is not None
    return StationState(snapshot)
