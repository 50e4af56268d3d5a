"""OCPP 2.1, blocks A and M: numbered requests for certificates, roots of vehicle makers, chains of vehicles."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import vehicle_asks_for_contracts, vehicle_shows_chain
from conformance.stations.pki import Root, same_hash
from conformance.stations.v2_secure import install_root

ours = partial(case, version="2.1")
KIND = "ChargingStationCertificate"


async def _asked(csms: Csms, message: str = "SignChargingStationCertificate") -> Came:
    assert (await csms.call("TriggerMessage", requestedMessage=message))["status"] == "Accepted"
    return await csms.expect("SignCertificate", requestId=...)


async def _sign(csms: Csms, root: Root, asked: Came, **more: Any) -> str:
    fields = {"certificateChain": root.signed(asked["csr"]), "certificateType": KIND} | more
    return str((await csms.call("CertificateSigned", fields))["status"])


@ours("TC_A_02_1_V21", "A request for a certificate has a number, and only the answer to it is taken")
async def test_tc_a_02_1_v21_numbered(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install_root(csms, root)
    asked = await _asked(csms)
    assert await _sign(csms, root, asked, requestId=asked["requestId"] + 4711) == "Rejected"
    again = await _asked(csms)
    assert again["requestId"] != asked["requestId"]
    assert await _sign(csms, root, again, requestId=again["requestId"]) == "Accepted"


@ours("TC_A_02_2_V21", "A CSMS that does not repeat the number is understood, too")
async def test_tc_a_02_2_v21_without_number(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install_root(csms, root)
    assert await _sign(csms, root, await _asked(csms)) == "Accepted"


@pytest.mark.parametrize("kind", ["OEMRootCertificate", "MORootCertificate", "V2GRootCertificate"])
@ours("TC_M_05_1_V21", "A root of vehicle makers, or of others, is installed, found and deleted")
async def test_tc_m_05_1_v21_roots(csms: Csms, station: Hand, kind: str) -> None:
    root = Root("Makers")
    answer = await csms.call("InstallCertificate", certificateType=kind, certificate=root.pem)
    assert answer["status"] == "Accepted"
    listed = await csms.call("GetInstalledCertificateIds", certificateType=[kind])
    [found] = listed["certificateHashDataChain"]
    assert found["certificateType"] == kind
    assert same_hash(found["certificateHashData"], root.hash_data())
    deleted = await csms.call("DeleteCertificate", certificateHashData=found["certificateHashData"])
    assert deleted["status"] == "Accepted"
    assert (await csms.call("GetInstalledCertificateIds", certificateType=[kind]))["status"] == "NotFound"


@ours("TC_M_01_1_V21", "A vehicle that takes several contracts gets them one after the other")
async def test_tc_m_01_1_v21_several_contracts(csms: Csms, station: Hand) -> None:
    csms.will_answer(
        "Get15118EVCertificate",
        {"status": "Accepted", "exiResponse": "Zmlyc3Q=", "remainingContracts": 1},
        {"status": "Accepted", "exiResponse": "c2Vjb25k", "remainingContracts": 0},
    )
    answers = vehicle_asks_for_contracts(station, "cmVxdWVzdA==", 3)
    for _ in range(2):
        await csms.expect(
            "Get15118EVCertificate",
            action="Install",
            exiRequest="cmVxdWVzdA==",
            maximumContractCertificateChains=lambda most: 1 <= most <= 3,
        )
    await csms.settle()
    assert len(answers) == 2
    await csms.none("Get15118EVCertificate")


@pytest.mark.parametrize("status", ["Good", "Revoked"])
@ours("TC_M_07_1_V21", "What became of a vehicle's chain is asked of the CSMS, and remembered until its time is over")
async def test_tc_m_07_1_v21_chain_status(csms: Csms, station: Hand, status: str) -> None:
    root = Root("MO")
    answer = await csms.call("InstallCertificate", certificateType="MORootCertificate", certificate=root.pem)
    assert answer["status"] == "Accepted"
    until = station.time(7200)

    def told(request: dict[str, Any]) -> dict[str, Any]:
        return {
            "certificateStatus": [
                {"certificateHashData": one["certificateHashData"], "source": one["source"]}
                | {"status": status, "nextUpdate": until}
                for one in request["certificateStatusRequests"]
            ]
        }

    csms.answers["GetCertificateChainStatus"] = told
    chain, _ = root.issued("DE-VHT-C00000001", responder="http://127.0.0.1:9/ocsp")
    for _ in range(2):
        outcome = vehicle_shows_chain(station, chain)
        await csms.settle()
        assert outcome == [status]
    asked = await csms.expect("GetCertificateChainStatus")
    [one] = asked["certificateStatusRequests"]
    assert (one["source"], one["urls"]) == ("OCSP", ["http://127.0.0.1:9/ocsp"])
    await csms.none("GetCertificateChainStatus")
    await station.pass_time(7300)
    vehicle_shows_chain(station, chain)
    await csms.expect("GetCertificateChainStatus")


@pytest.mark.parametrize(
    ("message", "kind"),
    [("SignV2GCertificate", "V2GCertificate"), ("SignV2G20Certificate", "V2G20Certificate")],
)
@ours("TC_A_02_3_V21", "Certificates for vehicles of either ISO 15118 are asked for, with the root that is to sign")
async def test_tc_a_02_3_v21_v2g(csms: Csms, station: Hand, message: str, kind: str) -> None:
    root = Root("V2G")
    answer = await csms.call("InstallCertificate", certificateType="V2GRootCertificate", certificate=root.pem)
    assert answer["status"] == "Accepted"
    assert (await csms.call("TriggerMessage", requestedMessage=message))["status"] == "Accepted"
    asked = await csms.expect("SignCertificate", certificateType=kind, requestId=...)
    assert same_hash(asked["hashRootCertificate"], root.hash_data())
    chain = root.signed(asked["csr"])
    signed = {"certificateChain": chain, "certificateType": kind, "requestId": asked["requestId"]}
    assert (await csms.call("CertificateSigned", signed))["status"] == "Accepted"
