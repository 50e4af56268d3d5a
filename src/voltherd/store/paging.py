"""Pages of lists: the cursor is the key of the last row given, so pages stay right while rows come and go."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Select, func, or_, tuple_
from sqlalchemy.sql.expression import ColumnElement

from voltherd.domain.errors import Invalid
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable, Row
from voltherd.store.reading import Reader, statement_of
from voltherd.store.schema import MAX_INTEGER, MIN_INTEGER

MAX_LIMIT = 10_000


def encode_cursor(key: Sequence[Any]) -> str:
    """Write the key of a row as opaque text."""
    return urlsafe_b64encode(msgspec.json.encode(list(key))).decode().rstrip("=")


def decode_cursor(cursor: str, columns: Sequence[ColumnElement[Any]]) -> list[Any]:
    """Read a cursor back. Raises Invalid for what we did not give out for this list."""
    try:
        key = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[int | str])
    except (ValueError, msgspec.MsgspecError) as error:
        raise Invalid("The cursor is not one that this list gave out.") from error
    if any(isinstance(part, int) and not MIN_INTEGER <= part <= MAX_INTEGER for part in key):
        raise Invalid("The cursor is not one that this list gave out.")
    if [type(part) for part in key] != [column.type.python_type for column in columns]:
        raise Invalid("The cursor is not one that this list gave out.")
    return key


class Order:
    """A stable order over columns, all in the same direction, that pages follow."""

    def __init__(self, table: RecordTable[Any], *names: str, descending: bool = False) -> None:
        self._columns = [table.table.c[name] for name in names]
        self._descending = descending
        self._positions = [[column.name for column in table.columns].index(name) for name in names]

    def page(self, select: Select[Any], limit: int, cursor: str | None) -> Select[Any]:
        """Restrict a SELECT to one page, and one row more to know whether there is a next."""
        if cursor is not None:
            key, here = tuple_(*decode_cursor(cursor, self._columns)), tuple_(*self._columns)
            select = select.where(here < key if self._descending else here > key)
        order = [column.desc() for column in self._columns] if self._descending else self._columns
        return select.order_by(*order).limit(clamp(limit) + 1)

    def merged(self, parts: Sequence[list[Row]]) -> list[Row]:
        """Put rows of several SELECTs of one page together in the order."""
        rows = (row for part in parts for row in part)
        return sorted(rows, key=lambda row: [row[at] for at in self._positions], reverse=self._descending)

    def cut(self, rows: list[Row], limit: int) -> tuple[list[Row], str | None]:
        """Split the rows found into those of the page and the cursor of the next."""
        limit = clamp(limit)
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        return rows[:limit], encode_cursor([last[at] for at in self._positions])


def clamp(limit: int) -> int:
    """Keep a page within what one answer may hold."""
    return max(1, min(limit, MAX_LIMIT))


def page_of(table: RecordTable[Any], order: Order, rows: list[Row], limit: int) -> Page:
    """Make a page of records."""
    rows, following = order.cut(rows, limit)
    return Page(items=[table.from_row(row) for row in rows], next=following)


async def page_of_stations(
    reader: Reader,
    table: RecordTable[Any],
    order: Order,
    wanted: Select[Any],
    station_id: int | Sequence[int],
    limit: int,
    cursor: str | None,
) -> Page:
    """Give a page of what belongs to some stations: each is asked for itself, in the order of its own index."""
    ids = [station_id] if isinstance(station_id, int) else station_id
    selects = [order.page(wanted.where(table.table.c.station_id == each), limit, cursor) for each in ids]
    parts = await reader.run([statement_of(select, reader.dialect) for select in selects])
    return page_of(table, order, order.merged(parts), limit)


def contains(q: str, *columns: Column[str]) -> ColumnElement[bool]:
    """Match rows where one of the columns contains a text, whatever its case."""
    return or_(*(func.lower(column).like(pattern(q.lower()), escape="\\") for column in columns))


def pattern(part: str) -> str:
    """Make the LIKE pattern (escape: a backslash) of texts that contain a part."""
    return "%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
