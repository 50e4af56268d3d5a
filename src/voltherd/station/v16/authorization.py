"""Authorize and ClearCache of 1.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from voltherd.ocpp import v16
from voltherd.station.authorization import Authorize, ListConflict
from voltherd.station.outbox import Outgoing
from voltherd.station.token import Token, TokenInfo
from voltherd.station.v16.words import reads, reports, serves

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


def token_info(wire: v16.IdTagInfo) -> TokenInfo:
    """What the CSMS says about a tag; `ConcurrentTx` in the word of 2.x is the same."""
    return TokenInfo(
        status=wire.status,
        expires_at=None if wire.expiry_date is UNSET else wire.expiry_date,
        group=None if wire.parent_id_tag is UNSET else Token(wire.parent_id_tag),
    )


@reports(Authorize)
def authorize(core: StationCore, report: Authorize) -> Outgoing:
    """The question whether a tag may charge."""
    return Outgoing(action="Authorize", request=v16.AuthorizeRequest(id_tag=report.token.id[:20]))


@reads("Authorize")
def authorized(core: StationCore, response: v16.AuthorizeResponse) -> TokenInfo:
    """The answer to it."""
    return token_info(response.id_tag_info)


@reports(ListConflict)
def list_conflict(core: StationCore, report: ListConflict) -> Outgoing:
    """OCPP 1.6, 3.5.2: told of connector 0."""
    request = v16.StatusNotificationRequest(
        connector_id=0,
        error_code="LocalListConflict",
        status="Available" if core.availability.station_operative else "Unavailable",
        timestamp=core.clock.text(core.now),
    )
    return Outgoing(action="StatusNotification", request=request)


@serves("ClearCache")
def clear_cache(core: StationCore, request: v16.ClearCacheRequest) -> v16.ClearCacheResponse:
    """OCPP 1.6, 5.4."""
    return v16.ClearCacheResponse(status="Accepted" if core.authorization.clear_cache() else "Rejected")
