"""Interop traps that are looked at from within: a server in the test's own process, its parts at hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.payloads import BOOT_16, event, meter_values_16, start_16
from support.peer import CallErrorAnswer, dial, station
from support.raw import RawSocket
from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.commands import ClearCache, CommandRecord
from voltherd.domain.station import Station
from voltherd.services.data_transfer import DataTransferAnswer
from voltherd.services.state import StationState
from voltherd.services.work import Work


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(
        http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept", ping_interval_s=0.5
    )
    running = await App.start(settings)
    yield running
    await running.close()


async def test_trap_07_an_old_socket_is_closed_once_it_is_silent_for_the_grace_time(app: App) -> None:
    app.node.timing = msgspec.structs.replace(app.node.timing, superseded_grace_s=0.1)
    old = await RawSocket.open(app.addresses.ocpp)
    assert await old.upgrade("/ocpp/CP") == 101
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as new:
        assert await old.until_closed() == 1008
        assert await new.call("Heartbeat", {})
        current = app.node.registry.current("CP")
        assert current is not None
        assert current.peer == f"127.0.0.1:{new.socket.local_address[1]}"
    await old.close()


async def test_trap_43_a_handler_may_send_a_command_to_the_station_whose_message_it_handles(app: App) -> None:
    outcomes: list[asyncio.Task[CommandRecord]] = []

    async def clear(identity: str) -> CommandRecord:
        record = await app.commands.submit(identity, ClearCache(), requested_by="test")
        return await app.commands.outcome(record.id, 10.0)

    def handler(state: StationState, work: Work, data: object) -> DataTransferAnswer:
        outcomes.append(asyncio.create_task(clear(state.station.identity)))
        return DataTransferAnswer("Accepted")

    app.node.services.data_transfer.register("com.example", "", handler)
    async with station(app.addresses.ocpp, "CP", "ocpp1.6", answers={"ClearCache": {"status": "Accepted"}}) as peer:
        assert (await peer.call("DataTransfer", {"vendorId": "com.example"}))["status"] == "Accepted"
        assert (await outcomes[0]).state == "effect_seen"


async def test_trap_46_a_message_asks_the_store_nothing_however_much_it_holds(app: App) -> None:
    asked: list[Any] = []
    run = app.store.reader.run

    async def counted(statements: Any) -> Any:
        asked.extend(statements)
        return await run(statements)

    async with (
        station(app.addresses.ocpp, "CP16", "ocpp1.6") as one,
        station(app.addresses.ocpp, "CP201", "ocpp2.0.1") as two,
    ):
        number = (await one.call("StartTransaction", start_16()))["transactionId"]
        await two.call("TransactionEvent", event("Started", "tx", 0, energy_wh=1, token="TAG1"))
        app.store.reader.run = counted  # type: ignore[method-assign]
        for seq_no in range(1, 60):
            await one.call("MeterValues", meter_values_16(str(1000 + seq_no), transaction_id=number))
            await two.call("TransactionEvent", event("Updated", "tx", seq_no, energy_wh=1.0 + seq_no, token="TAG1"))
        assert asked == []


async def test_trap_47_a_fault_in_one_stations_message_reaches_nobody_else(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    def handler(state: StationState, work: Work, data: object) -> DataTransferAnswer:
        raise ZeroDivisionError("of the test")

    app.node.services.data_transfer.register("com.example", "", handler)
    other = await dial(app.addresses.ocpp, "OTHER", "ocpp1.6")
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        number = (await peer.call("StartTransaction", start_16()))["transactionId"]
        fault = peer.begin("DataTransfer", {"vendorId": "com.example"}, "fault")
        repeated = peer.begin("StartTransaction", start_16("TAG2", connector=2), "next")
        await peer.send(fault.frame)  # type: ignore[attr-defined]
        await peer.send(repeated.frame)  # type: ignore[attr-defined]
        assert (await other.call("BootNotification", BOOT_16))["status"] == "Accepted"
        with pytest.raises(CallErrorAnswer, match="InternalError"):
            await asyncio.wait_for(fault, 5)
        assert (await asyncio.wait_for(repeated, 5))["transactionId"] == number + 1
        await peer.call("MeterValues", meter_values_16("1500", transaction_id=number))
    await other.close()
    [line] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "CP: DataTransfer could not be processed" in line.getMessage()
    assert line.exc_info is None


async def test_trap_47_a_record_that_cannot_be_stored_costs_its_neighbours_nothing(app: App) -> None:
    def handler(state: StationState, work: Work, data: object) -> DataTransferAnswer:
        work.add(Station(id=1, identity=state.station.identity))  # the identity is taken
        return DataTransferAnswer("Accepted")

    app.node.services.data_transfer.register("com.example", "", handler)
    others = [await dial(app.addresses.ocpp, f"OTHER{number}", "ocpp1.6") for number in range(5)]
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        assert await peer.call("Heartbeat", {})
        poisoned = peer.begin("DataTransfer", {"vendorId": "com.example"})
        starts = [other.begin("StartTransaction", start_16()) for other in others]
        for sender, call in zip([*others[:2], peer, *others[2:]], [*starts[:2], poisoned, *starts[2:]], strict=True):
            await sender.send(call.frame)  # type: ignore[attr-defined]
        answers = await asyncio.wait_for(asyncio.gather(*starts), 5)
        assert [answer["transactionId"] for answer in answers] == [1] * 5
        with pytest.raises(CallErrorAnswer, match="InternalError"):
            await asyncio.wait_for(poisoned, 5)
        assert (await peer.call("StartTransaction", start_16()))["transactionId"] == 1
    for other in others:
        await other.close()
