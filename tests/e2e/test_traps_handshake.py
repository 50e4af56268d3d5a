"""Interop traps 1 to 9: how real stations connect, and what they send that no specification knows."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from support.api import Api, until
from support.payloads import BOOT_2X, BOOT_16, start_16, status_16
from support.peer import CallErrorAnswer, Peer, dial, fresh_id, station
from support.raw import TEXT, RawSocket
from support.server import ServerProcess
from voltherd.websocket import basic_auth_header

BOTH = pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])


def boot(protocol: str) -> dict[str, Any]:
    return BOOT_16 if protocol == "ocpp1.6" else BOOT_2X


async def refusal(url: str, identity: str, *protocols: str, **options: Any) -> Any:
    """Connect as a station that is refused; gives the HTTP response."""
    with pytest.raises(InvalidStatus) as refused:
        await dial(url, identity, *protocols, **options)
    return refused.value.response


# -- 1: the path -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/ocpp/{}", "/ocpp/{}/", "/{}", "/some/extra/path/{}//", "/ocpp/{}?token=a/b", "//ocpp//{}", "/OCPP/1.6/{}/?x"],
)
async def test_trap_01_the_identity_is_the_last_segment_of_the_path(server: ServerProcess, api: Api, path: str) -> None:
    identity = fresh_id("PATH")
    root = server.ocpp.removesuffix("/ocpp")
    async with station(root, path.format(identity).removeprefix("/"), "ocpp1.6", raw_path=True) as peer:
        await peer.call("BootNotification", BOOT_16)
        assert (await api.get(f"/stations/{identity}"))["online"]


async def test_trap_01_the_identity_is_percent_decoded(server: ServerProcess, api: Api) -> None:
    identity = fresh_id("Säule 7+")
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        await peer.call("BootNotification", BOOT_16)
        [shown] = await api.items("/stations", q="Säule")
        assert shown["station_id"] == identity


# -- 2: the subprotocol ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["ocpp1.6"], "ocpp1.6"),
        (["ocpp1.6", "ocpp2.0.1", "ocpp2.1"], "ocpp2.1"),
        (["ocpp2.0.1", "ocpp1.6"], "ocpp2.0.1"),
        (["ocpp0.1", "ocpp2.0.1"], "ocpp2.0.1"),
    ],
)
async def test_trap_02_the_highest_version_both_speak_is_chosen(
    server: ServerProcess, offered: list[str], chosen: str
) -> None:
    async with station(server.ocpp, fresh_id(), *offered) as peer:
        assert peer.subprotocol == chosen


async def test_trap_02_without_a_subprotocol_a_new_station_speaks_1_6(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity) as peer:
        assert peer.subprotocol is None
        assert (await peer.call("BootNotification", BOOT_16))["status"] == "Accepted"
        assert (await api.get(f"/stations/{identity}"))["ocpp_version"] == "1.6"


async def test_trap_02_without_a_subprotocol_a_known_station_speaks_its_last_version(server: ServerProcess) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        await peer.call("BootNotification", BOOT_2X)
    async with station(server.ocpp, identity) as peer:
        assert (await peer.call("BootNotification", BOOT_2X))["status"] == "Accepted"


async def test_trap_02_a_pinned_station_speaks_its_pinned_version(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", ocpp_version="2.0.1")
    async with station(server.ocpp, identity, "ocpp1.6", "ocpp2.1", "ocpp2.0.1") as peer:
        assert peer.subprotocol == "ocpp2.0.1"
    async with station(server.ocpp, identity) as peer:
        assert (await peer.call("BootNotification", BOOT_2X))["status"] == "Accepted"
    assert (await refusal(server.ocpp, identity, "ocpp1.6")).status_code == 400


async def test_trap_02_unknown_subprotocols_alone_are_refused(server: ServerProcess) -> None:
    response = await refusal(server.ocpp, fresh_id(), "ocpp9.9", "mqtt")
    assert response.status_code == 400
    assert b"ocpp9.9" in response.body


# -- 3: a switch of the version ----------------------------------------------------------------------------------


async def test_trap_03_nothing_of_the_old_version_survives_a_switch(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, "ocpp1.6") as peer:
        await peer.call("BootNotification", {"chargePointVendor": "", "chargePointModel": "One"})
        await peer.call("StatusNotification", status_16("Preparing", connector=2))
        await peer.call("StartTransaction", start_16(), "same-id")
        await api.put(f"/stations/{identity}/limits", items_per_message=2)
    async with station(server.ocpp, identity, "ocpp2.0.1") as peer:
        assert (await peer.call("BootNotification", BOOT_2X, "same-id"))["status"] == "Accepted"
        with pytest.raises(CallErrorAnswer, match="NotImplemented"):
            await peer.call("StartTransaction", start_16())
        shown = await api.get(f"/stations/{identity}")
        assert (shown["ocpp_version"], shown["model"], shown["items_per_message"]) == ("2.0.1", "Two", None)
        assert shown["flags"] == []
        assert [evse["evse_id"] for evse in shown["evses"] if evse["connectors"]] == []
        [transaction] = await api.transactions(identity)
        assert transaction["active"], "what was stored stays"


# -- 4: Basic auth -----------------------------------------------------------------------------------------------


def basic(identity: str, password: bytes) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": basic_auth_header(identity, password)}}


async def test_trap_04_a_password_may_hold_colons_and_any_character(server: ServerProcess, api: Api) -> None:
    identity, password = fresh_id(), "a:b::ü €:"
    await api.put(f"/stations/{identity}", password=password, security_profile=1)
    async with station(server.ocpp, identity, "ocpp1.6", **basic(identity, password.encode())) as peer:
        await peer.call("BootNotification", BOOT_16)
    response = await refusal(server.ocpp, identity, "ocpp1.6", **basic(identity, b"a:b::\xff:"))
    assert response.status_code == 401


async def test_trap_04_a_password_in_hexadecimal_digits_is_taken_as_digits_or_bytes(
    server: ServerProcess, api: Api
) -> None:
    identity, digits = fresh_id(), "00ff10c3a97f3a0102030405060708090a0b0c0d"
    await api.put(f"/stations/{identity}", password=digits, security_profile=1)
    for password in (digits.encode(), bytes.fromhex(digits)):
        async with station(server.ocpp, identity, "ocpp1.6", **basic(identity, password)) as peer:
            await peer.call("Heartbeat", {})
    await api.put(f"/stations/{identity}", password="plain secret", security_profile=1)
    async with station(server.ocpp, identity, "ocpp1.6", **basic(identity, b"plain secret".hex().encode())) as peer:
        await peer.call("Heartbeat", {})


# -- 5: refused before the upgrade -------------------------------------------------------------------------------


async def test_trap_05_wrong_credentials_get_401_before_the_upgrade(server: ServerProcess, api: Api) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", password="right password", security_profile=1)
    for options in ({}, basic(identity, b"wrong"), basic("SOMEBODY", b"right password")):
        response = await refusal(server.ocpp, identity, "ocpp1.6", **options)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")
    for _ in range(5):
        await refusal(server.ocpp, identity, "ocpp1.6", **basic(identity, b"wrong"))
    async with station(server.ocpp, identity, "ocpp1.6", **basic(identity, b"right password")) as peer:
        assert await peer.call("Heartbeat", {}), "there is no lock-out"


async def test_trap_05_an_unknown_station_gets_404_before_the_upgrade(strict: ServerProcess) -> None:
    assert (await refusal(strict.ocpp, fresh_id(), "ocpp1.6")).status_code == 404
    assert (await refusal(strict.ocpp, "", "ocpp1.6", raw_path=True)).status_code == 404


async def test_trap_05_a_station_that_must_come_over_tls_gets_403_before_the_upgrade(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    await api.put(f"/stations/{identity}", password="right password", security_profile=2)
    response = await refusal(server.ocpp, identity, "ocpp1.6", **basic(identity, b"right password"))
    assert response.status_code == 403


# -- 6: silence --------------------------------------------------------------------------------------------------


async def test_trap_06_pings_need_no_answer_but_silence_ends_the_lease(strict: ServerProcess, strict_api: Api) -> None:
    talks, answers_pings, silent = fresh_id(), fresh_id(), fresh_id()
    for identity in (talks, answers_pings, silent):
        await strict_api.put(f"/stations/{identity}", name="trap 6")
    dead = await RawSocket.open(strict.ocpp)
    talking = await RawSocket.open(strict.ocpp)
    assert await dead.upgrade(f"/ocpp/{silent}") == 101
    assert await talking.upgrade(f"/ocpp/{talks}") == 101

    async def talk() -> None:
        for number in range(1000):
            talking.send(TEXT, b'[2,"%d","Heartbeat",{}]' % number)
            await asyncio.sleep(0.3)

    async with station(strict.ocpp, answers_pings, "ocpp1.6"):
        chatter = asyncio.create_task(talk())
        assert await dead.until_closed() == 1008
        await strict_api.until(f"/stations/{silent}", lambda it: not it["online"])
        assert (await strict_api.get(f"/stations/{talks}"))["online"], "it sends, though it never answers a ping"
        assert (await strict_api.get(f"/stations/{answers_pings}"))["online"], "it is silent, but answers pings"
        chatter.cancel()
    await dead.close()
    await talking.close()


# -- 7: the same station twice -----------------------------------------------------------------------------------


async def test_trap_07_the_newest_wins_and_the_late_close_of_the_old_removes_only_itself(
    server: ServerProcess, api: Api
) -> None:
    identity = fresh_id()
    old = await dial(server.ocpp, identity, "ocpp1.6", answers={"ClearCache": {"status": "Rejected"}})
    await old.call("BootNotification", BOOT_16)
    async with station(server.ocpp, identity, "ocpp1.6", answers={"ClearCache": {"status": "Accepted"}}) as new:
        assert await new.call("Heartbeat", {})
        assert await old.call("Heartbeat", {}), "the old one is served until it closes"
        answer = await api.post(f"/stations/{identity}/calls/ClearCache")
        assert answer["result"] == {"status": "Accepted"}, "the newest gets our calls"
        await old.close()
        answer = await api.post(f"/stations/{identity}/calls/ClearCache")
        assert answer["result"] == {"status": "Accepted"}, "the late close has not removed the new one"
        assert (await api.get(f"/stations/{identity}"))["online"]
    await api.until(f"/stations/{identity}", lambda it: not it["online"])


async def test_trap_07_an_old_socket_that_falls_silent_is_closed(strict: ServerProcess, strict_api: Api) -> None:
    identity = fresh_id()
    await strict_api.put(f"/stations/{identity}", name="trap 7")
    old = await RawSocket.open(strict.ocpp)
    assert await old.upgrade(f"/ocpp/{identity}") == 101
    async with station(strict.ocpp, identity, "ocpp1.6") as new:
        assert await old.until_closed() == 1008
        assert await new.call("Heartbeat", {})
    await old.close()


@pytest.mark.parametrize("pause_s", [0, 0.01, 0.05])
async def test_trap_07_a_reconnect_right_after_a_drop_is_as_good_as_any(
    server: ServerProcess, api: Api, pause_s: float
) -> None:
    identity = fresh_id()
    numbers = set()
    for _ in range(5):
        peer = await dial(server.ocpp, identity, "ocpp1.6", answers={"ClearCache": {"status": "Accepted"}})
        numbers.add((await peer.call("StartTransaction", start_16()))["transactionId"])
        peer.drop()
        await asyncio.sleep(pause_s)
    async with station(server.ocpp, identity, "ocpp1.6", answers={"ClearCache": {"status": "Accepted"}}):
        assert (await api.post(f"/stations/{identity}/calls/ClearCache"))["result"] == {"status": "Accepted"}
    assert len(numbers) == 5
    assert [item["active"] for item in await api.transactions(identity)] == [False] * 4 + [True]


async def test_trap_07_a_start_repeated_on_a_new_socket_beside_the_old_is_the_same_transaction(
    server: ServerProcess, api: Api
) -> None:
    identity, start = fresh_id(), start_16()
    old = await dial(server.ocpp, identity, "ocpp1.6")
    first = await old.call("StartTransaction", start, "first")
    async with station(server.ocpp, identity, "ocpp1.6") as new:
        assert await new.call("StartTransaction", start, "first") == first
        assert await new.call("StartTransaction", start, "second") == first
    await old.close()
    assert len(await api.transactions(identity)) == 1


# -- 8: odd frames -----------------------------------------------------------------------------------------------


async def still_served(peer: Peer) -> None:
    assert await peer.call("Heartbeat", {})


@BOTH
async def test_trap_08_an_empty_frame_is_passed_over(server: ServerProcess, protocol: str) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        for frame in ("", " \n", "\x00"):
            await peer.send(frame)
        await still_served(peer)
        assert len(peer.frames) == 1


@BOTH
async def test_trap_08_null_is_the_empty_payload(server: ServerProcess, protocol: str) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        await peer.send('[2,"n1","Heartbeat",null]')
        assert (await peer.next_other())[:2] == [3, "n1"]


@pytest.mark.parametrize(("protocol", "code"), [("ocpp1.6", "FormationViolation"), ("ocpp2.1", "RpcFrameworkError")])
async def test_trap_08_invalid_json_is_refused_by_name(server: ServerProcess, protocol: str, code: str) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        await peer.send('[2,"broken","Heartbeat",{')
        assert (await peer.next_other())[:3] == [4, "broken", code]
        await peer.send("hello?")
        assert (await peer.next_other())[:3] == [4, "-1", code]
        await still_served(peer)


@BOTH
async def test_trap_08_a_binary_frame_ends_the_connection_with_1003(server: ServerProcess, protocol: str) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        await peer.send(b'[2,"1","Heartbeat",{}]')
        assert (await peer.closed())[0] == 1003


async def test_trap_08_ten_megabytes_end_the_connection_with_1009(server: ServerProcess) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp1.6", compression=None) as peer:
        await peer.send(json.dumps([2, "1", "DataTransfer", {"vendorId": "x", "data": "A" * 10_000_000}]))
        assert (await peer.closed())[0] == 1009


async def test_trap_08_unknown_message_types_are_passed_over_in_1_6_and_refused_in_2_x(server: ServerProcess) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp1.6") as peer:
        await peer.send('[9,"t1","Heartbeat",{}]')
        await still_served(peer)
        assert len(peer.frames) == 1
    async with station(server.ocpp, fresh_id(), "ocpp2.0.1") as peer:
        await peer.send('[9,"t1","Heartbeat",{}]')
        assert (await peer.next_other())[:3] == [4, "t1", "MessageTypeNotSupported"]
        await still_served(peer)


@BOTH
async def test_trap_08_a_number_as_message_id_is_answered_with_the_number(server: ServerProcess, protocol: str) -> None:
    async with station(server.ocpp, fresh_id(), protocol) as peer:
        await peer.send('[2,4711,"Heartbeat",{}]')
        assert (await peer.next_other())[:2] == [3, 4711]
        await peer.send(json.dumps([2, 4712, "BootNotification", boot(protocol)]))
        answer = await peer.next_other()
        assert (answer[:2], answer[2]["status"]) == ([3, 4712], "Accepted")


async def test_trap_08_nul_and_lone_surrogates_in_strings_are_survived(either: ServerProcess, either_api: Api) -> None:
    identity, api = fresh_id(), either_api
    async with station(either.ocpp, identity, "ocpp1.6") as peer:
        await peer.send(
            r'[2,"b\u0000\"1","BootNotification",{"chargePointVendor":"A\u0000cme","chargePointModel":"\ud800x"}]'
        )
        answer = await peer.next_other()
        assert (answer[0], answer[1], answer[2]["status"]) == (3, 'b\x00"1', "Accepted")
        start = {**start_16(), "idTag": "T\x00AG"}
        started = await peer.call("StartTransaction", start, 'id\x00"\\')
        assert await peer.call("StartTransaction", start, 'id\x00"\\') == started
        shown = await api.get(f"/stations/{identity}")
        assert shown["vendor"].startswith("A")
        assert len(await api.transactions(identity)) == 1
        await until(lambda: api.items(f"/stations/{identity}/messages"), lambda found: len(found) >= 4)


@BOTH
async def test_trap_08_calls_sent_without_waiting_are_all_answered_in_order(
    server: ServerProcess, api: Api, protocol: str
) -> None:
    identity = fresh_id()
    async with station(server.ocpp, identity, protocol) as peer:
        await peer.send(json.dumps([2, "boot", "BootNotification", boot(protocol)]))
        for number in range(100):
            await peer.send(f'[2,"{number}","Heartbeat",{{}}]')
        starts = [start_16(f"TAG{number}", connector=number + 1) for number in range(20)]
        if protocol == "ocpp1.6":
            for number, start in enumerate(starts):
                await peer.send(json.dumps([2, f"start{number}", "StartTransaction", start]))
        expected = 101 + (20 if protocol == "ocpp1.6" else 0)
        answers = [await peer.next_other() for _ in range(expected)]
        assert all(answer[0] == 3 for answer in answers)
        ids = [answer[1] for answer in answers]
        assert [i for i in ids if i.isdigit()] == [str(number) for number in range(100)]
        if protocol == "ocpp1.6":
            assert [i for i in ids if i.startswith("start")] == [f"start{number}" for number in range(20)]
            tokens = [item["id_token"] for item in await api.transactions(identity)]
            assert sorted(tokens) == sorted(start["idTag"] for start in starts)


# -- 9: compression ----------------------------------------------------------------------------------------------


async def test_trap_09_messages_are_compressed_where_the_station_asks_for_it(server: ServerProcess) -> None:
    async with station(server.ocpp, fresh_id(), "ocpp2.0.1", compression="deflate") as peer:
        assert "permessage-deflate" in peer.socket.response.headers["Sec-WebSocket-Extensions"]
        data = {"vendorId": "com.example", "data": "A" * 100_000}
        assert (await peer.call("DataTransfer", data))["status"] == "UnknownVendorId"
        await still_served(peer)
    async with station(server.ocpp, fresh_id(), "ocpp2.0.1", compression=None) as peer:
        assert "Sec-WebSocket-Extensions" not in peer.socket.response.headers
        await still_served(peer)
