"""The log of raw frames, and the answers remembered for repeated message ids.

The log is written behind, many messages at a time: those of one station that are written together are one row, as a
row a message would be the dearest part of a message.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Index, PrimaryKeyConstraint, Select, bindparam, select, tuple_

from voltherd.domain.message import InboundMessage, LoggedFrames, LoggedMessage
from voltherd.services.ports import Page
from voltherd.store.mapping import PACKED, RecordTable, Row
from voltherd.store.paging import clamp, decode_cursor, encode_cursor, pattern
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import appended, blob, clustered, id64, integer, text

message_rows = appended(
    "message_rows",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    integer("from_ms"),
    text("actions"),
    blob("frames"),
)
_c = message_rows.c
Index("message_rows_of_station", _c.station_id, _c.from_ms, _c.id)

MAX_BUNDLE_MESSAGES = 100
MAX_BUNDLE_CHARACTERS = 200_000
MAX_BUNDLE_SPAN_MS = 60_000
READ_BUNDLES = 32
"""So many are read at a time until a page is full."""


class MessageRow(Struct, kw_only=True):
    """Messages of one station, in their order, that were written together."""

    id: int
    """That of the first message."""
    tenant_id: int
    station_id: int
    from_ms: int
    actions: str
    """`|BootNotification|Heartbeat|`: what to look at when one action is asked for."""
    frames: bytes
    """MessagePack, which copies frames as they are: a list of [id, at_ms, direction, message_type, message_id, action,
    frame]."""


MESSAGE_ROWS = RecordTable(MessageRow, message_rows, key=("id",), mode="append")

_Message = tuple[int, int, Any, Any, str, str, bytes]
_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
"""A message id that came as a number is a text of a class of its own."""
_decode = msgspec.msgpack.Decoder(list[_Message]).decode


def pack(messages: Sequence[LoggedMessage]) -> list[tuple[RecordTable[Any], tuple[Any, ...]]]:
    """Make the rows of messages that are stored together."""
    of_station: dict[tuple[int, int], list[LoggedMessage]] = {}
    for item in messages:
        of_station.setdefault((item.tenant_id, item.station_id), []).append(item)
    return [(MESSAGE_ROWS, _row(key, bundle)) for key, items in of_station.items() for bundle in _bundles(items)]


def _bundles(items: list[LoggedMessage]) -> Iterable[list[LoggedMessage]]:
    bundle: list[LoggedMessage] = []
    characters = 0
    for item in items:
        if bundle and (
            len(bundle) == MAX_BUNDLE_MESSAGES
            or characters > MAX_BUNDLE_CHARACTERS
            or not 0 <= item.at_ms - bundle[0].at_ms <= MAX_BUNDLE_SPAN_MS
        ):
            yield bundle
            bundle, characters = [], 0
        bundle.append(item)
        characters += len(item.frame)
    yield bundle


def _row(key: tuple[int, int], items: Sequence[LoggedMessage]) -> tuple[Any, ...]:
    frames = [
        (
            m.id,
            m.at_ms,
            m.direction,
            m.message_type,
            _utf8(m.message_id).decode(),
            _utf8(m.action).decode(),
            _utf8(m.frame),
        )
        for m in items
    ]
    return _row_of(key, frames)


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "replace")


def _row_of(key: tuple[int, int], frames: list[_Message]) -> tuple[Any, ...]:
    actions = f"|{'|'.join(dict.fromkeys(frame[5] for frame in frames))}|"
    return (frames[0][0], *key, frames[0][1], actions, _encode(frames))


def pack_frames(gathered: Sequence[LoggedFrames]) -> list[tuple[RecordTable[Any], tuple[Any, ...]]]:
    """Make a row of each."""
    return [
        (
            MESSAGE_ROWS,
            _row_of(
                (item.tenant_id, item.station_id), [(id_, *frame) for id_, frame in enumerate(item.frames, item.id)]
            ),
        )
        for item in gathered
    ]


PACKED[LoggedFrames] = pack_frames
PACKED[LoggedMessage] = pack


def unpack(bundle: MessageRow) -> list[LoggedMessage]:
    """Give the messages of a bundle, newest first."""
    return [
        LoggedMessage(
            id=id_,
            tenant_id=bundle.tenant_id,
            station_id=bundle.station_id,
            at_ms=at_ms,
            direction=direction,
            message_type=message_type,
            message_id=message_id,
            action=action,
            frame=frame.decode("utf-8", "backslashreplace"),
        )
        for id_, at_ms, direction, message_type, message_id, action, frame in reversed(_decode(bundle.frames))
    ]


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


INBOUND_MESSAGES = RecordTable(
    InboundMessage, inbound_messages, key=("station_id", "slot"), derived={"slot": next_slot}
)

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
        """Give a page of a station's LoggedMessage, newest first.

        The cursor is a bundle and how many of its messages were looked at already.
        """
        wanted = select(*MESSAGE_ROWS.columns).where(_c.station_id == station_id, _c.tenant_id == tenant_id)
        if action is not None:
            wanted = wanted.where(_c.actions.like(pattern(f"|{action}|"), escape="\\"))
        if since_ms is not None:
            wanted = wanted.where(_c.from_ms >= since_ms - MAX_BUNDLE_SPAN_MS)
        from_ms, first_id, seen = decode_cursor(cursor, (_c.from_ms, _c.id, _c.id)) if cursor else (None, 0, 0)
        if from_ms is not None:
            wanted = wanted.where(tuple_(_c.from_ms, _c.id) <= tuple_(from_ms, first_id))
        return await self._page_of_messages(wanted, since_ms or -1, action, clamp(limit), seen)

    async def _page_of_messages(
        self, wanted: Select[Any], since_ms: int, action: str | None, limit: int, seen: int
    ) -> Page:
        items: list[LoggedMessage] = []
        following: str | None = None
        async for bundle in self._bundles(wanted):
            for at, message in enumerate(unpack(bundle)[seen:], seen + 1):
                if message.at_ms < since_ms or action not in (None, message.action):
                    continue
                if len(items) == limit:
                    return Page(items=items, next=following)
                items.append(message)
                following = encode_cursor((bundle.from_ms, bundle.id, at))
            seen = 0
        return Page(items=items)

    async def _bundles(self, wanted: Select[Any]) -> AsyncIterator[MessageRow]:
        """Give bundles, newest first, as they are needed."""
        newest_first = wanted.order_by(_c.from_ms.desc(), _c.id.desc()).limit(READ_BUNDLES)
        while rows := await self._select(newest_first):
            for row in rows:
                yield MESSAGE_ROWS.from_row(row)
            if len(rows) < READ_BUNDLES:
                return
            last = MESSAGE_ROWS.from_row(rows[-1])
            newest_first = (
                wanted.where(tuple_(_c.from_ms, _c.id) < tuple_(last.from_ms, last.id))
                .order_by(_c.from_ms.desc(), _c.id.desc())
                .limit(READ_BUNDLES)
            )
