"""OCPP 2.0.1, block H: reservations."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import OTHER, TOKEN, Session, configure, connector, fresh, value_of

official = partial(case, version="2.0.1")
GROUP = {"idToken": "GROUP-1", "type": "Central"}


def id_token(token: str) -> dict[str, str]:
    """A card as the wire has it."""
    return {"idToken": token, "type": "ISO14443"}


async def reserve(csms: Csms, station: Hand, status: str = "Accepted", *, token: str = TOKEN, **fields: Any) -> int:
    """Reserve; gives the reservation's id."""
    asked = {"id": fresh(), "expiryDateTime": station.time(3600), "idToken": id_token(token)} | fields
    answer = await csms.call("ReserveNow", asked)
    assert answer["status"] == status
    return int(asked["id"])


async def reserved(csms: Csms, station: Hand, evse_id: int = 1, **fields: Any) -> int:
    """Reserve an EVSE, which is then reported so."""
    number = await reserve(csms, station, evseId=evse_id, **fields)
    await connector(csms, "Reserved", evse_id)
    return number


@official("TC_H_01_CS", "The card that an EVSE is reserved for charges there")
async def test_tc_h_01_cs_used(csms: Csms, station: Hand) -> None:
    number = await reserved(csms, station)
    session = Session(csms, station)
    station.present(TOKEN)
    await connector(csms, "Available")
    await session.plugged()
    await session.energy()
    assert any(event.get("reservationId") == number for event in session.events())


@official("TC_H_02_CS", "Another card does not charge at a reserved EVSE, nor by a remote start")
async def test_tc_h_02_cs_another_card(csms: Csms, station: Hand) -> None:
    await reserved(csms, station)
    station.plug()
    station.present(OTHER)
    await station.pass_time(60)
    start = {"idToken": id_token(OTHER), "evseId": 1, "remoteStartId": fresh()}
    assert (await csms.call("RequestStartTransaction", start))["status"] == "Rejected"
    await station.pass_time(60)
    await csms.none("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_H_03_CS", "A reserved EVSE cannot be reserved for somebody else")
async def test_tc_h_03_cs_reserved_already(csms: Csms, station: Hand) -> None:
    await reserved(csms, station)
    await reserve(csms, station, "Occupied", token=OTHER, evseId=1)


@official("TC_H_04_CS", "An EVSE in use cannot be reserved")
async def test_tc_h_04_cs_in_use(csms: Csms, station: Hand) -> None:
    await Session(csms, station).charging()
    await reserve(csms, station, "Occupied", token=OTHER, evseId=1)


@official("TC_H_06_CS", "An EVSE out of service cannot be reserved")
async def test_tc_h_06_cs_out_of_service(csms: Csms, station: Hand) -> None:
    await csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    await connector(csms, "Unavailable")
    await reserve(csms, station, "Unavailable", token=OTHER, evseId=1)


@official("TC_H_07_CS", "A reservation that nobody uses ends in time, and others can charge")
async def test_tc_h_07_cs_expires(csms: Csms, station: Hand) -> None:
    number = await reserved(csms, station, expiryDateTime=station.time(60))
    await station.pass_time(55)
    await csms.none("ReservationStatusUpdate")
    await station.pass_time(10)
    await connector(csms, "Available")
    await csms.expect("ReservationStatusUpdate", reservationId=number, reservationUpdateStatus="Expired")
    await Session(csms, station, token=OTHER).charging()


@official("TC_H_08_CS", "A reservation of any EVSE leaves one free for its card, and lets others charge")
async def test_tc_h_08_cs_any_evse(csms: Csms, station: Hand) -> None:
    await reserve(csms, station)
    await csms.none("StatusNotification", connectorStatus="Reserved")
    other = Session(csms, station, token=OTHER)
    await other.charging()
    await connector(csms, "Reserved", 2)
    await Session(csms, station, evse_id=2).charging()


@official("TC_H_09_CS", "Where all EVSEs are reserved, no other reservation is taken")
async def test_tc_h_09_cs_all_reserved(csms: Csms, station: Hand) -> None:
    await reserved(csms, station, 1)
    await reserved(csms, station, 2, token="04CC33")
    await reserve(csms, station, "Occupied", token=OTHER)


@official("TC_H_10_CS", "Where all EVSEs are in use, no reservation is taken")
async def test_tc_h_10_cs_all_in_use(csms: Csms, station: Hand) -> None:
    await Session(csms, station).charging()
    await Session(csms, station, evse_id=2, token="04CC33").charging()
    await reserve(csms, station, "Occupied", token=OTHER)


@official("TC_H_12_CS", "A station out of service takes no reservation")
async def test_tc_h_12_cs_station_out_of_service(csms: Csms, station: Hand) -> None:
    await csms.call("ChangeAvailability", operationalStatus="Inoperative")
    await connector(csms, "Unavailable")
    await reserve(csms, station, "Unavailable")


@official("TC_H_13_CS", "Where that is switched off, no reservation of any EVSE is taken")
async def test_tc_h_13_cs_any_evse_switched_off(csms: Csms, cold: Hand) -> None:
    await cold.booted(settings={"reserve_any": "false"})
    assert await value_of(csms, "ReservationCtrlr.NonEvseSpecific") == "false"
    await reserve(csms, cold, "Rejected")


@official("TC_H_14_CS", "As many reservations of any EVSE as there are EVSEs: all are reserved")
async def test_tc_h_14_cs_as_many_as_evses(csms: Csms, station: Hand) -> None:
    await reserve(csms, station)
    await reserve(csms, station, token=OTHER)
    await connector(csms, "Reserved", 1)
    await connector(csms, "Reserved", 2)


@official("TC_H_15_CS", "The only connector of a type is reserved, and its card charges there")
async def test_tc_h_15_cs_by_type(csms: Csms, station: Hand) -> None:
    await reserve(csms, station, connectorType="sType2")
    await connector(csms, "Reserved", 1)
    station.present(TOKEN)
    await Session(csms, station).plugged()
    await csms.expect("TransactionEvent", transactionInfo={"chargingState": "Charging"})


@official("TC_H_16_CS", "Where all connectors of a type are reserved, no other reservation of it is taken")
async def test_tc_h_16_cs_type_reserved(csms: Csms, station: Hand) -> None:
    await reserved(csms, station, 1)
    await reserved(csms, station, 2, token="04CC33")
    await reserve(csms, station, "Occupied", token=OTHER, connectorType="sType2")


@official("TC_H_17_CS", "A reservation is cancelled")
async def test_tc_h_17_cs_cancelled(csms: Csms, station: Hand) -> None:
    number = await reserved(csms, station)
    assert (await csms.call("CancelReservation", reservationId=number))["status"] == "Accepted"
    await connector(csms, "Available")


@official("TC_H_18_CS", "A reservation that there is not cannot be cancelled")
async def test_tc_h_18_cs_unknown(csms: Csms, station: Hand) -> None:
    assert (await csms.call("CancelReservation", reservationId=1))["status"] == "Rejected"


async def _by_the_group(csms: Csms, station: Hand, **fields: Any) -> None:
    await reserve(csms, station, groupIdToken=GROUP, **fields)
    info = {"status": "Accepted", "groupIdToken": GROUP}
    csms.answers["Authorize"] = {"idTokenInfo": info}
    csms.answers["TransactionEvent"] = lambda event: {"idTokenInfo": info} if "idToken" in event else {}
    await connector(csms, "Reserved", 1)
    session = Session(csms, station, token=OTHER)
    await session.presented()
    session.is_authorized = True
    await session.charging()


@official("TC_H_19_CS", "Another card of the group that an EVSE is reserved for charges there")
async def test_tc_h_19_cs_by_the_group(csms: Csms, station: Hand) -> None:
    await _by_the_group(csms, station, evseId=1)


@official("TC_H_24_CS", "Another card of the group that any EVSE is reserved for charges")
async def test_tc_h_24_cs_any_evse_by_the_group(csms: Csms, station: Hand) -> None:
    await csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    await connector(csms, "Unavailable", 2)
    await _by_the_group(csms, station)


@official("TC_H_21_CS", "A reservation ends when its EVSE goes out of service, and others can charge afterwards")
async def test_tc_h_21_cs_out_of_service_ends_it(csms: Csms, station: Hand) -> None:
    number = await reserved(csms, station)
    answer = await csms.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    assert answer["status"] == "Accepted"
    await connector(csms, "Unavailable")
    await csms.expect("ReservationStatusUpdate", reservationId=number, reservationUpdateStatus="Removed")
    await csms.call("ChangeAvailability", operationalStatus="Operative", evse={"id": 1})
    await connector(csms, "Available")
    await Session(csms, station, token=OTHER).charging()


@official("TC_H_22_CS", "Where reservations are switched off, none is taken")
async def test_tc_h_22_cs_switched_off(csms: Csms, station: Hand) -> None:
    await configure(csms, ReservationCtrlr__Enabled=False)
    await reserve(csms, station, "Rejected", evseId=1)


@official("TC_H_23_CS", "A reservation of the same id takes the place of the first")
async def test_tc_h_23_cs_replaced(csms: Csms, station: Hand) -> None:
    number = await reserved(csms, station)
    await reserve(csms, station, token=OTHER, evseId=1, id=number)
    session = Session(csms, station, token=OTHER)
    station.present(OTHER)
    await session.plugged()
    await session.energy()
