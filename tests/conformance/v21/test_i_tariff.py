"""OCPP 2.1, block I: tariffs on the station and cost that it calculates; payments of block C that go with it."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from support.api import Api
from support.payloads import event, instant

new = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}
TARIFF: dict[str, Any] = {
    "tariff_id": "day",
    "currency": "EUR",
    "energy": {"prices": [{"price_kwh": 0.35, "conditions": {"start_time_of_day": "06:00"}}]},
    "idle_time": {"prices": [{"price_minute": 0.1}]},
}
ON_THE_WIRE = {
    "tariffId": "day",
    "currency": "EUR",
    "energy": {"prices": [{"priceKwh": 0.35, "conditions": {"startTimeOfDay": "06:00"}}]},
    "idleTime": {"prices": [{"priceMinute": 0.1}]},
}


@pytest.fixture
async def priced(api: Api) -> AsyncIterator[Api]:
    """Sessions have a price, which stations may calculate themselves; afterwards again none."""
    await api.put("/settings/pricing", enabled=True, energy_per_kwh="0.50", tax_percent="20", local_cost=True)
    yield api
    await api.delete("/settings/pricing")


async def tariffs(station: Station) -> dict[str, Any]:
    """The station's tariffs by id and state."""
    found = await station.api.items(f"/stations/{station.identity}/station-tariffs")
    return {item["tariff_id"]: item for item in found}


async def calculates(station: Station) -> None:
    """Report that the station shows tariffs and calculates cost."""
    data = [
        {
            "component": {"name": "TariffCostCtrlr"},
            "variable": {"name": "Enabled", "instance": instance},
            "variableAttribute": [{"value": "true"}],
        }
        for instance in ("Tariff", "Cost")
    ]
    await station.call("NotifyReport", {"requestId": 1, "generatedAt": instant(), "seqNo": 0, "reportData": data})


@new("TC_I_07_1_V21", "A default tariff is installed and shown; a refusal is told")
async def test_tc_i_07_1_v21_set_default_tariff(v21: Station) -> None:
    answers = {"SetDefaultTariff": ACCEPTED}
    done = await v21.command("set-default-tariff", {"evse_id": 1, "tariff": TARIFF}, answers)
    assert (done.call.action, done.call.payload) == ("SetDefaultTariff", {"evseId": 1, "tariff": ON_THE_WIRE})
    assert done.record["state"] == "effect_seen"
    shown = (await tariffs(v21))["day"]
    assert (shown["status"], shown["evse_ids"], shown["tariff"]) == ("installed", [1], TARIFF)
    refused = {"SetDefaultTariff": {"status": "TooManyElements"}}
    done = await v21.command("set-default-tariff", {"tariff": TARIFF | {"tariff_id": "big"}}, refused)
    assert (done.record["state"], done.record["answer"]["status"]) == ("rejected", "TooManyElements")
    assert (await tariffs(v21))["big"]["status"] == "rejected"


@new("TC_I_08_1_V21", "A station that calculates gets the driver's tariff with the authorisation")
async def test_tc_i_08_1_v21_driver_tariff(v21: Station, tokens: Tokens, priced: Api) -> None:
    await calculates(v21)
    answer = await v21.call("Authorize", {"idToken": {"idToken": await tokens.make(), "type": "ISO14443"}})
    assert answer["idTokenInfo"]["personalMessage"]["content"] == "0.60 EUR/kWh"
    assert answer["tariff"]["energy"]["prices"] == [{"priceKwh": 0.5}]
    assert answer["tariff"]["energy"]["taxRates"][0]["tax"] == 20
    assert "validFrom" not in answer["tariff"]


@new("TC_I_09_1_V21", "The station's tariffs are asked for, and shown as it told")
async def test_tc_i_09_1_v21_get_tariffs(v21: Station) -> None:
    told = [{"tariffId": "own", "tariffKind": "DriverTariff", "evseIds": [2], "idTokens": ["CARD"]}]
    answers = {"GetTariffs": ACCEPTED | {"tariffAssignments": told}}
    done = await v21.command("get-tariffs", {"evse_id": 0}, answers)
    assert done.call.payload == {"evseId": 0}
    shown = (await tariffs(v21))["own"]
    assert (shown["status"], shown["tariff_kind"], shown["id_tokens"]) == ("installed", "DriverTariff", ["CARD"])
    done = await v21.command("get-tariffs", {}, {"GetTariffs": {"status": "NoTariff"}})
    assert done.record["answer"]["status"] == "NoTariff"
    assert (await tariffs(v21))["own"]["status"] == "cleared"


@new("TC_I_10_1_V21", "Tariffs are cleared, by a raw call too")
async def test_tc_i_10_1_v21_clear_tariffs(v21: Station) -> None:
    for name in ("one", "two"):
        wanted = {"evse_id": 1 if name == "one" else 2, "tariff": TARIFF | {"tariff_id": name}}
        await v21.command("set-default-tariff", wanted, {"SetDefaultTariff": ACCEPTED})
    cleared = {"clearTariffsResult": [{"tariffId": "one", "status": "Accepted"}]}
    done = await v21.command("clear-tariffs", {"tariff_ids": ["one"]}, {"ClearTariffs": cleared})
    assert done.call.payload == {"tariffIds": ["one"]}
    assert {name: item["status"] for name, item in (await tariffs(v21)).items()} == {
        "one": "cleared",
        "two": "installed",
    }
    await v21.raw("ClearTariffs", {}, {"clearTariffsResult": [{"tariffId": "two", "status": "Accepted"}]})
    assert (await tariffs(v21))["two"]["status"] == "cleared"


@new("TC_I_11_1_V21", "A running session gets another tariff, which its next event proves")
async def test_tc_i_11_1_v21_change_transaction_tariff(v21: Station) -> None:
    await v21.call("TransactionEvent", event("Started", "tx-1", 0, energy_wh=0))
    wanted = {"transaction_id": "tx-1", "tariff": TARIFF}
    done = await v21.command("change-transaction-tariff", wanted, {"ChangeTransactionTariff": ACCEPTED})
    assert done.call.payload == {"transactionId": "tx-1", "tariff": ON_THE_WIRE}
    assert done.record["state"] == "accepted"
    changed = event("Updated", "tx-1", 1, trigger="TariffChanged", info={"tariffId": "day"})
    await v21.call("TransactionEvent", changed)
    await v21.become(done.record, "effect_seen")
    refused = {"ChangeTransactionTariff": {"status": "NoCurrencyChange"}}
    wanted["tariff"] = TARIFF | {"tariff_id": "swiss", "currency": "CHF"}
    done = await v21.command("change-transaction-tariff", wanted, refused)
    assert done.record["state"] == "rejected"


@new("TC_I_12_1_V21", "The station's own cost is kept in full and compared with ours")
async def test_tc_i_12_1_v21_cost_details(v21: Station, priced: Api) -> None:
    for transaction_id, total, state in (("tx-1", 6.0, "agrees"), ("tx-2", 7.0, "differs")):
        await v21.call("TransactionEvent", event("Started", transaction_id, 0, energy_wh=1000))
        cost = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"inclTax": total}}
        usage = {"energy": 10000, "chargingTime": 60, "idleTime": 0}
        said = {"totalCost": cost, "totalUsage": usage}
        ended = event("Ended", transaction_id, 1, energy_wh=11000, costDetails=said)
        assert (await v21.call("TransactionEvent", ended))["totalCost"] == 6.0
        [kept] = [
            item
            for item in await v21.api.items(f"/stations/{v21.identity}/cost-details")
            if item["transaction_id"] == transaction_id
        ]
        assert (kept["status"], kept["ours"], kept["details"]["total_usage"]["energy"]) == (state, "6.00", 10000)
        shown = (await v21.transactions())[-1]
        assert ("cost-differs" in shown["flags"]) is (state == "differs")


@new("TC_C_18_2_V21", "A VAT number is checked by its form, and no more is claimed")
async def test_tc_c_18_2_v21_vat_number(v21: Station) -> None:
    answer = await v21.call("VatNumberValidation", {"vatNumber": "DE123456789", "evseId": 1})
    assert (answer["status"], answer["evseId"], answer["vatNumber"]) == ("Accepted", 1, "DE123456789")
    assert answer["statusInfo"]["reasonCode"] == "FormatChecked"
    assert (await v21.call("VatNumberValidation", {"vatNumber": "DE12"}))["status"] == "Rejected"


@new("TC_C_21_1_V21", "Settlements at the terminal are kept once, with a session and without one")
async def test_tc_c_21_1_v21_settlement(v21: Station) -> None:
    await v21.call("TransactionEvent", event("Started", "tx-1", 0, energy_wh=0))
    settled = {"pspRef": "PSP-1", "status": "Settled", "settlementAmount": 12.5, "settlementTime": instant()}
    for _ in range(2):
        assert await v21.call("NotifySettlement", settled | {"transactionId": "tx-1", "receiptId": "R-1"}) == {}
    canceled = {"pspRef": "PSP-2", "status": "Canceled", "settlementAmount": 0, "settlementTime": instant()}
    assert await v21.call("NotifySettlement", canceled) == {}
    found = await v21.api.items("/settlements", station_id=v21.identity)
    assert {(item["psp_ref"], item["status"], item["amount"]) for item in found} == {
        ("PSP-1", "settled", "12.5"),
        ("PSP-2", "canceled", "0"),
    }


@new("TC_C_25_2_V21", "The station hears that a driver pays on the web")
async def test_tc_c_25_2_v21_web_payment(v21: Station) -> None:
    wanted = {"evse_id": 1, "timeout_s": 90}
    done = await v21.command("notify-web-payment-started", wanted, {"NotifyWebPaymentStarted": {}})
    assert done.call.payload == {"evseId": 1, "timeout": 90}
    assert done.record["state"] == "effect_seen"
