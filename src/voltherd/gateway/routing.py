"""How a station's message finds its handler, and an operator's command its translation.

A handler is a plain function of `(here, request)` that returns the response; the annotation of `request` says which
action it serves and how the payload is decoded. A translation is a coroutine of `(caller, command)` that sends one or
more calls and returns the `Outcome`; the annotation of `command` says which command it carries out.

What is known after the station answered a request of ours, whoever asked for it (a command, a raw call), is recorded by
a function of `(here, request, response)`; the annotation of `request` says for which action.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol, TypeVar, get_type_hints

from msgspec import Struct

from voltherd.domain.commands import Command, Outcome
from voltherd.domain.errors import NotSent, StationError, VoltherdError
from voltherd.ocpp.version import OcppVersion
from voltherd.services.state import StationState
from voltherd.services.use_cases import Services
from voltherd.services.work import Work

RequestT = TypeVar("RequestT", bound=Struct)
ResponseT = TypeVar("ResponseT", bound=Struct)
CommandT = TypeVar("CommandT", bound=Command)


class Here:
    """Where a message is handled: the station's state, the work it makes, the version spoken."""

    __slots__ = ("services", "state", "version", "work")

    def __init__(self, services: Services, state: StationState, work: Work, version: OcppVersion) -> None:
        self.services = services
        self.state = state
        self.work = work
        self.version = version


class Caller(Protocol):
    """A live station to which a translation sends calls."""

    @property
    def state(self) -> StationState: ...

    @property
    def version(self) -> OcppVersion: ...

    @property
    def services(self) -> Services: ...

    @property
    def request_id(self) -> int:
        """The number (31 bits) that stands for this command on the wire: remoteStartId, requestId."""

    @property
    def has_sent(self) -> bool:
        """Whether anything was sent for this command."""

    async def call(self, request: Struct, response: type[ResponseT]) -> ResponseT:
        """Send one request of the negotiated version and give the answer. Raises the errors of StationError."""

    def record(self, change: Callable[[Work], None]) -> Awaitable[None]:
        """Let a function change the station's records, and wait until that is committed."""


Handler = Callable[[Here, Any], Struct | None]
Translation = Callable[[Caller, Any], Awaitable[Outcome]]
Learn = Callable[[Here, Any, Any], None]


async def carry_out(translation: Translation, caller: Caller, command: Command) -> Outcome:
    """Carry a command out. Raises StationError; NotSent where what is known here forbade it before any call."""
    try:
        return await translation(caller, command)
    except StationError:
        raise
    except VoltherdError as error:
        kind = StationError if caller.has_sent else NotSent
        raise kind(str(error)) from error


class Route(NamedTuple):
    """A handler and whether its first answer outlives a restart (`remember`: messages about transactions)."""

    handler: Handler
    remember: bool


class Routes:
    """The handlers and translations of one family of versions."""

    def __init__(self) -> None:
        self.handlers: dict[str, Route] = {}
        self.translations: dict[type[Command], Translation] = {}
        self.learned: dict[str, Learn] = {}

    def handle(self, *, remember: bool = False) -> Callable[[Callable[[Here, RequestT], Any]], Handler]:
        """Register a handler for the action that its request type names."""

        def register(function: Callable[[Here, RequestT], Any]) -> Handler:
            action = _annotation(function, 1).__name__.removesuffix("Request")
            if action in self.handlers:
                raise ValueError(f"{action} has two handlers")
            self.handlers[action] = Route(function, remember)
            return function

        return register

    def translate(self, function: Callable[[Caller, CommandT], Awaitable[Outcome]]) -> Translation:
        """Register the translation of the command that its second argument names."""
        command = _annotation(function, 1)
        if command in self.translations:
            raise ValueError(f"{command.__name__} has two translations")
        self.translations[command] = function
        return function

    def learn(self, function: Callable[[Here, RequestT, ResponseT], None]) -> Learn:
        """Register what is recorded once the station answered the request that the second argument names."""
        action = _annotation(function, 1).__name__.removesuffix("Request")
        if action in self.learned:
            raise ValueError(f"the answer to {action} is learned from twice")
        self.learned[action] = function
        return function


def _annotation(function: Callable[..., Any], position: int) -> Any:
    name = function.__code__.co_varnames[position]
    return get_type_hints(function)[name]


def evse_no_of(request: Struct) -> int | None:
    """Give the EVSE that a request of any version names; None where it names none."""
    connector = getattr(request, "connector_id", None)
    if isinstance(connector, int) and not hasattr(request, "evse_id"):
        return connector
    evse = getattr(request, "evse_id", None)
    if isinstance(evse, int):
        return evse
    evse = getattr(getattr(request, "evse", None), "id", None)
    return evse if isinstance(evse, int) else None
