"""The types of one version of the 2.x family.

`voltherd.ocpp.v2` takes what either 2.0.1 or 2.1 allows. What one of them forbids is in `narrowing_table`; from it this
module derives, once per type and only where something is forbidden, a subclass with narrower fields. Decoding
into the subclass costs nothing extra, and what comes out is an instance of the public type.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

import msgspec
from msgspec import UNSET
from msgspec.structs import FieldInfo

from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.version import OcppVersion


@cache
def narrowed(wire_type: type[WireType], version: OcppVersion) -> type[WireType]:
    """The type that accepts what `version` accepts; `wire_type` itself where that is the same."""
    if version is OcppVersion.V16:
        return wire_type
    fields = list(_narrow_fields(wire_type, version))
    if not fields:
        return wire_type
    derived = msgspec.defstruct(
        wire_type.__name__,
        fields,
        bases=(wire_type,),
        module=wire_type.__module__,
        namespace={"__doc__": wire_type.__doc__, "__eq__": _equality(wire_type), "__hash__": None},
        kw_only=True,
        gc=False,
    )
    return cast("type[WireType]", derived)


def _narrow_fields(wire_type: type[WireType], version: OcppVersion) -> Iterator[tuple[str, Any, Any]]:
    from voltherd.ocpp.narrowing_table import NARROWINGS

    own = NARROWINGS[version].get(wire_type.__name__, {})
    for info in msgspec.structs.fields(wire_type):
        if info.name in own:
            kind, required = own[info.name]
            yield info.name, _replaced(kind, version), _setting(info, required=required)
        elif (kind := _replaced(info.type, version)) is not info.type:
            yield info.name, kind, _setting(info, required=info.required)


def _setting(info: FieldInfo, *, required: bool) -> Any:
    if required:
        return msgspec.field(name=info.encode_name)
    return msgspec.field(default=UNSET, name=info.encode_name)


def _replaced(kind: Any, version: OcppVersion) -> Any:
    """The same type expression, with each wire type in it narrowed; the very same object if none is."""
    if isinstance(kind, type) and issubclass(kind, WireType):
        return narrowed(kind, version)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        inner = _replaced(arguments[0], version)
        return kind if inner is arguments[0] else Annotated[(inner, *arguments[1:])]
    replaced = tuple(_replaced(argument, version) for argument in arguments)
    if all(new is old for new, old in zip(replaced, arguments, strict=True)):
        return kind
    return reduce(or_, replaced) if origin in (Union, UnionType) else origin[replaced]


def _equality(public: type[WireType]) -> Any:
    """Equal in all fields is equal, whichever version the message came through."""
    names = public.__struct_fields__

    def equal(self: Any, other: Any) -> Any:
        if not isinstance(other, public):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in names)

    return equal
