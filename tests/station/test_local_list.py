"""The local list: updates, versions, limits, persistence (OCPP 2.0.1 D; OCPP 1.6, 3.5.2, 5.10, 5.15)."""

import pytest

from support.station_line import V16, V201, Line
from support.station_words import configure, info, list_version, local_list
from voltherd.ocpp.version import OcppVersion
from voltherd.station import MemoryStorage, Token


@pytest.fixture(params=list(OcppVersion))
def line(request):
    made = Line(request.param)
    made.connect()
    return made


def test_d02_fr_02_without_a_list_its_version_is_0(line):
    assert list_version(line) == 0


def test_d01_fr_15_a_full_update_replaces_the_list(line):
    assert local_list(line, 3, {"A": info(line), "B": info(line)}) == "Accepted"
    assert local_list(line, 2, {"C": info(line)}) == "Accepted"
    assert list_version(line) == 2
    assert line.core.local_list.find(Token("A")) is None
    assert line.core.local_list.find(Token("c")).is_accepted


def test_d01_fr_16_fr_17_a_differential_update_adds_changes_and_takes_out(line):
    local_list(line, 1, {"A": info(line), "B": info(line)})
    changes = {"A": None, "B": info(line, "Blocked"), "C": info(line)}
    assert local_list(line, 2, changes, "Differential") == "Accepted"
    found = {name: line.core.local_list.find(Token(name)) for name in "ABC"}
    assert found["A"] is None
    assert found["B"].status == "Blocked"
    assert found["C"].is_accepted


def test_d01_fr_19_a_differential_update_must_be_newer(line):
    local_list(line, 5, {"A": info(line)})
    assert local_list(line, 5, {"B": info(line)}, "Differential") == "VersionMismatch"
    assert line.core.local_list.find(Token("B")) is None
    assert list_version(line) == 5


def test_d01_fr_05_a_differential_update_of_nothing_only_counts_the_version_up(line):
    local_list(line, 1, {"A": info(line)})
    assert local_list(line, 2, {}, "Differential") == "Accepted"
    assert list_version(line) == 2
    assert line.core.local_list.find(Token("A")).is_accepted


def test_d01_fr_04_a_full_update_of_nothing_empties_the_list(line):
    local_list(line, 1, {"A": info(line)})
    assert local_list(line, 2, {}) == "Accepted"
    assert len(line.core.local_list) == 0
    assert list_version(line) == (0 if line.version is V16 else 2)


def test_d01_fr_06_a_token_twice_is_refused(line):
    assert local_list(line, 1, {"A": info(line), "a": info(line)}) == "Failed"
    assert list_version(line) == 0


def test_d01_fr_11_more_than_fit_into_a_message_are_refused(line):
    assert local_list(line, 1, {f"T{n}": info(line) for n in range(101)}) == "Failed"
    assert local_list(line, 1, {f"T{n}": info(line) for n in range(100)}) == "Accepted"


def test_d01_fr_12_more_than_fit_into_the_list_are_refused():
    line = Line(V201, settings={"list_most": "3"})
    line.connect()
    assert local_list(line, 1, {"A": info(line), "B": info(line)}) == "Accepted"
    assert local_list(line, 2, {"C": info(line), "D": info(line)}, "Differential") == "Failed"
    assert list_version(line) == 1
    [entries] = [f for f in line.core.local_list.facts() if f.variable == "Entries"]
    assert (entries.value, entries.most) == ("2", 3)


def test_d02_fr_03_a_list_that_is_switched_off_is_told_as_none(line):
    local_list(line, 4, {"A": info(line)})
    assert configure(line, "LocalAuthListEnabled", "LocalAuthListCtrlr.Enabled", "false") == "Accepted"
    assert list_version(line) == (-1 if line.version is V16 else 0)
    assert local_list(line, 5, {"A": info(line)}) == ("NotSupported" if line.version is V16 else "Failed")
    assert line.core.local_list.find(Token("A")) is None


def test_d01_fr_10_the_list_outlives_a_restart(line):
    storage = MemoryStorage()
    first = Line(line.version, storage=storage)
    first.connect()
    local_list(first, 7, {"A": info(first, "Blocked")})
    again = Line(line.version, storage=storage)
    again.connect()
    assert list_version(again) == 7
    assert again.core.local_list.find(Token("A")).status == "Blocked"


def test_c14_fr_05_an_entry_whose_time_is_over_counts_no_more(line):
    past = line.core.clock.wall(-60.0).isoformat()
    local_list(line, 1, {"A": info(line, until=past)})
    found = line.core.local_list.find(Token("A"))
    assert found.status == "Expired" if line.version is V16 else found is None


def test_1_6_3_5_2_a_conflict_between_the_list_and_the_csms_is_told():
    line = Line(V16)
    line.connect()
    configure(line, "LocalPreAuthorize", None, "true")
    local_list(line, 1, {"GOOD": info(line)})
    line.replies["StartTransaction"] = {"transactionId": 4, "idTagInfo": info(line, "Blocked")}
    line.charge()
    assert [s["connectorId"] for s in line.of("StatusNotification") if s["errorCode"] == "LocalListConflict"] == [0]
