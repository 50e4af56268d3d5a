"""OCPP 2.0.1, block K: charging profiles that are set, cleared and reported."""

import asyncio
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.charging import ACCEPTED, install, installed, plug_in, profile
from conformance.station import Station, Tokens
from support.payloads import event
from support.peer import ServerCall

official = partial(case, version="2.0.1")


@official("TC_K_01_CSMS", "A default profile for one EVSE is sent as it is and kept as installed")
async def test_tc_k_01_csms_default_profile_of_an_evse(v201: Station) -> None:
    wanted = profile("TxDefaultProfile", 6.0)
    assert await install(v201, wanted, 1) == wanted
    shown = (await installed(v201))[101]
    assert (shown["status"], shown["evse_id"], shown["verified"], shown["profile"]) == ("installed", 1, False, wanted)


@official(
    "TC_K_02_CSMS", "A profile of a session that there is not: refused here by command, by the station as a raw call"
)
async def test_tc_k_02_csms_tx_profile_without_a_session(v201: Station) -> None:
    wanted = profile("TxProfile", 7.0, kind="Relative")
    done = await v201.command("set-charging-profile", {"profile": wanted, "evse_id": 1})
    assert (done.calls, done.record["state"]) == ([], "failed")
    assert "K01.FR.03" in done.record["error"]["detail"]
    payload = {"evseId": 1, "chargingProfile": {**wanted, "transactionId": "none"}}
    raw = await v201.raw("SetChargingProfile", payload, {"status": "Rejected"})
    assert (raw.call.payload, raw.result, raw.record["state"]) == (payload, {"status": "Rejected"}, "rejected")
    assert (await installed(v201))[101]["status"] == "rejected"


@official("TC_K_03_CSMS", "A maximum of the station goes to EVSE 0")
async def test_tc_k_03_csms_station_maximum(v201: Station) -> None:
    wanted = profile("ChargingStationMaxProfile", 8.0)
    assert await install(v201, wanted, 0) == wanted
    assert (await installed(v201))[101]["evse_id"] == 0


@official("TC_K_04_CSMS", "A profile of the same id replaces the one before")
async def test_tc_k_04_csms_replace_by_id(v201: Station) -> None:
    first = await install(v201, profile("TxDefaultProfile", 8.0), 1)
    second = await install(v201, profile("TxDefaultProfile", 6.0), 1)
    assert first["id"] == second["id"]
    [shown] = (await installed(v201)).values()
    assert shown["profile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 6.0


async def report(station: Station, call: ServerCall, *parts: tuple[int, dict[str, Any]], source: str = "CSO") -> None:
    """Report profiles part by part for a GetChargingProfiles."""
    for number, (evse_id, found) in enumerate(parts, 1):
        told = {"requestId": call.payload["requestId"], "chargingLimitSource": source, "evseId": evse_id}
        more = {"tbc": True} if number < len(parts) else {}
        assert await station.call("ReportChargingProfiles", {**told, "chargingProfile": [found], **more}) == {}


async def reported(station: Station, body: dict[str, Any], *parts: tuple[int, dict[str, Any]], **more: Any) -> Any:
    """Ask for profiles and report them; gives what the station was asked."""
    done = await station.command("get-charging-profiles", body, answers={"GetChargingProfiles": ACCEPTED})
    assert (done.call.action, done.record["state"]) == ("GetChargingProfiles", "accepted")
    await report(station, done.call, *parts, **more)
    seen = await station.become(done.record, "effect_seen")
    assert seen["effect"] == ("1 profile reported" if len(parts) == 1 else f"{len(parts)} profiles reported")
    assert {item["status"] for item in (await installed(station)).values()} == {"reported"}
    return done.call.payload


@official("TC_K_05_CSMS", "A profile that a report named is cleared by its id alone")
async def test_tc_k_05_csms_clear_by_id(v201: Station) -> None:
    await reported(v201, {"purpose": "ChargingStationMaxProfile"}, (0, profile("ChargingStationMaxProfile", 8.0)))
    done = await v201.command("clear-charging-profile", {"profile_id": 101}, answers={"ClearChargingProfile": ACCEPTED})
    assert (done.call.payload, done.record["state"]) == ({"chargingProfileId": 101}, "effect_seen")
    assert (await installed(v201))[101]["status"] == "cleared"


CRITERIA = {"evse_id": 1, "purpose": "TxDefaultProfile", "stack_level": 1}
CRITERIA_SENT = {
    "chargingProfileCriteria": {"evseId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
}


@official("TC_K_06_CSMS", "A profile is cleared by purpose, stack level and EVSE")
async def test_tc_k_06_csms_clear_by_criteria(v201: Station) -> None:
    await install(v201, profile("TxDefaultProfile", 6.0), 1)
    done = await v201.command("clear-charging-profile", CRITERIA, answers={"ClearChargingProfile": ACCEPTED})
    assert (done.call.payload, done.record["state"]) == (CRITERIA_SENT, "effect_seen")
    assert (await installed(v201))[101]["status"] == "cleared"


@official("TC_K_08_CSMS", "A station without such a profile says so, and that is shown")
async def test_tc_k_08_csms_clear_what_is_not_there(v201: Station) -> None:
    done = await v201.command(
        "clear-charging-profile", CRITERIA, answers={"ClearChargingProfile": {"status": "Unknown"}}
    )
    assert (done.call.payload, done.record["state"]) == (CRITERIA_SENT, "rejected")
    assert done.record["answer"]["status"] == "Unknown"


@official("TC_K_10_CSMS", "A default profile for all EVSEs goes to EVSE 0")
async def test_tc_k_10_csms_default_profile_of_all_evses(v201: Station) -> None:
    wanted = profile("TxDefaultProfile", 6.0)
    assert await install(v201, wanted, 0) == wanted


@official("TC_K_15_CSMS", "A station without smart charging answers with an error, which is told")
async def test_tc_k_15_csms_not_supported(v201: Station) -> None:
    body = {"profile": profile("TxDefaultProfile", 6.0), "evse_id": 1}
    command = asyncio.create_task(v201.api.command(v201.identity, "set-charging-profile", body))
    call = await v201.peer.next_call()
    assert call.action == "SetChargingProfile"
    await v201.peer.refuse(call, "NotSupported")
    record = await command
    assert (record["state"], record["error"]["ocpp_code"]) == ("failed", "NotSupported")


@official("TC_K_19_CSMS", "A profile that comes back every day")
@pytest.mark.parametrize("recurrency", ["Daily", "Weekly"])
async def test_tc_k_19_csms_recurring(v201: Station, recurrency: str) -> None:
    wanted = profile("TxDefaultProfile", 6.0, kind="Recurring", recurrencyKind=recurrency)
    assert await install(v201, wanted, 1) == wanted


DEFAULT = profile("TxDefaultProfile", 6.0)


@official("TC_K_29_CSMS", "Profiles of the station itself are asked for and reported")
async def test_tc_k_29_csms_profiles_of_the_station(v201: Station) -> None:
    maximum = profile("ChargingStationMaxProfile", 8.0)
    sent = await reported(v201, {"evse_id": 0, "purpose": "ChargingStationMaxProfile"}, (0, maximum))
    assert (sent["evseId"], sent["chargingProfile"]) == (0, {"chargingProfilePurpose": "ChargingStationMaxProfile"})
    shown = (await installed(v201))[101]
    assert (shown["verified"], shown["source"], shown["limit_source"]) == (True, "reported", "CSO")


@official("TC_K_30_CSMS", "Profiles of an EVSE are asked for and reported")
async def test_tc_k_30_csms_profiles_of_an_evse(v201: Station) -> None:
    sent = await reported(v201, {"evse_id": 1}, (1, DEFAULT))
    assert (sent["evseId"], list(sent["chargingProfile"])) == (1, ["chargingLimitSource"])


@official("TC_K_31_CSMS", "All profiles are asked for and reported EVSE by EVSE")
async def test_tc_k_31_csms_all_profiles(v201: Station) -> None:
    sent = await reported(v201, {"purpose": "TxDefaultProfile"}, (1, DEFAULT), (2, {**DEFAULT, "id": 102}))
    assert "evseId" not in sent
    assert {item["profile_id"]: item["evse_id"] for item in (await installed(v201)).values()} == {101: 1, 102: 2}


@official("TC_K_32_CSMS", "One profile is asked for by its id")
async def test_tc_k_32_csms_one_profile(v201: Station) -> None:
    sent = await reported(v201, {"profile_ids": [101]}, (1, DEFAULT))
    assert sent["chargingProfile"] == {"chargingProfileId": [101]}


@official("TC_K_33_CSMS", "Profiles of an EVSE and a stack level")
async def test_tc_k_33_csms_by_stack_level(v201: Station) -> None:
    sent = await reported(v201, {"evse_id": 1, "stack_level": 1}, (1, DEFAULT))
    assert (sent["evseId"], sent["chargingProfile"]) == (1, {"stackLevel": 1})


@official("TC_K_34_CSMS", "Profiles of an EVSE and a source")
async def test_tc_k_34_csms_by_source(v201: Station) -> None:
    foreign = profile("ChargingStationExternalConstraints", 10.0, id=-1)
    sent = await reported(v201, {"evse_id": 1, "limit_sources": ["EMS"]}, (1, foreign), source="EMS")
    assert (sent["evseId"], sent["chargingProfile"]) == (1, {"chargingLimitSource": ["EMS"]})
    assert (await installed(v201))[-1]["limit_source"] == "EMS"


@official("TC_K_35_CSMS", "Profiles of an EVSE and a purpose")
async def test_tc_k_35_csms_by_purpose(v201: Station) -> None:
    sent = await reported(v201, {"evse_id": 1, "purpose": "TxDefaultProfile"}, (1, DEFAULT))
    assert (sent["evseId"], sent["chargingProfile"]) == (1, {"chargingProfilePurpose": "TxDefaultProfile"})


@official("TC_K_36_CSMS", "Profiles of an EVSE, a purpose and a stack level")
async def test_tc_k_36_csms_by_purpose_and_stack_level(v201: Station) -> None:
    sent = await reported(v201, {"evse_id": 1, "purpose": "TxDefaultProfile", "stack_level": 1}, (1, DEFAULT))
    criteria = {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    assert (sent["evseId"], sent["chargingProfile"]) == (1, criteria)


@official("TC_K_37_CSMS", "A session is started from afar with a profile of its own")
async def test_tc_k_37_csms_remote_start_with_a_profile(v201: Station, tokens: Tokens) -> None:
    token, wanted = await tokens.make(), profile("TxProfile", 6.0, kind="Relative")
    body = {"id_token": token, "id_token_type": "ISO14443", "evse_id": 1, "charging_profile": wanted}
    done = await v201.command("remote-start", body, answers={"RequestStartTransaction": ACCEPTED})
    sent = done.call.payload
    assert (sent["idToken"], sent["evseId"]) == ({"idToken": token, "type": "ISO14443"}, 1)
    assert sent["chargingProfile"] == wanted
    assert "transactionId" not in sent["chargingProfile"]
    info = {"remoteStartId": sent["remoteStartId"]}
    await v201.call("TransactionEvent", event("Started", "T37", 0, token=token, trigger="RemoteStart", info=info))
    await v201.become(done.record, "effect_seen")


@official("TC_K_60_CSMS", "A profile of a running session carries its transaction and goes with it")
async def test_tc_k_60_csms_tx_profile_of_a_session(v201: Station, tokens: Tokens) -> None:
    await plug_in(v201, "T60", await tokens.make())
    sent = await install(v201, profile("TxProfile", 6.0, kind="Relative"), 1)
    assert (sent["chargingProfilePurpose"], sent["transactionId"]) == ("TxProfile", "T60")
    assert (await installed(v201))[101]["transaction_id"] == "T60"
    await v201.call("TransactionEvent", event("Ended", "T60", 1))
    assert await installed(v201) == {}


@official("TC_K_70_CSMS", "Two profiles of the same purpose with different stack levels")
async def test_tc_k_70_csms_two_stack_levels(v201: Station) -> None:
    first = await install(v201, profile("TxDefaultProfile", 6.0), 1)
    second = await install(v201, profile("TxDefaultProfile", 6.0, id=102, stackLevel=2), 1)
    assert (first["id"], first["stackLevel"]) != (second["id"], second["stackLevel"])
    assert {item["status"] for item in (await installed(v201)).values()} == {"installed"}
    done = await v201.command("set-charging-profile", {"profile": {**first, "id": 103}, "evse_id": 1})
    assert (done.calls, done.record["state"]) == ([], "failed")
    assert "K01.FR.06" in done.record["error"]["detail"]
