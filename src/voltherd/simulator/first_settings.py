"""First values of a station's settings, as files of ours say them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from voltherd.station.catalogue import TABLE
from voltherd.station.setting import Setting
from voltherd.station.settings import misfit


def setting(name: str) -> Setting:
    """A setting by its key of 1.6, its path in 2.x (`Component.Variable`, with `/Instance`), or our name.

    Raises:
        ValueError: there is none; the text says what is close.
    """
    found = _known().get(name.casefold())
    if found is None:
        close = get_close_matches(name.casefold(), _known(), 3)
        raise ValueError(f"there is no setting {name!r}" + (f"; close to it are {', '.join(close)}" if close else ""))
    return found


def named(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings by our names, their values as text.

    Raises:
        ValueError: one that there is not, is named twice, or has a value that it cannot have.
    """
    found: dict[str, str] = {}
    for name, value in settings.items():
        one, text = setting(name), str(value).lower() if isinstance(value, bool) else str(value)
        if one.name in found:
            raise ValueError(f"{name} stands here twice, under two of its names")
        problem = misfit(one, text)
        if problem is not None:
            raise ValueError(f"{name} cannot be {text!r}: {problem[:1].lower()}{problem[1:]}")
        found[one.name] = text
    return found


@cache
def _known() -> dict[str, Setting]:
    """All settings by all their names, in small letters."""
    table: dict[str, Setting] = {}
    for one in TABLE.by_name.values():
        for name in (one.name, one.key, _path_of(one)):
            if name:
                table.setdefault(name.casefold(), one)
    return table


def _path_of(one: Setting) -> str:
    if one.component is None or one.variable is None:
        return ""
    return f"{one.component}.{one.variable}" + (f"/{one.instance}" if one.instance else "")
