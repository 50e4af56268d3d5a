"""Certificates in OCPP 1.6 (security whitepaper)."""

import pytest

from support.desk import Desk
from support.pki import Ca, pem, request
from voltherd.domain.certificate import (
    CertificateSigned,
    Csr,
    DeleteCertificate,
    GetInstalledCertificateIds,
    HashData,
    InstallCertificate,
    StationCertificate,
)
from voltherd.domain.errors import NotSupportedByVersion

ACCEPTED = {"status": "Accepted"}
HASHES = {"hashAlgorithm": "SHA256", "issuerNameHash": "AA", "issuerKeyHash": "bb", "serialNumber": "0C"}


async def the_csr(desk: Desk) -> Csr:
    [found] = (await desk.held(Csr)).values()
    return found


async def test_tc_074_a_request_is_taken_and_its_chain_delivered(v16: Desk) -> None:
    csr, _ = request("CS-1")
    assert await v16.receive("SignCertificate", {"csr": csr}) == ACCEPTED
    chain = Ca().sign(csr)
    v16.answer("CertificateSigned", ACCEPTED)
    assert (await v16.perform(CertificateSigned(certificate_chain=chain))).accepted
    assert v16.sent == [("CertificateSigned", {"certificateChain": chain})]
    found = await the_csr(v16)
    assert (found.state, found.chain, found.certificate_type) == ("sent", chain, "")


async def test_a_chain_that_the_station_refuses_is_told(v16: Desk) -> None:
    csr, _ = request("CS-1")
    await v16.receive("SignCertificate", {"csr": csr})
    v16.answer("CertificateSigned", {"status": "Rejected"})
    assert not (await v16.perform(CertificateSigned(certificate_chain=Ca().sign(csr)))).accepted
    assert (await the_csr(v16)).state == "refused"


async def test_what_is_no_request_is_rejected_and_flagged(v16: Desk) -> None:
    assert await v16.receive("SignCertificate", {"csr": "0"}) == {"status": "Rejected"}
    assert ((await the_csr(v16)).state, v16.state.station.flags) == ("rejected", ("invalid-csr",))


@pytest.mark.parametrize(
    ("use", "wire"),
    [
        ("CSMSRootCertificate", "CentralSystemRootCertificate"),
        ("ManufacturerRootCertificate", "ManufacturerRootCertificate"),
    ],
)
async def test_tc_075_a_root_is_installed_under_the_name_of_1_6(v16: Desk, use: str, wire: str) -> None:
    root = pem(Ca().certificate)
    v16.answer("InstallCertificate", ACCEPTED)
    await v16.perform(InstallCertificate(certificate_type=use, certificate=root))  # type: ignore[arg-type]
    assert v16.sent == [("InstallCertificate", {"certificateType": wire, "certificate": root})]
    [found] = (await v16.held(StationCertificate)).values()
    assert (found.state, found.certificate_type) == ("installed", use)


async def test_what_1_6_does_not_know_is_not_sent(v16: Desk) -> None:
    for command in (
        InstallCertificate(certificate_type="OEMRootCertificate", certificate=pem(Ca().certificate)),
        GetInstalledCertificateIds(certificate_types=["OEMRootCertificate"]),
        CertificateSigned(certificate_chain="x", certificate_type="V2G20Certificate"),
    ):
        with pytest.raises(NotSupportedByVersion):
            await v16.perform(command)
    assert v16.sent == []


async def test_tc_076_all_types_are_read_one_after_the_other(v16: Desk) -> None:
    v16.answer("GetInstalledCertificateIds", {**ACCEPTED, "certificateHashData": [HASHES]}, {"status": "NotFound"})
    found = await v16.perform(GetInstalledCertificateIds())
    assert [call["certificateType"] for _, call in v16.sent] == [
        "CentralSystemRootCertificate", "ManufacturerRootCertificate",
    ]  # fmt: skip
    assert (found.accepted, found.status) == (True, "Mixed")
    [kept] = (await v16.held(StationCertificate)).values()
    assert (kept.certificate_type, kept.source, kept.state) == ("CSMSRootCertificate", "reported", "installed")


async def test_tc_077_a_certificate_is_deleted_whatever_the_case_of_its_hashes(v16: Desk) -> None:
    v16.answer("GetInstalledCertificateIds", {**ACCEPTED, "certificateHashData": [HASHES]})
    await v16.perform(GetInstalledCertificateIds(certificate_types=["CSMSRootCertificate"]))
    v16.answer("DeleteCertificate", ACCEPTED)
    data = HashData(issuer_name_hash="aa", issuer_key_hash="BB", serial_number="c")
    assert (await v16.perform(DeleteCertificate(certificate=data))).accepted
    [kept] = (await v16.held(StationCertificate)).values()
    assert kept.state == "deleted"
