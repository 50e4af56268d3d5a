"""SendLocalList and GetLocalListVersion of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.local_list import Entry
from voltherd.station.token import Token
from voltherd.station.v16.authorization import token_info
from voltherd.station.v16.words import serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@serves("SendLocalList")
def send_local_list(core: StationCore, request: v16.SendLocalListRequest) -> v16.SendLocalListResponse:
    """OCPP 1.6, 5.15."""
    given = () if request.local_authorization_list is UNSET else request.local_authorization_list
    entries = [
        Entry(Token(one.id_tag), None if one.id_tag_info is UNSET else token_info(one.id_tag_info)) for one in given
    ]
    change = core.local_list.replace if request.update_type == "Full" else core.local_list.amend
    return v16.SendLocalListResponse(status=change(request.list_version, entries))


@serves("GetLocalListVersion")
def get_local_list_version(
    core: StationCore, request: v16.GetLocalListVersionRequest
) -> v16.GetLocalListVersionResponse:
    """OCPP 1.6, 5.10."""
    return v16.GetLocalListVersionResponse(list_version=core.local_list.told_version())
