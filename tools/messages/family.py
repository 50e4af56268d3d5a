"""One family from 2.0.1 and 2.1: the looser of both, and what each version forbids beyond that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .schema import Array, Enum, Field, Model, Number, Shape, Text

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Narrowing:
    """What a version demands of a field beyond the family; `own` None: the version has no such field."""

    wire: str
    own: Field | None


@dataclass
class Family:
    """The merged model, the names that came with 2.1, and each version's narrowings."""

    model: Model
    new_names: set[str]
    new_fields: set[tuple[str, str]]
    new_values: dict[str, set[str]]
    narrowed: dict[str, dict[str, list[Narrowing]]] = field(default_factory=dict)


def merge(older: Model, newer: Model) -> Family:
    """The family of two versions, the newer of which has all that the older has."""
    model = Model(messages=sorted({*older.messages, *newer.messages}), drafts=older.drafts | newer.drafts)
    for name in (*older.enums, *(n for n in newer.enums if n not in older.enums)):
        values = (*older.enums.get(name, ()), *newer.enums.get(name, ()))
        model.enums[name] = tuple(dict.fromkeys(values))
    for name in (*older.objects, *(n for n in newer.objects if n not in older.objects)):
        model.objects[name] = _merged_fields(older.objects.get(name), newer.objects.get(name), model)
    return Family(
        model,
        new_names={*newer.objects, *newer.enums} - {*older.objects, *older.enums},
        new_fields={
            (name, wire)
            for name, fields in older.objects.items()
            for wire in newer.objects[name].keys() - fields.keys()
        },
        new_values={n: set(newer.enums.get(n, ())) - set(v) for n, v in older.enums.items()},
        narrowed={"2.0.1": _narrowings(older, model), "2.1": _narrowings(newer, model)},
    )


def _merged_fields(older: dict[str, Field] | None, newer: dict[str, Field] | None, model: Model) -> dict[str, Field]:
    if older is None or newer is None:
        return older or newer or {}
    fields = {
        wire: replace(
            old, shape=_looser(old.shape, newer[wire].shape, model), required=old.required and newer[wire].required
        )
        for wire, old in older.items()
    }
    added = {wire: replace(new, required=False) for wire, new in newer.items() if wire not in older}
    return fields | added


def _looser(old: Shape, new: Shape, model: Model) -> Shape:
    match old, new:
        case _ if old == new:
            return old
        case (Text(), Text()):
            return Text(_wider(old.max_length, new.max_length, max), old.format)
        case (Enum(), Text()):
            longest = max(map(len, model.enums[old.name]))
            return replace(new, max_length=_wider(longest, new.max_length, max))
        case (Number(), Number()):
            return Number(
                old.integer and new.integer,
                _wider(old.minimum, new.minimum, min),
                _wider(old.maximum, new.maximum, max),
            )
        case (Array(), Array()):
            return Array(
                _looser(old.items, new.items, model),
                _wider(old.min_items, new.min_items, min),
                _wider(old.max_items, new.max_items, max),
            )
    raise ValueError(f"no common shape for {old} and {new}")


def _wider(old: N | None, new: N | None, pick: Callable[[N, N], N]) -> N | None:
    return None if old is None or new is None else pick(old, new)


def _narrowings(version: Model, model: Model) -> dict[str, list[Narrowing]]:
    found = {
        name: [
            Narrowing(wire, fields.get(wire))
            for wire, family_field in model.objects[name].items()
            if _differs(fields.get(wire), family_field, version, model)
        ]
        for name, fields in version.objects.items()
    }
    return {name: narrowings for name, narrowings in sorted(found.items()) if narrowings}


def _differs(own: Field | None, family: Field, version: Model, model: Model) -> bool:
    if own != family:
        return True
    shape = own.shape.items if isinstance(own.shape, Array) else own.shape
    return isinstance(shape, Enum) and set(version.enums[shape.name]) != set(model.enums[shape.name])
