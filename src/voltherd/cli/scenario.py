"""`voltherd scenario`: scripted stations against any CSMS, for people and for continuous integration."""

import json as json_
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voltherd.cli.running import run as run_loop
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios import (
    Options,
    Outcome,
    Scenario,
    ScenarioError,
    junit,
    load,
    load_csms,
    shipped,
)
from voltherd.simulator.scenarios import run as run_scenario

scenario = App(name="scenario", help="Run scripted stations against any CSMS, and look at what it does.")

Files = Annotated[list[str], Parameter(help="Scenario files, folders of them, or names of shipped scenarios.")]


@scenario.command
def run(
    files: Files,
    /,
    *,
    url: Annotated[str, Parameter(help="Where stations connect, without their identity.")] = "ws://127.0.0.1:9000/ocpp",
    ocpp: Annotated[
        Literal["1.6", "2.0.1", "2.1"] | None, Parameter(help="Only in this version; in all of a scenario without.")
    ] = None,
    identity: Annotated[
        list[str] | None, Parameter(help="Identity of the station; once more for each further one.", negative="")
    ] = None,
    password: Annotated[str | None, Parameter(help="Password of the stations, for Basic auth.")] = None,
    set: Annotated[  # noqa: A002 - the option is called so
        list[str] | None, Parameter(help="A variable, name=value; may be given more than once.", negative="")
    ] = None,
    csms: Annotated[
        str | None, Parameter(help="How the CSMS is told to act: `voltherd`, or a file; see the reference.")
    ] = None,
    person: Annotated[
        bool, Parameter(help="A person acts at the CSMS: say what to do, and wait.", negative="")
    ] = False,
    accelerate: Annotated[
        float | None, Parameter(help="How many times faster than real time.", validator=validators.Number(gt=0))
    ] = None,
    patience: Annotated[float, Parameter(help="Least real seconds to wait when accelerated.")] = 5.0,
    seed: Annotated[int | None, Parameter(help="Of all chance; the scenario's own without.")] = None,
    junit: Annotated[Path | None, Parameter(help="Write the outcomes as JUnit XML.")] = None,
    json: Annotated[bool, Parameter(help="Print the outcomes as JSON and nothing else.", negative="")] = False,
    frames: Annotated[bool, Parameter(help="Show the last frames of what failed.", negative="")] = False,
) -> None:
    """Run scenarios one after the other, each in each of its OCPP versions.

    Exits with 0 when all passed (or were left out because nobody can act at the CSMS), 1 when one failed, 2 when a file
    is wrong.
    """
    given = _variables(set or [])
    try:
        way = load_csms(csms) if csms is not None else None
        scenarios = [load(name, {*given, *(way.variables if way is not None else ())}) for name in _names(files)]
    except ScenarioError as error:
        _fail(str(error))
    options = Options(
        url=url,
        identities=tuple(identity or ()),
        password=password,
        variables=given,
        accelerate=accelerate,
        patience_s=patience,
        csms=way,
        person=_tell if person else None,
        seed=seed,
    )
    outcomes: list[Outcome] = []
    console = Console(highlight=False, stderr=json)
    try:
        run_loop(_run(scenarios, options, OcppVersion(ocpp) if ocpp else None, outcomes, console, frames=frames))
    finally:
        if junit is not None:
            _write(junit, outcomes)
    if json:
        print(json_.dumps(msgspec.to_builtins(outcomes), indent=2))
    sys.exit(_code(outcomes, console))


@scenario.command(name="list")
def list_(*, json: Annotated[bool, Parameter(help="Print as JSON.", negative="")] = False) -> None:
    """List the shipped scenarios."""
    scenarios = [load(name) for name in shipped()]
    if json:
        rows = [{"name": s.name, "title": s.title, "ocpp": s.ocpp, "asks": s.asks} for s in scenarios]
        print(json_.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "OCPP", "what it tries"):
        table.add_column(column)
    for one in scenarios:
        table.add_row(one.name, " ".join(one.ocpp), one.title + (" (the CSMS must act)" if one.asks else ""))
    Console(highlight=False).print(table)


@scenario.command
def show(name: str, /) -> None:
    """Print a shipped scenario, to copy and change it."""
    if name not in shipped():
        _fail(f"there is no shipped scenario {name!r}; there are {', '.join(shipped())}")
    print(shipped()[name].read_text("utf-8"), end="")


@scenario.command
def check(
    files: Files,
    /,
    *,
    set: Annotated[list[str] | None, Parameter(help="Names of variables given when run.", negative="")] = None,  # noqa: A002
) -> None:
    """Look files over without running them; tells the first problem of each, with its line."""
    problems = 0
    for name in _names(files):
        try:
            found = load(name, [one.partition("=")[0] for one in set or []])
        except ScenarioError as error:
            problems += 1
            print(error, file=sys.stderr)
        else:
            print(f"{name}: {found.title}: {len(found.steps)} steps, OCPP {', '.join(found.ocpp)}")
    sys.exit(2 if problems else 0)


# Inside ------------------------------------------------------------------------------------------


async def _run(
    scenarios: list[Scenario],
    options: Options,
    only: OcppVersion | None,
    outcomes: list[Outcome],
    console: Console,
    *,
    frames: bool,
) -> None:
    for one in scenarios:
        for version in one.ocpp:
            if only in (None, version):
                outcome = await run_scenario(one, options, version)
                outcomes.append(outcome)
                _show(outcome, console, frames=frames)


def _show(outcome: Outcome, console: Console, *, frames: bool) -> None:
    words = {"passed": "[green]passed[/]", "failed": "[red]FAILED[/]", "skipped": "[yellow]left out[/]"}
    console.print(
        f"{words[outcome.status]}  {escape(outcome.name)} [OCPP {outcome.ocpp}]  {outcome.seconds:.1f} s".replace(
            "[OCPP", "\\[OCPP"
        ),
        soft_wrap=True,
    )
    if outcome.status != "passed":
        console.print(escape(outcome.text()), soft_wrap=True)
    if outcome.status == "failed" and frames:
        for at, who, text in outcome.frames:
            console.print(escape(f"  {at} {who}: {text}"), style="dim", soft_wrap=True)


def _code(outcomes: list[Outcome], console: Console) -> int:
    counts = {status: sum(one.status == status for one in outcomes) for status in ("passed", "failed", "skipped")}
    if not outcomes:
        console.print("nothing was run: no scenario is for this version")
        return 1
    told = f"{counts['passed']} passed, {counts['failed']} failed"
    console.print(told + (f", {counts['skipped']} left out" if counts["skipped"] else ""))
    return 1 if counts["failed"] else 0


def _names(files: list[str]) -> list[str]:
    found: list[str] = []
    for name in files:
        path = Path(name)
        if path.is_dir():
            found += sorted(str(one) for one in path.iterdir() if one.suffix in (".yaml", ".yml"))
        elif name == "all" and not path.exists():
            found += shipped()
        else:
            found.append(name)
    if not found:
        _fail(f"there is no scenario in {', '.join(files)}")
    return found


def _variables(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            _fail(f"--set wants name=value, not {one!r}")
        found[name] = value
    return found


def _tell(text: str) -> None:
    print(f"\a>>> {text}", file=sys.stderr, flush=True)


def _write(path: Path, outcomes: list[Outcome]) -> None:
    try:
        path.write_text(junit(outcomes), encoding="utf-8")
    except OSError as error:
        _fail(f"{path}: {error}")


def _fail(text: str) -> NoReturn:
    print(f"voltherd: {text}", file=sys.stderr)
    sys.exit(2)
