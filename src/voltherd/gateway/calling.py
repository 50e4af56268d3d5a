"""Calls of ours on one connection: one is open at a time, others queue, each ends exactly once (interop trap 40)."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

from msgspec import Raw

from voltherd.domain.errors import AnswerInvalid, CallRefused, NoAnswer
from voltherd.ocpp.errors import CallNotPossible, ErrorCode, FrameError, OcppError, spelled
from voltherd.ocpp.rpc import Expired, PendingCall, Rpc

Answer = tuple[str, Raw]
"""Message id and payload."""
FOR_COMMAND: ContextVar[int] = ContextVar("FOR_COMMAND", default=0)
"""The command that is being carried out, by its id; 0 for none."""


class Calls:
    """Sends calls through the RPC machine and gives their answers to whoever waits."""

    __slots__ = ("_deadline", "_identity", "_monotonic", "_rpc", "_send")

    def __init__(
        self, rpc: Rpc, identity: str, send: Callable[[bytes, PendingCall], None], monotonic: Callable[[], float]
    ) -> None:
        self._rpc = rpc
        self._identity = identity
        self._send = send
        self._monotonic = monotonic
        self._deadline: asyncio.TimerHandle | None = None

    async def call(self, action: str, payload: bytes, timeout_s: float) -> Answer:
        """Send a request when no other is open and wait for its answer. Raises CallRefused, AnswerInvalid, NoAnswer."""
        waiting = _Waiting(asyncio.get_running_loop().create_future())
        now = self._monotonic()
        try:
            frame = self._rpc.call(action, payload, timeout_s=timeout_s, now=now, token=waiting)
        except CallNotPossible as error:
            raise NoAnswer(f"Station {self._identity}: {error}.") from None
        if frame is not None:
            self._sent(frame)
        self._arm(now)
        return await waiting.answer

    def answered(self, call: PendingCall, payload: Raw | None, error: OcppError | None) -> None:
        """Our open call was answered; the next one may go."""
        if payload is not None:
            _of(call).succeed(payload)
        else:
            _of(call).fail(self._refusal(call, error or OcppError(ErrorCode.GENERIC_ERROR)))

    def _refusal(self, call: PendingCall, error: OcppError) -> Exception:
        if isinstance(error, FrameError):
            return AnswerInvalid(f"The station's answer to {call.action} is no answer: {error.description}.")
        code = spelled(error.code, self._rpc.version)
        words = error.description or "no description"
        return CallRefused(f"The station answered {code}: {words}", code, error.details)

    def pump(self, now: float) -> None:
        """Send the next call if none is open."""
        frame = self._rpc.poll(now)
        if frame is not None:
            self._sent(frame)
        self._arm(now)

    def close(self) -> None:
        """The connection is gone, and all calls end with it."""
        for call in self._rpc.close():
            _of(call).fail(NoAnswer(f"The connection of {self._identity} ended before it answered."))
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _sent(self, frame: bytes) -> None:
        call = self._rpc.outbound_open
        assert call is not None
        _of(call).message_id = call.message_id
        self._send(frame, call)

    def _arm(self, now: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        deadline = self._rpc.next_deadline()
        if deadline is not None:
            delay_s = max(0.0, deadline - now) + 0.001
            self._deadline = asyncio.get_running_loop().call_later(delay_s, self._expire)

    def _expire(self) -> None:
        now = self._monotonic()
        for expired in self._rpc.expire(now):
            _of(expired.call).fail(self._too_late(expired))
        self.pump(now)

    def _too_late(self, expired: Expired) -> NoAnswer:
        call = expired.call
        what = "did not answer" if call.sent else "was still busy with an earlier call; nothing was sent"
        return NoAnswer(f"Station {self._identity} {what} within {call.timeout_s:g} s ({call.action}).")


class _Waiting:
    """Who waits for an answer, for which command, and the id that the call got."""

    __slots__ = ("answer", "command_id", "message_id")

    def __init__(self, answer: "asyncio.Future[Answer]") -> None:
        self.answer = answer
        self.command_id = FOR_COMMAND.get()
        self.message_id = ""

    def succeed(self, payload: Raw) -> None:
        if not self.answer.done():
            self.answer.set_result((self.message_id, payload))

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def command_of(call: PendingCall) -> int:
    """Give the id of the command that a call was for, 0 for none."""
    return _of(call).command_id


def _of(call: PendingCall) -> _Waiting:
    assert isinstance(call.token, _Waiting)
    return call.token
