"""OCPP 1.6, security: passwords, TLS, certificates of stations, the subprotocol."""

from functools import partial

import pytest
from websockets.exceptions import InvalidStatus, WebSocketException

from conformance.cases import case
from conformance.station import Csms, MakeStation, Station
from conformance.v16.sessions import report
from support.certificates import Authority

official = partial(case, version="1.6", block="Security")
PASSWORD = "a-long-password-1"
ACCEPTED = {"status": "Accepted"}


async def refusal(station: Station, password: str | None, *, user: str = "") -> int:
    """Give the HTTP status with which a connection is refused."""
    with pytest.raises(InvalidStatus) as refused:
        await station.connect(password=password, user=user)
    return refused.value.response.status_code


async def registers(station: Station) -> None:
    """Boot and report, as a station does that was let in; the API shows it."""
    assert (await station.boot())["status"] == "Accepted"
    await report(station, "Available")
    assert (await station.shown())["online"]


@official(
    "TC_073_CSMS", "The password is changed: the new one counts once the station took it, the old one never again"
)
async def test_tc_073_csms_new_password(make_station: MakeStation) -> None:
    station = await make_station("1.6", security_profile=1, password=PASSWORD)
    station.answers["ChangeConfiguration"] = ACCEPTED
    record = await station.api.post(f"/stations/{station.identity}/credentials/rotate", wait="true")
    [call] = station.peer.taken_calls()
    assert (call.action, call.payload["key"]) == ("ChangeConfiguration", "AuthorizationKey")
    secret = bytes.fromhex(call.payload["value"])
    assert 16 <= len(secret) <= 20
    assert record["state"] == "effect_seen"
    assert call.payload["value"] not in str(record)

    await station.reconnect(password=secret.decode())
    await registers(station)
    assert await refusal(station, PASSWORD) == 401


async def test_a_new_password_that_the_station_refuses_changes_nothing(make_station: MakeStation) -> None:
    station = await make_station("1.6", security_profile=1, password=PASSWORD)
    station.answers["ChangeConfiguration"] = {"status": "Rejected"}
    record = await station.api.post(f"/stations/{station.identity}/credentials/rotate", wait="true")
    assert record["state"] == "rejected"
    await station.reconnect(password=PASSWORD)
    await registers(station)


@official("TC_083_CSMS", "A station is raised to security profile 2: it comes back over TLS, and only so from then on")
async def test_tc_083_csms_security_profile_is_raised(make_station: MakeStation, csms: Csms) -> None:
    context = csms.tls()
    station = await make_station("1.6", security_profile=1, password=PASSWORD)
    wanted = {"variables": [{"variable": "SecurityProfile", "value": "2"}]}
    done = await station.command("set-variables", wanted, answers={"ChangeConfiguration": ACCEPTED})
    assert done.call.payload == {"key": "SecurityProfile", "value": "2"}
    restart = await station.command("reset", {"type": "hard"}, answers={"Reset": ACCEPTED})
    assert restart.call.payload == {"type": "Hard"}
    await station.reconnect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    await registers(station)
    await station.become(restart.record, "effect_seen")

    await station.api.put(f"/stations/{station.identity}", security_profile=2)
    await station.reconnect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    await registers(station)
    assert await refusal(station, PASSWORD) == 403


@official("TC_085_CSMS", "The right name and password let a station in; anything else is refused before the upgrade")
async def test_tc_085_csms_basic_authentication(make_station: MakeStation) -> None:
    station = await make_station("1.6", connected=False, security_profile=1, password=PASSWORD)
    assert await refusal(station, None) == 401
    assert await refusal(station, "another-password-1") == 401
    assert await refusal(station, PASSWORD, user="SOMEBODY") == 401
    assert not (await station.shown())["online"]
    await station.connect(password=PASSWORD)
    await registers(station)


CIPHERS = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
]
"""What a server must offer in TLS 1.2 (security whitepaper, requirements of the TLS profiles); OpenSSL's names."""


@official("TC_086_CSMS", "A station that checks the server's certificate comes in over TLS, with each cipher demanded")
@pytest.mark.parametrize("ciphers", ["", *CIPHERS])
async def test_tc_086_csms_server_certificate(make_station: MakeStation, csms: Csms, ciphers: str) -> None:
    context = csms.tls(ciphers=ciphers)
    station = await make_station("1.6", connected=False, security_profile=2, password=PASSWORD)
    peer = await station.connect(url=csms.ocpp_tls, ssl=context, password=PASSWORD)
    used = peer.socket.transport.get_extra_info("ssl_object")
    assert used.version() == ("TLSv1.2" if ciphers else "TLSv1.3")
    assert used.compression() is None
    assert ciphers in ("", used.cipher()[0])
    await registers(station)


@official("TC_087_CSMS", "A station that shows its certificate comes in without a password; one of a stranger does not")
async def test_tc_087_csms_client_certificate(make_station: MakeStation, csms: Csms) -> None:
    station = await make_station("1.6", connected=False, security_profile=3)
    strangers = Authority(csms.folder, f"Strangers of {station.identity}")
    unknown = csms.tls()
    unknown.load_cert_chain(*strangers.issue(station.identity))
    with pytest.raises((OSError, WebSocketException)):
        await station.connect(url=csms.ocpp_tls, ssl=unknown)
    await station.connect(url=csms.ocpp_tls, ssl=csms.tls(station.identity))
    await registers(station)
    assert (await station.shown())["security_profile"] == 3


@official(
    "TC_088_CSMS", "Of several subprotocols the one that the server knows is chosen; with none of them, no upgrade"
)
async def test_tc_088_csms_subprotocol(make_station: MakeStation) -> None:
    station = await make_station("1.6", connected=False)
    with pytest.raises(InvalidStatus) as refused:
        await station.connect("ocpp0.1")
    assert refused.value.response.status_code == 400
    peer = await station.connect("ocpp0.1", "ocpp1.6")
    assert peer.subprotocol == "ocpp1.6"
    await registers(station)
    assert (await station.shown())["ocpp_version"] == "1.6"
