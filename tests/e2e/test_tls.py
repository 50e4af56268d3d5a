"""The TLS port: security profiles 2 and 3 on one port (OCPP 2.0.1 A00)."""

import base64
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from support.certificates import Authority
from support.server import ServerProcess

PASSWORD = "a-long-password-1"


class Tls:
    """A server with a TLS port, and the authorities around it."""

    def __init__(self, directory: Path) -> None:
        self.servers, self.stations = Authority(directory, "Server CA"), Authority(directory, "Station CA")
        chains = [self.servers.issue("server"), self.servers.issue("server", rsa_key=True)]
        self.server = ServerProcess(
            directory / "data",
            ocpp_tls="127.0.0.1:0",
            tls_certificate=":".join(str(certificate) for certificate, _ in chains),
            tls_key=":".join(str(key) for _, key in chains),
            tls_client_ca=self.stations.file,
        )

    def context(self, certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.servers.file))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        return context

    def boot(self, identity: str, context: ssl.SSLContext, password: str | None = None, serial: str = "") -> str:
        headers = {}
        if password is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{identity}:{password}".encode()).decode()
        url = f"{self.server.ocpp_tls}/{identity}"
        with connect(url, ssl=context, subprotocols=["ocpp1.6"], additional_headers=headers) as station:  # type: ignore[list-item]
            boot = {"chargePointVendor": "V", "chargePointModel": "M"}
            boot |= {"chargePointSerialNumber": serial} if serial else {}
            station.send(json.dumps([2, "1", "BootNotification", boot]))
            return str(station.recv(5))

    def refusal(self, identity: str, context: ssl.SSLContext, password: str = "") -> int:
        """The HTTP status of a refused upgrade, read byte by byte: the client library trips over some of them."""
        credentials = base64.b64encode(f"{identity}:{password}".encode()).decode()
        address = urlsplit(self.server.ocpp_tls)
        request = (
            f"GET /ocpp/{identity} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: ocpp1.6\r\nAuthorization: Basic {credentials}\r\n\r\n"
        )
        with (
            socket.create_connection((address.hostname or "", address.port or 0), 10) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as secure,
            secure.makefile("rb") as answer,
        ):
            secure.sendall(request.encode())
            return int(answer.readline().split()[1])


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    tls = Tls(tmp_path_factory.mktemp("tls"))
    with tls.server:
        yield tls


def status(error: pytest.ExceptionInfo[InvalidStatus]) -> int:
    return error.value.response.status_code


def test_profile_2_connects_over_tls_with_its_password(tls: Tls) -> None:
    tls.server.put("/stations/TWO", {"security_profile": 2, "password": PASSWORD})
    assert "Accepted" in tls.boot("TWO", tls.context(), PASSWORD)
    assert tls.server.get("/stations/TWO")["ocpp_version"] == "1.6"


def test_profile_2_is_refused_without_tls_and_with_a_wrong_password(tls: Tls) -> None:
    tls.server.put("/stations/TWO", {"security_profile": 2, "password": PASSWORD})
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{tls.server.ocpp}/TWO", subprotocols=["ocpp1.6"])  # type: ignore[list-item]
    assert status(refused) == 403
    assert tls.refusal("TWO", tls.context(), "wrong") == 401


def test_a_profile_1_station_may_come_in_over_tls(tls: Tls) -> None:
    tls.server.put("/stations/ONE", {"security_profile": 1, "password": PASSWORD})
    assert "Accepted" in tls.boot("ONE", tls.context(), PASSWORD)


def test_a_profile_2_station_that_also_shows_a_certificate_counts_by_its_password(tls: Tls) -> None:
    tls.server.put("/stations/TWO-B", {"security_profile": 2, "password": PASSWORD})
    context = tls.context(tls.stations.issue("TWO-B"))
    assert "Accepted" in tls.boot("TWO-B", context, PASSWORD)


def test_profile_3_connects_with_a_certificate_of_its_name(tls: Tls) -> None:
    tls.server.put("/stations/THREE", {"security_profile": 3})
    assert "Accepted" in tls.boot("THREE", tls.context(tls.stations.issue("THREE")))


def test_a00_fr_405_profile_3_connects_with_a_certificate_of_its_serial_number(tls: Tls) -> None:
    tls.server.put("/stations/THREE-S", {"security_profile": 2, "password": PASSWORD})
    assert "Accepted" in tls.boot("THREE-S", tls.context(), PASSWORD, "SN-1")
    tls.server.put("/stations/THREE-S", {"security_profile": 3})
    assert "Accepted" in tls.boot("THREE-S", tls.context(tls.stations.issue("SN-1")))
    assert tls.refusal("THREE-S", tls.context(tls.stations.issue("SN-2"))) == 403


def test_profile_3_is_refused_without_a_certificate_and_with_another_stations(tls: Tls) -> None:
    tls.server.put("/stations/THREE", {"security_profile": 3})
    assert tls.refusal("THREE", tls.context()) == 401
    assert tls.refusal("THREE", tls.context(tls.stations.issue("OTHER"))) == 403


def test_a_certificate_of_an_unknown_authority_ends_the_handshake(tls: Tls) -> None:
    tls.server.put("/stations/THREE", {"security_profile": 3})
    strangers = Authority(tls.stations.directory, "Strange CA")
    with pytest.raises((OSError, WebSocketException)):
        tls.boot("THREE", tls.context(strangers.issue("THREE")))


def test_tls_before_1_2_is_refused_and_both_kinds_of_server_certificate_serve(tls: Tls) -> None:
    tls.server.put("/stations/TWO", {"security_profile": 2, "password": PASSWORD})
    for ciphers in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"):
        context = tls.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        assert "Accepted" in tls.boot("TWO", context, PASSWORD)
