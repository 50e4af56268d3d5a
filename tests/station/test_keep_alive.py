"""Pings, and the pauses between attempts to connect (OCPP 2.0.1 part 4, 5.3 and 5.4)."""

import asyncio
import contextlib
from random import Random

import msgspec
import pytest

from support.station_line import TIME, V16, V21, V201, Line
from voltherd.ocpp.frames import decode_frame, encode_result
from voltherd.simulator.station import SimulatedStation
from voltherd.station import Clock, StationConfig
from voltherd.station.keep_alive import PATIENCE_S
from voltherd.websocket import Accept, Listener, serve


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
    assert PATIENCE_S * line.core.clock.factor <= 15.0
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


# On a network --------------------------------------------------------------------------------


class Peer(Listener):
    """A CSMS that boots stations and hears their pings."""

    __slots__ = ("connections", "pings")

    def __init__(self):
        self.connections = []
        self.pings = 0

    def on_open(self, connection):
        self.connections.append(connection)

    def on_ping(self, connection):
        self.pings += 1

    def on_message(self, connection, data):
        frame = decode_frame(data)
        answer = {"status": "Accepted", "currentTime": TIME, "interval": 300}
        payload = answer if frame.action == "BootNotification" else {}
        connection.send_text(encode_result(frame.message_id, msgspec.json.encode(payload)))


class Wire:
    """Carries bytes to a server and back, until the connections that there are by then are `cut` without a word."""

    def __init__(self, port):
        self._port = port
        self._tasks = []
        self._alive = asyncio.Event()
        self._alive.set()

    async def carry(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        alive = self._alive
        self._tasks += [asyncio.create_task(self._pump(*pair, alive)) for pair in ((reader, back), (there, writer))]

    async def _pump(self, reader, writer, alive):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                if alive.is_set():
                    writer.write(data)
        writer.close()

    def cut(self):
        self._alive.clear()
        self._alive = asyncio.Event()
        self._alive.set()

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def network():
    peer = Peer()
    server = await serve("127.0.0.1", 0, upgrade=lambda _: Accept(peer, "ocpp2.0.1"))
    wire = Wire(server.port)
    front = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    config = StationConfig(
        identity="CS-1",
        url=f"ws://127.0.0.1:{front.sockets[0].getsockname()[1]}",
        version=V201,
        settings={"websocket_ping_s": "10"},
        reconnect_min_s=0.05,
    )
    station = SimulatedStation(config, clock=Clock(factor=20.0))
    station.start()
    yield peer, wire, station
    await station.stop()
    front.close()
    await wire.close()
    await server.close()


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_station_pings_over_its_websocket(network):
    peer, _, station = network
    await station.wait_accepted()
    await until(lambda: peer.pings >= 3)
    assert len(peer.connections) == 1


@pytest.mark.slow
async def test_a_station_leaves_a_peer_that_is_gone_and_comes_back(network):
    peer, wire, station = network
    await station.wait_accepted()
    wire.cut()
    await until(lambda: len(peer.connections) == 2)
    await station.wait_until(lambda core: core.is_online, timeout_s=20)
