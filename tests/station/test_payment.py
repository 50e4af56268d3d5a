"""Paying over a QR code and by a terminal (OCPP 2.1 C20 to C25)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from support.station_line import GOOD, V21, V201, Line
from voltherd.domain import web_payment
from voltherd.station import EvseConfig
from voltherd.station.payment import Company, Receipt, Settlement

TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
SECRET = "a shared secret"


def put(line, variable, value):
    data = {
        "component": {"name": "WebPaymentsCtrlr"},
        "variable": {"name": variable},
        "attributeValue": value,
    }
    return line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"]


@pytest.fixture
def line():
    line = Line(V21, evses=(EvseConfig(), EvseConfig()))
    line.connect()
    for variable, value in (("Enabled", "true"), ("URLTemplate", TEMPLATE), ("SharedSecret", SECRET)):
        assert put(line, variable, value) == "Accepted"
    line.heard.clear()
    return line


def test_c25_fr_01_fr_07_the_csms_can_read_and_check_the_address(line):
    line.wait(1000.0)
    scanned = web_payment.read_address(TEMPLATE, line.core.payments.url(2))
    assert (scanned.station_id, scanned.evse_id, scanned.version) == ("CS-1", 2, "v1")
    at_s = int(line.core.clock.wall(line.now).timestamp())
    assert web_payment.is_valid(scanned.totp, SECRET, at_s, validity_s=30, length=8)
    assert not web_payment.is_valid(scanned.totp, "another", at_s, validity_s=30, length=8)


def test_the_password_changes_with_time(line):
    before = line.core.payments.url(1)
    line.wait(31.0)
    assert line.core.payments.url(1) != before


def test_c25_fr_56_to_fr_58_limits_of_the_driver_are_in_the_address(line):
    url = line.core.payments.url(1, max_time_s=3600, max_energy_wh=5000, max_cost=12.5)
    assert parse_qs(urlsplit(url).query) == {"maxtime": ["3600"], "maxenergy": ["5000"], "maxcost": ["12.5"]}


def test_c25_without_the_function_there_is_no_address(line):
    put(line, "Enabled", "false")
    assert line.core.payments.url(1) is None


@pytest.mark.parametrize("template", ["https://x/{evse}", "https://x/{totp}/{version}", "https://x/{totp}/{nonsense}"])
def test_c25_fr_50_a_template_must_name_password_version_and_station(line, template):
    assert put(line, "URLTemplate", template) == "Rejected"


def test_the_secret_cannot_be_read(line):
    asked = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "SharedSecret"}}
    answer = line.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
    assert answer["attributeStatus"] == "Rejected"


def presented(line, evse_id):
    decided = []
    line.present(GOOD, evse_id, decided.append)
    return decided


def test_c25_fr_22_while_somebody_pays_nobody_else_begins_there(line):
    assert line.ask("NotifyWebPaymentStarted", {"evseId": 1, "timeout": 60}) == {}
    assert "Payment started" in [one.text for one in line.core.display.shown(1)]
    assert presented(line, 1) == [False]
    assert presented(line, 2) == [True]
    line.wait(61.0)
    assert line.core.display.shown(1) == ()
    assert presented(line, 1) == [True]


def test_c25_fr_22_a_remote_start_is_what_the_evse_is_kept_for(line):
    line.ask("NotifyWebPaymentStarted", {"evseId": 1, "timeout": 60})
    token = {"idToken": "PSP-1", "type": "DirectPayment"}
    wanted = {"idToken": token, "remoteStartId": 1, "evseId": 1}
    assert line.ask("RequestStartTransaction", wanted)["status"] == "Accepted"
    line.plug()
    assert line.core.evses[1].transaction is not None
    assert not line.core.payments.is_kept(line.core.evses[1])


def test_c25_evse_0_means_the_whole_station(line):
    line.ask("NotifyWebPaymentStarted", {"evseId": 0, "timeout": 60})
    assert presented(line, 1) == presented(line, 2) == [False]


def test_c21_fr_02_fr_03_a_settlement_is_told_and_the_receipt_comes_back(line):
    line.replies["NotifySettlement"] = {"receiptUrl": "https://r/1", "receiptId": "1"}
    heard = []
    company = Company(name="Acme", address1="Street 1", city="Town", country="NL")
    paid = Settlement(reference="PSP-1", status="Settled", amount=12.5, settled_at=line.core.clock.text(line.now),
                      transaction_id="T", vat_number="NL1", company=company)  # fmt: skip
    line.core.payments.settled(paid, lambda receipt, error: heard.append(receipt))
    line.pump()
    (told,) = line.of("NotifySettlement")
    assert (told["pspRef"], told["status"], told["settlementAmount"]) == ("PSP-1", "Settled", 12.5)
    assert told["vatCompany"] == {"name": "Acme", "address1": "Street 1", "city": "Town", "country": "NL"}
    assert heard == [Receipt("https://r/1", "1")]


def test_a_settlement_waits_for_the_line(line):
    line.lose()
    paid = Settlement(reference="PSP-1", status="Failed", amount=0.0, settled_at=line.core.clock.text(line.now))
    line.core.payments.settled(paid)
    line.connect()
    assert [one["status"] for one in line.of("NotifySettlement")] == ["Failed"]


def test_the_csms_knows_companies_by_their_vat_number(line):
    address = {"name": "Acme", "address1": "Street 1", "city": "Town", "country": "NL", "postalCode": "1234"}
    heard = []
    line.replies["VatNumberValidation"] = {"vatNumber": "NL1", "status": "Accepted", "company": address}
    line.core.payments.whose_number("NL1", lambda company, error: heard.append(company), 2)
    line.pump()
    line.replies["VatNumberValidation"] = {"vatNumber": "XX", "status": "Rejected"}
    line.core.payments.whose_number("XX", lambda company, error: heard.append(company))
    line.pump()
    assert line.of("VatNumberValidation") == [{"vatNumber": "NL1", "evseId": 2}, {"vatNumber": "XX"}]
    assert heard == [Company(name="Acme", address1="Street 1", city="Town", country="NL", postal_code="1234"), None]


def test_2_0_1_knows_no_payments():
    line = Line(V201)
    line.connect()
    paid = Settlement(reference="PSP-1", status="Settled", amount=1.0, settled_at=line.core.clock.text(line.now))
    line.core.payments.settled(paid)
    line.pump()
    assert line.of("NotifySettlement") == []
    assert put(line, "Enabled", "true") == "UnknownComponent"
