"""A log from the request to the file: the station brings it to the address it was given."""

import httpx
import pytest

from support.api import Api, until
from support.payloads import BOOT_2X, BOOT_16, instant
from support.peer import fresh_id, station
from support.server import ServerProcess

ZIP = b"PK" + bytes(2_000_000)


@pytest.mark.parametrize(("protocol", "boot"), [("ocpp1.6", BOOT_16), ("ocpp2.0.1", BOOT_2X)])
async def test_a_log_without_location_comes_to_this_server(
    server: ServerProcess, api: Api, protocol: str, boot: dict[str, object]
) -> None:
    identity = fresh_id()
    places: list[str] = []
    answers = {
        "GetDiagnostics": lambda asked: places.append(asked["location"]) or {"fileName": "d.zip"},
        "GetLog": lambda asked: (
            places.append(asked["log"]["remoteLocation"]) or {"status": "Accepted", "filename": "d.zip"}
        ),
    }
    await api.put("/settings/diagnostics", upload_base_url=server.http)
    async with station(server.ocpp, identity, protocol, answers=answers) as peer:
        await peer.call("BootNotification", boot)
        record = await api.command(identity, "get-log", {"type": "diagnostics"})
        [place] = places
        async with httpx.AsyncClient() as nobody:
            assert (await nobody.put(place, content=ZIP)).status_code == 204
            assert (await nobody.put(place, content=ZIP)).status_code == 404
        if protocol == "ocpp1.6":
            await peer.call("DiagnosticsStatusNotification", {"status": "Uploaded"})
        else:
            number = (await api.items(f"/stations/{identity}/logs"))[0]["number"]
            await peer.call("LogStatusNotification", {"status": "Uploaded", "requestId": number})
        await until(lambda: api.get(f"/commands/{record['command_id']}"), lambda found: found["state"] == "effect_seen")
        await peer.call("SecurityEventNotification", {"type": "SecurityLogWasCleared", "timestamp": instant()})
    [log] = await api.items(f"/stations/{identity}/logs")
    assert (log["status"], log["file_name"]) == ("uploaded", "d.zip")
    assert place.rpartition("/")[2] not in log["location"]
    assert (await api.client.get(f"/logs/{log['id']}/file")).content == ZIP
    [event] = await api.items("/station-events", station_id=identity, source="security")
    assert (event["type"], event["critical"]) == ("SecurityLogWasCleared", True)
