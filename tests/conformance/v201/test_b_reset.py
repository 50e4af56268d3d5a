"""OCPP 2.0.1, block B: restarts and network profiles."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v201.block_bfg import ACCEPTED, charging, ended, reported
from support.payloads import event

official = partial(case, version="2.0.1")
PROFILE = {
    "slot": 1,
    "connection": {"csms_url": "wss://other.example/ocpp", "security_profile": 1, "interface": "Wired0"},
}


async def reset(station: Station, body: dict[str, Any], status: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for a restart; gives what the station was sent, and the record."""
    done = await station.command("reset", body, answers={"Reset": {"status": status}})
    assert done.record["state"] == "accepted"
    return done.call.payload, done.record


@official("TC_B_20_CSMS", "A restart of an idle station: the new boot is its effect")
async def test_tc_b_20_csms_reset_without_a_session(v201: Station) -> None:
    sent, record = await reset(v201, {"type": "on_idle"}, "Accepted")
    assert sent == {"type": "OnIdle"}
    await v201.reconnect()
    assert (await v201.boot(reason="RemoteReset"))["status"] == "Accepted"
    await v201.become(record, "effect_seen")
    await reported(v201, "Available")


@official("TC_B_21_CSMS", "A restart that waits for the session, which ends as any other")
async def test_tc_b_21_csms_reset_on_idle_with_a_session(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await charging(v201, token)
    sent, record = await reset(v201, {"type": "on_idle"}, "Scheduled")
    assert sent == {"type": "OnIdle"}
    await ended(v201, token)
    await v201.reconnect()
    assert (await v201.boot(reason="ScheduledReset"))["status"] == "Accepted"
    await v201.become(record, "effect_seen")
    await reported(v201, "Available")


@official("TC_B_22_CSMS", "An immediate restart ends the session")
async def test_tc_b_22_csms_reset_immediately_with_a_session(v201: Station, tokens: Tokens) -> None:
    await charging(v201, await tokens.make())
    sent, record = await reset(v201, {"type": "immediate"}, "Accepted")
    assert sent == {"type": "Immediate"}
    info = {"chargingState": "EVConnected", "stoppedReason": "ImmediateReset"}
    assert await v201.call("TransactionEvent", event("Ended", "tx-1", 1, trigger="ResetCommand", info=info)) == {}
    found = await v201.transaction()
    assert (found["active"], found["stop_reason"]) == (False, "ImmediateReset")
    await v201.reconnect()
    assert (await v201.boot(reason="RemoteReset"))["status"] == "Accepted"
    await v201.become(record, "effect_seen")
    await reported(v201, "Occupied")
    await reported(v201, "Available", evse=2)


@official("TC_B_25_CSMS", "A restart of one EVSE")
async def test_tc_b_25_csms_reset_an_evse(v201: Station) -> None:
    sent, record = await reset(v201, {"type": "on_idle", "evse_id": 1}, "Accepted")
    assert sent == {"type": "OnIdle", "evseId": 1}
    await reported(v201, "Unavailable")
    await reported(v201, "Available")
    await v201.become(record, "effect_seen")


@official("TC_B_26_CSMS", "A restart of one EVSE that waits for its session")
async def test_tc_b_26_csms_reset_an_evse_on_idle_with_a_session(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await charging(v201, token)
    sent, record = await reset(v201, {"type": "on_idle", "evse_id": 1}, "Scheduled")
    assert sent == {"type": "OnIdle", "evseId": 1}
    await ended(v201, token)
    await reported(v201, "Available")
    await v201.become(record, "effect_seen")


@official("TC_B_27_CSMS", "An immediate restart of one EVSE ends its session")
async def test_tc_b_27_csms_reset_an_evse_immediately_with_a_session(v201: Station, tokens: Tokens) -> None:
    await charging(v201, await tokens.make())
    sent, _ = await reset(v201, {"type": "immediate", "evse_id": 1}, "Accepted")
    assert sent == {"type": "Immediate", "evseId": 1}
    info = {"chargingState": "EVConnected", "stoppedReason": "ImmediateReset"}
    assert await v201.call("TransactionEvent", event("Ended", "tx-1", 1, trigger="ResetCommand", info=info)) == {}
    assert (await v201.transaction())["active"] is False


@official("TC_B_42_CSMS", "A network profile is stored in a slot")
async def test_tc_b_42_csms_set_network_profile(v201: Station) -> None:
    done = await v201.command("set-network-profile", PROFILE, answers={"SetNetworkProfile": ACCEPTED})
    assert done.call.payload == {
        "configurationSlot": 1,
        "connectionData": {
            "ocppCsmsUrl": "wss://other.example/ocpp",
            "ocppInterface": "Wired0",
            "ocppTransport": "JSON",
            "ocppVersion": "OCPP20",
            "messageTimeout": 30,
            "securityProfile": 1,
        },
    }
    assert done.record["state"] == "effect_seen"
    [kept] = await v201.api.items(f"/stations/{v201.identity}/network-profiles")
    assert (kept["status"], kept["slot"], kept["connection"]["csms_url"]) == ("set", 1, "wss://other.example/ocpp")


@official("TC_B_44_CSMS", "A network profile that the station could not store is shown as such")
@pytest.mark.parametrize("status", ["Failed", "Rejected"])
async def test_tc_b_44_csms_set_network_profile_failed(v201: Station, status: str) -> None:
    done = await v201.command("set-network-profile", PROFILE, answers={"SetNetworkProfile": {"status": status}})
    assert done.record["state"] == "rejected"
    [kept] = await v201.api.items(f"/stations/{v201.identity}/network-profiles")
    assert kept["status"] == status.lower()
