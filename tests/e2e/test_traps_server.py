"""Interop traps 24, 26 and 40 to 47: sessions that end oddly, commands, and the server's own troubles."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from support.api import Api, until
from support.payloads import (
    BOOT_2X,
    BOOT_16,
    event,
    meter_values_16,
    start_16,
    status_2x,
    status_16,
    stop_16,
)
from support.peer import CallErrorAnswer, Peer, dial, fresh_id, station
from support.postgres import Postgres
from support.server import ServerProcess

QUIET_S = 0.15
"""How long nothing must come before a test believes that nothing comes."""


async def nothing_came(peer: Peer) -> None:
    """Make sure that the server has sent no call."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(peer.next_call(), QUIET_S)


# -- 24, 26: sessions that end oddly ------------------------------------------------------------------------------


async def test_trap_24_available_while_charging_flags_the_transaction_and_closes_nothing_1_6(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        started = await peer.call("StartTransaction", start_16(meter_wh=100))
        await peer.call("StatusNotification", status_16("Available"))
        [transaction] = await api.transactions(identity)
        assert transaction["active"]
        assert transaction["flags"] == ["available-while-active"]
        assert transaction["meter_stop_wh"] is None
        await peer.call("StopTransaction", stop_16(started["transactionId"], meter_wh=900))
        [transaction] = await api.transactions(identity)
        assert (transaction["active"], transaction["energy_wh"], transaction["inferred"]) == (False, 800, False)


async def test_trap_24_available_while_charging_flags_the_transaction_and_closes_nothing_2_x(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        await peer.call("TransactionEvent", event("Started", "tx", 0, energy_wh=100))
        await peer.call("StatusNotification", status_2x("Available"))
        [transaction] = await api.transactions(identity)
        assert transaction["active"]
        assert transaction["flags"] == ["available-while-active"]
        await peer.call("TransactionEvent", event("Ended", "tx", 1, energy_wh=900))
        [transaction] = await api.transactions(identity)
        assert (transaction["active"], transaction["energy_wh"]) == (False, 800)


async def test_trap_26_a_stop_counts_though_the_socket_dropped_before_its_answer(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    peer = await dial(server.ocpp, identity, "ocpp1.6")
    started = await peer.call("StartTransaction", start_16(meter_wh=100))
    stop = stop_16(started["transactionId"], meter_wh=900, reason="HardReset")
    await peer.send(json.dumps([2, "stop", "StopTransaction", stop]))
    peer.drop()
    [transaction] = await until(lambda: api.transactions(identity), lambda found: not found[0]["active"])
    assert (transaction["energy_wh"], transaction["stop_reason"]) == (800, "HardReset")
    async with station(server.ocpp, identity, "ocpp1.6") as again:
        assert await again.call("StopTransaction", stop, "stop") == {}
    assert len(await api.transactions(identity)) == 1


async def test_trap_26_an_event_counts_though_the_socket_dropped_right_after_the_handshake(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    peer = await dial(server.ocpp, identity, "ocpp2.0.1")
    await peer.send(json.dumps([2, "e", "TransactionEvent", event("Started", "tx", 0, energy_wh=1)]))
    await peer.close()
    [transaction] = await until(lambda: api.transactions(identity), bool)
    assert transaction["active"]


# -- 40 to 44: commands -------------------------------------------------------------------------------------------


async def test_trap_40_one_call_of_ours_is_open_and_the_others_wait_their_turn(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        calls = [asyncio.create_task(api.post(f"/stations/{identity}/calls/ClearCache")) for _ in range(3)]
        for _ in range(3):
            call = await peer.next_call()
            await nothing_came(peer)
            await peer.answer(call, {"status": "Accepted"})
        answers = await asyncio.gather(*calls)
        assert len({answer["message_id"] for answer in answers}) == 3


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.1"])
async def test_trap_40_a_slow_answer_does_not_hold_up_the_stations_own_calls(
    server: ServerProcess, api: Api, protocol: str
) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, protocol) as peer:
        reset = {"type": "Soft" if protocol == "ocpp1.6" else "OnIdle"}
        slow = asyncio.create_task(api.post(f"/stations/{identity}/calls/Reset", reset))
        call = await peer.next_call()
        assert await peer.call("Heartbeat", {})
        if protocol == "ocpp1.6":
            assert (await peer.call("StartTransaction", start_16()))["transactionId"] == 1
        else:
            await peer.call("TransactionEvent", event("Started", "tx", 0))
        assert len(await api.transactions(identity)) == 1
        assert not slow.done()
        await peer.answer(call, {"status": "Accepted"})
        assert (await slow)["result"] == {"status": "Accepted"}


async def test_trap_41_accepted_is_not_success(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    accepts: dict[str, Any] = {"RemoteStartTransaction": {"status": "Accepted"}, "Reset": {"status": "Rejected"}}
    async with station(server.ocpp, identity, "ocpp1.6", answers=accepts) as peer:
        kept = await api.command(identity, "remote-start", {"id_token": "KEPT", "evse_id": 1})
        idle = await api.command(identity, "remote-start", {"id_token": "IDLE", "evse_id": 2}, not_after_s=1)
        assert (kept["state"], kept["effect"], idle["state"]) == ("accepted", None, "accepted")
        await peer.call("StartTransaction", start_16("KEPT"))
        kept = await api.get(f"/commands/{kept['command_id']}")
        assert (kept["state"], kept["answer"]) == ("effect_seen", {"status": "Accepted"})
        assert kept["sent_at"] <= kept["answered_at"] <= kept["effect_at"]
        idle = await api.until(f"/commands/{idle['command_id']}", lambda it: it["state"] != "accepted")
        assert (idle["state"], idle["effect_at"]) == ("expired", None)
        refused = await api.command(identity, "reset", {"type": "soft"})
        assert (refused["state"], refused["answer"]) == ("rejected", {"status": "Rejected"})


async def test_trap_42_a_command_for_a_station_that_is_away_is_refused_and_never_sent_later(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", name="away")
    for path in ("commands/reset", "calls/Reset"):
        status, problem = await api.refused(f"/stations/{identity}/{path}", {"type": "Soft"} if "calls" in path else {})
        assert (status, problem["type"]) == (409, "urn:voltherd:problem:station-offline")
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        await peer.call("BootNotification", BOOT_16)
        await nothing_came(peer)


async def test_trap_42_a_command_may_wait_for_the_station_but_not_beyond_its_deadline(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", name="away")
    queued = {"when_offline": "queue"}
    short = await api.post(f"/stations/{identity}/commands/clear-cache", {}, not_after_s=1, **queued)
    await api.until(f"/commands/{short['command_id']}", lambda it: it["state"] == "expired")
    long = await api.post(f"/stations/{identity}/commands/reset", {"type": "hard"}, not_after_s=60, **queued)
    assert (await api.get(f"/commands/{long['command_id']}"))["state"] == "queued"
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        call = await peer.next_call()
        assert (call.action, call.payload) == ("Reset", {"type": "Hard"})
        await peer.answer(call, {"status": "Accepted"})
        await nothing_came(peer)


async def test_trap_42_a_command_is_not_sent_again_on_the_next_connection(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    peer = await dial(server.ocpp, identity, "ocpp1.6")
    sent = await api.post(f"/stations/{identity}/commands/reset", {"type": "hard"})
    assert (await peer.next_call()).action == "Reset"
    peer.drop()
    failed = await api.until(f"/commands/{sent['command_id']}", lambda it: it["state"] == "failed")
    assert "ended before it answered" in failed["error"]["detail"]
    async with station(server.ocpp, identity, "ocpp1.6") as again:
        await again.call("BootNotification", BOOT_16)
        await nothing_came(again)


async def test_trap_42_a_command_is_not_sent_again_after_the_server_was_killed(data: Path) -> None:
    identity = fresh_id()
    first = ServerProcess(data, unknown_stations="accept")
    api = Api(first.http)
    peer = await dial(first.ocpp, identity, "ocpp1.6")
    sent = await api.post(f"/stations/{identity}/commands/reset", {"type": "hard"})
    assert (await peer.next_call()).action == "Reset"
    await api.close()
    first.kill()
    with ServerProcess(data, unknown_stations="accept") as second:
        api = Api(second.http)
        async with station(second.ocpp, identity, "ocpp1.6") as again:
            await again.call("Heartbeat", {})
            failed = await api.until(f"/commands/{sent['command_id']}", lambda it: it["state"] == "failed")
            assert "started anew" in failed["error"]["detail"]
            await nothing_came(again)
        await api.close()


async def test_trap_43_a_command_while_the_stations_own_call_is_handled_does_not_deadlock(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", name="trap 43")
    queued = [await api.post(f"/stations/{identity}/commands/clear-cache", {}, when_offline="queue") for _ in range(3)]
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        boot = asyncio.create_task(peer.call("BootNotification", BOOT_16))
        for _ in queued:
            call = await peer.next_call()
            assert await peer.call("Heartbeat", {}), "our own call is answered while theirs is open"
            await peer.answer(call, {"status": "Accepted"})
        assert (await boot)["status"] == "Accepted"
    for item in queued:
        await api.until(f"/commands/{item['command_id']}", lambda it: it["state"] == "effect_seen")


async def test_trap_44_everything_on_the_wire_is_compact_json(server: ServerProcess, api: Api) -> None:
    for protocol, boot in (("ocpp1.6", BOOT_16), ("ocpp2.0.1", BOOT_2X)):
        identity = fresh_id()
        async with station(server.ocpp, identity, protocol, answers={"ClearCache": {"status": "Accepted"}}) as peer:
            await peer.call("BootNotification", boot)
            await api.command(identity, "clear-cache")
            with pytest.raises(CallErrorAnswer):
                await peer.call("Nonsense", {})
            sending = asyncio.create_task(
                api.client.post(
                    f"/stations/{identity}/calls/DataTransfer",
                    content=b'{ "vendorId" : "a, b: c",\n "data": "x" }',
                )
            )
            call = await peer.next_call()
            while call.action != "DataTransfer":
                call = await peer.next_call()
            assert call.payload == {"vendorId": "a, b: c", "data": "x"}
            await peer.answer(call, {"status": "Accepted"})
            assert (await sending).status_code == 200
            assert len(peer.frames) >= 4
            for frame in peer.frames:
                assert frame == json.dumps(json.loads(frame), separators=(",", ":"), ensure_ascii=False)


async def test_a_raw_call_passes_values_through_unchanged(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        payload = '{"vendorId":"v","data":{"a":6.0,"b":1e3,"c":"\\u00e9/","d":[],"e":null}}'
        sending = asyncio.create_task(
            api.client.post(f"/stations/{identity}/calls/DataTransfer", content=payload.encode())
        )
        call = await peer.next_call()
        assert peer.frames[-1].endswith(f'"DataTransfer",{payload}]')
        await peer.send(f'[3,"{call.message_id}",{{"status":"Accepted","data":7.0}}]')
        response = await sending
        assert response.text.endswith('"result":{"status":"Accepted","data":7.0}}')


# -- 45: a store that stalls --------------------------------------------------------------------------------------


class Watched:
    """Stations during a store's outage: what may and what may not be answered."""

    def __init__(self, server: ServerProcess, api: Api) -> None:
        self.server = server
        self.api = api
        self.starting: asyncio.Task[Any]

    async def before(self) -> None:
        """Connect one station that will charge, and make one known that will come later."""
        self.charging = await dial(self.server.ocpp, "CHARGING", "ocpp1.6")
        self.idle = await dial(self.server.ocpp, "IDLE", "ocpp1.6")
        self.booted = await dial(self.server.ocpp, "LATER", "ocpp2.0.1")
        await self.charging.call("BootNotification", BOOT_16)
        await self.booted.call("BootNotification", BOOT_2X)
        await self.booted.close()

    async def meanwhile(self) -> None:
        """What is not stored is not answered; everything else goes on."""
        self.starting = asyncio.create_task(self.charging.call("StartTransaction", start_16(), "one"))
        await until(lambda: self.api.client.get("/health/ready"), lambda answer: answer.status_code == 503)
        assert (await self.api.client.get("/health/live")).status_code == 200
        assert await self.idle.call("Heartbeat", {})
        self.booted = await dial(self.server.ocpp, "LATER", "ocpp2.0.1")
        self.new = await dial(self.server.ocpp, "BRANDNEW", "ocpp1.6")
        self.later = asyncio.create_task(self.booted.call("TransactionEvent", event("Started", "tx", 0)))
        self.boot = asyncio.create_task(self.new.call("BootNotification", BOOT_16))
        await asyncio.sleep(QUIET_S)
        assert not self.starting.done()
        assert not self.later.done()
        assert not self.boot.done()

    async def afterwards(self) -> None:
        """Everything resumes by itself, and nothing was lost or doubled."""
        assert (await self.starting)["transactionId"] == 1
        await self.later
        assert (await self.boot)["status"] == "Accepted"
        await until(lambda: self.api.client.get("/health/ready"), lambda answer: answer.status_code == 200)
        for identity in ("CHARGING", "LATER"):
            assert [item["active"] for item in await self.api.transactions(identity)] == [True]
        for peer in (self.charging, self.idle, self.booted, self.new):
            await peer.close()


async def test_trap_45_a_stalled_sqlite_store_gives_no_false_answer_and_everything_resumes(data: Path) -> None:
    with ServerProcess(data, unknown_stations="accept", ping_interval_s=0.5) as own:
        api = Api(own.http)
        watched = Watched(own, api)
        await watched.before()
        other = sqlite3.connect(data / "voltherd.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await watched.meanwhile()
        other.execute("ROLLBACK")
        other.close()
        await watched.afterwards()
        await api.close()


async def test_trap_45_postgresql_may_go_away_and_come_back(postgres: Postgres, data: Path) -> None:
    url = await postgres.fresh_database()
    with ServerProcess(data, unknown_stations="accept", ping_interval_s=0.5, database_url=url) as own:
        api = Api(own.http)
        watched = Watched(own, api)
        await watched.before()
        postgres.stop()
        try:
            await watched.meanwhile()
        finally:
            postgres.start()
        await watched.afterwards()
        await api.close()


async def test_trap_45_connections_cut_by_postgresql_lose_nothing(
    postgres: Postgres, postgres_server: ServerProcess
) -> None:
    identity, api = fresh_id(), Api(postgres_server.http)
    async with station(postgres_server.ocpp, identity, "ocpp1.6") as peer:
        for number in range(5):
            started = await peer.call("StartTransaction", start_16(f"TAG{number}"))
            await postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ '^voltherd'")
            await peer.call("StopTransaction", stop_16(started["transactionId"], idTag=f"OTHER{number}"))
        found = await api.transactions(identity)
        assert [(item["active"], item["energy_wh"]) for item in found] == [(False, 5000)] * 5
    await api.close()


# -- 47: a fault stays small --------------------------------------------------------------------------------------


async def test_trap_47_a_message_with_a_number_beyond_all_bounds_reaches_nobody_else(
    either: ServerProcess, either_api: Api
) -> None:
    identities = [fresh_id() for _ in range(10)]
    peers = [await dial(either.ocpp, identity, "ocpp1.6") for identity in identities]
    poison = {**status_16("Charging"), "connectorId": 2**70}
    futures = []
    for peer in peers:
        for action, payload in (("StartTransaction", start_16()), ("StatusNotification", status_16("Charging"))):
            futures.append(peer.begin(action, payload))
    poisoned = peers[0].begin("StatusNotification", poison, "poison")
    for peer, start, status in zip(peers, futures[::2], futures[1::2], strict=True):
        await peer.send(start.frame)  # type: ignore[attr-defined]
        if peer is peers[0]:
            await peer.send(poisoned.frame)  # type: ignore[attr-defined]
        await peer.send(status.frame)  # type: ignore[attr-defined]
    answers = await asyncio.wait_for(asyncio.gather(*futures), 10)
    assert all(answer.get("transactionId", 1) == 1 for answer in answers)
    with contextlib.suppress(CallErrorAnswer):
        await asyncio.wait_for(poisoned, 10)
    await peers[0].call("MeterValues", meter_values_16("1500"))
    for identity, peer in zip(identities, peers, strict=True):
        [transaction] = await either_api.transactions(identity)
        assert transaction["active"]
        shown = await either_api.get(f"/stations/{identity}")
        assert [evse["status"] for evse in shown["evses"] if evse["evse_id"] == 1] == ["Charging"]
        await peer.close()
