"""Data transfers of vendors (OCPP 2.0.1 P01, P02; OCPP 1.6, 4.3 and 5.6)."""

import pytest

from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.version import OcppVersion
from voltherd.station.data_transfer import DataTransfer, Transferred
from voltherd.station.remote_control import RemoteControl


@pytest.fixture(params=list(OcppVersion))
def line(request):
    line = Line(request.param)
    line.connect()
    line.heard.clear()
    return line


@pytest.fixture
def lights(monkeypatch):
    """A vendor that understands one message, and every other one in its own way."""

    def switch(core, data):
        return Transferred("Accepted", "on") if data == "1" else Transferred("Rejected")

    monkeypatch.setitem(DataTransfer.handlers, ("org.example", "lights"), switch)


def test_p01_fr_05_an_unknown_vendor_is_named_so(line):
    assert line.ask("DataTransfer", {"vendorId": "org.nobody", "data": "x"}) == {"status": "UnknownVendorId"}


def test_p01_fr_06_an_unknown_message_is_named_so(line):
    answer = line.ask("DataTransfer", {"vendorId": "org.voltherd", "messageId": "nonsense"})
    assert answer == {"status": "UnknownMessageId"}
    assert line.ask("DataTransfer", {"vendorId": "org.voltherd"}) == {"status": "UnknownMessageId"}


def test_p01_fr_07_a_vendor_answers_as_it_likes(line, lights):
    wanted = {"vendorId": "org.example", "messageId": "lights"}
    assert line.ask("DataTransfer", {**wanted, "data": "1"}) == {"status": "Accepted", "data": "on"}
    assert line.ask("DataTransfer", {**wanted, "data": "2"}) == {"status": "Rejected"}


def test_a_handler_without_message_id_serves_every_one_of_its_vendor(line, monkeypatch):
    monkeypatch.setitem(DataTransfer.handlers, ("org.all", None), lambda core, data: Transferred("Accepted", data))
    assert line.ask("DataTransfer", {"vendorId": "org.all", "messageId": "x", "data": "y"})["data"] == "y"


@pytest.mark.parametrize("version", [V201, V21])
def test_custom_implementations_can_be_switched_off(version):
    line = Line(version)
    line.connect()
    data = {
        "component": {"name": "CustomizationCtrlr"},
        "variable": {"name": "CustomImplementationEnabled", "instance": "org.voltherd"},
        "attributeValue": "false",
    }
    line.ask("SetVariables", {"setVariableData": [data]})
    answer = line.ask("DataTransfer", {"vendorId": "org.voltherd", "messageId": "echo", "data": "x"})
    assert answer == {"status": "UnknownVendorId"}


def test_2_1_tells_which_triggers_vendors_entered(monkeypatch):
    monkeypatch.setitem(RemoteControl.custom_triggers, "lights", lambda core, asked: "Accepted")
    line = Line(V21)
    line.connect()
    asked = {"component": {"name": "CustomizationCtrlr"}, "variable": {"name": "CustomTriggers"}}
    answer = line.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
    assert "lights" in answer["attributeValue"].split(",")


def test_p02_the_station_sends_data_and_hears_the_answer(line):
    line.replies["DataTransfer"] = {"status": "Accepted", "data": "thanks"}
    heard = []
    line.core.data_transfer.send("org.example", "news", "text", lambda answer, error: heard.append(answer))
    line.pump()
    assert line.of("DataTransfer") == [{"vendorId": "org.example", "messageId": "news", "data": "text"}]
    assert heard == [Transferred("Accepted", "thanks")]


def test_1_6_carries_text_and_2_x_anything(line):
    line.core.data_transfer.send("org.example", None, {"a": [1, 2]})
    line.pump()
    (sent,) = line.of("DataTransfer")
    assert sent["data"] == ('{"a":[1,2]}' if line.version is V16 else {"a": [1, 2]})


def test_offline_nothing_is_sent_and_the_sender_hears_of_it(line):
    line.lose()
    heard = []
    line.core.data_transfer.send("org.example", "news", "x", lambda answer, error: heard.append((answer, error)))
    assert heard[0][0] is None
    assert isinstance(heard[0][1], OcppError)
