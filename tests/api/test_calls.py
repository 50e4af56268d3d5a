"""`/stations/{id}/calls/{Action}` and `/stations/{id}/commands/{name}`."""

import httpx
import msgspec
import pytest

from voltherd.domain.catalogue import COMMANDS
from voltherd.domain.errors import (
    AnswerInvalid,
    CallRefused,
    NoAnswer,
    NotSupportedByVersion,
    PayloadInvalid,
    StationError,
)

from .conftest import World


@pytest.fixture
async def station(world: World, client: httpx.AsyncClient) -> str:
    assert (await client.put("/stations/CP 1", json={})).status_code == 201
    world.link.connect("CP 1")
    return "/stations/CP%201"


async def test_a_call_passes_both_payloads_byte_for_byte(world: World, client: httpx.AsyncClient, station: str) -> None:
    sent = b'{"z":1.10,  "a":"\\u00e9","n":12345678901234567890}'
    world.link.answers["DataTransfer"] = b'{"status":"Accepted","data":1.50,"q":"\\u00e9"}'
    answer = await client.post(f"{station}/calls/DataTransfer", content=sent)
    assert answer.status_code == 200
    assert world.link.seen == [("CP 1", "DataTransfer", (sent, True))]
    assert answer.content == b'{"message_id":"message-1","result":' + world.link.answers["DataTransfer"] + b"}"


async def test_validation_can_be_left_out(world: World, client: httpx.AsyncClient, station: str) -> None:
    assert (await client.post(f"{station}/calls/Reset?validate=false", json={"x": 1})).status_code == 200
    assert world.link.seen[0][2] == (b'{"x":1}', False)


async def test_a_raw_call_is_recorded_like_a_command(world: World, client: httpx.AsyncClient, station: str) -> None:
    await client.post(f"{station}/calls/Reset", content=b'{"type": "Soft"}')
    record = (await client.get("/commands", params={"station_id": "CP 1"})).json()["items"][0]
    assert (record["name"], record["requested_by"], record["request"]) == ("call:Reset", "admin", {"type": "Soft"})
    assert record["answer"] == {"status": "Accepted"}
    assert (record["state"], record["effect_at"]) == ("effect_seen", record["answered_at"])
    world.link.answers["Reset"] = b'{"status":"Rejected"}'
    await client.post(f"{station}/calls/Reset", content=b'{"type": "Soft"}')
    record = (await client.get("/commands", params={"station_id": "CP 1"})).json()["items"][0]
    assert (record["state"], record["effect"], record["effect_at"]) == ("rejected", None, None)


@pytest.mark.parametrize("key", ["AuthorizationKey", "AUTHORIZATIONKEY", "authorizationkey"])
async def test_a_raw_call_records_no_password_of_request_or_answer_however_it_is_spelled(
    world: World, client: httpx.AsyncClient, station: str, key: str
) -> None:
    answer = b'{"configurationKey":[{"key":"%s","readonly":false,"value":"3039"}]}' % key.encode()
    world.link.answers["GetConfiguration"] = answer
    await client.post(f"{station}/calls/GetConfiguration", json={"key": [key]})
    await client.post(f"{station}/calls/ChangeConfiguration", json={"key": key, "value": "3040"})
    changed, read = (await client.get("/commands", params={"station_id": "CP 1"})).json()["items"]
    assert changed["request"] == {"key": key, "value": "***"}
    assert read["answer"]["configurationKey"] == [{"key": key, "readonly": False, "value": "***"}]


@pytest.mark.parametrize(
    ("error", "status", "ocpp_code"),
    [
        (PayloadInvalid("No type.", "OccurrenceConstraintViolation"), 422, "OccurrenceConstraintViolation"),
        (NotSupportedByVersion("1.6 has no GetReport."), 422, None),
        (CallRefused("The station refused.", "NotImplemented", {"why": "old"}), 502, "NotImplemented"),
        (AnswerInvalid("Nonsense."), 502, None),
        (NoAnswer("Nothing in 30 s."), 504, None),
    ],
)
async def test_each_way_to_fail_has_its_status(
    world: World, client: httpx.AsyncClient, station: str, error: StationError, status: int, ocpp_code: str | None
) -> None:
    world.link.answers["Reset"] = error
    answer = await client.post(f"{station}/calls/Reset", json={})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().get("ocpp_code") == ocpp_code
    assert answer.json()["detail"] == str(error)


@pytest.mark.parametrize("payload", [b"[1]", b'"Accepted"', b"5", b'{"a":' * 2000 + b"1" + b"}" * 2000])
async def test_an_answer_that_is_no_object_is_a_502_and_recorded(
    world: World, client: httpx.AsyncClient, station: str, payload: bytes
) -> None:
    world.link.answers["Reset"] = payload
    answer = await client.post(f"{station}/calls/Reset", json={})
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:voltherd:problem:answer-invalid")
    record = (await client.get("/commands", params={"station_id": "CP 1"})).json()["items"][0]
    assert (record["state"], record["error"]["kind"]) == ("failed", "AnswerInvalid")


async def test_an_answer_s_status_may_be_anything(world: World, client: httpx.AsyncClient, station: str) -> None:
    world.link.answers["Reset"] = b'{"status":["Rejected"]}'
    assert (await client.post(f"{station}/calls/Reset", json={})).status_code == 200


async def test_a_station_that_is_not_connected_is_a_409(world: World, client: httpx.AsyncClient, station: str) -> None:
    world.link.connected.clear()
    for path in ("calls/Reset", "commands/reset", "credentials/rotate"):
        answer = await client.post(f"{station}/{path}", json={})
        assert answer.status_code == 409, path
        assert answer.json()["type"] == "urn:voltherd:problem:station-offline"


async def test_an_unknown_station_is_a_404(client: httpx.AsyncClient) -> None:
    for path in ("calls/Reset", "commands/reset", "credentials/rotate"):
        assert (await client.post(f"/stations/nobody/{path}", json={})).status_code == 404, path


@pytest.mark.parametrize(("body", "status"), [(b"[]", 422), (b"{", 400), (b"\xff", 400), (b'{"a":1}x', 400)])
async def test_a_payload_that_is_no_json_object_is_not_sent(
    world: World, client: httpx.AsyncClient, station: str, body: bytes, status: int
) -> None:
    assert (await client.post(f"{station}/calls/Reset", content=body)).status_code == status
    assert world.link.seen == []


@pytest.mark.parametrize("timeout", ["0", "-1", "601", "nan", "x"])
async def test_a_timeout_is_between_0_and_600_s(client: httpx.AsyncClient, station: str, timeout: str) -> None:
    assert (await client.post(f"{station}/calls/Reset?timeout_s={timeout}", json={})).status_code == 422


async def test_a_command_is_taken_and_followed(world: World, client: httpx.AsyncClient, station: str) -> None:
    taken = await client.post(f"{station}/commands/clear-cache", json={})
    assert taken.status_code == 202
    command_id = taken.json()["command_id"]
    assert isinstance(command_id, str)
    await world.api.commands.outcome(int(command_id), 5)
    shown = (await client.get(f"/commands/{command_id}")).json()
    assert (shown["command_id"], shown["station_id"], shown["name"]) == (command_id, "CP 1", "clear-cache")
    assert shown["state"] == "effect_seen"
    assert shown["answer"]["status"] == "Accepted"
    assert shown["created_at"].endswith("Z")


async def test_with_wait_the_outcome_is_the_answer(world: World, client: httpx.AsyncClient, station: str) -> None:
    world.link.answers["clear-cache"] = b'{"status":"Rejected"}'
    answer = await client.post(f"{station}/commands/clear-cache?wait=true", json={})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["answer"]) == ("rejected", {"status": "Rejected"})
    world.link.answers["clear-cache"] = CallRefused("Refused.", "InternalError")
    failed = (await client.post(f"{station}/commands/clear-cache?wait=true", json={})).json()
    assert failed["state"] == "failed"
    assert failed["error"]["ocpp_code"] == "InternalError"


async def test_a_command_may_wait_for_the_station(world: World, client: httpx.AsyncClient, station: str) -> None:
    world.link.connected.clear()
    answer = await client.post(f"{station}/commands/reset?when_offline=queue&not_after_s=60", json={})
    assert answer.status_code == 202
    shown = (await client.get(f"/commands/{answer.json()['command_id']}")).json()
    assert (shown["state"], shown["sent_at"]) == ("queued", None)


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_every_command_says_which_field_is_wrong(client: httpx.AsyncClient, station: str, name: str) -> None:
    answer = await client.post(f"{station}/commands/{name}", json={"nonsense": 1})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("$.")


async def test_a_field_of_the_wrong_type_is_named(client: httpx.AsyncClient, station: str) -> None:
    answer = await client.post(
        f"{station}/commands/get-variables", json={"variables": [{"variable": "A"}, {"variable": "B", "evse_id": "1"}]}
    )
    assert answer.json()["errors"] == [
        {"path": "$.variables[1].evse_id", "message": "Expected `int | null`, got `str`"}
    ]


async def test_an_unknown_command_is_a_404_that_lists_the_known(client: httpx.AsyncClient, station: str) -> None:
    answer = await client.post(f"{station}/commands/levitate", json={})
    assert answer.status_code == 404
    assert all(name in answer.json()["detail"] for name in COMMANDS)


async def test_credentials_are_rotated_once_the_station_accepted(
    world: World, client: httpx.AsyncClient, station: str
) -> None:
    answer = await client.post(f"{station}/credentials/rotate?wait=true")
    assert answer.status_code == 200
    assert answer.json()["state"] == "effect_seen"
    assert answer.json()["effect_at"] >= answer.json()["answered_at"]
    password = world.link.seen[0][2]
    found = world.api.stations.find("CP 1")
    assert found is not None
    assert world.api.stations.verify(found, password.encode())
    assert password not in answer.text
    messages = await client.get("/commands")
    assert password not in messages.text


@pytest.mark.parametrize(("status", "may_be_used"), [("NoAnswer", True), ("Rejected", False)])
async def test_a01_a_password_of_which_the_answer_says_nothing_may_turn_out_to_be_the_station_s(
    world: World, client: httpx.AsyncClient, station: str, status: str, may_be_used: bool
) -> None:
    world.link.answers["set-password"] = msgspec.json.encode({"status": status})
    answer = await client.post(f"{station}/credentials/rotate?wait=true")
    assert answer.json()["state"] == "rejected"
    found = world.api.stations.find("CP 1")
    assert found is not None
    assert world.api.stations.verify(found, world.link.seen[0][2].encode()) is may_be_used


@pytest.mark.parametrize("command_id", ["0", "1", "x", "9" * 30, "-1", "\uff11"])
async def test_an_unknown_command_id_is_a_404(client: httpx.AsyncClient, command_id: str) -> None:
    assert (await client.get(f"/commands/{command_id}")).status_code == 404
