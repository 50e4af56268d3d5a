"""Interop traps that are looked at from within: a server in the test's own process, its parts at hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.payloads import BOOT_2X, BOOT_16, event, meter_values_16, start_16, status_2x, status_16, stop_16
from support.peer import CallErrorAnswer, Peer, dial, station
from support.raw import RawSocket
from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.commands import ClearCache, CommandRecord
from voltherd.domain.station import Station
from voltherd.services.data_transfer import Desk, Extensions
from voltherd.services.settings import Pricing

VENDOR = "com.example"


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(
        http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept", ping_interval_s=0.5
    )
    running = await App.start(settings)
    yield running
    await running.close()


@pytest.fixture
def extensions(app: App) -> Extensions:
    """Those of this test alone."""
    known = app.node.services.data_transfer.extensions = Extensions()
    return known


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


async def test_trap_43_a_handler_may_send_a_command_to_the_station_whose_message_it_handles(
    app: App, extensions: Extensions
) -> None:
    outcomes: list[asyncio.Task[CommandRecord]] = []

    async def clear(identity: str) -> CommandRecord:
        record = await app.commands.submit(identity, ClearCache(), requested_by="test")
        return await app.commands.outcome(record.id, 10.0)

    @extensions.from_station(VENDOR)
    def handler(desk: Desk, data: object) -> None:
        outcomes.append(asyncio.create_task(clear(desk.state.station.identity)))

    async with station(app.addresses.ocpp, "CP", "ocpp1.6", answers={"ClearCache": {"status": "Accepted"}}) as peer:
        assert (await peer.call("DataTransfer", {"vendorId": VENDOR}))["status"] == "Accepted"
        [outcome] = outcomes
        assert (await outcome).state == "effect_seen"


async def session_16(peer: Peer, number: int) -> None:
    """A whole session, with twenty readings on the way."""
    assert await peer.call("Heartbeat", {})
    await peer.call("Authorize", {"idTag": "TAG1"})
    begin_wh = 10_000 * number
    transaction_id = (await peer.call("StartTransaction", start_16(meter_wh=begin_wh)))["transactionId"]
    await peer.call("StatusNotification", status_16("Charging"))
    for reading_wh in range(begin_wh + 1, begin_wh + 21):
        await peer.call("MeterValues", meter_values_16(str(reading_wh), transaction_id=transaction_id))
    await peer.call("StopTransaction", stop_16(transaction_id, meter_wh=begin_wh + 6000))
    await peer.call("StatusNotification", status_16("Available"))


async def session_2x(peer: Peer, transaction_id: str) -> None:
    """The same in 2.x; the token is told again and again."""
    assert await peer.call("Heartbeat", {})
    await peer.call("Authorize", {"idToken": {"idToken": "TAG1", "type": "ISO14443"}})
    await peer.call("TransactionEvent", event("Started", transaction_id, 0, energy_wh=1, token="TAG1"))
    await peer.call("StatusNotification", status_2x("Occupied"))
    for seq_no in range(1, 21):
        token = "TAG1" if seq_no % 2 else None
        await peer.call(
            "TransactionEvent", event("Updated", transaction_id, seq_no, energy_wh=1.0 + seq_no, token=token)
        )
    await peer.call("TransactionEvent", event("Ended", transaction_id, 21, energy_wh=30))
    await peer.call("StatusNotification", status_2x("Available"))


@pytest.mark.parametrize("priced", [False, True], ids=["without-prices", "priced"])
async def test_trap_46_a_warm_stations_messages_ask_the_store_nothing_however_much_it_holds(
    app: App, priced: bool
) -> None:
    await app.settings.put(Pricing(enabled=priced, energy_per_kwh="0.35"), who="test")
    asked: list[Any] = []
    run = app.store.reader.run

    async def counted(statements: Any) -> Any:
        if asyncio.current_task() not in app._tasks:  # the care of all stations is no message's
            asked.extend(statements)
        return await run(statements)

    app.store.reader.run = counted  # type: ignore[method-assign]
    async with (
        station(app.addresses.ocpp, "CP16", "ocpp1.6") as one,
        station(app.addresses.ocpp, "CP201", "ocpp2.0.1") as two,
        station(app.addresses.ocpp, "CP21", "ocpp2.1") as three,
    ):
        await one.call("BootNotification", BOOT_16)
        await session_16(one, 0)
        for peer in (two, three):
            await peer.call("BootNotification", BOOT_2X)
            await session_2x(peer, "tx-0")
        assert asked, "what a station needs is read with its first session"
        asked.clear()
        for number in range(1, 4):
            await session_16(one, number)
            for peer in (two, three):
                await session_2x(peer, f"tx-{number}")
        assert asked == []


async def test_trap_47_a_fault_in_one_stations_message_reaches_nobody_else(
    app: App, extensions: Extensions, caplog: pytest.LogCaptureFixture
) -> None:
    @extensions.from_station(VENDOR)
    def handler(desk: Desk, data: object) -> None:
        raise ZeroDivisionError("of the test")

    other = await dial(app.addresses.ocpp, "OTHER", "ocpp1.6")
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        number = (await peer.call("StartTransaction", start_16()))["transactionId"]
        fault = peer.begin("DataTransfer", {"vendorId": VENDOR}, "fault")
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


async def test_trap_47_a_record_that_cannot_be_stored_costs_its_neighbours_nothing(
    app: App, extensions: Extensions
) -> None:
    @extensions.from_station(VENDOR)
    def handler(desk: Desk, data: object) -> None:
        desk.work.put(Station(id=1, identity=desk.state.station.identity))  # the identity is taken

    others = [await dial(app.addresses.ocpp, f"OTHER{number}", "ocpp1.6") for number in range(5)]
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        assert await peer.call("Heartbeat", {})
        poisoned = peer.begin("DataTransfer", {"vendorId": VENDOR})
        starts = [other.begin("StartTransaction", start_16()) for other in others]
        for sender, call in zip([*others[:2], peer, *others[2:]], [*starts[:2], poisoned, *starts[2:]], strict=True):
            await sender.send(call.frame)  # type: ignore[attr-defined]
        answers = await asyncio.wait_for(asyncio.gather(*starts), 5)
        assert [answer["transactionId"] for answer in answers] == [1] * 5
        with pytest.raises(CallErrorAnswer, match="InternalError"):
            await asyncio.wait_for(poisoned, 5)
        assert (app.node.counters.commit_faults, app.node.counters.handler_faults) == (1, 0)
        assert (await peer.call("StartTransaction", start_16()))["transactionId"] == 1
    for other in others:
        await other.close()
