"""The OCPP versions Voltherd speaks, their WebSocket subprotocols and the messages of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from voltherd.ocpp.scalars import WireType


class OcppVersion(StrEnum):
    """A version of OCPP over JSON and WebSocket."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"

    # Enum's own hash is written in Python; versions are looked up for every message.
    __hash__ = str.__hash__

    @property
    def subprotocol(self) -> str:
        """The name offered in `Sec-WebSocket-Protocol`."""
        return f"ocpp{self.value}"

    @classmethod
    def from_subprotocol(cls, name: str) -> OcppVersion | None:
        """The version a subprotocol name stands for, None for names that are not ours."""
        return next((version for version in cls if version.subprotocol == name), None)


class MessageSpec(NamedTuple):
    """One action of one family of versions.

    `response` is None for a message that nothing answers (`NotifyPeriodicEventStream`). `sender` says who sends the
    request; `since` is the first version of the family that has the action. `draft` is the draft of JSON Schema of the
    official schema: for draft 4 the number 6.0 is no integer, for draft 6 it is.
    """

    action: str
    request: type[WireType]
    response: type[WireType] | None
    sender: Literal["station", "csms", "both"]
    since: OcppVersion
    draft: Literal[4, 6]


@cache
def messages(version: OcppVersion) -> Mapping[str, MessageSpec]:
    """All actions of a version, by name."""
    family = "v16" if version is OcppVersion.V16 else "v2"
    specs: tuple[MessageSpec, ...] = import_module(f"voltherd.ocpp.{family}.registry").MESSAGES
    return MappingProxyType({spec.action: spec for spec in specs if spec.since <= version})
