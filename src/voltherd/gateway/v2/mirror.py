"""Types of the domain that mirror wire types field by field: the same names in snake_case, converted both ways."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct

from voltherd.gateway.translating import wire

S = TypeVar("S", bound=Struct)


def to_wire(kind: type[S], said: Struct, name: str) -> S:
    """Make a wire type of its mirror in the domain. Raises PayloadInvalid, naming what is wrong below `name`."""
    return wire(kind, _renamed(kind, msgspec.to_builtins(said), lambda field: (field.name, field.encode_name)), name)


def from_wire(kind: type[S], sent: Struct) -> S:
    """Make the mirror of what a station sent. What the mirror does not know, such as customData, is left out."""
    return msgspec.convert(plain(sent), kind)


def plain(sent: Struct) -> dict[str, Any]:
    """Give what was sent as JSON values, named in snake_case, without customData."""
    said = _renamed(type(sent), msgspec.to_builtins(sent), lambda field: (field.encode_name, field.name))
    assert isinstance(said, dict)
    return said


Names = Callable[[msgspec.structs.FieldInfo], tuple[str, str]]


def _renamed(kind: type[Struct], value: Any, names: Names) -> Any:
    if isinstance(value, list):
        return [_renamed(kind, item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for field in msgspec.structs.fields(kind):
        before, after = names(field)
        if before not in value or field.name == "custom_data":
            continue
        inner = _struct_in(field.type)
        found[after] = value[before] if inner is None else _renamed(inner, value[before], names)
    return found


@lru_cache(maxsize=1024)
def _struct_in(annotation: Any) -> type[Struct] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Struct) else None
    inner = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return next((found for found in map(_struct_in, inner) if found is not None), None)
