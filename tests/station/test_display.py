"""Display messages (OCPP 2.0.1 O01 to O06)."""

from itertools import count

import pytest

from support.station_line import V16, V21, V201, Line
from voltherd.ocpp.frames import CallError
from voltherd.station.display import MESSAGES_PER_REPORT, MOST_MESSAGES
from voltherd.station.storage import MemoryStorage

REQUEST_IDS = count(1)


def connected(version, **more):
    line = Line(version, **more)
    line.connect()
    line.heard.clear()
    return line


@pytest.fixture(params=[V201, V21])
def line(request):
    return connected(request.param)


def put(line, number, text="Hello", priority="NormalCycle", **more):
    content = {"format": more.pop("format", "UTF8"), "content": text}
    if "language" in more:
        content["language"] = more.pop("language")
    message = {"id": number, "priority": priority, "message": content, **more}
    return line.ask("SetDisplayMessage", {"message": message})["status"]


def report(line, **request):
    line.heard.clear()
    status = line.ask("GetDisplayMessages", {"requestId": next(REQUEST_IDS), **request})["status"]
    parts = line.of("NotifyDisplayMessages")
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
    return status, [message for part in parts for message in part["messageInfo"]]


def shown(line, evse_id=None):
    return [one.text for one in line.core.display.shown(evse_id)]


def test_o01_fr_01_to_fr_03_what_the_display_cannot_do_is_refused_by_name(line):
    assert put(line, 1, format="HTML") == "NotSupportedMessageFormat"
    line.core.settings.fix("display_priorities", "NormalCycle")
    assert put(line, 1, priority="InFront") == "NotSupportedPriority"
    line.core.settings.fix("display_states", "Idle")
    assert put(line, 1, state="Charging") == "NotSupportedState"
    assert shown(line) == []


def test_o01_fr_06_fr_07_a_message_is_shown_in_its_time_and_removed_after_it(line):
    at = line.core.clock.text
    assert put(line, 1, startDateTime=at(line.now + 10), endDateTime=at(line.now + 20)) == "Accepted"
    seen = []
    for _ in range(4):
        seen.append(shown(line))
        line.wait(6.0)
    assert seen == [[], [], ["Hello"], ["Hello"]]
    assert shown(line) == []
    assert report(line)[0] == "Unknown"


def test_o01_fr_10_messages_survive_a_power_cut():
    storage = MemoryStorage()
    put(connected(V201, storage=storage), 5, "Still here")
    again = connected(V201, storage=storage)
    assert shown(again) == ["Still here"]
    _, (message,) = report(again)
    assert message == {"id": 5, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Still here"}}


def test_o01_fr_11_more_messages_than_there_can_be_are_rejected(line):
    assert {put(line, number) for number in range(MOST_MESSAGES)} == {"Accepted"}
    assert put(line, 99) == "Rejected"
    assert put(line, 3, "Replaced") == "Accepted"
    asked = {"component": {"name": "DisplayMessageCtrlr"}, "variable": {"name": "DisplayMessages"}}
    answer = line.ask("GetVariables", {"getVariableData": [asked]})["getVariableResult"][0]
    assert answer["attributeValue"] == str(MOST_MESSAGES)


def test_o01_fr_12_to_fr_15_priorities_decide_what_is_seen(line):
    put(line, 1, "normal")
    put(line, 2, "normal too")
    assert shown(line) == ["normal", "normal too"]
    put(line, 3, "front", "InFront")
    put(line, 4, "front too", "InFront")
    assert shown(line) == ["front", "front too"]
    put(line, 5, "always", "AlwaysFront")
    assert shown(line) == ["always"]


def test_o01_fr_14_messages_in_front_take_turns(line):
    put(line, 3, "front", "InFront")
    put(line, 4, "front too", "InFront")
    seen = set()
    for _ in range(6):
        line.wait(5.0)
        seen.add(line.core.display.showing().text)
    assert seen == {"front", "front too"}


def test_o01_fr_16_there_is_one_message_that_is_always_in_front(line):
    put(line, 1, "old", "AlwaysFront")
    put(line, 2, "new", "AlwaysFront")
    assert shown(line) == ["new"]
    assert [message["id"] for message in report(line)[1]] == [2]


def test_states_decide_when_a_message_is_seen(line):
    for number, state in enumerate(("Idle", "Charging", "Faulted", "Unavailable")):
        assert put(line, number, state, state=state) == "Accepted"
    assert shown(line) == ["Idle"]
    line.charge()
    assert shown(line) == ["Charging"]
    line.unplug()
    line.fault("GroundFailure")
    assert shown(line) == ["Faulted"]
    line.fault(None)
    line.ask("ChangeAvailability", {"operationalStatus": "Inoperative"})
    assert shown(line) == ["Unavailable"]


def test_o02_fr_01_fr_02_a_message_of_a_transaction_ends_with_it(line):
    assert put(line, 1, transactionId="nonsense") == "UnknownTransaction"
    line.charge()
    number = line.core.evses[1].transaction.id
    assert put(line, 1, "Yours", transactionId=number) == "Accepted"
    assert shown(line) == ["Yours"]
    line.unplug()
    assert shown(line) == []
    assert report(line)[0] == "Unknown"


def test_o03_fr_03_fr_04_many_messages_come_in_parts(line):
    for number in range(MESSAGES_PER_REPORT + 2):
        put(line, number)
    status, messages = report(line)
    assert status == "Accepted"
    assert len(line.of("NotifyDisplayMessages")) == 2
    assert [message["id"] for message in messages] == list(range(MESSAGES_PER_REPORT + 2))


def test_o03_fr_06_without_messages_there_is_nothing_to_report(line):
    assert report(line) == ("Unknown", [])


def test_o04_messages_are_chosen_by_id_priority_and_state(line):
    put(line, 1, state="Idle")
    put(line, 2, priority="InFront")
    put(line, 3, priority="InFront", state="Idle")

    def ids(**wanted):
        return [message["id"] for message in report(line, **wanted)[1]]

    assert ids(id=[1, 2, 9]) == [1, 2]
    assert ids(priority="InFront") == [2, 3]
    assert ids(state="Idle") == [1, 3]
    assert ids(priority="InFront", state="Idle") == [3]
    assert report(line, id=[9])[0] == "Unknown"


def test_o05_a_message_is_cleared_once(line):
    put(line, 1)
    assert line.ask("ClearDisplayMessage", {"id": 1})["status"] == "Accepted"
    assert shown(line) == []
    assert line.ask("ClearDisplayMessage", {"id": 2})["status"] == "Unknown"


def test_o06_fr_01_a_message_replaces_the_one_with_its_id(line):
    put(line, 1, "old", "InFront", state="Idle")
    assert put(line, 1, "new") == "Accepted"
    _, (message,) = report(line)
    assert message == {"id": 1, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "new"}}


def test_what_the_station_says_to_the_driver_is_in_the_normal_cycle_until_the_transaction_ends(line):
    put(line, 1, "normal")
    line.charge()
    line.core.display.tell(1, "cost", "3.20 EUR")
    assert {"3.20 EUR", "normal"} <= set(shown(line, 1))
    line.core.display.tell(1, "cost", "3.40 EUR")
    assert "3.40 EUR" in shown(line, 1)
    assert "3.20 EUR" not in shown(line, 1)
    line.unplug()
    assert shown(line, 1) == ["normal"]


def test_a_display_that_is_switched_off_shows_nothing(line):
    put(line, 1)
    off = {"component": {"name": "DisplayMessageCtrlr"}, "variable": {"name": "Enabled"}, "attributeValue": "false"}
    line.ask("SetVariables", {"setVariableData": [off]})
    assert shown(line) == []


def test_o01_fr_08_fr_09_the_language_of_the_driver_is_chosen_in_2_1_else_english():
    line = connected(V21)
    extra = [
        {"format": "UTF8", "content": "Hallo", "language": "de"},
        {"format": "UTF8", "content": "Hello", "language": "en-GB"},
    ]
    assert put(line, 1, "Hola", language="es", messageExtra=extra) == "Accepted"
    assert shown(line, 1) == ["Hello"]
    line.core.display.prefer(1, "de-AT")
    assert shown(line, 1) == ["Hallo"]
    line.core.display.prefer(1, "es")
    assert shown(line, 1) == ["Hola"]
    assert report(line)[1][0]["messageExtra"] == extra


def test_o01_fr_18_an_unknown_language_is_refused_in_2_1():
    assert put(connected(V21), 1, language="tlh") == "LanguageNotSupported"
    assert put(connected(V201), 1, language="tlh") == "Accepted"


def test_2_1_has_more_formats_and_states():
    line = connected(V21)
    assert put(line, 1, "https://example.org", format="QRCODE") == "Accepted"
    assert put(line, 2, "paused", state="Suspended") == "Accepted"


def test_1_6_knows_no_display():
    assert isinstance(connected(V16).ask("SetDisplayMessage", {}), CallError)


def test_i02_i03_cost_and_words_of_the_csms_are_shown_and_the_total_stays(line):
    line.replies["TransactionEvent"] = {
        "totalCost": 3.2,
        "updatedPersonalMessage": {"format": "UTF8", "content": "Thanks", "language": "en"},
    }
    line.charge()
    assert {"Thanks", "3.20 EUR"} <= set(shown(line, 1))
    line.replies["TransactionEvent"] = {"totalCost": 4.5}
    line.unplug()
    assert "4.50 EUR" in shown(line, 1)
    assert "3.20 EUR" not in shown(line, 1)
