"""Firmware and logs of stations on our own server, with files over real HTTP."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from support.api import Api, until
from support.file_server import http_files
from support.server import ServerProcess
from support.station_pki import DAY, Maker
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.station import Clock, StationConfig, firmware_image

VERSIONS = [OcppVersion.V16, OcppVersion.V201, OcppVersion.V21]
IMAGE = firmware_image.build("7.1.0", b"program" * 1000)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server")) as process:
        yield process


@contextlib.asynccontextmanager
async def station_on(server, name, version):
    await asyncio.to_thread(server.put, f"/stations/{name}", {"security_profile": 1, "password": "a-long-password-1"})
    config = StationConfig(
        identity=name,
        url=server.ocpp,
        version=version,
        password="a-long-password-1",
        reconnect_min_s=0.02,
        reconnect_max_s=0.05,
        reboot_s=0.1,
    )
    station = SimulatedStation(config, clock=Clock(factor=20.0))
    station.start()
    try:
        await station.wait_accepted()
        yield station
    finally:
        await station.stop()


async def call(server, name, action, payload):
    return await asyncio.to_thread(server.post, f"/stations/{name}/calls/{action}", payload)


@pytest.mark.parametrize("version", VERSIONS)
async def test_signed_firmware_goes_from_the_request_to_the_boot_of_the_new_version(server, version):
    name = f"FW-{version.subprotocol}"
    maker = Maker("Manufacturer", start=datetime.now(UTC) - DAY)
    certificate, key = maker.issue("Firmware signing", start=datetime.now(UTC) - DAY)
    async with station_on(server, name, version) as station:
        with http_files() as files:
            files.content["/fw.bin"] = IMAGE
            use = {"certificateType": "ManufacturerRootCertificate", "certificate": maker.pem}
            await call(server, name, "InstallCertificate", use)
            firmware = {
                "location": files.url + "/fw.bin",
                "retrieveDateTime": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
                "signingCertificate": certificate,
                "signature": firmware_image.sign(IMAGE, key),
            }
            action = "SignedUpdateFirmware" if version is OcppVersion.V16 else "UpdateFirmware"
            await call(server, name, action, {"requestId": 42, "firmware": firmware})
            await station.wait_until(lambda core: core.firmware.state == "Installed", 20.0)
        api = Api(server.http)
        found = await until(
            lambda: api.get(f"/stations/{name}"), lambda station: station["firmware_version"] == "7.1.0"
        )
        assert found["firmware_version"] == "7.1.0"
        events = await until(
            lambda: api.items("/station-events", station_id=name, source="security"),
            lambda events: "FirmwareUpdated" in {event["type"] for event in events},
        )
        assert {"StartupOfTheDevice", "FirmwareUpdated"} <= {event["type"] for event in events}
        await api.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_log_comes_to_the_server_that_asked_for_it(server, version):
    name = f"LOG-{version.subprotocol}"
    api = Api(server.http)
    await api.put("/settings/diagnostics", upload_base_url=server.http)
    async with station_on(server, name, version):
        record = await api.command(name, "get-log", {"type": "diagnostics"})
        await until(lambda: api.get(f"/commands/{record['command_id']}"), lambda found: found["state"] == "effect_seen")
        [log] = await api.items(f"/stations/{name}/logs")
        content = (await api.client.get(f"/logs/{log['id']}/file")).content
        assert f"DiagnosticsLog of {name}".encode() in content
        assert b"connected and accepted" in content
    await api.close()
