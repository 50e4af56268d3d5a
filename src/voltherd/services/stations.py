"""Stations: the directory of who may connect, in memory, and every change of it through the journal."""

import copy
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.quirk import QuirkBook, QuirkChoice, QuirksInForce, read, written
from voltherd.domain.station import DEFAULT_TENANT, Evse, Registration, Station
from voltherd.services.clocks import is_zone
from voltherd.services.ports import Change, Journal, News, Records
from voltherd.services.state import StationState

UnknownStations = Literal["refuse", "pending", "accept"]
MAX_IDENTITY_LENGTH = 48
MAX_PENDING = 1_000


Text = Annotated[str, Meta(max_length=255)]


class EvseChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What an operator knows of an EVSE."""

    evse_id: Annotated[int, Meta(ge=1, le=1000)]
    max_power_w: Annotated[float, Meta(gt=0)] | None = None
    phases: Annotated[int, Meta(ge=1, le=3)] | None = None


class StationChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What an operator sets on a station; fields left out stay as they are."""

    registration: Registration | UnsetType = UNSET
    security_profile: Annotated[int, Meta(ge=0, le=3)] | UnsetType = UNSET
    password: str | UnsetType | None = UNSET
    site: Text | UnsetType | None = UNSET
    name: Text | UnsetType = UNSET
    ocpp_version: Literal["1.6", "2.0.1", "2.1"] | UnsetType | None = UNSET
    """Pins the version that is negotiated."""
    quirks: Text | QuirkChoice | UnsetType | None = UNSET
    """Name of a quirk profile, or `{"profile", "switches"}`; null: as chosen by the station's boot."""
    evses: list[EvseChanges] | UnsetType = UNSET


class Stations:
    """All stations of a tenant by identity. A live station's state takes part in every change."""

    def __init__(
        self,
        journal: Journal,
        records: Records,
        news: News,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
        secret: bytes,
        *,
        unknown: UnknownStations = "refuse",
    ) -> None:
        self._journal = journal
        self._records = records
        self._news = news
        self._ids = ids
        self._clock_ms = clock_ms
        self._secret = secret
        self.unknown: UnknownStations = unknown
        self._stations: dict[tuple[int, str], Station] = {}
        self._identities: dict[int, str] = {}
        self._states: Callable[[int], StationState | None] = lambda _: None
        self._released: Callable[[Station], None] = lambda _: None
        self._book = QuirkBook()

    def use_quirks(self, book: QuirkBook) -> None:
        """Know the quirk profiles that operators may choose from."""
        self._book = book

    def quirks_of(self, station: Station) -> QuirksInForce:
        """Say which quirks hold for a station, and why."""
        return self._book.in_force(station.quirks, station.vendor, station.model, station.firmware_version)

    def on_release(self, released: Callable[[Station], None]) -> None:
        """Be told of stations that leave the waiting room."""
        self._released = released

    def use_states(self, states: Callable[[int], StationState | None]) -> None:
        """Let changes by operators reach the state that a live station's node keeps in memory."""
        self._states = states

    async def load(self, tenant_id: int = DEFAULT_TENANT) -> None:
        """Read the whole directory; called once before the listener opens."""
        for station in await self._records.all_stations(tenant_id):
            self._remember(station)

    def __len__(self) -> int:
        return len(self._stations)

    def find(self, identity: str, *, tenant_id: int = DEFAULT_TENANT) -> Station | None:
        """Give a station from memory."""
        return self._stations.get((tenant_id, identity))

    def identities(self, *, tenant_id: int = DEFAULT_TENANT) -> list[str]:
        """Give the identities of all stations."""
        return [identity for tenant, identity in self._stations if tenant == tenant_id]

    def identity_of(self, station_id: int) -> str | None:
        """Give the identity that goes with a record's id."""
        return self._identities.get(station_id)

    def _remember(self, station: Station) -> None:
        self._stations[station.tenant_id, station.identity] = station
        self._identities[station.id] = station.identity

    def hash_password(self, password: bytes) -> bytes:
        """Hash a station's password with the server's key: fast enough for a handshake, useless without the key."""
        return hashlib.blake2b(password, key=self._secret, digest_size=32).digest()

    def verify(self, station: Station, password: bytes) -> bool:
        """Whether this is the station's password, as it is or in the other of its two forms (interop trap 4).

        1.6 sends a password over OCPP as hexadecimal digits: some stations use the digits, some the bytes.
        """
        forms = [self.hash_password(form) for form in _forms(password)]
        if _is_one_of(station.password_hash, forms):
            return True
        if not _is_one_of(station.offered_password_hash, forms):
            return False
        self._take_offered(station)
        return True

    def _take_offered(self, station: Station) -> None:
        """The station uses a password whose answer was lost: it has taken it."""
        station.password_hash, station.offered_password_hash = station.offered_password_hash, None
        self._journal.commit([copy.copy(station)], lambda _: None)

    def admit_unknown(self, identity: str, *, tenant_id: int = DEFAULT_TENANT) -> Station | None:
        """Create the record of a station nobody announced, where the setting allows it; None: refused.

        The record is durable before any of the station's messages is answered, as it is committed first.
        """
        if self.unknown == "refuse" or not is_identity(identity) or self._waiting_room_is_full():
            return None
        registration: Registration = "pending" if self.unknown == "pending" else "accepted"
        station = self._new(identity, tenant_id)
        station.registration = registration
        self._remember(station)
        self._journal.commit([copy.copy(station)], lambda error: self._announce(station, error))
        return station

    def _waiting_room_is_full(self) -> bool:
        """Whoever reaches the port could invent identities: so many that wait are enough."""
        if self.unknown != "pending":
            return False
        return sum(item.registration == "pending" for item in self._stations.values()) >= MAX_PENDING

    def _new(self, identity: str, tenant_id: int) -> Station:
        return Station(id=self._ids(), tenant_id=tenant_id, identity=identity, created_at_ms=self._clock_ms())

    def _announce(self, station: Station, error: BaseException | None) -> None:
        if error is not None:
            self._stations.pop((station.tenant_id, station.identity), None)
        else:
            self._tell(station)

    def _tell(self, station: Station) -> None:
        self._news.publish(Change("station", station.tenant_id, station.identity, station.identity))

    async def put(
        self, identity: str, changes: StationChanges, *, who: str, tenant_id: int = DEFAULT_TENANT
    ) -> tuple[Station, bool]:
        """Create or change a station; gives it and whether it is new. Raises Invalid."""
        if not is_identity(identity):
            raise Invalid(
                f"A station's identity has 1 to {MAX_IDENTITY_LENGTH} characters, no '/', ':' or control characters, "
                "no blank at either end, and is not '.' or '..'."
            )
        known = self.find(identity, tenant_id=tenant_id)
        station = known or self._new(identity, tenant_id)
        wanted = copy.copy(station)
        self._apply(wanted, changes)
        evses = list(self._evses(station, changes))
        waited = known is not None and station.registration != "accepted"
        await self._change(station, wanted, evses)
        if waited and station.registration == "accepted":
            self._released(station)
        return station, known is None

    async def _change(self, station: Station, wanted: Station, evses: Sequence[Evse] = ()) -> None:
        """Change the one live object first, so that no message in between records the old values; undo on failure."""
        before = copy.copy(station)
        changed = [name for name in station.__struct_fields__ if getattr(wanted, name) != getattr(station, name)]
        for name in changed:
            setattr(station, name, getattr(wanted, name))
        is_new = self.find(station.identity, tenant_id=station.tenant_id) is None
        self._remember(station)
        try:
            await self._journal.committed([copy.copy(station), *evses])
        except BaseException:  # whatever it was: memory goes back to what is stored, and the caller hears of it
            for name in changed:
                setattr(station, name, getattr(before, name))
            if is_new:
                del self._stations[station.tenant_id, station.identity]
            raise
        state = self._states(station.id)
        if state is not None:
            in_force = self.quirks_of(station)
            state.quirks, state.tolerated = in_force.switches, in_force.tolerated
            for evse in evses:
                evse.operational = state.evses[evse.evse_no].operational if evse.evse_no in state.evses else None
                state.evses[evse.evse_no] = evse
        self._tell(station)

    def _apply(self, station: Station, changes: StationChanges) -> None:
        for name in ("registration", "security_profile", "site", "name"):
            value = getattr(changes, name)
            if value is not UNSET:
                setattr(station, name, value)
        if changes.quirks is not UNSET:
            station.quirks = self._chosen(changes.quirks)
        if changes.ocpp_version is not UNSET:
            station.pinned_version = changes.ocpp_version
        if changes.password is None:
            station.password_hash = station.offered_password_hash = None
        elif isinstance(changes.password, str):
            if not changes.password:
                raise Invalid("A password is not empty; null removes it.")
            station.password_hash = self.hash_password(changes.password.encode())
            station.offered_password_hash = None
        if station.security_profile in (1, 2) and station.password_hash is None:
            raise Invalid(f"Security profile {station.security_profile} needs a password.")

    def _chosen(self, quirks: str | QuirkChoice | None) -> str | None:
        choice = quirks if isinstance(quirks, QuirkChoice) else read(quirks)
        self._book.check(choice)
        zone = choice.switches.get("timestamps-local-zone")
        if zone is not None and not is_zone(zone):
            raise Invalid(f"Quirks: {zone!r} is no time zone; name one such as Europe/Berlin, or `local`.")
        return written(choice)

    @staticmethod
    def _evses(station: Station, changes: StationChanges) -> Iterable[Evse]:
        if isinstance(changes.evses, list):
            numbers = [item.evse_id for item in changes.evses]
            for number in numbers:
                if numbers.count(number) > 1:
                    raise Invalid(f"EVSE {number} is named more than once.")
            for item in changes.evses:
                yield Evse(
                    tenant_id=station.tenant_id,
                    station_id=station.id,
                    evse_no=item.evse_id,
                    max_power_w=item.max_power_w,
                    phases=item.phases,
                )

    async def delete(self, identity: str, *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a station; its history stays, and the identity may be created anew. Raises NotFound."""
        station = self.require(identity, tenant_id=tenant_id)
        station.deleted_at_ms = self._clock_ms()
        try:
            await self._journal.committed([copy.copy(station)])
        except BaseException:  # whatever it was: the station stays, as it is stored, and the caller hears of it
            station.deleted_at_ms = None
            raise
        del self._stations[tenant_id, identity]
        self._tell(station)

    def require(self, identity: str, *, tenant_id: int = DEFAULT_TENANT) -> Station:
        """Give a station. Raises NotFound."""
        station = self.find(identity, tenant_id=tenant_id)
        if station is None:
            raise NotFound(f"There is no station {identity!r}.")
        return station

    async def set_limits(
        self,
        identity: str,
        items_per_message: int | None,
        bytes_per_message: int | None,
        *,
        tenant_id: int = DEFAULT_TENANT,
    ) -> Station:
        """Set how much the station takes in one message, where its own report is missing or wrong."""
        if any(limit is not None and limit < 1 for limit in (items_per_message, bytes_per_message)):
            raise Invalid("A limit is at least 1; null removes it.")
        station = self.require(identity, tenant_id=tenant_id)
        wanted = copy.copy(station)
        wanted.items_per_message, wanted.bytes_per_message = items_per_message, bytes_per_message
        await self._change(station, wanted)
        return station

    async def set_password(self, identity: str, password: bytes, *, tenant_id: int = DEFAULT_TENANT) -> Station:
        """Make a password valid that the station has accepted over OCPP."""
        station = self.require(identity, tenant_id=tenant_id)
        wanted = copy.copy(station)
        wanted.password_hash, wanted.offered_password_hash = self.hash_password(password), None
        await self._change(station, wanted)
        return station

    async def offer_password(
        self, identity: str, password: bytes | None, *, tenant_id: int = DEFAULT_TENANT
    ) -> Station:
        """Keep a password that is being sent to the station, beside the one that counts; None: it was refused."""
        station = self.require(identity, tenant_id=tenant_id)
        wanted = copy.copy(station)
        wanted.offered_password_hash = None if password is None else self.hash_password(password)
        await self._change(station, wanted)
        return station


def _is_one_of(known: bytes | None, hashes: Iterable[bytes]) -> bool:
    return known is not None and any(hmac.compare_digest(one, known) for one in hashes)


def _forms(password: bytes) -> Iterator[bytes]:
    yield password
    digits = password.hex()
    yield digits.encode()
    yield digits.upper().encode()
    with suppress(ValueError):
        yield bytes.fromhex(password.decode("ascii"))


def is_identity(identity: str) -> bool:
    """Whether a text may name a station (OCPP 2.0.1 part 4, 3.1.1: no colon, as Basic auth ends the name with one).

    Nor a segment of a path with a meaning of its own, nor blanks at an end, which nobody sees.
    """
    if not 0 < len(identity) <= MAX_IDENTITY_LENGTH or identity in (".", "..") or identity != identity.strip():
        return False
    return not any(ord(char) < 32 or char in "/:\x7f" for char in identity)
