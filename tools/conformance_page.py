"""Writes `docs/reference/conformance.md` and `conformance-station.md` from the suites: every case, and its test.

Tests hold the files against a fresh run::

    python tools/conformance_page.py [--side csms|station] [--out FILE]
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from voltherd.conformance.run import ROOT, SUITES, collect
from voltherd.conformance.suite import NOT_WRITTEN, VERSIONS, Case, Side

PAGES: dict[Side, Path] = {
    "csms": ROOT / "docs" / "reference" / "conformance.md",
    "station": ROOT / "docs" / "reference" / "conformance-station.md",
}
HEAD_CSMS = """\
# Conformance

Certification knows test cases in which the CSMS is under test. Each is a test of ours against a running server over a
real socket: a station made by hand on one side, the REST API on the other, and every frame of both held against the
official schemas. Titles are in our own words.

```
voltherd conformance [--json] [--versions 1.6,2.0.1,2.1] [--against URL --api URL --api-key KEY]
```

runs them and prints by block how many passed, failed and are pending; `--json` gives `total`, `passed`, `failed`,
`pending`, the same `by_version` and `by_block`, and each case with what failed. It works in the source checkout after
`make setup`. With `--against` the server is one that runs already (stations connect to URL, the API is at `--api`); it
keeps the stations and tokens that the cases make. The exit code is 1 when a case failed.

This page is written by `tools/conformance_page.py` from the suite (`tests/conformance`, whose `README.md` says how a
case is written). "Has a test" does not say that it passes: run the command.
"""
HEAD_STATION = """\
# Conformance of the station

Certification knows test cases in which the charging station is under test. Each is a test of ours against the software
station over a real socket: a CSMS made by hand on one side, a driver's hands and the station's clock on the other, and
every frame of both held against the official schemas. Titles are in our own words.

```
voltherd conformance --side station [--json] [--versions 1.6,2.0.1,2.1]
```

runs them as [the cases of a CSMS](conformance.md) are run, and counts them by certification profile too (`by_profile`):
mandatory ones, and those that are asked of stations with a feature. OCPP 2.1 has no published cases; those listed are
ours.

This page is written by `tools/conformance_page.py` from the suite (`tests/conformance/stations`, whose `README.md` says
how a case is written). "Has a test" does not say that it passes: run the command.
"""
HEADS: dict[Side, str] = {"csms": HEAD_CSMS, "station": HEAD_STATION}


def page(cases: Sequence[Case], side: Side = "csms") -> str:
    """Write the page of a side."""
    parts = [HEADS[side], _summary(cases)]
    if side == "station":
        parts.append(_profiles(cases))
    for version, group in groupby(cases, key=lambda case: case.version):
        parts.append(_version(version, list(group)))
    return "\n".join(parts)


def _summary(cases: Sequence[Case]) -> str:
    lines = ["| OCPP | Cases | Have a test | Pending |", "|---|---|---|---|"]
    for version in VERSIONS:
        found = [case for case in cases if case.version == version]
        tested = sum(bool(case.test) for case in found)
        lines.append(f"| {version} | {len(found)} | {tested} | {len(found) - tested} |")
    return "\n".join(lines) + "\n"


def _profiles(cases: Sequence[Case]) -> str:
    lines = ["| Certification profile | Mandatory | Have a test | Conditional | Have a test |", "|---|---|---|---|---|"]
    for version in VERSIONS:
        of_it = [case for case in cases if case.version == version]
        for profile in dict.fromkeys(name for case in of_it for name in case.profiles):
            numbers = []
            for weight in ("mandatory", "conditional"):
                found = [case for case in of_it if case.profiles.get(profile) == weight]
                numbers += [len(found), sum(bool(case.test) for case in found)]
            lines.append(f"| {version} {profile} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join(lines) + "\n"


def _version(version: str, cases: list[Case]) -> str:
    parts = [f"## OCPP {version}\n"]
    written = [case for case in cases if case.test or case.reason != NOT_WRITTEN]
    blocks = list(dict.fromkeys(case.block for case in written))
    for block in blocks:
        lines = [f"### {block}\n", "| Case | | |", "|---|---|---|"]
        lines += [_row(case) for case in written if case.block == block]
        parts.append("\n".join(lines) + "\n")
    missing = [case for case in cases if case not in written]
    if missing:
        words = f"Not written yet: {', '.join(case.id for case in missing)}."
        parts.append(textwrap.fill(words, 120) + "\n")
    return "\n".join(parts)


def _row(case: Case) -> str:
    state = f"`{Path(case.test.partition('::')[0]).name}`" if case.test else f"pending: {case.reason}"
    return f"| {case.id} | {case.title} | {state} |"


def main() -> None:
    """Parse the arguments and write."""
    parser = argparse.ArgumentParser(description="Write the lists of conformance cases.")
    parser.add_argument("--side", choices=list(PAGES), help="whose list alone")
    parser.add_argument("--out", type=Path, help="where to (the list of the CSMS, without --side)")
    arguments = parser.parse_args()
    alone: Side | None = arguments.side or ("csms" if arguments.out else None)
    for side in PAGES if alone is None else (alone,):
        out = arguments.out or PAGES[side]
        out.write_text(page(collect(SUITES[side]), side), "utf-8")
        print(out)


if __name__ == "__main__":
    main()
