"""Running a server from a command until a signal ends it."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from voltherd.app import App
from voltherd.config import Settings

Started = Callable[[App], Awaitable[Callable[[], Awaitable[None]] | None]]
"""Called when the server runs; may give what is to be done before it stops."""


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


def set_up_logging(level: str) -> None:
    """Send log lines to standard error; standard output carries only what was asked for.

    Of libraries only warnings: httpx would tell whole addresses of web services, which may hold secrets.
    """
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("uvicorn.error", "alembic", "asyncio", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


async def serve_until_signal(settings: Settings, started: Started) -> None:
    """Start the server, call `started`, wait for SIGINT or SIGTERM, and stop in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    app = await App.start(settings)
    _calm_collector()
    try:
        before_stop = await started(app)
        await stop.wait()
        if before_stop is not None:
            await before_stop()
    finally:
        await app.close()
        for number in (signal.SIGINT, signal.SIGTERM):  # all is done: a second signal finds nothing to end
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


def _calm_collector() -> None:
    """Let the cycle collector look less often: messages leave no cycles, and what is loaded by now stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def ready_line(app: App) -> str:
    """The line that tells programs where the server is reached."""
    addresses = {name: value for name, value in msgspec.structs.asdict(app.addresses).items() if value}
    return msgspec.json.encode({"event": "ready", **addresses}).decode()
