"""What the CSMS said about tokens, remembered over restarts (OCPP 2.0.1 C10; OCPP 1.6, 3.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.storage import Storage
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.clock import Clock

ROOM: Final = "cached token"
MOST_ENTRIES: Final = 100
BYTES_PER_ENTRY: Final = 200
"""Of storage, roughly."""

_NEVER_KEPT: Final = ("NoAuthorization", "Central")


class Cached(Struct, kw_only=True):
    """What was said about a token; times as OCPP writes them.

    Attributes:
        learned_at: when it was said last.
        used_at: when the token was last presented.
        uses: how often.
    """

    info: TokenInfo
    learned_at: str
    used_at: str
    uses: int = 0


class TokenCache:
    """The cache of one station, as JSON to be small; `lifetime_s` 0 keeps entries without an end."""

    __slots__ = ("_clock", "_entries", "_storage")

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._entries: dict[str, bytes] | None = None

    def restore(self) -> None:
        """Read what was kept (OCPP 2.0.1 C10.FR.02)."""
        self._entries = self._storage.all(ROOM) or None

    def __len__(self) -> int:
        return len(self._entries) if self._entries else 0

    def find(self, token: Token, now: float, lifetime_s: int) -> TokenInfo | None:
        """What is known of a token; what is too old counts as expired (OCPP 2.0.1 C10.FR.10, C10.FR.13)."""
        kept = self._entries.get(_key(token)) if self._entries else None
        if self._entries is None or kept is None:
            return None
        entry = _read(kept)
        if self._is_over(entry, now, lifetime_s):
            return replace(entry.info, status="Expired")
        entry.used_at, entry.uses = self._clock.text(now), entry.uses + 1
        self._entries[_key(token)] = msgspec.json.encode(entry)
        return entry.info

    def learn(self, token: Token, info: TokenInfo, now: float, policy: str) -> None:
        """Take in the latest word on a token, whatever it is (OCPP 2.0.1 C10.FR.01, C02.FR.03)."""
        if token.kind in _NEVER_KEPT:
            return
        text = self._clock.text(now)
        entries = self._entries = self._entries or {}
        before = entries.pop(_key(token), None)
        if before is None and len(entries) >= MOST_ENTRIES:
            self._make_room(policy)
        uses = _read(before).uses if before is not None else 0
        entry = msgspec.json.encode(Cached(info=info, learned_at=text, used_at=text, uses=uses))
        entries[_key(token)] = entry
        self._storage.keep(ROOM, _key(token), entry)

    def of_id(self, token_id: str) -> list[Cached]:
        """The entries with an id, whatever its kind."""
        return [_read(entry) for key, entry in (self._entries or {}).items() if _is_of(key, token_id)]

    def forget(self, token_id: str) -> None:
        """Drop the entries with an id, whatever its kind."""
        for key in [key for key in self._entries or () if _is_of(key, token_id)]:
            assert self._entries is not None
            del self._entries[key]
            self._storage.drop(ROOM, key)

    def clear(self) -> None:
        """Forget everything."""
        for key in self._entries or ():
            self._storage.drop(ROOM, key)
        self._entries = None

    def _make_room(self, policy: str) -> None:
        """Drop an entry that is not accepted, else the one that the policy names (OCPP 2.0.1 C10.FR.07)."""
        assert self._entries is not None
        entries = {key: _read(entry) for key, entry in self._entries.items()}
        victim = min(entries, key=lambda key: (entries[key].info.is_accepted, *_worth(entries[key], policy)))
        del self._entries[victim]
        self._storage.drop(ROOM, victim)

    def _is_over(self, entry: Cached, now: float, lifetime_s: int) -> bool:
        ends_at = entry.info.expires_at
        if ends_at is not None:
            ends = self._clock.at(ends_at, now)
            return ends is not None and ends <= now
        learned = self._clock.at(entry.learned_at, now)
        return lifetime_s > 0 and learned is not None and learned + lifetime_s < now


def _read(entry: bytes) -> Cached:
    return msgspec.json.decode(entry, type=Cached)


def _worth(entry: Cached, policy: str) -> tuple[int, str]:
    """What a policy goes by: the first in, the least often or the least recently used goes first."""
    if policy == "FIFO":
        return 0, entry.learned_at
    return entry.uses if policy == "LFU" else 0, entry.used_at


def _is_of(key: str, token_id: str) -> bool:
    return key.partition(":")[2] == token_id.casefold()


def _key(token: Token) -> str:
    return f"{token.kind}:{token.id.casefold()}"
