"""Charging profiles of OCPP 2.x for cases of a station."""

from typing import Any

from conformance.stations.csms import Csms
from conformance.stations.v2 import fresh


def profile(
    *periods: tuple[int, float],
    purpose: str = "TxDefaultProfile",
    kind: str = "Absolute",
    start: str | None = None,
    duration: int | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A profile in amperes; a period is its start in seconds and its limit."""
    schedule: dict[str, Any] = {
        "id": fresh(),
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": begin, "limit": limit, "numberPhases": 3} for begin, limit in periods
        ],
    }
    if start is not None:
        schedule["startSchedule"] = start
    if duration is not None:
        schedule["duration"] = duration
    return {
        "id": fresh(),
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
    } | fields


async def put_profile(csms: Csms, evse_id: int, one: dict[str, Any], status: str = "Accepted") -> None:
    """Set a profile."""
    answer = await csms.call("SetChargingProfile", evseId=evse_id, chargingProfile=one)
    assert answer["status"] == status, answer


async def get_profiles(
    csms: Csms, evse_id: int | None = None, status: str = "Accepted", **criterion: Any
) -> list[tuple[int, dict[str, Any]]]:
    """Ask for profiles; gives each with its EVSE."""
    request_id = fresh()
    asked: dict[str, Any] = {"requestId": request_id, "chargingProfile": criterion}
    answer = await csms.call("GetChargingProfiles", asked | ({} if evse_id is None else {"evseId": evse_id}))
    assert answer["status"] == status, answer
    found: list[tuple[int, dict[str, Any]]] = []
    while status == "Accepted":
        part = await csms.expect("ReportChargingProfiles", requestId=request_id)
        found += [(part["evseId"], one) for one in part["chargingProfile"]]
        if not part.get("tbc", False):
            break
    return found


async def clear(csms: Csms, status: str = "Accepted", **fields: Any) -> None:
    """Clear profiles."""
    assert (await csms.call("ClearChargingProfile", fields))["status"] == status


async def composite(csms: Csms, evse_id: int, duration: int, unit: str = "A") -> list[tuple[int, float]]:
    """Ask for the composite schedule; gives its periods."""
    answer = await csms.call("GetCompositeSchedule", evseId=evse_id, duration=duration, chargingRateUnit=unit)
    assert answer["status"] == "Accepted", answer
    schedule = answer["schedule"]
    assert (schedule["evseId"], schedule["duration"], schedule["chargingRateUnit"]) == (evse_id, duration, unit)
    periods = [(one["startPeriod"], one["limit"]) for one in schedule["chargingSchedulePeriod"]]
    assert [begin for begin, _ in periods] == sorted({begin for begin, _ in periods})
    return periods


def like(found: list[tuple[int, float]], *wanted: tuple[int, float], within_s: int = 4) -> None:
    """The periods are those wanted, but for a few seconds; merged where neighbours are equal."""
    merged = [one for number, one in enumerate(found) if number == 0 or found[number - 1][1] != one[1]]
    assert len(merged) == len(wanted), (merged, wanted)
    for (begin, limit), (wanted_begin, wanted_limit) in zip(merged, wanted, strict=True):
        assert abs(begin - wanted_begin) <= within_s, (merged, wanted)
        assert abs(limit - wanted_limit) < 0.05, (merged, wanted)
