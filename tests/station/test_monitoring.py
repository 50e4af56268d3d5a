"""Monitors and their events (OCPP 2.0.1 N02 to N08)."""

from itertools import count

import pytest

from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.station import EvseConfig
from voltherd.station.monitoring import BUILT_IN_SAMPLE_S, HOT_C, SAMPLE_S
from voltherd.station.storage import MemoryStorage

REQUEST_IDS = count(1)
POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
STATE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
HARD_WIRED, PRECONFIGURED = 1, 2


def connected(version, **more):
    line = Line(version, **more)
    line.connect()
    line.heard.clear()
    return line


@pytest.fixture(params=[V201, V21])
def line(request):
    return connected(request.param)


def put(line, what, kind, value, severity=6, **more):
    data = {**what, "type": kind, "value": value, "severity": severity, **more}
    return line.ask("SetVariableMonitoring", {"setMonitoringData": [data]})["setMonitoringResult"][0]


def set_heartbeat(line, value):
    data = {**HEARTBEAT, "attributeValue": str(value)}
    line.ask("SetVariables", {"setVariableData": [data]})


def events(line, variable=None):
    found = [event for message in line.of("NotifyEvent") for event in message["eventData"]]
    return [event for event in found if variable in (None, event["variable"]["name"])]


def report(line, **request):
    line.heard.clear()
    status = line.ask("GetMonitoringReport", {"requestId": next(REQUEST_IDS), **request})["status"]
    parts = line.of("NotifyMonitoringReport")
    assert [part["seqNo"] for part in parts] == list(range(len(parts)))
    return status, [(one, one["variableMonitoring"][0]) for part in parts for one in part["monitor"]]


# Built in ------------------------------------------------------------------------------------


def test_a_fault_is_told_by_the_hard_wired_monitor(line):
    line.fault("GroundFailure")
    event = events(line, "Problem")[0]
    assert (event["actualValue"], event["trigger"]) == ("true", "Delta")
    assert event["eventNotificationType"] == "HardWiredMonitor"
    assert event["component"] == {"name": "EVSE", "evse": {"id": 1}}
    line.fault(None)
    assert [event["actualValue"] for event in events(line, "Problem")] == ["true", "false"]


def test_heat_is_told_by_the_preconfigured_monitor_and_cleared(line):
    line.charge()
    line.hardware[1].temperature_c = HOT_C + 5
    line.wait(BUILT_IN_SAMPLE_S + 1)
    assert events(line, "Temperature")[0]["trigger"] == "Alerting"
    assert events(line, "Temperature")[0]["eventNotificationType"] == "PreconfiguredMonitor"
    line.hardware[1].temperature_c = 40.0
    line.wait(BUILT_IN_SAMPLE_S + 1)
    assert [event.get("cleared", False) for event in events(line, "Temperature")] == [False, True]


def test_every_evse_has_its_own_monitors():
    line = connected(V21, evses=(EvseConfig(), EvseConfig()))
    _, monitors = report(line)
    kinds = [(m["component"]["evse"]["id"], v["eventNotificationType"]) for m, v in monitors]
    assert sorted(kinds) == [(n, k) for n in (1, 2) for k in ("HardWiredMonitor", "PreconfiguredMonitor")]


def test_1_6_has_no_monitors():
    line = connected(V16)
    line.fault("GroundFailure")
    assert line.core.monitoring.chosen([], []) == []


# Setting -------------------------------------------------------------------------------------


def test_n04_fr_01_fr_11_every_item_gets_its_result_and_a_new_monitor_an_id(line):
    items = [
        {**HEARTBEAT, "type": "Delta", "value": 1, "severity": 5},
        {"component": {"name": "X"}, "variable": {"name": "Y"}, "type": "Delta", "value": 1, "severity": 5},
        {"component": {"name": "TxCtrlr"}, "variable": {"name": "Y"}, "type": "Delta", "value": 1, "severity": 5},
    ]
    results = line.ask("SetVariableMonitoring", {"setMonitoringData": items})["setMonitoringResult"]
    assert [one["status"] for one in results] == ["Accepted", "UnknownComponent", "UnknownVariable"]
    assert results[0]["id"] > PRECONFIGURED
    assert "id" not in results[1]


@pytest.mark.parametrize("what", [STATE, {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStartPoint"}}])
def test_n04_fr_05_thresholds_suit_numbers_only(line, what):
    assert put(line, what, "UpperThreshold", 1)["status"] == "UnsupportedMonitorType"


def test_n04_fr_05_what_never_changes_cannot_be_monitored(line):
    constant = {"component": {"name": "ChargingStation"}, "variable": {"name": "Model"}}
    assert put(line, constant, "Delta", 1)["status"] == "UnsupportedMonitorType"


@pytest.mark.parametrize(("kind", "value"), [("UpperThreshold", 22_001), ("LowerThreshold", 99_000)])
def test_n04_fr_06_a_threshold_beyond_the_limits_is_rejected(line, kind, value):
    result = put(line, POWER, kind, value)
    assert result["status"] == "Rejected"
    assert "statusInfo" in result


def test_n04_fr_10_the_same_again_is_a_duplicate_unless_the_severity_differs(line):
    assert put(line, POWER, "UpperThreshold", 5000, 4)["status"] == "Accepted"
    assert put(line, POWER, "UpperThreshold", 6000, 4)["status"] == "Duplicate"
    assert put(line, POWER, "UpperThreshold", 6000, 5)["status"] == "Accepted"
    assert put(line, POWER, "LowerThreshold", 100, 4)["status"] == "Accepted"


def test_n04_fr_12_a_monitor_is_replaced_by_its_id(line):
    number = put(line, POWER, "UpperThreshold", 5000)["id"]
    assert put(line, POWER, "UpperThreshold", 7000, 3, id=number) == {
        **POWER, "type": "UpperThreshold", "severity": 3, "id": number, "status": "Accepted",
    }  # fmt: skip
    _, monitors = report(line, componentVariable=[POWER])
    assert [(v["id"], v["value"], v["severity"]) for _, v in monitors] == [(number, 7000, 3)]


def test_n04_fr_13_fr_16_fr_18_what_cannot_be_replaced_is_rejected(line):
    number = put(line, POWER, "UpperThreshold", 5000)["id"]
    assert put(line, POWER, "UpperThreshold", 6000, id=number + 1)["status"] == "Rejected"
    assert put(line, HEARTBEAT, "Delta", 5, id=number)["status"] == "Rejected"
    problem = {**POWER, "variable": {"name": "Problem"}}
    assert put(line, problem, "Delta", 1, id=HARD_WIRED)["status"] == "Rejected"


@pytest.mark.parametrize(("kind", "value", "severity"), [("Delta", -1, 5), ("Periodic", 0, 5), ("Delta", 1, 10)])
def test_n04_fr_14_nonsense_is_rejected(line, kind, value, severity):
    assert put(line, HEARTBEAT, kind, value, severity)["status"] == "Rejected"


def test_n04_fr_15_a_replaced_preconfigured_monitor_is_a_custom_one_until_the_base_is_set(line):
    heat = {**POWER, "variable": {"name": "Temperature"}}
    assert put(line, heat, "UpperThreshold", 60, id=PRECONFIGURED)["status"] == "Accepted"
    assert line.core.monitoring.monitor(PRECONFIGURED).origin == "CustomMonitor"
    assert line.ask("SetMonitoringBase", {"monitoringBase": "All"})["status"] == "Accepted"
    assert line.core.monitoring.monitor(PRECONFIGURED).value == 60
    assert line.ask("SetMonitoringBase", {"monitoringBase": "FactoryDefault"})["status"] == "Accepted"
    restored = line.core.monitoring.monitor(PRECONFIGURED)
    assert (restored.origin, restored.value) == ("PreconfiguredMonitor", HOT_C)


def test_n04_fr_09_too_many_items_are_an_occurrence_error(line):
    item = {**HEARTBEAT, "type": "Delta", "value": 1, "severity": 5}
    assert isinstance(line.ask("SetVariableMonitoring", {"setMonitoringData": [item] * 101}), CallError)


def test_n03_fr_05_hard_wired_only_leaves_nothing_else_over_a_restart():
    storage = MemoryStorage()
    line = connected(V201, storage=storage)
    put(line, POWER, "UpperThreshold", 5000)
    line.ask("SetMonitoringBase", {"monitoringBase": "HardWiredOnly"})
    for one in (line, connected(V201, storage=storage)):
        assert [monitor.id for monitor in one.core.monitoring.chosen([], [])] == [HARD_WIRED]
        asked = {"component": {"name": "MonitoringCtrlr"}, "variable": {"name": "ActiveMonitoringBase"}}
        answer = one.ask("GetVariables", {"getVariableData": [asked]})
        assert answer["getVariableResult"][0]["attributeValue"] == "HardWiredOnly"


def test_n06_monitors_are_cleared_but_for_hard_wired_and_unknown_ones(line):
    number = put(line, POWER, "UpperThreshold", 5000)["id"]
    answer = line.ask("ClearVariableMonitoring", {"id": [number, HARD_WIRED, 999]})
    assert [(one["id"], one["status"]) for one in answer["clearMonitoringResult"]] == [
        (number, "Accepted"),
        (HARD_WIRED, "Rejected"),
        (999, "NotFound"),
    ]


def test_n07_fr_13_monitors_survive_a_power_cut():
    storage = MemoryStorage()
    line = connected(V201, storage=storage)
    kept = put(line, HEARTBEAT, "Delta", 5)["id"]
    gone = put(line, POWER, "UpperThreshold", 5000)["id"]
    line.ask("ClearVariableMonitoring", {"id": [gone, PRECONFIGURED]})
    again = connected(V201, storage=storage)
    assert sorted(m.id for m in again.core.monitoring.chosen([], [])) == [HARD_WIRED, kept]
    set_heartbeat(again, 999)
    assert len(events(again, "HeartbeatInterval")) == 1


# Events --------------------------------------------------------------------------------------


def test_n07_fr_18_a_number_must_move_by_more_than_the_value(line):
    number = put(line, HEARTBEAT, "Delta", 10)["id"]
    set_heartbeat(line, 309)
    set_heartbeat(line, 310)
    assert events(line) == []
    set_heartbeat(line, 311)
    (event,) = events(line)
    assert event["variableMonitoringId"] == number
    assert (event["trigger"], event["actualValue"]) == ("Delta", "311")
    assert (event["component"], event["variable"]) == (HEARTBEAT["component"], HEARTBEAT["variable"])
    set_heartbeat(line, 305)
    assert len(events(line)) == 1
    set_heartbeat(line, 300)
    assert len(events(line)) == 2


def test_n07_fr_19_a_text_is_told_at_any_change(line):
    put(line, STATE, "Delta", 1)
    line.plug()
    assert [event["actualValue"] for event in events(line, "AvailabilityState") if "variableMonitoringId" in event] == [
        "Occupied"
    ]


def test_n07_fr_16_fr_02_a_threshold_is_told_when_passed_and_when_passed_back(line):
    number = put(line, POWER, "UpperThreshold", 5000)["id"]
    line.charge()
    line.wait(4 * SAMPLE_S)
    line.unplug()
    line.wait(2 * SAMPLE_S)
    told = [event for event in events(line, "Power") if event["variableMonitoringId"] == number]
    assert [event.get("cleared", False) for event in told] == [False, True]
    assert float(told[0]["actualValue"]) > 5000
    assert "transactionId" in told[0]
    assert [message["seqNo"] for message in line.of("NotifyEvent")] == [0] * len(line.of("NotifyEvent"))


def test_n07_fr_17_a_lower_threshold_that_is_passed_already_is_told_at_once(line):
    put(line, POWER, "LowerThreshold", 100)
    assert [event["trigger"] for event in events(line, "Power")] == ["Alerting"]


def test_n07_fr_11_a_new_threshold_clears_or_repeats_the_alert(line):
    number = put(line, POWER, "LowerThreshold", 100)["id"]
    put(line, POWER, "LowerThreshold", 50, id=number)
    put(line, POWER, "LowerThreshold", -1, id=number)
    assert [event.get("cleared", False) for event in events(line, "Power")] == [False, False, True]


def test_n07_fr_12_removing_a_monitor_tells_nothing(line):
    number = put(line, POWER, "LowerThreshold", 100)["id"]
    line.heard.clear()
    line.ask("ClearVariableMonitoring", {"id": [number]})
    line.wait(30.0)
    assert events(line) == []


def test_n07_fr_14_what_came_back_while_the_power_was_gone_is_cleared():
    storage = MemoryStorage()
    line = connected(V201, storage=storage)
    number = put(line, POWER, "LowerThreshold", 100)["id"]
    again = connected(V201, storage=storage)
    again.charge()
    again.wait(4 * SAMPLE_S)
    told = [e for e in events(again, "Power") if e["variableMonitoringId"] == number]
    assert [event["cleared"] for event in told] == [True]


def test_n07_fr_22_fr_23_the_difference_to_the_target_is_watched_in_2_1():
    line = connected(V21)
    assert put(line, POWER, "TargetDelta", 1000)["status"] == "Accepted"
    assert put(line, POWER, "TargetDeltaRelative", 0.5, 7)["status"] == "Accepted"
    assert put(line, HEARTBEAT, "TargetDelta", 1)["status"] == "UnsupportedMonitorType"
    line.charge()
    line.wait(SAMPLE_S + 1)
    assert {e["severity"] for e in events(line, "Power")} == {6, 7}


def test_target_monitors_are_no_words_of_2_0_1():
    line = connected(V201)
    data = {**POWER, "type": "TargetDelta", "value": 1, "severity": 5}
    assert isinstance(line.ask("SetVariableMonitoring", {"setMonitoringData": [data]}), CallError)


def test_n04_transaction_monitors_watch_during_transactions_only(line):
    put(line, POWER, "LowerThreshold", 100, transaction=True)
    line.wait(30.0)
    assert events(line) == []
    line.charge()
    line.hardware[1].supply(line.hardware[1].offer, line.now)
    line.wait(3600.0 * 12)
    told = events(line, "Power")
    assert told
    assert all("transactionId" in event for event in told)


def test_n08_fr_06_a_periodic_monitor_tells_after_every_period(line):
    put(line, HEARTBEAT, "Periodic", 30)
    line.wait(95.0)
    assert [event["trigger"] for event in events(line)] == ["Periodic"] * 3


def test_n08_fr_07_a_clock_aligned_monitor_tells_at_even_times(line):
    put(line, HEARTBEAT, "PeriodicClockAligned", 60)
    line.wait(185.0)
    seconds = [event["timestamp"][17:19] for event in events(line)]
    assert len(seconds) in (3, 4)
    assert set(seconds) == {"00"}


def test_n05_fr_03_events_above_the_level_are_not_told(line):
    put(line, HEARTBEAT, "Delta", 1, 7)
    assert line.ask("SetMonitoringLevel", {"severity": 6})["status"] == "Accepted"
    set_heartbeat(line, 400)
    assert events(line) == []
    assert line.ask("SetMonitoringLevel", {"severity": 7})["status"] == "Accepted"
    set_heartbeat(line, 500)
    assert len(events(line)) == 1


def test_n05_fr_02_a_level_that_is_none_is_rejected(line):
    assert line.ask("SetMonitoringLevel", {"severity": 10})["status"] == "Rejected"


def test_n07_fr_04_severe_events_wait_while_offline_and_others_are_lost(line):
    data = {"component": {"name": "MonitoringCtrlr"}, "variable": {"name": "OfflineQueuingSeverity"}}
    line.ask("SetVariables", {"setVariableData": [{**data, "attributeValue": "5"}]})
    put(line, HEARTBEAT, "Periodic", 60, 5)
    put(line, POWER, "Periodic", 60, 6)
    line.lose()
    line.wait(61.0)
    line.connect()
    assert [event["variable"]["name"] for event in events(line)] == ["HeartbeatInterval"]


def test_n07_fr_10_the_value_of_a_write_only_variable_is_not_told(line):
    password = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    assert put(line, password, "Delta", 1)["status"] == "Accepted"
    data = {**password, "attributeValue": "a new password of 20"}
    line.ask("SetVariables", {"setVariableData": [data]})
    assert [event["actualValue"] for event in events(line, "BasicAuthPassword")] == [""]


def test_events_have_ids_of_their_own_and_2_1_tells_the_severity(line):
    put(line, HEARTBEAT, "Delta", 1, 5)
    for value in (400, 500, 600):
        set_heartbeat(line, value)
    ids = [event["eventId"] for event in events(line)]
    assert len(set(ids)) == 3
    assert [event.get("severity") for event in events(line)] == [5 if line.version is V21 else None] * 3


def test_monitoring_can_be_switched_off(line):
    put(line, HEARTBEAT, "Delta", 1, 5)
    off = {"component": {"name": "MonitoringCtrlr"}, "variable": {"name": "Enabled"}, "attributeValue": "false"}
    line.ask("SetVariables", {"setVariableData": [off]})
    set_heartbeat(line, 400)
    assert events(line) == []


# Reports -------------------------------------------------------------------------------------


def test_n02_fr_05_to_fr_14_reports_are_narrowed_by_criteria_and_variables(line):
    put(line, POWER, "UpperThreshold", 5000)
    put(line, POWER, "Delta", 50)
    put(line, HEARTBEAT, "Periodic", 60)

    def kinds(**request):
        status, monitors = report(line, **request)
        assert status == "Accepted"
        return sorted(v["type"] for m, v in monitors if v["id"] > PRECONFIGURED)

    assert kinds() == ["Delta", "Periodic", "UpperThreshold"]
    assert kinds(monitoringCriteria=["ThresholdMonitoring"]) == ["UpperThreshold"]
    assert kinds(monitoringCriteria=["DeltaMonitoring", "PeriodicMonitoring"]) == ["Delta", "Periodic"]
    assert kinds(componentVariable=[POWER]) == ["Delta", "UpperThreshold"]
    assert kinds(componentVariable=[{"component": {"name": "OCPPCommCtrlr"}}]) == ["Periodic"]
    assert kinds(componentVariable=[POWER], monitoringCriteria=["DeltaMonitoring"]) == ["Delta"]


def test_n02_fr_10_nothing_to_report_is_an_empty_result_set(line):
    assert report(line, componentVariable=[{"component": {"name": "Nonsense"}}]) == ("EmptyResultSet", [])


def test_n02_fr_22_2_1_tells_where_a_monitor_comes_from(line):
    put(line, POWER, "UpperThreshold", 5000)
    _, monitors = report(line)
    kinds = [v.get("eventNotificationType") for _, v in monitors]
    assert kinds == (
        ["HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"] if line.version is V21 else [None] * 3
    )
