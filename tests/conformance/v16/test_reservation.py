"""OCPP 1.6, profile reservation."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v16.sessions import authorize, report, start, stop

official = partial(case, version="1.6", block="Reservation")
_numbers = itertools.count(1)


async def reserve(station: Station, token: str, status: str = "Accepted", *, connector: int = 1, **more: Any) -> int:
    """Ask for a reservation; the station gets exactly that and answers with a status. Gives its number."""
    expiry = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="seconds").replace("+00:00", "Z")
    number = next(_numbers)
    wanted = {"connectorId": connector, "expiryDate": expiry, "idTag": token, "reservationId": number} | more
    done = await station.raw("ReserveNow", wanted, {"status": status})
    assert done.call.payload == wanted
    assert (done.result, done.record["answer"]) == ({"status": status}, {"status": status})
    assert done.record["state"] == ("effect_seen" if status == "Accepted" else "rejected")
    return number


async def cancel(station: Station, number: int, status: str) -> str:
    """Take a reservation back; gives the state of the command's record."""
    done = await station.raw("CancelReservation", {"reservationId": number}, {"status": status})
    assert done.call.payload == {"reservationId": number}
    assert done.result == {"status": status}
    return str(done.record["state"])


@official("TC_046_CSMS", "A reserved connector is used by the token it is kept for; the session names the reservation")
async def test_tc_046_csms_reserved_connector_is_used(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    number = await reserve(v16, token)
    await report(v16, "Reserved")
    assert (await v16.shown())["status"] == "Reserved"
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing")
    transaction = await start(v16, token, reservationId=number)
    assert (await v16.transaction())["reservation_id"] == number
    await report(v16, "Charging")
    await stop(v16, transaction, "Local", token)


@official("TC_047_CSMS", "A reservation that nobody uses ends at its time, and the connector is shown as free")
async def test_tc_047_csms_reservation_expires(v16: Station, tokens: Tokens) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    await reserve(v16, await tokens.make(), expiryDate=soon)
    await report(v16, "Reserved")
    await report(v16, "Available")
    assert (await v16.shown())["status"] == "Available"
    assert await v16.transactions() == []


@official("TC_048_1_CSMS", "A connector that is faulted cannot be reserved, and that is shown")
async def test_tc_048_1_csms_reservation_of_a_faulted_connector(v16: Station, tokens: Tokens) -> None:
    await reserve(v16, await tokens.make(), "Faulted")


@official("TC_048_2_CSMS", "A connector in use cannot be reserved, and that is shown")
async def test_tc_048_2_csms_reservation_of_an_occupied_connector(v16: Station, tokens: Tokens) -> None:
    await report(v16, "Preparing")
    await reserve(v16, await tokens.make(), "Occupied")


@official("TC_048_3_CSMS", "A connector that was taken out of service cannot be reserved, and that is shown")
async def test_tc_048_3_csms_reservation_of_an_unavailable_connector(v16: Station, tokens: Tokens) -> None:
    await report(v16, "Available")
    wanted = {"operational": False, "evse_id": 1}
    done = await v16.command("change-availability", wanted, answers={"ChangeAvailability": {"status": "Accepted"}})
    assert (done.call.action, done.call.payload) == ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"})
    await report(v16, "Unavailable")
    await v16.become(done.record, "effect_seen")
    assert (await v16.evse())["operational"] is False
    await reserve(v16, await tokens.make(), "Unavailable")


@official("TC_048_4_CSMS", "A station that takes no reservations refuses, and that is shown")
async def test_tc_048_4_csms_reservation_rejected(v16: Station, tokens: Tokens) -> None:
    await reserve(v16, await tokens.make(), "Rejected")


@official("TC_049_CSMS", "A station is reserved as a whole and used at any of its connectors")
async def test_tc_049_csms_reserved_station_is_used(v16: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    for connector in (1, 2):
        await report(v16, "Available", connector=connector)
    number = await reserve(v16, token, connector=0)
    for connector in (1, 2):
        await report(v16, "Reserved", connector=connector)
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing", connector=2)
    transaction = await start(v16, token, connector=2, reservationId=number)
    await report(v16, "Available", connector=1)
    await report(v16, "Charging", connector=2)
    assert (await v16.transaction())["reservation_id"] == number
    await stop(v16, transaction, "Local", token)


@official("TC_051_CSMS", "A reservation is taken back, and the connector is free")
async def test_tc_051_csms_reservation_cancelled(v16: Station, tokens: Tokens) -> None:
    number = await reserve(v16, await tokens.make())
    await report(v16, "Reserved")
    assert await cancel(v16, number, "Accepted") == "effect_seen"
    await report(v16, "Available")


@official("TC_052_CSMS", "A reservation that the station does not know cannot be taken back, and that is shown")
async def test_tc_052_csms_cancelling_is_rejected(v16: Station, tokens: Tokens) -> None:
    number = await reserve(v16, await tokens.make())
    await report(v16, "Reserved")
    assert await cancel(v16, number, "Rejected") == "rejected"
    assert (await v16.connector())["status"] == "Reserved"


@official("TC_053_CSMS", "A connector reserved for a group is used by another token of that group")
async def test_tc_053_csms_reserved_connector_is_used_by_the_group(v16: Station, tokens: Tokens) -> None:
    group = tokens.unknown()
    reserved_for, used_by = await tokens.make(group_id=group), await tokens.make(group_id=group)
    number = await reserve(v16, reserved_for, parentIdTag=group)
    await report(v16, "Reserved")
    assert await authorize(v16, used_by) == {"status": "Accepted", "parentIdTag": group}
    await report(v16, "Preparing")
    transaction = await start(v16, used_by, reservationId=number)
    assert (await v16.transaction())["reservation_id"] == number
    await report(v16, "Charging")
    await stop(v16, transaction, "Local", used_by)
