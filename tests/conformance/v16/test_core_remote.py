"""OCPP 1.6, core profile: remote start and stop, restart, unlock."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Commanded, Station, Tokens
from conformance.v16.sessions import authorize, charge, report, restart, start, stop

official = partial(case, version="1.6", block="Core")
ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}


# -- remote start and stop ----------------------------------------------------------------------------------------


async def remote_start(station: Station, token: str, answer: dict[str, Any], **more: Any) -> Commanded:
    """Ask for a session on EVSE 1; the station gets exactly that."""
    wanted = {"id_token": token, "evse_id": 1} | more
    done = await station.command("remote-start", wanted, answers={"RemoteStartTransaction": answer})
    assert done.call.action == "RemoteStartTransaction"
    assert done.call.payload == {"idTag": token, "connectorId": 1}
    return done


@official("TC_010_CSMS", "Plugged in, then started remotely: the session that begins is the command's effect")
async def test_tc_010_csms_remote_start_with_the_cable_plugged_in(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await report(v16, "Preparing")
    done = await remote_start(v16, token, ACCEPTED)
    assert (done.record["state"], done.record["answer"]) == ("accepted", ACCEPTED)
    assert (await authorize(v16, token))["status"] == "Accepted"
    number = await start(v16, token)
    assert (await v16.become(done.record, "effect_seen"))["effect_at"] is not None
    await report(v16, "Charging")
    await stop(v16, number, "Local", token)


@official("TC_011_1_CSMS", "Started remotely, then plugged in: the session that begins is the command's effect")
async def test_tc_011_1_csms_remote_start_before_the_cable(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    done = await remote_start(v16, token, ACCEPTED)
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing")
    assert (await v16.become(done.record, "accepted"))["effect"] is None
    await start(v16, token)
    await report(v16, "Charging")
    await v16.become(done.record, "effect_seen")


@official("TC_011_2_CSMS", "Started remotely, but nobody plugs in: the connector is free, the command without effect")
async def test_tc_011_2_csms_remote_start_and_nobody_plugs_in(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    answers = {"RemoteStartTransaction": ACCEPTED}
    done = await v16.command("remote-start", {"id_token": token, "evse_id": 1}, answers, not_after_s=1)
    assert done.call.payload == {"idTag": token, "connectorId": 1}
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing")
    await report(v16, "Available")
    assert (await v16.become(done.record, "expired"))["effect_at"] is None
    assert await v16.transactions() == []


@official("TC_012_CSMS", "A running session is stopped remotely; its end is the command's effect")
async def test_tc_012_csms_remote_stop(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    wanted = {"transaction_id": (await v16.transaction())["id"]}
    done = await v16.command("remote-stop", wanted, answers={"RemoteStopTransaction": ACCEPTED})
    assert (done.call.action, done.call.payload) == ("RemoteStopTransaction", {"transactionId": number})
    assert done.record["state"] == "accepted"
    await stop(v16, number, "Remote", token)
    await v16.become(done.record, "effect_seen")
    await report(v16, "Finishing")
    await report(v16, "Available")


@official("TC_026_CSMS", "A remote start that the station refuses is shown as refused")
async def test_tc_026_csms_remote_start_rejected(v16: Station, tokens: Tokens) -> None:
    done = await remote_start(v16, await tokens.make(), REJECTED)
    assert (done.record["state"], done.record["answer"], done.record["effect"]) == ("rejected", REJECTED, None)
    assert await v16.transactions() == []


@official("TC_028_CSMS", "A remote stop that the station refuses is shown as refused, and the session goes on")
async def test_tc_028_csms_remote_stop_rejected(v16: Station, tokens: Tokens) -> None:
    number = await charge(v16, await tokens.make())
    done = await v16.command("remote-stop", {"transaction_id": str(number)}, {"RemoteStopTransaction": REJECTED})
    assert done.call.payload == {"transactionId": number}
    assert (done.record["state"], done.record["answer"]) == ("rejected", REJECTED)
    assert (await v16.transaction())["active"]

    foreign = await v16.raw("RemoteStopTransaction", {"transactionId": number + 1000}, REJECTED)
    assert foreign.call.payload == {"transactionId": number + 1000}
    assert (foreign.result, foreign.record["state"]) == (REJECTED, "rejected")
    assert (await v16.transaction())["active"]


# -- restart ------------------------------------------------------------------------------------------------------


async def reset(station: Station, kind: str, told: str) -> None:
    """Restart an idle station: it is told so, boots, and that is the command's effect."""
    await report(station, "Available")
    done = await station.command("reset", {"type": kind}, answers={"Reset": ACCEPTED})
    assert (done.call.action, done.call.payload) == ("Reset", {"type": told})
    assert done.record["state"] == "accepted"
    booted_at = (await station.shown())["booted_at"]
    await restart(station, 1, 2)
    await station.become(done.record, "effect_seen")
    assert (await station.shown())["booted_at"] > booted_at


@official("TC_013_CSMS", "A hard restart without a session: the station is told, boots and is accepted again")
async def test_tc_013_csms_hard_reset(v16: Station) -> None:
    await reset(v16, "hard", "Hard")


@official("TC_014_CSMS", "A soft restart without a session: the station is told, boots and is accepted again")
async def test_tc_014_csms_soft_reset(v16: Station) -> None:
    await reset(v16, "soft", "Soft")


# -- unlock -------------------------------------------------------------------------------------------------------


async def unlock(station: Station, status: str, *, evse_id: int = 1) -> dict[str, Any]:
    """Ask to unlock a connector; gives the command's record, which holds the station's word."""
    done = await station.command("unlock", {"evse_id": evse_id}, answers={"UnlockConnector": {"status": status}})
    assert (done.call.action, done.call.payload) == ("UnlockConnector", {"connectorId": evse_id})
    assert done.record["answer"]["status"] == status
    return done.record


@official("TC_017_1_CSMS", "A connector without a session is unlocked")
async def test_tc_017_1_csms_unlock_without_a_session(v16: Station) -> None:
    await report(v16, "Available")
    assert (await unlock(v16, "Unlocked"))["state"] == "effect_seen"


@official("TC_017_2_CSMS", "A station with a fixed cable says that it cannot unlock, and that is shown")
async def test_tc_017_2_csms_unlock_of_a_fixed_cable(v16: Station) -> None:
    await report(v16, "Available")
    assert (await unlock(v16, "NotSupported"))["state"] == "rejected"


@official("TC_018_1_CSMS", "Unlocking a connector in use ends its session for that reason")
async def test_tc_018_1_csms_unlock_during_a_session(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    assert (await unlock(v16, "Unlocked"))["state"] == "effect_seen"
    await report(v16, "Finishing")
    await stop(v16, number, "UnlockCommand", token)
    await report(v16, "Available")


@official("TC_030_CSMS", "A connector that does not unlock is shown as such")
async def test_tc_030_csms_unlock_fails(v16: Station) -> None:
    assert (await unlock(v16, "UnlockFailed"))["state"] == "rejected"
    raw = await v16.raw("UnlockConnector", {"connectorId": 1}, {"status": "UnlockFailed"})
    assert (raw.result, raw.record["state"]) == ({"status": "UnlockFailed"}, "rejected")


@official("TC_031_CSMS", "A connector that the station does not have is asked for, and the answer shown")
async def test_tc_031_csms_unlock_of_an_unknown_connector(v16: Station) -> None:
    await report(v16, "Available")
    assert (await unlock(v16, "NotSupported", evse_id=99))["state"] == "rejected"
    assert [item["evse_id"] for item in (await v16.shown())["evses"]] == [1]
