"""OCPP 1.6, profile reservation."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from conformance.v16.sessions import authorize, report, start, stop
from support.api import until

official = partial(case, version="1.6", block="Reservation")


def in_s(seconds: float) -> str:
    """An instant from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def shown(station: Station, number: int) -> dict[str, Any]:
    """Give a reservation as the API shows it."""
    [found] = [item for item in await station.documents("reservations") if item["reservation_id"] == number]
    return dict(found)


async def reserve(station: Station, token: str, status: str = "Accepted", *, evse_id: int = 1, **more: Any) -> int:
    """Ask for a reservation, which the station answers with a status; both are shown. Gives its number."""
    wanted = {"id_token": token, "evse_id": evse_id, "expires_at": in_s(300)} | more
    done = await station.command("reserve", wanted, answers={"ReserveNow": {"status": status}})
    sent = done.call.payload
    assert done.call.action == "ReserveNow"
    assert (sent["connectorId"], sent["idTag"], sent["expiryDate"]) == (evse_id, token, wanted["expires_at"])
    assert sent.get("parentIdTag") == wanted.get("group_id")
    assert done.record["answer"]["status"] == status
    assert done.record["state"] == ("effect_seen" if status == "Accepted" else "rejected")
    found = await shown(station, sent["reservationId"])
    assert (found["evse_id"], found["id_token"], found["answer"]) == (evse_id, token, status)
    assert found["status"] == ("accepted" if status == "Accepted" else "rejected")
    return int(sent["reservationId"])


async def used(station: Station, number: int, transaction: int) -> None:
    """The reservation was used by this transaction."""
    found = await shown(station, number)
    assert (found["status"], found["transaction_id"]) == ("used", str(transaction))
    assert (await station.transaction())["reservation_id"] == number


async def cancel(station: Station, number: int, status: str) -> str:
    """Take a reservation back; gives the state of the command's record."""
    wanted = {"reservation_id": number}
    done = await station.command("cancel-reservation", wanted, answers={"CancelReservation": {"status": status}})
    assert (done.call.action, done.call.payload) == ("CancelReservation", {"reservationId": number})
    assert done.record["answer"] == {"status": status}
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
    await used(v16, number, transaction)
    await report(v16, "Charging")
    await stop(v16, transaction, "Local", token)


@pytest.mark.slow  # a station is given some seconds to speak of the end itself
@official("TC_047_CSMS", "A reservation that nobody uses ends at its time, and the connector is shown as free")
async def test_tc_047_csms_reservation_expires(v16: Station, tokens: Tokens) -> None:
    number = await reserve(v16, await tokens.make(), expires_at=in_s(0.5))
    await report(v16, "Reserved")
    await report(v16, "Available")
    assert (await v16.shown())["status"] == "Available"
    assert await v16.transactions() == []
    await until(lambda: shown(v16, number), lambda found: found["status"] == "expired")


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
    number = await reserve(v16, token, evse_id=0)
    for connector in (1, 2):
        await report(v16, "Reserved", connector=connector)
    assert (await authorize(v16, token))["status"] == "Accepted"
    await report(v16, "Preparing", connector=2)
    transaction = await start(v16, token, connector=2, reservationId=number)
    await report(v16, "Available", connector=1)
    await report(v16, "Charging", connector=2)
    await used(v16, number, transaction)
    await stop(v16, transaction, "Local", token)


@official("TC_051_CSMS", "A reservation is taken back, and the connector is free")
async def test_tc_051_csms_reservation_cancelled(v16: Station, tokens: Tokens) -> None:
    number = await reserve(v16, await tokens.make())
    await report(v16, "Reserved")
    assert await cancel(v16, number, "Accepted") == "effect_seen"
    assert (await shown(v16, number))["status"] == "cancelled"
    await report(v16, "Available")


@official("TC_052_CSMS", "A reservation that the station does not know cannot be taken back, and that is shown")
async def test_tc_052_csms_cancelling_is_rejected(v16: Station, tokens: Tokens) -> None:
    number = await reserve(v16, await tokens.make())
    await report(v16, "Reserved")
    assert await cancel(v16, number, "Rejected") == "rejected"
    assert (await v16.connector())["status"] == "Reserved"
    assert (await shown(v16, number))["flags"] == ["not-at-station"]


@official("TC_053_CSMS", "A connector reserved for a group is used by another token of that group")
async def test_tc_053_csms_reserved_connector_is_used_by_the_group(v16: Station, tokens: Tokens) -> None:
    group = tokens.unknown()
    reserved_for, used_by = await tokens.make(group_id=group), await tokens.make(group_id=group)
    number = await reserve(v16, reserved_for, group_id=group)
    await report(v16, "Reserved")
    assert await authorize(v16, used_by) == {"status": "Accepted", "parentIdTag": group}
    await report(v16, "Preparing")
    transaction = await start(v16, used_by, reservationId=number)
    await used(v16, number, transaction)
    await report(v16, "Charging")
    await stop(v16, transaction, "Local", used_by)
