"""Baseline: the PyPI package `ocpp` with `websockets`, put together the way its documentation does.

A class per version derived from its `ChargePoint`, handlers marked with `@on`, one instance per
connection, the standard event loop, validation left on; everything in memory. Its log of every
message, which the examples switch on, is left off: it would only make this baseline slower.

    python -m voltherd.bench.ocpp_server 1.6
"""

# mypy: disable-error-code="import-untyped,untyped-decorator,misc"

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from datetime import UTC, datetime
from typing import Any

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201
from ocpp.v201.datatypes import IdTokenInfoType

_transaction_ids = itertools.count(1)


def now() -> str:
    """The time as OCPP writes it."""
    return datetime.now(UTC).isoformat()


class Central16(ChargePoint16):
    """A central system's side of one OCPP 1.6 connection."""

    @on("BootNotification")
    async def on_boot(self, **_: Any) -> Any:
        return result16.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Heartbeat")
    async def on_heartbeat(self) -> Any:
        return result16.Heartbeat(current_time=now())

    @on("StatusNotification")
    async def on_status(self, **_: Any) -> Any:
        return result16.StatusNotification()

    @on("Authorize")
    async def on_authorize(self, **_: Any) -> Any:
        return result16.Authorize(id_tag_info=IdTagInfo(status="Accepted"))

    @on("StartTransaction")
    async def on_start(self, **_: Any) -> Any:
        return result16.StartTransaction(
            transaction_id=next(_transaction_ids), id_tag_info=IdTagInfo(status="Accepted")
        )

    @on("MeterValues")
    async def on_meter_values(self, **_: Any) -> Any:
        return result16.MeterValues()

    @on("StopTransaction")
    async def on_stop(self, **_: Any) -> Any:
        return result16.StopTransaction(id_tag_info=IdTagInfo(status="Accepted"))


class Central201(ChargePoint201):
    """A CSMS's side of one OCPP 2.0.1 connection."""

    @on("BootNotification")
    async def on_boot(self, **_: Any) -> Any:
        return result201.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Heartbeat")
    async def on_heartbeat(self) -> Any:
        return result201.Heartbeat(current_time=now())

    @on("StatusNotification")
    async def on_status(self, **_: Any) -> Any:
        return result201.StatusNotification()

    @on("Authorize")
    async def on_authorize(self, **_: Any) -> Any:
        return result201.Authorize(id_token_info=IdTokenInfoType(status="Accepted"))

    @on("TransactionEvent")
    async def on_transaction_event(self, **event: Any) -> Any:
        if "id_token" in event:
            return result201.TransactionEvent(id_token_info=IdTokenInfoType(status="Accepted"))
        return result201.TransactionEvent()

    @on("MeterValues")
    async def on_meter_values(self, **_: Any) -> Any:
        return result201.MeterValues()


_CENTRALS: dict[str, Any] = {"1.6": Central16, "2.0.1": Central201}


async def serve(version: str) -> None:
    """Listens until the process is ended."""

    async def on_connect(websocket: Any) -> None:
        charge_point = _CENTRALS[version](websocket.request.path.strip("/"), websocket)
        try:
            await charge_point.start()
        except websockets.ConnectionClosed:
            return

    async with websockets.serve(
        on_connect, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol(f"ocpp{version}")]
    ) as server:
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"ocpp": f"ws://127.0.0.1:{port}"}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
