"""Writes `docs/reference/conformance.md` from the conformance suite: every case, and whether it has a test.

A test holds the file against a fresh run::

    python tools/conformance_page.py [--out FILE]
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from voltherd.conformance.run import ROOT, collect
from voltherd.conformance.suite import NOT_WRITTEN, VERSIONS, Case

PAGE = ROOT / "docs" / "reference" / "conformance.md"
HEAD = """\
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


def page(cases: Sequence[Case]) -> str:
    """Write the page."""
    parts = [HEAD, _summary(cases)]
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
    parser = argparse.ArgumentParser(description="Write the list of conformance cases.")
    parser.add_argument("--out", type=Path, default=PAGE)
    out = parser.parse_args().out
    out.write_text(page(collect()), "utf-8")
    print(out)


if __name__ == "__main__":
    main()
