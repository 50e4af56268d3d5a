"""Authorisation: who may charge. Tokens sit in a bounded cache; what is not there is loaded, for that message only."""

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from voltherd.domain.commands import RemoteStart
from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.id_token import (
    EMAID,
    KEY_CODE,
    NO_AUTHORIZATION,
    Authorization,
    IdToken,
    TokenStatus,
    emaid_key,
    judge_presented,
    judge_unknown,
    token_key,
    token_keys,
)
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.authorization_webhook import Presented, Webhook
from voltherd.services.effects import command_of
from voltherd.services.pin_guard import PinGuard
from voltherd.services.ports import Journal, Records, Removed, Web
from voltherd.services.settings import Authorization as Setting
from voltherd.services.settings import Settings
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded

MAX_CACHED_TOKENS = 100_000
_BALANCE = re.compile(r"-?\d{1,9}(\.\d{1,4})?")
_Key = tuple[int, str]
"""Tenant and folded token."""


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
        self._settings: Settings | None = None
        self._webhook: Webhook | None = None
        self._pins = PinGuard()
        self._cache: OrderedDict[_Key, IdToken | None] = OrderedDict()
        self.changes = 0
        """Counts changes of tokens, for what is made of all of them."""
        self.changed_ms = 0

    def use_settings(self, settings: Settings, web: Web) -> None:
        """Let the setting `authorization` decide beside the records."""
        self._settings = settings
        self._webhook = Webhook(settings, web, self._clock_ms)

    def authorize(self, tenant_id: int, token: str, now_ms: int, *, token_type: str = "") -> Authorization:
        """Give the verdict on a token by our records. Raises NotLoaded where the token is not in memory yet.

        An empty token of type NoAuthorization is accepted: the station has no reader (OCPP 2.0.1 C02.FR.02).
        """
        if token_type == NO_AUTHORIZATION:
            return Authorization(status="Accepted")
        known = self._known(tenant_id, token, token_type)
        if known is None and self._unknown_tokens == "accept":
            return Authorization(status="Accepted")
        return judge_presented(known, token_type, now_ms)

    def _known(self, tenant_id: int, token: str, token_type: str) -> IdToken | None:
        keys = [(tenant_id, key) for key in token_keys(token, token_type)]
        missing = [key for key in keys if key not in self._cache]
        if missing:

            async def load() -> None:
                for key in missing:
                    await self._load(key)

            raise NotLoaded(load)
        return next((found for key in keys if (found := self._cache[key]) is not None), None)

    def authorize_at(
        self, state: StationState, token: str, now_ms: int, *, token_type: str = "", starts: bool = False
    ) -> Authorization:
        """Give the verdict on a token at a station. Raises NotLoaded; nothing else may raise it after this.

        As `authorize`, but an operator's remote start vouches for a token, and so does its own running session: else
        the session that an operator just started for a card nobody registered would be refused by us. Where the
        setting names a web service, that is asked. `starts`: a session is to begin with it, which a master pass may
        not (C16.FR.03).
        """
        station, is_pin = state.station, token_type == KEY_CODE
        if token_type == NO_AUTHORIZATION:
            return Authorization(status="Accepted")
        if is_pin and self._pins.is_closed(station.id, now_ms):
            return Authorization(status="Invalid")
        verdict = self._decide(state, Presented(token, token_type, starts), now_ms)
        if starts and self._is_master_pass(verdict, station.tenant_id):
            verdict.status = "Invalid"
        if is_pin:
            self._pins.judged(station.id, now_ms, right=verdict.status == "Accepted")
        return verdict

    def _decide(self, state: StationState, presented: Presented, now_ms: int) -> Authorization:
        token, token_type, key = presented.token, presented.token_type, token_key(presented.token)
        by_record = self.authorize(state.station.tenant_id, token, now_ms, token_type=token_type)
        if by_record.status == "Unknown" and _is_vouched_for(state, key):
            return Authorization(status="Accepted")
        verdict = by_record
        if self._webhook is not None and not _is_charging(state, key):
            verdict = self._webhook.decide(state, presented, by_record)
        return judge_unknown(verdict, token_type) if verdict is by_record else verdict

    def _is_master_pass(self, verdict: Authorization, tenant_id: int) -> bool:
        if self._settings is None or not verdict.group_id:
            return False
        group = self._settings.get(Setting, tenant_id=tenant_id).master_pass_group
        return group is not None and token_key(group) == token_key(verdict.group_id)

    async def _load(self, key: _Key) -> None:
        known = await self._records.token(*key)
        if key not in self._cache:
            self._remember(key, known)

    def _remember(self, key: _Key, known: IdToken | None) -> None:
        self._cache[key] = known
        while len(self._cache) > MAX_CACHED_TOKENS:
            self._cache.popitem(last=False)

    async def get(self, token: str, *, tenant_id: int = DEFAULT_TENANT) -> IdToken:
        """Give a token's record, of a contract in whatever form its id is written. Raises NotFound."""
        for key in dict.fromkeys((token_key(token), emaid_key(token))):
            known = await self._records.token(tenant_id, key)
            if known is not None and (key == token_key(token) or known.type == EMAID):
                return known
        raise NotFound(f"There is no token {token!r}.")

    async def put(self, token: str, changes: TokenChanges, *, tenant_id: int = DEFAULT_TENANT) -> tuple[IdToken, bool]:
        """Create or change a token; gives the record and whether it is new. Raises Invalid."""
        if not 0 < len(token.strip()) <= 255 or any(ord(char) < 32 for char in token):
            raise Invalid("A token has 1 to 255 characters and no control characters.")
        if isinstance(changes.prepaid_balance, str) and not _BALANCE.fullmatch(changes.prepaid_balance):
            raise Invalid(f"prepaid_balance: {changes.prepaid_balance!r} is no amount such as 12.50.")
        try:
            record, is_new = await self.get(token, tenant_id=tenant_id), False
        except NotFound:
            key = emaid_key(token) if changes.type == EMAID else token_key(token)
            record = IdToken(tenant_id=tenant_id, key=key, token=token, created_at_ms=self._clock_ms())
            is_new = True
        for name in changes.__struct_fields__:
            value = getattr(changes, name)
            if value is not UNSET:
                setattr(record, name, value)
        await self._journal.committed([record])
        self._changed((tenant_id, record.key), record)
        return record, is_new

    async def delete(self, token: str, *, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a token. Raises NotFound."""
        known = await self.get(token, tenant_id=tenant_id)
        await self._journal.committed([Removed(known)])
        self._changed((tenant_id, known.key), None)

    def _changed(self, key: _Key, record: IdToken | None) -> None:
        self._remember(key, record)
        self.changes += 1
        self.changed_ms = self._clock_ms()


def _is_vouched_for(state: StationState, key: str) -> bool:
    for record in state.open_commands.values():
        if record.name == RemoteStart.name:
            command = command_of(record)
            if isinstance(command, RemoteStart) and token_key(command.id_token) == key:
                return True
    return _is_charging(state, key)


def _is_charging(state: StationState, key: str) -> bool:
    """Whether a session runs that was accepted for this token: it may always end it (C01.FR.03)."""
    return any(item.authorization == "Accepted" and token_key(item.id_token) == key for item in state.active())
