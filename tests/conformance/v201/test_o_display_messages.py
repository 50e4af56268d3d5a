"""OCPP 2.0.1, block O: display messages."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Commanded, Station, Tokens
from support.payloads import event

official = partial(case, version="2.0.1")
CONTENTS = [{"content": "Closed on Sunday", "language": "en"}]
START, END = "2030-01-01T08:00:00.000Z", "2030-01-02T08:00:00.000Z"


async def show(station: Station, status: str = "Accepted", **more: Any) -> Commanded:
    """Send a message; the station answers with the status."""
    wish = {"contents": CONTENTS, "priority": "NormalCycle", **more}
    done = await station.command("set-display-message", wish, {"SetDisplayMessage": {"status": status}})
    sent = done.call.payload["message"]
    assert sent["message"] == {"format": "UTF8", **CONTENTS[0]}
    assert sent["priority"] == wish["priority"]
    assert done.record["answer"]["message_id"] == sent["id"]
    assert done.record["state"] == ("effect_seen" if status == "Accepted" else "rejected")
    return done


async def shown(station: Station) -> dict[int, dict[str, Any]]:
    """Its messages as the API shows them, by their id on the wire."""
    return {item["message_id"]: item for item in await station.documents("display-messages")}


async def refused(station: Station, status: str, **more: Any) -> dict[str, Any]:
    """The station refuses a message, and that is told and kept; gives the message as sent."""
    done = await show(station, status, **more)
    sent = dict(done.call.payload["message"])
    found = (await shown(station))[sent["id"]]
    assert (done.record["answer"]["status"], found["status"], found["answer"]) == (status, "rejected", status)
    return sent


async def charging(station: Station, tokens: Tokens) -> None:
    await station.call("TransactionEvent", event("Started", "tx-1", 0, token=await tokens.make()))


def info(message_id: int, **more: Any) -> dict[str, Any]:
    content = {"format": "UTF8", "content": "Hello"}
    return {"id": message_id, "priority": "NormalCycle", "message": content, **more}


async def ask(station: Station, status: str = "Accepted", **criteria: Any) -> tuple[Commanded, int]:
    """Ask for messages; gives what was sent and its number."""
    done = await station.command("get-display-messages", criteria, {"GetDisplayMessages": {"status": status}})
    return done, done.call.payload["requestId"]


async def reported(station: Station, sent: dict[str, Any], *messages: dict[str, Any], **criteria: Any) -> None:
    """Ask with criteria, which go out as `sent`; the station reports the messages in as many parts."""
    done, number = await ask(station, **criteria)
    assert done.call.payload == {"requestId": number, **sent}
    assert done.record["state"] == "accepted"
    for message in messages:
        part = {"requestId": number, "messageInfo": [message], "tbc": message is not messages[-1]}
        assert await station.call("NotifyDisplayMessages", part) == {}
    ended = await station.become(done.record, "effect_seen")
    count = len(messages)
    assert ended["effect"] == f"{count} message{'' if count == 1 else 's'} reported"
    found = await shown(station)
    assert all(found[message["id"]]["status"] == "reported" for message in messages)


@official("TC_O_01_CSMS", "A message that belongs to no session is shown")
async def test_tc_o_01_csms_show_a_message(v201: Station) -> None:
    sent = (await show(v201)).call.payload["message"]
    assert "transactionId" not in sent
    found = (await shown(v201))[sent["id"]]
    assert (found["status"], found["contents"][0]["content"]) == ("accepted", "Closed on Sunday")


@official("TC_O_02_CSMS", "A station tells all messages that it has")
async def test_tc_o_02_csms_all_messages(v201: Station) -> None:
    await reported(v201, {}, info(4), info(5))


@official("TC_O_03_CSMS", "A station has no messages to tell")
async def test_tc_o_03_csms_no_messages(v201: Station) -> None:
    done, number = await ask(v201, "Unknown")
    assert done.call.payload == {"requestId": number}
    assert (done.record["state"], done.record["effect"]) == ("effect_seen", "no such messages")
    assert await shown(v201) == {}


@official("TC_O_04_CSMS", "A message is removed")
async def test_tc_o_04_csms_clear(v201: Station) -> None:
    number = (await show(v201)).call.payload["message"]["id"]
    answers = {"ClearDisplayMessage": {"status": "Accepted"}}
    done = await v201.command("clear-display-message", {"message_id": number}, answers)
    assert (done.call.payload, done.record["state"]) == ({"id": number}, "effect_seen")
    assert (await shown(v201))[number]["status"] == "cleared"


@official("TC_O_05_CSMS", "A message that the station does not have cannot be removed")
async def test_tc_o_05_csms_clear_unknown(v201: Station) -> None:
    answers = {"ClearDisplayMessage": {"status": "Unknown"}}
    done = await v201.command("clear-display-message", {"message_id": 77}, answers)
    assert (done.call.payload, done.record["state"]) == ({"id": 77}, "rejected")
    assert done.record["answer"]["status"] == "Unknown"


@official("TC_O_06_CSMS", "A message is shown during one session, and gone with it")
async def test_tc_o_06_csms_of_a_session(v201: Station, tokens: Tokens) -> None:
    await charging(v201, tokens)
    sent = (await show(v201, transaction_id="tx-1", priority="InFront")).call.payload["message"]
    assert sent["transactionId"] == "tx-1"
    await v201.call("TransactionEvent", event("Ended", "tx-1", 1))
    assert (await shown(v201))[sent["id"]]["status"] == "expired"


@official("TC_O_07_CSMS", "A station tells messages by their ids")
async def test_tc_o_07_csms_by_id(v201: Station) -> None:
    await reported(v201, {"id": [4]}, info(4), message_ids=[4])


@official("TC_O_08_CSMS", "A station tells messages of a priority")
async def test_tc_o_08_csms_by_priority(v201: Station) -> None:
    await reported(v201, {"priority": "InFront"}, info(4, priority="InFront"), priority="InFront")


@official("TC_O_09_CSMS", "A station tells messages that it shows in a state")
async def test_tc_o_09_csms_by_state(v201: Station) -> None:
    await reported(v201, {"state": "Faulted"}, info(4, state="Faulted"), state="Faulted")


@official("TC_O_10_CSMS", "A station does not know the session that a message is for")
async def test_tc_o_10_csms_unknown_session(v201: Station, tokens: Tokens) -> None:
    await charging(v201, tokens)
    assert (await refused(v201, "UnknownTransaction", transaction_id="tx-1"))["transactionId"] == "tx-1"


@official("TC_O_11_CSMS", "A station has no message of those that are asked for")
async def test_tc_o_11_csms_none_of_these(v201: Station) -> None:
    done, number = await ask(v201, "Unknown", message_ids=[99], priority="AlwaysFront", state="Idle")
    wanted = {"requestId": number, "id": [99], "priority": "AlwaysFront", "state": "Idle"}
    assert (done.call.payload, done.record["effect"]) == (wanted, "no such messages")


@official("TC_O_12_CSMS", "A message takes the place of the one that has its id")
async def test_tc_o_12_csms_replace(v201: Station) -> None:
    number = (await show(v201)).call.payload["message"]["id"]
    sent = (await show(v201, message_id=number, priority="InFront", end_at=END)).call.payload["message"]
    assert (sent["id"], sent["priority"]) == (number, "InFront")
    found = await shown(v201)
    assert (len(found), found[number]["priority"], found[number]["ends"]) == (1, "InFront", END)


@official("TC_O_13_CSMS", "A message is shown from an instant on")
async def test_tc_o_13_csms_start(v201: Station) -> None:
    sent = (await show(v201, start_at=START)).call.payload["message"]
    assert (sent["startDateTime"], (await shown(v201))[sent["id"]]["starts"]) == (START, START)


@official("TC_O_14_CSMS", "A message is shown until an instant")
async def test_tc_o_14_csms_end(v201: Station) -> None:
    sent = (await show(v201, end_at=END)).call.payload["message"]
    assert (sent["endDateTime"], (await shown(v201))[sent["id"]]["ends"]) == (END, END)


@official("TC_O_17_CSMS", "A station does not support the priority of a message")
async def test_tc_o_17_csms_priority(v201: Station) -> None:
    assert (await refused(v201, "NotSupportedPriority", priority="AlwaysFront"))["priority"] == "AlwaysFront"


@official("TC_O_18_CSMS", "A station does not support the state of a message")
async def test_tc_o_18_csms_state(v201: Station) -> None:
    assert (await refused(v201, "NotSupportedState", state="Idle"))["state"] == "Idle"


@official("TC_O_19_CSMS", "A station does not support the format of a message")
async def test_tc_o_19_csms_format(v201: Station) -> None:
    await refused(v201, "NotSupportedMessageFormat")


@official("TC_O_25_CSMS", "A message is shown in one state of the station only")
@pytest.mark.parametrize("state", ["Charging", "Faulted", "Idle", "Unavailable"])
async def test_tc_o_25_csms_in_a_state(v201: Station, state: str) -> None:
    sent = (await show(v201, state=state)).call.payload["message"]
    assert (sent["state"], (await shown(v201))[sent["id"]]["shown_while"]) == (state, state)


@official("TC_O_26_CSMS", "A station refuses a message")
async def test_tc_o_26_csms_rejected(v201: Station) -> None:
    await refused(v201, "Rejected")


@official("TC_O_27_CSMS", "A message of a session is shown from an instant on")
async def test_tc_o_27_csms_of_a_session_start(v201: Station, tokens: Tokens) -> None:
    await charging(v201, tokens)
    sent = (await show(v201, transaction_id="tx-1", start_at=START)).call.payload["message"]
    assert (sent["transactionId"], sent["startDateTime"]) == ("tx-1", START)


@official("TC_O_28_CSMS", "A message of a session is shown until an instant")
async def test_tc_o_28_csms_of_a_session_end(v201: Station, tokens: Tokens) -> None:
    await charging(v201, tokens)
    sent = (await show(v201, transaction_id="tx-1", end_at=END)).call.payload["message"]
    assert (sent["transactionId"], sent["endDateTime"]) == ("tx-1", END)
