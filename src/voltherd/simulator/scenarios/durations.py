"""Lengths of time as people write them: `30`, `1.5 s`, `5 min`, `2 h`."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)?\s*")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, None: 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}

Duration = float | str

LONGEST_S: Final = 3650 * 86400.0


def seconds(value: Duration) -> float:
    """The length in seconds.

    Raises:
        ValueError: it is none.
    """
    found = _seconds(value)
    if not 0 <= found <= LONGEST_S:
        raise ValueError(f"{value} is no length of time here: 0 to 3650 d")
    return found


def _seconds(value: Duration) -> float:
    if isinstance(value, str):
        match = _DURATION.fullmatch(value)
        if match is None:
            raise ValueError(f"{value!r} is no length of time; write 30, 30 s, 5 min, 2 h or 1 d")
        return float(match[1]) * _SECONDS[match[2]]
    return float(value)
