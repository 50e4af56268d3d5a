"""One connection of one station: frames in, handlers called, answers out after the commit; calls of ours beside it."""

import asyncio
import hashlib
import logging
from collections import deque
from typing import TYPE_CHECKING

from msgspec import Raw, Struct

from voltherd.domain.errors import StationOffline, StoreUnavailable
from voltherd.domain.events import Received
from voltherd.domain.message import Direction, Frame, InboundMessage, MessageType
from voltherd.gateway.calling import Answer, Calls
from voltherd.gateway.quirks import STANDARD, decode_tolerantly
from voltherd.gateway.routing import Here, Route, evse_no_of
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.frames import Call, Send
from voltherd.ocpp.payload import decode_request, encode, validate
from voltherd.ocpp.rpc import (
    Answered,
    AnswerMemory,
    Inbound,
    LateAnswer,
    PendingCall,
    Refused,
    RepeatedCall,
    RepeatPending,
    Rpc,
)
from voltherd.ocpp.version import OcppVersion, messages
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded, Work
from voltherd.websocket import CloseCode, Connection, Listener

if TYPE_CHECKING:
    from voltherd.gateway.node import Node

log = logging.getLogger("voltherd.gateway")

MAX_BACKLOG = 256
"""Messages a station may send ahead while one of them waits for the store's read side."""
EMPTY = b"{}"
"""An answer that says nothing need not be remembered: a repetition, which changes nothing, gets the same."""
ALLOWED_WHILE_PENDING = frozenset({"BootNotification", "NotifyReport"})
"""What a pending station may send: the boot, and reports that we asked for (OCPP 2.0.1 B02.FR.09). A rejected one may
boot only (B03.FR.07)."""


class Session(Listener):
    """A station's connection. Everything runs on the event loop, in the order of the frames."""

    __slots__ = (
        "_backlog",
        "_busy",
        "_handlers",
        "_kept",
        "_next_call",
        "asked_to_boot",
        "calls",
        "connected_ms",
        "connection",
        "frames",
        "generation",
        "identity",
        "last_frame",
        "node",
        "peer",
        "rpc",
        "security_profile",
        "state",
        "superseded_at",
        "version",
    )

    def __init__(
        self,
        node: "Node",
        identity: str,
        version: OcppVersion,
        *,
        generation: int,
        peer: str,
        security_profile: int,
        memory: AnswerMemory,
    ) -> None:
        self.node = node
        self.identity = identity
        self.version = version
        self.generation = generation
        self.peer = peer
        self.security_profile = security_profile
        self.rpc = Rpc(version, memory=memory)
        self.calls = Calls(self.rpc, identity, self._send_call, node.monotonic)
        self.connection: Connection | None = None
        self.state: StationState | None = None
        self.connected_ms = node.clock_ms()
        self.last_frame = node.monotonic()
        self.superseded_at: float | None = None
        self._next_call = 0.0
        self.asked_to_boot = False
        """Whether it is settled on this connection that the station has told who it is, or was asked to."""
        self._handlers = node.routes[version].handlers
        self._kept = node.kept_notifications[version]
        self.frames: list[Frame] = []
        """Gathered for the message log."""
        self._busy = False
        self._backlog: deque[tuple[Call | Send, bytes]] | None = None

    # -- the socket -----------------------------------------------------------------------------------------------

    def on_open(self, connection: Connection) -> None:
        """The upgrade went through: load what is known of the station; frames wait until it is there."""
        self.connection = connection
        self._busy = True
        self.node.opened(self)

    def loaded(self, state: StationState) -> None:
        """The station's state is in memory: serve what has come meanwhile."""
        self.state = state
        self._serve_backlog()

    def on_message(self, connection: Connection, data: bytes) -> None:
        """A text message came."""
        now = self.last_frame = self.node.monotonic()
        inbound = self.rpc.receive(data, now)
        if isinstance(inbound, Call | Send):
            if self._busy or self._backlog:
                self._wait_in_line(inbound, data)
            else:
                self._serve(inbound, data)
        else:
            self._other(inbound, data, now)

    def on_ping(self, connection: Connection) -> None:
        """A ping is a sign of life."""
        self.last_frame = self.node.monotonic()

    def on_pong(self, connection: Connection) -> None:
        """So is a pong."""
        self.last_frame = self.node.monotonic()

    def on_close(self, connection: Connection, code: int, reason: str, clean: bool) -> None:
        """The connection is gone: calls of ours end with it; what was handed to the store is stored all the same."""
        self.calls.close()
        self.connection = None
        self.node.closed(self, code, reason)

    def close(self, code: int, reason: str) -> None:
        """Close the connection from our side."""
        if self.connection is not None:
            self.connection.close(code, reason)

    def _send(self, frame: bytes, message_type: MessageType, message_id: str, action: str) -> None:
        if self.connection is not None and self.connection.send_text(frame):
            self._log("out", message_type, message_id, action, frame)

    def _log(self, direction: Direction, message_type: MessageType, message_id: str, action: str, frame: bytes) -> None:
        self.node.message_log.add(self, direction, message_type, message_id, action, frame)

    # -- calls of the station -------------------------------------------------------------------------------------

    def _wait_in_line(self, call: Call | Send, data: bytes) -> None:
        backlog = self._backlog
        if backlog is None:
            backlog = self._backlog = deque()
        if len(backlog) >= MAX_BACKLOG:
            self.close(CloseCode.POLICY_VIOLATION, "too many messages ahead of their answers")
            return
        backlog.append((call, data))

    def _serve_backlog(self) -> None:
        self._busy = False
        backlog = self._backlog
        while backlog and not self._busy:
            self._serve(*backlog.popleft())
        if not backlog:
            self._backlog = None

    def _serve(self, call: Call | Send, data: bytes, *, again: bool = False) -> None:
        state = self.state
        assert state is not None
        node = self.node
        keep = call.action in self._kept
        if not keep and not again:
            self._log("in", "call" if isinstance(call, Call) else "send", call.message_id, call.action, data)
        node.counters.messages_in += 1
        station = state.station
        work = Work(node.clock_ms(), station.tenant_id, station.identity)
        try:
            route = self._route(call.action)
            if station.registration != "accepted" and not self._may_send(state, call.action):
                raise OcppError(ErrorCode.SECURITY_ERROR, f"The station is {station.registration}, not accepted yet.")
            reply = self._stored_reply(state, call)
            if reply is not None:
                node.counters.repeated += 1
                self._answer(call, reply)
                return
            request = self._decode(call, state, work)
            response = route.handler(Here(node.services, state, work, self.version), request)
            payload = EMPTY if response is None else encode(response)  # type: ignore[arg-type]
            if node.check_answers and response is not None:
                self._check(call.action, payload)
        except NotLoaded as gap:
            self._serve_later(gap, call, data)
            return
        except OcppError as error:
            self._refuse(call, error)
            return
        except Exception as error:  # a fault of one message ends that message only (trap 47)
            node.handler_failed(self, call.action, error)
            self._refuse(call, OcppError(ErrorCode.INTERNAL_ERROR, "The message could not be processed."))
            return
        if keep:
            work.put(node.message_log.keep(self, call.message_id, call.action, data))
        if state.open_commands:
            observe(state, work, Received(call.action, evse_no_of(request)))
        self._finish(call, route, state, work, payload)

    def _check(self, action: str, payload: bytes) -> None:
        try:
            validate(self.version, action, payload, response=True)
        except OcppError as error:
            raise RuntimeError(f"our own answer breaks the schema: {error}: {payload!r}") from None

    def _route(self, action: str) -> Route:
        route = self._handlers.get(action)
        if route is not None:
            return route
        spec = messages(self.version).get(action)
        if spec is None:
            raise OcppError(ErrorCode.NOT_IMPLEMENTED, f"{action} is no action of OCPP {self.version}.")
        words = "is sent by the CSMS only" if spec.sender == "csms" else "is not supported by this CSMS"
        raise OcppError(ErrorCode.NOT_SUPPORTED, f"{action} {words}.")

    @staticmethod
    def _may_send(state: StationState, action: str) -> bool:
        if state.station.registration == "rejected":
            return action == "BootNotification"
        return action in ALLOWED_WHILE_PENDING or action in state.triggered

    @staticmethod
    def _stored_reply(state: StationState, call: Call | Send) -> bytes | None:
        """The payload that answered this message before a restart of ours (trap 20)."""
        known = state.replies.get(call.message_id) if state.replies else None
        return known.reply if known is not None and known.payload_hash == _hash(call.payload) else None

    def _decode(self, call: Call | Send, state: StationState, work: Work) -> Struct:
        try:
            return decode_request(self.version, call.action, call.payload)
        except OcppError as error:
            tolerated = state.tolerated or STANDARD
            request, deviations = decode_tolerantly(self.version, call.action, call.payload, error, tolerated)
        station = state.station
        fresh = dict.fromkeys(item.flag for item in deviations if item.flag not in station.flags)
        if fresh:
            station.flags = (*station.flags, *fresh)
            work.put(station)
        return request

    def _serve_later(self, gap: NotLoaded, call: Call | Send, data: bytes) -> None:
        self._busy = True
        self.node.spawn(self._load_and_serve(gap, call, data))

    async def _load_and_serve(self, gap: NotLoaded, call: Call | Send, data: bytes) -> None:
        try:
            if not await self._loaded_gap(gap):
                return
        except Exception as error:  # what it needed cannot be read: this message only
            self.node.handler_failed(self, call.action, error)
            self._refuse(call, OcppError(ErrorCode.INTERNAL_ERROR, "The records could not be read."))
            return
        self._busy = False
        self._serve(call, data, again=True)
        if not self._busy:
            self._serve_backlog()

    async def _loaded_gap(self, gap: NotLoaded) -> bool:
        """Load what is missing, however long the store is gone; False: the station has left meanwhile (trap 45)."""
        delay_s = 0.05
        while True:
            try:
                await gap.load()
            except StoreUnavailable:
                if self.connection is None:
                    return False
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, 2.0)
            else:
                return True

    def reloading(self) -> None:
        """What is in memory may be wrong: messages wait until it was read anew."""
        self._busy = True

    def _refuse(self, call: Call | Send, error: OcppError) -> None:
        self.node.counters.refused += 1
        if isinstance(call, Call):
            self._send(self.rpc.answer_error(call.message_id, error), "error", call.message_id, call.action)
            self._send_owed(call)

    def _finish(self, call: Call | Send, route: Route, state: StationState, work: Work, payload: bytes) -> None:
        """Answer now what changes nothing; hand everything else to the store, and answer after the commit."""
        if not work.records:
            self._answer(call, payload)
            if work.follow_ups:
                self.node.learning.follow_up(work)
            return
        if route.remember and payload != EMPTY and isinstance(call, Call):
            work.put(self._remembered(state, call, payload, work.now_ms))

        def done(error: BaseException | None) -> None:
            if error is None:
                self._answer(call, payload)
                self.node.published(work)
                if work.follow_ups:
                    self.node.learning.follow_up(work)
            else:
                self.node.commit_failed(self, call.action, error)
                self._refuse(call, OcppError(ErrorCode.INTERNAL_ERROR, "The message could not be stored."))

        self.node.commit(work, done)

    def _remembered(self, state: StationState, call: Call, payload: bytes, now_ms: int) -> InboundMessage:
        return InboundMessage(
            tenant_id=state.station.tenant_id,
            station_id=state.station.id,
            message_id=str(call.message_id),
            payload_hash=_hash(call.payload),
            reply=payload,
            at_ms=now_ms,
        )

    def _answer(self, call: Call | Send, payload: bytes) -> None:
        if isinstance(call, Call):
            self._send(self.rpc.answer(call.message_id, payload), "result", call.message_id, call.action)
            self._send_owed(call)

    def _send_owed(self, call: Call) -> None:
        while self.rpc.owed:
            self._send(self.rpc.owed.pop(0), "result", call.message_id, call.action)

    # -- everything else that may come ----------------------------------------------------------------------------

    def _other(self, inbound: Inbound, data: bytes, now: float) -> None:
        match inbound:
            case Answered(call, payload, error):
                self._log("in", "result" if error is None else "error", call.message_id, call.action, data)
                self.calls.answered(call, payload, error)
                self.calls.pump(now)
            case LateAnswer(call, payload, error):
                self._log("in", "result" if error is None else "error", call.message_id, call.action, data)
                if payload is not None:
                    self.node.learning.learn_late(self, call, payload)
                self.calls.pump(now)
            case RepeatPending(message_id):
                self._log("in", "call", message_id, "", data)
                self.node.counters.repeated += 1
            case RepeatedCall(message_id, answer):
                self._log("in", "call", message_id, "", data)
                self.node.counters.repeated += 1
                self._send(answer, "result", message_id, "")
            case Refused(reply, error):
                self._log("in", "invalid", "", "", data)
                self.node.counters.refused += 1
                if reply is not None:
                    self._send(reply, "error", "", "")
                self.calls.pump(now)
            case _:
                self._log("in", "invalid", getattr(inbound, "message_id", ""), type(inbound).__name__, data)
                self.calls.pump(now)

    # -- calls of ours --------------------------------------------------------------------------------------------

    async def call(self, action: str, payload: bytes, timeout_s: float) -> Answer:
        """Send a request and wait for its answer. Raises StationOffline, CallRefused, AnswerInvalid, NoAnswer."""
        if self.connection is None or not self.connection.is_open:
            raise StationOffline(f"Station {self.identity} is not connected; nothing was sent.")
        pause_s = self.state.quirks.pause_between_calls_s if self.state is not None else None
        if pause_s:
            now = self.node.monotonic()
            self._next_call = max(now, self._next_call) + pause_s
            await asyncio.sleep(self._next_call - now)
        return await self.calls.call(action, payload, timeout_s)

    def refuse_result(self, message_id: str, action: str, error: OcppError) -> None:
        """Tell the station that its result cannot be read, where the version can (2.1 part 4, CALLRESULTERROR)."""
        frame = self.rpc.refuse_result(message_id, error)
        if frame is not None:
            self._send(frame, "error", message_id, action)

    def _send_call(self, frame: bytes, call: PendingCall) -> None:
        self.node.counters.messages_out += 1
        self._send(frame, "call", call.message_id, call.action)


def _hash(payload: Raw) -> bytes:
    return hashlib.blake2b(payload, digest_size=16).digest()
