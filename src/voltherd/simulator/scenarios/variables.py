"""Variables: `${name}` in texts. A text that is nothing else takes the variable's value with its type.

`${name+3600}` adds to a number or an instant; `${name:text}` and `${name:number}` change the type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_REFERENCE: Final = re.compile(r"\$\{\s*([A-Za-z_][\w.-]*?)\s*([+-]\s*\d+)?\s*(?::\s*(text|number)\s*)?\}")

BUILT_IN: Final = ("identity", "ocpp", "url", "now", "password")
"""What every scenario has: of its first station, and `now` (`${now+3600}`: in an hour)."""


class UnknownVariableError(Exception):
    """There is no variable of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no variable {name!r}")
        self.name = name


def references(value: Any) -> Iterator[str]:
    """The names of the variables that a value refers to."""
    if isinstance(value, str):
        yield from (match[1] for match in _REFERENCE.finditer(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from references(key)
            yield from references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from references(inner)


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value with all variables in place.

    Raises:
        UnknownVariableError: there is none of a name.
    """
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole is not None:
            return _value(whole, variables)
        return _REFERENCE.sub(lambda match: _text(_value(match, variables)), value)
    if isinstance(value, dict):
        return {fill(key, variables): fill(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, variables) for inner in value]
    return value


def _value(match: re.Match[str], variables: Mapping[str, Any]) -> Any:
    value = _moved(match, variables)
    if match[3] == "text":
        return _text(value)
    if match[3] == "number":
        return float(value) if "." in str(value) else int(value)
    return value


def _moved(match: re.Match[str], variables: Mapping[str, Any]) -> Any:
    name, offset = match[1], match[2]
    if name not in variables:
        raise UnknownVariableError(name)
    value = variables[name]() if callable(variables[name]) else variables[name]
    if offset is None:
        return value
    number = int(offset.replace(" ", ""))
    if isinstance(value, int | float):
        return value + number
    moved = datetime.fromisoformat(str(value)).astimezone(UTC) + timedelta(seconds=number)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
