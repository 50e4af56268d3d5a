"""Network profiles, switching between them, and upgrades of the security profile, over a core with frames."""

import pytest

from support.station_line import V16, V21, V201, Line
from support.station_pki import DAY, Maker
from voltherd.station import StationConfig
from voltherd.station.network_profile import url_for

PASSWORD = "a-long-password-1"


class Networked(Line):
    """A station with a root of the CSMS and, with `own`, a certificate of its own."""

    def __init__(self, version, *, root=True, own=True, connect=True, **more):
        super().__init__(version, password=PASSWORD, **more)
        start = self.core.clock.wall(0.0) - DAY
        maker = Maker("Operator", start=start)
        store = self.core.certificates.store
        if root and not store.roots("CSMSRootCertificate"):
            self.core.certificates.install("CSMSRootCertificate", maker.pem)
        if own and not store.own_in_force("ChargingStationCertificate"):
            pem, key = maker.issue("CS-1", start=start)
            store.install_own("ChargingStationCertificate", pem, key, candidate=False)
        if connect:
            self.connect(0.0)

    def profile(self, slot, url="wss://new.example/ocpp", level=2, **more):
        data = {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": url,
            "messageTimeout": 30,
            "securityProfile": level,
            "ocppInterface": "Wired0",
            **more,
        }
        return self.ask("SetNetworkProfile", {"configurationSlot": slot, "connectionData": data})

    def set(self, variable, value, component="OCPPCommCtrlr", **more):
        data = {"component": {"name": component, **more}, "variable": {"name": variable}, "attributeValue": value}
        [result] = self.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"]
        return result["attributeStatus"]

    def get(self, variable, component="OCPPCommCtrlr", **more):
        data = {"component": {"name": component, **more}, "variable": {"name": variable}}
        [result] = self.ask("GetVariables", {"getVariableData": [data]})["getVariableResult"]
        return result.get("attributeValue", result["attributeStatus"])

    def prioritize(self, value):
        return self.set("NetworkConfigurationPriority", value)

    def restart(self):
        self.lose()
        self.core.tell_restarting()

    def fail(self, times=1):
        for _ in range(times):
            self.core.connect_failed("Unreachable", "nobody there", self.now)

    @property
    def target(self):
        target = self.core.target()
        return target.url, target.security_profile

    def change(self, key, value):
        return self.ask("ChangeConfiguration", {"key": key, "value": value})["status"]


NEW, OLD = ("wss://new.example/ocpp", 2), ("ws://nowhere", 1)


@pytest.fixture(params=[V201, V21])
def line(request):
    return Networked(request.param)


# B09 -----------------------------------------------------------------------------------------------


def test_b09_fr_01_a_profile_is_stored_and_used_after_a_restart_only(line):
    assert line.profile(2)["status"] == "Accepted"
    assert line.target == OLD
    assert line.prioritize("2,1") == "RebootRequired"
    line.lose()
    assert line.target == OLD
    line.core.tell_restarting()
    assert line.target == NEW


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://h/x"},
        {"url": "wss:///x"},
        {"url": "wss://h:port/"},
        {"url": "ws://h/x", "level": 2},
        {"url": "wss://h/x", "level": 1},
        {"level": 4},
        {"level": 0, "url": "ws://h/x"},
        {"ocppTransport": "SOAP"},
    ],
)
def test_b09_fr_02_what_nobody_could_connect_with_is_rejected(line, wrong):
    answer = line.profile(2, **wrong)
    assert answer["status"] == "Rejected"
    assert answer["statusInfo"]["reasonCode"]


def test_b09_fr_05_there_are_three_slots(line):
    assert line.profile(3)["status"] == "Accepted"
    assert line.profile(4)["status"] == "Rejected"
    assert line.profile(0)["status"] == "Rejected"


@pytest.mark.parametrize("version", [V201, V21])
def test_b09_fr_04_less_security_is_rejected(version):
    line = Networked(version, settings={"security_profile": "3"})
    assert line.profile(2, "wss://h/x", 2)["status"] == "Rejected"
    assert line.profile(2, "wss://h/x", 3)["status"] == "Accepted"


@pytest.mark.parametrize("version", [V201, V21])
def test_b09_fr_31_and_32_one_step_down_may_be_allowed_since_2_1(version):
    line = Networked(version, settings={"security_profile": "3", "security_downgrade": "true"})
    allowed = "Accepted" if version is V21 else "Rejected"
    assert line.profile(2, "wss://h/x", 2)["status"] == allowed
    assert line.profile(3, "ws://h/x", 1)["status"] == "Rejected"


def test_b09_fr_08_and_11_the_slots_are_components_since_2_1():
    line = Networked(V21)
    line.profile(2, apn={"apn": "internet", "apnAuthentication": "NONE"})
    assert line.get("OcppCsmsUrl", "NetworkConfiguration", instance="2") == NEW[0]
    assert line.get("ApnEnabled", "NetworkConfiguration", instance="2") == "true"
    assert line.get("VpnEnabled", "NetworkConfiguration", instance="2") == "false"


NC = "NetworkConfiguration"


def test_b09_fr_20_to_25_a_slot_may_be_set_variable_by_variable_since_2_1():
    line = Networked(V21)
    for variable, value in (
        ("OcppCsmsUrl", "wss://new.example/ocpp"),
        ("SecurityProfile", "2"),
        ("MessageTimeout", "20"),
        ("OcppInterface", "Wireless1"),
        ("Identity", "CS-NEW"),
        ("BasicAuthPassword", "another-password-1"),
    ):
        assert line.set(variable, value, NC, instance="2") == "Accepted"
    assert line.prioritize("2,1") == "RebootRequired"
    line.restart()
    assert line.target == NEW
    assert (line.core.target().identity, line.core.target().password) == ("CS-NEW", "another-password-1")
    assert line.core.network.message_timeout_s == 20.0


def test_b09_fr_22_a_slot_in_use_cannot_be_set():
    line = Networked(V21)
    assert line.set("OcppCsmsUrl", "wss://h/", NC, instance="1") == "Rejected"
    line.profile(2)
    line.prioritize("1,2")
    assert line.set("OcppCsmsUrl", "wss://h/", NC, instance="2") == "Rejected"
    assert line.prioritize("1") == "RebootRequired"
    assert line.set("OcppCsmsUrl", "wss://h/", NC, instance="2") == "Accepted"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OcppCsmsUrl", "http://h/"),
        ("SecurityProfile", "4"),
        ("SecurityProfile", "x"),
        ("MessageTimeout", "0"),
        ("OcppInterface", "Pigeon"),
        ("Identity", ""),
        ("BasicAuthPassword", "short"),
        ("OcppTransport", "SOAP"),
        ("VpnEnabled", "true"),
    ],
)
def test_b09_fr_25_what_makes_no_sense_is_rejected(variable, value):
    line = Networked(V21)
    assert line.set(variable, value, NC, instance="2") == "Rejected"


def test_b10_fr_02_a_slot_that_is_not_complete_cannot_be_used():
    line = Networked(V21)
    line.set("OcppCsmsUrl", "wss://h/", NC, instance="2")
    assert line.prioritize("2,1") == "Rejected"
    line.set("SecurityProfile", "2", NC, instance="2")
    assert line.prioritize("2,1") == "RebootRequired"


def test_the_password_of_a_slot_is_not_told():
    line = Networked(V21)
    line.set("BasicAuthPassword", "another-password-1", NC, instance="2")
    assert line.get("BasicAuthPassword", NC, instance="2") == "Rejected"


def test_b09_fr_27_a_new_password_counts_in_all_slots():
    line = Networked(V21)
    line.profile(2, basicAuthPassword="another-password-1")
    assert line.set("BasicAuthPassword", "the-newest-password", "SecurityCtrlr") == "Accepted"
    line.prioritize("2")
    line.restart()
    assert line.core.target().password == "the-newest-password"


def test_2_0_1_has_no_such_component():
    line = Networked(V201)
    assert line.set("OcppCsmsUrl", "wss://h/", NC, instance="2") == "UnknownComponent"


def test_identity_and_password_of_a_profile_are_used_since_2_1():
    line = Networked(V21)
    line.profile(2, identity="CS-NEW", basicAuthPassword="another-password-1")
    line.prioritize("2")
    line.restart()
    assert (line.core.target().identity, line.core.target().password) == ("CS-NEW", "another-password-1")


def test_the_timeout_of_a_profile_counts():
    line = Networked(V201)
    line.profile(2, messageTimeout=12)
    line.prioritize("2")
    line.restart()
    assert line.core.network.message_timeout_s == 12.0


# B10 -----------------------------------------------------------------------------------------------


def test_b10_fr_02_a_slot_without_a_profile_is_rejected(line):
    for wrong in ("2,1", "", "1,1", "7"):
        assert line.prioritize(wrong) == "Rejected"
    line.profile(2)
    assert line.prioritize("2,1") == "RebootRequired"


def test_b10_fr_03_each_slot_is_tried_as_often_as_configured(line):
    line.profile(2)
    line.prioritize("2,1")
    line.set("NetworkProfileConnectionAttempts", "2")
    line.restart()
    tried = []
    for _ in range(4):
        tried.append(line.target)
        line.fail()
    assert tried == [NEW, NEW, OLD, OLD]


def test_b10_fr_04_after_a_restart_the_first_slot_comes_first_again(line):
    line.profile(2)
    line.prioritize("2,1")
    line.restart()
    line.fail(3)
    assert line.target == OLD
    line.connect()
    line.restart()
    assert line.target == NEW


def test_b10_fr_07_when_all_have_failed_the_one_that_worked_last_comes_first(line):
    line.profile(2)
    line.profile(3, "wss://third.example/")
    line.prioritize("2,1,3")
    line.restart()
    line.fail(3 * 3)
    assert line.target == OLD
    line.connect()
    assert line.core.is_online


def test_b10_fr_09_the_station_never_gives_up(line):
    line.profile(2)
    line.prioritize("2,1")
    line.restart()
    seen = []
    for _ in range(8):
        seen.append(line.target)
        line.fail(3)
    assert seen.count(NEW) == 4
    assert seen.count(OLD) == 4


def test_after_a_lost_connection_the_same_slot_is_tried(line):
    line.profile(2)
    line.prioritize("1,2")
    line.lose()
    line.fail(2)
    assert line.target == OLD


def test_the_active_slot_is_a_variable(line):
    assert line.get("ActiveNetworkProfile") == "1"
    line.profile(2)
    line.prioritize("2,1")
    line.restart()
    line.connect()
    assert line.get("ActiveNetworkProfile") == "2"


def test_profiles_and_their_order_survive_a_power_cut(line):
    line.profile(2)
    line.prioritize("2,1")
    new = Networked(line.version, storage=line.core.storage, connect=False)
    assert new.target == NEW


# A05 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V201, V21])
def test_a05_fr_02_tls_needs_a_root_of_the_csms(version):
    line = Networked(version, root=False, own=False)
    line.profile(2)
    assert line.prioritize("2,1") == "Rejected"


@pytest.mark.parametrize("version", [V201, V21])
def test_a05_fr_03_profile_3_needs_a_certificate_of_the_station(version):
    line = Networked(version, own=False)
    line.profile(2, level=3)
    assert line.prioritize("2,1") == "Rejected"
    line.profile(2, level=2)
    assert line.prioritize("2,1") == "RebootRequired"


def test_a05_fr_06_once_connected_the_profile_counts_and_less_secure_slots_are_gone(line):
    line.profile(2)
    line.prioritize("2,1")
    line.restart()
    line.connect()
    assert line.get("SecurityProfile", "SecurityCtrlr") == "2"
    assert line.get("NetworkConfigurationPriority") == "2"
    assert line.profile(3, "ws://h/", 1)["status"] == "Rejected"


def test_a05_the_profile_does_not_count_before_a_connection_was_made(line):
    line.profile(2)
    line.prioritize("2,1")
    line.restart()
    line.fail(3)
    line.connect()
    assert line.get("SecurityProfile", "SecurityCtrlr") == "1"
    assert line.get("NetworkConfigurationPriority") == "2,1"


def test_profile_3_connects_with_a_certificate_and_no_password(line):
    line.profile(2, level=3)
    line.prioritize("2")
    line.restart()
    target = line.core.target()
    assert target.password is None
    assert "BEGIN CERTIFICATE" in target.chain_pem
    assert "BEGIN CERTIFICATE" in target.roots_pem
    assert target.key


@pytest.mark.parametrize("version", [V201, V21])
def test_the_security_profile_itself_is_read_only(version):
    assert Networked(version).set("SecurityProfile", "2", "SecurityCtrlr") == "Rejected"


# A05 of 1.6 ----------------------------------------------------------------------------------------


def old(**more):
    return Networked(V16, **more)


def test_of_1_6_a05_fr_01_the_profile_is_only_raised():
    line = old(settings={"security_profile": "2"})
    for value in ("0", "1", "2", "4", "x"):
        assert line.change("SecurityProfile", value) == "Rejected"
    assert line.change("SecurityProfile", "3") == "Accepted"


def test_of_1_6_a05_fr_03_and_04_certificates_must_be_there():
    assert old(root=False, own=False).change("SecurityProfile", "2") == "Rejected"
    assert old(own=False).change("SecurityProfile", "3") == "Rejected"
    assert old(own=False).change("SecurityProfile", "2") == "Accepted"


def test_of_1_6_a05_fr_02_a_password_must_be_there():
    line = Line(V16, settings={"security_profile": "0"})
    line.connect(0.0)
    assert line.ask("ChangeConfiguration", {"key": "SecurityProfile", "value": "1"})["status"] == "Rejected"
    key = {"key": "AuthorizationKey", "value": "a-long-password-1"}
    assert line.ask("ChangeConfiguration", key)["status"] == "Accepted"
    assert line.ask("ChangeConfiguration", {"key": "SecurityProfile", "value": "1"})["status"] == "Accepted"


def test_of_1_6_a05_fr_06_and_07_the_station_reconnects_with_the_new_profile():
    line = old()
    assert line.change("SecurityProfile", "2") == "Accepted"
    assert line.core.must_reconnect
    line.lose()
    assert line.target == ("wss://nowhere", 2)
    line.connect()
    [entry] = line.ask("GetConfiguration", {"key": ["SecurityProfile"]})["configurationKey"]
    assert entry == {"key": "SecurityProfile", "readonly": False, "value": "2"}
    new = Networked(V16, storage=line.core.storage, connect=False)
    assert new.target == ("wss://nowhere", 2)


def test_of_1_6_a05_fr_08_the_station_falls_back_where_the_new_profile_does_not_work():
    line = old()
    line.change("SecurityProfile", "2")
    line.lose()
    line.fail(3)
    assert line.target == OLD
    line.connect()
    [entry] = line.ask("GetConfiguration", {"key": ["SecurityProfile"]})["configurationKey"]
    assert entry["value"] == "1"
    assert Networked(V16, storage=line.core.storage, connect=False).target == OLD


def test_of_1_6_a_power_cut_in_the_middle_of_an_upgrade_leaves_the_old_profile():
    line = old()
    line.change("SecurityProfile", "2")
    assert Networked(V16, storage=line.core.storage, connect=False).target == OLD


def test_an_address_for_tls_may_be_another_one():
    config = StationConfig(identity="CS-1", url="ws://h:80/ocpp", tls_url="wss://h:443/ocpp")
    assert url_for(config.url, config.tls_url, 1) == "ws://h:80/ocpp"
    assert url_for(config.url, config.tls_url, 2) == "wss://h:443/ocpp"
    assert url_for("ws://h/ocpp", "", 3) == "wss://h/ocpp"
