"""States of connectors, and what is in service (OCPP 2.0.1 G; OCPP 1.6, 4.9, 5.2)."""

import pytest

from support.station_line import V16, V21, V201, Line
from support.station_words import configure, states
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig, MemoryStorage

EVSES = (EvseConfig(connectors=("cType2", "cCCS2")), EvseConfig())


def online(version, **more):
    line = Line(version, evses=EVSES, **more)
    line.connect()
    return line


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return online(request.param)


def put(line, operative, evse_id=None, connector_id=None):
    if line.version is V16:
        number = {(None, None): 0, (1, 1): 1, (1, 2): 2, (2, None): 3}[evse_id, connector_id]
        return line.ask(
            "ChangeAvailability", {"connectorId": number, "type": "Operative" if operative else "Inoperative"}
        )["status"]
    request = {"operationalStatus": "Operative" if operative else "Inoperative"}
    if evse_id is not None:
        request["evse"] = {"id": evse_id} | ({"connectorId": connector_id} if connector_id else {})
    return line.ask("ChangeAvailability", request)["status"]


def now(line):
    told = {}
    for status in line.of("StatusNotification"):
        if line.version is V16:
            told[status["connectorId"]] = status["status"]
        else:
            told[status["evseId"], status["connectorId"]] = status["connectorStatus"]
    told.pop(0, None)
    return list(told.values())


def test_g03_fr_04_a_connector_is_put_out_of_service_and_told(line):
    assert put(line, False, 1, 2) == "Accepted"
    assert now(line) == ["Available", "Unavailable", "Available"]
    assert not line.plug(evse_id=1, connector_id=2)


def test_g03_fr_03_to_put_it_where_it_is_changes_nothing(line):
    put(line, False, 2)
    before = len(line.of("StatusNotification"))
    assert put(line, False, 2) == "Accepted"
    assert len(line.of("StatusNotification")) == before


def test_g03_fr_07_g04_fr_08_each_level_returns_to_what_it_was(line):
    put(line, False, 1, 2)
    put(line, False)
    assert now(line) == ["Unavailable"] * 3
    put(line, True)
    assert now(line) == ["Available", "Unavailable", "Available"]


def test_g03_fr_05_a_session_ends_first(line):
    line.charge(evse_id=2)
    assert put(line, False, 2) == "Scheduled"
    assert "Unavailable" not in now(line)
    line.present(evse_id=2)
    assert now(line)[2] == "Unavailable"


def test_g04_fr_06_of_a_station_what_is_idle_goes_at_once(line):
    line.charge(evse_id=2)
    assert put(line, False) == "Scheduled"
    assert now(line)[:2] == ["Unavailable", "Unavailable"]
    assert now(line)[2] != "Unavailable"
    assert put(line, True) == "Accepted"
    line.present(evse_id=2)
    assert now(line)[2] != "Unavailable"


def test_g03_fr_08_g04_fr_09_it_outlives_a_restart(line):
    storage = MemoryStorage()
    first = online(line.version, storage=storage)
    put(first, False, 1, 2)
    put(first, False)
    again = online(line.version, storage=storage)
    assert now(again) == ["Unavailable"] * 3
    put(again, True)
    assert now(again) == ["Available", "Unavailable", "Available"]


def test_what_waits_for_the_end_of_a_session_outlives_a_restart_too(line):
    storage = MemoryStorage()
    first = online(line.version, storage=storage)
    first.charge(evse_id=2)
    put(first, False, 2)
    again = online(line.version, storage=storage)
    assert now(again)[2] == "Unavailable"


def test_an_unknown_connector_is_refused(line):
    if line.version is V16:
        assert line.ask("ChangeAvailability", {"connectorId": 9, "type": "Inoperative"})["status"] == "Rejected"
    else:
        assert put(line, False, 9) == "Rejected"
        assert put(line, False, 1, 9) == "Rejected"


@pytest.mark.parametrize("version", [V201, V21])
def test_g01_fr_08_the_other_connector_of_an_occupied_evse_tells_nothing(version):
    line = online(version)
    line.plug(evse_id=1, connector_id=1)
    assert now(line) == ["Occupied", "Available", "Available"]


@pytest.mark.parametrize("version", [V201, V21])
def test_g01_a_card_alone_occupies_nothing(version):
    line = online(version)
    line.present()
    assert now(line) == ["Available"] * 3


def test_1_6_a_card_alone_prepares_a_connector():
    line = online(V16)
    line.present()
    assert now(line) == ["Preparing", "Available", "Available"]


def test_b04_after_a_short_time_offline_only_what_changed_is_told(line):
    line.heard.clear()
    line.lose()
    line.wait(10)
    line.plug(evse_id=2)
    line.connect()
    assert len([s for s in line.of("StatusNotification") if s.get("connectorId") != 0]) == 1


@pytest.mark.parametrize("version", [V201, V21])
def test_b04_after_a_long_time_offline_everything_is_told(version):
    line = online(version, settings={"offline_threshold_s": "60"})
    line.heard.clear()
    line.lose()
    line.wait(61)
    line.connect()
    assert len(line.of("StatusNotification")) == 3


def test_1_6_a_state_that_did_not_last_is_not_told():
    line = online(V16)
    assert configure(line, "MinimumStatusDuration", None, "5") == "Accepted"
    line.heard.clear()
    line.plug(evse_id=2)
    line.wait(3)
    line.unplug(evse_id=2)
    line.wait(20)
    assert states(line) == []
    line.plug(evse_id=2)
    line.wait(6)
    assert states(line) == ["Preparing"]


def test_1_6_an_error_without_a_word_of_its_own_goes_by_the_vendors():
    line = online(V16)
    line.fault("CoolingPumpStuck", evse_id=2)
    status = line.of("StatusNotification")[-1]
    assert (status["errorCode"], status["vendorErrorCode"]) == ("OtherError", "CoolingPumpStuck")
    line.fault("GroundFailure", evse_id=2)
    assert not line.core.evses[2].is_power_path_closed


def test_the_device_model_knows_the_states():
    line = online(V201)
    line.plug(evse_id=2)
    found = {(f.component, f.evse_id, f.connector_id): f.value for f in line.core.availability.facts()}
    assert found["ChargingStation", None, None] == "Available"
    assert found["EVSE", 2, None] == "Occupied"
    assert found["Connector", 1, 2] == "Available"
