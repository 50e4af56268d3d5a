from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload
from voltherd.domain.battery_swap import BatterySwap, RequestBatterySwap
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.ocpp.version import OcppVersion

TOKEN = {"idToken": "CARD", "type": "ISO14443"}


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    await desk.token("CARD")
    yield desk
    await desk.store.close()


def report(event_type: str, *serials: str, request_id: int = 7, **more: Any) -> Payload:
    batteries = [
        {"evseId": slot, "serialNumber": serial, "soC": 12.5, "soH": 97, "vendorInfo": "x"}
        for slot, serial in enumerate(serials, 1)
    ]
    return {"eventType": event_type, "requestId": request_id, "idToken": TOKEN, "batteryData": batteries} | more


async def only(desk: Desk) -> BatterySwap:
    [found] = (await desk.held(BatterySwap)).values()
    return found


async def test_2_0_1_has_no_battery_swap(tmp_path: Path) -> None:
    desk = await Desk.open(tmp_path / "v201.db", OcppVersion.V201)
    with pytest.raises(NotSupportedByVersion):
        await desk.perform(RequestBatterySwap(id_token="CARD"))
    await desk.store.close()


async def test_s03_batteries_in_and_out_are_matched_by_their_request_id(v21: Desk) -> None:
    assert await v21.receive("BatterySwap", report("BatteryIn", "old")) == {}
    swap = await only(v21)
    assert (swap.state, swap.authorization, swap.in_at_ms) == ("in", "Accepted", NOON_MS)
    battery = swap.batteries_in[0]
    assert (battery.slot, battery.serial_number, battery.soc_percent, battery.soh_percent) == (1, "old", 12.5, 97.0)
    await v21.receive("BatterySwap", report("BatteryOut", "new"))
    swap = await only(v21)
    assert (swap.state, swap.batteries_out[0].serial_number, swap.flags) == ("completed", "new", [])


async def test_s03_the_new_battery_may_come_first(v21: Desk) -> None:
    await v21.receive("BatterySwap", report("BatteryOut", "new"))
    assert (await only(v21)).state == "out"
    await v21.receive("BatterySwap", report("BatteryIn", "old"))
    assert (await only(v21)).state == "completed"


async def test_the_same_report_again_changes_nothing(v21: Desk) -> None:
    for event_type, serial in (("BatteryIn", "old"), ("BatteryOut", "new")):
        for _ in range(2):
            await v21.receive("BatterySwap", report(event_type, serial))
    assert (await only(v21)).state == "completed"


async def test_a_request_id_that_is_used_again_is_another_swap(v21: Desk) -> None:
    for serials in (("a", "b"), ("c", "d")):
        await v21.receive("BatterySwap", report("BatteryIn", serials[0]))
        await v21.receive("BatterySwap", report("BatteryOut", serials[1]))
    found = list((await v21.held(BatterySwap)).values())
    assert [(swap.state, swap.flags) for swap in found] == [("completed", []), ("completed", ["request-id-reused"])]


@pytest.mark.parametrize(
    ("out", "flag"),
    [
        (report("BatteryOut", "new", "more"), "count-differs"),
        (report("BatteryOut", "new", idToken={"idToken": "OTHER", "type": "Central"}), "other-token"),
    ],
)
async def test_what_does_not_match_is_flagged_and_kept(v21: Desk, out: Payload, flag: str) -> None:
    await v21.receive("BatterySwap", report("BatteryIn", "old"))
    assert await v21.receive("BatterySwap", out) == {}
    swap = await only(v21)
    assert swap.state == "mismatch"
    assert flag in swap.flags


async def test_s03_fr_06_batteries_that_nobody_took_end_the_swap(v21: Desk) -> None:
    await v21.receive("BatterySwap", report("BatteryIn", "old"))
    await v21.receive("BatterySwap", report("BatteryOutTimeout", "new"))
    swap = await only(v21)
    assert (swap.state, swap.offered[0].serial_number, swap.batteries_out) == ("timeout", "new", [])


async def test_s01_a_swap_with_a_token_that_is_not_accepted_is_kept_and_flagged(v21: Desk) -> None:
    await v21.receive("BatterySwap", report("BatteryIn", "old", idToken={"idToken": "NOBODY", "type": "ISO14443"}))
    swap = await only(v21)
    assert (swap.authorization, swap.flags) == ("Unknown", ["token-not-accepted"])


# -- asked for by us --------------------------------------------------------------------------------------------------


async def test_s02_fr_02_a_swap_of_ours_is_completed_under_its_number(v21: Desk) -> None:
    v21.answer("RequestBatterySwap", {"status": "Accepted"})
    command = RequestBatterySwap(id_token="CARD", id_token_type="ISO14443", expires_after_s=60)
    record = v21.open_command(command)
    assert (await v21.perform(command)).accepted
    assert v21.sent == [("RequestBatterySwap", {"idToken": TOKEN, "requestId": v21.request_id})]
    swap = await only(v21)
    assert (swap.state, swap.expires_at_ms) == ("requested", NOON_MS + 60_000)
    await v21.receive("BatterySwap", report("BatteryIn", "old", request_id=v21.request_id))
    assert record.state == "sent"
    await v21.receive("BatterySwap", report("BatteryOut", "new", request_id=v21.request_id))
    assert record.state == "effect_seen"
    swap = await only(v21)
    assert (swap.state, swap.answer, swap.expires_at_ms) == ("completed", "Accepted", None)


async def test_s03_fr_06_a_swap_of_ours_that_nobody_finished_has_failed(v21: Desk) -> None:
    v21.answer("RequestBatterySwap", {"status": "Accepted"})
    command = RequestBatterySwap(id_token="CARD")
    record = v21.open_command(command)
    await v21.perform(command)
    await v21.receive("BatterySwap", report("BatteryIn", "old", request_id=v21.request_id))
    await v21.receive("BatterySwap", report("BatteryOutTimeout", "new", request_id=v21.request_id))
    assert record.state == "failed"


async def test_s02_fr_03_a_token_that_is_not_accepted_is_not_sent(v21: Desk) -> None:
    with pytest.raises(PayloadInvalid, match="not accepted"):
        await v21.perform(RequestBatterySwap(id_token="NOBODY"))
    assert v21.sent == []


async def test_s02_fr_04_no_battery_is_told_with_its_reason(v21: Desk) -> None:
    v21.answer("RequestBatterySwap", {"status": "Rejected", "statusInfo": {"reasonCode": "NoBatteryAvailable"}})
    assert not (await v21.perform(RequestBatterySwap(id_token="CARD"))).accepted
    swap = await only(v21)
    assert (swap.state, swap.answer, swap.expires_at_ms) == ("rejected", "Rejected (NoBatteryAvailable)", None)


async def test_s02_fr_05_a_booking_ends_when_nobody_comes(v21: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    v21.answer("RequestBatterySwap", {"status": "Accepted"})
    swaps = v21.services.battery_swaps
    await swaps.expire(lambda _: v21.state)
    await v21.perform(RequestBatterySwap(id_token="CARD", expires_after_s=60))
    await swaps.expire(lambda _: v21.state)
    assert (await only(v21)).state == "requested"
    monkeypatch.setattr(swaps, "_clock_ms", lambda: NOON_MS + 60_000)
    await swaps.expire(lambda _: v21.state)
    assert (await only(v21)).state == "expired"
    await v21.receive("BatterySwap", report("BatteryIn", "old", request_id=v21.request_id))
    swap = await only(v21)
    assert (swap.state, swap.flags) == ("in", ["after-expiry"])


async def test_a_booking_ends_although_the_station_is_away_since_a_restart(
    v21: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    v21.answer("RequestBatterySwap", {"status": "Accepted"})
    await v21.perform(RequestBatterySwap(id_token="CARD", expires_after_s=60))
    swaps = v21.services.battery_swaps
    monkeypatch.setattr(swaps, "_clock_ms", lambda: NOON_MS + 60_000)
    await swaps.expire(lambda _: None)
    assert (await only(v21)).state == "expired"
