"""Numbers with at most one decimal (`multipleOf: 0.1` of the 1.6 schemas), checked after decoding.

msgspec compares doubles, for which 0.3 is no multiple of 0.1; here it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec
from msgspec import Meta

from voltherd.ocpp.errors import ErrorCode
from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.verdict import refused

_WHOLE_FROM: Final = 2.0**53
"""From here on, doubles have no decimals."""

Steps = tuple[tuple[str, str], ...]


def tenths_check(wire_type: type[WireType]) -> Callable[[WireType], None] | None:
    """A function that refuses a message with a number of more decimals; None where the type has no such number."""
    paths = tuple(_paths(wire_type))
    if not paths:
        return None

    def check(message: WireType) -> None:
        for steps in paths:
            _follow(message, steps, "$")

    return check


def _paths(wire_type: type[WireType]) -> Iterator[Steps]:
    """Attribute and wire name of each step down to a number of this kind."""
    for info in msgspec.structs.fields(wire_type):
        step = (info.name, info.encode_name)
        if _is_tenths(info.type):
            yield (step,)
        for inner in _wire_types(info.type):
            yield from ((step, *rest) for rest in _paths(inner))


def _is_tenths(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return any(isinstance(meta, Meta) and (meta.extra or {}).get("tenths") for meta in get_args(kind))
    return any(map(_is_tenths, get_args(kind)))


def _wire_types(kind: Any) -> Iterator[type[WireType]]:
    if isinstance(kind, type) and issubclass(kind, WireType):
        yield kind
    for argument in get_args(kind):
        yield from _wire_types(argument)


def _follow(value: Any, steps: Steps, path: str) -> None:
    if value is msgspec.UNSET:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            _follow(item, steps, f"{path}[{index}]")
    elif steps:
        (name, wire), *rest = steps
        _follow(getattr(value, name), tuple(rest), f"{path}.{wire}")
    elif isinstance(value, float) and abs(value) < _WHOLE_FROM and round(value * 10) / 10 != value:
        raise refused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "range", path, "more than one decimal")
