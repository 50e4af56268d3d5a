"""Lengths of time as people write them: `30`, `1.5 s`, `5 min`, `2 h`."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)?\s*")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, None: 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}

Duration = float | str


def seconds(value: Duration) -> float:
    """The length in seconds.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str):
        match = _DURATION.fullmatch(value)
        if match is None:
            raise ValueError(f"{value!r} is no length of time; write 30, 30 s, 5 min, 2 h or 1 d")
        return float(match[1]) * _SECONDS[match[2]]
    if value < 0:
        raise ValueError(f"{value} is no length of time")
    return float(value)
