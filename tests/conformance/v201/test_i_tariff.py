"""OCPP 2.0.1, block I: tariff and cost."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from support.api import Api
from support.payloads import event

official = partial(case, version="2.0.1")
PRICE = {"enabled": True, "currency": "EUR", "energy_per_kwh": "0.50", "tax_percent": "20", "running_cost": "answer"}


@pytest.fixture
async def priced(api: Api) -> AsyncIterator[Api]:
    """Sessions have a price; afterwards again none."""
    await api.put("/settings/pricing", **PRICE)
    yield api
    await api.delete("/settings/pricing")


@official("TC_I_01_CSMS", "While a session runs, the cost so far is told with its readings")
@pytest.mark.parametrize("way", ["answer", "cost-updated"])
async def test_tc_i_01_csms_running_cost(v201: Station, tokens: Tokens, priced: Api, way: str) -> None:
    await priced.put("/settings/pricing", running_cost=way)
    token = await tokens.make()
    verdict = await v201.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
    assert verdict["idTokenInfo"]["status"] == "Accepted"
    started = await v201.call("TransactionEvent", event("Started", "tx-1", 0, token=token, energy_wh=1000))
    assert started["idTokenInfo"]["status"] == "Accepted"
    v201.answers["CostUpdated"] = {}
    answer = await v201.call("TransactionEvent", event("Updated", "tx-1", 1, energy_wh=3000))
    if way == "answer":
        assert answer["totalCost"] == 1.2
        assert (await v201.call("TransactionEvent", event("Updated", "tx-1", 2, energy_wh=5000)))["totalCost"] == 2.4
    else:
        assert "totalCost" not in answer
        call = await v201.peer.next_call()
        assert (call.action, call.payload) == ("CostUpdated", {"totalCost": 1.2, "transactionId": "tx-1"})
        [record] = await v201.commands()
        assert (record["name"], record["requested_by"].startswith("rule")) == ("cost-updated", True)
    shown = await v201.api.until("/transactions", lambda page: page["items"][0]["cost"], station_id=v201.identity)
    assert (shown["items"][0]["currency"], shown["items"][0]["active"]) == ("EUR", True)


@official("TC_I_02_CSMS", "The answer to a session's end holds what it came to")
async def test_tc_i_02_csms_total_cost(v201: Station, tokens: Tokens, priced: Api) -> None:
    token = await tokens.make()
    await v201.call("TransactionEvent", event("Started", "tx-1", 0, token=token, energy_wh=1000))
    ended = event("Ended", "tx-1", 1, energy_wh=11000, trigger="EVCommunicationLost")
    ended["transactionInfo"] |= {"chargingState": "Idle", "stoppedReason": "EVDisconnected"}
    assert (await v201.call("TransactionEvent", ended))["totalCost"] == 6.0
    shown = await v201.transaction()
    assert (shown["active"], shown["cost"], shown["currency"]) == (False, 6.0, "EUR")
