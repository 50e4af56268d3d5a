from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.tariff import (
    ChangeTransactionTariff,
    ClearTariffs,
    CostDetails,
    CostUpdated,
    GetTariffs,
    NotifyWebPaymentStarted,
    SetDefaultTariff,
    Settlement,
    StationTariff,
)
from voltherd.domain.tariff_types import Conditions, EnergyPrice, EnergyPrices, Tariff
from voltherd.ocpp.version import OcppVersion
from voltherd.services.settings import Pricing

PRICING = {"enabled": True, "energy_per_kwh": "0.35", "tax_percent": "19"}
CARD = {"idToken": "CARD", "type": "ISO14443"}
TARIFF = Tariff(
    tariff_id="day",
    currency="EUR",
    energy=EnergyPrices(prices=[EnergyPrice(price_kwh=0.35, conditions=Conditions(min_energy=100))]),
)
ON_THE_WIRE = {
    "tariffId": "day",
    "currency": "EUR",
    "energy": {"prices": [{"priceKwh": 0.35, "conditions": {"minEnergy": 100}}]},
}


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    yield desk
    await desk.store.close()


@pytest.fixture
async def v201(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v201.db", OcppVersion.V201)
    yield desk
    await desk.store.close()


async def price(desk: Desk, **changes: Any) -> None:
    tariffs = desk.services.tariffs
    await tariffs._settings.change(Pricing, PRICING | changes, who="test")


async def shows_texts(desk: Desk, *more: tuple[str, str, str]) -> None:
    said = [("DisplayMessageCtrlr", "Available", ""), *more]
    data = [
        {
            "component": {"name": component},
            "variable": {"name": variable} | ({"instance": instance} if instance else {}),
            "variableAttribute": [{"value": "true"}],
        }
        for component, variable, instance in said
    ]
    await desk.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": data})


def event(kind: str, seq_no: int, wh: float | None = None, **more: Any) -> Payload:
    info = {"transactionId": "tx-1", **more.pop("info", {})}
    payload = {
        "eventType": kind,
        "timestamp": at(seq_no * 60),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info,
        "evse": {"id": 1},
        **more,
    }
    if wh is not None:
        payload["meterValue"] = [{"timestamp": at(seq_no * 60), "sampledValue": [{"value": wh}]}]
    return payload


async def charge(desk: Desk) -> list[Payload]:
    desk.now_ms += 3_600_000
    return [
        await desk.receive("TransactionEvent", event("Started", 0, 1000.0)),
        await desk.receive("TransactionEvent", event("Updated", 1, 3000.0)),
        await desk.receive("TransactionEvent", event("Ended", 2, 11000.0)),
    ]


async def test_without_the_setting_no_cost_is_told(v2: Desk) -> None:
    assert await charge(v2) == [{}, {}, {}]
    assert (await v2.transaction()).cost is None


async def test_i02_fr_01_and_i03_fr_02_cost_so_far_and_total_cost_are_told(v2: Desk) -> None:
    await price(v2)
    assert await charge(v2) == [{}, {"totalCost": 0.83}, {"totalCost": 4.17}]
    transaction = await v2.transaction()
    assert (transaction.cost, transaction.currency) == (4.17, "EUR")


async def test_i03_fr_04_a_free_session_is_told_as_zero(v2: Desk) -> None:
    await price(v2, energy_per_kwh="0")
    assert (await charge(v2))[2] == {"totalCost": 0.0}


async def test_a_session_without_readings_costs_nothing_and_is_flagged(v2: Desk) -> None:
    await price(v2, per_session="1")
    await v2.receive("TransactionEvent", event("Started", 0))
    assert await v2.receive("TransactionEvent", event("Ended", 1)) == {"totalCost": 0.0}
    assert "cost-without-energy" in (await v2.transaction()).flags


async def test_time_and_fee_count_from_begin_to_end(v2: Desk) -> None:
    await price(v2, energy_per_kwh="0", per_minute="0.10", per_session="1", tax_percent="0")
    assert (await charge(v2))[1:] == [{"totalCost": 1.1}, {"totalCost": 1.2}]


async def test_i02_fr_01_by_cost_updated_once_per_interval(v2: Desk) -> None:
    await price(v2, running_cost="cost-updated")
    await v2.receive("TransactionEvent", event("Started", 0, 1000.0))
    v2.now_ms += 120_000
    assert await v2.receive("TransactionEvent", event("Updated", 1, 3000.0)) == {}
    [wanted] = v2.work.follow_ups or []
    assert wanted.command == CostUpdated(transaction_id="tx-1", total_cost="0.83")
    await v2.receive("TransactionEvent", event("Updated", 2, 3100.0))
    assert v2.work.follow_ups is None
    v2.now_ms += 60_000
    await v2.receive("TransactionEvent", event("Updated", 3, 5000.0))
    assert len(v2.work.follow_ups or []) == 1
    assert await v2.receive("TransactionEvent", event("Ended", 4, 5000.0)) == {"totalCost": 1.67}


async def test_cost_updated_tells_what_is_given_or_what_is_recorded(v2: Desk) -> None:
    v2.answer("CostUpdated", {})
    await v2.receive("TransactionEvent", event("Started", 0, 1000.0))
    with pytest.raises(PayloadInvalid, match="no price of ours"):
        await v2.perform(CostUpdated(transaction_id="tx-1"))
    assert (await v2.perform(CostUpdated(transaction_id="tx-1", total_cost="1.10"))).accepted
    await price(v2)
    v2.now_ms += 120_000
    await v2.receive("TransactionEvent", event("Updated", 1, 3000.0))
    await v2.perform(CostUpdated(transaction_id="tx-1"))
    assert [payload["totalCost"] for _, payload in v2.sent] == [1.1, 0.83]


# -- tariff texts -----------------------------------------------------------------------------------------------------


async def test_i01_fr_02_the_tariff_is_told_only_to_stations_that_can_show_it(v2: Desk) -> None:
    await v2.token("CARD")
    await price(v2)
    assert "personalMessage" not in (await v2.receive("Authorize", {"idToken": CARD}))["idTokenInfo"]
    await shows_texts(v2)
    v2.now_ms += 60_000
    told = (await v2.receive("Authorize", {"idToken": CARD}))["idTokenInfo"]["personalMessage"]
    assert told == {"format": "UTF8", "content": "0.4165 EUR/kWh", "language": "en"}
    refused = await v2.receive("Authorize", {"idToken": {"idToken": "OTHER", "type": "ISO14443"}})
    assert "personalMessage" not in refused["idTokenInfo"]


async def test_i06_fr_02_a_tariff_that_changes_is_told_once_while_the_session_runs(v2: Desk) -> None:
    await shows_texts(v2)
    await price(v2)
    first = await v2.receive("TransactionEvent", event("Started", 0, 1000.0))
    second = await v2.receive("TransactionEvent", event("Updated", 1, 1000.0))
    assert "updatedPersonalMessage" not in first | second
    await price(v2, energy_per_kwh="0.50", tax_percent="0")
    third = await v2.receive("TransactionEvent", event("Updated", 2, 2000.0))
    assert third["updatedPersonalMessage"]["content"] == "0.50 EUR/kWh"
    assert "updatedPersonalMessage" not in await v2.receive("TransactionEvent", event("Updated", 3, 2000.0))


async def test_i08_fr_01_a_station_that_calculates_gets_the_tariff_with_the_authorisation(v2: Desk) -> None:
    await v2.token("CARD")
    await price(v2, local_cost=True, per_minute="0.01", per_session="1")
    await shows_texts(v2, ("TariffCostCtrlr", "Enabled", "Tariff"), ("TariffCostCtrlr", "Enabled", "Cost"))
    answer = await v2.receive("Authorize", {"idToken": CARD})
    assert ("tariff" in answer) is (v2.version is OcppVersion.V21)
    if "tariff" in answer:
        tariff = answer["tariff"]
        assert tariff["energy"]["prices"] == [{"priceKwh": 0.35}]
        assert tariff["chargingTime"] == tariff["idleTime"]
        assert "validFrom" not in tariff, "I08.FR.09"
        await price(v2, energy_per_kwh="0.36")
        other = (await v2.receive("Authorize", {"idToken": CARD}))["tariff"]
        assert other["tariffId"] != tariff["tariffId"], "I08.FR.08"


# -- tariffs of stations ----------------------------------------------------------------------------------------------


async def test_2_0_1_has_no_tariffs(v201: Desk) -> None:
    for command in (GetTariffs(), SetDefaultTariff(tariff=TARIFF), ClearTariffs(), NotifyWebPaymentStarted(evse_id=1)):
        with pytest.raises(NotSupportedByVersion):
            await v201.perform(command)


async def test_i07_a_default_tariff_is_installed_and_replaces_the_one_before(v21: Desk) -> None:
    v21.answer("SetDefaultTariff", {"status": "Accepted"})
    assert (await v21.perform(SetDefaultTariff(tariff=TARIFF, evse_id=1))).accepted
    assert v21.sent == [("SetDefaultTariff", {"evseId": 1, "tariff": ON_THE_WIRE})]
    night = Tariff(tariff_id="night", currency="EUR")
    await v21.perform(SetDefaultTariff(tariff=night, evse_id=1))
    held = await v21.held(StationTariff)
    assert {item.tariff_id: item.state for item in held.values()} == {"day": "replaced", "night": "installed"}
    assert held["|day"].tariff["energy"]["prices"][0]["conditions"] == {"min_energy": 100}  # type: ignore[index]


async def test_i07_fr_20_a_tariff_that_begins_later_replaces_nothing_yet(v21: Desk) -> None:
    v21.answer("SetDefaultTariff", {"status": "Accepted"})
    await v21.perform(SetDefaultTariff(tariff=TARIFF))
    later = Tariff(tariff_id="later", currency="EUR", valid_from=at(86_400))
    await v21.perform(SetDefaultTariff(tariff=later))
    assert {item.state for item in (await v21.held(StationTariff)).values()} == {"installed"}


@pytest.mark.parametrize("status", ["TooManyElements", "ConditionNotSupported", "DuplicateTariffId", "Rejected"])
async def test_i07_fr_02_to_05_a_refusal_is_told_and_hides_nothing(v21: Desk, status: str) -> None:
    v21.answer("SetDefaultTariff", {"status": "Accepted"}, {"status": status})
    await v21.perform(SetDefaultTariff(tariff=TARIFF))
    found = await v21.perform(SetDefaultTariff(tariff=TARIFF))
    assert (found.accepted, found.status) == (False, status)
    assert {item.state: item.answer for item in (await v21.held(StationTariff)).values()} == {
        "installed": "Accepted",
        "rejected": status,
    }


async def test_i09_what_the_station_tells_is_what_there_is(v21: Desk) -> None:
    v21.answer("SetDefaultTariff", {"status": "Accepted"})
    await v21.perform(SetDefaultTariff(tariff=TARIFF))
    assigned = [
        {"tariffId": "own", "tariffKind": "DriverTariff", "evseIds": [2], "idTokens": ["CARD"]},
        {"tariffId": "other", "tariffKind": "DefaultTariff", "evseIds": [1, 2], "validFrom": at(5)},
    ]
    v21.answer("GetTariffs", {"status": "Accepted", "tariffAssignments": assigned}, {"status": "NoTariff"})
    assert (await v21.perform(GetTariffs())).accepted
    held = await v21.held(StationTariff)
    assert {key: item.state for key, item in held.items()} == {
        "|day": "cleared",
        "|own": "installed",
        "|other": "installed",
    }
    assert (held["|own"].id_tokens, held["|own"].evse_no, held["|other"].evse_ids) == (["CARD"], 2, [1, 2])
    assert (await v21.perform(GetTariffs())).status == "NoTariff"
    assert {item.state for item in (await v21.held(StationTariff)).values()} == {"cleared"}


async def test_i10_what_the_station_cleared_is_gone(v21: Desk) -> None:
    v21.answer("SetDefaultTariff", {"status": "Accepted"})
    await v21.perform(SetDefaultTariff(tariff=TARIFF, evse_id=1))
    await v21.perform(SetDefaultTariff(tariff=Tariff(tariff_id="two", currency="EUR"), evse_id=2))
    results = [{"tariffId": "day", "status": "Accepted"}, {"tariffId": "x", "status": "NoTariff"}]
    v21.answer("ClearTariffs", {"clearTariffsResult": results})
    found = await v21.perform(ClearTariffs(tariff_ids=["day", "x"]))
    assert (found.accepted, found.status) == (True, "Mixed")
    assert {key: item.state for key, item in (await v21.held(StationTariff)).items()} == {
        "|day": "cleared",
        "|two": "installed",
    }
    v21.answer("ClearTariffs", {"clearTariffsResult": [{"status": "NoTariff"}]})
    assert not (await v21.perform(ClearTariffs())).accepted
    assert {item.state for item in (await v21.held(StationTariff)).values()} == {"cleared"}


async def test_i11_fr_07_the_change_of_a_sessions_tariff_is_seen_in_its_event(v21: Desk) -> None:
    await v21.receive("TransactionEvent", event("Started", 0, 1000.0))
    v21.answer("ChangeTransactionTariff", {"status": "Accepted"})
    command = ChangeTransactionTariff(transaction_id="tx-1", tariff=TARIFF)
    record = v21.open_command(command)
    assert (await v21.perform(command)).accepted
    assert record.state == "sent"
    changed = event("Updated", 1, info={"tariffId": "day"}) | {"triggerReason": "TariffChanged"}
    await v21.receive("TransactionEvent", changed)
    assert record.state == "effect_seen"
    assert (await v21.held(StationTariff))["tx-1|day"].state == "installed"
    await v21.perform(ChangeTransactionTariff(transaction_id="tx-1", tariff=Tariff(tariff_id="x", currency="EUR")))
    assert {key: item.state for key, item in (await v21.held(StationTariff)).items()} == {
        "tx-1|day": "replaced",
        "tx-1|x": "installed",
    }
    await v21.receive("TransactionEvent", event("Ended", 2, 2000.0))
    assert (await v21.held(StationTariff))["tx-1|x"].state == "cleared"


@pytest.mark.parametrize("status", ["TxNotFound", "NoCurrencyChange", "Rejected"])
async def test_i11_fr_04_a_refused_change_leaves_the_tariff(v21: Desk, status: str) -> None:
    await v21.receive("TransactionEvent", event("Started", 0, 1000.0))
    v21.answer("ChangeTransactionTariff", {"status": status})
    found = await v21.perform(ChangeTransactionTariff(transaction_id="tx-1", tariff=TARIFF))
    assert (found.accepted, found.status) == (False, status)
    [kept] = (await v21.held(StationTariff)).values()
    assert (kept.state, kept.answer) == ("rejected", status)


# -- local cost calculation -------------------------------------------------------------------------------------------


def details(total: dict[str, float], **more: Any) -> Payload:
    return {
        "totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": total},
        "totalUsage": {"energy": 10000, "chargingTime": 120, "idleTime": 0},
        **more,
    }


@pytest.mark.parametrize(
    ("total", "state"),
    [
        ({"inclTax": 4.17}, "agrees"),
        ({"inclTax": 4.165}, "agrees"),
        ({"exclTax": 3.5}, "agrees"),
        ({"inclTax": 5.0}, "differs"),
        ({"exclTax": 3.6}, "differs"),
        ({}, "not-compared"),
    ],
)
async def test_i12_fr_01_the_stations_cost_is_kept_and_compared(v21: Desk, total: Any, state: str) -> None:
    await price(v21)
    await v21.receive("TransactionEvent", event("Started", 0, 1000.0))
    await v21.receive("TransactionEvent", event("Updated", 1, 2000.0, costDetails=details({"inclTax": 0.4})))
    assert (await v21.held(CostDetails))["tx-1"].state == "running"
    await v21.receive("TransactionEvent", event("Ended", 2, 11000.0, costDetails=details(total)))
    await v21.receive("TransactionEvent", event("Updated", 3, 11000.0, costDetails=details({"inclTax": 0.5})))
    kept = (await v21.held(CostDetails))["tx-1"]
    assert (kept.state, kept.ours, kept.currency) == (state, "4.17", "EUR")
    assert kept.details["total_usage"]["charging_time"] == 120
    assert ("cost-differs" in (await v21.transaction()).flags) is (state == "differs")


async def test_i12_a_cost_that_could_not_be_calculated_is_told(v21: Desk) -> None:
    failed = details({"inclTax": 0.0}, failureToCalculate=True, failureReason="out of memory")
    await v21.receive("TransactionEvent", event("Started", 0, 1000.0))
    await v21.receive("TransactionEvent", event("Ended", 1, 2000.0, costDetails=failed))
    kept = (await v21.held(CostDetails))["tx-1"]
    assert (kept.state, kept.ours, kept.details["failure_reason"]) == ("failed", None, "out of memory")


# -- payments ---------------------------------------------------------------------------------------------------------


def settlement(**more: Any) -> Payload:
    said = {"pspRef": "PSP-1", "status": "Settled", "settlementAmount": 4.17, "settlementTime": at(200)}
    return said | {"transactionId": "tx-1"} | more


async def test_c21_a_settlement_is_kept_once_with_what_contradicts_it(v21: Desk) -> None:
    await price(v21)
    await charge(v21)
    assert await v21.receive("NotifySettlement", settlement(vatNumber="DE123456789", receiptId="R-1")) == {}
    await v21.receive("NotifySettlement", settlement(vatNumber="DE123456789", receiptId="R-1"))
    [kept] = (await v21.held(Settlement)).values()
    assert (kept.state, kept.amount, kept.receipt_id, kept.flags, kept.evse_no) == ("settled", "4.17", "R-1", [], 1)
    await v21.receive("NotifySettlement", settlement(settlementAmount=5, pspRef="PSP-2"))
    await v21.receive("NotifySettlement", settlement(pspRef="PSP-3", transactionId="nobody"))
    found = {item.psp_ref: item.flags for item in (await v21.held(Settlement)).values()}
    assert found == {"PSP-1": [], "PSP-2": ["differs-from-cost"], "PSP-3": ["unknown-transaction"]}


async def test_c19_fr_02_a_canceled_payment_without_a_session_is_kept(v21: Desk) -> None:
    canceled = settlement(status="Canceled", settlementAmount=0)
    del canceled["transactionId"]
    assert await v21.receive("NotifySettlement", canceled) == {}
    [kept] = (await v21.held(Settlement)).values()
    assert (kept.state, kept.transaction_id, kept.flags) == ("canceled", None, [])


async def test_c21_a_receipt_of_ours_is_offered_where_the_terminal_has_none(v21: Desk) -> None:
    await price(v21, receipt_url="https://receipts.example/{receipt_id}")
    await charge(v21)
    number = str((await v21.transaction()).id)
    answer = await v21.receive("NotifySettlement", settlement())
    assert answer == {"receiptId": number, "receiptUrl": f"https://receipts.example/{number}"}
    assert await v21.receive("NotifySettlement", settlement(pspRef="PSP-2", receiptUrl="https://own.example")) == {}


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [
        ("DE123456789", "Accepted", "FormatChecked"),
        ("DE1", "Rejected", "InvalidValue"),
        ("QQ1", "Rejected", "UnknownCountry"),
    ],
)
async def test_c18_fr_10_a_vat_number_is_answered_with_its_evse(
    v21: Desk, number: str, status: str, reason: str
) -> None:
    answer = await v21.receive("VatNumberValidation", {"vatNumber": number, "evseId": 2})
    assert (answer["vatNumber"], answer["status"], answer["evseId"]) == (number, status, 2)
    assert answer["statusInfo"]["reasonCode"] == reason


async def test_c25_fr_21_a_web_payment_is_announced(v21: Desk) -> None:
    v21.answer("NotifyWebPaymentStarted", {})
    assert (await v21.perform(NotifyWebPaymentStarted(evse_id=1, timeout_s=90))).accepted
    assert v21.sent == [("NotifyWebPaymentStarted", {"evseId": 1, "timeout": 90})]
