"""Display messages (functional block O)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import (
    ClearMessageStatusEnumType,
    DisplayMessageStatusEnumType,
    GetDisplayMessagesStatusEnumType,
    MessagePriorityEnumType,
    MessageStateEnumType,
)
from voltherd.ocpp.v2.types import MessageInfoType, StatusInfoType


class ClearDisplayMessageRequest(WireType, kw_only=True):
    """Removes a message from the display. CSMS to station."""

    id: int
    custom_data: CustomDataType | UnsetType = UNSET


class ClearDisplayMessageResponse(WireType, kw_only=True):
    """Answer to `ClearDisplayMessage`."""

    status: ClearMessageStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetDisplayMessagesRequest(WireType, kw_only=True):
    """Asks for a report of messages for the display. CSMS to station."""

    request_id: int
    id: Annotated[list[int], Meta(min_length=1)] | UnsetType = UNSET
    priority: MessagePriorityEnumType | UnsetType = UNSET
    state: MessageStateEnumType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class GetDisplayMessagesResponse(WireType, kw_only=True):
    """Answer to `GetDisplayMessages`."""

    status: GetDisplayMessagesStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDisplayMessagesRequest(WireType, kw_only=True):
    """Delivers one part of a report of messages for the display. Station to CSMS."""

    request_id: int
    message_info: Annotated[list[MessageInfoType], Meta(min_length=1)] | UnsetType = UNSET
    tbc: bool | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class NotifyDisplayMessagesResponse(WireType, kw_only=True):
    """Answer to `NotifyDisplayMessages`."""

    custom_data: CustomDataType | UnsetType = UNSET


class SetDisplayMessageRequest(WireType, kw_only=True):
    """Shows a message on the display. CSMS to station."""

    message: MessageInfoType
    custom_data: CustomDataType | UnsetType = UNSET


class SetDisplayMessageResponse(WireType, kw_only=True):
    """Answer to `SetDisplayMessage`."""

    status: DisplayMessageStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
