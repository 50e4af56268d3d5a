"""10,000 idle connections are held, at a few kilobytes each."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from voltherd.websocket import Accept, Listener, serve

CONNECTIONS = 10_000

CLIENT = """
import asyncio, resource, sys, uvloop
from voltherd.websocket import Listener, connect

async def main(port, count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 200), hard))
    listener = Listener()
    held = []
    for number in range(0, count, 100):
        url = f"ws://127.0.0.1:{port}/ocpp/CP"
        some = (connect(url + str(number + i), listener=listener, open_timeout_s=60) for i in range(100))
        held += await asyncio.gather(*some)
    print("held", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""


def resident_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


@pytest.mark.slow
@pytest.mark.asyncio(loop_factories=["uvloop"])
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
async def test_10000_idle_connections_take_at_most_10_kb_each() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < CONNECTIONS + 200:
        pytest.skip(f"only {hard} open files are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, CONNECTIONS + 200), hard))
    listener: Callable[..., Accept] = lambda _: Accept(Listener(), "ocpp1.6")  # noqa: E731
    server = await serve("127.0.0.1", 0, upgrade=listener)
    before_kb = resident_kb()
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, str(server.port), str(CONNECTIONS), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdout is not None
    assert client.stdin is not None
    try:
        assert await asyncio.wait_for(client.stdout.readline(), 90) == b"held\n"
        assert server.connections == CONNECTIONS
        per_connection_kb = (resident_kb() - before_kb) / CONNECTIONS
        print(f"{per_connection_kb:.1f} KB per connection")
        assert per_connection_kb <= 10
    finally:
        client.stdin.close()
        await client.wait()
        await server.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
