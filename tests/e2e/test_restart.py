"""What a restart of the server leaves as it was: here it is killed once, after stations have done this and that."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.api import Api
from support.payloads import BOOT_16, event, meter_values_16, start_16, status_16, stop_16
from support.peer import fresh_id, station
from support.postgres import Postgres
from support.server import ServerProcess

ODD_ID = 'odd "id" \\ é'
START = start_16("NOBODY", meter_wh=100)
STOP_AT_WH = 900
STARTED_EVENT = event("Started", "tx", 0, energy_wh=1, token="NOBODY")


class Before:
    """What stations did, and what they were answered, before the server was killed."""

    def __init__(self) -> None:
        self.charging, self.charging_2x = fresh_id("CHARGING"), fresh_id("CHARGING")
        self.repeating, self.repeating_2x = fresh_id("REPEATING"), fresh_id("REPEATING")
        self.numbered, self.taken_in, self.away = fresh_id("NUMBERED"), fresh_id("TAKEN"), fresh_id("AWAY")
        self.too_late = self.in_time = ""
        self.number = 0
        self.numbers: list[int] = []
        self.first: Any = None
        self.stop: dict[str, Any] = {}
        self.stopped: Any = None
        self.verdict: Any = None

    async def act(self, url: str, api: Api) -> None:
        await api.put("/tokens/TAG1", status="accepted")
        async with station(url, self.charging, "ocpp1.6") as peer:
            await peer.call("BootNotification", BOOT_16)
            await peer.call("StatusNotification", status_16("Charging"))
            self.number = (await peer.call("StartTransaction", start_16(meter_wh=100)))["transactionId"]
        async with station(url, self.charging_2x, "ocpp2.0.1") as peer:
            await peer.call("TransactionEvent", event("Started", "tx", 0, energy_wh=50, token="TAG1"))
        async with station(url, self.repeating, "ocpp1.6") as peer:
            self.first = await peer.call("StartTransaction", START, ODD_ID)
            self.stop = stop_16(self.first["transactionId"], meter_wh=STOP_AT_WH)
            self.stopped = await peer.call("StopTransaction", self.stop, "stop")
        async with station(url, self.repeating_2x, "ocpp2.0.1") as peer:
            self.verdict = await peer.call("TransactionEvent", STARTED_EVENT, "event")
        async with station(url, self.numbered, "ocpp1.6") as peer:
            for _ in range(3):
                number = (await peer.call("StartTransaction", start_16()))["transactionId"]
                await peer.call("StopTransaction", stop_16(number))
                self.numbers.append(number)
        async with station(url, self.taken_in, "ocpp2.1") as peer:
            await peer.call("Heartbeat", {})
        await api.put(f"/stations/{self.away}", name="away")
        self.too_late, self.in_time = [
            (await api.post(f"/stations/{self.away}/commands/reset", {}, when_offline="queue", not_after_s=seconds))[
                "command_id"
            ]
            for seconds in (1, 300)
        ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def restarted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Before]]:
    """A server after its restart on the records of one that was killed; it takes in no new stations."""
    data: Path = tmp_path_factory.mktemp("restart") / "data"
    settings: dict[str, Any] = {}
    before = Before()

    async def act() -> None:
        if request.param == "postgresql":
            postgres: Postgres = request.getfixturevalue("postgres")
            settings["database_url"] = await postgres.fresh_database()
        first = ServerProcess(data, unknown_stations="accept", **settings)
        api = Api(first.http)
        await before.act(first.ocpp, api)
        await api.close()
        first.kill()
        assert "Traceback" not in first.errors.read_text()

    asyncio.run(act())
    second = ServerProcess(data, unknown_stations="refuse", ping_interval_s=0.5, **settings)
    yield second, before
    assert "Traceback" not in second.stop()


@pytest.fixture
def url(restarted: tuple[ServerProcess, Before]) -> str:
    return restarted[0].ocpp


@pytest.fixture
def before(restarted: tuple[ServerProcess, Before]) -> Before:
    return restarted[1]


@pytest.fixture
async def again(restarted: tuple[ServerProcess, Before]) -> AsyncIterator[Api]:
    """The API of the server after its restart."""
    api = Api(restarted[0].http)
    yield api
    await api.close()


async def test_an_open_transaction_of_1_6_goes_on(url: str, again: Api, before: Before) -> None:
    async with station(url, before.charging, "ocpp1.6") as peer:
        [transaction] = await again.transactions(before.charging)
        assert transaction["active"]
        await peer.call("MeterValues", meter_values_16("700", transaction_id=before.number))
        answer = await peer.call("StopTransaction", stop_16(before.number, meter_wh=900, idTag="tag1"))
        assert answer["idTagInfo"]["status"] == "Accepted"
    [transaction] = await again.transactions(before.charging)
    assert (transaction["active"], transaction["energy_wh"], transaction["flags"]) == (False, 800, [])


async def test_an_open_transaction_of_2_x_goes_on(url: str, again: Api, before: Before) -> None:
    async with station(url, before.charging_2x, "ocpp2.0.1") as peer:
        await peer.call("TransactionEvent", event("Updated", "tx", 1, energy_wh=100))
        await peer.call("TransactionEvent", event("Ended", "tx", 2, energy_wh=250))
    [transaction] = await again.transactions(before.charging_2x)
    assert (transaction["active"], transaction["energy_wh"], transaction["flags"]) == (False, 200, [])
    assert transaction["seq_gaps"] == []


async def test_what_a_station_reported_is_known(again: Api, before: Before) -> None:
    shown = await again.get(f"/stations/{before.charging}")
    assert (shown["vendor"], shown["registration"], shown["ocpp_version"]) == ("Acme", "accepted", "1.6")
    assert [item["status"] for item in shown["evses"][0]["connectors"]] == ["Charging"]


async def test_trap_20_a_repeated_message_of_1_6_gets_the_first_answer(url: str, again: Api, before: Before) -> None:
    await again.put("/tokens/NOBODY", status="accepted")
    async with station(url, before.repeating, "ocpp1.6") as peer:
        for _ in range(3):
            assert await peer.call("StartTransaction", START, ODD_ID) == before.first
            assert await peer.call("StopTransaction", before.stop, "stop") == before.stopped
        other = await peer.call("StartTransaction", START, "another id")
        assert other["transactionId"] == before.first["transactionId"]
    [transaction] = await again.transactions(before.repeating)
    assert (transaction["active"], transaction["energy_wh"]) == (False, STOP_AT_WH - 100)


async def test_trap_20_a_repeated_event_of_2_x_gets_the_first_answer(url: str, again: Api, before: Before) -> None:
    async with station(url, before.repeating_2x, "ocpp2.0.1") as peer:
        assert await peer.call("TransactionEvent", STARTED_EVENT, "event") == before.verdict
        await peer.call("TransactionEvent", STARTED_EVENT, "another id")
    [transaction] = await again.transactions(before.repeating_2x)
    events = (await again.get(f"/transactions/{transaction['id']}/events"))["items"]
    assert [item["seq_no"] for item in events] == [0]


async def test_transaction_ids_of_1_6_are_never_used_again(url: str, before: Before) -> None:
    async with station(url, before.numbered, "ocpp1.6") as peer:
        for _ in range(3):
            before.numbers.append((await peer.call("StartTransaction", start_16()))["transactionId"])
    assert len(set(before.numbers)) == len(before.numbers)
    assert all(0 < number < 2**31 for number in before.numbers)


async def test_a_station_taken_in_by_setting_is_known(url: str, before: Before) -> None:
    async with station(url, before.taken_in, "ocpp2.1") as peer:
        assert await peer.call("Heartbeat", {})


async def test_trap_42_a_queued_command_is_sent_once_or_expires(url: str, again: Api, before: Before) -> None:
    expired = await again.until(f"/commands/{before.too_late}", lambda it: it["state"] != "queued")
    assert (expired["state"], expired["sent_at"]) == ("expired", None)
    assert (await again.get(f"/commands/{before.in_time}"))["state"] == "queued"
    for _ in range(2):
        async with station(url, before.away, "ocpp1.6", answers={"Reset": {"status": "Rejected"}}) as peer:
            await peer.call("Heartbeat", {})
            sent = await again.until(f"/commands/{before.in_time}", lambda it: it["answer"] is not None)
    assert sent["state"] == "rejected"
    frames = await again.items(f"/stations/{before.away}/messages", action="Reset")
    assert [item["message_type"] for item in frames if item["direction"] == "out"] == ["call"]


async def test_the_same_id_on_another_message_is_another_message(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        first = await peer.call("StartTransaction", start_16("TAG1"), "1")
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        second = await peer.call("StartTransaction", start_16("TAG1"), "1")
    assert first["transactionId"] != second["transactionId"]
    assert len(await api.transactions(identity)) == 2
