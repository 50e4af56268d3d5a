"""OCPP 1.6, profile Core: the authorization cache, at the station and for remote starts."""

from functools import partial

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import TAG, Session, configure

official = partial(case, version="1.6", block="Core")


async def _cached(csms: Csms, station: Hand) -> None:
    """The card was accepted in an earlier session."""
    await configure(csms, AuthorizationCacheEnabled=True, LocalPreAuthorize=True, AuthorizeRemoteTxRequests=True)
    session = Session(csms, station)
    await session.charging()
    await session.done()
    await csms.settle()
    csms.forget()


@official("TC_007_1_CS", "A card that it knows begins a session without a question")
async def test_tc_007_1_cs_cached(csms: Csms, station: Hand) -> None:
    await _cached(csms, station)
    session = Session(csms, station)
    await session.plugged()
    station.present(TAG)
    await session.started()
    await session.status("Charging")
    await csms.none("Authorize")


@official("TC_007_2_CS", "A remote start for a card that it knows begins a session without a question")
async def test_tc_007_2_cs_cached_remotely(csms: Csms, station: Hand) -> None:
    await _cached(csms, station)
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started()
    await session.started()
    await session.status("Charging")
    await csms.none("Authorize")


@official("TC_061_1_CS", "Its cache emptied, it asks about the card")
async def test_tc_061_1_cs_cleared(csms: Csms, station: Hand) -> None:
    await _cached(csms, station)
    assert (await csms.call("ClearCache"))["status"] == "Accepted"
    session = Session(csms, station)
    await session.charging()


@official("TC_061_2_CS", "Its cache emptied, it asks about the card of a remote start")
async def test_tc_061_2_cs_cleared_remotely(csms: Csms, station: Hand) -> None:
    await _cached(csms, station)
    assert (await csms.call("ClearCache"))["status"] == "Accepted"
    session = Session(csms, station)
    await session.plugged()
    await session.remote_started()
    await csms.expect("Authorize", idTag=TAG)
    await session.charging()
