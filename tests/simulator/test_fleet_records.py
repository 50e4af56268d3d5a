"""No wrong record: what the server has of every session is what the meters of the fleet counted."""

import asyncio
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from support.api import Api
from support.server import ServerProcess
from voltherd.simulator import Fleet, FleetOptions, FleetPlan, Habits
from voltherd.simulator.fleet_file import Incident
from voltherd.simulator.plan import tokens

BUSY = Habits(idle_s=200.0, first_arrival_s=300.0, stay_s=420.0, card_first=0.3, leave_early=0.2)


class Books:
    """What every meter counted at the begin, and every session as its station saw it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.sessions = defaultdict(list)
        self._watch = fleet.feed.watch()
        self._begin_wh = {
            (identity, evse_id): evse.energy_import_wh
            for identity, station in fleet.stations.items()
            for evse_id, evse in station.hardware.items()
        }

    def read(self) -> None:
        for event in self._watch.take():
            assert event.kind != "lost"
            if event.kind == "transaction-ended":
                self.sessions[event.station, event.evse_id].append(event.data["energy_wh"])

    def counted_wh(self, place) -> float:
        identity, evse_id = place
        return self.fleet.stations[identity].hardware[evse_id].energy_import_wh - self._begin_wh[place]

    @property
    def places(self):
        return self._begin_wh

    async def live(self, seconds: float) -> None:
        """Run, and note what happens meanwhile."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)
            self.read()


def compare(books: Books, records) -> int:
    """Hold every record against its session and every EVSE's records against its meter; gives their number."""
    by_place = defaultdict(list)
    for record in records:
        by_place[record["station_id"], record["evse_id"]].append(record)
    for place in books.places:
        mine = sorted(by_place[place], key=lambda record: record["started_at"])
        assert [record["energy_wh"] for record in mine] == books.sessions[place], place
        assert sum(record["energy_wh"] for record in mine) == pytest.approx(books.counted_wh(place), abs=len(mine) + 1)
        for before, after in pairwise(mine):
            assert before["stopped_at"] <= after["started_at"], place
        for record in mine:
            assert record["flags"] == [], record
            assert record["stopped_at"] is not None
    assert set(by_place) <= set(books.places)
    return len(records)


async def run(tmp_path: Path, stations: int, seconds: float, incidents=()) -> tuple[int, Fleet]:
    server = ServerProcess(tmp_path / "data", unknown_stations="accept", unknown_tokens="accept")
    api = Api(server.http)
    try:
        plan = FleetPlan.of(stations, tokens=tokens(4 * stations))
        plan = FleetPlan(plan.stations, plan.tokens, incidents)
        options = FleetOptions(accelerate=60.0, duration_s=seconds + 8.0, ramp_per_s=stations / 2, habits=BUSY)
        fleet = Fleet(server.ocpp, plan=plan, options=options)
        books = Books(fleet)
        await fleet.start()
        await books.live(seconds)
        fleet.incidents.end()
        await fleet.wait_accepted()
        await fleet.stop(patience_s=30.0)
        books.read()
        assert fleet.summary().waiting_messages == 0
        return compare(books, await api.items("/transactions")), fleet
    finally:
        await api.close()
        assert "Traceback" not in server.stop()


@pytest.mark.slow
async def test_every_session_is_recorded_with_the_energy_that_the_meter_counted(tmp_path: Path):
    count, fleet = await run(tmp_path, 40, 12.0)
    assert count > 40
    assert fleet.summary().calls_failed == 0, fleet.summary().errors


@pytest.mark.slow
async def test_outages_storms_and_power_cuts_cost_no_session_and_no_energy(tmp_path: Path):
    incidents = (
        Incident(kind="outage", share=0.4, at_s=120.0, for_s=90.0, every_s=240.0),
        Incident(kind="power-cut", share=0.2, at_s=200.0, for_s=30.0, every_s=150.0),
        Incident(kind="reconnect-storm", at_s=330.0, every_s=120.0),
    )
    count, fleet = await run(tmp_path, 40, 12.0, incidents)
    assert count > 40
    assert fleet.summary().disconnects > 60


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_thousand_sessions_an_hour_60_fold_without_a_wrong_record(tmp_path: Path):
    count, fleet = await run(tmp_path, 220, 62.0)
    assert count >= 1000
    assert fleet.summary().calls_failed == 0, fleet.summary().errors
