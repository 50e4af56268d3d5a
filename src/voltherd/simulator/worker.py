"""One of several processes that share a fleet: reads its job from its input, tells how it goes, ends with its input.

python -m voltherd.simulator.worker
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from typing import Final

import msgspec

from voltherd.simulator.fleet import Fleet, FleetError
from voltherd.simulator.job import FleetJob
from voltherd.simulator.problems import SimulatorError

REPORT_S: Final = 0.5


async def work(job: FleetJob) -> None:
    """Run a share of a fleet until its time is up, the input ends, or a signal comes."""
    fleet = job.build()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_await_end_of_input, args=(loop, stop), daemon=True).start()
    began = loop.time()
    await fleet.start()
    limit_s = fleet.options.duration_s
    end = began + limit_s if limit_s is not None else float("inf")
    while not stop.is_set() and loop.time() < end:
        _tell(fleet)
        try:
            async with asyncio.timeout(min(REPORT_S, max(end - loop.time(), 0.0))):
                await stop.wait()
        except TimeoutError:
            continue
    _tell(fleet)
    await fleet.stop()
    _tell(fleet, final=True)


def _await_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.read()
    with contextlib.suppress(RuntimeError):  # the loop may be gone by then
        loop.call_soon_threadsafe(stop.set)


def _tell(fleet: Fleet, *, final: bool = False) -> None:
    sys.stdout.write(msgspec.json.encode(fleet.report(final=final)).decode() + "\n")
    sys.stdout.flush()


def main() -> int:
    """Read the job, do it; 1 if it cannot be done."""
    job = msgspec.json.decode(sys.stdin.readline(), type=FleetJob)
    try:
        if sys.platform == "win32":
            asyncio.run(work(job))
        else:
            import uvloop

            uvloop.run(work(job))
    except (FleetError, SimulatorError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    import os

    code = main()
    sys.stdout.flush()
    os._exit(code)
