"""Authorize and ClearCache of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from voltherd.ocpp import v2
from voltherd.station.authorization import Authorize
from voltherd.station.outbox import Outgoing
from voltherd.station.token import TokenInfo
from voltherd.station.v2.words import given, id_token, reads, reports, serves, token_info

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


@reports(Authorize)
def authorize(core: StationCore, report: Authorize) -> Outgoing:
    """The question whether a token may charge."""
    return Outgoing(action="Authorize", request=v2.AuthorizeRequest(id_token=id_token(report.token)))


@reads("Authorize")
def authorized(core: StationCore, response: v2.AuthorizeResponse) -> TokenInfo:
    """The answer to it."""
    info = token_info(response.id_token_info)
    return structs.replace(info, certificate_status=given(response.certificate_status))


@serves("ClearCache")
def clear_cache(core: StationCore, request: v2.ClearCacheRequest) -> v2.ClearCacheResponse:
    """OCPP 2.0.1 C11."""
    return v2.ClearCacheResponse(status="Accepted" if core.authorization.clear_cache() else "Rejected")
