"""What a payload must look like: values, parts of objects, and operators.

{status: Accepted}                    a part of an object: other fields may be there
[1, 2]                                a list: as long, and each element fits
{$regex: "^04"}                       operators; several in one object must all hold
{$capture: id}                        remembers the value as the variable `id`; fits whatever there is
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

MISSING: Final = object()
"""A field that is not there."""


class PatternError(ValueError):
    """A pattern makes no sense."""


def differences(pattern: Any, value: Any, captured: dict[str, Any] | None = None, at: str = "") -> list[str]:
    """In what a value does not fit a pattern, one line each; `captured` takes what the pattern remembers."""
    found = captured if captured is not None else {}
    return list(_compare(pattern, value, found, at))


def check(pattern: Any) -> None:
    """Look a pattern over.

    Raises:
        PatternError: an operator that there is not, or with a value that makes no sense.
    """
    if isinstance(pattern, list):
        for one in pattern:
            check(one)
    if not isinstance(pattern, dict):
        return
    operators = [name for name in pattern if name.startswith("$")]
    if operators and len(operators) != len(pattern):
        raise PatternError(f"operators ({', '.join(operators)}) and fields stand side by side")
    for name, wanted in pattern.items():
        if name.startswith("$"):
            if name not in OPERATORS:
                raise PatternError(f"there is no operator {name!r}; there are {', '.join(OPERATORS)}")
            _check_operand(name, wanted)
        else:
            check(wanted)


def captures(pattern: Any) -> Iterator[str]:
    """The names of the variables that a pattern sets."""
    if isinstance(pattern, dict):
        for name, inner in pattern.items():
            if name == "$capture":
                yield str(inner)
            else:
                yield from captures(inner)
    elif isinstance(pattern, list):
        for inner in pattern:
            yield from captures(inner)


def _check_operand(name: str, wanted: Any) -> None:
    if _is_variable(wanted):
        return
    suits = _SUITS.get(name)
    if suits is not None and not suits(wanted):
        raise PatternError(f"{name} wants {_OPERANDS[name]}, not {wanted!r}")
    if name in ("$not", "$contains", "$length", "$exact"):
        check(wanted)


def _is_variable(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("${") and value.endswith("}")


def _is_bound(value: Any) -> bool:
    return _is_number(value) or _is_variable(value)


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except re.error as error:
        raise PatternError(f"{text!r} is no regular expression: {error}") from None
    return True


def _compare(pattern: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    place = at or "the value"
    if isinstance(pattern, dict):
        if any(name.startswith("$") for name in pattern):
            for name, wanted in pattern.items():
                yield from OPERATORS[name](wanted, value, captured, at)
        elif not isinstance(value, dict):
            yield f"{place}: expected an object, {_was(value)}"
        else:
            for name, wanted in pattern.items():
                yield from _compare(wanted, value.get(name, MISSING), captured, f"{at}.{name}" if at else name)
    elif isinstance(pattern, list):
        yield from _compare_lists(pattern, value, captured, at)
    elif not _equal(pattern, value):
        yield f"{place}: expected {_show(pattern)}, {_was(value)}"


def _compare_lists(pattern: list[Any], value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at or 'the value'}: expected a list, {_was(value)}"
    elif len(value) != len(pattern):
        yield f"{at or 'the value'}: expected {len(pattern)} elements, were {len(value)}"
    else:
        for place, (wanted, one) in enumerate(zip(pattern, value, strict=True)):
            yield from _compare(wanted, one, captured, f"{at}[{place}]")


def _equal(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    return bool(wanted == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _was(value: Any) -> str:
    return "is missing" if value is MISSING else f"was {_show(value)}"


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


# Operators ---------------------------------------------------------------------------------------


def _regex(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, str) or re.search(str(wanted), value) is None:
        yield f"{at}: expected text that matches {wanted!r}, {_was(value)}"


def _range(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not _is_number(value) or not wanted[0] <= value <= wanted[1]:
        yield f"{at}: expected a number from {wanted[0]} to {wanted[1]}, {_was(value)}"


def _above(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not _is_number(value) or not value > wanted:
        yield f"{at}: expected a number above {wanted}, {_was(value)}"


def _below(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not _is_number(value) or not value < wanted:
        yield f"{at}: expected a number below {wanted}, {_was(value)}"


def _one_of(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if all(differences(one, value) for one in wanted):
        yield f"{at}: expected one of {_show(wanted)}, {_was(value)}"


def _not(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not differences(wanted, value):
        yield f"{at}: expected anything but {_show(wanted)}, {_was(value)}"


def _any(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if value is MISSING:
        yield f"{at}: expected to be there, is missing"


def _absent(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if wanted and value is not MISSING:
        yield f"{at}: expected to be missing, {_was(value)}"
    elif not wanted:
        yield from _any(True, value, captured, at)


def _contains(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if isinstance(value, str) and isinstance(wanted, str):
        if wanted not in value:
            yield f"{at}: expected text with {wanted!r} in it, {_was(value)}"
        return
    if not isinstance(value, list):
        yield f"{at}: expected a list, {_was(value)}"
        return
    for one in wanted if isinstance(wanted, list) else [wanted]:
        trial: dict[str, Any] = {}
        if any(not differences(one, element, trial := {}) for element in value):
            captured.update(trial)
        else:
            yield f"{at}: expected an element like {_show(one)}, {_was(value)}"


def _length(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, str | list | dict):
        yield f"{at}: expected something with a length, {_was(value)}"
    else:
        yield from _compare(wanted, len(value), captured, f"length of {at}")


def _type(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        yield f"{at}: expected a value of type {wanted}, {_was(value)}"


def _exact(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    yield from _compare(wanted, value, captured, at)
    if isinstance(wanted, dict) and isinstance(value, dict):
        for name in value.keys() - wanted.keys():
            yield f"{at}.{name}: expected to be missing, {_was(value[name])}".lstrip(".")


def _capture(wanted: Any, value: Any, captured: dict[str, Any], at: str) -> Iterator[str]:
    if value is MISSING:
        yield f"{at}: expected to be there, is missing"
    else:
        captured[wanted] = value


Operator = Callable[[Any, Any, dict[str, Any], str], Iterator[str]]

OPERATORS: Final[dict[str, Operator]] = {
    "$regex": _regex,
    "$range": _range,
    "$above": _above,
    "$below": _below,
    "$one-of": _one_of,
    "$not": _not,
    "$any": _any,
    "$absent": _absent,
    "$contains": _contains,
    "$length": _length,
    "$type": _type,
    "$exact": _exact,
    "$capture": _capture,
}

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "text": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "object": dict,
    "list": list,
}

_SUITS: Final[dict[str, Callable[[Any], bool]]] = {
    "$regex": lambda wanted: isinstance(wanted, str) and _is_regex(wanted),
    "$range": lambda wanted: isinstance(wanted, list) and len(wanted) == 2 and all(map(_is_bound, wanted)),
    "$above": lambda wanted: _is_number(wanted),
    "$below": lambda wanted: _is_number(wanted),
    "$one-of": lambda wanted: isinstance(wanted, list),
    "$capture": lambda wanted: isinstance(wanted, str),
    "$type": lambda wanted: isinstance(wanted, str) and wanted in _TYPES,
    "$any": lambda wanted: wanted is True,
    "$absent": lambda wanted: isinstance(wanted, bool),
}

_OPERANDS: Final = {
    "$regex": "a regular expression",
    "$range": "a list of two numbers",
    "$above": "a number",
    "$below": "a number",
    "$one-of": "a list",
    "$capture": "a name",
    "$type": f"one of {', '.join(_TYPES)}",
    "$any": "true",
    "$absent": "true or false",
}
