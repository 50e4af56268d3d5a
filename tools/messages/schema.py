"""The official schemas as a small model: messages, types and enumerations made of shapes.

Only what the schemas of the three versions use is understood; anything else stops the generator, so that no
rule is lost unseen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from . import names_v16

_IGNORED = {
    "$schema", "$id", "title", "comment", "description", "javaType", "default",
    "additionalProperties", "additionalItems", "definitions",
}  # fmt: skip

_DRAFTS = {
    "http://json-schema.org/draft-04/schema#": 4,
    "http://json-schema.org/draft-06/schema#": 6,
}


@dataclass(frozen=True)
class Text:
    """A string; `format` is one of date-time and uri."""

    max_length: int | None = None
    format: str | None = None


@dataclass(frozen=True)
class Enum:
    """One of the values of a named enumeration."""

    name: str


@dataclass(frozen=True)
class Number:
    """A number, or an integer only; bounds included."""

    integer: bool
    minimum: float | None = None
    maximum: float | None = None
    tenths: bool = False


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True)
class Ref:
    """An object of a named type."""

    name: str


@dataclass(frozen=True)
class Array:
    """A list with bounds on its length."""

    items: Shape
    min_items: int | None = None
    max_items: int | None = None


Shape = Text | Enum | Number | Flag | Anything | Ref | Array


@dataclass(frozen=True)
class Field:
    """A property of an object."""

    wire: str
    shape: Shape
    required: bool


@dataclass
class Model:
    """All of one version: objects by name (messages and nested types), enumerations, each message's draft."""

    objects: dict[str, dict[str, Field]] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    drafts: dict[str, int] = field(default_factory=dict)


def load(package: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and schema of every message of one version; names end in Request or Response.

    Args:
        package: the version's package inside `ocpp`: v16, v201 or v21.
    """
    for path in sorted(resources.files(f"ocpp.{package}").joinpath("schemas").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".json"):
            stem = path.name.removesuffix(".json")
            name = stem if stem.endswith(("Request", "Response")) else f"{stem}Request"
            yield name, json.loads(path.read_text("utf-8-sig"))


def read(package: str) -> Model:
    """The model of one version."""
    model = Model()
    reader = _Reader(model, v16=package == "v16")
    for name, schema in load(package):
        model.messages.append(name)
        model.drafts[name] = _DRAFTS[schema["$schema"]]
        reader.message(name, schema)
    return model


class _Reader:
    def __init__(self, model: Model, *, v16: bool) -> None:
        self.model = model
        self.v16 = v16
        self.kinds: dict[str, Callable[[str, str, dict[str, Any]], Shape]] = {
            "string": self.text,
            "integer": self.number,
            "number": self.number,
            "boolean": lambda owner, name, schema: Flag(),
            "array": self.array,
            "object": self.inline,
        }

    def message(self, name: str, schema: dict[str, Any]) -> None:
        self.definitions = schema.get("definitions", {})
        for definition, content in self.definitions.items():
            if "enum" in content:
                self.enum(self.named(definition), content)
            elif definition != "CustomDataType":
                self.object(self.named(definition), content)
        self.object(name, schema)

    def named(self, definition: str) -> str:
        return names_v16.DEFINITIONS[definition] if self.v16 else definition

    def object(self, name: str, schema: dict[str, Any]) -> None:
        _expect(schema, {"type", "properties", "required"})
        if schema.get("additionalProperties") is not False:
            raise ValueError(f"{name} allows additional properties")
        required = schema.get("required", [])
        fields = {
            wire: Field(wire, self.shape(name, wire, content), wire in required)
            for wire, content in schema.get("properties", {}).items()
        }
        known = self.model.objects.setdefault(name, fields)
        if known != fields:
            raise ValueError(f"two different types are called {name}")

    def enum(self, name: str, schema: dict[str, Any]) -> Enum:
        _expect(schema, {"type", "enum"})
        values = tuple(schema["enum"])
        known = self.model.enums.get(name, ())
        # Two places of 1.6 may list the same enumeration in full and in part.
        if known and set(known) != set(values) and not self.v16:
            raise ValueError(f"two different enumerations are called {name}")
        self.model.enums[name] = max(known, values, key=len)
        return Enum(name)

    def shape(self, owner: str, wire: str, schema: dict[str, Any]) -> Shape:
        if "$ref" in schema:
            return self.reference(schema["$ref"].removeprefix("#/definitions/"))
        if "type" not in schema:
            _expect(schema, set())
            return Anything()
        return self.kinds[schema["type"]](owner, wire, schema)

    def reference(self, definition: str) -> Shape:
        is_enum = "enum" in self.definitions[definition]
        return Enum(self.named(definition)) if is_enum else Ref(self.named(definition))

    def text(self, owner: str, wire: str, schema: dict[str, Any]) -> Shape:
        if "enum" in schema:
            key = f"{owner}.{wire}"
            return self.enum(names_v16.ENUMS[key if key in names_v16.ENUMS else wire], schema)
        _expect(schema, {"type", "maxLength", "format"})
        return Text(schema.get("maxLength"), schema.get("format"))

    def number(self, owner: str, wire: str, schema: dict[str, Any]) -> Shape:
        _expect(schema, {"type", "minimum", "maximum", "multipleOf"})
        if schema.get("multipleOf", 0.1) != 0.1:
            raise ValueError(f"{owner}.{wire}: multipleOf")
        return Number(schema["type"] == "integer", schema.get("minimum"), schema.get("maximum"), "multipleOf" in schema)

    def array(self, owner: str, wire: str, schema: dict[str, Any]) -> Shape:
        _expect(schema, {"type", "items", "minItems", "maxItems"})
        items = self.shape(owner, wire, schema["items"])
        return Array(items, schema.get("minItems"), schema.get("maxItems"))

    def inline(self, owner: str, wire: str, schema: dict[str, Any]) -> Shape:
        name = names_v16.TYPES[wire]
        self.object(name, schema)
        return Ref(name)


def _expect(schema: dict[str, Any], understood: set[str]) -> None:
    if unknown := schema.keys() - understood - _IGNORED:
        raise ValueError(f"the generator does not know {sorted(unknown)}")
