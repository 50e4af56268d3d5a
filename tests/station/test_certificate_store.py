"""What stations trust, what they show, and what they ask certificates for."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from support.station_pki import DAY, NOW, Maker, hash_of, name_of
from voltherd.station import chain, keys
from voltherd.station.certificate_store import CertificateStore, InUse, NotFound, Refused
from voltherd.station.chain import BadCertificate, HashData

CSMS, CS = "CSMSRootCertificate", "ChargingStationCertificate"


class Kept(dict):
    def __call__(self, name, data):
        if data is None:
            del self[name]
        else:
            self[name] = data


def store_with(*roots, use=CSMS, kept=None):
    store = CertificateStore(keep=kept if kept is not None else Kept())
    for root in roots:
        store.install_root(use, root.pem, NOW, limit=10)
    return store


def judge(store, pem, key, *, common_name="CS-1", organization="", at=NOW):
    return store.check_own(pem, key, issuers=CSMS, at=at, common_name=common_name, organization=organization)


# Keys and requests -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["secp256r1", "secp384r1", "rsa2048"])
def test_a02_fr_03_a_request_names_serial_number_and_owner_and_is_signed_with_its_own_key(kind):
    key = keys.generate(kind)
    request = x509.load_pem_x509_csr(keys.signing_request(key, common_name="CS-1", organization="Acme").encode())
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "CN=CS-1,O=Acme"
    assert len(keys.signing_request(key, common_name="C" * 48, organization="O" * 60)) <= 5500
    assert keys.to_pem(key).startswith(b"-----BEGIN PRIVATE KEY")


def test_a00_fr_502_and_503_weak_keys_are_refused():
    with pytest.raises(keys.BadKey, match="1024"):
        keys.check_strength(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())
    with pytest.raises(keys.BadKey, match="192"):
        keys.check_strength(ec.generate_private_key(ec.SECP192R1()).public_key())
    weak = Maker(key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    with pytest.raises(Refused, match="1024"):
        CertificateStore().install_root(CSMS, weak.pem, NOW, limit=5)


# Chains ------------------------------------------------------------------------------------------


def test_a02_fr_06_a_chain_leads_over_intermediates_to_an_installed_root():
    root = Maker()
    sub = Maker("Sub", root)
    key = keys.generate()
    pem = sub.answer(keys.signing_request(key, common_name="CS-1"))
    path = judge(store_with(root), pem, key)
    assert [chain.common_name(one) for one in path] == ["CS-1", "Sub"]


@pytest.mark.parametrize("with_root", [False, True])
def test_a02_fr_06_the_root_may_come_along(with_root):
    root, key = Maker(), keys.generate()
    pem = root.answer(keys.signing_request(key, common_name="CS-1"))
    assert len(judge(store_with(root), pem + (root.pem if with_root else ""), key)) == 1


def test_a02_fr_07_wrong_certificates_are_found_out():
    root, other, key = Maker(), Maker("Other"), keys.generate()
    csr = keys.signing_request(key, common_name="CS-1")
    store = store_with(root)
    for wrong, reason in [
        ("nonsense", "cannot be read"),
        (other.answer(csr), "Nobody trusted"),
        (root.answer(keys.signing_request(keys.generate(), common_name="CS-1")), "not for the key"),
        (root.answer(keys.signing_request(key, common_name="CS-2")), "CS-2"),
        (root.answer(csr, start=NOW - 5 * DAY, days=4), "expired"),
        (root.answer(csr, start=NOW + DAY), "not valid before"),
        (Maker("Sub", root, ca=False).answer(csr), "no certificate authority"),
        (Maker("Sub2", Maker("Sub", root, path_length=0)).answer(csr), "Nobody trusted"),
    ]:
        with pytest.raises(BadCertificate, match=reason):
            judge(store, wrong, key)


def test_a00_fr_509_the_owner_must_be_the_one_asked_for():
    root, key = Maker(), keys.generate()
    pem = root.answer(keys.signing_request(key, common_name="CS-1"))
    with pytest.raises(BadCertificate, match="Acme"):
        judge(store_with(root), pem, key, organization="Acme")
    pem = root.answer(keys.signing_request(key, common_name="CS-1", organization="Acme"))
    assert judge(store_with(root), pem, key, organization="Acme")


def test_path_lengths_are_kept():
    root, key = Maker(), keys.generate()
    tight = Maker("Tight", root, path_length=0)
    sub = Maker("Sub", tight)
    pem = sub.answer(keys.signing_request(key, common_name="CS-1")) + tight.pem
    with pytest.raises(BadCertificate, match="too long"):
        judge(store_with(root), pem, key)


def test_certificates_that_sign_each_other_end_nowhere():
    one = Maker("One", ca=True)
    two = Maker("Two", one)
    back = two.sign(one.name, one.key.public_key(), ca=True)
    with pytest.raises(BadCertificate):
        chain.verify([two.certificate, back, two.certificate], [Maker("Root").certificate], NOW)


# Installing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [CSMS, "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate"])
def test_m05_fr_02_a_root_is_installed_for_its_use_only(use):
    store = store_with(Maker(), use=use)
    assert [listed.use for listed in store.listed([use])] == [use]
    others = {CSMS, "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate"} - {use}
    assert store.listed(others) == []


def test_m05_fr_07_invalid_roots_are_refused():
    root = Maker()
    for wrong in [
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        Maker(start=NOW - 9 * DAY, days=8).pem,
        Maker(start=NOW + DAY).pem,
        chain.to_pem([root.sign(name_of("leaf"), root.key.public_key())]),
        root.pem + root.pem,
    ]:
        with pytest.raises(Refused):
            CertificateStore().install_root(CSMS, wrong, NOW, limit=5)


def test_m05_fr_06_there_is_room_for_so_many():
    store = store_with(Maker("A"), Maker("B"))
    with pytest.raises(Refused, match="room for 2"):
        store.install_root(CSMS, Maker("C").pem, NOW, limit=2)


def test_m05_fr_17_what_is_there_already_is_replaced_even_without_room():
    root = Maker()
    store = store_with(root)
    store.install_root(CSMS, root.pem, NOW, limit=1)
    assert len(store) == 1


def test_m05_fr_10_to_13_a_new_csms_root_must_be_signed_by_the_old_which_stays_until_it_works():
    old = Maker("Old")
    new = Maker("New", old)
    store = store_with(old)
    with pytest.raises(Refused, match="not signed"):
        store.install_root(CSMS, Maker("Stranger").pem, NOW, limit=5, signed_by_predecessor=True)
    store.install_root(CSMS, new.pem, NOW, limit=5, signed_by_predecessor=True)
    assert store.roots(CSMS, "InForce") == [new.certificate]
    assert store.roots(CSMS, "Fallback") == [old.certificate]
    assert store.roots_pem(CSMS, fallback=False) == new.pem
    assert store.drop_fallback_roots()
    assert store.roots(CSMS) == [new.certificate]
    assert not store.drop_fallback_roots()


def test_m05_fr_09_the_first_csms_root_needs_no_predecessor():
    store = CertificateStore()
    store.install_root(CSMS, Maker().pem, NOW, limit=5, signed_by_predecessor=True)
    assert len(store.roots(CSMS, "InForce")) == 1


# The station's own --------------------------------------------------------------------------------


def own(store, maker, *, candidate=False, use=CS, **more):
    key = keys.generate()
    pem = maker.answer(keys.signing_request(key, common_name="CS-1"), **more)
    store.install_own(use, pem, key, candidate=candidate)
    return pem


def test_a02_fr_10_a_new_certificate_displaces_the_old_one_when_it_works():
    store, root = store_with(Maker()), Maker()
    own(store, root)
    new = own(store, root, candidate=True)
    assert store.own(CS, NOW).pem == new
    assert store.settle(CS, candidate_works=True)
    assert [entry.pem for entry in store.own_in_force(CS)] == [new]
    assert not store.settle(CS, candidate_works=True)


def test_a02_fr_28_the_old_certificate_serves_when_the_new_does_not():
    store, root = store_with(Maker()), Maker()
    old = own(store, root)
    own(store, root, candidate=True)
    store.settle(CS, candidate_works=False)
    assert store.own(CS, NOW).pem == old


def test_a02_fr_15_of_two_v2g_certificates_the_newest_is_used():
    store, one, two = store_with(), Maker("V2G 1"), Maker("V2G 2")
    own(store, one, use="V2GCertificate")
    newest = own(store, two, use="V2GCertificate", start=NOW - DAY / 2)
    own(store, one, use="V2GCertificate", start=NOW - 2 * DAY)
    assert store.own("V2GCertificate", NOW).pem == newest
    assert len(store.own_in_force("V2GCertificate")) == 2


def test_a00_fr_430_an_expired_certificate_is_still_shown():
    store = store_with()
    pem = own(store, Maker(), start=NOW - 9 * DAY, days=8)
    assert store.own(CS, NOW).pem == pem
    assert not store.has_valid_own(CS, NOW)


def test_of_1_6_a02_fr_08_a_certificate_is_used_once_it_is_valid():
    store, root = store_with(), Maker()
    old = own(store, root)
    new = own(store, root, candidate=True, start=NOW + DAY)
    assert store.own(CS, NOW).pem == old
    assert store.own(CS, NOW + 2 * DAY).pem == new


# Listing and deleting -------------------------------------------------------------------------------


def test_m03_fr_04_certificates_are_listed_with_the_hashes_of_ocsp():
    root = Maker()
    listed = store_with(root).listed([CSMS])[0].hash_data
    assert listed.algorithm == "SHA256"
    assert len(listed.issuer_name_hash) == len(listed.issuer_key_hash) == 64
    assert int(listed.serial_number, 16) == root.certificate.serial_number


def test_m03_fr_05_intermediates_are_children_of_the_v2g_certificate():
    root = Maker("V2G Root")
    sub2 = Maker("Sub 2", Maker("Sub 1", root))
    store = store_with(root, use="V2GRootCertificate")
    key = keys.generate()
    pem = sub2.answer(keys.signing_request(key, common_name="CS-1")) + sub2.above.pem
    store.install_own("V2GCertificate", pem, key, candidate=False)
    listed = store.listed(["V2GCertificate"])[0]
    leaf = chain.read(pem)[0]
    assert listed.hash_data == chain.hash_data(leaf, sub2.certificate)
    assert listed.children == (hash_of(sub2), hash_of(sub2.above))


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_m04_fr_02_a_certificate_is_deleted_by_its_hashes_whatever_their_algorithm(algorithm):
    one, two = Maker("One"), Maker("Two")
    store = store_with(one, two)
    assert store.delete(hash_of(one, algorithm)) == CSMS
    assert store.roots(CSMS) == [two.certificate]


def test_m04_fr_02_hashes_are_compared_without_case_and_leading_zeros():
    root = Maker()
    plain = hash_of(root)
    store = store_with(root)
    store.delete(
        HashData(
            algorithm="SHA256",
            issuer_name_hash=plain.issuer_name_hash.upper(),
            issuer_key_hash=plain.issuer_key_hash,
            serial_number="00" + plain.serial_number.upper(),
        )
    )
    assert len(store) == 0


def test_m04_fr_04_an_unknown_certificate_is_not_found():
    store = store_with(Maker())
    with pytest.raises(NotFound):
        store.delete(hash_of(Maker()))
    assert len(store) == 1


def test_m04_fr_06_the_stations_certificate_cannot_be_deleted():
    root = Maker()
    store = store_with(root)
    leaf = chain.read(own(store, root))[0]
    with pytest.raises(InUse):
        store.delete(chain.hash_data(leaf, root.certificate))
    assert store.own(CS, NOW)


def test_of_1_6_m04_fr_06_the_root_in_use_cannot_be_deleted():
    root = Maker()
    store = store_with(root)
    with pytest.raises(InUse):
        store.delete(hash_of(root), in_use=lambda one: one == root.certificate)
    assert len(store) == 1


def test_m04_fr_08_deleting_an_intermediate_of_a_v2g_chain_deletes_the_chain():
    root = Maker("V2G Root")
    sub = Maker("Sub", root)
    store = store_with(root, use="V2GRootCertificate")
    own(store, sub, use="V2GCertificate")
    assert store.delete(hash_of(sub)) == "V2GCertificate"
    assert store.own("V2GCertificate", NOW) is None


def test_what_is_installed_survives_a_power_cut():
    kept, root = Kept(), Maker()
    store = store_with(root, kept=kept)
    pem = own(store, root)
    own(store, root, candidate=True)
    store.settle(CS, candidate_works=False)
    store.install_root("MORootCertificate", Maker("MO").pem, NOW, limit=5)
    store.delete(store.listed(["MORootCertificate"])[0].hash_data)
    again = CertificateStore(dict(kept))
    assert again.roots(CSMS) == [root.certificate]
    assert again.own(CS, NOW).pem == pem
    assert keys.load(again.own(CS, NOW).key)
    assert len(again) == len(kept) == 2
