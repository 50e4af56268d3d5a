"""Booting, registration and heartbeats of a station, over its core with frames."""

import pytest

from support.station_line import TIME, V16, V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig
from voltherd.station.storage import MemoryStorage


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return Line(request.param)


def answered(status, interval=20):
    return {"status": status, "currentTime": TIME, "interval": interval}


def variable(component, name, **more):
    return {"component": {"name": component}, "variable": {"name": name}, **more}


def test_b01_fr_05_all_connectors_are_reported_after_acceptance(line):
    line.connect()
    names = [name for name, _ in line.heard]
    assert names[0] == "BootNotification"
    assert "StatusNotification" in names or "NotifyEvent" in names


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_b02_fr_02_b03_fr_02_nothing_but_a_boot_is_said_before_acceptance(line, status):
    line.replies["BootNotification"] = answered(status, 20)
    line.connect()
    line.plug()
    line.fault("GroundFailure")
    line.wait(19.0)
    assert [name for name, _ in line.heard] == ["BootNotification"]
    line.wait(2.0)
    assert [name for name, _ in line.heard] == ["BootNotification"] * 2


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_b02_fr_07_b03_fr_05_without_an_interval_the_station_waits_by_itself(line, status):
    line.replies["BootNotification"] = answered(status, 0)
    line.connect()
    line.wait(9.0)
    assert len(line.of("BootNotification")) == 1
    line.wait(300.0)
    assert 2 <= len(line.of("BootNotification")) <= 31


def test_b02_fr_04_a_lost_connection_does_not_shorten_the_wait(line):
    line.replies["BootNotification"] = answered("Pending", 100)
    line.connect()
    line.wait(5.0)
    line.lose()
    line.connect(8.0)
    assert len(line.of("BootNotification")) == 1
    line.wait(93.0)
    assert len(line.of("BootNotification")) == 2


def test_b03_fr_08_a_rejected_station_answers_with_a_security_error(line):
    line.replies["BootNotification"] = answered("Rejected")
    line.connect()
    answer = line.ask("ClearCache", {})
    assert isinstance(answer, CallError)
    assert answer.code == "SecurityError"


def test_b02_fr_01_a_pending_station_tells_and_takes_its_settings():
    line = Line(V201)
    line.replies["BootNotification"] = answered("Pending", 600)
    line.connect()
    data = variable("OCPPCommCtrlr", "HeartbeatInterval", attributeValue="77")
    assert (
        line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"] == "Accepted"
    )
    asked = {"getVariableData": [variable("OCPPCommCtrlr", "HeartbeatInterval")]}
    assert line.ask("GetVariables", asked)["getVariableResult"][0]["attributeValue"] == "77"
    assert line.ask("GetBaseReport", {"requestId": 4, "reportBase": "FullInventory"})["status"] == "Accepted"
    assert line.of("NotifyReport")[-1]["tbc"] is False


def test_b02_fr_02_what_is_triggered_is_said_while_pending(line):
    line.replies["BootNotification"] = answered("Pending", 600)
    line.connect()
    assert line.ask("TriggerMessage", {"requestedMessage": "Heartbeat"})["status"] == "Accepted"
    assert len(line.of("Heartbeat")) == 1
    assert line.ask("TriggerMessage", {"requestedMessage": "BootNotification"})["status"] == "Accepted"
    assert len(line.of("BootNotification")) == 2


def test_b02_fr_05_remote_commands_are_rejected_while_pending():
    line = Line(V201)
    line.replies["BootNotification"] = answered("Pending", 600)
    line.connect()
    token = {"idToken": "X", "type": "Central"}
    wanted = {"idToken": token, "remoteStartId": 1, "evseId": 1}
    assert line.ask("RequestStartTransaction", wanted)["status"] == "Rejected"
    assert line.ask("RequestStopTransaction", {"transactionId": "abc"})["status"] == "Rejected"


def test_b01_fr_04_the_interval_of_the_csms_becomes_the_heartbeat_interval(line):
    line.replies["BootNotification"] = answered("Accepted", 45)
    line.connect()
    line.wait(91.0)
    assert len(line.of("Heartbeat")) == 2


def test_g02_fr_05_any_message_counts_as_a_sign_of_life():
    line = Line(V201)
    line.connect()
    for _ in range(10):
        line.wait(200.0)
        line.core.data_transfer.send("org.voltherd", "hello")
        line.pump()
    assert line.of("Heartbeat") == []
    line.wait(301.0)
    assert len(line.of("Heartbeat")) == 1


def test_g02_fr_07_a_talkative_station_still_asks_for_the_time_every_day():
    line = Line(V201)
    line.connect()
    for _ in range(4 * 24 + 1):
        line.wait(900.0 / 4)
        line.core.data_transfer.send("org.voltherd", "hello")
        line.pump()
    assert line.of("Heartbeat") == []
    for _ in range(4 * 24 * 3):
        line.wait(225.0)
        line.core.data_transfer.send("org.voltherd", "hello")
        line.pump()
    assert len(line.of("Heartbeat")) == 1


def test_a_new_heartbeat_interval_counts_at_once_and_zero_is_refused(line):
    line.connect()

    def set_interval(value):
        if line.version is V16:
            return line.ask("ChangeConfiguration", {"key": "HeartbeatInterval", "value": value})["status"]
        data = variable("OCPPCommCtrlr", "HeartbeatInterval", attributeValue=value)
        return line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"]

    assert set_interval("10") == "Accepted"
    line.wait(31.0)
    assert len(line.of("Heartbeat")) == 3
    assert set_interval("0") == "Rejected"


def test_an_unanswered_boot_is_repeated(line):
    line.silent = {"BootNotification"}
    line.connect()
    line.wait(300.0)
    assert 2 <= len(line.of("BootNotification")) <= 10


def test_transaction_events_before_acceptance_are_kept_and_delivered_later():
    line = Line(V201)
    line.replies["BootNotification"] = answered("Pending", 20)
    line.connect()
    line.core.settings.change("offline_unknown", "true")
    line.charge()
    assert line.of("TransactionEvent") == []
    del line.replies["BootNotification"]
    line.wait(21.0)
    assert line.of("TransactionEvent")


def test_the_feature_profiles_are_those_whose_messages_are_served():
    line = Line(V16)
    line.connect()
    answer = line.ask("GetConfiguration", {"key": ["SupportedFeatureProfiles"]})
    profiles = set(answer["configurationKey"][0]["value"].split(","))
    served = line.core.dialect.actions
    assert {"Core", "Reservation", "RemoteTrigger"} <= profiles
    assert ("SmartCharging" in profiles) == ("SetChargingProfile" in served)
    assert ("FirmwareManagement" in profiles) == ("UpdateFirmware" in served)
    assert ("LocalAuthListManagement" in profiles) == ("SendLocalList" in served)


CORE_KEYS = {
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
    "ResetRetries",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
}


def test_1_6_chapter_9_every_required_key_of_the_core_profile_is_there():
    line = Line(V16)
    line.connect()
    keys = {one["key"] for one in line.ask("GetConfiguration", {})["configurationKey"]}
    assert keys >= CORE_KEYS


def test_1_6_the_phase_rotation_names_every_connector_and_takes_no_nonsense():
    line = Line(V16, evses=(EvseConfig(), EvseConfig(phases=1)))
    line.connect()

    def change(value):
        return line.ask("ChangeConfiguration", {"key": "ConnectorPhaseRotation", "value": value})["status"]

    answer = line.ask("GetConfiguration", {"key": ["connectorphaserotation"]})
    assert answer["configurationKey"][0]["value"] == "0.RST,1.RST,2.NotApplicable"
    assert change("0.RST, 1.RTS, 2.Unknown") == "Accepted"
    assert change("1.ABC") == "Rejected"
    assert change("9.RST") == "Rejected"


def test_1_6_more_keys_than_allowed_are_an_occurrence_error():
    line = Line(V16)
    line.connect()
    answer = line.ask("GetConfiguration", {"key": [f"K{n}" for n in range(101)]})
    assert isinstance(answer, CallError)
    assert answer.code == "OccurenceConstraintViolation"
    assert len(line.ask("GetConfiguration", {"key": [f"K{n}" for n in range(100)]})["unknownKey"]) == 100


@pytest.mark.parametrize("value", ["", "1.5", "nan", "1_0", "-1", "1e3"])
def test_1_6_numbers_that_are_none_are_rejected(value):
    line = Line(V16)
    line.connect()
    answer = line.ask("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": value})
    assert answer["status"] == "Rejected"


@pytest.mark.parametrize("version", [V201, V21])
def test_settings_survive_a_power_cut(version):
    storage = MemoryStorage()
    line = Line(version, storage=storage)
    line.connect()
    data = variable("TxCtrlr", "EVConnectionTimeOut", attributeValue="123")
    line.ask("SetVariables", {"setVariableData": [data]})
    again = Line(version, storage=storage)
    again.connect()
    asked = {"getVariableData": [variable("TxCtrlr", "EVConnectionTimeOut")]}
    assert again.ask("GetVariables", asked)["getVariableResult"][0]["attributeValue"] == "123"


def test_e04_all_messages_wait_for_the_line_where_the_csms_wants_it():
    line = Line(V201)
    line.connect()
    for value, expected in (("false", 0), ("true", 1)):
        data = variable("OCPPCommCtrlr", "QueueAllMessages", attributeValue=value)
        line.ask("SetVariables", {"setVariableData": [data]})
        line.lose()
        line.core.data_transfer.send("org.example", "news", value)
        line.connect()
        assert len(line.of("DataTransfer")) == expected
