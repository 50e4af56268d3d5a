"""A charging station without I/O: registration, the line, timers. Charging is in `charging`.

Its owner feeds it the frames that arrive and the time, and sends what `take_output` gives. Between two
inputs nothing happens before `next_wakeup`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random
from typing import Any, Final, Literal

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.frames import Call
from voltherd.ocpp.payload import decode_request, decode_response, encode
from voltherd.ocpp.rpc import Answered, Expired, Refused, RepeatedCall, Rpc
from voltherd.ocpp.version import OcppVersion
from voltherd.station.charging import Charging
from voltherd.station.clock import Clock
from voltherd.station.config import StationConfig
from voltherd.station.dialect import BootReason, Dialect
from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.journal import Journal, MemoryJournal
from voltherd.station.meter import Meter
from voltherd.station.observer import Observer
from voltherd.station.outbox import Outbox, Outgoing
from voltherd.station.settings import Settings

log = logging.getLogger("voltherd.station")

Registration = Literal["None", "Accepted", "Pending", "Rejected"]

SOFT_RESET_PATIENCE_S: Final = 15.0
"""How long a graceful reset waits for its last messages to be delivered."""

HARD_RESET_DELAY_S: Final = 0.3
"""How long an immediate reset leaves its answer on the line before the socket goes."""

BOOT_RETRY_S: Final = 30.0
"""Wait before the next BootNotification where the CSMS gave none."""

_NO_ANSWER: Final = OcppError(ErrorCode.GENERIC_ERROR, "No answer in time")


class StationCore:
    """One station. All `now` are seconds of its `clock`.

    Attributes:
        evses: by EVSE id, from 1.
        registration: what the CSMS last said to a BootNotification.
        must_leave: the connection is to be closed and the station restarted.
    """

    def __init__(
        self,
        config: StationConfig,
        *,
        clock: Clock | None = None,
        journal: Journal | None = None,
        observer: Observer | None = None,
        random: Random | None = None,
    ) -> None:
        self.config = config
        self.clock = clock or Clock()
        self.observer = observer or Observer()
        self.random = random or Random()
        self.settings = Settings(config.settings)
        self.settings.on_change = self._setting_changed
        self.password = config.password
        self.evses = {n: self._evse(n) for n in range(1, len(config.evses) + 1)}
        self.settings.fix("connectors", str(sum(len(evse.connector_ids) for evse in self.evses.values())))
        self.outbox = Outbox(config.version, journal or MemoryJournal())
        self.dialect: Dialect = _dialect(self)
        self.charging = Charging(self)
        self.registration: Registration = "None"
        self.must_leave = False
        self.station_operative = True
        self.now = 0.0
        self._rpc: Rpc | None = None
        self._open: Outgoing | None = None
        self._output: list[bytes] = []
        self._after: list[Callable[[], None]] = []
        self._boot_at: float | None = None
        self._boot_reason: BootReason = "PowerUp"
        self._heartbeat_at: float | None = None
        self._leave_by: float | None = None
        self._reset_when_idle = False
        self.charging.restore(self.outbox.restore())

    # The line --------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open."""
        return self._rpc is not None

    @property
    def is_online(self) -> bool:
        """Whether the CSMS has taken the station on and can be reached."""
        return self._rpc is not None and self.registration == "Accepted"

    def connected(self, now: float) -> None:
        """A connection is open."""
        self.now = now
        self._rpc = Rpc(self.config.version)
        self.observer.on_connected()
        if self.registration == "Accepted" and not self.config.boot_on_reconnect:
            self._take_up(now)
        else:
            self._boot(now)

    def disconnected(self, now: float, reason: str = "") -> None:
        """The connection is gone; what must not be lost stays in the outbox."""
        self.now = now
        rpc, self._rpc = self._rpc, None
        if rpc is None:
            return
        self.observer.on_disconnected(reason)
        self._output.clear()
        self._heartbeat_at = self._boot_at = None
        lost = self.outbox.line_is_down()
        if self._open is not None and self._open.transaction is None:
            lost.insert(0, self._open)
        self._open = None
        for message in lost:
            if message.on_answer is not None:
                message.on_answer(None, OcppError(ErrorCode.GENERIC_ERROR, "The connection is gone"))

    def restarted(self, now: float, reason: BootReason = "RemoteReset") -> None:
        """The station has restarted; it will boot when it connects."""
        self.now = now
        self.registration = "None"
        self.must_leave = False
        self._leave_by = None
        self._boot_reason = reason
        for evse in self.evses.values():
            evse.told.clear()

    def take_output(self) -> list[bytes]:
        """The frames to send now."""
        self._advance_reset(self.now)
        output, self._output = self._output, []
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
        self._flush()

    # Time ------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Do what is due."""
        self.now = now
        if self._rpc is not None:
            for expired in self._rpc.expire(now):
                self._expired(expired)
        if self._boot_at is not None and now >= self._boot_at:
            self._boot(now)
        if self._heartbeat_at is not None and now >= self._heartbeat_at:
            self._heartbeat_at = now + max(self.settings.number("heartbeat_interval_s"), 1)
            self.outbox.say(self.dialect.heartbeat())
        self.charging.advance(now)
        self._flush()

    def next_wakeup(self) -> float | None:
        """When `advance` has something to do, None if nothing is due."""
        times = [self._boot_at, self._heartbeat_at, self._leave_by, self.charging.next_wakeup()]
        if self._rpc is not None:
            times.append(self._rpc.next_deadline())
            if self.is_online and self._open is None:
                times.append(self.outbox.retry_at())
        return min((t for t in times if t is not None), default=None)

    # Saying ----------------------------------------------------------------------------------

    def say(self, message: Outgoing) -> None:
        """Send a passing message, if the CSMS can be reached."""
        if self.is_online:
            self.outbox.say(message)
            self._flush()
        elif message.on_answer is not None:
            message.on_answer(None, OcppError(ErrorCode.GENERIC_ERROR, "The station is offline"))

    def keep(self, message: Outgoing | None) -> None:
        """Send a message about a transaction, now or when the CSMS can be reached again."""
        if message is not None:
            self.outbox.keep(message)
            self._flush()

    def tell_status(self, *, all_of_it: bool = False) -> None:
        """Report the connectors whose status changed (OCPP 1.6, 4.9; OCPP 2.0.1 G01)."""
        if not self.is_online:
            return
        if all_of_it:
            station = self.dialect.station_status()
            if station is not None:
                self.say(station)
        for evse in self.evses.values():
            for connector_id in evse.connector_ids:
                state = evse.state(connector_id)
                told = evse.told.get(connector_id)
                if all_of_it or told is None or self._word(told) != self._word(state):
                    evse.told[connector_id] = state
                    self.say(self.dialect.status(evse, connector_id))

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something when the answer to the request in hand is on its way."""
        self._after.append(act)

    def trigger(self, message: Outgoing) -> None:
        """Send a message the CSMS asked for, even while it has not taken the station on."""

        def send() -> None:
            self.outbox.say(message)
            self._flush()

        self.afterwards(send)

    def reboot_message(self) -> Outgoing:
        """A BootNotification that was asked for."""
        message = self.dialect.boot("Triggered")
        message.on_answer = self._booted
        return message

    # Resets ----------------------------------------------------------------------------------

    def reset(self, *, graceful: bool) -> None:
        """Restart: at once, or after the last messages are delivered."""

        def leave() -> None:
            self.charging.stop_all("Reset" if graceful else "ImmediateReset", "ResetCommand")
            self._leave_by = self.now + (SOFT_RESET_PATIENCE_S if graceful else HARD_RESET_DELAY_S)

        self.afterwards(leave)

    def reset_when_idle(self) -> None:
        """Restart as soon as no transaction goes on (OCPP 2.0.1 B12)."""
        self._reset_when_idle = True

    def _advance_reset(self, now: float) -> None:
        if self._reset_when_idle and not self.charging.is_busy:
            self._reset_when_idle = False
            self._leave_by = now + SOFT_RESET_PATIENCE_S
        if self._leave_by is None:
            return
        if now >= self._leave_by or (self.outbox.kept_count == 0 and self._open is None):
            self._leave_by = None
            self.must_leave = True

    # Inside ----------------------------------------------------------------------------------

    def _evse(self, number: int) -> Evse:
        config = self.config.evses[number - 1]
        return Evse(number, config, Meter(config, random=Random(self.random.random())))

    def _word(self, state: ConnectorState) -> str:
        return self.dialect.status_word(state)

    def _setting_changed(self, name: str) -> None:
        if name == "heartbeat_interval_s" and self._heartbeat_at is not None:
            self._heartbeat_at = self.now + max(self.settings.number(name), 1)
        elif name == "meter_interval_s":
            self.charging.restart_sampling(self.now)
        elif name == "password":
            self.password = self.settings.text(name)

    def _boot(self, now: float) -> None:
        self._boot_at = now + BOOT_RETRY_S + self.config.call_timeout_s * self.clock.factor
        message = self.dialect.boot(self._boot_reason)
        message.on_answer = self._booted
        self.outbox.say(message)
        self._flush()

    def _booted(self, response: Any, error: OcppError | None) -> None:
        if error is not None:
            self._boot_at = self.now + BOOT_RETRY_S if self.is_connected else None
            return
        self.registration = response.status
        self.observer.on_registration(response.status)
        self.clock.set_wall(response.current_time, self.now)
        if response.status != "Accepted":
            self._boot_at = self.now + (response.interval if response.interval > 0 else BOOT_RETRY_S)
            return
        if response.interval > 0:
            self.settings.fix("heartbeat_interval_s", str(response.interval))
        self._take_up(self.now)

    def _take_up(self, now: float) -> None:
        """Begin work on a connection: status of everything, then what was kept."""
        self._boot_at = None
        self._heartbeat_at = now + max(self.settings.number("heartbeat_interval_s"), 1)
        self.tell_status(all_of_it=True)
        self._flush()

    def _flush(self) -> None:
        """Send the next message if none is open; before registration only boots and what was asked for."""
        rpc = self._rpc
        if rpc is None or self._open is not None:
            return
        message = self.outbox.next(self.now, kept=self.is_online)
        if message is None:
            return
        message.sent_at = self.now
        self._open = message
        timeout_s = self.config.call_timeout_s * self.clock.factor
        frame = rpc.call(message.action, self.dialect.payload(message), timeout_s=timeout_s, now=self.now)
        assert frame is not None
        self._output.append(frame)

    def _serve(self, rpc: Rpc, call: Call) -> None:
        self.observer.on_command(call.action)
        try:
            if self.registration == "Rejected":
                raise OcppError(ErrorCode.SECURITY_ERROR, "The station is not registered")
            request = decode_request(self.config.version, call.action, call.payload)
            self._output.append(rpc.answer(call.message_id, encode(self.dialect.handle(call.action, request))))
        except OcppError as error:
            self._output.append(rpc.answer_error(call.message_id, error))
        except Exception as error:  # a fault of one call ends that call only, and the CSMS is told
            log.error("%s: %s could not be served: %r", self.config.identity, call.action, error)
            fault = OcppError(ErrorCode.INTERNAL_ERROR, "The station failed to serve the request")
            self._output.append(rpc.answer_error(call.message_id, fault))
        self._output.extend(rpc.owed)
        rpc.owed.clear()
        after, self._after = self._after, []
        for act in after:
            act()

    def _answered(self, event: Answered) -> None:
        message, self._open = self._open, None
        assert message is not None
        response, error = None, event.error
        if event.payload is not None:
            try:
                response = decode_response(self.config.version, message.action, event.payload)
            except OcppError as unreadable:
                error = unreadable
                self._refuse_result(event, unreadable)
        if error is None:
            self.observer.on_answer(message.action, (self.now - message.sent_at) / self.clock.factor)
        else:
            self.observer.on_call_failed(message.action, str(error))
        self._conclude(message, response, error)

    def _refuse_result(self, event: Answered, error: OcppError) -> None:
        frame = self._rpc.refuse_result(event.call.message_id, error) if self._rpc is not None else None
        if frame is not None:
            self._output.append(frame)

    def _expired(self, event: Expired) -> None:
        message, self._open = self._open, None
        assert message is not None
        self.observer.on_call_failed(message.action, "no answer")
        self._conclude(message, None, _NO_ANSWER)

    def _conclude(self, message: Outgoing, response: Any, error: OcppError | None) -> None:
        if message.transaction is None:
            if message.on_answer is not None:
                message.on_answer(response, error)
            return
        if error is not None and not self._gives_up(message, error):
            return
        self.outbox.done(message)
        if error is None:
            self.charging.delivered(message, self.dialect.answered(message, response))

    def _gives_up(self, message: Outgoing, error: OcppError) -> bool:
        """Refused messages are tried a few times, unanswered ones for ever (OCPP 1.6, 4.10; 2.0.1 E13)."""
        if error is not _NO_ANSWER:
            message.refusals += 1
        message.not_before = self.now + max(message.refusals, 1) * self.settings.number("message_retry_s")
        return message.refusals >= max(self.settings.number("message_attempts"), 1)


def _dialect(core: StationCore) -> Dialect:
    from voltherd.station.v2 import V2
    from voltherd.station.v16 import V16

    return V16(core) if core.config.version is OcppVersion.V16 else V2(core)
