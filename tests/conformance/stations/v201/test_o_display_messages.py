"""OCPP 2.0.1, block O: messages on the display; and block I: what it says of costs."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, connector, fresh, rebooted

official = partial(case, version="2.0.1")


def message(text: str = "Hello", priority: str = "NormalCycle", **fields: Any) -> dict[str, Any]:
    """A message."""
    content = {"format": "UTF8", "content": text}
    return {"id": fresh(), "priority": priority, "message": content} | fields


async def show(csms: Csms, one: dict[str, Any], status: str = "Accepted") -> int:
    """Set a message; gives its id."""
    assert (await csms.call("SetDisplayMessage", message=one))["status"] == status
    return int(one["id"])


async def messages(csms: Csms, status: str = "Accepted", **fields: Any) -> list[dict[str, Any]]:
    """Ask for messages."""
    request_id = fresh()
    answer = await csms.call("GetDisplayMessages", {"requestId": request_id} | fields)
    assert answer["status"] == status, answer
    found: list[dict[str, Any]] = []
    while status == "Accepted":
        part = await csms.expect("NotifyDisplayMessages", requestId=request_id)
        found += part.get("messageInfo", [])
        if not part.get("tbc", False):
            break
    return found


def ids(found: list[dict[str, Any]]) -> set[int]:
    """Their ids."""
    return {one["id"] for one in found}


def same(found: dict[str, Any], sent: dict[str, Any]) -> None:
    """What was told is what was sent."""
    assert (found["id"], found["priority"]) == (sent["id"], sent["priority"])
    assert found["message"]["content"] == sent["message"]["content"]
    assert found["message"]["format"] == sent["message"]["format"]


@official("TC_O_01_CS", "A message is shown and told")
async def test_tc_o_01_cs_shown(csms: Csms, station: Hand) -> None:
    sent = message("Welcome")
    await show(csms, sent)
    [found] = await messages(csms, id=[sent["id"]])
    same(found, sent)
    assert "Welcome" in station.shown()


@official("TC_O_02_CS", "All messages are told")
async def test_tc_o_02_cs_all(csms: Csms, station: Hand) -> None:
    sent = {await show(csms, message(f"Number {number}")) for number in range(7)}
    assert ids(await messages(csms)) == sent


@pytest.mark.parametrize(
    "by_id",
    [
        pytest.param(False, marks=official("TC_O_03_CS", "Without messages, none are told"), id="TC_O_03_CS"),
        pytest.param(True, marks=official("TC_O_33_CS", "Without messages, none is told by id"), id="TC_O_33_CS"),
    ],
)
async def test_no_messages(csms: Csms, station: Hand, by_id: bool) -> None:
    await messages(csms, "Unknown", **({"id": [fresh()]} if by_id else {}))


@official("TC_O_04_CS", "A message is cleared")
async def test_tc_o_04_cs_cleared(csms: Csms, station: Hand) -> None:
    number = await show(csms, message())
    assert (await csms.call("ClearDisplayMessage", id=number))["status"] == "Accepted"
    await messages(csms, "Unknown", id=[number])
    assert "Hello" not in station.shown()


@official("TC_O_05_CS", "A message that there is not cannot be cleared")
async def test_tc_o_05_cs_unknown(csms: Csms, station: Hand) -> None:
    assert (await csms.call("ClearDisplayMessage", id=fresh()))["status"] == "Unknown"


@official("TC_O_06_CS", "A message of a transaction ends with it")
async def test_tc_o_06_cs_of_a_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    number = await show(csms, message(transactionId=session.id))
    assert "Hello" in station.shown(1)
    await session.done()
    await messages(csms, "Unknown", id=[number])
    assert "Hello" not in station.shown(1)


@official("TC_O_10_CS", "A message of a transaction that there is not is refused")
async def test_tc_o_10_cs_unknown_transaction(csms: Csms, station: Hand) -> None:
    await show(csms, message(transactionId="no-such-transaction"), "UnknownTransaction")


@official("TC_O_07_CS", "Told by id")
async def test_tc_o_07_cs_by_id(csms: Csms, station: Hand) -> None:
    await show(csms, message())
    number = await show(csms, message())
    assert ids(await messages(csms, id=[number])) == {number}


@official("TC_O_08_CS", "Told by priority")
async def test_tc_o_08_cs_by_priority(csms: Csms, station: Hand) -> None:
    await show(csms, message())
    number = await show(csms, message(priority="InFront"))
    assert ids(await messages(csms, priority="InFront")) == {number}


@official("TC_O_09_CS", "Told by state")
async def test_tc_o_09_cs_by_state(csms: Csms, station: Hand) -> None:
    await show(csms, message(state="Idle"))
    number = await show(csms, message(state="Charging"))
    assert ids(await messages(csms, state="Charging")) == {number}


@pytest.mark.parametrize(
    "criteria",
    [
        pytest.param({"other": True}, marks=official("TC_O_11_CS", "Asked for by another id: none"), id="TC_O_11_CS"),
        pytest.param(
            {"state": "Charging"},
            marks=official("TC_O_34_CS", "Asked for by its id and another state: none"),
            id="TC_O_34_CS",
        ),
        pytest.param(
            {"priority": "InFront"},
            marks=official("TC_O_35_CS", "Asked for by its id and another priority: none"),
            id="TC_O_35_CS",
        ),
    ],
)
async def test_none_that_fits(csms: Csms, station: Hand, criteria: dict[str, Any]) -> None:
    number = await show(csms, message(state="Idle"))
    rest = {name: value for name, value in criteria.items() if name != "other"}
    await messages(csms, "Unknown", id=[number + 1000 if "other" in criteria else number], **rest)


@official("TC_O_12_CS", "A message of the same id takes the place of the first")
async def test_tc_o_12_cs_replaced(csms: Csms, station: Hand) -> None:
    number = await show(csms, message("First"))
    await show(csms, message("Second", id=number))
    [found] = await messages(csms, id=[number])
    assert found["message"]["content"] == "Second"
    assert "Second" in station.shown()
    assert "First" not in station.shown()


@official("TC_O_13_CS", "A message is shown from its time on")
async def test_tc_o_13_cs_starts_later(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(startDateTime=station.time(60)))
    [found] = await messages(csms, id=[number])
    assert found["startDateTime"]
    assert "Hello" not in station.shown()
    await station.pass_time(65)
    assert "Hello" in station.shown()


@official("TC_O_14_CS", "A message is shown until its time, and is gone then")
async def test_tc_o_14_cs_ends(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(endDateTime=station.time(60)))
    [found] = await messages(csms, id=[number])
    assert found["endDateTime"]
    assert "Hello" in station.shown()
    await station.pass_time(65)
    await messages(csms, "Unknown", id=[number])
    assert "Hello" not in station.shown()


@official("TC_O_15_CS", "A message is taken for a driver with a language of his own")
async def test_tc_o_15_cs_language(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.authorized(language1="nl")
    await session.energy()
    one = message()
    one["message"] |= {"content": "Welkom", "language": "nl"}
    await show(csms, one)
    assert "Welkom" in station.shown(1)


@official("TC_O_19_CS", "A format that the display lacks is refused")
async def test_tc_o_19_cs_format(csms: Csms, station: Hand) -> None:
    one = message()
    one["message"]["format"] = "HTML"
    await show(csms, one, "NotSupportedMessageFormat")


@official("TC_O_20_CS", "A message outlives a restart")
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_tc_o_20_cs_outlives_a_restart(csms: Csms, station: Hand, restart: str) -> None:
    sent = message()
    await show(csms, sent)
    if restart == "reset":
        assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    [found] = await messages(csms, id=[sent["id"]])
    same(found, sent)


async def _two(csms: Csms, station: Hand, priority: str, **fields: Any) -> tuple[int, int]:
    return (
        await show(csms, message("First", priority, **fields)),
        await show(csms, message("Second", priority, **fields)),
    )


@official("TC_O_22_CS", "Several messages in front are shown in turn")
async def test_tc_o_22_cs_in_front(csms: Csms, station: Hand) -> None:
    first, second = await _two(csms, station, "InFront")
    assert ids(await messages(csms, id=[first])) == {first}
    assert ids(await messages(csms, id=[second])) == {second}


@official("TC_O_24_CS", "A second message that always stands in front takes the place of the first")
async def test_tc_o_24_cs_always_in_front(csms: Csms, station: Hand) -> None:
    first, second = await _two(csms, station, "AlwaysFront")
    await messages(csms, "Unknown", id=[first])
    assert ids(await messages(csms, id=[second])) == {second}
    assert "Second" in station.shown()


@official("TC_O_27_CS", "A message of a transaction is shown from its time on, and ends with it")
async def test_tc_o_27_cs_of_a_transaction_later(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    number = await show(csms, message(transactionId=session.id, startDateTime=station.time(60)))
    assert "Hello" not in station.shown(1)
    await station.pass_time(65)
    assert "Hello" in station.shown(1)
    await session.done()
    await messages(csms, "Unknown", id=[number])


@official("TC_O_28_CS", "A message of a transaction is gone after its time")
async def test_tc_o_28_cs_of_a_transaction_until(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    number = await show(csms, message(transactionId=session.id, endDateTime=station.time(60)))
    assert "Hello" in station.shown(1)
    await station.pass_time(65)
    await messages(csms, "Unknown", id=[number])
    assert "Hello" not in station.shown(1)


@official("TC_O_30_CS", "Several messages of a transaction in front are shown, and end with it")
async def test_tc_o_30_cs_of_a_transaction_in_front(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    first, second = await _two(csms, station, "InFront", transactionId=session.id)
    for number, text in ((first, "First"), (second, "Second")):
        [found] = await messages(csms, id=[number])
        assert (found["transactionId"], found["priority"]) == (session.id, "InFront")
        assert found["message"]["content"] == text
    await session.done()
    await messages(csms, "Unknown", id=[first])
    await messages(csms, "Unknown", id=[second])


@official("TC_O_32_CS", "Of two messages of a transaction that always stand in front the second stays")
async def test_tc_o_32_cs_of_a_transaction_always_in_front(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    first, second = await _two(csms, station, "AlwaysFront", transactionId=session.id)
    await messages(csms, "Unknown", id=[first])
    [found] = await messages(csms, id=[second])
    assert (found["transactionId"], found["message"]["content"]) == (session.id, "Second")
    await session.done()
    await messages(csms, "Unknown", id=[second])


@official("TC_O_36_CS", "A message for the state Charging is shown while a vehicle is charged")
async def test_tc_o_36_cs_state_charging(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(state="Charging"))
    assert "Hello" not in station.shown(1)
    session = Session(csms, station)
    await session.charging()
    assert "Hello" in station.shown(1)
    await session.done()
    assert "Hello" not in station.shown(1)
    [found] = await messages(csms, id=[number])
    assert found["state"] == "Charging"


@official("TC_O_37_CS", "A message for the state Idle is shown while nobody charges")
async def test_tc_o_37_cs_state_idle(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(state="Idle"))
    assert "Hello" in station.shown(1)
    session = Session(csms, station)
    await session.charging()
    assert "Hello" not in station.shown(1)
    await session.done()
    assert "Hello" in station.shown(1)
    [found] = await messages(csms, id=[number])
    assert found["state"] == "Idle"


@official("TC_O_38_CS", "A message for the state Unavailable is shown while the station is out of service")
async def test_tc_o_38_cs_state_unavailable(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(state="Unavailable"))
    assert "Hello" not in station.shown()
    for status, shown in (("Inoperative", True), ("Operative", False)):
        assert (await csms.call("ChangeAvailability", operationalStatus=status))["status"] == "Accepted"
        await connector(csms, "Unavailable" if shown else "Available")
        assert ("Hello" in station.shown()) is shown
    [found] = await messages(csms, id=[number])
    assert found["state"] == "Unavailable"


@official("TC_O_39_CS", "A message for the state Faulted is shown while the station is broken")
async def test_tc_o_39_cs_state_faulted(csms: Csms, station: Hand) -> None:
    number = await show(csms, message(state="Faulted"))
    assert "Hello" not in station.shown(1)
    station.fault()
    assert "Hello" in station.shown(1)
    station.repair()
    assert "Hello" not in station.shown(1)
    [found] = await messages(csms, id=[number])
    assert found["state"] == "Faulted"


@official("TC_I_02_CS", "What a session cost in the end is shown")
async def test_tc_i_02_cs_total_cost(csms: Csms, station: Hand) -> None:
    csms.answers["TransactionEvent"] = lambda event: (
        ({"idTokenInfo": {"status": "Accepted"}} if "idToken" in event else {})
        | ({"totalCost": 12.34} if event["eventType"] == "Ended" else {})
    )
    session = Session(csms, station)
    await session.charging()
    await session.stopped()
    await csms.settle()
    assert "12.34" in station.shown(1)


@official("TC_I_07_CS", "What a session costs by now is shown")
async def test_tc_i_07_cs_running_cost(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    for cost in (1.25, 2.5):
        await csms.call("CostUpdated", totalCost=cost, transactionId=session.id)
        assert f"{cost:.2f}" in station.shown(1)
