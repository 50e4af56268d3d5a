"""Who may charge: the CSMS is asked, or what is known of a token decides (OCPP 2.0.1 C; OCPP 1.6, 3.5 and 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from voltherd.ocpp.errors import OcppError
from voltherd.station.function import Function
from voltherd.station.setting import Setting, switch
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

Decided = Callable[[TokenInfo], None]


class Authorize(Struct, frozen=True):
    """The question whether a token may charge; the answer is a `TokenInfo`."""

    token: Token


class Authorization(Function):
    """Asks the CSMS, and remembers what it said (the authorization cache)."""

    __slots__ = ("_cache",)

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("authorize_enabled", True, None, "AuthCtrlr.Enabled"),
        switch("authorize_remote", False, "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart"),
        switch("offline_unknown", True, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
        switch("cache_enabled", True, "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._cache: dict[str, TokenInfo] | None = None

    def decide(self, token: Token, decided: Decided) -> None:
        """Find out about a token; `decided` is called now or when the CSMS has answered."""

        def answered(answer: TokenInfo | None, error: OcppError | None) -> None:
            info = self.offline(token) if answer is None else answer
            if answer is not None:
                self.learned(token, answer)
            decided(info)

        self.core.say(Authorize(token), answered)

    def offline(self, token: Token) -> TokenInfo:
        """What is known of a token while the CSMS cannot be asked (OCPP 2.0.1 C15)."""
        known = self._cache.get(token.id.casefold()) if self._cache else None
        if known is not None and self.core.settings.switch("cache_enabled"):
            return known
        return TokenInfo(status="Accepted" if self.core.settings.switch("offline_unknown") else "Unknown")

    def learned(self, token: Token, info: TokenInfo) -> None:
        """The CSMS said something about a token."""
        if self._cache is None:
            self._cache = {}
        self._cache[token.id.casefold()] = info
        if not info.is_accepted:
            self.core.observer.on_token_refused()

    def clear_cache(self) -> bool:
        """Forget what the CSMS said; False where there is no cache (OCPP 2.0.1 C11)."""
        if not self.core.settings.switch("cache_enabled"):
            return False
        self._cache = None
        return True
