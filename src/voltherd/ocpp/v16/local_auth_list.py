"""Local authorization list profile of OCPP 1.6."""

# Written by tools/generate_messages.py from the official schemas; do not edit.

from msgspec import UNSET, UnsetType

from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.v16.enums import UpdateStatus, UpdateType
from voltherd.ocpp.v16.types import AuthorizationData


class GetLocalListVersionRequest(WireType, kw_only=True):
    """Asks for the version of the local authorization list. CSMS to station."""


class GetLocalListVersionResponse(WireType, kw_only=True):
    """Answer to `GetLocalListVersion`."""

    list_version: int


class SendLocalListRequest(WireType, kw_only=True):
    """Replaces or changes the local authorization list. CSMS to station."""

    list_version: int
    update_type: UpdateType
    local_authorization_list: list[AuthorizationData] | UnsetType = UNSET


class SendLocalListResponse(WireType, kw_only=True):
    """Answer to `SendLocalList`."""

    status: UpdateStatus
