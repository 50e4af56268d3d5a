"""`voltherd simulate`: a fleet of software stations against a CSMS."""

import asyncio
import signal
import sys
import time
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter, validators
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voltherd.cli.running import run
from voltherd.simulator import Fleet, Summary
from voltherd.simulator.display import print_summary, watch
from voltherd.simulator.fleet_file import MOST_ACCELERATE, MOST_STATIONS, MOST_TOKENS
from voltherd.simulator.job import FleetJob
from voltherd.simulator.personas import factory
from voltherd.simulator.problems import SimulatorError
from voltherd.simulator.processes import Processes

Positive = validators.Number(gt=0)
AtLeast1 = validators.Number(gte=1)
Faster = validators.Number(gt=0, lte=MOST_ACCELERATE)
Stations = validators.Number(gte=1, lte=MOST_STATIONS)
Tokens = validators.Number(gte=1, lte=MOST_TOKENS)
Processes_ = validators.Number(gte=1, lte=256)


def simulate(
    *,
    url: Annotated[
        str | None, Parameter(help="Where stations connect, without their identity [ws://127.0.0.1:9000/ocpp].")
    ] = None,
    stations: Annotated[int, Parameter(help="How many stations.", validator=Stations)] = 24,
    ocpp: Annotated[Literal["1.6", "2.0.1", "2.1", "mix"], Parameter(help="Version they speak.")] = "mix",
    persona: Annotated[str | None, Parameter(help="Kind of all stations; a mix of kinds if not given.")] = None,
    list_personas: Annotated[bool, Parameter(help="List the kinds of stations and end.", negative="")] = False,
    fleet: Annotated[
        str | None, Parameter(help="A fleet file (TOML) in place of --stations, --ocpp, --prefix.")
    ] = None,
    duration: Annotated[
        float | None, Parameter(help="Seconds to run; until Ctrl-C if not given.", validator=Positive)
    ] = None,
    password: Annotated[str | None, Parameter(help="Password of all stations, for Basic auth.")] = None,
    prefix: Annotated[str, Parameter(help="What their identities begin with.")] = "SIM-",
    token: Annotated[
        list[str] | None, Parameter(help="ID token of the drivers; may be given more than once.", negative="")
    ] = None,
    tokens: Annotated[
        int | None, Parameter(help="How many ID tokens of our own the drivers have [48].", validator=Tokens)
    ] = None,
    accelerate: Annotated[
        float | None, Parameter(help="How many times faster than real time they live [1].", validator=Faster)
    ] = None,
    idle: Annotated[float | None, Parameter(help="Mean seconds between two vehicles [60].", validator=Positive)] = None,
    stay: Annotated[float | None, Parameter(help="Mean seconds a vehicle stays [600].", validator=Positive)] = None,
    meter_interval: Annotated[
        int | None, Parameter(help="Seconds between meter values [60].", validator=AtLeast1)
    ] = None,
    ramp: Annotated[float | None, Parameter(help="Stations switched on per second [100].", validator=Positive)] = None,
    seed: Annotated[int | None, Parameter(help="The same seed brings the same stations and drivers [1].")] = None,
    processes: Annotated[
        int, Parameter(help="Share the stations out among so many processes.", validator=Processes_)
    ] = 1,
    control: Annotated[
        str | None, Parameter(help="Let other programs drive the stations: HOST:PORT of a REST and SSE port.")
    ] = None,
    view: Annotated[bool, Parameter(help="Look at the stations, and do things to them, in the terminal.")] = False,
    json: Annotated[bool, Parameter(help="Print the summary as JSON and nothing else.", negative="")] = False,
) -> None:
    """Run a fleet of simulated charging stations against a CSMS.

    Shows what goes on while it runs, and a summary of messages, latencies, errors, sessions and energy at the end.
    """
    if list_personas:
        _list_personas(Console(), as_json=json)
        return
    job = FleetJob(
        url=url,
        stations=stations,
        ocpp=ocpp,
        prefix=prefix,
        persona=persona,
        fleet=fleet,
        password=password,
        cards=tuple(token) if token else tokens,
        accelerate=accelerate,
        duration_s=duration,
        idle_s=idle,
        stay_s=stay,
        meter_interval_s=meter_interval,
        ramp_per_s=ramp,
        seed=seed,
    )
    try:
        if processes > 1 and (control is not None or view):
            raise SimulatorError("--control and --view need all stations in one process: leave out --processes")
        if processes > 1:
            run(_share_out(job, processes, as_json=json))
        else:
            run(_simulate(job, as_json=json, control=control, view=view))
    except SimulatorError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        sys.exit(1)


async def _simulate(job: FleetJob, *, as_json: bool, control: str | None, view: bool) -> None:
    fleet = job.build()
    port = await _control(fleet, control, as_json=as_json) if control is not None else None
    try:
        console, began = Console(stderr=as_json), time.monotonic()
        await _start(fleet, wait=not view and control is None)
        limit_s = fleet.options.duration_s
        left_s = None if limit_s is None else max(began + limit_s - time.monotonic(), 0.0)
        if view:
            await _view(fleet, left_s)
        else:
            await _until_signal(_wait(fleet, left_s, None if as_json else console))
    finally:
        state = fleet.summary()
        await fleet.stop()
        if port is not None:
            await port.stop()
    _report(_at_the_end(state, fleet.summary()), console, as_json=as_json)


async def _start(fleet: Fleet, *, wait: bool) -> None:
    """Switch it on, and say on a terminal what it waits for."""
    console = Console(stderr=True)
    if wait and console.is_terminal:
        with console.status(f"Connecting to {escape(fleet.url)}"):
            await fleet.start()
    else:
        await fleet.start(wait=wait)


async def _view(fleet: Fleet, duration_s: float | None) -> None:
    from voltherd.simulator.view import FleetView

    shown = FleetView(fleet)
    end = None if duration_s is None else asyncio.get_running_loop().call_later(duration_s, shown.exit)
    try:
        await shown.run_async()
    finally:
        if end is not None:
            end.cancel()


async def _share_out(job: FleetJob, count: int, *, as_json: bool) -> None:
    fleet = Processes(job, count)
    await fleet.start()
    console = Console(stderr=as_json)
    shown = asyncio.ensure_future(_wait(fleet, None, None if as_json else console))
    try:
        await _until_signal(fleet.run())
    finally:
        shown.cancel()
        await fleet.stop()
    _report(_at_the_end(fleet.summary_before_the_end(), fleet.summary()), console, as_json=as_json)


async def _control(fleet: Fleet, address: str, *, as_json: bool) -> Any:
    from voltherd.simulator.control import ControlPort

    port = ControlPort(fleet, address)
    await port.start()
    line = (
        msgspec.json.encode({"event": "control", "url": port.url}).decode() if as_json else f"Control port {port.url}"
    )
    print(line, flush=True)
    return port


async def _until_signal(work: Any) -> None:
    """Wait for something to end, or for SIGINT or SIGTERM."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)


async def _wait(fleet: Fleet | Processes, duration_s: float | None, console: Console | None) -> None:
    if console is not None and console.is_terminal:
        await watch(fleet, duration_s, console)
    elif duration_s is not None:
        await asyncio.sleep(duration_s)
    else:
        await asyncio.Event().wait()


def _at_the_end(before: Summary, after: Summary) -> Summary:
    """Totals after the drivers have left; connections and power as they were before they did."""
    return msgspec.structs.replace(
        after,
        seconds=before.seconds,
        connected=before.connected,
        accepted=before.accepted,
        charging=before.charging,
        power_kw=before.power_kw,
        disconnects=before.disconnects,
    )


def _report(summary: Summary, console: Console, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(summary).decode())
    else:
        print_summary(summary, console)


def _list_personas(console: Console, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(list(factory().values())).decode())
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Persona", "OCPP", "EVSEs", "What it is"):
        table.add_column(heading, no_wrap=heading != "What it is")
    for name, one in factory().items():
        powers = ", ".join(f"{spec.count} x {spec.max_power_w / 1000:g} kW" for spec in one.evse)
        table.add_row(name, ", ".join(one.ocpp), powers, one.title)
    console.print(table)
