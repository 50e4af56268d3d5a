"""OCPP 2.1, block N: periodic event streams."""

from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session

ours = partial(case, version="2.1")
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
EVERY_S = 2


async def _monitor(csms: Csms, **more: Any) -> dict[str, Any]:
    data = {"value": EVERY_S, "type": "Periodic", "severity": 8} | POWER | more
    answer = await csms.call("SetVariableMonitoring", setMonitoringData=[data])
    [result] = answer["setMonitoringResult"]
    return dict(result)


async def _streamed(csms: Csms, *, interval: int = 20, values: int = 50, status: str = "Accepted") -> Came:
    """A monitor with a stream; gives the station's wish to open it."""
    csms.will_answer("OpenPeriodicEventStream", {"status": status})
    result = await _monitor(csms, periodicEventStream={"interval": interval, "values": values})
    assert result["status"] == "Accepted", result
    opened = await csms.expect("OpenPeriodicEventStream")
    stream = opened["constantStreamData"]
    assert stream["variableMonitoringId"] == result["id"]
    assert stream["params"] == {"interval": interval, "values": values}
    return opened


def _sent(csms: Csms, opened: Came) -> list[Came]:
    number = opened["constantStreamData"]["id"]
    return [c for c in csms.calls if c.action == "NotifyPeriodicEventStream" and c["id"] == number]


@ours("TC_N_11_1_V21", "A monitor with a stream opens it")
async def test_tc_n_11_1_v21_opened(csms: Csms, station: Hand) -> None:
    await _streamed(csms)
    await station.pass_time(60)
    assert not [c for c in csms.untaken("NotifyEvent") if "Periodic" in {e["trigger"] for e in c["eventData"]}]


@ours("TC_N_11_2_V21", "A stream that is refused: the values come as events")
async def test_tc_n_11_2_v21_refused(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms, status="Rejected")
    await station.pass_time(30)
    assert _sent(csms, opened) == []
    number = opened["constantStreamData"]["variableMonitoringId"]
    await csms.expect("NotifyEvent", eventData=[POWER | {"trigger": "Periodic", "variableMonitoringId": number}])


@ours("TC_N_12_1_V21", "The open streams are told")
async def test_tc_n_12_1_v21_told(csms: Csms, station: Hand) -> None:
    assert not (await csms.call("GetPeriodicEventStream")).get("constantStreamData")
    opened = await _streamed(csms)
    await csms.settle()
    assert (await csms.call("GetPeriodicEventStream"))["constantStreamData"] == [opened["constantStreamData"]]


@ours("TC_N_13_1_V21", "A stream is closed with its monitor, when what it holds was sent")
async def test_tc_n_13_1_v21_closed(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms, interval=600, values=500)
    await station.pass_time(30)
    assert _sent(csms, opened) == []
    stream = opened["constantStreamData"]
    cleared = await csms.call("ClearVariableMonitoring", id=[stream["variableMonitoringId"]])
    assert [one["status"] for one in cleared["clearMonitoringResult"]] == ["Accepted"]
    closed = await csms.expect("ClosePeriodicEventStream", id=stream["id"])
    [last] = _sent(csms, opened)
    assert last.number < closed.number
    assert len(last["data"]) >= 10
    await station.pass_time(700)
    assert len(_sent(csms, opened)) == 1


@ours("TC_N_13_2_V21", "A monitor that is set anew without a stream closes it")
async def test_tc_n_13_2_v21_replaced(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms)
    stream = opened["constantStreamData"]
    result = await _monitor(csms, id=stream["variableMonitoringId"], value=5)
    assert result["status"] == "Accepted"
    await csms.expect("ClosePeriodicEventStream", id=stream["id"])


@ours("TC_N_14_1_V21", "It is changed how often a stream sends")
async def test_tc_n_14_1_v21_adjusted(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms, interval=600, values=500)
    number = opened["constantStreamData"]["id"]
    answer = await csms.call("AdjustPeriodicEventStream", id=number, params={"interval": 10, "values": 500})
    assert answer["status"] == "Accepted"
    await station.pass_time(65)
    assert 5 <= len(_sent(csms, opened)) <= 7
    answer = await csms.call("AdjustPeriodicEventStream", id=number + 4711, params={"interval": 10})
    assert answer["status"] == "Rejected"


@ours("TC_N_15_1_V21", "The values come at the interval, unasked for and without an answer, each with its time")
async def test_tc_n_15_1_v21_values(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms, interval=20, values=0)
    await Session(csms, station).charging()
    await station.pass_time(125)
    sent = _sent(csms, opened)
    assert 5 <= len(sent) <= 7
    instants: list[float] = []
    for message in sent:
        assert message.answer is None
        assert message["pending"] == 0
        assert message["data"][0]["t"] == 0
        begin = datetime.fromisoformat(message["basetime"]).timestamp()
        instants += [begin + value["t"] for value in message["data"]]
    steps = [after - before for before, after in pairwise(instants)]
    assert all(abs(step - EVERY_S) < 1.5 for step in steps), steps
    assert float(sent[-1]["data"][-1]["v"]) > 1000, "the values are not those of the power"


@ours("TC_N_15_2_V21", "No more values come in one message than are wanted, as soon as there are so many")
async def test_tc_n_15_2_v21_bounded(csms: Csms, station: Hand) -> None:
    opened = await _streamed(csms, interval=0, values=5)
    await station.pass_time(61)
    sent = _sent(csms, opened)
    assert 5 <= len(sent) <= 7
    assert {len(message["data"]) for message in sent} == {5}
