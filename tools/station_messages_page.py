"""Writes `docs/reference/station-messages.md` from the code of the software station: who serves what, who says what.

A test holds the file against a fresh run, and every entry against a station::

    python tools/station_messages_page.py [--out FILE]
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from voltherd.ocpp.version import OcppVersion, messages
from voltherd.station.dialect import Dialect
from voltherd.station.v2.dialect import V2
from voltherd.station.v16.dialect import V16

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "station-messages.md"
DIALECTS: Final[dict[OcppVersion, Dialect]] = {OcppVersion.V16: V16, OcppVersion.V201: V2, OcppVersion.V21: V2}

REFUSED: Final = {
    "PublishFirmware": "it is no local controller",
    "UnpublishFirmware": "it is no local controller",
}
"""What a station answers, but never does, and why."""

NEVER_SAID: Final = {"PublishFirmwareStatusNotification": "said by local controllers only"}
"""What a station has no occasion to say, and why."""

HEAD = """\
# Messages of the software station

Every message of every version, as the station in `src/voltherd/station` serves or says it. The first table has the
requests of a CSMS and the file that answers each; the second has the requests of a station and the file that puts each
into words. A dash: the version does not have the message. Paths are below `src/voltherd/station`; what a message means
to the station is in the file of the same name without the version (`v2/monitoring.py` speaks for `monitoring.py`).

This page is written by `tools/station_messages_page.py` from the code; `tests/station/test_every_message.py` asks every
request of a station and brings every report about.
"""


def served_by(version: OcppVersion, action: str) -> Callable[..., Any] | None:
    """Give the function that answers a request of a CSMS."""
    return DIALECTS[version].serving.get(action)


@cache
def _sayings(version: OcppVersion) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for render in DIALECTS[version].rendering.values():
        for action in _actions(render, frozenset()):
            found.setdefault(action, set()).add(_file_of(render))
    return found


def _actions(function: Callable[..., Any], seen: frozenset[Any]) -> set[str]:
    source, module = inspect.getsource(function), inspect.getmodule(function)
    actions = set(re.findall(r'action="(\w+)"', source))
    for name in set(re.findall(r"\b(_\w+)\(", source)):
        helper = getattr(module, name, None)
        if inspect.isfunction(helper) and helper not in seen:
            actions |= _actions(helper, seen | {function})
    return actions


def said_by(version: OcppVersion, action: str) -> list[str]:
    """Give the files that put a request of the station into words."""
    return sorted(_sayings(version).get(action, ()))


def page() -> str:
    """Write the page."""
    asked = _table("What a CSMS asks", ("csms", "both"), _served)
    said = _table("What a station says", ("station", "both"), _said)
    return "\n".join((HEAD, *asked, *said))


def _table(title: str, senders: tuple[str, ...], cell: Callable[[OcppVersion, str], str]) -> list[str]:
    actions = {
        version: [name for name, spec in messages(version).items() if spec.sender in senders] for version in OcppVersion
    }
    lines = [f"## {title}\n", "| Message | OCPP 1.6 | OCPP 2.0.1 | OCPP 2.1 |", "|---|---|---|---|"]
    for action in sorted({action for found in actions.values() for action in found}):
        cells = (cell(version, action) if action in actions[version] else "-" for version in OcppVersion)
        lines.append(f"| {action} | {' | '.join(cells)} |")
    return [*lines, ""]


def _served(version: OcppVersion, action: str) -> str:
    function = served_by(version, action)
    if function is None:
        return "not served"
    where = f"`{_file_of(function)}`"
    return f"{where}: refused, {REFUSED[action]}" if action in REFUSED else where


def _said(version: OcppVersion, action: str) -> str:
    if action in NEVER_SAID:
        return f"never: {NEVER_SAID[action]}"
    return ", ".join(f"`{file}`" for file in said_by(version, action)) or "not said"


def _file_of(function: Callable[..., Any]) -> str:
    return function.__module__.removeprefix("voltherd.station.").replace(".", "/") + ".py"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.parse_args().out.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
