"""`voltherd bench`: what a message costs, beside what it costs elsewhere."""

import sys
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from voltherd.bench import fleet as fleet_bench
from voltherd.bench.fleet_process import FleetLoad
from voltherd.bench.report import show
from voltherd.bench.run import BenchOptions, run

bench = App(name="bench", help="Measure on this machine, as ratios to other servers in the same run.")


@bench.command
def ocpp(
    *,
    json: Annotated[bool, Parameter(help="Print the figures as JSON.", negative="")] = False,
    connections: Annotated[int, Parameter(help="Stations under load; each has one call open at a time.")] = 200,
    seconds: Annotated[float, Parameter(help="Length of each measurement.")] = 5.0,
    versions: Annotated[str, Parameter(help="OCPP versions, separated by commas.")] = "1.6,2.0.1",
    idle: Annotated[int, Parameter(help="Idle connections to hold for the memory figure; 0: none.")] = 10_000,
) -> None:
    """Measure CPU per OCPP message and memory per idle connection.

    Four servers run one after the other under the same load: Voltherd with and without durability, the PyPI package
    ocpp with websockets, and a bare picows echo. Takes one to two minutes; nothing else should run meanwhile.
    """
    progress = Console(stderr=True, highlight=False)
    report = run(
        BenchOptions(
            connections=connections,
            seconds=seconds,
            versions=[version.strip() for version in versions.split(",") if version.strip()],
            idle_connections=idle,
            say=lambda line: progress.print(line, style="dim"),
        )
    )
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        show(report, Console())


@bench.command
def fleet(
    *,
    json: Annotated[bool, Parameter(help="Print the figures as JSON.", negative="")] = False,
    stations: Annotated[int, Parameter(help="Stations in one process, all of them charging.")] = 5000,
    seconds: Annotated[float, Parameter(help="How long they are watched.")] = 20.0,
    ocpp: Annotated[str, Parameter(help="1.6, 2.0.1, 2.1 or mix.")] = "mix",
    persona: Annotated[str, Parameter(help="What kind of stations.")] = "ac-22-single",
    meter_interval: Annotated[int, Parameter(help="Seconds between their meter values.")] = 10,
) -> None:
    """Measure memory and CPU of simulated stations that charge.

    They run in a process of their own, against a trivially cheap CSMS in another one. Takes about a minute.
    """
    progress = Console(stderr=True, highlight=False)
    load = FleetLoad(
        url="", stations=stations, ocpp=ocpp, persona=persona, meter_interval_s=meter_interval, seconds=seconds
    )
    found = fleet_bench.measure(load, lambda line: progress.print(line, style="dim"))
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        fleet_bench.show(found, Console())
