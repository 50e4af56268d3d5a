"""ID tokens."""

from sqlalchemy import PrimaryKeyConstraint, bindparam, select

from voltherd.domain.id_token import IdToken
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, contains, page_of
from voltherd.store.reading import Query, RecordsBase
from voltherd.store.schema import clustered, integer, text

id_tokens = clustered(
    "id_tokens",
    integer("tenant_id"),
    text("key"),
    text("token"),
    text("type"),
    text("status"),
    integer("expires_at_ms", null=True),
    text("group_id", null=True),
    text("parent", null=True),
    text("driver", null=True),
    integer("created_at_ms"),
    text("prepaid_balance", null=True),
    PrimaryKeyConstraint("tenant_id", "key"),
)

ID_TOKENS = RecordTable(IdToken, id_tokens, key=("tenant_id", "key"))

_BY_KEY = Order(ID_TOKENS, "key")
_ONE = Query(
    select(*ID_TOKENS.columns).where(
        id_tokens.c.tenant_id == bindparam("tenant_id"), id_tokens.c.key == bindparam("key")
    )
)


class IdTokenRecords(RecordsBase):
    """Queries about ID tokens."""

    async def token(self, tenant_id: int, key: str) -> IdToken | None:
        """Give a token by its folded key."""
        row = await self._first(_ONE, tenant_id=tenant_id, key=key)
        return ID_TOKENS.from_row(row) if row else None

    async def tokens(
        self, tenant_id: int, *, q: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page:
        """Give a page of IdToken by key; `q` is looked for in token, driver, group and parent."""
        wanted = select(*ID_TOKENS.columns).where(id_tokens.c.tenant_id == tenant_id)
        if q:
            wanted = wanted.where(
                contains(q, *(id_tokens.c[name] for name in ("token", "driver", "group_id", "parent")))
            )
        return page_of(ID_TOKENS, _BY_KEY, await self._select(_BY_KEY.page(wanted, limit, cursor)), limit)
