"""OCPP 2.1, block H: what is new in reservations. The ids name the use case."""

from datetime import UTC, datetime, timedelta
from functools import partial

from conformance.cases import case
from conformance.station import Station, Tokens

ours = partial(case, version="2.1")


@ours("TC_H_03_1_V21", "A token was shown for a reservation, but no session began")
async def test_tc_h_03_1_v21_no_transaction(v21: Station, tokens: Tokens) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    wish = {"id_token": await tokens.make(), "evse_id": 1, "expires_at": end}
    done = await v21.command("reserve", wish, answers={"ReserveNow": {"status": "Accepted"}})
    update = {"reservationId": done.call.payload["id"], "reservationUpdateStatus": "NoTransaction"}
    assert await v21.call("ReservationStatusUpdate", update) == {}
    [found] = await v21.api.items(f"/stations/{v21.identity}/reservations")
    assert (found["status"], found["ended_by"]) == ("expired", "the token was shown, but no session began")
