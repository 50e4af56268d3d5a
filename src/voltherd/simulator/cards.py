"""The cards of a fleet's drivers: one card is at one EVSE at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from voltherd.simulator.chance import Chance


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
