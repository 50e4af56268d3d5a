"""Local authorization list (functional block D)."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voltherd.ocpp.scalars import CustomDataType, WireType
from voltherd.ocpp.v2.enums import SendLocalListStatusEnumType, UpdateEnumType
from voltherd.ocpp.v2.types import AuthorizationData, StatusInfoType


class GetLocalListVersionRequest(WireType, kw_only=True):
    """Asks for the version of the local authorization list. CSMS to station."""

    custom_data: CustomDataType | UnsetType = UNSET


class GetLocalListVersionResponse(WireType, kw_only=True):
    """Answer to `GetLocalListVersion`."""

    version_number: int
    custom_data: CustomDataType | UnsetType = UNSET


class SendLocalListRequest(WireType, kw_only=True):
    """Replaces or changes the local authorization list. CSMS to station."""

    version_number: int
    update_type: UpdateEnumType
    local_authorization_list: Annotated[list[AuthorizationData], Meta(min_length=1)] | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET


class SendLocalListResponse(WireType, kw_only=True):
    """Answer to `SendLocalList`."""

    status: SendLocalListStatusEnumType
    status_info: StatusInfoType | UnsetType = UNSET
    custom_data: CustomDataType | UnsetType = UNSET
