"""OCPP 2.0.1, block K: charging profiles that are set, reported and cleared."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.profiles import clear, composite, get_profiles, profile, put_profile
from conformance.stations.v2 import Session, configure, fresh, rebooted

official = partial(case, version="2.0.1")
MAX = "ChargingStationMaxProfile"


async def _is_reported(csms: Csms, evse_id: int, sent: dict[str, Any]) -> None:
    [(found_evse, found)] = await get_profiles(csms, chargingProfileId=[sent["id"]])
    assert found_evse == evse_id
    assert {name: found[name] for name in sent if name != "chargingSchedule"} == {
        name: value for name, value in sent.items() if name != "chargingSchedule"
    }
    [asked], [told] = sent["chargingSchedule"], found["chargingSchedule"]
    assert {name: told[name] for name in asked} == asked


@pytest.mark.parametrize(
    ("evse_id", "purpose"),
    [
        pytest.param(
            1,
            "TxDefaultProfile",
            marks=official("TC_K_01_CS", "A default profile of one EVSE is taken and reported as it was sent"),
            id="TC_K_01_CS",
        ),
        pytest.param(
            0,
            MAX,
            marks=official("TC_K_03_CS", "A maximum of the station is taken and reported as it was sent"),
            id="TC_K_03_CS",
        ),
        pytest.param(
            0,
            "TxDefaultProfile",
            marks=official("TC_K_10_CS", "A default profile of all EVSEs is taken and reported as it was sent"),
            id="TC_K_10_CS",
        ),
    ],
)
async def test_taken_and_reported(csms: Csms, station: Hand, evse_id: int, purpose: str) -> None:
    sent = profile((0, 6.0), purpose=purpose, start=station.time(), duration=300)
    await put_profile(csms, evse_id, sent)
    await _is_reported(csms, evse_id, sent)


@official("TC_K_04_CS", "A profile of the same id takes the place of the first")
async def test_tc_k_04_cs_replaced(csms: Csms, station: Hand) -> None:
    first = profile((0, 6.0), start=station.time(), duration=300)
    await put_profile(csms, 1, first)
    second = profile((0, 10.0), start=station.time(), duration=300, id=first["id"])
    await put_profile(csms, 1, second)
    await _is_reported(csms, 1, second)


@official("TC_K_13_CS", "A profile outlives a restart, one that was cleared does not come back")
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_tc_k_13_cs_outlives_a_restart(csms: Csms, station: Hand, restart: str) -> None:
    sent = profile((0, 6.0), start=station.time(), duration=86_400)
    cleared = profile((0, 8.0), start=station.time(), duration=86_400)
    await put_profile(csms, 1, sent)
    await put_profile(csms, 2, cleared)
    await clear(csms, chargingProfileId=cleared["id"])
    if restart == "reset":
        assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    await _is_reported(csms, 1, sent)
    assert len(await get_profiles(csms, chargingProfilePurpose="TxDefaultProfile")) == 1


@official("TC_K_60_CS", "A profile of a running transaction is taken and reported as it was sent")
async def test_tc_k_60_cs_of_a_transaction(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.charging()
    sent = profile((0, 6.0), purpose="TxProfile", kind="Relative", transactionId=session.id)
    await put_profile(csms, 1, sent)
    await _is_reported(csms, 1, sent)


@pytest.mark.parametrize(
    ("evse_id", "fields", "charging"),
    [
        pytest.param(
            1,
            {"purpose": "TxProfile", "transactionId": "UNKNOWN-TRANSACTION-ID"},
            False,
            marks=official("TC_K_02_CS", "A profile of a transaction is rejected where none runs"),
            id="TC_K_02_CS",
        ),
        pytest.param(
            0,
            {"purpose": "TxProfile", "transactionId": "UNKNOWN-TRANSACTION-ID"},
            False,
            marks=official("TC_K_11_CS", "A profile of a transaction is rejected for all EVSEs together"),
            id="TC_K_11_CS",
        ),
        pytest.param(
            3, {}, False, marks=official("TC_K_14_CS", "A profile of an unknown EVSE is rejected"), id="TC_K_14_CS"
        ),
        pytest.param(
            1,
            {"purpose": "TxProfile", "transactionId": "UNKNOWN-TRANSACTION-ID"},
            True,
            marks=official("TC_K_16_CS", "A profile of an unknown transaction is rejected"),
            id="TC_K_16_CS",
        ),
    ],
)
async def test_rejected(csms: Csms, station: Hand, evse_id: int, fields: dict[str, Any], charging: bool) -> None:
    if charging:
        await Session(csms, station).charging()
    await put_profile(csms, evse_id, profile((0, 6.0), kind="Relative", **fields), "Rejected")


@official("TC_K_19_CS", "A profile that recurs is taken")
@pytest.mark.parametrize("recurs", ["Daily", "Weekly"])
async def test_tc_k_19_cs_recurring(csms: Csms, station: Hand, recurs: str) -> None:
    sent = profile((0, 6.0), kind="Recurring", start=station.time(), duration=3600, recurrencyKind=recurs)
    await put_profile(csms, 1, sent)


# -- asked for ----------------------------------------------------------------------------------------------------


async def _two(csms: Csms, station: Hand, level: int = 0, level_of_default: int = 0) -> tuple[int, int]:
    """Set a maximum of the station and a default of EVSE 1; gives their ids."""
    of_station = profile((0, 10.0), purpose=MAX, start=station.time(), duration=86_400, stackLevel=level)
    default = profile((0, 6.0), start=station.time(), duration=86_400, stackLevel=level_of_default)
    await put_profile(csms, 0, of_station)
    await put_profile(csms, 1, default)
    return of_station["id"], default["id"]


async def _found(csms: Csms, evse_id: int | None = None, **criterion: Any) -> set[int]:
    return {one["id"] for _, one in await get_profiles(csms, evse_id, **criterion)}


@official("TC_K_29_CS", "Asked for those of the station")
async def test_tc_k_29_cs_of_the_station(csms: Csms, station: Hand) -> None:
    of_station, _ = await _two(csms, station)
    assert await _found(csms, 0) == {of_station}


@official("TC_K_30_CS", "Asked for those of an EVSE")
async def test_tc_k_30_cs_of_an_evse(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station)
    assert await _found(csms, 1) == {default}


@official("TC_K_31_CS", "Asked for all")
async def test_tc_k_31_cs_all(csms: Csms, station: Hand) -> None:
    both = await _two(csms, station)
    assert await _found(csms) == set(both)


@official("TC_K_32_CS", "Asked for by id")
async def test_tc_k_32_cs_by_id(csms: Csms, station: Hand) -> None:
    of_station, _ = await _two(csms, station)
    assert await _found(csms, chargingProfileId=[of_station]) == {of_station}


@official("TC_K_33_CS", "Asked for by EVSE and stack level")
async def test_tc_k_33_cs_by_level(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station, 0, 1)
    assert await _found(csms, 1, stackLevel=1) == {default}


@official("TC_K_34_CS", "Asked for by EVSE and source: those of the operator; of another there are none")
async def test_tc_k_34_cs_by_source(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station)
    assert await _found(csms, 1, chargingLimitSource=["CSO"]) == {default}
    await get_profiles(csms, 1, "NoProfiles", chargingLimitSource=["SO"])


@official("TC_K_35_CS", "Asked for by EVSE and purpose")
async def test_tc_k_35_cs_by_purpose(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station)
    assert await _found(csms, 1, chargingProfilePurpose="TxDefaultProfile") == {default}


@official("TC_K_36_CS", "Asked for by EVSE, purpose and stack level")
async def test_tc_k_36_cs_by_purpose_and_level(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station)
    assert await _found(csms, 1, chargingProfilePurpose="TxDefaultProfile", stackLevel=0) == {default}


# -- cleared ------------------------------------------------------------------------------------------------------


@official("TC_K_05_CS", "Cleared by id")
async def test_tc_k_05_cs_cleared_by_id(csms: Csms, station: Hand) -> None:
    _, default = await _two(csms, station)
    await clear(csms, chargingProfileId=default)
    await get_profiles(csms, None, "NoProfiles", chargingProfileId=[default])
    assert len(await get_profiles(csms)) == 1


@official("TC_K_06_CS", "Cleared by purpose and stack level")
async def test_tc_k_06_cs_cleared_by_purpose(csms: Csms, station: Hand) -> None:
    await _two(csms, station)
    await Session(csms, station).charging()
    wanted = {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    await clear(csms, chargingProfileCriteria=wanted)
    await get_profiles(csms, None, "NoProfiles", **wanted)


@official("TC_K_24_CS", "Several cleared by purpose and stack level")
async def test_tc_k_24_cs_several_cleared(csms: Csms, station: Hand) -> None:
    for evse_id in (1, 2):
        await put_profile(csms, evse_id, profile((0, 6.0), start=station.time(), duration=86_400))
    wanted = {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    await clear(csms, chargingProfileCriteria=wanted)
    await get_profiles(csms, None, "NoProfiles", **wanted)


@official("TC_K_07_CS", "No profile of that purpose and stack level")
async def test_tc_k_07_cs_unknown_criteria(csms: Csms, station: Hand) -> None:
    sent = profile((0, 6.0), start=station.time(), duration=300, stackLevel=1)
    await put_profile(csms, 1, sent)
    wanted = {"chargingProfilePurpose": MAX, "stackLevel": 0}
    await clear(csms, "Unknown", chargingProfileCriteria=wanted)
    assert await _found(csms) == {sent["id"]}


@official("TC_K_08_CS", "No profile of that id")
async def test_tc_k_08_cs_unknown_id(csms: Csms, station: Hand) -> None:
    await clear(csms, "Unknown", chargingProfileId=fresh())


@official("TC_K_09_CS", "A default profile that is cleared limits a running session no more")
async def test_tc_k_09_cs_cleared_during_a_session(csms: Csms, station: Hand) -> None:
    await configure(csms, SmartChargingCtrlr__LimitChangeSignificance="1.0")
    await put_profile(csms, 1, profile((0, 6.0), start=station.time(-4), duration=404))
    await Session(csms, station).charging()
    assert (await composite(csms, 1, 300))[0] == (0, 6.0)
    await clear(csms, chargingProfileCriteria={"chargingProfilePurpose": "TxDefaultProfile"})
    assert (await composite(csms, 1, 300))[0][1] > 6.0
