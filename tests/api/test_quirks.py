"""Quirks over the API: shown with why they hold, set for one station, refused where they cannot be."""

import httpx
import pytest

from voltherd.gateway.quirks import BOOK

from .conftest import World


@pytest.fixture(autouse=True)
def book(world: World) -> None:
    world.api.stations.use_quirks(BOOK)


async def test_a_station_of_no_known_kind_has_the_default_profile(client: httpx.AsyncClient) -> None:
    shown = (await client.put("/stations/CP-1", json={"registration": "accepted"})).json()["quirks"]
    assert shown == {
        "profile": "default",
        "title": "Any station",
        "chosen_by": "default",
        "switches": {},
        "overrides": {},
    }


async def test_an_operator_chooses_a_profile_and_sets_switches(client: httpx.AsyncClient) -> None:
    shown = (await client.put("/stations/CP-1", json={"quirks": "starcharge"})).json()["quirks"]
    assert (shown["profile"], shown["chosen_by"], shown["overrides"]) == ("starcharge", "operator", {})
    assert shown["switches"] == {"no-trigger": True, "measurands-one-by-one": True}

    wish = {"profile": "starcharge", "switches": {"no-trigger": False, "heartbeat-interval-s": 30}}
    shown = (await client.put("/stations/CP-1", json={"quirks": wish})).json()["quirks"]
    assert shown["switches"] == {"measurands-one-by-one": True, "heartbeat-interval-s": 30}
    assert shown["overrides"] == wish["switches"]
    assert (await client.get("/stations/CP-1")).json()["quirks"] == shown

    shown = (await client.put("/stations/CP-1", json={"quirks": None})).json()["quirks"]
    assert (shown["profile"], shown["overrides"]) == ("default", {})


@pytest.mark.parametrize(
    ("quirks", "words"),
    [
        ("nobody", "There is no quirk profile 'nobody'"),
        ({"switches": {"no-such": True}}, "no-such"),
        ({"switches": {"no-ping": "yes"}}, "no-ping"),
        ({"switches": {"timestamps-local-zone": "Nowhere"}}, "no time zone"),
        ({"colour": "red"}, "colour"),
        (7, "quirks"),
    ],
)
async def test_what_cannot_be_set_is_a_422_that_says_why(client: httpx.AsyncClient, quirks: object, words: str) -> None:
    answer = await client.put("/stations/CP-1", json={"quirks": quirks})
    assert answer.status_code == 422
    assert words in answer.text
    assert (await client.get("/stations/CP-1")).status_code == 404
