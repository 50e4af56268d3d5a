"""What each fault does to frames and to the station: against a server that only listens, or says what the test says."""

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.faults import FAULTS, KINDS, FrameFault, LineFaults, TimedFault, fields, read_fault, read_faults
from voltherd.simulator.problems import FileError
from voltherd.simulator.station import SimulatedStation
from voltherd.station import Clock, StationConfig


class Ear:
    """A server that keeps what it hears and answers what the test sends."""

    def __init__(self):
        self.frames = []
        self.lines = []
        self.pongs = 0

    async def __call__(self, line):
        self.lines.append(line)
        with contextlib.suppress(ConnectionClosed):
            async for frame in line:
                self.frames.append(frame)

    async def heard(self, count):
        async with asyncio.timeout(5):
            while len(self.frames) < count:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return self.frames


@contextlib.asynccontextmanager
async def line_to(ear, *faults, seed=1, factor=1.0):
    """A station on the line to it; its BootNotification is forgotten."""
    async with serve(ear, "127.0.0.1", 0, subprotocols=["ocpp2.0.1"], ping_interval=None, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        config = StationConfig(
            identity="CS",
            url=f"ws://127.0.0.1:{port}",
            version=OcppVersion.V201,
            reconnect_min_s=0.05,
            reconnect_max_s=0.1,
        )
        station = SimulatedStation(config, clock=Clock(factor=factor))
        line = LineFaults(station, seed=seed)
        station.start()
        await ear.heard(1)
        ear.frames.clear()
        for fault in read_faults(faults):
            line.add(fault)
        try:
            yield line
        finally:
            line.close()
            await station.stop()


def call(number, action="Heartbeat", payload=None):
    return json.dumps([2, f"id-{number}", action, payload or {}]).encode()


async def through(*faults, frames, expected=None, **options):
    """What of some frames of the station arrives."""
    ear = Ear()
    async with line_to(ear, *faults, **options) as line:
        for frame in frames:
            line.sent(frame)
        if expected is None:
            await asyncio.sleep(0.3)
        return list(await ear.heard(expected or 0))


def ids(frames):
    return [json.loads(frame)[1] for frame in frames]


FIVE = [call(n) for n in range(5)]


async def test_frames_that_fit_are_lost_and_others_are_not():
    frames = [call(0), call(1, "Authorize"), call(2)]
    assert ids(await through({"kind": "lose", "actions": ["Authorize"]}, frames=frames, expected=2)) == ["id-0", "id-2"]


async def test_after_times_and_share_say_which():
    assert ids(await through({"kind": "lose", "after": 1, "times": 2}, frames=FIVE, expected=3)) == [
        "id-0",
        "id-3",
        "id-4",
    ]
    many = [call(n) for n in range(400)]
    left = await through({"kind": "lose", "share": 0.25}, frames=many)
    assert 260 < len(left) < 340


async def test_the_same_seed_brings_the_same_harm_and_another_seed_another():
    many = [call(n) for n in range(60)]
    fault = {"kind": "lose", "share": 0.5}
    first, again, other = [ids(await through(fault, frames=many, seed=seed)) for seed in (7, 7, 8)]
    assert first == again
    assert first != other


async def test_delayed_frames_come_in_order_unless_told_otherwise():
    fault = {"kind": "delay", "most-s": 20}
    began = asyncio.get_running_loop().time()
    arrived = await through(fault, frames=FIVE, expected=5, factor=100.0)
    assert ids(arrived) == [f"id-{n}" for n in range(5)]
    assert asyncio.get_running_loop().time() - began > 0.05
    many = [call(n) for n in range(30)]
    shuffled = ids(await through(fault | {"in-order": False}, frames=many, expected=30, factor=100.0))
    assert sorted(shuffled) == sorted(ids(many))
    assert shuffled != ids(many)


async def test_two_frames_change_places_and_one_alone_is_not_held_for_ever():
    arrived = await through({"kind": "reorder", "hold-s": 0.1}, frames=FIVE, expected=5)
    assert ids(arrived) == ["id-1", "id-0", "id-3", "id-2", "id-4"]


async def test_what_is_held_goes_on_when_the_fault_ends():
    ear = Ear()
    async with line_to(ear, {"kind": "reorder", "of": 9, "hold-s": 60}) as line:
        for frame in FIVE:
            line.sent(frame)
        await asyncio.sleep(0.1)
        assert ear.frames == []
        assert line.remove("reorder") == 1
        assert sorted(ids(await ear.heard(5))) == sorted(ids(FIVE))
        assert line.in_force == ()


async def test_duplicates():
    assert (
        ids(await through({"kind": "duplicate", "copies": 2}, frames=FIVE[:2], expected=6))
        == ["id-0"] * 3 + ["id-1"] * 3
    )


async def test_frames_are_cut_off():
    (frame,) = await through({"kind": "truncate", "keep": 0.5}, frames=[call(0)], expected=1)
    assert call(0).decode().startswith(frame)
    assert len(frame) == len(call(0)) // 2


@pytest.mark.parametrize(
    ("how", "looks"),
    [
        ("characters", lambda frame: len(frame) == len(call(0)) and frame != call(0).decode()),
        ("no-json", lambda frame: frame == "meter=12345;state=ok"),
        ("no-array", lambda frame: isinstance(json.loads(frame), dict)),
        ("no-id", lambda frame: json.loads(frame)[1] == 1),
        ("empty", lambda frame: frame == ""),
    ],
)
async def test_garbled(how, looks):
    (frame,) = await through({"kind": "garble", "how": how}, frames=[call(0)], expected=1)
    assert looks(frame)


async def test_bytes_that_are_no_text_end_the_connection_with_1007():
    ear = Ear()
    async with line_to(ear, {"kind": "garble", "how": "utf-8", "times": 1}) as line:
        line.sent(call(0))
        async with asyncio.timeout(5):
            await ear.lines[0].wait_closed()
        assert ear.lines[0].protocol.close_sent.code == 1007


PAYLOAD = {"status": "Accepted", "n": 3, "inner": {"text": "free text", "on": True}}


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ({"kind": "unknown-enum"}, PAYLOAD | {"status": "Bogus"}),
        ({"kind": "unknown-enum", "word": "Foo", "field": "text"}, PAYLOAD | {"inner": {"text": "Foo", "on": True}}),
        ({"kind": "wrong-type", "field": "n"}, PAYLOAD | {"n": "3"}),
        ({"kind": "wrong-type", "field": "status"}, PAYLOAD | {"status": 42}),
        ({"kind": "wrong-type", "field": "inner"}, PAYLOAD | {"inner": [PAYLOAD["inner"]]}),
        ({"kind": "missing-field", "field": "on"}, PAYLOAD | {"inner": {"text": "free text"}}),
        ({"kind": "extra-field"}, PAYLOAD | {"vendorExtra": "1"}),
        (
            {"kind": "alter", "set": {"inner.text": "x"}, "remove": ["n"]},
            {"status": "Accepted", "inner": {"text": "x", "on": True}},
        ),
        ({"kind": "missing-field", "field": "not there"}, PAYLOAD),
    ],
)
async def test_fields_are_changed(fault, left):
    (frame,) = await through(fault, frames=[call(0, "DataTransfer", PAYLOAD)], expected=1)
    assert json.loads(frame) == [2, "id-0", "DataTransfer", left]


async def test_an_action_that_there_is_not():
    (frame,) = await through({"kind": "unknown-action"}, frames=[call(0)], expected=1)
    assert json.loads(frame)[2] == "VendorKeepAlive"


@pytest.mark.parametrize("blanks", [True, False])
async def test_huge_frames_are_as_large_as_told_and_still_json(blanks):
    (frame,) = await through({"kind": "huge", "bytes": 300_000, "blanks": blanks}, frames=[call(0)], expected=1)
    assert 299_000 < len(frame) < 301_000
    assert (json.loads(frame)[3] == {}) is blanks


async def test_energy_is_told_in_another_unit_and_other_values_as_they_are():
    sampled = [
        {"value": 120000.0, "measurand": "Energy.Active.Import.Register"},
        {"value": 11000.0, "measurand": "Power.Active.Import"},
        {"value": "5000"},
    ]
    frame = call(0, "MeterValues", {"meterStart": 7000, "meterValue": [{"sampledValue": sampled}]})
    (arrived,) = await through({"kind": "wrong-unit"}, frames=[frame], expected=1)
    payload = json.loads(arrived)[3]
    values = [one["value"] for one in payload["meterValue"][0]["sampledValue"]]
    assert (payload["meterStart"], values) == (7, [120.0, 11000.0, "5.000"])


async def ask(ear, action, payload=None):
    """The answer of the station to a call of the CSMS."""
    before = len(ear.frames)
    await ear.lines[-1].send(json.dumps([2, "q", action, payload or {}]))
    return json.loads((await ear.heard(before + 1))[-1])


async def test_commands_are_refused_by_code_or_by_status():
    ear = Ear()
    async with line_to(
        ear, {"kind": "refuse", "code": "SecurityError", "times": 1}, {"kind": "refuse", "status": "Rejected"}
    ):
        assert (await ask(ear, "ClearCache"))[:3] == [4, "q", "SecurityError"]
        assert await ask(ear, "ClearCache") == [3, "q", {"status": "Rejected"}]


async def test_profiles_are_accepted_and_ignored_and_other_commands_are_done():
    ear = Ear()
    async with line_to(ear, {"kind": "pretend"}) as line:
        assert await ask(ear, "SetChargingProfile", {"no": "profile at all"}) == [3, "q", {"status": "Accepted"}]
        assert (await ask(ear, "NoSuchAction"))[0] == 4
        assert line.in_force == (read_fault({"kind": "pretend"}),)


async def test_answers_that_never_come_and_answers_that_come_late():
    ear = Ear()
    async with line_to(ear, {"kind": "lose", "what": "answers", "side": "sent", "times": 1}) as line:
        await ear.lines[0].send(json.dumps([2, "a", "ClearCache", {}]))
        await asyncio.sleep(0.2)
        assert ear.frames == []
        line.add(read_fault({"kind": "delay", "what": "answers", "least-s": 0.3, "most-s": 0.3}))
        began = asyncio.get_running_loop().time()
        assert (await ask(ear, "ClearCache"))[1] == "q"
        assert asyncio.get_running_loop().time() - began > 0.29


@pytest.mark.parametrize(("where", "arrives"), [("before", 0), ("after", 1)])
async def test_the_line_breaks_before_or_after_a_frame_and_comes_back(where, arrives):
    ear = Ear()
    async with line_to(ear, {"kind": "drop", "side": "sent", "what": "calls", "where": where}) as line:
        line.sent(call(0))
        async with asyncio.timeout(5):
            while len(ear.lines) < 2:
                await asyncio.sleep(0.01)
        await ear.heard(arrives + 1)
        assert ids(ear.frames).count("id-0") == arrives
        assert ear.lines[0].close_code == 1006, "no close frame"


async def test_a_half_open_socket_stays_open_and_answers_no_ping_while_the_station_is_on_another():
    ear = Ear()
    async with line_to(ear, {"kind": "half-open", "side": "sent", "what": "calls"}) as line:
        line.sent(call(0))
        async with asyncio.timeout(5):
            while len(ear.lines) < 2:
                await asyncio.sleep(0.01)
        old, new = ear.lines
        await asyncio.wait_for(await new.ping(), 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await old.ping(), 0.3)
        assert old.close_code is None
        assert line.station.core.is_connected
        assert line.in_force


async def test_a_black_hole_swallows_both_ways_and_pings_too_and_opens_again():
    ear = Ear()
    async with line_to(
        ear, {"kind": "black-hole", "for-s": 0.6, "side": "sent", "what": "calls", "where": "before"}
    ) as line:
        line.sent(call(0))
        await asyncio.sleep(0.1)
        line.sent(call(1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await ear.lines[0].ping(), 0.2)
        assert ear.frames == []
        await asyncio.sleep(0.5)
        line.sent(call(2))
        await asyncio.wait_for(await ear.lines[0].ping(), 2)
        assert ids(await ear.heard(1)) == ["id-2"]
        assert len(ear.lines) == 1


async def test_the_power_goes_at_a_frame_and_the_station_boots_anew():
    ear = Ear()
    async with line_to(ear, {"kind": "power-cut", "side": "sent", "what": "calls", "for-s": 0.2}) as line:
        old = line.station.core
        line.sent(call(0))
        arrived = await ear.heard(2)
        assert ids(arrived)[0] == "id-0"
        assert json.loads(arrived[1])[2:][0] == "BootNotification"
        assert line.station.core is not old


async def test_a_clock_jumps_and_jumps_again():
    ear = Ear()
    async with line_to(ear) as line:
        clock = line.station.clock
        before = clock.wall(clock.now())
        line.add(read_fault({"kind": "clock-jump", "seconds": -3600, "every-s": 0.1, "times": 3}))
        await asyncio.sleep(0.6)
        assert -10810 < (clock.wall(clock.now()) - before).total_seconds() < -10790


async def test_a_meter_forgets():
    ear = Ear()
    async with line_to(ear) as line:
        line.station.hardware[1].reset_meter(line.station.clock.now(), energy_import_wh=5000.0)
        line.add(read_fault({"kind": "meter-reset", "energy-wh": 12}))
        await asyncio.sleep(0.05)
        assert line.station.hardware[1].energy_import_wh == 12


async def test_reboots_and_reconnects_come_as_often_as_told():
    ear = Ear()
    async with line_to(ear, {"kind": "reboot-loop", "every-s": 0.3, "times": 2, "off-s": 0.05}):
        await asyncio.sleep(1.5)
        assert len(ear.lines) == 3
        assert [json.loads(one)[2] for one in ear.frames] == ["BootNotification"] * 2
    ear = Ear()
    async with line_to(ear, {"kind": "reconnect-storm", "every-s": 0.2, "times": 4}):
        await asyncio.sleep(1.5)
        assert len(ear.lines) == 5


async def test_faults_meet_frames_in_their_order():
    faults = ({"kind": "duplicate"}, {"kind": "lose", "after": 1, "times": 1})
    assert ids(await through(*faults, frames=FIVE[:2], expected=3)) == ["id-0", "id-1", "id-1"]


async def test_the_wire_is_told_as_it_is():
    ear = Ear()
    seen = []
    async with line_to(ear, {"kind": "unknown-action"}, {"kind": "lose", "side": "received"}) as line:
        line.on_wire = lambda side, data: seen.append((side, json.loads(data)[2]))
        line.sent(call(0))
        await ear.lines[0].send(json.dumps([2, "q", "ClearCache", {}]))
        await asyncio.sleep(0.2)
    assert ("sent", "VendorKeepAlive") in seen
    assert ("received", "ClearCache") in seen


# As data -----------------------------------------------------------------------------------------


def test_every_fault_has_a_name_of_its_own_and_a_table_of_fields():
    assert len(KINDS) == len(FAULTS)
    for kind in FAULTS:
        assert kind.__doc__
        common = fields(FrameFault) if issubclass(kind, FrameFault) else fields(TimedFault)
        assert set(common) <= set(fields(kind))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "There is no fault None; there are lose, delay"),
        ({"kind": "los"}, "There is no fault 'los'"),
        ({"kind": "delay"}, "most-s"),
        ({"kind": "delay", "most-s": 1, "least-s": 2}, "not above most-s"),
        ({"kind": "lose", "shares": 1}, "unknown field `shares`; lose has side, what, actions, after, times, share"),
        ({"kind": "lose", "share": 0}, "share is above 0"),
        ({"kind": "lose", "side": "left"}, "left"),
        ({"kind": "reboot-loop", "every-s": 0}, "every-s is above 0"),
        ({"kind": "reorder", "of": 1}, "of is at least 2"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(table, words):
    with pytest.raises(FileError) as caught:
        read_fault(table)
    assert words in str(caught.value)
