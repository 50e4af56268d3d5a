"""The station without a network: frames in, frames out, time as a number."""

import pytest

from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.ocpp.version import OcppVersion
from voltherd.station import Clock, EvseConfig, Observer, StationConfig, StationCore


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return Line(request.param)


def test_heartbeats_come_at_the_interval_of_the_csms(line):
    line.connect()
    line.run(0.0, 901.0, step=10.0)
    assert len(line.of("Heartbeat")) == 3


def test_the_answers_of_csms_calls_keep_the_station_alive_with_an_unknown_action(line):
    line.connect()
    refusal = line.ask("Nonsense", {}, 1.0)
    assert isinstance(refusal, CallError)
    assert refusal.code == "NotImplemented"
    wrong = line.ask("Reset", {"type": "Sideways"}, 1.0)
    assert isinstance(wrong, CallError)


def test_trap_40_an_unanswered_call_does_not_keep_the_station_from_answering(line):
    line.connect()
    line.silent = {"Heartbeat"}
    line.run(0.0, 301.0, step=10.0)
    assert line.of("Heartbeat")
    assert line.ask("ClearCache", {}, 302.0)["status"] == "Accepted"


def test_things_are_said_in_the_order_in_which_they_happened(line):
    line.connect()
    line.charge(10.0)
    line.silent = {"Heartbeat"}
    line.heard.clear()
    line.now = 20.0
    line.unplug()
    names = [name for name, _ in line.heard]
    end = "StopTransaction" if line.version is V16 else "TransactionEvent"
    last_status = len(names) - 1 - names[::-1].index("StatusNotification")
    assert names.index(end) < last_status


def test_e13_fr_04_a_refused_transaction_message_is_given_up_after_some_attempts_and_the_next_is_sent(line):
    line.connect()
    start = "StartTransaction" if line.version is V16 else "TransactionEvent"
    line.refused.extend([start] * 3)
    line.charge(1.0)
    line.run(1.0, 50.0)
    assert line.of(start)[0] == line.of(start)[1] == line.of(start)[2]
    assert line.of(start)[2] not in line.of(start)[3:]
    assert line.core.outbox.kept_count == 0


def test_a_1_6_station_never_gives_up_an_unanswered_transaction_message():
    line = Line(V16)
    line.connect()
    line.silent = {"StartTransaction"}
    line.charge(1.0)
    line.run(1.0, 1000.0, step=5.0)
    assert len(line.of("StartTransaction")) > 5
    assert all(message == line.of("StartTransaction")[0] for message in line.of("StartTransaction"))
    line.silent = set()
    line.run(1000.0, 1100.0)
    assert line.core.outbox.kept_count == 0


@pytest.mark.parametrize("version", [V201, V21])
def test_e13_fr_02_a_2_x_station_tries_an_unanswered_event_as_often_as_set(version):
    line = Line(version)
    line.connect()
    line.silent = {"TransactionEvent"}
    line.charge(1.0)
    line.run(1.0, 250.0, step=1.0)
    tries = [event for event in line.of("TransactionEvent") if event["seqNo"] == 0]
    assert len(tries) == 3
    assert any(event["seqNo"] == 1 for event in line.of("TransactionEvent"))


def test_trap_18_without_the_number_of_the_csms_a_1_6_station_says_minus_one():
    line = Line(V16)
    line.connect()
    line.refused.extend(["StartTransaction"] * 3)
    line.charge(1.0)
    line.run(1.0, 50.0)
    line.unplug()
    assert line.of("StopTransaction")[0]["transactionId"] == -1


def test_two_connectors_of_a_station_have_their_own_transactions():
    line = Line(V16, evses=(EvseConfig(), EvseConfig(connectors=("cType2", "cCCS2"))))
    line.connect()
    line.plug(evse_id=2, connector_id=2)
    line.present(evse_id=2)
    assert line.of("StartTransaction")[0]["connectorId"] == 3
    states = {s["connectorId"]: s["status"] for s in line.of("StatusNotification")}
    assert states == {0: "Available", 1: "Available", 2: "Unavailable", 3: "Charging"}
    answer = line.ask("GetConfiguration", {"key": ["NumberOfConnectors"]}, 2.0)
    assert answer["configurationKey"][0]["value"] == "3"


def test_a_fault_ends_the_transaction_and_is_reported(line):
    line.connect()
    line.charge(1.0)
    line.fault("GroundFailure")
    status = line.of("StatusNotification")[-1]
    assert (status["status"] if line.version is V16 else status["connectorStatus"]) == "Faulted"
    assert not line.core.charging.is_busy
    line.unplug()
    line.fault(None)
    status = line.of("StatusNotification")[-1]
    assert (status["status"] if line.version is V16 else status["connectorStatus"]) == "Available"


def test_the_meter_interval_can_be_changed_while_charging():
    line = Line(V16)
    line.connect()
    line.charge(0.0)
    line.run(0.0, 61.0)
    assert len(line.of("MeterValues")) == 1
    answer = line.ask("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "5"}, 61.0)
    assert answer["status"] == "Accepted"
    line.run(61.0, 92.0)
    assert len(line.of("MeterValues")) == 7


def test_a_new_password_is_used_from_the_next_connection_on():
    line = Line(V201)
    line.connect()
    data = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": "a new password of 20",
    }
    answer = line.ask("SetVariables", {"setVariableData": [data]}, 1.0)
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
    assert line.core.target().password == "a new password of 20"


def test_offline_an_unknown_token_may_charge_only_if_the_setting_says_so():
    for allowed, expected in (("true", True), ("false", False)):
        line = Line(V201, settings={"offline_unknown": allowed})
        line.plug()
        decided = []
        line.present(tell=decided.append)
        assert decided == [expected]
        assert line.core.charging.is_busy is expected


def test_a_reservation_runs_out():
    line = Line(V21)
    line.connect()
    wall = line.core.clock.wall(10.0).isoformat()
    wanted = {"id": 1, "expiryDateTime": wall, "idToken": {"idToken": "X", "type": "Central"}, "evseId": 1}
    assert line.ask("ReserveNow", wanted, 1.0)["status"] == "Accepted"
    assert line.of("StatusNotification")[-1]["connectorStatus"] == "Reserved"
    line.run(1.0, 12.0)
    assert line.of("StatusNotification")[-1]["connectorStatus"] == "Available"


def test_nothing_happens_before_the_next_wakeup(line):
    line.connect()
    line.charge(0.0)
    now = 0.0
    for _ in range(200):
        at = line.core.next_wakeup()
        assert at is not None
        quiet = (now + at) / 2
        line.heard.clear()
        line.core.advance(quiet)
        line.pump(quiet)
        assert line.heard == []
        now = at
        line.core.advance(now)
        line.pump(now)
    assert now > 600


def test_the_clock_follows_the_csms_and_ignores_nonsense():
    clock = Clock()
    clock.set_wall("2030-05-05T10:00:00Z", 5.0)
    assert clock.text(6.0) == "2030-05-05T10:00:01.000Z"
    clock.set_wall("yesterday", 6.0)
    assert clock.text(6.0) == "2030-05-05T10:00:01.000Z"


def test_an_unknown_setting_in_the_configuration_is_an_error():
    with pytest.raises(ValueError, match="no setting"):
        StationCore(
            StationConfig(identity="x", url="ws://x", settings={"nonsense": "1"}, evses=()), {}, observer=Observer()
        )
