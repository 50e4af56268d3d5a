"""How a station's message finds its handler, and an operator's command its translation.

A handler is a plain function of `(here, request)` that returns the response; the annotation of `request` says which
action it serves and how the payload is decoded. A translation is a coroutine of `(caller, command)` that sends one or
more calls and returns the `Outcome`; the annotation of `command` says which command it carries out.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol, TypeVar, get_type_hints

from msgspec import Struct

from voltherd.domain.commands import Command, Outcome
from voltherd.ocpp.version import OcppVersion
from voltherd.services.authorization import Tokens
from voltherd.services.availability import Availability
from voltherd.services.data_transfer import DataTransfers
from voltherd.services.device_model import DeviceModel
from voltherd.services.metering import Metering
from voltherd.services.provisioning import Provisioning
from voltherd.services.state import StationState
from voltherd.services.transactions import Transactions
from voltherd.services.work import Work

RequestT = TypeVar("RequestT", bound=Struct)
ResponseT = TypeVar("ResponseT", bound=Struct)
CommandT = TypeVar("CommandT", bound=Command)


class Services(NamedTuple):
    """The use cases that handlers call."""

    provisioning: Provisioning
    availability: Availability
    authorization: Tokens
    transactions: Transactions
    metering: Metering
    device_model: DeviceModel
    data_transfer: DataTransfers


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

    async def call(self, request: Struct, response: type[ResponseT]) -> ResponseT:
        """Send one request of the negotiated version and give the answer. Raises the errors of StationError."""

    def record(self, change: Callable[[Work], None]) -> Awaitable[None]:
        """Let a function change the station's records, and wait until that is committed."""


Handler = Callable[[Here, Any], Struct | None]
Translation = Callable[[Caller, Any], Awaitable[Outcome]]


class Route(NamedTuple):
    """A handler and whether its first answer outlives a restart (`remember`: messages about transactions)."""

    handler: Handler
    remember: bool


class Routes:
    """The handlers and translations of one family of versions."""

    def __init__(self) -> None:
        self.handlers: dict[str, Route] = {}
        self.translations: dict[type[Command], Translation] = {}

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


def _annotation(function: Callable[..., Any], position: int) -> Any:
    name = function.__code__.co_varnames[position]
    return get_type_hints(function)[name]
