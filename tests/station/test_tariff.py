"""What charging costs: what the CSMS tells, and tariffs of 2.1 (OCPP 2.0.1 I01 to I06; OCPP 2.1 I07 to I12)."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from support.station_line import V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.station import EvseConfig, MemoryStorage
from voltherd.station.tariff_cost import Bill, Now, Tariff, TaxRate, with_tax

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KWH = {"energy": {"prices": [{"priceKwh": 0.5}]}}


def online(version=V21, **more):
    line = Line(version, **more)
    line.connect()
    return line


def tariff(name="T-1", **parts):
    return {"tariffId": name, "currency": "EUR"} | (parts or KWH)


def set_default(line, wire, evse_id=0):
    return line.ask("SetDefaultTariff", {"evseId": evse_id, "tariff": wire})


def assignments(line, evse_id=0):
    return {a["tariffId"]: a for a in line.ask("GetTariffs", {"evseId": evse_id}).get("tariffAssignments", [])}


def details(line):
    return line.of("TransactionEvent")[-1]["costDetails"]


def now_at(seconds, energy_wh=0.0, charging=True, power_w=11_000.0):
    at = NOON + timedelta(seconds=seconds)
    return Now(
        local=at,
        text=at.isoformat(),
        energy_wh=energy_wh,
        power_w=power_w,
        current_a=48.0,
        is_charging=charging,
        is_dc=False,
    )


def bill(reservation_s=None, **parts):
    made = Bill(tariff=msgspec.convert(tariff(**parts), Tariff), begun=NOON, last=now_at(0), first_wh=0.0)
    made.begin(reservation_s=reservation_s)
    return made


# Reckoning -------------------------------------------------------------------------------------------------------


def test_i12_fr_09_energy():
    one = bill()
    one.advance(now_at(3600, 10_000.0))
    assert one.sum().excl_tax == pytest.approx(5.0)


def test_i12_fr_10_fr_11_time_of_charging_and_of_standing():
    one = bill(chargingTime={"prices": [{"priceMinute": 0.1}]}, idleTime={"prices": [{"priceMinute": 0.2}]})
    one.advance(now_at(600, charging=False))
    one.advance(now_at(900, charging=False))
    assert one.costs["chargingTime"] == pytest.approx(1.0)
    assert one.costs["idleTime"] == pytest.approx(1.0)
    assert (one.charging_s, one.idle_s) == (600, 300)


def test_i12_fr_13_taxes_are_stacked():
    rates = [TaxRate("a", 10), TaxRate("b", 5), TaxRate("c", 20, 1)]
    assert with_tax(100.0, rates) == pytest.approx(100 * 1.15 * 1.2)


def test_i12_fr_34_the_first_price_whose_conditions_hold_counts():
    prices = [{"priceKwh": 1.0, "conditions": {"minEnergy": 5000}}, {"priceKwh": 0.5}]
    one = bill(energy={"prices": prices})
    for minute in range(1, 61):
        one.advance(now_at(60 * minute, 10_000 / 60 * minute))
    assert one.sum().excl_tax == pytest.approx(2.5 + 5.0, abs=0.1)
    assert len(one.periods) == 2


def test_i12_fr_31_the_time_of_day_is_followed_exactly():
    prices = [
        {"priceKwh": 1.0, "conditions": {"startTimeOfDay": "12:30", "endTimeOfDay": "13:00"}},
        {"priceKwh": 0.5},
    ]
    one = bill(energy={"prices": prices})
    one.advance(now_at(7200, 20_000.0))
    assert one.sum().excl_tax == pytest.approx(5.0 + 0.5 * 15)
    assert [period.energy_wh for period in one.periods] == pytest.approx([5000, 5000, 10_000])


def test_i12_fr_35_fr_36_each_change_of_prices_begins_a_period():
    prices = [{"priceKwh": 1.0, "conditions": {"dayOfWeek": ["Tuesday"]}}, {"priceKwh": 0.5}]
    one = bill(energy={"prices": prices})
    one.advance(now_at(13 * 3600, 13_000.0))
    assert len(one.periods) == 2
    assert one.periods[1].energy_wh == pytest.approx(1000)
    assert one.sum().excl_tax == pytest.approx(12 * 0.5 + 1.0)


def test_i12_fr_30_what_is_charged_once():
    one = bill(fixedFee={"prices": [{"priceFixed": 2.0}]})
    one.advance(now_at(60))
    one.advance(now_at(6000))
    assert one.sum().excl_tax == pytest.approx(2.0)


def test_i12_fr_07_fr_08_a_reservation():
    one = bill(
        600.0,
        reservationTime={"prices": [{"priceMinute": 0.1}]},
        reservationFixed={"prices": [{"priceFixed": 3.0}]},
    )
    assert one.sum().excl_tax == pytest.approx(4.0)


def test_i12_fr_38_at_least():
    one = bill(energy={"prices": [{"priceKwh": 0.5}]}, minCost={"exclTax": 3.0, "inclTax": 3.6})
    one.advance(now_at(600, 1000.0))
    assert one.total(ended=False)[0] == "NormalCost"
    kind, total = one.total(ended=True)
    assert (kind, total.excl_tax, total.incl_tax) == ("MinCost", 3.0, 3.6)


def test_i12_fr_39_fr_40_at_most_while_usage_counts_on():
    one = bill(energy={"prices": [{"priceKwh": 0.5}]}, maxCost={"exclTax": 3.0})
    one.advance(now_at(3600, 20_000.0))
    kind, total = one.total(ended=True)
    assert (kind, total.excl_tax) == ("MaxCost", 3.0)
    assert one.energy_wh == pytest.approx(20_000)


# Default tariffs -------------------------------------------------------------------------------------------------


def test_i07_fr_11_fr_12_installed_at_one_evse_or_at_all():
    line = online(evses=(EvseConfig(), EvseConfig()))
    assert set_default(line, tariff("A"))["status"] == "Accepted"
    assert set_default(line, tariff("B"), 2)["status"] == "Accepted"
    found = assignments(line)
    assert {name: one["evseIds"] for name, one in found.items()} == {"A": [1], "B": [2]}
    assert {one["tariffKind"] for one in found.values()} == {"DefaultTariff"}


def test_i07_fr_02_fr_04_fr_06_what_is_refused():
    line = online()
    many = {"energy": {"prices": [{"priceKwh": 0.1}] * 21}}
    assert set_default(line, tariff("A", **many))["status"] == "TooManyElements"
    assert set_default(line, tariff("A"), 9)["statusInfo"]["reasonCode"] == "UnknownEVSE"
    assert set_default(line, {"tariffId": "A", "currency": "EUR"})["status"] == "Rejected"
    set_default(line, tariff("A"))
    assert set_default(line, tariff("A"))["status"] == "DuplicateTariffId"


def test_i07_fr_01_where_costs_are_not_reckoned_here():
    line = online(settings={"tariffs_enabled": "false"})
    answer = set_default(line, tariff())
    assert isinstance(answer, CallError)
    assert answer.code == "NotSupported"


def test_i07_fr_13_they_outlive_a_restart():
    storage = MemoryStorage()
    set_default(online(storage=storage), tariff("A"))
    assert list(assignments(online(storage=storage))) == ["A"]


def test_i07_fr_19_fr_20_a_tariff_of_the_future_takes_over_when_its_time_comes():
    line = online()
    set_default(line, tariff("A"))
    later = line.core.clock.wall(line.now + 600).isoformat()
    set_default(line, tariff("B", validFrom=later, **KWH))
    assert set(assignments(line)) == {"A", "B"}
    assert line.core.tariffs.default_of(1).tariff_id == "A"
    line.wait(601)
    assert line.core.tariffs.default_of(1).tariff_id == "B"
    assert set(assignments(line)) == {"B"}


def test_i10_they_are_cleared():
    line = online()
    set_default(line, tariff("A"))
    answer = line.ask("ClearTariffs", {"tariffIds": ["A", "X"]})["clearTariffsResult"]
    assert {one["tariffId"]: one["status"] for one in answer} == {"A": "Accepted", "X": "NoTariff"}
    assert line.ask("ClearTariffs", {})["clearTariffsResult"] == [{"status": "NoTariff"}]
    assert line.ask("GetTariffs", {"evseId": 0})["status"] == "NoTariff"


# Transactions ----------------------------------------------------------------------------------------------------


def test_i07_fr_32_i12_fr_01_a_transaction_names_its_tariff_once_and_its_cost_at_the_end():
    line = online()
    set_default(line, tariff("A"))
    line.charge()
    line.wait(1800)
    line.present()
    named = [e["transactionInfo"].get("tariffId") for e in line.of("TransactionEvent")]
    assert [one for one in named if one] == ["A"]
    charged_wh = line.hardware[1].read(line.now).energy_import_wh
    cost = details(line)["totalCost"]
    assert cost["total"]["exclTax"] == pytest.approx(0.5 * charged_wh / 1000, abs=0.001)
    assert details(line)["totalUsage"]["energy"] == pytest.approx(charged_wh, abs=1)
    assert details(line)["chargingPeriods"][0]["tariffId"] == "A"


def test_i12_fr_02_fr_03_running_costs():
    line = online(settings={"running_cost": "true", "running_cost_s": "30", "meter_interval_s": "0"})
    set_default(line, tariff("A"))
    line.charge()
    line.wait(95)
    told = [e for e in line.of("TransactionEvent") if e["triggerReason"] == "RunningCost"]
    assert len(told) == 3
    amounts = [e["costDetails"]["totalCost"]["total"]["exclTax"] for e in told]
    assert amounts == sorted(amounts)
    assert amounts[-1] > 0


def test_i08_a_drivers_tariff_goes_before_the_default_one():
    line = online()
    set_default(line, tariff("A"))
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "tariff": tariff("D")}
    line.charge()
    assert line.of("TransactionEvent")[0]["transactionInfo"]["tariffId"] == "D"
    assert assignments(line)["D"]["tariffKind"] == "DriverTariff"
    line.present()
    assert set(assignments(line)) == {"A"}, "and is gone with the session (I08.FR.06)"


def test_i08_fr_30_a_drivers_tariff_that_cannot_be_used_is_reported():
    line = online()
    set_default(line, tariff("A"))
    many = {"energy": {"prices": [{"priceKwh": 0.1}] * 21}}
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "tariff": tariff("D", **many)}
    line.charge()
    assert line.of("TransactionEvent")[0]["transactionInfo"]["tariffId"] == "A"
    [event] = line.of("NotifyEvent")[-1]["eventData"]
    assert (event["component"]["name"], event["variable"]["name"], event["actualValue"]) == (
        "TariffCostCtrlr",
        "Problem",
        "true",
    )


def change(line, wire, name=None):
    name = name or line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    return line.ask("ChangeTransactionTariff", {"transactionId": name, "tariff": wire})["status"]


def test_i11_a_running_transaction_gets_another_tariff_from_now_on():
    line = online()
    set_default(line, tariff("A"))
    line.charge()
    line.wait(600)
    first_wh = line.hardware[1].read(line.now).energy_import_wh
    assert change(line, tariff("X"), "unknown") == "TxNotFound"
    assert change(line, {**tariff("X"), "currency": "USD"}) == "NoCurrencyChange"
    assert change(line, tariff("B", energy={"prices": [{"priceKwh": 1.0}]})) == "Accepted"
    event = line.of("TransactionEvent")[-1]
    assert (event["triggerReason"], event["transactionInfo"]["tariffId"]) == ("TariffChanged", "B")
    line.wait(600)
    line.present()
    rest_wh = line.hardware[1].read(line.now).energy_import_wh - first_wh
    expected = (0.5 * first_wh + 1.0 * rest_wh) / 1000
    assert details(line)["totalCost"]["total"]["exclTax"] == pytest.approx(expected, abs=0.002)


def test_i07_fr_30_a_driver_who_does_not_accept_it():
    line = online()
    set_default(line, tariff("A"))
    line.charge()
    line.core.tariffs.refused(line.core.evses[1])
    line.pump()
    last = line.of("TransactionEvent")[-1]
    assert (last["eventType"], last["triggerReason"]) == ("Ended", "TariffNotAccepted")
    assert "costDetails" not in last


# What the CSMS tells ---------------------------------------------------------------------------------------------


def shown(line):
    return [one.text for one in line.core.display.shown(1)]


@pytest.mark.parametrize("version", [V201, V21])
def test_i02_fr_03_fr_04_the_running_cost_is_shown(version):
    line = online(version)
    line.replies["TransactionEvent"] = {"totalCost": 1.5}
    line.charge()
    assert "1.50 EUR" in shown(line)
    name = line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    line.ask("CostUpdated", {"totalCost": 2.75, "transactionId": name})
    assert "2.75 EUR" in shown(line)


@pytest.mark.parametrize("version", [V201, V21])
def test_i03_fr_03_the_final_cost_is_shown(version):
    line = online(version)
    line.charge()
    line.replies["TransactionEvent"] = {"totalCost": 9.99}
    line.present()
    assert line.core.costs.shown[1].is_final
    assert "9.99 EUR" in shown(line)


@pytest.mark.parametrize("version", [V201, V21])
def test_i01_i06_words_for_the_driver_are_shown(version):
    line = online(version)
    message = {"format": "UTF8", "content": "0.30 EUR/kWh"}
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted", "personalMessage": message}}
    line.plug()
    line.present()
    assert "0.30 EUR/kWh" in shown(line)
    line.replies["TransactionEvent"] = {"updatedPersonalMessage": message | {"content": "0.20 EUR/kWh"}}
    line.wait(61)
    assert "0.20 EUR/kWh" in shown(line)


@pytest.mark.parametrize("version", [V201, V21])
def test_i04_i05_what_is_shown_where_nobody_tells(version):
    line = online(version, settings={"tariff_fallback": "Ask the host", "cost_fallback": "See your bill"})
    line.charge()
    assert "Ask the host" in shown(line)
    line.lose()
    line.present()
    assert "See your bill" in shown(line)
