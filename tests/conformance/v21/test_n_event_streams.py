"""OCPP 2.1, block N: what is new, one case per use case (N01, N04, N07, N11 to N15)."""

import json
from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station
from support.payloads import instant

new = partial(case, version="2.1")
VALUES = [{"t": 0, "v": "230.1"}, {"t": 0.5, "v": "229.8"}, {"t": 1, "v": "231.0"}]


async def set_monitor(station: Station, **more: Any) -> dict[str, Any]:
    """Set a monitor on the power of EVSE 1, number 7; gives what was sent."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        [item] = asked["setMonitoringData"]
        same = {name: item[name] for name in ("type", "severity", "component", "variable")}
        return {"setMonitoringResult": [{**same, "status": "Accepted", "id": 7}]}

    wanted: dict[str, Any] = {"component": "EVSE", "evse_id": 1, "variable": "Power", "severity": 8}
    wanted |= {"type": "Periodic", "value": 1, **more}
    done = await station.command("set-variable-monitoring", {"monitors": [wanted]}, {"SetVariableMonitoring": answer})
    assert done.record["state"] == "effect_seen"
    return dict(done.call.payload["setMonitoringData"][0])


async def open_stream(station: Station, number: int = 1, monitor: int = 7) -> str:
    data = {"id": number, "params": {"interval": 60, "values": 100}, "variableMonitoringId": monitor}
    return str((await station.call("OpenPeriodicEventStream", {"constantStreamData": data}))["status"])


async def shown(station: Station) -> dict[int, dict[str, Any]]:
    """The station's streams by number."""
    items = await station.api.items("/event-streams", station_id=station.identity)
    return {item["number"]: item for item in items}


async def values(station: Station, count: int) -> list[Any]:
    """Wait for so many values of stream 1."""
    path = f"/stations/{station.identity}/event-streams/1/values"
    found = await station.api.until(path, lambda answer: len(answer["items"]) == count)
    return [item["number"] for item in found["items"]]


@new("TC_N_01_1_V21", "The log of a data collector is asked for and uploaded")
async def test_tc_n_01_1_v21_data_collector_log(v21: Station) -> None:
    wanted = {"type": "data_collector", "location": "https://logs.example/upload"}
    done = await v21.command("get-log", wanted, {"GetLog": {"status": "Accepted", "filename": "samples.csv"}})
    assert done.call.payload["logType"] == "DataCollectorLog"
    said = {"status": "Uploaded", "requestId": done.call.payload["requestId"]}
    await v21.call("LogStatusNotification", said | {"statusInfo": {"reasonCode": "NoError"}})
    await v21.become(done.record, "effect_seen")
    [log] = await v21.api.items(f"/stations/{v21.identity}/logs")
    assert (log["type"], log["status"], log["history"][0]["info"]) == ("data_collector", "uploaded", "NoError")


@new("TC_N_04_1_V21", "A monitor watches the distance of a value from its target")
async def test_tc_n_04_1_v21_target_delta(v21: Station) -> None:
    sent = await set_monitor(v21, type="TargetDeltaRelative", value=0.1)
    assert (sent["type"], sent["value"]) == ("TargetDeltaRelative", 0.1)
    [monitor] = await v21.api.items(f"/stations/{v21.identity}/monitors")
    assert (monitor["status"], monitor["type"], monitor["value"]) == ("set", "TargetDeltaRelative", 0.1)


@new("TC_N_07_1_V21", "An event tells how severe it is")
async def test_tc_n_07_1_v21_severity_of_an_event(v21: Station) -> None:
    event: dict[str, Any] = {"eventId": 1, "timestamp": instant(), "trigger": "Alerting", "actualValue": "1"}
    event |= {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Problem"}, "severity": 2}
    event["eventNotificationType"] = "HardWiredNotification"
    assert await v21.call("NotifyEvent", {"generatedAt": instant(), "seqNo": 0, "eventData": [event]}) == {}
    [found] = await v21.api.items("/station-events", station_id=v21.identity, severity=3)
    assert (found["severity"], found["evse_id"]) == (2, 1)
    assert await v21.api.items("/station-events", station_id=v21.identity, severity=1) == []


@new("TC_N_11_1_V21", "A frequent monitor is set to send a stream, which may open and has what the monitor is")
async def test_tc_n_11_1_v21_set_frequent_monitor(v21: Station) -> None:
    sent = await set_monitor(v21, stream_interval_s=60, stream_values=100)
    assert sent["periodicEventStream"] == {"interval": 60, "values": 100}
    assert await open_stream(v21) == "Accepted"
    stream = (await shown(v21))[1]
    assert (stream["status"], stream["monitor_id"], stream["component"], stream["variable"]) == (
        "open", 7, "EVSE", "Power",
    )  # fmt: skip
    assert (stream["evse_id"], stream["severity"]) == (1, 8)


@new("TC_N_12_1_V21", "The open streams are asked for; those not named are closed")
async def test_tc_n_12_1_v21_get_streams(v21: Station) -> None:
    for number in (1, 2):
        await open_stream(v21, number)
    told = [{"id": 2, "params": {"interval": 30}, "variableMonitoringId": 7}]
    answer = {"GetPeriodicEventStream": {"constantStreamData": told}}
    done = await v21.command("get-periodic-event-stream", {}, answer)
    assert (done.call.payload, done.record["state"]) == ({}, "effect_seen")
    assert {number: item["status"] for number, item in (await shown(v21)).items()} == {1: "closed", 2: "open"}


@new("TC_N_13_1_V21", "A station closes a stream; a stream that is not known can be closed too")
async def test_tc_n_13_1_v21_close_stream(v21: Station) -> None:
    await open_stream(v21)
    assert await v21.call("ClosePeriodicEventStream", {"id": 1}) == {}
    assert (await shown(v21))[1]["status"] == "closed"
    assert await v21.call("ClosePeriodicEventStream", {"id": 5}) == {}


@new("TC_N_14_1_V21", "It is changed how often a stream sends")
async def test_tc_n_14_1_v21_adjust_stream(v21: Station) -> None:
    await open_stream(v21)
    answer = {"AdjustPeriodicEventStream": {"status": "Accepted"}}
    done = await v21.command("adjust-periodic-event-stream", {"stream_id": 1, "interval_s": 10}, answer)
    assert done.call.payload == {"id": 1, "params": {"interval": 10}}
    assert ((await shown(v21))[1]["interval_s"], (await shown(v21))[1]["values"]) == (10, 100)


@new("TC_N_15_1_V21", "The values of a stream come unanswered and are kept, each at its instant")
async def test_tc_n_15_1_v21_values_of_a_stream(v21: Station) -> None:
    await open_stream(v21)
    base = instant()
    said = {"id": 1, "pending": 0, "basetime": base, "data": VALUES}
    await v21.peer.send(json.dumps([6, "s1", "NotifyPeriodicEventStream", said]))
    assert await values(v21, 3) == [230.1, 229.8, 231.0]
    await v21.peer.send(json.dumps([6, "s2", "NotifyPeriodicEventStream", said]))
    later = {**said, "basetime": instant(), "data": [{"t": 0, "v": "228"}]}
    await v21.peer.send(json.dumps([6, "s3", "NotifyPeriodicEventStream", later]))
    assert await values(v21, 4) == [230.1, 229.8, 231.0, 228.0]
    frames = [json.loads(frame) for frame in v21.peer.frames]
    assert not [frame for frame in frames if frame[1] in ("s1", "s2", "s3")]


async def test_values_that_come_as_a_call_are_kept_and_answered(v21: Station) -> None:
    """A station that waits for an answer must get one that it can read."""
    await open_stream(v21)
    said = {"id": 1, "pending": 0, "basetime": instant(), "data": VALUES}
    await v21.peer.send(json.dumps([2, "c1", "NotifyPeriodicEventStream", said]))
    assert await v21.peer.next_other() == [3, "c1", {}]
    assert await values(v21, 3) == [230.1, 229.8, 231.0]
