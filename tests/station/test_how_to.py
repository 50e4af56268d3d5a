"""The page that shows how to put a station on a device: its program runs as it stands there."""

import asyncio
import re
from pathlib import Path

import pytest

from voltherd.station.hardware import NOTHING

PAGE = Path(__file__).parents[2] / "docs/how-to/put-a-station-on-a-device.md"


@pytest.fixture
def program():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {"__name__": "wallbox"}
    exec(compile("\n".join(blocks), str(PAGE), "exec"), names)
    return names


async def test_the_wallbox_of_the_page_charges_on_a_csms_we_did_not_write(csms, program, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("support.foreign_csms").foreign_csms.TOKENS, "04A1B2C3D4E5F6", "Accepted")
    running = asyncio.create_task(program["main"](csms.url, tmp_path))
    log = csms.log("WB-0001")
    try:
        await log.until(lambda log: any(e["event_type"] == "Ended" for e in log.of("TransactionEvent")))
    finally:
        running.cancel()
    first, last = log.of("TransactionEvent")[0], log.of("TransactionEvent")[-1]
    assert register_wh(last) - register_wh(first) == 500
    assert log.of("BootNotification")[0]["charging_station"]["model"] == "Wallbox 11"


async def test_the_contactor_of_the_page_is_closed_while_it_charges_only(csms, program, tmp_path):
    socket = program["Socket"]()
    station = program["wallbox"](csms.url, socket, tmp_path)
    station.start()
    await station.wait_accepted()
    socket.has_vehicle = True
    station.plugged_in(evse_id=1)
    assert not socket.contactor_is_closed
    station.core.charging.permit(station.core.evses[1], program["Token"]("GOOD"))
    assert (socket.contactor_is_closed, socket.is_locked) == (True, True)
    assert socket.pilot_a == pytest.approx(15.9, abs=0.1)
    socket.has_vehicle = False
    station.unplugged(evse_id=1)
    assert not socket.contactor_is_closed
    assert station.core.evses[1].offer == NOTHING
    await station.stop()


def register_wh(event):
    return next(
        sample["value"]
        for value in event["meter_value"]
        for sample in value["sampled_value"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    )
