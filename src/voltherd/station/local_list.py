"""The list of tokens that the CSMS gave the station (OCPP 2.0.1 D; OCPP 1.6, 3.5.2, 5.10 and 5.15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, switch
from voltherd.station.token import Token, TokenInfo

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "local list"
MOST_ENTRIES: Final = 1000
MOST_IN_A_MESSAGE: Final = 100

Outcome = Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]


class Entry(Struct, frozen=True):
    """A token and what is said about it; None takes it out of the list."""

    token: Token
    info: TokenInfo | None


class _Kept(Struct):
    version: int
    entries: list[Entry]


class LocalList(Function):
    """Holds the list.

    Attributes:
        version: of the list, 0 without one.
    """

    __slots__ = ("_entries", "version")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("list_enabled", True, "LocalAuthListEnabled", "LocalAuthListCtrlr.Enabled"),
        switch("list_available", True, None, "LocalAuthListCtrlr.Available", access="ReadOnly"),
        switch("list_only", False, None, "LocalAuthListCtrlr.DisablePostAuthorize"),
        switch(
            "list_knows_ends",
            True,
            None,
            "LocalAuthListCtrlr.SupportsExpiryDateTime",
            access="ReadOnly",
            since_v21=True,
        ),
        number(
            "list_per_message",
            MOST_IN_A_MESSAGE,
            "SendLocalListMaxLength",
            "LocalAuthListCtrlr.ItemsPerMessage",
            unit=None,
            access="ReadOnly",
        ),
        number("list_bytes", 65_536, None, "LocalAuthListCtrlr.BytesPerMessage", unit=None, access="ReadOnly"),
        number("list_most", MOST_ENTRIES, "LocalAuthListMaxLength", unit=None, access="ReadOnly"),
    )

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self.version = 0
        self._entries: dict[str, Entry] | None = None

    def restore(self) -> None:
        """The list outlives a restart (OCPP 2.0.1 D01.FR.10)."""
        kept = self.core.storage.all(ROOM).get("")
        if kept is not None:
            document = msgspec.json.decode(kept, type=_Kept)
            self.version = document.version
            self._entries = {_key(entry.token): entry for entry in document.entries} or None

    def __len__(self) -> int:
        return len(self._entries) if self._entries else 0

    @property
    def is_in_use(self) -> bool:
        """Whether it is switched on."""
        return self.core.settings.switch("list_enabled")

    def find(self, token: Token) -> TokenInfo | None:
        """What the list says about a token; an entry whose time is over is not there (OCPP 2.0.1 C14.FR.05)."""
        entry = self._entries.get(_key(token)) if self._entries and self.is_in_use else None
        if entry is None or entry.info is None:
            return None
        ends_at = entry.info.expires_at
        ends = self.core.clock.at(ends_at, self.core.now) if ends_at is not None else None
        if ends is not None and ends <= self.core.now:
            return replace(entry.info, status="Expired") if self.core.dialect.family == "1.6" else None
        return entry.info

    def told_version(self) -> int:
        """The version to be told: 0 without a list; 1.6 has -1 where it is off and 0 for an empty one (5.10)."""
        is_v16 = self.core.dialect.family == "1.6"
        if not self.is_in_use:
            return -1 if is_v16 else 0
        return 0 if is_v16 and not len(self) else self.version

    # Changing --------------------------------------------------------------------------------

    def replace(self, version: int, entries: Sequence[Entry]) -> Outcome:
        """Put a whole list in the place of the old one (OCPP 2.0.1 D01.FR.04, D01.FR.15)."""
        refusal = self._refusal(version, entries)
        if refusal is not None or any(entry.info is None for entry in entries) or len(entries) > self.most:
            return refusal or "Failed"
        self._entries = {_key(entry.token): entry for entry in entries} or None
        self._keep(version)
        return "Accepted"

    def amend(self, version: int, entries: Sequence[Entry]) -> Outcome:
        """Add, change and take out entries (OCPP 2.0.1 D01.FR.05, D01.FR.16, D01.FR.17, D01.FR.19)."""
        refusal = self._refusal(version, entries)
        if refusal is None and version <= self.version:
            refusal = "VersionMismatch"
        if refusal is not None:
            return refusal
        amended = dict(self._entries or {})
        for entry in entries:
            if entry.info is None:
                amended.pop(_key(entry.token), None)
            else:
                amended[_key(entry.token)] = entry
        if len(amended) > self.most:
            return "Failed"
        self._entries = amended or None
        self._keep(version)
        return "Accepted"

    @property
    def most(self) -> int:
        """How many entries there may be."""
        return self.core.settings.number("list_most")

    def _refusal(self, version: int, entries: Sequence[Entry]) -> Outcome | None:
        if not self.is_in_use:
            return "NotSupported" if self.core.dialect.family == "1.6" else "Failed"
        if version <= 0 or len(entries) > self.core.settings.number("list_per_message"):
            return "Failed"
        return "Failed" if len({_key(entry.token) for entry in entries}) < len(entries) else None

    def _keep(self, version: int) -> None:
        self.version = version
        document = _Kept(version, list(self._entries.values()) if self._entries else [])
        self.core.storage.keep(ROOM, "", msgspec.json.encode(document))

    def facts(self) -> Iterator[Fact]:
        """How full it is (OCPP 2.0.1 D01.FR.12)."""
        yield Fact(
            component="LocalAuthListCtrlr", variable="Entries", value=str(len(self)), kind="integer", most=self.most
        )


def _key(token: Token) -> str:
    return token.id.casefold()
