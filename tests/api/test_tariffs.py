"""The setting `pricing`, and money as the API shows it."""

from typing import Any

import httpx
import pytest

from .conftest import World
from .test_stations import add, transaction


async def test_a_price_is_off_until_it_is_set_and_keeps_what_is_left_out(client: httpx.AsyncClient) -> None:
    assert (await client.get("/settings/pricing")).json()["enabled"] is False
    await client.put("/settings/pricing", json={"enabled": True, "energy_per_kwh": "0.35"})
    found = (await client.put("/settings/pricing", json={"tax_percent": "19"})).json()
    assert (found["enabled"], found["energy_per_kwh"], found["tax_percent"]) == (True, "0.35", "19")
    await client.delete("/settings/pricing")
    assert (await client.get("/settings/pricing")).json()["enabled"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("energy_per_kwh", 0.35),
        ("energy_per_kwh", "-1"),
        ("energy_per_kwh", "1e3"),
        ("currency", "euro"),
        ("tax_percent", "100.5"),
        ("running_cost", "sometimes"),
        ("running_cost_interval_s", 1),
        ("receipt_url", "ftp://example"),
        ("prices", "1"),
    ],
)
async def test_a_price_that_cannot_be_is_refused_by_its_field(
    client: httpx.AsyncClient, field: str, value: Any
) -> None:
    answer = await client.put("/settings/pricing", json={field: value})
    assert answer.status_code == 422
    assert field in answer.json()["detail"]


@pytest.mark.parametrize("modes", [["DC_XYZ"], "DC"])
async def test_a_kind_of_energy_transfer_that_does_not_exist_is_refused(client: httpx.AsyncClient, modes: Any) -> None:
    assert (await client.put("/settings/v2x", json={"by_group": {"fleet": modes}})).status_code == 422


async def test_cost_and_currency_of_a_session_are_shown(world: World, client: httpx.AsyncClient) -> None:
    station_id = await add(world, "CP-1")
    priced = transaction(station_id, 1)
    priced.cost, priced.currency = 6.07, "EUR"
    await world.store.journal.committed([priced, transaction(station_id, 2)])
    found = {
        item["id"]: (item["cost"], item["currency"]) for item in (await client.get("/transactions")).json()["items"]
    }
    assert sorted(found.values(), key=str) == [(6.07, "EUR"), (None, None)]


async def test_a_tariff_is_checked_before_anything_is_sent(world: World, client: httpx.AsyncClient) -> None:
    await add(world, "CP-1")
    world.link.connect("CP-1", version="2.1")
    for tariff, field in (
        ({"tariff_id": "x", "currency": "euro"}, "currency"),
        ({"tariff_id": "x", "currency": "EUR", "energy": {"prices": []}}, "prices"),
        ({"tariff_id": "x", "currency": "EUR", "energy": {"prices": [{"price_kWh": 1}]}}, "price_kWh"),
    ):
        answer = await client.post("/stations/CP-1/commands/set-default-tariff", json={"tariff": tariff})
        assert answer.status_code == 422
        assert field in answer.json()["detail"]
    assert world.link.seen == []
