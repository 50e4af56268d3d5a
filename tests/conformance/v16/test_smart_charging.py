"""OCPP 1.6, profile smart charging. Profiles are written as in 2.x and sent in the words of 1.6."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v16.sessions import authorize, charge, report, start, stop

official = partial(case, version="1.6", block="Smart charging")
ACCEPTED = {"status": "Accepted"}
_numbers = itertools.count(1)
PERIODS = [{"startPeriod": 0, "limit": 6.1, "numberPhases": 3}, {"startPeriod": 43_200, "limit": 16.0}]


def moved(**by: float) -> str:
    """An instant, so far from now."""
    return (datetime.now(UTC) + timedelta(**by)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def profile(purpose: str, kind: str, **more: Any) -> dict[str, Any]:
    """A day of two limits; an absolute one began an hour ago."""
    begin = {"startSchedule": moved(hours=-1)} if kind == "Absolute" else {}
    schedule = {"id": 1, "duration": 86_400, "chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
    return {
        "id": next(_numbers),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule | begin],
    } | more


def of_16(wanted: dict[str, Any]) -> dict[str, Any]:
    """The same profile as 1.6 writes it."""
    words = dict(wanted)
    words["chargingProfileId"] = words.pop("id")
    words["chargingSchedule"] = {name: value for name, value in wanted["chargingSchedule"][0].items() if name != "id"}
    if words["chargingProfilePurpose"] == "ChargingStationMaxProfile":
        words["chargingProfilePurpose"] = "ChargePointMaxProfile"
    return words


async def installed(station: Station, profile_id: int) -> dict[str, Any]:
    """Give a profile as the API shows it."""
    [found] = [item for item in await station.documents("installed-profiles") if item["profile_id"] == profile_id]
    return dict(found)


async def install(station: Station, wanted: dict[str, Any], *, evse_id: int = 1, **sent: Any) -> dict[str, Any]:
    """Install a profile, which the station takes; gives the command's record. `sent`: what 1.6 has beside it."""
    body = {"evse_id": evse_id, "profile": wanted}
    done = await station.command("set-charging-profile", body, answers={"SetChargingProfile": ACCEPTED})
    assert done.call.action == "SetChargingProfile"
    assert done.call.payload == {"connectorId": evse_id, "csChargingProfiles": of_16(wanted) | sent}
    assert done.record["answer"] == ACCEPTED
    found = await installed(station, wanted["id"])
    assert (found["status"], found["evse_id"], found["verified"]) == ("installed", evse_id, False)
    return done.record


@official("TC_056_CSMS", "A default profile for all sessions of a connector is installed and shown")
async def test_tc_056_csms_default_profile(v16: Station) -> None:
    valid = {"validFrom": moved(hours=-1), "validTo": moved(days=2)}
    record = await install(v16, profile("TxDefaultProfile", "Absolute", **valid))
    assert record["state"] == "accepted", "that it is in force has not been seen"


@official("TC_057_CSMS", "A profile for the running session is installed, and ends with it")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_057_csms_profile_of_a_session(v16: Station, tokens: Tokens, kind: str) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    wanted = profile("TxProfile", kind)
    await install(v16, wanted, transactionId=number)
    assert (await installed(v16, wanted["id"]))["transaction_id"] == str(number)
    await stop(v16, number, "Local", token)
    assert await v16.documents("installed-profiles", status="installed") == []


@official("TC_059_CSMS", "A session is started remotely with a profile, and runs")
async def test_tc_059_csms_remote_start_with_a_profile(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    wanted = of_16(profile("TxProfile", "Relative"))
    body = {"id_token": token, "evse_id": 1, "charging_profile": wanted}
    done = await v16.command("remote-start", body, answers={"RemoteStartTransaction": ACCEPTED})
    assert done.call.payload == {"idTag": token, "connectorId": 1, "chargingProfile": wanted}
    assert "transactionId" not in done.call.payload["chargingProfile"]
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing")
    number = await start(v16, token)
    await v16.become(done.record, "effect_seen")
    await report(v16, "Charging")
    await stop(v16, number, "Local", token)


@official("TC_066_CSMS", "The schedule that results from all profiles is asked for and shown; it proves the profile")
async def test_tc_066_csms_composite_schedule(v16: Station) -> None:
    wanted = profile("TxDefaultProfile", "Absolute")
    record = await install(v16, wanted)
    asked = {"evse_id": 1, "duration_s": 300, "unit": "A"}
    begin = moved()
    answer = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": begin,
        "chargingSchedule": {
            "duration": 300,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.1}],
        },
    }
    done = await v16.command("get-composite-schedule", asked, answers={"GetCompositeSchedule": answer})
    assert (done.call.action, done.call.payload) == (
        "GetCompositeSchedule",
        {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"},
    )
    assert (done.record["state"], done.record["answer"]) == ("effect_seen", answer)
    [shown] = await v16.documents("composite-schedules")
    assert (shown["evse_id"], shown["start"], shown["duration_s"]) == (1, begin, 300)
    assert shown["periods"] == [{"startPeriod": 0, "limit": 6.1}]
    await v16.become(record, "effect_seen")
    assert (await installed(v16, wanted["id"]))["verified"]


async def clear(station: Station, wanted: dict[str, Any], sent: dict[str, Any], status: str = "Accepted") -> str:
    """Take profiles back; gives the state of the command's record."""
    answers = {"ClearChargingProfile": {"status": status}}
    done = await station.command("clear-charging-profile", wanted, answers=answers)
    assert (done.call.action, done.call.payload) == ("ClearChargingProfile", sent)
    assert done.record["answer"] == {"status": status}
    return str(done.record["state"])


@official("TC_067_CSMS", "Profiles are taken back: one by its id, some by what they are, then all")
async def test_tc_067_csms_clear_profiles(v16: Station, tokens: Tokens) -> None:
    number = await charge(v16, await tokens.make())
    whole = profile("ChargingStationMaxProfile", "Absolute")
    default = profile("TxDefaultProfile", "Absolute", stackLevel=1)
    session = profile("TxProfile", "Relative")
    await install(v16, whole, evse_id=0)
    await install(v16, default)
    await install(v16, session, transactionId=number)

    async def left() -> set[int]:
        return {item["profile_id"] for item in await v16.documents("installed-profiles", status="installed")}

    assert await left() == {whole["id"], default["id"], session["id"]}
    assert await clear(v16, {"profile_id": whole["id"]}, {"id": whole["id"]}) == "effect_seen"
    assert await left() == {default["id"], session["id"]}
    by_kind = {"evse_id": 1, "purpose": "TxDefaultProfile", "stack_level": 1}
    sent = {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    assert await clear(v16, by_kind, sent) == "effect_seen"
    assert await left() == {session["id"]}
    assert await clear(v16, {}, {}) == "effect_seen"
    assert await left() == set()
    assert await clear(v16, {"profile_id": 4711}, {"id": 4711}, "Unknown") == "rejected"


async def test_a_raw_profile_goes_out_digit_for_digit(v16: Station) -> None:
    body = {"connectorId": 1, "csChargingProfiles": of_16(profile("TxDefaultProfile", "Absolute"))}
    done = await v16.raw("SetChargingProfile", body, ACCEPTED)
    assert (done.call.payload, done.result, done.record["state"]) == (body, ACCEPTED, "effect_seen")
    frame = (await v16.messages("SetChargingProfile"))[0]["frame"]
    assert '"limit":6.1,' in frame.replace(" ", "")
    assert '"limit":16.0' in frame.replace(" ", ""), "16.0 does not become 16"
    assert (await installed(v16, body["csChargingProfiles"]["chargingProfileId"]))["status"] == "installed"
