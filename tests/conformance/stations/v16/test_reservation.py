"""OCPP 1.6: reservations."""

from functools import partial
from itertools import count
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v16_words import ACCEPTED, OTHER, TAG, Session, configure, connector

official = partial(case, version="1.6", block="Reservation")
_numbers = count(1)


async def reserve(
    csms: Csms, station: Hand, status: str = "Accepted", connector_id: int = 1, tag: str = TAG, **fields: Any
) -> int:
    """Reserve; gives the reservation's id."""
    number = next(_numbers)
    asked = {"connectorId": connector_id, "idTag": tag, "reservationId": number, "expiryDate": station.time(3600)}
    answer = await csms.call("ReserveNow", asked | fields)
    assert answer["status"] == status
    if status == "Accepted" and connector_id:
        await connector(csms, "Reserved", connector_id)
    return number


@pytest.mark.parametrize(
    "remote",
    [
        pytest.param(
            False, marks=official("TC_046_1_CS", "The card that a connector is reserved for charges"), id="TC_046_1_CS"
        ),
        pytest.param(
            True,
            marks=official("TC_046_2_CS", "A remote start for the card of a reservation charges"),
            id="TC_046_2_CS",
        ),
    ],
)
async def test_used(csms: Csms, station: Hand, remote: bool) -> None:
    number = await reserve(csms, station)
    session = Session(csms, station)
    if remote:
        await session.remote_started()
    else:
        station.present(TAG)
    await session.status("Preparing")
    session.is_authorized = True
    await session.plugged()
    await session.started(reservationId=number)
    await session.energy()


@official("TC_047_CS", "A reservation that nobody uses ends in time")
async def test_tc_047_cs_expires(csms: Csms, station: Hand) -> None:
    await reserve(csms, station, expiryDate=station.time(60))
    await station.pass_time(55)
    await csms.none("StatusNotification")
    await station.pass_time(10)
    await connector(csms, "Available")


async def _put(csms: Csms, station: Hand, what: str, connector_id: int) -> None:
    """Bring a connector, or all (0), into a state in which it cannot be reserved."""
    each = (1, 2) if connector_id == 0 else (connector_id,)
    if what == "Unavailable":
        await csms.call("ChangeAvailability", connectorId=connector_id, type="Inoperative")
        return
    for one in each:
        if what == "Faulted":
            station.fault(one)
            await connector(csms, "Faulted", one)
        else:
            await Session(csms, station, connector_id=one, tag=f"04CC0{one}").charging()


@pytest.mark.parametrize(
    ("connector_id", "what"),
    [
        pytest.param(
            1, "Faulted", marks=official("TC_048_1_CS", "A broken connector is not reserved"), id="TC_048_1_CS"
        ),
        pytest.param(
            1, "Occupied", marks=official("TC_048_2_CS", "A connector in use is not reserved"), id="TC_048_2_CS"
        ),
        pytest.param(
            1,
            "Unavailable",
            marks=official("TC_048_3_CS", "A connector out of service is not reserved"),
            id="TC_048_3_CS",
        ),
        pytest.param(
            0,
            "Faulted",
            marks=official("TC_050_1_CS", "A station whose connectors are broken is not reserved"),
            id="TC_050_1_CS",
        ),
        pytest.param(
            0,
            "Occupied",
            marks=official("TC_050_2_CS", "A station whose connectors are in use is not reserved"),
            id="TC_050_2_CS",
        ),
        pytest.param(
            0,
            "Unavailable",
            marks=official("TC_050_3_CS", "A station out of service is not reserved"),
            id="TC_050_3_CS",
        ),
    ],
)
async def test_not_reserved(csms: Csms, station: Hand, connector_id: int, what: str) -> None:
    if connector_id == 0:
        await configure(csms, ReserveConnectorZeroSupported=True)
    await _put(csms, station, what, connector_id)
    await reserve(csms, station, what, connector_id)


@official("TC_049_CS", "Any connector is reserved: its card finds one free")
async def test_tc_049_cs_any_connector(csms: Csms, station: Hand) -> None:
    await configure(csms, ReserveConnectorZeroSupported=True)
    number = await reserve(csms, station, connector_id=0)
    session = Session(csms, station)
    await session.authorized()
    await session.plugged()
    await session.started(reservationId=number)


@official("TC_050_4_CS", "Where that is switched off, no connector at large is reserved")
async def test_tc_050_4_cs_any_connector_switched_off(csms: Csms, station: Hand) -> None:
    await configure(csms, ReserveConnectorZeroSupported=False)
    await reserve(csms, station, "Rejected", connector_id=0)


@official("TC_051_CS", "A reservation is cancelled")
async def test_tc_051_cs_cancelled(csms: Csms, station: Hand) -> None:
    number = await reserve(csms, station)
    assert (await csms.call("CancelReservation", reservationId=number))["status"] == "Accepted"
    await connector(csms, "Available")


@official("TC_052_CS", "A reservation that there is not cannot be cancelled")
async def test_tc_052_cs_unknown(csms: Csms, station: Hand) -> None:
    await reserve(csms, station)
    assert (await csms.call("CancelReservation", reservationId=999_999))["status"] == "Rejected"


@pytest.mark.parametrize(
    "remote",
    [
        pytest.param(False, marks=official("TC_053_1_CS", "Another card of the group charges"), id="TC_053_1_CS"),
        pytest.param(
            True, marks=official("TC_053_2_CS", "A remote start for a card of the group charges"), id="TC_053_2_CS"
        ),
    ],
)
async def test_by_the_group(csms: Csms, station: Hand, remote: bool) -> None:
    await configure(csms, AuthorizeRemoteTxRequests=True)
    number = await reserve(csms, station, parentIdTag="GROUP-1")
    csms.answers["Authorize"] = {"idTagInfo": ACCEPTED | {"parentIdTag": "GROUP-1"}}
    session = Session(csms, station, tag=OTHER)
    if remote:
        await session.remote_started()
        await csms.expect("Authorize", idTag=OTHER)
    else:
        await session.presented()
    session.is_authorized = True
    await session.plugged()
    await session.started(reservationId=number)


@official("TC_048_4_CS", "A station that takes no reservations refuses them")
async def test_tc_048_4_cs_takes_none(csms: Csms, cold: Hand) -> None:
    await cold.booted(settings={"reservations_enabled": "false"})
    await reserve(csms, cold, "Rejected")
    await csms.none("StatusNotification", status="Reserved")
