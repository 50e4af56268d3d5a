"""Restarting a station and its EVSEs (OCPP 2.0.1 B11, B12; OCPP 2.1 B13; OCPP 1.6, 5.14)."""

import pytest

from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig
from voltherd.station.reset import EVSE_RESET_S
from voltherd.station.storage import MemoryStorage


def restart(line):
    """What the owner of a core does when it must leave."""
    assert line.core.must_leave
    line.lose()
    line.core.tell_restarting()
    line.connect()


def kinds(line, evse_id=None):
    return [
        (e["eventType"], e["triggerReason"], e["transactionInfo"].get("stoppedReason"))
        for e in line.of("TransactionEvent")
        if evse_id in (None, e.get("evse", {}).get("id", evse_id))
    ]


@pytest.fixture(params=[V201, V21])
def line(request):
    line = Line(request.param, evses=(EvseConfig(), EvseConfig()))
    line.connect()
    return line


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("graceful", [True, False])
def test_b11_fr_03_fr_04_an_idle_station_restarts_and_boots_anew(version, graceful):
    line = Line(version)
    line.connect()
    kind = ("Soft" if graceful else "Hard") if version is V16 else "OnIdle" if graceful else "Immediate"
    assert line.ask("Reset", {"type": kind})["status"] == "Accepted"
    line.wait(1.0)
    restart(line)
    assert len(line.of("BootNotification")) == 2
    if version is not V16:
        assert line.of("BootNotification")[1]["reason"] == "RemoteReset"


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
def test_1_6_a_reset_ends_transactions_with_its_reason(kind, reason):
    line = Line(V16)
    line.connect()
    line.charge()
    assert line.ask("Reset", {"type": kind})["status"] == "Accepted"
    line.wait(1.0)
    assert line.of("StopTransaction")[0]["reason"] == reason
    restart(line)
    assert not line.core.charging.is_busy


def test_b12_fr_01_fr_03_on_idle_waits_for_the_end_of_every_transaction(line):
    line.charge(evse_id=1)
    assert line.ask("Reset", {"type": "OnIdle"})["status"] == "Scheduled"
    line.wait(60.0)
    assert not line.core.must_leave
    line.unplug(1)
    line.wait(1.0)
    restart(line)
    assert line.of("BootNotification")[1]["reason"] == "ScheduledReset"


def test_b12_fr_02_fr_04_immediate_ends_the_transactions_first(line):
    line.charge(evse_id=1)
    line.charge(evse_id=2)
    assert line.ask("Reset", {"type": "Immediate"})["status"] == "Accepted"
    line.wait(1.0)
    ended = [one for one in kinds(line) if one[0] == "Ended"]
    assert ended == [("Ended", "ResetCommand", "ImmediateReset")] * 2
    assert line.core.must_leave


def test_b01_fr_09_the_reason_is_told_by_software_that_begins_anew_and_told_once():
    storage = MemoryStorage()
    line = Line(V201, storage=storage)
    line.connect()
    line.ask("Reset", {"type": "Immediate"})
    line.wait(1.0)
    assert line.core.must_leave
    reasons = []
    for _ in range(2):
        line = Line(V201, storage=storage)
        line.connect()
        reasons.append(line.of("BootNotification")[0]["reason"])
    assert reasons == ["RemoteReset", "PowerUp"]


def test_b12_fr_05_what_could_not_be_delivered_is_sent_after_the_restart(line):
    line.charge(evse_id=1)
    line.silent = {"TransactionEvent"}
    line.ask("Reset", {"type": "Immediate"})
    line.wait(1.0)
    line.silent = set()
    line.heard.clear()
    restart(line)
    assert ("Ended", "ResetCommand", "ImmediateReset") in kinds(line)


def test_b11_fr_06_a_station_that_restarts_already_rejects(line):
    line.silent = {"TransactionEvent"}
    line.charge(evse_id=1)
    assert line.ask("Reset", {"type": "Immediate"})["status"] == "Accepted"
    answer = line.ask("Reset", {"type": "OnIdle"})
    assert answer["status"] == "Rejected"
    assert "statusInfo" in answer


def test_b11_fr_06_while_firmware_is_written_the_station_rejects(line):
    line.core.firmware.state = "Installing"
    assert line.ask("Reset", {"type": "Immediate"})["status"] == "Rejected"
    line.core.firmware.state = "Installed"
    assert line.ask("Reset", {"type": "Immediate"})["status"] == "Accepted"


def test_b11_fr_10_every_evse_says_that_it_can_be_reset(line):
    asked = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "AllowReset"}}
    answer = line.ask("GetVariables", {"getVariableData": [asked]})
    assert answer["getVariableResult"][0]["attributeValue"] == "true"


def test_b12_fr_08_an_immediate_reset_of_an_evse_ends_its_transaction_only(line):
    line.charge(evse_id=1)
    line.charge(evse_id=2)
    assert line.ask("Reset", {"type": "Immediate", "evseId": 1})["status"] == "Accepted"
    line.wait(EVSE_RESET_S + 1)
    assert ("Ended", "ResetCommand", "ImmediateReset") in kinds(line, 1)
    assert line.core.evses[2].transaction is not None
    assert not line.core.must_leave
    line.unplug(1)
    line.charge(evse_id=1)
    assert line.core.evses[1].charging_state == "Charging"


def test_b12_fr_07_an_evse_is_reset_after_its_transaction(line):
    line.charge(evse_id=1)
    assert line.ask("Reset", {"type": "OnIdle", "evseId": 1})["status"] == "Scheduled"
    line.wait(60.0)
    assert line.core.evses[1].transaction is not None
    line.unplug(1)
    assert line.core.evses[1].suspended_by_evse
    line.wait(EVSE_RESET_S + 1)
    assert not line.core.evses[1].suspended_by_evse
    assert not line.core.must_leave


def test_an_evse_that_is_not_there_cannot_be_reset(line):
    assert line.ask("Reset", {"type": "Immediate", "evseId": 3})["status"] == "Rejected"


def test_b11_fr_02_what_was_out_of_service_stays_so(line):
    line.ask("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
    line.ask("Reset", {"type": "Immediate"})
    line.wait(1.0)
    restart(line)
    assert line.core.evses[2].state(1) == "Unavailable"


# ImmediateAndResume --------------------------------------------------------------------------


def resumable():
    line = Line(V21, evses=(EvseConfig(), EvseConfig()))
    line.connect()
    data = {"component": {"name": "TxCtrlr"}, "variable": {"name": "ResumptionTimeout"}, "attributeValue": "600"}
    assert (
        line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"] == "Accepted"
    )
    return line


def test_b13_fr_01_without_resumption_it_is_rejected():
    line = Line(V21)
    line.connect()
    data = {"component": {"name": "TxCtrlr"}, "variable": {"name": "ResumptionTimeout"}, "attributeValue": "0"}
    line.ask("SetVariables", {"setVariableData": [data]})
    assert line.ask("Reset", {"type": "ImmediateAndResume"})["status"] == "Rejected"


def test_b13_fr_03_to_fr_30_transactions_go_on_after_the_restart():
    line = resumable()
    line.charge(evse_id=1)
    number = line.of("TransactionEvent")[0]["transactionInfo"]["transactionId"]
    line.heard.clear()
    assert line.ask("Reset", {"type": "ImmediateAndResume"})["status"] == "Accepted"
    line.wait(1.0)
    assert kinds(line)[0][:2] == ("Updated", "ResetCommand")
    assert line.hardware[1].read(line.now).power_w == 0
    restart(line)
    line.wait(20.0)
    assert "Ended" not in {kind for kind, _, _ in kinds(line)}
    assert ("Updated", "TxResumed") in {one[:2] for one in kinds(line)}
    assert line.core.evses[1].transaction.id == number
    assert line.hardware[1].read(line.now).power_w > 0


def test_b13_fr_11_fr_12_one_evse_is_reset_and_its_transaction_goes_on():
    line = resumable()
    line.charge(evse_id=1)
    line.charge(evse_id=2)
    line.heard.clear()
    assert line.ask("Reset", {"type": "ImmediateAndResume", "evseId": 1})["status"] == "Accepted"
    line.wait(EVSE_RESET_S + 1)
    assert next(one[:2] for one in kinds(line, 1)) == ("Updated", "ResetCommand")
    assert ("Updated", "TxResumed") in [one[:2] for one in kinds(line, 1)]
    assert not line.core.must_leave
    assert line.core.evses[1].charging_state == line.core.evses[2].charging_state == "Charging"
