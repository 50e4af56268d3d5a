"""Stations over TLS: against our own server, and against servers that must not be trusted."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.certificates import Authority
from support.server import ServerProcess
from support.station_pki import DAY, Maker
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.station import StationConfig

PASSWORD = "a-long-password-1"
VERSIONS = [OcppVersion.V16, OcppVersion.V201, OcppVersion.V21]


class Tls:
    """A server with a TLS port, and the authorities around it."""

    def __init__(self, directory: Path) -> None:
        self.servers = Authority(directory, "Server CA")
        self.stations = Maker("Station CA", start=datetime.now(UTC) - DAY)
        stations_file = directory / "stations.pem"
        stations_file.write_text(self.stations.pem)
        certificate, key = self.servers.issue("server")
        self.server = ServerProcess(
            directory / "data",
            ocpp_tls="127.0.0.1:0",
            tls_certificate=str(certificate),
            tls_key=str(key),
            tls_client_ca=stations_file,
        )

    def station(self, identity, version, level, *, root=None, plain_url=None, **more):
        config = StationConfig(
            identity=identity,
            url=plain_url or self.server.ocpp_tls,
            tls_url=self.server.ocpp_tls,
            version=version,
            password=PASSWORD,
            settings={"security_profile": str(level), **more},
            reconnect_min_s=0.02,
            reconnect_max_s=0.05,
            reboot_s=0.05,
        )
        station = SimulatedStation(config)
        pem = (root or self.servers).file.read_text()
        station.core.certificates.install("CSMSRootCertificate", pem)
        return station

    def give_certificate(self, station):
        pem, key = self.stations.issue(station.config.identity, start=datetime.now(UTC) - DAY)
        store = station.core.certificates.store
        store.install_own("ChargingStationCertificate", pem, key, candidate=False)
        return pem


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    tls = Tls(tmp_path_factory.mktemp("tls"))
    with tls.server:
        yield tls


@contextlib.asynccontextmanager
async def on(station):
    station.start()
    try:
        yield station
    finally:
        await station.stop()


def log_of(station):
    return station.core.storage.all("log").get("SecurityLog", b"").decode()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a00_profile_2_connects_with_tls_and_password(tls, version):
    name = f"TWO-{version.subprotocol}"
    tls.server.put(f"/stations/{name}", {"security_profile": 2, "password": PASSWORD})
    async with on(tls.station(name, version, 2)) as station:
        await station.wait_accepted()
    assert tls.server.get(f"/stations/{name}")["ocpp_version"] is not None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a00_fr_401_profile_3_connects_with_the_stations_certificate(tls, version):
    name = f"THREE-{version.subprotocol}"
    tls.server.put(f"/stations/{name}", {"security_profile": 3})
    station = tls.station(name, version, 3)
    tls.give_certificate(station)
    async with on(station):
        await station.wait_accepted()
        assert station.core.certificates.own_for_csms() is not None


async def test_a00_fr_308_310_311_a_server_of_somebody_else_is_not_talked_to(tls, tmp_path):
    tls.server.put("/stations/CAREFUL", {"security_profile": 2, "password": PASSWORD})
    station = tls.station("CAREFUL", OcppVersion.V201, 2, root=Authority(tmp_path, "Stranger CA"))
    async with on(station):
        await station.wait_until(
            lambda core: b"InvalidCsmsCertificate" in core.storage.all("log").get("SecurityLog", b"")
        )
        assert not station.core.is_connected
        station.core.certificates.install("CSMSRootCertificate", tls.servers.file.read_text())
        await station.wait_accepted()
    events = tls.server.all("/station-events", station_id="CAREFUL", source="security")
    assert "InvalidCsmsCertificate" in {event["type"] for event in events}


async def test_a00_fr_309_a_server_of_another_name_is_not_talked_to(tls):
    port = tls.server.ocpp_tls.rpartition(":")[2]
    other = SimulatedStation(
        StationConfig(
            identity="NAMED",
            url=f"wss://localhost:{port}",
            password=PASSWORD,
            settings={"security_profile": "2"},
            reconnect_min_s=0.02,
        )
    )
    other.core.certificates.install("CSMSRootCertificate", tls.servers.file.read_text())
    async with on(other):
        await other.wait_until(
            lambda core: b"InvalidCsmsCertificate" in core.storage.all("log").get("SecurityLog", b"")
        )
    assert "Hostname mismatch" in log_of(other)


@contextlib.contextmanager
def bad_server(directory, *, version=None, ciphers=None):
    """A TLS server that agrees to nothing modern, with the alerts that such servers send; and its authority."""
    authority = Authority(directory, "Old CA")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("server"))
    context.maximum_version = version or ssl.TLSVersion.TLSv1_2
    if version is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield authority, f"wss://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    ("settings", "event"),
    [
        ({"version": ssl.TLSVersion.TLSv1_1}, "InvalidTLSVersion"),
        ({"ciphers": "ECDHE-ECDSA-AES128-SHA256"}, "InvalidTLSCipherSuite"),
    ],
)
async def test_a00_fr_316_and_323_weak_tls_is_refused_and_an_event(tmp_path, settings, event):
    with bad_server(tmp_path, **settings) as (authority, url):
        config = StationConfig(
            identity="X", url=url, password=PASSWORD, settings={"security_profile": "2"}, reconnect_min_s=0.02
        )
        station = SimulatedStation(config)
        station.core.certificates.install("CSMSRootCertificate", authority.file.read_text())
        async with on(station):
            await station.wait_until(lambda core: b"InvalidTLS" in core.storage.all("log").get("SecurityLog", b""))
            assert not station.core.is_connected
    assert event in log_of(station)


NEW = "another-passwd-22"


def password_call(version):
    if version is OcppVersion.V16:
        return "ChangeConfiguration", {"key": "AuthorizationKey", "value": NEW.encode().hex()}
    data = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}, "attributeValue": NEW}
    return "SetVariables", {"setVariableData": [data]}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a01_the_password_that_the_csms_sets_is_used_from_then_on(tls, version):
    name = f"PASSWORD-{version.subprotocol}"
    tls.server.put(f"/stations/{name}", {"security_profile": 2, "password": PASSWORD})
    async with on(tls.station(name, version, 2)) as station:
        await station.wait_accepted()
        again = asyncio.Event()
        station.core.observer.on_connected = again.set
        action, payload = password_call(version)
        await asyncio.to_thread(tls.server.post, f"/stations/{name}/calls/{action}", payload)
        async with asyncio.timeout(10):
            await again.wait()
        await station.wait_accepted()
        assert station.core.target().password == (NEW.encode() if version is OcppVersion.V16 else NEW)


async def test_of_1_6_a05_a_station_moves_from_profile_1_to_2_when_told(tls):
    tls.server.put("/stations/UP", {"security_profile": 1, "password": PASSWORD})
    station = tls.station("UP", OcppVersion.V16, 1, plain_url=tls.server.ocpp)
    async with on(station):
        await station.wait_accepted()
        change = {"key": "SecurityProfile", "value": "2"}
        await asyncio.to_thread(tls.server.post, "/stations/UP/calls/ChangeConfiguration", change)
        await station.wait_until(lambda core: core.settings.text("security_profile") == "2")
        await station.wait_accepted()
        assert station.core.target().is_secure
    assert tls.server.get("/stations/UP")["security_profile"] == 2


async def test_a05_a_station_of_2_0_1_moves_to_profile_3_by_a_network_profile_and_a_reset(tls):
    tls.server.put("/stations/HIGH", {"security_profile": 2, "password": PASSWORD})
    station = tls.station("HIGH", OcppVersion.V201, 2)
    tls.give_certificate(station)
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": tls.server.ocpp_tls,
        "messageTimeout": 30,
        "securityProfile": 3,
        "ocppInterface": "Wired0",
    }
    priority = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": "2,1",
    }
    async with on(station):
        await station.wait_accepted()
        for action, payload in (
            ("SetNetworkProfile", {"configurationSlot": 2, "connectionData": data}),
            ("SetVariables", {"setVariableData": [priority]}),
            ("Reset", {"type": "OnIdle"}),
        ):
            await asyncio.to_thread(tls.server.post, f"/stations/HIGH/calls/{action}", payload)
        await station.wait_until(lambda core: core.settings.text("security_profile") == "3")
        await station.wait_accepted()
        assert station.core.target().password is None
    assert tls.server.get("/stations/HIGH")["security_profile"] == 3


@pytest.mark.parametrize("version", VERSIONS)
async def test_a02_a_certificate_is_renewed_from_the_trigger_to_the_new_connection(tls, version):
    name = f"RENEW-{version.subprotocol}"
    tls.server.put(f"/stations/{name}", {"security_profile": 3})
    station = tls.station(name, version, 3)
    old = tls.give_certificate(station)
    station.core.certificates.install("CSMSRootCertificate", tls.stations.pem)
    trigger = ("ExtendedTriggerMessage", "SignChargePointCertificate")
    if version is not OcppVersion.V16:
        trigger = ("TriggerMessage", "SignChargingStationCertificate")
    async with on(station):
        await station.wait_accepted()
        call = f"/stations/{name}/calls/{trigger[0]}"
        await asyncio.to_thread(tls.server.post, call, {"requestedMessage": trigger[1]})
        [csr] = await asyncio.to_thread(waited_for, tls.server, "/csrs", name)
        chain = tls.stations.answer(csr["csr"], start=datetime.now(UTC) - DAY) + tls.stations.pem
        again = asyncio.Event()
        station.core.observer.on_connected = again.set
        body = {"certificate_chain": chain}
        answer = await asyncio.to_thread(tls.server.post, f"/csrs/{csr['id']}/chain", body, wait="true")
        assert answer["state"] == "effect_seen"
        async with asyncio.timeout(10):
            await again.wait()
        await station.wait_accepted()
        [own] = station.core.certificates.store.own_in_force("ChargingStationCertificate")
        assert own.pem != old
        assert chain.startswith(own.pem)


def waited_for(server, path, station_id):
    """What a list has of a station, as soon as it has something."""
    for _ in range(100):
        found = server.all(path, station_id=station_id)
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing in {path}")
