"""Local lists that follow our tokens by the setting `local_lists`."""

import httpx

from voltherd.services.local_lists import AT_ONCE

from .conftest import World


async def follow(world: World) -> list[tuple[str, str]]:
    """Let the rule look once, as if no token had changed for a while; gives who was sent what."""
    world.api.tokens.changed_ms = 0
    world.link.seen.clear()
    await world.api.services.local_lists.follow()
    for record in (await world.api.records.commands(1)).items:
        await world.api.commands.outcome(record.id, 5.0)
    return [(identity, name) for identity, name, _ in world.link.seen]


async def ready(world: World, client: httpx.AsyncClient, *identities: str) -> None:
    await client.put("/settings/local_lists", json={"keep_in_step": True})
    for identity in identities:
        await client.put(f"/stations/{identity}", json={"registration": "accepted"})
        world.link.connect(identity, age_ms=10_000)


async def test_nothing_is_sent_by_default(world: World, client: httpx.AsyncClient) -> None:
    await ready(world, client, "CP-1")
    await client.delete("/settings/local_lists")
    assert await follow(world) == []


async def test_a_connected_station_gets_the_list_once_and_again_after_a_change(
    world: World, client: httpx.AsyncClient
) -> None:
    await ready(world, client, "CP-1")
    assert await follow(world) == [("CP-1", "send-local-list")]
    assert await follow(world) == []
    await client.put("/tokens/CARD", json={})
    assert await follow(world) == [("CP-1", "send-local-list")]
    [record, *_] = (await world.api.records.commands(1)).items
    assert record.requested_by == "rule: keep local lists in step"


async def test_changes_are_waited_for_and_a_station_that_just_connected_is_left_alone(
    world: World, client: httpx.AsyncClient
) -> None:
    await ready(world, client, "CP-1")
    await client.put("/tokens/CARD", json={})
    await world.api.services.local_lists.follow()
    assert world.link.seen == []
    world.link.connect("CP-1", age_ms=0)
    assert await follow(world) == []


async def test_stations_that_are_not_accepted_get_nothing(world: World, client: httpx.AsyncClient) -> None:
    await ready(world, client, "CP-1")
    await client.put("/stations/CP-1", json={"registration": "pending"})
    assert await follow(world) == []


async def test_many_stations_are_served_a_few_at_a_time(world: World, client: httpx.AsyncClient) -> None:
    await ready(world, client, *(f"CP-{number}" for number in range(AT_ONCE + 5)))
    first, second = await follow(world), await follow(world)
    assert (len(first), len(second)) == (AT_ONCE, 5)
    assert len({*first, *second}) == AT_ONCE + 5
