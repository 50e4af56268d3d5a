"""Users, API keys, settings and the audit log."""

from collections.abc import Callable

from sqlalchemy import Index, PrimaryKeyConstraint, bindparam, or_, select

from voltherd.domain.access import ApiKey, AuditEntry, Setting, User
from voltherd.services.ports import Page
from voltherd.store.mapping import RecordTable
from voltherd.store.paging import Order, page_of
from voltherd.store.reading import Query, Reader, RecordsBase
from voltherd.store.schema import appended, blob, clustered, id64, integer, text

users = appended(
    "users",
    id64(),
    integer("tenant_id"),
    text("username"),
    text("password_hash"),
    text("role"),
    integer("created_at_ms"),
)
Index("users_name", users.c.tenant_id, users.c.username, unique=True)

api_keys = appended(
    "api_keys",
    id64(),
    integer("tenant_id"),
    text("name"),
    blob("key_hash"),
    text("role"),
    integer("created_at_ms"),
    integer("expires_at_ms", null=True),
    integer("user_id", null=True),
)
Index("api_keys_hash", api_keys.c.key_hash, unique=True)

Index("api_keys_expiry", api_keys.c.expires_at_ms)

settings = clustered(
    "settings",
    integer("tenant_id"),
    text("name"),
    text("value"),
    integer("updated_at_ms"),
    PrimaryKeyConstraint("tenant_id", "name"),
)

audit_log = appended(
    "audit_log",
    id64(),
    integer("tenant_id"),
    integer("at_ms"),
    text("who"),
    text("what"),
    text("entity"),
    text("before", null=True),
    text("after", null=True),
)
Index("audit_log_of_tenant", audit_log.c.tenant_id, audit_log.c.id)

USERS = RecordTable(User, users, key=("id",))
API_KEYS = RecordTable(ApiKey, api_keys, key=("id",))
SETTINGS = RecordTable(Setting, settings, key=("tenant_id", "name"))
AUDIT_LOG = RecordTable(AuditEntry, audit_log, key=("id",), mode="append")

_NEWEST_FIRST = Order(AUDIT_LOG, "id", descending=True)
_USERS = Query(select(*USERS.columns).where(users.c.tenant_id == bindparam("tenant_id")).order_by(users.c.username))
_VALID_KEYS = Query(
    select(*API_KEYS.columns)
    .where(or_(api_keys.c.expires_at_ms.is_(None), api_keys.c.expires_at_ms > bindparam("now_ms")))
    .order_by(api_keys.c.id)
)
_SETTING = Query(
    select(*SETTINGS.columns).where(
        settings.c.tenant_id == bindparam("tenant_id"), settings.c.name == bindparam("name")
    )
)


class AccessRecords(RecordsBase):
    """Queries about people, programs and what they did."""

    def __init__(self, reader: Reader, clock_ms: Callable[[], int]) -> None:
        super().__init__(reader)
        self._clock_ms = clock_ms

    async def users(self, tenant_id: int) -> list[User]:
        """Give the users by name."""
        return [USERS.from_row(row) for row in await self._fetch(_USERS, tenant_id=tenant_id)]

    async def api_keys(self) -> list[ApiKey]:
        """Give every key of every tenant that has not expired."""
        return [API_KEYS.from_row(row) for row in await self._fetch(_VALID_KEYS, now_ms=self._clock_ms())]

    async def setting(self, tenant_id: int, name: str) -> Setting | None:
        """Give a setting that was written."""
        row = await self._first(_SETTING, tenant_id=tenant_id, name=name)
        return SETTINGS.from_row(row) if row else None

    async def audit(self, tenant_id: int, *, limit: int = 100, cursor: str | None = None) -> Page:
        """Give a page of AuditEntry, newest first."""
        wanted = select(*AUDIT_LOG.columns).where(audit_log.c.tenant_id == tenant_id)
        return page_of(AUDIT_LOG, _NEWEST_FIRST, await self._select(_NEWEST_FIRST.page(wanted, limit, cursor)), limit)
