"""Credentials that a station took over OCPP count from then on, whoever sent them (A01, A05)."""

import base64
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from support.api import Api
from support.certificates import Authority
from support.payloads import BOOT_2X, BOOT_16
from support.peer import Peer, dial
from support.server import API_KEY, ServerProcess

OLD, NEW = "the-first-password", "another-password-1"
BOOTS = {"1.6": BOOT_16, "2.0.1": BOOT_2X}


class World:
    def __init__(self, folder: Path) -> None:
        self.servers, self.stations = Authority(folder, "Server CA"), Authority(folder, "Station CA")
        certificate, key = self.servers.issue("server")
        self.server = ServerProcess(
            folder / "data",
            ocpp_tls="127.0.0.1:0",
            tls_certificate=certificate,
            tls_key=key,
            tls_client_ca=self.stations.file,
        )
        self.api = Api(self.server.http)
        self.api.client.headers["Authorization"] = f"Bearer {API_KEY}"

    async def dial(self, version: str, identity: str, password: str = "", *, tls: ssl.SSLContext | None = None) -> Peer:
        answers: dict[str, Any] = {"ChangeConfiguration": {"status": "Accepted"}, "SetVariables": taken}
        options: dict[str, Any] = {"ssl": tls} if tls else {}
        if password:
            token = base64.b64encode(f"{identity}:{password}".encode()).decode()
            options["additional_headers"] = {"Authorization": f"Basic {token}"}
        url = self.server.ocpp_tls if tls else self.server.ocpp
        peer = await dial(url, identity, f"ocpp{version}", answers=answers, **options)
        await peer.call("BootNotification", BOOTS[version])
        return peer

    async def refused(self, version: str, identity: str, password: str, **options: Any) -> int:
        with pytest.raises(InvalidStatus) as refusal:
            await self.dial(version, identity, password, **options)
        return refusal.value.response.status_code

    def context(self, common_name: str = "") -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.servers.file))
        if common_name:
            context.load_cert_chain(*self.stations.issue(common_name))
        return context


def taken(request: dict[str, Any]) -> dict[str, Any]:
    wanted = request["setVariableData"]
    results = [{"component": w["component"], "variable": w["variable"], "attributeStatus": "Accepted"} for w in wanted]
    return {"setVariableResult": results}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    with world.server:
        yield world
        await world.api.close()


def password_call(version: str) -> tuple[str, dict[str, Any]]:
    if version == "1.6":
        return "ChangeConfiguration", {"key": "AuthorizationKey", "value": NEW.encode().hex()}
    data = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": NEW,
    }
    return "SetVariables", {"setVariableData": [data]}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a01_a_password_sent_by_a_raw_call_is_valid_once_the_station_took_it(world: World, version: str) -> None:
    await world.api.put("/stations/P", security_profile=1, password=OLD)
    peer = await world.dial(version, "P", OLD)
    action, payload = password_call(version)
    await world.api.post(f"/stations/P/calls/{action}", payload)
    await peer.close()
    assert await world.refused(version, "P", OLD) == 401
    await (await world.dial(version, "P", NEW)).close()


async def test_a05_a_raised_profile_counts_from_when_the_station_comes_with_it(world: World) -> None:
    await world.api.put("/stations/R", security_profile=1, password=OLD)
    peer = await world.dial("1.6", "R", OLD)
    await world.api.post("/stations/R/calls/ChangeConfiguration", {"key": "SecurityProfile", "value": "2"})
    await peer.close()
    peer = await world.dial("1.6", "R", OLD)
    assert (await world.api.get("/stations/R"))["security_profile"] == 1, "it may still need its old way"
    await peer.close()
    secure = await world.dial("1.6", "R", OLD, tls=world.context())
    assert (await world.api.get("/stations/R"))["security_profile"] == 2
    await secure.close()
    assert await world.refused("1.6", "R", OLD) == 403


async def test_a05_a_station_raised_to_profile_3_comes_with_its_certificate_alone(world: World) -> None:
    await world.api.put("/stations/C", security_profile=2, password=OLD)
    secure = world.context()
    peer = await world.dial("1.6", "C", OLD, tls=secure)
    await world.api.post("/stations/C/calls/ChangeConfiguration", {"key": "SecurityProfile", "value": "3"})
    await peer.close()
    await (await world.dial("1.6", "C", tls=world.context("C"))).close()
    assert (await world.api.get("/stations/C"))["security_profile"] == 3
    assert await world.refused("1.6", "C", OLD, tls=secure) == 401
