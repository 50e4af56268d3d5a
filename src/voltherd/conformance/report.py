"""The outcome of a run, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec
from rich.console import Console
from rich.table import Table

from voltherd.conformance.suite import NOT_WRITTEN, Case, Side, State, Weight, counted


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases, and how they stand."""

    total: int
    passed: int
    failed: int
    pending: int


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run. Blocks and certification profiles are named with their version: `1.6 Core`."""

    total: int
    passed: int
    failed: int
    pending: int
    by_version: dict[str, Counts]
    by_block: dict[str, Counts]
    cases: Sequence[Case]
    by_profile: Mapping[str, Mapping[Weight, Counts]] = {}
    """Mandatory and conditional cases of each certification profile, where the suite tells them."""


def summarise(cases: Sequence[Case]) -> Report:
    """Count by version and block."""
    return Report(
        **counted(cases),
        by_version=_grouped((case.version, case) for case in cases),
        by_block=_grouped((f"{case.version} {case.block}", case) for case in cases),
        cases=cases,
        by_profile=_profiles(cases),
    )


def _profiles(cases: Sequence[Case]) -> dict[str, dict[Weight, Counts]]:
    found: dict[str, dict[Weight, list[Case]]] = {}
    for case in cases:
        for profile, weight in case.profiles.items():
            found.setdefault(f"{case.version} {profile}", {}).setdefault(weight, []).append(case)
    return {
        name: {weight: Counts(**counted(of_it)) for weight, of_it in sorted(by_weight.items(), reverse=True)}
        for name, by_weight in found.items()
    }


def _grouped(named: Iterable[tuple[str, Case]]) -> dict[str, Counts]:
    groups: dict[str, list[Case]] = {}
    for name, case in named:
        groups.setdefault(name, []).append(case)
    return {name: Counts(**counted(group)) for name, group in groups.items()}


def show(report: Report, console: Console, side: Side = "csms") -> None:
    """Print the table by block, what failed, and what waits for what."""
    console.print(
        _table(report, "Certification cases of a CSMS" if side == "csms" else "Certification cases of a station")
    )
    if report.by_profile:
        console.print(_by_profile(report))
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


def _by_profile(report: Report) -> Table:
    table = Table(title="Of these, by certification profile", title_justify="left")
    for name in ("Profile", "mandatory", "passed", "conditional", "passed"):
        table.add_column(name, justify="left" if name == "Profile" else "right", no_wrap=True)
    for profile, counts in report.by_profile.items():
        known = [counts.get("mandatory"), counts.get("conditional")]
        numbers = [(of_it.total, of_it.passed) if of_it is not None else (0, 0) for of_it in known]
        table.add_row(profile, *(str(number) for pair in numbers for number in pair))
    return table


def _table(report: Report, title: str) -> Table:
    table = Table(title=title, title_justify="left", show_footer=True)
    table.add_column("OCPP and block", "Total", no_wrap=True)
    for name in ("total", "passed", "failed", "pending"):
        table.add_column(name, str(getattr(report, name)), justify="right", no_wrap=True)
    for block, counts in report.by_block.items():
        failed = f"[red]{counts.failed}[/red]" if counts.failed else "0"
        table.add_row(block, str(counts.total), str(counts.passed), failed, str(counts.pending))
    return table
