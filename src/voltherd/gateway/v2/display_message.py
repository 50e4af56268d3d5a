"""Display messages in OCPP 2.0.1 and 2.1."""

from typing import Final

from msgspec import UNSET, UnsetType

from voltherd.domain.commands import Outcome
from voltherd.domain.display_message import (
    ClearDisplayMessage,
    Content,
    DisplayMessage,
    GetDisplayMessages,
    SetDisplayMessage,
)
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.time import parse_timestamp
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome, transaction_named
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.firmware import words_of
from voltherd.gateway.v2.routes import routes
from voltherd.ocpp.v2 import (
    ClearDisplayMessageRequest,
    ClearDisplayMessageResponse,
    GetDisplayMessagesRequest,
    GetDisplayMessagesResponse,
    NotifyDisplayMessagesRequest,
    NotifyDisplayMessagesResponse,
    SetDisplayMessageRequest,
    SetDisplayMessageResponse,
)
from voltherd.ocpp.v2.types import ComponentType, EVSEType, MessageContentType, MessageInfoType
from voltherd.ocpp.version import OcppVersion

_DONE = NotifyDisplayMessagesResponse()
_DISPLAY: Final = "Display"
"""The component that a display is, in the standard's device model."""


@routes.translate
async def set_display_message(caller: Caller, command: SetDisplayMessage) -> Outcome:
    """Show a message (O01), or one for a transaction (O02); with the id of another it replaces that one (O06)."""
    _fits_version(caller, command)
    number = await caller.services.display_messages.prepared(caller.state, command)
    first, *more = [_on_wire(content) for content in command.contents]
    transaction = command.transaction_id
    message = MessageInfoType(
        id=number,
        priority=command.priority,
        message=first,
        message_extra=more or UNSET,
        state=command.state or UNSET,
        start_date_time=_instant(caller, command.start_at, "start_at"),
        end_date_time=_instant(caller, command.end_at, "end_at"),
        transaction_id=transaction_named(caller.state, transaction).transaction_id if transaction else UNSET,
        display=ComponentType(name=_DISPLAY, evse=EVSEType(id=command.evse_id)) if command.evse_id else UNSET,
    )
    found = outcome(await caller.call(SetDisplayMessageRequest(message=message), SetDisplayMessageResponse))
    found.answer["message_id"] = number
    return found


def _fits_version(caller: Caller, command: SetDisplayMessage) -> None:
    if not command.contents:
        raise PayloadInvalid("contents: name at least one.", "OccurrenceConstraintViolation")
    if caller.version is OcppVersion.V21:
        return
    if len(command.contents) > 1:
        raise NotSupportedByVersion("OCPP 2.0.1 has one content per message; send one message per language.")
    if command.contents[0].format == "QRCODE" or command.state in ("Suspended", "Discharging"):
        raise NotSupportedByVersion("OCPP 2.0.1 knows neither QR codes nor the states Suspended and Discharging.")


def _instant(caller: Caller, given: str | None, name: str) -> str | UnsetType:
    return UNSET if given is None else caller.services.firmware.instant(given, name)


def _on_wire(content: Content) -> MessageContentType:
    return MessageContentType(
        format=content.format, content=content.content, language=UNSET if content.language is None else content.language
    )


@routes.learn
def setting(here: Here, request: SetDisplayMessageRequest, response: SetDisplayMessageResponse) -> None:
    """Record a message and what was said to it."""
    message = document_of(request.message)
    info = words_of(response.status_info)
    here.services.display_messages.answered(here.state, here.work, message, response.status, info)


def document_of(info: MessageInfoType) -> DisplayMessage:
    """Read a message from the wire."""
    extra = info.message_extra if info.message_extra is not UNSET else []
    display, ends = info.display, text(info.end_date_time)
    evse = display.evse if display is not UNSET else UNSET
    return DisplayMessage(
        state="accepted",
        evse_no=max(evse.id, 0) if evse is not UNSET else 0,
        message_id=info.id,
        contents=[_content(item) for item in (info.message, *extra)],
        priority=info.priority,
        shown_while=info.state if info.state is not UNSET else None,
        starts=text(info.start_date_time),
        ends=ends,
        ends_ms=parse_timestamp(ends) if ends else None,
        transaction_id=text(info.transaction_id),
    )


def _content(item: MessageContentType) -> Content:
    language = item.language if item.language is not UNSET else None
    return Content(content=item.content, format=item.format, language=language)


@routes.translate
async def get_display_messages(caller: Caller, command: GetDisplayMessages) -> Outcome:
    """Let the station report its messages (O03, O04); `Unknown` means that it has none of these."""
    request = GetDisplayMessagesRequest(
        request_id=caller.request_id,
        id=command.message_ids or UNSET,
        priority=command.priority or UNSET,
        state=command.state or UNSET,
    )
    # the first part may come before our side has looked at the answer
    caller.services.display_messages.begins(caller.state, request.request_id, all_of_them=_asks_for_all(request))
    return outcome(await caller.call(request, GetDisplayMessagesResponse))


def _asks_for_all(request: GetDisplayMessagesRequest) -> bool:
    return not request.id and not request.priority and not request.state


@routes.learn
def asking(here: Here, request: GetDisplayMessagesRequest, response: GetDisplayMessagesResponse) -> None:
    """Note which report is awaited."""
    here.services.display_messages.asked(
        here.state, here.work, request.request_id, response.status, all_of_them=_asks_for_all(request)
    )


@routes.handle()
def notify_display_messages(here: Here, request: NotifyDisplayMessagesRequest) -> NotifyDisplayMessagesResponse:
    """Record one part of a report (O03.FR.03), whatever its requestId."""
    found = [document_of(info) for info in request.message_info] if request.message_info is not UNSET else []
    for message in found:
        message.state, message.source = "reported", "reported"
    last = request.tbc is not True
    here.services.display_messages.part(here.state, here.work, request.request_id, found, last=last)
    return _DONE


@routes.translate
async def clear_display_message(caller: Caller, command: ClearDisplayMessage) -> Outcome:
    """Remove a message (O05)."""
    return outcome(await caller.call(ClearDisplayMessageRequest(id=command.message_id), ClearDisplayMessageResponse))


@routes.learn
def clearing(here: Here, request: ClearDisplayMessageRequest, response: ClearDisplayMessageResponse) -> None:
    """Record that a message is gone."""
    here.services.display_messages.cleared(here.state, here.work, request.id, response.status)
