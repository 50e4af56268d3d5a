from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.errors import CallRefused, Conflict, Invalid, NoAnswer, PayloadInvalid, StationOffline
from voltherd.domain.reservation import REPLACEMENT_UNKNOWN, CancelReservation, Reservation, Reserve
from voltherd.ocpp.v2 import ReserveNowRequest, ReserveNowResponse
from voltherd.ocpp.v2.types import IdTokenType
from voltherd.ocpp.version import OcppVersion

ACCEPTED = {"status": "Accepted"}


def wish(**more: Any) -> Reserve:
    return Reserve(**{"id_token": "CARD", "expires_at": at(600), "evse_id": 1, **more})


async def made(desk: Desk, **more: Any) -> Reservation:
    desk.answer("ReserveNow", ACCEPTED)
    found = await desk.perform(wish(**more))
    assert found.accepted
    return (await desk.held(Reservation))[str(found.answer["reservation_id"])]


async def now(desk: Desk, number: int) -> Reservation:
    return (await desk.held(Reservation))[str(number)]


def began(transaction_id: str = "tx-1", *, evse: int = 1, token: str | None = None, **more: Any) -> Payload:
    found: Payload = {
        "eventType": "Started",
        "timestamp": at(60),
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": transaction_id},
        "evse": {"id": evse, "connectorId": 1},
        **more,
    }
    if token:
        found["idToken"] = {"idToken": token, "type": "ISO14443"}
    return found


async def test_h01_s2_a_specific_evse_is_reserved_under_a_number_of_ours(v2: Desk) -> None:
    found = await made(v2, group_id="FLEET", id_token_type="ISO15693")
    assert v2.sent == [
        (
            "ReserveNow",
            {
                "id": v2.request_id,
                "expiryDateTime": at(600),
                "idToken": {"idToken": "CARD", "type": "ISO15693"},
                "evseId": 1,
                "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            },
        )
    ]
    assert found.reservation_id == v2.request_id > 0
    assert (found.state, found.evse_no, found.id_token, found.group_id) == ("accepted", 1, "CARD", "FLEET")
    assert (found.expires_at_ms, found.id_token_type) == (NOON_MS + 600_000, "ISO15693")


async def test_h01_s1_no_evse_is_named_for_an_unspecified_one(v2: Desk) -> None:
    for evse_id in (None, 0):
        await made(v2, evse_id=evse_id)
        assert not {"evseId", "connectorType"} & set(v2.sent[-1][1])


async def test_h01_s3_a_connector_type_is_reserved(v2: Desk) -> None:
    found = await made(v2, evse_id=None, connector_type="cCCS2")
    assert v2.sent[-1][1]["connectorType"] == "cCCS2"
    assert "evseId" not in v2.sent[-1][1]
    assert (found.connector_type, found.evse_no) == ("cCCS2", 0)


async def test_h01_fr_20_there_may_be_several_for_any_evse_each_with_a_number_of_its_own(v2: Desk) -> None:
    numbers = {(await made(v2, evse_id=None)).reservation_id for _ in range(3)}
    assert len(numbers) == 3
    assert len(await v2.held(Reservation)) == 3


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_h01_fr_11_to_14_a_refusal_is_told_and_kept(v2: Desk, status: str) -> None:
    v2.answer("ReserveNow", {"status": status})
    found = await v2.perform(wish())
    assert (found.accepted, found.status) == (False, status)
    (kept,) = (await v2.held(Reservation)).values()
    assert (kept.state, kept.answer, kept.ended_by) == ("rejected", status, f"the station said {status}")


async def test_an_evse_that_is_reserved_is_not_asked_for_again(v2: Desk) -> None:
    await made(v2)
    with pytest.raises(Conflict, match="reserved already"):
        await v2.perform(wish(id_token="OTHER"))
    assert len(v2.sent) == 1
    await made(v2, evse_id=2)


async def test_h01_fr_02_a_replacement_keeps_the_number(v2: Desk) -> None:
    first = await made(v2)
    second = await made(v2, id_token="OTHER", replace=True)
    assert second.reservation_id == first.reservation_id
    assert [found.id_token for found in (await v2.held(Reservation)).values()] == ["OTHER"]


async def test_h01_fr_02_a_refused_replacement_leaves_what_was_there(v2: Desk) -> None:
    first = await made(v2)
    v2.answer("ReserveNow", {"status": "Rejected"})
    await v2.perform(wish(id_token="OTHER", replace=True))
    kept = await now(v2, first.reservation_id)
    assert (kept.state, kept.id_token) == ("accepted", "CARD")


@pytest.mark.parametrize("expires_at", ["tomorrow", at(-1)])
async def test_an_end_that_cannot_be_is_refused_before_anything_is_sent(v2: Desk, expires_at: str) -> None:
    with pytest.raises(Invalid, match="expires_at"):
        await v2.perform(wish(expires_at=expires_at))
    assert v2.sent == []


async def test_a_connector_type_that_2_0_1_does_not_know_is_refused_by_the_schema(v2: Desk) -> None:
    v2.answer("ReserveNow", ACCEPTED)
    if v2.version is OcppVersion.V21:
        assert (await v2.perform(wish(connector_type="cMCS"))).accepted
    else:
        with pytest.raises(PayloadInvalid):
            await v2.perform(wish(connector_type="cMCS"))


async def test_a_raw_request_is_recorded_too(v2: Desk) -> None:
    request = ReserveNowRequest(
        id=77, expiry_date_time=at(60), id_token=IdTokenType(id_token="RAW", type="Central"), evse_id=2
    )
    await v2.learn(request, ReserveNowResponse(status="Accepted"))
    kept = await now(v2, 77)
    assert (kept.state, kept.id_token, kept.evse_no) == ("accepted", "RAW", 2)


async def test_h02_fr_02_a_cancelled_reservation_is_over(v2: Desk) -> None:
    found = await made(v2)
    v2.answer("CancelReservation", ACCEPTED)
    assert (await v2.perform(CancelReservation(reservation_id=found.reservation_id))).accepted
    assert v2.sent[-1] == ("CancelReservation", {"reservationId": found.reservation_id})
    assert (await now(v2, found.reservation_id)).state == "cancelled"


async def test_h02_fr_01_what_the_station_does_not_know_is_flagged_and_no_longer_in_the_way(v2: Desk) -> None:
    found = await made(v2)
    v2.answer("CancelReservation", {"status": "Rejected"})
    assert not (await v2.perform(CancelReservation(reservation_id=found.reservation_id))).accepted
    kept = await now(v2, found.reservation_id)
    assert (kept.state, kept.flags) == ("accepted", ("not-at-station",))
    await made(v2, id_token="OTHER")


@pytest.mark.parametrize(("status", "state"), [("Expired", "expired"), ("Removed", "cancelled")])
async def test_h04_fr_01_the_station_says_how_it_ended(v2: Desk, status: str, state: str) -> None:
    found = await made(v2)
    update = {"reservationId": found.reservation_id, "reservationUpdateStatus": status}
    assert await v2.receive("ReservationStatusUpdate", update) == {}
    assert (await now(v2, found.reservation_id)).state == state


async def test_h03_fr_11_a_token_without_a_session_ends_it(v2: Desk) -> None:
    found = await made(v2)
    update = {"reservationId": found.reservation_id, "reservationUpdateStatus": "NoTransaction"}
    if v2.version is OcppVersion.V21:
        await v2.receive("ReservationStatusUpdate", update)
        kept = await now(v2, found.reservation_id)
        assert (kept.state, kept.ended_by) == ("expired", "the token was shown, but no session began")


async def test_an_update_of_a_reservation_that_nobody_knows_is_answered_and_kept(v2: Desk) -> None:
    assert await v2.receive("ReservationStatusUpdate", {"reservationId": 5, "reservationUpdateStatus": "Expired"}) == {}
    kept = await now(v2, 5)
    assert (kept.state, kept.flags) == ("expired", ("not-asked-for",))


async def test_an_update_that_overtakes_the_answer_is_joined_with_it(v2: Desk) -> None:
    await v2.receive("ReservationStatusUpdate", {"reservationId": 5, "reservationUpdateStatus": "Removed"})
    request = ReserveNowRequest(id=5, expiry_date_time=at(60), id_token=IdTokenType(id_token="RAW", type="Central"))
    await v2.learn(request, ReserveNowResponse(status="Accepted"))
    kept = await now(v2, 5)
    assert (kept.state, kept.id_token, kept.flags) == ("cancelled", "RAW", ())


async def test_h01_fr_15_a_session_that_names_the_reservation_uses_it(v2: Desk) -> None:
    found = await made(v2)
    await v2.receive("TransactionEvent", began(evse=1, token="ANYBODY", reservationId=found.reservation_id))
    kept = await now(v2, found.reservation_id)
    assert (kept.state, kept.transaction_id) == ("used", "tx-1")


async def test_h01_fr_15_the_reservation_may_be_named_in_a_later_event(v2: Desk) -> None:
    found = await made(v2)
    await v2.receive("TransactionEvent", began())
    assert (await now(v2, found.reservation_id)).state == "accepted"
    await v2.receive(
        "TransactionEvent", began(eventType="Updated", seqNo=1, reservationId=found.reservation_id, token="CARD")
    )
    assert (await now(v2, found.reservation_id)).state == "used"


@pytest.mark.parametrize("evse_id", [1, None])
async def test_h03_fr_01_the_token_alone_uses_it_where_the_station_does_not_say_so(
    v2: Desk, evse_id: int | None
) -> None:
    found = await made(v2, evse_id=evse_id)
    await v2.token("card")
    await v2.receive("TransactionEvent", began(token="Card"))
    assert (await now(v2, found.reservation_id)).state == "used"
    assert (await v2.transaction()).reservation_id is None


async def test_h03_fr_04_a_token_of_the_group_uses_it(v2: Desk) -> None:
    found = await made(v2, group_id="FLEET")
    await v2.token("SECOND", group_id="FLEET")
    await v2.receive("TransactionEvent", began(token="SECOND"))
    assert (await now(v2, found.reservation_id)).state == "used"


async def test_h03_another_token_another_evse_or_a_refused_token_do_not_use_it(v2: Desk) -> None:
    found = await made(v2)
    await v2.token("OTHER")
    await v2.token("CARD", status="blocked")
    await v2.receive("TransactionEvent", began("tx-1", token="OTHER"))
    await v2.receive("TransactionEvent", began("tx-2", token="CARD"))
    await v2.token("CARD", status="accepted")
    await v2.receive("TransactionEvent", began("tx-3", token="CARD", evse=2))
    assert (await now(v2, found.reservation_id)).state == "accepted"


async def test_what_is_over_and_of_which_nobody_spoke_ends_by_our_clock(v2: Desk) -> None:
    found = await made(v2, expires_at=at(30))
    later = await made(v2, evse_id=2)
    reservations = v2.services.reservations
    await reservations.expire(lambda _: v2.state)
    assert (await now(v2, found.reservation_id)).state == "accepted"
    reservations._clock_ms = lambda: NOON_MS + 36_000
    await reservations.expire(lambda _: v2.state)
    kept = await now(v2, found.reservation_id)
    assert (kept.state, kept.ended_by) == ("expired", "its time is over; the station said nothing")
    assert (await now(v2, later.reservation_id)).state == "accepted"


async def test_it_ends_by_our_clock_also_after_a_restart_and_while_the_station_is_away(v2: Desk) -> None:
    found = await made(v2, expires_at=at(30))
    reservations = v2.services.reservations
    reservations._due, reservations._knows_all = [], False
    reservations._clock_ms = lambda: NOON_MS + 36_000
    await reservations.expire(lambda _: None)
    assert (await now(v2, found.reservation_id)).state == "expired"


async def test_a_session_made_offline_uses_what_our_clock_had_ended(v2: Desk) -> None:
    found = await made(v2, expires_at=at(30))
    reservations = v2.services.reservations
    reservations._clock_ms = lambda: NOON_MS + 36_000
    await reservations.expire(lambda _: v2.state)
    await v2.receive("TransactionEvent", began(offline=True, token="X", reservationId=found.reservation_id))
    assert (await now(v2, found.reservation_id)).state == "used"


async def test_only_so_many_that_have_ended_are_kept(v2: Desk) -> None:
    for number in range(1, 56):
        await v2.receive("ReservationStatusUpdate", {"reservationId": number, "reservationUpdateStatus": "Expired"})
    kept = await v2.held(Reservation)
    assert len(kept) == 50
    assert "5" not in kept
    assert "55" in kept


async def test_reservations_are_found_again_after_a_restart(v2: Desk) -> None:
    found = await made(v2)
    await v2.restart()
    with pytest.raises(Conflict):
        await v2.perform(wish(id_token="OTHER"))
    await v2.receive("TransactionEvent", began(token="CARD", reservationId=found.reservation_id))
    assert (await now(v2, found.reservation_id)).state == "used"


# -- no answer, or a late one -----------------------------------------------------------------------------------------


async def unanswered(desk: Desk, **more: Any) -> int:
    """Ask for a reservation; the station does not answer in time. Gives its number."""
    desk.answer("ReserveNow", NoAnswer("Nothing in 1 s."))
    with pytest.raises(NoAnswer):
        await desk.perform(wish(**more))
    return int(desk.sent[-1][1]["id"])


async def answers_late(desk: Desk, number: int, status: str) -> Reservation:
    request = ReserveNowRequest(
        id=number, expiry_date_time=at(600), id_token=IdTokenType(id_token="CARD", type="ISO14443"), evse_id=1
    )
    await desk.learn(request, ReserveNowResponse(status=status))  # type: ignore[arg-type]
    return await now(desk, number)


async def test_h01_a_reservation_is_recorded_as_unknown_before_the_station_is_asked(v2: Desk) -> None:
    seen: list[str] = []

    def answer(request: Payload) -> Payload:
        held = v2.services.reservations._held(v2.state)
        seen.append(held[str(request["id"])].state)
        return ACCEPTED

    v2.answer("ReserveNow", answer)
    await v2.perform(wish())
    assert seen == ["unknown"]


@pytest.mark.parametrize(("status", "state"), [("Accepted", "accepted"), ("Occupied", "rejected")])
async def test_h01_a_late_answer_settles_what_nobody_knew(v2: Desk, status: str, state: str) -> None:
    number = await unanswered(v2)
    found = await now(v2, number)
    assert (found.state, found.id_token, found.evse_no, found.answer) == ("unknown", "CARD", 1, "")
    found = await answers_late(v2, number, status)
    assert (found.state, found.answer) == (state, status)


async def test_h01_fr_16_what_was_told_before_the_late_answer_stays(v2: Desk) -> None:
    number = await unanswered(v2)
    update = {"reservationId": number, "reservationUpdateStatus": "Expired"}
    await v2.receive("ReservationStatusUpdate", update)
    assert (await now(v2, number)).state == "expired"
    found = await answers_late(v2, number, "Accepted")
    assert (found.state, found.answer) == ("expired", "Accepted")


async def test_h03_fr_09_a_session_uses_a_reservation_whose_answer_was_lost(v2: Desk) -> None:
    number = await unanswered(v2)
    await v2.receive("TransactionEvent", began(token="CARD", reservationId=number))
    assert (await now(v2, number)).state == "used"


@pytest.mark.parametrize(("status", "state"), [("Accepted", "cancelled"), ("Rejected", "rejected")])
async def test_h02_a_reservation_whose_answer_was_lost_is_given_back(v2: Desk, status: str, state: str) -> None:
    number = await unanswered(v2)
    v2.answer("CancelReservation", {"status": status})
    await v2.perform(CancelReservation(reservation_id=number))
    assert (await now(v2, number)).state == state


async def test_a_reservation_whose_answer_was_lost_ends_by_our_clock_and_is_in_nobodys_way(v2: Desk) -> None:
    number = await unanswered(v2)
    again = await made_again(v2)
    assert again.reservation_id != number
    v2.services.reservations._clock_ms = lambda: NOON_MS + 700_000
    await v2.services.reservations.expire(lambda _: None)
    assert (await now(v2, number)).state == "expired"


async def made_again(desk: Desk) -> Reservation:
    desk.answer("ReserveNow", ACCEPTED)
    found = await desk.perform(wish())
    return await now(desk, int(found.answer["reservation_id"]))


@pytest.mark.parametrize("answer", ["Accepted", "Rejected", None])
async def test_h01_fr_02_one_that_is_to_be_replaced_stays_until_the_station_says_so(
    v2: Desk, answer: str | None
) -> None:
    number = (await made(v2)).reservation_id
    assert await unanswered(v2, replace=True, id_token="OTHER") == number
    found = await now(v2, number)
    assert (found.state, found.id_token, found.flags) == ("accepted", "CARD", (REPLACEMENT_UNKNOWN,))
    if answer:
        assert (await answers_late(v2, number, answer)).flags == ()


async def test_a_call_that_the_station_refuses_makes_no_reservation(v2: Desk) -> None:
    v2.answer("ReserveNow", CallRefused("The station answered NotImplemented.", "NotImplemented"))
    with pytest.raises(CallRefused):
        await v2.perform(wish())
    [found] = (await v2.held(Reservation)).values()
    assert (found.state, found.ended_by) == ("rejected", "The station answered NotImplemented.")


async def test_what_is_never_sent_leaves_no_reservation(v2: Desk) -> None:
    v2.answer("ReserveNow", StationOffline("Not connected; nothing was sent."))
    with pytest.raises(StationOffline):
        await v2.perform(wish())
    assert await v2.held(Reservation) == {}
