"""The outcome of a run, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import msgspec
from rich.console import Console
from rich.table import Table

from voltherd.conformance.suite import NOT_WRITTEN, Case, State, counted


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases, and how they stand."""

    total: int
    passed: int
    failed: int
    pending: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Blocks are named with their version: `1.6 Core`."""

    total: int
    passed: int
    failed: int
    pending: int
    by_version: dict[str, Counts]
    by_block: dict[str, Counts]
    cases: Sequence[Case]


def summarise(cases: Sequence[Case]) -> Report:
    """Count by version and block."""
    return Report(
        **counted(cases),
        by_version=_grouped((case.version, case) for case in cases),
        by_block=_grouped((f"{case.version} {case.block}", case) for case in cases),
        cases=cases,
    )


def _grouped(named: Iterable[tuple[str, Case]]) -> dict[str, Counts]:
    groups: dict[str, list[Case]] = {}
    for name, case in named:
        groups.setdefault(name, []).append(case)
    return {name: Counts(**counted(group)) for name, group in groups.items()}


def show(report: Report, console: Console) -> None:
    """Print the table by block, what failed, and what waits for what."""
    console.print(_table(report))
    say = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    for case in report.cases:
        if case.state == "failed":
            say(f"failed   {case.version} {case.id}  {case.title}", style="red")
            say(f"         {case.test}\n         {case.reason}", style="dim")
    for reason, waiting in _reasons(report.cases, "pending").items():
        names = f"{len(waiting)} cases" if reason == NOT_WRITTEN else ", ".join(case.id for case in waiting)
        say(f"pending  {names}: {reason}")


def _reasons(cases: Sequence[Case], state: State) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        if case.state == state:
            found.setdefault(case.reason, []).append(case)
    return found


def _table(report: Report) -> Table:
    table = Table(title="Certification cases of a CSMS", title_justify="left", show_footer=True)
    table.add_column("OCPP and block", "Total", no_wrap=True)
    for name in ("total", "passed", "failed", "pending"):
        table.add_column(name, str(getattr(report, name)), justify="right", no_wrap=True)
    for block, counts in report.by_block.items():
        failed = f"[red]{counts.failed}[/red]" if counts.failed else "0"
        table.add_row(block, str(counts.total), str(counts.passed), failed, str(counts.pending))
    return table
