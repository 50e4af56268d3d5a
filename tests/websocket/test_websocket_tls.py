"""TLS: one port for stations with and without a certificate of their own."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import Any

import pytest
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from voltherd.websocket import ConnectFailed, Limits, Listener, connect


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.path = folder / f"{name}.pem"
        certificate = self._build(self.name, self.key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.path.write_bytes(self._sign(certificate))

    def _build(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    def _sign(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(self, common_name: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = self._build(subject, key).add_extension(x509.SubjectAlternativeName([address]), critical=False)
        path = self.folder / f"{common_name}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + self._sign(builder)
        )
        return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "our-ca")


@pytest.fixture
def server_context(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("csms"))
    context.load_verify_locations(authority.path)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(authority: Authority, certificate: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.path))
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


async def test_an_independent_client_talks_over_tls(
    start: Any, authority: Authority, server_context: ssl.SSLContext
) -> None:
    house = await start(ssl=server_context)
    async with websockets.connect(house.url(scheme="wss"), ssl=client_context(authority)) as peer:
        for text in ("short", "x" * 300_000):
            await peer.send(text)
            assert await peer.recv() == text
    tls = house.upgrades[0].tls
    assert tls.version in ("TLSv1.2", "TLSv1.3")
    assert tls.cipher
    assert tls.peer_certificate_der is None
    assert tls.common_name is None


async def test_a_client_certificate_reaches_the_decision(
    start: Any, authority: Authority, server_context: ssl.SSLContext, make_recorder: Any
) -> None:
    house = await start(ssl=server_context)
    context = client_context(authority, authority.issue("CP1"))
    recorder = make_recorder()
    connection = await connect(house.url(scheme="wss"), listener=recorder, ssl=context)
    connection.send_text("hello")
    assert await recorder.message() == b"hello"
    tls = house.upgrades[0].tls
    assert tls.common_name == "CP1"
    certificate = x509.load_der_x509_certificate(tls.peer_certificate_der)
    assert certificate.issuer == authority.name
    connection.close()
    assert (await recorder.ending())[0] == 1000


async def test_a_certificate_of_a_strange_authority_ends_the_handshake(
    start: Any, authority: Authority, server_context: ssl.SSLContext, tmp_path: Path
) -> None:
    house = await start(ssl=server_context)
    context = client_context(authority, Authority(tmp_path, "strange-ca").issue("CP1"))
    with pytest.raises(ConnectFailed):
        await connect(house.url(scheme="wss"), listener=Listener(), ssl=context)
    assert house.upgrades == []


async def test_our_client_refuses_a_strange_server(start: Any, server_context: ssl.SSLContext, tmp_path: Path) -> None:
    house = await start(ssl=server_context)
    with pytest.raises(ConnectFailed):
        await connect(house.url(scheme="wss"), listener=Listener(), ssl=client_context(Authority(tmp_path, "other-ca")))
    assert house.upgrades == []


async def test_plain_text_on_the_tls_port_holds_nobody_up(
    start: Any, raw: Any, authority: Authority, server_context: ssl.SSLContext
) -> None:
    house = await start(ssl=server_context, limits=Limits(handshake_timeout_s=0.5))
    silent, plain = await raw(house), await raw(house)
    plain.writer.write(b"GET /CP1 HTTP/1.1\r\n\r\n")
    assert await plain.reader.read() in (b"", b"\x15\x03\x01\x00\x02\x02F", b"\x15\x03\x03\x00\x02\x02F")
    async with websockets.connect(house.url(scheme="wss"), ssl=client_context(authority)) as peer:
        await peer.send("x")
        assert await peer.recv() == "x"
    assert await silent.reader.read() == b""


async def test_a_10_mb_frame_over_tls_is_refused_with_1009(
    start: Any, authority: Authority, server_context: ssl.SSLContext
) -> None:
    house = await start(ssl=server_context)
    async with websockets.connect(house.url(scheme="wss"), ssl=client_context(authority), compression=None) as peer:
        with pytest.raises(websockets.ConnectionClosed):  # noqa: PT012
            await peer.send("x" * 10_000_000)
            await peer.recv()
        assert peer.close_code == 1009
