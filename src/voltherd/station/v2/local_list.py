"""SendLocalList and GetLocalListVersion of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from voltherd.ocpp import v2
from voltherd.station.local_list import Entry, Outcome
from voltherd.station.v2.words import given, info, serves, token, token_info

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

_WHY: Final[dict[Outcome, tuple[str, str]]] = {
    "Failed": ("InvalidValue", "Switched off, too many entries, a token twice, or no version number"),
    "VersionMismatch": ("InvalidValue", "The version is not newer than the list's"),
}


@serves("SendLocalList")
def send_local_list(core: StationCore, request: v2.SendLocalListRequest) -> v2.SendLocalListResponse:
    """OCPP 2.0.1 D01."""
    entries = [
        Entry(token(one.id_token), None if one.id_token_info is UNSET else token_info(one.id_token_info))
        for one in given(request.local_authorization_list) or ()
    ]
    change = core.local_list.replace if request.update_type == "Full" else core.local_list.amend
    outcome = change(request.version_number, entries)
    assert outcome != "NotSupported"
    why = _WHY.get(outcome)
    return v2.SendLocalListResponse(status=outcome, status_info=UNSET if why is None else info(*why))


@serves("GetLocalListVersion")
def get_local_list_version(core: StationCore, request: v2.GetLocalListVersionRequest) -> v2.GetLocalListVersionResponse:
    """OCPP 2.0.1 D02."""
    return v2.GetLocalListVersionResponse(version_number=core.local_list.told_version())
