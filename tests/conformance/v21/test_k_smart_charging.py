"""OCPP 2.1, block K: what its use cases add to smart charging."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.charging import ACCEPTED, above, install, installed, needs, plan, plug_in, profile
from conformance.station import Station, Tokens
from support.payloads import event

added = partial(case, version="2.1")
V2X: dict[str, Any] = {
    "requestedEnergyTransfer": "DC",
    "controlMode": "ScheduledControl",
    "v2xChargingParameters": {"maxChargePower": 22_000, "evTargetEnergyRequest": 30_000},
}


def dynamic(limit: float, **more: Any) -> dict[str, Any]:
    """A dynamic profile whose values the station pulls every minute."""
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    found = profile("TxDefaultProfile", limit, kind="Relative")
    return found | {"chargingProfileKind": "Dynamic", "chargingSchedule": [schedule], "dynUpdateInterval": 60} | more


@added("TC_K_18_1_V21", "Scheduled control of ISO 15118-20: needs lead to a profile, plans are held to it")
async def test_tc_k_18_1_v21_scheduled_control(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T18", await tokens.make())
    offer = await needs(v21, "T18", V2X)
    assert offer["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 22_000
    assert await plan(v21, above(offer)) == "Rejected"
    [shown] = await v21.api.items(f"/stations/{v21.identity}/charging-needs")
    assert (shown["control_mode"], shown["ev_schedule_answer"]) == ("ScheduledControl", "Rejected")


@added("TC_K_18_2_V21", "Needs of ISO 15118-20 without a session: there is no profile")
async def test_tc_k_18_2_v21_no_session(v21: Station) -> None:
    answer = await v21.call("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": V2X})
    assert answer["status"] == "NoChargingProfile"


@added("TC_K_19_1_V21", "Dynamic control of ISO 15118-20: one schedule, and the plan is ours")
async def test_tc_k_19_1_v21_dynamic_control(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T19", await tokens.make())
    offer = await needs(v21, "T19", V2X | {"controlMode": "DynamicControl"})
    assert len(offer["chargingSchedule"]) == 1
    assert await plan(v21, offer["chargingSchedule"][0]) == "Accepted"


@added("TC_K_20_1_V21", "A vehicle whose departure changes gets a new profile in place of the first")
async def test_tc_k_20_1_v21_new_needs(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T20", await tokens.make())
    dynamic_control = V2X | {"controlMode": "DynamicControl"}
    first = await needs(v21, "T20", dynamic_control)
    later = dynamic_control | {"departureTime": "2099-01-01T00:00:00Z"}
    second = await needs(v21, "T20", later)
    assert (first["id"], len(first["chargingSchedule"][0]["chargingSchedulePeriod"])) == (second["id"], 2)
    assert len(second["chargingSchedule"][0]["chargingSchedulePeriod"]) == 1


async def priority(station: Station) -> list[tuple[str, str]]:
    """Give transaction and status of priority charging as the API shows it."""
    found = await station.api.items(f"/stations/{station.identity}/charging-limits")
    return [(item["transaction_id"], item["status"]) for item in found if item["source"] == "PriorityCharging"]


@added("TC_K_21_1_V21", "Priority charging is switched on and off from afar")
async def test_tc_k_21_1_v21_priority_charging_by_the_operator(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T21", await tokens.make())
    await install(v21, profile("PriorityCharging", 32.0, chargingSchedule=_endless(32.0)), 0)
    for activate, status in ((True, "active"), (False, "cleared")):
        body = {"transaction_id": "T21", "activate": activate}
        done = await v21.command("use-priority-charging", body, answers={"UsePriorityCharging": ACCEPTED})
        assert done.call.payload == {"transactionId": "T21", "activate": activate}
        assert done.record["state"] == "accepted"
        told = {"transactionId": "T21", "activated": activate}
        assert await v21.call("NotifyPriorityCharging", told) == {}
        await v21.become(done.record, "effect_seen")
        assert await priority(v21) == [("T21", status)]


def _endless(limit: float) -> list[dict[str, Any]]:
    [schedule] = profile("PriorityCharging", limit)["chargingSchedule"]
    return [{name: value for name, value in schedule.items() if name != "duration"}]


@added("TC_K_21_2_V21", "A station without a profile for priority charging says so")
async def test_tc_k_21_2_v21_no_profile(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T21", await tokens.make())
    body = {"transaction_id": "T21", "activate": True}
    done = await v21.command("use-priority-charging", body, answers={"UsePriorityCharging": {"status": "NoProfile"}})
    assert (done.record["state"], done.record["answer"]["status"]) == ("rejected", "NoProfile")


@added("TC_K_22_1_V21", "Priority charging is switched on at the station, and ends with the session")
async def test_tc_k_22_1_v21_priority_charging_at_the_station(v21: Station, tokens: Tokens) -> None:
    await plug_in(v21, "T22", await tokens.make())
    assert await v21.call("NotifyPriorityCharging", {"transactionId": "T22", "activated": True}) == {}
    assert await priority(v21) == [("T22", "active")]
    await v21.call("TransactionEvent", event("Ended", "T22", 1))
    assert await priority(v21) == []


@added("TC_K_27_1_V21", "Capacity that is generated on the spot is kept as such")
async def test_tc_k_27_1_v21_local_generation(v21: Station) -> None:
    limit = {"chargingLimitSource": "EMS", "isLocalGeneration": True}
    schedule = profile("LocalGeneration", 10.0)["chargingSchedule"]
    assert await v21.call("NotifyChargingLimit", {"chargingLimit": limit, "chargingSchedule": schedule}) == {}
    [shown] = await v21.api.items(f"/stations/{v21.identity}/charging-limits")
    assert (shown["is_local_generation"], shown["schedules"]) == (True, schedule)


@added("TC_K_28_1_V21", "The values of a dynamic profile are pushed to the station")
async def test_tc_k_28_1_v21_push(v21: Station) -> None:
    wanted = dynamic(11_000.0)
    assert await install(v21, wanted, 1) == wanted
    body = {"profile_id": 101, "update": {"limit": 7000.0}}
    done = await v21.command("update-dynamic-schedule", body, answers={"UpdateDynamicSchedule": ACCEPTED})
    assert done.call.payload == {"chargingProfileId": 101, "scheduleUpdate": {"limit": 7000.0}}
    [schedule] = (await installed(v21))[101]["profile"]["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"][0]["limit"] == 7000.0


@added("TC_K_28_2_V21", "The values of a dynamic profile are pulled by the station")
async def test_tc_k_28_2_v21_pull(v21: Station) -> None:
    await install(v21, dynamic(11_000.0), 1)
    pulled = await v21.call("PullDynamicScheduleUpdate", {"chargingProfileId": 101})
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 11_000.0}}
    refused = await v21.call("PullDynamicScheduleUpdate", {"chargingProfileId": 999})
    assert refused == {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}


@added("TC_K_29_1_V21", "A dynamic profile whose limits an external system sets, and its limit in a report")
async def test_tc_k_29_1_v21_external_limits(v21: Station) -> None:
    [schedule] = dynamic(0.0)["chargingSchedule"]
    period = {**schedule["chargingSchedulePeriod"][0], "operationMode": "ExternalLimits"}
    wanted = dynamic(0.0, chargingSchedule=[{**schedule, "chargingSchedulePeriod": [period]}])
    assert await install(v21, wanted, 1) == wanted
    external = dynamic(5000.0, id=-1, chargingProfilePurpose="ChargingStationExternalConstraints")
    done = await v21.command("get-charging-profiles", {}, answers={"GetChargingProfiles": ACCEPTED})
    report = {"requestId": done.call.payload["requestId"], "evseId": 0, "chargingProfile": [external]}
    first = {"chargingLimitSource": "CSO", "evseId": 1, "chargingProfile": [wanted], "tbc": True}
    assert await v21.call("ReportChargingProfiles", {**report, **first}) == {}
    assert await v21.call("ReportChargingProfiles", {**report, "chargingLimitSource": "EMS"}) == {}
    await v21.become(done.record, "effect_seen")
    assert {number: item["status"] for number, item in (await installed(v21)).items()} == {
        101: "reported",
        -1: "reported",
    }
