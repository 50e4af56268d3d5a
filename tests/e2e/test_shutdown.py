"""A shutdown in order: what was received is stored, sockets are closed with 1001."""

import asyncio
import contextlib
import signal
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from support.api import Api
from support.payloads import BOOT_16, event, start_16
from support.peer import Peer, dial
from support.server import ServerProcess


async def test_sigterm_stores_what_was_received_and_closes_sockets_with_1001(data: Path) -> None:
    server = ServerProcess(data, unknown_stations="accept")
    peers = [await dial(server.ocpp, f"CP-{index:02}", ("ocpp1.6", "ocpp2.0.1")[index % 2]) for index in range(20)]
    sent = [
        peer.begin("TransactionEvent", event("Started", "tx", 0))
        if peer.subprotocol == "ocpp2.0.1"
        else peer.begin("StartTransaction", start_16())
        for peer in peers
    ]
    for peer, call in zip(peers, sent, strict=True):
        await peer.send(call.frame)  # type: ignore[attr-defined]
    await asyncio.wait_for(asyncio.gather(*sent), 10)
    server.process.send_signal(signal.SIGTERM)
    for peer in peers:
        assert (await peer.closed())[0] == 1001
        await peer.close()
    log = await asyncio.to_thread(server.stop)
    assert server.process.returncode == 0
    assert "Traceback" not in log

    with ServerProcess(data) as again:
        api = Api(again.http)
        for index in range(20):
            assert [item["active"] for item in await api.transactions(f"CP-{index:02}")] == [True]
            assert not (await api.get(f"/stations/CP-{index:02}"))["online"]
        await api.close()


async def test_messages_that_arrive_during_the_shutdown_are_stored_or_not_answered(data: Path) -> None:
    server = ServerProcess(data, unknown_stations="accept")
    answered: dict[str, int] = {}

    async def charge(peer: Peer, identity: str) -> None:
        with contextlib.suppress(ConnectionError, ConnectionClosed):
            for number in range(1000):
                await peer.call("StartTransaction", start_16(f"TAG{number}"))
                answered[identity] = number + 1

    peers = {f"CP-{index}": await dial(server.ocpp, f"CP-{index}", "ocpp1.6") for index in range(10)}
    for peer in peers.values():
        await peer.call("BootNotification", BOOT_16)
    charging = [asyncio.create_task(charge(peer, identity)) for identity, peer in peers.items()]
    await asyncio.sleep(0.2)
    await asyncio.to_thread(server.stop)
    await asyncio.gather(*charging)
    with ServerProcess(data) as again:
        api = Api(again.http)
        for identity, peer in peers.items():
            assert peer.socket.close_code == 1001
            stored = len(await api.transactions(identity))
            assert answered[identity] <= stored <= answered[identity] + 1
            await peer.close()
        await api.close()


async def test_sigint_waits_for_no_station_that_does_not_answer(data: Path) -> None:
    server = ServerProcess(data, unknown_stations="accept")
    api = Api(server.http)
    peer = await dial(server.ocpp, "CP", "ocpp1.6")
    waiting = asyncio.create_task(api.client.post("/stations/CP/calls/ClearCache", params={"timeout_s": 300}))
    await peer.next_call()
    server.process.send_signal(signal.SIGINT)
    assert (await peer.closed())[0] == 1001
    await asyncio.wait_for(asyncio.to_thread(server.stop), 15)
    assert server.process.returncode == 0
    await asyncio.wait([waiting])
    waiting.exception()
    await peer.close()
    await api.close()
