"""Remote starts, stops, unlocks and triggers (OCPP 2.0.1 F; OCPP 1.6, 5.11, 5.12, 5.17, 5.18)."""

from random import Random

import pytest

from support.station_line import V16, V21, V201, Line
from support.station_words import authorize_answer, configure, events, states
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle
from voltherd.station import EvseConfig, Token
from voltherd.station.hardware import NOTHING
from voltherd.station.remote_control import Refusal, RemoteControl
from voltherd.station.triggers import Asked

EVSES = (EvseConfig(connectors=("sType2",)), EvseConfig())
CENTRAL = {"idToken": "REMOTE", "type": "ISO14443"}


def online(version, **more):
    line = Line(version, evses=EVSES, **more)
    line.connect()
    return line


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return online(request.param)


@pytest.fixture(params=[V201, V21])
def line2(request):
    return online(request.param)


def start(line, evse_id=1, **more):
    if line.version is V16:
        named = {"connectorId": evse_id} if evse_id else {}
        return line.ask("RemoteStartTransaction", {"idTag": "REMOTE"} | named | more)["status"]
    named = {"evseId": evse_id} if evse_id else {}
    return line.ask("RequestStartTransaction", {"idToken": CENTRAL, "remoteStartId": 42} | named | more)["status"]


def trigger(line, message, evse=None, **more):
    return line.ask("TriggerMessage", {"requestedMessage": message} | ({"evse": evse} if evse else {}) | more)["status"]


def test_f01_fr_02_without_authorization_it_charges_at_once(line):
    line.plug()
    assert start(line) == "Accepted"
    assert not line.of("Authorize")
    assert line.core.charging.is_busy


def test_f01_fr_01_with_authorization_the_csms_is_asked_after_the_answer(line):
    configure(line, "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart", "true")
    line.replies["Authorize"] = authorize_answer(line, "Blocked")
    line.plug()
    assert start(line) == "Accepted"
    assert len(line.of("Authorize")) == 1
    assert not line.core.charging.is_busy


def test_f01_fr_23_fr_24_where_nothing_can_start_it_is_refused(line):
    line.charge()
    assert start(line) == "Rejected"
    line.fault(evse_id=2)
    assert start(line, evse_id=2) == "Rejected"
    assert start(line, evse_id=None) == "Rejected"
    assert start(line, evse_id=9) == "Rejected"


def test_f01_fr_20_without_an_evse_the_one_with_a_cable_is_taken(line):
    line.plug(evse_id=2)
    assert start(line, evse_id=None) == "Accepted"
    assert line.core.evses[2].transaction is not None


def test_f02_fr_07_and_ends_when_nobody_plugs_in(line):
    configure(line, "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut", "20")
    assert start(line) == "Accepted"
    line.wait(21)
    assert line.core.evses[1].permission is None
    line.plug()
    assert not line.core.charging.is_busy


def test_f02_fr_21_the_next_event_names_the_remote_start(line2):
    start(line2)
    line2.plug()
    first = line2.of("TransactionEvent")[0]
    assert (first["triggerReason"], first["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 42)
    assert first["idToken"] == CENTRAL


def test_f01_fr_13_fr_25_a_transaction_that_waits_for_a_token_is_named_in_the_answer(line2):
    configure(line2, None, "TxCtrlr.TxStartPoint", "EVConnected")
    line2.plug()
    name = line2.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    answer = line2.ask("RequestStartTransaction", {"idToken": CENTRAL, "remoteStartId": 42, "evseId": 1})
    assert answer == {"status": "Accepted", "transactionId": name}
    event = line2.of("TransactionEvent")[1]
    assert (event["triggerReason"], event["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 42)


def test_b02_before_the_csms_has_accepted_nothing_starts(line2):
    line2.lose()
    line2.core.registration = "Pending"
    line2.replies["BootNotification"] = {"status": "Pending", "currentTime": "2026-03-01T12:00:00Z", "interval": 300}
    line2.connect()
    assert start(line2) == "Rejected"


def test_f01_fr_26_a_profile_that_cannot_be_used_refuses_the_start(line2):
    line2.core.remote_control.on_remote_start = lambda evse, profile: Refusal("InvalidProfile", "no")
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]}
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    }
    request = {"idToken": CENTRAL, "remoteStartId": 1, "evseId": 1, "chargingProfile": profile}
    answer = line2.ask("RequestStartTransaction", request)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidProfile")
    line2.core.remote_control.on_remote_start = None
    assert line2.ask("RequestStartTransaction", request)["status"] == "Accepted"
    assert line2.core.evses[1].permission.profile.id == 1


def test_f03_fr_03_a_remote_stop_ends_it(line):
    line.charge()
    if line.version is V16:
        assert line.ask("RemoteStopTransaction", {"transactionId": 17})["status"] == "Accepted"
        assert line.of("StopTransaction")[0]["reason"] == "Remote"
        assert line.ask("RemoteStopTransaction", {"transactionId": 17})["status"] == "Rejected"
        return
    name = line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    assert line.ask("RequestStopTransaction", {"transactionId": name})["status"] == "Accepted"
    last = line.of("TransactionEvent")[-1]
    assert (last["eventType"], last["triggerReason"]) == ("Ended", "RemoteStop")
    assert last["transactionInfo"]["stoppedReason"] == "Remote"
    assert line.ask("RequestStopTransaction", {"transactionId": name})["statusInfo"]["reasonCode"] == "TxNotFound"


def test_f03_fr_02_or_only_the_energy_where_another_point_ends_it(line2):
    configure(line2, None, "TxCtrlr.TxStopPoint", "EVConnected")
    line2.charge()
    name = line2.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    line2.ask("RequestStopTransaction", {"transactionId": name})
    assert ("Updated", "RemoteStop", "Charging") in events(line2)
    assert events(line2)[-1] == ("Updated", "ChargingStateChanged", "EVConnected")
    assert line2.core.charging.is_busy


def test_f05_an_unlock(line2):
    def unlock(evse_id, connector_id=1):
        return line2.ask("UnlockConnector", {"evseId": evse_id, "connectorId": connector_id})["status"]

    assert unlock(1) == "Unlocked", "without a cable, too (F05.FR.06)"
    assert unlock(1, 2) == "UnknownConnector"
    assert unlock(9) == "UnknownConnector"
    line2.charge()
    assert unlock(1) == "OngoingAuthorizedTransaction"
    line2.present()
    line2.hardware[1].lock_fails = True
    assert unlock(1) == "UnlockFailed"


def test_f05_an_unlock_cuts_the_power_of_who_may_charge_without_a_transaction(line2):
    configure(line2, None, "TxCtrlr.TxStartPoint", "EnergyTransfer")
    line2.plug(Vehicle(soc=1.0, target_soc=1.0))
    line2.present()
    hardware, evse = line2.hardware[1], line2.core.evses[1]
    assert (line2.core.charging.is_busy, evse.offer.charge_limit_w > 0, hardware.is_locked(1)) == (False, True, True)
    hardware.lock_fails = True
    assert line2.ask("UnlockConnector", {"evseId": 1, "connectorId": 1})["status"] == "UnlockFailed"
    assert evse.offer.charge_limit_w > 0
    hardware.lock_fails = False
    assert line2.ask("UnlockConnector", {"evseId": 1, "connectorId": 1})["status"] == "Unlocked"
    assert (evse.permission, evse.offer, hardware.is_locked(1)) == (None, NOTHING, False)
    hardware.car.target_soc = 1.0
    hardware.car.battery.energy_wh *= 0.5
    line2.wait(30)
    assert hardware.read(line2.now).power_w == 0
    assert not line2.of("TransactionEvent")


def test_f05_a_cable_that_was_kept_for_its_owner_is_free_once_unlocked(line2):
    configure(line2, None, "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "false")
    line2.charge()
    line2.unplug()
    assert states(line2, 1)[-1] == "Occupied"
    assert line2.ask("UnlockConnector", {"evseId": 1, "connectorId": 1})["status"] == "Unlocked"
    assert states(line2, 1)[-1] == "Available"


class Watched(SimulatedEvse):
    """Notes what flowed at the moments when its lock was opened."""

    __slots__ = ("flowed_w",)

    def unlock(self, connector_id):
        self.flowed_w.append(self.read(self._now).power_w)
        return super().unlock(connector_id)


def test_1_6_the_power_is_off_when_the_lock_opens():
    hardware = Watched(EvseRating.of(EVSES[0]), random=Random(1))
    hardware.flowed_w = []
    line = Line(V16, evses=EVSES[:1], hardware={1: hardware})
    line.connect()
    line.charge()
    line.wait(30)
    assert hardware.read(line.now).power_w > 0
    line.ask("UnlockConnector", {"connectorId": 1})
    assert set(hardware.flowed_w) == {0}


def test_1_6_an_unlock_ends_the_session_and_a_fixed_cable_has_no_lock():
    line = online(V16)
    line.charge()
    assert line.ask("UnlockConnector", {"connectorId": 1})["status"] == "Unlocked"
    assert line.of("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert line.ask("UnlockConnector", {"connectorId": 2})["status"] == "NotSupported"
    assert line.ask("UnlockConnector", {"connectorId": 7})["status"] == "NotSupported"


def test_f06_fr_04_a_triggered_message_comes_after_the_answer(line):
    line.heard.clear()
    assert trigger(line, "Heartbeat") == "Accepted"
    assert len(line.of("Heartbeat")) == 1


def test_f06_fr_06_meter_values_of_one_evse_or_all(line):
    line.heard.clear()
    assert trigger(line, "MeterValues") == "Accepted"
    told = line.of("MeterValues")
    assert [m["connectorId"] if line.version is V16 else m["evseId"] for m in told] == [1, 2]
    contexts = {s["context"] for m in told for v in m["meterValue"] for s in v["sampledValue"]}
    assert contexts == {"Trigger"}


def test_f06_fr_07_transactions_are_told_with_their_readings(line2):
    assert trigger(line2, "TransactionEvent") == "Rejected"
    line2.charge(evse_id=2)
    assert trigger(line2, "TransactionEvent", {"id": 1}) == "Rejected"
    assert trigger(line2, "TransactionEvent") == "Accepted"
    event = line2.of("TransactionEvent")[-1]
    assert (event["triggerReason"], event["transactionInfo"]["chargingState"]) == ("Trigger", "Charging")
    assert event["meterValue"]


def test_f06_fr_03_an_evse_that_does_not_matter_is_ignored(line2):
    assert trigger(line2, "Heartbeat", {"id": 9}) == "Accepted"
    assert trigger(line2, "StatusNotification", {"id": 9}) == "Rejected"
    assert trigger(line2, "StatusNotification", {"id": 1, "connectorId": 7}) == "Rejected"


def test_f06_fr_11_the_status_of_one_connector(line2):
    line2.heard.clear()
    assert trigger(line2, "StatusNotification", {"id": 2, "connectorId": 1}) == "Accepted"
    assert [s["evseId"] for s in line2.of("StatusNotification")] == [2]


def test_f06_fr_17_no_boot_once_the_csms_has_accepted(line2):
    assert trigger(line2, "BootNotification") == "Rejected"


def test_1_6_a_boot_can_be_triggered_any_time():
    line = online(V16)
    assert trigger(line, "BootNotification") == "Accepted"
    assert len(line.of("BootNotification")) == 2


def test_f06_fr_08_what_is_not_there_is_not_implemented(line):
    taken = RemoteControl.triggers.pop("Heartbeat")
    try:
        assert trigger(line, "Heartbeat") == "NotImplemented"
    finally:
        RemoteControl.triggers["Heartbeat"] = taken


def test_custom_triggers_of_2_1_go_by_their_name():
    line = online(V21)
    heard = []
    RemoteControl.custom_triggers["Blink"] = lambda core, asked: heard.append(asked) or "Accepted"
    try:
        assert trigger(line, "CustomTrigger", {"id": 2}, customTrigger="Blink") == "Accepted"
        assert trigger(line, "CustomTrigger", customTrigger="Sing") == "NotImplemented"
    finally:
        del RemoteControl.custom_triggers["Blink"]
    assert heard == [Asked(evse_id=2, custom="Blink")]


def test_a_session_that_was_started_remotely_is_ended_by_the_same_token(line):
    line.plug()
    start(line)
    line.present(Token("REMOTE"))
    assert not line.core.charging.is_busy
    assert "Charging" not in states(line)[-1]
