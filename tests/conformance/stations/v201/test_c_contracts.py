"""OCPP 2.0.1, block C: vehicles that pay by their contract (ISO 15118)."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.pki import Root
from conformance.stations.v2 import Session, configure, connector

official = partial(case, version="2.0.1")
EMAID = "DEVHTC00000010"


class Contract:
    """A vehicle's contract, and the root of its operator."""

    def __init__(self) -> None:
        self.root = Root("MO")
        self.chain, _ = self.root.issued(EMAID, responder="http://127.0.0.1:9/ocsp")

    async def trusted(self, csms: Csms) -> None:
        """Install the roots that it leads to."""
        for kind, root in (("MORootCertificate", self.root), ("V2GRootCertificate", Root("V2G"))):
            answer = await csms.call("InstallCertificate", certificateType=kind, certificate=root.pem)
            assert answer["status"] == "Accepted"

    def plugged(self, station: Hand) -> None:
        """Connect the vehicle."""
        station.plug(vehicle=station.contract_vehicle(EMAID, self.chain))


async def plug_and_charge(csms: Csms, **more: bool) -> None:
    """Let vehicles pay by their contracts."""
    await configure(csms, ISO15118Ctrlr__PnCEnabled=True, **more)


def _is_emaid(token: dict[str, str]) -> bool:
    return token["type"] == "eMAID" and token["idToken"].replace("-", "").upper() == EMAID


@official("TC_C_50_CS", "A contract that the station can check, and the CSMS accepts: the session runs")
async def test_tc_c_50_cs_accepted(csms: Csms, station: Hand) -> None:
    contract = Contract()
    await contract.trusted(csms)
    await plug_and_charge(csms, ISO15118Ctrlr__CentralContractValidationAllowed=False)
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}, "certificateStatus": "Accepted"}
    contract.plugged(station)
    asked = await station.meanwhile(csms.expect("Authorize", idToken=_is_emaid))
    assert asked["iso15118CertificateHashData"]
    assert "certificate" not in asked.payload
    await Session(csms, station).energy()


@official("TC_C_51_CS", "A contract that the CSMS calls cancelled charges nothing")
async def test_tc_c_51_cs_cancelled(csms: Csms, station: Hand) -> None:
    contract = Contract()
    await contract.trusted(csms)
    await plug_and_charge(csms, ISO15118Ctrlr__CentralContractValidationAllowed=False)
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "ContractCancelled"}
    contract.plugged(station)
    asked = await station.meanwhile(csms.expect("Authorize", idToken=_is_emaid))
    assert asked["iso15118CertificateHashData"]
    await station.pass_time(60)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@pytest.mark.parametrize(
    "accepted",
    [
        pytest.param(
            True,
            marks=official("TC_C_52_CS", "A contract that only the CSMS can check is shown to it: the session runs"),
            id="TC_C_52_CS",
        ),
        pytest.param(
            False,
            marks=official("TC_C_53_CS", "A contract that the CSMS calls revoked charges nothing"),
            id="TC_C_53_CS",
        ),
    ],
)
async def test_checked_by_the_csms(csms: Csms, station: Hand, accepted: bool) -> None:
    contract = Contract()
    await plug_and_charge(csms, ISO15118Ctrlr__CentralContractValidationAllowed=True)
    csms.answers["Authorize"] = {
        "idTokenInfo": {"status": "Accepted" if accepted else "Invalid"},
        "certificateStatus": "Accepted" if accepted else "CertificateRevoked",
    }
    contract.plugged(station)
    asked = await station.meanwhile(csms.expect("Authorize", idToken=_is_emaid))
    assert "BEGIN CERTIFICATE" in asked["certificate"]
    if accepted:
        await Session(csms, station).energy()
    else:
        await station.pass_time(60)
        await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(
            True,
            marks=official("TC_C_54_CS", "Offline, a contract that the station can check charges where that is set"),
            id="TC_C_54_CS",
        ),
        pytest.param(
            False, marks=official("TC_C_55_CS", "Offline, no contract charges where that is not set"), id="TC_C_55_CS"
        ),
    ],
)
async def test_offline(csms: Csms, station: Hand, allowed: bool) -> None:
    contract = Contract()
    await contract.trusted(csms)
    await plug_and_charge(csms, ISO15118Ctrlr__ContractValidationOffline=allowed)
    await configure(
        csms,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        OCPPCommCtrlr__OfflineThreshold=600,
        TxCtrlr__TxStartPoint="EVConnected",
    )
    csms.forget()
    await station.cut_off()
    contract.plugged(station)
    await station.pass_time(60)
    await station.back_online()
    await connector(csms, "Occupied")
    await csms.expect("TransactionEvent", triggerReason="CablePluggedIn", offline=True)
    if allowed:
        await csms.expect("TransactionEvent", triggerReason="Authorized", offline=True, idToken=_is_emaid)
        await csms.expect("TransactionEvent", transactionInfo={"chargingState": "Charging"})
    else:
        await csms.none("TransactionEvent", triggerReason="Authorized")
        await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})
