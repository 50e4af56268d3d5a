"""OCPP 2.1, block C: payments over a QR code, and what a payment terminal says."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import address_to_pay_at, terminal_asks_for_company, terminal_says
from conformance.stations.v2 import Session, configure, put
from voltherd.station.payment import Company, Receipt, Settlement

ours = partial(case, version="2.1")

TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
# What the authors of the algorithm publish for this secret, 12 characters, 30 s (OpenChargingCloud/DynamicQRCodes):
SECRET = "secure!Charging!"
INSTANT = "2024-05-23T00:23:05.000Z"
PASSWORDS = ("CN63y502maVh", "dI54vnA25m2h")
"""The password of that instant, and that of the next 30 s."""


async def _codes(csms: Csms) -> None:
    """Let the station show codes."""
    await configure(
        csms,
        WebPaymentsCtrlr__Length=12,
        WebPaymentsCtrlr__ValidityTime=30,
        WebPaymentsCtrlr__SharedSecret=SECRET,
        WebPaymentsCtrlr__URLTemplate=TEMPLATE,
        WebPaymentsCtrlr__Enabled=True,
    )


@ours("TC_C_25_1_V21", "The code at the station names it, the EVSE and the password of the moment, and what was chosen")
async def test_tc_c_25_1_v21_code(csms: Csms, station: Hand) -> None:
    assert address_to_pay_at(station) is None
    await _codes(csms)
    csms.will_answer("Heartbeat", {"currentTime": INSTANT})
    assert (await csms.call("TriggerMessage", requestedMessage="Heartbeat"))["status"] == "Accepted"
    await csms.expect("Heartbeat")
    await csms.settle()
    assert address_to_pay_at(station, 2) == f"https://pay.example/{station.config.identity}/2/{PASSWORDS[0]}/v1"
    address = address_to_pay_at(station, 1, max_time_s=3600, max_energy_wh=5000, max_cost=12.5)
    assert address is not None
    chosen = parse_qs(urlsplit(address).query)
    assert chosen == {"maxtime": ["3600"], "maxenergy": ["5000"], "maxcost": ["12.5"]}
    await station.pass_time(27)
    assert address_to_pay_at(station, 2) == f"https://pay.example/{station.config.identity}/2/{PASSWORDS[1]}/v1"


@ours(
    "TC_C_25_2_V21", "While somebody pays on the web nobody else begins there; what was paid for does, with its limit"
)
async def test_tc_c_25_2_v21_paid(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__AuthorizeRemoteStart=False, TxCtrlr__TxStartPoint="PowerPathClosed")
    session = Session(csms, station, token="PSP-REF-1", kind="DirectPayment")
    await session.plugged()
    assert (await csms.call("NotifyWebPaymentStarted", evseId=1, timeout=60)) == {}
    station.present("04A1B2C3D4")
    await station.pass_time(10)
    await csms.none("Authorize")
    await csms.none("TransactionEvent")
    limit = {"transactionLimit": {"maxCost": 10.0}}
    csms.will_answer("TransactionEvent", {"idTokenInfo": {"status": "Accepted"}} | limit)
    await session.remote_started()
    await session.energy()
    confirmed = await session.event(triggerReason="LimitSet", transactionInfo=limit)
    assert [event for event in session.events() if "transactionLimit" in event["transactionInfo"]] == [confirmed]


@ours("TC_C_25_3_V21", "An EVSE that somebody began to pay for is free again when the time is over")
async def test_tc_c_25_3_v21_not_paid(csms: Csms, station: Hand) -> None:
    assert (await csms.call("NotifyWebPaymentStarted", evseId=1, timeout=60)) == {}
    await station.pass_time(61)
    await Session(csms, station).charging()


@ours("TC_C_25_4_V21", "An address that would not lead back to the station is refused; the secret is told nobody")
@pytest.mark.parametrize(
    "template", ["https://x/{evse}/{totp}/{version}", "https://x/{chargingstationid}/{totp}", "https://x/"]
)
async def test_tc_c_25_4_v21_settings(csms: Csms, station: Hand, template: str) -> None:
    await _codes(csms)
    assert (await put(csms, "WebPaymentsCtrlr.URLTemplate", template))["attributeStatus"] == "Rejected"
    secret = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "SharedSecret"}}
    answer = await csms.call("GetVariables", getVariableData=[secret])
    assert answer["getVariableResult"][0]["attributeStatus"] == "Rejected"
    assert SECRET not in str(answer)


@ours("TC_C_18_2_V21", "Whose VAT number it is that the driver typed, the CSMS is asked")
async def test_tc_c_18_2_v21_vat_number(csms: Csms, station: Hand) -> None:
    address = {"name": "Acme", "address1": "Street 1", "city": "Town", "country": "NL"}
    csms.will_answer("VatNumberValidation", {"vatNumber": "NL1", "evseId": 2, "status": "Accepted", "company": address})
    found = terminal_asks_for_company(station, "NL1", 2)
    await csms.expect("VatNumberValidation", vatNumber="NL1", evseId=2)
    csms.will_answer("VatNumberValidation", {"vatNumber": "XX", "evseId": 2, "status": "Rejected"})
    found += terminal_asks_for_company(station, "XX", 2)
    await csms.expect("VatNumberValidation", vatNumber="XX", evseId=2)
    await csms.settle()
    assert found == [Company(**address)]


@ours("TC_C_21_2_V21", "What was settled at the terminal is told with who pays, and brings the receipt")
async def test_tc_c_21_2_v21_settled(csms: Csms, station: Hand) -> None:
    csms.answers["NotifySettlement"] = {"receiptId": "R-1", "receiptUrl": "https://pay.example/R-1"}
    session = Session(csms, station, token="PSP-REF-2", kind="DirectPayment")
    await session.charging()
    transaction_id = session.id
    await session.done()
    company = Company(name="Acme", address1="Street 1", city="Town", country="NL")
    receipts = terminal_says(
        station, _payment(station, "Settled", transaction_id=transaction_id, vat_number="NL1", company=company)
    )
    told = await csms.expect("NotifySettlement", pspRef="PSP-REF-2", status="Settled", settlementAmount=12.5)
    assert told["transactionId"] == transaction_id
    assert (told["vatNumber"], told["vatCompany"]["name"]) == ("NL1", "Acme")
    await csms.settle()
    assert receipts == [Receipt("https://pay.example/R-1", "R-1")]


@ours("TC_C_22_1_V21", "A settlement that is rejected or fails is told without a receipt, later where nobody listens")
@pytest.mark.parametrize("status", ["Rejected", "Failed"])
async def test_tc_c_22_1_v21_not_settled(csms: Csms, station: Hand, status: Any) -> None:
    session = Session(csms, station, token="PSP-REF-2", kind="DirectPayment")
    await session.charging()
    transaction_id = session.id
    await session.done()
    await station.cut_off()
    terminal_says(station, _payment(station, status, transaction_id=transaction_id))
    await station.back_online()
    told = await csms.expect("NotifySettlement", pspRef="PSP-REF-2", status=status, settlementAmount=12.5)
    assert told["transactionId"] == transaction_id
    assert not {"receiptId", "receiptUrl"} & told.payload.keys()


def _payment(station: Hand, status: Any, **more: Any) -> Settlement:
    return Settlement(reference="PSP-REF-2", status=status, amount=12.5, settled_at=station.time(), **more)
