"""What vehicles ask for and plan by ISO 15118 (K15 - K20, Q01, Q02)."""

from random import Random

import pytest

from support.charging_profiles import ProfileLine
from support.station_line import GOOD, V16, V21, V201
from voltherd.simulator.hardware import SimulatedEvse
from voltherd.simulator.vehicle import EvseRating, Vehicle, model
from voltherd.station import EvseConfig

DC = EvseConfig(max_power_w=50_000.0, phases=0, connectors=("cCCS2",))
AC = EvseConfig(max_power_w=22_080.0)


def station(version, config=DC, **rating):
    hardware = {1: SimulatedEvse(EvseRating.of(config, iso15118=True, **rating), random=Random(1))}
    return ProfileLine(version, evses=(config,), hardware=hardware)


def start(line, vehicle):
    line.plug(vehicle)
    line.present()


def old():
    """A vehicle of ISO 15118-2."""
    return Vehicle(model("Falk Estate"), soc=0.3, departure_at=7200.0)


def scheduled():
    """A vehicle of ISO 15118-20 that follows schedules."""
    return Vehicle(model("Sirocco 800"), soc=0.3)


def bidirectional():
    return Vehicle(model("Rondo V2G"), soc=0.5, floor_soc=0.3)


@pytest.fixture(params=[V201, V21])
def line(request):
    return station(request.param)


def give_profile(line, limit_w=20_000.0, **more):
    line.install((0, limit_w), unit="W", purpose="TxProfile", transactionId=line.transaction_id(), **more)
    line.wait(1)


def test_k15_fr_01_and_06_needs_are_told_once_a_transaction_can_charge(line):
    start(line, old())
    (told,) = line.of("NotifyEVChargingNeeds")
    assert told["evseId"] == 1
    assert told["maxScheduleTuples"] == 24
    needs = told["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "DC"
    assert needs["dcChargingParameters"]["stateOfCharge"] == 30
    assert needs["departureTime"] == line.core.clock.text(7200.0)
    assert "timestamp" not in told
    line.wait(600)
    assert len(line.of("NotifyEVChargingNeeds")) == 1


def test_k15_fr_06_an_ac_vehicle_tells_ac_parameters():
    line = station(V201, AC)
    start(line, old())
    needs = line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "AC_three_phase"
    assert needs["acChargingParameters"]["evMinCurrent"] == 6


def test_k15_fr_10_and_21_the_plan_of_the_vehicle_is_told_when_the_profile_came(line):
    start(line, old())
    assert line.of("NotifyEVChargingSchedule") == []
    give_profile(line, id=7)
    (told,) = line.of("NotifyEVChargingSchedule")
    schedule = told["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "W"
    assert 0 < max(period["limit"] for period in schedule["chargingSchedulePeriod"]) <= 20_000  # K15.FR.09
    assert schedule["chargingSchedulePeriod"][0]["startPeriod"] == 0
    if line.version is V21:
        assert told["selectedChargingScheduleId"] == 7


def test_k15_fr_14_the_plan_counts_in_the_composite_schedule(line):
    start(line, old())
    give_profile(line, 40_000.0)
    told = line.of("NotifyEVChargingSchedule")[0]["chargingSchedule"]["chargingSchedulePeriod"]
    composite = line.composite(duration=7200, unit="W")
    assert composite[-1][1] < composite[0][1]
    assert composite[-1][1] <= told[0]["limit"]


def test_k15_fr_09_a_plan_is_within_limits_that_change_on_the_way(line):
    start(line, old())
    own = {"purpose": "TxProfile", "transactionId": line.transaction_id()}
    line.install((0, 20_000.0), (600, 7_000.0), (1200, 15_000.0), unit="W", **own)
    line.wait(1)
    told = line.of("NotifyEVChargingSchedule")[0]["chargingSchedule"]["chargingSchedulePeriod"]
    limits = [(period["startPeriod"], period["limit"]) for period in told]
    assert limits[0] == (0, 20_000)
    assert (600, 7_000) in limits or (599, 7_000) in limits
    assert all(limit <= 7_000 for start_s, limit in limits if 600 <= start_s < 1199)
    assert all(limit <= 15_000 for start_s, limit in limits if start_s >= 1200)


def test_k15_fr_12_a_plan_that_the_csms_does_not_like_does_not_count(line):
    line.replies["NotifyEVChargingSchedule"] = {"status": "Rejected"}
    start(line, old())
    give_profile(line, 40_000.0)
    assert line.composite(duration=7200, unit="W") == [(0, 40_000)]


def test_k15_fr_04_rejected_needs_leave_the_default(line):
    line.install((0, 15_000.0), unit="W")
    line.replies["NotifyEVChargingNeeds"] = {"status": "Rejected"}
    start(line, old())
    line.wait(1)
    (told,) = line.of("NotifyEVChargingSchedule")
    assert max(period["limit"] for period in told["chargingSchedule"]["chargingSchedulePeriod"]) <= 15_000
    assert line.core.evses[1].transaction is not None


def test_k15_fr_08_a_profile_that_does_not_come_is_not_waited_for_longer_than_a_minute(line):
    start(line, old())
    line.wait(59)
    assert line.of("NotifyEVChargingSchedule") == []
    line.wait(2)
    assert len(line.of("NotifyEVChargingSchedule")) == 1


def test_k15_fr_15_and_20_offline_the_default_counts_and_needs_are_told_later(line):
    line.install((0, 15_000.0), unit="W")
    line.lose(1.0)
    line.plug(old())
    line.core.charging.permit(line.core.evses[1], GOOD)
    line.wait(30)
    assert line.core.evses[1].offer.charge_limit_w == 15_000
    line.heard.clear()
    line.connect()
    (told,) = line.of("NotifyEVChargingNeeds")
    if line.version is V21:
        assert told["timestamp"] == line.core.clock.text(1.0)


def test_k16_fr_02_and_09_a_new_profile_makes_the_vehicle_plan_anew_without_new_needs(line):
    start(line, old())
    give_profile(line)
    give_profile(line, 10_000.0)
    assert len(line.of("NotifyEVChargingNeeds")) == 1
    told = line.of("NotifyEVChargingSchedule")
    assert len(told) == 2
    assert max(period["limit"] for period in told[1]["chargingSchedule"]["chargingSchedulePeriod"]) <= 10_000


def test_k17_fr_01_and_k20_fr_01_a_vehicle_tells_new_needs(line):
    vehicle = old()
    start(line, vehicle)
    give_profile(line)
    vehicle.departure_at = 3600.0
    line.hardware[1].read(line.now)
    line.hardware[1].ask_again()
    assert line.core.charging_needs.renegotiate(1, line.now)
    line.pump()
    told = line.of("NotifyEVChargingNeeds")
    assert len(told) == 2
    assert told[1]["chargingNeeds"]["departureTime"] == line.core.clock.text(3600.0)
    give_profile(line, 15_000.0)
    assert len(line.events("ChargingRateChanged")) == 1  # certification case K 57


def test_k01_fr_34_several_schedules_are_for_vehicles_that_told_their_needs(line):
    start(line, old())
    three = line.profile((0, 20_000.0), unit="W", purpose="TxProfile", transactionId=line.transaction_id())
    three["chargingSchedule"] = [three["chargingSchedule"][0] | {"id": number} for number in (1, 2, 3)]
    assert line.send(three)["status"] == "Accepted"
    quiet = ProfileLine(line.version, evses=(DC,))
    quiet.charge(0.0)
    three["transactionId"] = quiet.transaction_id()
    assert quiet.send(three)["status"] == "Rejected"


def test_1_6_has_no_word_for_needs():
    line = station(V16)
    start(line, old())
    assert line.core.evses[1].transaction is not None
    assert not {"NotifyEVChargingNeeds", "NotifyEVChargingSchedule"} & {name for name, _ in line.heard}


# ISO 15118-20 ----------------------------------------------------------------------------------


def test_k18_fr_01_and_06_scheduled_control_tells_parameters_of_both_ways():
    line = station(V21)
    start(line, scheduled())
    needs = line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]
    assert needs["controlMode"] == "ScheduledControl"
    assert needs["v2xChargingParameters"]["maxChargePower"] > 0
    assert not {"acChargingParameters", "dcChargingParameters"} & set(needs)


def test_2_0_1_has_the_old_parameters_for_new_vehicles():
    line = station(V201)
    start(line, scheduled())
    assert "dcChargingParameters" in line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]


def test_k18_fr_04_no_profile_is_no_reason_to_stop():
    line = station(V21)
    line.replies["NotifyEVChargingNeeds"] = {"status": "NoChargingProfile"}
    start(line, scheduled())
    line.wait(1)
    assert line.core.evses[1].transaction is not None
    assert len(line.of("NotifyEVChargingSchedule")) == 1


def test_k18_fr_23_and_q01_fr_06_a_rejected_transfer_ends_the_transaction():
    line = station(V21)
    line.replies["NotifyEVChargingNeeds"] = {"status": "Rejected"}
    start(line, scheduled())
    assert line.core.evses[1].transaction is None
    ended = line.of("TransactionEvent")[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "AbnormalCondition")
    assert ended["transactionInfo"]["stoppedReason"] == "ReqEnergyTransferRejected"


def test_k19_fr_10_dynamic_control_follows_the_schedule_of_the_csms():
    line = station(V21, max_discharge_w=20_000.0)
    vehicle = bidirectional()
    assert vehicle.model.control == "DynamicControl"
    start(line, vehicle)
    assert line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]["controlMode"] == "DynamicControl"
    give_profile(line, 9_000.0, id=5)
    (told,) = line.of("NotifyEVChargingSchedule")
    assert [p["limit"] for p in told["chargingSchedule"]["chargingSchedulePeriod"]] == [9_000.0]
    assert told["selectedChargingScheduleId"] == 5


def test_q01_fr_09_as_long_as_nothing_is_allowed_the_vehicle_only_charges():
    line = station(V21, max_discharge_w=20_000.0)
    start(line, bidirectional())
    needs = line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "DC"
    assert "DC_BPT" in needs["availableEnergyTransfer"]


def test_q02_fr_06_and_07_allowed_transfers_are_negotiated():
    line = station(V21, max_discharge_w=20_000.0)
    start(line, bidirectional())
    wanted = {"transactionId": line.transaction_id(), "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    assert line.ask("NotifyAllowedEnergyTransfer", wanted)["status"] == "Accepted"
    told = line.of("NotifyEVChargingNeeds")
    assert len(told) == 2
    assert told[1]["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"
    assert told[1]["chargingNeeds"]["v2xChargingParameters"]["maxDischargePower"] > 0
    answer = line.ask("NotifyAllowedEnergyTransfer", wanted | {"transactionId": "nobody's"})
    assert answer["status"] == "Rejected"


def test_q01_fr_01_transfers_that_come_with_the_authorisation_are_used():
    line = station(V21, max_discharge_w=20_000.0)
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    vehicle = bidirectional()
    vehicle.evcc_id = "02:00:00:00:00:07"
    start(line, vehicle)
    assert line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"
    started = line.of("TransactionEvent")[0]
    told = [{"additionalIdToken": "02:00:00:00:00:07", "type": "EVCCID"}]  # Q01.FR.02
    assert started["idToken"]["additionalInfo"] == told
    line.present()
    line.unplug()
    line.replies.pop("Authorize")
    start(line, bidirectional())
    assert line.of("NotifyEVChargingNeeds")[-1]["chargingNeeds"]["requestedEnergyTransfer"] == "DC"


def test_k17_fr_01_other_needs_are_noticed_when_the_vehicle_is_looked_at(line):
    vehicle = old()
    start(line, vehicle)
    give_profile(line)
    line.wait(600)
    evse = line.core.evses[1]
    line.hardware[1].read(line.now)
    line.hardware[1].ask_again()
    line.core.charging_needs.look(evse)
    line.pump()
    assert len(line.of("NotifyEVChargingNeeds")) == 1
    vehicle.departure_at = 9000.0
    line.hardware[1].ask_again()
    line.core.charging_needs.look(evse)
    line.pump()
    assert len(line.of("NotifyEVChargingNeeds")) == 2


def test_k_58_a_new_limit_for_a_vehicle_that_has_planned_is_told_as_a_changed_rate(line):
    start(line, old())
    give_profile(line)
    assert line.events("ChargingRateChanged") == []
    give_profile(line, 10_000.0)
    assert len(line.events("ChargingRateChanged")) == 1


def test_r02_fr_01_an_inverter_that_follows_the_grid_tells_what_it_can():
    line = station(V21, AC, max_discharge_w=11_000.0)
    allowed = ["AC_three_phase", "AC_BPT_DER"]
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "allowedEnergyTransfer": allowed}
    start(line, Vehicle(model("Rondo Grid"), soc=0.6, floor_soc=0.2))
    needs = line.of("NotifyEVChargingNeeds")[0]["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "AC_BPT_DER"
    assert "FreqDroop" in needs["derChargingParameters"]["evSupportedDERControl"]
    assert needs["derChargingParameters"]["maxApparentPower"] == 11_000


def test_q01_fr_36_the_vehicle_is_in_the_device_model():
    def told(name):
        component = {"name": "ConnectedEV", "evse": {"id": 1}}
        wanted = {"getVariableData": [{"component": component, "variable": {"name": name}}]}
        return line.ask("GetVariables", wanted)["getVariableResult"][0]["attributeValue"]

    line = station(V21, max_discharge_w=20_000.0)
    assert (told("Available"), told("VehicleId")) == ("false", "")
    vehicle = bidirectional()
    vehicle.evcc_id = "02:00:00:00:00:07"
    start(line, vehicle)
    assert (told("Available"), told("VehicleId")) == ("true", "02:00:00:00:00:07")
    assert told("ProtocolAgreed") == "urn:iso:std:iso:15118:-20:DC,1,0"
