"""Certificates of a station over a core with frames: asked for, taken, installed, listed, deleted, renewed."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from support.station_line import V16, V21, V201, Line
from support.station_pki import DAY, Maker, hash_of, on_the_wire
from voltherd.station import chain

ALL = [V16, V201, V21]


class Certified(Line):
    """A station that trusts `root` for its CSMS."""

    def __init__(self, version, *, connect=True, root=True, **more):
        super().__init__(version, password="a-long-password-1", **more)
        self.start = self.core.clock.wall(0.0) - DAY
        self.root = Maker("Operator", start=self.start, days=4000)
        if root:
            self.core.certificates.install("CSMSRootCertificate", self.root.pem)
        if connect:
            self.connect(0.0)

    def trigger(self, message="SignChargingStationCertificate"):
        if self.version is V16:
            return self.ask("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"})["status"]
        return self.ask("TriggerMessage", {"requestedMessage": message})["status"]

    @property
    def requests(self):
        return self.of("SignCertificate")

    def signed(self, pem, **more):
        return self.ask("CertificateSigned", {"certificateChain": pem, **more})["status"]

    def answer(self, maker=None, days=365, **more):
        """Sign the last request as the CSMS would."""
        pem = (maker or self.root).answer(self.requests[-1]["csr"], start=more.pop("start", self.start), days=days)
        return self.signed(pem, **more)

    @property
    def own(self):
        entry = self.core.certificates.own_for_csms()
        return None if entry is None else entry.pem

    @property
    def events(self):
        return [p["type"] for p in self.of("SecurityEventNotification")]

    @property
    def installing(self):
        return "CentralSystemRootCertificate" if self.version is V16 else "CSMSRootCertificate"

    def install(self, pem, use=None):
        asked = {"certificateType": use or self.installing, "certificate": pem}
        return self.ask("InstallCertificate", asked)["status"]

    def installed(self, use=None):
        use = use or self.installing
        answer = self.ask("GetInstalledCertificateIds", {"certificateType": use if self.version is V16 else [use]})
        key = "certificateHashData" if self.version is V16 else "certificateHashDataChain"
        return answer["status"], answer.get(key, [])

    def delete(self, data):
        return self.ask("DeleteCertificate", {"certificateHashData": on_the_wire(data)})["status"]


@pytest.fixture(params=ALL)
def line(request):
    return Certified(request.param)


# Asking --------------------------------------------------------------------------------------------


def test_a02_fr_02_and_03_a_trigger_makes_a_new_key_and_a_request(line):
    assert line.trigger() == "Accepted"
    line.installed()
    assert line.trigger() == "Accepted"
    first, second = (x509.load_pem_x509_csr(request["csr"].encode()) for request in line.requests)
    assert first.is_signature_valid
    assert first.subject.rfc4514_string() == "CN=CS-1,O=Voltherd"
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert first.public_key().public_bytes(*form) != second.public_key().public_bytes(*form)


def test_a00_fr_511_the_request_names_the_serial_number_where_there_is_one():
    line = Certified(V201, serial_number="SN-77", settings={"organization_name": "Acme"})
    line.trigger()
    request = x509.load_pem_x509_csr(line.requests[0]["csr"].encode())
    assert request.subject.rfc4514_string() == "CN=SN-77,O=Acme"


@pytest.mark.parametrize("version", [V201, V21])
def test_a02_fr_13_and_24_the_request_says_what_for_and_has_a_number_since_2_1(version):
    line = Certified(version)
    line.trigger()
    assert line.requests[0]["certificateType"] == "ChargingStationCertificate"
    assert ("requestId" in line.requests[0]) == (version is V21)


@pytest.mark.parametrize(("message", "use"), [("SignV2GCertificate", "V2GCertificate"), ("SignV2G20Certificate", None)])
def test_a02_fr_22_23_27_a_certificate_for_vehicles_is_asked_for_with_its_root(message, use):
    line = Certified(V21)
    v2g = Maker("V2G Root", start=line.start)
    line.install(v2g.pem, "V2GRootCertificate")
    assert line.trigger(message) == "Accepted"
    assert line.requests[0]["certificateType"] == (use or "V2G20Certificate")
    assert line.requests[0]["hashRootCertificate"] == on_the_wire(hash_of(v2g))


def test_certificates_for_vehicles_may_be_switched_off():
    line = Certified(V201, settings={"v2g_installation": "false"})
    assert line.trigger("SignV2GCertificate") == "Rejected"
    assert line.requests == []


def test_a02_fr_17_18_19_a_request_that_brings_nothing_is_repeated_ever_later_and_then_no_more(line):
    line.core.settings.fix("certificate_wait_s", "10")
    line.core.settings.fix("certificate_repeats", "2")
    line.trigger()
    counts = []
    for seconds in (9, 2, 18, 3, 1000):
        line.wait(seconds)
        counts.append(len(line.requests))
    assert counts == [1, 2, 2, 3, 3]
    assert len({request["csr"] for request in line.requests}) == 1
    assert line.answer() == "Accepted"


def test_a_request_that_the_csms_refuses_is_not_repeated(line):
    line.replies["SignCertificate"] = {"status": "Rejected"}
    line.trigger()
    line.wait(10_000)
    assert len(line.requests) == 1
    assert line.answer() == "Rejected"


def test_the_key_may_be_of_rsa():
    line = Certified(V201, settings={"certificate_key": "RSA"})
    line.trigger()
    assert x509.load_pem_x509_csr(line.requests[0]["csr"].encode()).public_key().key_size == 2048
    assert line.answer() == "Accepted"


def test_a02_fr_21_without_a_certificate_for_vehicles_there_is_no_plug_and_charge_until_the_restart():
    line = Certified(V201)
    line.replies["SignCertificate"] = {"status": "Rejected"}
    line.trigger("SignV2GCertificate")
    assert not line.core.settings.switch("plug_and_charge")
    line.lose()
    line.core.tell_restarting()
    assert line.core.settings.switch("plug_and_charge")


# The certificate comes ---------------------------------------------------------------------------------


def test_a02_fr_08_a_valid_certificate_is_taken_and_not_asked_for_again(line):
    line.trigger()
    assert line.answer() == "Accepted"
    assert chain.common_name(chain.read(line.own)[0]) == "CS-1"
    line.wait(10_000)
    assert len(line.requests) == 1


def test_a02_fr_05_the_private_key_is_in_no_frame(line):
    frames = []
    line.core.observer.on_sent = frames.append
    line.trigger()
    line.answer()
    key = line.core.certificates.own_for_csms().key
    assert frames
    assert all(key.hex().encode() not in frame and b"PRIVATE" not in frame for frame in frames)


def test_a02_fr_07_a_wrong_certificate_is_refused_and_an_event(line):
    word = "InvalidChargePointCertificate" if line.version is V16 else "InvalidChargingStationCertificate"
    for wrong in ({"maker": Maker("Stranger", start=line.start)}, {"days": 0}, {"start": line.start + 5 * DAY}):
        line.trigger()
        assert line.answer(**wrong) == "Rejected"
        assert line.own is None
    assert line.events.count(word) == 3


def test_a02_fr_20_after_a_wrong_certificate_nothing_is_repeated(line):
    line.trigger()
    line.signed("nonsense")
    line.wait(10_000)
    assert len(line.requests) == 1


def test_a_certificate_that_nobody_asked_for_is_refused(line):
    pem, _ = line.root.issue("CS-1", start=line.start)
    assert line.signed(pem) == "Rejected"


def test_a02_fr_16_a_chain_that_is_too_long_is_refused():
    line = Certified(V201, settings={"chain_characters": "200"})
    line.trigger()
    assert line.answer() == "Rejected"


def test_a02_fr_26_an_unknown_request_id_is_refused():
    line = Certified(V21)
    line.trigger()
    number = line.requests[0]["requestId"]
    assert line.answer(requestId=number + 1) == "Rejected"
    assert line.answer(requestId=number) == "Accepted"


def test_a_certificate_for_vehicles_leads_to_a_v2g_root():
    line = Certified(V201)
    v2g = Maker("V2G Root", start=line.start)
    line.install(v2g.pem, "V2GRootCertificate")
    line.trigger("SignV2GCertificate")
    assert line.answer(certificateType="V2GCertificate") == "Rejected"
    line.trigger("SignV2GCertificate")
    assert line.answer(Maker("Sub", v2g, start=line.start), certificateType="V2GCertificate") == "Accepted"
    status, [listed] = line.installed("V2GCertificateChain")
    assert status == "Accepted"
    assert len(listed["childCertificateHashData"]) == 1


# Changing over -----------------------------------------------------------------------------------------


def with_profile_3(version, **more):
    """A station that is connected with a certificate of its own."""
    line = Certified(version, connect=False, settings={"security_profile": "3"}, **more)
    pem, key = line.root.issue("CS-1", start=line.start)
    line.core.certificates.store.install_own("ChargingStationCertificate", pem, key, candidate=False)
    server, _ = line.root.issue("csms", start=line.start)
    line.server = chain.read(server)[0].public_bytes(serialization.Encoding.DER)
    line.core.connected(0.0, line.server)
    line.pump()
    return line


@pytest.mark.parametrize("version", ALL)
def test_a02_fr_08_and_10_the_station_reconnects_with_the_new_certificate_and_discards_the_old(version):
    line = with_profile_3(version)
    old = line.own
    line.trigger()
    assert line.answer() == "Accepted"
    assert line.core.must_reconnect
    assert line.core.target().chain_pem != old
    line.lose()
    line.core.connected(line.now, line.server)
    assert [e.pem for e in line.core.certificates.store if e.use == "ChargingStationCertificate"] == [line.own]
    assert line.own != old


@pytest.mark.parametrize("version", ALL)
def test_a02_fr_28_and_29_when_the_new_certificate_does_not_work_the_old_one_serves(version):
    line = with_profile_3(version)
    old = line.own
    line.trigger()
    line.answer()
    line.lose()
    attempts = line.core.settings.number("network_attempts")
    for _ in range(attempts):
        assert line.core.target().chain_pem != old
        line.core.connect_failed("Unreachable", "no", line.now)
    assert line.core.target().chain_pem == old
    line.core.connected(line.now, line.server)
    line.pump()
    assert line.own == old
    assert "DiscardedRenewedClientCertificate" in line.events
    assert len(line.core.certificates.store) == 2


@pytest.mark.parametrize("version", ALL)
def test_a_power_cut_before_the_new_certificate_was_used_loses_neither(version):
    line = with_profile_3(version)
    old = line.own
    line.trigger()
    line.answer()
    new = line.core.target().chain_pem
    again = Line(version, storage=line.core.storage, settings={"security_profile": "3"})
    assert again.core.target().chain_pem == new != old
    for _ in range(again.core.settings.number("network_attempts")):
        again.core.connect_failed("Unreachable", "no", 0.0)
    assert again.core.target().chain_pem == old


@pytest.mark.parametrize("version", ALL)
def test_a03_fr_02_a_certificate_is_renewed_a_month_before_its_end(version):
    line = with_profile_3(version)
    days = (chain.read(line.own)[0].not_valid_after_utc - line.core.clock.wall(0.0)) / timedelta(days=1)
    line.wait((days - 31) * 86_400)
    assert line.requests == []
    line.wait(2 * 86_400)
    assert len(line.requests) >= 1
    before = len(line.requests)
    assert line.answer(days=3000) == "Accepted"
    line.lose()
    line.core.connected(line.now, line.server)
    line.wait(20 * 86_400)
    assert len(line.requests) == before


# What is trusted ----------------------------------------------------------------------------------------


def test_m05_fr_02_and_m03_a_root_is_installed_and_listed(line):
    other = Maker("Other", start=line.start)
    assert line.install(other.pem) == "Accepted"
    status, listed = line.installed()
    data = [one if line.version is V16 else one["certificateHashData"] for one in listed]
    assert status == "Accepted"
    assert data == [on_the_wire(hash_of(line.root)), on_the_wire(hash_of(other))]


def test_m05_fr_07_an_invalid_root_is_refused(line):
    assert line.install("nonsense") == "Rejected"
    assert line.install(Maker("Old", start=line.start - 9 * DAY, days=8).pem) == "Rejected"
    assert len(line.installed()[1]) == 1


def test_m05_fr_06_there_is_room_for_certificate_entries(line):
    line.core.settings.fix("certificate_entries", "2")
    assert line.install(Maker("A", start=line.start).pem) == "Accepted"
    assert line.install(Maker("B", start=line.start).pem) == "Rejected"


def test_m03_fr_02_what_is_not_there_is_not_found(line):
    assert line.installed("ManufacturerRootCertificate") == ("NotFound", [])


def test_m03_without_types_everything_is_listed():
    line = Certified(V201)
    line.install(Maker("MO", start=line.start).pem, "MORootCertificate")
    answer = line.ask("GetInstalledCertificateIds", {})
    kinds = [one["certificateType"] for one in answer["certificateHashDataChain"]]
    assert kinds == ["CSMSRootCertificate", "MORootCertificate"]


@pytest.mark.parametrize("version", [V201, V21])
def test_the_oem_root_came_with_2_1(version):
    line = Certified(version)
    asked = {"certificateType": "OEMRootCertificate", "certificate": Maker("OEM", start=line.start).pem}
    answer = line.ask("InstallCertificate", asked)
    if version is V21:
        assert answer["status"] == "Accepted"
    else:
        assert answer.code == "PropertyConstraintViolation"


def test_m04_a_certificate_is_deleted_and_then_not_found(line):
    other = Maker("Other", start=line.start)
    line.install(other.pem)
    assert line.delete(hash_of(other, "SHA512")) == "Accepted"
    assert line.delete(hash_of(other)) == "NotFound"


@pytest.mark.parametrize("version", ALL)
def test_of_1_6_m04_fr_06_the_root_that_the_connection_rests_on_is_not_deleted(version):
    line = with_profile_3(version)
    other = Maker("Other", start=line.start)
    line.install(other.pem)
    assert line.delete(hash_of(line.root)) == "Failed"
    assert line.delete(hash_of(other)) == "Accepted"


@pytest.mark.parametrize("version", ALL)
def test_m04_fr_06_the_stations_own_certificate_is_not_deleted(version):
    line = with_profile_3(version)
    leaf = chain.read(line.own)[0]
    assert line.delete(chain.hash_data(leaf, line.root.certificate)) == "Failed"


@pytest.mark.parametrize("version", ALL)
def test_m05_fr_10_to_14_a_replaced_root_is_the_fallback_until_the_new_one_works(version):
    line = Certified(version, connect=False, settings={"security_profile": "2", "root_check": "true"})
    server, _ = line.root.issue("csms", start=line.start)
    peer = chain.read(server)[0].public_bytes(serialization.Encoding.DER)
    line.core.connected(0.0, peer)
    line.pump()
    assert line.install(Maker("Stranger", start=line.start).pem) == "Rejected"
    new = Maker("New", line.root, start=line.start)
    assert line.install(new.pem) == "Accepted"
    line.lose()
    assert line.core.target().roots_pem == new.pem
    for _ in range(line.core.settings.number("network_attempts")):
        line.core.connect_failed("Certificate", "unknown authority", line.now)
    assert line.core.target().roots_pem == line.root.pem
    line.core.connected(line.now, peer)
    assert len(line.core.certificates.store) == 2
    line.lose()
    assert line.core.target().roots_pem == new.pem
    line.core.connected(line.now, peer)
    assert [e.pem for e in line.core.certificates.store] == [new.pem]


@pytest.mark.parametrize("version", [V201, V21])
def test_the_number_of_certificates_is_a_variable(version):
    line = Certified(version)
    name = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "CertificateEntries"}}
    answer = line.ask("GetVariables", {"getVariableData": [name]})
    assert answer["getVariableResult"][0]["attributeValue"] == "1"


@pytest.mark.parametrize("version", ALL)
def test_certificates_and_keys_survive_a_power_cut(version):
    line = with_profile_3(version)
    new = Line(version, storage=line.core.storage, settings={"security_profile": "3"})
    assert new.core.target().chain_pem == line.own
    assert new.core.target().key == line.core.certificates.own_for_csms().key
    assert new.core.target().roots_pem == line.root.pem
