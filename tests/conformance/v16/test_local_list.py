"""OCPP 1.6, profile local authorisation list."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Commanded, Station, Tokens

official = partial(case, version="1.6", block="Local authorization list")


async def the_list(station: Station) -> dict[str, Any]:
    """Give the station's list as the API shows it."""
    [found] = await station.documents("local-lists")
    return dict(found)


async def ask(station: Station, version: int) -> Commanded:
    """Ask for the list's version, which the station tells."""
    done = await station.command("get-local-list-version", answers={"GetLocalListVersion": {"listVersion": version}})
    assert (done.call.action, done.call.payload) == ("GetLocalListVersion", {})
    assert done.record["answer"]["listVersion"] == version
    return done


async def send(station: Station, status: str, *entries: dict[str, Any], update: str = "full") -> dict[str, Any]:
    """Send a list or a change of it, which is answered with a status; gives the request as it came."""
    answers = {"GetLocalListVersion": {"listVersion": 0}, "SendLocalList": {"status": status}}
    done = await station.command("send-local-list", {"update": update, "entries": list(entries)}, answers)
    [sent] = [call.payload for call in done.calls if call.action == "SendLocalList"]
    assert sent["updateType"] == update.capitalize()
    assert [item["idTag"] for item in sent["localAuthorizationList"]] == [item["id_token"] for item in entries]
    assert done.record["answer"]["status"] == status
    assert done.record["state"] == ("effect_seen" if status == "Accepted" else "rejected")
    assert (await the_list(station))["answer"] == status
    return dict(sent)


@official("TC_042_1_CSMS", "A station without local lists answers with version -1, and that is shown")
async def test_tc_042_1_csms_version_where_lists_are_not_supported(v16: Station) -> None:
    assert (await ask(v16, -1)).record["state"] == "rejected"
    assert (await the_list(v16))["status"] == "not-supported"


@official("TC_042_2_CSMS", "A station whose list is empty answers with version 0, and that is shown")
async def test_tc_042_2_csms_version_of_an_empty_list(v16: Station) -> None:
    assert (await ask(v16, 0)).record["state"] == "effect_seen"
    found = await the_list(v16)
    assert (found["version_reported"], found["version_sent"]) == (0, None)


@official("TC_043_1_CSMS", "A station that knows no local lists says so, and that is shown")
async def test_tc_043_1_csms_list_not_supported(v16: Station, tokens: Tokens) -> None:
    await send(v16, "NotSupported", {"id_token": await tokens.make()})
    assert (await the_list(v16))["status"] == "not-supported"


@official("TC_043_3_CSMS", "A list that the station could not take is shown as such")
async def test_tc_043_3_csms_list_failed(v16: Station, tokens: Tokens) -> None:
    await send(v16, "Failed", {"id_token": await tokens.make()})
    found = await the_list(v16)
    assert (found["status"], found["version_sent"]) == ("failed", None)


@official("TC_043_4_CSMS", "A whole list is sent, each entry with its status, taken and shown")
async def test_tc_043_4_csms_whole_list(v16: Station, tokens: Tokens) -> None:
    group = tokens.unknown()
    good, bad = await tokens.make(), await tokens.make("blocked")
    sent = await send(v16, "Accepted", {"id_token": good, "group_id": group}, {"id_token": bad, "status": "blocked"})
    assert sent["localAuthorizationList"] == [
        {"idTag": good, "idTagInfo": {"status": "Accepted", "parentIdTag": group}},
        {"idTag": bad, "idTagInfo": {"status": "Blocked"}},
    ]
    found = await the_list(v16)
    assert (found["status"], found["version_sent"], found["count"]) == ("in-step", sent["listVersion"], 2)
    await ask(v16, sent["listVersion"])
    assert (await the_list(v16))["status"] == "in-step"
    await ask(v16, sent["listVersion"] + 7)
    assert (await the_list(v16))["status"] == "drifted"


@official("TC_043_5_CSMS", "One token is added to the list and one taken out, each time with a higher version")
async def test_tc_043_5_csms_change_of_the_list(v16: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(), await tokens.make()
    whole = await send(v16, "Accepted", {"id_token": first})
    added = await send(v16, "Accepted", {"id_token": second}, update="differential")
    assert added["localAuthorizationList"] == [{"idTag": second, "idTagInfo": {"status": "Accepted"}}]
    taken_out = await send(v16, "Accepted", {"id_token": first, "remove": True}, update="differential")
    assert taken_out["localAuthorizationList"] == [{"idTag": first}]
    assert 0 < whole["listVersion"] < added["listVersion"] < taken_out["listVersion"]
    found = await the_list(v16)
    assert [item["id_token"] for item in found["entries"]] == [second]
    assert found["version_sent"] == taken_out["listVersion"]


async def test_a_change_of_another_version_is_followed_by_the_whole_list(v16: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(), await tokens.make()
    await send(v16, "Accepted", {"id_token": first})
    status = {"Differential": "VersionMismatch", "Full": "Accepted"}
    answers: dict[str, Any] = {
        "GetLocalListVersion": {"listVersion": 40},
        "SendLocalList": lambda sent: {"status": status[sent["updateType"]]},
    }
    wanted = {"update": "differential", "entries": [{"id_token": second}]}
    done = await v16.command("send-local-list", wanted, answers)
    assert done.record["state"] == "effect_seen"
    whole = done.calls[-1].payload
    assert (whole["updateType"], [item["idTag"] for item in whole["localAuthorizationList"]]) == (
        "Full",
        [first, second],
    )
    assert whole["listVersion"] > 40


@pytest.mark.parametrize("broken", [{"updateType": "Half"}, {"listVersion": "one"}])
async def test_a_list_that_breaks_the_schema_is_not_sent(v16: Station, broken: dict[str, Any]) -> None:
    wanted = {"listVersion": 1, "updateType": "Full"} | broken
    status, problem = await v16.api.refused(f"/stations/{v16.identity}/calls/SendLocalList", wanted)
    assert (status, v16.peer.taken_calls()) == (422, [])
    assert problem["ocpp_code"]
