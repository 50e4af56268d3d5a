"""Answers that come when nobody waits for them any more, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.payloads import BOOT_2X
from support.peer import station
from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.commands import ClearCache
from voltherd.domain.document import DocumentRecord
from voltherd.domain.reservation import Reservation, Reserve


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept")
    running = await App.start(settings)
    yield running
    await running.close()


async def the_one(app: App) -> DocumentRecord:
    found = app.stations.require("CP")
    [record] = await app.store.records.documents_of(1, found.id, Reservation.kind)
    return record


async def test_a_reservation_is_listed_as_unknown_until_its_late_answer_comes(app: App) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1") as peer:
        await peer.call("BootNotification", BOOT_2X)
        wish = Reserve(id_token="CARD", expires_at="2999-01-01T00:00:00Z", evse_id=1)
        record = await app.commands.submit("CP", wish, requested_by="test", timeout_s=0.5)
        call = await peer.next_call()
        assert (call.action, (await the_one(app)).state) == ("ReserveNow", "unknown")
        assert (await app.commands.outcome(record.id, 5.0)).state == "failed"
        assert (await the_one(app)).state == "unknown"
        await peer.answer(call, {"status": "Accepted"})
        async with asyncio.timeout(5):
            while (await the_one(app)).state != "accepted":
                await asyncio.sleep(0.05)


async def test_trap_40_a_command_that_failed_tells_what_was_answered_when_nobody_waited_any_more(app: App) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1") as peer:
        await peer.call("BootNotification", BOOT_2X)
        record = await app.commands.submit("CP", ClearCache(), requested_by="test", timeout_s=0.5)
        call = await peer.next_call()
        failed = await app.commands.outcome(record.id, 5.0)
        assert (failed.state, failed.answered_at_ms, failed.effect) == ("failed", None, None)
        await peer.answer(call, {"status": "Accepted"})
        async with asyncio.timeout(5):
            while (found := await app.commands.outcome(record.id, 1.0)).answered_at_ms is None:
                await asyncio.sleep(0.05)
        assert found.state == "failed"
        assert json.loads(found.answer or "") == {"status": "Accepted"}
        assert found.effect == "the station answered after 1 s, when nobody waited any more"
