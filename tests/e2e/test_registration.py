"""Who may come in: unknown stations, the waiting room, and passwords that change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from support.api import Api
from support.payloads import BOOT_2X, BOOT_16, event, start_16
from support.peer import CallErrorAnswer, Peer, dial, fresh_id, station
from support.server import ServerProcess
from voltherd.websocket import basic_auth_header


@asynccontextmanager
async def unknown_stations(api: Api, word: str) -> AsyncIterator[None]:
    """Set what happens to unknown stations, for a while."""
    await api.put("/settings/onboarding", unknown_stations=word)
    try:
        yield
    finally:
        await api.put("/settings/onboarding", unknown_stations="refuse")


async def test_unknown_stations_are_refused_unless_a_setting_lets_them_in(
    strict: ServerProcess, strict_api: Api
) -> None:
    identity = fresh_id()
    with pytest.raises(InvalidStatus, match="404"):
        await dial(strict.ocpp, identity, "ocpp1.6")
    assert await strict_api.items("/stations", q=identity) == []
    await strict_api.put(f"/stations/{identity}", name="announced")
    async with station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Accepted"


async def test_unknown_stations_are_taken_in_by_setting(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    async with unknown_stations(strict_api, "accept"), station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16)) | {"currentTime": ""} == {
            "status": "Accepted",
            "currentTime": "",
            "interval": 1,
        }
        assert (await peer.call("StartTransaction", start_16()))["transactionId"] == 1


@pytest.mark.parametrize(
    ("protocol", "boot", "call"),
    [
        ("ocpp1.6", BOOT_16, ("StartTransaction", start_16())),
        ("ocpp2.0.1", BOOT_2X, ("TransactionEvent", event("Started", "tx", 0))),
    ],
)
async def test_a_station_in_the_waiting_room_is_pending_until_it_is_accepted(
    strict: ServerProcess, strict_api: Api, protocol: str, boot: dict[str, Any], call: tuple[str, dict[str, Any]]
) -> None:
    identity = fresh_id()
    async with (
        unknown_stations(strict_api, "pending"),
        station(strict.ocpp, identity, protocol, answers={"ClearCache": {"status": "Accepted"}}) as peer,
    ):
        answer = await peer.call("BootNotification", boot)
        assert answer["status"] == "Pending"
        assert 7 <= answer["interval"] <= 9, "the retry interval of the settings, spread a little"
        for action, payload in (call, ("Heartbeat", {})):
            with pytest.raises(CallErrorAnswer, match="SecurityError"):
                await peer.call(action, payload)
        waiting = await strict_api.items("/stations", registration="pending")
        assert identity in [item["station_id"] for item in waiting]
        raw = await strict_api.post(f"/stations/{identity}/calls/ClearCache")
        assert raw["result"] == {"status": "Accepted"}, "our own calls are sent"
        assert await strict_api.transactions(identity) == []

        await strict_api.put(f"/stations/{identity}", registration="accepted")
        answer = await peer.call("BootNotification", boot)
        assert (answer["status"], answer["interval"]) == ("Accepted", 1)
        await peer.call(*call)
        assert len(await strict_api.transactions(identity)) == 1


async def test_a_pending_station_may_send_what_a_trigger_asked_for(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    await strict_api.put(f"/stations/{identity}", registration="pending")
    accepts: dict[str, Any] = {"TriggerMessage": {"status": "Accepted"}}
    async with station(strict.ocpp, identity, "ocpp2.0.1", answers=accepts) as peer:
        assert (await peer.call("BootNotification", BOOT_2X))["status"] == "Pending"
        with pytest.raises(CallErrorAnswer, match="SecurityError"):
            await peer.call("Heartbeat", {})
        await strict_api.command(identity, "trigger", {"message": "Heartbeat"})
        assert await peer.call("Heartbeat", {})


async def test_a_rejected_station_is_told_so_and_its_connection_ends(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    await strict_api.put(f"/stations/{identity}", name="soon rejected")
    async with station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Accepted"
        await strict_api.put(f"/stations/{identity}", registration="rejected")
        assert (await peer.closed())[0] == 1008
    async with station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Rejected"
        with pytest.raises(CallErrorAnswer, match="SecurityError"):
            await peer.call("StartTransaction", start_16())


async def test_a_registered_station_may_do_everything_without_booting_again(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", name="never boots")
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("StartTransaction", start_16()))["transactionId"] == 1
        assert peer.frames[1:] == [], "and nothing is sent to it unasked"


async def test_a_deleted_station_is_disconnected_and_may_not_come_back(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    await strict_api.put(f"/stations/{identity}", name="soon deleted")
    async with station(strict.ocpp, identity, "ocpp1.6") as peer:
        await peer.call("StartTransaction", start_16())
        await strict_api.delete(f"/stations/{identity}")
        await peer.closed()
    with pytest.raises(InvalidStatus, match="404"):
        await dial(strict.ocpp, identity, "ocpp1.6")
    await strict_api.put(f"/stations/{identity}", name="created anew")
    async with station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Accepted"


# -- passwords ---------------------------------------------------------------------------------------------------


def with_password(identity: str, password: bytes) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": basic_auth_header(identity, password)}}


async def opens(server: ServerProcess, identity: str, protocol: str, password: bytes) -> bool:
    """Whether a station with this password is let in."""
    try:
        async with station(server.ocpp, identity, protocol, **with_password(identity, password)) as peer:
            assert await peer.call("Heartbeat", {})
    except InvalidStatus as refused:
        if refused.response.status_code != 401:
            raise
        return False
    return True


OLD = b"old password 0001"


async def rotate(server: ServerProcess, api: Api, identity: str, protocol: str, answer: Any) -> tuple[bytes, Any]:
    """Rotate a connected station's password; gives the new one as the station got it, and the command's record."""
    await api.put(f"/stations/{identity}", password=OLD.decode(), security_profile=1)
    async with station(server.ocpp, identity, protocol, **with_password(identity, OLD)) as peer:
        rotating = asyncio.create_task(api.post(f"/stations/{identity}/credentials/rotate", wait="true"))
        new = await new_password(peer, protocol, answer)
        return new, await rotating


async def new_password(peer: Peer, protocol: str, answer: Any) -> bytes:
    call = await peer.next_call()
    if protocol == "ocpp1.6":
        assert (call.action, call.payload["key"]) == ("ChangeConfiguration", "AuthorizationKey")
        await peer.answer(call, {"status": answer})
        return bytes.fromhex(call.payload["value"])
    assert call.action == "SetVariables"
    [item] = call.payload["setVariableData"]
    assert (item["component"]["name"], item["variable"]["name"]) == ("SecurityCtrlr", "BasicAuthPassword")
    result = {"attributeStatus": answer, "component": item["component"], "variable": item["variable"]}
    await peer.answer(call, {"setVariableResult": [result]})
    return str(item["attributeValue"]).encode()


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
async def test_a_rotated_password_counts_once_the_station_accepted_it(
    server: ServerProcess, api: Api, protocol: str
) -> None:
    identity = fresh_id()
    new, record = await rotate(server, api, identity, protocol, "Accepted")
    assert record["state"] == "effect_seen"
    assert 16 <= len(new) <= 20
    assert await opens(server, identity, protocol, new)
    assert not await opens(server, identity, protocol, OLD)
    assert new.decode() not in str(record), "it is shown nowhere"
    frames = str(await api.items(f"/stations/{identity}/messages"))
    assert new.decode() not in frames
    assert new.hex() not in frames


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
async def test_a_password_the_station_rejected_changes_nothing(server: ServerProcess, api: Api, protocol: str) -> None:
    identity = fresh_id()
    new, record = await rotate(server, api, identity, protocol, "Rejected")
    assert record["state"] == "rejected"
    assert await opens(server, identity, protocol, OLD)
    assert not await opens(server, identity, protocol, new)


@pytest.mark.parametrize("has_taken_it", [False, True])
async def test_the_password_a_station_uses_counts_where_its_answer_was_lost(
    server: ServerProcess, api: Api, has_taken_it: bool
) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", password=OLD.decode(), security_profile=1)
    async with station(server.ocpp, identity, "ocpp1.6", **with_password(identity, OLD)) as peer:
        rotating = asyncio.create_task(api.post(f"/stations/{identity}/credentials/rotate", wait="true"))
        new = bytes.fromhex((await peer.next_call()).payload["value"])
        peer.drop()
        assert (await rotating)["state"] == "failed"
    for _ in range(2):
        assert await opens(server, identity, "ocpp1.6", new if has_taken_it else OLD)
    if has_taken_it:
        assert not await opens(server, identity, "ocpp1.6", OLD)


async def test_a_station_that_is_accepted_is_asked_to_register_at_once(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    async with unknown_stations(strict_api, "pending"), station(strict.ocpp, identity, "ocpp1.6") as peer:
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Pending"
        await strict_api.put(f"/stations/{identity}", registration="accepted")
        asked = await asyncio.wait_for(peer.next_call(), 5)
        assert (asked.action, asked.payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
        await peer.answer(asked, {"status": "Accepted"})
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Accepted"
        command = (await strict_api.items("/commands", station_id=identity))[0]
        await strict_api.until(f"/commands/{command['command_id']}", lambda found: found["state"] == "effect_seen")
