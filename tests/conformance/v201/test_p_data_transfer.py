"""OCPP 2.0.1, block P: data transfer."""

from functools import partial

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import event, status_2x

official = partial(case, version="2.0.1")
CUSTOM = {"vendorId": "com.example", "colour": "green"}


@official("TC_P_02_CSMS", "Data of an unknown vendor, or an unknown message of a known one, is not accepted")
async def test_tc_p_02_csms_unknown(v201: Station) -> None:
    sent = {"vendorId": "com.example", "messageId": "hello", "data": {"a": [1]}}
    assert await v201.call("DataTransfer", sent) == {"status": "UnknownVendorId"}
    known = {"vendorId": "org.openchargealliance.iso15118pnc", "messageId": "hello"}
    assert await v201.call("DataTransfer", known) == {"status": "UnknownMessageId"}
    first, second = reversed(await v201.documents("data-transfers"))
    assert (first["status"], first["direction"], first["data"]) == ("UnknownVendorId", "in", '{"a":[1]}')
    assert second["status"] == "UnknownMessageId"


@official("TC_P_03_CSMS", "Custom data is taken on every level")
async def test_tc_p_03_csms_custom_data(v201: Station, tokens: Tokens) -> None:
    assert await v201.call("StatusNotification", {**status_2x("Available"), "customData": CUSTOM}) == {}
    assert (await v201.connector())["status"] == "Available"
    begin = event("Started", "tx-1", 0, token=await tokens.make(), info={"customData": CUSTOM}, customData=CUSTOM)
    assert (await v201.call("TransactionEvent", begin))["idTokenInfo"]["status"] == "Accepted"
    assert (await v201.transaction())["transaction_id"] == "tx-1"
