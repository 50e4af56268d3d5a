"""Faults of the answers: commands that are refused, or said to be done and not done."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import field

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.frames import encode_error, encode_result
from voltherd.simulator.faults.fault import Frame, FrameFault, Hold, PassOn, Side, What


class _ToCommands(FrameFault, frozen=True, kw_only=True):
    side: Side = "received"
    what: What = "calls"

    def fits(self, frame: Frame) -> bool:
        """Calls of the CSMS only."""
        return frame.side == "received" and frame.kind == 2 and FrameFault.fits(self, frame)


class Refuse(_ToCommands, frozen=True, kw_only=True, tag="refuse"):
    """Commands are refused: with CALLERROR and `code`, or by an answer with `status`; nothing is done."""

    KIND: ClassVar[str] = "refuse"

    code: str = "NotSupported"
    status: str | None = None
    description: str = ""

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Say no."""
        if self.status is not None:
            answer = encode_result(frame.message_id, msgspec.json.encode({"status": self.status}))
        else:
            error = OcppError(self.code, self.description)
            answer = encode_error(frame.message_id, error, hold.station.config.version)
        hold.line.answer(frame, answer)


class Pretend(_ToCommands, frozen=True, kw_only=True, tag="pretend"):
    """Commands are answered with `answer`, and nothing is done; charging profiles unless `actions` says otherwise."""

    KIND: ClassVar[str] = "pretend"

    actions: tuple[str, ...] = ("SetChargingProfile",)
    answer: dict[str, Any] = field(default_factory=lambda: {"status": "Accepted"})

    def harm(self, frame: Frame, hold: Hold, pass_on: PassOn) -> None:
        """Say yes."""
        hold.line.answer(frame, encode_result(frame.message_id, msgspec.json.encode(self.answer)))
