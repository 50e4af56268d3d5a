"""OCPP 2.0.1, block C: authorisation."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from cryptography import x509

from conformance.cases import case
from conformance.contracts import contract_certificate
from conformance.station import Csms, Station, Tokens
from support.api import Api
from support.payloads import event
from support.pki import Ca, pem
from support.web_service import WebService, web_service

official = partial(case, version="2.0.1")
EXPIRED_AT = "2020-01-01T00:00:00Z"


async def authorize(station: Station, token: str, kind: str = "ISO14443", **more: Any) -> dict[str, Any]:
    """Present a token; gives the whole answer."""
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": kind}, **more})
    return dict(answer)


async def verdict(station: Station, token: str) -> dict[str, Any]:
    """Present a token; gives what the answer says of it."""
    return dict((await authorize(station, token))["idTokenInfo"])


async def present(station: Station, token: str, seq_no: int, kind: str = "Updated", **more: Any) -> dict[str, Any]:
    """Present a token in an event of the session; gives what the answer says of it."""
    transaction = more.pop("transaction", "tx")
    answer = await station.call("TransactionEvent", event(kind, transaction, seq_no, token=token, **more))
    return dict(answer["idTokenInfo"])


def in_group(name: str) -> dict[str, Any]:
    return {"status": "Accepted", "groupIdToken": {"idToken": name, "type": "Central"}}


@official("TC_C_02_CSMS", "A token that nobody knows is told as such, and one that is invalid too")
async def test_tc_c_02_csms_unknown_token(v201: Station, tokens: Tokens) -> None:
    assert (await verdict(v201, tokens.unknown()))["status"] == "Unknown"
    assert (await verdict(v201, await tokens.make("invalid")))["status"] == "Invalid"


@official("TC_C_06_CSMS", "A blocked token is told as such")
async def test_tc_c_06_csms_blocked_token(v201: Station, tokens: Tokens) -> None:
    assert (await verdict(v201, await tokens.make("blocked")))["status"] == "Blocked"


@official("TC_C_07_CSMS", "An expired token is told as such, whether by its date or by hand")
async def test_tc_c_07_csms_expired_token(v201: Station, tokens: Tokens) -> None:
    assert (await verdict(v201, await tokens.make(expires_at=EXPIRED_AT)))["status"] == "Expired"
    assert (await verdict(v201, await tokens.make("expired")))["status"] == "Expired"


@official("TC_C_08_CSMS", "A token that the station knew from its cache is confirmed with the event")
async def test_tc_c_08_csms_cached_token_is_good(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    await v201.call("TransactionEvent", event("Started", "tx", 0, trigger="CablePluggedIn"))
    assert (await present(v201, token, 1, trigger="Authorized"))["status"] == "Accepted"
    found = await v201.transaction()
    assert (found["id_token"], found["authorization"]) == (token, "Accepted")


@official("TC_C_20_CSMS", "A token that the station's cache still held as good is refused with the event")
async def test_tc_c_20_csms_cached_token_is_not_good(v201: Station, tokens: Tokens) -> None:
    await v201.call("TransactionEvent", event("Started", "tx", 0, trigger="CablePluggedIn"))
    assert (await present(v201, tokens.unknown(), 1, trigger="Authorized"))["status"] == "Unknown"
    assert (await v201.transaction())["authorization"] == "Unknown"


async def test_c04_a_pin_is_judged_and_no_log_shows_it(v201: Station, tokens: Tokens) -> None:
    pin = await tokens.make(type="KeyCode")
    assert (await authorize(v201, pin, "KeyCode"))["idTokenInfo"]["status"] == "Accepted"
    assert (await authorize(v201, tokens.unknown(), "KeyCode"))["idTokenInfo"]["status"] == "Invalid"
    frames = [item["frame"] for item in await v201.messages("Authorize")]
    assert len(frames) == 4
    assert not any(pin in frame for frame in frames)


@official("TC_C_37_CSMS", "The cache is emptied")
async def test_tc_c_37_csms_clear_cache(v201: Station) -> None:
    done = await v201.command("clear-cache", answers={"ClearCache": {"status": "Accepted"}})
    assert (done.call.action, done.call.payload, done.record["state"]) == ("ClearCache", {}, "effect_seen")


@official("TC_C_38_CSMS", "A station that does not empty its cache says so, and that is shown")
async def test_tc_c_38_csms_clear_cache_rejected(v201: Station) -> None:
    done = await v201.command("clear-cache", answers={"ClearCache": {"status": "Rejected"}})
    assert (done.record["state"], done.record["answer"]) == ("rejected", {"status": "Rejected"})


@official("TC_C_39_CSMS", "Another card of the group ends the session; the group stands in every answer")
async def test_tc_c_39_csms_group_ends_the_session(v201: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(group_id="C39"), await tokens.make(group_id="C39")
    assert await verdict(v201, second) == in_group("C39")
    assert await present(v201, first, 0, "Started") == in_group("C39")
    assert await verdict(v201, second) == in_group("C39")
    assert await present(v201, second, 1, trigger="StopAuthorized") == in_group("C39")
    assert (await v201.transaction())["id_token"] == first


@official("TC_C_40_CSMS", "Another card of the group, known from the local list, ends the session")
async def test_tc_c_40_csms_group_of_the_local_list(v201: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(group_id="C40"), await tokens.make(group_id="C40")
    assert await present(v201, first, 0, "Started") == in_group("C40")
    assert await present(v201, second, 1, trigger="StopAuthorized") == in_group("C40")


@official("TC_C_43_CSMS", "A card that the local list refuses is asked about, and its group told")
async def test_tc_c_43_csms_group_although_the_local_list_refuses(v201: Station, tokens: Tokens) -> None:
    first, second = await tokens.make(group_id="C43"), await tokens.make(group_id="C43")
    assert await present(v201, first, 0, "Started") == in_group("C43")
    assert await verdict(v201, second) == in_group("C43")
    assert await present(v201, second, 1, trigger="StopAuthorized") == in_group("C43")


async def two_sessions(station: Station, tokens: Tokens) -> None:
    for number in (1, 2):
        token = await tokens.make()
        begun = await present(station, token, 0, "Started", transaction=f"tx-{number}", evse=number)
        assert begun["status"] == "Accepted"


async def stopped_by(station: Station, token: str, number: int) -> dict[str, Any]:
    info = {"stoppedReason": "MasterPass"}
    return await present(
        station, token, 1, "Ended", transaction=f"tx-{number}", evse=number, info=info, trigger="StopAuthorized"
    )


@pytest.fixture
async def master(api: Api, tokens: Tokens) -> AsyncIterator[str]:
    """A master pass; its group is named in the setting."""
    await api.put("/settings/authorization", master_pass_group="C16")
    yield await tokens.make(group_id="C16")
    await api.put("/settings/authorization", master_pass_group=None)


@official("TC_C_47_CSMS", "A master pass ends all sessions from the station's display")
async def test_tc_c_47_csms_master_pass_ends_all(v201: Station, tokens: Tokens, master: str) -> None:
    await two_sessions(v201, tokens)
    assert await verdict(v201, master) == in_group("C16")
    for number in (1, 2):
        assert await stopped_by(v201, master, number) == in_group("C16")
    assert [(item["active"], item["stop_reason"]) for item in await v201.transactions()] == [(False, "MasterPass")] * 2


@official("TC_C_48_CSMS", "A master pass ends the one session that was chosen")
async def test_tc_c_48_csms_master_pass_ends_one(v201: Station, tokens: Tokens, master: str) -> None:
    await two_sessions(v201, tokens)
    assert await verdict(v201, master) == in_group("C16")
    assert await stopped_by(v201, master, 2) == in_group("C16")
    assert [item["active"] for item in await v201.transactions()] == [True, False]


@official("TC_C_49_CSMS", "A master pass ends all sessions of a station without a display, and begins none")
async def test_tc_c_49_csms_master_pass_without_a_display(v201: Station, tokens: Tokens, master: str) -> None:
    await two_sessions(v201, tokens)
    assert await verdict(v201, master) == in_group("C16")
    for number in (1, 2):
        assert await stopped_by(v201, master, number) == in_group("C16")
    assert (await present(v201, master, 0, "Started", transaction="tx-3"))["status"] == "Invalid"


@pytest.fixture
async def responder(csms: Csms, api: Api) -> AsyncIterator[tuple[Ca, WebService]]:
    """An authority, and its responder on this machine that the server may ask."""
    if csms.servers is None:
        pytest.skip("needs a server on this machine, which asks a responder of the suite's")
    ca = Ca("V2G Root")
    await api.put("/settings/iso15118", ocsp_responders=["127.0.0.1"], ocsp_policy="require")
    with serving(ca) as service:
        yield ca, service
    await api.delete("/settings/iso15118")


@contextmanager
def serving(ca: Ca) -> Iterator[WebService]:
    with web_service(ca.respond) as service:
        yield service


async def contract(tokens: Tokens, api: Api) -> str:
    """An eMAID that is known, as nobody else's."""
    emaid = f"DEVOL{int(tokens.unknown()[-4:]):09}"
    await api.put(f"/tokens/{emaid}", status="accepted", type="eMAID")
    return emaid


def hashed(ca: Ca, certificate: x509.Certificate, url: str) -> dict[str, Any]:
    data = ca.hash_data(certificate)
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
        "responderURL": url,
    }


@official("TC_C_50_CSMS", "The responder is asked about a contract's certificate, and the contract is good")
async def test_tc_c_50_csms_good_contract(
    v201: Station, tokens: Tokens, responder: tuple[Ca, WebService], api: Api
) -> None:
    ca, service = responder
    emaid = await contract(tokens, api)
    data = [hashed(ca, ca.issue("contract"), service.url)]
    answer = await authorize(v201, emaid, "eMAID", iso15118CertificateHashData=data)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Accepted", "Accepted")
    assert len(service.requests) == 1
    started = event("Started", "tx", 0, idToken={"idToken": emaid, "type": "eMAID"})
    assert (await v201.call("TransactionEvent", started))["idTokenInfo"]["status"] == "Accepted"


@official("TC_C_51_CSMS", "The responder says that a contract's certificate is revoked")
async def test_tc_c_51_csms_revoked_contract(
    v201: Station, tokens: Tokens, responder: tuple[Ca, WebService], api: Api
) -> None:
    ca, service = responder
    certificate = ca.issue("contract")
    ca.revoke(certificate)
    data = [hashed(ca, certificate, service.url)]
    answer = await authorize(v201, await contract(tokens, api), "eMAID", iso15118CertificateHashData=data)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Invalid", "CertificateRevoked")


@official("TC_C_52_CSMS", "A contract's certificate is left to the server, which finds the responder in it")
async def test_tc_c_52_csms_contract_checked_by_the_server(
    v201: Station, tokens: Tokens, responder: tuple[Ca, WebService], api: Api
) -> None:
    ca, service = responder
    await api.put("/settings/authorization", contract_roots=pem(ca.certificate))
    emaid = await contract(tokens, api)
    chain = pem(contract_certificate(ca, emaid, service.url))
    answer = await authorize(v201, emaid, "eMAID", certificate=chain)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Accepted", "Accepted")
    assert len(service.requests) == 1
    started = event("Started", "tx", 0, idToken={"idToken": emaid, "type": "eMAID"})
    assert (await v201.call("TransactionEvent", started))["idTokenInfo"]["status"] == "Accepted"
    await api.put("/settings/authorization", contract_roots=None)
