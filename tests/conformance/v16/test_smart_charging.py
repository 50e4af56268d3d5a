"""OCPP 1.6, profile smart charging."""

import itertools
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import RawCall, Station, Tokens
from conformance.v16.sessions import authorize, charge, report, start, stop

official = partial(case, version="1.6", block="Smart charging")
ACCEPTED = {"status": "Accepted"}
_numbers = itertools.count(1)
STARTS = "2026-01-01T00:00:00Z"
VALID = {"validFrom": STARTS, "validTo": "2026-12-31T00:00:00Z"}


def schedule(**more: Any) -> dict[str, Any]:
    """A day of two limits; tenths of amperes stay what they are."""
    periods = [{"startPeriod": 0, "limit": 6.1, "numberPhases": 3}, {"startPeriod": 3600, "limit": 16.0}]
    return {"duration": 86_400, "chargingRateUnit": "A", "chargingSchedulePeriod": periods} | more


def profile(purpose: str, kind: str, **more: Any) -> dict[str, Any]:
    """A profile of 1.6; an absolute one has a begin."""
    starts = {"startSchedule": STARTS} if kind == "Absolute" else {}
    return {
        "chargingProfileId": next(_numbers),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule(**starts),
    } | more


async def install(station: Station, wanted: dict[str, Any], *, connector: int = 1) -> RawCall:
    """Install a profile; the station gets it value for value and takes it."""
    body = {"connectorId": connector, "csChargingProfiles": wanted}
    done = await station.raw("SetChargingProfile", body, ACCEPTED)
    assert done.call.payload == body
    assert (done.result, done.record["state"]) == (ACCEPTED, "effect_seen")
    assert "6.1" in str((await station.messages("SetChargingProfile"))[-2]["frame"])
    return done


@official("TC_056_CSMS", "A default profile for all sessions of a connector is installed")
async def test_tc_056_csms_default_profile(v16: Station) -> None:
    done = await install(v16, profile("TxDefaultProfile", "Absolute", **VALID))
    sent = done.call.payload["csChargingProfiles"]
    assert not {"transactionId", "recurrencyKind"} & set(sent)


@official("TC_057_CSMS", "A profile for the running session is installed")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_057_csms_profile_of_a_session(v16: Station, tokens: Tokens, kind: str) -> None:
    number = await charge(v16, await tokens.make())
    done = await install(v16, profile("TxProfile", kind, transactionId=number))
    sent = done.call.payload["csChargingProfiles"]
    assert sent["transactionId"] == number
    assert ("startSchedule" in sent["chargingSchedule"]) is (kind == "Absolute")
    assert (await v16.transaction())["active"]


@official("TC_059_CSMS", "A session is started remotely with a profile, and runs")
async def test_tc_059_csms_remote_start_with_a_profile(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    wanted = profile("TxProfile", "Relative")
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


@official("TC_066_CSMS", "The schedule that results from all profiles is asked for and told")
async def test_tc_066_csms_composite_schedule(v16: Station) -> None:
    await install(v16, profile("TxDefaultProfile", "Absolute", **VALID))
    wanted = {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"}
    periods = [{"startPeriod": 0, "limit": 6.1}]
    answer = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": STARTS,
        "chargingSchedule": {"duration": 300, "chargingRateUnit": "A", "chargingSchedulePeriod": periods},
    }
    done = await v16.raw("GetCompositeSchedule", wanted, answer)
    assert done.call.payload == wanted
    assert (done.result, done.record["answer"], done.record["state"]) == (answer, answer, "effect_seen")


@official("TC_067_CSMS", "Profiles are taken back: one by its id, some by what they are, then all")
async def test_tc_067_csms_clear_profiles(v16: Station, tokens: Tokens) -> None:
    number = await charge(v16, await tokens.make())
    whole = profile("ChargePointMaxProfile", "Absolute")
    await install(v16, whole, connector=0)
    await install(v16, profile("TxDefaultProfile", "Absolute", stackLevel=1))
    await install(v16, profile("TxProfile", "Relative", transactionId=number))
    by_kind = {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    for wanted in ({"id": whole["chargingProfileId"]}, by_kind, {}):
        done = await v16.raw("ClearChargingProfile", wanted, ACCEPTED)
        assert done.call.payload == wanted
        assert (done.result, done.record["state"]) == (ACCEPTED, "effect_seen")
    gone = await v16.raw("ClearChargingProfile", {"id": 4711}, {"status": "Unknown"})
    assert (gone.result, gone.record["state"]) == ({"status": "Unknown"}, "rejected")
