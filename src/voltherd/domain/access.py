"""People and programs that use the API."""

from typing import Literal

from msgspec import Struct

from voltherd.domain.station import DEFAULT_TENANT

Role = Literal["admin", "operator", "viewer"]


class User(Struct, kw_only=True):
    """A person who signs in with a password (argon2 hash)."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    username: str
    password_hash: str
    role: Role = "admin"
    created_at_ms: int = 0


class ApiKey(Struct, kw_only=True):
    """A program's key; only a keyed hash of it is kept."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    name: str
    key_hash: bytes
    role: Role = "admin"
    created_at_ms: int = 0
    expires_at_ms: int | None = None
    """Sessions of users are keys that expire."""
    user_id: int | None = None


class AuditEntry(Struct, kw_only=True):
    """Who did what to what."""

    id: int
    tenant_id: int = DEFAULT_TENANT
    at_ms: int
    who: str
    what: str
    entity: str
    before: str | None = None
    after: str | None = None


class Setting(Struct, kw_only=True):
    """A named setting that the API can read and write; `value` is JSON."""

    tenant_id: int = DEFAULT_TENANT
    name: str
    value: str
    updated_at_ms: int = 0
