import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.commands import DataTransfer, GetReport
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.tariff import CostUpdated
from voltherd.services.settings import Pricing

VENDOR = "org.openchargealliance.costmsg"


async def price(desk: Desk, *, station_takes_it: bool = True, **changes: object) -> None:
    fields = {"enabled": True, "energy_per_kwh": "0.35", "tax_percent": "19"} | changes
    await desk.services.tariffs._settings.change(Pricing, fields, who="test")
    key = {"key": "CustomDisplayCostAndPrice", "readonly": True, "value": str(station_takes_it).lower()}
    desk.answer("GetConfiguration", {"configurationKey": [key], "unknownKey": []})
    await desk.perform(GetReport())


async def start(desk: Desk) -> int:
    begun = {"connectorId": 1, "idTag": "CARD", "meterStart": 1000, "timestamp": at(0)}
    answer = await desk.receive("StartTransaction", begun)
    return int(answer["transactionId"])


def reading(number: int, wh: int, seconds: float) -> Payload:
    value = {"timestamp": at(seconds), "sampledValue": [{"value": str(wh)}]}
    return {"connectorId": 1, "transactionId": number, "meterValue": [value]}


def stop(number: int) -> Payload:
    return {"transactionId": number, "meterStop": 11000, "timestamp": at(3600)}


def wanted(desk: Desk) -> list[object]:
    return [item.command for item in desk.work.follow_ups or []]


async def test_the_cost_of_a_session_is_on_its_record(v16: Desk) -> None:
    await price(v16, station_takes_it=False)
    number = await start(v16)
    v16.now_ms += 3_600_000
    await v16.receive("MeterValues", reading(number, 3000, 600))
    assert (await v16.transaction()).cost == 0.83
    await v16.receive("StopTransaction", stop(number))
    transaction = await v16.transaction()
    assert (transaction.cost, transaction.currency) == (4.17, "EUR")


async def test_a_station_that_takes_no_price_is_told_nothing(v16: Desk) -> None:
    await v16.token("CARD")
    await price(v16, station_takes_it=False)
    await v16.receive("Authorize", {"idTag": "CARD"})
    assert wanted(v16) == []
    number = await start(v16)
    await v16.receive("StopTransaction", stop(number))
    assert wanted(v16) == []


async def test_i01_the_price_is_told_to_a_driver_who_is_accepted(v16: Desk) -> None:
    await v16.token("CARD")
    await price(v16)
    await v16.receive("Authorize", {"idTag": "CARD"})
    data = {"idToken": "CARD", "priceText": "0.4165 EUR/kWh"}
    assert wanted(v16) == [DataTransfer(vendor_id=VENDOR, message_id="SetUserPrice", data=data)]
    await v16.receive("Authorize", {"idTag": "OTHER"})
    assert wanted(v16) == []


async def test_i02_the_cost_so_far_is_told_once_per_interval(v16: Desk) -> None:
    await price(v16)
    number = await start(v16)
    v16.now_ms += 600_000
    await v16.receive("MeterValues", reading(number, 3000, 600))
    assert wanted(v16) == [CostUpdated(transaction_id=str(number), total_cost="0.83")]
    v16.now_ms += 30_000
    await v16.receive("MeterValues", reading(number, 3100, 630))
    assert wanted(v16) == []
    v16.now_ms += 30_000
    await v16.receive("MeterValues", reading(number, 3200, 660))
    assert len(wanted(v16)) == 1


async def test_i02_the_cost_so_far_goes_out_as_vendor_data_with_the_prices(v16: Desk) -> None:
    await price(v16, per_minute="0.01", per_session="1", tax_percent="0")
    number = await start(v16)
    v16.now_ms += 600_000
    await v16.receive("MeterValues", reading(number, 3000, 600))
    v16.answer("DataTransfer", {"status": "Accepted"}, {"status": "UnknownVendorId"})
    assert (await v16.perform(CostUpdated(transaction_id=str(number)))).accepted
    action, sent = v16.sent[-1]
    assert (action, sent["vendorId"], sent["messageId"]) == ("DataTransfer", VENDOR, "RunningCost")
    assert msgspec.json.decode(sent["data"]) == {
        "transactionId": number,
        "timestamp": at(600),
        "meterValue": 3000,
        "cost": 1.8,
        "state": "Charging",
        "chargingPrice": {"kWhPrice": 0.35, "hourPrice": 0.6, "flatFee": 1.0},
        "idlePrice": {"hourPrice": 0.6},
    }
    assert (await v16.perform(CostUpdated(transaction_id=str(number), total_cost="2"))).status == "UnknownVendorId"


async def test_i02_a_session_without_a_price_needs_an_amount(v16: Desk) -> None:
    number = await start(v16)
    with pytest.raises(PayloadInvalid, match="no price of ours"):
        await v16.perform(CostUpdated(transaction_id=str(number)))


async def test_i03_the_total_cost_is_told_once(v16: Desk) -> None:
    await price(v16)
    number = await start(v16)
    v16.now_ms += 3_600_000
    await v16.receive("StopTransaction", stop(number))
    data = {"transactionId": number, "cost": 4.17, "priceText": "4.17 EUR"}
    told = DataTransfer(vendor_id=VENDOR, message_id="FinalCost", data=data)
    assert wanted(v16) == [told]
    v16.answer("DataTransfer", {"status": "Accepted"})
    assert (await v16.perform(told)).accepted
    [(_, sent)] = [item for item in v16.sent if item[0] == "DataTransfer"]
    assert msgspec.json.decode(sent["data"]) == data
    v16.now_ms += 1000
    await v16.receive("StopTransaction", stop(number))
    assert wanted(v16) == []
