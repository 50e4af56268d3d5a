"""Who may charge: local list, cache, and the CSMS, in this order (OCPP 2.0.1 C; OCPP 1.6, 3.5 and 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.version import OcppVersion
from voltherd.station.function import Fact, Function
from voltherd.station.outbox import NO_ANSWER
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.token import Token, TokenInfo
from voltherd.station.token_cache import BYTES_PER_ENTRY, MOST_ENTRIES, TokenCache

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Decided = Callable[[TokenInfo], None]

LONGEST: Final = {OcppVersion.V16: 20, OcppVersion.V201: 36, OcppVersion.V21: 255}
"""Characters of a token's id (IdToken of 1.6, IdTokenType of 2.x)."""


class Contract(Struct, frozen=True, kw_only=True):
    """What a vehicle showed by plug and charge: the identifiers of its certificates, or the chain itself.

    Attributes:
        hashes: algorithm, hash of the issuer's name, hash of its key, serial number, address of the OCSP responder.
        chain_pem: told where the station cannot check it (OCPP 2.0.1 C07.FR.06).
    """

    hashes: tuple[tuple[str, str, str, str, str], ...] = ()
    chain_pem: str | None = None


class Authorize(Struct, frozen=True):
    """The question whether a token may charge; the answer is a `TokenInfo`."""

    token: Token
    contract: Contract | None = None


class ListConflict(Struct, frozen=True):
    """The CSMS refused a token that its own list accepts; only 1.6 has a message for it (3.5.2)."""


class Authorization(Function):
    """Asks the CSMS where list and cache do not tell, and remembers what it said."""

    __slots__ = ("cache",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("authorize_enabled", True, None, "AuthCtrlr.Enabled"),
        switch("authorize_remote", False, "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart"),
        switch("authorize_locally", False, "LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize"),
        switch("authorize_offline", True, "LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline"),
        switch("offline_unknown", True, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
        switch("authorize_never_remotely", False, None, "AuthCtrlr.DisableRemoteAuthorization"),
        text("master_group", "", None, "AuthCtrlr.MasterPassGroupId", most_characters=36),
        switch("cache_enabled", True, "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled"),
        switch("cache_available", True, None, "AuthCacheCtrlr.Available", access="ReadOnly"),
        number("cache_lifetime_s", 0, None, "AuthCacheCtrlr.LifeTime"),
        text(
            "cache_policy",
            "LRU",
            None,
            "AuthCacheCtrlr.Policy",
            kind="OptionList",
            values=("LRU", "LFU", "FIFO"),
        ),
        switch("cache_only", False, None, "AuthCacheCtrlr.DisablePostAuthorize"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.cache = TokenCache(core.storage, core.clock)

    def restore(self) -> None:
        """What the cache holds outlives a restart (OCPP 2.0.1 C10.FR.02)."""
        self.cache.restore()

    def customer_data(self, token: Token) -> Iterator[str]:
        """What the cache holds of a customer."""
        for entry in self.cache.of_id(token.id):
            yield f"authorization cache: {entry.info.status}, learned {entry.learned_at}, used {entry.used_at}"

    def forget_customer(self, token: Token) -> None:
        """Remove a customer from the cache."""
        self.cache.forget(token.id)

    # Deciding --------------------------------------------------------------------------------

    def decide(self, token: Token, decided: Decided, contract: Contract | None = None) -> None:
        """Find out about a token; `decided` is called now or when the CSMS has answered.

        A CSMS that does not answer in time counts as out of reach; one that answers with an error was asked, and did
        not say yes: what nobody knows is refused then, whatever may charge offline (OCPP 2.0.1 C15).
        """
        if not self._is_sayable(token):
            decided(TokenInfo(status="Invalid"))
            return
        known = self._before_asking(token) if contract is None else None
        if known is not None:
            decided(known)
            return

        def answered(answer: TokenInfo | None, error: OcppError | None) -> None:
            if answer is None:
                is_out_of_reach = error is NO_ANSWER or not self.core.is_online
                decided(self.offline(token) if is_out_of_reach else self._without_answer(token))
                return
            info = _with_certificate(answer)
            self.learned(token, info)
            decided(info)

        if self.core.settings.switch("authorize_never_remotely") and contract is None:
            decided(TokenInfo(status="Unknown"))
        else:
            self.core.say(Authorize(token, contract), answered)

    def _before_asking(self, token: Token) -> TokenInfo | None:
        """What is decided without the CSMS, None if it is to be asked (OCPP 2.0.1 C10.FR.03, C14)."""
        settings = self.core.settings
        if not self.core.is_online or not settings.switch("authorize_locally") or token.kind == "Local":
            return None  # the CSMS is always asked about an id that was made up here (C06.FR.02)
        listed = self.core.local_list.find(token)
        info = listed if listed is not None else self._cached(token)
        if info is None or info.is_accepted:
            return info
        alone = settings.switch("list_only" if listed is not None else "cache_only")
        return info if alone else None

    def offline(self, token: Token) -> TokenInfo:
        """What counts while the CSMS cannot be asked (OCPP 2.0.1 C13, C15)."""
        settings = self.core.settings
        known = self.known(token)
        if known is not None and (settings.switch("authorize_offline") or not known.is_accepted):
            return known
        accepted = known is None and settings.switch("offline_unknown")
        return TokenInfo(status="Accepted" if accepted else "Unknown")

    def _without_answer(self, token: Token) -> TokenInfo:
        """What counts where the CSMS could not say anything sensible."""
        return TokenInfo(status="Unknown") if self.known(token) is None else self.offline(token)

    def _is_sayable(self, token: Token) -> bool:
        """Whether messages can carry a token whole."""
        return len(token.id) <= LONGEST[self.core.version]

    def known(self, token: Token) -> TokenInfo | None:
        """What list and cache say; the list has priority (OCPP 2.0.1 C13.FR.01)."""
        listed = self.core.local_list.find(token)
        return listed if listed is not None else self._cached(token)

    def _cached(self, token: Token) -> TokenInfo | None:
        settings = self.core.settings
        if not settings.switch("cache_enabled"):
            return None
        return self.cache.find(token, self.core.now, settings.number("cache_lifetime_s"))

    def is_master(self, info: TokenInfo) -> bool:
        """Whether a token stops what others charge, and starts nothing (OCPP 2.0.1 C16.FR.03)."""
        group = self.core.settings.text("master_group")
        return bool(group) and info.group is not None and info.group.id.casefold() == group.casefold()

    # Learning --------------------------------------------------------------------------------

    def learned(self, token: Token, info: TokenInfo) -> None:
        """The CSMS said something about a token (OCPP 2.0.1 C10.FR.04, C10.FR.05; not what is listed: 1.6, 3.5.3)."""
        settings, listed = self.core.settings, self.core.local_list.find(token)
        if listed is not None and listed.is_accepted and not info.is_accepted:
            self.core.say(ListConflict())
        if settings.switch("cache_enabled") and listed is None:
            self.cache.learn(token, info, self.core.now, settings.text("cache_policy"))
        if not info.is_accepted:
            self.core.observer.on_token_refused()

    def clear_cache(self) -> bool:
        """Forget what the CSMS said; False where there is no cache (OCPP 2.0.1 C11)."""
        if not self.core.settings.switch("cache_enabled"):
            return False
        self.cache.clear()
        return True

    def facts(self) -> Iterator[Fact]:
        """How full the cache is."""
        yield Fact(
            component="AuthCacheCtrlr",
            variable="Storage",
            value=str(len(self.cache) * BYTES_PER_ENTRY),
            kind="integer",
            unit="B",
            most=MOST_ENTRIES * BYTES_PER_ENTRY,
        )


def _with_certificate(info: TokenInfo) -> TokenInfo:
    """A contract of which the certificate is not in order may not charge, whatever its status (OCPP 2.0.1 C07)."""
    if info.certificate_status in (None, "Accepted") or not info.is_accepted:
        return info
    return replace(info, status="Invalid")
