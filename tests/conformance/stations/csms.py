"""A CSMS by hand: a real WebSocket server whose answers a case sets, and which holds every frame to the schemas.

Calls of the station are answered at once: by what `will_answer` lined up, else by `answers`, else by `ANSWERS`. All of
them are kept, and `expect` takes the first one that fits and that nobody took before, whether it came already or not.
"""

import asyncio
import contextlib
import itertools
import json
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from conformance.checked import CALL, MAX_ID_LENGTH, SEND, violation
from conformance.stations.answers import ANSWERS, QUIET, answered, instant
from conformance.stations.matching import fits, told
from support.peer import CallErrorAnswer
from voltherd.ocpp.version import OcppVersion

WAIT_S = 5.0
PATIENCE_S = 20.0
"""Within this time of its clock no station gives an answer up."""
T = TypeVar("T")
Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any] | None] | None
"""A payload, or what makes one of the request's; None: the call stays unanswered."""


class Error(Exception):
    """Raised by an answer: the call is answered CALLERROR."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description


@dataclass
class Came:
    """A call of the station."""

    number: int
    action: str
    payload: dict[str, Any]
    line: int
    """On which connection, from 1."""
    at: float
    """When, in seconds of the station's clock."""
    taken: bool = False
    answer: dict[str, Any] | None = None
    is_open: bool = True
    """It waits for its answer."""
    is_send: bool = False
    """It wants none (2.1)."""

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field of the payload."""
        return self.payload.get(name, default)

    def __str__(self) -> str:
        told = json.dumps(self.payload)
        if self.action == "TransactionEvent":
            names = ("eventType", "triggerReason", "seqNo", "offline", "evse", "idToken")
            info = {name: value for name, value in self["transactionInfo"].items() if name != "transactionId"}
            told = " ".join(str(self[name]) for name in names if name in self.payload) + f" {info}"
        return f"{self.number}. {self.action} {told[:300]}"


@dataclass
class Attempt:
    """A handshake of the station."""

    path: str
    headers: Headers
    at: float
    accepted: bool
    cipher: str = ""
    common_name: str = ""


@dataclass
class Csms:
    """The CSMS of one case; `version` is the one whose subprotocol it speaks."""

    version: OcppVersion
    now: Callable[[], float] = lambda: 0.0
    """The station's clock."""
    time: Callable[[], str] = instant
    """The date and time that it tells: a case that turns the station's clock turns this one, too."""
    tls: ssl.SSLContext | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[Came] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    transactions: set[str] = field(default_factory=set)
    """Those that a session of the case has made its own."""
    refusing: bool = False
    judge: Callable[[Request], HTTPStatus | None] = lambda _request: None
    """Says with which status an attempt is refused."""

    def __post_init__(self) -> None:
        self.frames = 0
        self.line: ServerConnection | None = None
        self.lines = 0
        self._server: Server | None = None
        self._next: dict[str, deque[Answer]] = defaultdict(deque)
        self._waiting: dict[str, tuple[str, asyncio.Future[Any]]] = {}
        self._changed = asyncio.Event()
        self._ids = itertools.count(1)
        self._ids_seen: set[tuple[int, str]] = set()

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        """Listen."""
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            port,
            ssl=self.tls,
            subprotocols=[Subprotocol(self.version.subprotocol)],
            process_request=self._process,
            ping_interval=None,
            close_timeout=1,
            compression=None,
        )

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    @property
    def url(self) -> str:
        """Where stations connect, without their identity."""
        return f"{'ws' if self.tls is None else 'wss'}://127.0.0.1:{self.port}/ocpp"

    def drop(self) -> None:
        """Cut the connection without a close frame."""
        line, self.line = self.line, None
        assert line is not None, "there is no connection"
        line.transport.abort()

    async def close(self) -> None:
        """Close the connection in order."""
        assert self.line is not None, "there is no connection"
        await self.line.close()

    async def go_offline(self) -> None:
        """Close the connection and take no new one."""
        self.refusing = True
        if self.line is not None:
            await self.line.close()

    def go_online(self) -> None:
        """Take connections again."""
        self.refusing = False

    # -- the handshake and the frames -----------------------------------------------------------------------------

    def _process(self, line: ServerConnection, request: Request) -> Response | None:
        status = HTTPStatus.SERVICE_UNAVAILABLE if self.refusing else self.judge(request)
        tls = line.transport.get_extra_info("ssl_object")
        cipher = tls.cipher()[0] if tls is not None else ""
        self.attempts.append(
            Attempt(request.path, request.headers, self.now(), status is None, cipher, _common_name(tls))
        )
        self._changed.set()
        return None if status is None else line.respond(status, "")

    async def _serve(self, line: ServerConnection) -> None:
        self.line = line
        self.lines += 1
        number = self.lines
        self._changed.set()
        with contextlib.suppress(ConnectionClosed):
            async for frame in line:
                self.frames += 1
                await self._take(line, number, frame)
        if self.line is line:
            self.line = None
        self._changed.set()
        for _action, future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the station's connection is gone"))
        self._waiting.clear()

    async def _take(self, line: ServerConnection, number: int, frame: str | bytes) -> None:
        message = json.loads(frame)
        kind, message_id = message[0], message[1]
        if kind in (2, 6):
            await self._called(line, number, message)
        elif kind in (3, 4) and message_id in self._waiting:
            self._answered(message)
        else:
            self.violations.append(f"an answer to nothing: {str(frame)[:200]}")
        self._changed.set()

    async def _called(self, line: ServerConnection, number: int, message: list[Any]) -> None:
        _, message_id, action, payload = message
        self._note("the station's", f"{action}Request", payload)
        came = Came(len(self.calls) + 1, action, payload, number, self.now())
        self._check_turn(came, message)
        self.calls.append(came)
        if message[0] == SEND:
            came.is_send = True
            return
        try:
            came.answer = self._answer(action, payload)
        except Error as error:
            came.is_open = False
            await _say(line, [4, message_id, error.code, error.description, {}])
            return
        if came.answer is not None:
            came.is_open = False
            self._note("the case's", f"{action}Response", came.answer)
            await _say(line, [3, message_id, came.answer])

    def _check_turn(self, came: Came, message: list[Any]) -> None:
        """A call has an id of its own, and waits for the answer to the one before (OCPP-J, 4.1.1)."""
        if (came.line, message[1]) in self._ids_seen or len(message[1]) > MAX_ID_LENGTH:
            self.violations.append(f"the station's message id {message[1]!r} was used before, or is too long")
        self._ids_seen.add((came.line, message[1]))
        if message[0] != CALL:
            return
        before = next((c for c in reversed(self.calls) if c.line == came.line and not c.is_send), None)
        if before is not None and before.is_open and came.at - before.at < PATIENCE_S:
            self.violations.append(f"the station sent {came.action} while {before.action} was not answered")

    def _answer(self, action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        lined_up = self._next[action]
        if lined_up:
            answer = lined_up.popleft()
        elif action in self.answers:
            answer = self.answers[action]
        else:
            answer = ANSWERS[self.version.startswith("1.")].get(action, {})
        return answered(answer(payload) if callable(answer) else answer, self.time())

    def _answered(self, message: list[Any]) -> None:
        action, future = self._waiting.pop(message[1])
        if message[0] == 3:
            self._note("the station's", f"{action}Response", message[2])
            future.set_result(message[2])
        else:
            future.set_exception(CallErrorAnswer(*message[2:5]))

    def _note(self, whose: str, message: str, payload: Any) -> None:
        found = violation(self.version, message, payload)
        if found is not None:
            self.violations.append(f"{whose} {found}")

    # -- what a case says -----------------------------------------------------------------------------------------

    def will_answer(self, action: str, *answers: Answer) -> None:
        """Line up answers to the next calls of an action."""
        self._next[action].extend(answers)

    async def call(self, action: str, payload: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Send a call and give the payload of the answer. Raises CallErrorAnswer."""
        future = await self.begin(action, (payload or {}) | fields)
        return dict(await asyncio.wait_for(future, WAIT_S))

    async def begin(self, action: str, payload: dict[str, Any]) -> "asyncio.Future[Any]":
        """Send a call; the future gives its answer."""
        self._note("the case's", f"{action}Request", payload)
        return await self._send(action, payload)

    async def call_wrong(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a call that is wrong on purpose."""
        return dict(await asyncio.wait_for(await self._send(action, payload), WAIT_S))

    async def _send(self, action: str, payload: dict[str, Any]) -> "asyncio.Future[Any]":
        line = self.line
        assert line is not None, f"there is no connection on which {action} could be sent"
        message_id = f"c{next(self._ids)}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = action, future
        await line.send(json.dumps([2, message_id, action, payload]))
        return future

    # -- what a case sees -----------------------------------------------------------------------------------------

    def untaken(self, action: str = "", /, **fields: Any) -> Iterator[Came]:
        """Calls that nobody took yet and that fit."""
        for came in self.calls:
            if not came.taken and action in ("", came.action) and fits(came.payload, fields):
                yield came

    async def expect(self, action: str, /, *, after: Came | None = None, **fields: Any) -> Came:
        """Take the first call of an action that fits and that nobody took; waits for it.

        A field is given as the value wanted, as part of it (dict), as a set of values, as a function, or as None
        (absent) or `...` (there). With `after` it must have come later than that one.
        """

        def found() -> Came | None:
            return next((c for c in self.untaken(action, **fields) if after is None or c.number > after.number), None)

        came = await self.until(found, lambda: f"{action} {told(fields)} did not come; {self._what_came(action)}")
        came.taken = True
        return came

    async def until(self, found: Callable[[], T | None], problem: Callable[[], str]) -> T:
        """Wait until something is there, looked at after every frame."""
        try:
            async with asyncio.timeout(WAIT_S):
                while (result := found()) is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(problem()) from None
        return result

    def _what_came(self, action: str) -> str:
        same = [str(c) + (" (taken)" if c.taken else "") for c in self.calls if c.action == action]
        others = [c.action for c in self.calls if not c.taken and c.action != action]
        return f"of these came: {'; '.join(same[-8:]) or 'none'}. Others not taken: {', '.join(others[-20:]) or 'none'}"

    async def none(self, *actions: str, **fields: Any) -> None:
        """Nothing of these actions has come that nobody took (of any that tells something, without one)."""
        await self.settle()
        came = [c for name in actions or ("",) for c in self.untaken(name, **fields)]
        came = [c for c in came if actions or c.action not in QUIET]
        assert not came, f"came unasked: {'; '.join(map(str, came))}"

    async def settle(self) -> None:
        """Wait until all that is under way has come, and all answers to it have arrived."""
        while True:
            before = self.frames, self.lines
            await asyncio.sleep(0)
            line = self.line
            if line is not None:
                with contextlib.suppress(ConnectionClosed, TimeoutError):
                    async with asyncio.timeout(WAIT_S):
                        await (await line.ping())
            if before == (self.frames, self.lines):
                return

    def forget(self) -> None:
        """Take all that came."""
        for came in self.calls:
            came.taken = True

    async def connected(self, lines: int = 1) -> None:
        """Wait until so many connections were made in all, and the last one is open."""
        await self.until(
            lambda: (self.lines >= lines and self.line is not None) or None,
            lambda: f"the station made {self.lines} connections, not {lines}; attempts: {len(self.attempts)}",
        )

    async def attempted(self, attempts: int) -> Attempt:
        """Wait until so many handshakes came; gives the last of them."""
        await self.until(
            lambda: (len(self.attempts) >= attempts) or None,
            lambda: f"the station tried {len(self.attempts)} times, not {attempts}",
        )
        return self.attempts[attempts - 1]

    async def disconnected(self) -> None:
        """Wait until the station has left."""
        await self.until(lambda: (self.line is None) or None, lambda: "the station kept the connection")


async def _say(line: ServerConnection, frame: list[Any]) -> None:
    """Send a frame, if the station is still there; what it sent before it left is to be read all the same."""
    with contextlib.suppress(ConnectionClosed):
        await line.send(json.dumps(frame))


def _common_name(tls: ssl.SSLObject | None) -> str:
    peer = tls.getpeercert() if tls is not None else None
    if not peer:
        return ""
    return next((str(v) for part in peer.get("subject", ()) for k, v in part if k == "commonName"), "")  # type: ignore[misc]
