"""Drivers: how they come, start, stay and leave, seen at one EVSE in accelerated time."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import pytest

from support.answering_csms import answering_csms
from support.server import ServerProcess
from voltherd.simulator import Fleet, FleetOptions, FleetPlan, Habits
from voltherd.simulator.events import Event
from voltherd.simulator.plan import StationPlan
from voltherd.simulator.session_file import Session

FACTOR = 240.0
BUSY = {"idle_s": 15.0, "first_arrival_s": 5.0, "leave_early": 0.0}


class Watched:
    """A fleet with everything that happened."""

    def __init__(self, url: str, plan: FleetPlan, habits: Habits) -> None:
        options = FleetOptions(accelerate=FACTOR, ramp_per_s=1000.0, habits=habits, meter_interval_s=300)
        self.fleet = Fleet(url, plan=plan, options=options)
        self.events: list[Event] = []
        self._watch = self.fleet.feed.watch(frames=True)

    async def run(self, until, timeout_s=20.0):
        await self.fleet.start()
        try:
            async with asyncio.timeout(timeout_s):
                while not until(self):
                    self.events += self._watch.take()
                    await asyncio.sleep(0.02)
        finally:
            await self.fleet.stop()
        self.events += self._watch.take()
        return self

    def of(self, *kinds):
        return [event for event in self.events if event.kind in kinds]

    @property
    def ended(self):
        return self.of("transaction-ended")


def one_station(kind="ac-22-single", version="2.0.1", **changes) -> FleetPlan:
    first = FleetPlan.of(1, version, kind=kind).stations[0]
    return FleetPlan((StationPlan(**{name: getattr(first, name) for name in first.__slots__} | changes),))


async def charged(habits: dict, plan: FleetPlan | None = None, sessions: int = 4) -> Watched:
    async with answering_csms() as url:
        watched = Watched(url, plan or one_station(), Habits(**BUSY | habits))
        return await watched.run(lambda self: len(self.ended) >= sessions)


def actions(watched: Watched) -> list[str]:
    """What the station said and when its transactions began, in order."""
    frames = [event.data["frame"] for event in watched.of("frame-sent")]
    calls = [(frame, json.loads(frame)) for frame in frames if frame.startswith("[2,")]
    return ["Occupied" if "Occupied" in frame else call[2] for frame, call in calls]


async def test_those_who_plug_first_are_occupied_before_they_show_a_card():
    said = actions(await charged({"card_first": 0.0, "stay_s": 120.0}))
    assert said.index("Occupied") < said.index("Authorize") < said.index("TransactionEvent")


async def test_those_who_show_their_card_first_plug_in_afterwards():
    watched = await charged({"card_first": 1.0, "stay_s": 120.0})
    said = [one for one in actions(watched) if one in ("Authorize", "TransactionEvent")]
    assert said[0] == "Authorize"
    assert len(watched.of("transaction-started")) >= 4


async def test_some_stop_with_their_card_and_some_pull_the_plug():
    with_card = await charged({"stop_with_card": 1.0, "stay_s": 120.0, "overstay": 1.0})
    without = await charged({"stop_with_card": 0.0, "stay_s": 120.0, "overstay": 1.0})
    assert {event.data["reason"] for event in with_card.ended[:4]} == {"Local"}
    assert {event.data["reason"] for event in without.ended[:4]} == {"EVDisconnected"}


async def test_strangers_are_refused_by_a_csms_that_knows_them_not_and_leave(tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="accept")
    try:
        watched = Watched(
            server.ocpp, one_station(), Habits(**BUSY | {"strangers": 1.0, "card_first": 0.0, "first_arrival_s": 600.0})
        )
        await watched.run(lambda self: self.fleet.summary().tokens_refused >= 3 or len(self.of("disconnected")) > 9, 30)
        assert len(watched.of("transaction-started")) == 0
        said = actions(watched)
        assert said.count("Authorize") >= 3
    finally:
        server.stop()


async def test_who_overstays_stays_after_the_vehicle_is_full_and_others_leave():
    full = {"stay_s": 40_000.0, "stay_spread": 0.1, "target_soc": (0.2,), "stop_with_card": 0.0}
    leave = await charged({**full, "overstay": 0.0}, one_station("dc-150"), sessions=3)
    spans = [_span_s(leave, event.data["id"]) for event in leave.ended[:3]]
    assert max(spans) < 10_000


def _span_s(watched: Watched, transaction_id: str) -> float:
    begin, end = (
        datetime.fromisoformat(event.time)
        for event in watched.of("transaction-started", "transaction-ended")
        if event.data["id"] == transaction_id
    )
    return (end - begin).total_seconds()


async def test_sessions_of_a_file_are_charged_when_they_are_due_with_the_energy_they_ask_for():
    sessions = (
        Session(60.0, 900.0, 1_500.0, "A", token="CARD-A"),
        Session(1_000.0, 1_960.0, 2_500.0, "A"),
        Session(2_050.0, 2_350.0, 9_000.0, "A"),
    )
    watched = await charged({}, one_station(sessions=(sessions,)), sessions=3)
    energies = [event.data["energy_wh"] for event in watched.ended]
    assert energies[0] == pytest.approx(1_500, abs=2)
    assert energies[1] == pytest.approx(2_500, abs=2)
    assert 0 < energies[2] < 2_000, "five minutes at 22 kW"
    assert watched.of("transaction-started")[0].data["token"] == "CARD-A"
    span = [_span_s(watched, event.data["id"]) for event in watched.ended]
    assert span[0] == pytest.approx(840, rel=0.25)
    assert len(watched.of("transaction-started")) == 3


async def test_the_same_seed_brings_the_same_vehicles():
    first, second = [await charged({"stay_s": 120.0, "overstay": 1.0}, sessions=3) for _ in range(2)]
    tokens = [[event.data["token"] for event in one.of("transaction-started")[:3]] for one in (first, second)]
    assert tokens[0] == tokens[1]


async def test_nobody_comes_where_the_plan_says_so():
    async with answering_csms() as url:
        watched = Watched(url, one_station(drivers=False), Habits(**BUSY))
        await watched.run(lambda self: bool(self.of("registration")) and self.fleet.summary().seconds > 1.0)
        assert watched.of("transaction-started") == []


async def test_a_vehicle_with_a_contract_charges_without_a_card():
    watched = await charged({"contract": 1.0, "card_first": 0.0, "stay_s": 120.0}, one_station("dc-150", "2.1"), 3)
    tokens = [event.data["token"] for event in watched.of("transaction-started")]
    assert any(token.startswith("DEVLT") for token in tokens)
    assert '"eMAID"' in "".join(event.data["frame"] for event in watched.of("frame-sent"))


async def test_guests_wait_to_be_started_from_afar_and_leave_when_nobody_does():
    async with answering_csms() as url:
        watched = Watched(url, one_station(), Habits(**BUSY | {"card_first": 0.0, "remote": 1.0}))
        await watched.run(lambda self: actions(self).count("Occupied") >= 3)
    assert "Authorize" not in actions(watched)
    assert watched.of("transaction-started") == []


async def test_riders_swap_batteries_at_a_swap_station():
    async with answering_csms() as url:
        watched = Watched(url, one_station("battery-swap", "2.1"), Habits(**BUSY))
        await watched.run(lambda self: _swaps(self).count("BatteryOut") >= 3)
        swaps = _swaps(watched)
    assert swaps[:2] == ["BatteryIn", "BatteryOut"]
    assert len(watched.of("transaction-started")) >= 6


def _swaps(watched: Watched) -> list[str]:
    frames = [
        json.loads(event.data["frame"]) for event in watched.of("frame-sent") if "BatterySwap" in event.data["frame"]
    ]
    return [frame[3]["eventType"] for frame in frames if frame[0] == 2 and frame[2] == "BatterySwap"]
