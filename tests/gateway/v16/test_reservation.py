from typing import Any

import pytest

from support.desk import NOON_MS, Desk, at
from voltherd.domain.errors import NoAnswer, NotSupportedByVersion, PayloadInvalid
from voltherd.domain.reservation import CancelReservation, Reservation, Reserve
from voltherd.ocpp.v16 import ReserveNowRequest, ReserveNowResponse

ACCEPTED = {"status": "Accepted"}


def wish(**more: Any) -> Reserve:
    return Reserve(**{"id_token": "CARD", "expires_at": at(600), "evse_id": 1, **more})


async def made(desk: Desk, **more: Any) -> Reservation:
    desk.answer("ReserveNow", ACCEPTED)
    found = await desk.perform(wish(**more))
    return (await desk.held(Reservation))[str(found.answer["reservation_id"])]


async def test_a_connector_is_reserved_with_the_parent_tag_as_group(v16: Desk) -> None:
    found = await made(v16, group_id="FLEET")
    wanted = {
        "connectorId": 1,
        "expiryDate": at(600),
        "idTag": "CARD",
        "parentIdTag": "FLEET",
        "reservationId": v16.request_id,
    }
    assert v16.sent == [("ReserveNow", wanted)]
    assert (found.state, found.evse_no, found.expires_at_ms) == ("accepted", 1, NOON_MS + 600_000)


async def test_connector_0_is_the_station_as_a_whole(v16: Desk) -> None:
    found = await made(v16, evse_id=None)
    assert v16.sent[0][1]["connectorId"] == 0
    assert found.evse_no == 0


async def test_what_1_6_cannot_say_is_refused_before_anything_is_sent(v16: Desk) -> None:
    with pytest.raises(NotSupportedByVersion):
        await v16.perform(wish(connector_type="cCCS2"))
    with pytest.raises(PayloadInvalid):
        await v16.perform(wish(id_token="X" * 21))
    with pytest.raises(PayloadInvalid):
        await v16.perform(wish(group_id="X" * 21))
    assert v16.sent == []


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_a_refusal_is_kept_with_its_word(v16: Desk, status: str) -> None:
    v16.answer("ReserveNow", {"status": status})
    assert (await v16.perform(wish())).status == status
    (kept,) = (await v16.held(Reservation)).values()
    assert (kept.state, kept.answer) == ("rejected", status)


async def test_a_raw_request_is_recorded_and_used_by_the_start_that_names_it(v16: Desk) -> None:
    request = ReserveNowRequest(connector_id=1, expiry_date=at(600), id_tag="CARD", reservation_id=9)
    await v16.learn(request, ReserveNowResponse(status="Accepted"))
    start = {"connectorId": 1, "idTag": "OTHER", "meterStart": 0, "timestamp": at(5), "reservationId": 9}
    answer = await v16.receive("StartTransaction", start)
    kept = (await v16.held(Reservation))["9"]
    assert (kept.state, kept.transaction_id) == ("used", str(answer["transactionId"]))


async def test_trap_21_reservation_id_0_means_none(v16: Desk) -> None:
    found = await made(v16)
    start = {"connectorId": 1, "idTag": "OTHER", "meterStart": 0, "timestamp": at(5), "reservationId": 0}
    await v16.receive("StartTransaction", start)
    assert list(await v16.held(Reservation)) == [found.key]
    assert (await v16.held(Reservation))[found.key].state == "accepted"


async def test_the_same_start_again_changes_nothing(v16: Desk) -> None:
    found = await made(v16)
    start = {
        "connectorId": 1,
        "idTag": "CARD",
        "meterStart": 0,
        "timestamp": at(5),
        "reservationId": found.reservation_id,
    }
    first = await v16.receive("StartTransaction", start)
    assert await v16.receive("StartTransaction", start) == first
    assert (await v16.held(Reservation))[found.key].state == "used"


async def test_a_cancelled_reservation_is_over(v16: Desk) -> None:
    found = await made(v16)
    v16.answer("CancelReservation", ACCEPTED)
    await v16.perform(CancelReservation(reservation_id=found.reservation_id))
    assert v16.sent[-1] == ("CancelReservation", {"reservationId": found.reservation_id})
    assert (await v16.held(Reservation))[found.key].state == "cancelled"


@pytest.mark.parametrize(("status", "state"), [("Accepted", "accepted"), ("Occupied", "rejected")])
async def test_a_reservation_without_an_answer_is_unknown_until_a_late_one_comes(
    v16: Desk, status: str, state: str
) -> None:
    v16.answer("ReserveNow", NoAnswer("Nothing in 1 s."))
    with pytest.raises(NoAnswer):
        await v16.perform(wish())
    [found] = (await v16.held(Reservation)).values()
    assert (found.state, found.answer) == ("unknown", "")
    request = ReserveNowRequest(connector_id=1, expiry_date=at(600), id_tag="CARD", reservation_id=found.reservation_id)
    await v16.learn(request, ReserveNowResponse(status=status))  # type: ignore[arg-type]
    [found] = (await v16.held(Reservation)).values()
    assert (found.state, found.answer, found.id_token) == (state, status, "CARD")
