"""OCPP 1.6: the local authorization list."""

from functools import partial

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import OTHER, TAG, Session, configure, rebooted, send_list
from support.peer import CallErrorAnswer

official = partial(case, version="1.6", block="Local List")


async def _version(csms: Csms) -> int:
    return int((await csms.call("GetLocalListVersion"))["listVersion"])


async def _listed(csms: Csms, *tags: str, version: int = 5) -> None:
    await configure(csms, LocalAuthListEnabled=True, LocalPreAuthorize=True, AuthorizationCacheEnabled=False)
    assert await send_list(csms, version, *(tags or (TAG,))) == "Accepted"


@official("TC_008_1_CS", "A card in the list charges without a question")
async def test_tc_008_1_cs_listed(csms: Csms, station: Hand) -> None:
    await _listed(csms)
    session = Session(csms, station)
    await session.plugged()
    station.present(TAG)
    await session.started()
    await session.energy()
    await csms.none("Authorize")


@official("TC_008_2_CS", "A remote start for a card in the list charges without a question")
async def test_tc_008_2_cs_listed_remote(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthorizeRemoteTxRequests=True)
    await _listed(csms)
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started()
    await session.started()
    await csms.none("Authorize")


@official("TC_042_1_CS", "A list that is switched off has no version")
async def test_tc_042_1_cs_switched_off(csms: Csms, station: Hand) -> None:
    await configure(csms, LocalAuthListEnabled=False)
    future = await csms.begin("GetLocalListVersion", {})
    await csms.settle()
    error = future.exception()
    assert error.code == "NotSupported" if isinstance(error, CallErrorAnswer) else future.result()["listVersion"] == -1


@official("TC_042_2_CS", "An empty list has version 0")
async def test_tc_042_2_cs_empty(csms: Csms, station: Hand) -> None:
    await configure(csms, LocalAuthListEnabled=True)
    assert await _version(csms) == 0


@official("TC_043_CS", "A list is taken over in whole, and changed; it outlives a power cut")
async def test_tc_043_cs_taken_over(csms: Csms, station: Hand) -> None:
    await _listed(csms, TAG, "04LEAVES")
    assert await _version(csms) == 5
    changes = [{"idTag": OTHER, "idTagInfo": {"status": "Accepted"}}, {"idTag": "04LEAVES"}]
    answer = await csms.call("SendLocalList", listVersion=6, updateType="Differential", localAuthorizationList=changes)
    assert answer["status"] == "Accepted"
    assert await _version(csms) == 6
    await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    csms.forget()
    assert await _version(csms) == 6
    for tag in (TAG, OTHER):
        session = Session(csms, station, tag=tag)
        await session.plugged()
        station.present(tag)
        await session.started()
        await session.energy()
        await session.presented_to_stop()
        await session.unplugged()
    await csms.none("Authorize")
    gone = Session(csms, station, tag="04LEAVES")
    await gone.plugged()
    await gone.presented({"status": "Invalid"})
    await gone.not_started()


@official("TC_043_1_CS", "Where the list is switched off, none is taken")
async def test_tc_043_1_cs_not_supported(csms: Csms, station: Hand) -> None:
    await configure(csms, LocalAuthListEnabled=False)
    assert await send_list(csms, 1, TAG) == "NotSupported"


@official("TC_043_2_CS", "A change that is not newer than the list is refused")
@pytest.mark.parametrize("number", [4, 5])
async def test_tc_043_2_cs_not_newer(csms: Csms, station: Hand, number: int) -> None:
    await _listed(csms)
    assert await send_list(csms, number, OTHER, kind="Differential") == "VersionMismatch"
    assert await _version(csms) == 5


@official("TC_043_3_CS", "A list that cannot be taken over leaves the old one")
@pytest.mark.parametrize("count", [2])
async def test_tc_043_3_cs_failed(csms: Csms, station: Hand, count: int) -> None:
    await _listed(csms)
    doubled = [{"idTag": OTHER, "idTagInfo": {"status": "Accepted"}}] * count
    answer = await csms.call("SendLocalList", listVersion=6, updateType="Full", localAuthorizationList=doubled)
    assert answer["status"] == "Failed"
    assert await _version(csms) == 5
