"""A fleet under measurement, in a process of its own: tells its memory and CPU time at each step.

python -m voltherd.bench.fleet_process '{"url": ..., "stations": 5000, ...}'
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time

import msgspec

from voltherd.bench.process import cpu_s, resident_kb
from voltherd.simulator.fleet import Fleet, FleetOptions
from voltherd.simulator.habits import Habits
from voltherd.simulator.plan import FleetPlan, tokens

WARM_UP: int = 50
"""So many stations charge before anything is measured: code, tables and buffers of the process are then in place."""


class FleetLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure; `persona` None is a mix."""

    url: str
    stations: int
    ocpp: str = "mix"
    persona: str | None = "ac-22-single"
    meter_interval_s: int = 60
    seconds: float = 20.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of so many stations that charge."""

    stations: int
    charging: int
    kb_before: float
    kb_after: float
    cpu_s: float
    seconds: float
    messages_sent: int
    calls_failed: int
    errors: dict[str, int]


async def run(load: FleetLoad) -> Figures:
    """Switch the fleet on, let all charge, and watch for a while."""
    warm = await _charging(load, WARM_UP, "WARM-")
    await warm.stop()
    before = _settled_kb()
    fleet = await _charging(load, load.stations, "BENCH-")
    after = _settled_kb()
    sent, cpu, at = fleet.statistics.counts["sent"], cpu_s(os.getpid()), time.monotonic()
    await asyncio.sleep(load.seconds)
    summary = fleet.summary()
    return Figures(
        stations=summary.accepted,
        charging=summary.charging,
        kb_before=before,
        kb_after=after,
        cpu_s=cpu_s(os.getpid()) - cpu,
        seconds=time.monotonic() - at,
        messages_sent=fleet.statistics.counts["sent"] - sent,
        calls_failed=summary.calls_failed,
        errors=summary.errors,
    )


async def _charging(load: FleetLoad, count: int, prefix: str) -> Fleet:
    """A fleet all of whose stations charge, and go on with it."""
    cards = tokens(3 * count)
    habits = Habits(
        idle_s=3600.0, first_arrival_s=1.0, stay_s=86_400.0, stay_spread=0.01, leave_early=0.0, card_first=0.0, v2x=0.0
    )
    plan = FleetPlan.of(count, load.ocpp, prefix=prefix, tokens=cards, kind=load.persona)  # type: ignore[arg-type]
    options = FleetOptions(ramp_per_s=500.0, meter_interval_s=load.meter_interval_s, habits=habits)
    fleet = Fleet(load.url, plan=plan, options=options)
    await fleet.start()
    async with asyncio.timeout(60 + count / 50):
        while fleet.summary().charging < count or fleet.summary().waiting_messages:
            await asyncio.sleep(0.25)
    return fleet


def _settled_kb() -> float:
    gc.collect()
    return resident_kb(os.getpid())


if __name__ == "__main__":
    import uvloop

    figures = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=FleetLoad)))
    print(json.dumps(msgspec.structs.asdict(figures)), flush=True)
    os._exit(0)
