"""Data transfer: a registry of vendor extensions (functional block P). What nobody registered is never accepted.

An extension is a function for each of its messages, typed by Structs: see docs/how-to/add-a-vendor-extension.md.
"""

import importlib
import logging
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from voltherd.domain.data_transfer import VendorData
from voltherd.domain.errors import PayloadInvalid
from voltherd.services.documents import Documents
from voltherd.services.state import StationState
from voltherd.services.work import Work

if TYPE_CHECKING:
    from voltherd.services.use_cases import Services

log = logging.getLogger("voltherd.extensions")

DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
SHIPPED: Final = ("voltherd.services.extensions.iso15118_pnc",)
ENTRY_POINTS: Final = "voltherd.extensions"
"""Other packages name their modules of extensions in this group."""
MAX_KEPT: Final = 100
MAX_CHARACTERS: Final = 10_000
MAX_REASON: Final = 500


class DataTransferAnswer(Struct):
    """Status and, where the handler gives some, data; `words` say why it was rejected."""

    status: DataTransferStatus
    data: object = None
    words: str = ""


class Desk(NamedTuple):
    """Where a vendor message is handled."""

    services: "Services"
    state: StationState
    work: Work
    version: str
    """Of OCPP: `1.6`, `2.0.1` or `2.1`."""


class Refused(Exception):
    """Raised by an extension whose answer is `Rejected`; the text is told to the station."""


class Incoming(NamedTuple):
    """A message of a vendor that stations send."""

    request: Any
    handler: Callable[[Desk, Any], object]


class Outgoing(NamedTuple):
    """A message of a vendor that we send."""

    request: Any
    answer: Any
    learn: Callable[[Desk, Any, Any], None]


I = TypeVar("I", bound=Callable[[Desk, Any], object])  # noqa: E741
O = TypeVar("O", bound=Callable[[Desk, Any, Any], None])  # noqa: E741


class Extensions:
    """Messages by vendor and message id; both are the same whatever the case of their letters."""

    def __init__(self) -> None:
        self.incoming: dict[str, dict[str, Incoming]] = {}
        self.outgoing: dict[str, dict[str, Outgoing]] = {}

    def from_station(self, vendor_id: str, message_id: str = "") -> Callable[[I], I]:
        """Register who answers a message; its data is read as the type that the second argument names."""

        def register(function: I) -> I:
            request = _annotation(function, 1)
            _add(self.incoming, vendor_id, message_id, Incoming(request, function))
            return function

        return register

    def to_station(self, vendor_id: str, message_id: str = "") -> Callable[[O], O]:
        """Register what is learned from an answer to our message; types follow from the second and third argument."""

        def register(function: O) -> O:
            found = Outgoing(_annotation(function, 1), _annotation(function, 2), function)
            _add(self.outgoing, vendor_id, message_id, found)
            return function

        return register

    def knows(self, vendor_id: str) -> bool:
        """Whether a vendor has any message here."""
        return vendor_id.casefold() in self.incoming or vendor_id.casefold() in self.outgoing


M = TypeVar("M", Incoming, Outgoing)


def _add(known: dict[str, dict[str, M]], vendor_id: str, message_id: str, message: M) -> None:
    messages = known.setdefault(vendor_id.casefold(), {})
    if message_id.casefold() in messages:
        raise ValueError(f"{message_id!r} of {vendor_id} is registered twice")
    messages[message_id.casefold()] = message


def _annotation(function: Callable[..., Any], position: int) -> Any:
    code = function.__code__
    return get_type_hints(function)[code.co_varnames[position]]


extensions = Extensions()
"""Where extensions register: `@extensions.from_station(...)`, `@extensions.to_station(...)`."""


@cache
def load_extensions() -> Extensions:
    """Import the extensions that are shipped, and those of other packages; one that fails is told and left out."""
    for module in SHIPPED:
        importlib.import_module(module)
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:  # somebody else's package must not keep stations from charging
            log.error("the extension %s cannot be loaded: %s", entry.name, error)
    return extensions


class DataTransfers:
    """Hands vendor messages to their extensions and keeps what passed."""

    def __init__(self, documents: Documents, known: Extensions | None = None) -> None:
        self._documents = documents
        self.extensions = known if known is not None else load_extensions()

    # -- from stations --------------------------------------------------------------------------------------------

    def receive(self, desk: Desk, vendor_id: str, message_id: str, data: object) -> DataTransferAnswer:
        """Answer a station's vendor message (P02). Raises NotLoaded."""
        held = self._documents.held(desk.state, VendorData)
        answer = self._answer(desk, vendor_id, message_id, data)
        self._keep(desk, held, "in", (vendor_id, message_id), data, answer)
        return answer

    def _answer(self, desk: Desk, vendor_id: str, message_id: str, data: object) -> DataTransferAnswer:
        if not self.extensions.knows(vendor_id):
            return DataTransferAnswer("UnknownVendorId")
        message = self.extensions.incoming.get(vendor_id.casefold(), {}).get(message_id.casefold())
        if message is None:
            return DataTransferAnswer("UnknownMessageId")
        try:
            answer = message.handler(desk, typed(data, message.request))
        except (msgspec.MsgspecError, UnicodeError) as error:
            return DataTransferAnswer("Rejected", words=f"The data is not valid: {error}"[:MAX_REASON])
        except Refused as error:
            return DataTransferAnswer("Rejected", words=str(error)[:MAX_REASON])
        return DataTransferAnswer("Accepted", msgspec.to_builtins(answer))

    # -- to stations ----------------------------------------------------------------------------------------------

    def check(self, vendor_id: str, message_id: str, data: object) -> None:
        """Hold data that is to be sent against the type of its message, if there is one. Raises PayloadInvalid."""
        message = self.extensions.outgoing.get(vendor_id.casefold(), {}).get(message_id.casefold())
        if message is None:
            return
        try:
            typed(data, message.request)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise PayloadInvalid(f"data of {message_id}: {error}", "TypeConstraintViolation") from None

    def sent(
        self, desk: Desk, vendor_id: str, message_id: str, data: object, status: DataTransferStatus, answer: object
    ) -> None:
        """Record a vendor message of ours, and let its extension learn from the answer (P01). Raises NotLoaded."""
        held = self._documents.held(desk.state, VendorData)
        told = DataTransferAnswer(status, answer)
        message = self.extensions.outgoing.get(vendor_id.casefold(), {}).get(message_id.casefold())
        if message is not None and status == "Accepted":
            try:
                message.learn(desk, typed(data, message.request), typed(answer, message.answer))
            except (msgspec.MsgspecError, UnicodeError) as error:
                told.words = f"The answer cannot be understood: {error}"[:MAX_REASON]
        self._keep(desk, held, "out", (vendor_id, message_id), data, told)

    def _keep(
        self,
        desk: Desk,
        held: dict[str, VendorData],
        direction: Literal["in", "out"],
        name: tuple[str, str],
        data: object,
        answer: DataTransferAnswer,
    ) -> None:
        said, answered = as_text(data), as_text(answer.data)
        document = VendorData(
            state=answer.status,
            number=max((item.number for item in held.values()), default=0) + 1,
            direction=direction,
            vendor_id=name[0],
            message_id=name[1],
            data=said[:MAX_CHARACTERS],
            answer=answered[:MAX_CHARACTERS],
            reason=answer.words,
            truncated=max(len(said), len(answered)) > MAX_CHARACTERS,
        )
        self._documents.keep(desk.state, desk.work, document)
        for oldest in list(held.values())[: max(0, len(held) + 1 - MAX_KEPT)]:
            self._documents.drop(desk.state, desk.work, oldest)


def typed(data: object, kind: Any) -> Any:
    """Read data as a type: text holds JSON (in 1.6 always), unless text is wanted; nothing counts as `{}`."""
    if kind is str or kind is Any or kind is object:
        return msgspec.convert(data, kind)
    if isinstance(data, str):
        return msgspec.json.decode(data, type=kind)
    return msgspec.convert({} if data is None else data, kind)


def as_text(data: object) -> str:
    """Give data as it goes over the wire of 1.6: text as it is, all else as JSON; nothing is empty."""
    if data is None:
        return ""
    return data if isinstance(data, str) else msgspec.json.encode(data).decode()
