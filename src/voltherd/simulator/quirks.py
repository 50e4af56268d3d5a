"""What some stations do differently, done to their frames. The names are those of `docs/reference/quirks.md`."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.websocket import Connection


class Quirks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How a station deviates; nothing by default.

    Attributes:
        answer_delay_s: it answers so late.
        soft_reset_ignored: it takes a gentle reset and does nothing.
        stack_level_zero: it refuses charging profiles at other stack levels than 0.
        relative_only: it refuses charging profiles that are not `Relative`.
        charging_rate_unit: it refuses charging profiles in the other unit.
        connector_0_refused: OCPP 1.6: it refuses a change of availability of connector 0.
        timestamps_local_zone: it writes timestamps as local time there, without a zone.
        empty_samples: OCPP 1.6: some of its meter values have no sample.
        unknown_fields: it sends a field that its version does not know.
        lacks: actions that it answers with NotImplemented.
    """

    answer_delay_s: float = 0.0
    soft_reset_ignored: bool = False
    stack_level_zero: bool = False
    relative_only: bool = False
    charging_rate_unit: Literal["A", "W"] | None = None
    connector_0_refused: bool = False
    timestamps_local_zone: str | None = None
    empty_samples: bool = False
    unknown_fields: bool = False
    lacks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Know the zone.

        Raises:
            ValueError: it is unknown.
        """
        if self.timestamps_local_zone is not None:
            try:
                ZoneInfo(self.timestamps_local_zone)
            except (KeyError, OSError):
                raise ValueError(f"the zone {self.timestamps_local_zone!r} is unknown") from None

    @property
    def changes_calls(self) -> bool:
        """Whether frames that it sends are changed."""
        return bool(self.timestamps_local_zone or self.empty_samples or self.unknown_fields)

    @property
    def answers_itself(self) -> bool:
        """Whether some requests are answered without asking the station's rules."""
        return bool(
            self.soft_reset_ignored
            or self.stack_level_zero
            or self.relative_only
            or self.charging_rate_unit
            or self.connector_0_refused
            or self.lacks
        )

    def said(self, action: str, payload: bytes) -> bytes:
        """The payload of a call as this station sends it."""
        if not self.changes_calls:
            return payload
        if self.timestamps_local_zone is not None:
            zone = ZoneInfo(self.timestamps_local_zone)
            payload = _TIMESTAMP.sub(lambda match: _local(match[1].decode(), zone), payload)
        if self.empty_samples or self.unknown_fields:
            payload = self._with_additions(action, payload)
        return payload

    def answer(self, action: str, payload: bytes) -> bytes | OcppError | None:
        """What this station answers to a request by itself; None: what its rules say."""
        if action in self.lacks:
            return OcppError(ErrorCode.NOT_IMPLEMENTED, f"{action} is not known here")
        if not self.answers_itself or action not in ("Reset", "ChangeAvailability", "SetChargingProfile"):
            return None
        try:
            status = self._status(action, msgspec.json.decode(payload, type=dict[str, Any]))
        except msgspec.DecodeError:
            return None
        return None if status is None else msgspec.json.encode({"status": status})

    def _status(self, action: str, payload: dict[str, Any]) -> str | None:
        if action == "Reset" and self.soft_reset_ignored and payload.get("type") in ("Soft", "OnIdle"):
            return "Accepted"
        if action == "ChangeAvailability" and self.connector_0_refused and payload.get("connectorId") == 0:
            return "Rejected"
        if action == "SetChargingProfile":
            profile = payload.get("csChargingProfiles") or payload.get("chargingProfile") or {}
            return "Rejected" if self._refuses(profile) else None
        return None

    def _refuses(self, profile: dict[str, Any]) -> bool:
        schedules = profile.get("chargingSchedule") or []
        units = {one.get("chargingRateUnit") for one in (schedules if isinstance(schedules, list) else [schedules])}
        return bool(
            (self.stack_level_zero and profile.get("stackLevel") != 0)
            or (self.relative_only and profile.get("chargingProfileKind") != "Relative")
            or (self.charging_rate_unit and units - {self.charging_rate_unit})
        )

    def _with_additions(self, action: str, payload: bytes) -> bytes:
        table = msgspec.json.decode(payload)
        if self.unknown_fields:
            table["vendorExtra"] = "1"
        if self.empty_samples and action == "MeterValues" and table.get("meterValue"):
            first = table["meterValue"][0]
            table["meterValue"].insert(0, {"timestamp": first["timestamp"], "sampledValue": []})
        return msgspec.json.encode(table)


class QuirkyAnswers:
    """Answers and speaks for a station as its quirks say; is a `voltherd.station.core.Override`."""

    __slots__ = ("_quirks",)

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks

    def serve(self, action: str, payload: bytes) -> bytes | OcppError | None:
        """The answer to a request of the CSMS; None lets the station answer."""
        return self._quirks.answer(action, payload)

    def said(self, action: str, payload: bytes) -> bytes | None:
        """The payload of a message as it is to be sent."""
        return self._quirks.said(action, payload)


class SlowConnection:
    """A connection on which answers, not calls, leave late; all else is as the connection has it."""

    __slots__ = ("_connection", "_delay_s")

    def __init__(self, connection: Connection, delay_s: float) -> None:
        self._connection = connection
        self._delay_s = delay_s

    def send_text(self, data: bytes) -> None:
        """Send a call now, an answer later."""
        if data.startswith(b"[2,"):
            self._connection.send_text(data)
        else:
            asyncio.get_running_loop().call_later(self._delay_s, self._connection.send_text, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


_TIMESTAMP: Final = re.compile(rb'(?<="timestamp":")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)(?=")')


def _local(text: str, zone: ZoneInfo) -> bytes:
    return datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds").encode()
