"""Security events and the password of a station, over a core with frames."""

import pytest

from support.station_line import V16, V21, V201, Line

ALL = [V16, V201, V21]
PASSWORD = "a-long-password-1"


class Watched(Line):
    @property
    def events(self):
        return [p["type"] for p in self.of("SecurityEventNotification")]

    def set_password(self, value):
        if self.version is V16:
            return self.ask("ChangeConfiguration", {"key": "AuthorizationKey", "value": value})["status"]
        data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        answer = self.ask("SetVariables", {"setVariableData": [{**data, "attributeValue": value}]})
        return answer["setVariableResult"][0]["attributeStatus"]


@pytest.fixture(params=ALL)
def line(request):
    line = Watched(request.param, password=PASSWORD)
    line.connect(0.0)
    return line


def test_a04_fr_01_the_start_of_the_station_is_an_event(line):
    [event] = line.of("SecurityEventNotification")
    assert event["type"] == "StartupOfTheDevice"
    assert event["timestamp"].endswith("Z")


def test_a_mere_loss_of_connection_is_none(line):
    line.lose()
    line.connect()
    assert line.events == ["StartupOfTheDevice"]


def test_a_reset_is_an_event(line):
    line.lose()
    line.core.tell_restarting()
    line.connect()
    assert line.events == ["StartupOfTheDevice", "ResetOrReboot"]


def test_a04_fr_02_events_wait_for_the_line_and_survive_a_power_cut(line):
    line.lose()
    line.core.security.note("TamperDetectionActivated", "door 1")
    new = Watched(line.version, password=PASSWORD, storage=line.core.storage)
    new.connect(0.0)
    assert new.of("SecurityEventNotification")[0]["techInfo"] == "door 1"
    assert new.events == ["TamperDetectionActivated", "StartupOfTheDevice"]


def test_a04_fr_04_events_that_are_not_critical_are_written_but_not_sent(line):
    line.core.security.note("MaintenanceLoginFailed", "by nobody")
    line.pump()
    assert "MaintenanceLoginFailed" not in line.events
    assert b"MaintenanceLoginFailed by nobody" in line.core.storage.all("log")["SecurityLog"]


@pytest.mark.parametrize("version", ALL)
def test_a_jump_of_the_clock_is_an_event_where_it_is_not_small(version):
    line = Watched(version, password=PASSWORD)
    line.connect(0.0)
    for seconds in (15.0, -19.0, 25.0):
        line.core.clock.jump(seconds)
        line.core.security.clock_changed()
    line.pump()
    assert line.events.count("SettingSystemTime") == 1
    assert line.of("SecurityEventNotification")[-1]["techInfo"] == "by +25 s"


def test_a_1_6_station_without_security_says_nothing_of_it():
    line = Watched(V16)
    line.connect(0.0)
    line.core.security.note("TamperDetectionActivated")
    line.pump()
    assert line.events == []


def test_events_may_be_switched_off():
    line = Watched(V201, settings={"security_events": "false"})
    line.connect(0.0)
    assert line.events == []


def test_1_6_has_words_of_its_own():
    line = Watched(V16, password=PASSWORD)
    line.connect(0.0)
    line.core.security.note("InvalidCsmsCertificate")
    line.pump()
    assert line.events[-1] == "InvalidCentralSystemCertificate"


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("failure", "event"),
    [
        ("Certificate", "InvalidCsmsCertificate"),
        ("Version", "InvalidTLSVersion"),
        ("Cipher", "InvalidTLSCipherSuite"),
        ("Unreachable", None),
        ("Refused", None),
    ],
)
def test_a00_fr_310_316_323_what_is_wrong_with_the_csms_is_told_once_when_it_is_reached(version, failure, event):
    line = Watched(version, password=PASSWORD)
    for _ in range(5):
        line.core.connect_failed(failure, "why", 0.0)
    line.connect(0.0)
    expected = "InvalidCentralSystemCertificate" if version is V16 and failure == "Certificate" else event
    assert line.events == [*([expected] if expected else []), "StartupOfTheDevice"]
    line.lose()
    line.core.connect_failed(failure, "why", 0.0)
    line.connect()
    assert line.events.count(expected) == (2 if expected else 0)


def test_failed_authentication_is_in_the_security_log(line):
    line.core.connect_failed("Refused", "refused with 401", 0.0)
    assert b"FailedToAuthenticateAtCsms refused with 401" in line.core.storage.all("log")["SecurityLog"]


# The password --------------------------------------------------------------------------------------


def test_a01_fr_01_the_station_reconnects_with_the_new_password(line):
    assert line.core.target().password == PASSWORD
    assert line.set_password("a-new-password-22") == "Accepted"
    assert line.core.must_reconnect
    assert line.core.target().password == "a-new-password-22"


def test_a00_fr_205_a_password_that_is_too_short_or_too_long_is_rejected(line):
    for wrong in ("short", "", "x" * 65):
        assert line.set_password(wrong) == "Rejected"
    assert line.core.target().password == PASSWORD
    assert not line.core.must_reconnect


def test_a01_fr_11_and_12_the_change_is_in_the_security_log_but_not_the_password(line):
    line.set_password("a-new-password-22")
    log = line.core.storage.all("log")["SecurityLog"]
    assert b"ReconfigurationOfSecurityParameters the password was changed" in log
    assert b"a-new-password-22" not in log


def test_the_password_cannot_be_read(line):
    line.set_password("a-new-password-22")
    if line.version is V16:
        [entry] = line.ask("GetConfiguration", {"key": ["AuthorizationKey"]})["configurationKey"]
        assert "value" not in entry
        return
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    [result] = line.ask("GetVariables", {"getVariableData": [data]})["getVariableResult"]
    assert result["attributeStatus"] == "Rejected"
    assert "attributeValue" not in result


def test_the_password_survives_a_power_cut(line):
    line.set_password("a-new-password-22")
    new = Line(line.version, password=PASSWORD, storage=line.core.storage)
    assert new.core.target().password == "a-new-password-22"


def test_of_1_6_a00_fr_205_hexadecimal_digits_mean_bytes():
    line = Watched(V16, password=PASSWORD)
    line.connect(0.0)
    assert line.set_password("00112233445566778899AABBCCDDEEFF01020304") == "Accepted"
    assert line.core.target().password == bytes.fromhex("00112233445566778899AABBCCDDEEFF01020304")
    assert line.set_password("not-hexadecimal-at-all") == "Accepted"
    assert line.core.target().password == "not-hexadecimal-at-all"


def test_in_2_x_hexadecimal_digits_are_text():
    line = Watched(V201, password=PASSWORD)
    line.connect(0.0)
    line.set_password("00112233445566778899AABBCCDDEEFF01020304")
    assert line.core.target().password == "00112233445566778899AABBCCDDEEFF01020304"
