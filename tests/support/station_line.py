"""A station's core without a network: frames in, frames out, time as a number, simulated hardware behind it."""

from collections import deque
from random import Random
from typing import Any

import msgspec

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.frames import Call, CallResult, Send, decode_frame, encode_call, encode_error, encode_result
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle
from voltherd.station import Clock, StationConfig, StationCore, Token

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
TIME = "2026-03-01T12:00:00Z"
GOOD = Token("GOOD")


class Line:
    """Answers as a plain CSMS would, as soon as asked; every request must be valid for its version.

    Attributes:
        heard: what the station said, as (action, payload).
        replies: answers by action, in place of the plain ones: a payload, or a function of the request's payload.
        silent: actions that are not answered.
        refused: actions that are answered with an error, one after the other.
        jobs: the input and output that the station asked for.
    """

    def __init__(
        self,
        version: OcppVersion,
        *,
        storage: Any = None,
        hardware: Any = None,
        clock: Clock | None = None,
        **config: Any,
    ) -> None:
        self.version = version
        self.config = StationConfig(identity="CS-1", url="ws://nowhere", version=version, **config)
        self.hardware: dict[int, SimulatedEvse] = hardware or {
            number: SimulatedEvse(EvseRating.of(one), random=Random(number))
            for number, one in enumerate(self.config.evses, 1)
        }
        self.core = StationCore(
            self.config, self.hardware, clock=clock or Clock(factor=2.0), storage=storage, random=Random(1)
        )
        self.core.now = 0.0
        self.heard: list[tuple[str, Any]] = []
        self.replies: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self._asked = 0
        self.silent: set[str] = set()
        self.refused: deque[str] = deque()
        self.jobs: list[Any] = []
        self.now = 0.0

    # The CSMS --------------------------------------------------------------------------------

    def pump(self, now: float | None = None) -> None:
        """Take what the station says, and answer it."""
        self.now = self.now if now is None else now
        while output := self.core.take_output():
            for data in output:
                frame = decode_frame(data)
                if isinstance(frame, Call):
                    self._hear(frame)
                elif isinstance(frame, Send):
                    self.heard.append((frame.action, msgspec.json.decode(frame.payload)))
                else:
                    self.answers[frame.message_id] = frame
        self.jobs += self.core.take_jobs()

    def _hear(self, call: Call) -> None:
        decode_request(self.version, call.action, call.payload)
        payload = msgspec.json.decode(call.payload)
        self.heard.append((call.action, payload))
        if call.action in self.silent:
            return
        if self.refused and self.refused[0] == call.action:
            self.refused.popleft()
            error = OcppError(ErrorCode.INTERNAL_ERROR, "not now")
            self.core.receive(encode_error(call.message_id, error, self.version), self.now)
            return
        answer = msgspec.json.encode(self._answer(call.action, payload))
        self.core.receive(encode_result(call.message_id, answer), self.now)

    def _answer(self, action: str, payload: Any) -> Any:
        if action in self.replies:
            reply = self.replies[action]
            return reply(payload) if callable(reply) else reply
        accepted = {"status": "Accepted"}
        return {
            "BootNotification": {"status": "Accepted", "currentTime": TIME, "interval": 300},
            "Heartbeat": {"currentTime": TIME},
            "Authorize": {"idTagInfo": accepted} if self.version is V16 else {"idTokenInfo": accepted},
            "StartTransaction": {"idTagInfo": accepted, "transactionId": 17},
            "DataTransfer": accepted,
            "SignCertificate": accepted,
            "NotifyEVChargingNeeds": accepted,
            "NotifyEVChargingSchedule": accepted,
        }.get(action, {})

    def ask(self, action: str, payload: Any, now: float | None = None) -> Any:
        """Send a request of the CSMS; gives the answer's payload, or the `CallError`."""
        self.now = self.now if now is None else now
        self._asked += 1
        number = f"q{self._asked}"
        self.core.receive(encode_call(number, action, msgspec.json.encode(payload)), self.now)
        self.pump()
        frame = self.answers[number]
        if isinstance(frame, CallResult):
            return msgspec.json.decode(frame.payload)
        return frame

    def of(self, action: str) -> list[Any]:
        """The payloads of what the station said in one action."""
        return [payload for name, payload in self.heard if name == action]

    # The line and time -----------------------------------------------------------------------

    def connect(self, now: float | None = None) -> None:
        """Open the connection."""
        self.now = self.now if now is None else now
        self.core.connected(self.now)
        self.pump()

    def lose(self, now: float | None = None) -> None:
        """Lose the connection."""
        self.now = self.now if now is None else now
        self.core.disconnected(self.now)

    def run(self, start: float, end: float, step: float = 1.0) -> None:
        """Let time pass in steps."""
        now = start
        while now < end:
            now += step
            self.core.advance(now)
            self.pump(now)

    def wait(self, seconds: float) -> None:
        """Let time pass, from one wakeup of the station to the next."""
        end = self.now + seconds
        while (at := self.core.next_wakeup()) is not None and at <= end:
            self.now = max(at, self.now)
            self.core.advance(self.now)
            self.pump()
        self.now = end
        self.core.advance(end)
        self.pump()

    # Drivers ---------------------------------------------------------------------------------

    def plug(self, vehicle: Vehicle | None = None, evse_id: int = 1, connector_id: int = 1) -> bool:
        """Plug a vehicle in."""
        assert self.hardware[evse_id].plug(vehicle or Vehicle(), connector_id, self.now)
        done = self.core.charging.plugged_in(evse_id, connector_id, self.now)
        self.pump()
        return done

    def unplug(self, evse_id: int = 1) -> None:
        """Pull the cable out."""
        self.hardware[evse_id].unplug(self.now)
        self.core.charging.unplugged(evse_id, self.now)
        self.pump()

    def present(self, token: Token = GOOD, evse_id: int = 1, tell: Any = None) -> None:
        """Hold a card to the reader."""
        self.core.charging.presented(evse_id, token, self.now, tell)
        self.pump()

    def fault(self, code: str | None = "GroundFailure", evse_id: int = 1) -> None:
        """Break an EVSE, or repair it (None)."""
        self.core.charging.faulted(evse_id, code, self.now)
        self.pump()

    def charge(self, now: float | None = None, evse_id: int = 1) -> None:
        """Plug in and authorise."""
        self.now = self.now if now is None else now
        assert self.plug(evse_id=evse_id)
        self.present(evse_id=evse_id)
