"""OCPP 1.6, core profile: configuration keys, and data transfer."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Commanded, Station

official = partial(case, version="1.6", block="Core")
KEYS = [
    {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,Reservation"},
]


async def variables(station: Station) -> dict[str, dict[str, Any]]:
    """Give the configuration keys that the API shows, by name."""
    found = await station.api.items(f"/stations/{station.identity}/variables")
    assert {item["component"] for item in found} <= {"OCPP16"}
    return {item["variable"]: item for item in found}


@official("TC_019_1_CSMS", "All configuration keys are read and shown")
async def test_tc_019_1_csms_all_keys(v16: Station) -> None:
    done = await v16.command("get-report", answers={"GetConfiguration": {"configurationKey": KEYS}})
    assert (done.call.action, done.call.payload) == ("GetConfiguration", {})
    assert done.record["state"] == "effect_seen"
    shown = await variables(v16)
    assert {name: item["actual_value"] for name, item in shown.items()} == {one["key"]: one["value"] for one in KEYS}
    assert shown["HeartbeatInterval"]["mutability"] == "ReadWrite"
    assert shown["NumberOfConnectors"]["mutability"] == "ReadOnly"

    raw = await v16.raw("GetConfiguration", {"key": []}, {"configurationKey": KEYS})
    assert raw.call.payload == {"key": []}, "a raw call goes out as it is"
    assert raw.result == {"configurationKey": KEYS}


@official("TC_019_2_CSMS", "One configuration key is read and shown; one that the station lacks is named")
async def test_tc_019_2_csms_one_key(v16: Station) -> None:
    wanted = {"variables": [{"variable": "SupportedFeatureProfiles"}]}
    done = await v16.command("get-variables", wanted, {"GetConfiguration": {"configurationKey": KEYS[2:]}})
    assert (done.call.action, done.call.payload) == ("GetConfiguration", {"key": ["SupportedFeatureProfiles"]})
    assert done.record["state"] == "effect_seen"
    assert (await variables(v16))["SupportedFeatureProfiles"]["actual_value"] == "Core,Reservation"

    missing = {"variables": [{"variable": "NoSuchKey"}]}
    done = await v16.command("get-variables", missing, {"GetConfiguration": {"unknownKey": ["NoSuchKey"]}})
    assert (done.record["state"], done.record["answer"]["unknown"]) == ("rejected", ["NoSuchKey"])


async def change(station: Station, key: str, value: str, status: str) -> Commanded:
    """Change a configuration key; the station is told exactly that."""
    wanted = {"variables": [{"variable": key, "value": value}]}
    done = await station.command("set-variables", wanted, {"ChangeConfiguration": {"status": status}})
    assert (done.call.action, done.call.payload) == ("ChangeConfiguration", {"key": key, "value": value})
    [result] = done.record["answer"]["results"]
    assert result["status"] == status
    return done


@official("TC_021_CSMS", "A configuration key is changed; wish and outcome are shown")
@pytest.mark.parametrize(("status", "applied"), [("Accepted", "applied"), ("RebootRequired", "reboot_required")])
async def test_tc_021_csms_change_a_key(v16: Station, status: str, applied: str) -> None:
    done = await change(v16, "MeterValueSampleInterval", "60", status)
    assert done.record["state"] == "effect_seen"
    shown = (await variables(v16))["MeterValueSampleInterval"]
    assert (shown["desired_value"], shown["apply_state"]) == ("60", applied)


@official("TC_040_1_CSMS", "A configuration key that the station does not know is shown as such")
async def test_tc_040_1_csms_key_not_supported(v16: Station) -> None:
    assert (await change(v16, "NoSuchKey", "1", "NotSupported")).record["state"] == "rejected"
    assert (await variables(v16))["NoSuchKey"]["apply_state"] == "unknown_to_station"


@official("TC_040_2_CSMS", "A value that the station refuses is shown as refused")
async def test_tc_040_2_csms_invalid_value(v16: Station) -> None:
    assert (await change(v16, "MeterValueSampleInterval", "-1", "Rejected")).record["state"] == "rejected"
    shown = (await variables(v16))["MeterValueSampleInterval"]
    assert (shown["desired_value"], shown["apply_state"], shown["actual_value"]) == ("-1", "rejected", None)


@official("TC_064_CSMS", "Data of a vendor that the server does not know is not accepted, and the log shows it")
async def test_tc_064_csms_data_of_an_unknown_vendor(v16: Station) -> None:
    sent = {"vendorId": "com.example.nobody", "messageId": "hello", "data": "world"}
    assert await v16.call("DataTransfer", sent) == {"status": "UnknownVendorId"}
    asked, answered = await v16.messages("DataTransfer")
    assert (asked["direction"], answered["direction"]) == ("in", "out")
    assert "com.example.nobody" in asked["frame"]
