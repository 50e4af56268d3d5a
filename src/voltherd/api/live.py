"""The live view: committed changes, read once for all who watch, a few times a second.

A change is only noted when it comes (one entry per station, transaction or command, however often it changes). A few
times a second the noted ones that somebody watches are read from the store together, written once, and handed to all
watchers. What nobody watches is put aside, so that a watcher who comes back hears of it. Nothing is noted before the
first watcher came, and nothing is read while nobody watches.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from voltherd.api.dependencies import Api
from voltherd.api.live_reading import Mark, News, read_changes, read_messages
from voltherd.domain.errors import StoreUnavailable
from voltherd.domain.time import format_ms
from voltherd.services.ports import Change, Topic

TICK_S, GATHER_S, MESSAGES_S, RETRY_S = 0.25, 0.03, 1.0, 2.0
READ_SHARE = 3.0
"""The pause after a read is at least this many times as long as the read took."""
MAX_READ, MAX_ASIDE, MAX_FRESH, MAX_KEPT, MAX_WAITING, MAX_MARKS = 200, 20_000, 20_000, 8_192, 4_096, 1_000
Key = tuple[int, Topic, str]
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Watcher:
    """One client of the stream, and what waits for it."""

    tenant_id: int
    topics: frozenset[Topic]
    identity: str | None
    waiting: deque[bytes] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def wants(self, topic: Topic, tenant_id: int, identity: str) -> bool:
        """Whether this is for the client."""
        return tenant_id == self.tenant_id and topic in self.topics and self.identity in (None, identity)

    def put(self, event: bytes) -> bool:
        """Queue an event; false: too many were waiting, so the client is cut off (it may resume)."""
        if self.ended:
            return True
        if len(self.waiting) >= MAX_WAITING:
            self.waiting.clear()
            self.end()
            return False
        self.waiting.append(event)
        self.wake.set()
        return True

    def end(self) -> None:
        """Let the client's stream end once it has what waits."""
        self.ended = True
        self.wake.set()

    async def next(self, timeout_s: float) -> bytes | None:
        """Give all that waits as one piece; empty when nothing came in time, None at the end."""
        if not self.waiting and not self.ended:
            self.wake.clear()
            try:
                await asyncio.wait_for(self.wake.wait(), timeout_s)
            except TimeoutError:
                return b""
        if not self.waiting:
            return None
        piece = b"".join(self.waiting)
        self.waiting.clear()
        return piece


@dataclass(frozen=True, slots=True)
class Told:
    """One event that was told, kept for clients that resume."""

    id: int
    news: News
    event: bytes


class Live:
    """What is watched, by whom, and what happened lately."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._watchers: set[Watcher] = set()
        self._all: set[tuple[int, Topic]] = set()
        self._some: set[tuple[int, Topic, str]] = set()
        self._fresh: dict[Key, Change] = {}
        self._aside: dict[Key, Change] = {}
        self._kept: deque[Told] = deque()
        self._last_id = self._floor = api.clock_ms() * 1000
        self._marks: dict[tuple[int, str], Mark] = {}
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False
        self.events = self.dropped = self.reads = 0

    @property
    def subscribers(self) -> int:
        """How many clients watch now."""
        return len(self._watchers)

    # -- clients -------------------------------------------------------------------------------------------------

    def watch(self, tenant_id: int, topics: Iterable[Topic], identity: str | None, last_id: int | None) -> Watcher:
        """Begin a stream: with what was missed since `last_id` where that is still known, else with a snapshot mark."""
        self._start()
        watcher = Watcher(tenant_id, frozenset(topics), identity)
        resumed = last_id is not None and self._floor <= last_id <= self._last_id
        self._follow(watcher, resumed=resumed)
        self._watchers.add(watcher)
        self._learn_interest()
        if resumed:
            for told in self._kept:
                if told.id > (last_id or 0) and watcher.wants(told.news.topic, told.news.tenant_id, told.news.identity):
                    watcher.put(told.event)
        else:
            watcher.put(self._snapshot_mark(resync=last_id is not None))
        if self._stopped:
            watcher.end()
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """End a stream."""
        self._watchers.discard(watcher)
        self._learn_interest()

    def stop(self) -> None:
        """End all streams, for good: to be called before the HTTP server waits for its connections to end."""
        self._stopped = True
        for watcher in self._watchers:
            watcher.end()
        for task in self._tasks:
            task.cancel()

    def _follow(self, watcher: Watcher, *, resumed: bool) -> None:
        if "message" not in watcher.topics or watcher.identity is None:
            return
        key = (watcher.tenant_id, watcher.identity)
        if not (resumed or key in self._followed()) or key not in self._marks:
            self._marks.pop(key, None)
            self._marks[key] = Mark(self._api.clock_ms())
            if len(self._marks) > MAX_MARKS:
                del self._marks[next(iter(self._marks))]

    def _followed(self) -> set[tuple[int, str]]:
        return {(one.tenant_id, one.identity) for one in self._watchers if one.identity and "message" in one.topics}

    def _learn_interest(self) -> None:
        self._all = {(one.tenant_id, topic) for one in self._watchers if one.identity is None for topic in one.topics}
        filtered = [(one, one.identity) for one in self._watchers if one.identity is not None]
        self._some = {(one.tenant_id, topic, identity) for one, identity in filtered for topic in one.topics}
        noted = self._aside | self._fresh
        self._fresh = {key: change for key, change in noted.items() if self._watched(change)}
        self._aside = {key: change for key, change in noted.items() if key not in self._fresh}
        if self._fresh:
            self._due.set()

    def _watched(self, change: Change) -> bool:
        tenant_id, topic = change.tenant_id, change.topic
        if not change.identity:
            return bool(self._watchers)
        return (tenant_id, topic) in self._all or (tenant_id, topic, change.identity) in self._some

    def _snapshot_mark(self, *, resync: bool) -> bytes:
        mark = {"at": format_ms(self._api.clock_ms()), "resync": resync}
        return written(self._last_id, "snapshot", msgspec.json.encode(mark))

    # -- noting --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._tasks or self._stopped:
            return
        changes = self._api.news.subscribe()
        self._tasks = [
            asyncio.create_task(self._note(changes), name="live: note"),
            asyncio.create_task(self._tell_changes(), name="live: changes"),
            asyncio.create_task(self._tell_messages(), name="live: messages"),
        ]

    async def _note(self, changes: AsyncIterator[Change]) -> None:
        while True:
            async for change in changes:
                self.note(change)
            changes = self._api.news.subscribe()
            self._resync()

    def note(self, change: Change) -> None:
        """Keep a change until it is read; the last one of the same thing counts."""
        if change.topic == "message":
            return
        key = (change.tenant_id, change.topic, change.key)
        if self._watched(change):
            self._fresh[key] = change
            self._due.set()
        else:
            self._aside[key] = change
        if len(self._fresh) > MAX_FRESH:
            self._resync()
        elif len(self._aside) > MAX_ASIDE:
            self._forget_aside()

    def _forget_aside(self) -> None:
        self._aside.clear()
        self._kept.clear()
        self._last_id += 1
        self._floor = self._last_id

    def _resync(self) -> None:
        self._fresh.clear()
        self._forget_aside()
        for watcher in self._watchers:
            watcher.put(self._snapshot_mark(resync=True))

    # -- telling -------------------------------------------------------------------------------------------------

    async def _tell_changes(self) -> None:
        while True:
            await self._due.wait()
            await asyncio.sleep(GATHER_S)
            self._due.clear()
            began = monotonic()
            pause_s = TICK_S if await self._tell_some() else RETRY_S
            await asyncio.sleep(max(pause_s, READ_SHARE * (monotonic() - began)))
            if self._fresh:
                self._due.set()

    async def _tell_some(self) -> bool:
        keys = list(self._fresh)[:MAX_READ]
        taken = {key: self._fresh.pop(key) for key in keys}
        if not taken:
            return True
        self.reads += 1
        try:
            self._tell(await read_changes(self._api, list(taken.values())))
        except StoreUnavailable:
            self._fresh = taken | self._fresh
            return False
        except Exception as error:  # a fault of ours ends no stream: listeners are told to read anew
            log.error("the live view could not be read: %r", error)
            self._resync()
            return False
        return True

    async def _tell_messages(self) -> None:
        while True:
            await asyncio.sleep(MESSAGES_S)
            for key in self._followed():
                try:
                    self._tell(await read_messages(self._api, *key, self._marks[key]))
                except StoreUnavailable:
                    break
                except Exception as error:  # nor does it end the others that follow a log; the next round tries again
                    log.error("the message log could not be followed: %r", error)

    def _tell(self, items: Iterable[News]) -> None:
        for news in items:
            self._last_id += 1
            told = Told(self._last_id, news, written(self._last_id, news.topic, news.data))
            self._kept.append(told)
            if len(self._kept) > MAX_KEPT:
                self._floor = self._kept.popleft().id
            self.events += 1
            for watcher in self._watchers:
                if watcher.wants(news.topic, news.tenant_id, news.identity):
                    self.dropped += not watcher.put(told.event)


def written(event_id: int, name: str, data: bytes) -> bytes:
    """Write a server-sent event."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event_id, name.encode(), data)
