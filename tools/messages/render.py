"""The model as Python source."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .schema import Anything, Array, Enum, Field, Flag, Model, Number, Ref, Shape, Text

WARNING = "# Written by tools/generate_messages.py from the official schemas; do not edit."

# Abbreviations that would fall apart at their capitals.
_UNITS = {"SoC": "Soc", "soC": "soc", "SoH": "Soh", "soH": "soh", "V2X": "V2x", "EMAIDs": "Emaids"}


def attribute(wire: str) -> str:
    """The snake_case attribute for a name on the wire."""
    for unit, plain in _UNITS.items():
        wire = wire.replace(unit, plain)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", wire).lower().replace("__", "_")
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def camel(name: str) -> str:
    """What msgspec's `rename="camel"` makes of an attribute."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


@dataclass
class Used:
    """The names an expression refers to, by the module that has them."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, module: str, name: str) -> str:
        """Remember a name; returns it."""
        self.names.setdefault(module, set()).add(name)
        return name

    def lines(self) -> list[str]:
        """The import statements, in no particular order."""
        return [f"from {module} import {', '.join(sorted(names))}" for module, names in self.names.items()]


class Expressions:
    """Type expressions of one family; collects the scalars it needs on the way."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.scalars: dict[str, str] = {}

    def of(self, shape: Shape, used: Used) -> str:
        """The type expression of a shape."""
        match shape:
            case Text():
                return self._text(shape, used)
            case Number():
                return self._number(shape, used)
            case Flag():
                return "bool"
            case Anything():
                return used.add("typing", "Any")
            case Enum(name):
                return used.add(f"{self.package}.enums", name)
            case Ref("CustomDataType" as name):
                return used.add("voltherd.ocpp.scalars", name)
            case Ref(name):
                return used.add(f"{self.package}.types", name)
            case Array():
                return self._array(shape, used)

    def _scalar(self, name: str, definition: str, used: Used) -> str:
        self.scalars[name] = definition
        return used.add(f"{self.package}.scalars", name)

    def _text(self, shape: Text, used: Used) -> str:
        if shape.format is not None:
            if shape.max_length is not None:
                raise ValueError("a format and a length together")
            return used.add("voltherd.ocpp.scalars", {"date-time": "Timestamp", "uri": "Uri"}[shape.format])
        if shape.max_length is None:
            return "str"
        definition = f"Annotated[str, Meta(max_length={shape.max_length})]"
        return self._scalar(f"Text{shape.max_length}", definition, used)

    def _number(self, shape: Number, used: Used) -> str:
        bounds = {"ge": _plain(shape.minimum), "le": _plain(shape.maximum)}
        given = ", ".join(f"{key}={value}" for key, value in bounds.items() if value is not None)
        if not given:
            name = "Tenths" if shape.tenths else "Number"
            return "int" if shape.integer else used.add("voltherd.ocpp.scalars", name)
        suffix = "".join(
            f"{word}{_identifier(value)}"
            for word, value in (("From", shape.minimum), ("To", shape.maximum))
            if value is not None
        )
        if shape.integer:
            return self._scalar(f"Int{suffix}", f"Annotated[int, Meta({given})]", used)
        definition = f"Annotated[int, Meta({given})] | Annotated[float, Meta({given})]"
        return self._scalar(f"Number{suffix}", definition, used)

    def _array(self, shape: Array, used: Used) -> str:
        expression = f"list[{self.of(shape.items, used)}]"
        bounds = {"min_length": shape.min_items, "max_length": shape.max_items}
        given = ", ".join(f"{key}={value}" for key, value in bounds.items() if value is not None)
        if not given:
            return expression
        return f"{used.add('typing', 'Annotated')}[{expression}, {used.add('msgspec', 'Meta')}({given})]"


def _plain(value: float | None) -> str | None:
    return None if value is None else str(int(value)) if value == int(value) else str(value)


def _identifier(value: float) -> str:
    return str(_plain(value)).replace("-", "Minus").replace(".", "_")


def ordered(fields: Iterable[Field]) -> list[Field]:
    """Required fields first, custom data last, else the schema's order."""
    return sorted(fields, key=lambda f: (f.wire == "customData", not f.required))


def struct(
    name: str, doc: str, fields: dict[str, Field], since: dict[str, str], expressions: Expressions, used: Used
) -> str:
    """The source of one class; `since` has the remarks beside fields, by wire name."""
    used.add("voltherd.ocpp.scalars", "WireType")
    lines = [f"class {name}(WireType, kw_only=True):", f'    """{doc}"""', ""]
    attributes: set[str] = set()
    for item in ordered(fields.values()):
        attr = attribute(item.wire)
        if attr in attributes:
            raise ValueError(f"{name}: two fields called {attr}")
        attributes.add(attr)
        remark = f"  # {since[item.wire]}" if item.wire in since else ""
        lines.append(f"    {attr}: {_typed(item, attr, expressions, used)}{remark}")
    return "\n".join(lines).rstrip() + "\n"


def _typed(item: Field, attr: str, expressions: Expressions, used: Used) -> str:
    expression = expressions.of(item.shape, used)
    irregular = camel(attr) != item.wire
    if irregular:
        used.add("msgspec", "field")
    if item.required:
        return f'{expression} = field(name="{item.wire}")' if irregular else expression
    unset = used.add("msgspec", "UNSET")
    if expression != "Any":
        expression = f"{expression} | {used.add('msgspec', 'UnsetType')}"
    default = f'field(default={unset}, name="{item.wire}")' if irregular else unset
    return f"{expression} = {default}"


def module(doc: str, used: Used, bodies: Iterable[str]) -> str:
    """A whole module; left to the formatter are line breaks and the order of imports."""
    return "\n".join([f'"""{doc}."""', "", WARNING, "", *used.lines(), "", "", *bodies])


def enums(model: Model, doc: str, remarks: dict[str, str]) -> str:
    """The module of enumerations."""
    used = Used()
    used.add("typing", "Literal")
    bodies = []
    for name, values in sorted(model.enums.items()):
        listed = ", ".join(f'"{value}"' for value in values)
        remark = f'"""{remarks[name]}"""\n' if name in remarks else ""
        bodies.append(f"{name} = Literal[{listed}]\n{remark}")
    return module(doc, used, bodies)


def depth_first(names: Iterable[str], model: Model) -> list[str]:
    """Types in an order in which each comes after those it is made of."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        for item in model.objects[name].values():
            shape = item.shape.items if isinstance(item.shape, Array) else item.shape
            if isinstance(shape, Ref) and shape.name in model.objects:
                visit(shape.name)
        done[name] = None

    for name in sorted(names):
        visit(name)
    return list(done)
