"""Every message of every version: what a CSMS may send is served, what a station may send can be brought about."""

import pytest

import station_messages_page as tool
from support.station_asked import ASKED_2X, ASKED_16, Asked
from support.station_line import V16, V21
from support.station_said import SAID_2X, SAID_16
from voltherd.ocpp.frames import CallError
from voltherd.ocpp.version import OcppVersion, messages


def asked_of(version):
    return [action for action, spec in messages(version).items() if spec.sender in ("csms", "both")]


def said_in(version):
    return [action for action, spec in messages(version).items() if spec.sender in ("station", "both")]


def each(actions_of):
    return [(version, action) for version in OcppVersion for action in actions_of(version)]


@pytest.mark.parametrize(("version", "action"), each(asked_of))
def test_what_a_csms_may_send_is_served(version, action):
    payload, status = (ASKED_16 if version is V16 else ASKED_2X)[action]
    line = Asked(version)
    answer = line.ask(action, payload(line) if callable(payload) else payload)
    assert not isinstance(answer, CallError), answer
    assert answer.get("status") == status
    assert (status in ("Rejected", "NoFirmware")) or action not in tool.REFUSED


@pytest.mark.parametrize(("version", "action"), each(said_in))
def test_what_a_station_may_send_can_be_brought_about(version, action):
    if action in tool.NEVER_SAID:
        assert tool.said_by(version, action) == []
        return
    bring_about = (SAID_16 if version is V16 else SAID_2X)[action]
    line = bring_about(version)
    assert line.of(action)


def test_the_tables_have_no_entry_too_many():
    assert set(ASKED_16) == set(asked_of(V16))
    assert set(ASKED_2X) == set(asked_of(V21))
    assert set(SAID_16) == set(said_in(V16))
    assert set(SAID_2X) == set(said_in(V21)) - set(tool.NEVER_SAID)


def test_the_page_on_messages_of_a_station_is_as_the_code_says():
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page()
