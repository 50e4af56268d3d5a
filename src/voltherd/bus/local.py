"""News within one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from voltherd.services.ports import Change


class LocalNews:
    """Hands every change to every subscriber; with no subscriber a publication costs almost nothing.

    To be used from the thread of the event loop only.
    """

    def __init__(self) -> None:
        self._subscriptions: tuple[Subscription, ...] = ()

    @property
    def subscribers(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)

    def publish(self, change: Change) -> None:
        """Give a change to all subscribers; never waits, never raises."""
        for subscription in self._subscriptions:
            subscription.put(change)

    def subscribe(self, *, limit: int = 10_000) -> "Subscription":
        """Give changes from this call on; a subscriber that is `limit` behind is ended."""
        subscription = Subscription(self, limit)
        self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def remove(self, subscription: "Subscription") -> None:
        """Forget a subscription."""
        self._subscriptions = tuple(one for one in self._subscriptions if one is not subscription)


class Subscription(AsyncIterator[Change]):
    """Changes for one subscriber, in order. It ends when closed, or at once when the subscriber is too far behind."""

    def __init__(self, news: LocalNews, limit: int) -> None:
        self._news = news
        self._limit = limit
        self._waiting: deque[Change] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._ended = False
        self.overrun = False
        """Whether it was ended because the subscriber was too slow."""

    def put(self, change: Change) -> None:
        """Queue a change, or end the subscription where too many wait already."""
        if len(self._waiting) >= self._limit:
            self.overrun = True
            self._waiting.clear()
            self.close()
            return
        self._waiting.append(change)
        self._rouse()

    def close(self) -> None:
        """End the subscription; changes that wait are still given."""
        self._ended = True
        self._news.remove(self)
        self._rouse()

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def __anext__(self) -> Change:
        """Give the next change, waiting for it if need be."""
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None
        return self._waiting.popleft()
