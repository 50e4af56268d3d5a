"""OCPP 1.6, profile local authorisation list."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens

official = partial(case, version="1.6", block="Local authorization list")


def entry(token: str, status: str = "Accepted") -> dict[str, Any]:
    """One entry of the list."""
    return {"idTag": token, "idTagInfo": {"status": status}}


async def send(station: Station, kind: str, version: int, entries: list[dict[str, Any]], status: str) -> str:
    """Send a list; the station gets it as it is. Gives the state of the command's record."""
    wanted = {"listVersion": version, "updateType": kind, "localAuthorizationList": entries}
    done = await station.raw("SendLocalList", wanted, {"status": status})
    assert done.call.payload == wanted
    assert done.result == {"status": status}
    assert done.record["answer"] == {"status": status}
    return str(done.record["state"])


@official("TC_042_1_CSMS", "A station without local lists answers with version -1, and that is told")
async def test_tc_042_1_csms_version_where_lists_are_not_supported(v16: Station) -> None:
    done = await v16.raw("GetLocalListVersion", {}, {"listVersion": -1})
    assert (done.call.payload, done.result) == ({}, {"listVersion": -1})
    assert done.record["answer"] == {"listVersion": -1}


@official("TC_042_2_CSMS", "A station whose list is empty answers with version 0, and that is told")
async def test_tc_042_2_csms_version_of_an_empty_list(v16: Station) -> None:
    done = await v16.raw("GetLocalListVersion", {}, {"listVersion": 0})
    assert (done.result, done.record["state"]) == ({"listVersion": 0}, "effect_seen")


@official("TC_043_1_CSMS", "A station that knows no local lists says so, and that is shown")
async def test_tc_043_1_csms_list_not_supported(v16: Station, tokens: Tokens) -> None:
    assert await send(v16, "Full", 1, [entry(await tokens.make())], "NotSupported") == "rejected"


@official("TC_043_3_CSMS", "A list that the station could not take is shown as such")
async def test_tc_043_3_csms_list_failed(v16: Station, tokens: Tokens) -> None:
    assert await send(v16, "Full", 1, [entry(await tokens.make())], "Failed") == "rejected"


@official("TC_043_4_CSMS", "A whole list is sent, each entry with its status, and taken")
async def test_tc_043_4_csms_whole_list(v16: Station, tokens: Tokens) -> None:
    entries = [entry(await tokens.make()), entry(await tokens.make("blocked"), "Blocked")]
    assert await send(v16, "Full", 1, entries, "Accepted") == "effect_seen"
    done = await v16.raw("GetLocalListVersion", {}, {"listVersion": 1})
    assert done.result == {"listVersion": 1}


@official(
    "TC_043_5_CSMS", "A change of the list is sent with a higher version, and taken; one of an old version is not"
)
async def test_tc_043_5_csms_change_of_the_list(v16: Station, tokens: Tokens) -> None:
    assert await send(v16, "Full", 1, [entry(await tokens.make())], "Accepted") == "effect_seen"
    assert await send(v16, "Differential", 2, [entry(await tokens.make())], "Accepted") == "effect_seen"
    assert await send(v16, "Differential", 1, [entry(await tokens.make())], "VersionMismatch") == "rejected"
    removed = [{"idTag": tokens.unknown()}]
    assert await send(v16, "Differential", 3, removed, "Accepted") == "effect_seen"


@pytest.mark.parametrize("broken", [{"updateType": "Half"}, {"listVersion": "one"}])
async def test_a_list_that_breaks_the_schema_is_not_sent(v16: Station, broken: dict[str, Any]) -> None:
    wanted = {"listVersion": 1, "updateType": "Full"} | broken
    status, problem = await v16.api.refused(f"/stations/{v16.identity}/calls/SendLocalList", wanted)
    assert (status, v16.peer.taken_calls()) == (422, [])
    assert problem["ocpp_code"]
