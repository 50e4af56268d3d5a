"""Authorisation: who may charge. Tokens sit in a bounded cache; what is not there is loaded, for that message only."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from voltherd.domain.commands import RemoteStart
from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.id_token import Authorization, IdToken, TokenStatus, judge, token_key
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.effects import command_of
from voltherd.services.ports import Journal, Records, Removed
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded

MAX_CACHED_TOKENS = 100_000
NO_AUTHORIZATION = "NoAuthorization"


class TokenChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What an operator sets on a token; fields left out stay as they are."""

    type: str | UnsetType = UNSET
    status: TokenStatus | UnsetType = UNSET
    expires_at_ms: int | UnsetType | None = UNSET
    group_id: str | UnsetType | None = UNSET
    parent: str | UnsetType | None = UNSET
    driver: str | UnsetType | None = UNSET
    prepaid_balance: str | UnsetType | None = UNSET


class Tokens:
    """The tokens of all tenants: verdicts from memory, changes through the journal."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        clock_ms: Callable[[], int],
        *,
        unknown_tokens: Literal["refuse", "accept"] = "refuse",
    ) -> None:
        self._journal = journal
        self._records = records
        self._clock_ms = clock_ms
        self._unknown_tokens = unknown_tokens
        self._cache: OrderedDict[tuple[int, str], IdToken | None] = OrderedDict()
        self.changes = 0
        """Counts changes of tokens, for what is made of all of them."""
        self.changed_ms = 0

    def authorize(self, tenant_id: int, token: str, now_ms: int, *, token_type: str = "") -> Authorization:
        """Give the verdict on a token. Raises NotLoaded where the token is not in memory yet.

        An empty token of type NoAuthorization is accepted: the station has no reader (OCPP 2.0.1 C02.FR.01).
        """
        if token_type == NO_AUTHORIZATION:
            return Authorization(status="Accepted")
        key = (tenant_id, token_key(token))
        try:
            known = self._cache[key]
        except KeyError:
            raise NotLoaded(lambda: self._load(key)) from None
        if known is None and self._unknown_tokens == "accept":
            return Authorization(status="Accepted")
        return judge(known, now_ms)

    def authorize_at(self, state: StationState, token: str, now_ms: int, *, token_type: str = "") -> Authorization:
        """Give the verdict on a token at a station: as `authorize`, but an operator's remote start vouches for it.

        Without that, the session that an operator just started for a card nobody registered would be refused by us.
        """
        verdict = self.authorize(state.station.tenant_id, token, now_ms, token_type=token_type)
        if verdict.status == "Unknown" and _is_vouched_for(state, token_key(token)):
            return Authorization(status="Accepted")
        return verdict

    async def _load(self, key: tuple[int, str]) -> None:
        known = await self._records.token(*key)
        if key not in self._cache:
            self._remember(key, known)

    def _remember(self, key: tuple[int, str], known: IdToken | None) -> None:
        self._cache[key] = known
        while len(self._cache) > MAX_CACHED_TOKENS:
            self._cache.popitem(last=False)

    async def get(self, token: str, *, tenant_id: int = DEFAULT_TENANT) -> IdToken:
        """Give a token's record. Raises NotFound."""
        known = await self._records.token(tenant_id, token_key(token))
        if known is None:
            raise NotFound(f"There is no token {token!r}.")
        return known

    async def put(self, token: str, changes: TokenChanges, *, tenant_id: int = DEFAULT_TENANT) -> tuple[IdToken, bool]:
        """Create or change a token; gives the record and whether it is new. Raises Invalid."""
        if not 0 < len(token.strip()) <= 255 or any(ord(char) < 32 for char in token):
            raise Invalid("A token has 1 to 255 characters and no control characters.")
        key = (tenant_id, token_key(token))
        known = await self._records.token(*key)
        record = known or IdToken(tenant_id=tenant_id, key=key[1], token=token, created_at_ms=self._clock_ms())
        for name in changes.__struct_fields__:
            value = getattr(changes, name)
            if value is not UNSET:
                setattr(record, name, value)
        await self._journal.committed([record])
        self._remember(key, record)
        self._changed()
        return record, known is None

    async def delete(self, token: str, *, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a token. Raises NotFound."""
        known = await self.get(token, tenant_id=tenant_id)
        await self._journal.committed([Removed(known)])
        self._remember((tenant_id, known.key), None)
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
        self.changed_ms = self._clock_ms()


def _is_vouched_for(state: StationState, key: str) -> bool:
    for record in state.open_commands.values():
        if record.name == RemoteStart.name:
            command = command_of(record)
            if isinstance(command, RemoteStart) and token_key(command.id_token) == key:
                return True
    return any(item.authorization == "Accepted" and token_key(item.id_token) == key for item in state.active())
