"""From noted changes to what the stream tells: one read of the store for all that changed on the same stations."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from voltherd.api.dependencies import Api
from voltherd.api.request import identity_of
from voltherd.api.views.command import command_view
from voltherd.api.views.message import message_view
from voltherd.api.views.station import StationGone, station_view
from voltherd.api.views.transaction import transaction_view
from voltherd.domain.commands import CommandRecord
from voltherd.domain.transaction import Transaction
from voltherd.services.ports import Change, StationSnapshot, Topic

BREATHE_AFTER = 50
MAX_MESSAGES = 500
MARGIN_MS = 2_000
"""The log is written behind: a frame may become readable this much later than newer ones were read."""


class News(Struct):
    """What is told of one change."""

    topic: Topic
    tenant_id: int
    identity: str
    data: bytes


class Mark(Struct):
    """How far the message log of a station was told."""

    since_ms: int
    last_id: int = 0


async def read_changes(api: Api, changes: Sequence[Change]) -> list[News]:
    """Read what has changed, as it is now. Raises StoreUnavailable."""
    found: list[News] = []
    for tenant_id in {change.tenant_id for change in changes}:
        of_tenant = [change for change in changes if change.tenant_id == tenant_id]
        snapshots = await _snapshots(api, tenant_id, of_tenant)
        for number, change in enumerate(of_tenant):
            if number % BREATHE_AFTER == BREATHE_AFTER - 1:
                await asyncio.sleep(0)
            news = await _news(api, change, snapshots.get(change.identity))
            if news is not None:
                found.append(news)
    return found


async def _snapshots(api: Api, tenant_id: int, changes: Iterable[Change]) -> dict[str, StationSnapshot]:
    wanted = {change.identity for change in changes if change.topic in ("station", "transaction")} - {""}
    if not wanted:
        return {}
    page = await api.records.stations(tenant_id, identities=sorted(wanted), limit=len(wanted))
    return {snapshot.station.identity: snapshot for snapshot in page.items}


async def _news(api: Api, change: Change, snapshot: StationSnapshot | None) -> News | None:
    if change.topic == "station":
        return _told(change, change.identity, _station(api, change, snapshot))
    if not change.key.isdigit():
        return None
    record: Transaction | CommandRecord | None
    if change.topic == "transaction":
        record = await _transaction(api, change, snapshot)
    else:
        record = await api.records.command(change.tenant_id, int(change.key))
    if record is None:
        return None
    identity = change.identity or await identity_of(api, change.tenant_id, record.station_id)
    if isinstance(record, Transaction):
        return _told(change, identity, transaction_view(record, identity))
    return _told(change, identity, command_view(record, identity))


def _told(change: Change, identity: str, view: Struct) -> News:
    return News(change.topic, change.tenant_id, identity, msgspec.json.encode(view))


def _station(api: Api, change: Change, snapshot: StationSnapshot | None) -> Struct:
    if snapshot is None:
        return StationGone(station_id=change.identity)
    quirks = api.stations.quirks_of(snapshot.station)
    return station_view(snapshot, api.link.presence(change.identity), api.clock_ms(), quirks)


async def _transaction(api: Api, change: Change, snapshot: StationSnapshot | None) -> Transaction | None:
    for transaction in snapshot.transactions if snapshot else ():
        if str(transaction.id) == change.key:
            return transaction
    return await api.records.transaction(change.tenant_id, int(change.key))


async def read_messages(api: Api, tenant_id: int, identity: str, mark: Mark) -> list[News]:
    """Read the frames of a station that were logged since the mark, oldest first, and move the mark."""
    station = api.stations.find(identity, tenant_id=tenant_id)
    if station is None:
        return []
    page = await api.records.messages(tenant_id, station.id, since_ms=mark.since_ms - MARGIN_MS, limit=MAX_MESSAGES)
    fresh = [item for item in page.items if item.id > mark.last_id and (mark.last_id or item.at_ms >= mark.since_ms)]
    if fresh:
        mark.since_ms, mark.last_id = max(item.at_ms for item in fresh), max(item.id for item in fresh)
    fresh.sort(key=lambda item: item.id)
    return [News("message", tenant_id, identity, msgspec.json.encode(message_view(item, identity))) for item in fresh]
