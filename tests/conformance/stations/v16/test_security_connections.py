"""OCPP 1.6, security whitepaper: passwords, TLS and security profiles of the connection."""

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from conformance.cases import case
from conformance.stations.csms import Attempt, Csms
from conformance.stations.hand import Hand
from conformance.stations.pki import Root
from conformance.stations.v16_words import Session, change, read

official = partial(case, version="1.6", block="Security")
NEW_KEY = "00112233445566778899AABBCCDDEEFF01234567"


@pytest.fixture
def root() -> Root:
    """Who signs for the central system, and for its stations."""
    return Root("Central System Root")


@asynccontextmanager
async def _behind_tls(plain: Csms, station: Hand, context: ssl.SSLContext) -> AsyncIterator[Csms]:
    """A central system behind TLS, to which the station is to go from security profile 2 on."""
    secure = Csms(plain.version, now=station.clock.now, time=station.time, tls=context)
    await secure.start()
    try:
        await station.booted(tls_url=secure.url)
        yield secure
    finally:
        await station.power_off()
        await secure.stop()
        plain.violations += secure.violations


def _credentials(attempt: Attempt) -> tuple[str, bytes] | None:
    kind, _, value = attempt.headers.get("Authorization", "").partition(" ")
    assert kind in ("", "Basic")
    user, _, password = base64.b64decode(value).partition(b":")
    return (user.decode(), password) if kind else None


async def _trusts(csms: Csms, root: Root) -> None:
    answer = await csms.call("InstallCertificate", certificateType="CentralSystemRootCertificate", certificate=root.pem)
    assert answer["status"] == "Accepted"


async def _upgraded(csms: Csms, station: Hand, secure: Csms, profile: int = 2) -> Attempt:
    """Raise the security profile; gives the handshake of the connection that it then makes."""
    assert await change(csms, "SecurityProfile", str(profile)) == "Accepted"
    csms.refusing = True
    attempt = await station.meanwhile(secure.attempted(1))
    assert attempt.accepted
    station.follow(secure)
    await secure.connected()
    await csms.disconnected()
    return attempt


@official("TC_085_CS", "It shows its identity and its password, and is let in")
async def test_tc_085_cs_password(csms: Csms, cold: Hand) -> None:
    await cold.booted()
    [attempt] = csms.attempts
    assert attempt.path.endswith(f"/{cold.config.identity}")
    assert _credentials(attempt) == (cold.config.identity, b"DefaultPassword1234")


@official("TC_073_CS", "A new password is used from then on, with a new connection, and over a power cut")
async def test_tc_073_cs_new_password(csms: Csms, station: Hand) -> None:
    assert await change(csms, "AuthorizationKey", NEW_KEY) == "Accepted"
    attempt = await station.meanwhile(csms.attempted(2))
    wanted = (station.config.identity, bytes.fromhex(NEW_KEY))
    assert _credentials(attempt) == wanted
    await csms.connected(2)
    assert "value" not in await read(csms, "AuthorizationKey")
    await station.power_cut()
    assert _credentials(await csms.attempted(3)) == wanted


@official("TC_073_CS", "A password that is too short is refused, and the old one stays")
async def test_tc_073_cs_short_password(csms: Csms, station: Hand) -> None:
    assert await change(csms, "AuthorizationKey", "0011") == "Rejected"
    await csms.close()
    assert _credentials(await station.meanwhile(csms.attempted(2))) == _credentials(csms.attempts[0])


@official("TC_083_CS", "Raised to a higher security profile it comes back over TLS, and only so from then on")
async def test_tc_083_cs_upgrade(csms: Csms, cold: Hand, root: Root, tmp_path: Path) -> None:
    async with _behind_tls(csms, cold, root.server(tmp_path)) as secure:
        await _trusts(csms, root)
        attempt = await _upgraded(csms, cold, secure)
        assert _credentials(attempt) == (cold.config.identity, b"DefaultPassword1234")
        assert (await read(secure, "SecurityProfile"))["value"] == "2"
        csms.refusing = False
        before = len(csms.attempts)
        await cold.power_cut()
        await secure.expect("BootNotification")
        assert len(csms.attempts) == before, "it came without TLS again"


@official("TC_083_CS", "Without a root of the central system there is no higher security profile")
async def test_tc_083_cs_no_root(csms: Csms, station: Hand) -> None:
    assert await change(csms, "SecurityProfile", "2") == "Rejected"
    await csms.none("BootNotification")
    assert (csms.lines, len(csms.attempts)) == (1, 1)


@official("TC_084_CS", "The security profile is not lowered, and not set to what it is")
async def test_tc_084_cs_downgrade(csms: Csms, cold: Hand, root: Root, tmp_path: Path) -> None:
    async with _behind_tls(csms, cold, root.server(tmp_path)) as secure:
        await _trusts(csms, root)
        await _upgraded(csms, cold, secure)
        for profile in ("0", "1", "2"):
            assert await change(secure, "SecurityProfile", profile) == "Rejected", profile
        assert (await read(secure, "SecurityProfile"))["value"] == "2"
        await secure.settle()
        assert secure.lines == 1


@pytest.mark.parametrize(
    ("cipher", "rsa_key"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", False),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", False),
        ("AES128-GCM-SHA256", True),
        ("AES256-GCM-SHA384", True),
    ],
)
@official("TC_086_CS", "It verifies the central system, with each cipher demanded, and charges over TLS")
async def test_tc_086_cs_tls(csms: Csms, cold: Hand, root: Root, tmp_path: Path, cipher: str, rsa_key: bool) -> None:
    context = root.server(tmp_path, rsa_key=rsa_key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher)
    async with _behind_tls(csms, cold, context) as secure:
        await _trusts(csms, root)
        attempt = await _upgraded(csms, cold, secure)
        assert attempt.cipher == cipher
        await Session(secure, cold).charging()


@pytest.mark.parametrize("wrong", ["signer", "host", "expired"])
@official(
    "TC_086_CS", "A central system whose certificate is wrong is not spoken to; the station goes back and tells it"
)
async def test_tc_086_cs_wrong_certificate(csms: Csms, cold: Hand, root: Root, tmp_path: Path, wrong: str) -> None:
    signer = Root("Stranger") if wrong == "signer" else root
    context = signer.server(
        tmp_path, host="elsewhere.example" if wrong == "host" else "127.0.0.1", days=-1 if wrong == "expired" else 30
    )
    async with _behind_tls(csms, cold, context) as secure:
        await _trusts(csms, root)
        assert await change(csms, "SecurityProfile", "2") == "Accepted"
        await cold.meanwhile(csms.connected(2))
        await csms.expect("SecurityEventNotification", type="InvalidCentralSystemCertificate")
        assert secure.attempts == []
        assert (await read(csms, "SecurityProfile"))["value"] == "1"


@official("TC_087_CS", "With security profile 3 it shows its certificate, and no password")
async def test_tc_087_cs_client_certificate(csms: Csms, cold: Hand, root: Root, tmp_path: Path) -> None:
    async with _behind_tls(csms, cold, root.server(tmp_path, clients=root)) as secure:
        await _trusts(csms, root)
        assert await change(csms, "SecurityProfile", "3") == "Rejected", "it has no certificate yet"
        answer = await csms.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
        assert answer["status"] == "Accepted"
        asked = await csms.expect("SignCertificate")
        chain = root.signed(asked["csr"])
        assert (await csms.call("CertificateSigned", certificateChain=chain))["status"] == "Accepted"
        attempt = await _upgraded(csms, cold, secure, 3)
        assert attempt.common_name == cold.config.serial_number
        assert _credentials(attempt) is None
        await Session(secure, cold).charging()
