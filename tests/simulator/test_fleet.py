"""Fleets: against a CSMS we did not write, against ours, and against nothing."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from support.api import Api
from support.foreign_csms import foreign_csms
from support.server import ServerProcess
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator import TOKENS, Fleet, FleetError, FleetOptions, FleetPlan, Habits
from voltherd.simulator.cards import Cards
from voltherd.simulator.chance import Chance


def test_the_demo_fleet_has_24_stations_of_all_versions_and_powers():
    plan = FleetPlan.demo()
    assert len({station.identity for station in plan.stations}) == 24
    assert [sum(s.version is v for s in plan.stations) for v in OcppVersion] == [8, 8, 8]
    powers = {evse.max_power_w for s in plan.stations for evse in s.persona.evses}
    assert powers == {11_000.0, 22_000.0, 150_000.0}
    assert plan.stations[0].identity == "DEMO-016-01"


def test_the_same_seed_brings_the_same_fleet():
    assert FleetPlan.of(50, seed=7) == FleetPlan.of(50, seed=7)
    assert FleetPlan.of(50, seed=7) != FleetPlan.of(50, seed=8)


def test_a_mix_deals_the_versions_out_evenly():
    versions = [s.version for s in FleetPlan.of(9, "mix").stations]
    assert [versions.count(v) for v in OcppVersion] == [3, 3, 3]
    assert {s.version for s in FleetPlan.of(4, "2.1").stations} == {OcppVersion.V21}


def test_names_and_models_fit_what_ocpp_allows():
    for station in (*FleetPlan.demo().stations, *FleetPlan.of(200).stations):
        assert len(station.persona.model) <= 20
        assert len(station.persona.vendor) <= 20
        assert len(station.serial_number) <= 25
    assert max(map(len, TOKENS)) <= 20


def test_every_evse_of_the_demo_can_charge_with_a_card_of_its_own():
    assert len(TOKENS) >= sum(len(station.persona.evses) for station in FleetPlan.demo().stations)


def test_a_card_in_use_is_not_taken_until_it_is_given_back():
    cards, chance = Cards(("A", "B", "C")), Chance(1)
    cards.use("b")
    taken = {cards.take(chance), cards.take(chance)}
    assert taken == {"A", "C"}
    assert cards.take(chance) in {"A", "B", "C"}, "all are out: one is shared"


def test_a_card_that_was_given_back_is_taken_again():
    cards, chance = Cards(("A", "B")), Chance(1)
    first = cards.take(chance)
    second = cards.take(chance)
    cards.leave(first)
    assert (cards.take(chance), second) == (first, ({"A", "B"} - {first}).pop())


async def test_nothing_listens_there_is_said_in_one_line():
    fleet = Fleet("ws://127.0.0.1:9", stations=2)
    with pytest.raises(FleetError, match=r"^ws://127.0.0.1:9 cannot be reached \(.*\), tried 3 times$"):
        await fleet.start()


async def test_a_fleet_charges_on_a_csms_we_did_not_write(monkeypatch):
    import support.foreign_csms as foreign

    monkeypatch.setattr(foreign, "TOKENS", dict.fromkeys(TOKENS, "Accepted"))
    options = FleetOptions(accelerate=120.0, habits=Habits(first_arrival_s=30.0, idle_s=60.0, stay_s=180.0))
    async with foreign_csms() as csms:
        plan = FleetPlan(tuple(s for s in FleetPlan.of(9).stations if s.version is not OcppVersion.V21))
        fleet = Fleet(csms.url, plan=plan, options=options)
        await fleet.start()
        await fleet.wait_accepted()
        await asyncio.sleep(4.0)
        await fleet.stop()
    summary = fleet.summary()
    assert all("NotImplemented" in error for error in summary.errors), summary.errors
    assert summary.sessions_started == summary.sessions_ended > 5
    assert summary.energy_kwh > 1
    assert summary.waiting_messages == 0
    assert 0 < summary.p50_ms <= summary.p99_ms


async def test_a_fleet_of_all_versions_charges_on_voltherd_and_the_energy_agrees(tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="accept")
    api = Api(server.http)
    try:
        for token in TOKENS:
            await api.put(f"/tokens/{token}")
        options = FleetOptions(
            accelerate=60.0, duration_s=6.0, habits=Habits(idle_s=60.0, first_arrival_s=30.0, stay_s=120.0)
        )
        fleet = Fleet(server.ocpp, plan=FleetPlan.demo(), options=options)
        await fleet.start()
        await fleet.wait_accepted()
        await asyncio.sleep(5.0)
        await fleet.stop()
        summary = fleet.summary()
        records = await api.items("/transactions")
        assert summary.calls_failed == 0, summary.errors
        assert len(records) == summary.sessions_started == summary.sessions_ended > 10
        assert {record["ocpp_version"] for record in records} == {"1.6", "2.0.1", "2.1"}
        energy_kwh = sum(record["energy_wh"] for record in records) / 1000
        assert energy_kwh == pytest.approx(summary.energy_kwh, abs=0.001)
        assert [record["flags"] for record in records if record["flags"]] == []
        assert summary.tokens_refused == 0
        for token in TOKENS:
            mine = sorted((r["started_at"], r["stopped_at"]) for r in records if r["id_token"] == token)
            assert all(a[1] <= b[0] for a, b in pairwise(mine)), f"{token} charged at two EVSEs at once: {mine}"
    finally:
        await api.close()
        assert "Traceback" not in server.stop()


async def test_a_driver_comes_when_charging_is_started_from_afar(tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="accept")
    api = Api(server.http)
    options = FleetOptions(accelerate=20.0, habits=Habits(idle_s=60.0, first_arrival_s=100_000.0))
    fleet = Fleet(server.ocpp, stations=3, options=options)
    try:
        await api.put(f"/tokens/{TOKENS[0]}")
        await fleet.start()
        await fleet.wait_accepted()
        for identity in fleet.stations:
            record = await api.command(identity, "remote-start", {"id_token": TOKENS[0], "evse_id": 1})
            assert record["state"] != "failed", record
        async with asyncio.timeout(15.0):
            while fleet.summary().charging < 3:
                await asyncio.sleep(0.05)
    finally:
        await fleet.stop()
        await api.close()
        server.stop()


async def test_an_unknown_station_is_told_why_in_one_line(tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="refuse")
    try:
        with pytest.raises(FleetError, match=r"^SIM-0001 was refused by .* with 404: "):
            await Fleet(server.ocpp, stations=2).start()
    finally:
        server.stop()


async def test_a_killed_csms_costs_no_session_and_no_energy(tmp_path: Path):
    server = ServerProcess(tmp_path / "data", unknown_stations="accept")
    api = Api(server.http)
    options = FleetOptions(
        accelerate=60.0,
        duration_s=12.0,
        habits=Habits(first_arrival_s=20.0, idle_s=30.0, stay_s=120.0),
    )
    try:
        for token in TOKENS:
            await api.put(f"/tokens/{token}")
        fleet = Fleet(server.ocpp, plan=FleetPlan.demo(), options=options)
        await fleet.start()
        await fleet.wait_accepted()
        await asyncio.sleep(2.0)
        server.kill()
        await asyncio.sleep(1.5)
        assert fleet.summary().connected == 0
        assert fleet.summary().waiting_messages > 0
        server = ServerProcess(tmp_path / "data", ports=server.ports, unknown_stations="accept")
        await fleet.wait_accepted()
        await asyncio.sleep(2.0)
        await fleet.stop(patience_s=15.0)
        summary = fleet.summary()
        records = await api.items("/transactions")
        assert summary.waiting_messages == 0
        assert len(records) == summary.sessions_started == summary.sessions_ended
        assert sum(r["energy_wh"] for r in records) / 1000 == pytest.approx(summary.energy_kwh, abs=0.001)
    finally:
        await api.close()
        server.stop()
