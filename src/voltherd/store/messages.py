"""The log of raw frames, and the answers remembered for repeated message ids."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Index, PrimaryKeyConstraint, bindparam, select

from voltherd.domain.message import InboundMessage, LoggedMessage
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.paging import Order, page_of
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import appended, blob, clustered, id64, integer, text

messages = appended(
    "messages",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    integer("at_ms"),
    text("direction"),
    text("message_type"),
    text("message_id"),
    text("action"),
    text("frame"),
)
_c = messages.c
Index("messages_of_station", _c.station_id, _c.at_ms, _c.id)
Index("messages_by_action", _c.station_id, _c.action, _c.at_ms, _c.id)

inbound_messages = clustered(
    "inbound_messages",
    integer("tenant_id"),
    integer("station_id"),
    text("message_id"),
    blob("payload_hash"),
    blob("reply"),
    integer("at_ms"),
    integer("slot"),
    PrimaryKeyConstraint("station_id", "slot"),
    fillfactor=80,
)
KEPT_REPLIES = 8
"""A station has one call open at a time (RPC), so only its last few messages can come again after a restart."""
_slots: defaultdict[int, int] = defaultdict(int)


def next_slot(message: InboundMessage) -> int:
    """Give the place of the station's oldest remembered reply, which this one takes."""
    slot = _slots[message.station_id] % KEPT_REPLIES
    _slots[message.station_id] = slot + 1
    return slot


MESSAGES = RecordTable(LoggedMessage, messages, key=("id",), mode="append")
INBOUND_MESSAGES = RecordTable(
    InboundMessage, inbound_messages, key=("station_id", "slot"), derived={"slot": next_slot}
)

_NEWEST_FIRST = Order(MESSAGES, "at_ms", "id", descending=True)

REPLIES_OF_STATION = Query(
    select(*INBOUND_MESSAGES.columns)
    .where(
        inbound_messages.c.station_id == bindparam("station_id"),
        inbound_messages.c.tenant_id == bindparam("tenant_id"),
    )
    .order_by(inbound_messages.c.at_ms.desc())
)


def replies_of(rows: Iterable[Row]) -> list[InboundMessage]:
    """Give the replies among rows that come newest first; of a message id that came again the newest."""
    replies: dict[str, InboundMessage] = {}
    for row in rows:
        reply = INBOUND_MESSAGES.from_row(row)
        replies.setdefault(reply.message_id, reply)
    return list(replies.values())


class MessageRecords(RecordsBase):
    """Queries about logged messages."""

    async def messages(
        self,
        tenant_id: int,
        station_id: int,
        *,
        since_ms: int | None = None,
        action: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of a station's LoggedMessage, newest first."""
        wanted = select(*MESSAGES.columns).where(_c.station_id == station_id, _c.tenant_id == tenant_id)
        if action is not None:
            wanted = wanted.where(_c.action == action)
        if since_ms is not None:
            wanted = wanted.where(_c.at_ms >= since_ms)
        return page_of(MESSAGES, _NEWEST_FIRST, await self._select(_NEWEST_FIRST.page(wanted, limit, cursor)), limit)
