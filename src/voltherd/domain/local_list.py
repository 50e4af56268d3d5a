"""Local authorisation lists: which tokens a station knows by itself (functional block D)."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.errors import Invalid
from voltherd.domain.id_token import EMAID, IdToken, TokenStatus, judge, token_key, without_separators
from voltherd.domain.time import format_ms, parse_rfc3339

ListState = Literal["in-step", "drifted", "unknown", "not-supported", "failed"]
KEPT_ENTRIES = 2000
"""A longer list is kept as a number and a digest only."""


class ListEntry(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One token of a list, and what the station is to answer to it."""

    id_token: Annotated[str, Meta(min_length=1, max_length=255)]
    id_token_type: str = "ISO14443"
    status: TokenStatus = "accepted"
    expires_at: str | None = None
    """RFC 3339."""
    group_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    remove: bool = False
    """In a differential update: take the token out of the list."""


class SendLocalList(Command):
    """Give a station its local authorisation list, or change it.

    Without `entries` the list is made of all our tokens that are accepted; `full` with an empty list empties it. What
    is more than the station takes at once goes in parts; after a version mismatch the whole list is sent once more.
    """

    name = "send-local-list"
    summary = "Send the local authorisation list"
    example: ClassVar[dict[str, Any]] = {
        "update": "differential",
        "entries": [{"id_token": "04A2B3C4", "group_id": "fleet-a"}, {"id_token": "04FFFFFF", "remove": True}],
    }
    update: Literal["full", "differential"] = "full"
    entries: list[ListEntry] | None = None
    version: Annotated[int, Meta(ge=1, le=0x7FFF_FFFF)] | None = None
    """Of the first message; left out: one more than the station has."""


class GetLocalListVersion(Command):
    """Ask for the version of a station's local authorisation list."""

    name = "get-local-list-version"
    summary = "Read the version of the local list"


class LocalList(Document, kw_only=True):
    """The local authorisation list of a station, as it was sent and as the station answered.

    `status` is in-step (the station has what was sent), drifted (it has another version), unknown (nothing was sent),
    not-supported, or failed.
    """

    kind = "local-lists"
    title = "local authorisation list"
    example: ClassVar[dict[str, Any]] = {
        "state": "in-step",
        "evse_no": 0,
        "version_sent": 12,
        "version_reported": 12,
        "sent_at_ms": 1_757_419_000_000,
        "reported_at_ms": 1_757_419_000_000,
        "count": 1,
        "digest": "0a1b2c3d4e5f6071",
        "tokens_digest": "0a1b2c3d4e5f6071",
        "entries": [{"id_token": "04A2B3C4", "group_id": "fleet-a"}],
        "answer": "Accepted",
        "problem": "",
    }
    version_sent: int | None = None
    """The version accepted last."""
    version_reported: int | None = None
    sent_at_ms: int | None = None
    reported_at_ms: int | None = None
    count: int | None = None
    """How many tokens the station has of us; null: not known."""
    digest: str = ""
    """Equal for equal lists."""
    tokens_digest: str = ""
    """The digest of all our tokens when the list was made of them."""
    entries: tuple[ListEntry, ...] | None = None
    """Null where they are not known, or too many to be kept."""
    answer: str = ""
    """The station's last status word."""
    problem: str = ""

    @property
    def key(self) -> str:
        """There is one per station."""
        return "list"


class ListLimits(Struct, frozen=True):
    """What a station takes; None: it did not say."""

    max_items: int | None = None
    """Per message."""
    max_bytes: int | None = None
    """Per message."""
    max_entries: int | None = None


def entry_of(token: IdToken) -> ListEntry:
    """Make the entry of one of our tokens; a contract's id as vehicles present it, without separators."""
    expires_at = None if token.expires_at_ms is None else format_ms(token.expires_at_ms)
    group_id = token.group_id or token.parent or None
    text = without_separators(token.token).upper() if token.type == EMAID else token.token
    return ListEntry(id_token=text, id_token_type=token.type, expires_at=expires_at, group_id=group_id)


def belongs(token: IdToken, now_ms: int) -> bool:
    """Whether a token of ours is to be known by stations; those of which more than the token decides are not."""
    return token.prepaid_balance is None and judge(token, now_ms).status == "Accepted"


def checked(entries: Sequence[ListEntry], *, full: bool) -> list[ListEntry]:
    """Give the entries of an update. Raises Invalid: tokens are unique (D01.FR.06), a full list takes nothing out."""
    seen: set[str] = set()
    for entry in entries:
        key = token_key(entry.id_token)
        if key in seen:
            raise Invalid(f"entries: {entry.id_token} is there twice.")
        seen.add(key)
        if full and entry.remove:
            raise Invalid(f"entries: {entry.id_token} cannot be removed by a full list; leave it out.")
        if entry.expires_at is not None and parse_rfc3339(entry.expires_at) is None:
            raise Invalid(f"entries: expires_at of {entry.id_token} is no RFC 3339 timestamp with its zone.")
    return list(entries)


def merged(base: Iterable[ListEntry], changes: Iterable[ListEntry]) -> list[ListEntry]:
    """Give the list that a differential update makes (D01.FR.16, .17)."""
    found = {token_key(entry.id_token): entry for entry in base}
    for entry in changes:
        if entry.remove:
            found.pop(token_key(entry.id_token), None)
        else:
            found[token_key(entry.id_token)] = entry
    return list(found.values())


def differences(base: Iterable[ListEntry], wanted: Sequence[ListEntry]) -> list[ListEntry]:
    """Give the differential update that makes one list of another."""
    before = {token_key(entry.id_token): entry for entry in base}
    after = {token_key(entry.id_token) for entry in wanted}
    gone = [
        ListEntry(id_token=entry.id_token, id_token_type=entry.id_token_type, remove=True)
        for key, entry in before.items()
        if key not in after
    ]
    return gone + [entry for entry in wanted if before.get(token_key(entry.id_token)) != entry]


def digest(entries: Iterable[ListEntry]) -> str:
    """Give what equal lists have in common, whatever their order."""
    lines = sorted(msgspec.json.encode(entry) for entry in entries)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


COMMANDS: tuple[type[Command], ...] = (SendLocalList, GetLocalListVersion)
DOCUMENTS: tuple[type[Document], ...] = (LocalList,)
