"""Periodic event streams of 2.1 (N11 to N15)."""

import pytest

from support.station_line import V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.station.event_streams import MOST_STREAMS
from voltherd.station.storage import MemoryStorage

POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
ACCEPTED = {"status": "Accepted"}


def connected(**more):
    line = Line(V21, **more)
    line.replies["OpenPeriodicEventStream"] = ACCEPTED
    line.connect()
    line.heard.clear()
    return line


@pytest.fixture
def line():
    return connected()


def put(line, *, value=1, severity=6, kind="Periodic", stream=None, **more):
    data = {**POWER, "type": kind, "value": value, "severity": severity, **more}
    if stream is not None:
        data["periodicEventStream"] = stream
    return line.ask("SetVariableMonitoring", {"setMonitoringData": [data]})["setMonitoringResult"][0]


def streams(line):
    return line.ask("GetPeriodicEventStream", {}).get("constantStreamData", [])


def test_n11_fr_02_a_stream_is_opened_after_the_monitor_is_set(line):
    number = put(line, stream={"interval": 10, "values": 5})["id"]
    (opened,) = line.of("OpenPeriodicEventStream")
    data = opened["constantStreamData"]
    assert data["variableMonitoringId"] == number
    assert data["params"] == {"interval": 10, "values": 5}
    assert streams(line) == [data]


def test_n11_fr_07_a_refused_stream_gives_way_to_events(line):
    line.replies["OpenPeriodicEventStream"] = {"status": "Rejected"}
    put(line, value=10, stream={"interval": 30})
    line.wait(35.0)
    assert len(line.of("NotifyEvent")) == 3
    assert line.of("NotifyPeriodicEventStream") == []
    assert streams(line) == []


def test_n15_fr_06_fr_09_values_come_every_interval_with_their_offsets(line):
    put(line, value=2, stream={"interval": 10})
    line.wait(21.0)
    first, second = line.of("NotifyPeriodicEventStream")
    assert [one["t"] for one in first["data"]] == [0, 2, 4, 6, 8] or [one["t"] for one in first["data"]] == [0, 2, 4, 6]
    assert first["pending"] == 0
    assert second["basetime"] > first["basetime"]
    assert second["data"][0]["t"] == 0
    assert line.of("NotifyEvent") == []


def test_n15_fr_07_fr_08_values_come_as_soon_as_there_are_so_many_and_never_more(line):
    put(line, value=1, stream={"values": 4})
    line.wait(12.5)
    assert [len(one["data"]) for one in line.of("NotifyPeriodicEventStream")] == [4, 4, 4]


def test_n15_fr_01_streams_are_sent_without_waiting_for_an_answer(line):
    line.silent = {"Heartbeat"}
    put(line, value=1, stream={"values": 2})
    line.core.provisioning.beat()
    line.pump()
    line.wait(10.5)
    assert len(line.of("NotifyPeriodicEventStream")) <= 5
    line.silent = set()
    line.wait(60.0)
    assert len(line.of("NotifyPeriodicEventStream")) > 20


def test_n14_fr_03_a_stream_is_adjusted(line):
    put(line, value=1, stream={"interval": 10})
    (stream,) = streams(line)
    line.heard.clear()
    answer = line.ask("AdjustPeriodicEventStream", {"id": stream["id"], "params": {"interval": 2}})
    assert answer["status"] == "Accepted"
    line.wait(10.5)
    assert len(line.of("NotifyPeriodicEventStream")) == 5


def test_n14_fr_02_an_unknown_stream_or_empty_parameters_are_rejected(line):
    put(line, value=1, stream={"interval": 10})
    (stream,) = streams(line)
    wrong = {"id": stream["id"] + 1, "params": {"interval": 2}}
    assert line.ask("AdjustPeriodicEventStream", wrong)["status"] == "Rejected"
    wrong = {"id": stream["id"], "params": {"interval": 0}}
    assert line.ask("AdjustPeriodicEventStream", wrong)["status"] == "Rejected"


def test_n13_fr_03_fr_05_a_cleared_monitor_closes_its_stream_after_its_last_values(line):
    number = put(line, value=1, stream={"interval": 60})["id"]
    line.wait(5.5)
    line.ask("ClearVariableMonitoring", {"id": [number]})
    names = [name for name, _ in line.heard]
    assert names[-2:] == ["NotifyPeriodicEventStream", "ClosePeriodicEventStream"]
    assert len(line.of("NotifyPeriodicEventStream")[0]["data"]) == 5
    assert streams(line) == []


def test_n13_fr_06_a_monitor_set_again_without_a_stream_closes_it_and_tells_by_events(line):
    number = put(line, value=10, stream={"interval": 60})["id"]
    put(line, value=10, id=number)
    assert len(line.of("ClosePeriodicEventStream")) == 1
    line.wait(31.0)
    assert len(line.of("NotifyEvent")) == 3


def test_a_stream_suits_periodic_monitors_and_needs_parameters(line):
    assert put(line, kind="Delta", stream={"interval": 5})["status"] == "Rejected"
    assert put(line, stream={})["status"] == "Rejected"
    assert line.of("OpenPeriodicEventStream") == []


def test_there_are_no_more_streams_than_the_device_model_says(line):
    asked = {"component": {"name": "MonitoringCtrlr"}, "variable": {"name": "MaxPeriodicEventStreams"}}
    answer = line.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
    assert answer["attributeValue"] == str(MOST_STREAMS)
    results = [put(line, value=1 + n, severity=n % 10, kind=kind, stream={"interval": 5})["status"]
               for kind in ("Periodic", "PeriodicClockAligned") for n in range(10)]  # fmt: skip
    assert results == ["Accepted"] * MOST_STREAMS + ["Rejected"] * (20 - MOST_STREAMS)


def test_while_offline_values_are_kept_and_sent_later(line):
    put(line, value=1, stream={"interval": 10})
    line.lose()
    line.wait(25.0)
    line.heard.clear()
    line.connect()
    line.wait(16.0)
    sent = line.of("NotifyPeriodicEventStream")
    assert sum(len(one["data"]) for one in sent) >= 30
    assert line.of("OpenPeriodicEventStream") == []


def test_after_a_power_cut_the_stream_is_opened_anew():
    storage = MemoryStorage()
    put(connected(storage=storage), value=1, stream={"interval": 10})
    again = Line(V21, storage=storage)
    again.replies["OpenPeriodicEventStream"] = ACCEPTED
    again.connect()
    assert len(again.of("OpenPeriodicEventStream")) == 1
    again.wait(11.0)
    assert len(again.of("NotifyPeriodicEventStream")) == 1


def test_2_0_1_knows_no_streams():
    line = Line(V201)
    line.connect()
    assert isinstance(line.ask("GetPeriodicEventStream", {}), CallError)
