"""The device model: reading, setting and reporting variables (OCPP 2.0.1 B05 to B08)."""

from itertools import count

import pytest

from support.station_line import V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.station import EvseConfig
from voltherd.station.storage import MemoryStorage


@pytest.fixture(params=[V201, V21])
def line(request):
    line = Line(request.param, evses=(EvseConfig(connectors=("cType2", "cCCS2")), EvseConfig(phases=0)))
    line.connect()
    return line


def name(component, variable, *, instance=None, evse=None, connector=None, **more):
    place = {"component": {"name": component}, "variable": {"name": variable}, **more}
    if instance is not None:
        place["variable"]["instance"] = instance
    if evse is not None:
        place["component"]["evse"] = {"id": evse}
    if connector is not None:
        place["component"]["evse"]["connectorId"] = connector
    return place


def get(line, *args, **more):
    return line.ask("GetVariables", {"getVariableData": [name(*args, **more)]})["getVariableResult"][0]


def put(line, value, *args, **more):
    asked = {"setVariableData": [name(*args, attributeValue=value, **more)]}
    return line.ask("SetVariables", asked)["setVariableResult"][0]


REQUEST_IDS = count(8)


def report(line, **request):
    line.heard.clear()
    request_id = next(REQUEST_IDS)
    action = "GetBaseReport" if "reportBase" in request else "GetReport"
    answer = line.ask(action, {"requestId": request_id, **request})
    parts = line.of("NotifyReport")
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    assert all(part["requestId"] == request_id for part in parts)
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
    return answer["status"], [entry for part in parts for entry in part["reportData"]]


def paths(entries):
    return {
        (
            ".".join([e["component"]["name"], *filter(None, [e["component"].get("instance")])]),
            e["component"].get("evse", {}).get("id"),
            e["component"].get("evse", {}).get("connectorId"),
            e["variable"]["name"],
            e["variable"].get("instance"),
        )
        for e in entries
    }


# Setting -------------------------------------------------------------------------------------


def test_b05_fr_01_fr_02_fr_12_every_item_gets_its_result_in_order_with_the_attribute_type(line):
    items = [
        name("OCPPCommCtrlr", "HeartbeatInterval", attributeValue="60"),
        name("Nonsense", "X", attributeValue="1"),
        name("OCPPCommCtrlr", "Nonsense", attributeValue="1", attributeType="Actual"),
    ]
    results = line.ask("SetVariables", {"setVariableData": items})["setVariableResult"]
    assert [one["attributeStatus"] for one in results] == ["Accepted", "UnknownComponent", "UnknownVariable"]
    assert [one["attributeType"] for one in results] == ["Actual"] * 3
    assert [one["component"] for one in results] == [one["component"] for one in items]


def test_b05_fr_06_an_attribute_that_a_variable_has_not_is_named(line):
    assert put(line, "1", "OCPPCommCtrlr", "HeartbeatInterval", attributeType="MaxSet")["attributeStatus"] == (
        "NotSupportedAttributeType"
    )
    assert put(line, "1", "EVSE", "SupplyPhases", evse=1, attributeType="Target")["attributeStatus"] == (
        "NotSupportedAttributeType"
    )


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("many", ("OCPPCommCtrlr", "HeartbeatInterval")),
        ("0", ("OCPPCommCtrlr", "HeartbeatInterval")),
        ("perhaps", ("TxCtrlr", "StopTxOnInvalidId")),
        ("Nowhere", ("TxCtrlr", "TxStartPoint")),
        ("", ("TxCtrlr", "TxStartPoint")),
        (" ", ("TxCtrlr", "TxStopPoint")),
        ("", ("ClockCtrlr", "TimeSource")),
        ("", ("OCPPCommCtrlr", "NetworkConfigurationPriority")),
        ("", ("SecurityCtrlr", "OrganizationName")),
        ("", ("TariffCostCtrlr", "Currency")),
        ("tomorrow", ("ClockCtrlr", "NextTimeOffsetTransitionDateTime")),
        ("2026-03-01T12:00:00", ("ClockCtrlr", "NextTimeOffsetTransitionDateTime")),
    ],
)
def test_b05_fr_07_fr_08_values_of_the_wrong_form_or_range_are_rejected_with_a_reason(line, value, path):
    result = put(line, value, *path)
    assert result["attributeStatus"] == "Rejected"
    assert result["attributeStatusInfo"]["reasonCode"] == "InvalidValue"


@pytest.mark.parametrize(
    ("name", "value"), [("tx_start_point", ""), ("tx_stop_point", "Nowhere"), ("meter_interval_s", "-1"), ("nope", "1")]
)
def test_a_station_does_not_begin_with_a_setting_that_it_would_reject(name, value):
    with pytest.raises(ValueError, match=name):
        Line(V201, settings={name: value})


def test_a_stored_value_that_fits_no_more_gives_way_to_the_default():
    storage = MemoryStorage()
    storage.keep("setting", "tx_start_point", b"")
    storage.keep("setting", "tx_stop_point", b"EVConnected")
    settings = Line(V201, storage=storage).core.settings
    assert settings.text("tx_start_point") == "PowerPathClosed"
    assert settings.text("tx_stop_point") == "EVConnected"


def test_b05_fr_09_what_is_read_only_is_rejected(line):
    result = put(line, "3", "EVSE", "SupplyPhases", evse=1)
    assert (result["attributeStatus"], result["attributeStatusInfo"]["reasonCode"]) == ("Rejected", "ReadOnly")
    result = put(line, "3", "DeviceDataCtrlr", "ItemsPerMessage", instance="GetVariables")
    assert (result["attributeStatus"], result["attributeStatusInfo"]["reasonCode"]) == ("Rejected", "ReadOnly")


def test_b10_fr_01_what_counts_after_a_restart_says_so_and_is_told_at_once(line):
    assert put(line, "1", "OCPPCommCtrlr", "NetworkConfigurationPriority")["attributeStatus"] == "RebootRequired"
    assert get(line, "OCPPCommCtrlr", "NetworkConfigurationPriority")["attributeValue"] == "1"


def test_names_are_the_same_whatever_their_case(line):
    assert put(line, "61", "ocppcommctrlr", "HEARTBEATINTERVAL")["attributeStatus"] == "Accepted"
    assert get(line, "OCPPCommCtrlr", "heartbeatInterval")["attributeValue"] == "61"


def test_b05_fr_11_too_many_items_are_an_occurrence_error(line):
    item = name("OCPPCommCtrlr", "HeartbeatInterval", attributeValue="60")
    answer = line.ask("SetVariables", {"setVariableData": [item] * 101})
    assert isinstance(answer, CallError)
    assert answer.code in ("OccurrenceConstraintViolation", "OccurenceConstraintViolation")


def test_b06_fr_17_too_large_a_request_is_a_format_error(line):
    items = [name("X" * 50, "Y" * 50, instance="Z" * 50, customData={"vendorId": "v", "x": "x" * 700})] * 100
    answer = line.ask("GetVariables", {"getVariableData": items})
    assert isinstance(answer, CallError)
    assert answer.code in ("FormatViolation", "FormationViolation")


def test_the_most_that_an_evse_may_offer_is_set_executed_and_kept():
    storage = MemoryStorage()
    line = Line(V201, storage=storage)
    line.connect()
    line.charge()
    full = get(line, "EVSE", "Power", evse=1, attributeType="Target")["attributeValue"]
    assert put(line, "5000", "EVSE", "Power", evse=1, attributeType="MaxSet")["attributeStatus"] == "Accepted"
    assert (full, get(line, "EVSE", "Power", evse=1, attributeType="Target")["attributeValue"]) == ("22000", "5000")
    line.wait(30.0)
    assert float(get(line, "EVSE", "Power", evse=1)["attributeValue"]) <= 5000
    assert put(line, "99000", "EVSE", "Power", evse=1, attributeType="MaxSet")["attributeStatus"] == "Rejected"
    again = Line(V201, storage=storage)
    again.connect()
    assert get(again, "EVSE", "Power", evse=1, attributeType="MaxSet")["attributeValue"] == "5000"


# Reading -------------------------------------------------------------------------------------


def test_b06_fr_06_fr_07_unknown_names_have_no_value(line):
    for path, status in (
        (("Nonsense", "X"), "UnknownComponent"),
        (("EVSE", "X"), "UnknownComponent"),
        (("OCPPCommCtrlr", "X"), "UnknownVariable"),
    ):
        result = get(line, *path)
        assert result["attributeStatus"] == status
        assert "attributeValue" not in result
    assert get(line, "EVSE", "X", evse=1)["attributeStatus"] == "UnknownVariable"
    assert get(line, "EVSE", "Power", evse=7)["attributeStatus"] == "UnknownComponent"
    assert get(line, "Connector", "Available", evse=1, connector=3)["attributeStatus"] == "UnknownComponent"


def test_b06_fr_08_an_attribute_that_a_variable_has_not_is_named(line):
    result = get(line, "OCPPCommCtrlr", "HeartbeatInterval", attributeType="Target")
    assert result["attributeStatus"] == "NotSupportedAttributeType"
    assert result["attributeType"] == "Target"


def test_b06_fr_09_what_can_only_be_written_is_not_told(line):
    result = get(line, "SecurityCtrlr", "BasicAuthPassword")
    assert result["attributeStatus"] == "Rejected"
    assert "attributeValue" not in result


def test_b06_fr_14_fr_15_an_instance_is_part_of_the_name(line):
    assert get(line, "DeviceDataCtrlr", "ItemsPerMessage", instance="GetReport")["attributeValue"] == "100"
    assert get(line, "DeviceDataCtrlr", "ItemsPerMessage")["attributeStatus"] == "UnknownVariable"
    assert get(line, "DeviceDataCtrlr", "ItemsPerMessage", instance="")["attributeStatus"] == "UnknownVariable"
    assert get(line, "OCPPCommCtrlr", "HeartbeatInterval", instance="")["attributeStatus"] == "Accepted"


def test_b06_what_is_measured_is_read_at_the_moment():
    line = Line(V201)
    line.connect()
    line.charge()
    line.wait(3600.0)
    energy = get(line, "FiscalMetering", "EnergyImportRegister", evse=1)["attributeValue"]
    assert float(energy) == round(line.hardware[1].read(line.now).energy_import_wh)
    assert float(energy) > 1000
    assert get(line, "EVSE", "ACVoltage", instance="L1", evse=1)["attributeStatus"] == "Accepted"


# Reports -------------------------------------------------------------------------------------


REQUIRED = {
    ("ChargingStation", None, None, "Available", None),
    ("ChargingStation", None, None, "AvailabilityState", None),
    ("ChargingStation", None, None, "SupplyPhases", None),
    ("EVSE", 1, None, "Available", None),
    ("EVSE", 1, None, "AvailabilityState", None),
    ("EVSE", 1, None, "Power", None),
    ("EVSE", 1, None, "SupplyPhases", None),
    ("EVSE", 2, None, "Power", None),
    ("Connector", 1, 1, "Available", None),
    ("Connector", 1, 2, "ConnectorType", None),
    ("Connector", 1, 2, "SupplyPhases", None),
    ("AlignedDataCtrlr", None, None, "Interval", None),
    ("AlignedDataCtrlr", None, None, "Measurands", None),
    ("AlignedDataCtrlr", None, None, "TxEndedInterval", None),
    ("AlignedDataCtrlr", None, None, "TxEndedMeasurands", None),
    ("AuthCtrlr", None, None, "AuthorizeRemoteStart", None),
    ("AuthCtrlr", None, None, "LocalAuthorizeOffline", None),
    ("AuthCtrlr", None, None, "LocalPreAuthorize", None),
    ("ClockCtrlr", None, None, "DateTime", None),
    ("ClockCtrlr", None, None, "TimeSource", None),
    ("DeviceDataCtrlr", None, None, "BytesPerMessage", "GetReport"),
    ("DeviceDataCtrlr", None, None, "BytesPerMessage", "GetVariables"),
    ("DeviceDataCtrlr", None, None, "BytesPerMessage", "SetVariables"),
    ("DeviceDataCtrlr", None, None, "ItemsPerMessage", "GetReport"),
    ("DeviceDataCtrlr", None, None, "ItemsPerMessage", "GetVariables"),
    ("DeviceDataCtrlr", None, None, "ItemsPerMessage", "SetVariables"),
    ("DisplayMessageCtrlr", None, None, "DisplayMessages", None),
    ("DisplayMessageCtrlr", None, None, "SupportedFormats", None),
    ("DisplayMessageCtrlr", None, None, "SupportedPriorities", None),
    ("ISO15118Ctrlr", None, None, "ContractValidationOffline", None),
    ("LocalAuthListCtrlr", None, None, "BytesPerMessage", None),
    ("LocalAuthListCtrlr", None, None, "Entries", None),
    ("LocalAuthListCtrlr", None, None, "ItemsPerMessage", None),
    ("MonitoringCtrlr", None, None, "BytesPerMessage", "SetVariableMonitoring"),
    ("MonitoringCtrlr", None, None, "ItemsPerMessage", "SetVariableMonitoring"),
    ("OCPPCommCtrlr", None, None, "FileTransferProtocols", None),
    ("OCPPCommCtrlr", None, None, "MessageTimeout", "Default"),
    ("OCPPCommCtrlr", None, None, "MessageAttemptInterval", "TransactionEvent"),
    ("OCPPCommCtrlr", None, None, "MessageAttempts", "TransactionEvent"),
    ("OCPPCommCtrlr", None, None, "NetworkConfigurationPriority", None),
    ("OCPPCommCtrlr", None, None, "NetworkProfileConnectionAttempts", None),
    ("OCPPCommCtrlr", None, None, "OfflineThreshold", None),
    ("OCPPCommCtrlr", None, None, "ResetRetries", None),
    ("OCPPCommCtrlr", None, None, "UnlockOnEVSideDisconnect", None),
    ("SampledDataCtrlr", None, None, "TxEndedInterval", None),
    ("SampledDataCtrlr", None, None, "TxEndedMeasurands", None),
    ("SampledDataCtrlr", None, None, "TxStartedMeasurands", None),
    ("SampledDataCtrlr", None, None, "TxUpdatedInterval", None),
    ("SampledDataCtrlr", None, None, "TxUpdatedMeasurands", None),
    ("SecurityCtrlr", None, None, "CertificateEntries", None),
    ("SecurityCtrlr", None, None, "OrganizationName", None),
    ("SecurityCtrlr", None, None, "SecurityProfile", None),
    ("SmartChargingCtrlr", None, None, "Entries", "ChargingProfiles"),
    ("SmartChargingCtrlr", None, None, "LimitChangeSignificance", None),
    ("SmartChargingCtrlr", None, None, "PeriodsPerSchedule", None),
    ("SmartChargingCtrlr", None, None, "ProfileStackLevel", None),
    ("SmartChargingCtrlr", None, None, "RateUnit", None),
    ("TxCtrlr", None, None, "EVConnectionTimeOut", None),
    ("TxCtrlr", None, None, "StopTxOnEVSideDisconnect", None),
    ("TxCtrlr", None, None, "StopTxOnInvalidId", None),
    ("TxCtrlr", None, None, "TxStartPoint", None),
    ("TxCtrlr", None, None, "TxStopPoint", None),
}
"""What the appendix of part 2 requires of a station with these blocks."""


def test_b07_fr_08_the_full_inventory_has_every_required_variable_with_characteristics(line):
    status, entries = report(line, reportBase="FullInventory")
    assert status == "Accepted"
    found = paths(entries)
    assert REQUIRED - found == set()
    assert len(found) == len(entries)
    assert all("variableCharacteristics" in entry for entry in entries)
    power = next(e for e in entries if e["variable"]["name"] == "Power" and e["component"]["evse"]["id"] == 1)
    assert power["variableCharacteristics"]["maxLimit"] == 22000
    assert power["variableCharacteristics"]["supportsMonitoring"] is True
    assert {one["type"] for one in power["variableAttribute"]} == {"Actual", "Target", "MaxSet"}


def test_every_controller_that_can_be_enabled_says_that_it_is_available(line):
    _, entries = report(line, reportBase="FullInventory")
    said = {
        name: {
            (e["component"]["name"], e["variable"].get("instance")) for e in entries if e["variable"]["name"] == name
        }
        for name in ("Available", "Enabled")
    }
    always_there = {("AuthCtrlr", None), ("V2XChargingCtrlr", None), ("WebPaymentsCtrlr", None)}
    within_another = {("TariffCostCtrlr", "RunningCost")}
    assert said["Enabled"] - always_there - within_another <= said["Available"]
    assert {("LocalAuthListCtrlr", None), ("SmartChargingCtrlr", None), ("ReservationCtrlr", None)} <= said["Enabled"]


def test_b07_every_reported_variable_can_be_read_and_agrees(line):
    _, entries = report(line, reportBase="FullInventory")
    moving = {"DateTime"}
    for entry in entries:
        asked = {"component": entry["component"], "variable": entry["variable"]}
        result = line.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
        attribute = entry["variableAttribute"][0]
        if attribute.get("mutability") == "WriteOnly":
            assert result["attributeStatus"] == "Rejected"
            continue
        assert result["attributeStatus"] == "Accepted", asked
        if entry["variable"]["name"] not in moving:
            assert result["attributeValue"] == attribute["value"], asked


def test_b07_fr_07_the_configuration_has_what_can_be_set_only(line):
    status, entries = report(line, reportBase="ConfigurationInventory")
    assert status == "Accepted"
    assert entries
    for entry in entries:
        assert any(one["mutability"] != "ReadOnly" for one in entry["variableAttribute"]), entry["variable"]


def test_b07_fr_09_the_summary_has_availability_and_problems_only(line):
    line.fault("GroundFailure", evse_id=2)
    status, entries = report(line, reportBase="SummaryInventory")
    assert status == "Accepted"
    assert {entry["variable"]["name"] for entry in entries} == {"AvailabilityState", "Problem"}
    broken = {
        (e["component"]["name"], e["component"].get("evse", {}).get("id")): e["variableAttribute"][0]["value"]
        for e in entries
        if e["variable"]["name"] == "Problem"
    }
    assert broken == {("ChargingStation", None): "true", ("EVSE", 2): "true"}


def test_b07_fr_15_passwords_are_reported_without_their_value(line):
    _, entries = report(line, reportBase="FullInventory")
    password = next(entry for entry in entries if entry["variable"]["name"] == "BasicAuthPassword")
    assert "value" not in password["variableAttribute"][0]


def test_b08_fr_10_problem_chooses_components_with_a_problem_only(line):
    assert report(line, componentCriteria=["Problem"]) == ("EmptyResultSet", [])
    line.fault("GroundFailure", evse_id=1)
    _, entries = report(line, componentCriteria=["Problem"])
    assert {e["component"]["name"] for e in entries} == {"ChargingStation", "EVSE"}
    assert {e["component"].get("evse", {}).get("id") for e in entries} == {None, 1}


def test_b08_fr_08_fr_09_components_without_such_a_variable_meet_the_criterion(line):
    put(line, "false", "MonitoringCtrlr", "Enabled")
    _, entries = report(line, componentCriteria=["Enabled"])
    components = {entry["component"]["name"] for entry in entries}
    assert "MonitoringCtrlr" not in components
    assert {"TxCtrlr", "EVSE"} <= components
    _, entries = report(line, componentCriteria=["Enabled", "Available"])
    assert "MonitoringCtrlr" in {entry["component"]["name"] for entry in entries}


def test_b08_fr_05_criteria_and_variables_together_narrow_the_set(line):
    wanted = [{"component": {"name": "EVSE"}, "variable": {"name": "Problem"}}]
    line.fault("GroundFailure", evse_id=2)
    _, entries = report(line, componentCriteria=["Problem"], componentVariable=wanted)
    assert paths(entries) == {("EVSE", 2, None, "Problem", None)}


def test_b08_fr_20_fr_21_a_missing_variable_or_instance_means_every_one(line):
    _, entries = report(line, componentVariable=[{"component": {"name": "ClockCtrlr"}}])
    assert {"DateTime", "TimeSource", "TimeZone"} <= {entry["variable"]["name"] for entry in entries}
    wanted = [{"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}]
    _, entries = report(line, componentVariable=wanted)
    assert {e["variable"]["instance"] for e in entries} == {"GetReport", "GetVariables", "SetVariables"}


def test_b08_fr_22_fr_23_a_missing_connector_or_evse_means_every_one(line):
    wanted = [{"component": {"name": "Connector", "evse": {"id": 1}}, "variable": {"name": "ConnectorType"}}]
    _, entries = report(line, componentVariable=wanted)
    assert {(e["component"]["evse"]["id"], e["component"]["evse"]["connectorId"]) for e in entries} == {(1, 1), (1, 2)}
    wanted = [{"component": {"name": "EVSE"}, "variable": {"name": "Power"}}]
    _, entries = report(line, componentVariable=wanted)
    assert {e["component"]["evse"]["id"] for e in entries} == {1, 2}


def test_b08_fr_15_nothing_to_report_is_an_empty_result_set(line):
    wanted = [{"component": {"name": "Nonsense"}}]
    assert report(line, componentVariable=wanted) == ("EmptyResultSet", [])


def test_b08_fr_17_too_many_items_are_an_occurrence_error(line):
    answer = line.ask("GetReport", {"requestId": 1, "componentVariable": [{"component": {"name": "EVSE"}}] * 101})
    assert isinstance(answer, CallError)


def test_a_report_that_the_line_cuts_off_does_not_go_on_later(line):
    line.silent = {"NotifyReport"}
    line.ask("GetBaseReport", {"requestId": 8, "reportBase": "FullInventory"})
    assert len(line.of("NotifyReport")) == 1
    line.lose()
    line.silent = set()
    line.connect()
    assert len(line.of("NotifyReport")) == 1


def test_what_2_1_brought_is_unknown_in_2_0_1():
    for version, status in ((V201, "UnknownVariable"), (V21, "Accepted")):
        line = Line(version)
        line.connect()
        assert get(line, "MonitoringCtrlr", "MaxPeriodicEventStreams")["attributeStatus"] == status
        _, entries = report(line, reportBase="FullInventory")
        there = any(entry["variable"]["name"] == "MaxPeriodicEventStreams" for entry in entries)
        assert there is (version is V21)


def test_what_a_station_does_not_offer_is_not_in_its_device_model():
    plain, swapping = Line(V21), Line(V21, swaps_batteries=True)
    for line in (plain, swapping):
        line.connect()
    assert get(plain, "BatterySwapCtrlr", "MaxSoc")["attributeStatus"] == "UnknownComponent"
    assert get(swapping, "BatterySwapCtrlr", "MaxSoc")["attributeStatus"] == "Accepted"
