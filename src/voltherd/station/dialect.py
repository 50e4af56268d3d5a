"""How one family of versions is spoken: what it serves, how it says what the station reports, how it reads answers.

Each noun has a file in `v16/` and in `v2/`; its functions enter themselves here by decorators:

    @serves("UpdateFirmware")           the CSMS asks: gives the answer, or raises `OcppError`
    @reports(FirmwareStatus)            the station reports: gives the message, or None where the version has none
    @reads("Authorize")                 the CSMS answered: gives what the station's rules understand
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import encode
from voltherd.ocpp.scalars import WireType
from voltherd.station.outbox import Outgoing

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Serve = TypeVar("Serve", bound="Callable[[StationCore, Any], WireType]")
Render = TypeVar("Render", bound="Callable[[StationCore, Any], Outgoing | None]")
Read = TypeVar("Read", bound="Callable[[StationCore, Any], Any]")


class Dialect:
    """The words of one family: 1.6, or 2.0.1 with 2.1."""

    def __init__(self, family: str) -> None:
        self.family = family
        self._serving: dict[str, Callable[[StationCore, Any], WireType]] = {}
        self._rendering: dict[type[Struct], Callable[[StationCore, Any], Outgoing | None]] = {}
        self._reading: dict[str, Callable[[StationCore, Any], Any]] = {}
        self._completing: dict[str, Callable[[StationCore, Outgoing], None]] = {}

    # Entering --------------------------------------------------------------------------------

    def serves(self, action: str) -> Callable[[Serve], Serve]:
        """Enter the function that answers an action of the CSMS."""

        def enter(serve: Serve) -> Serve:
            _add(self._serving, action, serve)
            return serve

        return enter

    def reports(self, kind: type[Struct]) -> Callable[[Render], Render]:
        """Enter the function that puts a kind of report into words."""

        def enter(render: Render) -> Render:
            _add(self._rendering, kind, render)
            return render

        return enter

    def reads(self, action: str) -> Callable[[Read], Read]:
        """Enter the function that reads the answer to an action of the station."""

        def enter(read: Read) -> Read:
            _add(self._reading, action, read)
            return read

        return enter

    def completes(self, action: str, complete: Callable[[StationCore, Outgoing], None]) -> None:
        """Enter what is done to a message of that action at the moment it is sent."""
        _add(self._completing, action, complete)

    # Speaking --------------------------------------------------------------------------------

    @property
    def actions(self) -> frozenset[str]:
        """The actions that are served."""
        return frozenset(self._serving)

    @property
    def serving(self) -> Mapping[str, Callable[[StationCore, Any], WireType]]:
        """What answers the requests of the CSMS, by action."""
        return self._serving

    @property
    def rendering(self) -> Mapping[type[Struct], Callable[[StationCore, Any], Outgoing | None]]:
        """What puts reports into words, by their kind."""
        return self._rendering

    def serve(self, core: StationCore, action: str, request: Any) -> WireType:
        """Answer a request; raises `OcppError` for actions the station does not offer."""
        serve = self._serving.get(action)
        if serve is None:
            raise OcppError(ErrorCode.NOT_SUPPORTED, f"The station does not offer {action}")
        return serve(core, request)

    def render(self, core: StationCore, report: Struct) -> Outgoing | None:
        """The message that says it, None where this version has none."""
        render = self._rendering.get(type(report))
        return None if render is None else render(core, report)

    def read(self, core: StationCore, action: str, response: Any) -> Any:
        """What an answer says: the response itself where nobody reads it."""
        read = self._reading.get(action)
        return response if read is None else read(core, response)

    def payload(self, core: StationCore, message: Outgoing) -> bytes:
        """The payload as it is to be sent now."""
        complete = self._completing.get(message.action)
        if complete is not None:
            complete(core, message)
        return encode(message.request)


def _add(entries: dict[Any, Any], key: Any, function: Any) -> None:
    if key in entries:
        raise ValueError(f"{key} is entered twice")
    entries[key] = function
