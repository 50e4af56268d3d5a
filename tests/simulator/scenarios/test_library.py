"""The shipped scenarios, each in each of its versions, against our own server."""

import pytest

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.scenarios import load, run, shipped, walk

CASES = [(name, version) for name in shipped() for version in load(name).ocpp]


def test_a_dozen_and_more_are_shipped_each_with_a_title_and_an_expectation():
    assert len(shipped()) >= 12
    for name in shipped():
        scenario = load(name)
        assert len(scenario.title) > 10
        kinds = {step.VERB for step in walk(scenario.steps)}
        assert kinds & {"expect", "state", "send", "never"}, f"{name} expects nothing"


def test_every_version_has_its_happy_path():
    assert {version for name, version in CASES if name.startswith("happy-path")} == set(OcppVersion)


@pytest.mark.parametrize(("name", "version"), CASES, ids=[f"{name}-{version}" for name, version in CASES])
async def test_a_shipped_scenario_passes_against_our_server(options, name, version):
    outcome = await run(load(name), options, version)
    assert outcome.status == "passed", outcome.text()
    assert outcome.steps


async def test_what_a_happy_path_left_in_the_records_is_what_the_meter_said(server, options):
    outcome = await run(load("happy-path-2.x"), options, OcppVersion.V201)
    assert outcome.status == "passed", outcome.text()
    (session,) = server.all("/transactions", station_id=options.identities[0])
    assert not session["active"]
    assert session["energy_wh"] > 0
