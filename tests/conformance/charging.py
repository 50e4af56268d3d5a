"""What cases of smart charging share: profiles, reports, and what the API shows of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.station import Station
from support.payloads import event

ACCEPTED = {"status": "Accepted"}
AC_NEEDS: dict[str, Any] = {
    "requestedEnergyTransfer": "AC_three_phase",
    "acChargingParameters": {"energyAmount": 20_000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400},
}


def in_s(seconds: float) -> str:
    """Give an instant so many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def profile(purpose: str, limit: float, *, kind: str = "Absolute", **more: Any) -> dict[str, Any]:
    """Make a profile with one schedule of one period, in force from now on for an hour."""
    schedule: dict[str, Any] = {
        "id": 1,
        "chargingRateUnit": "A",
        "duration": 3600,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit, "numberPhases": 3}],
    }
    found: dict[str, Any] = {
        "id": 101,
        "stackLevel": 1,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
    }
    if kind != "Relative":
        schedule["startSchedule"] = in_s(0)
        found |= {"validFrom": in_s(0), "validTo": in_s(3600)}
    return found | more


async def install(station: Station, wanted: dict[str, Any], evse_id: int, answer: str = "Accepted") -> dict[str, Any]:
    """Install a profile by command; gives what the station was sent, which is the profile as it was given."""
    body = {"profile": wanted, "evse_id": evse_id, "exact": True}
    done = await station.command("set-charging-profile", body, answers={"SetChargingProfile": {"status": answer}})
    assert done.record["state"] == ("accepted" if answer == "Accepted" else "rejected")
    call = done.calls[0]
    assert call.action == "SetChargingProfile"
    assert call.payload["evseId"] == evse_id
    return dict(call.payload["chargingProfile"])


async def installed(station: Station) -> dict[int, dict[str, Any]]:
    """Give the profiles of a station by id, as the API shows them."""
    found = await station.api.items(f"/stations/{station.identity}/installed-profiles")
    return {item["profile_id"]: item for item in found}


async def plug_in(station: Station, transaction_id: str, token: str) -> None:
    """Begin a session with an authorised token."""
    answer = await station.call("TransactionEvent", event("Started", transaction_id, 0, token=token))
    assert answer["idTokenInfo"]["status"] == "Accepted"


async def update(station: Station, transaction_id: str, seq_no: int, trigger: str, **info: Any) -> None:
    """Report that something changed in a session."""
    told = event("Updated", transaction_id, seq_no, trigger=trigger, info=info)
    assert set(await station.call("TransactionEvent", told)) <= {"idTokenInfo", "updatedPersonalMessage"}


async def needs(station: Station, transaction_id: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
    """Tell needs; gives the profile that comes by itself, which the station accepts."""
    station.peer.taken_calls()
    station.answers["SetChargingProfile"] = ACCEPTED
    wanted = {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": told or AC_NEEDS}
    assert await station.call("NotifyEVChargingNeeds", wanted) == ACCEPTED
    return await sent_by_itself(station, transaction_id)


async def sent_by_itself(station: Station, transaction_id: str) -> dict[str, Any]:
    """Wait for the profile of a session that a rule sends; gives it."""
    call = await station.peer.next_call()
    assert call.action == "SetChargingProfile"
    found = call.payload["chargingProfile"]
    assert (call.payload["evseId"], found["chargingProfilePurpose"]) == (1, "TxProfile")
    assert found["transactionId"] == transaction_id
    return dict(found)


async def plan(station: Station, schedule: dict[str, Any]) -> str:
    """Tell what the vehicle plans; gives the answer's status."""
    told = {"timeBase": schedule.get("startSchedule") or in_s(0), "evseId": 1, "chargingSchedule": schedule}
    answer = await station.call("NotifyEVChargingSchedule", told)
    return str(answer["status"])


def above(offer: dict[str, Any]) -> dict[str, Any]:
    """Make a schedule that goes beyond an offered profile."""
    [schedule] = offer["chargingSchedule"]
    periods = [{**period, "limit": period["limit"] * 2} for period in schedule["chargingSchedulePeriod"]]
    return {**schedule, "chargingSchedulePeriod": periods}
