"""The way from the API to a station: raw calls and commands, carried out over the version it speaks."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from voltherd.domain.commands import Command, Outcome
from voltherd.domain.errors import (
    AnswerInvalid,
    CallRefused,
    NoAnswer,
    NotSupportedByVersion,
    PayloadInvalid,
    StationOffline,
    StoreUnavailable,
)
from voltherd.gateway.calling import FOR_COMMAND
from voltherd.gateway.node import Node
from voltherd.gateway.routing import Caller, carry_out
from voltherd.gateway.session import Session
from voltherd.ocpp.errors import OcppError, spelled
from voltherd.ocpp.payload import decode_response, encode, validate
from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.version import OcppVersion, messages
from voltherd.services.effects import remote_start_id
from voltherd.services.ports import Presence, RawAnswer
from voltherd.services.state import StationState
from voltherd.services.use_cases import Services
from voltherd.services.work import Work
from voltherd.websocket import CloseCode

ResponseT = TypeVar("ResponseT", bound=Struct)
LOAD_POLL_S = 0.01
FLUSH_TIMEOUT_S = 2.0
_UNKNOWN_ACTION = frozenset({"NotImplemented", "NotSupported"})
LACKS = "lacks:"
"""Before the name of an action, among a station's flags: it answered that it does not know it."""
SetPassword = Callable[[Caller, str], Awaitable[Outcome]]


class LiveLink:
    """Implements `services.ports.Link` for the sockets of this node."""

    def __init__(self, node: Node, set_password: Mapping[OcppVersion, SetPassword]) -> None:
        self._node = node
        self._set_password = set_password

    def presence(self, identity: str) -> Presence | None:
        """Say how a station is reachable now."""
        return self._node.presence(identity)

    def online(self) -> Sequence[str]:
        """Give the identities that are connected."""
        return [identity for identity in self._node.registry.identities() if self.presence(identity) is not None]

    async def _session(self, identity: str, timeout_s: float) -> Session:
        """Give the session that gets our calls; one that opened just now is waited for until its state is loaded."""
        deadline = self._node.monotonic() + timeout_s
        while (session := self._node.registry.current(identity)) is not None:
            if session.state is not None:
                return session
            if self._node.monotonic() >= deadline:
                raise NoAnswer(f"What is known of station {identity} could not be read in time; nothing was sent.")
            await asyncio.sleep(LOAD_POLL_S)
        raise StationOffline(f"Station {identity} is not connected; nothing was sent.")

    async def perform(self, identity: str, command: Command, *, timeout_s: float, command_id: int) -> Outcome:
        """Carry a command out by the translation of the station's version."""
        session = await self._session(identity, timeout_s)
        translation = self._node.routes[session.version].translations.get(type(command))
        if translation is None:
            raise NotSupportedByVersion(f"OCPP {session.version} has no message for {command.name}.")
        FOR_COMMAND.set(command_id)
        return await carry_out(translation, StationCaller(self._node, session, timeout_s, command_id), command)

    async def set_password(self, identity: str, password: str, *, timeout_s: float) -> Outcome:
        """Give a station a new password for Basic auth (A01)."""
        session = await self._session(identity, timeout_s)
        return await self._set_password[session.version](StationCaller(self._node, session, timeout_s, 0), password)

    async def call_raw(
        self, identity: str, action: str, payload: bytes, *, timeout_s: float, validate: bool
    ) -> RawAnswer:
        """Send exactly this payload; the schema is checked unless told otherwise, only white space goes (trap 44)."""
        session = await self._session(identity, timeout_s)
        if validate:
            _check(session.version, action, payload)
        payload = msgspec.json.format(payload, indent=-1)
        with _ability_seen(self._node, session, action):
            message_id, answer = await session.call(action, payload, timeout_s)
        await self._node.learning.learn_from(session, action, payload, answer)
        return RawAnswer(message_id, bytes(answer))

    async def flush(self) -> None:
        """Store gathered frames and sums, as far as the store takes them within a moment."""
        with contextlib.suppress(TimeoutError, StoreUnavailable):
            await asyncio.wait_for(self._node.flush(), FLUSH_TIMEOUT_S)

    async def disconnect(self, identity: str, reason: str) -> None:
        """Close every connection of a station."""
        for session in self._node.registry.sessions_of(identity):
            session.close(CloseCode.POLICY_VIOLATION, reason)


def _check(version: OcppVersion, action: str, payload: bytes) -> None:
    try:
        validate(version, action, payload)
    except OcppError as error:
        code = spelled(error.code, version)
        raise PayloadInvalid(f"{action} for OCPP {version}: {error.description}", code) from None


@contextlib.contextmanager
def _ability_seen(node: Node, session: Session, action: str) -> Iterator[None]:
    """Remember what a station turned out not to know, whatever it says of itself, until it does (interop trap 15)."""
    try:
        yield
    except CallRefused as refused:
        if refused.ocpp_code in _UNKNOWN_ACTION:
            _remember(node, session, action, lacks=True)
        raise
    _remember(node, session, action, lacks=False)


def _remember(node: Node, session: Session, action: str, *, lacks: bool) -> None:
    state, flag = session.state, f"{LACKS}{action}"
    if state is None or action not in messages(session.version) or lacks == (flag in state.station.flags):
        return
    station = state.station
    others = tuple(item for item in station.flags if item != flag)
    station.flags = (*others, flag) if lacks else others
    work = Work(node.clock_ms(), station.tenant_id, station.identity)
    work.put(station)
    work.tell("station", station.identity)
    node.commit(work, lambda error: node.published(work) if error is None else None)


class StationCaller:
    """Implements `routing.Caller`: one command under way at one station."""

    def __init__(self, node: Node, session: Session, timeout_s: float, command_id: int) -> None:
        assert session.state is not None
        self._node = node
        self._session = session
        self._timeout_s = timeout_s
        self._state = session.state
        self.request_id = remote_start_id(command_id)
        self.has_sent = False

    @property
    def state(self) -> StationState:
        """What is known of the station."""
        return self._state

    @property
    def version(self) -> OcppVersion:
        """The version it speaks."""
        return self._session.version

    @property
    def services(self) -> Services:
        """The use cases."""
        return self._node.services

    async def call(self, request: Struct, response: type[ResponseT]) -> ResponseT:
        """Send one request and give its answer, both held against the schema."""
        action = response.__name__.removesuffix("Response")
        payload = encode(cast("WireType", request))
        _check(self.version, action, payload)
        self.has_sent = True
        with _ability_seen(self._node, self._session, action):
            message_id, answer = await self._session.call(action, payload, self._timeout_s)
        try:
            found = decode_response(self.version, action, answer)
        except OcppError as error:
            self._session.refuse_result(message_id, action, error)
            raise AnswerInvalid(f"The station's answer to {action} is not valid: {error.description}") from None
        await self._node.learning.learn(self._session, action, request, found)
        return cast("ResponseT", found)

    async def record(self, change: Callable[[Work], None]) -> None:
        """Change the station's records and wait for the commit."""
        station = self._state.station
        work = Work(self._node.clock_ms(), station.tenant_id, station.identity)
        change(work)
        await self._node.journal.committed(work.records)
        self._node.published(work)
        self._node.learning.follow_up(work)
