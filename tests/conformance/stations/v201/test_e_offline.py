"""OCPP 2.0.1, block E: the status of transactions, the time offline, and messages that find no answer."""

from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms, Error
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, TOKEN, Session, configure

official = partial(case, version="2.0.1")


async def status(csms: Csms, transaction_id: str | None = None) -> tuple[bool | None, bool]:
    """Ask for the status: whether it goes on (None: not said), and whether messages wait."""
    fields = {} if transaction_id is None else {"transactionId": transaction_id}
    answer = await csms.call("GetTransactionStatus", fields)
    return answer.get("ongoingIndicator"), answer["messagesInQueue"]


@official("TC_E_28_CS", "A transaction that there is not neither goes on nor has messages waiting")
async def test_tc_e_28_cs_unknown(csms: Csms, station: Hand) -> None:
    assert await status(csms, "no-such-transaction") == (False, False)


@official("TC_E_30_CS", "A running transaction goes on")
async def test_tc_e_30_cs_running(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await csms.settle()
    assert await status(csms, session.id) == (True, False)


@official("TC_E_32_CS", "A transaction that ended does not go on")
async def test_tc_e_32_cs_ended(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    name = session.id
    await session.done()
    assert await status(csms, name) == (False, False)


@official("TC_E_34_CS", "Without a transaction only the queue is told; it is empty")
async def test_tc_e_34_cs_nothing_waits(csms: Csms, station: Hand) -> None:
    assert await status(csms) == (None, False)


async def _metered_offline(csms: Csms, station: Hand) -> Session:
    """Charge, and be offline while three meter readings are due; their answers are held back afterwards."""
    await configure(csms, SampledDataCtrlr__TxUpdatedInterval=60, OCPPCommCtrlr__OfflineThreshold=600)
    session = Session(csms, station)
    await session.charging()
    await csms.settle()
    csms.forget()
    await station.cut_off()
    await station.pass_time(200)
    return session


def _all_offline(events: list[Came]) -> None:
    assert events
    for event in events:
        assert event.get("offline") is True, str(event)


async def _hold_back(csms: Csms, station: Hand) -> None:
    csms.answers["TransactionEvent"] = None
    await station.back_online()


@official("TC_E_29_CS", "A running transaction with messages that wait says both")
async def test_tc_e_29_cs_running_and_waiting(csms: Csms, station: Hand) -> None:
    session = await _metered_offline(csms, station)
    await _hold_back(csms, station)
    assert await status(csms, session.id) == (True, True)
    await session.event(eventType="Updated", offline=True, meterValue=...)


@official("TC_E_33_CS", "Without a transaction only the queue is told; something waits")
async def test_tc_e_33_cs_something_waits(csms: Csms, station: Hand) -> None:
    session = await _metered_offline(csms, station)
    await _hold_back(csms, station)
    assert await status(csms) == (None, True)
    await session.event(eventType="Updated", offline=True, meterValue=...)


@official("TC_E_31_CS", "A transaction that ended offline does not go on, and its messages wait")
async def test_tc_e_31_cs_ended_and_waiting(csms: Csms, station: Hand) -> None:
    session = await _metered_offline(csms, station)
    station.present(TOKEN)
    station.unplug()
    await _hold_back(csms, station)
    assert await status(csms, session.id) == (False, True)
    del csms.answers["TransactionEvent"]
    await station.meanwhile(session.ended(offline=True))
    await csms.settle()
    assert await status(csms, session.id) == (False, False)


@official("TC_E_40_CS", "Meter readings of the time offline come when the line is back")
async def test_tc_e_40_cs_readings_come_later(csms: Csms, station: Hand) -> None:
    session = await _metered_offline(csms, station)
    await station.back_online()
    late = [event for event in session.events() if not event.taken]
    _all_offline(late)
    assert len(late) == 3
    assert all(event["eventType"] == "Updated" and event["meterValue"] for event in late)


@official("TC_E_43_CS", "A whole session offline comes when the line is back")
async def test_tc_e_43_cs_whole_session_offline(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__OfflineTxForUnknownIdEnabled=True)
    await station.cut_off()
    station.plug()
    station.present(TOKEN)
    await station.pass_time(120)
    station.present(TOKEN)
    station.unplug()
    await station.back_online()
    events = [c for c in csms.calls if c.action == "TransactionEvent"]
    _all_offline(events)
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    assert (events[0]["eventType"], events[-1]["eventType"]) == ("Started", "Ended")


async def _stopped_offline(csms: Csms, station: Hand, session: Session, token: str) -> None:
    await csms.settle()
    csms.forget()
    await station.cut_off()
    station.present(token)
    await station.pass_time(5)
    station.unplug()
    await station.pass_time(5)
    await station.back_online()
    late = [event for event in session.events() if not event.taken]
    _all_offline(late)
    assert any(event["eventType"] == "Ended" for event in late)


@official("TC_E_44_CS", "A session that a card ends offline is told when the line is back")
async def test_tc_e_44_cs_stopped_offline(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await _stopped_offline(csms, station, session, TOKEN)


@official("TC_E_45_CS", "Another card of the same group ends a session offline")
async def test_tc_e_45_cs_stopped_offline_by_the_group(csms: Csms, station: Hand) -> None:
    group = {"groupIdToken": {"idToken": "GROUP-1", "type": "Central"}}
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"} | group}
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Accepted"} | group} if "idToken" in event else {}
    )
    await configure(csms, AuthCacheCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    known = Session(csms, station, evse_id=2, token=OTHER)
    await known.presented()
    await station.pass_time(120)
    session = Session(csms, station)
    await session.plugged()
    await session.presented()
    await session.energy()
    await _stopped_offline(csms, station, session, OTHER)
    [ended] = [event for event in session.events() if event["eventType"] == "Ended"]
    assert ended.get("idToken", {}).get("idToken", OTHER) == OTHER


def _failing(failures: int, how: str) -> Any:
    """Answer the first event of energy so many times with nothing, or with an error, then well."""
    left = [failures]

    def answer(event: dict[str, Any]) -> dict[str, Any] | None:
        if event["eventType"] != "Started" and left[0] > 0:
            left[0] -= 1
            if how == "error":
                raise Error("InternalError", "on purpose")
            return None
        return {"idTokenInfo": {"status": "Accepted"}} if "idToken" in event else {}

    return answer


async def _tries(csms: Csms, station: Hand, failures: int, how: str) -> list[float]:
    """Let an event fail so often; gives when it was sent."""
    await configure(
        csms,
        OCPPCommCtrlr__MessageAttempts__TransactionEvent=3,
        OCPPCommCtrlr__MessageAttemptInterval__TransactionEvent=10,
        TxCtrlr__TxStartPoint="Authorized",
        SampledDataCtrlr__TxUpdatedInterval=0,
    )
    csms.answers["TransactionEvent"] = _failing(failures, how)
    session = Session(csms, station)
    await session.authorized()
    await session.event(eventType="Started")
    station.plug()
    await station.pass_time(400)
    failed = next(event for event in session.events() if event["eventType"] != "Started")
    return [event.at for event in session.events() if event["seqNo"] == failed["seqNo"]]


def _apart(times: list[float], interval: float, timeout: float) -> None:
    for number, (before, after) in enumerate(pairwise(times), start=1):
        wait = after - before
        assert interval * number + timeout - 0.5 <= wait <= interval * number + timeout + 4, (number, wait)


@pytest.mark.parametrize(
    ("how", "failures", "tries"),
    [
        pytest.param(
            "silence",
            99,
            3,
            marks=official("TC_E_41_CS", "An event that finds no answer is sent as often as set, ever more slowly"),
            id="TC_E_41_CS",
        ),
        pytest.param(
            "error",
            99,
            3,
            marks=official("TC_E_50_CS", "An event answered with errors is sent as often as set, ever more slowly"),
            id="TC_E_50_CS",
        ),
        pytest.param(
            "silence",
            1,
            2,
            marks=official("TC_E_42_CS", "An event that finds an answer the second time is not sent again"),
            id="TC_E_42_CS",
        ),
        pytest.param(
            "error",
            1,
            2,
            marks=official("TC_E_51_CS", "An event answered well after an error is not sent again"),
            id="TC_E_51_CS",
        ),
    ],
)
async def test_failing_events(csms: Csms, station: Hand, how: str, failures: int, tries: int) -> None:
    times = await _tries(csms, station, failures, how)
    assert len(times) == tries
    _apart(times, 10, 30 if how == "silence" else 0)
