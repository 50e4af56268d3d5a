"""Baseline: picows alone, sending back every frame. The floor of what Python can do.

python -m voltherd.bench.echo_server
"""

from __future__ import annotations

import asyncio
import json

from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)


class EchoListener(WSListener):
    """Sends back what comes."""

    __slots__ = ()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            transport.send(WSMsgType.TEXT, frame.get_payload_as_bytes())


def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
    """Accepts everybody, with the first subprotocol offered."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")[0].strip()
    headers = {"Sec-WebSocket-Protocol": offered} if offered else {}
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(headers), EchoListener())


async def serve() -> None:
    """Listens until the process is ended."""
    server = await ws_create_server(
        accept, "127.0.0.1", 0, read_buffer_init_size=2048, use_aiofastnet=False, backlog=4096
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"ocpp": f"ws://127.0.0.1:{port}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
