"""What a station tells of a customer, and forgets, over a core with frames."""

import pytest

from support.station_line import V21, V201, Line
from support.station_pki import Maker, hash_of, on_the_wire
from voltherd.station import Token

WHO = {"idTag": "4AE9"}
TOKEN = Token("AbCd1234")
ID = {"idToken": "ABCD1234", "type": "ISO14443"}


@pytest.fixture(params=[V201, V21])
def line(request):
    line = Line(request.param, settings={"cache_enabled": "true", "list_enabled": "true"})
    line.connect(0.0)
    return line


@pytest.fixture
def known(line):
    """Somebody who has charged here."""
    line.plug()
    line.present(TOKEN)
    line.unplug()
    return line


def ask(line, *, report=True, clear=False, number=1, **who):
    who = who or {"idToken": ID}
    before = len(line.of("NotifyCustomerInformation"))
    answer = line.ask("CustomerInformation", {"requestId": number, "report": report, "clear": clear, **who})
    return answer["status"], line.of("NotifyCustomerInformation")[before:]


def test_n09_fr_05_what_is_known_is_told(known):
    status, parts = ask(known)
    assert status == "Accepted"
    assert "authorization cache: Accepted" in parts[0]["data"]
    assert [(p["requestId"], p["seqNo"], p["tbc"]) for p in parts] == [(1, 0, False)]


def test_n09_fr_05_a_running_transaction_is_told_too(line):
    line.plug()
    line.present(TOKEN)
    text = ask(line)[1][0]["data"]
    assert f"transaction {line.core.evses[1].transaction.id}" in text


def test_n09_fr_06_and_n10_fr_04_where_nothing_is_known_that_is_told_once(line):
    for clear in (False, True):
        status, parts = ask(line, clear=clear, number=7 + clear)
        assert status == "Accepted"
        assert [p["data"] for p in parts] == ["No data was found."]


def test_n09_fr_07_and_n10_fr_07_neither_report_nor_clear_is_rejected(known):
    assert ask(known, report=False) == ("Rejected", [])


def test_n09_fr_09_exactly_one_name_is_needed(known):
    assert ask(known, customerIdentifier="ABCD1234", idToken=ID) == ("Invalid", [])
    answer = known.ask("CustomerInformation", {"requestId": 2, "report": True, "clear": False})
    assert answer["status"] == "Invalid"


def test_n10_fr_03_what_is_known_is_told_and_forgotten(known):
    assert "authorization cache" in ask(known, clear=True)[1][0]["data"]
    assert ask(known, number=2)[1][0]["data"] == "No data was found."
    assert known.core.authorization.known(TOKEN) is None


def test_n10_fr_06_what_is_known_is_forgotten_and_that_is_told(known):
    _, parts = ask(known, report=False, clear=True)
    assert [p["data"] for p in parts] == ["The data was cleared."]
    assert ask(known, number=2)[1][0]["data"] == "No data was found."


def test_n10_fr_02_the_local_list_is_left_alone(known):
    entry = {"idToken": ID, "idTokenInfo": {"status": "Accepted"}}
    asked = {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry]}
    assert known.ask("SendLocalList", asked)["status"] == "Accepted"
    ask(known, clear=True)
    assert ask(known, number=2)[1][0]["data"] == "local list: Accepted"


def test_others_are_not_forgotten(known):
    ask(known, clear=True, idToken={"idToken": "SOMEBODY", "type": "ISO14443"})
    assert "authorization cache" in ask(known, number=2)[1][0]["data"]


def test_an_identifier_finds_a_token_of_any_kind(line):
    line.plug()
    line.present(Token("DE8ACC12E46L89", "eMAID"))
    assert "authorization cache" in ask(line, customerIdentifier="de8acc12e46l89")[1][0]["data"]


def test_contracts_are_not_stored(known):
    who = on_the_wire(hash_of(Maker("Contract")))
    assert ask(known, customerCertificate=who)[1][0]["data"] == "No data was found."


def test_much_is_told_in_parts(line):
    for number in range(12):
        line.core.authorization.learned(Token("ABCD1234", f"kind {number}"), line.core.authorization.offline(TOKEN))
    _, parts = ask(line)
    assert len(parts) > 1
    assert [p["seqNo"] for p in parts] == list(range(len(parts)))
    assert [p["tbc"] for p in parts] == [True] * (len(parts) - 1) + [False]
    assert max(len(p["data"]) for p in parts) == 512
