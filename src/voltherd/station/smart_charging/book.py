"""The charging profiles that a station holds, kept over restarts as far as they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from voltherd.station.smart_charging.profile import PERSISTENT, Placed, Purpose
from voltherd.station.storage import Storage

ROOM: Final = "charging_profile"
"""Where profiles are kept, by their id."""


class Filter(Struct, frozen=True, kw_only=True):
    """Which profiles are meant; what is None, or empty, is not looked at. All that is given must match."""

    ids: tuple[int, ...] = ()
    evse_id: int | None = None
    purpose: Purpose | None = None
    level: int | None = None
    sources: tuple[str, ...] = ()

    def matches(self, placed: Placed) -> bool:
        """Tell whether a profile is meant."""
        profile = placed.profile
        return (
            (not self.ids or profile.id in self.ids)
            and self.evse_id in (None, placed.evse_id)
            and self.purpose in (None, profile.charging_profile_purpose)
            and self.level in (None, profile.stack_level)
            and (not self.sources or placed.source in self.sources)
        )


class Book:
    """The profiles in the order in which they came."""

    __slots__ = ("_found", "_storage")

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._found: list[Placed] | None = None

    def restore(self, keeps: Callable[[Placed], bool]) -> None:
        """Take up what was kept; what `keeps` does not want is forgotten."""
        for key, value in self._storage.all(ROOM).items():
            placed = msgspec.json.decode(value, type=Placed)
            if keeps(placed):
                self._found = [*(self._found or ()), placed]
            else:
                self._storage.drop(ROOM, key)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._found or ())

    def __len__(self) -> int:
        return len(self._found or ())

    def all(self) -> Sequence[Placed]:
        """All of them."""
        return self._found or ()

    def get(self, profile_id: int) -> Placed | None:
        """The profile with that id."""
        return next((placed for placed in self if placed.profile.id == profile_id), None)

    def put(self, placed: Placed, instead_of: Sequence[Placed] = ()) -> None:
        """Take a profile in, and out those whose place it takes."""
        self.remove([one for one in instead_of if one.profile.id != placed.profile.id])
        self._found = [*(one for one in self if one.profile.id != placed.profile.id), placed]
        if placed.profile.charging_profile_purpose in PERSISTENT:
            self.keep(placed)
        else:
            self._storage.drop(ROOM, str(placed.profile.id))

    def keep(self, placed: Placed) -> None:
        """Keep what has changed in a profile, if its kind is kept at all."""
        if placed.profile.charging_profile_purpose in PERSISTENT:
            self._storage.keep(ROOM, str(placed.profile.id), msgspec.json.encode(placed))

    def remove(self, gone: Sequence[Placed]) -> None:
        """Take profiles out."""
        if not gone:
            return
        self._found = [one for one in self if one not in gone] or None
        for placed in gone:
            self._storage.drop(ROOM, str(placed.profile.id))
