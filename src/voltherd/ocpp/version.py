"""The OCPP versions Voltherd speaks and their WebSocket subprotocols."""

from __future__ import annotations

from enum import StrEnum


class OcppVersion(StrEnum):
    """A version of OCPP over JSON and WebSocket."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The name offered in `Sec-WebSocket-Protocol`."""
        return f"ocpp{self.value}"

    @classmethod
    def from_subprotocol(cls, name: str) -> OcppVersion | None:
        """The version a subprotocol name stands for, None for names that are not ours."""
        return next((version for version in cls if version.subprotocol == name), None)
