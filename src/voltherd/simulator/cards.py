"""The cards of a fleet's drivers: one card is at one EVSE at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.chance import Chance
from voltherd.station import Token

MOST_CHARACTERS: Final[Mapping[OcppVersion, int]] = {OcppVersion.V16: 20, OcppVersion.V201: 36, OcppVersion.V21: 255}
"""Of an ID token."""

KINDS_OF_V201: Final = (
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
)
"""The types of tokens in 2.0.1; in 2.1 a type is a text."""


class Cards:
    """Who carries which card. A card counts as in use for a driver and for a running transaction."""

    __slots__ = ("_free", "_in_use", "_tokens")

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = {token.casefold(): token for token in tokens}
        self._free = dict(self._tokens)
        self._in_use: Counter[str] = Counter()

    def take(self, chance: Chance) -> str:
        """Give a card that nobody uses; when all are in use, one of them all is shared."""
        keys = tuple(self._free or self._tokens)
        token = self._tokens[chance.one_of(keys)]
        self.use(token)
        return token

    def use(self, token: str) -> None:
        """Note one more use of a card."""
        key = token.casefold()
        self._in_use[key] += 1
        self._free.pop(key, None)

    def leave(self, token: str) -> None:
        """Note the end of one use."""
        key = token.casefold()
        self._in_use[key] -= 1
        if self._in_use[key] <= 0:
            del self._in_use[key]
            if key in self._tokens:
                self._free[key] = self._tokens[key]


def token_problem(token: Token, version: OcppVersion) -> str | None:
    """Why a token cannot be said in a version of OCPP; None if it can."""
    most = MOST_CHARACTERS[version]
    if not 0 < len(token.id) <= most:
        return f"token {token.id[:40]!r} has {len(token.id)} characters: in OCPP {version} it has 1 to {most}"
    if version is OcppVersion.V201 and token.kind not in KINDS_OF_V201:
        return f"there is no token of type {token.kind!r} in OCPP {version}; there are {', '.join(KINDS_OF_V201)}"
    if not 0 < len(token.kind) <= 20:
        return "the type of a token has 1 to 20 characters"
    return None
