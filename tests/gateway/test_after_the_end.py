"""What is read, or answered, when the matter is closed: kept and shown, but it changes no bill and no fact."""

import pytest

from gateway.v2.test_transactions import event, send
from support.desk import Desk, at
from voltherd.domain.commands import Reset
from voltherd.domain.events import Booted
from voltherd.ocpp.version import OcppVersion
from voltherd.services.effects import observe


async def test_trap_23_a_reading_taken_after_the_stop_is_kept_and_flagged_and_no_energy_of_the_session(
    v16: Desk,
) -> None:
    v16.now_ms += 3_600_000
    start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": at(0)}
    number = (await v16.receive("StartTransaction", start))["transactionId"]
    await v16.receive("StopTransaction", {"transactionId": number, "meterStop": 5000, "timestamp": at(1800)})
    for seconds, wh in ((1200, 4000), (3500, 9000)):
        value = {"timestamp": at(seconds), "sampledValue": [{"value": str(wh)}]}
        await v16.receive("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [value]})
    found = await v16.transaction()
    assert (found.energy_wh, found.meter_stop_wh, found.flags) == (5000.0, 5000.0, ("reading-after-end",))
    assert [sample.value for sample in await v16.samples(found.id)] == [4000.0, 9000.0]


async def test_trap_23_an_update_after_the_end_is_kept_and_flagged_and_no_energy_of_the_session(v2: Desk) -> None:
    v2.now_ms += 3_600_000
    begin = event("Started", 0, wh=0, evse={"id": 1})
    await send(v2, begin, event("Ended", 1, seconds=1800, wh=5000), event("Updated", 2, seconds=3500, wh=9000))
    found = await v2.transaction()
    assert (found.energy_wh, found.meter_stop_wh, found.flags) == (5000.0, 5000.0, ("reading-after-end",))
    assert len(await v2.samples(found.id)) == 3


@pytest.mark.parametrize("v2", [OcppVersion.V21], ids=["2.1"], indirect=True)
@pytest.mark.parametrize("limit", ["maxEnergy", "maxTime", "maxCost"])
async def test_a_limit_below_nothing_spoils_no_event(v2: Desk, limit: str) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}, info={"transactionLimit": {limit: -1}}))
    assert (await v2.transaction()).active


async def test_numbers_beyond_64_bits_spoil_no_event(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}, info={"remoteStartId": -(2**63) - 1}))
    await send(v2, event("Ended", 2**63, seconds=5))
    found = await v2.transaction()
    assert (found.active, found.seq_no_last) == (False, 2**63 - 1)


async def test_a_boot_is_the_effect_of_all_commands_that_wait_for_it(v16: Desk) -> None:
    first = v16.open_command(Reset())
    second = v16.open_command(Reset(type="hard"))
    second.id += 1
    v16.state.open_commands = {first.id: first, second.id: second}
    observe(v16.state, v16.work, Booted("RemoteReset"))
    assert [first.state, second.state] == ["effect_seen", "effect_seen"]
