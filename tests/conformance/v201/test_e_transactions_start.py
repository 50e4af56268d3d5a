"""OCPP 2.0.1, block E: where a transaction may begin, and how."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.sessions import Session, authorize, reading, report, sampled
from conformance.station import Station, Tokens

official = partial(case, version="2.0.1")
SIGNED = {
    "signedMeterData": "AP8AAAAAWg==",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "b2NhOmV4YW1wbGU=",
}


async def begins_with_energy(session: Session, state: str, trigger: str = "ChargingStateChanged") -> None:
    """Identify and plug in without a transaction, which then begins in this charging state."""
    station = session.station
    assert (await authorize(station, session.token))["status"] == "Accepted"
    await report(station, "Occupied")
    assert await station.transactions() == []
    answer = await session.send(trigger, state=state, token=session.token, place=True)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    found = await session.shown()
    assert (found["active"], found["charging_state"], found["evse_id"]) == (True, state or None, 1)
    assert (found["id_token"], found["authorization"], found["inferred"]) == (session.token, "Accepted", False)


@official("TC_E_01_CSMS", "A station whose sessions begin with the closed power path: begun suspended, then charging")
async def test_tc_e_01_csms_begins_with_the_power_path(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await begins_with_energy(session, "SuspendedEVSE")
    await session.changed("Charging")
    assert (await v201.shown())["status"] == "Charging"


@official("TC_E_02_CSMS", "A station whose sessions begin when energy flows")
async def test_tc_e_02_csms_begins_with_the_energy(v201: Station, tokens: Tokens) -> None:
    await begins_with_energy(Session(v201, await tokens.make()), "Charging")
    assert (await v201.shown())["status"] == "Charging"


@official("TC_E_03_CSMS", "Plugged in first, then identified: one session, begun by the cable and paid by the card")
async def test_tc_e_03_csms_plug_in_first(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.connected()
    assert (await session.shown())["id_token"] == ""
    await session.authorized()
    await session.charging()
    assert [item["kind"] for item in await session.events()] == ["Started", "Updated", "Updated"]
    assert [item["id_token"] for item in await session.events()] == [None, session.token, None]


@official("TC_E_04_CSMS", "Identified first, then plugged in: the session is nowhere until the cable says where")
async def test_tc_e_04_csms_identification_first(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.authorized()
    assert (await session.shown())["evse_id"] == 0
    await session.charging()
    found = await session.shown()
    assert (found["evse_id"], found["connector_id"], found["charging_state"]) == (1, 1, "Charging")


@official("TC_E_09_CSMS", "A session that begins with the cable needs no token yet")
async def test_tc_e_09_csms_begins_with_the_cable(v201: Station) -> None:
    session = Session(v201)
    await session.connected()
    found = await session.shown()
    assert (found["id_token"], found["authorization"], found["inferred"]) == ("", "", False)


@official("TC_E_10_CSMS", "A session that begins with the card's acceptance, before any cable")
async def test_tc_e_10_csms_begins_with_the_card(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.authorized()
    assert [item["trigger_reason"] for item in await session.events()] == ["Authorized"]


@official("TC_E_11_CSMS", "A session that begins with signed data of the meter, which is kept byte for byte")
async def test_tc_e_11_csms_begins_with_signed_data(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    assert (await authorize(v201, session.token))["status"] == "Accepted"
    await report(v201, "Occupied")
    value = reading(sampled(0.0, "Transaction.Begin", signedMeterValue=SIGNED))
    answer = await session.send("SignedDataReceived", token=session.token, place=True, meterValue=[value])
    assert answer["idTokenInfo"]["status"] == "Accepted"
    [kept] = await session.values(context="Transaction.Begin")
    assert (kept["value"], kept["signed_data"]) == (0.0, SIGNED["signedMeterData"])
    assert kept["signature"] == {
        "signing_method": SIGNED["signingMethod"],
        "encoding_method": SIGNED["encodingMethod"],
        "public_key": SIGNED["publicKey"],
    }
    assert (await session.shown())["meter_start_wh"] == 0.0
    await session.changed("Charging")


@official("TC_E_12_CSMS", "A session that begins when a vehicle comes into the bay, with neither card nor cable")
async def test_tc_e_12_csms_begins_with_the_parking_bay(v201: Station) -> None:
    session = Session(v201)
    assert await session.send("EVDetected") == {}
    found = await session.shown()
    assert (found["active"], found["id_token"], found["charging_state"]) == (True, "", None)
    assert (found["evse_id"], found["inferred"]) == (0, False)


@official("TC_E_38_CSMS", "A vehicle that is plugged in and not ready yet is shown as suspended by itself")
async def test_tc_e_38_csms_vehicle_not_ready(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await session.authorized()
    await session.connected()
    await session.changed("SuspendedEV")
    assert (await v201.connector())["status"] == "Occupied"
    assert (await session.shown())["energy_wh"] is None


@official("TC_E_53_CSMS", "Each session counts its events from 0, on the same EVSE, one after the other")
async def test_tc_e_53_csms_each_session_counts_from_zero(v201: Station, tokens: Tokens) -> None:
    for past in range(2):
        session = Session(v201, await tokens.make())
        await session.charging()
        await session.disconnected()
        assert [item["seq_no"] for item in await session.events()] == [0, 1, 2, 3]
        assert len(await v201.transactions()) == past + 1


@pytest.mark.parametrize("status", ["blocked", "expired", "invalid"])
async def test_e05_fr_02_a_token_that_is_not_valid_is_told_so_and_the_session_stands(
    v201: Station, tokens: Tokens, status: str
) -> None:
    session = Session(v201, await tokens.make(status))
    answer = await session.send("Authorized", token=session.token, place=True)
    assert answer["idTokenInfo"]["status"] == status.capitalize()
    found = await session.shown()
    assert (found["active"], found["id_token"], found["authorization"]) == (True, session.token, status.capitalize())


async def test_e04_fr_01_a_start_made_without_a_connection_keeps_its_instant(v201: Station, tokens: Tokens) -> None:
    session = Session(v201, await tokens.make())
    await v201.peer.close()
    await v201.connect()
    answer = await session.send("Authorized", token=session.token, place=True, offline=True)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    found = await session.shown()
    assert (found["offline"], found["active"]) == (True, True)
    assert found["started_at"] == (await session.event(0))["timestamp"]
