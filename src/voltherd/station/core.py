"""A charging station without I/O: the line, what is said on it, and the functions that make up the station.

Its owner feeds it the frames that arrive and the time, and sends what `take_output` gives. Between two
inputs nothing happens before `next_wakeup`. What the station does is in its functions (`catalogue.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, Literal, Protocol

from msgspec import Struct

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.frames import Call
from voltherd.ocpp.payload import decode_request, decode_response, encode
from voltherd.ocpp.rpc import Answered, Expired, Refused, RepeatedCall, Rpc
from voltherd.ocpp.version import OcppVersion
from voltherd.station import transaction_answers
from voltherd.station.catalogue import FUNCTIONS, TABLE, Functions
from voltherd.station.clock import Clock
from voltherd.station.config import StationConfig
from voltherd.station.dialect import Dialect
from voltherd.station.evse import Evse
from voltherd.station.function import Function
from voltherd.station.hardware import EvseHardware
from voltherd.station.jobs import Job
from voltherd.station.network_profile import Target
from voltherd.station.observer import Observer
from voltherd.station.outbox import NO_ANSWER, OnAnswer, Outbox, Outgoing
from voltherd.station.settings import Settings
from voltherd.station.storage import MemoryStorage, Storage
from voltherd.station.timers import Timers
from voltherd.station.tls import Failure
from voltherd.station.transaction import Transactions
from voltherd.station.v2.dialect import V2
from voltherd.station.v16.dialect import V16

log = logging.getLogger("voltherd.station")

Registration = Literal["None", "Accepted", "Pending", "Rejected"]

OFFLINE: Final = OcppError(ErrorCode.GENERIC_ERROR, "The station is offline")
LINE_LOST: Final = OcppError(ErrorCode.GENERIC_ERROR, "The connection is gone")


MOST_QUEUED: Final = 500
"""Messages that wait for the line, above which passing ones are not added to them (QueueAllMessages)."""


class Override(Protocol):
    """Somebody who answers or changes messages in the station's place: a scenario, a fault."""

    def serve(self, action: str, payload: bytes) -> bytes | OcppError | None:
        """The answer to a request of the CSMS; None lets the station answer."""

    def said(self, action: str, payload: bytes) -> bytes | None:
        """The payload of a message of the station as it is to be sent; None leaves it as it is."""


class StationCore(Functions):
    """One station. All `now` are seconds of its `clock`.

    Attributes:
        evses: by EVSE id, from 1.
        registration: what the CSMS last said to a BootNotification.
        must_leave: the connection is to be closed and the station restarted.
        must_reconnect: the connection is to be closed and made anew, without a restart.
        request_bytes: the size of the request in hand.
        spoke_at: when the station last sent a frame.
    """

    def __init__(
        self,
        config: StationConfig,
        hardware: Mapping[int, EvseHardware],
        *,
        clock: Clock | None = None,
        storage: Storage | None = None,
        observer: Observer | None = None,
        random: Random | None = None,
    ) -> None:
        self.config = config
        self.version = config.version
        self.is_v21 = config.version is OcppVersion.V21
        self.clock = clock or Clock()
        self.storage: Storage = storage or MemoryStorage()
        self.observer = observer or Observer()
        self.random = random or Random()
        self.timers = Timers()
        self.settings = Settings(TABLE, self.storage, config.settings, is_v21=self.is_v21)
        self.settings.on_change = self._setting_changed
        self.settings.objection = self._objection
        self.evses = {n: Evse(n, one, hardware[n]) for n, one in enumerate(config.evses, 1)}
        self.transactions = Transactions(self.storage)
        self.outbox = Outbox(config.version, self.storage, self.transactions)
        self.dialect: Dialect = V16 if config.version is OcppVersion.V16 else V2
        self.registration: Registration = "None"
        self.must_leave = False
        self.must_reconnect = False
        self.override: Override | None = None
        self.request_bytes = 0
        self.spoke_at = 0.0
        self.now = self.clock.now()
        self._rpc: Rpc | None = None
        self._open: Outgoing | None = None
        self._output: list[bytes] = []
        self._after: list[Callable[[], None]] = []
        self._jobs: list[Job] = []
        self.functions: tuple[Function, ...] = tuple(self._make(name, kind) for name, kind in FUNCTIONS.items())
        for function in self.functions:
            function.restore()

    def _make(self, name: str, kind: type[Function]) -> Function:
        function = kind(self)
        setattr(self, name, function)
        return function

    # The line --------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open."""
        return self._rpc is not None

    @property
    def is_online(self) -> bool:
        """Whether the CSMS has taken the station on and can be reached."""
        return self._rpc is not None and self.registration == "Accepted"

    @property
    def awaits_answer(self) -> bool:
        """Whether a call of the station is on its way, or waits for its turn."""
        rpc = self._rpc
        return rpc is not None and (rpc.outbound_open is not None or rpc.outbound_waiting > 0)

    def target(self) -> Target:
        """Where to connect next."""
        return self.network.target()

    def connect_failed(self, failure: Failure, text: str, now: float) -> None:
        """An attempt to connect came to nothing."""
        self.now = now
        self.network.connect_failed(failure, text)

    def connected(self, now: float, peer_certificate: bytes | None = None) -> None:
        """A connection is open; the certificate of the CSMS (DER) comes with TLS."""
        self.now = now
        self.certificates.connected(peer_certificate)
        self.network.connected()
        self.keep_alive.connected()
        self._rpc = Rpc(self.config.version)
        self.must_reconnect = False
        self.observer.on_connected()
        if self.registration == "Accepted" and not self.config.boot_on_reconnect:
            self.tell_accepted()
        else:
            self.provisioning.connected()

    def disconnected(self, now: float, reason: str = "") -> None:
        """The connection is gone; what must not be lost stays in the outbox."""
        self.now = now
        rpc, self._rpc = self._rpc, None
        if rpc is None:
            return
        self.observer.on_disconnected(reason)
        self._output.clear()
        lost = self.outbox.line_is_down()
        if self._open is not None and not self._open.kept:
            lost.insert(0, self._open)
        self._open = None
        for function in self.functions:
            function.disconnected()
        for message in lost:
            if message.on_answer is not None:
                message.on_answer(None, LINE_LOST)

    def take_output(self) -> list[bytes]:
        """The frames to send now."""
        output, self._output = self._output, []
        if output:
            self.spoke_at = self.now
        for data in output:
            self.observer.on_sent(data)
        return output

    def receive(self, data: bytes, now: float) -> None:
        """A text frame came."""
        rpc = self._rpc
        if rpc is None:
            return
        self.now = now
        self.observer.on_received(data)
        event = rpc.receive(data, now)
        if isinstance(event, Call):
            self._serve(rpc, event)
        elif isinstance(event, Answered):
            self._answered(event)
        elif isinstance(event, RepeatedCall):
            self._output.append(event.answer)
        elif isinstance(event, Refused) and event.reply is not None:
            self._output.append(event.reply)
        self.flush()

    # Time ------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Do what is due."""
        self.now = now
        if self._rpc is not None:
            for expired in self._rpc.expire(now):
                self._expired(expired)
        self.timers.advance(now)
        self.flush()

    def next_wakeup(self) -> float | None:
        """When `advance` has something to do, None if nothing is due."""
        times = [self.timers.next_wakeup()]
        if self._rpc is not None:
            times.append(self._rpc.next_deadline())
            if self.is_online and self._open is None:
                times.append(self.outbox.retry_at())
        return min((t for t in times if t is not None), default=None)

    def set_wall(self, text: str) -> None:
        """Follow the time a CSMS told; functions hear of a jump."""
        if self.clock.set_wall(text, self.now):
            for function in self.functions:
                function.clock_changed()

    # Saying ----------------------------------------------------------------------------------

    def say(self, report: Struct, on_answer: OnAnswer | None = None, *, asked_for: bool = False) -> None:
        """Tell the CSMS something passing, if it can be reached; later, where QueueAllMessages is set.

        What it `asked_for` is said even while it has not taken the station on (OCPP 2.0.1 B02).
        """
        if not (self.is_online or (asked_for and self.is_connected)):
            if on_answer is not None:
                on_answer(None, OFFLINE)
            elif self.settings.switch("queue_all") and self.outbox.kept_count < MOST_QUEUED:
                self.queue(report)
            return
        message = self.dialect.render(self, report)
        if message is not None:
            message.on_answer = on_answer
            self.outbox.add(message)
            self.flush()

    def queue(self, report: Struct, on_answer: OnAnswer | None = None) -> None:
        """Tell the CSMS something, now or when it can be reached again; `on_answer` does not survive a restart."""
        message = self.dialect.render(self, report)
        if message is not None:
            message.kept = True
            message.on_answer = on_answer
            self.outbox.add(message)
            self.flush()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something when the answer to the request in hand is on its way."""
        self._after.append(act)

    def trigger(self, report: Struct) -> None:
        """Say what the CSMS asked for, after the answer to its request."""
        self.afterwards(lambda: self.say(report, asked_for=True))

    def flush(self) -> None:
        """Send the next message if none is open; kept ones only when the CSMS has taken the station on."""
        rpc = self._rpc
        if rpc is None or self._open is not None:
            return
        message = self.outbox.next(self.now, kept=self.is_online)
        if message is None:
            return
        payload = self.dialect.payload(self, message)
        if self.override is not None:
            payload = self.override.said(message.action, payload) or payload
        if message.is_send:
            self._output.append(rpc.send(message.action, payload))
            self.flush()
            return
        message.sent_at = self.now
        self._open = message
        timeout_s = self.network.message_timeout_s * self.clock.factor
        frame = rpc.call(message.action, payload, timeout_s=timeout_s, now=self.now)
        assert frame is not None
        self._output.append(frame)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing that must be delivered waits for an answer."""
        return self._open is None and self.outbox.kept_count == 0

    # Work of the owner -----------------------------------------------------------------------

    def ask(self, job: Job) -> None:
        """Have the owner do input or output."""
        self._jobs.append(job)

    def take_jobs(self) -> list[Job]:
        """The input and output to do now; each is ended by `done`."""
        jobs, self._jobs = self._jobs, []
        return jobs

    def done(self, job: Job, outcome: Any, now: float) -> None:
        """A job has ended."""
        self.now = now
        job.done(outcome)
        self.flush()

    # Telling the functions -------------------------------------------------------------------

    def tell_accepted(self) -> None:
        """The CSMS has taken the station on, on this connection."""
        for function in self.functions:
            function.accepted()
        self.flush()

    def tell_restarting(self) -> None:
        """The station restarts."""
        self.registration = "None"
        self.must_leave = False
        for function in self.functions:
            function.restarting()

    def evse_changed(self, evse: Evse) -> None:
        """Something about an EVSE changed."""
        for function in self.functions:
            function.evse_changed(evse)

    def _objection(self, name: str, value: str) -> str | None:
        objections = (function.objects_to(name, value) for function in self.functions)
        return next((objection for objection in objections if objection is not None), None)

    def _setting_changed(self, name: str) -> None:
        for function in self.functions:
            function.setting_changed(name)

    # Inside ----------------------------------------------------------------------------------

    def _serve(self, rpc: Rpc, call: Call) -> None:
        self.observer.on_command(call.action)
        try:
            self._output.append(rpc.answer(call.message_id, self._answer(call)))
        except OcppError as error:
            self._output.append(rpc.answer_error(call.message_id, error))
        except Exception as error:  # a fault of one call ends that call only, and the CSMS is told
            log.error("%s: %s could not be served: %r", self.config.identity, call.action, error, exc_info=True)
            fault = OcppError(ErrorCode.INTERNAL_ERROR, "The station failed to serve the request")
            self._output.append(rpc.answer_error(call.message_id, fault))
        self._output.extend(rpc.owed)
        rpc.owed.clear()
        after, self._after = self._after, []
        for act in after:
            act()

    def _answer(self, call: Call) -> bytes:
        if self.registration == "Rejected":
            raise OcppError(ErrorCode.SECURITY_ERROR, "The station is not registered")
        if self.override is not None:
            answer = self.override.serve(call.action, bytes(call.payload))
            if isinstance(answer, OcppError):
                raise answer
            if answer is not None:
                return answer
        self.request_bytes = len(call.payload)
        request = decode_request(self.config.version, call.action, call.payload)
        return encode(self.dialect.serve(self, call.action, request))

    def _answered(self, event: Answered) -> None:
        message, self._open = self._open, None
        assert message is not None
        answer, error = None, event.error
        if event.payload is not None:
            try:
                response = decode_response(self.config.version, message.action, event.payload)
                answer = self.dialect.read(self, message.action, response)
            except OcppError as unreadable:
                error = unreadable
                self._refuse_result(event, unreadable)
        if error is None:
            self.observer.on_answer(message.action, (self.now - message.sent_at) / self.clock.factor)
        else:
            self.observer.on_call_failed(message.action, str(error))
        self._conclude(message, answer, error)

    def _refuse_result(self, event: Answered, error: OcppError) -> None:
        frame = self._rpc.refuse_result(event.call.message_id, error) if self._rpc is not None else None
        if frame is not None:
            self._output.append(frame)

    def _expired(self, event: Expired) -> None:
        message, self._open = self._open, None
        assert message is not None
        self.observer.on_call_failed(message.action, "no answer")
        self._conclude(message, None, NO_ANSWER)

    def _conclude(self, message: Outgoing, answer: Any, error: OcppError | None) -> None:
        if message.kept:
            if error is not None and not self._gives_up(message, error):
                return
            about = self.transactions.get(message.transaction_id) if error is None else None
            if about is not None:
                transaction_answers.take_number(about, answer)
            self.outbox.done(message)
            if about is not None:
                transaction_answers.take(self, about, answer)
        if message.on_answer is not None:
            message.on_answer(answer, error)
        if self.is_quiet:
            self.reset.quiet()

    def _gives_up(self, message: Outgoing, error: OcppError) -> bool:
        """Whether a message was tried often enough (OCPP 1.6, 4.10; 2.0.1 E13); 1.6 tries unanswered ones for ever."""
        if error is not NO_ANSWER or (self.dialect.family == "2.x" and message.transaction_id is not None):
            if message.transaction_id is None:
                return True
            message.refusals += 1
        message.not_before = self.now + max(message.refusals, 1) * self.settings.number("message_retry_s")
        return message.refusals >= max(self.settings.number("message_attempts"), 1)
