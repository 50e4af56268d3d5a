"""A fleet shared out among several processes, seen as one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from voltherd.simulator.fleet import FleetError
from voltherd.simulator.job import URL, FleetJob
from voltherd.simulator.statistics import Report, Summary, together

PATIENCE_S: Final = 20.0
"""How long processes have to end in order."""

LINE_BYTES: Final = 1 << 20


class Processes:
    """Starts the processes and adds up what they tell.

    Attributes:
        url: where the stations connect to.
    """

    def __init__(self, job: FleetJob, count: int) -> None:
        self.url = job.url or (job.build().url if job.fleet else URL)
        self._jobs = [replace(job, part=part, parts=count) for part in range(count)]
        self._processes: list[asyncio.subprocess.Process] = []
        self._readers: list[asyncio.Task[None]] = []
        self._reports: dict[int, Report] = {}
        self._before: dict[int, Report] = {}
        self._heard = asyncio.Event()

    async def start(self) -> None:
        """Start all of them; returns when each has stations that were taken on.

        Raises:
            FleetError: one could not begin; all are ended.
        """
        for place, job in enumerate(self._jobs):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "voltherd.simulator.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE_BYTES,
                start_new_session=True,
            )
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(job) + b"\n")
            self._processes.append(process)
            self._readers.append(asyncio.create_task(self._read(place, process)))
        await self._until(lambda: len(self._reports) == len(self._jobs))

    async def run(self) -> None:
        """Wait until all have come to their end by themselves.

        Raises:
            FleetError: one failed meanwhile.
        """
        await self._until(lambda: all(report.final for report in self._reports.values()))

    async def stop(self) -> None:
        """End all, in order."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(process.wait() for process in self._processes))
                await asyncio.gather(*self._readers, return_exceptions=True)
        except TimeoutError:
            for process in self._processes:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()

    def summary(self) -> Summary:
        """The numbers of all, as they were told last."""
        return together(self._reports.values())

    def summary_before_the_end(self) -> Summary:
        """The numbers as they were before the drivers were sent home."""
        return together(self._before.values())

    async def _until(self, enough: Callable[[], bool]) -> None:
        while not enough():
            self._heard.clear()
            await self._heard.wait()
            for reader in self._readers:
                if reader.done() and (problem := reader.exception()) is not None:
                    await self.stop()
                    raise problem

    async def _read(self, place: int, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(process.stderr.read())
        try:
            while line := await process.stdout.readline():
                report = msgspec.json.decode(line, type=Report)
                if not report.final:
                    self._before[place] = report
                self._reports[place] = report
                self._heard.set()
            if await process.wait() != 0:
                said = (await errors).decode(errors="replace").strip().splitlines()
                raise FleetError(said[-1] if said else f"a process of the fleet ended with {process.returncode}")
        finally:
            asyncio.get_running_loop().call_soon(self._heard.set)
