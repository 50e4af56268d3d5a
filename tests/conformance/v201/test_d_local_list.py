"""OCPP 2.0.1, block D: local authorisation lists."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import MakeStation, Station, Tokens

official = partial(case, version="2.0.1")
ACCEPTED = {"status": "Accepted"}


async def send(station: Station, body: dict[str, Any], *, has: int = 1) -> dict[str, Any]:
    """Send a list by command to a station that has a version; gives what it was sent last."""
    answers: dict[str, Any] = {"SendLocalList": ACCEPTED, "GetLocalListVersion": {"versionNumber": has}}
    done = await station.command("send-local-list", body, answers=answers)
    assert done.record["state"] == "effect_seen"
    call = done.calls[-1]
    assert call.action == "SendLocalList"
    return call.payload


async def shown(station: Station) -> dict[str, Any]:
    """The station's list as the API shows it."""
    [found] = await station.api.items(f"/stations/{station.identity}/local-lists")
    return dict(found)


@official("TC_D_01_CSMS", "A whole list is sent, with a version above the station's")
async def test_tc_d_01_csms_full_list(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    sent = await send(v201, {"update": "full", "entries": [{"id_token": token, "group_id": "D01"}]})
    assert (sent["updateType"], sent["versionNumber"]) == ("Full", 2)
    group = {"idToken": "D01", "type": "Central"}
    entry = {
        "idToken": {"idToken": token, "type": "ISO14443"},
        "idTokenInfo": {"status": "Accepted", "groupIdToken": group},
    }
    assert sent["localAuthorizationList"] == [entry]
    found = await shown(v201)
    assert (found["status"], found["version_sent"], found["count"]) == ("in-step", 2, 1)


async def test_a_list_is_made_of_all_tokens_that_are_accepted(v201: Station, tokens: Tokens) -> None:
    good, bad = await tokens.make(), await tokens.make("blocked")
    sent = await send(v201, {})
    listed = {item["idToken"]["idToken"] for item in sent["localAuthorizationList"]}
    assert good in listed
    assert bad not in listed


@official("TC_D_02_CSMS", "Tokens are added to the list that the station has")
async def test_tc_d_02_csms_differential_update(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    sent = await send(v201, {"update": "differential", "entries": [{"id_token": token}]}, has=7)
    assert (sent["updateType"], sent["versionNumber"]) == ("Differential", 8)
    assert [item["idToken"]["idToken"] for item in sent["localAuthorizationList"]] == [token]


@official("TC_D_03_CSMS", "Tokens are taken out of the list: they come without information")
async def test_tc_d_03_csms_differential_removal(v201: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(), await tokens.make()
    await send(v201, {"entries": [{"id_token": first}, {"id_token": second}]})
    sent = await send(v201, {"update": "differential", "entries": [{"id_token": first, "remove": True}]})
    assert (sent["updateType"], sent["versionNumber"]) == ("Differential", 3)
    assert sent["localAuthorizationList"] == [{"idToken": {"idToken": first, "type": "ISO14443"}}]
    assert [entry["id_token"] for entry in (await shown(v201))["entries"]] == [second]


@official("TC_D_04_CSMS", "A list is emptied by a whole list without tokens")
async def test_tc_d_04_csms_empty_full_list(v201: Station) -> None:
    sent = await send(v201, {"update": "full", "entries": []})
    assert sent == {"updateType": "Full", "versionNumber": 2}
    assert (await shown(v201))["count"] == 0


@official("TC_D_08_CSMS", "The version of the list is read")
async def test_tc_d_08_csms_version(v201: Station) -> None:
    done = await v201.command("get-local-list-version", answers={"GetLocalListVersion": {"versionNumber": 5}})
    assert (done.call.action, done.call.payload) == ("GetLocalListVersion", {})
    assert done.record["answer"]["versionNumber"] == 5
    assert (await shown(v201))["version_reported"] == 5


@official("TC_D_09_CSMS", "A station without a list tells version 0")
async def test_tc_d_09_csms_no_list(v201: Station) -> None:
    done = await v201.command("get-local-list-version", answers={"GetLocalListVersion": {"versionNumber": 0}})
    assert done.record["state"] == "effect_seen"
    found = await shown(v201)
    assert (found["version_reported"], found["status"]) == (0, "unknown")


async def test_lists_follow_our_tokens_where_the_setting_says_so(make_station: MakeStation, tokens: Tokens) -> None:
    station = await make_station("2.0.1")
    station.answers |= {"SendLocalList": ACCEPTED, "GetLocalListVersion": {"versionNumber": 0}}
    first = await tokens.make()
    await station.api.put("/settings/local_lists", keep_in_step=True, max_entries=100_000)
    try:
        await listed(station, first)
        second = await tokens.make()
        await listed(station, second)
        assert (await shown(station))["status"] == "in-step"
    finally:
        await station.api.put("/settings/local_lists", keep_in_step=False)


async def listed(station: Station, token: str) -> None:
    """Wait until the station's list holds a token."""

    def holds(page: Any) -> bool:
        found = page["items"][0] if page["items"] else {"entries": [], "tokens_digest": ""}
        return token in {entry["id_token"] for entry in found["entries"]} and found["tokens_digest"] != ""

    await station.api.until(f"/stations/{station.identity}/local-lists", holds)
