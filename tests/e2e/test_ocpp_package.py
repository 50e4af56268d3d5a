"""The charge point class of the PyPI package `ocpp`, as its documentation shows it, runs whole sessions here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ocpp.v16
import ocpp.v21
import ocpp.v201
import pytest
from ocpp.routing import on
from ocpp.v16.enums import Action as Action16
from ocpp.v201.enums import Action as Action201
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from support.api import Api
from support.payloads import instant
from support.peer import fresh_id
from support.server import ServerProcess

WAIT_S = 10.0


class ChargePoint16(ocpp.v16.ChargePoint):
    """A station of OCPP 1.6 that does what it is told."""

    transaction_id = 0

    @on(Action16.remote_start_transaction)
    def on_remote_start(self, id_tag: str, **_: Any) -> Any:
        self.started = asyncio.create_task(self.start_charging(id_tag, 2000))
        return ocpp.v16.call_result.RemoteStartTransaction(status="Accepted")

    @on(Action16.remote_stop_transaction)
    def on_remote_stop(self, transaction_id: int) -> Any:
        self.stopped = asyncio.create_task(self.stop_charging(transaction_id, 9500, "Remote"))
        return ocpp.v16.call_result.RemoteStopTransaction(status="Accepted")

    @on(Action16.reset)
    def on_reset(self, type: str) -> Any:  # noqa: A002
        self.rebooted = asyncio.create_task(self.boot())
        return ocpp.v16.call_result.Reset(status="Accepted")

    @on(Action16.get_configuration)
    def on_get_configuration(self, **_: Any) -> Any:
        keys = [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]
        return ocpp.v16.call_result.GetConfiguration(configuration_key=keys)

    async def boot(self) -> Any:
        return await self.call(ocpp.v16.call.BootNotification(charge_point_vendor="Acme", charge_point_model="One"))

    async def start_charging(self, tag: str, meter_wh: int) -> Any:
        started = await self.call(
            ocpp.v16.call.StartTransaction(connector_id=1, id_tag=tag, meter_start=meter_wh, timestamp=instant())
        )
        self.transaction_id = started.transaction_id
        return started

    async def stop_charging(self, transaction_id: int, meter_wh: int, reason: str) -> Any:
        return await self.call(
            ocpp.v16.call.StopTransaction(
                transaction_id=transaction_id, meter_stop=meter_wh, timestamp=instant(), reason=reason
            )
        )


@asynccontextmanager
async def running(charge_point: Any) -> AsyncIterator[Any]:
    """Serve a charge point's messages, as the package's documentation does with `asyncio.gather`."""
    serving = asyncio.create_task(charge_point.start())
    try:
        async with asyncio.timeout(60):
            yield charge_point
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def test_the_ocpp_package_runs_a_session_in_1_6(server: ServerProcess, api: Api) -> None:
    identity = fresh_id("PYPI16")
    await api.put("/tokens/PYPI-TAG", status="accepted")
    async with (
        connect(f"{server.ocpp}/{identity}", subprotocols=[Subprotocol("ocpp1.6")], proxy=None) as socket,
        running(ChargePoint16(identity, socket)) as station,
    ):
        call = ocpp.v16.call
        booted = await station.boot()
        assert booted.status == "Accepted"
        assert booted.interval == 300
        assert (await station.call(call.Heartbeat())).current_time.endswith("Z")
        await station.call(call.StatusNotification(connector_id=1, error_code="NoError", status="Preparing"))
        authorized = await station.call(call.Authorize(id_tag="PYPI-TAG"))
        assert authorized.id_tag_info["status"] == "Accepted"
        assert (await station.call(call.Authorize(id_tag="NOBODYS"))).id_tag_info["status"] == "Invalid"

        started = await station.start_charging("PYPI-TAG", 1000)
        assert started.id_tag_info["status"] == "Accepted"
        [transaction] = await api.transactions(identity)
        assert transaction["active"]
        assert transaction["energy_wh"] == 0

        await station.call(
            call.MeterValues(
                connector_id=1,
                transaction_id=started.transaction_id,
                meter_value=[
                    {
                        "timestamp": instant(),
                        "sampled_value": [
                            {"value": "3.25", "unit": "kWh", "measurand": "Energy.Active.Import.Register"},
                            {"value": "7.4", "unit": "kW", "measurand": "Power.Active.Import"},
                        ],
                    }
                ],
            )
        )
        [transaction] = await api.transactions(identity)
        assert (transaction["energy_wh"], transaction["power_w"]) == (2250, 7400)

        await station.stop_charging(started.transaction_id, 6000, "EVDisconnected")
        [transaction] = await api.transactions(identity)
        assert not transaction["active"]
        assert transaction["transaction_id"] == str(started.transaction_id)
        assert transaction["id_token"] == "PYPI-TAG"
        assert transaction["stop_reason"] == "EVDisconnected"
        assert (transaction["meter_start_wh"], transaction["meter_stop_wh"], transaction["energy_wh"]) == (
            1000,
            6000,
            5000,
        )
        values = await api.items(f"/transactions/{transaction['id']}/meter-values")
        assert [(value["value"], value["unit"], value["raw"]) for value in values] == [
            (3250, "Wh", "3.25"),
            (7400, "W", "7.4"),
        ]
        shown = await api.get(f"/stations/{identity}")
        assert (shown["vendor"], shown["model"], shown["ocpp_version"], shown["online"]) == (
            "Acme",
            "One",
            "1.6",
            True,
        )


async def test_the_ocpp_package_obeys_remote_commands_in_1_6(server: ServerProcess, api: Api) -> None:
    identity = fresh_id("PYPI16")
    await api.put("/tokens/PYPI-TAG", status="accepted")
    async with (
        connect(f"{server.ocpp}/{identity}", subprotocols=[Subprotocol("ocpp1.6")], proxy=None) as socket,
        running(ChargePoint16(identity, socket)) as station,
    ):
        await station.boot()
        start = await api.command(identity, "remote-start", {"id_token": "PYPI-TAG", "evse_id": 1})
        assert start["answer"] == {"status": "Accepted"}
        seen = await api.until(f"/commands/{start['command_id']}", lambda it: it["state"] == "effect_seen")
        assert "began on EVSE 1" in seen["effect"]
        [transaction] = await api.transactions(identity)

        stop = await api.command(identity, "remote-stop", {"transaction_id": transaction["id"]})
        await api.until(f"/commands/{stop['command_id']}", lambda it: it["state"] == "effect_seen")
        [transaction] = await api.transactions(identity)
        assert (transaction["stop_reason"], transaction["energy_wh"]) == ("Remote", 7500)

        reset = await api.command(identity, "reset", {"type": "soft"})
        await api.until(f"/commands/{reset['command_id']}", lambda it: it["state"] == "effect_seen")

        raw = await api.post(f"/stations/{identity}/calls/GetConfiguration", {"key": ["HeartbeatInterval"]})
        assert raw["result"]["configurationKey"][0]["value"] == "300"
        status, problem = await api.refused(f"/stations/{identity}/calls/UnlockConnector", {"connectorId": 1})
        assert (status, problem["ocpp_code"]) == (502, "NotImplemented")
        status, problem = await api.refused(f"/stations/{identity}/calls/Reset", {"type": "Sideways"})
        assert status == 422


def charge_point_2x(package: Any) -> type[Any]:
    """Make a station of 2.x on the package's class; its handlers are those of the documentation's examples."""
    call, call_result = package.call, package.call_result

    class ChargePoint2x(package.ChargePoint):  # type: ignore[misc]
        seq_no = 0
        tasks: list[Any]

        @on(Action201.request_start_transaction)
        def on_request_start(self, id_token: Any, remote_start_id: int, **_: Any) -> Any:
            self.task = asyncio.create_task(self.remote_charge(id_token, remote_start_id))
            return call_result.RequestStartTransaction(status="Accepted")

        @on(Action201.request_stop_transaction)
        def on_request_stop(self, transaction_id: str) -> Any:
            ended = self.event("Ended", transaction_id, "RemoteStop", 8000.5, stopped_reason="Remote")
            self.task = asyncio.create_task(ended)
            return call_result.RequestStopTransaction(status="Accepted")

        @on(Action201.reset)
        def on_reset(self, type: str, **_: Any) -> Any:  # noqa: A002
            self.task = asyncio.create_task(self.boot("RemoteReset"))
            return call_result.Reset(status="Accepted")

        @on(Action201.get_variables)
        def on_get_variables(self, get_variable_data: list[Any]) -> Any:
            results = [
                {
                    "attribute_status": "Accepted",
                    "attribute_value": "300",
                    "component": item["component"],
                    "variable": item["variable"],
                }
                for item in get_variable_data
            ]
            return call_result.GetVariables(get_variable_result=results)

        async def boot(self, reason: str = "PowerUp") -> Any:
            station = {"model": "Two", "vendor_name": "Acme", "firmware_version": "1.0"}
            return await self.call(call.BootNotification(charging_station=station, reason=reason))

        async def remote_charge(self, id_token: Any, remote_start_id: int) -> None:
            await self.event(
                "Started", "remote-1", "RemoteStart", 500.5, token=id_token, remote_start_id=remote_start_id
            )

        async def event(
            self,
            kind: str,
            transaction_id: str,
            trigger: str,
            energy_wh: float,
            *,
            token: Any = None,
            charging_state: str | None = None,
            stopped_reason: str | None = None,
            remote_start_id: int | None = None,
        ) -> Any:
            contexts = {"Started": "Transaction.Begin", "Updated": "Sample.Periodic", "Ended": "Transaction.End"}
            info = {
                "transaction_id": transaction_id,
                "charging_state": charging_state,
                "stopped_reason": stopped_reason,
                "remote_start_id": remote_start_id,
            }
            sampled = {
                "value": energy_wh,
                "context": contexts[kind],
                "measurand": "Energy.Active.Import.Register",
                "unit_of_measure": {"unit": "Wh"},
            }
            at = instant()
            answer = await self.call(
                call.TransactionEvent(
                    event_type=kind,
                    timestamp=at,
                    trigger_reason=trigger,
                    seq_no=self.seq_no,
                    transaction_info={name: value for name, value in info.items() if value is not None},
                    evse={"id": 1, "connector_id": 1},
                    id_token=token,
                    meter_value=[{"timestamp": at, "sampled_value": [sampled]}],
                ),
                suppress=False,
            )
            self.seq_no += 1
            return answer

    return ChargePoint2x


FAMILY = pytest.mark.parametrize(("package", "version"), [(ocpp.v201, "2.0.1"), (ocpp.v21, "2.1")])


@FAMILY
async def test_the_ocpp_package_runs_a_session_in_2_x(
    server: ServerProcess, api: Api, package: Any, version: str
) -> None:
    identity, call = fresh_id("PYPI2X"), package.call
    await api.put("/tokens/PYPI-TOKEN", status="accepted", group_id="FLEET")
    async with (
        connect(f"{server.ocpp}/{identity}", subprotocols=[Subprotocol(f"ocpp{version}")], proxy=None) as socket,
        running(charge_point_2x(package)(identity, socket)) as station,
    ):
        assert (await station.boot()).status == "Accepted"
        assert (await station.call(call.Heartbeat())).current_time.endswith("Z")
        await station.call(
            call.StatusNotification(timestamp=instant(), connector_status="Occupied", evse_id=1, connector_id=1)
        )
        token = {"id_token": "PYPI-TOKEN", "type": "ISO14443"}
        authorized = await station.call(call.Authorize(id_token=token))
        assert authorized.id_token_info["status"] == "Accepted"
        assert authorized.id_token_info["group_id_token"]["id_token"] == "FLEET"

        started = await station.event("Started", "tx-1", "Authorized", 1000.5, token=token, charging_state="Charging")
        assert started.id_token_info["status"] == "Accepted"
        [transaction] = await api.transactions(identity)
        assert transaction["active"]
        assert transaction["charging_state"] == "Charging"
        await station.event("Updated", "tx-1", "MeterValuePeriodic", 3500.5)
        [transaction] = await api.transactions(identity)
        assert transaction["energy_wh"] == 2500
        await station.event("Ended", "tx-1", "StopAuthorized", 6000.5, token=token, stopped_reason="Local")
        [transaction] = await api.transactions(identity)
        assert not transaction["active"]
        assert (transaction["transaction_id"], transaction["id_token"]) == ("tx-1", "PYPI-TOKEN")
        assert (transaction["stop_reason"], transaction["energy_wh"], transaction["seq_gaps"]) == ("Local", 5000, [])
        shown = await api.get(f"/stations/{identity}")
        assert (shown["ocpp_version"], shown["firmware_version"]) == (version, "1.0")
        assert shown["evses"][0]["status"] == "Occupied"


@FAMILY
async def test_the_ocpp_package_obeys_remote_commands_in_2_x(
    server: ServerProcess, api: Api, package: Any, version: str
) -> None:
    identity = fresh_id("PYPI2X")
    await api.put("/tokens/PYPI-TOKEN", status="accepted")
    async with (
        connect(f"{server.ocpp}/{identity}", subprotocols=[Subprotocol(f"ocpp{version}")], proxy=None) as socket,
        running(charge_point_2x(package)(identity, socket)) as station,
    ):
        await station.boot()
        start = await api.command(identity, "remote-start", {"id_token": "PYPI-TOKEN", "evse_id": 1})
        assert start["answer"]["status"] == "Accepted"
        await api.until(f"/commands/{start['command_id']}", lambda it: it["state"] == "effect_seen")
        [transaction] = await api.transactions(identity)
        assert transaction["active"]

        stop = await api.command(identity, "remote-stop", {"transaction_id": transaction["id"]})
        await api.until(f"/commands/{stop['command_id']}", lambda it: it["state"] == "effect_seen")
        [transaction] = await api.transactions(identity)
        assert (transaction["stop_reason"], transaction["energy_wh"]) == ("Remote", 7500)

        reset = await api.command(identity, "reset", {"type": "immediate"})
        booted = await api.until(f"/commands/{reset['command_id']}", lambda it: it["state"] == "effect_seen")
        assert "RemoteReset" in booted["effect"]

        asked = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        raw = await api.post(f"/stations/{identity}/calls/GetVariables", {"getVariableData": [asked]})
        assert raw["result"]["getVariableResult"][0]["attributeValue"] == "300"
