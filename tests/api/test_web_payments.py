"""`/web-payments/check`."""

import httpx

from voltherd.domain.web_payment import one_time_password

from .conftest import World, now_ms

SECRET = "a secret of the stations"
TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"


async def ready(client: httpx.AsyncClient) -> None:
    await client.put("/stations/CP-1", json={})
    answer = await client.put("/settings/web_payments", json={"url_template": TEMPLATE, "shared_secret": SECRET})
    assert answer.json()["shared_secret"] == "***"


def address(station: str = "CP-1", *, late_s: int = 0) -> str:
    totp = one_time_password(SECRET, now_ms() // 1000 + late_s, validity_s=30, length=8)
    return f"https://pay.example/{station}/1/{totp}/v1?maxenergy=20000"


async def test_a_valid_code_tells_station_evse_and_limits(client: httpx.AsyncClient) -> None:
    await ready(client)
    answer = await client.post("/web-payments/check", json={"url": address()})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["station_id"], found["evse_id"], found["max_energy_wh"]) == ("CP-1", 1, 20000)
    assert found["command_id"] is None


async def test_the_station_is_told_that_a_payment_began(world: World, client: httpx.AsyncClient) -> None:
    await ready(client)
    body = {"url": address(), "lock_s": 60}
    assert (await client.post("/web-payments/check", json=body)).json()["command_id"] is None
    world.link.connect("CP-1", version="2.1")
    told = (await client.post("/web-payments/check", json=body)).json()["command_id"]
    record = (await client.get(f"/commands/{told}")).json()
    assert (record["name"], record["request"]) == ("notify-web-payment-started", {"evse_id": 1, "timeout_s": 60})


async def test_what_is_not_valid_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.post("/web-payments/check", json={"url": address()})).status_code == 404
    await ready(client)
    late = await client.post("/web-payments/check", json={"url": address(late_s=-120)})
    assert (late.status_code, "one-time password" in late.json()["detail"]) == (422, True)
    assert (await client.post("/web-payments/check", json={"url": address("CP-2")})).status_code == 404
    assert (await client.post("/web-payments/check", json={"url": address().replace("v1", "v2")})).status_code == 422
    assert (await client.post("/web-payments/check", json={})).status_code == 422


async def test_the_secret_stays_when_the_setting_is_written_as_it_was_shown(client: httpx.AsyncClient) -> None:
    await ready(client)
    shown = (await client.get("/settings/web_payments")).json()
    assert (await client.put("/settings/web_payments", json=shown)).status_code == 200
    assert (await client.post("/web-payments/check", json={"url": address()})).status_code == 200
    assert SECRET not in (await client.get("/audit")).text


async def test_viewers_check_nothing(world: World) -> None:
    async with world.client("viewer") as viewer:
        assert (await viewer.post("/web-payments/check", json={"url": address()})).status_code == 403


async def test_a_template_or_roots_that_cannot_be_are_refused(client: httpx.AsyncClient) -> None:
    for name, body, word in (
        ("web_payments", {"url_template": "https://pay.example/{totp}/{version}"}, "chargingstationid"),
        ("web_payments", {"shared_secret": "short"}, "shared_secret"),
        ("authorization", {"contract_roots": "nonsense"}, "contract_roots"),
        ("authorization", {"timeout_s": 31}, "timeout_s"),
    ):
        answer = await client.put(f"/settings/{name}", json=body)
        assert (answer.status_code, word in answer.text) == (422, True), answer.text
