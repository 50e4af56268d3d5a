"""OCPP 2.1, block I: tariffs that the station keeps, and costs that it works out by itself."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure, rebooted

ours = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}


def tariff(name: str = "T-1", *, kwh: float = 0.40, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A tariff by energy."""
    return {"tariffId": name, "currency": currency, "energy": {"prices": [{"priceKwh": kwh}]}} | more


async def _set_default(csms: Csms, one: dict[str, Any], evse_id: int = 0, status: str = "Accepted") -> None:
    answer = await csms.call("SetDefaultTariff", evseId=evse_id, tariff=one)
    assert answer["status"] == status, answer


async def _tariffs(csms: Csms, evse_id: int = 0) -> dict[str, dict[str, Any]]:
    """What the station says it has, by tariff."""
    answer = await csms.call("GetTariffs", evseId=evse_id)
    found = {one["tariffId"]: one for one in answer.get("tariffAssignments", [])}
    assert answer["status"] == ("Accepted" if found else "NoTariff"), answer
    return found


async def _charged(csms: Csms, station: Hand, seconds: float = 900, **more: Any) -> tuple[Session, Came]:
    """Charge for a while with local costs; gives the session and the event that ended it."""
    await configure(
        csms,
        TxCtrlr__TxStartPoint="PowerPathClosed",
        TxCtrlr__TxStopPoint="PowerPathClosed",
        SampledDataCtrlr__TxUpdatedInterval=0,
        **more,
    )
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(seconds)
    station.present(session.token)
    ended = await session.ended()
    return session, ended


def _energy_kwh(events: list[Came]) -> float:
    register = "Energy.Active.Import.Register"
    values = [
        sample["value"]
        * 10 ** sample.get("unitOfMeasure", {}).get("multiplier", 0)
        * (1000 if sample.get("unitOfMeasure", {}).get("unit") == "kWh" else 1)
        for event in events
        for value in event.get("meterValue", [])
        for sample in value["sampledValue"]
        if sample.get("measurand", register) == register and "phase" not in sample
    ]
    return float(max(values) - min(values)) / 1000


@ours("TC_I_07_1_V21", "A default tariff for all EVSEs is installed, outlives a power cut, and is told")
async def test_tc_i_07_1_v21_default(csms: Csms, station: Hand) -> None:
    await _set_default(csms, tariff())
    await station.power_cut()
    await rebooted(csms, station)
    known = await _tariffs(csms)
    assert known["T-1"]["tariffKind"] == "DefaultTariff"
    assert sorted(known["T-1"]["evseIds"]) == [1, 2]


@ours("TC_I_07_2_V21", "A default tariff that there is already, or for an EVSE that there is not, is refused")
async def test_tc_i_07_2_v21_refused(csms: Csms, station: Hand) -> None:
    await _set_default(csms, tariff(), 1)
    await _set_default(csms, tariff(), 2, "DuplicateTariffId")
    await _set_default(csms, tariff("T-9"), 9, "Rejected")
    assert set(await _tariffs(csms)) == {"T-1"}


@ours("TC_I_07_3_V21", "A new default tariff replaces the old one, one of the future only when its time comes")
async def test_tc_i_07_3_v21_replaced(csms: Csms, station: Hand) -> None:
    await _set_default(csms, tariff("T-1"), 1)
    await _set_default(csms, tariff("T-2"), 1)
    assert set(await _tariffs(csms, 1)) == {"T-2"}
    await _set_default(csms, tariff("T-3", validFrom=station.time(3600)), 1)
    assert set(await _tariffs(csms, 1)) == {"T-2", "T-3"}
    await station.pass_time(3700)
    assert set(await _tariffs(csms, 1)) == {"T-3"}


@ours("TC_I_08_1_V21", "The driver's own tariff goes before the default one, and is gone with the session")
async def test_tc_i_08_1_v21_of_the_driver(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__Enabled=False)
    await _set_default(csms, tariff())
    csms.will_answer("Authorize", {"idTokenInfo": ACCEPTED, "tariff": tariff("D-1", kwh=0.90)})
    session = Session(csms, station)
    await session.plugged()
    station.present(session.token)
    await csms.expect("Authorize")
    await session.energy()
    told = [event for event in session.events() if "tariffId" in event["transactionInfo"]]
    assert [event["transactionInfo"]["tariffId"] for event in told] == ["D-1"], "told once, and that of the driver"
    assert (await _tariffs(csms))["D-1"]["tariffKind"] == "DriverTariff"
    await session.done()
    assert set(await _tariffs(csms)) == {"T-1"}


@ours("TC_I_09_1_V21", "Tariffs are told of one EVSE or of all; without one that is said")
async def test_tc_i_09_1_v21_told(csms: Csms, station: Hand) -> None:
    assert await _tariffs(csms) == {}
    await _set_default(csms, tariff("T-1"), 1)
    await _set_default(csms, tariff("T-2"), 2)
    assert set(await _tariffs(csms, 1)) == {"T-1"}
    assert {name: one["evseIds"] for name, one in (await _tariffs(csms)).items()} == {"T-1": [1], "T-2": [2]}


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, set()),
        ({"tariffIds": ["T-1"]}, {"T-2"}),
        ({"evseId": 2}, {"T-1"}),
        ({"tariffIds": ["T-1"], "evseId": 2}, {"T-1", "T-2"}),
    ],
)
@ours("TC_I_10_1_V21", "Tariffs are cleared: all, by name, by EVSE; what there is not is said to be none")
async def test_tc_i_10_1_v21_cleared(csms: Csms, station: Hand, asked: dict[str, Any], left: set[str]) -> None:
    await _set_default(csms, tariff("T-1"), 1)
    await _set_default(csms, tariff("T-2"), 2)
    results = (await csms.call("ClearTariffs", asked))["clearTariffsResult"]
    gone = {one["tariffId"] for one in results if one["status"] == "Accepted"}
    assert gone == {"T-1", "T-2"} - left
    assert {one["status"] for one in results} == ({"Accepted"} if gone else {"NoTariff"})
    assert set(await _tariffs(csms)) == left


@ours("TC_I_11_1_V21", "A running transaction gets another tariff, which is told, and is used from then on")
async def test_tc_i_11_1_v21_changed(csms: Csms, station: Hand) -> None:
    await _set_default(csms, tariff(kwh=1.0))
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(600)
    other = tariff("T-2", kwh=0.0)
    for transaction_id, new, status in (
        ("no-such-transaction", other, "TxNotFound"),
        (session.id, tariff("T-3", currency="USD"), "NoCurrencyChange"),
        (session.id, other, "Accepted"),
    ):
        answer = await csms.call("ChangeTransactionTariff", transactionId=transaction_id, tariff=new)
        assert answer["status"] == status
    changed = await session.event(triggerReason="TariffChanged", transactionInfo={"tariffId": "T-2"})
    so_far = [event for event in session.events() if event.number <= changed.number]
    assert so_far
    await station.pass_time(600)
    station.present(session.token)
    ended = await session.ended()
    costs = ended["costDetails"]
    assert {period["tariffId"] for period in costs["chargingPeriods"]} == {"T-1", "T-2"}
    assert 0.5 < costs["totalCost"]["total"]["exclTax"] < 0.6 * costs["totalUsage"]["energy"] / 1000


@ours("TC_I_12_1_V21", "The end of a transaction says what it cost, how much of what, and by which tariff")
async def test_tc_i_12_1_v21_cost_details(csms: Csms, station: Hand) -> None:
    taxes = [{"type": "VAT", "tax": 20.0}]
    priced = tariff(kwh=0.50, energy={"prices": [{"priceKwh": 0.50}], "taxRates": taxes})
    await _set_default(csms, priced | {"fixedFee": {"prices": [{"priceFixed": 1.0}]}})
    session, ended = await _charged(csms, station)
    costs, energy_kwh = ended["costDetails"], _energy_kwh(session.events())
    assert energy_kwh > 1
    assert costs["totalUsage"]["energy"] == pytest.approx(1000 * energy_kwh, abs=20)
    assert costs["totalUsage"]["chargingTime"] == pytest.approx(900, abs=30)
    total = costs["totalCost"]
    assert (total["currency"], total["typeOfCost"]) == ("EUR", "NormalCost")
    assert total["fixed"]["exclTax"] == pytest.approx(1.0)
    assert total["energy"]["exclTax"] == pytest.approx(0.5 * energy_kwh, abs=0.02)
    assert total["energy"]["inclTax"] == pytest.approx(0.6 * energy_kwh, abs=0.02)
    assert total["total"]["exclTax"] == pytest.approx(1.0 + 0.5 * energy_kwh, abs=0.02)
    assert {period["tariffId"] for period in costs["chargingPeriods"]} == {"T-1"}


@ours("TC_I_12_2_V21", "A least and a greatest cost hold")
@pytest.mark.parametrize(
    ("bound", "kind", "cost"),
    [({"minCost": {"exclTax": 20.0}}, "MinCost", 20.0), ({"maxCost": {"exclTax": 0.25}}, "MaxCost", 0.25)],
)
async def test_tc_i_12_2_v21_bounds(csms: Csms, station: Hand, bound: dict[str, Any], kind: str, cost: float) -> None:
    await _set_default(csms, tariff() | bound)
    _, ended = await _charged(csms, station)
    total = ended["costDetails"]["totalCost"]
    assert total["typeOfCost"] == kind
    assert total["total"]["exclTax"] == pytest.approx(cost)
