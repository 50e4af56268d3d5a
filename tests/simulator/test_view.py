"""The terminal view, driven by its keys."""

import asyncio
from io import StringIO

import pytest
from rich.console import Console
from textual.widgets import DataTable, Input, RichLog, Static

from support.answering_csms import answering_csms
from voltherd.simulator import Fleet, FleetOptions, FleetPlan
from voltherd.simulator.view import FleetView

OPTIONS = FleetOptions(drivers=False, accelerate=20.0, ramp_per_s=1000.0)


@pytest.fixture
async def fleet():
    async with answering_csms() as url:
        stations = FleetPlan.of(2, "1.6", prefix="AC-", kind="ac-22-dual").stations
        stations += FleetPlan.of(1, "2.0.1", prefix="DC-", kind="dc-150").stations
        fleet = Fleet(url, plan=FleetPlan(stations), options=OPTIONS)
        await fleet.start()
        await fleet.wait_accepted()
        yield fleet
        await fleet.stop()


async def until(pilot, condition, timeout_s=5.0):
    async with asyncio.timeout(timeout_s):
        while not condition():
            await pilot.pause(0.05)


def station_text(app):
    console = Console(width=200, file=StringIO())
    console.print(app.query_one("#station", Static).content)
    return console.file.getvalue()


async def test_all_stations_are_listed_and_the_first_is_picked(fleet):
    app = FleetView(fleet)
    async with app.run_test(size=(180, 50)) as pilot:
        await pilot.pause()
        table = app.query_one("#stations", DataTable)
        assert [table.get_row_at(place)[0] for place in range(table.row_count)] == ["AC-0001", "AC-0002", "DC-0001"]
        assert table.get_row_at(0)[1:5] == ["ac-22-dual", "1.6", "accepted", "--"]
        assert app.picked == "AC-0001"
        assert "Lumera Curb Duo" in station_text(app)


async def test_a_car_is_plugged_a_card_tapped_and_both_taken_away_by_keys(fleet):
    app = FleetView(fleet)
    async with app.run_test(size=(180, 50)) as pilot:
        await pilot.press("down", "down")
        assert app.picked == "DC-0001"
        await pilot.press("e", "p")
        await pilot.pause()
        await pilot.press("down", "down", "down", "down", "enter")
        station = fleet.station("DC-0001")
        assert station.hardware[2].car.model.name == "Sirocco 800"
        await pilot.press("t")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: station.is_charging(2))
        await until(pilot, lambda: station.power_w > 50_000)
        app.refresh_all()
        assert app.query_one("#stations", DataTable).get_row_at(2)[4] == "-C"
        assert fleet.plan.tokens[0] in station_text(app)
        await until(pilot, lambda: len(app.query_one("#frames", RichLog).lines) > 2)
        log = "\n".join(line.text for line in app.query_one("#frames", RichLog).lines)
        assert "Authorize" in log
        await pilot.press("u")
        assert not station.is_charging(2)


async def test_an_evse_is_broken_and_repaired_by_a_key(fleet):
    app = FleetView(fleet)
    station = fleet.station("AC-0001")
    async with app.run_test(size=(180, 50)) as pilot:
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("down", "enter")
        assert station.core.evses[1].fault == "GroundFailure"
        assert app.query_one("#stations", DataTable).get_row_at(0)[4] == "!-"
        await pilot.press("b")
        assert station.core.evses[1].fault is None


async def test_power_network_line_and_limit_are_changed_by_keys(fleet):
    app = FleetView(fleet)
    station = fleet.station("AC-0001")
    async with app.run_test(size=(180, 50)) as pilot:
        await pilot.press("x")
        await until(pilot, lambda: station.line == "off")
        await pilot.press("x")
        await until(pilot, lambda: station.line == "accepted")
        await pilot.press("n")
        await until(pilot, lambda: station.line == "no-network")
        await pilot.press("n")
        await until(pilot, lambda: station.line == "accepted")
        await pilot.press("l")
        await pilot.pause()
        await pilot.press(*"7000", "enter")
        assert station.limit_w == 7000.0
        await pilot.press("l")
        await pilot.pause()
        await pilot.press("enter")
        assert station.limit_w is None


async def test_what_is_not_possible_is_said_and_nothing_happens(fleet):
    app = FleetView(fleet)
    async with app.run_test(size=(180, 50)) as pilot:
        fleet.station("AC-0001").break_evse(1, "InternalError")
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("enter")
        assert fleet.station("AC-0001").hardware[1].car is None
        assert any("takes no vehicle" in note.message for note in app._notifications)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.press("l")
        await pilot.pause()
        await pilot.press(*"much", "enter")
        assert fleet.station("AC-0001").limit_w is None


async def test_stations_are_found_by_what_is_typed(fleet):
    app = FleetView(fleet)
    async with app.run_test(size=(180, 50)) as pilot:
        await pilot.press("slash")
        assert isinstance(app.focused, Input)
        await pilot.press(*"dc-150", "enter")
        table = app.query_one("#stations", DataTable)
        await until(pilot, lambda: table.row_count == 1)
        assert app.picked == "DC-0001"
