"""Pings, and the pauses between attempts to connect (OCPP 2.0.1 part 4, 5.3 and 5.4)."""

from random import Random

from support.station_line import V16, V21, V201, Line
from voltherd.station.keep_alive import PATIENCE_S


def put(line, variable, value):
    data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": variable}, "attributeValue": str(value)}
    return line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"]


def taken(line, seconds):
    """What is to be done to the connection in that time, with every ping answered."""
    done = []
    for _ in range(seconds):
        line.wait(1.0)
        what = line.core.keep_alive.take()
        if what is not None:
            done.append(what)
            line.core.keep_alive.ponged()
    return done


def test_without_an_interval_there_are_no_pings():
    line = Line(V201)
    line.connect()
    assert taken(line, 600) == []


def test_pings_come_at_the_interval_that_the_csms_sets_at_once():
    line = Line(V21)
    line.connect()
    assert put(line, "WebSocketPingInterval", 20) == "Accepted"
    assert taken(line, 65) == ["ping"] * 3
    assert put(line, "WebSocketPingInterval", 0) == "Accepted"
    assert taken(line, 65) == []


def test_1_6_negative_intervals_are_rejected():
    line = Line(V16)
    line.connect()
    answer = line.ask("ChangeConfiguration", {"key": "WebSocketPingInterval", "value": "-1"})
    assert answer["status"] == "Rejected"


def test_a_peer_that_does_not_answer_is_given_up():
    line = Line(V201, settings={"websocket_ping_s": "15"})
    line.connect()
    line.wait(15.0)
    assert line.core.keep_alive.take() == "ping"
    line.wait(15.0)
    assert 15.0 >= PATIENCE_S * line.core.clock.factor
    assert line.core.keep_alive.take() == "drop"


def test_nothing_is_pinged_while_there_is_no_connection():
    line = Line(V201, settings={"websocket_ping_s": "15"})
    line.connect()
    line.lose()
    assert taken(line, 60) == []


def test_pauses_double_up_to_the_longest_and_differ_from_station_to_station():
    line = Line(V201, reconnect_min_s=1.0, reconnect_max_s=60.0)
    waits = [line.core.keep_alive.wait_s(failures, Random(failures)) for failures in range(1, 12)]
    assert 0.5 <= waits[0] <= 1.0
    assert 30.0 <= waits[-1] <= 60.0
    assert line.core.keep_alive.wait_s(5, Random(1)) != line.core.keep_alive.wait_s(5, Random(2))


def test_the_csms_sets_the_pauses_of_part_4_5_3():
    line = Line(V201)
    line.connect()
    for name, value in (("WaitMinimum", 10), ("RepeatTimes", 2), ("RandomRange", 5)):
        assert put(line, f"RetryBackOff{name}", value) == "Accepted"
    waits = [line.core.keep_alive.wait_s(failures, Random(0)) for failures in (1, 2, 3, 4, 9)]
    for wait_s, least_s in zip(waits, (10, 20, 40, 40, 40), strict=True):
        assert least_s <= wait_s <= least_s + 5
