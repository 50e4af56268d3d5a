"""Reservations: an EVSE, a connector type or a station kept free for a token (functional block H)."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.errors import Conflict, Invalid
from voltherd.domain.id_token import token_key
from voltherd.domain.time import parse_rfc3339

ReservationState = Literal["unknown", "accepted", "used", "cancelled", "expired", "rejected"]
OPEN: tuple[ReservationState, ...] = ("unknown", "accepted")
NOT_AT_STATION = "not-at-station"
"""Flag: the station refused to cancel it, which means that it has no such reservation (H02.FR.01)."""
REPLACEMENT_UNKNOWN = "replacement-unknown"
"""Flag: the station was asked to replace it and did not answer, so it may be the new one that it keeps."""
NOT_OURS = "not-asked-for"
"""Flag: the station spoke of it before we knew of it, so nobody knows whom it was for."""
REFUSALS = {
    "Faulted": "what was to be reserved is out of order",
    "Occupied": "what was to be reserved is in use or reserved already",
    "Rejected": "the station takes no such reservation",
    "Unavailable": "what was to be reserved is out of service",
}
"""What the status words of a refusal mean (H01.FR.01, .11, .12, .14)."""


class Reserve(Command):
    """Keep an EVSE, one of a connector type, or any EVSE of a station free for a token until an instant.

    A reservation of the same EVSE that is still in force is a conflict, unless `replace` is true: then the station is
    given the new one under the number of the old.
    """

    name = "reserve"
    summary = "Reserve for a token"
    example: ClassVar[dict[str, Any]] = {"id_token": "04A2B3C4", "evse_id": 1, "expires_at": "2026-05-04T09:00:00Z"}
    id_token: Annotated[str, Meta(min_length=1, max_length=255)]
    expires_at: str
    """RFC 3339."""
    id_token_type: str = "ISO14443"
    evse_id: Annotated[int, Meta(ge=0)] | None = None
    """None or 0: any EVSE."""
    connector_type: str | None = None
    """2.x only, such as `cCCS2`."""
    group_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    """Tokens of this group may use it too."""
    replace: bool = False


class CancelReservation(Command):
    """Give a reservation back; `reservation_id` is its number on the wire."""

    name = "cancel-reservation"
    summary = "Cancel a reservation"
    example: ClassVar[dict[str, Any]] = {"reservation_id": 1234567}
    reservation_id: int


class Reservation(Document, kw_only=True):
    """What is or was reserved at a station, for whom, until when, and what became of it.

    `status` is unknown (asked for, and the station has not answered), accepted (in force), used, cancelled, expired or
    rejected.
    """

    kind = "reservations"
    title = "reservation"
    example: ClassVar[dict[str, Any]] = {
        "state": "used",
        "evse_no": 1,
        "reservation_id": 1234567,
        "id_token": "04A2B3C4",
        "id_token_type": "ISO14443",
        "group_id": None,
        "connector_type": None,
        "expires_at_ms": 1_757_419_000_000,
        "made_at_ms": 1_757_417_000_000,
        "ended_at_ms": 1_757_418_000_000,
        "ended_by": "session b1c9e0f2 began",
        "answer": "Accepted",
        "transaction_id": "b1c9e0f2",
        "flags": [],
    }
    reservation_id: int
    """The number on the wire."""
    id_token: str = ""
    id_token_type: str = ""
    group_id: str | None = None
    connector_type: str | None = None
    expires_at_ms: int | None = None
    made_at_ms: int = 0
    ended_at_ms: int | None = None
    ended_by: str = ""
    """How it came to its end, in words."""
    answer: str = ""
    """The station's status word."""
    transaction_id: str | None = None
    """On the wire, of the transaction that used it."""
    flags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its number on the wire, unique per station."""
        return str(self.reservation_id)

    @property
    def in_force(self) -> bool:
        """Whether the station is thought to keep it."""
        return self.state == "accepted" and NOT_AT_STATION not in self.flags

    @property
    def is_open(self) -> bool:
        """Whether it has come to no end, as far as is known."""
        return self.state in OPEN


def expiry_ms(command: Reserve, now_ms: int) -> int:
    """Give the instant at which a reservation is to end. Raises Invalid where it is none, or is over."""
    found = parse_rfc3339(command.expires_at)
    if found is None:
        raise Invalid(
            f"expires_at: expected an RFC 3339 timestamp with its zone (such as Z), got {command.expires_at!r}."
        )
    if found <= now_ms:
        raise Invalid(f"expires_at: {command.expires_at} is over already.")
    return found


def rival(held: Iterable[Reservation], evse_no: int | None, now_ms: int) -> Reservation | None:
    """Give the reservation in force that a new one of this EVSE would collide with.

    Only a named EVSE can collide: of reservations for any EVSE there may be as many as the station takes (H01.FR.20).
    """
    if not evse_no:
        return None
    for found in held:
        if found.in_force and found.evse_no == evse_no and not is_over(found, now_ms):
            return found
    return None


def refuse_rival(held: Iterable[Reservation], command: Reserve, now_ms: int) -> Reservation | None:
    """Give the reservation that the command replaces. Raises Conflict where there is one and it does not say so."""
    found = rival(held, command.evse_id, now_ms)
    if found is not None and not command.replace:
        words = f"EVSE {found.evse_no} is reserved already, for {found.id_token} (reservation {found.reservation_id})"
        raise Conflict(f"{words}; cancel that first, or say `replace`.")
    return found


def is_over(reservation: Reservation, now_ms: int) -> bool:
    """Whether its time has passed."""
    return reservation.expires_at_ms is not None and reservation.expires_at_ms <= now_ms


def used_by(
    held: Iterable[Reservation], *, token: str, group_id: str | None, evse_no: int, began_ms: int
) -> Reservation | None:
    """Find the reservation that a token uses up by beginning to charge (H03.FR.01 to .09): by token, else by group.

    One of that EVSE comes before one of any. It was made before the session began.
    """
    key, best = token_key(token), None
    for found in held:
        if not found.in_force or found.evse_no not in (0, evse_no) or found.made_at_ms > began_ms:
            continue
        if is_over(found, began_ms):
            continue
        own = token_key(found.id_token) == key
        if own or (group_id and found.group_id and token_key(found.group_id) == token_key(group_id)):
            rank = (own, found.evse_no == evse_no)
            if best is None or rank > best[0]:
                best = rank, found
    return best[1] if best else None


COMMANDS: tuple[type[Command], ...] = (Reserve, CancelReservation)
DOCUMENTS: tuple[type[Document], ...] = (Reservation,)
