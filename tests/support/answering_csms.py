"""A CSMS that takes everything, in the test's own process: for tests of what stations do, not of what a CSMS does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from picows import ws_create_server

from voltherd.bench.answering_server import upgrade


@asynccontextmanager
async def answering_csms() -> AsyncIterator[str]:
    """Its address for stations."""
    server = await ws_create_server(upgrade, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
