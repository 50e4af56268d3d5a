"""Whether a value may be written into a variable, as far as its characteristics are known (OCPP 2.0.1 B05.FR.07-09)."""

import re
from collections.abc import Callable

from voltherd.domain.device_model import Variable
from voltherd.domain.time import parse_timestamp

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def problem_with(variable: Variable, value: str) -> str | None:
    """Say why a station would refuse a value; None: nothing speaks against it.

    A variable of which nothing is known, or a type that is not, is let through.
    """
    if variable.mutability == "ReadOnly":
        return "it can only be read"
    check = _CHECKS.get(variable.data_type or "")
    return check(variable, value) if check is not None else None


def _integer(variable: Variable, value: str) -> str | None:
    if not _INTEGER.fullmatch(value):
        return f"it is an integer, not {value!r}"
    return _within(variable, int(value))


def _decimal(variable: Variable, value: str) -> str | None:
    if not _DECIMAL.fullmatch(value):
        return f"it is a decimal number, not {value!r}"
    return _within(variable, float(value))


def _within(variable: Variable, number: float) -> str | None:
    low, high = variable.min_limit, variable.max_limit
    unit = f" {variable.unit}" if variable.unit else ""
    if low is not None and number < low:
        return f"it is at least {low:g}{unit}, not {number:g}"
    if high is not None and number > high:
        return f"it is at most {high:g}{unit}, not {number:g}"
    return None


def _boolean(variable: Variable, value: str) -> str | None:
    return None if value.lower() in ("true", "false") else f"it is true or false, not {value!r}"


def _instant(variable: Variable, value: str) -> str | None:
    return None if parse_timestamp(value) is not None else f"it is an RFC 3339 timestamp, not {value!r}"


def _text(variable: Variable, value: str) -> str | None:
    """For text and lists `max_limit` is the length."""
    longest = variable.max_limit
    if longest is not None and len(value) > longest:
        return f"it has at most {longest:g} characters, not {len(value)}"
    return None


def _option(variable: Variable, value: str) -> str | None:
    return _text(variable, value) or _unknown(variable, [value])


def _sequence(variable: Variable, value: str) -> str | None:
    return _text(variable, value) or _unknown(variable, _items(value))


def _members(variable: Variable, value: str) -> str | None:
    items = _items(value)
    twice = next((item for item in items if items.count(item) > 1), None)
    if twice is not None:
        return f"it names each member once; {twice} stands there more often"
    return _sequence(variable, value)


def _unknown(variable: Variable, items: list[str]) -> str | None:
    known = _items(variable.values_list or "")
    strange = [item for item in items if known and item not in known]
    return f"it knows {', '.join(known)}, not {', '.join(strange)}" if strange else None


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


_CHECKS: dict[str, Callable[[Variable, str], str | None]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "dateTime": _instant,
    "string": _text,
    "OptionList": _option,
    "SequenceList": _sequence,
    "MemberList": _members,
}
