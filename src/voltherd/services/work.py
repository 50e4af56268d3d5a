"""What one message of a station changes: gathered by the services, committed as one, told of afterwards."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from voltherd.services.ports import Change, Topic


class NotLoaded(Exception):
    """Raised by a handler, before it changed anything, when what it must know is not in memory.

    The router awaits `load()` and calls the handler again; only this station's messages wait meanwhile.
    """

    def __init__(self, load: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self.load = load


class Work:
    """The records that a message changes, and the news of it."""

    __slots__ = ("changes", "identity", "now_ms", "records", "tenant_id")

    def __init__(self, now_ms: int, tenant_id: int, identity: str) -> None:
        self.now_ms = now_ms
        self.tenant_id = tenant_id
        self.identity = identity
        self.records: list[Struct] = []
        self.changes: list[Change] = []

    def put(self, record: Struct) -> None:
        """Record a row as it will be when the message is handled: the journal reads it then."""
        self.records.append(record)

    def tell(self, topic: Topic, key: str) -> None:
        """Publish a change once the records are committed."""
        self.changes.append(Change(topic, self.tenant_id, self.identity, key))
