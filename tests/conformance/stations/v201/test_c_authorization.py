"""OCPP 2.0.1, block C: local authorization, groups and the master pass."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, Session, configure

official = partial(case, version="2.0.1")
GROUP = {"groupIdToken": {"idToken": "GROUP-1", "type": "Central"}}
MASTER = {"groupIdToken": {"idToken": "MASTER", "type": "Central"}}
MASTER_CARD = "04AA11BB22"


def by_token(**infos: dict[str, Any]) -> Any:
    """Answer by the token: `t04A1B2C3D4={"status": ...}`; where there is none in the request, nothing."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        token = request.get("idToken", {}).get("idToken")
        return {"idTokenInfo": infos.get(f"t{token}", {"status": "Accepted"})} if token else {}

    return answer


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Invalid", marks=official("TC_C_02_CS", "An invalid card charges nothing"), id="TC_C_02_CS"),
        pytest.param("Blocked", marks=official("TC_C_06_CS", "A blocked card charges nothing"), id="TC_C_06_CS"),
        pytest.param("Expired", marks=official("TC_C_07_CS", "An expired card charges nothing"), id="TC_C_07_CS"),
        pytest.param("Unknown", marks=official("TC_C_56_CS", "An unknown card charges nothing"), id="TC_C_56_CS"),
    ],
)
async def test_refused_cards(csms: Csms, station: Hand, status: str) -> None:
    session = Session(csms, station)
    await session.plugged()
    await csms.settle()
    csms.forget()
    await session.presented({"status": status})
    await station.pass_time(60)
    await session.no_event()


@official("TC_C_05_CS", "An invalid card does not begin a transaction before the cable is in")
async def test_tc_c_05_cs_invalid_before_the_cable(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="Authorized")
    session = Session(csms, station)
    await session.presented({"status": "Invalid"})
    await station.pass_time(60)
    await session.no_event()


@official("TC_C_04_CS", "Another card does not end a session")
async def test_tc_c_04_cs_another_card(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    await csms.settle()
    csms.forget()
    station.present(OTHER)
    await csms.expect("Authorize", idToken={"idToken": OTHER})
    await station.pass_time(60)
    await session.no_event(eventType="Ended")
    await session.no_event(idToken=...)


@official("TC_C_39_CS", "Another card of the same group ends a session")
async def test_tc_c_39_cs_same_group(csms: Csms, station: Hand) -> None:
    info = {"status": "Accepted"} | GROUP
    csms.answers["TransactionEvent"] = csms.answers["Authorize"] = by_token(t04A1B2C3D4=info, t04FFEEDD00=info)
    session = Session(csms, station)
    await session.plugged()
    await session.presented()
    await session.energy()
    await csms.settle()
    station.present(OTHER)
    await csms.expect("Authorize", idToken={"idToken": OTHER})
    await session.event(triggerReason="StopAuthorized", idToken={"idToken": OTHER, "type": "ISO14443"})
    await session.unplugged()


@official("TC_C_42_CS", "Another card of the same group that is not valid does not end a session")
async def test_tc_c_42_cs_same_group_invalid(csms: Csms, station: Hand) -> None:
    csms.answers["TransactionEvent"] = csms.answers["Authorize"] = by_token(
        t04A1B2C3D4={"status": "Accepted"} | GROUP, t04FFEEDD00={"status": "Invalid"} | GROUP
    )
    session = Session(csms, station)
    await session.plugged()
    await session.presented()
    await session.energy()
    await csms.settle()
    csms.forget()
    station.present(OTHER)
    await csms.expect("Authorize", idToken={"idToken": OTHER})
    await station.pass_time(30)
    await session.no_event(triggerReason="StopAuthorized")
    await session.no_event(eventType="Ended")


async def master_pass(csms: Csms) -> None:
    """Name the group of the master pass, and let its card belong to it."""
    await configure(csms, AuthCtrlr__MasterPassGroupId="MASTER")
    csms.answers["TransactionEvent"] = csms.answers["Authorize"] = by_token(t04AA11BB22={"status": "Accepted"} | MASTER)


@official("TC_C_45_CS", "The master pass begins no session")
async def test_tc_c_45_cs_master_pass_does_not_start(csms: Csms, station: Hand) -> None:
    await master_pass(csms)
    session = Session(csms, station, token=MASTER_CARD)
    await session.presented()
    await session.plugged()
    await station.pass_time(60)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_C_49_CS", "The master pass ends all sessions")
async def test_tc_c_49_cs_master_pass_ends_all(csms: Csms, station: Hand) -> None:
    await master_pass(csms)
    sessions = [Session(csms, station), Session(csms, station, evse_id=2, token="04CC33")]
    for session in sessions:
        await session.charging()
    station.present(MASTER_CARD)
    await csms.expect("Authorize", idToken={"idToken": MASTER_CARD})
    for session in sessions:
        ended = await session.ended(transactionInfo={"stoppedReason": "MasterPass"})
        assert ended.get("idToken", {}).get("idToken", MASTER_CARD) == MASTER_CARD
        await session.unplugged()
