"""An acknowledged record is a stored one, also when the process is killed at any moment."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from voltherd.store import open_store

WRITER = Path(__file__).with_name("killed_writer.py")
KILLS = 6


async def write_until_killed(url: str, first: int, after_s: float) -> int:
    """Let a process store stations with growing ids; give the last id it said was stored."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WRITER), url, str(first), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    await asyncio.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    told = await process.stdout.read()
    await process.wait()
    whole = told[: told.rfind(b"\n") + 1].split()
    return int(whole[-1]) if whole else first - 1


@pytest.mark.slow
async def test_everything_acknowledged_survives_kill_9(url: str) -> None:
    chance, first, acknowledged = random.Random(9), 1, 0
    for _ in range(KILLS):
        last = await write_until_killed(url, first, chance.uniform(0.02, 0.4))
        acknowledged += last - first + 1
        store = await open_store(url)
        ids = [item.id for item in await store.records.all_stations(1)]
        pages = await store.records.transactions(1, limit=1)
        await store.close()
        ids.sort()
        assert ids == list(range(1, len(ids) + 1)), "stored in order, without a gap"
        assert len(ids) >= last
        assert not pages.items or pages.items[0].id <= len(ids)
        first = len(ids) + 1
    assert acknowledged > 100
