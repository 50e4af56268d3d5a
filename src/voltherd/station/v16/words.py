"""The dialect of 1.6, into which every file of this room enters its messages, and the numbers of connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, UnsetType

from voltherd.station.dialect import Dialect

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

V16: Final = Dialect("1.6")

serves, reports, reads = V16.serves, V16.reports, V16.reads


def places(core: StationCore) -> list[tuple[int, int]]:
    """EVSE and connector behind each number, from number 1: 1.6 counts through the whole station."""
    return [(evse.id, connector_id) for evse in core.evses.values() for connector_id in evse.connector_ids]


def number_of(core: StationCore, evse_id: int, connector_id: int) -> int:
    """The number of a connector."""
    return places(core).index((evse_id, connector_id)) + 1


def place_of(core: StationCore, number: int) -> tuple[int, int] | None:
    """EVSE and connector of a number, None if there is none."""
    known = places(core)
    return known[number - 1] if 1 <= number <= len(known) else None


def given(value: Any | UnsetType) -> Any:
    """What was given, None where nothing was."""
    return None if value is UNSET else value
