"""OCPP 2.0.1, block C: authorization by the local list, and of cards that nobody knows, online and offline."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, TOKEN, Session, configure

official = partial(case, version="2.0.1")
GROUP = {"groupIdToken": {"idToken": "GROUP-1", "type": "Central"}}


async def listed(csms: Csms, **statuses: dict[str, Any]) -> None:
    """Use the list; `t04A1B2C3D4={"status": ...}` are its entries."""
    await configure(csms, LocalAuthListCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    entries = [
        {"idToken": {"idToken": name[1:], "type": "ISO14443"}, "idTokenInfo": info} for name, info in statuses.items()
    ]
    answer = await csms.call("SendLocalList", updateType="Full", versionNumber=1, localAuthorizationList=entries)
    assert answer["status"] == "Accepted"


@official("TC_C_27_CS", "A card that the list accepts charges without a question")
async def test_tc_c_27_cs_accepted(csms: Csms, station: Hand) -> None:
    await listed(csms, t04A1B2C3D4={"status": "Accepted"})
    session = Session(csms, station)
    station.present(TOKEN)
    await session.plugged()
    await session.energy()
    await csms.none("Authorize")


@official("TC_C_28_CS", "Listed as invalid, where the CSMS is then not to be asked: refused without a question")
async def test_tc_c_28_cs_refused_without_a_question(csms: Csms, station: Hand) -> None:
    await configure(csms, LocalAuthListCtrlr__DisablePostAuthorize=True)
    await listed(csms, t04A1B2C3D4={"status": "Invalid"})
    await Session(csms, station).plugged()
    station.present(TOKEN)
    await station.pass_time(30)
    await csms.none("Authorize")
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Blocked", marks=official("TC_C_29_CS", "Listed as blocked: the CSMS is asked"), id="TC_C_29_CS"),
        pytest.param("Expired", marks=official("TC_C_30_CS", "Listed as expired: the CSMS is asked"), id="TC_C_30_CS"),
    ],
)
async def test_not_accepted_in_the_list(csms: Csms, station: Hand, status: str) -> None:
    await listed(csms, t04A1B2C3D4={"status": status})
    session = Session(csms, station)
    await session.plugged()
    await session.presented({"status": status})
    await station.pass_time(30)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_C_31_CS", "Listed as invalid, but accepted when the CSMS is asked: the session runs")
async def test_tc_c_31_cs_invalid_and_accepted(csms: Csms, station: Hand) -> None:
    await listed(csms, t04A1B2C3D4={"status": "Invalid"})
    session = Session(csms, station)
    await session.presented({"status": "Accepted"})
    await session.plugged()
    await session.energy()


@official("TC_C_40_CS", "Another card of the same group, in the list, ends a session")
async def test_tc_c_40_cs_same_group(csms: Csms, station: Hand) -> None:
    info = {"status": "Accepted"} | GROUP
    await listed(csms, t04A1B2C3D4=info, t04FFEEDD00=info)
    csms.answers["TransactionEvent"] = lambda event: {"idTokenInfo": info} if "idToken" in event else {}
    session = Session(csms, station)
    await session.plugged()
    station.present(TOKEN)
    await session.energy()
    station.present(OTHER)
    await session.event(triggerReason="StopAuthorized", idToken={"idToken": OTHER, "type": "ISO14443"})
    await csms.none("Authorize")
    await session.unplugged()


@official("TC_C_43_CS", "Another card of the same group, listed as invalid, ends nothing")
async def test_tc_c_43_cs_same_group_invalid(csms: Csms, station: Hand) -> None:
    info = {"status": "Accepted"} | GROUP
    await listed(csms, t04A1B2C3D4=info, t04FFEEDD00={"status": "Invalid"} | GROUP)
    csms.answers["TransactionEvent"] = lambda event: {"idTokenInfo": info} if "idToken" in event else {}
    session = Session(csms, station)
    await session.plugged()
    station.present(TOKEN)
    await session.energy()
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Invalid"} | GROUP})
    station.present(OTHER)
    await csms.expect("Authorize", idToken={"idToken": OTHER})
    await station.pass_time(30)
    await session.no_event(triggerReason="StopAuthorized")


async def offline(csms: Csms, station: Hand, *, unknown: bool) -> None:
    """Use the list while offline, and let cards that nobody knows charge or not."""
    await configure(
        csms,
        AuthCtrlr__LocalAuthorizeOffline=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=unknown,
        OCPPCommCtrlr__OfflineThreshold=600,
    )


@official("TC_C_21_CS", "Offline, a card in the list charges, and ends the session")
async def test_tc_c_21_cs_offline_accepted(csms: Csms, station: Hand) -> None:
    await listed(csms, t04A1B2C3D4={"status": "Accepted"})
    await offline(csms, station, unknown=False)
    session = Session(csms, station)
    await station.cut_off()
    station.present(TOKEN)
    station.plug()
    await station.pass_time(10)
    await station.back_online()
    await session.event(offline=True, idToken=session.id_token)
    await session.energy()
    station.present(TOKEN)
    await session.event(triggerReason="StopAuthorized")
    await session.unplugged()


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Invalid", marks=official("TC_C_22_CS", "Offline, listed as invalid: refused"), id="TC_C_22_CS"),
        pytest.param("Blocked", marks=official("TC_C_23_CS", "Offline, listed as blocked: refused"), id="TC_C_23_CS"),
        pytest.param("Expired", marks=official("TC_C_24_CS", "Offline, listed as expired: refused"), id="TC_C_24_CS"),
    ],
)
async def test_offline_refused(csms: Csms, station: Hand, status: str) -> None:
    await listed(csms, t04A1B2C3D4={"status": status})
    await offline(csms, station, unknown=False)
    await station.cut_off()
    station.present(TOKEN)
    station.plug()
    await station.pass_time(30)
    await station.back_online()
    await csms.none("TransactionEvent")


@official("TC_C_25_CS", "Offline, what the list says counts more than what the cache says")
async def test_tc_c_25_cs_list_before_cache(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__Enabled=True, TxCtrlr__StopTxOnInvalidId=False)
    session = Session(csms, station)
    await session.authorized()
    await station.pass_time(200)
    await listed(csms, t04A1B2C3D4={"status": "Invalid"})
    await offline(csms, station, unknown=True)
    await session.plugged()
    await csms.settle()
    csms.forget()
    await station.cut_off()
    station.present(TOKEN)
    await station.pass_time(30)
    await station.back_online()
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_C_26_CS", "Offline, a card that nobody knows charges where that is set; invalid after all, it stops")
async def test_tc_c_26_cs_offline_unknown(csms: Csms, station: Hand) -> None:
    await offline(csms, station, unknown=True)
    await configure(csms, TxCtrlr__StopTxOnInvalidId=False, TxCtrlr__MaxEnergyOnInvalidId=0)
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}
    )
    session = Session(csms, station)
    await station.cut_off()
    station.present(TOKEN)
    station.plug()
    await station.pass_time(10)
    await station.back_online()
    await session.event(offline=True, idToken=session.id_token)
    await session.event(transactionInfo={"chargingState": "SuspendedEVSE"})
    station.present(TOKEN)
    await session.event(triggerReason="StopAuthorized")
