"""OCPP 1.6, core profile: booting, sessions, tokens."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.station import MakeStation, Station, Tokens
from conformance.v16.sessions import authorize, charge, report, start, stop
from support.payloads import meter_values_16, start_16, status_16

official = partial(case, version="1.6", block="Core")


@official("TC_001_CSMS", "A station that starts is accepted, told the time and the interval, and may report itself")
async def test_tc_001_csms_cold_boot(make_station: MakeStation) -> None:
    station = await make_station("1.6", booted=False)
    answer = await station.boot(firmwareVersion="1.0")
    assert set(answer) == {"status", "currentTime", "interval"}
    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    for connector in (0, 1, 2):
        assert await station.call("StatusNotification", status_16("Available", connector=connector)) == {}
    assert set(await station.call("Heartbeat")) == {"currentTime"}

    shown = await station.shown()
    assert (shown["online"], shown["status"], shown["ocpp_version"]) == (True, "Available", "1.6")
    assert (shown["vendor"], shown["model"], shown["firmware_version"]) == ("Acme", "One", "1.0")
    assert shown["booted_at"] is not None
    assert [item["evse_id"] for item in shown["evses"]] == [1, 2]


@official("TC_003_CSMS", "Plugged in, then identified: the session runs and is shown while it runs and when it is over")
async def test_tc_003_csms_plug_in_first(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    assert await v16.call("MeterValues", meter_values_16("3500", transaction_id=number)) == {}
    assert (await v16.evse())["transaction_id"] == (await v16.transaction())["id"]
    await stop(v16, number, "Local", token)
    await report(v16, "Finishing")
    await report(v16, "Available")
    shown = await v16.transaction()
    assert (shown["meter_start_wh"], shown["meter_stop_wh"]) == (1000, 6000)
    values = await v16.api.items(f"/transactions/{shown['id']}/meter-values")
    assert 3500 in [item["value"] for item in values]


@official("TC_004_1_CSMS", "Identified, then plugged in: the session runs")
async def test_tc_004_1_csms_identification_first(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing")
    number = await start(v16, token)
    await report(v16, "Charging")
    await stop(v16, number, "Local", token)


@official("TC_004_2_CSMS", "Identified, but never plugged in: the connector is free again and no session is recorded")
async def test_tc_004_2_csms_identified_but_not_plugged_in(v16: Station, tokens: Tokens) -> None:
    assert (await authorize(v16, await tokens.make()))["status"] == "Accepted"
    await report(v16, "Preparing")
    await report(v16, "Available")
    assert await v16.transactions() == []
    assert (await v16.shown())["status"] == "Available"


@official("TC_005_1_CSMS", "Unplugged at the vehicle: the session ends for that reason and the connector is free")
async def test_tc_005_1_csms_unplugged_at_the_vehicle(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    await report(v16, "SuspendedEV")
    assert (await v16.transaction())["active"]
    await stop(v16, number, "EVDisconnected", token)
    await report(v16, "Finishing")
    await report(v16, "Available")
    assert (await v16.evse())["transaction_id"] is None


@official("TC_007_CSMS", "A start that no question preceded, as the station knew the token, is accepted")
async def test_tc_007_csms_start_with_a_cached_token(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await report(v16, "Preparing")
    number = await start(v16, token)
    await report(v16, "Charging")
    assert await v16.messages("Authorize") == []
    await stop(v16, number, "Local", token)


@official("TC_061_CSMS", "The authorisation cache is emptied on command")
async def test_tc_061_csms_clear_cache(v16: Station) -> None:
    done = await v16.command("clear-cache", answers={"ClearCache": {"status": "Accepted"}})
    assert (done.call.action, done.call.payload) == ("ClearCache", {})
    assert (done.record["state"], done.record["answer"]) == ("effect_seen", {"status": "Accepted"})


# -- tokens that may not charge -----------------------------------------------------------------------------------


async def refused(station: Station, token: str, status: str) -> None:
    """Hold a token to the reader: it is refused with this word, and a start with it still gets a number."""
    await report(station, "Preparing")
    assert await authorize(station, token) == {"status": status}
    assert await station.transactions() == []
    answer = await station.call("StartTransaction", start_16(token))
    assert answer["idTagInfo"] == {"status": status}
    shown = await station.transaction()
    assert shown["transaction_id"] == str(answer["transactionId"])
    assert shown["authorization"] != "Accepted"


@official("TC_023_1_CSMS", "A token that nobody knows, or that is not valid, is answered Invalid")
@pytest.mark.parametrize("known", [True, False])
async def test_tc_023_1_csms_invalid_token(v16: Station, tokens: Tokens, known: bool) -> None:
    await refused(v16, await tokens.make("invalid") if known else tokens.unknown(), "Invalid")


@official("TC_023_2_CSMS", "A token whose time is over is answered Expired")
async def test_tc_023_2_csms_expired_token(v16: Station, tokens: Tokens) -> None:
    await refused(v16, await tokens.make("expired"), "Expired")


@official("TC_023_3_CSMS", "A token that was blocked is answered Blocked")
async def test_tc_023_3_csms_blocked_token(v16: Station, tokens: Tokens) -> None:
    await refused(v16, await tokens.make("blocked"), "Blocked")


@official("TC_024_CSMS", "A connector that does not lock is faulted, shown with the reason, and no session begins")
async def test_tc_024_csms_lock_failure(v16: Station, tokens: Tokens) -> None:
    assert (await authorize(v16, await tokens.make()))["status"] == "Accepted"
    await report(v16, "Preparing")
    await report(v16, "Faulted", errorCode="ConnectorLockFailure")
    assert (await v16.connector())["error_code"] == "ConnectorLockFailure"
    assert (await v16.shown())["status"] == "Faulted"
    assert await v16.transactions() == []
