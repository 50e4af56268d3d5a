"""What one message of a station changes: gathered by the services, committed as one, told of afterwards."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from voltherd.domain.commands import Command
from voltherd.services.ports import Change, Topic


class NotLoaded(Exception):
    """Raised by a handler, before it changed anything, when what it must know is not in memory.

    The router awaits `load()` and calls the handler again; only this station's messages wait meanwhile.
    """

    def __init__(self, load: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self.load = load


FOLLOW_UP_AFTER_S = 0.2
"""So long after the answer a call of ours follows: some stations are not ready for it in the same instant."""


class FollowUp(Struct, frozen=True):
    """A command that a rule of ours wants after a message was answered."""

    command: Command
    because: str
    after_s: float = FOLLOW_UP_AFTER_S


class Work:
    """The records that a message changes, the news of it, and what is to be asked of the station then."""

    __slots__ = ("changes", "follow_ups", "identity", "now_ms", "records", "tenant_id")

    def __init__(self, now_ms: int, tenant_id: int, identity: str) -> None:
        self.now_ms = now_ms
        self.tenant_id = tenant_id
        self.identity = identity
        self.records: list[Struct] = []
        self.changes: list[Change] = []
        self.follow_ups: list[FollowUp] | None = None

    def put(self, record: Struct) -> None:
        """Record a row as it will be when the message is handled: the journal reads it then."""
        self.records.append(record)

    def tell(self, topic: Topic, key: str) -> None:
        """Publish a change once the records are committed."""
        self.changes.append(Change(topic, self.tenant_id, self.identity, key))

    def follow_up(self, command: Command, because: str, *, after_s: float = FOLLOW_UP_AFTER_S) -> None:
        """Send a command to the same station once its message is answered; recorded as asked for by `because`."""
        if self.follow_ups is None:
            self.follow_ups = []
        self.follow_ups.append(FollowUp(command, because, after_s))
