"""Access: people sign in, programs carry keys, and both have a role.

Keys and sessions are random texts; kept is only a keyed BLAKE2b hash, looked up in memory. Everything that changes
is committed and audited before it counts.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from hashlib import blake2b

from msgspec import Struct

from voltherd.domain.access import ApiKey, AuditEntry, Role, User
from voltherd.domain.errors import Conflict, Denied, Invalid, NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.passwords import Brake, Passwords, check_rule
from voltherd.services.ports import Journal, Records, Removed

ENVIRONMENT_KEY = "VOLTHERD_API_KEY"
ENVIRONMENT_USER = "admin"
MAX_NAME = 64
MAX_KEY = 512
FREE_PER_USER, FREE_PER_PEER = 4, 30
"""Sign-ins before the brake works: for one name from one peer, and for one peer."""


class Caller(Struct, kw_only=True, frozen=True):
    """Who asks: a program with its key, or a person with a session."""

    tenant_id: int
    name: str
    role: Role
    key_id: int
    user_id: int | None = None
    expires_at_ms: int | None = None


class Session(Struct, kw_only=True):
    """A signed-in person's token (told once) and until when it holds."""

    token: str
    caller: Caller


class Access:
    """Users, keys and sessions of this node, in memory and in the store."""

    def __init__(
        self,
        records: Records,
        journal: Journal,
        *,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
        secret: bytes,
        session_hours: float = 12.0,
    ) -> None:
        if len(secret) < 16:
            raise ValueError("the secret for the hashes of keys needs at least 16 bytes")
        self._records, self._journal = records, journal
        self._ids, self._clock_ms = ids, clock_ms
        self._secret = blake2b(secret, digest_size=64).digest()
        self._session_ms = int(session_hours * 3_600_000)
        self._passwords, self._brake = Passwords(), Brake(clock_ms)
        self._users: dict[int, User] = {}
        self._keys: dict[bytes, ApiKey] = {}
        self._setup_token: str | None = None
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read users and keys into memory; to be called once before anything else."""
        users = await self._records.users(DEFAULT_TENANT)
        self._users = {user.id: user for user in users}
        self._keys = {key.key_hash: key for key in await self._records.api_keys()}

    # -- first start ---------------------------------------------------------------------------------------------

    async def bootstrap(self, admin_password: str | None, api_key: str | None) -> None:
        """Make the environment's administrator and key what it says; a key no longer named there ends.

        Raises Invalid where the password breaks the rule or the key is blank.
        """
        if admin_password is not None:
            await self._bootstrap_user(admin_password)
        await self._bootstrap_key(api_key)

    async def _bootstrap_user(self, password: str) -> None:
        check_rule(password)
        user = self._user_named(ENVIRONMENT_USER, DEFAULT_TENANT)
        if user is None:
            await self.add_user(ENVIRONMENT_USER, password, "admin", who="environment")
        elif not await self._passwords.verify(user.password_hash, password):
            await self.change_user(user.id, password=password, who="environment")

    async def _bootstrap_key(self, text: str | None) -> None:
        if text is not None and not text.strip():
            raise Invalid(f"{ENVIRONMENT_KEY} is set but blank.")
        wanted = None if text is None else self._hash(text)
        for key in [key for key in self._keys.values() if key.name == ENVIRONMENT_KEY and key.key_hash != wanted]:
            await self._drop_key(key, "environment")
        if wanted is not None and wanted not in self._keys:
            await self._keep_key(self._key_record(ENVIRONMENT_KEY, wanted, "admin"), "environment")

    def setup_link_token(self) -> str | None:
        """Give the one-time token that makes the first administrator, or None where there are users."""
        if self._users:
            return None
        self._setup_token = self._setup_token or secrets.token_urlsafe(24)
        return self._setup_token

    async def setup(self, token: str, username: str, password: str) -> Session:
        """Make the first administrator and sign them in. Raises Denied, Invalid; the token works once."""
        async with self._changing:
            expected = self._setup_token
            if self._users or expected is None or not secrets.compare_digest(token.encode(), expected.encode()):
                raise Denied("The setup link is not valid, or it was used already.")
            user = await self._new_user(username, password, "admin", DEFAULT_TENANT, "setup")
            self._setup_token = None
        return await self._open_session(user)

    # -- who asks ------------------------------------------------------------------------------------------------

    def verify(self, token: str) -> Caller | None:
        """Tell whose key or session this is; None where it is not known or has expired. From memory, at once."""
        if not 0 < len(token) <= MAX_KEY:
            return None
        key = self._keys.get(self._hash(token))
        return None if key is None else self._caller(key)

    def _caller(self, key: ApiKey) -> Caller | None:
        if key.expires_at_ms is not None and key.expires_at_ms <= self._clock_ms():
            return None
        name, role = key.name, key.role
        if key.user_id is not None:
            user = self._users.get(key.user_id)
            if user is None:
                return None
            name, role = user.username, user.role
        return Caller(
            tenant_id=key.tenant_id,
            name=name,
            role=role,
            key_id=key.id,
            user_id=key.user_id,
            expires_at_ms=key.expires_at_ms,
        )

    async def login(self, username: str, password: str, peer: str) -> Session:
        """Sign a person in; attempts are slowed per name and peer. Raises Denied, TooManyAttempts."""
        of_name, of_peer = f"{peer} {username.strip().casefold()[:MAX_NAME]}", peer
        wait_ms = self._brake.wait_ms(of_name, free=FREE_PER_USER)
        wait_ms = max(wait_ms, self._brake.wait_ms(of_peer, free=FREE_PER_PEER))
        if wait_ms:
            await asyncio.sleep(wait_ms / 1000)
        user = self._user_named(username, None)
        if not await self._passwords.verify(user.password_hash if user else None, password) or user is None:
            raise Denied("The name or the password is wrong.")
        self._brake.release(of_name)
        self._brake.release(of_peer)
        return await self._open_session(user)

    async def logout(self, caller: Caller) -> None:
        """End the caller's session. Raises Conflict for a program's key."""
        if caller.user_id is None:
            raise Conflict("An API key is no session; delete the key to end it.")
        for key in [key for key in self._keys.values() if key.id == caller.key_id]:
            await self._drop_key(key, caller.name, audited=False)

    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        """Change the caller's own password; their other sessions end. Raises Conflict, Denied, Invalid."""
        user = self._users.get(caller.user_id or 0)
        if user is None:
            raise Conflict("An API key has no password.")
        check_rule(new)
        wait_ms = self._brake.wait_ms(f"change {user.id}", free=FREE_PER_USER)
        await asyncio.sleep(wait_ms / 1000)
        if not await self._passwords.verify(user.password_hash, current):
            raise Denied("The current password is wrong.", signed_in=True)
        self._brake.release(f"change {user.id}")
        await self.change_user(user.id, password=new, who=caller.name, tenant_id=caller.tenant_id, keep=caller.key_id)

    async def _open_session(self, user: User) -> Session:
        token, now_ms = f"vs_{secrets.token_urlsafe(32)}", self._clock_ms()
        key = self._key_record(f"session of {user.username}", self._hash(token), user.role, user.tenant_id)
        key.expires_at_ms, key.user_id = now_ms + self._session_ms, user.id
        ended = [old for old in self._keys.values() if old.expires_at_ms is not None and old.expires_at_ms <= now_ms]
        await self._journal.committed([key, *(Removed(old) for old in ended)])
        for old in ended:
            self._keys.pop(old.key_hash, None)
        self._keys[key.key_hash] = key
        caller = self._caller(key)
        if caller is None:
            raise Denied("The user was deleted.")
        return Session(token=token, caller=caller)

    # -- users ---------------------------------------------------------------------------------------------------

    def users(self, tenant_id: int = DEFAULT_TENANT) -> list[User]:
        """Give the users by name."""
        return sorted((user for user in self._users.values() if user.tenant_id == tenant_id), key=lambda u: u.username)

    def user(self, user_id: int, tenant_id: int = DEFAULT_TENANT) -> User:
        """Give one user. Raises NotFound."""
        user = self._users.get(user_id)
        if user is None or user.tenant_id != tenant_id:
            raise NotFound(f"There is no user {user_id}.")
        return user

    async def add_user(
        self, username: str, password: str, role: Role, *, who: str, tenant_id: int = DEFAULT_TENANT
    ) -> User:
        """Create a user. Raises Invalid, Conflict (the name is taken)."""
        async with self._changing:
            return await self._new_user(username, password, role, tenant_id, who)

    async def _new_user(self, username: str, password: str, role: Role, tenant_id: int, who: str) -> User:
        username = checked_name(username, "user name")
        if self._user_named(username, None):
            raise Conflict(f"There is a user {username!r} already.")
        user = User(
            id=self._ids(),
            tenant_id=tenant_id,
            username=username,
            password_hash=await self._passwords.hash(password),
            role=role,
            created_at_ms=self._clock_ms(),
        )
        await self._journal.committed([user, self._audit(tenant_id, who, "create", f"user {username}", after=role)])
        self._users[user.id] = user
        self._setup_token = None
        return user

    async def change_user(
        self,
        user_id: int,
        *,
        password: str | None = None,
        role: Role | None = None,
        who: str,
        tenant_id: int = DEFAULT_TENANT,
        keep: int | None = None,
    ) -> User:
        """Change role or password; a new password ends the user's sessions (but not the session `keep`).

        Raises NotFound, Invalid, Conflict (the last administrator would lose the role).
        """
        async with self._changing:
            user = self.user(user_id, tenant_id)
            password_hash = user.password_hash if password is None else await self._passwords.hash(password)
            if role not in (None, "admin"):
                self._keep_an_administrator(user)
            changed = User(
                id=user.id,
                tenant_id=tenant_id,
                username=user.username,
                password_hash=password_hash,
                role=role or user.role,
                created_at_ms=user.created_at_ms,
            )
            what = "change the password of" if password is not None else "change"
            entry = self._audit(tenant_id, who, what, f"user {user.username}", before=user.role, after=changed.role)
            ended = [key for key in self._sessions(user_id) if password is not None and key.id != keep]
            await self._journal.committed([changed, entry, *(Removed(key) for key in ended)])
            self._users[user_id] = changed
            self._forget(ended)
            return changed

    async def remove_user(self, user_id: int, *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a user and end their sessions. Raises NotFound, Conflict (the last administrator)."""
        async with self._changing:
            user = self.user(user_id, tenant_id)
            self._keep_an_administrator(user)
            ended = self._sessions(user_id)
            entry = self._audit(tenant_id, who, "delete", f"user {user.username}", before=user.role)
            await self._journal.committed([Removed(user), entry, *(Removed(key) for key in ended)])
            del self._users[user_id]
            self._forget(ended)

    def _keep_an_administrator(self, leaving: User) -> None:
        others = (user for user in self.users(leaving.tenant_id) if user.id != leaving.id)
        if leaving.role == "admin" and not any(user.role == "admin" for user in others):
            raise Conflict(f"{leaving.username!r} is the last administrator.")

    def _user_named(self, username: str, tenant_id: int | None) -> User | None:
        wanted = username.strip().casefold()
        return next(
            (
                user
                for user in self._users.values()
                if user.username.casefold() == wanted and tenant_id in (None, user.tenant_id)
            ),
            None,
        )

    # -- keys ----------------------------------------------------------------------------------------------------

    def keys(self, tenant_id: int = DEFAULT_TENANT) -> list[ApiKey]:
        """Give the keys of programs that have not expired, oldest first; sessions are not among them."""
        now_ms = self._clock_ms()
        found = (key for key in self._keys.values() if key.tenant_id == tenant_id and key.user_id is None)
        return sorted(
            (key for key in found if key.expires_at_ms is None or key.expires_at_ms > now_ms), key=lambda key: key.id
        )

    async def add_key(
        self,
        name: str,
        role: Role,
        *,
        who: str,
        expires_at_ms: int | None = None,
        tenant_id: int = DEFAULT_TENANT,
    ) -> tuple[ApiKey, str]:
        """Create a key; the text is told this once. Raises Invalid."""
        name = checked_name(name, "name of a key")
        if name == ENVIRONMENT_KEY:
            raise Invalid(f"The name {ENVIRONMENT_KEY} is kept for the key from the environment.")
        if expires_at_ms is not None and expires_at_ms <= self._clock_ms():
            raise Invalid("The key would have expired already.")
        text = f"vh_{secrets.token_urlsafe(32)}"
        key = self._key_record(name, self._hash(text), role, tenant_id)
        key.expires_at_ms = expires_at_ms
        await self._keep_key(key, who)
        return key, text

    async def remove_key(self, key_id: int, *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a key; it stops working at once. Raises NotFound."""
        for key in self.keys(tenant_id):
            if key.id == key_id:
                return await self._drop_key(key, who)
        raise NotFound(f"There is no API key {key_id}.")

    async def _keep_key(self, key: ApiKey, who: str) -> None:
        entry = self._audit(key.tenant_id, who, "create", f"api-key {key.name}", after=key.role)
        await self._journal.committed([key, entry])
        self._keys[key.key_hash] = key

    async def _drop_key(self, key: ApiKey, who: str, *, audited: bool = True) -> None:
        records: list[Struct] = [Removed(key)]
        if audited:
            records.append(self._audit(key.tenant_id, who, "delete", f"api-key {key.name}", before=key.role))
        await self._journal.committed(records)
        self._forget([key])

    # -- parts ---------------------------------------------------------------------------------------------------

    def _hash(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=32).digest()

    def _sessions(self, user_id: int) -> list[ApiKey]:
        return [key for key in self._keys.values() if key.user_id == user_id]

    def _forget(self, keys: Sequence[ApiKey]) -> None:
        for key in keys:
            self._keys.pop(key.key_hash, None)

    def _key_record(self, name: str, key_hash: bytes, role: Role, tenant_id: int = DEFAULT_TENANT) -> ApiKey:
        return ApiKey(
            id=self._ids(),
            tenant_id=tenant_id,
            name=name,
            key_hash=key_hash,
            role=role,
            created_at_ms=self._clock_ms(),
        )

    def _audit(
        self, tenant_id: int, who: str, what: str, entity: str, *, before: str | None = None, after: str | None = None
    ) -> AuditEntry:
        return AuditEntry(
            id=self._ids(),
            tenant_id=tenant_id,
            at_ms=self._clock_ms(),
            who=who,
            what=what,
            entity=entity,
            before=before,
            after=after,
        )


def checked_name(name: str, what: str) -> str:
    """Give a name without blanks around it. Raises Invalid."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"A {what} has 1 to {MAX_NAME} printable characters.")
    return name
