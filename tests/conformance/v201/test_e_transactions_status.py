"""OCPP 2.0.1, block E: what became of a transaction, and messages that still wait at the station (E14)."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.sessions import Session, reading, report, sampled
from conformance.station import Commanded, Station, Tokens

official = partial(case, version="2.0.1")
ACTION = "GetTransactionStatus"


async def charged(station: Station, tokens: Tokens) -> Session:
    """A session that takes energy."""
    session = Session(station, await tokens.make())
    await session.charging()
    return session


async def ask(station: Station, session: Session | None, *, waiting: bool, ongoing: bool | None) -> Commanded:
    """Ask for the status by command; the station answers so, and the API tells the answer as it came."""
    answer: dict[str, Any] = {"messagesInQueue": waiting}
    if ongoing is not None:
        answer["ongoingIndicator"] = ongoing
    body = {} if session is None else {"transaction_id": session.id}
    done = await station.command("get-transaction-status", body, answers={ACTION: answer})
    assert done.call.action == ACTION
    assert done.call.payload == ({} if session is None else {"transactionId": session.id})
    assert done.record["state"] == "effect_seen"
    word = {True: "Ongoing", False: "Ended", None: "Unknown"}[ongoing]
    assert done.record["answer"] == {"status": word, **answer}
    return done


async def deliver_waiting(session: Session) -> None:
    """Send the event with meter values that had to wait, which is then recorded as such."""
    value = reading(sampled(2500))
    assert await session.send("MeterValuePeriodic", offline=True, meterValue=[value]) == {}
    [kept] = await session.values(context="Sample.Periodic")
    assert (kept["value"], kept["timestamp"][:19]) == (2500, value["timestamp"][:19])
    found = await session.shown()
    assert (found["active"], found["offline"], found["meter_last_wh"]) == (True, True, 2500)


@official("TC_E_29_CSMS", "A session goes on and messages of it wait: asked by id, and they come")
async def test_tc_e_29_csms_ongoing_with_messages(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await v201.reconnect()
    await ask(v201, session, waiting=True, ongoing=True)
    await deliver_waiting(session)


@official("TC_E_30_CSMS", "A session goes on and nothing of it waits: asked by id, and it stays open")
async def test_tc_e_30_csms_ongoing_without_messages(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    before = await session.shown()
    await ask(v201, session, waiting=False, ongoing=True)
    assert await session.shown() == before


@official("TC_E_31_CSMS", "An end made offline lacks two events: the server asks by itself, and they fill the gap")
async def test_tc_e_31_csms_ended_with_messages(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await v201.reconnect()
    await report(v201, "Available")
    v201.answers[ACTION] = {"ongoingIndicator": False, "messagesInQueue": True}
    missing = [session.seq_no, session.seq_no + 1]
    await session.send("EVCommunicationLost", "Ended", seq_no=missing[1] + 1, state="Idle", offline=True)
    found = await session.shown()
    assert (found["active"], found["seq_gaps"], found["charging_state"]) == (False, missing, "Idle")

    call = await v201.peer.next_call()
    assert (call.action, call.payload) == (ACTION, {"transactionId": session.id})
    [record] = [item for item in await v201.commands() if item["name"] == "get-transaction-status"]
    assert record["requested_by"].startswith("rule: ")
    await v201.become(record, "effect_seen")
    assert (await session.shown())["flags"] == [], "messages wait, so nothing is lost"

    await session.send("StopAuthorized", "Updated", seq_no=missing[0], offline=True)
    assert (await session.shown())["seq_gaps"] == missing[1:]
    await session.send("ChargingStateChanged", "Updated", seq_no=missing[1], state="EVConnected", offline=True)
    after = await session.shown()
    assert (after["active"], after["seq_gaps"], after["flags"]) == (False, [], [])
    assert after["charging_state"] == "Idle", "what comes late is not the last that was"
    assert [item["seq_no"] for item in await session.events()] == list(range(missing[1] + 2))


@official("TC_E_33_CSMS", "Messages of some session wait: asked without an id, and they come")
async def test_tc_e_33_csms_any_messages(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await v201.reconnect()
    await ask(v201, None, waiting=True, ongoing=None)
    await deliver_waiting(session)


@official("TC_E_34_CSMS", "No messages of any session wait: asked without an id")
async def test_tc_e_34_csms_no_messages(v201: Station) -> None:
    await ask(v201, None, waiting=False, ongoing=None)
    assert await v201.transactions() == []


# -- what follows from the answer ---------------------------------------------------------------------------------


async def test_e14_events_that_nobody_has_any_more_are_told_as_lost(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    v201.answers[ACTION] = {"ongoingIndicator": False, "messagesInQueue": False}
    await session.send("StopAuthorized", "Ended", seq_no=session.seq_no + 1, offline=True)
    call = await v201.peer.next_call()
    assert call.payload == {"transactionId": session.id}
    await v201.api.until(
        f"/transactions/{(await session.shown())['id']}", lambda found: found["flags"] == ["messages-lost"]
    )
    assert (await session.shown())["seq_gaps"] == [session.seq_no - 2]


async def test_e14_a_session_that_the_station_does_not_have_any_more_is_closed_by_conclusion(
    v201: Station, tokens: Tokens
) -> None:
    session = await charged(v201, tokens)
    await ask(v201, session, waiting=False, ongoing=False)
    found = await session.shown()
    assert (found["active"], found["inferred"], found["meter_stop_wh"]) == (False, True, None)
    assert found["close_reason"] is not None


async def test_e14_an_end_that_lacks_nothing_asks_nothing(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await session.disconnected(offline=True)
    done = await ask(v201, None, waiting=False, ongoing=None)
    assert [item["command_id"] for item in await v201.commands()] == [done.record["command_id"]]
