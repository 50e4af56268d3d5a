"""Reports in parts across a kill of the server, and of stations that leave in the middle of one (interop trap 16)."""

from pathlib import Path
from typing import Any

import pytest

from support.api import Api
from support.payloads import BOOT_2X
from support.peer import Peer, fresh_id, station
from support.server import ServerProcess

COMPONENT = {"component": {"name": "EVSE"}, "variable": {"name": "Power"}}
KINDS = {
    "get-report": ("NotifyReport", {"reportData": [{**COMPONENT, "variableAttribute": [{"value": "1"}]}]}, "variables"),
    "get-monitoring-report": (
        "NotifyMonitoringReport",
        {
            "monitor": [
                {
                    **COMPONENT,
                    "variableMonitoring": [{"id": 1, "transaction": False, "value": 1, "type": "Delta", "severity": 8}],
                }
            ]
        },
        "monitors",
    ),
}


async def asked(peer: Peer, api: Api, identity: str, name: str, *, not_after_s: float) -> tuple[str, int]:
    """Ask for a report, which the station accepts; gives the ids of the command and of its request."""
    await peer.call("BootNotification", BOOT_2X)
    command = (await api.post(f"/stations/{identity}/commands/{name}", {}, not_after_s=not_after_s))["command_id"]
    call = await peer.next_call()
    await peer.answer(call, {"status": "Accepted"})
    await api.until(f"/commands/{command}", lambda one: one["state"] == "accepted")
    return command, call.payload["requestId"]


async def tells(peer: Peer, name: str, request_id: int, seq_no: int, *, last: bool = False) -> None:
    action, data, _ = KINDS[name]
    part: dict[str, Any] = {"requestId": request_id, "generatedAt": "2026-01-05T12:00:00Z", "seqNo": seq_no}
    assert await peer.call(action, {**part, "tbc": not last, **data}) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KINDS))
async def test_trap_16_a_report_goes_on_after_a_kill_and_its_gaps_are_told_when_the_station_leaves(
    tmp_path: Path, name: str
) -> None:
    data = tmp_path / "data"
    identity = fresh_id("GOING")
    first = ServerProcess(data, unknown_stations="accept")
    try:
        command, number = await begun(first, identity, name)
    finally:
        first.kill()
    second = ServerProcess(data, unknown_stations="accept")
    api = Api(second.http)
    try:
        await goes_on(second, api, identity, name, command, number)
        await leaves(second, api, fresh_id("LEAVING"), name)
    finally:
        await api.close()
        errors = second.stop()
    assert "Traceback" not in errors


async def begun(server: ServerProcess, identity: str, name: str) -> tuple[str, int]:
    """Let a station send two parts of three; gives the ids of the command and of its request."""
    api = Api(server.http)
    try:
        async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
            command, number = await asked(peer, api, identity, name, not_after_s=60)
            await tells(peer, name, number, 0)
            await tells(peer, name, number, 1)
            return command, number
    finally:
        await api.close()


async def goes_on(server: ServerProcess, api: Api, identity: str, name: str, command: str, number: int) -> None:
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        await tells(peer, name, number, 2, last=True)
        done = await api.until(f"/commands/{command}", lambda one: one["state"] != "accepted")
    assert (done["state"], done["effect"].split()[1:]) == ("effect_seen", [KINDS[name][2], "reported"])
    [report] = await api.items(f"/stations/{identity}/reports")
    assert (report["status"], report["highest"], report["missing"]) == ("complete", 2, [])
    assert (report["command_id"], report["request_id"]) == (command, number)


async def leaves(server: ServerProcess, api: Api, identity: str, name: str) -> None:
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        command, number = await asked(peer, api, identity, name, not_after_s=3)
        await tells(peer, name, number, 1, last=True)
    done = await api.until(f"/commands/{command}", lambda one: one["state"] != "accepted")
    assert done["state"] == "expired"
    assert done["effect"].endswith(f"1 {KINDS[name][2]} reported; parts that never came: 0")
    [report] = await api.items("/reports", station_id=identity)
    assert report["status"] == "incomplete"
