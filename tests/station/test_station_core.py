"""The station without a network: frames in, frames out, time as a number."""

from collections import deque
from random import Random

import msgspec
import pytest

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.frames import Call, CallError, CallResult, decode_frame, encode_call, encode_error, encode_result
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion
from voltherd.station import Clock, EvseConfig, Observer, StationConfig, StationCore, Token, Vehicle
from voltherd.station.meter import Meter

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
TIME = "2026-03-01T12:00:00Z"
GOOD = Token("GOOD")


class Line:
    """Answers as a plain CSMS would, as soon as asked; every request must be valid for its version."""

    def __init__(self, version, **config):
        self.version = version
        self.core = StationCore(
            StationConfig(identity="CS-1", url="ws://nowhere", version=version, **config),
            clock=Clock(factor=2.0),
            random=Random(1),
        )
        self.heard = []
        self.answers = {}
        self.silent = set()
        self.refused = deque()

    def pump(self, now):
        while output := self.core.take_output():
            for data in output:
                frame = decode_frame(data)
                if isinstance(frame, Call):
                    self._hear(frame, now)
                else:
                    self.answers[frame.message_id] = frame

    def _hear(self, call, now):
        decode_request(self.version, call.action, call.payload)
        self.heard.append((call.action, msgspec.json.decode(call.payload)))
        if call.action in self.silent:
            return
        if self.refused and self.refused[0] == call.action:
            self.refused.popleft()
            error = OcppError(ErrorCode.INTERNAL_ERROR, "not now")
            self.core.receive(encode_error(call.message_id, error, self.version), now)
            return
        self.core.receive(encode_result(call.message_id, msgspec.json.encode(self._answer(call.action))), now)

    def _answer(self, action):
        accepted = {"status": "Accepted"}
        return {
            "BootNotification": {"status": "Accepted", "currentTime": TIME, "interval": 300},
            "Heartbeat": {"currentTime": TIME},
            "Authorize": {"idTagInfo": accepted} if self.version is V16 else {"idTokenInfo": accepted},
            "StartTransaction": {"idTagInfo": accepted, "transactionId": 17},
        }.get(action, {})

    def connect(self, now=0.0):
        self.core.connected(now)
        self.pump(now)

    def run(self, start, end, step=1.0):
        now = start
        while now < end:
            now += step
            self.core.advance(now)
            self.pump(now)

    def ask(self, action, payload, now):
        self.core.receive(encode_call("q", action, msgspec.json.encode(payload)), now)
        self.pump(now)
        frame = self.answers["q"]
        return msgspec.json.decode(frame.payload) if isinstance(frame, CallResult) else frame

    def of(self, action):
        return [payload for name, payload in self.heard if name == action]

    def charge(self, now):
        assert self.core.charging.plug_in(1, Vehicle(), now)
        self.core.charging.present(1, GOOD, now)
        self.pump(now)


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
    line.core.charging.unplug(1, 20.0)
    line.pump(20.0)
    names = [name for name, _ in line.heard]
    end = "StopTransaction" if line.version is V16 else "TransactionEvent"
    last_status = len(names) - 1 - names[::-1].index("StatusNotification")
    assert names.index(end) < last_status


def test_a_refused_transaction_message_is_given_up_after_some_attempts_and_the_next_is_sent(line):
    line.connect()
    start = "StartTransaction" if line.version is V16 else "TransactionEvent"
    line.refused.extend([start] * 3)
    line.charge(1.0)
    line.run(1.0, 50.0)
    assert len(line.of(start)) == 3
    assert line.of(start)[0] == line.of(start)[2]
    assert line.core.outbox.kept_count == 0


def test_an_unanswered_transaction_message_is_never_given_up(line):
    line.connect()
    start = "StartTransaction" if line.version is V16 else "TransactionEvent"
    line.silent = {start}
    line.charge(1.0)
    line.run(1.0, 1000.0, step=5.0)
    assert len(line.of(start)) > 5
    assert all(message == line.of(start)[0] for message in line.of(start))
    line.silent = set()
    line.run(1000.0, 1100.0)
    assert line.core.outbox.kept_count == 0


def test_trap_18_without_the_number_of_the_csms_a_1_6_station_says_minus_one():
    line = Line(V16)
    line.connect()
    line.refused.extend(["StartTransaction"] * 3)
    line.charge(1.0)
    line.run(1.0, 50.0)
    line.core.charging.unplug(1, 51.0)
    line.pump(51.0)
    assert line.of("StopTransaction")[0]["transactionId"] == -1


def test_two_connectors_of_a_station_have_their_own_transactions():
    line = Line(V16, evses=(EvseConfig(), EvseConfig(connectors=("cType2", "cCCS2"))))
    line.connect()
    line.core.charging.plug_in(2, Vehicle(), 1.0, connector_id=2)
    line.core.charging.present(2, GOOD, 1.0)
    line.pump(1.0)
    assert line.of("StartTransaction")[0]["connectorId"] == 3
    states = {s["connectorId"]: s["status"] for s in line.of("StatusNotification")}
    assert states == {0: "Available", 1: "Available", 2: "Unavailable", 3: "Charging"}
    answer = line.ask("GetConfiguration", {"key": ["NumberOfConnectors"]}, 2.0)
    assert answer["configurationKey"][0]["value"] == "3"


def test_a_fault_ends_the_transaction_and_is_reported(line):
    line.connect()
    line.charge(1.0)
    line.core.charging.fault(1, "GroundFailure", 2.0)
    line.pump(2.0)
    status = line.of("StatusNotification")[-1]
    assert (status["status"] if line.version is V16 else status["connectorStatus"]) == "Faulted"
    assert not line.core.charging.is_busy
    line.core.charging.unplug(1, 3.0)
    line.core.charging.fault(1, None, 4.0)
    line.pump(4.0)
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
    assert line.core.password == "a new password of 20"


def test_offline_an_unknown_token_may_charge_only_if_the_setting_says_so():
    for allowed, expected in (("true", True), ("false", False)):
        line = Line(V201, settings={"offline_unknown": allowed})
        line.core.charging.plug_in(1, Vehicle(), 1.0)
        decided = []
        line.core.charging.present(1, GOOD, 1.0, decided.append)
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


def test_a_battery_fills_along_its_curve():
    config = EvseConfig(max_power_w=150_000.0, phases=0, connectors=("cCCS2",))
    meter, vehicle = Meter(config), Vehicle(battery_wh=60_000.0, soc=0.2, target_soc=0.9, max_dc_w=120_000.0)
    meter.advance(0.0, vehicle, 150_000.0)
    powers, now = [], 0.0
    while not vehicle.is_full:
        now += 30.0
        meter.advance(now, vehicle, 150_000.0)
        powers.append(meter.power_w)
    assert powers[0] == 120_000.0
    assert powers == sorted(powers, reverse=True)
    assert powers[-1] == 0.0
    assert meter.energy_wh == pytest.approx(0.7 * 60_000 / 0.92, rel=1e-3)
    assert 1_500 < now < 3_600


def test_energy_does_not_depend_on_how_often_the_meter_is_looked_at():
    totals = []
    for step in (1.0, 60.0, 900.0):
        meter, vehicle = Meter(EvseConfig()), Vehicle(soc=0.2)
        meter.advance(0.0, vehicle, 22_000.0)
        now = 0.0
        while now < 3600.0:
            now += step
            meter.advance(now, vehicle, 22_000.0)
        totals.append(meter.energy_wh)
    assert totals == pytest.approx([11_000.0] * 3, rel=1e-6)


def test_a_one_phase_vehicle_draws_on_one_phase():
    meter, vehicle = Meter(EvseConfig(max_power_w=22_000.0)), Vehicle(ac_phases=1, max_ac_w=7_400.0)
    meter.advance(0.0, vehicle, 22_000.0)
    reading = meter.read(vehicle)
    assert reading.power_w == pytest.approx(22_000.0 / 3)
    assert reading.currents_a[0] > 30
    assert reading.currents_a[1:] == (0.0, 0.0)


def test_the_clock_follows_the_csms_and_ignores_nonsense():
    clock = Clock()
    clock.set_wall("2030-05-05T10:00:00Z", 5.0)
    assert clock.text(6.0) == "2030-05-05T10:00:01.000Z"
    clock.set_wall("yesterday", 6.0)
    assert clock.text(6.0) == "2030-05-05T10:00:01.000Z"


def test_an_unknown_setting_in_the_configuration_is_an_error():
    with pytest.raises(ValueError, match="no setting"):
        StationCore(StationConfig(identity="x", url="ws://x", settings={"nonsense": "1"}), observer=Observer())
