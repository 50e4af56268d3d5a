"""Functional blocks A (certificates) and M in OCPP 2.0.1 and 2.1."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp

from support.desk import NOON_MS, Desk, Payload
from support.pki import Ca, pem, request
from support.web_service import Answer, Request, WebService, web_service
from voltherd.domain.certificate import (
    CertificateSigned,
    Csr,
    DeleteCertificate,
    GetInstalledCertificateIds,
    HashData,
    InstallCertificate,
    StationCertificate,
)
from voltherd.domain.errors import Invalid, PayloadInvalid
from voltherd.ocpp.version import OcppVersion
from voltherd.services.settings import Iso15118

ACCEPTED = {"status": "Accepted"}
NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)


@pytest.fixture
def ca() -> Ca:
    return Ca(now=NOON)


@pytest.fixture
def responder(ca: Ca) -> Iterator[WebService]:
    with web_service(ca.respond) as service:
        yield service


async def allow(desk: Desk, **fields: Any) -> None:
    """Let the server ask services on this machine."""
    settings = desk.services.certificates.statuses._settings
    await settings.put(Iso15118(ocsp_responders=("127.0.0.1",), **fields), who="test")


def on_wire(data: HashData) -> Payload:
    return {
        "hashAlgorithm": data.hash_algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


def asking(data: HashData, url: str) -> Payload:
    return {"ocspRequestData": {**on_wire(data), "responderURL": url}}


async def the_csr(desk: Desk) -> Csr:
    [found] = (await desk.held(Csr)).values()
    return found


# -- what is to be signed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"),
    [(ec.generate_private_key(ec.SECP384R1()), "EC secp384r1"), (rsa.generate_private_key(65537, 2048), "RSA 2048")],
)
async def test_a02_fr_11_a_request_for_a_certificate_is_read_and_kept(v2: Desk, key: Any, words: str) -> None:
    csr, _ = request("CS-1", key)
    answer = await v2.receive("SignCertificate", {"csr": csr, "certificateType": "V2GCertificate"})
    assert answer == ACCEPTED
    found = await the_csr(v2)
    assert (found.state, found.common_name, found.key_type, found.certificate_type) == (
        "pending", "CS-1", words, "V2GCertificate",
    )  # fmt: skip
    assert v2.state.station.flags == ()


async def test_a02_fr_12_what_is_no_request_is_rejected_kept_and_flagged(v2: Desk) -> None:
    answer = await v2.receive("SignCertificate", {"csr": "no request"})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidCSR")
    assert ((await the_csr(v2)).state, v2.state.station.flags) == ("rejected", ("invalid-csr",))


async def test_a_request_with_a_weak_key_is_rejected(v2: Desk) -> None:
    csr, _ = request("CS-1", rsa.generate_private_key(65537, 1024))
    assert (await v2.receive("SignCertificate", {"csr": csr}))["status"] == "Rejected"
    assert "1024 bits" in (await the_csr(v2)).reason


async def test_a_request_with_a_broken_signature_is_rejected(v2: Desk) -> None:
    der = bytearray(base64.b64decode("".join(request("CS-1")[0].splitlines()[1:-1])))
    der[-1] ^= 1
    csr = f"-----BEGIN CERTIFICATE REQUEST-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE REQUEST-----\n"
    assert (await v2.receive("SignCertificate", {"csr": csr}))["status"] == "Rejected"


async def test_a_request_in_the_name_of_another_station_is_taken_and_flagged(v2: Desk) -> None:
    csr, _ = request("CS-2")
    assert await v2.receive("SignCertificate", {"csr": csr}) == ACCEPTED
    assert v2.state.station.flags == ("csr-names-another-station",)


async def test_a02_fr_17_a_request_sent_again_is_the_same_request(v2: Desk) -> None:
    csr, _ = request("CS-1")
    for _ in range(3):
        await v2.receive("SignCertificate", {"csr": csr})
    assert (await the_csr(v2)).times_asked == 3


async def test_a02_fr_14_the_chain_goes_out_with_the_type_of_the_request(v2: Desk, ca: Ca) -> None:
    csr, _ = request("CS-1")
    numbered = {"requestId": 5} if v2.version is OcppVersion.V21 else {}
    await v2.receive("SignCertificate", {"csr": csr, "certificateType": "V2GCertificate", **numbered})
    chain = ca.sign(csr)
    v2.answer("CertificateSigned", ACCEPTED)
    await v2.perform(CertificateSigned(certificate_chain=chain, certificate_type="V2GCertificate", request_id=5))
    assert v2.sent == [
        ("CertificateSigned", {"certificateChain": chain, "certificateType": "V2GCertificate", **numbered})
    ]
    found = await the_csr(v2)
    assert (found.state, found.chain) == ("sent", chain)


async def test_a02_what_the_request_left_out_is_left_out(v2: Desk, ca: Ca) -> None:
    csr, _ = request("CS-1")
    await v2.receive("SignCertificate", {"csr": csr})
    v2.answer("CertificateSigned", {"status": "Rejected"})
    found = await v2.perform(CertificateSigned(certificate_chain=ca.sign(csr)))
    assert list(v2.sent[0][1]) == ["certificateChain"]
    assert (found.accepted, (await the_csr(v2)).state, (await the_csr(v2)).reason) == (False, "refused", "Rejected")


async def test_an_authority_signs_by_itself_after_the_answer(v2: Desk, ca: Ca) -> None:
    class Authority:
        async def sign(self, csr: Csr, identity: str) -> str:
            if csr.certificate_type == "V2GCertificate":
                raise Invalid("not for vehicles")
            return ca.sign(csr.csr)

    v2.services.certificates.use_authority(Authority())
    csr, _ = request("CS-1")
    await v2.receive("SignCertificate", {"csr": csr, "certificateType": "ChargingStationCertificate"})
    [wanted] = v2.work.follow_ups or []
    v2.answer("CertificateSigned", ACCEPTED)
    await v2.perform(wanted.command)
    assert v2.sent[0][1]["certificateType"] == "ChargingStationCertificate"
    assert (await the_csr(v2)).state == "sent"
    await v2.receive("SignCertificate", {"csr": request("CS-1")[0], "certificateType": "V2GCertificate"})
    with pytest.raises(PayloadInvalid, match="not for vehicles"):
        await v2.perform((v2.work.follow_ups or [])[0].command)


async def test_without_an_authority_a_chain_must_be_named(v2: Desk) -> None:
    await v2.receive("SignCertificate", {"csr": request("CS-1")[0]})
    assert v2.work.follow_ups is None
    with pytest.raises(PayloadInvalid, match="no certificate authority"):
        await v2.perform(CertificateSigned())


# -- what is installed --------------------------------------------------------------------------------------------


async def test_m05_a_root_is_installed_and_recorded(v2: Desk, ca: Ca) -> None:
    v2.answer("InstallCertificate", ACCEPTED)
    root = pem(ca.certificate)
    await v2.perform(InstallCertificate(certificate_type="V2GRootCertificate", certificate=root))
    assert v2.sent == [("InstallCertificate", {"certificateType": "V2GRootCertificate", "certificate": root})]
    [found] = (await v2.held(StationCertificate)).values()
    assert (found.state, found.subject, found.source) == ("installed", "CN=Test Root", "intended")
    assert found.hash_data == ca.hash_data(ca.certificate)


@pytest.mark.parametrize("status", ["Rejected", "Failed"])
async def test_m05_fr_03_a_root_that_is_refused_is_told_and_kept_as_such(v2: Desk, ca: Ca, status: str) -> None:
    v2.answer("InstallCertificate", {"status": status})
    command = InstallCertificate(certificate_type="MORootCertificate", certificate=pem(ca.certificate))
    found = await v2.perform(command)
    [kept] = (await v2.held(StationCertificate)).values()
    assert (found.status, kept.state, kept.reason) == (status, "rejected", status)


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA512"])
async def test_m03_a_report_is_recognised_whatever_its_algorithm(v2: Desk, ca: Ca, algorithm: Any) -> None:
    v2.answer("InstallCertificate", ACCEPTED)
    await v2.perform(InstallCertificate(certificate_type="CSMSRootCertificate", certificate=pem(ca.certificate)))
    data = ca.hash_data(ca.certificate, algorithm)
    chain = {"certificateType": "CSMSRootCertificate", "certificateHashData": on_wire(data)}
    v2.answer("GetInstalledCertificateIds", {**ACCEPTED, "certificateHashDataChain": [chain]})
    await v2.perform(GetInstalledCertificateIds(certificate_types=["CSMSRootCertificate"]))
    assert v2.sent[-1] == ("GetInstalledCertificateIds", {"certificateType": ["CSMSRootCertificate"]})
    [found] = (await v2.held(StationCertificate)).values()
    assert (found.state, found.hash_data, found.subject, found.source) == (
        "installed",
        data,
        "CN=Test Root",
        "intended",
    )


async def test_m03_fr_05_a_v2g_chain_is_kept_with_its_children(v2: Desk) -> None:
    leaf = HashData(issuer_name_hash="aa", issuer_key_hash="bb", serial_number="0C")
    child = HashData(issuer_name_hash="cc", issuer_key_hash="dd", serial_number="02")
    chain = {
        "certificateType": "V2GCertificateChain",
        "certificateHashData": on_wire(leaf),
        "childCertificateHashData": [on_wire(child)],
    }
    v2.answer("GetInstalledCertificateIds", {**ACCEPTED, "certificateHashDataChain": [chain]})
    await v2.perform(GetInstalledCertificateIds())
    assert v2.sent == [("GetInstalledCertificateIds", {})]
    [found] = (await v2.held(StationCertificate)).values()
    assert (found.children, found.source) == ([child], "reported")


async def test_m03_what_the_station_no_longer_reports_is_unknown(v2: Desk, ca: Ca) -> None:
    v2.answer("InstallCertificate", ACCEPTED)
    for use in ("CSMSRootCertificate", "V2GRootCertificate"):
        await v2.perform(InstallCertificate(certificate_type=use, certificate=pem(ca.certificate)))  # type: ignore[arg-type]
    v2.answer("GetInstalledCertificateIds", {"status": "NotFound"})
    found = await v2.perform(GetInstalledCertificateIds(certificate_types=["V2GRootCertificate"]))
    states = {item.certificate_type: item.state for item in (await v2.held(StationCertificate)).values()}
    assert (found.accepted, found.status) == (True, "NotFound")
    assert states == {"CSMSRootCertificate": "installed", "V2GRootCertificate": "unknown"}


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", "deleted"), ("NotFound", "deleted"), ("Failed", "installed")]
)
async def test_m04_a_certificate_is_deleted(v2: Desk, ca: Ca, status: str, state: str) -> None:
    v2.answer("InstallCertificate", ACCEPTED)
    await v2.perform(InstallCertificate(certificate_type="CSMSRootCertificate", certificate=pem(ca.certificate)))
    data = ca.hash_data(ca.certificate)
    v2.answer("DeleteCertificate", {"status": status})
    found = await v2.perform(DeleteCertificate(certificate=data))
    assert v2.sent[-1] == ("DeleteCertificate", {"certificateHashData": on_wire(data)})
    [kept] = (await v2.held(StationCertificate)).values()
    assert (found.accepted, kept.state) == (status == "Accepted", state)


# -- what responders say ------------------------------------------------------------------------------------------


async def test_m06_the_responder_is_asked_and_its_answer_handed_on(v2: Desk, ca: Ca, responder: WebService) -> None:
    await allow(v2)
    certificate = ca.issue("contract")
    answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(certificate), responder.url))
    assert answer["status"] == "Accepted"
    told = ocsp.load_der_ocsp_response(base64.b64decode(answer["ocspResult"]))
    assert (told.certificate_status, told.serial_number) == (ocsp.OCSPCertStatus.GOOD, certificate.serial_number)
    [request] = responder.requests
    assert (request.method, request.headers["content-type"]) == ("POST", "application/ocsp-request")


async def test_an_answer_is_remembered_for_the_next_station(v2: Desk, ca: Ca, responder: WebService) -> None:
    await allow(v2)
    asked = asking(ca.hash_data(ca.issue("contract")), responder.url)
    assert await v2.receive("GetCertificateStatus", asked) == await v2.receive("GetCertificateStatus", asked)
    assert len(responder.requests) == 1


def refusing(_: Request) -> Answer:
    return 500, b""


def talking_nonsense(_: Request) -> Answer:
    return 200, b"good day"


def slow(_: Request) -> Answer:
    time.sleep(0.5)
    return 200, b""


def unauthorised(_: Request) -> Answer:
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    from cryptography.hazmat.primitives.serialization import Encoding

    return 200, response.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (refusing, "HTTP status 500"),
        (talking_nonsense, "cannot be read"),
        (slow, "did not answer within"),
        (unauthorised, "UNAUTHORIZED"),
    ],
)
async def test_m06_fr_04_without_an_answer_the_status_is_failed(v2: Desk, ca: Ca, behaviour: Any, words: str) -> None:
    await allow(v2, ocsp_timeout_s=0.2)
    with web_service(behaviour) as service:
        answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), service.url))
    assert answer["status"] == "Failed"
    assert words in answer["statusInfo"]["additionalInfo"]
    assert "ocspResult" not in answer


async def test_an_answer_that_another_signed_is_no_answer(v2: Desk, ca: Ca) -> None:
    await allow(v2)
    forger = Ca(now=NOON)
    forger.known = ca.known
    with web_service(forger.respond) as service:
        answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), service.url))
    assert answer["status"] == "Failed"
    assert "does not speak for" in answer["statusInfo"]["additionalInfo"]


async def test_an_answer_that_was_changed_on_its_way_is_no_answer(v2: Desk, ca: Ca) -> None:
    await allow(v2)

    def changed(request: Request) -> Answer:
        status, honest = ca.respond(request)
        year = b"20260106"  # of the next update
        assert honest.count(year) == 1
        return status, honest.replace(year, b"20270106")

    with web_service(changed) as service:
        answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), service.url))
    assert "not signed by the responder" in answer["statusInfo"]["additionalInfo"]


async def test_a_responder_that_the_issuer_lets_speak_for_it_is_believed(v2: Desk, ca: Ca) -> None:
    await allow(v2)
    with web_service(ca.delegate().respond) as service:
        answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), service.url))
    assert answer["status"] == "Accepted"


async def test_an_answer_for_another_certificate_is_no_answer(v2: Desk, ca: Ca) -> None:
    await allow(v2)
    other = Ca(now=NOON)
    _, body = other.respond(Request("POST", "/", {}, _request(other)))
    with web_service(lambda _: (200, body)) as service:
        answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), service.url))
    assert "another certificate" in answer["statusInfo"]["additionalInfo"]


def _request(ca: Ca) -> bytes:
    from voltherd.domain.certificate_reading import ocsp_request

    return ocsp_request(ca.hash_data(ca.issue("other")))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost/", "http://10.0.0.1/", "ftp://a.example/", "http://[::1]/"]
)
async def test_a_station_cannot_make_the_server_ask_within_its_own_network(v2: Desk, ca: Ca, url: str) -> None:
    answer = await v2.receive("GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), url))
    assert answer["status"] == "Failed"


async def test_only_responders_that_are_named_are_asked(v2: Desk, ca: Ca) -> None:
    await allow(v2)
    answer = await v2.receive(
        "GetCertificateStatus", asking(ca.hash_data(ca.issue("contract")), "http://ocsp.example/")
    )
    assert "not among the responders" in answer["statusInfo"]["additionalInfo"]


async def test_m06_hashes_that_are_none_are_answered_with_failed(v2: Desk, responder: WebService) -> None:
    await allow(v2)
    data = HashData(issuer_name_hash="xyz", issuer_key_hash="", serial_number="12")
    answer = await v2.receive("GetCertificateStatus", asking(data, responder.url))
    assert answer["status"] == "Failed"
    assert responder.requests == []


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
async def test_m07_each_certificate_of_a_chain_is_looked_up_where_the_station_says(v2: Desk, ca: Ca) -> None:
    await allow(v2)
    good, revoked, listed = ca.issue("good"), ca.issue("revoked"), ca.issue("listed")
    ca.revoke(revoked)
    ca.revoke(listed)

    def behave(request: Request) -> Answer:
        return (200, ca.revocation_list()) if request.path == "/list" else ca.respond(request)

    def wanted(certificate: Any, source: str, *urls: str) -> Payload:
        return {"certificateHashData": on_wire(ca.hash_data(certificate)), "source": source, "urls": list(urls)}

    with web_service(behave) as service:
        asked = [
            wanted(good, "OCSP", "http://127.0.0.1:9/gone", service.url),
            wanted(revoked, "OCSP", service.url),
            wanted(listed, "CRL", f"{service.url}/list"),
            wanted(good, "CRL", "http://127.0.0.1:9/gone"),
        ]
        answer = await v2.receive("GetCertificateChainStatus", {"certificateStatusRequests": asked})
    found = answer["certificateStatus"]
    assert [item["status"] for item in found] == ["Good", "Revoked", "Revoked", "Failed"]
    assert found[0]["nextUpdate"] == "2026-01-06T12:00:00.000Z"
    assert found[0]["certificateHashData"] == on_wire(ca.hash_data(good))


# -- contract certificates ----------------------------------------------------------------------------------------

EV: Payload = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "gJgC"}


@pytest.mark.parametrize("action", ["Install", "Update"])
async def test_m01_m02_an_evs_request_is_passed_on_and_the_answer_back(v2: Desk, action: str) -> None:
    with web_service(lambda _: (200, b'{"exiResponse": "gJgD", "remainingContracts": 2}')) as service:
        await allow(v2, provisioning_service_url=f"{service.url}/v2")
        more = (
            {"maximumContractCertificateChains": 3, "prioritizedEMAIDs": ["DE1"]}
            if v2.version is OcppVersion.V21
            else {}
        )
        answer = await v2.receive("Get15118EVCertificate", {**EV, "action": action, **more})
    left = {"remainingContracts": 2} if v2.version is OcppVersion.V21 else {}
    assert answer == {"status": "Accepted", "exiResponse": "gJgD", **left}
    [request] = service.requests
    assert request.path == "/v2"
    assert msgspec.json.decode(request.body) == {"stationId": "CS-1", **EV, "action": action, **more}


async def test_m01_each_request_is_asked_anew(v2: Desk) -> None:
    with web_service(lambda _: (200, b'{"exiResponse": "gJgD"}')) as service:
        await allow(v2, provisioning_service_url=service.url)
        for _ in range(2):
            await v2.receive("Get15118EVCertificate", EV)
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (503, b""),
        (200, b"no json"),
        (200, b"{}"),
        (200, b'{"status": "Failed", "exiResponse": "gJgE"}'),
        (200, b'{"exiResponse":"' + b"g" * 17_001 + b'"}'),
    ],
)
async def test_m01_what_is_no_certificate_is_failed(v2: Desk, answer: Answer) -> None:
    with web_service(lambda _: answer) as service:
        await allow(v2, provisioning_service_url=service.url)
        found = await v2.receive("Get15118EVCertificate", EV)
    assert found["status"] == "Failed"
    assert found["exiResponse"] == ("gJgE" if b"gJgE" in answer[1] else "")


async def test_m01_a_slow_service_is_given_up_in_time_for_the_ev(v2: Desk) -> None:
    with web_service(slow) as service:
        await allow(v2, provisioning_service_url=service.url, provisioning_timeout_s=0.1)
        began = time.monotonic()
        found = await v2.receive("Get15118EVCertificate", EV)
        assert time.monotonic() - began < 0.45
    assert found["status"] == "Failed"


async def test_m01_without_a_provisioning_service_it_is_failed(v2: Desk) -> None:
    found = await v2.receive("Get15118EVCertificate", EV)
    assert (found["status"], found["exiResponse"]) == ("Failed", "")
