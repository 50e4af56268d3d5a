"""Quirks and rules that act on the socket: a server in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from support.payloads import BOOT_2X, BOOT_16
from support.peer import Peer, dial, station
from support.raw import PING, RawSocket
from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.commands import ClearCache
from voltherd.domain.quirk import QuirkChoice
from voltherd.services.settings import Connecting
from voltherd.services.stations import StationChanges

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(
        http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept", ping_interval_s=0.2
    )
    running = await App.start(settings)
    yield running
    await running.close()


async def quirks(app: App, identity: str, **switches: object) -> None:
    named = {name.replace("_", "-"): value for name, value in switches.items()}
    await app.stations.put(identity, StationChanges(quirks=QuirkChoice(switches=named)), who="test")


async def until(condition: object, timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_trap_06_quirk_no_ping_is_spared_pings_and_others_get_them(app: App) -> None:
    await quirks(app, "SILENT", no_ping=True)
    silent, other = await RawSocket.open(app.addresses.ocpp), await RawSocket.open(app.addresses.ocpp)
    assert await silent.upgrade("/ocpp/SILENT") == 101
    assert await other.upgrade("/ocpp/OTHER") == 101
    for _ in range(3):
        assert (await asyncio.wait_for(other.receive(), 5))[0] == PING
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(silent.receive(), 0.1)
    await silent.close()
    await other.close()


async def test_quirk_pause_between_calls_holds_each_call_back(app: App) -> None:
    await quirks(app, "SLOW", pause_between_calls_s=0.25)
    async with station(app.addresses.ocpp, "SLOW", "ocpp1.6", answers={"ClearCache": ACCEPTED}) as peer:
        await peer.call("BootNotification", BOOT_16)
        begun = asyncio.get_running_loop().time()
        records = [await app.commands.submit("SLOW", ClearCache(), requested_by="test") for _ in range(3)]
        for record in records:
            assert (await app.commands.outcome(record.id, 5.0)).state == "effect_seen"
        assert asyncio.get_running_loop().time() - begun >= 0.75


@pytest.mark.parametrize(("protocol", "boot"), [("ocpp1.6", BOOT_16), ("ocpp2.0.1", BOOT_2X), ("ocpp2.1", BOOT_2X)])
async def test_trap_10_who_connects_without_a_boot_is_asked_and_served_meanwhile(
    app: App, protocol: str, boot: dict[str, object]
) -> None:
    await app.settings.put(Connecting(trigger_boot_after_s=1), who="test")
    async with station(app.addresses.ocpp, "CP", protocol, answers={"TriggerMessage": ACCEPTED}) as peer:
        assert await peer.call("Heartbeat", {})
        call = await peer.next_call()
        assert (call.action, call.payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
        assert "no-boot-notification" in app.stations.require("CP").flags
        assert (await peer.call("BootNotification", boot))["status"] == "Accepted"
        assert app.stations.require("CP").flags == ()
    async with station(app.addresses.ocpp, "CP", protocol) as again:
        assert await again.call("Heartbeat", {})
        await until(lambda: all(item.asked_to_boot for item in app.node.registry.all_sessions()))
        assert app.stations.require("CP").flags == ()


async def test_trap_16_a_report_that_fell_silent_is_ended_by_the_care_for_sessions(app: App) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1") as peer:
        await peer.call("BootNotification", BOOT_2X)
        part = {"requestId": 5, "generatedAt": "2026-01-05T12:00:00Z", "seqNo": 0, "tbc": True}
        await peer.call("NotifyReport", part)
        session = app.node.registry.current("CP")
        assert session is not None
        assert session.state is not None
        session.state.reports[5].at_ms -= 60_000
        await until(lambda: "report-never-ended" in app.stations.require("CP").flags)
        assert session.state.reports == {}


async def test_trap_17_beyond_the_limit_stations_are_told_to_come_back_before_the_upgrade(app: App) -> None:
    assert app.settings.get(Connecting).admissions_per_s is None, "nobody is put off unless an operator wants it"
    await app.settings.put(Connecting(admissions_per_s=1), who="test")
    peers: list[Peer] = []
    refused: list[Response] = []
    for number in range(15):
        try:
            peers.append(await dial(app.addresses.ocpp, f"CP-{number}", "ocpp1.6"))
        except InvalidStatus as error:
            refused.append(error.response)
    assert {answer.status_code for answer in refused} == {503}
    told = [int(answer.headers["Retry-After"]) for answer in refused]
    assert 10 <= len(peers) <= 12
    assert all(5 <= seconds <= 30 for seconds in told)
    assert app.node.counters.connections_put_off == len(told)
    await app.settings.put(Connecting(admissions_per_s=None), who="test")
    peers.append(await dial(app.addresses.ocpp, "CP-14", "ocpp1.6"))
    for peer in peers:
        await peer.close()


async def test_trap_15_what_a_station_says_of_its_features_is_not_believed_and_what_it_lacks_is_remembered(
    app: App,
) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        await peer.call("BootNotification", BOOT_16)
        record = await app.commands.submit("CP", ClearCache(), requested_by="test")
        await peer.refuse(await peer.next_call(), "NotImplemented")
        assert (await app.commands.outcome(record.id, 5.0)).state == "failed"
        assert app.stations.require("CP").flags == ("lacks:ClearCache",)
        record = await app.commands.submit("CP", ClearCache(), requested_by="test")
        await peer.answer(await peer.next_call(), ACCEPTED)
        assert (await app.commands.outcome(record.id, 5.0)).state == "effect_seen"
        assert app.stations.require("CP").flags == ()
        raw = asyncio.create_task(app.commands.call_raw("CP", "ClearCache", b"{}", requested_by="test"))
        await peer.refuse(await peer.next_call(), "NotSupported")
        with pytest.raises(Exception, match="NotSupported"):
            await raw
        assert app.stations.require("CP").flags == ("lacks:ClearCache",)


async def test_quirks_are_shown_and_set_through_the_directory_and_reach_a_live_station(app: App) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp1.6") as peer:
        await peer.call("BootNotification", {"chargePointVendor": "Vestel", "chargePointModel": "EVC04"})
        found = app.stations.quirks_of(app.stations.require("CP"))
        assert (found.profile.name, found.chosen_by) == ("vestel-evc04", "boot")
        empty = {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-05T12:00:00Z", "sampledValue": []}]}
        assert await peer.call("MeterValues", empty) == {}
        await quirks(app, "CP", empty_samples=False)
        with pytest.raises(Exception, match="OccurenceConstraintViolation"):
            await peer.call("MeterValues", empty)
        assert msgspec.to_builtins(app.stations.quirks_of(app.stations.require("CP")).switches) == {}
