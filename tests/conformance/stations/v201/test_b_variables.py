"""OCPP 2.0.1, block B: reading and setting variables."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import configure, get, named, put, value_of

official = partial(case, version="2.0.1")
THRESHOLD = "OCPPCommCtrlr.OfflineThreshold"
OFFLINE = "AuthCtrlr.LocalAuthorizeOffline"


def is_well(result: dict[str, object], path: str, attribute: str = "Actual") -> None:
    """A result that says yes, and of what."""
    assert result["attributeStatus"] == "Accepted"
    assert result.get("attributeType", "Actual") == attribute
    assert result.get("attributeStatusInfo", {"reasonCode": "NoError"})["reasonCode"] == "NoError"  # type: ignore[index]
    assert {name: result[name] for name in ("component", "variable")} == named(path)


@official("TC_B_06_CS", "A variable is read")
async def test_tc_b_06_cs_read_one(csms: Csms, station: Hand) -> None:
    await configure(csms, OCPPCommCtrlr__OfflineThreshold=300)
    result = await get(csms, THRESHOLD, attributeType="Actual")
    is_well(result, THRESHOLD)
    assert result["attributeValue"] == "300"


@official("TC_B_07_CS", "Several variables are read at once")
async def test_tc_b_07_cs_read_several(csms: Csms, station: Hand) -> None:
    await configure(csms, OCPPCommCtrlr__OfflineThreshold=300, AuthCtrlr__LocalAuthorizeOffline=True)
    data = [named(path) | {"attributeType": "Actual"} for path in (THRESHOLD, OFFLINE)]
    results = (await csms.call("GetVariables", getVariableData=data))["getVariableResult"]
    values = {result["variable"]["name"]: result for result in results}
    assert len(results) == 2
    is_well(values["OfflineThreshold"], THRESHOLD)
    is_well(values["LocalAuthorizeOffline"], OFFLINE)
    assert values["OfflineThreshold"]["attributeValue"] == "300"
    assert values["LocalAuthorizeOffline"]["attributeValue"].lower() == "true"


@official("TC_B_09_CS", "A variable is set")
async def test_tc_b_09_cs_set_one(csms: Csms, station: Hand) -> None:
    is_well(await put(csms, THRESHOLD, "300", attributeType="Actual"), THRESHOLD)
    assert await value_of(csms, THRESHOLD) == "300"


@official("TC_B_10_CS", "Several variables are set at once")
async def test_tc_b_10_cs_set_several(csms: Csms, station: Hand) -> None:
    data = [
        named(path) | {"attributeType": "Actual", "attributeValue": value}
        for path, value in ((THRESHOLD, "300"), (OFFLINE, "true"))
    ]
    results = (await csms.call("SetVariables", setVariableData=data))["setVariableResult"]
    by_name = {result["variable"]["name"]: result for result in results}
    assert len(results) == 2
    is_well(by_name["OfflineThreshold"], THRESHOLD)
    is_well(by_name["LocalAuthorizeOffline"], OFFLINE)


@official("TC_B_11_CS", "Values that are not of a variable's kind are rejected: a number, a choice, a time, a boolean")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (THRESHOLD, "Thirty"),
        (THRESHOLD, "-1"),
        ("TxCtrlr.TxStartPoint", "Sometime"),
        ("SampledDataCtrlr.TxUpdatedMeasurands", "Energy.Active.Import.Register,Mood"),
        (OFFLINE, "perhaps"),
    ],
)
async def test_tc_b_11_cs_wrong_values(csms: Csms, station: Hand, path: str, value: str) -> None:
    before = await value_of(csms, path)
    assert (await put(csms, path, value))["attributeStatus"] == "Rejected"
    assert await value_of(csms, path) == before


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(
            ("OCPPCommCtrlr.UnknownVariable", {}, "UnknownVariable"),
            marks=official("TC_B_33_CS", "Reading a variable that a component lacks is answered so"),
            id="TC_B_33_CS",
        ),
        pytest.param(
            ("UnknownComponent.OfflineThreshold", {}, "UnknownComponent"),
            marks=official("TC_B_32_CS", "Reading a variable of a component that there is not is answered so"),
            id="TC_B_32_CS",
        ),
        pytest.param(
            (THRESHOLD, {"attributeType": "Target"}, "NotSupportedAttributeType"),
            marks=official("TC_B_34_CS", "Reading an attribute that a variable lacks is answered so"),
            id="TC_B_34_CS",
        ),
    ],
)
async def test_reading_what_is_not_there(csms: Csms, station: Hand, marked: tuple[str, dict[str, str], str]) -> None:
    path, more, status = marked
    result = await get(csms, path, **more)
    assert result["attributeStatus"] == status
    assert {name: result[name] for name in ("component", "variable")} == named(path)
    assert result.get("attributeType", "Actual") == more.get("attributeType", "Actual")
    assert "attributeValue" not in result


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(
            ("UnknownComponent.OfflineThreshold", {}, "UnknownComponent"),
            marks=official("TC_B_35_CS", "Setting a variable of a component that there is not is answered so"),
            id="TC_B_35_CS",
        ),
        pytest.param(
            ("OCPPCommCtrlr.UnknownVariable", {}, "UnknownVariable"),
            marks=official("TC_B_36_CS", "Setting a variable that a component lacks is answered so"),
            id="TC_B_36_CS",
        ),
        pytest.param(
            (THRESHOLD, {"attributeType": "Target"}, "NotSupportedAttributeType"),
            marks=official("TC_B_37_CS", "Setting an attribute that a variable lacks is answered so"),
            id="TC_B_37_CS",
        ),
        pytest.param(
            ("OCPPCommCtrlr.MessageTimeout/Default", {}, "Rejected"),
            marks=official("TC_B_39_CS", "Setting a variable that can only be read is rejected"),
            id="TC_B_39_CS",
        ),
    ],
)
async def test_setting_what_cannot_be_set(csms: Csms, station: Hand, marked: tuple[str, dict[str, str], str]) -> None:
    path, more, status = marked
    result = await put(csms, path, "300", **more)
    assert result["attributeStatus"] == status
    assert {name: result[name] for name in ("component", "variable")} == named(path)
    assert result.get("attributeType", "Actual") == more.get("attributeType", "Actual")
