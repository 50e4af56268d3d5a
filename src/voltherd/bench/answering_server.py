"""A trivially cheap CSMS: takes every station on and every card, and forgets all of it. For measuring stations.

python -m voltherd.bench.answering_server
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

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

_TEXT: Final = WSMsgType.TEXT
_NOW: Final = b"%NOW%"

ANSWERS_16: Final = {
    b"BootNotification": b'{"status":"Accepted","currentTime":"%NOW%","interval":300}',
    b"Heartbeat": b'{"currentTime":"%NOW%"}',
    b"Authorize": b'{"idTagInfo":{"status":"Accepted"}}',
    b"StartTransaction": b'{"idTagInfo":{"status":"Accepted"},"transactionId":%NUMBER%}',
    b"StopTransaction": b"{}",
    b"DataTransfer": b'{"status":"Accepted"}',
}
ANSWERS_201: Final = ANSWERS_16 | {
    b"Authorize": b'{"idTokenInfo":{"status":"Accepted"}}',
    b"NotifyEVChargingNeeds": b'{"status":"Rejected"}',
    b"NotifyEVChargingSchedule": b'{"status":"Accepted"}',
    b"SignCertificate": b'{"status":"Accepted"}',
}
ANSWERS_21: Final = ANSWERS_201 | {b"NotifyEVChargingNeeds": b'{"status":"NoChargingProfile"}'}
ANSWERS: Final = {"ocpp1.6": ANSWERS_16, "ocpp2.0.1": ANSWERS_201, "ocpp2.1": ANSWERS_21}
"""Answers by subprotocol and action; all others are empty."""


class Csms(WSListener):
    """Answers one station."""

    __slots__ = ("_answers", "_number")

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._number = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is _TEXT:
            self._answer(transport, frame.get_payload_as_bytes())

    def _answer(self, transport: WSTransport, data: bytes) -> None:
        if not data.startswith(b"[2,"):
            return
        _, message_id, _, action, _ = data.split(b'"', 4)
        answer = self._answers.get(action, b"{}")
        if b"%" in answer:
            self._number += 1
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
            answer = answer.replace(_NOW, now).replace(b"%NUMBER%", b"%d" % self._number)
        transport.send(_TEXT, b'[3,"%b",%b]' % (message_id, answer))


def upgrade(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
    """Take every station on, in the first version it offers."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "ocpp1.6").split(",")[0].strip()
    listener = Csms(ANSWERS.get(offered, ANSWERS_16))
    response = WSUpgradeResponse.create_101_response([("Sec-WebSocket-Protocol", offered)])
    return WSUpgradeResponseWithListener(response, listener)


async def run() -> None:
    """Serve until the process is ended."""
    server = await ws_create_server(
        upgrade, "127.0.0.1", 0, read_buffer_init_size=2048, use_aiofastnet=False, backlog=4096
    )
    print(json.dumps({"ocpp": f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(run())
