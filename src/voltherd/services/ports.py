"""What the use cases need of the machinery around them, and what the API may ask: protocols only.

`store` implements Journal and Records, `gateway` implements Stations (links to live stations), `bus` implements News.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct

from voltherd.domain.access import ApiKey, Setting, User
from voltherd.domain.commands import Command, CommandRecord, Outcome
from voltherd.domain.document import DocumentRecord
from voltherd.domain.id_token import IdToken
from voltherd.domain.message import InboundMessage, LoggedFrames, LoggedMessage
from voltherd.domain.metering import MeterSample
from voltherd.domain.station import Connector, Evse, Station
from voltherd.domain.transaction import Transaction, TransactionEvent

Done = Callable[[BaseException | None], None]
"""Called on the event loop once: with None after the commit, or with why it can never be committed."""


class Removed(Struct):
    """A change that deletes the row whose key is the record's."""

    record: Struct


class Journal(Protocol):
    """The durable way in. Records are whole rows: put means insert, or replace the row with the same key.

    Append-only records (MeterSample, TransactionEvent, StatusInterval, LoggedMessage, AuditEntry) whose key exists
    already are left as they are. A Variable tells only what its message told: None leaves what was there. All records
    of one call become durable together, calls become durable in their order.
    """

    def commit(self, records: Sequence[Struct], done: Done) -> None:
        """Take records into the current batch; `done` is called after the commit (group commit)."""

    async def committed(self, records: Sequence[Struct]) -> None:
        """Commit and wait; raises StoreUnavailable or the store's error."""

    def log(self, messages: Sequence[LoggedMessage | LoggedFrames]) -> None:
        """Write behind, best effort: dropped first under pressure, and counted."""

    async def flush(self) -> None:
        """Wait until everything taken so far is committed, logged messages too."""

    @property
    def dropped_log_messages(self) -> int:
        """How many logged messages were dropped so far."""

    @property
    def available(self) -> bool:
        """Whether the last commit went through (readiness)."""


class LogFiles(Protocol):
    """Keeps the files that stations upload; each has a place that is made beforehand and taken once."""

    async def reserve(self) -> str:
        """Make a place and give its secret."""

    async def receive(self, secret: str, chunks: AsyncIterator[bytes]) -> None:
        """Take a file. Raises NotFound where the secret names no free place, Invalid where the file is too large."""

    def find(self, name: str) -> Path | None:
        """Give the file that was uploaded, by the name that follows from its secret; None: nothing came yet."""


class Page(Struct):
    """One page of a list, and the cursor of the next (None: the end)."""

    items: list[Any]
    next: str | None = None


class StationSnapshot(Struct, kw_only=True):
    """What a node loads when a station connects."""

    station: Station
    evses: list[Evse]
    connectors: list[Connector]
    transactions: list[Transaction]
    """The newest 50 of any age, newest first, and every open one beyond them: fewer than 50 are all there are."""
    replies: list[InboundMessage]
    highest_transaction_number: int
    """Greatest numeric transaction id ever given out to this station; 0 if none."""
    open_commands: list[CommandRecord]


class Records(Protocol):
    """The readable side of the store. Every query is bound to a tenant."""

    async def all_stations(self, tenant_id: int) -> list[Station]:
        """Give every station that is not deleted (for the directory of credentials)."""

    async def station(self, tenant_id: int, identity: str) -> Station | None: ...

    async def station_ids(self, tenant_id: int, identity: str) -> list[int]:
        """Give the ids of every station record of an identity, deleted ones too (their history stays)."""

    async def snapshot(self, tenant_id: int, station_id: int) -> StationSnapshot | None: ...

    async def stations(
        self,
        tenant_id: int,
        *,
        status: str | None = None,
        site: str | None = None,
        q: str | None = None,
        registration: str | None = None,
        identities: Sequence[str] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of StationSnapshot (stable order by identity; `replies`, `open_commands` empty; open transactions only).

        `identities`, where given, restricts to those (used for online filters and live deltas). `status` is the summary
        word of `domain.station.summary_status`.
        """

    async def transactions(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        id_token: str | None = None,
        active: bool | None = None,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of Transaction, newest start first; of one station record or several."""

    async def transaction(self, tenant_id: int, transaction: int) -> Transaction | None: ...

    async def transaction_by_wire_id(
        self, tenant_id: int, station_id: int, transaction_id: str
    ) -> Transaction | None: ...

    async def transaction_by_replay_key(
        self, tenant_id: int, station_id: int, replay_key: str
    ) -> Transaction | None: ...

    async def transaction_events(self, tenant_id: int, transaction: int) -> list[TransactionEvent]: ...

    async def since_record(
        self, tenant_id: int, transaction: int, received_from_ms: int
    ) -> tuple[list[TransactionEvent], list[MeterSample]]:
        """Give the events and samples of a transaction that were received at an instant or later."""

    async def meter_samples(
        self, tenant_id: int, transaction: int, *, limit: int = 1000, cursor: str | None = None
    ) -> Page:
        """Page of MeterSample in order of time."""

    async def station_meter_samples(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> Page:
        """Page of the MeterSample that a station told outside of transactions, in order of time."""

    async def token(self, tenant_id: int, key: str) -> IdToken | None: ...

    async def tokens(
        self, tenant_id: int, *, q: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page: ...

    async def commands(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of CommandRecord, newest first; of one station record or several."""

    async def open_commands(self, tenant_id: int) -> list[CommandRecord]:
        """Give every command that is not at its end; asked once, at the start."""

    async def command(self, tenant_id: int, command_id: int) -> CommandRecord | None: ...

    async def messages(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        action: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of LoggedMessage, newest first."""

    async def variables(
        self, tenant_id: int, station_id: int, *, limit: int = 1000, cursor: str | None = None
    ) -> Page: ...

    async def station_events(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        source: str | None = None,
        severity: int | None = None,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of StationEvent, newest first; `severity`: only those known to be so severe or worse."""

    async def stream_values(
        self,
        tenant_id: int,
        station_id: int,
        stream: int,
        *,
        monitor_id: int | None = None,
        since_ms: int,
        until_ms: int,
        max_values: int,
    ) -> list[tuple[int, str]]:
        """Give (instant in ms, value) of an event stream in order of time, at most `max_values` from `since_ms` on."""

    async def connections(
        self, tenant_id: int, station_id: int, *, limit: int = 100, cursor: str | None = None
    ) -> Page:
        """Page of ConnectionLog, newest first."""

    async def status_intervals(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of StatusInterval that begin at an instant or later, by connector, oldest first."""

    async def documents(
        self,
        tenant_id: int,
        kind: str,
        *,
        station_id: int | Sequence[int] | None = None,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Page of DocumentRecord of a kind, newest first; of one station record or several."""

    async def documents_of(self, tenant_id: int, station_id: int, kind: str) -> list[DocumentRecord]:
        """Give all documents of a kind that a station has, oldest first."""

    async def document(self, tenant_id: int, document_id: int) -> DocumentRecord | None: ...

    async def users(self, tenant_id: int) -> list[User]: ...

    async def api_keys(self) -> list[ApiKey]:
        """Give every key that has not expired (verified in memory by keyed hash)."""

    async def setting(self, tenant_id: int, name: str) -> Setting | None: ...

    async def audit(self, tenant_id: int, *, limit: int = 100, cursor: str | None = None) -> Page:
        """Page of AuditEntry, newest first."""


class Presence(Struct):
    """A live connection: reachability is derived from the age of its last frame."""

    identity: str
    ocpp_version: str
    connected_since_ms: int
    last_frame_ms: int
    security_profile: int
    peer: str
    lease_until_ms: int
    """After this instant without a frame the station counts as offline."""


class RawAnswer(Struct):
    """The answer to a raw call: the payload byte for byte."""

    message_id: str
    payload: bytes


class Link(Protocol):
    """The way to live stations, wherever their sockets are."""

    def presence(self, identity: str) -> Presence | None: ...

    def online(self) -> Sequence[str]:
        """Identities connected now (their lease holds)."""

    async def perform(self, identity: str, command: Command, *, timeout_s: float, command_id: int) -> Outcome:
        """Carry a command out over the station's version. Raises the errors of `domain.errors.StationError`."""

    async def call_raw(
        self, identity: str, action: str, payload: bytes, *, timeout_s: float, validate: bool
    ) -> RawAnswer:
        """Send exactly this request; `payload` is JSON and passes through unchanged. Raises as `perform`."""

    async def set_password(self, identity: str, password: str, *, timeout_s: float) -> Outcome:
        """Give a station a new password for Basic auth (A01). Raises as `perform`."""

    async def flush(self) -> None:
        """Store what is gathered here: frames for the message log, sums of running transactions."""

    async def disconnect(self, identity: str, reason: str) -> None:
        """Close every connection of a station (it was rejected, deleted, or its credentials changed)."""


Topic = Literal["station", "transaction", "command", "message", "document"]


class Change(Struct, frozen=True, gc=False):
    """Something of a kind changed and is committed; `key` is the identity (station, message) or id (others)."""

    topic: Topic
    tenant_id: int
    identity: str
    key: str


class News(Protocol):
    """Tells of committed changes."""

    def publish(self, change: Change) -> None: ...

    def subscribe(self, *, limit: int = 10_000) -> AsyncIterator[Change]:
        """Give changes from now on; a subscriber that is `limit` behind is ended."""


class WebError(Exception):
    """A web service could not be asked, or did not answer in time; the text is a full sentence."""


class WebAnswer(NamedTuple):
    """What a web service answered."""

    status: int
    body: bytes


class Web(Protocol):
    """The way to web services of others."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
        max_bytes: int = 1024 * 1024,
    ) -> WebAnswer:
        """Send a request and read the answer, whatever its status. Raises WebError, also when the time is over."""
