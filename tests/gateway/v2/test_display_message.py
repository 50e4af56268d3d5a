"""Functional block O in OCPP 2.0.1 and 2.1."""

from typing import Any

import pytest
from msgspec import UNSET

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.display_message import (
    ClearDisplayMessage,
    Content,
    DisplayMessage,
    GetDisplayMessages,
    SetDisplayMessage,
)
from voltherd.domain.errors import NoAnswer, NotFound, NotSupportedByVersion, PayloadInvalid
from voltherd.gateway import v2 as package
from voltherd.ocpp.v2 import GetDisplayMessagesRequest, GetDisplayMessagesResponse
from voltherd.ocpp.version import OcppVersion
from voltherd.services.display_messages import DisplayMessages

ACCEPTED = {"status": "Accepted"}
HELLO = [Content(content="Hello", language="en")]


async def show(desk: Desk, status: str = "Accepted", **more: Any) -> Payload:
    """Send a message; gives it as it went over the wire."""
    desk.answer("SetDisplayMessage", {"status": status})
    await desk.perform(SetDisplayMessage(contents=more.pop("contents", HELLO), **more))
    return desk.sent[-1][1]["message"]


def info(message_id: int, **more: Any) -> Payload:
    return {"id": message_id, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}, **more}


async def states(desk: Desk) -> dict[str, str]:
    return {key: message.state for key, message in (await desk.held(DisplayMessage)).items()}


async def starts(desk: Desk) -> None:
    begin = {"eventType": "Started", "timestamp": at(0), "triggerReason": "Authorized", "seqNo": 0}
    await desk.receive("TransactionEvent", {**begin, "transactionInfo": {"transactionId": "tx-1"}, "evse": {"id": 1}})


async def reports(desk: Desk, variable: str, value: str = "", **characteristics: Any) -> None:
    """Let the station report what its display can do."""
    attribute = {"value": value} if value else {}
    data: Payload = {
        "component": {"name": "DisplayMessageCtrlr"},
        "variable": {"name": variable},
        "variableAttribute": [attribute],
        "variableCharacteristics": {"dataType": "MemberList", "supportsMonitoring": False, **characteristics},
    }
    await desk.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": [data]})


async def test_o01_a_message_goes_out_with_an_id_of_ours(v2: Desk) -> None:
    sent = await show(v2, priority="InFront", state="Idle", start_at=at(60), end_at=at(120), evse_id=2)
    assert sent == {
        "id": 1,
        "priority": "InFront",
        "message": {"format": "UTF8", "content": "Hello", "language": "en"},
        "state": "Idle",
        "startDateTime": at(60),
        "endDateTime": at(120),
        "display": {"name": "Display", "evse": {"id": 2}},
    }
    [found] = (await v2.held(DisplayMessage)).values()
    assert (found.state, found.ends_ms, found.evse_no, found.source) == ("accepted", NOON_MS + 120_000, 2, "intended")
    assert (await show(v2))["id"] == 2


async def test_o06_a_message_of_the_same_id_replaces_the_older(v2: Desk) -> None:
    await show(v2, message_id=7)
    await show(v2, message_id=7, contents=[Content(content="Bye")])
    [found] = (await v2.held(DisplayMessage)).values()
    assert (found.message_id, found.contents) == (7, [Content(content="Bye")])


async def test_a_refused_replacement_leaves_the_older_in_place(v2: Desk) -> None:
    await show(v2, message_id=7)
    await show(v2, "Rejected", message_id=7, contents=[Content(content="Bye")])
    [found] = (await v2.held(DisplayMessage)).values()
    assert (found.state, found.contents[0].content, found.reason) == (
        "accepted",
        "Hello",
        "replacing it was answered Rejected",
    )


@pytest.mark.parametrize(
    "status",
    ["NotSupportedMessageFormat", "Rejected", "NotSupportedPriority", "NotSupportedState", "UnknownTransaction"],
)
async def test_a_refusal_is_kept_with_the_stations_word(v2: Desk, status: str) -> None:
    await show(v2, status)
    [found] = (await v2.held(DisplayMessage)).values()
    assert (found.state, found.answer) == ("rejected", status)


async def test_o01_fr_16_the_newest_always_front_takes_the_place_of_the_older(v2: Desk) -> None:
    await show(v2, priority="AlwaysFront")
    await show(v2)
    await show(v2, priority="AlwaysFront")
    assert await states(v2) == {"1": "cleared", "2": "accepted", "3": "accepted"}


async def test_several_languages_are_one_message_in_2_1_only(v2: Desk) -> None:
    contents = [Content(content="Hello", language="en"), Content(content="https://a.example", format="QRCODE")]
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion, match="one content"):
            await show(v2, contents=contents)
        with pytest.raises(NotSupportedByVersion, match="QR"):
            await show(v2, contents=contents[1:])
        assert v2.sent == []
    else:
        assert (await show(v2, contents=contents))["messageExtra"] == [
            {"format": "QRCODE", "content": "https://a.example"}
        ]


@pytest.mark.parametrize(
    ("variable", "value", "wish", "words"),
    [
        ("SupportedPriorities", "NormalCycle,InFront", {"priority": "AlwaysFront"}, "priority AlwaysFront"),
        ("SupportedFormats", "ASCII", {}, "format UTF8"),
        ("SupportedStates", "Charging", {"state": "Idle"}, "state Idle"),
    ],
)
async def test_o01_fr_01_02_03_what_the_station_cannot_show_is_not_sent(
    v2: Desk, variable: str, value: str, wish: dict[str, Any], words: str
) -> None:
    await reports(v2, variable, value)
    with pytest.raises(PayloadInvalid, match=words):
        await show(v2, **wish)
    assert v2.sent == []


async def test_o01_fr_18_a_language_that_the_station_does_not_have_is_not_sent(v2: Desk) -> None:
    await reports(v2, "Language", "de", valuesList="de,nl")
    with pytest.raises(PayloadInvalid, match="language en"):
        await show(v2)


async def test_o01_fr_11_one_message_too_many_is_not_sent(v2: Desk) -> None:
    await reports(v2, "DisplayMessages", "0", maxLimit=1, dataType="integer")
    await show(v2)
    with pytest.raises(PayloadInvalid, match="at most"):
        await show(v2)
    assert (await show(v2, message_id=1))["id"] == 1


async def test_o02_a_message_of_a_transaction_ends_with_it(v2: Desk) -> None:
    with pytest.raises(NotFound):
        await show(v2, transaction_id="tx-1")
    await starts(v2)
    assert (await show(v2, transaction_id="tx-1"))["transactionId"] == "tx-1"
    await show(v2)
    await v2.restart()
    end = {"eventType": "Ended", "timestamp": at(60), "triggerReason": "EVDeparted", "seqNo": 1}
    await v2.receive("TransactionEvent", {**end, "transactionInfo": {"transactionId": "tx-1"}, "evse": {"id": 1}})
    assert await states(v2) == {"1": "expired", "2": "accepted"}


async def test_o03_a_report_of_all_messages_is_put_together_from_its_parts(v2: Desk) -> None:
    await show(v2, message_id=1)
    await show(v2, message_id=2)
    await show(v2, message_id=3, end_at=at(-1))
    command = GetDisplayMessages()
    record = v2.open_command(command)
    v2.answer("GetDisplayMessages", ACCEPTED)
    assert (await v2.perform(command)).accepted
    assert v2.sent[-1] == ("GetDisplayMessages", {"requestId": v2.request_id})
    part = {"requestId": v2.request_id, "messageInfo": [info(2)], "tbc": True}
    assert await v2.receive("NotifyDisplayMessages", part) == {}
    assert record.state == "sent"
    await v2.receive("NotifyDisplayMessages", {"requestId": v2.request_id, "messageInfo": [info(9)]})
    assert (record.state, record.effect) == ("effect_seen", "2 messages reported")
    assert await states(v2) == {"1": "cleared", "2": "reported", "3": "expired", "9": "reported"}
    found = await v2.held(DisplayMessage)
    assert (found["2"].source, found["9"].source) == ("intended", "reported")


async def test_o04_a_report_of_some_messages_says_nothing_of_the_others(v2: Desk) -> None:
    await show(v2, message_id=1)
    command = GetDisplayMessages(message_ids=[2], priority="NormalCycle", state="Idle")
    record = v2.open_command(command)
    v2.answer("GetDisplayMessages", ACCEPTED)
    await v2.perform(command)
    wanted = {"requestId": v2.request_id, "id": [2], "priority": "NormalCycle", "state": "Idle"}
    assert v2.sent[-1] == ("GetDisplayMessages", wanted)
    await v2.receive("NotifyDisplayMessages", {"requestId": v2.request_id, "messageInfo": [info(2)]})
    assert (record.effect, await states(v2)) == ("1 message reported", {"1": "accepted", "2": "reported"})


async def test_o03_a_station_without_messages_has_answered_with_that(v2: Desk) -> None:
    await show(v2)
    command = GetDisplayMessages()
    record = v2.open_command(command)
    v2.answer("GetDisplayMessages", {"status": "Unknown"})
    await v2.perform(command)
    assert (record.state, record.effect) == ("effect_seen", "no such messages")
    assert await states(v2) == {"1": "cleared"}


async def test_a_report_that_nobody_asked_for_is_kept(v2: Desk) -> None:
    assert (
        await v2.receive("NotifyDisplayMessages", {"requestId": 77, "messageInfo": [info(4, transactionId="t")]}) == {}
    )
    assert await states(v2) == {"4": "reported"}


@pytest.mark.parametrize(
    ("status", "accepted", "state"), [("Accepted", True, "cleared"), ("Unknown", False, "cleared")]
)
async def test_o05_a_message_is_cleared(v2: Desk, status: str, accepted: bool, state: str) -> None:
    await show(v2)
    v2.answer("ClearDisplayMessage", {"status": status})
    found = await v2.perform(ClearDisplayMessage(message_id=1))
    assert v2.sent[-1] == ("ClearDisplayMessage", {"id": 1})
    assert (found.accepted, await states(v2)) == (accepted, {"1": state})


async def test_what_makes_no_message_is_not_sent(v2: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="contents"):
        await show(v2, contents=[])
    with pytest.raises(PayloadInvalid, match="end_at"):
        await show(v2, end_at="soon")
    assert v2.sent == []


def test_what_is_handled_is_not_kept_as_a_frame_besides() -> None:
    assert "NotifyDisplayMessages" not in package.KEPT_NOTIFICATIONS


@pytest.mark.parametrize("in_memory", [True, False])
async def test_o01_fr_07_a_message_expires_by_our_clock_also_after_a_restart(v2: Desk, in_memory: bool) -> None:
    await show(v2, end_at=at(-1))
    await show(v2, end_at=at(600))
    await show(v2)
    if not in_memory:
        v2.services = v2.services._replace(display_messages=DisplayMessages(v2.services.display_messages._needs))
    await v2.services.display_messages.expire(lambda _: v2.state if in_memory else None)
    assert await states(v2) == {"1": "expired", "2": "accepted", "3": "accepted"}


async def test_o03_a_report_that_comes_before_the_answer_to_its_command_was_looked_at_clears_what_it_lacks(
    v2: Desk,
) -> None:
    await show(v2, message_id=1)
    record = v2.open_command(GetDisplayMessages())
    v2.answer("GetDisplayMessages", NoAnswer("not yet"))
    with pytest.raises(NoAnswer):
        await v2.perform(GetDisplayMessages())
    await v2.receive("NotifyDisplayMessages", {"requestId": v2.request_id, "messageInfo": [info(2)]})
    assert (record.state, await states(v2)) == ("effect_seen", {"1": "cleared", "2": "reported"})
    await show(v2, message_id=3)
    await v2.learn(GetDisplayMessagesRequest(request_id=v2.request_id), GetDisplayMessagesResponse(status="Accepted"))
    assert await states(v2) == {"1": "cleared", "2": "reported", "3": "accepted"}


@pytest.mark.parametrize(
    ("answered_after_s", "ids", "state"), [(1, UNSET, "cleared"), (61, UNSET, "accepted"), (1, [2], "accepted")]
)
async def test_o03_a_report_that_was_faster_than_the_answer_to_a_raw_call_counts_when_that_comes(
    v2: Desk, answered_after_s: int, ids: Any, state: str
) -> None:
    await show(v2, message_id=1)
    await v2.receive("NotifyDisplayMessages", {"requestId": 5, "messageInfo": [info(2)]})
    v2.now_ms += answered_after_s * 1000
    answer = GetDisplayMessagesResponse(status="Accepted")
    await v2.learn(GetDisplayMessagesRequest(request_id=5, id=ids), answer)
    assert await states(v2) == {"1": state, "2": "reported"}
    await v2.receive("NotifyDisplayMessages", {"requestId": 5, "messageInfo": [info(3)], "tbc": True})
