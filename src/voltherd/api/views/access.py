"""Users, keys, sessions and the audit log as the API shows and takes them."""

from typing import Annotated

from msgspec import Meta, Struct

from voltherd.api.views.listed import instant
from voltherd.domain.access import ApiKey, AuditEntry, Role, User
from voltherd.domain.time import format_ms
from voltherd.services.access import Caller, Session

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Secret = Annotated[str, Meta(max_length=1024)]


class SetupBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """The first administrator, with the one-time token that the server printed."""

    token: Secret
    username: Name
    password: Secret


class LoginBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person's name and password."""

    username: Annotated[str, Meta(max_length=64)]
    password: Secret


class PasswordBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """The caller's password now, and the new one (at least 10 characters)."""

    current: Secret
    new: Secret


class NewUser(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person who may sign in; the password has at least 10 characters."""

    username: Name
    password: Secret
    role: Role = "operator"


class UserChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What can be changed of a user; fields left out stay as they are."""

    password: Secret | None = None
    role: Role | None = None


class NewKey(Struct, kw_only=True, forbid_unknown_fields=True):
    """A program's key; `expires_at` is RFC 3339, null for one that does not expire."""

    name: Name
    role: Role = "operator"
    expires_at: str | None = None


class Me(Struct, kw_only=True):
    """Who is asking. `username` is the name of the key where a program asks."""

    username: str
    role: Role
    kind: str
    """`user` or `api-key`."""
    expires_at: str | None


class SessionUser(Struct, kw_only=True):
    """The person signed in."""

    username: str
    role: Role


class SessionView(Struct, kw_only=True):
    """A session: its token goes into the header `Authorization: Bearer`."""

    token: str
    expires_at: str | None
    user: SessionUser


class UserView(Struct, kw_only=True):
    """A person who may sign in."""

    id: str
    username: str
    role: Role
    created_at: str | None


class KeyView(Struct, kw_only=True):
    """A program's key; its text is told only when it is made."""

    id: str
    name: str
    role: Role
    created_at: str | None
    expires_at: str | None


class KeyMade(KeyView, kw_only=True):
    """A new key with its text, told this once."""

    key: str


class AuditView(Struct, kw_only=True):
    """Who did what to what."""

    id: str
    at: str
    who: str
    what: str
    entity: str
    before: str | None
    after: str | None


def me_view(caller: Caller) -> Me:
    """Show the caller to themselves."""
    kind = "api-key" if caller.user_id is None else "user"
    return Me(username=caller.name, role=caller.role, kind=kind, expires_at=instant(caller.expires_at_ms))


def session_view(session: Session) -> SessionView:
    """Show a session that was opened just now."""
    caller = session.caller
    user = SessionUser(username=caller.name, role=caller.role)
    return SessionView(token=session.token, expires_at=instant(caller.expires_at_ms), user=user)


def user_view(user: User) -> UserView:
    """Show a user."""
    return UserView(id=str(user.id), username=user.username, role=user.role, created_at=instant(user.created_at_ms))


def key_view(key: ApiKey) -> KeyView:
    """Show a key without its text."""
    return KeyView(
        id=str(key.id),
        name=key.name,
        role=key.role,
        created_at=instant(key.created_at_ms),
        expires_at=instant(key.expires_at_ms),
    )


def key_made(key: ApiKey, text: str) -> KeyMade:
    """Show a new key with its text."""
    return KeyMade(
        id=str(key.id),
        name=key.name,
        role=key.role,
        created_at=instant(key.created_at_ms),
        expires_at=instant(key.expires_at_ms),
        key=text,
    )


def audit_view(entry: AuditEntry) -> AuditView:
    """Show an entry of the audit log."""
    return AuditView(
        id=str(entry.id),
        at=format_ms(entry.at_ms),
        who=entry.who,
        what=entry.what,
        entity=entry.entity,
        before=entry.before,
        after=entry.after,
    )
