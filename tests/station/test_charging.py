"""Where transactions start and stop, cables that are pulled, locks (OCPP 2.0.1 E; OCPP 1.6, 4.8, 4.10)."""

import pytest

from support.station_line import GOOD, V16, V21, V201, Line
from support.station_words import authorize_answer, configure, events, info, states
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import EvseConfig, Token

SOCKET = (EvseConfig(connectors=("sType2",)),)


def started(**settings):
    """A station of 2.0.1 that is online."""
    line = Line(V201, settings=settings, evses=SOCKET)
    line.connect()
    return line


def kinds(line):
    return [kind for kind, _, _ in events(line)]


def last(line):
    return line.of("TransactionEvent")[-1]


# Starting --------------------------------------------------------------------------------------------------------


def test_e01_fr_02_started_where_the_vehicle_connects():
    line = started(tx_start_point="EVConnected")
    line.plug()
    assert events(line) == [("Started", "CablePluggedIn", "EVConnected")]
    assert "idToken" not in last(line)
    line.present()
    assert events(line)[1:] == [
        ("Updated", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]
    told = line.of("TransactionEvent")
    assert [("idToken" in event) for event in told] == [False, True, False]
    assert [event["seqNo"] for event in told] == [0, 1, 2]


def test_e01_fr_03_started_where_somebody_is_authorized():
    line = started(tx_start_point="Authorized")
    line.present()
    assert events(line) == [("Started", "Authorized", "Idle")]
    assert "connectorId" not in last(line)["evse"]
    line.plug()
    assert events(line)[1] == ("Updated", "CablePluggedIn", "EVConnected")
    assert line.of("TransactionEvent")[1]["evse"] == {"id": 1, "connectorId": 1}


def test_e01_fr_05_started_where_the_power_path_closes():
    line = started(tx_start_point="PowerPathClosed")
    line.plug()
    assert events(line) == []
    line.present()
    assert events(line) == [("Started", "Authorized", "Charging")]


def test_a_vehicle_that_does_not_want_power_is_told_as_suspended():
    line = started()
    line.plug(Vehicle(soc=1.0))
    line.present()
    assert events(line) == [
        ("Started", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "SuspendedEV"),
    ]


def test_e01_fr_06_started_where_energy_flows_only():
    line = started(tx_start_point="EnergyTransfer")
    line.plug(Vehicle(soc=1.0))
    line.present()
    assert events(line) == []
    line.wait(60)
    assert events(line) == []
    line.hardware[1].car.target_soc = 1.0
    line.hardware[1].car.battery.energy_wh *= 0.5
    line.wait(11)
    assert events(line) == [("Started", "ChargingStateChanged", "Charging")]
    assert last(line)["idToken"]["idToken"] == "GOOD"


def test_e01_fr_06_started_where_energy_flows_at_once():
    line = started(tx_start_point="EnergyTransfer")
    line.present()
    line.plug()
    assert events(line) == [("Started", "ChargingStateChanged", "Charging")]


def test_e01_fr_01_e06_fr_01_the_parking_bay_starts_and_stops():
    line = started(tx_start_point="ParkingBayOccupancy", tx_stop_point="ParkingBayOccupancy")
    line.core.charging.parked(1, True, line.now)
    line.pump()
    assert events(line) == [("Started", "EVDetected", "Idle")]
    line.charge()
    line.present()
    line.unplug()
    assert "Ended" not in kinds(line)
    line.core.charging.parked(1, False, line.now)
    line.pump()
    assert events(line)[-1] == ("Ended", "EVDeparted", "Idle")
    assert last(line)["transactionInfo"]["stoppedReason"] == "Local"


def test_e01_who_may_charge_anew_begins_a_transaction_where_a_start_point_still_holds():
    line = started(tx_start_point="EVConnected", tx_stop_point="Authorized")
    line.charge()
    line.present()
    assert kinds(line)[-1] == "Ended"
    line.present()
    assert kinds(line).count("Started") == 2
    assert line.core.evses[1].transaction is not None
    line.present()
    assert kinds(line)[-1] == "Ended"


def test_e01_nothing_flows_where_no_start_point_can_hold():
    line = started(tx_start_point="DataSigned")
    line.charge()
    line.wait(60)
    assert events(line) == []
    assert line.hardware[1].read(line.now).power_w == 0
    configure(line, None, "SampledDataCtrlr.SignReadings", "true")
    line.wait(60)
    assert kinds(line)[0] == "Started"
    assert line.hardware[1].read(line.now).power_w > 0


def test_several_start_points_start_with_whichever_comes_first():
    line = started(tx_start_point="EVConnected,Authorized")
    line.present()
    line.plug()
    assert kinds(line).count("Started") == 1
    assert events(line)[0][1] == "Authorized"


def test_e03_fr_05_nobody_plugs_in():
    line = started(tx_start_point="Authorized", tx_stop_point="EVConnected", connection_timeout_s="30")
    line.present()
    line.wait(31)
    assert events(line)[-1] == ("Ended", "EVConnectTimeout", "Idle")
    assert last(line)["transactionInfo"]["stoppedReason"] == "Timeout"


def test_e03_fr_15_nobody_plugs_in_but_the_bay_is_taken():
    line = started(tx_start_point="ParkingBayOccupancy", tx_stop_point="ParkingBayOccupancy", connection_timeout_s="30")
    line.core.charging.parked(1, True, line.now)
    line.present()
    line.wait(31)
    assert events(line)[-1] == ("Updated", "EVConnectTimeout", "Idle")
    assert line.core.evses[1].permission is None


def test_b03_nothing_is_charged_before_the_csms_has_accepted_where_that_is_set():
    line = Line(V201, settings={"charge_before_accepted": "false"})
    line.replies["BootNotification"] = {"status": "Pending", "currentTime": "2026-03-01T12:00:00Z", "interval": 300}
    line.connect()
    line.charge()
    assert not line.core.charging.is_busy


def test_e02_fr_18_the_phases_in_use_are_told_once_and_when_they_change():
    line = started(meter_interval_s="10")
    line.charge()
    line.wait(45)
    told = [event.get("numberOfPhasesUsed") for event in line.of("TransactionEvent")]
    assert [one for one in told if one is not None] == [3]


# Stopping --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop", "ends"),
    [("Authorized", True), ("PowerPathClosed", True), ("EVConnected", False), ("EnergyTransfer", True)],
)
def test_e06_a_card_ends_it_where_a_stop_point_is_lost(stop, ends):
    line = started(tx_stop_point=stop)
    line.charge()
    line.present()
    assert ("Ended" in kinds(line)) is ends
    if not ends:
        assert events(line)[-2:] == [
            ("Updated", "StopAuthorized", "Charging"),
            ("Updated", "ChargingStateChanged", "EVConnected"),
        ]
        line.unplug()
        assert events(line)[-1] == ("Ended", "EVCommunicationLost", "Idle")


def test_e06_fr_07_stopped_where_energy_stops():
    line = started(tx_stop_point="EnergyTransfer")
    line.charge()
    line.hardware[1].pause(True, line.now)
    line.wait(11)
    assert events(line)[-1] == ("Ended", "ChargingStateChanged", "EVConnected")
    assert last(line)["transactionInfo"]["stoppedReason"] == "StoppedByEV"


def test_a_transaction_that_none_of_its_stop_points_can_end_ends_when_nothing_is_left():
    line = started(tx_start_point="EVConnected", tx_stop_point="EnergyTransfer")
    line.plug()
    line.unplug()
    assert kinds(line) == ["Started", "Ended"]
    assert not line.core.charging.is_busy


@pytest.mark.parametrize("version", [V201, V21])
def test_e09_fr_01_a_cable_pulled_at_the_vehicle_takes_the_permission_away(version):
    line = Line(version, settings={"tx_stop_point": "ParkingBayOccupancy"})
    line.connect()
    line.core.charging.parked(1, True, line.now)
    line.charge()
    line.unplug()
    assert events(line)[-1] == ("Updated", "EVCommunicationLost", "Idle")
    assert line.core.evses[1].permission is None


def test_e10_a_cable_pulled_at_the_vehicle_only_interrupts_where_that_is_set():
    line = Line(V201, settings={"stop_on_unplug": "false", "tx_stop_point": "Authorized"})
    line.connect()
    line.charge()
    line.wait(60)
    line.unplug()
    assert events(line)[-1] == ("Updated", "EVCommunicationLost", "Idle")
    meter_wh = line.hardware[1].read(line.now).energy_import_wh
    line.wait(20)
    assert line.hardware[1].read(line.now).energy_import_wh == meter_wh
    line.plug()
    assert events(line)[-2:] == [
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]
    assert kinds(line).count("Started") == 1


def test_e10_fr_02_and_ends_when_nobody_plugs_in_again():
    line = Line(V201, settings={"stop_on_unplug": "false", "tx_stop_point": "Authorized"})
    line.connect()
    line.charge()
    line.unplug()
    line.wait(61)
    assert events(line)[-1] == ("Ended", "EVConnectTimeout", "Idle")


def test_1_6_a_cable_pulled_at_the_vehicle_only_interrupts_where_that_is_set():
    line = Line(V16)
    line.connect()
    assert configure(line, "StopTransactionOnEVSideDisconnect", None, "false") == "Accepted"
    line.charge()
    line.unplug()
    assert not line.of("StopTransaction")
    assert states(line)[-1] == "SuspendedEV"
    line.plug()
    assert states(line)[-1] == "Charging"
    line.present()
    [stop] = line.of("StopTransaction")
    assert (stop["reason"], stop["transactionId"]) == ("Local", 17)


def test_e15_fr_04_a_vehicle_that_ends_its_session_ends_ours():
    line = started()
    line.charge()
    line.core.charging.vehicle_stopped(1, line.now)
    line.pump()
    assert events(line)[-1] == ("Ended", "StopAuthorized", "EVConnected")
    assert last(line)["transactionInfo"]["stoppedReason"] == "StoppedByEV"


# Tokens that turn out invalid ------------------------------------------------------------------------------------


def invalid(event):
    return {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}


def test_e05_fr_10_it_ends_where_that_is_set():
    line = started()
    line.replies["TransactionEvent"] = invalid
    line.charge()
    assert events(line)[-1] == ("Ended", "Deauthorized", "EVConnected")
    assert last(line)["transactionInfo"]["stoppedReason"] == "DeAuthorized"


def test_e05_fr_02_else_no_more_energy_flows():
    line = started(stop_on_invalid="false")
    line.replies["TransactionEvent"] = invalid
    line.charge()
    assert events(line)[-1] == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
    line.wait(300)
    assert line.hardware[1].read(line.now).energy_import_wh == 0


def test_e05_fr_03_else_as_much_energy_flows_as_is_granted():
    line = started(stop_on_invalid="false", max_invalid_energy_wh="500")
    line.replies["TransactionEvent"] = invalid
    line.charge()
    line.wait(1200)
    assert events(line)[-1] == ("Updated", "ChargingStateChanged", "SuspendedEVSE") or "Periodic" in events(line)[-1][1]
    assert line.hardware[1].read(line.now).energy_import_wh == pytest.approx(500, abs=2)


def test_1_6_a_tag_that_is_not_valid_after_all_ends_it_or_suspends_it():
    for stops, expected in (("true", "Finishing"), ("false", "SuspendedEVSE")):
        line = Line(V16)
        line.connect()
        configure(line, "StopTransactionOnInvalidId", None, stops)
        line.replies["StartTransaction"] = {"idTagInfo": info(line, "Invalid"), "transactionId": 5}
        line.charge()
        assert states(line)[-1] == expected
        assert [stop["reason"] for stop in line.of("StopTransaction")] == (["DeAuthorized"] if stops == "true" else [])


# Locks -----------------------------------------------------------------------------------------------------------


def test_e07_fr_07_a_socket_is_locked_while_charging_and_unlocked_at_the_end():
    line = started()
    line.charge()
    assert line.hardware[1].is_locked(1)
    line.present()
    assert not line.hardware[1].is_locked(1)


def test_a_cable_of_the_station_is_not_locked():
    line = Line(V201)
    line.connect()
    line.charge()
    assert not line.hardware[1].is_locked(1)


def test_g05_fr_01_fr_02_a_plug_that_does_not_lock_is_reported_and_nothing_flows():
    line = started()
    line.hardware[1].lock_fails = True
    line.charge()
    assert not line.core.charging.is_busy
    [event] = line.of("NotifyEvent")[-1]["eventData"]
    assert (event["component"]["name"], event["variable"]["name"]) == ("ConnectorPlugRetentionLock", "Problem")
    assert event["actualValue"] == "true"
    line.unplug()
    line.hardware[1].lock_fails = False
    line.charge()
    assert line.core.charging.is_busy
    assert line.of("NotifyEvent")[-1]["eventData"][0]["actualValue"] == "false"


def test_1_6_a_plug_that_does_not_lock_is_told_by_its_error_code():
    line = Line(V16, evses=SOCKET)
    line.connect()
    line.hardware[1].lock_fails = True
    line.charge()
    assert not line.of("StartTransaction")
    assert any(s["errorCode"] == "ConnectorLockFailure" for s in line.of("StatusNotification"))


@pytest.mark.parametrize(("unlocks", "state"), [("true", "Available"), ("false", "Occupied")])
def test_e09_fr_02_fr_03_a_cable_pulled_at_the_vehicle_is_unlocked_at_once_or_for_its_owner(unlocks, state):
    line = started(unlock_on_unplug=unlocks)
    line.charge()
    line.core.charging.unplugged(1, line.now)
    line.pump()
    assert states(line)[-1] == state
    assert line.hardware[1].is_locked(1) is (unlocks == "false")
    if unlocks == "false":
        line.present(Token("STRANGER"))
        assert line.hardware[1].is_locked(1)
        line.present(GOOD)
        assert not line.hardware[1].is_locked(1)
        assert states(line)[-1] == "Available"


# Messages --------------------------------------------------------------------------------------------------------


def test_e12_fr_02_what_happened_offline_says_so():
    line = started()
    line.lose()
    line.charge()
    line.connect()
    assert all(event["offline"] for event in line.of("TransactionEvent"))
    line.present()
    assert "offline" not in last(line)


def test_e11_fr_07_what_waited_while_the_line_was_lost_says_so_too():
    line = started()
    line.silent = {"TransactionEvent"}
    line.charge()
    line.lose()
    line.silent = set()
    line.connect()
    started_events = [event for event in line.of("TransactionEvent") if event["eventType"] == "Started"]
    assert [event.get("offline") for event in started_events] == [None, True]


def test_e13_fr_03_tries_are_ever_further_apart():
    line = started(message_attempts="4", message_retry_s="10")
    line.refused.extend(["TransactionEvent"] * 3)
    times = []
    heard = len(line.heard)
    line.charge(0.0)
    for now in range(100):
        line.core.advance(float(now))
        line.pump(float(now))
        times += [now for name, p in line.heard[heard:] if name == "TransactionEvent" and p["seqNo"] == 0]
        heard = len(line.heard)
    assert times == [0, 10, 30, 60]


@pytest.mark.parametrize("version", [V201, V21])
def test_e14_the_status_of_a_transaction(version):
    line = Line(version)
    line.connect()
    assert line.ask("GetTransactionStatus", {"transactionId": "x"}) == {
        "ongoingIndicator": False,
        "messagesInQueue": False,
    }
    line.silent = {"TransactionEvent"}
    line.charge()
    name = last(line)["transactionInfo"]["transactionId"]
    assert line.ask("GetTransactionStatus", {"transactionId": name}) == {
        "ongoingIndicator": True,
        "messagesInQueue": True,
    }
    assert line.ask("GetTransactionStatus", {}) == {"messagesInQueue": True}


def test_a_token_of_which_the_csms_said_nothing_new_is_told_once():
    line = started()
    line.replies["Authorize"] = authorize_answer(line)
    line.charge()
    line.wait(300)
    assert sum("idToken" in event for event in line.of("TransactionEvent")) == 1


@pytest.mark.parametrize("version", [V201, V21])
def test_e01_fr_02_after_a_restart_a_vehicle_that_is_still_there_begins_a_new_transaction(version):
    line = Line(version, settings={"tx_start_point": "EVConnected"})
    line.connect()
    line.charge()
    line.core.charging.stop_all("ImmediateReset", "ResetCommand")
    line.lose()
    line.core.tell_restarting()
    line.heard.clear()
    line.connect()
    line.wait(1)
    assert events(line)[-2:] == [
        ("Ended", "ResetCommand", "EVConnected"),
        ("Started", "CablePluggedIn", "EVConnected"),
    ]


@pytest.mark.parametrize(
    ("code", "reason"), [("GroundFailure", "GroundFault"), ("EmergencyStop", "EmergencyStop"), ("WeakSignal", "Other")]
)
def test_e06_fr_16_a_fault_ends_it_and_says_which(code, reason):
    line = started()
    line.charge()
    line.fault(code)
    assert events(line)[-1] == ("Ended", "AbnormalCondition", "EVConnected")
    assert last(line)["transactionInfo"]["stoppedReason"] == reason
    assert states(line)[-1] == "Faulted"
