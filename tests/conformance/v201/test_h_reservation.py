"""OCPP 2.0.1, block H: reservation."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import event, status_2x

official = partial(case, version="2.0.1")
ACCEPTED = {"status": "Accepted"}


def in_s(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def reserve(station: Station, token: str, *, status: str = "Accepted", **more: Any) -> dict[str, Any]:
    """Reserve by command; gives what the station was sent."""
    wanted = {"id_token": token, "expires_at": in_s(300), **more}
    done = await station.command("reserve", wanted, answers={"ReserveNow": {"status": status}})
    assert done.call.action == "ReserveNow"
    assert done.record["state"] == ("effect_seen" if status == "Accepted" else "rejected")
    assert done.call.payload["idToken"] == {"idToken": token, "type": "ISO14443"}
    return done.call.payload


async def shown(station: Station, number: int) -> dict[str, Any]:
    """One reservation of the station as the API shows it."""
    listed = await station.api.items("/reservations", station_id=station.identity)
    [found] = [item for item in listed if item["reservation_id"] == number]
    assert found == await station.api.get(f"/reservations/{found['id']}")
    return dict(found)


async def report(station: Station, status: str, *, evse: int = 1) -> None:
    """Report a connector the old way and the new one."""
    await station.call("StatusNotification", status_2x(status, evse=evse))
    data = {
        "eventId": 1,
        "timestamp": in_s(0),
        "trigger": "Delta",
        "actualValue": status,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": {"id": evse, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
    }
    assert await station.call("NotifyEvent", {"generatedAt": in_s(0), "seqNo": 0, "eventData": [data]}) == {}
    assert (await station.connector(evse))["status"] == status


@official("TC_H_01_CSMS", "An EVSE is kept for a token, whose session uses the reservation up")
async def test_tc_h_01_csms_reserve_an_evse(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    sent = await reserve(v201, token, evse_id=1)
    assert sent["evseId"] == 1
    assert "connectorType" not in sent
    await report(v201, "Reserved")
    found = await shown(v201, sent["id"])
    assert (found["status"], found["evse_id"], found["id_token"]) == ("accepted", 1, token)
    await v201.call("TransactionEvent", event("Started", "tx", 0, token=token, reservationId=sent["id"]))
    assert (await shown(v201, sent["id"]))["status"] == "used"


@official("TC_H_07_CSMS", "A reservation that nobody used ends, as the station reports")
async def test_tc_h_07_csms_reservation_ends_unused(v201: Station, tokens: Tokens) -> None:
    end = in_s(1)
    sent = await reserve(v201, await tokens.make(), evse_id=1, expires_at=end)
    assert (sent["expiryDateTime"], sent["evseId"]) == (end, 1)
    await report(v201, "Reserved")
    await report(v201, "Available")
    update = {"reservationId": sent["id"], "reservationUpdateStatus": "Expired"}
    assert await v201.call("ReservationStatusUpdate", update) == {}
    assert (await shown(v201, sent["id"]))["status"] == "expired"


@official("TC_H_08_CSMS", "Any EVSE is kept for a token")
async def test_tc_h_08_csms_reserve_any_evse(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make())
    assert not {"evseId", "connectorType"} & set(sent)
    assert (await shown(v201, sent["id"]))["status"] == "accepted"


@official("TC_H_14_CSMS", "As many reservations for any EVSE as there are EVSEs make all of them reserved")
async def test_tc_h_14_csms_reserve_as_many_as_there_are(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    sent = [await reserve(v201, token) for _ in range(2)]
    assert sent[0]["id"] != sent[1]["id"]
    for evse in (1, 2):
        await report(v201, "Reserved", evse=evse)
    assert (await v201.shown())["status"] == "Reserved"
    listed = await v201.api.items(f"/stations/{v201.identity}/reservations", status="accepted")
    assert {item["reservation_id"] for item in listed} == {item["id"] for item in sent}


@official("TC_H_15_CSMS", "A connector type is kept for a token")
async def test_tc_h_15_csms_reserve_a_connector_type(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), connector_type="cCCS2")
    assert sent["connectorType"] == "cCCS2"
    assert "evseId" not in sent
    await report(v201, "Reserved")
    assert (await shown(v201, sent["id"]))["connector_type"] == "cCCS2"


@official("TC_H_17_CSMS", "A reservation is given back")
async def test_tc_h_17_csms_cancel_a_reservation(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), evse_id=1)
    await report(v201, "Reserved")
    found = await shown(v201, sent["id"])
    v201.answers["CancelReservation"] = ACCEPTED
    await v201.api.delete(f"/reservations/{found['id']}")
    [call] = v201.peer.taken_calls()
    assert (call.action, call.payload) == ("CancelReservation", {"reservationId": sent["id"]})
    await report(v201, "Available")
    assert (await shown(v201, sent["id"]))["status"] == "cancelled"


@official("TC_H_19_CSMS", "An EVSE is kept for a group, and a card of the group uses it")
async def test_tc_h_19_csms_reserve_for_a_group(v201: Station, tokens: Tokens) -> None:
    token, other = await tokens.make(group_id="H19"), await tokens.make(group_id="H19")
    sent = await reserve(v201, token, evse_id=1, group_id="H19")
    assert (sent["evseId"], sent["groupIdToken"]) == (1, {"idToken": "H19", "type": "Central"})
    await report(v201, "Reserved")
    await v201.call("TransactionEvent", event("Started", "tx", 0, token=other, reservationId=sent["id"]))
    assert (await shown(v201, sent["id"]))["status"] == "used"


@official("TC_H_20_CSMS", "A station that becomes faulty gives the reservation up")
async def test_tc_h_20_csms_reservation_removed_by_a_fault(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), evse_id=1)
    await report(v201, "Reserved")
    await report(v201, "Faulted")
    update = {"reservationId": sent["id"], "reservationUpdateStatus": "Removed"}
    assert await v201.call("ReservationStatusUpdate", update) == {}
    found = await shown(v201, sent["id"])
    assert (found["status"], found["ended_by"]) == ("cancelled", "the station gave it up")


@official("TC_H_22_CSMS", "A station that takes no reservations refuses, and that is shown")
async def test_tc_h_22_csms_reservations_are_not_taken(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), status="Rejected", evse_id=1)
    assert (await shown(v201, sent["id"]))["status"] == "rejected"


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_a_refused_reservation_is_a_problem_that_says_why(v201: Station, tokens: Tokens, status: str) -> None:
    v201.answers["ReserveNow"] = {"status": status}
    body = {"station_id": v201.identity, "evse_id": 1, "id_token": await tokens.make(), "expires_at": in_s(60)}
    code, problem = await v201.api.refused("/reservations", body)
    assert code == 409
    assert problem["detail"].startswith(f"{status}: ")


async def test_a_reservation_is_made_and_its_rival_refused_over_the_api(v201: Station, tokens: Tokens) -> None:
    v201.answers["ReserveNow"] = ACCEPTED
    body = {"station_id": v201.identity, "evse_id": 1, "id_token": await tokens.make(), "expires_at": in_s(60)}
    made = await v201.api.post("/reservations", body)
    [call] = v201.peer.taken_calls()
    assert (made["status"], made["reservation_id"]) == ("accepted", call.payload["id"])
    assert (made["station_id"], made["evse_id"], made["id_token"]) == (v201.identity, 1, body["id_token"])
    assert made["expires_at"] == body["expires_at"]
    code, problem = await v201.api.refused("/reservations", body)
    assert (code, problem["type"]) == (409, "urn:voltherd:problem:conflict")
    assert v201.peer.taken_calls() == []
    replaced = await v201.api.post("/reservations", body | {"replace": True})
    assert (replaced["id"], replaced["reservation_id"]) == (made["id"], made["reservation_id"])


async def test_what_cannot_be_reserved_is_told_by_its_kind(v201: Station, tokens: Tokens) -> None:
    body = {"station_id": v201.identity, "id_token": await tokens.make(), "expires_at": in_s(60)}
    assert (await v201.api.refused("/reservations", body | {"expires_at": in_s(-5)}))[0] == 422
    assert (await v201.api.refused("/reservations", body | {"station_id": "nobody"}))[0] == 404
    assert (await v201.api.refused("/reservations", body | {"connector_type": "cMCS"}))[0] == 422
    await v201.peer.close()
    code, problem = await v201.api.refused("/reservations", body)
    assert (code, problem["type"]) == (409, "urn:voltherd:problem:station-offline")


async def test_a_reservation_that_the_station_does_not_have_cannot_be_cancelled(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), evse_id=1)
    found = await shown(v201, sent["id"])
    v201.answers["CancelReservation"] = {"status": "Rejected"}
    response = await v201.api.client.delete(f"/reservations/{found['id']}")
    assert (response.status_code, response.json()["detail"][:9]) == (409, "Rejected:")
    assert (await shown(v201, sent["id"]))["flags"] == ["not-at-station"]


async def test_a_reservation_of_which_nobody_speaks_expires_by_our_clock(v201: Station, tokens: Tokens) -> None:
    sent = await reserve(v201, await tokens.make(), evse_id=1, expires_at=in_s(0.5))
    await v201.api.until(
        f"/stations/{v201.identity}/reservations", lambda page: page["items"][0]["status"] == "expired"
    )
    assert (await shown(v201, sent["id"]))["ended_by"] == "its time is over; the station said nothing"


async def test_raw_requests_make_and_cancel_reservations_too(v201: Station, tokens: Tokens) -> None:
    token = {"idToken": await tokens.make(), "type": "ISO14443"}
    wanted = {"id": 4242, "expiryDateTime": in_s(60), "idToken": token, "evseId": 2}
    await v201.raw("ReserveNow", wanted, ACCEPTED)
    found = await shown(v201, 4242)
    assert (found["status"], found["evse_id"], found["id_token"]) == ("accepted", 2, token["idToken"])
    await v201.raw("CancelReservation", {"reservationId": 4242}, ACCEPTED)
    assert (await shown(v201, 4242))["status"] == "cancelled"
