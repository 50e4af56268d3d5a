"""OCPP 2.0.1, block B: reports of the device model."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import fresh, get, lists_are_whole, named, report

official = partial(case, version="2.0.1")
AVAILABILITY = ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
CORE_VARIABLES = Path(__file__).with_name("required_variables.txt").read_text("utf-8").split()
"""What OCPP 2.0.1 part 2 asks of every station ("Referenced Components and Variables", required)."""


def _path(entry: dict[str, Any]) -> str:
    variable = entry["variable"]
    instance = f"/{variable['instance']}" if "instance" in variable else ""
    return f"{entry['component']['name']}.{variable['name']}{instance}"


def _mutable(entry: dict[str, Any]) -> bool:
    return any(a.get("mutability", "ReadWrite") != "ReadOnly" for a in entry["variableAttribute"])


@official("TC_B_12_CS", "The report of the configuration holds what can be set, with its characteristics")
async def test_tc_b_12_cs_configuration(csms: Csms, station: Hand) -> None:
    entries = await report(csms, reportBase="ConfigurationInventory")
    assert all("variableCharacteristics" in entry for entry in entries)
    assert [_path(entry) for entry in entries if not _mutable(entry)] == []
    full = await report(csms, reportBase="FullInventory")
    assert {_path(entry) for entry in entries} == {_path(entry) for entry in full if _mutable(entry)}
    lists_are_whole(entries)


@official("TC_B_13_CS", "The full report holds what the station consists of")
async def test_tc_b_13_cs_full(csms: Csms, station: Hand) -> None:
    entries = await report(csms, reportBase="FullInventory")
    assert all("variableCharacteristics" in entry for entry in entries)
    found = {_path(entry) for entry in entries}
    infrastructure = {f"{part}.AvailabilityState" for part in ("ChargingStation", "EVSE", "Connector")} | {
        "ChargingStation.VendorName",
        "ChargingStation.Model",
        "ChargingStation.SupplyPhases",
        "EVSE.Power",
        "EVSE.SupplyPhases",
        "Connector.ConnectorType",
        "Connector.SupplyPhases",
        "ChargingStation.Available",
        "EVSE.Available",
        "Connector.Available",
    }
    assert infrastructure - found == set()
    evses = [e["component"]["evse"]["id"] for e in entries if _path(e) == "EVSE.AvailabilityState"]
    assert sorted(evses) == [1, 2]
    lists_are_whole(entries)


@official("TC_B_53_CS", "The full report holds every variable that the specification asks of each station")
async def test_tc_b_53_cs_every_required_variable(csms: Csms, station: Hand) -> None:
    entries = await report(csms, reportBase="FullInventory")
    found = {_path(entry) for entry in entries}
    assert sorted(set(CORE_VARIABLES) - found) == []
    lists_are_whole(entries)
    for entry in entries:
        for attribute in entry["variableAttribute"]:
            if attribute.get("mutability") == "WriteOnly":
                assert "value" not in attribute, _path(entry)


@official("TC_B_14_CS", "The summary tells what is available, of the station, its EVSEs and connectors")
async def test_tc_b_14_cs_summary(csms: Csms, station: Hand) -> None:
    entries = await report(csms, reportBase="SummaryInventory")
    found = {_path(entry) for entry in entries}
    assert {"ChargingStation.AvailabilityState", "EVSE.AvailabilityState"} <= found
    configuration = await report(csms, reportBase="ConfigurationInventory")
    assert not found & {_path(entry) for entry in configuration}
    lists_are_whole(entries)


@official("TC_B_16_CS", "A report of the enabled components tells exactly those that say so")
async def test_tc_b_16_cs_by_criteria(csms: Csms, station: Hand) -> None:
    entries = await report(csms, "GetReport", componentCriteria=["Enabled"])
    full = await report(csms, reportBase="FullInventory")
    wanted = {
        _path(entry)
        for entry in full
        if entry["variable"]["name"] == "Enabled" and entry["variableAttribute"][0].get("value", "").lower() == "true"
    }
    assert {_path(entry) for entry in entries if entry["variable"]["name"] == "Enabled"} == wanted
    assert wanted
    for entry in entries:
        assert "variableCharacteristics" in entry
        if entry["variable"]["name"] == "Enabled":
            assert (await get(csms, _path(entry)))["attributeValue"].lower() == "true"


def _is_state_of_evse(entry: dict[str, Any], evse_id: int) -> None:
    assert entry["component"] == {"name": "EVSE", "evse": {"id": evse_id}}
    assert entry["variable"] == {"name": "AvailabilityState"}
    assert entry["variableCharacteristics"]["dataType"] == "OptionList"
    values = [part.strip() for part in entry["variableCharacteristics"]["valuesList"].split(",")]
    assert sorted(values) == sorted(AVAILABILITY)
    [attribute] = entry["variableAttribute"]
    assert (attribute["mutability"], attribute.get("type", "Actual")) == ("ReadOnly", "Actual")


@official("TC_B_17_CS", "A report of one variable of one EVSE")
async def test_tc_b_17_cs_by_variable(csms: Csms, station: Hand) -> None:
    [entry] = await report(csms, "GetReport", componentVariable=[named("EVSE.AvailabilityState", evse_id=1)])
    _is_state_of_evse(entry, 1)


@official("TC_B_18_CS", "Criteria and variable together: told where both hold, else there is nothing to tell")
async def test_tc_b_18_cs_by_criteria_and_variable(csms: Csms, station: Hand) -> None:
    wanted = [named("EVSE.AvailabilityState", evse_id=1)]
    [entry] = await report(csms, "GetReport", componentCriteria=["Available"], componentVariable=wanted)
    _is_state_of_evse(entry, 1)
    answer = await csms.call("GetReport", requestId=fresh(), componentCriteria=["Problem"], componentVariable=wanted)
    assert answer["status"] == "EmptyResultSet"
    assert answer.get("statusInfo", {"reasonCode": "NotFound"})["reasonCode"] == "NotFound"
    await csms.none("NotifyReport")


@pytest.mark.parametrize(
    ("path", "instances"),
    [
        pytest.param(
            "DeviceDataCtrlr.ItemsPerMessage",
            {"GetReport", "GetVariables"},
            marks=official("TC_B_54_CS", "A variable asked for without its instance: all instances are told"),
            id="TC_B_54_CS",
        ),
        pytest.param(
            "DeviceDataCtrlr.ItemsPerMessage/GetReport",
            {"GetReport"},
            marks=official("TC_B_55_CS", "A variable asked for with its instance: that one is told"),
            id="TC_B_55_CS",
        ),
    ],
)
async def test_instances(csms: Csms, station: Hand, path: str, instances: set[str]) -> None:
    entries = await report(csms, "GetReport", componentVariable=[named(path)])
    assert {(e["component"]["name"], e["variable"]["name"]) for e in entries} == {
        ("DeviceDataCtrlr", "ItemsPerMessage")
    }
    found = [entry["variable"]["instance"] for entry in entries]
    assert len(found) == len(set(found))
    assert set(found) == instances if len(instances) == 1 else instances <= set(found)


@official("TC_B_56_CS", "A variable asked for without an EVSE: that of each EVSE is told")
async def test_tc_b_56_cs_every_evse(csms: Csms, station: Hand) -> None:
    entries = await report(csms, "GetReport", componentVariable=[named("EVSE.AvailabilityState")])
    assert sorted(entry["component"]["evse"]["id"] for entry in entries) == [1, 2]
    for entry in entries:
        _is_state_of_evse(entry, entry["component"]["evse"]["id"])
