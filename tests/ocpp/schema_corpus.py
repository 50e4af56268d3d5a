"""Payloads made from the official schemas: minimal, full and random ones, and every single-field violation.

A violation changes one thing in a full payload. It knows where (`path`, as on the wire) and which rule it breaks, as
the schema says, so that the CALLERROR can be foretold without asking our own code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

GOOD_TIMES = (
    "2024-02-29T12:34:56.789Z",
    "2024-12-31T00:00:00Z",
    "1985-04-12t23:20:50.52z",
    "1996-12-19T16:39:57-08:00",
    "2016-12-31T23:59:60Z",
    "2000-02-29T23:59:59.123456789+14:00",
    "0000-02-29T00:00:00Z",
)
BAD_TIMES = (
    "", "yesterday", "2024-05-03", "12:34:56Z", "2024-05-03T12:34:56", "2024-05-03 12:34:56Z", "2024-05-03T12:34Z",
    "2023-02-29T12:34:56Z", "1900-02-29T12:34:56Z", "2024-04-31T12:34:56Z", "2024-13-01T12:34:56Z",
    "2024-00-01T12:34:56Z", "2024-01-00T12:34:56Z", "2024-01-32T12:34:56Z", "2024-05-03T24:00:00Z",
    "2024-05-03T12:60:00Z", "2024-05-03T12:34:61Z", "2024-05-03T12:34:60Z", "2024-05-03T12:34:56+0200",
    "2024-05-03T12:34:56+02", "2024-05-03T12:34:56+24:00", "2024-05-03T12:34:56.Z", "2024-05-03T12:34:56,5Z",
    "2024-05-03T12:34:56ZZ", "2024-05-03T12:34:56Z\n", " 2024-05-03T12:34:56Z", "24-05-03T12:34:56Z",
    "\uff12\uff10\uff12\uff14-05-03T12:34:56Z", "2024-05-03T12:34:56+02:60", "20240503T123456Z",
)  # fmt: skip
GOOD_URIS = (
    "https://example.com/a/b?c=d#e", "ftp://user:pass@192.0.2.1:21/logs/", "mailto:a@b.example", "urn:x:y",
    "http://[2001:db8::1]:80/", "file:///tmp/x", "http:", "a:/", "http://h/%20",
)  # fmt: skip
BAD_URIS = (
    "", "example.com/a", "/a/b", "http://a b/", "http://a/ä", "http://a/%2", "1http://a", "http://a/#b#c", "://a",
    "http://a/[b]", "http://a:port/", "http://a/\n", "http://a\\b",
)  # fmt: skip
OF_TYPE: dict[str, Any] = {
    "null": None, "boolean": True, "integer": 3, "number": 2.5, "string": "text", "array": [], "object": {},
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One changed place: `payload` is the whole, `rule` what is broken (None: nothing)."""

    payload: Any
    path: str
    rule: str | None


class Corpus:
    """Payloads of one message; `newer` is its schema in the next version, whose additions must be refused."""

    def __init__(self, schema: dict[str, Any], newer: dict[str, Any] | None = None) -> None:
        self.schema = schema
        self.newer = newer

    def minimal(self) -> Any:
        return _Builder(self.schema, optional=False).value(self.schema)

    def full(self) -> Any:
        return _Builder(self.schema, optional=True).value(self.schema)

    def random(self, seed: str, count: int) -> Iterator[Any]:
        builder = _Random(self.schema, random.Random(seed))
        return (builder.value(self.schema) for _ in range(count))

    def changes(self) -> Iterator[Change]:
        """Each change of a full payload, made in place and taken back when the next is asked for."""
        root = [self.full()]
        for change in _Changer(self.schema, self.newer).at(self.schema, self.newer, root, 0, "$"):
            yield Change(root[0], *change)


def resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, or what its $ref leads to."""
    if "$ref" not in schema:
        return schema
    target: dict[str, Any] = root["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    return target


class _Builder:
    def __init__(self, root: dict[str, Any], *, optional: bool) -> None:
        self.root = root
        self.optional = optional

    def value(self, schema: dict[str, Any]) -> Any:
        schema = resolve(schema, self.root)
        match schema.get("type"):
            case "object":
                return self.object(schema)
            case "array":
                return [self.value(schema["items"]) for _ in range(self.length(schema))]
            case "string":
                return self.text(schema)
            case "integer" | "number" as kind:
                return self.number(schema, kind)
            case "boolean":
                return self.flag()
            case None:
                return self.anything()
        raise AssertionError(schema)

    def object(self, schema: dict[str, Any]) -> dict[str, Any]:
        wanted = [n for n in schema.get("properties", {}) if n in schema.get("required", []) or self.takes(n)]
        return {name: self.value(schema["properties"][name]) for name in wanted}

    def takes(self, name: str) -> bool:
        return self.optional

    def length(self, schema: dict[str, Any]) -> int:
        return int(schema.get("minItems", 1 if self.optional else 0))

    def text(self, schema: dict[str, Any]) -> str:
        if "enum" in schema:
            return str(schema["enum"][0])
        return {"date-time": GOOD_TIMES[0], "uri": GOOD_URIS[0]}.get(
            schema.get("format", ""), "abc"[: schema.get("maxLength")]
        )

    def number(self, schema: dict[str, Any], kind: str) -> float:
        value = min(1 if kind == "integer" else 1.5, schema.get("maximum", 2))
        return int(least) if (least := schema.get("minimum", value)) > value else value

    def flag(self) -> bool:
        return True

    def anything(self) -> Any:
        return {"any": [1, None, "x"]}


class _Random(_Builder):
    def __init__(self, root: dict[str, Any], chance: random.Random) -> None:
        super().__init__(root, optional=True)
        self.chance = chance

    def object(self, schema: dict[str, Any]) -> dict[str, Any]:
        made = super().object(schema)
        if schema.get("additionalProperties") is not False:
            made |= {f"x{self.chance.randrange(9)}": self.anything() for _ in range(2)}
        return made

    def takes(self, name: str) -> bool:
        return self.chance.random() < 0.4

    def length(self, schema: dict[str, Any]) -> int:
        least = int(schema.get("minItems", 0))
        return self.chance.randint(least, min(schema.get("maxItems", least + 2), least + 2))

    def text(self, schema: dict[str, Any]) -> str:
        if "enum" in schema:
            return str(self.chance.choice(schema["enum"]))
        if "format" in schema:
            return self.chance.choice(GOOD_TIMES if schema["format"] == "date-time" else GOOD_URIS)
        alphabet = 'aZ0 -_.:/\\"é漢😀\n\t'
        length = self.chance.choice((0, 1, 7, schema.get("maxLength", 30)))
        return "".join(self.chance.choices(alphabet, k=min(length, schema.get("maxLength", 30))))

    def number(self, schema: dict[str, Any], kind: str) -> float:
        low, high = int(schema.get("minimum", -1000)), int(schema.get("maximum", 2**31))
        if kind == "integer" or self.chance.random() < 0.3:
            return self.chance.randint(low, high)
        return self.chance.randint(low * 10, high * 10) / 10

    def flag(self) -> bool:
        return self.chance.random() < 0.5

    def anything(self) -> Any:
        return self.chance.choice((None, 1, 2.5, "x", True, [1, [2]], {"a": {"b": None}}))


class _Changer:
    """Walks schema and payload together; yields path and rule while the change stands in the payload."""

    def __init__(self, root: dict[str, Any], newer_root: dict[str, Any] | None) -> None:
        self.root = root
        self.newer_root = newer_root or {}

    def at(
        self, schema: dict[str, Any], newer: dict[str, Any] | None, holder: Any, key: Any, path: str
    ) -> Iterator[tuple[str, str | None]]:
        schema = resolve(schema, self.root)
        newer = resolve(newer, self.newer_root) if newer else {}
        original = holder[key]
        for value, rule in self.replacements(schema, newer):
            holder[key] = value
            yield path, rule
        holder[key] = original
        if isinstance(original, dict) and "properties" in schema:
            yield from self.inside(schema, newer, original, path)
        if isinstance(original, list) and original:
            yield from self.at(schema["items"], newer.get("items"), original, 0, f"{path}[0]")

    def inside(
        self, schema: dict[str, Any], newer: dict[str, Any], value: dict[str, Any], path: str
    ) -> Iterator[tuple[str, str | None]]:
        required = schema.get("required", [])
        for name in list(value):
            kept = dict(value)
            del value[name]
            yield f"{path}.{name}", "required" if name in required else None
            value.clear()
            value.update(kept)
        closed = schema.get("additionalProperties") is False
        for name, extra in self.extras(schema, newer):
            value[name] = extra
            yield f"{path}.{name}", "unknown" if closed else None
            del value[name]
        for name, content in schema["properties"].items():
            yield from self.at(content, newer.get("properties", {}).get(name), value, name, f"{path}.{name}")

    def extras(self, schema: dict[str, Any], newer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        yield "noSuchField", 1
        for name, content in newer.get("properties", {}).items():
            if name not in schema["properties"]:
                yield name, _Builder(self.newer_root, optional=False).value(content)
                yield name, None

    def replacements(self, schema: dict[str, Any], newer: dict[str, Any]) -> Iterator[tuple[Any, str | None]]:
        kind = schema.get("type")
        fitting = {"number": {"number", "integer"}}.get(kind, {kind}) if kind else set(OF_TYPE)
        yield from ((value, "type") for name, value in OF_TYPE.items() if name not in fitting)
        match kind:
            case "string":
                yield from self.texts(schema, newer)
            case "integer" | "number":
                yield from self.numbers(schema, kind)
            case "array":
                yield from self.lists(schema)
            case None:
                yield from ((value, None) for value in OF_TYPE.values())

    def texts(self, schema: dict[str, Any], newer: dict[str, Any]) -> Iterator[tuple[Any, str | None]]:
        if "enum" in schema:
            added = set(newer.get("enum", ())) - set(schema["enum"])
            wrong = {"NoSuchValue", "", schema["enum"][0].swapcase(), f"{schema['enum'][0]} ", *added}
            yield from ((value, None) for value in schema["enum"])
            yield from ((value, "enum") for value in sorted(wrong - set(schema["enum"])))
        elif "format" in schema:
            times = schema["format"] == "date-time"
            yield from ((value, None) for value in (GOOD_TIMES if times else GOOD_URIS))
            yield from ((value, "format") for value in (BAD_TIMES if times else BAD_URIS))
        elif "maxLength" in schema:
            length = schema["maxLength"]
            yield from (("", None), ("😀" * length, None), ("a" * (length + 1), "length"))
        else:
            yield from (("", None), ("a" * 5000, None))

    def numbers(self, schema: dict[str, Any], kind: str) -> Iterator[tuple[Any, str | None]]:
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None:
            yield from ((int(low), None), (int(low) - 1, "range"), (-(2**70), "range"))
        if high is not None:
            yield from ((int(high), None), (int(high) + 1, "range"), (2**70, "range"))
        inside = int(low if low is not None else high if high is not None else -7)
        if kind == "number":
            yield from ((float(inside), None), (inside - 0.5, "range" if low == inside else None))
            if "multipleOf" in schema:
                yield from ((value, None) for value in (0.3, 1.1, 16.7, 32.0, 1e300, -0.1, 0.0))
                yield from ((value, "range") for value in (0.35, 16.05, 0.01, -0.123))
        else:
            yield float(inside), None if self.root["$schema"].endswith("draft-06/schema#") else "type"
        if low is None and high is None:
            yield from ((2**70, None), (-(2**70), None), (0, None))

    def lists(self, schema: dict[str, Any]) -> Iterator[tuple[Any, str | None]]:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        item = _Builder(self.root, optional=False).value(schema["items"])
        yield from ((([item] * count), None if count >= least else "items") for count in {0, least, least + 1})
        if most is not None:
            yield from (([item] * most, None), ([item] * (most + 1), "items"))
