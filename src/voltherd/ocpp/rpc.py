"""The rules of one OCPP-J connection as a state machine without I/O.

The owner feeds it the frames that arrive and the time; it hands back what happened as plain values
and the bytes to send. It never raises for what a peer does, and never reads a clock.

Outbound: one call is open at a time (OCPP 2.1 part 4, 4.1.1), others wait in order, and every call
ends exactly once: answered, expired or closed. Inbound: calls are handed out as they arrive, however
many a station sends ahead, and no direction waits for the other.

A call that repeats an earlier one, byte by byte, gets the first answer and is not handed out again.
The same id on other bytes is a new call: a station that counts its ids from 1 after a restart must not
get yesterday's answers, and losing a call is worse than serving an id twice.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from typing import Final

import msgspec
from msgspec import Struct

from voltherd.ocpp.errors import CallNotPossible, ErrorCode, FrameError, OcppError
from voltherd.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    Send,
    decode_frame,
    encode_call,
    encode_error,
    encode_result,
    encode_send,
)
from voltherd.ocpp.version import OcppVersion

KEPT_ANSWERS: Final = 32
"""How many answers are remembered for repeated calls, per station."""

KEPT_LATE_CALLS: Final = 8
"""How many expired calls are remembered, so that a late answer still finds its call."""

QUEUE_LIMIT: Final = 64
"""How many outbound calls may wait for the open one."""

_PASSING_FAULTS: Final = frozenset({ErrorCode.INTERNAL_ERROR, ErrorCode.GENERIC_ERROR})


class PendingCall(Struct, eq=False, gc=False):
    """A call of ours. `token` is whatever the caller wants back with its end."""

    message_id: str
    action: str
    frame: bytes
    timeout_s: float
    deadline: float
    token: object
    sent: bool = False


class Answered(Struct, frozen=True, gc=False):
    """Our open call ended: with the payload of its result, or with an error."""

    call: PendingCall
    payload: msgspec.Raw | None
    error: OcppError | None = None


class LateAnswer(Struct, frozen=True, gc=False):
    """An answer to a call that had expired; changes nothing, but is worth knowing."""

    call: PendingCall
    payload: msgspec.Raw | None
    error: OcppError | None = None


class UnknownAnswer(Struct, frozen=True, gc=False):
    """An answer to nothing we asked."""

    message_id: str
    error: OcppError | None = None


class ResultRefused(Struct, frozen=True, gc=False):
    """The peer could not process a result of ours (CALLRESULTERROR, 2.1)."""

    message_id: str
    error: OcppError


class RepeatedCall(Struct, frozen=True, gc=False):
    """A call answered before: `answer` is to be sent again."""

    message_id: str
    answer: bytes


class RepeatPending(Struct, frozen=True, gc=False):
    """A repeat of a call still being worked on; `Rpc.owed` will hold its copy of the answer."""

    message_id: str


class Refused(Struct, frozen=True, gc=False):
    """A frame that cannot be served; `reply`, where there is one, is to be sent."""

    reply: bytes | None
    error: OcppError


class Expired(Struct, frozen=True, gc=False):
    """Our call got no answer in time; where `call.sent` is false it never left the queue."""

    call: PendingCall


Inbound = Call | Send | Answered | RepeatedCall | RepeatPending | LateAnswer | UnknownAnswer | ResultRefused | Refused


class AnswerMemory:
    """The last answers given to a station, for calls it repeats.

    Belongs to one connection; hand it to the next one of the same station, after `carry_over`, so that
    a transaction message retried after a reconnect finds the answer it missed.
    """

    __slots__ = ("_answers", "_capacity", "_working")

    def __init__(self, capacity: int = KEPT_ANSWERS) -> None:
        self._capacity = capacity
        self._answers: OrderedDict[str, tuple[int, str, bytes]] = OrderedDict()
        self._working: dict[str, _Working] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def carry_over(self, actions: frozenset[str]) -> None:
        """Prepare for a new connection: forget open work and answers to other actions than these.

        Name actions whose payload tells one event from the next by its content (a time stamp, a
        sequence number). A Heartbeat or a BootNotification must not be among them: after a restart
        with the same id it would get an old clock.
        """
        self._working.clear()
        for message_id in [i for i, entry in self._answers.items() if entry[1] not in actions]:
            del self._answers[message_id]

    def _begin(self, call: Call, digest: int) -> RepeatedCall | RepeatPending | None:
        """None for a new call, which is now being worked on; else what its repeat gets."""
        message_id = call.message_id
        known = self._answers.get(message_id)
        if known is not None and known[0] == digest:
            self._answers.move_to_end(message_id)
            return RepeatedCall(message_id, known[2])
        working = self._working.get(message_id)
        if working is None:
            self._working[message_id] = _Working(digest, call.action)
            return None
        if working.digest == digest:
            working.repeats += 1
            return RepeatPending(message_id)
        working.clashes += 1
        return None

    def _end(self, message_id: str, answer: bytes, *, keep: bool) -> int:
        """How many more copies of the answer are owed to repeats."""
        working = self._working.get(message_id)
        if working is None:
            return 0
        if working.clashes:  # two different calls under one id: no telling whose answer this is
            working.clashes -= 1
            working.ambiguous = True
            return 0
        del self._working[message_id]
        if keep and not working.ambiguous:
            self._answers[message_id] = (working.digest, working.action, answer)
            self._answers.move_to_end(message_id)
            if len(self._answers) > self._capacity:
                self._answers.popitem(last=False)
        return working.repeats


class _Working(Struct, eq=False, gc=False):
    digest: int
    action: str
    repeats: int = 0
    clashes: int = 0
    ambiguous: bool = False


class Rpc:
    """One connection. `now` is always seconds of one monotonic clock.

    Attributes:
        version: the negotiated version.
        owed: copies of answers that repeats wait for; send and clear them after `answer*`.
        memory: the answers given so far, to hand to the station's next connection.
    """

    __slots__ = ("_closed", "_counter", "_expired", "_open", "_prefix", "_queue", "memory", "owed", "version")

    def __init__(
        self, version: OcppVersion, *, memory: AnswerMemory | None = None, id_prefix: str | None = None
    ) -> None:
        self.version = version
        self.memory = memory if memory is not None else AnswerMemory()
        self.owed: list[bytes] = []
        self._prefix = id_prefix if id_prefix is not None else secrets.token_hex(8)
        self._counter = 0
        self._open: PendingCall | None = None
        self._queue: deque[PendingCall] = deque()
        self._expired: OrderedDict[str, PendingCall] = OrderedDict()
        self._closed = False

    # Inbound ---------------------------------------------------------------------------------

    def receive(self, data: bytes | str, now: float) -> Inbound:
        """Take in one text frame and say what it is. A `Call` is to be answered, exactly once."""
        try:
            frame = decode_frame(data)
        except FrameError as error:
            return self._unreadable(error)
        if isinstance(frame, Call):
            return self.memory._begin(frame, hash(data)) or frame
        return self._receive_other(frame)

    def answer(self, message_id: str, payload: bytes) -> bytes:
        """The CALLRESULT to send for a call; look at `owed` afterwards."""
        frame = encode_result(message_id, payload)
        copies = self.memory._end(message_id, frame, keep=True)
        if copies:
            self.owed.extend([frame] * copies)
        return frame

    def answer_error(self, message_id: str, error: OcppError) -> bytes:
        """The CALLERROR to send for a call. A passing fault is not remembered: a repeat may fare better."""
        frame = encode_error(message_id, error, self.version)
        copies = self.memory._end(message_id, frame, keep=error.code not in _PASSING_FAULTS)
        if copies:
            self.owed.extend([frame] * copies)
        return frame

    def refuse_result(self, message_id: str, error: OcppError) -> bytes | None:
        """The CALLRESULTERROR for a result we cannot process; None where the version has none."""
        if self.version is not OcppVersion.V21:
            return None
        return encode_error(message_id, error, self.version, message_type=5)

    @property
    def inbound_open(self) -> int:
        """How many calls of the peer are being worked on."""
        return len(self.memory._working)

    # Outbound --------------------------------------------------------------------------------

    def call(self, action: str, payload: bytes, *, timeout_s: float, now: float, token: object = None) -> bytes | None:
        """Start a call: the frame to send now, or None where it waits for the open one.

        `timeout_s` limits the waiting in the queue and, from the sending on, the waiting for the answer.

        Raises:
            CallNotPossible: the connection is closed or the queue is full.
        """
        if self._closed:
            raise CallNotPossible("The connection is closed")
        if len(self._queue) >= QUEUE_LIMIT:
            raise CallNotPossible(f"{QUEUE_LIMIT} calls are waiting already")
        message_id = self._next_id()
        frame = encode_call(message_id, action, payload)
        self._queue.append(PendingCall(message_id, action, frame, timeout_s, now + timeout_s, token))
        return self.poll(now)

    def send(self, action: str, payload: bytes) -> bytes:
        """A SEND frame, which waits for nothing (2.1).

        Raises:
            CallNotPossible: the connection is closed or its version knows no SEND.
        """
        if self._closed or self.version is not OcppVersion.V21:
            raise CallNotPossible("The connection is closed or its version knows no SEND")
        return encode_send(self._next_id(), action, payload)

    def poll(self, now: float) -> bytes | None:
        """The next frame to send, if a call waits and none is open. Ask after every end of a call."""
        if self._open is not None or not self._queue:
            return None
        call = self._queue.popleft()
        call.sent = True
        call.deadline = now + call.timeout_s
        self._open = call
        return call.frame

    def next_deadline(self) -> float | None:
        """When `expire` has something to do, None while no call is under way."""
        deadlines = [call.deadline for call in self._queue]
        if self._open is not None:
            deadlines.append(self._open.deadline)
        return min(deadlines, default=None)

    def expire(self, now: float) -> list[Expired]:
        """End the calls whose time is over; `poll` afterwards."""
        ended: list[Expired] = []
        if self._open is not None and self._open.deadline <= now:
            ended.append(Expired(self._open))
            self._remember_expired(self._open)
            self._open = None
        late = [call for call in self._queue if call.deadline <= now]
        if late:
            self._queue = deque(call for call in self._queue if call.deadline > now)
            ended.extend(Expired(call) for call in late)
        return ended

    @property
    def outbound_open(self) -> PendingCall | None:
        """Our call that waits for its answer."""
        return self._open

    @property
    def outbound_waiting(self) -> int:
        """How many of our calls wait for the open one."""
        return len(self._queue)

    def close(self) -> list[PendingCall]:
        """The connection is gone: all calls of ours that end with it, the open one first."""
        ended = [self._open] if self._open is not None else []
        ended.extend(self._queue)
        self._closed = True
        self._open = None
        self._queue.clear()
        return ended

    # Inside ----------------------------------------------------------------------------------

    def _next_id(self) -> str:
        self._counter += 1
        return f"{self._prefix}-{self._counter}"

    def _remember_expired(self, call: PendingCall) -> None:
        self._expired[call.message_id] = call
        if len(self._expired) > KEPT_LATE_CALLS:
            self._expired.popitem(last=False)

    def _receive_other(self, frame: Frame) -> Inbound:
        if isinstance(frame, CallResult):
            return self._end_call(frame.message_id, frame.payload, None)
        if isinstance(frame, CallError):
            return self._end_call(frame.message_id, None, frame.to_error())
        if self.version is not OcppVersion.V21:
            kind = 5 if isinstance(frame, CallResultError) else 6
            return self._unreadable(
                FrameError(
                    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED,
                    f"OCPP {self.version} has no message type {kind}",
                    message_id=frame.message_id,
                    message_type=kind,
                )
            )
        if isinstance(frame, CallResultError):
            return ResultRefused(frame.message_id, frame.to_error())
        assert isinstance(frame, Send)
        return frame

    def _end_call(
        self, message_id: str, payload: msgspec.Raw | None, error: OcppError | None
    ) -> Answered | LateAnswer | UnknownAnswer:
        call = self._open
        if call is not None and call.message_id == message_id:
            self._open = None
            return Answered(call, payload, error)
        late = self._expired.pop(message_id, None)
        if late is not None:
            return LateAnswer(late, payload, error)
        return UnknownAnswer(message_id, error)

    def _unreadable(self, error: FrameError) -> Inbound:
        """What to do about a frame that is none.

        Broken answers end the call they name and get no reply, so that two peers never answer each
        other's errors for ever. Empty frames, which some stations send to keep the line alive, get none
        either, nor in 1.6 do unknown message types (OCPP-J 1.6, 4.1.3).
        """
        kind = error.message_type
        if kind in (3, 4, 5):
            answered = self._end_call(error.message_id, None, error)
            return Refused(None, error) if isinstance(answered, UnknownAnswer) else answered
        unknown_type = error.code is ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED
        silent = kind == 6 or (unknown_type and self.version is OcppVersion.V16) or error.is_empty
        reply = None if silent else encode_error(error.message_id, error, self.version)
        return Refused(reply, error)
