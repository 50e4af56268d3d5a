"""Every fault in the middle of a session: our CSMS ends with one session, ended, with the energy the meter counted."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from support.server import ServerProcess
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.faults import LineFaults, read_faults
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import EvseRating, Vehicle
from voltherd.station import Clock, EvseConfig, StationConfig, Token

pytestmark = pytest.mark.slow

FACTOR = 60.0
TOKEN = Token("04D3A000000001")
_NUMBERS = itertools.count(1)
SESSION = ["StartTransaction", "StopTransaction", "TransactionEvent"]

HARMLESS_AT_LAST = {
    "lost calls": [{"kind": "lose", "side": "sent", "what": "calls", "times": 2}],
    "lost answers": [{"kind": "lose", "side": "received", "what": "answers", "times": 2}],
    "everything late": [{"kind": "delay", "least-s": 2, "most-s": 8}],
    "late out of order": [{"kind": "delay", "most-s": 8, "in-order": False}],
    "another order": [{"kind": "reorder", "hold-s": 4}],
    "another order of three": [{"kind": "reorder", "of": 3, "hold-s": 4}],
    "all twice": [{"kind": "duplicate"}],
    "three times, later": [{"kind": "duplicate", "copies": 2, "gap-s": 5, "side": "sent"}],
    "cut off": [{"kind": "truncate", "times": 2, "what": "calls"}],
    "spoilt characters": [{"kind": "garble", "times": 2, "what": "calls"}],
    "no JSON": [{"kind": "garble", "how": "no-json", "times": 2}],
    "no array": [{"kind": "garble", "how": "no-array", "times": 2}],
    "no text": [{"kind": "garble", "how": "utf-8", "times": 1}],
    "empty": [{"kind": "garble", "how": "empty", "times": 2}],
    "numbers for ids": [{"kind": "garble", "how": "no-id", "what": "calls", "times": 2}],
    "unknown action": [{"kind": "unknown-action", "actions": SESSION, "times": 2}],
    "unknown word": [{"kind": "unknown-enum", "actions": SESSION, "times": 2}],
    "wrong type": [{"kind": "wrong-type", "field": "timestamp", "actions": SESSION, "times": 1}],
    "missing field": [{"kind": "missing-field", "field": "timestamp", "actions": SESSION, "times": 1}],
    "a field more": [{"kind": "extra-field", "what": "calls", "times": 2}],
    "large": [{"kind": "huge", "bytes": 900_000, "blanks": True, "what": "calls"}],
    "too large": [{"kind": "huge", "bytes": 1_200_000, "actions": SESSION, "what": "calls", "times": 1}],
    "dropped before": [{"kind": "drop", "where": "before", "side": "sent", "actions": SESSION, "times": 2}],
    "dropped after": [{"kind": "drop", "where": "after", "side": "sent", "actions": SESSION, "times": 2}],
    "dropped at the answer": [{"kind": "drop", "where": "before", "side": "received", "actions": SESSION, "times": 2}],
    "half-open": [{"kind": "half-open", "side": "sent", "actions": SESSION, "times": 2}],
    "black hole": [{"kind": "black-hole", "side": "sent", "actions": SESSION, "for-s": 60}],
    "clock back": [{"kind": "clock-jump", "seconds": -120, "at-s": 20}],
    "clock on": [{"kind": "clock-jump", "seconds": 30, "at-s": 20}],
    "storm": [{"kind": "reconnect-storm", "every-s": 4, "times": 8}],
    "refused": [{"kind": "refuse"}],
    "pretended": [{"kind": "pretend"}],
    "altered": [{"kind": "alter", "actions": SESSION, "set": {"customData": {"vendorId": "x"}}, "times": 1}],
}
"""After all of these the session goes on, and its end tells everything."""

POWER = {
    "power cut before the first message": [
        {"kind": "power-cut", "where": "before", "side": "sent", "actions": SESSION}
    ],
    "power cut after the first message": [{"kind": "power-cut", "where": "after", "side": "sent", "actions": SESSION}],
    "power cut at the first answer": [{"kind": "power-cut", "where": "before", "side": "received", "actions": SESSION}],
    "power cut after the first answer": [
        {"kind": "power-cut", "where": "after", "side": "received", "actions": SESSION}
    ],
    "power cut later": [{"kind": "power-cut", "side": "sent", "what": "calls", "after": 3}],
    "reboot loop": [{"kind": "reboot-loop", "at-s": 20, "every-s": 15, "times": 4}],
}
"""After these the station ends the session by itself."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server") / "data", unknown_tokens="accept") as running:
        yield running


class Try:
    """One station, one session, under faults that come before it begins and go when the driver leaves."""

    def __init__(self, server, version):
        self.server = server
        self.identity = f"FAULTY-{next(_NUMBERS)}"
        server.put(f"/stations/{self.identity}", {"security_profile": 0})
        config = StationConfig(
            identity=self.identity,
            url=server.ocpp,
            version=version,
            evses=(EvseConfig(),),
            settings={"meter_interval_s": "10", "message_retry_s": "1"},
            call_timeout_s=0.5,
            reboot_s=0.2,
            reconnect_min_s=0.05,
            reconnect_max_s=0.2,
        )
        self.evse = SimulatedEvse(EvseRating.of(config.evses[0]), energy_import_wh=120_000.0)
        wall = datetime.now(UTC) - timedelta(seconds=120)
        clock = Clock(factor=FACTOR, wall=wall)
        self.station = SimulatedStation(config, hardware={1: self.evse}, clock=clock)
        self.line = LineFaults(self.station, seed=self.identity)

    @property
    def register_wh(self):
        return self.evse.read(self.station.clock.now()).energy_import_wh

    async def until(self, holds, timeout_s=20.0):
        async with asyncio.timeout(timeout_s):
            while not holds():
                await asyncio.sleep(0.02)

    def tap(self, tries=4):
        """The driver holds the card to the reader, and again where the CSMS did not understand the question."""

        def answered(allowed):
            if not allowed and tries > 1 and self.station.has_power:
                asyncio.get_running_loop().call_later(0.05, self.tap, tries - 1)

        self.station.tap(1, TOKEN, answered)

    async def session(self, faults, seconds=100.0):
        """Gives what the meter counted."""
        self.station.start()
        await self.until(lambda: self.station.core.is_online)
        before_wh = self.register_wh
        for fault in read_faults(faults):
            self.line.add(fault)
        self.station.plug(1, Vehicle(soc=0.3))
        self.tap()
        await self.station.clock.sleep(seconds)
        await self.until(lambda: self.station.has_power)
        self.line.remove()
        self.station.unplug(1)
        counted_wh = self.register_wh - before_wh
        await self.delivered()
        return counted_wh

    async def delivered(self):
        """All that must be delivered is, and the station is at the CSMS."""
        await self.until(lambda: self.station.core.is_online and self.station.core.is_quiet, 30.0)

    async def close(self):
        self.line.close()
        await self.station.stop()

    def command(self):
        (command,) = self.server.all("/commands", station_id=self.identity)
        return command

    def sessions(self):
        return self.server.all("/transactions", station_id=self.identity)


@pytest.fixture
async def attempt(server):
    made = []

    def make(version):
        made.append(Try(server, version))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("faults", HARMLESS_AT_LAST.values(), ids=HARMLESS_AT_LAST)
async def test_one_session_ended_with_the_energy_of_the_meter(attempt, version, faults):
    one = attempt(version)
    counted_wh = await one.session(faults)
    assert counted_wh > 10
    (session,) = one.sessions()
    assert not session["active"], session
    assert abs(session["energy_wh"] - counted_wh) <= 1.5, (session, counted_wh)


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("faults", POWER.values(), ids=POWER)
async def test_a_power_cut_ends_the_session_with_the_energy_of_the_meter(attempt, version, faults):
    one = attempt(version)
    counted_wh = await one.session(faults)
    (session,) = one.sessions()
    assert not session["active"], session
    assert abs(session["energy_wh"] - counted_wh) <= 1.5, (session, counted_wh)


@pytest.mark.parametrize("version", list(OcppVersion))
async def test_a_session_of_which_only_the_end_can_be_read_is_recorded_as_such(attempt, version):
    one = attempt(version)
    await one.session([{"kind": "extra-field", "actions": SESSION, "what": "calls"}])
    (session,) = one.sessions()
    assert not session["active"]
    assert session["inferred"] or session["flags"], session
    assert session["meter_stop_wh"] == pytest.approx(one.register_wh, abs=1.0)


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize(
    "fault",
    [{"kind": "meter-reset", "at-s": 50}, {"kind": "wrong-unit", "actions": ["MeterValues", *SESSION], "after": 3}],
    ids=["meter reset", "kWh for Wh from the middle on"],
)
async def test_registers_that_fall_never_make_negative_energy_and_are_flagged(attempt, version, fault):
    one = attempt(version)
    await one.session([fault])
    (session,) = one.sessions()
    assert not session["active"]
    assert session["flags"], session
    assert session["energy_wh"] is None or session["energy_wh"] >= 0, session


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"kind": "refuse"}, "failed"),
        ({"kind": "refuse", "status": "Rejected"}, "rejected"),
        ({"kind": "pretend", "actions": ["ClearCache"]}, "accepted"),
        ({"kind": "lose", "what": "answers", "side": "sent"}, "failed"),
        ({"kind": "garble", "what": "answers"}, "failed"),
        ({"kind": "garble", "what": "answers", "how": "no-json"}, "failed"),
        ({"kind": "unknown-enum", "what": "answers"}, "failed"),
    ],
    ids=["refused", "rejected", "pretended", "never", "garbled", "no JSON", "unknown word"],
)
async def test_what_becomes_of_a_command_is_told_as_it_was(attempt, version, fault, state):
    one = attempt(version)
    one.station.start()
    await one.until(lambda: one.station.core.is_online)
    one.line.add(read_faults([fault])[0])
    path = f"/stations/{one.identity}/commands/clear-cache"
    await asyncio.to_thread(one.server.client.post, path, json={}, params={"wait": True, "timeout_s": 1})
    await one.until(lambda: one.command()["state"] not in ("queued", "sent"), 5.0)
    assert one.command()["state"] in (state, "effect_seen" if state == "accepted" else state)
    one.line.remove()
    assert one.station.core.is_online, "the connection is as good as before"
