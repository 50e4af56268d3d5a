"""Contracts of vehicles instead of cards, over a core with frames."""

import pytest
from msgspec.structs import replace

from support.station_line import V16, V21, V201, Line
from support.station_pki import DAY, Maker
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import EvseConfig, chain

EMAID = "DEABCC12345678"
URL = "http://ocsp.example"


class Contracting(Line):
    """A station whose EVSE hears contracts; `car` has one under a sub-authority of a mobility operator."""

    def __init__(self, version, *, trusted=True, **settings):
        super().__init__(version, evses=(EvseConfig(),), settings=settings)
        self.hardware[1].rating = replace(self.hardware[1].rating, iso15118=True)
        start = self.core.clock.wall(0.0) - DAY
        self.root = Maker("MO Root", start=start)
        self.sub = Maker("Sub", self.root, start=start)
        self.sub.certificate = self.root.sign(
            self.sub.name, self.sub.key.public_key(), ca=True, start=start, responder=URL
        )
        self.contract, _ = self.sub.issue(EMAID, start=start, responder=URL)
        if trusted:
            self.core.certificates.install("MORootCertificate", self.root.pem)
        self.accept()
        self.connect(0.0)

    def accept(self, status="Accepted", certificate="Accepted"):
        self.replies["Authorize"] = {"idTokenInfo": {"status": status}, "certificateStatus": certificate}

    def come(self, pem=None, **more):
        car = Vehicle(evcc_id="AA:BB", emaid=EMAID, contract_chain_pem=pem or self.contract, **more)
        self.plug(car)
        self.wait(1.0)

    @property
    def charges(self):
        return self.core.evses[1].permission is not None


@pytest.fixture(params=[V201, V21])
def version(request):
    return request.param


def test_c07_fr_01_and_02_the_contract_is_shown_by_its_hashes(version):
    line = Contracting(version)
    line.come()
    [asked] = line.of("Authorize")
    assert (asked["idToken"]["idToken"], asked["idToken"]["type"]) == (EMAID, "eMAID")
    leaf, sub = chain.read(line.contract)
    serials = [one["serialNumber"] for one in asked["iso15118CertificateHashData"]]
    assert serials == [f"{leaf.serial_number:x}", f"{sub.serial_number:x}"]
    assert {one["responderURL"] for one in asked["iso15118CertificateHashData"]} == {URL}
    assert "certificate" not in asked
    assert line.charges


@pytest.mark.parametrize(
    ("status", "certificate"), [("Invalid", "ContractCancelled"), ("Accepted", "CertificateRevoked")]
)
def test_a_contract_that_the_csms_does_not_accept_charges_nothing(version, status, certificate):
    line = Contracting(version)
    line.accept(status, certificate)
    line.come()
    assert not line.charges
    line.wait(100.0)
    assert len(line.of("Authorize")) == 1


def test_c07_fr_06_without_a_root_the_chain_is_passed_on_where_that_is_allowed(version):
    line = Contracting(version, trusted=False, central_validation="true")
    line.come()
    [asked] = line.of("Authorize")
    assert asked["certificate"] == line.contract
    assert "iso15118CertificateHashData" not in asked
    assert line.charges


def test_without_a_root_nobody_is_asked_where_the_chain_may_not_be_passed_on(version):
    line = Contracting(version, trusted=False)
    line.come()
    assert line.of("Authorize") == []
    assert not line.charges


def test_c07_fr_07_offline_no_contract_charges_where_that_is_not_set(version):
    line = Contracting(version, offline_validation="false", offline_unknown="true")
    line.lose()
    line.come()
    assert not line.charges


def test_c07_fr_08_and_12_offline_a_valid_contract_charges_like_an_unknown_card(version):
    line = Contracting(version, offline_unknown="true")
    line.lose()
    line.come()
    assert line.charges
    refusing = Contracting(version, offline_unknown="false")
    refusing.lose()
    refusing.come()
    assert not refusing.charges


def test_c07_fr_11_offline_the_cache_knows_the_contract(version):
    line = Contracting(version, offline_unknown="false", authorize_offline="true", cache_enabled="true")
    line.come()
    line.unplug()
    line.lose()
    line.come()
    assert line.charges


@pytest.mark.parametrize("wrong", ["stranger", "expired"])
def test_c07_fr_08_offline_a_contract_that_is_not_valid_charges_nothing(version, wrong):
    line = Contracting(version, offline_unknown="true")
    start = line.core.clock.wall(0.0) - 5 * DAY
    maker = Maker("Stranger", start=start) if wrong == "stranger" else line.root
    pem, _ = maker.issue(EMAID, start=start, days=2)
    line.lose()
    line.come(pem)
    assert not line.charges


def test_plug_and_charge_may_be_switched_off(version):
    line = Contracting(version, plug_and_charge="false")
    line.come()
    assert line.of("Authorize") == []


def test_the_next_vehicle_shows_its_contract_too(version):
    line = Contracting(version)
    line.come()
    line.unplug()
    line.come()
    assert len(line.of("Authorize")) == 2


def test_a_contract_that_cannot_be_read_charges_nothing(version):
    line = Contracting(version)
    line.come("nonsense")
    assert line.of("Authorize") == []
    assert not line.charges


def test_a_card_that_came_first_is_not_overruled(version):
    line = Contracting(version)
    line.present()
    line.come()
    assert [p["idToken"]["type"] for p in line.of("Authorize")] == ["ISO14443"]


def test_1_6_asks_with_the_contract_as_a_tag():
    line = Contracting(V16)
    del line.replies["Authorize"]
    line.come()
    assert line.of("Authorize") == [{"idTag": EMAID}]
    assert line.charges
