"""Places in files, and YAML that knows where its values stand."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct

Path_ = tuple[str | int, ...]
"""Where a value is in a document: keys and indices from the top."""


MOST_VALUES: Final = 100_000
"""How many values a file may hold, those that stand for others (`*name`) counted as often as they do."""

DEEPEST: Final = 64
"""How many objects and lists may stand in one another."""


class Mark(Struct, frozen=True):
    """A line of a file, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class ScenarioError(Exception):
    """A scenario cannot be read or begun; the text names file and line, what is wrong and what is allowed."""

    def __init__(self, mark: Mark, text: str) -> None:
        super().__init__(f"{mark}: {text}")
        self.mark = mark
        self.text = text


def here(depth: int = 1) -> Mark:
    """The line of the caller of the caller: where a step of the Python API was written."""
    frame = sys._getframe(depth + 1)
    return Mark(frame.f_code.co_filename, frame.f_lineno)


class Document:
    """A YAML file: its value, and the line of everything in it.

    Of YAML's words only `true`, `false` and `null` are more than text, and numbers; dates stay text.
    """

    def __init__(self, value: Any, lines: dict[Path_, int], file: str) -> None:
        self.value = value
        self.file = file
        self._lines = lines

    def mark(self, path: Path_ = ()) -> Mark:
        """The place of a value, or of the nearest one around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return Mark(self.file, self._lines.get(path, 1))


class _Loader(yaml.SafeLoader):
    """YAML 1.2's few words instead of YAML 1.1's many (`on`, `no`, dates)."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as the base has it


_RESOLVERS: Final = (
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), "tf"),
    ("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
    ("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    ("tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), "-0123456789"),
    ("tag:yaml.org,2002:merge", re.compile(r"^<<$"), "<"),
)
for _tag, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))


def read_document(text: str, file: str) -> Document:
    """Read YAML.

    Raises:
        ScenarioError: it is none, has a key twice, or is too large or nested too deeply.
    """
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        raise ScenarioError(Mark(file, 1), f"this is no YAML: {error}") from None
    try:
        node = loader.get_single_node()
        if node is not None:
            _measure(node, {}, 0, file)
        lines: dict[Path_, int] = {}
        value = _build(loader, node, (), lines, file) if node is not None else None
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        line = at.line + 1 if at is not None else 1
        raise ScenarioError(Mark(file, line), f"this is no YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise ScenarioError(Mark(file, 1), "this is nested too deeply") from None
    except yaml.YAMLError as error:
        raise ScenarioError(Mark(file, 1), f"this is no YAML: {error}") from None
    finally:
        loader.dispose()
    return Document(value, lines, file)


def read_file(path: Path, name: str | None = None, mark: Mark | None = None) -> Document:
    """Read a YAML file; `mark` is the place that names it, if any.

    Raises:
        ScenarioError: it cannot be read.
    """
    file = name or str(path)
    try:
        return read_document(path.read_text("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        told = f"cannot be read: {why}"
        raise (ScenarioError(mark, f"{file} {told}") if mark else ScenarioError(Mark(file, 1), told)) from None


def _build(loader: _Loader, node: yaml.Node, path: Path_, lines: dict[Path_, int], file: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        loader.flatten_mapping(node)
        return _table(loader, node, path, lines, file)
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, one, (*path, n), lines, file) for n, one in enumerate(node.value)]
    try:
        return loader.construct_object(node)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
    ) as error:
        raise ScenarioError(Mark(file, node.start_mark.line + 1), f"this value cannot be read: {error}") from None


def _measure(node: yaml.Node, known: dict[int, tuple[int, int]], depth: int, file: str) -> tuple[int, int]:
    """How many values it comes to with all that is said again in it, and how deep, before anything is built of it."""
    if id(node) in known:
        return known[id(node)]
    mark = Mark(file, node.start_mark.line + 1)
    inside = [_measure(one, known, depth + 1, file) for one in _inside(node)] if depth < DEEPEST else []
    values, height = 1 + sum(one for one, _ in inside), 1 + max((one for _, one in inside), default=0)
    if depth >= DEEPEST or height > DEEPEST:
        raise ScenarioError(mark, f"this is nested too deeply: more than {DEEPEST} in one another")
    if values > MOST_VALUES:
        raise ScenarioError(mark, f"this comes to more than {MOST_VALUES} values")
    known[id(node)] = values, height
    return values, height


def _inside(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _table(loader: _Loader, node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], file: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise ScenarioError(Mark(file, key_node.start_mark.line + 1), "a key is a word, not a list or an object")
        key = str(key_node.value)
        if key in found:
            raise ScenarioError(Mark(file, key_node.start_mark.line + 1), f"{key!r} stands here twice")
        lines[(*path, key)] = key_node.start_mark.line + 1
        found[key] = _build(loader, value_node, (*path, key), lines, file)
    return found
