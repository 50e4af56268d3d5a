"""What the step `state` can look at."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from voltherd.simulator.picture import EvsePicture, StationPicture
from voltherd.station.catalogue import TABLE

STATION: Final = (
    *StationPicture.__struct_fields__,
    *("registration", "online", "connected", "power", "settings"),
)
"""Of a station."""

EVSE: Final = (*EvsePicture.__struct_fields__, *("status", "plugged", "reserved"))
"""Of an EVSE."""


def check(pattern: Mapping[str, Any], *, is_evse: bool) -> None:
    """Look a pattern over.

    Raises:
        ValueError: it names something that there is not; the text says what there is.
    """
    _known(pattern, EVSE if is_evse else STATION, "an EVSE" if is_evse else "a station")
    settings = pattern.get("settings")
    if not is_evse and isinstance(settings, Mapping):
        _known(settings, tuple(TABLE.by_name), "its settings")


def _known(pattern: Mapping[str, Any], names: tuple[str, ...], whose: str) -> None:
    for name in pattern:
        if name not in names and not name.startswith("$"):
            close = get_close_matches(name, names, 1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            there = f"; there are {', '.join(names)}" if len(names) < 40 else ""
            raise ValueError(f"the state of {whose} has no {name!r}{hint}{there}")
