"""Requests of vehicles for certificates, and what responders say, over a core with frames."""

import pytest
from msgspec.structs import replace

from support.station_line import V16, V21, V201, Line
from support.station_pki import DAY, Maker
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import EvseConfig, chain
from voltherd.station.ev_certificate import EvCertificateAnswer

URL = "http://ocsp.example"
WEEK = 7 * 86_400


@pytest.fixture(params=[V201, V21])
def line(request):
    line = Line(request.param)
    line.connect(0.0)
    return line


def answers(*remaining):
    """What a CSMS answers in turn."""
    left = list(remaining)

    def answer(_payload):
        count = left.pop(0)
        more = {} if count is None else {"remainingContracts": count}
        return {"status": "Accepted", "exiResponse": f"RESPONSE {count}", **more}

    return answer


def test_m01_fr_01_and_02_the_request_of_a_vehicle_is_passed_on(line):
    line.replies["Get15118EVCertificate"] = answers(None)
    heard = []
    line.core.ev_certificates.pass_on("REQUEST", heard.append)
    line.pump()
    assert line.of("Get15118EVCertificate") == [
        {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "REQUEST"}
    ]
    assert heard == [EvCertificateAnswer(True, "RESPONSE None")]


def test_m02_fr_01_an_update_is_passed_on_as_such(line):
    line.replies["Get15118EVCertificate"] = answers(None)
    line.core.ev_certificates.pass_on("REQUEST", [].append, action="Update")
    line.pump()
    assert line.of("Get15118EVCertificate")[0]["action"] == "Update"


def test_m01_fr_03_to_06_and_m02_fr_02_a_vehicle_of_iso_15118_20_gets_its_contracts_in_turn():
    line = Line(V21)
    line.connect(0.0)
    line.replies["Get15118EVCertificate"] = answers(2, 1, 0)
    heard = []
    line.core.ev_certificates.pass_on(
        "REQUEST", heard.append, action="Update", most_chains=3, emaids=("DE-ABC-C123",), schema="urn:iso:20"
    )
    line.pump()
    asked = line.of("Get15118EVCertificate")
    assert len(asked) == 3
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["maximumContractCertificateChains"] == 3
    assert asked[0]["prioritizedEMAIDs"] == ["DE-ABC-C123"]
    assert asked[0]["action"] == "Install"
    assert [answer.remaining for answer in heard] == [2, 1, 0]


def test_the_vehicle_is_told_when_nobody_answers(line):
    heard = []
    line.lose()
    line.core.ev_certificates.pass_on("REQUEST", heard.append)
    assert heard == [None]


def test_installation_may_be_switched_off():
    line = Line(V201, settings={"contract_installation": "false"})
    line.connect(0.0)
    heard = []
    line.core.ev_certificates.pass_on("REQUEST", heard.append)
    line.pump()
    assert heard == [None]
    assert line.of("Get15118EVCertificate") == []


def test_1_6_has_no_such_message():
    line = Line(V16)
    line.connect(0.0)
    heard = []
    line.core.ev_certificates.pass_on("REQUEST", heard.append)
    assert heard == [None]


@pytest.mark.parametrize(("status", "given"), [("Accepted", "RESPONSE"), ("Failed", None)])
def test_m01_fr_01_a_vehicle_at_the_cable_that_asks_is_answered(status, given):
    line = Line(V201, evses=(EvseConfig(),))
    line.hardware[1].rating = replace(line.hardware[1].rating, iso15118=True)
    line.replies["Get15118EVCertificate"] = {"status": status, "exiResponse": "RESPONSE"}
    line.connect(0.0)
    line.plug(Vehicle())
    assert line.of("Get15118EVCertificate") == []
    line.unplug()
    car = Vehicle(certificate_request="REQUEST")
    line.plug(car)
    line.present()
    assert [p["exiRequest"] for p in line.of("Get15118EVCertificate")] == ["REQUEST"]
    assert (car.certificate_request, car.certificate_answer) == (None, given)


# What responders say (M06) -------------------------------------------------------------------------------


class Stapling(Line):
    """A station with a V2G certificate under a sub-authority; both name a responder."""

    def __init__(self, version):
        super().__init__(version)
        start = self.core.clock.wall(0.0) - DAY
        self.root = Maker("V2G Root", start=start)
        self.sub = Maker("Sub", self.root, start=start)
        self.sub.certificate = self.root.sign(
            self.sub.name, self.sub.key.public_key(), ca=True, start=start, responder=URL
        )
        pem, key = self.sub.issue("CS-1", start=start, responder=URL)
        self.core.certificates.install("V2GRootCertificate", self.root.pem)
        self.core.certificates.store.install_own("V2GCertificate", pem, key, candidate=False)
        self.leaf = chain.read(pem)[0]
        self.replies["GetCertificateStatus"] = {"status": "Accepted", "ocspResult": "T0NTUA=="}

    @property
    def asked(self):
        return [p["ocspRequestData"]["serialNumber"] for p in self.of("GetCertificateStatus")]


@pytest.fixture(params=[V201, V21])
def stapling(request):
    line = Stapling(request.param)
    line.connect(0.0)
    return line


def test_m06_fr_06_the_status_of_the_v2g_certificate_and_its_intermediates_is_asked_and_kept(stapling):
    line = stapling
    serials = [f"{line.leaf.serial_number:x}", f"{line.sub.certificate.serial_number:x}"]
    assert line.asked == serials
    assert line.of("GetCertificateStatus")[0]["ocspRequestData"]["responderURL"] == URL
    assert [line.core.ev_certificates.ocsp(serial) for serial in serials] == ["T0NTUA=="] * 2


def test_m06_fr_10_it_is_refreshed_within_a_week(stapling):
    stapling.wait(WEEK - 10)
    assert len(stapling.asked) == 2
    stapling.wait(20)
    assert len(stapling.asked) == 4


def test_a_lost_connection_does_not_ask_anew(stapling):
    stapling.lose()
    stapling.connect()
    assert len(stapling.asked) == 2


def test_m06_fr_07_a_new_v2g_certificate_is_asked_about(stapling):
    line = stapling
    line.ask("TriggerMessage", {"requestedMessage": "SignV2GCertificate"})
    pem = line.sub.answer(line.of("SignCertificate")[-1]["csr"], start=line.core.clock.wall(0.0) - DAY, responder=URL)
    asked = {"certificateChain": pem, "certificateType": "V2GCertificate"}
    assert line.ask("CertificateSigned", asked)["status"] == "Accepted"
    assert f"{chain.read(pem)[0].serial_number:x}" in line.asked


def test_a_responder_that_cannot_be_asked_leaves_nothing(stapling):
    line = Stapling(V201)
    line.replies["GetCertificateStatus"] = {"status": "Failed"}
    line.connect(0.0)
    assert line.core.ev_certificates.ocsp(line.asked[0]) is None


# Chains of vehicles (M07) -------------------------------------------------------------------------------


class Judging(Line):
    """Knows the root of a mobility operator, whose contracts name a responder."""

    def __init__(self, version=V21, status="Good"):
        super().__init__(version)
        start = self.core.clock.wall(0.0) - DAY
        self.root = Maker("MO Root", start=start)
        self.core.certificates.install("MORootCertificate", self.root.pem)
        self.contract, _ = self.root.issue("DE-ABC-C123", start=start, responder=URL)
        self.status = status
        self.next_update_s = 3600.0
        self.replies["GetCertificateChainStatus"] = self.answer
        self.connect(0.0)

    def answer(self, payload):
        until = self.core.clock.text(self.now + self.next_update_s)
        return {
            "certificateStatus": [
                {
                    "certificateHashData": one["certificateHashData"],
                    "source": "OCSP",
                    "status": self.status,
                    "nextUpdate": until,
                }
                for one in payload["certificateStatusRequests"]
            ]
        }

    def judge(self):
        heard = []
        self.core.ev_certificates.check_chain(self.contract, heard.append)
        self.pump()
        return heard


@pytest.mark.parametrize("status", ["Good", "Revoked", "Unknown", "Failed"])
def test_m07_fr_11_the_status_of_a_contract_is_asked(status):
    line = Judging(status=status)
    assert line.judge() == [status]
    [asked] = line.of("GetCertificateChainStatus")[0]["certificateStatusRequests"]
    assert (asked["source"], asked["urls"]) == ("OCSP", [URL])


def test_m07_fr_10_what_is_known_is_not_asked_again_until_its_time_is_over():
    line = Judging()
    line.judge()
    line.wait(3500)
    assert line.judge() == ["Good"]
    assert len(line.of("GetCertificateChainStatus")) == 1
    line.wait(200)
    line.judge()
    assert len(line.of("GetCertificateChainStatus")) == 2


def test_m07_fr_09_nothing_is_known_for_longer_than_a_week():
    line = Judging()
    line.next_update_s = 10 * WEEK
    line.judge()
    line.wait(WEEK + 10)
    line.judge()
    assert len(line.of("GetCertificateChainStatus")) == 2


def test_nothing_is_decided_where_nobody_can_be_asked():
    line = Judging(V201)
    assert line.judge() == [None]
    line = Judging()
    line.lose()
    assert line.judge() == [None]


def test_a_chain_that_cannot_be_read_fails():
    line = Judging()
    line.contract = "nonsense"
    assert line.judge() == ["Failed"]
