"""`voltherd simulate`: a fleet of software stations against a CSMS."""

import asyncio
import signal
import sys
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter, validators
from rich.console import Console

from voltherd.cli.running import run
from voltherd.simulator import TOKENS, Fleet, FleetError, FleetOptions, FleetPlan, Habits, Summary
from voltherd.simulator.display import print_summary, watch

Positive = validators.Number(gt=0)


def simulate(
    *,
    url: Annotated[str, Parameter(help="Where stations connect, without their identity.")] = "ws://127.0.0.1:9000/ocpp",
    stations: Annotated[int, Parameter(help="How many stations.", validator=validators.Number(gte=1))] = 24,
    ocpp: Annotated[Literal["1.6", "2.0.1", "2.1", "mix"], Parameter(help="Version they speak.")] = "mix",
    duration: Annotated[
        float | None, Parameter(help="Seconds to run; until Ctrl-C if not given.", validator=Positive)
    ] = None,
    password: Annotated[str | None, Parameter(help="Password of all stations, for Basic auth.")] = None,
    prefix: Annotated[str, Parameter(help="What their identities begin with.")] = "SIM-",
    token: Annotated[
        list[str] | None, Parameter(help="ID token of the drivers; may be given more than once.", negative="")
    ] = None,
    accelerate: Annotated[
        float, Parameter(help="How many times faster than real time they live.", validator=Positive)
    ] = 1.0,
    idle: Annotated[float, Parameter(help="Mean seconds between two vehicles.", validator=Positive)] = 60.0,
    stay: Annotated[float, Parameter(help="Mean seconds a vehicle stays.", validator=Positive)] = 600.0,
    meter_interval: Annotated[
        int, Parameter(help="Seconds between meter values.", validator=validators.Number(gte=1))
    ] = 60,
    ramp: Annotated[float, Parameter(help="Stations switched on per second.", validator=Positive)] = 100.0,
    seed: Annotated[int, Parameter(help="The same seed brings the same stations and drivers.")] = 1,
    json: Annotated[bool, Parameter(help="Print the summary as JSON and nothing else.", negative="")] = False,
) -> None:
    """Run a fleet of simulated charging stations against a CSMS.

    Shows what goes on while it runs, and a summary of messages, latencies, errors, sessions and energy at the end.
    """
    options = FleetOptions(
        accelerate=accelerate,
        duration_s=duration,
        ramp_per_s=ramp,
        meter_interval_s=meter_interval,
        seed=seed,
        habits=Habits(idle_s=idle, stay_s=stay),
    )
    tokens = tuple(token) if token else TOKENS
    plan = FleetPlan.of(stations, ocpp, prefix=prefix, password=password, tokens=tokens, seed=seed)
    try:
        run(_simulate(url, plan, options, as_json=json))
    except FleetError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        sys.exit(1)


async def _simulate(url: str, plan: FleetPlan, options: FleetOptions, *, as_json: bool) -> None:
    fleet = Fleet(url, plan=plan, options=options)
    await fleet.start()
    console = Console(stderr=as_json)
    work = asyncio.ensure_future(_wait(fleet, options.duration_s, None if as_json else console))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        pass
    finally:
        state = fleet.summary()
        await fleet.stop()
    _report(_at_the_end(state, fleet.summary()), console, as_json=as_json)


async def _wait(fleet: Fleet, duration_s: float | None, console: Console | None) -> None:
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
