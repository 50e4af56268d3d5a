"""OCPP 2.0.1, block A: passwords, TLS, certificates of the station, security profiles."""

import re
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.pki import Root
from conformance.stations.v2 import all_connectors, configure, put, rebooted, value_of
from conformance.stations.v2_secure import (
    asked_to_sign,
    install_root,
    move,
    password_of,
    prefer,
    renewed,
    set_way,
)

official = partial(case, version="2.0.1")
Make = Callable[..., Awaitable[Csms]]


@pytest.fixture
async def another(csms: Csms, cold: Hand) -> AsyncIterator[Make]:
    """Makes a second CSMS, with TLS."""
    made: list[Csms] = []

    async def make(tls: ssl.SSLContext) -> Csms:
        other = Csms(csms.version, now=cold.clock.now, time=cold.time, tls=tls)
        await other.start()
        made.append(other)
        return other

    yield make
    cold.follow(csms)
    await cold.power_off()
    for other in made:
        await other.stop()
    broken = [found for other in made for found in other.violations]
    assert not broken, "; ".join(broken)


@official("TC_A_01_CS", "The station signs in with its identity and its password")
async def test_tc_a_01_cs_password(csms: Csms, cold: Hand) -> None:
    await cold.booted()
    [attempt] = csms.attempts
    user, password = password_of(attempt)
    assert user == attempt.path.rpartition("/")[2]
    assert 16 <= len(password) <= 40
    assert re.fullmatch(r"[A-Za-z0-9*\-_=:+|@.]+", password)


@official("TC_A_09_CS", "A new password is used from then on")
async def test_tc_a_09_cs_new_password(csms: Csms, station: Hand) -> None:
    result = await put(csms, "SecurityCtrlr.BasicAuthPassword", "NewPassword-0123456789")
    assert result["attributeStatus"] in ("Accepted", "RebootRequired")
    if result["attributeStatus"] == "RebootRequired":
        assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await station.meanwhile(csms.attempted(2))
    assert password_of(csms.attempts[-1])[1] == "NewPassword-0123456789"
    await station.meanwhile(csms.connected(2))


@official("TC_A_10_CS", "A password that is too short is rejected, and the old one used on")
async def test_tc_a_10_cs_short_password(csms: Csms, station: Hand) -> None:
    result = await put(csms, "SecurityCtrlr.BasicAuthPassword", "short")
    assert result["attributeStatus"] == "Rejected"
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(csms, station)
    assert password_of(csms.attempts[-1]) == password_of(csms.attempts[0])


@official("TC_A_04_CS", "Over TLS the station verifies the CSMS, and signs in with its password")
@pytest.mark.parametrize(
    "cipher",
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "",
    ],
)
async def test_tc_a_04_cs_tls(csms: Csms, station: Hand, another: Make, tmp_path: Path, cipher: str) -> None:
    root = Root("CSMS")
    context = root.server(tmp_path, rsa_key=cipher.startswith("AES"))
    if cipher:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
    other = await another(context)
    await install_root(csms, root)
    await move(csms, station, other, 2)
    await all_connectors(other)
    user, _ = password_of(other.attempts[-1])
    assert user == "CS-1"
    assert other.attempts[-1].cipher == cipher or not cipher


@official("TC_A_05_CS", "A CSMS whose certificate is not valid is left, and that is noted")
@pytest.mark.parametrize("wrong", ["unknown", "expired", "name"])
async def test_tc_a_05_cs_invalid_certificate(
    csms: Csms, station: Hand, another: Make, tmp_path: Path, wrong: str
) -> None:
    root = Root("CSMS")
    good = root.server(tmp_path)
    bad = {
        "unknown": lambda: Root("Somebody").server(tmp_path),
        "expired": lambda: root.server(tmp_path, days=-1),
        "name": lambda: root.server(tmp_path, host="csms.example"),
    }[wrong]()
    first = iter([bad])
    good.sni_callback = lambda socket, _name, _context: setattr(socket, "context", next(first, good))
    other = await another(good)
    await install_root(csms, root)
    await configure(csms, OCPPCommCtrlr__NetworkProfileConnectionAttempts=2)
    await move(csms, station, other, 2)
    assert next(first, None) is None, "the wrong certificate was not shown"
    await all_connectors(other)
    await other.expect("SecurityEventNotification", type="InvalidCsmsCertificate")


@official("TC_A_06_CS", "A CSMS that speaks an old TLS is left")
async def test_tc_a_06_cs_old_tls(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    root = Root("CSMS")
    old = root.server(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    other = await another(old)
    await install_root(csms, root)
    await configure(csms, OCPPCommCtrlr__NetworkProfileConnectionAttempts=1)
    assert await set_way(csms, other.url, 2) == "Accepted"
    assert await prefer(csms, "2,1") in ("Accepted", "RebootRequired")
    assert (await csms.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(csms, station)
    assert other.lines == 0
    await csms.expect("SecurityEventNotification", type={"StartupOfTheDevice", "ResetOrReboot"})


@official("TC_A_07_CS", "In profile 3 the station shows its certificate, and no password")
async def test_tc_a_07_cs_client_certificate(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    root = Root("CSMS")
    other = await another(root.server(tmp_path, clients=root))
    await install_root(csms, root)
    own = await renewed(csms, root)
    await move(csms, station, other, 3)
    await all_connectors(other)
    attempt = other.attempts[-1]
    assert attempt.common_name == own.common_name == "SN-0001"
    assert "Authorization" not in attempt.headers


@official("TC_A_11_CS", "The station asks for a certificate of its own, and takes it")
async def test_tc_a_11_cs_renewed(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install_root(csms, root)
    await renewed(csms, root)


@official("TC_A_12_CS", "The station asks for a certificate for vehicles, and takes it")
async def test_tc_a_12_cs_for_vehicles(csms: Csms, station: Hand) -> None:
    root = Root("V2G")
    answer = await csms.call("InstallCertificate", certificateType="V2GRootCertificate", certificate=root.pem)
    assert answer["status"] == "Accepted"
    await renewed(csms, root, kind="V2GCertificate", message="SignV2GCertificate")


@official("TC_A_14_CS", "A certificate that is not for the station is rejected, and that is noted")
async def test_tc_a_14_cs_wrong_certificate(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install_root(csms, root)
    await asked_to_sign(csms)
    wrong, _ = Root("Somebody").issued("SN-0001")
    answer = await csms.call("CertificateSigned", certificateChain=wrong, certificateType="ChargingStationCertificate")
    assert answer["status"] == "Rejected"
    await csms.expect("SecurityEventNotification", type="InvalidChargingStationCertificate")


@official("TC_A_15_CS", "A request that is rejected is not repeated at once")
async def test_tc_a_15_cs_rejected(csms: Csms, station: Hand) -> None:
    await asked_to_sign(csms, answer="Rejected")
    await station.pass_time(30)
    await csms.none("SignCertificate")


@official("TC_A_23_CS", "A certificate that does not come is asked for again, ever more slowly")
async def test_tc_a_23_cs_asks_again(csms: Csms, station: Hand) -> None:
    root = Root("CSMS")
    await install_root(csms, root)
    await configure(csms, SecurityCtrlr__CertSigningWaitMinimum=30, SecurityCtrlr__CertSigningRepeatTimes=2)
    await asked_to_sign(csms)
    first = next(c for c in csms.calls if c.action == "SignCertificate")
    second = await station.meanwhile(csms.expect("SignCertificate"), step_s=1)
    third = await station.meanwhile(csms.expect("SignCertificate"), step_s=1)
    assert 30 <= second.at - first.at <= 34
    assert 60 <= third.at - second.at <= 64
    answer = await csms.call(
        "CertificateSigned",
        certificateChain=root.signed(third["csr"]),
        certificateType="ChargingStationCertificate",
    )
    assert answer["status"] == "Accepted"


@official("TC_A_19_CS", "A higher security profile is taken, told, and the lower one forgotten")
@pytest.mark.parametrize("profile", [2, 3])
async def test_tc_a_19_cs_upgraded(csms: Csms, station: Hand, another: Make, tmp_path: Path, profile: int) -> None:
    root = Root("CSMS")
    other = await another(root.server(tmp_path, clients=root if profile == 3 else None))
    await install_root(csms, root)
    if profile == 3:
        await renewed(csms, root)
    await move(csms, station, other, profile)
    assert await value_of(other, "SecurityCtrlr.SecurityProfile") == str(profile)
    order = await value_of(other, "OCPPCommCtrlr.NetworkConfigurationPriority")
    assert order is not None
    assert "1" not in order.split(",")


@official("TC_A_20_CS", "Without a root of the CSMS a profile with TLS is not preferred")
async def test_tc_a_20_cs_no_root(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    other = await another(Root("CSMS").server(tmp_path))
    assert await set_way(csms, other.url, 2) == "Accepted"
    assert await prefer(csms, "2,1") == "Rejected"


@official("TC_A_21_CS", "Without a certificate of its own profile 3 is not preferred")
async def test_tc_a_21_cs_no_certificate(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    root = Root("CSMS")
    other = await another(root.server(tmp_path))
    await install_root(csms, root)
    assert await set_way(csms, other.url, 3) == "Accepted"
    assert await prefer(csms, "2,1") == "Rejected"


@official("TC_A_22_CS", "A lower security profile is rejected")
async def test_tc_a_22_cs_downgrade(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    root = Root("CSMS")
    other = await another(root.server(tmp_path))
    await install_root(csms, root)
    await move(csms, station, other, 2)
    assert await set_way(other, csms.url, 1, slot=1) == "Rejected"


@official("TC_B_50_CS", "Another CSMS with another root is taken after a restart")
async def test_tc_b_50_cs_another_root(csms: Csms, station: Hand, another: Make, tmp_path: Path) -> None:
    old, new = Root("Old"), Root("New")
    first, second = await another(old.server(tmp_path)), await another(new.server(tmp_path))
    await install_root(csms, old)
    await move(csms, station, first, 2)
    await install_root(first, new)
    assert await set_way(first, second.url, 2, slot=3) == "Accepted"
    assert await prefer(first, "3,2") in ("Accepted", "RebootRequired")
    assert (await first.call("Reset", type="OnIdle"))["status"] == "Accepted"
    station.follow(second)
    await rebooted(second, station)
    await all_connectors(second)


async def _with_two_roots(
    csms: Csms, cold: Hand, another: Make, tmp_path: Path
) -> tuple[Csms, Root, Root, dict[str, ssl.SSLContext]]:
    """Go to a CSMS with the old root, install the one that is to follow; what the CSMS shows is in the last."""
    await cold.booted(settings={"root_check": "true"})
    old = Root("Old")
    new = Root("New", above=old)
    contexts = {"old": old.server(tmp_path), "new": new.server(tmp_path)}
    outside = old.server(tmp_path)
    shown = {"now": contexts["old"]}
    outside.sni_callback = lambda socket, _name, _context: setattr(socket, "context", shown["now"])
    other = await another(outside)
    await install_root(csms, old)
    await move(csms, cold, other, 2)
    await install_root(other, new)
    return other, old, new, contexts | shown | {"holder": outside}


async def _roots(csms: Csms) -> list[dict[str, str]]:
    answer = await csms.call("GetInstalledCertificateIds", certificateType=["CSMSRootCertificate"])
    return [one["certificateHashData"] for one in answer.get("certificateHashDataChain", [])]


@pytest.mark.parametrize(
    "shows",
    [
        pytest.param(
            "new",
            marks=official("TC_M_30_CS", "A CSMS that shows a certificate of the new root: the old one is forgotten"),
            id="TC_M_30_CS",
        ),
        pytest.param(
            "old",
            marks=official("TC_M_31_CS", "A CSMS that goes on with the old root is found all the same"),
            id="TC_M_31_CS",
        ),
    ],
)
async def test_new_root(csms: Csms, cold: Hand, another: Make, tmp_path: Path, shows: str) -> None:
    other, old, _new, contexts = await _with_two_roots(csms, cold, another, tmp_path)
    if shows == "new":
        contexts["holder"].sni_callback = lambda socket, _n, _c: setattr(socket, "context", contexts["new"])
    assert (await other.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(other, cold)
    await other.settle()
    serials = {one["serialNumber"].lower().lstrip("0") for one in await _roots(other)}
    assert (f"{old.certificate.serial_number:x}" in serials) is (shows == "old")


@official("TC_B_47_CS", "A new CSMS that does not answer, with a new root: the old one is found again")
async def test_tc_b_47_cs_falls_back_to_the_old_root(csms: Csms, cold: Hand, another: Make, tmp_path: Path) -> None:
    first, _old, new, _contexts = await _with_two_roots(csms, cold, another, tmp_path)
    second = await another(new.server(tmp_path))
    second.refusing = True
    await configure(first, OCPPCommCtrlr__NetworkProfileConnectionAttempts=1)
    assert await set_way(first, second.url, 2, slot=3) == "Accepted"
    assert await prefer(first, "3,2") in ("Accepted", "RebootRequired")
    assert (await first.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await rebooted(first, cold)
    assert second.lines == 0
    assert second.attempts
