"""Reservations: of an EVSE, of any, of a kind; used, expired, removed (OCPP 2.0.1 H; OCPP 1.6, 5.1, 5.13)."""

import pytest

from support.station_line import GOOD, V16, V21, V201, Line
from support.station_words import authorize_answer, configure, states
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig, MemoryStorage, Token

TWO = (EvseConfig(), EvseConfig(connectors=("cCCS2",)))
OTHER = Token("OTHER")


def online(version, **more):
    line = Line(version, evses=TWO, **more)
    line.connect()
    return line


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return online(request.param)


def reserve(line, number, evse_id=None, token=GOOD, seconds=600.0, group=None, kind=None):
    until = line.core.clock.wall(line.now + seconds).isoformat()
    if line.version is V16:
        request = {"connectorId": evse_id or 0, "expiryDate": until, "idTag": token.id, "reservationId": number}
        request |= {"parentIdTag": group} if group else {}
    else:
        request = {"id": number, "expiryDateTime": until, "idToken": {"idToken": token.id, "type": token.kind}}
        request |= {"evseId": evse_id} if evse_id else {}
        request |= {"groupIdToken": {"idToken": group, "type": "Central"}} if group else {}
        request |= {"connectorType": kind} if kind else {}
    return line.ask("ReserveNow", request)["status"]


def cancel(line, number):
    return line.ask("CancelReservation", {"reservationId": number})["status"]


def reserved(line):
    return [evse.id for evse in line.core.evses.values() if evse.reservation is not None]


def updates(line):
    return [(u["reservationId"], u["reservationUpdateStatus"]) for u in line.of("ReservationStatusUpdate")]


def last_state(line, evse_id):
    if line.version is V16:
        return [s["status"] for s in line.of("StatusNotification") if s["connectorId"] == evse_id][-1]
    return [s["connectorStatus"] for s in line.of("StatusNotification") if s["evseId"] == evse_id][-1]


def test_h01_fr_23_a_named_evse_is_reserved_and_told(line):
    assert reserve(line, 1, evse_id=2) == "Accepted"
    assert reserved(line) == [2]
    assert last_state(line, 2) == "Reserved"


def test_h01_fr_02_the_same_id_replaces(line):
    reserve(line, 1, evse_id=2)
    assert reserve(line, 1, evse_id=1, token=OTHER) == "Accepted"
    assert reserved(line) == [1]
    assert last_state(line, 2) == "Available"


def test_h01_fr_11_a_reserved_or_occupied_evse_is_refused(line):
    reserve(line, 1, evse_id=1)
    assert reserve(line, 2, evse_id=1) == "Occupied"
    line.plug(evse_id=2)
    assert reserve(line, 3, evse_id=2) == "Occupied"


def test_h01_fr_12_fr_14_a_faulted_or_unavailable_evse_is_refused(line):
    line.fault(evse_id=1)
    assert reserve(line, 1, evse_id=1) == "Faulted"
    line.core.availability.change(2, None, operative=False)
    assert reserve(line, 2, evse_id=2) == "Unavailable"


def test_h01_fr_04_fr_20_any_evse_is_kept_and_shown_when_no_more_are_left(line):
    assert reserve(line, 1) == "Accepted"
    assert reserved(line) == []
    line.plug(evse_id=1)
    assert reserved(line) == [2], "the last one is kept"
    assert last_state(line, 2) == "Reserved"
    line.unplug()
    assert reserved(line) == []
    assert last_state(line, 2) == "Available"


def test_h01_fr_07_as_many_reservations_of_any_as_there_are_evses(line):
    assert reserve(line, 1) == "Accepted"
    assert reserve(line, 2, token=OTHER) == "Accepted"
    assert reserved(line) == [1, 2]
    assert reserve(line, 3) == "Occupied"
    assert reserve(line, 3, evse_id=1) == "Occupied"


def test_h03_fr_03_a_reservation_of_any_may_be_used_anywhere(line):
    reserve(line, 1)
    reserve(line, 2, token=OTHER)
    line.plug(evse_id=2)
    line.present(GOOD, 2)
    assert line.core.evses[2].transaction.reservation_id == 1
    assert reserved(line) == [1]


@pytest.mark.parametrize("version", [V201, V21])
def test_h01_fr_06_fr_24_a_kind_of_connector_is_kept(version):
    line = online(version)
    assert reserve(line, 1, kind="cCCS2") == "Accepted"
    assert reserved(line) == [2]
    assert reserve(line, 2, kind="cCCS2") == "Occupied"
    assert reserve(line, 3, kind="sType3") == "Rejected"


def test_h01_fr_19_reservations_of_any_can_be_switched_off(line):
    configure(line, "ReserveConnectorZeroSupported", "ReservationCtrlr.NonEvseSpecific", "false")
    assert reserve(line, 1) == "Rejected"
    assert reserve(line, 1, evse_id=1) == "Accepted"


@pytest.mark.parametrize("version", [V201, V21])
def test_h01_fr_01_all_reservations_can_be_switched_off(version):
    line = online(version)
    configure(line, None, "ReservationCtrlr.Enabled", "false")
    assert reserve(line, 1, evse_id=1) == "Rejected"


def test_h02_a_reservation_is_given_up(line):
    reserve(line, 1, evse_id=1)
    assert cancel(line, 2) == "Rejected"
    assert cancel(line, 1) == "Accepted"
    assert last_state(line, 1) == "Available"
    assert not line.of("ReservationStatusUpdate")


def test_h03_fr_01_only_whom_it_is_for_may_charge_and_the_start_names_it(line):
    reserve(line, 7, evse_id=1)
    line.plug(evse_id=1)
    told = []
    line.present(OTHER, 1, told.append)
    line.present(GOOD, 1, told.append)
    assert told == [False, True]
    message = line.of("StartTransaction" if line.version is V16 else "TransactionEvent")[0]
    assert message["reservationId"] == 7
    assert reserved(line) == []


def test_h03_fr_04_fr_08_the_csms_is_asked_for_the_group_of_another_token(line):
    reserve(line, 7, evse_id=1, group="G")
    line.replies["Authorize"] = authorize_answer(line, group="H")
    line.plug(evse_id=1)
    told = []
    line.present(OTHER, 1, told.append)
    line.replies["Authorize"] = authorize_answer(line, group="G")
    line.present(OTHER, 1, told.append)
    assert told == [False, True]


@pytest.mark.parametrize("version", [V201, V21])
def test_h04_fr_01_an_expired_reservation_is_told(version):
    line = online(version)
    reserve(line, 1, evse_id=1, seconds=30)
    line.wait(31)
    assert updates(line) == [(1, "Expired")]
    assert states(line)[-1] == "Available"


@pytest.mark.parametrize("version", [V201, V21])
def test_h04_fr_01_one_that_expired_offline_is_told_later(version):
    line = online(version)
    reserve(line, 1, evse_id=1, seconds=30)
    line.lose()
    line.wait(31)
    line.connect()
    assert updates(line) == [(1, "Expired")]


@pytest.mark.parametrize("version", [V201, V21])
def test_h01_fr_16_fr_17_a_fault_or_being_put_out_of_service_removes_it(version):
    line = online(version)
    reserve(line, 1, evse_id=1)
    reserve(line, 2, evse_id=2)
    line.fault(evse_id=1)
    assert updates(line) == [(1, "Removed")]
    line.ask("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
    assert updates(line) == [(1, "Removed"), (2, "Removed")]
    assert reserved(line) == []


def test_1_6_has_no_message_for_the_end_of_a_reservation():
    line = online(V16)
    reserve(line, 1, evse_id=1, seconds=30)
    line.wait(31)
    assert not line.of("ReservationStatusUpdate")
    assert last_state(line, 1) == "Available"


def test_h03_a_reservation_that_was_used_in_vain_is_told_by_2_1():
    line = online(V21, settings={"connection_timeout_s": "30"})
    reserve(line, 1, evse_id=1)
    line.present(GOOD, 1)
    line.wait(31)
    assert updates(line) == [(1, "NoTransaction")]


def test_reservations_outlive_a_restart(line):
    storage = MemoryStorage()
    first = online(line.version, storage=storage)
    reserve(first, 4, evse_id=2, group="G")
    again = online(line.version, storage=storage)
    kept = again.core.evses[2].reservation
    assert (kept.id, kept.token, kept.group.id) == (4, first.core.evses[2].reservation.token, "G")
    again.wait(700)
    assert reserved(again) == []


@pytest.mark.parametrize("version", [V201, V21])
def test_f01_fr_21_fr_22_a_remote_start_at_an_evse_reserved_for_somebody_else_is_refused(version):
    line = online(version)
    reserve(line, 1, evse_id=1, group="G")
    request = {"idToken": {"idToken": "X", "type": "ISO14443"}, "remoteStartId": 1, "evseId": 1}
    assert line.ask("RequestStartTransaction", request)["status"] == "Rejected"
    group = {"groupIdToken": {"idToken": "G", "type": "Central"}}
    assert line.ask("RequestStartTransaction", request | group)["status"] == "Accepted"
