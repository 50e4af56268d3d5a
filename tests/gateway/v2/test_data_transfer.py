"""Functional block P in OCPP 2.0.1 and 2.1."""

from typing import Any

import pytest
from msgspec import Struct

from support.desk import Desk as Station
from voltherd.domain.commands import DataTransfer
from voltherd.domain.data_transfer import VendorData
from voltherd.domain.errors import PayloadInvalid
from voltherd.services.data_transfer import Desk, Extensions, Refused


class Wave(Struct, kw_only=True, forbid_unknown_fields=True):
    times: int


class Waved(Struct, kw_only=True):
    back: int


def waving() -> tuple[Extensions, list[object]]:
    """Make extensions of a vendor that waves."""
    known, seen = Extensions(), []  # type: ignore[var-annotated]

    @known.from_station("com.example", "wave")
    def wave(desk: Desk, request: Wave) -> Waved:
        if request.times > 10:
            raise Refused("That is too often.")
        return Waved(back=request.times + len(desk.state.station.identity))

    @known.from_station("com.example")
    def anything(desk: Desk, request: Any) -> None:
        seen.append((desk.version, request))

    @known.to_station("com.example", "wave")
    def waved(desk: Desk, request: Wave, answer: Waved) -> None:
        seen.append((request.times, answer.back))

    return known, seen


@pytest.fixture
def seen(v2: Station) -> list[object]:
    v2.services.data_transfer.extensions, seen = waving()
    return seen


async def latest(desk: Station) -> VendorData:
    return list((await desk.held(VendorData)).values())[-1]


@pytest.mark.parametrize("data", [{"times": 2}, '{"times": 2}'])
async def test_p02_data_is_read_as_the_type_of_its_message(v2: Station, seen: list[object], data: object) -> None:
    answer = await v2.receive("DataTransfer", {"vendorId": "Com.Example", "messageId": "WAVE", "data": data})
    assert answer == {"status": "Accepted", "data": {"back": 6}}
    kept = await latest(v2)
    assert (kept.direction, kept.state, kept.answer) == ("in", "Accepted", '{"back":6}')


async def test_p02_fr_06_07_who_is_not_known_is_told_what_is_not(v2: Station, seen: list[object]) -> None:
    assert await v2.receive("DataTransfer", {"vendorId": "x", "data": {"a": 1}}) == {"status": "UnknownVendorId"}
    assert await v2.receive("DataTransfer", {"vendorId": "com.example", "messageId": "x"}) == {
        "status": "UnknownMessageId"
    }
    assert [item.state for item in (await v2.held(VendorData)).values()] == ["UnknownVendorId", "UnknownMessageId"]


@pytest.mark.parametrize(
    ("data", "words"), [({"times": "2"}, "times"), (None, "times"), ("{", "data"), ({"times": 11}, "too often")]
)
async def test_p02_data_that_is_not_valid_is_rejected_with_words(
    v2: Station, seen: list[object], data: Any, words: str
) -> None:
    said = {} if data is None else {"data": data}
    answer = await v2.receive("DataTransfer", {"vendorId": "com.example", "messageId": "wave", **said})
    assert (answer["status"], words in answer["statusInfo"]["additionalInfo"]) == ("Rejected", True)
    assert words in (await latest(v2)).reason


async def test_p02_a_message_without_a_name_and_data_of_any_kind(v2: Station, seen: list[object]) -> None:
    assert await v2.receive("DataTransfer", {"vendorId": "com.example", "data": [1, "a"]}) == {"status": "Accepted"}
    assert seen == [(v2.version.value, [1, "a"])]


async def test_p01_what_is_sent_is_checked_and_its_answer_learned_from(v2: Station, seen: list[object]) -> None:
    v2.answer("DataTransfer", {"status": "Accepted", "data": {"back": 3}})
    found = await v2.perform(DataTransfer(vendor_id="com.example", message_id="wave", data={"times": 3}))
    assert (found.status, seen) == ("Accepted", [(3, 3)])
    assert v2.sent == [("DataTransfer", {"vendorId": "com.example", "messageId": "wave", "data": {"times": 3}})]
    assert ((await latest(v2)).direction, (await latest(v2)).data) == ("out", '{"times":3}')
    with pytest.raises(PayloadInvalid, match="often"):
        await v2.perform(DataTransfer(vendor_id="com.example", message_id="wave", data={"often": True}))
    assert len(v2.sent) == 1


async def test_p01_an_answer_that_cannot_be_understood_is_kept_with_the_reason(v2: Station, seen: list[object]) -> None:
    v2.answer("DataTransfer", {"status": "Accepted", "data": "waved"})
    assert (await v2.perform(DataTransfer(vendor_id="com.example", message_id="wave", data={"times": 3}))).accepted
    assert (seen, (await latest(v2)).answer) == ([], "waved")
    assert "cannot be understood" in (await latest(v2)).reason


async def test_p01_to_an_unknown_vendor_anything_may_be_sent(v2: Station) -> None:
    v2.answer("DataTransfer", {"status": "UnknownVendorId"})
    found = await v2.perform(DataTransfer(vendor_id="org.other", data=[1]))
    assert (found.accepted, (await latest(v2)).state) == (False, "UnknownVendorId")


async def test_the_latest_hundred_are_kept_and_long_data_is_cut(v2: Station, seen: list[object]) -> None:
    for number in range(103):
        await v2.receive("DataTransfer", {"vendorId": "com.example", "data": "x" * (10_001 if number == 102 else 1)})
    kept = await v2.held(VendorData)
    assert (len(kept), min(int(key) for key in kept)) == (100, 4)
    assert (len(kept["103"].data), kept["103"].truncated) == (10_000, True)


def test_a_message_has_one_extension() -> None:
    known, _ = waving()
    with pytest.raises(ValueError, match="twice"):

        @known.from_station("COM.example", "Wave")
        def wave(desk: Desk, request: Wave) -> None: ...
