"""OCPP 1.6, core profile: power cuts, and transactions that were made without a connection."""

from functools import partial

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v16.sessions import charge, report, start, stop
from support.payloads import start_16, stop_16

official = partial(case, version="1.6", block="Core")


@official("TC_032_1_CSMS", "After a power cut the station boots, and the session that it cut off ends for that reason")
async def test_tc_032_1_csms_power_cut_ends_the_session(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await charge(v16, token)
    v16.peer.drop()
    await v16.api.until(f"/stations/{v16.identity}", lambda shown: not shown["online"])
    assert (await v16.transaction())["active"]

    await v16.connect()
    assert (await v16.boot())["status"] == "Accepted"
    await report(v16, "Finishing")
    await report(v16, "Available", connector=2)
    await stop(v16, number, "PowerLoss", token)
    shown = await v16.transaction()
    assert not shown["inferred"], "the station's own report counts, whatever was thought in between"


@official("TC_037_1_CSMS", "A start made without a connection and told late is accepted for a valid token")
async def test_tc_037_1_csms_offline_start_with_a_valid_token(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    begun = start_16(token)
    await v16.reconnect()
    answer = await v16.call("StartTransaction", begun)
    assert answer["idTagInfo"]["status"] == "Accepted"
    await report(v16, "Charging")
    shown = await v16.transaction()
    assert (shown["active"], shown["transaction_id"]) == (True, str(answer["transactionId"]))
    assert shown["started_at"][:19] == begun["timestamp"][:19], "the station's instant, not that of the delivery"


@official("TC_037_3_CSMS", "A start made without a connection with a token that is not valid is refused, and recorded")
async def test_tc_037_3_csms_offline_start_with_an_invalid_token(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make("invalid")
    begun = start_16(token)
    await v16.reconnect()
    answer = await v16.call("StartTransaction", begun)
    assert answer["idTagInfo"]["status"] == "Invalid"
    number = answer["transactionId"]
    await report(v16, "Charging")
    assert (await v16.transaction())["authorization"] != "Accepted"

    assert await v16.call("StopTransaction", stop_16(number, reason="DeAuthorized")) == {}
    await report(v16, "Finishing")
    shown = await v16.transaction()
    assert (shown["active"], shown["stop_reason"], shown["energy_wh"]) == (False, "DeAuthorized", 5000)


@official("TC_039_CSMS", "A whole session made without a connection is accepted when it is told")
async def test_tc_039_csms_offline_session(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await v16.peer.close()
    begun = start_16(token)
    over = stop_16(0, reason="Local", idTag=token)
    await v16.connect()
    answer = await v16.call("StartTransaction", begun)
    assert answer["idTagInfo"]["status"] == "Accepted"
    number = answer["transactionId"]
    told = await v16.call("StopTransaction", over | {"transactionId": number})
    assert told["idTagInfo"]["status"] == "Accepted"
    shown = await v16.transaction()
    assert (shown["active"], shown["stop_reason"], shown["energy_wh"]) == (False, "Local", 5000)
    assert (shown["started_at"][:19], shown["stopped_at"][:19]) == (begun["timestamp"][:19], over["timestamp"][:19])

    after = await start(v16, token)
    await stop(v16, after, "Local", token)
    assert len(await v16.transactions()) == 2
