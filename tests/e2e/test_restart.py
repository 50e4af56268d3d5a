"""What a restart of the server leaves as it was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from support.api import Api
from support.payloads import BOOT_16, event, meter_values_16, start_16, status_16, stop_16
from support.peer import fresh_id, station
from support.server import ServerProcess


@asynccontextmanager
async def server_on(data: Path, database: dict[str, str], *, kill: bool = True) -> AsyncIterator[tuple[str, Api]]:
    server = ServerProcess(data, unknown_stations="accept", **database)
    api = Api(server.http)
    yield server.ocpp, api
    await api.close()
    if kill:
        server.kill()
    else:
        server.stop()
    assert "Traceback" not in server.errors.read_text()


async def test_open_transactions_and_the_stations_state_survive(database: dict[str, str], data: Path) -> None:
    one, two = fresh_id(), fresh_id()
    async with server_on(data, database) as (url, api), station(url, one, "ocpp1.6") as peer:
        await api.put("/tokens/TAG1", status="accepted")
        await peer.call("BootNotification", BOOT_16)
        await peer.call("StatusNotification", status_16("Charging"))
        number = (await peer.call("StartTransaction", start_16(meter_wh=100)))["transactionId"]
        async with station(url, two, "ocpp2.0.1") as other:
            await other.call("TransactionEvent", event("Started", "tx", 0, energy_wh=50, token="TAG1"))
    async with server_on(data, database) as (url, api), station(url, one, "ocpp1.6") as peer:
        shown = await api.get(f"/stations/{one}")
        assert (shown["vendor"], shown["registration"], shown["online"]) == ("Acme", "accepted", True)
        assert shown["evses"][0]["status"] == "Charging"
        assert [item["active"] for item in await api.transactions(one)] == [True]
        await peer.call("MeterValues", meter_values_16("700", transaction_id=number))
        answer = await peer.call("StopTransaction", stop_16(number, meter_wh=900, idTag="tag1"))
        assert answer["idTagInfo"]["status"] == "Accepted"
        async with station(url, two, "ocpp2.0.1") as other:
            await other.call("TransactionEvent", event("Updated", "tx", 1, energy_wh=100))
            await other.call("TransactionEvent", event("Ended", "tx", 2, energy_wh=250))
        for identity, energy_wh in ((one, 800), (two, 200)):
            [transaction] = await api.transactions(identity)
            assert (transaction["active"], transaction["energy_wh"], transaction["inferred"]) == (
                False,
                energy_wh,
                False,
            )
            assert transaction["flags"] == []


async def test_a_repeated_message_gets_the_first_answer_after_a_restart(database: dict[str, str], data: Path) -> None:
    identity, start = fresh_id(), start_16("NOBODY", meter_wh=100)
    begun = event("Started", "tx", 0, energy_wh=1, token="NOBODY")
    async with server_on(data, database) as (url, _), station(url, identity, "ocpp1.6") as peer:
        first = await peer.call("StartTransaction", start, 'odd "id" \\ é')
        stop = stop_16(first["transactionId"], meter_wh=900)
        stopped = await peer.call("StopTransaction", stop, "stop")
        async with station(url, f"{identity}-2X", "ocpp2.0.1") as other:
            verdict = await other.call("TransactionEvent", begun, "event")
    async with server_on(data, database) as (url, api), station(url, identity, "ocpp1.6") as peer:
        await api.put("/tokens/NOBODY", status="accepted")
        for _ in range(3):
            assert await peer.call("StartTransaction", start, 'odd "id" \\ é') == first
            assert await peer.call("StopTransaction", stop, "stop") == stopped
        again = await peer.call("StartTransaction", start, "another id")
        assert again["transactionId"] == first["transactionId"]
        async with station(url, f"{identity}-2X", "ocpp2.0.1") as other:
            assert await other.call("TransactionEvent", begun, "event") == verdict
            await other.call("TransactionEvent", begun, "another id")
        assert len(await api.transactions(identity)) == 1
        [transaction] = await api.transactions(f"{identity}-2X")
        events = (await api.get(f"/transactions/{transaction['id']}/events"))["items"]
        assert [item["seq_no"] for item in events] == [0]


async def test_the_same_id_on_another_message_is_another_message(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        first = await peer.call("StartTransaction", start_16("TAG1"), "1")
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        second = await peer.call("StartTransaction", start_16("TAG1"), "1")
    assert first["transactionId"] != second["transactionId"]
    assert len(await api.transactions(identity)) == 2


async def test_transaction_ids_of_1_6_are_never_used_again(database: dict[str, str], data: Path) -> None:
    identity = fresh_id()
    given: list[int] = []
    for _ in range(3):
        async with server_on(data, database) as (url, _), station(url, identity, "ocpp1.6") as peer:
            for _ in range(2):
                number = (await peer.call("StartTransaction", start_16()))["transactionId"]
                await peer.call("StopTransaction", stop_16(number))
                given.append(number)
    assert len(set(given)) == 6
    assert all(0 < number < 2**31 for number in given)


@pytest.mark.parametrize("kill", [True, False])
async def test_a_station_taken_in_by_setting_is_known_after_a_restart(data: Path, kill: bool) -> None:
    identity = fresh_id()
    async with server_on(data, {}, kill=kill) as (url, _), station(url, identity, "ocpp2.1"):
        pass
    with ServerProcess(data, unknown_stations="refuse") as strict:
        async with station(strict.ocpp, identity, "ocpp2.1") as peer:
            assert await peer.call("Heartbeat", {})
