"""OCPP 2.0.1, block M: certificates. Responders and services are asked on this machine."""

import base64
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from cryptography.x509 import ocsp

from conformance.cases import case
from conformance.station import Station
from support.api import Api
from support.pki import Ca, pem
from support.web_service import web_service
from voltherd.domain.certificate import HashData

official = partial(case, version="2.0.1")
ROOTS = ("CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate")
ALGORITHMS: Any = ("SHA256", "SHA384", "SHA512")


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


def named(data: HashData) -> dict[str, Any]:
    """A certificate as the API names it."""
    return {
        "hash_algorithm": data.hash_algorithm,
        "issuer_name_hash": data.issuer_name_hash,
        "issuer_key_hash": data.issuer_key_hash,
        "serial_number": data.serial_number,
    }


async def install(station: Station, ca: Ca, use: str, status: str = "Accepted") -> dict[str, Any]:
    """Install a root; gives the command's record."""
    root = pem(ca.certificate)
    wish = {"certificate_type": use, "certificate": root}
    done = await station.command("install-certificate", wish, {"InstallCertificate": {"status": status}})
    assert done.call.payload == {"certificateType": use, "certificate": root}
    return done.record


async def installed(station: Station) -> list[tuple[str, str]]:
    """Type and status of the certificates that the API shows."""
    found = await station.documents("station-certificates")
    return sorted((item["certificate_type"], item["status"]) for item in found)


async def ask(station: Station, types: list[str], *chains: dict[str, Any]) -> dict[str, Any]:
    """Let the station tell what is installed; gives the command's record."""
    answer: dict[str, Any] = {"status": "Accepted" if chains else "NotFound"}
    if chains:
        answer["certificateHashDataChain"] = list(chains)
    wish = {"certificate_types": types}
    done = await station.command("get-installed-certificate-ids", wish, {"GetInstalledCertificateIds": answer})
    assert done.call.payload == ({"certificateType": types} if types else {})
    assert (done.record["state"], done.record["answer"]["status"]) == ("effect_seen", answer["status"])
    return done.record


def chain_of(use: str, data: HashData, *children: HashData) -> dict[str, Any]:
    found: dict[str, Any] = {"certificateType": use, "certificateHashData": on_wire(data)}
    if children:
        found["childCertificateHashData"] = [on_wire(child) for child in children]
    return found


async def is_installed(station: Station, use: str) -> None:
    assert (await install(station, Ca(), use))["state"] == "effect_seen"
    assert await installed(station) == [(use, "installed")]


@official("TC_M_01_CSMS", "A root of central systems is installed")
async def test_tc_m_01_csms_install_csms_root(v201: Station) -> None:
    await is_installed(v201, "CSMSRootCertificate")


@official("TC_M_02_CSMS", "A root of manufacturers is installed")
async def test_tc_m_02_csms_install_manufacturer_root(v201: Station) -> None:
    await is_installed(v201, "ManufacturerRootCertificate")


@official("TC_M_03_CSMS", "A V2G root is installed")
async def test_tc_m_03_csms_install_v2g_root(v201: Station) -> None:
    await is_installed(v201, "V2GRootCertificate")


@official("TC_M_04_CSMS", "A root of mobility operators is installed")
async def test_tc_m_04_csms_install_mo_root(v201: Station) -> None:
    await is_installed(v201, "MORootCertificate")


@official("TC_M_05_CSMS", "A root cannot be installed")
async def test_tc_m_05_csms_install_failed(v201: Station) -> None:
    record = await install(v201, Ca(), "CSMSRootCertificate", "Failed")
    assert (record["state"], record["answer"]["status"]) == ("rejected", "Failed")
    assert await installed(v201) == [("CSMSRootCertificate", "rejected")]


async def tells(station: Station, use: str) -> None:
    """The station tells certificates of a type, by each algorithm."""
    ca = Ca()
    await install(station, ca, use)
    for algorithm in ALGORITHMS:
        await ask(station, [use], chain_of(use, ca.hash_data(ca.certificate, algorithm)))
        [found] = await station.documents("station-certificates")
        assert (found["hash_data"]["hash_algorithm"], found["status"]) == (algorithm, "installed")
        assert found["subject"] == "CN=Test Root"


@official("TC_M_12_CSMS", "A station tells its roots of central systems")
async def test_tc_m_12_csms_read_csms_roots(v201: Station) -> None:
    await tells(v201, "CSMSRootCertificate")


@official("TC_M_13_CSMS", "A station tells its roots of manufacturers")
async def test_tc_m_13_csms_read_manufacturer_roots(v201: Station) -> None:
    await tells(v201, "ManufacturerRootCertificate")


@official("TC_M_14_CSMS", "A station tells its V2G roots")
async def test_tc_m_14_csms_read_v2g_roots(v201: Station) -> None:
    await tells(v201, "V2GRootCertificate")


@official("TC_M_15_CSMS", "A station tells the chain of its V2G certificate")
async def test_tc_m_15_csms_read_v2g_chain(v201: Station) -> None:
    ca = Ca()
    leaf, child = ca.hash_data(ca.issue("station")), ca.hash_data(ca.issue("Sub CA"))
    await ask(v201, ["V2GCertificateChain"], chain_of("V2GCertificateChain", leaf, child))
    [found] = await v201.documents("station-certificates")
    assert (found["hash_data"], found["children"], found["source"]) == (named(leaf), [named(child)], "reported")


@official("TC_M_16_CSMS", "A station tells its roots of mobility operators")
async def test_tc_m_16_csms_read_mo_roots(v201: Station) -> None:
    await tells(v201, "MORootCertificate")


@official("TC_M_17_CSMS", "A station tells certificates of two types")
async def test_tc_m_17_csms_read_two_types(v201: Station) -> None:
    types, ca = ["CSMSRootCertificate", "ManufacturerRootCertificate"], Ca()
    await ask(v201, types, *(chain_of(use, ca.hash_data(ca.certificate)) for use in types))
    assert await installed(v201) == [(use, "installed") for use in types]


@official("TC_M_18_CSMS", "A station tells certificates of all types")
async def test_tc_m_18_csms_read_all_types(v201: Station) -> None:
    ca = Ca()
    await ask(v201, [], *(chain_of(use, ca.hash_data(ca.certificate)) for use in ROOTS))
    assert await installed(v201) == sorted((use, "installed") for use in ROOTS)


@official("TC_M_19_CSMS", "A station has no certificate of the type")
async def test_tc_m_19_csms_none_of_the_type(v201: Station) -> None:
    await install(v201, Ca(), "MORootCertificate")
    await ask(v201, ["MORootCertificate"])
    assert await installed(v201) == [("MORootCertificate", "unknown")]


async def delete(station: Station, data: HashData, status: str) -> dict[str, Any]:
    answers = {"DeleteCertificate": {"status": status}}
    done = await station.command("delete-certificate", {"certificate": named(data)}, answers)
    assert done.call.payload == {"certificateHashData": on_wire(data)}
    assert done.record["answer"]["status"] == status
    return done.record


@official("TC_M_20_CSMS", "A certificate is deleted, named as the station told it")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_tc_m_20_csms_delete(v201: Station, algorithm: Any) -> None:
    use, ca = "CSMSRootCertificate", Ca()
    await install(v201, ca, use)
    data = ca.hash_data(ca.certificate, algorithm)
    await ask(v201, [use], chain_of(use, data))
    assert (await delete(v201, data, "Accepted"))["state"] == "effect_seen"
    assert await installed(v201) == [(use, "deleted")]


@official("TC_M_21_CSMS", "A certificate cannot be deleted")
async def test_tc_m_21_csms_delete_failed(v201: Station) -> None:
    use, ca = "CSMSRootCertificate", Ca()
    await install(v201, ca, use)
    assert (await delete(v201, ca.hash_data(ca.certificate), "Failed"))["state"] == "rejected"
    assert await installed(v201) == [(use, "installed")]


@official("TC_M_24_CSMS", "The status of certificates is fetched from their responder")
async def test_tc_m_24_csms_status(v201: Station, plug_and_charge: Api) -> None:
    ca = Ca()
    good, revoked = ca.issue("Sub CA 1"), ca.issue("Sub CA 2")
    ca.revoke(revoked)
    with web_service(ca.respond) as responder:
        for certificate, status in ((good, ocsp.OCSPCertStatus.GOOD), (revoked, ocsp.OCSPCertStatus.REVOKED)):
            asked = {**on_wire(ca.hash_data(certificate)), "responderURL": responder.url}
            answer = await v201.call("GetCertificateStatus", {"ocspRequestData": asked})
            assert answer["status"] == "Accepted"
            told = ocsp.load_der_ocsp_response(base64.b64decode(answer["ocspResult"]))
            assert (told.serial_number, told.certificate_status) == (certificate.serial_number, status)


async def provisioned(station: Station, action: str) -> None:
    """A vehicle's request goes to the provisioning service, and its answer back to the vehicle."""
    asked = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": action, "exiRequest": "gJgC"}
    with web_service(lambda _: (200, b'{"exiResponse": "gJgD"}')) as service:
        await station.api.put("/settings/iso15118", provisioning_service_url=service.url)
        answer = await station.call("Get15118EVCertificate", asked)
    assert answer == {"status": "Accepted", "exiResponse": "gJgD"}
    [came] = service.requests
    assert f'"action":"{action}"'.encode() in came.body
    assert f'"stationId":"{station.identity}"'.encode() in came.body


@official("TC_M_26_CSMS", "A vehicle gets a contract certificate")
@pytest.mark.usefixtures("plug_and_charge")
async def test_tc_m_26_csms_install_a_contract(v201: Station) -> None:
    await provisioned(v201, "Install")


@official("TC_M_28_CSMS", "A vehicle gets its contract certificate renewed")
@pytest.mark.usefixtures("plug_and_charge")
async def test_tc_m_28_csms_update_a_contract(v201: Station) -> None:
    await provisioned(v201, "Update")
