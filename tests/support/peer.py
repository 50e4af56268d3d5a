"""A station by hand: frames exactly as a test wants them, over a socket of the `websockets` library."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

WAIT_S = 10.0
_numbers = itertools.count(1)


class CallErrorAnswer(Exception):
    """The server answered CALLERROR."""

    def __init__(self, code: str, description: str, details: dict[str, Any]) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.details = details


class ServerCall(NamedTuple):
    """A call of the server that waits for its answer."""

    message_id: str
    action: str
    payload: dict[str, Any]


Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any] | None]
"""What a peer answers to an action by itself: a payload, or what makes one (None: no answer)."""


def fresh_id(prefix: str = "CP") -> str:
    """Give an identity that no other test uses."""
    return f"{prefix}-{next(_numbers)}"


class Peer:
    """One connection of a hand-made station."""

    def __init__(self, socket: ClientConnection, answers: dict[str, Answer]) -> None:
        self.socket = socket
        self.answers = answers
        self.frames: list[str] = []
        """Every frame the server sent, in order, as it was on the wire."""
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._calls: asyncio.Queue[ServerCall] = asyncio.Queue()
        self._other: asyncio.Queue[str] = asyncio.Queue()
        self._ids = itertools.count(1)
        self._reading = asyncio.create_task(self._read())

    @property
    def subprotocol(self) -> str | None:
        """What was negotiated."""
        return self.socket.subprotocol

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in self.socket:
                assert isinstance(frame, str), "the server sent a binary frame"
                self.frames.append(frame)
                await self._take(frame)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server closed the connection"))

    async def _take(self, frame: str) -> None:
        message = json.loads(frame)
        waiting = self._waiting.pop(message[1], None) if message[0] in (3, 4) else None
        if message[0] == 2:
            await self._called(ServerCall(*message[1:]))
        elif waiting is None or waiting.done():
            self._other.put_nowait(frame)
        elif message[0] == 3:
            waiting.set_result(message[2])
        else:
            waiting.set_exception(CallErrorAnswer(*message[2:]))

    async def _called(self, call: ServerCall) -> None:
        if call.action not in self.answers:
            self._calls.put_nowait(call)
            return
        answer = self.answers[call.action]
        payload = answer(call.payload) if callable(answer) else answer
        self._calls.put_nowait(call)
        if payload is not None:
            await self.answer(call, payload)

    def begin(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> "asyncio.Future[Any]":
        """Register a call; the future gives its answer. The frame is to be sent by the caller."""
        message_id = message_id or f"m{next(self._ids)}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        future.frame = json.dumps([2, message_id, action, payload])  # type: ignore[attr-defined]
        return future

    async def call(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> Any:
        """Send a call and give the payload of its answer. Raises CallErrorAnswer."""
        future = self.begin(action, payload, message_id)
        await self.socket.send(future.frame)  # type: ignore[attr-defined]
        return await asyncio.wait_for(future, WAIT_S)

    async def send(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        await self.socket.send(frame)

    async def next_call(self) -> ServerCall:
        """Wait for the next call of the server."""
        return await asyncio.wait_for(self._calls.get(), WAIT_S)

    async def next_other(self) -> Any:
        """Wait for the next answer to a frame that was sent as it is; decoded."""
        return json.loads(await asyncio.wait_for(self._other.get(), WAIT_S))

    async def answer(self, call: ServerCall, payload: dict[str, Any]) -> None:
        """Answer a call of the server."""
        await self.socket.send(json.dumps([3, call.message_id, payload]))

    async def refuse(self, call: ServerCall, code: str, description: str = "") -> None:
        """Answer a call of the server with CALLERROR."""
        await self.socket.send(json.dumps([4, call.message_id, code, description, {}]))

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait until the server has closed; gives code and reason."""
        await asyncio.wait_for(self.socket.wait_closed(), WAIT_S)
        return self.socket.close_code, self.socket.close_reason

    def drop(self) -> None:
        """Cut the connection without a close frame, as a power cut does."""
        self.socket.transport.abort()

    async def close(self) -> None:
        """Close in order."""
        await self.socket.close()
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading


async def dial(
    url: str,
    identity: str,
    *protocols: str,
    answers: dict[str, Answer] | None = None,
    raw_path: bool = False,
    kind: type[Peer] = Peer,
    **options: Any,
) -> Peer:
    """Connect as a station; `identity` is percent-encoded unless it is a path (`raw_path`).

    Raises `websockets.exceptions.InvalidStatus` where the server refuses.
    """
    path = identity if raw_path else quote(identity, safe="")
    options.setdefault("ping_interval", None)
    socket = await connect(
        f"{url}/{path}",
        subprotocols=[Subprotocol(name) for name in protocols] or None,
        open_timeout=WAIT_S,
        close_timeout=2,
        proxy=None,
        **options,
    )
    return kind(socket, {} if answers is None else answers)


@asynccontextmanager
async def station(url: str, identity: str, *protocols: str, **options: Any) -> AsyncIterator[Peer]:
    """Connect as a station and close in the end."""
    peer = await dial(url, identity, *protocols, **options)
    try:
        yield peer
    finally:
        await peer.close()
