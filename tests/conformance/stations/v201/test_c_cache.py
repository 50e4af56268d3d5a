"""OCPP 2.0.1, block C: the authorization cache."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, TOKEN, Session, configure, put, rebooted

official = partial(case, version="2.0.1")
GROUP = {"groupIdToken": {"idToken": "GROUP-1", "type": "Central"}}
MASTER = {"groupIdToken": {"idToken": "MASTER", "type": "Central"}}


async def cached(csms: Csms, station: Hand, token: str = TOKEN, **info: Any) -> None:
    """Let the station learn about a token: the CSMS says so once, and nothing is charged."""
    await configure(csms, AuthCacheCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Accepted"} | info})
    station.present(token, 2)
    await csms.expect("Authorize", idToken={"idToken": token})
    await station.pass_time(200)
    csms.forget()


async def presented(csms: Csms, station: Hand, token: str = TOKEN, evse_id: int = 1) -> Session:
    """Plug in and present a token that is known already."""
    session = Session(csms, station, token=token, evse_id=evse_id)
    await session.plugged()
    station.present(token, evse_id)
    return session


@official("TC_C_08_CS", "A card that the cache knows as accepted charges without a question")
async def test_tc_c_08_cs_accepted(csms: Csms, station: Hand) -> None:
    await cached(csms, station)
    session = await presented(csms, station)
    await session.energy()
    await csms.none("Authorize")


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Invalid", marks=official("TC_C_09_CS", "Cached as invalid: the CSMS is asked"), id="TC_C_09_CS"),
        pytest.param("Blocked", marks=official("TC_C_10_CS", "Cached as blocked: the CSMS is asked"), id="TC_C_10_CS"),
        pytest.param("Expired", marks=official("TC_C_11_CS", "Cached as expired: the CSMS is asked"), id="TC_C_11_CS"),
    ],
)
async def test_not_accepted_in_the_cache(csms: Csms, station: Hand, status: str) -> None:
    await cached(csms, station, status=status)
    csms.will_answer("Authorize", {"idTokenInfo": {"status": status}})
    session = await presented(csms, station)
    await csms.expect("Authorize", idToken=session.id_token)
    await station.pass_time(30)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_C_12_CS", "Cached as invalid, but accepted when the CSMS is asked: the session runs")
async def test_tc_c_12_cs_invalid_and_accepted(csms: Csms, station: Hand) -> None:
    await cached(csms, station, status="Invalid")
    session = await presented(csms, station)
    await csms.expect("Authorize", idToken=session.id_token)
    await session.energy()


@official("TC_C_13_CS", "A card that the cache knows, before the cable: charges when it is plugged in")
async def test_tc_c_13_cs_card_first(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="Authorized", TxCtrlr__TxStopPoint="Authorized")
    await cached(csms, station)
    session = Session(csms, station)
    station.present(TOKEN)
    await session.event(eventType="Started", triggerReason="Authorized", idToken=session.id_token)
    await session.plugged()
    await session.energy()
    await csms.none("Authorize")


@official("TC_C_14_CS", "A master pass that the cache knows ends a session")
async def test_tc_c_14_cs_master_pass(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__MasterPassGroupId="MASTER")
    await cached(csms, station, OTHER, **MASTER)
    session = Session(csms, station)
    await session.charging()
    await csms.settle()
    csms.forget()
    station.present(OTHER)
    event = await session.event(triggerReason="StopAuthorized", idToken={"idToken": OTHER, "type": "ISO14443"})
    ended = event if event["eventType"] == "Ended" else await session.ended()
    assert ended["transactionInfo"]["stoppedReason"] == "MasterPass"


async def _invalid_after_all(csms: Csms, station: Hand, **settings: Any) -> Session:
    """Charge offline with a card that the CSMS then calls invalid."""
    await cached(csms, station)
    await configure(
        csms,
        AuthCtrlr__LocalAuthorizeOffline=True,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        OCPPCommCtrlr__OfflineThreshold=600,
        SampledDataCtrlr__TxUpdatedInterval=10,
        TxCtrlr__TxStopPoint="Authorized",
        **settings,
    )
    session = Session(csms, station)
    await session.plugged()
    await csms.settle()
    csms.forget()
    await station.cut_off()
    station.present(TOKEN)
    await station.pass_time(5)
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}
    )
    await station.back_online()
    await session.event(offline=True, idToken=session.id_token)
    return session


@official("TC_C_16_CS", "Invalid after all, where that ends sessions: it ends")
async def test_tc_c_16_cs_ends(csms: Csms, station: Hand) -> None:
    session = await _invalid_after_all(csms, station, TxCtrlr__StopTxOnInvalidId=True, TxCtrlr__MaxEnergyOnInvalidId=0)
    await session.event(triggerReason="Deauthorized")


@official("TC_C_17_CS", "Invalid after all, where that ends no session: no more energy flows")
async def test_tc_c_17_cs_suspends(csms: Csms, station: Hand) -> None:
    session = await _invalid_after_all(csms, station, TxCtrlr__StopTxOnInvalidId=False, TxCtrlr__MaxEnergyOnInvalidId=0)
    await session.event(transactionInfo={"chargingState": "SuspendedEVSE"})
    await session.no_event(eventType="Ended")


@official("TC_C_15_CS", "Invalid after all, with some energy granted: it flows, and then no more")
async def test_tc_c_15_cs_some_energy(csms: Csms, station: Hand) -> None:
    session = await _invalid_after_all(
        csms, station, TxCtrlr__StopTxOnInvalidId=False, TxCtrlr__MaxEnergyOnInvalidId=500
    )
    await session.no_event(triggerReason="Deauthorized")
    await session.no_event(transactionInfo={"chargingState": "SuspendedEVSE"})
    await station.pass_time(600)
    await session.event(transactionInfo={"chargingState": "SuspendedEVSE"})
    read = [s["value"] for e in session.events() for v in e.get("meterValue", []) for s in v["sampledValue"]
            if s.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"]  # fmt: skip
    assert 400 <= max(read) - min(read) <= 600


@official("TC_C_18_CS", "Invalid after all, where that ends sessions, whatever energy is granted: it ends")
async def test_tc_c_18_cs_ends_although_energy_is_granted(csms: Csms, station: Hand) -> None:
    session = await _invalid_after_all(
        csms, station, TxCtrlr__StopTxOnInvalidId=True, TxCtrlr__MaxEnergyOnInvalidId=500
    )
    await station.pass_time(600)
    event = await session.event(triggerReason="Deauthorized")
    assert event.get("offline", False) is False


@official("TC_C_57_CS", "Cached as invalid, where the CSMS is then not to be asked: refused without a question")
async def test_tc_c_57_cs_refused_without_a_question(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__DisablePostAuthorize=True)
    await cached(csms, station, status="Invalid")
    await presented(csms, station)
    await station.pass_time(30)
    await csms.none("Authorize")
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_C_32_CS", "The cache outlives a restart")
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_tc_c_32_cs_outlives_a_restart(csms: Csms, station: Hand, restart: str) -> None:
    await cached(csms, station)
    if restart == "reset":
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    csms.forget()
    session = await presented(csms, station)
    await session.energy()
    await csms.none("Authorize")


@official("TC_C_33_CS", "What the CSMS answers about a card is cached")
async def test_tc_c_33_cs_learns_from_authorize(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    await session.energy()
    await session.done()
    again = await presented(csms, station)
    await again.energy()
    await csms.none("Authorize")


@official("TC_C_34_CS", "What the CSMS answers to an event about a card is cached")
async def test_tc_c_34_cs_learns_from_events(csms: Csms, station: Hand) -> None:
    await cached(csms, station)
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}
    )
    session = await presented(csms, station, evse_id=2)
    await session.event(idToken=session.id_token)
    await csms.none("Authorize")
    await station.pass_time(30)
    await session.unplugged()
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Invalid"}})
    again = await presented(csms, station, evse_id=2)
    await csms.expect("Authorize", idToken=again.id_token)


@official("TC_C_36_CS", "Where the cache is not to be used online, the CSMS is asked")
async def test_tc_c_36_cs_not_used_online(csms: Csms, station: Hand) -> None:
    await cached(csms, station)
    await configure(csms, AuthCtrlr__LocalPreAuthorize=False)
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Invalid"}})
    session = await presented(csms, station)
    await csms.expect("Authorize", idToken=session.id_token)


@official("TC_C_37_CS", "The cache is cleared")
async def test_tc_c_37_cs_cleared(csms: Csms, station: Hand) -> None:
    await cached(csms, station)
    assert (await csms.call("ClearCache"))["status"] == "Accepted"
    session = await presented(csms, station)
    await csms.expect("Authorize", idToken=session.id_token)
    await session.energy()


@official("TC_C_38_CS", "A cache that is switched off is not cleared")
async def test_tc_c_38_cs_switched_off(csms: Csms, station: Hand) -> None:
    await cached(csms, station)
    assert (await put(csms, "AuthCacheCtrlr.Enabled", "false"))["attributeStatus"] == "Accepted"
    assert (await csms.call("ClearCache"))["status"] == "Rejected"


@official("TC_C_46_CS", "An entry of the cache ends when its time is over")
async def test_tc_c_46_cs_life_time(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCacheCtrlr__LifeTime=500)
    await cached(csms, station)
    session = await presented(csms, station)
    await session.energy()
    await csms.none("Authorize")
    await session.done()
    await station.pass_time(600)
    again = await presented(csms, station)
    await csms.expect("Authorize", idToken=again.id_token)


@pytest.mark.parametrize(
    ("status", "ends"),
    [
        pytest.param(
            "Accepted",
            True,
            marks=official("TC_C_41_CS", "Another card of the same group, known to the cache, ends a session"),
            id="TC_C_41_CS",
        ),
        pytest.param(
            "Invalid",
            False,
            marks=official("TC_C_44_CS", "Another card of the same group, cached as invalid, ends nothing"),
            id="TC_C_44_CS",
        ),
    ],
)
async def test_groups(csms: Csms, station: Hand, status: str, ends: bool) -> None:
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Accepted"} | GROUP} if "idToken" in event else {}
    )
    await cached(csms, station, TOKEN, **GROUP)
    await cached(csms, station, OTHER, status=status, **GROUP)
    csms.answers["Authorize"] = {"idTokenInfo": {"status": status} | GROUP}
    session = await presented(csms, station)
    await session.energy()
    await csms.none("Authorize")
    await csms.settle()
    csms.forget()
    station.present(OTHER)
    if ends:
        await session.event(triggerReason="StopAuthorized", idToken={"idToken": OTHER, "type": "ISO14443"})
        await csms.none("Authorize")
        await session.unplugged()
    else:
        await csms.expect("Authorize", idToken={"idToken": OTHER})
        await station.pass_time(30)
        await session.no_event(triggerReason="StopAuthorized")
