"""OCPP 2.0.1, block M: certificates that are installed, told and deleted."""

from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.pki import Root, same_hash
from conformance.stations.v2_secure import renewed

official = partial(case, version="2.0.1")
CSMS = "CSMSRootCertificate"
MAKER = "ManufacturerRootCertificate"
V2G = "V2GRootCertificate"
MO = "MORootCertificate"


async def install(csms: Csms, kind: str, root: Root, status: str = "Accepted") -> None:
    """Install a root."""
    answer = await csms.call("InstallCertificate", certificateType=kind, certificate=root.pem)
    assert answer["status"] == status


async def listed(csms: Csms, *kinds: str) -> list[dict[str, Any]]:
    """What the station tells of its certificates."""
    asked = {"certificateType": list(kinds)} if kinds else {}
    answer = await csms.call("GetInstalledCertificateIds", asked)
    found: list[dict[str, Any]] = answer.get("certificateHashDataChain", [])
    assert answer["status"] == ("Accepted" if found else "NotFound")
    return found


def holds(found: list[dict[str, Any]], kind: str, root: Root) -> bool:
    """Whether a root is among what was told, as one of that kind."""
    return any(
        one["certificateType"] == kind and same_hash(one["certificateHashData"], root.hash_data()) for one in found
    )


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(CSMS, marks=official("TC_M_01_CS", "A root of the CSMS is installed"), id="TC_M_01_CS"),
        pytest.param(MAKER, marks=official("TC_M_02_CS", "A root of the manufacturer is installed"), id="TC_M_02_CS"),
        pytest.param(V2G, marks=official("TC_M_03_CS", "A root for vehicles is installed"), id="TC_M_03_CS"),
        pytest.param(MO, marks=official("TC_M_04_CS", "A root of mobility operators is installed"), id="TC_M_04_CS"),
        pytest.param(CSMS, marks=official("TC_M_12_CS", "Roots of the CSMS are told"), id="TC_M_12_CS"),
        pytest.param(MAKER, marks=official("TC_M_13_CS", "Roots of the manufacturer are told"), id="TC_M_13_CS"),
        pytest.param(V2G, marks=official("TC_M_14_CS", "Roots for vehicles are told"), id="TC_M_14_CS"),
        pytest.param(MO, marks=official("TC_M_16_CS", "Roots of mobility operators are told"), id="TC_M_16_CS"),
    ],
)
async def test_installed_and_told(csms: Csms, station: Hand, kind: str) -> None:
    root = Root(f"New {kind}")
    assert not holds(await listed(csms, kind), kind, root)
    await install(csms, kind, root)
    found = await listed(csms, kind)
    assert holds(found, kind, root)
    assert {one["certificateType"] for one in found} == {kind}


@official("TC_M_07_CS", "A root that has expired is not installed")
async def test_tc_m_07_cs_expired(csms: Csms, station: Hand) -> None:
    root = Root("Expired", days=-1)
    await install(csms, CSMS, root, "Rejected")
    assert not holds(await listed(csms, CSMS), CSMS, root)


@official("TC_M_09_CS", "A root that the present one did not sign is not installed where that is asked for")
async def test_tc_m_09_cs_not_signed_by_the_present_one(csms: Csms, cold: Hand) -> None:
    await cold.booted(settings={"root_check": "true"})
    old, stranger = Root("Old"), Root("Stranger")
    await install(csms, CSMS, old)
    await install(csms, CSMS, stranger, "Rejected")
    found = await listed(csms, CSMS)
    assert holds(found, CSMS, old)
    assert not holds(found, CSMS, stranger)


@official("TC_M_17_CS", "Roots of two kinds are told together")
async def test_tc_m_17_cs_two_kinds(csms: Csms, station: Hand) -> None:
    ours, makers = Root("CSMS"), Root("Maker")
    await install(csms, CSMS, ours)
    await install(csms, MAKER, makers)
    found = await listed(csms, CSMS, MAKER)
    assert holds(found, CSMS, ours)
    assert holds(found, MAKER, makers)


@official("TC_M_18_CS", "All certificates are told")
async def test_tc_m_18_cs_all(csms: Csms, station: Hand) -> None:
    ours, makers = Root("CSMS"), Root("Maker")
    await install(csms, CSMS, ours)
    await install(csms, MAKER, makers)
    found = await listed(csms)
    assert holds(found, CSMS, ours)
    assert holds(found, MAKER, makers)


@official("TC_M_19_CS", "Where there are none of a kind, that is told")
async def test_tc_m_19_cs_none(csms: Csms, station: Hand) -> None:
    assert await listed(csms, MO) == []


@official("TC_M_20_CS", "A root is deleted")
async def test_tc_m_20_cs_deleted(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install(csms, CSMS, root)
    found = await listed(csms, CSMS)
    [entry] = [one for one in found if same_hash(one["certificateHashData"], root.hash_data())]
    answer = await csms.call("DeleteCertificate", certificateHashData=entry["certificateHashData"])
    assert answer["status"] == "Accepted"
    assert not holds(await listed(csms, CSMS), CSMS, root)


@official("TC_M_22_CS", "A certificate that there is not cannot be deleted")
async def test_tc_m_22_cs_unknown(csms: Csms, station: Hand) -> None:
    await install(csms, CSMS, Root("CSMS"))
    answer = await csms.call("DeleteCertificate", certificateHashData=Root("Unknown").hash_data())
    assert answer["status"] == "NotFound"


@official("TC_M_23_CS", "The station's own certificate cannot be deleted")
async def test_tc_m_23_cs_own(csms: Csms, station: Hand, tmp_path: Path) -> None:
    root = Root("CSMS")
    await install(csms, CSMS, root)
    chain = await renewed(csms, root)
    answer = await csms.call("DeleteCertificate", certificateHashData=root.hash_data() | {"serialNumber": chain.serial})
    assert answer["status"] in ("NotFound", "Failed")


@official("TC_M_15_CS", "The chain for vehicles is told with what is below it")
async def test_tc_m_15_cs_chain_for_vehicles(csms: Csms, station: Hand) -> None:
    root = Root("V2G")
    await install(csms, V2G, root)
    below = Root("V2G Sub", above=root)
    await renewed(csms, below, kind="V2GCertificate", message="SignV2GCertificate", chain_of=(below,))
    [entry] = await listed(csms, "V2GCertificateChain")
    assert entry["certificateType"] == "V2GCertificateChain"
    assert entry["childCertificateHashData"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            {"status": "Accepted", "ocspResult": "MAMKAQE="},
            marks=official("TC_M_24_CS", "The station asks what became of its certificate for vehicles"),
            id="TC_M_24_CS",
        ),
        pytest.param(
            {"status": "Failed"},
            marks=official("TC_M_25_CS", "The station asks what became of its certificate, and gets no answer"),
            id="TC_M_25_CS",
        ),
    ],
)
async def test_status_of_its_certificate(csms: Csms, station: Hand, answer: dict[str, Any]) -> None:
    csms.answers["GetCertificateStatus"] = answer
    root = Root("V2G")
    await install(csms, V2G, root)
    await install(csms, MO, Root("MO"))
    responder = "http://127.0.0.1:9/ocsp"
    own = await renewed(csms, root, kind="V2GCertificate", message="SignV2GCertificate", responder=responder)
    asked = await station.meanwhile(csms.expect("GetCertificateStatus"))
    data = asked["ocspRequestData"]
    assert data["responderURL"] == responder
    assert data["serialNumber"].lower().lstrip("0") == own.serial


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        pytest.param(
            "Install",
            {"status": "Accepted", "exiResponse": "QU5TV0VS"},
            marks=official("TC_M_26_CS", "A vehicle's request for a contract is passed on, and the answer back"),
            id="TC_M_26_CS",
        ),
        pytest.param(
            "Install",
            {"status": "Failed", "exiResponse": ""},
            marks=official("TC_M_27_CS", "A vehicle whose request for a contract fails is told so"),
            id="TC_M_27_CS",
        ),
        pytest.param(
            "Update",
            {"status": "Accepted", "exiResponse": "QU5TV0VS"},
            marks=official("TC_M_28_CS", "A vehicle's request for a newer contract is passed on"),
            id="TC_M_28_CS",
        ),
        pytest.param(
            "Update",
            {"status": "Failed", "exiResponse": ""},
            marks=official("TC_M_29_CS", "A vehicle whose request for a newer contract fails is told so"),
            id="TC_M_29_CS",
        ),
    ],
)
async def test_contracts_of_vehicles(
    csms: Csms, station: Hand, action: Literal["Install", "Update"], answer: dict[str, str]
) -> None:
    csms.answers["Get15118EVCertificate"] = answer
    station.plug(vehicle=station.talking_vehicle())
    answers = station.vehicle_asks_for_contract(action)
    request = await csms.expect("Get15118EVCertificate", action=action)
    assert request["exiRequest"]
    await csms.settle()
    assert answers == [answer["exiResponse"] or None]
    await csms.none("Authorize")
