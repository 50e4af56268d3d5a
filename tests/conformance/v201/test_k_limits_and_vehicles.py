"""OCPP 2.0.1, block K: composite schedules, limits from outside, and vehicles that tell their needs."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.charging import (
    ACCEPTED,
    above,
    in_s,
    install,
    installed,
    needs,
    plan,
    plug_in,
    profile,
    sent_by_itself,
    update,
)
from conformance.station import Station, Tokens

official = partial(case, version="2.0.1")


async def composite(station: Station, evse_id: int) -> dict[str, Any]:
    """Ask for a composite schedule by command; gives what the station was asked."""
    schedule = {
        "evseId": evse_id,
        "duration": 300,
        "scheduleStart": in_s(0),
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
    }
    answers = {"GetCompositeSchedule": {"status": "Accepted", "schedule": schedule}}
    body = {"evse_id": evse_id, "duration_s": 300, "unit": "A"}
    done = await station.command("get-composite-schedule", body, answers=answers)
    assert (done.record["state"], done.record["answer"]["schedule"]) == ("effect_seen", schedule)
    [shown] = await station.api.items(f"/stations/{station.identity}/composite-schedules")
    assert (shown["evse_id"], shown["charging_rate_unit"], shown["duration_s"]) == (evse_id, "A", 300)
    assert shown["periods"] == schedule["chargingSchedulePeriod"]
    return dict(done.call.payload)


@official("TC_K_43_CSMS", "The composite schedule of an EVSE is asked for, kept, and verifies what is installed")
async def test_tc_k_43_csms_composite_schedule_of_an_evse(v201: Station) -> None:
    await install(v201, profile("TxDefaultProfile", 10.0), 1)
    assert await composite(v201, 1) == {"evseId": 1, "duration": 300, "chargingRateUnit": "A"}
    shown = (await installed(v201))[101]
    assert (shown["verified"], shown["verified_by"]) == (True, "composite schedule")
    [sent] = [item for item in await v201.commands() if item["name"] == "set-charging-profile"]
    assert (sent["state"], sent["effect"]) == ("effect_seen", "the composite schedule keeps to it")


@official("TC_K_44_CSMS", "The composite schedule of the station is asked for")
async def test_tc_k_44_csms_composite_schedule_of_the_station(v201: Station) -> None:
    assert await composite(v201, 0) == {"evseId": 0, "duration": 300, "chargingRateUnit": "A"}


async def limits(station: Station) -> list[tuple[str, int, str]]:
    """Give source, EVSE and status of the limits that the API shows."""
    found = await station.api.items(f"/stations/{station.identity}/charging-limits")
    return [(item["source"], item["evse_id"], item["status"]) for item in found]


@official("TC_K_48_CSMS", "A limit of an energy management system is kept")
async def test_tc_k_48_csms_limit_from_outside(v201: Station) -> None:
    assert await v201.call("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}}) == {}
    assert await limits(v201) == [("EMS", 0, "active")]


@official("TC_K_50_CSMS", "A limit that is released is kept as cleared")
async def test_tc_k_50_csms_limit_released(v201: Station) -> None:
    await v201.call("NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 1})
    assert await v201.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
    assert await limits(v201) == [("EMS", 1, "cleared")]


@official("TC_K_51_CSMS", "A limit is released while a session runs")
async def test_tc_k_51_csms_limit_released_in_a_session(v201: Station, tokens: Tokens) -> None:
    await plug_in(v201, "T51", await tokens.make())
    assert await v201.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
    await update(v201, "T51", 1, "ChargingRateChanged")
    assert await limits(v201) == [("EMS", 0, "cleared")]
    assert (await v201.transaction())["active"]


@official("TC_K_52_CSMS", "A limit of others appears in a report")
async def test_tc_k_52_csms_limit_of_others_in_a_report(v201: Station) -> None:
    purpose = "ChargingStationExternalConstraints"
    done = await v201.command("get-charging-profiles", {"purpose": purpose}, answers={"GetChargingProfiles": ACCEPTED})
    report = {
        "requestId": done.call.payload["requestId"],
        "chargingLimitSource": "EMS",
        "evseId": 0,
        "chargingProfile": [profile(purpose, 10.0, id=-1)],
    }
    assert await v201.call("ReportChargingProfiles", report) == {}
    await v201.become(done.record, "effect_seen")
    shown = (await installed(v201))[-1]
    assert (shown["purpose"], shown["limit_source"], shown["source"]) == (purpose, "EMS", "reported")


async def iso_15118(station: Station, transaction_id: str, token: str) -> dict[str, Any]:
    """Begin a session of a vehicle that tells its needs and keeps to the offer; gives the offer."""
    await plug_in(station, transaction_id, token)
    offer = await needs(station, transaction_id)
    assert await plan(station, offer["chargingSchedule"][0]) == "Accepted"
    await update(station, transaction_id, 1, "ChargingStateChanged", chargingState="Charging")
    return offer


async def vehicle(station: Station) -> dict[str, Any]:
    """Give what the API shows of the vehicle's needs."""
    [found] = await station.api.items(f"/stations/{station.identity}/charging-needs")
    return dict(found)


@official("TC_K_53_CSMS", "A vehicle tells its needs, gets a profile, and plans within it")
async def test_tc_k_53_csms_needs(v201: Station, tokens: Tokens) -> None:
    offer = await iso_15118(v201, "T53", await tokens.make())
    assert len(offer["chargingSchedule"]) == 1
    assert len(offer["chargingSchedule"][0]["chargingSchedulePeriod"]) <= 3
    shown = await vehicle(v201)
    assert (shown["status"], shown["transaction_id"], shown["ev_schedule_answer"]) == ("Accepted", "T53", "Accepted")
    assert (await installed(v201))[offer["id"]]["verified"]


@official("TC_K_55_CSMS", "A vehicle that plans beyond the offer is refused and gets a new one")
async def test_tc_k_55_csms_plan_beyond_the_offer(v201: Station, tokens: Tokens) -> None:
    await plug_in(v201, "T55", await tokens.make())
    offer = await needs(v201, "T55")
    assert await plan(v201, above(offer)) == "Rejected"
    assert (await vehicle(v201))["ev_schedule_answer"] == "Rejected"
    await update(v201, "T55", 1, "ChargingStateChanged", chargingState="Charging")
    again = await sent_by_itself(v201, "T55")
    assert await plan(v201, again["chargingSchedule"][0]) == "Accepted"
    await update(v201, "T55", 2, "ChargingRateChanged")


@official("TC_K_57_CSMS", "A vehicle changes its needs and gets a new profile")
async def test_tc_k_57_csms_renegotiated_by_the_vehicle(v201: Station, tokens: Tokens) -> None:
    await iso_15118(v201, "T57", await tokens.make())
    told = {"requestedEnergyTransfer": "AC_single_phase"}
    offer = await needs(v201, "T57", told)
    await update(v201, "T57", 2, "ChargingRateChanged")
    assert await plan(v201, offer["chargingSchedule"][0]) == "Accepted"
    assert (await vehicle(v201))["needs"] == told
    await update(v201, "T57", 3, "ChargingRateChanged")


async def renegotiated(station: Station, transaction_id: str, number: int) -> dict[str, Any]:
    """Lower the profile of a session by command; gives what was sent."""
    sent = await install(station, profile("TxProfile", 8.0, id=number, stackLevel=0), 1)
    assert sent["transactionId"] == transaction_id
    return sent


@official("TC_K_58_CSMS", "An operator lowers the profile of a vehicle, which plans anew")
async def test_tc_k_58_csms_renegotiated_by_the_operator(v201: Station, tokens: Tokens) -> None:
    offer = await iso_15118(v201, "T58", await tokens.make())
    lowered = await renegotiated(v201, "T58", offer["id"])
    assert await plan(v201, lowered["chargingSchedule"][0]) == "Accepted"
    await update(v201, "T58", 2, "ChargingRateChanged")


@official("TC_K_59_CSMS", "A vehicle tells its needs again after an operator's profile and gets one more")
async def test_tc_k_59_csms_needs_after_the_operators_profile(v201: Station, tokens: Tokens) -> None:
    offer = await iso_15118(v201, "T59", await tokens.make())
    await renegotiated(v201, "T59", offer["id"])
    again = await needs(v201, "T59")
    assert await plan(v201, again["chargingSchedule"][0]) == "Accepted"
    await update(v201, "T59", 2, "ChargingRateChanged")
