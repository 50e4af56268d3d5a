"""Our CSMS sets profiles on our station: it takes them, keeps to them, and both say the same of what they come to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from voltherd.app import App
from voltherd.config import Settings
from voltherd.domain.charging_profile import ClearChargingProfile, SetChargingProfile
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, SchedulePeriod
from voltherd.domain.commands import Command, CommandRecord
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.station import Clock, EvseConfig, StationConfig, Token


@pytest.fixture
async def app(data: Path) -> AsyncIterator[App]:
    settings = Settings(
        http="127.0.0.1:0", ocpp="127.0.0.1:0", data=str(data), unknown_stations="accept", unknown_tokens="accept"
    )
    running = await App.start(settings)
    yield running
    await running.close()


@asynccontextmanager
async def charging(app: App, version: OcppVersion) -> AsyncIterator[SimulatedStation]:
    """A station of ours that charges."""
    config = StationConfig(
        identity="SC", url=app.addresses.ocpp, version=version, evses=(EvseConfig(max_power_w=22_080.0),)
    )
    station = SimulatedStation(config, clock=Clock())
    station.start()
    try:
        await station.wait_accepted()
        station.plug_in()
        assert await station.present(Token("CARD"))
        await station.wait_until(lambda core: core.evses[1].charging_state == "Charging", 20.0)
        await station.wait_until(lambda core: core.outbox.kept_count == 0)
        yield station
    finally:
        await station.stop()


def limit(limit_a: float, purpose: str = "TxDefaultProfile") -> ChargingProfile:
    """A limit from now on, that is halved in ten minutes."""
    periods = [SchedulePeriod(start_period=0, limit=limit_a), SchedulePeriod(start_period=600, limit=limit_a / 2)]
    schedule = ChargingSchedule(id=1, charging_rate_unit="A", charging_schedule_period=periods)
    return ChargingProfile(
        id=77,
        stack_level=0,
        charging_profile_purpose=purpose,  # type: ignore[arg-type]
        charging_profile_kind="Relative",
        charging_schedule=[schedule],
    )


async def becomes_of(app: App, command: Command) -> CommandRecord:
    """What becomes of a command, up to its effect."""
    record = await app.commands.submit("SC", command, requested_by="test")
    async with asyncio.timeout(20.0):
        while (found := await app.commands.outcome(record.id, 1.0)).state in ("queued", "sent", "accepted"):
            await asyncio.sleep(0.05)
    return found


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("purpose", ["TxDefaultProfile", "TxProfile"])
async def test_a_profile_is_set_verified_kept_to_and_cleared(app: App, version: OcppVersion, purpose: str) -> None:
    async with charging(app, version) as station:
        evse = station.core.evses[1]
        assert evse.offer.charge_limit_w == 22_080
        found = await becomes_of(app, SetChargingProfile(profile=limit(10.0, purpose), evse_id=1, verify=True))
        assert (found.state, found.error) == ("effect_seen", None)
        assert evse.offer.charge_limit_w == 6_900
        cleared = await app.commands.submit("SC", ClearChargingProfile(profile_id=77), requested_by="test")
        answered = await app.commands.outcome(cleared.id, 20.0)
        assert answered.state in ("accepted", "effect_seen"), answered
        assert evse.offer.charge_limit_w == 22_080
