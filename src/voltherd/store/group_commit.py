"""Group commit, self-clocking: while one batch commits, the next gathers; answers leave after their commit.

Under light load a batch is one call and takes as long as one commit; under storm it is hundreds, at the price of one.
Knows nothing of any database: a Writer writes batches.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import repeat
from typing import Protocol

from msgspec import Struct

from voltherd.domain.errors import StoreUnavailable
from voltherd.domain.message import LoggedFrames, LoggedMessage
from voltherd.services.ports import Done
from voltherd.store.batch import Operations, operations_of
from voltherd.store.errors import NotStorable

logger = logging.getLogger("voltherd.store")

MAX_GATHERED_ROWS = 100_000
MAX_LOG_MESSAGES = 20_000
LOG_EVERY_S = 0.5
LOG_MESSAGES = 5_000
"""So many logged messages are written at once when nothing else waits."""
LOG_MESSAGES_BESIDE = 2_000
"""So many go with a batch of calls, whose answers they hold up a little."""
BUSY_ROWS = 2_000
"""A batch of so many rows is pressure: no logged message goes with it."""
STALLED_S = 5.0
"""A commit that takes longer hangs."""
FIRST_RETRY_S, LAST_RETRY_S = 0.05, 2.0


class Writer(Protocol):
    """A database that takes batches."""

    async def write(self, calls: Sequence[Operations]) -> None:
        """Write calls in one transaction. Raises StoreUnavailable, or anything else if a call is at fault."""

    async def write_each(self, calls: Sequence[Operations]) -> list[Exception | None]:
        """Write calls in one transaction, leaving out those at fault, and say why. Raises StoreUnavailable."""

    async def close(self) -> None: ...


Call = tuple[Operations, Done]
"""What one `commit` asked for."""


class GroupCommit:
    """Implements `services.ports.Journal` on any Writer."""

    def __init__(
        self,
        writer: Writer,
        *,
        max_gathered_rows: int = MAX_GATHERED_ROWS,
        max_log_messages: int = MAX_LOG_MESSAGES,
        log_every_s: float = LOG_EVERY_S,
    ) -> None:
        self._writer = writer
        self._max_gathered_rows = max_gathered_rows
        self._log_every_s = log_every_s
        self._max_log_messages = max_log_messages
        self._loop = asyncio.get_running_loop()
        self._calls: list[Call] = []
        self._rows = 0
        self._log: deque[LoggedMessage | LoggedFrames] = deque()
        self._log_size = 0
        self._log_due = False
        self._log_timer: asyncio.TimerHandle | None = None
        self._dropped = 0
        self._available = True
        self._began: float | None = None
        self._closing = False
        self._abandoned = False
        self._wake = asyncio.Event()
        self._runner = self._loop.create_task(self._run(), name="voltherd-group-commit")
        self.commits = 0
        """How many batches were committed."""

    @property
    def dropped_log_messages(self) -> int:
        """How many logged messages were dropped so far."""
        return self._dropped

    @property
    def available(self) -> bool:
        """Whether the last commit went through, and none hangs."""
        return self._available and (self._began is None or self._loop.time() - self._began < STALLED_S)

    def commit(self, records: Sequence[Struct], done: Done) -> None:
        """Take records, as they are now, into the current batch; `done` is called on the loop after its commit."""
        if self._closing or self._rows >= self._max_gathered_rows:
            self._loop.call_soon(done, StoreUnavailable("The store is behind and takes no more records right now."))
            return
        try:
            operations = operations_of(records)
        except Exception as error:  # records that make no rows are this call's fault alone: it is told so
            self._loop.call_soon(done, _not_storable(error))
            return
        self._calls.append((operations, done))
        self._rows += len(operations)
        self._wake.set()

    async def committed(self, records: Sequence[Struct]) -> None:
        """Commit and wait. Raises StoreUnavailable or NotStorable."""
        future: asyncio.Future[None] = self._loop.create_future()

        def done(error: BaseException | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        self.commit(records, done)
        await future

    def log(self, messages: Sequence[LoggedMessage | LoggedFrames]) -> None:
        """Write behind; the oldest are dropped, and counted, where too many wait."""
        log = self._log
        log.extend(messages)
        self._log_size += sum(_size(item) for item in messages)
        while self._log_size > self._max_log_messages:
            self._dropped += self._take_oldest(1)[1]
        if self._log_size >= LOG_MESSAGES:
            self._log_is_due()
        elif self._log_timer is None and not self._closing:
            self._log_timer = self._loop.call_later(self._log_every_s, self._log_is_due)

    def _take_oldest(self, most: int) -> tuple[list[LoggedMessage | LoggedFrames], int]:
        """Take the oldest, until they hold `most` messages or none is left; gives how many messages they hold."""
        taken: list[LoggedMessage | LoggedFrames] = []
        size = 0
        while self._log and size < most:
            item = self._log.popleft()
            taken.append(item)
            size += _size(item)
        self._log_size -= size
        return taken, size

    def _log_is_due(self) -> None:
        self._log_due = True
        self._wake.set()

    async def flush(self) -> None:
        """Wait until everything taken so far, logged messages too, is committed."""
        while self._log:
            self._log_is_due()
            await self.committed(())
        await self.committed(())

    async def close(self, timeout_s: float = 10.0) -> None:
        """Commit everything, then end. What a store that is gone does not take in time is told so."""
        self._closing = True
        self._log_is_due()
        _, unfinished = await asyncio.wait([self._runner], timeout=timeout_s)
        if unfinished:
            self._abandoned = True
            self._wake.set()
            await self._runner
        if self._log_timer is not None:
            self._log_timer.cancel()
        await self._writer.close()

    async def _run(self) -> None:
        while True:
            if not self._calls and not self._log_due:
                if self._closing:
                    return
                self._wake.clear()
                await self._wake.wait()
            batch = self._take()
            if batch:
                self._answer(batch, await self._write(batch))

    def _take(self) -> list[Call]:
        batch, rows = self._calls, self._rows
        self._calls, self._rows = [], 0
        if self._log_due and rows < BUSY_ROWS:
            batch.extend(self._take_log(LOG_MESSAGES_BESIDE if batch else LOG_MESSAGES))
        return batch

    def _take_log(self, most: int) -> list[Call]:
        messages, size = self._take_oldest(most)
        self._log_due = self._log_size >= LOG_MESSAGES or (self._closing and bool(self._log))
        if self._log_timer is not None:
            self._log_timer.cancel()
            self._log_timer = None
        if self._log and not self._closing:
            self._log_timer = self._loop.call_later(self._log_every_s, self._log_is_due)
        return self._log_call(messages, size) if messages else []

    def _log_call(self, messages: Sequence[LoggedMessage | LoggedFrames], size: int) -> list[Call]:
        def done(error: BaseException | None) -> None:
            if error is not None:
                self._dropped += size
                logger.warning("%d logged messages could not be stored: %s", size, error)

        try:
            return [(operations_of(messages), done)]
        except Exception as error:  # frames that make no rows: counted as dropped, nobody waits for them
            done(error)
            return []

    async def _write(self, batch: Sequence[Call]) -> Sequence[Exception | None] | None:
        """Write a batch however long it takes; tells what each call came to, None if all went well."""
        calls = [operations for operations, _ in batch]
        retry_s = FIRST_RETRY_S
        while not self._abandoned:
            try:
                outcomes = await self._write_once(calls)
            except StoreUnavailable as error:
                self._lost(error)
            except Exception as error:  # a fault of ours: it must not end the writing for ever
                logger.error("A batch of %d calls could not be written: %r", len(batch), error)
                return [_not_storable(error)] * len(batch)
            else:
                self._regained()
                return outcomes
            await self._pause(retry_s)
            retry_s = min(retry_s * 2, LAST_RETRY_S)
        gone = StoreUnavailable("The store was closed before it could take these records.")
        return [gone] * len(batch)

    async def _write_once(self, calls: Sequence[Operations]) -> Sequence[Exception | None] | None:
        self._began = self._loop.time()
        try:
            await self._writer.write(calls)
        except StoreUnavailable:
            raise
        except Exception as error:  # one call is at fault: each is written for itself, and told its own outcome
            if len(calls) == 1 and not isinstance(error, NotStorable):
                logger.error("A batch could not be written: %s", error)
            return await self._writer.write_each(calls)
        finally:
            self._began = None
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait for the next attempt; closing for good ends the wait."""
        deadline = self._loop.time() + seconds
        while not self._abandoned and (left := deadline - self._loop.time()) > 0:
            await asyncio.sleep(min(left, 0.1))

    def _lost(self, error: StoreUnavailable) -> None:
        if self._available:
            logger.warning("%s Nothing is answered until it is back.", error)
        self._available = False

    def _regained(self) -> None:
        if not self._available:
            logger.warning("The store is back.")
        self._available = True
        self.commits += 1

    def _answer(self, batch: Sequence[Call], outcomes: Sequence[Exception | None] | None) -> None:
        for (_, done), outcome in zip(batch, outcomes or repeat(None), strict=False):
            try:
                done(outcome)
            except Exception as error:  # what follows one commit must not keep the others' answers back
                self._loop.call_exception_handler({"message": "An error in what follows a commit", "exception": error})


def _not_storable(error: Exception) -> NotStorable:
    problem = NotStorable(f"A record cannot be stored: {error}.")
    problem.__cause__ = error
    return problem


def _size(item: LoggedMessage | LoggedFrames) -> int:
    return len(item.frames) if isinstance(item, LoggedFrames) else 1
