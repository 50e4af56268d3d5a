"""`/transactions`, `/stations/{id}/messages` and `/stations/{id}/variables`."""

from pathlib import Path

import httpx
import pytest

from voltherd.domain.device_model import Variable
from voltherd.domain.message import LoggedMessage
from voltherd.domain.metering import MeterSample
from voltherd.domain.time import format_ms
from voltherd.domain.transaction import TransactionEvent

from .conftest import World, make_world, now_ms
from .test_stations import add, transaction


@pytest.fixture
async def station_id(world: World) -> int:
    return await add(world, "CP-1")


async def test_a_transaction_is_shown_with_both_ids_and_its_energy(
    world: World, client: httpx.AsyncClient, station_id: int
) -> None:
    started_ms = now_ms() - 3_600_000
    record = transaction(
        station_id,
        2**53 + 1,
        transaction_id="0042",
        id_token="04A2B3C4",
        started_at_ms=started_ms,
        stopped_at_ms=started_ms + 1_800_000,
        stop_reason="EVDisconnected",
        active=False,
        meter_start_wh=1000.0,
        meter_stop_wh=4500.5,
        energy_wh=3500.5,
        seq_gaps=(3, 4),
        flags=("register-jumped-back",),
    )
    await world.store.journal.committed([record])
    shown = (await client.get(f"/transactions/{2**53 + 1}")).json()
    assert shown["id"] == str(2**53 + 1)
    assert (shown["transaction_id"], shown["station_id"]) == ("0042", "CP-1")
    assert (shown["meter_start_wh"], shown["meter_stop_wh"], shown["energy_wh"]) == (1000.0, 4500.5, 3500.5)
    assert shown["stop_reason"] == "EVDisconnected"
    assert shown["started_at"] == format_ms(started_ms)
    assert shown["active"] is False
    assert shown["cost"] is None
    assert (shown["seq_gaps"], shown["flags"]) == ([3, 4], ["register-jumped-back"])


async def test_transactions_are_filtered(world: World, client: httpx.AsyncClient, station_id: int) -> None:
    other = await add(world, "CP-2")
    old_ms = now_ms() - 10 * 24 * 3_600_000
    await world.store.journal.committed(
        [
            transaction(station_id, 1, id_token="AAAA"),
            transaction(station_id, 2, id_token="BBBB", active=False, evse_no=2),
            transaction(other, 3, id_token="aaaa", active=False, started_at_ms=old_ms),
        ]
    )

    async def found(**query: object) -> set[str]:
        answer = await client.get("/transactions", params={name: str(value) for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return {item["id"] for item in answer.json()["items"]}

    assert await found() == {"1", "2", "3"}
    assert await found(station_id="CP-1") == {"1", "2"}
    assert await found(station_id="nobody") == set()
    assert await found(active=True) == {"1"}
    assert await found(active=False) == {"2", "3"}
    assert await found(id_token="AAAA") == {"1", "3"}
    assert await found(since=format_ms(now_ms() - 3_600_000)) == {"1", "2"}
    answer = await client.get("/transactions", params={"since": "yesterday"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "query.since"


async def test_history_stays_under_the_station_s_name_when_it_is_deleted(
    world: World, client: httpx.AsyncClient, station_id: int, static: Path
) -> None:
    await world.store.journal.committed([transaction(station_id, 1, active=False)])
    await client.delete("/stations/CP-1")
    restarted = await make_world(world.store, static)
    for one in (world, restarted):
        async with one.client() as reader:
            assert (await reader.get("/transactions/1")).json()["station_id"] == "CP-1"


async def test_the_history_of_a_deleted_station_is_found_by_its_name(
    world: World, client: httpx.AsyncClient, station_id: int, static: Path
) -> None:
    world.link.connect("CP-1")

    async def found(reader: httpx.AsyncClient, **query: object) -> tuple[list[str], int]:
        page = {"station_id": "CP-1", "limit": 1}
        ids, cursor = [], None
        while True:
            answer = await reader.get(
                "/transactions", params={**page, **query} | ({"cursor": cursor} if cursor else {})
            )
            body = answer.json()
            ids += [item["id"] for item in body["items"]]
            assert {item["station_id"] for item in body["items"]} <= {"CP-1"}
            cursor = body["next"]
            if cursor is None:
                break
        commands = (await reader.get("/commands", params={"station_id": "CP-1"})).json()["items"]
        assert {item["station_id"] for item in commands} <= {"CP-1"}
        return ids, len(commands)

    start_ms = now_ms() - 100_000
    await world.store.journal.committed(
        [transaction(station_id, number, active=False, started_at_ms=start_ms + number) for number in (1, 3)]
    )
    await client.post("/stations/CP-1/commands/clear-cache?wait=true", json={})
    await client.delete("/stations/CP-1")
    assert await found(client) == (["3", "1"], 1)

    again = await add(world, "CP-1")
    other = await add(world, "CP-2")
    await world.store.journal.committed(
        [transaction(again, number, started_at_ms=start_ms + number) for number in (2, 4)]
    )
    await world.store.journal.committed([transaction(other, 5)])
    world.link.connect("CP-1")
    await client.post("/stations/CP-1/commands/clear-cache?wait=true", json={})
    restarted = await make_world(world.store, static)
    for one in (world, restarted):
        async with one.client() as reader:
            assert await found(reader) == (["4", "3", "2", "1"], 2)
            assert (await found(reader, active=True))[0] == ["4", "2"]


async def test_meter_values_are_si_beside_raw(world: World, client: httpx.AsyncClient, station_id: int) -> None:
    at_ms = now_ms()
    sample = {
        "station_id": station_id,
        "evse_no": 1,
        "connector_no": 1,
        "phase": "",
        "location": "Outlet",
        "context": "Sample.Periodic",
        "received_ms": at_ms + 5,
        "transaction": 1,
    }
    await world.store.journal.committed(
        [
            transaction(station_id, 1),
            MeterSample(
                **sample,
                at_ms=at_ms,
                measurand="Energy.Active.Import.Register",
                value=1234.0,
                unit="Wh",
                raw_value="1.234",
                raw_unit="kWh",
            ),
            MeterSample(**sample, at_ms=at_ms, measurand="SoC", value=None, unit="%", raw_value="n/a", raw_unit=""),
        ]
    )
    items = (await client.get("/transactions/1/meter-values")).json()["items"]
    by_measurand = {item["measurand"]: item for item in items}
    energy = by_measurand["Energy.Active.Import.Register"]
    assert energy == {
        "timestamp": format_ms(at_ms),
        "received_at": format_ms(at_ms + 5),
        "measurand": "Energy.Active.Import.Register",
        "phase": None,
        "location": "Outlet",
        "context": "Sample.Periodic",
        "value": 1234.0,
        "unit": "Wh",
        "raw": "1.234",
        "raw_unit": "kWh",
        "signed_data": None,
        "signature": None,
    }
    assert (by_measurand["SoC"]["value"], by_measurand["SoC"]["raw"]) == (None, "n/a")


async def test_events_are_listed_in_order(world: World, client: httpx.AsyncClient, station_id: int) -> None:
    event = {"station_id": station_id, "transaction": 1, "at_ms": now_ms(), "received_ms": now_ms()}
    await world.store.journal.committed(
        [
            transaction(station_id, 1),
            TransactionEvent(**event, seq_no=1, kind="Updated", trigger_reason="ChargingStateChanged"),
            TransactionEvent(**event, seq_no=0, kind="Started", trigger_reason="Authorized", id_token="A"),
        ]
    )
    items = (await client.get("/transactions/1/events")).json()["items"]
    assert [(item["seq_no"], item["kind"]) for item in items] == [(0, "Started"), (1, "Updated")]


async def test_an_operator_closes_a_stale_transaction(world: World, client: httpx.AsyncClient, station_id: int) -> None:
    await world.store.journal.committed([transaction(station_id, 1)])
    assert (await client.post("/transactions/1/close", json={})).status_code == 422
    closed = await client.post("/transactions/1/close", json={"reason": "replaced"})
    assert closed.status_code == 200
    assert closed.json()["active"] is False
    assert "closed-by-operator" in closed.json()["flags"]
    assert "replaced" in closed.json()["close_reason"]
    assert (await client.post("/transactions/1/close", json={"reason": "again"})).status_code == 409
    assert (await client.post("/transactions/2/close", json={"reason": "none"})).status_code == 404
    assert (await client.get("/audit")).json()["items"][0]["entity"] == "transaction 1"


async def test_e16_a_running_transaction_of_2_1_can_be_limited(
    world: World, client: httpx.AsyncClient, station_id: int
) -> None:
    records = [transaction(station_id, number, ocpp_version=version) for number, version in ((1, "2.1"), (2, "2.0.1"))]
    ended = transaction(station_id, 3, ocpp_version="2.1")
    ended.active = False
    await world.store.journal.committed([*records, ended])
    limited = await client.put("/transactions/1/limits", json={"max_energy_wh": 20000})
    assert limited.status_code == 200
    assert limited.json()["limits"] == {"wanted": {"max_energy_wh": 20000.0}}
    assert (await client.get("/transactions/1")).json()["limits"] == {"wanted": {"max_energy_wh": 20000.0}}
    for number, body, status in ((2, {}, 409), (3, {}, 409), (4, {}, 404), (1, {"max_soc_percent": 101}, 422)):
        assert (await client.put(f"/transactions/{number}/limits", json=body)).status_code == status, number


@pytest.mark.parametrize("path", ["", "/meter-values", "/events"])
async def test_an_unknown_transaction_is_a_404(client: httpx.AsyncClient, path: str) -> None:
    for number in ("5", "wire-1"):
        assert (await client.get(f"/transactions/{number}{path}")).status_code == 404


async def test_the_message_log_shows_raw_frames_newest_first(
    world: World, client: httpx.AsyncClient, station_id: int
) -> None:
    at_ms = now_ms()
    frames = ['[2,"1","Heartbeat",{}]', '[3,"1",{"currentTime":"2026-05-04T08:30:12Z"}]']
    world.store.journal.log(
        [
            LoggedMessage(
                id=number,
                station_id=station_id,
                at_ms=at_ms + number,
                direction="out" if number % 2 else "in",
                message_type="result" if number % 2 else "call",
                message_id="1",
                action="Heartbeat" if number < 2 else "StatusNotification",
                frame=frames[number % 2],
            )
            for number in range(3)
        ]
    )
    await world.store.journal.committed([transaction(station_id, 1)])
    items: list[dict[str, str]] = []
    for _ in range(50):
        items = (await client.get("/stations/CP-1/messages")).json()["items"]
        if len(items) == 3:
            break
    assert [item["frame"] for item in items] == [frames[0], frames[1], frames[0]]
    assert [item["direction"] for item in items] == ["in", "out", "in"]
    query = {"action": "StatusNotification"}
    assert len((await client.get("/stations/CP-1/messages", params=query)).json()["items"]) == 1
    query = {"since": format_ms(at_ms + 1)}
    assert len((await client.get("/stations/CP-1/messages", params=query)).json()["items"]) == 2


async def test_the_device_model_is_listed(world: World, client: httpx.AsyncClient, station_id: int) -> None:
    await world.store.journal.committed(
        [
            Variable(station_id=station_id, component="OCPP16", variable="HeartbeatInterval", actual_value="300"),
            Variable(station_id=station_id, component="EVSE", evse_no=1, variable="Power", actual_value="0"),
        ]
    )
    items = (await client.get("/stations/CP-1/variables")).json()["items"]
    by_name = {item["variable"]: item for item in items}
    assert by_name["HeartbeatInterval"]["actual_value"] == "300"
    assert by_name["HeartbeatInterval"]["evse_id"] is None
    assert by_name["Power"]["evse_id"] == 1
