"""OCPP 2.0.1, block D: the local authorization list; and block P: data of vendors."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, TOKEN, Session, configure, connector, get, put, rebooted

official = partial(case, version="2.0.1")
VERSION = 5


def entry(token: str, status: str | None = "Accepted", **info: Any) -> dict[str, Any]:
    """One entry; without a status it takes the token out."""
    of_it: dict[str, Any] = {"idToken": {"idToken": token, "type": "ISO14443"}}
    return of_it if status is None else of_it | {"idTokenInfo": {"status": status} | info}


async def send(csms: Csms, kind: str, version: int, *entries: dict[str, Any], status: str = "Accepted") -> None:
    """Send a list."""
    fields: dict[str, Any] = {"updateType": kind, "versionNumber": version}
    answer = await csms.call("SendLocalList", fields | ({"localAuthorizationList": list(entries)} if entries else {}))
    assert answer["status"] == status


async def has_version(csms: Csms, version: int) -> None:
    """The station tells that version."""
    assert (await csms.call("GetLocalListVersion"))["versionNumber"] == version


async def listed(csms: Csms, *entries: dict[str, Any]) -> None:
    """Use the list, with these entries."""
    await configure(csms, LocalAuthListCtrlr__Enabled=True, AuthCtrlr__LocalPreAuthorize=True)
    await send(csms, "Full", VERSION, *(entries or (entry(TOKEN),)))


async def charges_without_asking(csms: Csms, station: Hand, token: str) -> None:
    """The list alone lets a token charge."""
    session = Session(csms, station, token=token)
    await session.plugged()
    station.present(token)
    await session.energy()
    await csms.none("Authorize")
    station.present(token)
    await session.unplugged()


async def is_asked_for(csms: Csms, station: Hand, token: str) -> None:
    """The list does not know a token: the CSMS is asked."""
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Invalid"}})
    station.plug()
    await connector(csms, "Occupied")
    station.present(token)
    await csms.expect("Authorize", idToken={"idToken": token})
    station.unplug()
    await connector(csms, "Available")


@official("TC_D_01_CS", "A full list is taken over")
async def test_tc_d_01_cs_full(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await has_version(csms, VERSION)
    await charges_without_asking(csms, station, TOKEN)


@official("TC_D_02_CS", "Further entries are added")
async def test_tc_d_02_cs_added(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await send(csms, "Differential", VERSION + 1, entry(OTHER))
    await has_version(csms, VERSION + 1)
    await charges_without_asking(csms, station, OTHER)
    await charges_without_asking(csms, station, TOKEN)


@official("TC_D_03_CS", "Entries are taken out")
async def test_tc_d_03_cs_taken_out(csms: Csms, station: Hand) -> None:
    await listed(csms, entry(TOKEN), entry(OTHER))
    await send(csms, "Differential", VERSION + 1, entry(TOKEN, None))
    await has_version(csms, VERSION + 1)
    await configure(csms, AuthCacheCtrlr__Enabled=False)
    await is_asked_for(csms, station, TOKEN)
    await charges_without_asking(csms, station, OTHER)


@official("TC_D_04_CS", "A full list without entries empties it")
async def test_tc_d_04_cs_emptied(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await send(csms, "Full", VERSION)
    await has_version(csms, VERSION)
    await is_asked_for(csms, station, TOKEN)


@official("TC_D_05_CS", "A change without entries changes the version alone")
async def test_tc_d_05_cs_version_alone(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await send(csms, "Differential", VERSION + 1)
    await has_version(csms, VERSION + 1)
    await charges_without_asking(csms, station, TOKEN)


@official("TC_D_06_CS", "A change that is not newer than the list is refused")
@pytest.mark.parametrize("number", [VERSION - 1, VERSION])
async def test_tc_d_06_cs_not_newer(csms: Csms, station: Hand, number: int) -> None:
    await listed(csms)
    await send(csms, "Differential", number, entry(OTHER), status="VersionMismatch")
    await has_version(csms, VERSION)


@official("TC_D_07_CS", "The list outlives a restart")
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_tc_d_07_cs_outlives_a_restart(csms: Csms, station: Hand, restart: str) -> None:
    await listed(csms)
    if restart == "reset":
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    await has_version(csms, VERSION)


@official("TC_D_08_CS", "The version of the list is told")
async def test_tc_d_08_cs_version(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await has_version(csms, VERSION)


@official("TC_D_10_CS", "A list that is switched off has version 0")
async def test_tc_d_10_cs_switched_off(csms: Csms, station: Hand) -> None:
    await listed(csms)
    await configure(csms, LocalAuthListCtrlr__Enabled=False)
    await has_version(csms, 0)


@official("TC_P_01_CS", "Data of a vendor that the station does not know is refused")
async def test_tc_p_01_cs_unknown_vendor(csms: Csms, station: Hand) -> None:
    answer = await csms.call("DataTransfer", vendorId="org.openchargealliance.octt", messageId="nothing")
    assert answer["status"] in ("UnknownVendorId", "UnknownMessageId", "Rejected")


@official("TC_P_03_CS", "Custom data in a request does not disturb")
async def test_tc_p_03_cs_custom_data(csms: Csms, station: Hand) -> None:
    custom = {"customData": {"vendorId": "org.openchargealliance.octt", "more": {"of": ["it"]}}}
    result = await put(csms, "OCPPCommCtrlr.OfflineThreshold", "200", attributeType="Actual", **custom)
    assert result["attributeStatus"] == "Accepted"
    result = await get(csms, "OCPPCommCtrlr.OfflineThreshold", attributeType="Actual", **custom)
    assert (result["attributeStatus"], result["attributeValue"]) == ("Accepted", "200")
    assert result.get("attributeType", "Actual") == "Actual"


@official("TC_P_04_CS", "Custom data in a charging profile does not disturb")
async def test_tc_p_04_cs_custom_data_in_a_profile(csms: Csms, station: Hand) -> None:
    custom = {"customData": {"vendorId": "org.openchargealliance.octt", "more": 1}}
    period = {"startPeriod": 0, "limit": 6.0, "numberPhases": 3} | custom
    schedule = {"id": 1, "duration": 300, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]} | custom
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    } | custom
    assert (await csms.call("SetChargingProfile", evseId=1, chargingProfile=profile))["status"] == "Accepted"
