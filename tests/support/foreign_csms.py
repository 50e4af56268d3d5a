"""A CSMS that we did not write: the charge point class of the PyPI package `ocpp` on the `websockets` server."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import ocpp.v16
import ocpp.v16.call_result
import ocpp.v201
import ocpp.v201.call_result
import websockets
from ocpp.routing import on

TOKENS = {"GOOD": "Accepted", "BAD": "Invalid", "BLOCKED": "Blocked"}


def utc_now():
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class Log:
    """What one station has said, over all its connections."""

    def __init__(self):
        self.messages = []
        self.connections = []
        self.changed = asyncio.Event()

    def note(self, action, payload):
        self.messages.append((action, payload))
        self.changed.set()

    def of(self, action):
        return [payload for name, payload in self.messages if name == action]

    async def until(self, condition, timeout_s=10.0):
        async with asyncio.timeout(timeout_s):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()


class Csms16(ocpp.v16.ChargePoint):
    log: Log
    rules: dict

    @on("BootNotification")
    def on_boot(self, **payload):
        self.log.note("BootNotification", payload)
        status = self.rules["boot"].pop(0) if self.rules["boot"] else "Accepted"
        interval = 1 if status != "Accepted" else 300
        return ocpp.v16.call_result.BootNotification(current_time=utc_now(), interval=interval, status=status)

    @on("Heartbeat")
    def on_heartbeat(self, **payload):
        self.log.note("Heartbeat", payload)
        return ocpp.v16.call_result.Heartbeat(current_time=utc_now())

    @on("StatusNotification")
    def on_status(self, **payload):
        self.log.note("StatusNotification", payload)
        return ocpp.v16.call_result.StatusNotification()

    @on("SecurityEventNotification")
    def on_security_event(self, **payload):
        self.log.note("SecurityEventNotification", payload)
        return ocpp.v16.call_result.SecurityEventNotification()

    @on("Authorize")
    def on_authorize(self, id_tag, **payload):
        self.log.note("Authorize", {"id_tag": id_tag, **payload})
        return ocpp.v16.call_result.Authorize(id_tag_info={"status": TOKENS.get(id_tag, "Invalid")})

    @on("StartTransaction")
    def on_start(self, id_tag, **payload):
        self.log.note("StartTransaction", {"id_tag": id_tag, **payload})
        if self.rules["fail_starts"]:
            self.rules["fail_starts"] -= 1
            raise ocpp.exceptions.InternalError(description="not now")
        return ocpp.v16.call_result.StartTransaction(
            transaction_id=next(self.rules["numbers"]), id_tag_info={"status": TOKENS.get(id_tag, "Invalid")}
        )

    @on("StopTransaction")
    def on_stop(self, **payload):
        self.log.note("StopTransaction", payload)
        return ocpp.v16.call_result.StopTransaction()

    @on("MeterValues")
    def on_meter_values(self, **payload):
        self.log.note("MeterValues", payload)
        return ocpp.v16.call_result.MeterValues()

    @on("DataTransfer")
    def on_data(self, **payload):
        return ocpp.v16.call_result.DataTransfer(status="Accepted")


class Csms201(ocpp.v201.ChargePoint):
    log: Log
    rules: dict

    @on("BootNotification")
    def on_boot(self, **payload):
        self.log.note("BootNotification", payload)
        status = self.rules["boot"].pop(0) if self.rules["boot"] else "Accepted"
        interval = 1 if status != "Accepted" else 300
        return ocpp.v201.call_result.BootNotification(current_time=utc_now(), interval=interval, status=status)

    @on("Heartbeat")
    def on_heartbeat(self, **payload):
        self.log.note("Heartbeat", payload)
        return ocpp.v201.call_result.Heartbeat(current_time=utc_now())

    @on("StatusNotification")
    def on_status(self, **payload):
        self.log.note("StatusNotification", payload)
        return ocpp.v201.call_result.StatusNotification()

    @on("SecurityEventNotification")
    def on_security_event(self, **payload):
        self.log.note("SecurityEventNotification", payload)
        return ocpp.v201.call_result.SecurityEventNotification()

    @on("Authorize")
    def on_authorize(self, id_token, **payload):
        self.log.note("Authorize", {"id_token": id_token, **payload})
        return ocpp.v201.call_result.Authorize(id_token_info={"status": TOKENS.get(id_token["id_token"], "Unknown")})

    @on("TransactionEvent")
    def on_event(self, **payload):
        self.log.note("TransactionEvent", payload)
        token = payload.get("id_token")
        if token is None:
            return ocpp.v201.call_result.TransactionEvent()
        status = TOKENS.get(token["id_token"], "Unknown")
        return ocpp.v201.call_result.TransactionEvent(id_token_info={"status": status})

    @on("NotifyReport")
    def on_report(self, **payload):
        self.log.note("NotifyReport", payload)
        return ocpp.v201.call_result.NotifyReport()

    @on("MeterValues")
    def on_meter_values(self, **payload):
        self.log.note("MeterValues", payload)
        return ocpp.v201.call_result.MeterValues()


class ForeignCsms:
    """A server as the documentation of the package shows it. `call` sends a request to a station."""

    def __init__(self, port):
        self.port = port
        self.logs = {}
        self.rules = {"boot": [], "fail_starts": 0, "numbers": itertools.count(101)}
        self._server = None

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ocpp"

    def log(self, identity):
        return self.logs.setdefault(identity, Log())

    async def _serve(self, socket):
        kind = Csms16 if socket.subprotocol == "ocpp1.6" else Csms201
        identity = socket.request.path.rsplit("/", 1)[1]
        point = kind(identity, socket)
        point.log, point.rules = self.log(identity), self.rules
        point.log.connections.append((point, socket))
        point.log.changed.set()
        with suppress(websockets.ConnectionClosed):
            await point.start()

    async def call(self, identity, request):
        return await self.log(identity).connections[-1][0].call(request, suppress=False)

    async def open(self):
        self._server = await websockets.serve(
            self._serve, "127.0.0.1", self.port, subprotocols=["ocpp1.6", "ocpp2.0.1"]
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self):
        self._server.close()
        await self._server.wait_closed()


@asynccontextmanager
async def foreign_csms(port=0):
    csms = ForeignCsms(port)
    await csms.open()
    try:
        yield csms
    finally:
        await csms.close()
