"""Vendor data in OCPP 1.6, and Plug and Charge over it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload
from support.pki import Ca, pem, request
from support.web_service import WebService, web_service
from voltherd.domain.certificate import (
    CertificateSigned,
    Csr,
    DeleteCertificate,
    GetInstalledCertificateIds,
    HashData,
    InstallCertificate,
    StationCertificate,
)
from voltherd.domain.commands import DataTransfer, Outcome, Trigger
from voltherd.domain.data_transfer import VendorData
from voltherd.domain.errors import PayloadInvalid
from voltherd.services.data_transfer import Desk as Place
from voltherd.services.data_transfer import Extensions
from voltherd.services.settings import Iso15118

PNC = "org.openchargealliance.iso15118pnc"


async def pnc(desk: Desk, message: str, data: Payload) -> Any:
    """Send a message of Plug and Charge; gives the message in the answer."""
    answer = await desk.receive("DataTransfer", {"vendorId": PNC, "messageId": message, "data": json.dumps(data)})
    assert answer["status"] == "Accepted", answer
    return json.loads(answer["data"])


def taking(desk: Desk, **answer: Any) -> None:
    desk.answer("DataTransfer", {"status": "Accepted", "data": json.dumps(answer)})


def sent(desk: Desk) -> tuple[str, Any]:
    action, call = desk.sent[-1]
    assert (action, call["vendorId"]) == ("DataTransfer", PNC)
    return call["messageId"], json.loads(call["data"])


def on_wire(data: HashData) -> Payload:
    return {
        "hashAlgorithm": data.hash_algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


@pytest.fixture
def ca() -> Ca:
    return Ca(now=datetime.fromtimestamp(NOON_MS / 1000, UTC))


@pytest.fixture
def responder(ca: Ca) -> Iterator[WebService]:
    with web_service(ca.respond) as service:
        yield service


async def allow(desk: Desk, **fields: Any) -> None:
    settings = desk.services.certificates.statuses._settings
    await settings.put(Iso15118(ocsp_responders=("127.0.0.1",), **fields), who="test")


async def test_data_for_an_unknown_vendor_is_never_accepted(v16: Desk) -> None:
    assert await v16.receive("DataTransfer", {"vendorId": "x", "data": "1"}) == {"status": "UnknownVendorId"}
    assert await v16.receive("DataTransfer", {"vendorId": PNC, "messageId": "x"}) == {"status": "UnknownMessageId"}
    [first, second] = (await v16.held(VendorData)).values()
    assert (first.state, first.data, second.state) == ("UnknownVendorId", "1", "UnknownMessageId")


async def test_data_goes_to_whoever_registered_for_it_as_text(v16: Desk) -> None:
    known = v16.services.data_transfer.extensions = Extensions()

    @known.from_station("acme", "echo")
    def echo(place: Place, data: str) -> list[str]:
        return [data]

    asked = {"vendorId": "acme", "messageId": "echo", "data": "hi"}
    assert await v16.receive("DataTransfer", asked) == {"status": "Accepted", "data": '["hi"]'}


async def test_data_that_is_not_valid_is_rejected_with_words(v16: Desk) -> None:
    for data in ({"data": "{"}, {"data": '{"csr": 5}'}, {}):
        answer = await v16.receive("DataTransfer", {"vendorId": PNC, "messageId": "SignCertificate", **data})
        assert (answer["status"], "not valid" in answer["data"]) == ("Rejected", True)


# -- Plug and Charge ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["DE8AA1A2B3C4D5", {"idToken": "DE8AA1A2B3C4D5", "type": "eMAID"}])
async def test_pnc_a_contract_is_judged_with_its_certificate(
    v16: Desk, ca: Ca, responder: WebService, written: Any
) -> None:
    await allow(v16)
    await v16.token("DE8AA1A2B3C4D5", type="eMAID", status="accepted")
    good, revoked = ca.issue("good"), ca.issue("revoked")
    ca.revoke(revoked)

    async def judged(certificate: Any) -> Any:
        hashes = {**on_wire(ca.hash_data(certificate)), "responderURL": responder.url}
        return await pnc(v16, "Authorize", {"idToken": written, "iso15118CertificateHashData": [hashes]})

    assert await judged(good) == {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "Accepted"}
    assert await judged(revoked) == {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "CertificateRevoked"}


async def test_pnc_a_contract_that_nobody_knows_does_not_charge(v16: Desk) -> None:
    assert (await pnc(v16, "Authorize", {"idToken": "DE8AA000000000"}))["idTokenInfo"]["status"] in (
        "Unknown",
        "Invalid",
    )


async def test_pnc_a_v2g_certificate_is_asked_for_and_delivered_by_the_extension(v16: Desk, ca: Ca) -> None:
    csr, _ = request("CS-1")
    assert await pnc(v16, "SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    [kept] = (await v16.held(Csr)).values()
    assert (kept.certificate_type, kept.state) == ("V2GCertificate", "pending")
    taking(v16, status="Accepted")
    chain = ca.sign(csr)
    found = await v16.perform(CertificateSigned(certificate_chain=chain, certificate_type="V2GCertificate"))
    assert sent(v16) == ("CertificateSigned", {"certificateChain": chain, "certificateType": "V2GCertificate"})
    [kept] = (await v16.held(Csr)).values()
    assert (found.status, kept.state) == ("Accepted", "sent")


async def test_pnc_a_v2g_certificate_is_triggered_by_the_extension(v16: Desk) -> None:
    command = Trigger(message="SignV2GCertificate")
    record = v16.open_command(command)
    taking(v16, status="Accepted")
    assert (await v16.perform(command)).accepted
    assert sent(v16) == ("TriggerMessage", {"requestedMessage": "SignV2GCertificate"})
    await pnc(v16, "SignCertificate", {"csr": request("CS-1")[0]})
    assert (record.state, record.effect) == ("effect_seen", "SignCertificate came")


async def test_pnc_what_is_no_request_is_rejected_inside(v16: Desk) -> None:
    assert await pnc(v16, "SignCertificate", {"csr": "0"}) == {"status": "Rejected"}


async def test_pnc_the_responder_is_asked(v16: Desk, ca: Ca, responder: WebService) -> None:
    await allow(v16)
    asked = {**on_wire(ca.hash_data(ca.issue("contract"))), "responderURL": responder.url}
    answer = await pnc(v16, "GetCertificateStatus", {"ocspRequestData": asked})
    assert (answer["status"], len(answer["ocspResult"]) > 100) == ("Accepted", True)
    gone = {**asked, "responderURL": "http://127.0.0.1:9/"}
    assert await pnc(v16, "GetCertificateStatus", {"ocspRequestData": gone}) == {"status": "Failed"}


async def test_pnc_a_vehicles_request_is_passed_on(v16: Desk) -> None:
    wanted = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "gJgC"}
    assert await pnc(v16, "Get15118EVCertificate", wanted) == {"status": "Failed", "exiResponse": ""}
    with web_service(lambda _: (200, b'{"exiResponse": "gJgD"}')) as service:
        await allow(v16, provisioning_service_url=service.url)
        assert await pnc(v16, "Get15118EVCertificate", wanted) == {"status": "Accepted", "exiResponse": "gJgD"}


async def test_pnc_roots_for_vehicles_are_installed_read_and_deleted_by_the_extension(v16: Desk, ca: Ca) -> None:
    taking(v16, status="Accepted")
    root, data = pem(ca.certificate), ca.hash_data(ca.certificate)
    await v16.perform(InstallCertificate(certificate_type="V2GRootCertificate", certificate=root))
    assert sent(v16) == ("InstallCertificate", {"certificateType": "V2GRootCertificate", "certificate": root})

    chain = {"certificateType": "V2GRootCertificate", "certificateHashData": on_wire(data)}
    taking(v16, status="Accepted", certificateHashDataChain=[chain])
    found = await v16.perform(GetInstalledCertificateIds(certificate_types=["V2GRootCertificate"]))
    assert sent(v16) == ("GetInstalledCertificateIds", {"certificateType": ["V2GRootCertificate"]})
    [kept] = (await v16.held(StationCertificate)).values()
    assert (found.accepted, kept.state, kept.subject) == (True, "installed", "CN=Test Root")

    taking(v16, status="Accepted")
    assert (await v16.perform(DeleteCertificate(certificate=data))).accepted
    assert sent(v16) == ("DeleteCertificate", {"certificateHashData": on_wire(data)})
    [kept] = (await v16.held(StationCertificate)).values()
    assert kept.state == "deleted"


@pytest.mark.parametrize(
    "answer", [{"status": "UnknownVendorId"}, {"status": "Accepted", "data": "nonsense"}, {"status": "Accepted"}]
)
async def test_pnc_a_station_that_does_not_know_it_is_told_truthfully(v16: Desk, ca: Ca, answer: Payload) -> None:
    v16.answer("DataTransfer", answer)
    command = InstallCertificate(certificate_type="MORootCertificate", certificate=pem(ca.certificate))
    found: Outcome = await v16.perform(command)
    assert not found.accepted
    assert await v16.held(StationCertificate) == {}


async def test_pnc_data_sent_by_hand_is_checked_too(v16: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="requestedMessage"):
        await v16.perform(DataTransfer(vendor_id=PNC, message_id="TriggerMessage", data={"message": "x"}))
    taking(v16, status="Accepted")
    wish = {"requestedMessage": "SignV2GCertificate"}
    assert (await v16.perform(DataTransfer(vendor_id=PNC, message_id="TriggerMessage", data=wish))).accepted
    assert sent(v16) == ("TriggerMessage", wish)
