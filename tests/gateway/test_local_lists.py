"""Local authorisation lists of every version (functional block D)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.desk import NOON_MS, Desk
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import CallRefused, Conflict, Invalid, PayloadInvalid
from voltherd.domain.local_list import GetLocalListVersion, ListEntry, LocalList, SendLocalList
from voltherd.ocpp import v2, v16
from voltherd.ocpp.version import OcppVersion
from voltherd.services.local_lists import LocalLists
from voltherd.services.settings import LocalLists as Setting

ACCEPTED = {"status": "Accepted"}
MISMATCH = {"status": "VersionMismatch"}


@pytest.fixture(params=list(OcppVersion), ids=str)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    made = await Desk.open(tmp_path / "desk.db", request.param)
    yield made
    await made.store.close()


def is_16(desk: Desk) -> bool:
    return desk.version is OcppVersion.V16


def tells(desk: Desk, version: int) -> None:
    desk.answer("GetLocalListVersion", {"listVersion" if is_16(desk) else "versionNumber": version})


def lists(desk: Desk) -> list[tuple[str, int, list[str]]]:
    """What was sent: kind, version, tokens; those to be removed with a minus."""
    found = []
    for action, payload in desk.sent:
        if action == "SendLocalList":
            version = payload["listVersion" if is_16(desk) else "versionNumber"]
            tokens = [_token(item) for item in payload.get("localAuthorizationList", [])]
            found.append((payload["updateType"], version, tokens))
    return found


def _token(item: dict[str, Any]) -> str:
    token = item["idTag"] if "idTag" in item else item["idToken"]["idToken"]
    return str(token) if "idTagInfo" in item or "idTokenInfo" in item else f"-{token}"


async def kept(desk: Desk) -> LocalList:
    return (await desk.held(LocalList))["list"]


def entries(*tokens: str) -> list[ListEntry]:
    return [ListEntry(id_token=token.lstrip("-"), remove=token.startswith("-")) for token in tokens]


async def sends(desk: Desk, *tokens: str, update: Any = "full", **more: Any) -> Any:
    return await desk.perform(SendLocalList(update=update, entries=entries(*tokens), **more))


async def variable(desk: Desk, name: str, value: str | None, *, max_limit: float | None = None) -> None:
    component = "OCPP16" if is_16(desk) else "LocalAuthListCtrlr"
    station_id = desk.state.station.id
    record = Variable(
        station_id=station_id, component=component, variable=name, actual_value=value, max_limit=max_limit
    )
    await desk.store.journal.committed([record])


@pytest.fixture(autouse=True)
def agrees(desk: Desk) -> None:
    tells(desk, 0)
    desk.answer("SendLocalList", ACCEPTED)


async def test_d01_fr_01_a_full_list_is_made_of_our_accepted_tokens(desk: Desk) -> None:
    await desk.token("GOOD", group_id="FLEET", expires_at_ms=NOON_MS + 60_000)
    for status in ("blocked", "invalid", "expired"):
        await desk.token(status, status=status)
    await desk.token("OVER", expires_at_ms=NOON_MS - 1)
    await desk.token("CREDIT", prepaid_balance="10")
    found = await desk.perform(SendLocalList())
    assert (found.accepted, found.answer["entries"]) == (True, 1)
    assert lists(desk) == [("Full", 1, ["GOOD"])]
    [item] = desk.sent[-1][1]["localAuthorizationList"]
    if is_16(desk):
        assert item["idTagInfo"] == {
            "status": "Accepted",
            "expiryDate": "2026-01-05T12:01:00.000Z",
            "parentIdTag": "FLEET",
        }
    else:
        assert item["idTokenInfo"] == {
            "status": "Accepted",
            "cacheExpiryDateTime": "2026-01-05T12:01:00.000Z",
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        }
    known = await kept(desk)
    assert (known.state, known.version_sent, known.count) == ("in-step", 1, 1)


async def test_d01_fr_18_the_version_is_one_more_than_the_station_has(desk: Desk) -> None:
    tells(desk, 7)
    await sends(desk, "A")
    await sends(desk, "B")
    assert [version for _, version, _ in lists(desk)] == [8, 9]
    assert [action for action, _ in desk.sent].count("GetLocalListVersion") == 1


async def test_d01_fr_04_a_full_list_without_tokens_empties_it(desk: Desk) -> None:
    await sends(desk, "A")
    await sends(desk)
    assert lists(desk)[-1] == ("Full", 2, [])
    if not is_16(desk):
        assert "localAuthorizationList" not in desk.sent[-1][1]
    known = await kept(desk)
    assert (known.count, known.entries, known.state) == (0, (), "in-step")


async def test_d01_fr_16_17_changes_add_and_remove(desk: Desk) -> None:
    await sends(desk, "A", "B")
    await sends(desk, "-A", "C", update="differential")
    assert lists(desk)[-1] == ("Differential", 2, ["-A", "C"])
    assert [entry.id_token for entry in (await kept(desk)).entries or ()] == ["B", "C"]


async def test_changes_are_found_where_none_are_named(desk: Desk) -> None:
    await desk.token("A")
    await desk.token("B")
    await desk.perform(SendLocalList())
    await desk.token("A", status="blocked")
    await desk.token("C")
    await desk.perform(SendLocalList(update="differential"))
    assert lists(desk)[-1] == ("Differential", 2, ["-A", "C"])


async def test_changes_to_a_list_that_nobody_knows_cannot_be_found(desk: Desk) -> None:
    with pytest.raises(Conflict, match="full"):
        await desk.perform(SendLocalList(update="differential"))
    assert lists(desk) == []


async def test_d01_fr_11_a_long_list_goes_in_parts_the_first_as_full(desk: Desk) -> None:
    await variable(desk, "SendLocalListMaxLength" if is_16(desk) else "ItemsPerMessage", "2")
    found = await sends(desk, "A", "B", "C", "D", "E")
    assert lists(desk) == [
        ("Full", 1, ["A", "B"]),
        ("Differential", 2, ["C", "D"]),
        ("Differential", 3, ["E"]),
    ]
    known = await kept(desk)
    assert (known.version_sent, known.count, known.state) == (3, 5, "in-step")
    assert (found.answer["version"], found.answer["messages"]) == (3, 3)


async def test_d01_fr_11_a_list_is_split_by_its_size_too(desk: Desk) -> None:
    if not is_16(desk):
        await variable(desk, "BytesPerMessage", "300")
        await sends(desk, "A" * 30, "B" * 30, "C" * 30)
        assert len(lists(desk)) > 1


async def test_a_list_longer_than_the_station_takes_is_refused_before_anything_is_sent(desk: Desk) -> None:
    if is_16(desk):
        await variable(desk, "LocalAuthListMaxLength", "2")
    else:
        await variable(desk, "Entries", "0", max_limit=2.0)
    with pytest.raises(Invalid, match="takes 2 at most"):
        await sends(desk, "A", "B", "C")
    assert desk.sent == []


@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
async def test_d01_fr_03_a_failed_change_is_followed_by_the_whole_list(desk: Desk, status: str) -> None:
    await sends(desk, "A")
    desk.answer("SendLocalList", {"status": status}, ACCEPTED)
    tells(desk, 40)
    found = await sends(desk, "B", update="differential")
    assert lists(desk)[1:] == [("Differential", 2, ["B"]), ("Full", 41, ["A", "B"])]
    assert (found.accepted, found.status, len(found.answer["tried"])) == (True, "Accepted", 2)
    assert ((await kept(desk)).state, (await kept(desk)).version_sent) == ("in-step", 41)


async def test_a_version_mismatch_of_a_full_list_is_tried_once_more_above_the_stations_version(desk: Desk) -> None:
    desk.answer("SendLocalList", MISMATCH, ACCEPTED)
    tells(desk, 12)
    await sends(desk, "A", version=5)
    assert lists(desk) == [("Full", 5, ["A"]), ("Full", 13, ["A"])]


async def test_what_fails_twice_is_told_and_kept(desk: Desk) -> None:
    desk.answer("SendLocalList", MISMATCH)
    found = await sends(desk, "A")
    assert (found.accepted, found.status, len(lists(desk))) == (False, "VersionMismatch", 2)
    assert (await kept(desk)).state == "drifted"
    desk.answer("SendLocalList", {"status": "Failed"})
    assert not (await sends(desk, "A")).accepted
    assert len(lists(desk)) == 3
    assert (await kept(desk)).state == "failed"


async def test_a_change_whose_base_nobody_knows_is_not_repeated_as_a_whole(desk: Desk) -> None:
    desk.answer("SendLocalList", MISMATCH)
    assert not (await sends(desk, "A", update="differential")).accepted
    assert len(lists(desk)) == 1


async def test_a_part_that_fails_ends_the_sending(desk: Desk) -> None:
    await variable(desk, "SendLocalListMaxLength" if is_16(desk) else "ItemsPerMessage", "1")
    desk.answer("SendLocalList", ACCEPTED, {"status": "Failed"})
    found = await sends(desk, "A", "B", "C")
    assert not found.accepted
    assert len(lists(desk)) > 2
    assert (await kept(desk)).state == "failed"


async def test_a_station_without_lists_is_known_as_such(desk: Desk) -> None:
    desk.answer("SendLocalList", CallRefused("The station does not know it.", "NotImplemented"))
    with pytest.raises(CallRefused):
        await sends(desk, "A")
    assert (await kept(desk)).state == "not-supported"


async def test_1_6_has_words_for_lists_that_are_not_supported(desk: Desk) -> None:
    if is_16(desk):
        desk.answer("SendLocalList", {"status": "NotSupported"})
        assert not (await sends(desk, "A")).accepted
        assert (await kept(desk)).state == "not-supported"
        tells(desk, -1)
        assert not (await desk.perform(GetLocalListVersion())).accepted
        assert ((await kept(desk)).state, (await kept(desk)).version_reported) == ("not-supported", -1)


@pytest.mark.parametrize(("version", "state"), [(1, "in-step"), (0, "drifted"), (9, "drifted")])
async def test_d02_another_version_than_ours_is_a_drift(desk: Desk, version: int, state: str) -> None:
    await sends(desk, "A")
    tells(desk, version)
    await desk.perform(GetLocalListVersion())
    assert ((await kept(desk)).state, (await kept(desk)).version_reported) == (state, version)
    assert desk.work.follow_ups is None


async def test_d02_fr_02_nothing_sent_and_no_list_is_no_drift(desk: Desk) -> None:
    found = await desk.perform(GetLocalListVersion())
    assert found.answer == {"listVersion" if is_16(desk) else "versionNumber": 0}
    assert (await kept(desk)).state == "unknown"


async def test_a_drift_is_repaired_where_the_setting_says_so(desk: Desk) -> None:
    await sends(desk, "A")
    await settings(desk).change(Setting, {"keep_in_step": True}, who="test")
    tells(desk, 9)
    await desk.perform(GetLocalListVersion())
    assert [item.command for item in desk.work.follow_ups or ()] == [SendLocalList()]


async def test_asking_for_the_version_while_sending_starts_no_repair(desk: Desk) -> None:
    await settings(desk).change(Setting, {"keep_in_step": True}, who="test")
    await sends(desk, "A")
    tells(desk, 9)
    desk.answer("SendLocalList", MISMATCH, ACCEPTED)
    await sends(desk, "B", update="differential")
    assert desk.work.follow_ups is None


def settings(desk: Desk) -> Any:
    service: LocalLists = desk.services.local_lists
    return service._settings


async def test_the_setting_bounds_the_list(desk: Desk) -> None:
    await settings(desk).change(Setting, {"max_entries": 1}, who="test")
    await desk.token("A")
    await desk.token("B")
    with pytest.raises(Invalid):
        await desk.perform(SendLocalList())
    assert ((await kept(desk)).state, (await kept(desk)).problem) == (
        "failed",
        "The list would have 2 tokens; the station takes 1 at most.",
    )


async def test_tokens_of_ours_that_the_version_cannot_take_are_left_out_and_counted(desk: Desk) -> None:
    await desk.token("SHORT")
    await desk.token("L" * 40)
    found = await desk.perform(SendLocalList())
    fits = desk.version is OcppVersion.V21
    assert (found.answer["entries"], found.answer.get("left_out", 0)) == ((2, 0) if fits else (1, 1))


async def test_entries_that_cannot_be_are_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="twice"):
        await sends(desk, "A", "a")
    with pytest.raises(Invalid, match="removed"):
        await sends(desk, "-A")
    for end in ("soon", "2999-01-01T00:00:00"):
        with pytest.raises(Invalid, match=r"expires_at of A is no RFC 3339 timestamp with its zone"):
            await desk.perform(SendLocalList(entries=[ListEntry(id_token="A", expires_at=end)]))
    if desk.version is not OcppVersion.V21:
        with pytest.raises(PayloadInvalid):
            await sends(desk, "L" * 37)
    assert lists(desk) == []


async def test_a_raw_list_is_recorded_too(desk: Desk) -> None:
    if is_16(desk):
        item = v16.types.AuthorizationData(id_tag="RAW", id_tag_info=v16.types.IdTagInfo(status="Blocked"))
        request: Any = v16.SendLocalListRequest(list_version=5, update_type="Full", local_authorization_list=[item])
        await desk.learn(request, v16.SendLocalListResponse(status="Accepted"))
    else:
        token = v2.types.IdTokenType(id_token="RAW", type="Local")
        info = v2.types.IdTokenInfoType(status="Blocked")
        item2 = v2.types.AuthorizationData(id_token=token, id_token_info=info)
        request = v2.SendLocalListRequest(version_number=5, update_type="Full", local_authorization_list=[item2])
        await desk.learn(request, v2.SendLocalListResponse(status="Accepted"))
    known = await kept(desk)
    assert (known.version_sent, known.state) == (5, "in-step")
    assert [(entry.id_token, entry.status) for entry in known.entries or ()] == [("RAW", "blocked")]


async def test_a_contract_goes_as_vehicles_present_it_and_a_pin_is_no_card(desk: Desk) -> None:
    await desk.token("DE-8AA-C12345678-X", type="eMAID")
    await desk.token("1234", type="KeyCode")
    found = await desk.perform(SendLocalList())
    assert set(lists(desk)[0][2]) == ({"DE8AAC12345678X"} if is_16(desk) else {"DE8AAC12345678X", "1234"})
    assert found.answer.get("left_out", 0) == (1 if is_16(desk) else 0)
