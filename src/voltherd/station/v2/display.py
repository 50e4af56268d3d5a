"""Display messages of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.display import DisplayReport, Message, Wording
from voltherd.station.outbox import Outgoing
from voltherd.station.v2.words import given, info, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("SetDisplayMessage")
def set_display_message(core: StationCore, request: v2.SetDisplayMessageRequest) -> v2.SetDisplayMessageResponse:
    """OCPP 2.0.1 O01, O02, O06."""
    status, why = core.display.set(_message(request.message))
    reason = "TxNotFound" if status == "UnknownTransaction" else "NoSpace"
    return v2.SetDisplayMessageResponse(status=status, status_info=UNSET if why is None else info(reason, why))


def _message(wire: v2.MessageInfoType) -> Message:
    component = None
    if wire.display is not UNSET:
        evse = given(wire.display.evse)
        component = (wire.display.name, given(wire.display.instance), None if evse is None else evse.id)
    return Message(
        id=wire.id,
        priority=wire.priority,
        wordings=tuple(_wording(one) for one in (wire.message, *(given(wire.message_extra) or ()))),
        state=given(wire.state),
        start_at=given(wire.start_date_time),
        end_at=given(wire.end_date_time),
        transaction_id=given(wire.transaction_id),
        component=component,
    )


def _wording(wire: v2.MessageContentType) -> Wording:
    return Wording(format=wire.format, content=wire.content, language=given(wire.language))


@serves("GetDisplayMessages")
def get_display_messages(core: StationCore, request: v2.GetDisplayMessagesRequest) -> v2.GetDisplayMessagesResponse:
    """OCPP 2.0.1 O03, O04."""
    ids, priority, state = given(request.id), given(request.priority), given(request.state)
    found = [
        message
        for message in core.display.messages
        if (ids is None or message.id in ids)
        and priority in (None, message.priority)
        and state in (None, message.state)
    ]
    if not found:
        return v2.GetDisplayMessagesResponse(status="Unknown")
    core.display.report(request.request_id, found)
    return v2.GetDisplayMessagesResponse(status="Accepted")


@serves("ClearDisplayMessage")
def clear_display_message(core: StationCore, request: v2.ClearDisplayMessageRequest) -> v2.ClearDisplayMessageResponse:
    """OCPP 2.0.1 O05."""
    return v2.ClearDisplayMessageResponse(status="Accepted" if core.display.clear(request.id) else "Unknown")


@reports(DisplayReport)
def notify_display_messages(core: StationCore, report: DisplayReport) -> Outgoing:
    """One part of a report on the messages."""
    request = v2.NotifyDisplayMessagesRequest(
        request_id=report.request_id,
        message_info=[_message_info(message) for message in report.messages],
        tbc=report.more,
    )
    return Outgoing(action="NotifyDisplayMessages", request=request)


def _message_info(message: Message) -> v2.MessageInfoType:
    main, *others = (_content(wording) for wording in message.wordings)
    state: Any = message.state
    wire = v2.MessageInfoType(
        id=message.id,
        priority=message.priority,
        message=main,
        state=UNSET if state is None else state,
        start_date_time=message.start_at or UNSET,
        end_date_time=message.end_at or UNSET,
        transaction_id=message.transaction_id or UNSET,
        message_extra=others or UNSET,
    )
    if message.component is not None:
        name, instance, evse_id = message.component
        evse = UNSET if evse_id is None else v2.EVSEType(id=evse_id)
        wire.display = v2.ComponentType(name=name, instance=instance or UNSET, evse=evse)
    return wire


def _content(wording: Wording) -> v2.MessageContentType:
    kind: Any = wording.format
    return v2.MessageContentType(format=kind, content=wording.content, language=wording.language or UNSET)
