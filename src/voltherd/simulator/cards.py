"""The cards of a fleet's drivers: one card is at one EVSE at a time."""

from __future__ import annotations

from collections import Counter
from random import Random


class Cards:
    """Who carries which card. A card counts as in use for a driver and for a running transaction."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._in_use: Counter[str] = Counter()

    def take(self, random: Random) -> str:
        """Give a card that nobody uses; when all are in use, one of them all is shared."""
        free = [token for token in self._tokens if not self._in_use[token.casefold()]]
        token = random.choice(free or self._tokens)
        self.use(token)
        return token

    def use(self, token: str) -> None:
        """Note one more use of a card."""
        self._in_use[token.casefold()] += 1

    def leave(self, token: str) -> None:
        """Note the end of one use."""
        self._in_use[token.casefold()] -= 1
