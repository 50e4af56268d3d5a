"""Limits of transactions, and transactions that go on after a restart (OCPP 2.1 E16, E17, B13)."""

from datetime import datetime

import pytest

from support.station_line import V21, Line
from support.station_words import events
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import Clock, EvseConfig, MemoryStorage
from voltherd.station.transaction import Limits

DC = EvseConfig(max_power_w=50_000, phases=0, connectors=("cCCS2",))


def online(**more):
    line = Line(V21, **more)
    line.connect()
    return line


def limited(line, once=True, **limits):
    """The CSMS answers the next event (or every one) with limits."""
    left = [1]

    def answer(event):
        if once and not left:
            return {}
        left.clear()
        return {"transactionLimit": limits}

    line.replies["TransactionEvent"] = answer


def energy_wh(line):
    return line.hardware[1].read(line.now).energy_import_wh


def triggers(line):
    return [event["triggerReason"] for event in line.of("TransactionEvent")]


def test_e16_fr_03_a_limit_of_the_csms_is_confirmed_once():
    line = online()
    limited(line, maxEnergy=2000, maxTime=3600)
    line.charge()
    [event] = [e for e in line.of("TransactionEvent") if e["triggerReason"] == "LimitSet"]
    assert event["transactionInfo"]["transactionLimit"] == {"maxEnergy": 2000, "maxTime": 3600}
    line.wait(70)
    assert triggers(line).count("LimitSet") == 1


def test_e16_fr_05_at_the_limit_of_energy_it_is_suspended():
    line = online()
    limited(line, maxEnergy=2000)
    line.charge()
    line.wait(3600)
    assert ("Updated", "EnergyLimitReached", "SuspendedEVSE") in events(line)
    assert line.core.charging.is_busy
    assert energy_wh(line) == pytest.approx(2000, abs=2)


def test_e16_fr_06_or_ended_where_energy_is_a_stop_point():
    line = online(settings={"tx_stop_point": "EnergyTransfer"})
    limited(line, maxEnergy=2000)
    line.charge()
    line.wait(3600)
    assert events(line)[-1][:2] == ("Ended", "EnergyLimitReached")
    assert line.of("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "EnergyLimitReached"


def test_e16_fr_09_the_limit_of_time_counts_from_the_start():
    line = online(settings={"tx_start_point": "EVConnected"})
    limited(line, maxTime=600)
    line.plug()
    line.wait(300)
    line.present()
    line.wait(299)
    assert "TimeLimitReached" not in triggers(line)
    line.wait(2)
    assert "TimeLimitReached" in triggers(line)


def test_e16_fr_05_at_the_limit_of_the_state_of_charge():
    line = online(evses=(DC,))
    limited(line, maxSoC=40)
    line.plug(Vehicle(soc=0.3))
    line.present()
    line.wait(3600)
    assert "SoCLimitReached" in triggers(line)
    assert line.hardware[1].car.soc == pytest.approx(0.4, abs=0.01)


def test_e16_fr_15_at_the_limit_of_the_cost_that_the_csms_tells():
    line = online()
    limited(line, maxCost=5.0)
    line.charge()
    name = line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    line.ask("CostUpdated", {"totalCost": 4.99, "transactionId": name})
    assert "CostLimitReached" not in triggers(line)
    line.ask("CostUpdated", {"totalCost": 5.0, "transactionId": name})
    assert ("Updated", "CostLimitReached", "SuspendedEVSE") in events(line)


def test_e16_fr_10_a_limit_that_is_exceeded_already_acts_at_once():
    line = online()
    line.charge()
    line.wait(600)
    limited(line, maxEnergy=10)
    line.wait(61)
    assert ("Updated", "EnergyLimitReached", "SuspendedEVSE") in events(line)


def test_e16_fr_14_a_raised_limit_lets_it_go_on():
    line = online()
    limited(line, maxEnergy=1000)
    line.charge()
    line.wait(1800)
    limited(line, maxEnergy=3000)
    line.wait(120)
    assert events(line)[-1][2] == "Charging"
    line.wait(3600)
    assert energy_wh(line) == pytest.approx(3000, abs=2)


def test_e16_fr_04_a_driver_cannot_exceed_the_limit_of_the_csms():
    line = online()
    limited(line, maxEnergy=1000)
    line.charge()
    line.core.transaction_limits.ask(line.core.evses[1], Limits(energy_wh=5000, time_s=600))
    line.pump()
    told = [
        e["transactionInfo"]["transactionLimit"]
        for e in line.of("TransactionEvent")
        if e["triggerReason"] == "LimitSet"
    ]
    assert told[-1] == {"maxEnergy": 1000, "maxTime": 600}


# After a restart -------------------------------------------------------------------------------------------------


class StoppedClock(Clock):
    """Stands at the moment in which the power came back, while the station is built."""

    def __init__(self, at: float, wall: datetime) -> None:
        super().__init__(factor=2.0, wall=wall)
        self._at = at

    def now(self) -> float:
        return self._at


def cut(line, storage, seconds=10.0, unplugged=False, **settings):
    """The power is cut and comes back: a new program with the old storage and hardware."""
    now = line.now + seconds
    line.hardware[1].power_cut(line.now)
    if unplugged:
        line.hardware[1].unplug(line.now)
    line.hardware[1].power_back(now)
    clock = StoppedClock(now, line.core.clock.wall(0.0))
    again = Line(V21, storage=storage, hardware=line.hardware, settings=settings, clock=clock)
    again.core.now = now
    again.connect(now)
    return again


def charging(**settings):
    storage = MemoryStorage()
    line = online(storage=storage, settings={"resume_within_s": "60"} | settings)
    line.charge()
    line.wait(120)
    return line, storage


def test_e17_fr_11_fr_14_a_transaction_goes_on_after_a_short_power_loss():
    line, storage = charging()
    name = line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    before_wh = energy_wh(line)
    again = cut(line, storage, resume_within_s="60")
    [event] = again.of("TransactionEvent")
    assert (event["eventType"], event["triggerReason"]) == ("Updated", "TxResumed")
    assert event["transactionInfo"] == {"transactionId": name, "chargingState": "Charging"}
    assert event["seqNo"] == line.of("TransactionEvent")[-1]["seqNo"] + 1
    again.wait(300)
    assert energy_wh(again) > before_wh + 500
    again.present()
    assert not again.core.charging.is_busy


def test_e17_fr_21_after_a_long_one_it_ends():
    line, storage = charging()
    again = cut(line, storage, seconds=200.0, resume_within_s="60")
    [event] = again.of("TransactionEvent")
    assert (event["eventType"], event["triggerReason"]) == ("Ended", "AbnormalCondition")
    assert event["transactionInfo"]["stoppedReason"] == "PowerLoss"


def test_e17_fr_12_it_goes_on_without_energy_where_that_is_set():
    line, storage = charging()
    again = cut(line, storage, resume_within_s="60", resume_energy="false")
    [event] = again.of("TransactionEvent")
    assert event["transactionInfo"]["chargingState"] == "SuspendedEVSE"
    before_wh = energy_wh(again)
    again.wait(300)
    assert energy_wh(again) == before_wh


def test_e17_fr_17_a_vehicle_that_left_meanwhile_ends_it():
    line, storage = charging()
    again = cut(line, storage, unplugged=True, resume_within_s="60")
    assert [e["eventType"] for e in again.of("TransactionEvent")] == ["Updated", "Ended"]


def test_e17_fr_18_energy_comes_back_after_a_random_while():
    line, storage = charging()
    again = cut(line, storage, resume_within_s="60", resume_random_s="100")
    assert again.of("TransactionEvent")[0]["transactionInfo"]["chargingState"] == "SuspendedEVSE"
    again.wait(101)
    assert events(again)[-1][2] == "Charging"
