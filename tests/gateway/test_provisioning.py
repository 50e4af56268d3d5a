"""Boots: quirks chosen, intervals, and stations that do not say who they are (B01-B03, traps 10, 11, 17)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload
from voltherd.domain.commands import Trigger
from voltherd.domain.quirk import Quirks
from voltherd.gateway.admission import BURST_S, Admission
from voltherd.ocpp.version import OcppVersion
from voltherd.services.provisioning import NO_BOOT, Provisioning
from voltherd.services.settings import Connecting
from voltherd.services.work import FollowUp, Work


def boot(desk: Desk, vendor: str = "Acme", model: str = "One", reason: str = "PowerUp") -> Payload:
    if desk.version is OcppVersion.V16:
        return {"chargePointVendor": vendor, "chargePointModel": model, "iccid": "8931", "imsi": "2040"}
    modem = {"iccid": "8931", "imsi": "2040"}
    return {"reason": reason, "chargingStation": {"vendorName": vendor, "model": model, "modem": modem}}


@pytest.fixture(params=list(OcppVersion), ids=str)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    found = await Desk.open(tmp_path / "desk.db", request.param)
    yield found
    await found.store.close()


async def test_b01_a_boot_is_recorded_with_reason_and_modem(desk: Desk) -> None:
    answer = await desk.receive("BootNotification", boot(desk))
    assert (answer["status"], answer["interval"]) == ("Accepted", 300)
    station = desk.state.station
    assert (station.iccid, station.imsi, station.booted_at_ms) == ("8931", "2040", NOON_MS)
    assert station.boot_reason == ("" if desk.version is OcppVersion.V16 else "PowerUp")


@pytest.mark.parametrize(("registration", "status"), [("pending", "Pending"), ("rejected", "Rejected")])
async def test_b02_b03_who_is_not_accepted_gets_a_retry_interval_of_its_own(
    desk: Desk, registration: Any, status: str
) -> None:
    desk.state.station.registration = registration
    answer = await desk.receive("BootNotification", boot(desk))
    assert (answer["status"], answer["interval"]) == (status, 68)


def test_trap_17_retry_intervals_of_a_fleet_are_spread(v16: Desk) -> None:
    v16.state.station.registration = "pending"
    spread = Provisioning(retry_interval_s=60)
    found = {spread.interval_s(v16.state) for _ in range(200)}
    assert min(found) >= 60
    assert max(found) <= 75
    assert len(found) > 5


def test_trap_17_a_fleet_that_comes_back_together_is_let_in_little_by_little() -> None:
    now = [100.0]
    admission = Admission(lambda: now[0], spread=lambda: 0.5)
    assert all(admission.retry_after_s() is None for _ in range(10_000)), "no limit was set"
    admission.limit(10)
    found = [admission.retry_after_s() for _ in range(150)]
    assert found.count(None) == 10 * BURST_S
    assert set(found) == {None, 18}
    now[0] += 1.0
    assert [admission.retry_after_s() for _ in range(12)].count(None) == 10
    now[0] += 3600.0
    assert [admission.retry_after_s() for _ in range(200)].count(None) == 10 * BURST_S


def test_trap_17_stations_that_are_put_off_do_not_come_back_in_step() -> None:
    admission = Admission(lambda: 0.0)
    admission.limit(1)
    told = {admission.retry_after_s() for _ in range(300)} - {None}
    assert len(told) > 5


async def test_trap_11_empty_vendor_and_model_are_accepted_and_flagged(desk: Desk) -> None:
    assert (await desk.receive("BootNotification", boot(desk, "", " ")))["status"] == "Accepted"
    assert set(desk.state.station.flags) == {"empty-vendor", "empty-model"}
    await desk.receive("BootNotification", boot(desk))
    assert desk.state.station.flags == ()


def settled(desk: Desk, after_s: float, rule: Connecting | None = None) -> tuple[bool, list[FollowUp]]:
    provisioning = Provisioning(connecting=lambda: rule or Connecting())
    work = Work(NOON_MS + round(after_s * 1000), 1, desk.state.station.identity)
    return provisioning.boot_settled(desk.state, work, NOON_MS), work.follow_ups or []


def test_trap_10_a_station_that_never_said_who_it_is_is_asked_after_a_few_seconds(desk: Desk) -> None:
    assert settled(desk, 4.9) == (False, [])
    done, [asked] = settled(desk, 5.0)
    assert done
    assert asked.command == Trigger(message="BootNotification")
    assert NO_BOOT in desk.state.station.flags


async def test_trap_10_a_station_that_answers_is_not_flagged_any_longer(desk: Desk) -> None:
    settled(desk, 5.0)
    await desk.receive("BootNotification", boot(desk, reason="Triggered"))
    assert desk.state.station.flags == ()


@pytest.mark.parametrize(
    ("booted_ms", "quirks", "rule", "asked"),
    [
        (None, Quirks(), Connecting(), True),
        (None, Quirks(), Connecting(trigger_boot="never"), False),
        (NOON_MS - 1, Quirks(), Connecting(), False),
        (NOON_MS - 1, Quirks(no_boot_after_reconnect=True), Connecting(), True),
        (NOON_MS - 1, Quirks(), Connecting(trigger_boot="always"), True),
        (NOON_MS + 1, Quirks(no_boot_after_reconnect=True), Connecting(trigger_boot="always"), False),
        (None, Quirks(no_trigger=True), Connecting(), False),
    ],
)
def test_trap_10_who_is_asked(desk: Desk, booted_ms: int | None, quirks: Quirks, rule: Connecting, asked: bool) -> None:
    desk.state.station.booted_at_ms, desk.state.quirks = booted_ms, quirks
    done, commands = settled(desk, 60.0, rule)
    assert done
    assert bool(commands) is asked


def test_b03_fr_03_a_rejected_station_is_asked_nothing(desk: Desk) -> None:
    desk.state.station.registration = "rejected"
    assert settled(desk, 60.0) == (True, [])


async def test_quirk_heartbeat_interval_holds_from_the_first_boot_on(desk: Desk) -> None:
    desk.state.station.quirks = "behind-carrier"
    assert (await desk.receive("BootNotification", boot(desk)))["interval"] == 60


async def test_quirks_follow_the_model_that_boots(desk: Desk) -> None:
    await desk.receive("BootNotification", boot(desk, "Vestel", "EVC04-11"))
    assert desk.state.quirks == Quirks(empty_samples=True)
    await desk.receive("BootNotification", boot(desk, "Acme", "One"))
    assert desk.state.quirks == Quirks()
