"""OCPP 1.6, core profile: booting."""

from functools import partial

from conformance.cases import case
from conformance.station import MakeStation
from support.payloads import status_16

official = partial(case, version="1.6", block="Core")


@official("TC_001_CSMS", "A station that starts is accepted, told the time and the interval, and may report itself")
async def test_tc_001_csms_cold_boot(make_station: MakeStation) -> None:
    station = await make_station("1.6", booted=False)
    answer = await station.boot(firmwareVersion="1.0")
    assert set(answer) == {"status", "currentTime", "interval"}
    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    for connector in (0, 1, 2):
        assert await station.call("StatusNotification", status_16("Available", connector=connector)) == {}
    assert set(await station.call("Heartbeat")) == {"currentTime"}

    shown = await station.shown()
    assert (shown["online"], shown["status"], shown["ocpp_version"]) == (True, "Available", "1.6")
    assert (shown["vendor"], shown["model"], shown["firmware_version"]) == ("Acme", "One", "1.0")
    assert shown["booted_at"] is not None
    assert [item["evse_id"] for item in shown["evses"]] == [1, 2]
