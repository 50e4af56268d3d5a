"""Writes `docs/reference/messages.md` from the code: every message, who handles it, and which command sends it.

A test holds the file against a fresh run::

    python tools/messages_page.py [--out FILE]
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from voltherd.gateway import v2, v16
from voltherd.gateway.routing import Routes
from voltherd.ocpp.version import MessageSpec, OcppVersion, messages

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "messages.md"
ROOMS: dict[OcppVersion, ModuleType] = {OcppVersion.V16: v16, OcppVersion.V201: v2, OcppVersion.V21: v2}
HEAD = """\
# Messages

Every message of every version, in both directions. What stations send has a handler; what is sent to stations goes out
by the command named (`POST /stations/{id}/commands/<name>`), and any of it as a raw call
(`POST /stations/{id}/calls/{Action}`). A dash: the version does not have the message.

This page is written by `tools/messages_page.py` from the code.
"""


def routes_of(version: OcppVersion) -> Routes:
    """Give the handlers and translations of a version."""
    found: Routes = ROOMS[version].routes
    return found


def is_handled(version: OcppVersion, action: str) -> bool:
    """Whether a message of a station has a handler."""
    return action in routes_of(version).handlers


def sent_by(version: OcppVersion, action: str) -> set[str]:
    """Name the commands whose translation, or a function that it calls, makes this request."""
    makes = re.compile(rf"\b{action}Request\b")
    translations = routes_of(version).translations
    return {kind.name for kind, function in translations.items() if _makes(function, makes, set())}


def _makes(function: Any, makes: re.Pattern[str], seen: set[Any]) -> bool:
    seen.add(function)
    source, module = inspect.getsource(function), inspect.getmodule(function)
    if makes.search(source):
        return True
    named = (getattr(module, name, None) for name in set(re.findall(r"\b([A-Za-z_]\w*)\b", source)))
    return any(_makes(each, makes, seen) for each in named if each is not None and _is_ours(each) and each not in seen)


def _is_ours(thing: Any) -> bool:
    is_code = inspect.isfunction(thing) or inspect.isclass(thing)
    return is_code and (thing.__module__ or "").startswith("voltherd.gateway.v")


def page() -> str:
    """Write the page."""
    stations = _table("From stations", "station", _handled)
    csms = _table("To stations", "csms", _sent)
    return "\n".join((HEAD, *stations, *csms))


def _table(title: str, sender: str, cell: Callable[[OcppVersion, str], str]) -> list[str]:
    specs = {version: _specs(version, sender) for version in OcppVersion}
    actions = sorted({action for found in specs.values() for action in found})
    lines = [f"## {title}\n", "| Message | OCPP 1.6 | OCPP 2.0.1 | OCPP 2.1 |", "|---|---|---|---|"]
    for action in actions:
        cells = (cell(version, action) if action in specs[version] else "-" for version in OcppVersion)
        lines.append(f"| {action} | {' | '.join(cells)} |")
    return [*lines, ""]


def _specs(version: OcppVersion, sender: str) -> dict[str, MessageSpec]:
    return {action: spec for action, spec in messages(version).items() if spec.sender in (sender, "both")}


def _handled(version: OcppVersion, action: str) -> str:
    return "handled" if is_handled(version, action) else "not handled"


def _sent(version: OcppVersion, action: str) -> str:
    return ", ".join(f"`{name}`" for name in sorted(sent_by(version, action))) or "raw call only"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.parse_args().out.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
