"""OCPP 2.1, blocks A and M: what is new about certificates. The ids name the use case."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station
from support.api import Api
from support.pki import Ca, pem, request
from support.web_service import Answer, Request, web_service
from voltherd.domain.certificate import HashData

ours = partial(case, version="2.1")


@pytest.fixture
async def plug_and_charge(api: Api) -> AsyncIterator[Api]:
    """Lets the server ask services on this machine; afterwards its settings are as before."""
    await api.put("/settings/iso15118", ocsp_responders=["127.0.0.1"])
    yield api
    await api.delete("/settings/iso15118")


def on_wire(data: HashData) -> dict[str, Any]:
    return {
        "hashAlgorithm": data.hash_algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


@ours("TC_A_02_1_V21", "A chain that an operator hands in goes out with type and number of the station's request")
@pytest.mark.parametrize(("status", "shown"), [("Accepted", "sent"), ("Rejected", "refused")])
async def test_tc_a_02_1_v21_signed_by_an_operator(v21: Station, status: str, shown: str) -> None:
    trigger = {"message": "SignV2G20Certificate"}
    done = await v21.command("trigger", trigger, {"TriggerMessage": {"status": "Accepted"}})
    assert done.call.payload == {"requestedMessage": "SignV2G20Certificate"}
    csr, _ = request(v21.identity)
    ca = Ca()
    asked = {
        "csr": csr,
        "certificateType": "V2G20Certificate",
        "requestId": 17,
        "hashRootCertificate": on_wire(ca.hash_data(ca.certificate)),
    }
    assert await v21.call("SignCertificate", asked) == {"status": "Accepted"}
    await v21.become(done.record, "effect_seen")
    [kept] = await v21.documents("csrs")
    assert (kept["status"], kept["common_name"], kept["request_id"]) == ("pending", v21.identity, 17)
    v21.peer.taken_calls()
    v21.answers["CertificateSigned"] = {"status": status}
    chain = ca.sign(csr)
    record = await v21.api.post(f"/csrs/{kept['id']}/chain", {"certificate_chain": chain}, wait="true")
    [call] = v21.peer.taken_calls()
    assert call.payload == {"certificateChain": chain, "certificateType": "V2G20Certificate", "requestId": 17}
    assert record["answer"]["status"] == status
    assert (await v21.api.get(f"/csrs/{kept['id']}"))["status"] == shown


@ours("TC_M_07_1_V21", "The status of a chain is fetched from responders and revocation lists")
@pytest.mark.usefixtures("plug_and_charge")
async def test_tc_m_07_1_v21_status_of_a_chain(v21: Station) -> None:
    ca = Ca()
    good, revoked, unknown = ca.issue("good"), ca.issue("revoked"), ca.issue("unknown")
    ca.revoke(revoked)
    ca.known.discard(unknown.serial_number)

    def behave(request: Request) -> Answer:
        return (200, ca.revocation_list()) if request.path == "/list" else ca.respond(request)

    with web_service(behave) as service:
        asked = [
            {"certificateHashData": on_wire(ca.hash_data(certificate)), "source": source, "urls": [url]}
            for certificate, source, url in (
                (good, "OCSP", service.url),
                (unknown, "OCSP", service.url),
                (revoked, "CRL", f"{service.url}/list"),
                (good, "CRL", "http://127.0.0.1:9/gone"),
            )
        ]
        answer = await v21.call("GetCertificateChainStatus", {"certificateStatusRequests": asked})
    assert [item["status"] for item in answer["certificateStatus"]] == ["Good", "Unknown", "Revoked", "Failed"]
    assert [item["source"] for item in answer["certificateStatus"]] == ["OCSP", "OCSP", "CRL", "CRL"]


@ours("TC_M_01_1_V21", "A vehicle gets one of several contracts, and learns how many are left")
@pytest.mark.usefixtures("plug_and_charge")
async def test_tc_m_01_1_v21_several_contracts(v21: Station) -> None:
    asked = {
        "iso15118SchemaVersion": "urn:iso:std:iso:15118:-20:CommonMessages",
        "action": "Install",
        "exiRequest": "gJgC",
        "maximumContractCertificateChains": 3,
        "prioritizedEMAIDs": ["DE8AA1A2B3C4D5"],
    }
    with web_service(lambda _: (200, b'{"exiResponse": "gJgD", "remainingContracts": 2}')) as service:
        await v21.api.put("/settings/iso15118", provisioning_service_url=service.url)
        answer = await v21.call("Get15118EVCertificate", asked)
    assert answer == {"status": "Accepted", "exiResponse": "gJgD", "remainingContracts": 2}
    assert b'"prioritizedEMAIDs":["DE8AA1A2B3C4D5"]' in service.requests[0].body


@ours("TC_M_05_1_V21", "A root of vehicle makers is installed")
async def test_tc_m_05_1_v21_oem_root(v21: Station) -> None:
    wish = {"certificate_type": "OEMRootCertificate", "certificate": pem(Ca().certificate)}
    done = await v21.command("install-certificate", wish, {"InstallCertificate": {"status": "Accepted"}})
    assert (done.call.payload["certificateType"], done.record["state"]) == ("OEMRootCertificate", "effect_seen")
    [found] = await v21.documents("station-certificates")
    assert (found["certificate_type"], found["status"]) == ("OEMRootCertificate", "installed")
