"""Battery swapping (OCPP 2.1 S01 to S04)."""

import pytest

from support.station_line import GOOD, V21, Line
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import EvseConfig
from voltherd.station.battery_swap import Battery
from voltherd.station.storage import MemoryStorage

SLOT = EvseConfig(max_power_w=2000.0, phases=0, connectors=("Unknown",))


class Locker(Line):
    """A swap station of four slots; the batteries in it are simulated like vehicles."""

    def __init__(self, **more):
        super().__init__(V21, evses=(SLOT,) * 4, swaps_batteries=True, **more)

    def insert(self, slot, soc=0.2, serial=None):
        assert self.hardware[slot].plug(Vehicle(soc=soc), 1, self.now)
        battery = Battery(serial_number=serial or f"B{slot}", soc_percent=soc * 100, soh_percent=97.0)
        assert self.core.battery_swap.inserted({slot: battery}, self.now)
        self.pump()

    def remove(self, slot):
        self.core.battery_swap.removed(slot, self.now)
        self.hardware[slot].unplug(self.now)
        self.pump()

    def tap(self, token=GOOD):
        self.core.battery_swap.presented(token, self.now)
        self.pump()

    def request(self, request_id=77):
        wanted = {"requestId": request_id, "idToken": {"idToken": "DRIVER", "type": "Central"}}
        return self.ask("RequestBatterySwap", wanted)


def put(line, variable, value, instance=None):
    place = {"name": variable} | ({"instance": instance} if instance else {})
    data = {"component": {"name": "BatterySwapCtrlr"}, "variable": place, "attributeValue": str(value)}
    return line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"]


@pytest.fixture
def locker():
    locker = Locker()
    locker.connect()
    locker.insert(1, 0.9)
    locker.insert(2, 0.85)
    locker.heard.clear()
    return locker


def test_s03_fr_01_fr_03_a_swap_is_told_at_both_ends_with_one_request_id(locker):
    locker.tap()
    locker.insert(3, 0.1, "OLD")
    locker.remove(1)
    went_in, came_out = locker.of("BatterySwap")
    assert went_in["eventType"] == "BatteryIn"
    assert went_in["idToken"]["idToken"] == GOOD.id
    assert went_in["batteryData"] == [{"evseId": 3, "serialNumber": "OLD", "soC": 10, "soH": 97}]
    assert came_out["eventType"] == "BatteryOut"
    assert came_out["requestId"] == went_in["requestId"]
    assert (came_out["batteryData"][0]["evseId"], came_out["batteryData"][0]["serialNumber"]) == (1, "B1")
    assert locker.core.battery_swap.swap is None


def test_s02_fr_01_fr_02_the_csms_begins_a_swap_with_its_request_id(locker):
    assert locker.request(77)["status"] == "Accepted"
    locker.insert(4, 0.1)
    locker.remove(1)
    assert [(e["eventType"], e["requestId"]) for e in locker.of("BatterySwap")] == [
        ("BatteryIn", 77),
        ("BatteryOut", 77),
    ]
    assert locker.of("BatterySwap")[0]["idToken"] == {"idToken": "DRIVER", "type": "Central"}


def test_s02_fr_04_without_a_charged_battery_the_swap_is_rejected():
    locker = Locker()
    locker.connect()
    locker.insert(1, 0.3)
    answer = locker.request()
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "NoBatteryAvailable"


def test_a_second_swap_has_to_wait(locker):
    assert locker.request(1)["status"] == "Accepted"
    assert locker.request(2)["status"] == "Rejected"


@pytest.mark.parametrize("begin", ["tap", "request"])
def test_s01_fr_02_s02_fr_05_without_a_battery_the_swap_is_given_up(locker, begin):
    getattr(locker, begin)()
    locker.wait(61.0)
    assert locker.core.battery_swap.swap is None
    locker.insert(3, 0.1)
    assert locker.of("BatterySwap") == []


def test_s03_fr_05_a_token_that_is_not_accepted_begins_nothing(locker):
    locker.replies["Authorize"] = {"idTokenInfo": {"status": "Invalid"}}
    locker.tap()
    assert locker.core.battery_swap.swap is None


def test_s03_fr_06_batteries_that_are_not_taken_are_told(locker):
    locker.tap()
    locker.insert(3, 0.1)
    locker.wait(61.0)
    last = locker.of("BatterySwap")[-1]
    assert last["eventType"] == "BatteryOutTimeout"
    assert last["requestId"] == locker.of("BatterySwap")[0]["requestId"]
    assert last["batteryData"][0]["evseId"] == 1


def test_s03_a_set_of_two_batteries_is_swapped_for_two(locker):
    locker.tap()
    for slot in (3, 4):
        assert locker.hardware[slot].plug(Vehicle(soc=0.1), 1, locker.now)
    both = {slot: Battery(serial_number=f"N{slot}", soc_percent=10.0) for slot in (3, 4)}
    assert locker.core.battery_swap.inserted(both, locker.now)
    locker.pump()
    locker.remove(1)
    locker.remove(2)
    assert [[b["evseId"] for b in e["batteryData"]] for e in locker.of("BatterySwap")] == [[3, 4], [1, 2]]


def test_s03_fr_02_fr_04_slots_are_occupied_and_available(locker):
    locker.insert(3, 0.1)
    assert locker.core.evses[3].state(1) == "Charging"
    locker.remove(3)
    assert locker.core.evses[3].state(1) == "Available"


def test_s04_fr_01_fr_03_a_battery_charges_in_a_transaction_without_authorization(locker):
    locker.insert(3, 0.1)
    started = locker.of("TransactionEvent")[0]
    assert (started["eventType"], started["triggerReason"]) == ("Started", "CablePluggedIn")
    assert started["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert started["evse"]["id"] == 3
    assert locker.core.evses[3].charging_state == "Charging"


def test_s04_fr_02_the_token_for_charging_can_be_set(locker):
    assert put(locker, "IdToken", "LOCKER") == "Accepted"
    locker.insert(3, 0.1)
    assert locker.of("TransactionEvent")[0]["idToken"] == {"idToken": "LOCKER", "type": "Central"}


def test_s04_fr_05_a_battery_is_offered_from_the_target_on(locker):
    assert locker.core.battery_swap.charged == [1, 2]
    locker.insert(3, 0.5)
    assert locker.core.battery_swap.charged == [1, 2]
    assert put(locker, "TargetSoc", 45) == "Accepted"
    assert locker.core.battery_swap.charged == [1, 2, 3]


def test_s04_fr_06_a_battery_is_charged_no_further_than_wanted(locker):
    assert put(locker, "MaxSoc", 91) == "Accepted"
    locker.wait(3600.0 * 3)
    event = next(e for e in locker.of("TransactionEvent") if e["triggerReason"] == "EnergyLimitReached")
    assert (event["eventType"], event["transactionInfo"]["chargingState"]) == ("Updated", "SuspendedEVSE")
    assert locker.core.evses[1].transaction is not None
    assert 91 <= locker.hardware[1].read(locker.now).soc_percent < 93


def test_s04_fr_07_taking_a_battery_out_ends_its_transaction(locker):
    locker.remove(1)
    ended = locker.of("TransactionEvent")[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "EVCommunicationLost")
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    assert ended["transactionInfo"]["chargingState"] == "Idle"


def test_s04_fr_08_fr_09_transactions_begin_and_end_with_the_battery(locker):
    for name in ("TxStartPoint", "TxStopPoint"):
        place = {"component": {"name": "TxCtrlr"}, "variable": {"name": name}}
        answer = locker.ask("GetVariables", {"getVariableData": [place]})["getVariableResult"][0]
        assert answer["attributeValue"] == "EVConnected"
        data = {**place, "attributeValue": "PowerPathClosed"}
        answer = locker.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]
        assert answer["attributeStatus"] == "Rejected"


def test_s04_fr_10_no_battery_is_charged_less_than_the_target(locker):
    assert put(locker, "MaxSoc", 70) == "Rejected"
    assert put(locker, "TargetSoc", 101) == "Rejected"


def test_s04_fr_11_after_a_restart_every_battery_has_a_new_transaction():
    storage = MemoryStorage()
    locker = Locker(storage=storage)
    locker.connect()
    locker.insert(1, 0.5)
    old = locker.core.evses[1].transaction.id
    again = Locker(storage=storage, hardware=locker.hardware)
    again.core.charging.plugged_in(1, 1, again.now)
    again.connect()
    started = next(e for e in again.of("TransactionEvent") if e["eventType"] == "Started")
    assert started["idToken"]["type"] == "NoAuthorization"
    assert again.core.evses[1].transaction is not None
    assert again.core.evses[1].transaction.id != old
    assert again.core.battery_swap.batteries[1].serial_number == "B1"


def test_s04_fr_11_after_a_reset_every_battery_has_a_new_transaction(locker):
    old = locker.core.evses[1].transaction.id
    locker.ask("Reset", {"type": "Immediate"})
    locker.wait(1.0)
    assert locker.core.must_leave
    locker.lose()
    locker.core.tell_restarting()
    locker.heard.clear()
    locker.connect()
    started = [e for e in locker.of("TransactionEvent") if e["eventType"] == "Started"]
    assert sorted(e["evse"]["id"] for e in started) == [1, 2]
    assert old not in {e["transactionInfo"]["transactionId"] for e in started}
    assert {e["idToken"]["type"] for e in started} == {"NoAuthorization"}


def test_a_taken_slot_takes_no_second_battery(locker):
    assert not locker.core.battery_swap.inserted({1: Battery(serial_number="X", soc_percent=5.0)}, locker.now)


def test_the_device_model_tells_the_batteries(locker):
    asked = {"component": {"name": "BatteryCartridge", "evse": {"id": 1}}, "variable": {"name": "SoH"}}
    answer = locker.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
    assert answer["attributeValue"] == "97"


def test_a_station_that_swaps_no_batteries_says_so():
    line = Line(V21)
    line.connect()
    answer = line.ask("RequestBatterySwap", {"requestId": 1, "idToken": {"idToken": "X", "type": "Central"}})
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"] == "UnsupportedRequest"


def test_what_happens_offline_is_told_later(locker):
    locker.tap()
    locker.lose()
    locker.insert(3, 0.1)
    locker.remove(1)
    assert locker.of("BatterySwap") == []
    locker.connect()
    assert [event["eventType"] for event in locker.of("BatterySwap")] == ["BatteryIn", "BatteryOut"]
