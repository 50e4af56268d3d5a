"""Faults and quirks of a fleet at work, against a CSMS that takes everything."""

import asyncio
import json

from support.answering_csms import answering_csms
from voltherd.simulator.job import FleetJob
from voltherd.simulator.personas import persona
from voltherd.simulator.quirks import SlowConnection

FILE = """
[fleet]
accelerate = 60.0
ramp_per_s = 200

[habits.default]
idle_s = 20
first_arrival_s = 5
stay_s = 90

[[group]]
prefix = "LOSSY-"
persona = "ac-22-single"
ocpp = "2.0.1"
count = 4
faults = [{ kind = "drop", share = 0.2, times = 3, at-once = true }]

[[group]]
prefix = "LOCAL-"
persona = "local-time-wallbox"
count = 1
"""


async def test_stations_with_faults_and_quirks_charge_and_lose_nothing(tmp_path):
    path = tmp_path / "fleet.toml"
    path.write_text(FILE)
    async with answering_csms() as url:
        fleet = FleetJob(fleet=str(path), url=url).build()
        watch = fleet.feed.watch(frames=True)
        await fleet.start()
        async with asyncio.timeout(20):
            while fleet.summary().sessions_ended < 15 or fleet.summary().disconnects < 8:
                await asyncio.sleep(0.05)
        await fleet.stop()
        summary = fleet.summary()
    assert summary.sessions_started == summary.sessions_ended
    assert summary.waiting_messages == 0
    frames = [json.loads(e.data["frame"]) for e in watch.take() if e.kind == "frame-sent" and e.station == "LOCAL-0001"]
    starts = [frame[3] for frame in frames if frame[0] == 2 and frame[2] == "StartTransaction"]
    assert starts
    assert all(len(start["timestamp"]) == 19 and start["vendorExtra"] == "1" for start in starts)


class Recorder:
    """A connection that only notes what is sent."""

    def __init__(self):
        self.sent = []
        self.is_open = True

    def send_text(self, data):
        self.sent.append(data)


async def test_answers_of_a_slow_station_leave_late_and_calls_at_once():
    recorder = Recorder()
    slow = SlowConnection(recorder, 0.2)
    slow.send_text(b'[3,"x",{}]')
    slow.send_text(b'[2,"y","Heartbeat",{}]')
    assert recorder.sent == [b'[2,"y","Heartbeat",{}]']
    await asyncio.sleep(0.3)
    assert recorder.sent[1] == b'[3,"x",{}]'
    assert slow.is_open


def test_a_wallbox_is_slow_and_without_reservations():
    behaviour = persona("slow-wallbox").behaviour
    assert behaviour.answer_delay_s == 2.5
    assert "ReserveNow" in behaviour.lacks
    assert persona("slow-wallbox").quirks.lacks == ()
