"""An answer that comes when nobody waits for it any more: what the station did, it did, and is recorded."""

from pathlib import Path

from support.api import Api, until
from support.payloads import BOOT_2X
from support.peer import dial
from support.server import API_KEY, ServerProcess


async def test_what_a_station_accepted_too_late_is_recorded_all_the_same(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        api = Api(server.http)
        api.client.headers["Authorization"] = f"Bearer {API_KEY}"
        await api.put("/stations/L", registration="accepted")
        peer = await dial(server.ocpp, "L", "ocpp2.0.1")
        await peer.call("BootNotification", BOOT_2X)
        message = {"id": 7, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": "Hello"}}
        failed = await api.client.post(
            "/stations/L/calls/SetDisplayMessage", json={"message": message}, params={"timeout_s": 0.3}
        )
        assert failed.status_code == 504
        call = await peer.next_call()
        assert (await api.get("/stations/L/display-messages"))["items"] == []
        await peer.answer(call, {"status": "Accepted"})

        async def shown() -> list[dict[str, str]]:
            found: list[dict[str, str]] = (await api.get("/stations/L/display-messages"))["items"]
            return found

        [item] = await until(shown, lambda items: bool(items))
        assert item["status"] == "accepted"
        await peer.close()
        await api.close()
