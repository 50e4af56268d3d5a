"""Commands and what became of them."""

from collections.abc import Sequence

from sqlalchemy import Index, bindparam, or_, select

from voltherd.domain.commands import OPEN_STATES, CommandRecord
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of, page_of_stations
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import id64, integer, rewritten, text

commands = rewritten(
    "commands",
    id64(),
    integer("tenant_id"),
    integer("station_id"),
    text("name"),
    text("request"),
    text("state"),
    text("requested_by"),
    integer("created_at_ms"),
    integer("not_after_ms"),
    integer("sent_at_ms", null=True),
    integer("answered_at_ms", null=True),
    integer("effect_at_ms", null=True),
    text("answer", null=True),
    text("error", null=True),
    text("effect", null=True),
)
_c = commands.c
Index("commands_of_station", _c.station_id, _c.id)
Index("commands_of_tenant", _c.tenant_id, _c.id)
Index("commands_by_state", _c.station_id, _c.state)

COMMANDS = RecordTable(CommandRecord, commands, key=("id",))

_NEWEST_FIRST = Order(COMMANDS, "id", descending=True)
_select = select(*COMMANDS.columns).where(_c.tenant_id == bindparam("tenant_id"))

OPEN_OF_STATION = Query(
    _select.where(_c.station_id == bindparam("station_id"), or_(*(_c.state == state for state in OPEN_STATES)))
)
_OPEN = Query(_select.where(or_(*(_c.state == state for state in OPEN_STATES))))
_BY_ID = Query(_select.where(_c.id == bindparam("id")))


class CommandRecords(RecordsBase):
    """Queries about commands."""

    async def commands(
        self,
        tenant_id: int,
        *,
        station_id: int | Sequence[int] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """Give a page of CommandRecord, newest first."""
        wanted = select(*COMMANDS.columns).where(_c.tenant_id == tenant_id)
        if station_id is not None:
            return await page_of_stations(self._reader, COMMANDS, _NEWEST_FIRST, wanted, station_id, limit, cursor)
        return page_of(COMMANDS, _NEWEST_FIRST, await self._select(_NEWEST_FIRST.page(wanted, limit, cursor)), limit)

    async def open_commands(self, tenant_id: int) -> list[CommandRecord]:
        """Give all commands that are not at their end; reads the whole table, for the start of a server only."""
        return [COMMANDS.from_row(row) for row in await self._fetch(_OPEN, tenant_id=tenant_id)]

    async def command(self, tenant_id: int, command_id: int) -> CommandRecord | None:
        """Give a command by its id."""
        row = await self._first(_BY_ID, tenant_id=tenant_id, id=command_id)
        return COMMANDS.from_row(row) if row else None
