"""OCPP 2.0.1, block E: what ends a transaction, and what only interrupts it."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.sessions import Session, reading, report, sampled
from conformance.station import Station, Tokens

official = partial(case, version="2.0.1")


async def charged(station: Station, tokens: Tokens) -> Session:
    """A session that takes energy, with its register at the begin."""
    session = Session(station, await tokens.make())
    await session.authorized()
    await session.connected(energy_wh=1000)
    await session.charging()
    return session


def last_reading(energy_wh: float) -> dict[str, Any]:
    """The register at the end of a transaction."""
    return {"meterValue": [reading(sampled(energy_wh, "Transaction.End"))]}


@official("TC_E_07_CSMS", "A session that ends with its power path, as the driver stopped it with the card")
async def test_tc_e_07_csms_ends_with_the_power_path(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    answer = await session.end("StopAuthorized", "Local", token=session.token, **last_reading(6000))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    found = await session.shown()
    assert (found["meter_start_wh"], found["meter_stop_wh"], found["energy_wh"]) == (1000, 6000, 5000)


@official("TC_E_08_CSMS", "A session that ends when the energy has stopped, after the driver's card")
async def test_tc_e_08_csms_ends_with_the_energy(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.stop_authorized()
    await session.end("ChargingStateChanged", "Local", state="EVConnected")
    assert (await session.shown())["charging_state"] == "EVConnected"
    assert (await v201.connector())["status"] == "Occupied"


@official("TC_E_14_CSMS", "A session that ends when the cable is taken out of the station")
async def test_tc_e_14_csms_unplugged_at_the_station(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.stopped_and_connected()
    await session.disconnected()
    assert (await v201.shown())["status"] == "Available"


@official("TC_E_15_CSMS", "A session that the driver stops with the card")
async def test_tc_e_15_csms_stopped_by_the_driver(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    answer = await session.end("StopAuthorized", "Local", token=session.token)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert (await session.events())[-1]["id_token"] == session.token


@official("TC_E_16_CSMS", "A token that is not valid is told so at the start, and the station ends the session for it")
@pytest.mark.parametrize("known", [True, False])
async def test_tc_e_16_csms_token_not_valid(v201: Station, tokens: Tokens, known: bool) -> None:
    session = Session(v201, await tokens.make("invalid") if known else tokens.unknown())
    answer = await session.send("Authorized", token=session.token)
    assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")
    begun = await session.shown()
    assert (begun["active"], begun["authorization"]) == (True, answer["idTokenInfo"]["status"])
    await session.end("Deauthorized", "DeAuthorized")
    assert (await session.shown())["authorization"] == begun["authorization"]


@official("TC_E_17_CSMS", "A session that loses its right when the vehicle's side is unplugged")
async def test_tc_e_17_csms_unplugged_at_the_vehicle_ends_it(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.suspended()
    await session.end("EVCommunicationLost", "EVDisconnected", state="Idle")


@official("TC_E_19_CSMS", "A session that ends when the vehicle leaves the bay")
async def test_tc_e_19_csms_vehicle_leaves_the_bay(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.stopped_and_connected()
    await report(v201, "Available")
    await session.send("EVCommunicationLost", state="Idle")
    assert (await session.shown())["active"]
    await session.end("EVDeparted", "Local")
    assert len(await session.events()) == 7


@official("TC_E_20_CSMS", "A suspended session ends when the vehicle's side is unplugged")
async def test_tc_e_20_csms_suspended_and_unplugged(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.suspended()
    await session.disconnected()
    assert (await v201.connector())["status"] == "Available"


@official("TC_E_21_CSMS", "The operator stops a session: asked for by its id on the wire, its end is the effect")
async def test_tc_e_21_csms_stopped_by_the_operator(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    number = (await session.shown())["id"]
    accepted = {"RequestStopTransaction": {"status": "Accepted"}}
    done = await v201.command("remote-stop", {"transaction_id": number}, answers=accepted)
    assert (done.call.action, done.call.payload) == ("RequestStopTransaction", {"transactionId": session.id})
    assert done.record["state"] == "accepted"
    assert (await session.shown())["active"], "accepted is not stopped"
    await session.end("RemoteStop", "Remote")
    await v201.become(done.record, "effect_seen")


@official("TC_E_22_CSMS", "A session that ends when the vehicle takes no more energy")
async def test_tc_e_22_csms_stopped_by_the_vehicle(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await session.end("ChargingStateChanged", "StoppedByEV", state="SuspendedEV")
    assert (await session.shown())["charging_state"] == "SuspendedEV"


@official("TC_E_39_CSMS", "Identified, but no cable came in time: the session ends for that reason, without energy")
async def test_tc_e_39_csms_no_cable_in_time(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.authorized()
    await session.end("EVConnectTimeout", "Timeout")
    found = await session.shown()
    assert (found["evse_id"], found["energy_wh"], found["charging_state"]) == (0, None, None)


@official("TC_E_26_CSMS", "Unplugged at the vehicle and plugged in again, the same session goes on")
async def test_tc_e_26_csms_unplugged_and_plugged_in_again(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.suspended()
    await session.send("EVCommunicationLost", state="Idle")
    assert (await session.shown())["charging_state"] == "Idle"
    await report(v201, "Available")
    found = await session.shown()
    assert (found["active"], found["stopped_at"], found["inferred"]) == (True, None, False)
    await session.connected()
    await session.changed("Charging")
    assert (await v201.evse())["transaction_id"] == found["id"]
    assert [item["charging_state"] for item in (await session.events())[-3:]] == ["Idle", "EVConnected", "Charging"]


# -- without a connection -----------------------------------------------------------------------------------------


async def test_e08_fr_01_an_end_made_without_a_connection_keeps_its_instant(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    await v201.reconnect()
    answer = await session.end("StopAuthorized", "Local", token=session.token, offline=True, **last_reading(6000))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    found = await session.shown()
    assert (found["offline"], found["energy_wh"]) == (True, 5000)
    assert found["stopped_at"] == (await session.events())[-1]["timestamp"]


async def test_e12_fr_01_a_session_made_without_a_connection_is_recorded_whole_when_it_is_told(
    v201: Station, tokens: Tokens
) -> None:
    session = Session(v201, await tokens.make())
    await v201.reconnect()
    first = await session.send("CablePluggedIn", state="EVConnected", place=True, offline=True, energy_wh=1000)
    assert "idTokenInfo" not in first
    told = await session.send("Authorized", token=session.token, state="Charging", offline=True)
    assert told["idTokenInfo"]["status"] == "Accepted"
    await session.end("EVCommunicationLost", "EVDisconnected", offline=True, **last_reading(2500))
    found = await session.shown()
    assert (found["offline"], found["energy_wh"], found["id_token"]) == (True, 1500, session.token)
    assert len(await session.events()) == 3
    assert v201.peer.taken_calls() == [], "nothing is missing, so nothing is asked"


async def test_e13_an_event_told_twice_is_recorded_once_and_answered_alike(v201: Station, tokens: Tokens) -> None:
    session = await charged(v201, tokens)
    before = await session.events()
    [told] = [item for item in await v201.messages("TransactionEvent") if item["direction"] == "in"][-1:]
    await v201.peer.send(told["frame"])
    answer = await v201.peer.next_other()
    assert answer[0] == 3
    assert await session.events() == before
    assert (await session.shown())["flags"] == []
