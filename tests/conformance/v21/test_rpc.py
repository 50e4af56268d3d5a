"""OCPP 2.1, the transport: messages that nothing answers (SEND), results that were not understood, versions offered."""

import json
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import MakeStation, Station

new = partial(case, version="2.1", block="RPC framework")
CALL, RESULT, ERROR, RESULT_ERROR, SEND = 2, 3, 4, 5, 6


async def answers_to(station: Station, *frames: Any) -> list[Any]:
    """Send frames as they are, and then a heartbeat; gives what the server sent for them before it answered that."""
    before = len(station.peer.frames)
    for frame in frames:
        await station.peer.send(frame if isinstance(frame, str) else json.dumps(frame))
    assert "currentTime" in await station.call("Heartbeat")
    return [json.loads(frame) for frame in station.peer.frames[before:-1]]


async def open_stream(station: Station) -> None:
    """Set a monitor, and let its values come as stream 1."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        [item] = asked["setMonitoringData"]
        same = {name: item[name] for name in ("type", "severity", "component", "variable")}
        return {"setMonitoringResult": [{**same, "status": "Accepted", "id": 7}]}

    monitor = {"component": "EVSE", "evse_id": 1, "variable": "Power", "severity": 8, "type": "Periodic", "value": 1}
    await station.command("set-variable-monitoring", {"monitors": [monitor]}, {"SetVariableMonitoring": answer})
    data = {"id": 1, "params": {"interval": 60, "values": 100}, "variableMonitoringId": 7}
    answered = await station.call("OpenPeriodicEventStream", {"constantStreamData": data})
    assert answered["status"] == "Accepted"


def stream_values(*values: str, pending: int = 0) -> dict[str, Any]:
    at = "2026-01-01T00:00:00Z"
    data = [{"t": number, "v": value} for number, value in enumerate(values)]
    return {"id": 1, "pending": pending, "basetime": at, "data": data}


@new("TC_RPC_1_V21", "A message that wants no answer gets none, and what it says is kept")
async def test_tc_rpc_1_v21_send(v21: Station) -> None:
    await open_stream(v21)
    before = len(v21.peer.frames)
    await v21.peer.send(json.dumps([SEND, "s-1", "NotifyPeriodicEventStream", stream_values("230.1", "229.8")]))
    path = f"/stations/{v21.identity}/event-streams/1/values"
    found = await v21.api.until(path, lambda page: len(page["items"]) == 2)
    assert [item["number"] for item in found["items"]] == [230.1, 229.8]
    assert await answers_to(v21) == []
    assert len(v21.peer.frames) == before + 1, "only the heartbeat was answered"


@new("TC_RPC_2_V21", "A message that wants no answer gets none where it is wrong either, and the connection goes on")
@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("NotifyPeriodicEventStream", {}),
        ("NotifyPeriodicEventStream", stream_values("1") | {"surprise": 1}),
        ("NoSuchAction", {}),
        ("RequestStopTransaction", {"transactionId": "T"}),
    ],
)
async def test_tc_rpc_2_v21_send_that_is_wrong(v21: Station, action: str, payload: dict[str, Any]) -> None:
    assert await answers_to(v21, [SEND, "s-1", action, payload], [SEND, "s-2", action, payload]) == []
    assert (await v21.shown())["online"]


@new("TC_RPC_3_V21", "A station that did not understand our answer says so: kept, not answered, and nothing breaks")
async def test_tc_rpc_3_v21_result_error_of_the_station(v21: Station) -> None:
    await v21.call("Heartbeat", message_id="h-1")
    complaint = [RESULT_ERROR, "h-1", "FormatViolation", "currentTime is no date-time", {"field": "currentTime"}]
    unknown = [RESULT_ERROR, "never-was", "GenericError", "", {}]
    assert await answers_to(v21, complaint, unknown) == []
    path = f"/stations/{v21.identity}/messages"
    found = await v21.api.until(path, lambda page: any("never-was" in item["frame"] for item in page["items"]))
    frames = [json.loads(item["frame"]) for item in found["items"] if item["direction"] == "in"]
    assert complaint in frames
    assert unknown in frames


@new("TC_RPC_4_V21", "A result that we do not understand is told to the station, and the call failed for its caller")
@pytest.mark.parametrize("result", [{}, {"status": "Perhaps"}, {"status": "Accepted", "surprise": 1}])
async def test_tc_rpc_4_v21_result_error_of_ours(v21: Station, result: dict[str, Any]) -> None:
    path = f"/stations/{v21.identity}/commands/clear-cache"
    taken = await v21.api.post(path)
    call = await v21.peer.next_call()
    await v21.peer.send(json.dumps([RESULT, call.message_id, result]))
    record = await v21.become(taken, "failed")
    assert record["error"] is not None
    assert await answers_to(v21) == []
    [complaint] = [frame for frame in map(json.loads, v21.peer.frames) if frame[0] == RESULT_ERROR]
    assert complaint[1] == call.message_id
    assert complaint[2] in (
        "FormatViolation",
        "OccurrenceConstraintViolation",
        "PropertyConstraintViolation",
        "TypeConstraintViolation",
    )


@new("TC_RPC_5_V21", "A frame that cannot be read is answered with the id -1, and the connection goes on")
@pytest.mark.parametrize("frame", ["not json", '[2,"cut', "{}", "[]"])
async def test_tc_rpc_5_v21_unreadable(v21: Station, frame: str) -> None:
    [answer] = await answers_to(v21, frame)
    assert (answer[0], answer[1]) == (ERROR, "-1")
    assert answer[2] in ("RpcFrameworkError", "FormatViolation", "MessageTypeNotSupported")
    assert frame not in answer[3]


@new("TC_RPC_6_V21", "Of the versions that a station offers, the newest is chosen; the frames of 2.1 are its alone")
async def test_tc_rpc_6_v21_version(make_station: MakeStation) -> None:
    station = await make_station("2.1", connected=False)
    peer = await station.connect("ocpp1.6", "ocpp2.0.1", "ocpp2.1")
    assert peer.subprotocol == "ocpp2.1"
    assert (await station.boot())["status"] == "Accepted"
    assert (await station.shown())["ocpp_version"] == "2.1"


@new("TC_RPC_7_V21", "A call that is repeated gets the answer that it got, and is handled once")
async def test_tc_rpc_7_v21_repeated(v21: Station) -> None:
    status = {"timestamp": "2026-01-01T00:00:00Z", "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
    for _ in range(2):
        await v21.peer.send(json.dumps([CALL, "c-1", "StatusNotification", status]))
        assert await v21.peer.next_other() == [RESULT, "c-1", {}]
    assert (await v21.connector())["status"] == "Occupied"


@pytest.mark.parametrize(
    "frame",
    [[SEND, "s-1", "NotifyPeriodicEventStream", stream_values("1")], [RESULT_ERROR, "h-1", "GenericError", "", {}]],
)
async def test_rpc_a_station_of_2_0_1_has_no_such_frames_and_stays_connected(v201: Station, frame: list[Any]) -> None:
    for answer in await answers_to(v201, frame):
        assert (answer[0], answer[2]) == (ERROR, "MessageTypeNotSupported")
    assert (await v201.shown())["online"]
