"""What becomes of commands in time: a server in the test's own process, with records at hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.payloads import BOOT_2X
from support.peer import station
from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.commands import ClearCache, CommandRecord, Reset
from voltherd.domain.errors import Conflict
from voltherd.domain.network_profile import Connection, MigrateCsms
from voltherd.services.remote_control import SCHEDULED_LIFETIME_MS
from voltherd.services.stations import StationChanges

ACCEPTED = {"status": "Accepted"}


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept")
    running = await App.start(settings)
    yield running
    await running.close()


async def test_b03_fr_03_nothing_is_sent_to_a_rejected_station(app: App) -> None:
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1") as peer:
        await app.stations.put("CP", StationChanges(registration="rejected"), who="test")
        assert (await peer.call("BootNotification", BOOT_2X))["status"] == "Rejected"
        with pytest.raises(Conflict, match="rejected"):
            await app.commands.submit("CP", ClearCache(), requested_by="test")
        with pytest.raises(Conflict, match="rejected"):
            await app.commands.call_raw("CP", "ClearCache", b"{}", requested_by="test")


async def test_b12_fr_01_a_scheduled_restart_is_waited_for_until_the_sessions_have_ended(app: App) -> None:
    answers = {"Reset": {"status": "Scheduled"}}
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1", answers=answers) as peer:
        await peer.call("BootNotification", BOOT_2X)
        record = await app.commands.submit("CP", Reset(), requested_by="test", not_after_s=1)
        found = await app.commands.outcome(record.id, 5.0)
        assert found.state == "accepted"
        assert found.answered_at_ms is not None
        assert found.not_after_ms == found.answered_at_ms + SCHEDULED_LIFETIME_MS
        await peer.call("BootNotification", BOOT_2X | {"reason": "ScheduledReset"})
        stored = await app.store.records.command(1, record.id)
        assert isinstance(stored, CommandRecord)
        assert stored.state == "effect_seen"


def tells(values: dict[str, str]) -> object:
    def answer(request: dict[str, list[dict[str, dict[str, str]]]]) -> dict[str, object]:
        results = [
            item | {"attributeStatus": "Accepted", "attributeValue": values[item["variable"]["name"]]}
            for item in request["getVariableData"]
        ]
        return {"getVariableResult": results}

    return answer


@pytest.mark.parametrize("leaves", [True, False])
async def test_b10_a_station_that_left_and_did_not_come_back_has_moved(app: App, leaves: bool) -> None:
    answers = {
        "GetVariables": tells({"NetworkConfigurationPriority": "0", "ActiveNetworkProfile": "0"}),
        "SetNetworkProfile": ACCEPTED,
        "SetVariables": lambda request: {
            "setVariableResult": [
                {name: item[name] for name in ("component", "variable")} | {"attributeStatus": "Accepted"}
                for item in request["setVariableData"]
            ]
        },
        "Reset": ACCEPTED,
    }
    command = MigrateCsms(connection=Connection(csms_url="wss://other/ocpp", security_profile=1), slot=1)
    async with station(app.addresses.ocpp, "CP", "ocpp2.0.1", answers=answers) as peer:  # type: ignore[arg-type]
        await peer.call("BootNotification", BOOT_2X)
        record = await app.commands.submit("CP", command, requested_by="test")
        found = await app.commands.outcome(record.id, 5.0)
        assert found.state == "accepted"
        if not leaves:
            found.not_after_ms = 0
            await app.commands.expire()
            assert found.state == "expired"
    if leaves:
        async with station(app.addresses.ocpp, "OTHER", "ocpp2.0.1") as other:
            await other.call("BootNotification", BOOT_2X)
        found.not_after_ms = 0
        await app.commands.expire()
        assert (found.state, found.effect) == ("effect_seen", "the station left and did not come back here")
