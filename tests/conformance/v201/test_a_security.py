"""OCPP 2.0.1, block A: who is let in, new passwords, a higher security profile."""

import socket
import ssl
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus, WebSocketException

from conformance.cases import case
from conformance.sessions import report
from conformance.station import Csms, MakeStation, Station
from support.certificates import Authority

official = partial(case, version="2.0.1")
PASSWORD = "a-long-password-1"
ACCEPTED = {"status": "Accepted"}
CIPHERS = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
]
"""What a server must offer in TLS 1.2 (A00.FR.318); OpenSSL's names."""


async def refusal(station: Station, password: str | None, *, user: str = "", **options: Any) -> int:
    """Give the HTTP status with which a connection is refused."""
    with pytest.raises(InvalidStatus) as refused:
        await station.connect(password=password, user=user, **options)
    return refused.value.response.status_code


async def registers(station: Station) -> None:
    """Boot and report, as a station does that was let in; the API shows it."""
    assert (await station.boot())["status"] == "Accepted"
    await report(station, "Available")
    assert (await station.shown())["online"]


# -- passwords ----------------------------------------------------------------------------------------------------


@official("TC_A_01_CSMS", "The right name and password let a station in")
async def test_tc_a_01_csms_right_password(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", connected=False, security_profile=1, password=PASSWORD)
    await station.connect(password=PASSWORD)
    await registers(station)


@official("TC_A_02_CSMS", "A name that is not the station's is refused, though the password is right")
async def test_tc_a_02_csms_name_of_another(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", connected=False, security_profile=1, password=PASSWORD)
    assert await refusal(station, PASSWORD, user=f"{station.identity}-invalid") == 401
    other = await make_station("2.0.1", connected=False, security_profile=1, password=PASSWORD)
    assert await refusal(station, PASSWORD, user=other.identity) == 401
    shown = await station.shown()
    assert (shown["online"], shown["connected_since"]) == (False, None)


@official("TC_A_03_CSMS", "A wrong password, and none at all, are refused")
@pytest.mark.parametrize("password", [None, "another-password-1", PASSWORD.upper(), PASSWORD + " "])
async def test_tc_a_03_csms_wrong_password(make_station: MakeStation, password: str | None) -> None:
    station = await make_station("2.0.1", connected=False, security_profile=1, password=PASSWORD)
    assert await refusal(station, password) == 401
    assert not (await station.shown())["online"]


async def rotate(station: Station, status: str) -> tuple[dict[str, Any], str]:
    """Have a new password set, which the station answers so; gives the record and the password."""
    asked: list[dict[str, Any]] = []

    def answer(payload: dict[str, Any]) -> dict[str, Any]:
        asked.extend(payload["setVariableData"])
        named = {name: payload["setVariableData"][0][name] for name in ("component", "variable")}
        return {"setVariableResult": [{"attributeStatus": status, **named}]}

    station.answers["SetVariables"] = answer
    record = await station.api.post(f"/stations/{station.identity}/credentials/rotate", wait="true")
    [wanted] = asked
    assert (wanted["component"]["name"], wanted["variable"]["name"]) == ("SecurityCtrlr", "BasicAuthPassword")
    password = str(wanted["attributeValue"])
    assert 16 <= len(password) <= 40, "A00.FR.205"
    assert password not in str(record)
    assert password not in str(await station.messages("SetVariables")), "no secret in the log"
    return dict(record), password


@official("TC_A_09_CSMS", "A new password that the station took counts from then on, and the old one no more")
async def test_tc_a_09_csms_new_password_taken(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", security_profile=1, password=PASSWORD)
    record, password = await rotate(station, "Accepted")
    assert record["state"] == "effect_seen"
    await station.reconnect(password=password)
    await registers(station)
    assert await refusal(station, PASSWORD) == 401


@official("TC_A_10_CSMS", "A new password that the station refused never counts; connection and old password stay")
async def test_tc_a_10_csms_new_password_refused(make_station: MakeStation) -> None:
    station = await make_station("2.0.1", security_profile=1, password=PASSWORD)
    record, password = await rotate(station, "Rejected")
    assert record["state"] == "rejected"
    assert "currentTime" in await station.call("Heartbeat"), "the connection goes on"
    await station.reconnect(password=PASSWORD)
    await registers(station)
    assert await refusal(station, password) == 401


# -- TLS ----------------------------------------------------------------------------------------------------------


@official("TC_A_04_CSMS", "A station that checks the server's certificate comes in over TLS, with each cipher demanded")
@pytest.mark.parametrize("ciphers", ["", *CIPHERS])
async def test_tc_a_04_csms_server_certificate(make_station: MakeStation, csms: Csms, ciphers: str) -> None:
    context = csms.tls(ciphers=ciphers)
    station = await make_station("2.0.1", connected=False, security_profile=2, password=PASSWORD)
    peer = await station.connect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    used = peer.socket.transport.get_extra_info("ssl_object")
    assert used.version() == ("TLSv1.2" if ciphers else "TLSv1.3")
    assert used.compression() is None
    assert ciphers in ("", used.cipher()[0])
    await registers(station)
    assert (await station.shown())["security_profile"] == 2


def alert_for(address: str, version: bytes) -> bytes:
    """Begin a TLS handshake by hand that offers no newer version than this; gives the first that comes back.

    By hand, as the TLS libraries of today offer old versions no more.
    """
    suites = bytes.fromhex("c009c013002f0035000a")
    body = version + bytes(32) + b"\x00" + len(suites).to_bytes(2) + suites + b"\x01\x00"
    hello = b"\x01" + len(body).to_bytes(3) + body
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as wire:
        wire.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2) + hello)
        return wire.recv(64)


@official("TC_A_06_CSMS", "Versions of TLS before 1.2 get no handshake; the same station comes in with 1.2")
@pytest.mark.parametrize("version", [b"\x03\x00", b"\x03\x01", b"\x03\x02"], ids=["SSL3", "TLS1.0", "TLS1.1"])
async def test_tc_a_06_csms_tls_too_old(make_station: MakeStation, csms: Csms, version: bytes) -> None:
    context = csms.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    station = await make_station("2.0.1", connected=False, security_profile=2, password=PASSWORD)
    alert = alert_for(csms.ocpp_tls, version)
    fatal, protocol_version = 2, 70
    assert alert == b"" or (alert[0], alert[5], alert[6]) == (21, fatal, protocol_version)
    await station.connect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    await registers(station)


@official("TC_A_07_CSMS", "A station that shows its certificate comes in without a password, with each cipher demanded")
@pytest.mark.parametrize("ciphers", ["", *CIPHERS])
async def test_tc_a_07_csms_client_certificate(make_station: MakeStation, csms: Csms, ciphers: str) -> None:
    station = await make_station("2.0.1", connected=False, security_profile=3)
    context = csms.tls(station.identity, ciphers=ciphers)
    peer = await station.connect(url=csms.ocpp_tls, ssl=context)
    assert ciphers in ("", peer.socket.transport.get_extra_info("ssl_object").cipher()[0])
    await registers(station)
    assert (await station.shown())["security_profile"] == 3


@official("TC_A_08_CSMS", "A certificate of a stranger, of another station, or none, is refused; the own one is not")
@pytest.mark.parametrize("kind", ["stranger", "another", "none"])
async def test_tc_a_08_csms_wrong_client_certificate(
    make_station: MakeStation, csms: Csms, tmp_path: Path, kind: str
) -> None:
    station = await make_station("2.0.1", connected=False, security_profile=3)
    own = csms.tls(station.identity)
    wrong = csms.tls("ANOTHER-STATION" if kind == "another" else "")
    if kind == "stranger":
        wrong.load_cert_chain(*Authority(tmp_path, "Strangers").issue(station.identity))
    with pytest.raises((OSError, WebSocketException)):
        await station.connect(url=csms.ocpp_tls, ssl=wrong)
    assert not (await station.shown())["online"]
    await station.connect(url=csms.ocpp_tls, ssl=own)
    await registers(station)


# -- a higher security profile ------------------------------------------------------------------------------------


@official("TC_A_19_CSMS", "A station is raised to security profile 2: once it came so, it is let in no other way")
async def test_tc_a_19_csms_security_profile_is_raised(make_station: MakeStation, csms: Csms) -> None:
    context = csms.tls()
    station = await make_station("2.0.1", security_profile=1, password=PASSWORD)
    profile = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": csms.ocpp_tls,
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    }
    connection = {"csms_url": csms.ocpp_tls, "security_profile": 2, "interface": "Wired0", "message_timeout_s": 30}
    answers = {"SetNetworkProfile": ACCEPTED}
    done = await station.command("set-network-profile", {"slot": 2, "connection": connection}, answers)
    assert done.call.payload == {"configurationSlot": 2, "connectionData": profile}
    [kept] = await station.documents("network-profiles")
    assert (kept["slot"], kept["status"], kept["connection"]["security_profile"]) == (2, "set", 2)

    named = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkConfigurationPriority"}}
    variable = {"component": "OCPPCommCtrlr", "variable": "NetworkConfigurationPriority", "value": "2,1"}
    priority = await station.command(
        "set-variables",
        {"variables": [variable]},
        answers={"SetVariables": {"setVariableResult": [{"attributeStatus": "Accepted", **named}]}},
    )
    assert priority.call.payload["setVariableData"] == [{"attributeValue": "2,1", **named}]
    restart = await station.command("reset", {"type": "immediate"}, answers={"Reset": ACCEPTED})
    assert restart.call.payload == {"type": "Immediate"}

    await station.reconnect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    await registers(station)
    await station.become(restart.record, "effect_seen")
    await station.peer.close()
    assert await refusal(station, PASSWORD) == 403, "A05.FR.07: never again with the lower profile"
    await station.connect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    assert (await station.shown())["security_profile"] == 2
