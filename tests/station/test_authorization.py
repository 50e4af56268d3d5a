"""Who may charge: list, cache, CSMS; groups, master passes, restrictions (OCPP 2.0.1 C; OCPP 1.6, 3.5, 4.1)."""

import pytest

from support.station_line import GOOD, V16, V21, V201, Line
from support.station_words import authorize_answer, configure, events, info, local_list
from voltherd.ocpp.version import OcppVersion
from voltherd.station import EvseConfig, MemoryStorage, Token
from voltherd.station.token import TokenInfo
from voltherd.station.token_cache import MOST_ENTRIES, TokenCache

OTHER = Token("OTHER")
TWO = (EvseConfig(), EvseConfig())


@pytest.fixture(params=list(OcppVersion))
def line(request):
    made = Line(request.param, evses=TWO)
    made.connect()
    return made


def locally(line):
    assert configure(line, "LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize", "true") == "Accepted"


def decided(line, token=GOOD, evse_id=1):
    told = []
    line.present(token, evse_id, told.append)
    return told


def test_c10_fr_04_what_the_csms_says_is_used_the_next_time(line):
    locally(line)
    line.charge()
    line.present()
    line.unplug()
    line.heard.clear()
    line.charge()
    assert not line.of("Authorize")
    assert line.core.charging.is_busy


def test_without_local_authorization_the_csms_is_asked_every_time(line):
    line.charge()
    line.present()
    line.unplug()
    line.charge()
    assert len(line.of("Authorize")) == 2


def test_c10_fr_03_a_token_cached_as_blocked_is_asked_about(line):
    locally(line)
    line.replies["Authorize"] = authorize_answer(line, "Blocked")
    line.plug()
    assert decided(line) == [False]
    line.replies["Authorize"] = authorize_answer(line)
    assert decided(line) == [True]
    assert len(line.of("Authorize")) == 2


def test_c10_fr_02_the_cache_outlives_a_restart(line):
    storage = MemoryStorage()
    first = Line(line.version, storage=storage)
    first.connect()
    first.replies["Authorize"] = authorize_answer(first, "Blocked")
    first.plug()
    first.present()
    again = Line(line.version, storage=storage)
    assert again.core.authorization.known(GOOD).status == "Blocked"


def test_c11_fr_03_fr_04_the_cache_is_cleared_where_there_is_one(line):
    line.charge()
    assert line.core.authorization.known(GOOD).is_accepted
    assert line.ask("ClearCache", {})["status"] == "Accepted"
    assert line.core.authorization.known(GOOD) is None
    configure(line, "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled", "false")
    assert line.ask("ClearCache", {})["status"] == "Rejected"


def test_c13_fr_01_the_list_goes_before_the_cache(line):
    line.charge()
    line.present()
    line.unplug()
    local_list(line, 1, {GOOD.id: info(line, "Blocked")})
    assert line.core.authorization.known(GOOD).status == "Blocked"


def test_1_6_3_5_3_what_is_listed_is_not_cached(line):
    local_list(line, 1, {GOOD.id: info(line)})
    line.charge()
    assert len(line.core.authorization.cache) == 0


@pytest.mark.parametrize(("status", "allowed"), [("Accepted", True), ("Blocked", False)])
def test_c13_offline_the_list_decides(line, status, allowed):
    local_list(line, 1, {GOOD.id: info(line, status)})
    line.lose()
    line.plug()
    assert decided(line) == [allowed]


def test_c15_fr_08_offline_an_unknown_token_may_charge_only_where_that_is_set(line):
    configure(line, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "false")
    line.lose()
    line.plug()
    assert decided(line, OTHER) == [False]
    line.connect()
    configure(line, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "true")
    line.lose()
    assert decided(line, OTHER) == [True]


def test_c15_online_an_error_in_place_of_an_answer_lets_nobody_charge_as_if_offline(line):
    configure(line, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "true")
    line.refused.append("Authorize")
    line.plug()
    assert decided(line, OTHER) == [False]
    assert not line.core.charging.is_busy
    local_list(line, 1, {GOOD.id: info(line)})
    line.refused.append("Authorize")
    assert decided(line) == [True], "the list came from the CSMS itself"


def test_a_csms_that_does_not_answer_in_time_counts_as_out_of_reach(line):
    configure(line, "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "true")
    line.silent.add("Authorize")
    line.plug()
    told = decided(line, OTHER)
    line.wait(90)
    assert told == [True]


@pytest.mark.parametrize(("version", "most"), [(V16, 20), (V201, 36), (V21, 255)])
def test_a_token_longer_than_messages_can_carry_is_refused_and_nobody_is_asked(version, most):
    line = Line(version)
    line.connect()
    line.plug()
    assert decided(line, Token("X" * (most + 1))) == [False]
    assert not line.of("Authorize")
    line.lose()
    assert decided(line, Token("X" * (most + 1))) == [False]
    assert decided(line, Token("X" * most)) == [True]


def test_c15_fr_01_an_unknown_token_is_not_cached(line):
    line.lose()
    line.charge()
    assert len(line.core.authorization.cache) == 0


def test_offline_nothing_known_is_used_where_that_is_switched_off(line):
    line.charge()
    line.present()
    line.unplug()
    configure(line, "LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline", "false")
    line.lose()
    line.plug()
    assert decided(line) == [False]


def test_c09_fr_03_another_token_of_the_group_ends_a_session(line):
    line.replies["Authorize"] = authorize_answer(line, group="G")
    if line.version is V16:
        line.replies["StartTransaction"] = {"transactionId": 17, "idTagInfo": info(line, group="G")}
    line.charge()
    assert decided(line, OTHER) == [True]
    assert not line.core.charging.is_busy


def test_c09_fr_11_another_token_of_the_group_that_is_not_accepted_ends_nothing(line):
    line.replies["Authorize"] = authorize_answer(line, group="G")
    line.charge()
    line.replies["Authorize"] = authorize_answer(line, "Blocked", group="G")
    assert decided(line, OTHER) == [False]
    assert line.core.charging.is_busy


def test_c09_another_token_of_another_group_ends_nothing(line):
    line.replies["Authorize"] = authorize_answer(line, group="G")
    line.charge()
    line.replies["Authorize"] = authorize_answer(line, group="H")
    assert decided(line, OTHER) == [False]
    assert line.core.charging.is_busy


def test_e07_fr_01_the_same_token_ends_a_session_without_a_question(line):
    line.charge()
    line.heard.clear()
    line.present(Token("good"))
    assert not line.of("Authorize")
    assert not line.core.charging.is_busy


@pytest.mark.parametrize("version", [V201, V21])
def test_c16_fr_02_fr_03_a_master_pass_starts_nothing_and_ends_everything(version):
    line = Line(version, evses=TWO, settings={"master_group": "MASTER"})
    line.connect()
    line.replies["Authorize"] = authorize_answer(line, group="MASTER")
    line.plug(evse_id=1)
    assert decided(line, OTHER) == [False]
    line.replies.clear()
    line.present(GOOD, 1)
    line.plug(evse_id=2)
    line.present(Token("SECOND"), 2)
    line.replies["Authorize"] = authorize_answer(line, group="MASTER")
    assert decided(line, OTHER) == [True]
    ended = [e for e in line.of("TransactionEvent") if e["eventType"] == "Ended"]
    assert [e["transactionInfo"]["stoppedReason"] for e in ended] == ["MasterPass", "MasterPass"]
    assert [e["idToken"]["idToken"] for e in ended] == ["OTHER", "OTHER"]


@pytest.mark.parametrize("version", [V201, V21])
def test_c01_fr_21_a_token_charges_only_where_it_is_allowed(version):
    line = Line(version, evses=TWO)
    line.connect()
    line.replies["Authorize"] = {"idTokenInfo": {"status": "Accepted", "evseId": [2]}}
    line.plug(evse_id=1)
    line.plug(evse_id=2)
    assert decided(line, evse_id=1) == [False]
    assert decided(line, evse_id=2) == [True]


@pytest.mark.parametrize("version", [V201, V21])
def test_c02_fr_01_where_nobody_needs_to_be_authorized_a_cable_is_enough(version):
    line = Line(version, settings={"authorize_enabled": "false"})
    line.connect()
    line.plug()
    assert line.of("TransactionEvent")[0]["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert not line.of("Authorize")
    assert events(line) == [("Started", "Authorized", "Charging")]


@pytest.mark.parametrize("version", [V201, V21])
def test_c05_fr_01_a_remote_start_with_a_token_of_the_csms_is_never_asked_about(version):
    line = Line(version, settings={"authorize_remote": "true"})
    line.connect()
    line.plug()
    request = {"idToken": {"idToken": "X", "type": "Central"}, "remoteStartId": 1, "evseId": 1}
    assert line.ask("RequestStartTransaction", request)["status"] == "Accepted"
    assert not line.of("Authorize")
    assert line.core.charging.is_busy


@pytest.mark.parametrize("version", [V201, V21])
def test_c10_fr_08_fr_13_cached_tokens_end(version):
    line = Line(version, settings={"cache_lifetime_s": "100"})
    line.connect()
    line.plug()
    line.present()
    assert line.core.authorization.known(GOOD).status == "Accepted"
    line.wait(101)
    assert line.core.authorization.known(GOOD).status == "Expired"
    past = line.core.clock.wall(line.now - 5).isoformat()
    line.core.authorization.learned(OTHER, TokenInfo(status="Accepted", expires_at=past))
    assert line.core.authorization.known(OTHER).status == "Expired"


@pytest.mark.parametrize(("policy", "gone"), [("LRU", "T1"), ("FIFO", "T0"), ("LFU", "T1")])
def test_c10_fr_07_a_full_cache_makes_room(policy, gone):
    line = Line(V201)
    cache = TokenCache(line.core.storage, line.core.clock)
    for number in range(MOST_ENTRIES):
        cache.learn(Token(f"T{number}"), TokenInfo(status="Accepted"), float(number), policy)
    cache.find(Token("T0"), 500.0, 0)
    cache.learn(Token("NEW"), TokenInfo(status="Accepted"), 501.0, policy)
    assert len(cache) == MOST_ENTRIES
    assert cache.find(Token(gone), 502.0, 0) is None
    cache.learn(Token("T50"), TokenInfo(status="Blocked"), 503.0, policy)
    cache.learn(Token("NEWER"), TokenInfo(status="Accepted"), 504.0, policy)
    assert cache.find(Token("T50"), 505.0, 0) is None, "what is not accepted goes first"


def test_c01_fr_23_after_a_session_lost_its_permission_another_token_does_not_take_it_over():
    line = Line(V201, settings={"tx_stop_point": "EVConnected"})
    line.connect()
    line.charge()
    line.present()
    assert line.core.charging.is_busy
    assert decided(line, OTHER) == [False]
    assert decided(line) == [True]
    assert line.core.evses[1].permission is not None


@pytest.mark.parametrize("version", [V201, V21])
def test_c06_fr_02_an_id_that_was_made_up_here_is_always_asked_about(version):
    line = Line(version, settings={"authorize_locally": "true"})
    line.connect()
    for _ in range(2):
        line.plug()
        line.present(Token("4711", "Local"))
        line.present(Token("4711", "Local"))
        line.unplug()
    assert len(line.of("Authorize")) == 2
