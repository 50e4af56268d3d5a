"""Writes the tables of `docs/reference/scenarios.md` from the code: steps, operators, faults, shipped scenarios.

Between a line `<!-- steps -->` and `<!-- end -->` (and so on) stands what this tool writes; all else is by hand.
A test holds the file against a fresh run::

    python tools/scenarios_page.py [--out FILE]
"""

from __future__ import annotations

import argparse
import inspect
import re
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from voltherd.simulator.faults import FAULTS, FrameFault, TimedFault
from voltherd.simulator.faults import fields as fields_of
from voltherd.simulator.scenarios import STEPS, StationSpec, load, shipped
from voltherd.simulator.scenarios.patterns import OPERATORS
from voltherd.simulator.scenarios.steps import Step

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "scenarios.md"
COMMON = {"station", "only", "note", "where"}


def summary(kind: type[Any]) -> str:
    """Give the first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def attributes(kind: type[Any]) -> str:
    """Give what a docstring says of the fields, in one line."""
    _, _, rest = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    text = " ".join(rest.split()).replace("None: ", "null: ")
    for one in msgspec.structs.fields(kind):
        text = re.sub(rf"(?<![`\w-]){one.name}(?=[,:] )", f"`{one.encode_name}`", text)
        text = re.sub(rf"(?<![`\w-]){one.encode_name}(?=: )", f"`{one.encode_name}`", text)
    return text


def fields(kind: type[Any], left_out: set[str]) -> list[str]:
    """Give the fields of a table with their types and defaults."""
    hints = typing.get_type_hints(kind)
    found = []
    for one in msgspec.structs.fields(kind):
        if one.name not in left_out:
            default = f" = {_value(one.default)}" if one.default not in (msgspec.NODEFAULT, None) else ""
            needed = " (needed)" if one.required else ""
            found.append(f"`{one.encode_name}`: {_type(hints[one.name])}{default}{needed}")
    return found


def _type(hint: Any) -> str:
    if hint in (float | str, float | str | None):
        return "length of time"
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in typing.get_args(hint) if one is not type(None)))
    if typing.get_origin(hint) is typing.Literal:
        return ", ".join(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) is not None:
        return {dict: "object", list: "list", tuple: "list"}.get(typing.get_origin(hint), "value")
    names = {str: "text", int: "number", float: "number", bool: "true or false", Any: "any value"}
    return names.get(hint, "text" if isinstance(hint, type) and issubclass(hint, str) else "object")


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) if value != "" else '""'


def steps_table() -> list[str]:
    """Give a row per step."""
    rows = ["| Step | What it does | Other fields |", "|---|---|---|"]
    for kind in STEPS:
        main = next((f for f in fields(kind, COMMON) if _is_main(kind, f)), None)
        shown = f"`{kind.VERB}`" + (f": {main.partition(': ')[2]}" if main else "")
        left_out = COMMON | ({"steps"} if kind.VERB == "include" else set())
        rest = "; ".join(f for f in fields(kind, left_out) if f != main)
        told = attributes(kind)
        rows.append(f"| {shown} | {summary(kind)}{' ' + told if told else ''} | {rest} |")
    return rows


def _is_main(kind: type[Step], field: str) -> bool:
    name = next((f.encode_name for f in msgspec.structs.fields(kind) if f.name == kind.MAIN), None)
    return field.startswith(f"`{name}`")


def faults_table() -> list[str]:
    """Give a row per fault."""
    rows = ["| Fault | What goes wrong | Fields of its own |", "|---|---|---|"]
    for kind in FAULTS:
        base = FrameFault if issubclass(kind, FrameFault) else TimedFault
        common = {f.name for f in msgspec.structs.fields(base)}
        own = "; ".join(fields(kind, common))
        told = attributes(kind)
        family = "frames" if base is FrameFault else "times"
        rows.append(f"| `{kind.KIND}` ({family}) | {summary(kind)}{' ' + told if told else ''} | {own} |")
    return rows


def common_faults_table() -> list[str]:
    """Give what faults of frames and of times have in common."""
    rows = ["| Faults of | Fields | Meaning |", "|---|---|---|"]
    for name, base in (("frames", FrameFault), ("times", TimedFault)):
        rows.append(f"| {name} | {', '.join(f'`{one}`' for one in fields_of(base))} | {attributes(base)} |")
    return rows


def station_table() -> list[str]:
    """Give the fields of a station."""
    return [f"- {field}" for field in fields(StationSpec, set())] + ["", attributes(StationSpec)]


def operators_list() -> list[str]:
    """Give the names of the operators."""
    return [", ".join(f"`{name}`" for name in OPERATORS)]


def library_table() -> list[str]:
    """Give a row per shipped scenario."""
    rows = ["| Name | OCPP | What it tries | |", "|---|---|---|---|"]
    for name in shipped():
        one = load(name)
        acts = "the CSMS must act" if one.asks else ""
        rows.append(f"| `{name}` | {', '.join(one.ocpp)} | {one.title} | {acts} |")
    return rows


TABLES = {
    "library": library_table,
    "station": station_table,
    "steps": steps_table,
    "operators": operators_list,
    "common-faults": common_faults_table,
    "faults": faults_table,
}


def write(text: str) -> str:
    """Put the tables in their places."""
    for name, make in TABLES.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        table = "\n".join(make())
        text, count = pattern.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"{PAGE}: there is no place for {name}, or more than one")
    return text


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.parse_args().out.write_text(write(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
