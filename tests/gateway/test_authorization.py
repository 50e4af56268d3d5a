"""Who may charge: types of tokens, credit, master pass, contracts, and a web service that is asked (block C)."""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from support.desk import NOON_MS, Desk, Payload, at
from support.pki import Ca, name_of, pem
from support.web_service import Request, WebService, web_service
from voltherd.domain.errors import Invalid
from voltherd.domain.transaction import limits_of
from voltherd.ocpp.version import OcppVersion
from voltherd.services.settings import Authorization, Iso15118

NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)


@pytest.fixture(params=list(OcppVersion), ids=str)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    made = await Desk.open(tmp_path / "desk.db", request.param)
    yield made
    await made.store.close()


async def put(desk: Desk, kind: Any, **fields: Any) -> None:
    await desk.services.local_lists._settings.change(kind, fields, who="test")


async def ask(desk: Desk, token: str, token_type: str = "ISO14443", **more: Any) -> Payload:
    """Authorize; gives the information on the token in the words of 2.x."""
    if desk.version is OcppVersion.V16:
        info = (await desk.receive("Authorize", {"idTag": token}))["idTagInfo"]
        return {"status": info["status"], "group": info.get("parentIdTag"), "until": info.get("expiryDate")}
    payload = {"idToken": {"idToken": token, "type": token_type}, **more}
    answer = await desk.receive("Authorize", payload)
    info = answer["idTokenInfo"]
    group = info.get("groupIdToken", {}).get("idToken")
    found = {"status": info["status"], "group": group, "until": info.get("cacheExpiryDateTime")}
    return found | ({"certificate": answer["certificateStatus"]} if "certificateStatus" in answer else {})


def event(kind: str = "Started", token: str = "CARD", seq_no: int = 0, **more: Any) -> Payload:
    return {
        "eventType": kind,
        "timestamp": at(seq_no),
        "triggerReason": "Authorized",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": "tx-1"},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": token, "type": "ISO14443"},
        **more,
    }


async def start(desk: Desk, token: str) -> str:
    """Begin a session; gives the verdict on its token."""
    if desk.version is OcppVersion.V16:
        begin = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": at(0)}
        return str((await desk.receive("StartTransaction", begin))["idTagInfo"]["status"])
    return str((await desk.receive("TransactionEvent", event(token=token)))["idTokenInfo"]["status"])


# -- types --------------------------------------------------------------------------------------------------------


async def test_c04_a_pin_is_no_card_and_an_unknown_one_is_invalid(v2: Desk) -> None:
    await v2.token("1234", type="KeyCode")
    await v2.token("5678")
    assert (await ask(v2, "1234", "KeyCode"))["status"] == "Accepted"
    assert (await ask(v2, "1234", "ISO14443"))["status"] == "Unknown"
    assert (await ask(v2, "5678", "KeyCode"))["status"] == "Invalid"
    assert (await ask(v2, "9999", "KeyCode"))["status"] == "Invalid"


async def test_c04_fr_06_after_five_wrong_pins_none_is_looked_at_for_a_while(v2: Desk) -> None:
    await v2.token("1234", type="KeyCode")
    await v2.token("CARD")
    for wrong in range(5):
        assert (await ask(v2, f"{wrong}", "KeyCode"))["status"] == "Invalid"
    assert (await ask(v2, "1234", "KeyCode"))["status"] == "Invalid"
    assert (await ask(v2, "CARD"))["status"] == "Accepted"
    v2.now_ms += 31_000
    assert (await ask(v2, "9", "KeyCode"))["status"] == "Invalid"
    v2.now_ms += 31_000
    assert (await ask(v2, "1234", "KeyCode"))["status"] == "Invalid"
    v2.now_ms += 31_000
    assert (await ask(v2, "1234", "KeyCode"))["status"] == "Accepted"
    assert (await ask(v2, "8", "KeyCode"))["status"] == "Invalid"
    assert (await ask(v2, "1234", "KeyCode"))["status"] == "Accepted"


@pytest.mark.parametrize("token_type", ["Central", "Local", "MacAddress", "ISO15693"])
async def test_c05_c06_other_types_are_judged_by_their_record(v2: Desk, token_type: str) -> None:
    await v2.token("TICKET", type=token_type)
    assert (await ask(v2, "TICKET", token_type))["status"] == "Accepted"
    assert (await ask(v2, "NONE", token_type))["status"] == "Unknown"


async def test_c18_fr_04_what_a_payment_terminal_authorised_is_accepted(v2: Desk) -> None:
    if v2.version is OcppVersion.V21:
        assert (await ask(v2, "psp-1", "DirectPayment"))["status"] == "Accepted"
        await v2.token("psp-2", type="DirectPayment", status="blocked")
        assert (await ask(v2, "psp-2", "DirectPayment"))["status"] == "Blocked"


@pytest.mark.parametrize("written", ["DE-8AA-C12345678-X", "de8aac12345678", "DE8AAC12345678X", "DE*8AA*C12345678"])
async def test_c07_a_contracts_id_is_the_same_however_it_is_written(v2: Desk, written: str) -> None:
    await v2.token("DE8AA-C12345678", type="eMAID")
    assert (await ask(v2, written, "eMAID"))["status"] == "Accepted"
    assert (await ask(v2, "DE8AAC12345679", "eMAID"))["status"] == "Unknown"
    assert (await v2.services.authorization.get(written)).token == "DE8AA-C12345678"


async def test_a_contract_recorded_without_its_type_is_found_as_written(v2: Desk) -> None:
    await v2.token("DE-8AA-C12345678-X")
    assert (await ask(v2, "DE-8AA-C12345678-X", "eMAID"))["status"] == "Accepted"


async def test_a_contract_is_not_made_twice_by_another_way_of_writing(v2: Desk) -> None:
    await v2.token("DE-8AA-C12345678-X", type="eMAID")
    await v2.token("DE8AAC12345678", status="blocked")
    assert (await ask(v2, "DE-8AA-C12345678", "eMAID"))["status"] == "Blocked"
    assert len((await v2.store.records.tokens(1)).items) == 1


async def test_c09_fr_12_the_group_stands_in_every_answer(desk: Desk) -> None:
    await desk.token("CARD", group_id="FLEET")
    await desk.token("SECOND", group_id="FLEET")
    assert await start(desk, "CARD") == "Accepted"
    assert (await ask(desk, "SECOND")) == {"status": "Accepted", "group": "FLEET", "until": None}
    if desk.version is not OcppVersion.V16:
        ended = await desk.receive("TransactionEvent", event("Ended", "SECOND", 1, triggerReason="StopAuthorized"))
        assert ended["idTokenInfo"] == {
            "status": "Accepted",
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        }


# -- master pass ----------------------------------------------------------------------------------------------------


async def test_c16_fr_03_a_master_pass_is_accepted_but_begins_no_session(desk: Desk) -> None:
    await put(desk, Authorization, master_pass_group="POLICE")
    await desk.token("MASTER", group_id="police")
    assert (await ask(desk, "MASTER"))["status"] == "Accepted"
    assert await start(desk, "MASTER") == "Invalid"
    assert (await desk.transaction()).authorization == "Invalid"


async def test_c16_a_master_pass_ends_a_session(v2: Desk) -> None:
    await put(v2, Authorization, master_pass_group="POLICE")
    await v2.token("MASTER", group_id="POLICE")
    await v2.token("CARD")
    await start(v2, "CARD")
    info = {"transactionId": "tx-1", "stoppedReason": "MasterPass"}
    ended = await v2.receive(
        "TransactionEvent", event("Ended", "MASTER", 1, triggerReason="StopAuthorized", transactionInfo=info)
    )
    assert ended["idTokenInfo"]["status"] == "Accepted"
    assert (await v2.transaction()).stop_reason == "MasterPass"


# -- credit ---------------------------------------------------------------------------------------------------------


async def test_c17_fr_01_a_prepaid_token_with_credit_is_accepted_and_not_kept(desk: Desk) -> None:
    await desk.token("CARD", prepaid_balance="12.50")
    found = await ask(desk, "CARD")
    assert found["status"] == "Accepted"
    assert found["until"] == (at(0) if desk.version is OcppVersion.V21 else None)


@pytest.mark.parametrize("balance", ["0", "0.00", "-3"])
async def test_c17_fr_02_without_credit_there_is_no_charging(desk: Desk, balance: str) -> None:
    await desk.token("CARD", prepaid_balance=balance)
    assert (await ask(desk, "CARD"))["status"] == ("Blocked" if desk.version is OcppVersion.V16 else "NoCredit")


async def test_c17_fr_03_the_credit_is_told_as_the_limit_of_the_session_until_it_is_reported(v2: Desk) -> None:
    await v2.token("CARD", prepaid_balance="12.50")
    answer = await v2.receive("TransactionEvent", event())
    if v2.version is OcppVersion.V21:
        assert answer["transactionLimit"] == {"maxCost": 12.5}
        info = {"transactionId": "tx-1", "transactionLimit": {"maxCost": 12.5}}
        later = await v2.receive("TransactionEvent", event("Updated", seq_no=1, transactionInfo=info))
        assert "transactionLimit" not in later
    else:
        assert "transactionLimit" not in answer
    wanted = limits_of(await v2.transaction()).wanted
    assert wanted is not None
    assert wanted.max_cost == 12.5


async def test_a_balance_that_is_no_amount_is_refused(desk: Desk) -> None:
    for balance in ("much", "1e3", "1,50", ""):
        with pytest.raises(Invalid, match="prepaid_balance"):
            await desk.token("CARD", prepaid_balance=balance)


# -- a web service decides --------------------------------------------------------------------------------------------


@contextmanager
def deciding(answer: Callable[[dict[str, Any]], Any], status: int = 200) -> Iterator[WebService]:
    """A service that answers by a function of the question."""

    def respond(request: Request) -> tuple[int, bytes]:
        found = answer(json.loads(request.body))
        return status, found if isinstance(found, bytes) else json.dumps(found).encode()

    with web_service(respond) as service:
        yield service


async def test_a_token_that_nobody_knows_is_asked_about_once_per_message(desk: Desk) -> None:
    verdict = {"status": "Accepted", "group_id": "ROAMING", "expires_at": at(60)}
    with deciding(lambda _: verdict) as service:
        await put(desk, Authorization, webhook_url=f"{service.url}/ask", webhook_secret="s3cret")
        assert await ask(desk, "STRANGER") == {"status": "Accepted", "group": "ROAMING", "until": at(60)}
        assert len(service.requests) == 1
        await ask(desk, "STRANGER")
        assert len(service.requests) == 2
    [first, _] = service.requests
    assert (first.method, first.path, first.headers["authorization"]) == ("POST", "/ask", "Bearer s3cret")
    question = json.loads(first.body)
    kind = {} if desk.version is OcppVersion.V16 else {"id_token_type": "ISO14443"}
    assert question == {
        "station_id": "CS-1",
        "id_token": "STRANGER",
        "by_record": "Unknown",
        "at": at(0),
        **kind,
    }


async def test_the_service_is_told_when_a_session_begins_and_its_verdict_counts_until_the_end(desk: Desk) -> None:
    with deciding(lambda _: {"status": "Accepted"}) as service:
        await put(desk, Authorization, webhook_url=service.url)
        assert await start(desk, "STRANGER") == "Accepted"
        [asked] = [json.loads(item.body) for item in service.requests]
        assert asked["begins_session"] is True
    if desk.version is not OcppVersion.V16:  # the service is gone; the session's own token may end it (C01.FR.03)
        ended = await desk.receive("TransactionEvent", event("Ended", "STRANGER", 1, triggerReason="StopAuthorized"))
        assert ended["idTokenInfo"]["status"] == "Accepted"


async def test_what_our_records_decide_is_asked_only_where_the_setting_says_always(desk: Desk) -> None:
    await desk.token("CARD")
    with deciding(lambda question: {"status": "Blocked"}) as service:
        await put(desk, Authorization, webhook_url=service.url)
        assert (await ask(desk, "CARD"))["status"] == "Accepted"
        assert service.requests == []
        await put(desk, Authorization, ask="always")
        assert (await ask(desk, "CARD"))["status"] == "Blocked"
        assert json.loads(service.requests[0].body)["by_record"] == "Accepted"


@pytest.mark.parametrize(
    ("on_failure", "known", "unknown"),
    [("by-record", "Accepted", "Unknown"), ("accept", "Accepted", "Accepted"), ("refuse", "Invalid", "Invalid")],
)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (200, b"not JSON"),
        (200, {"status": "perhaps"}),
        (404, {"status": "Accepted"}),
        (200, {"status": "Accepted", "expires_at": "tomorrow"}),
        (200, {"status": "Accepted", "expires_at": ""}),
        (200, {"status": "Accepted", "expires_at": "2026-05-05T00:00:00"}),
        (200, {"status": "Accepted", "max_cost": "twenty"}),
        (200, {"status": "Accepted", "max_cost": ""}),
        (200, {"status": "Accepted", "max_cost": "-1"}),
        (200, {"status": "Accepted", "max_cost": 20}),
    ],
)
async def test_without_a_usable_answer_the_setting_decides(
    v2: Desk, on_failure: str, known: str, unknown: str, status: int, body: Any
) -> None:
    await v2.token("CARD")
    with deciding(lambda _: body, status) as service:
        await put(v2, Authorization, webhook_url=service.url, ask="always", on_failure=on_failure)
        assert (await ask(v2, "CARD"))["status"] == known
        assert (await ask(v2, "STRANGER"))["status"] == unknown
        assert len(service.requests) == 2


async def test_the_station_waits_no_longer_than_the_setting_says(desk: Desk) -> None:
    def slow(_: dict[str, Any]) -> dict[str, str]:
        time.sleep(1.0)
        return {"status": "Accepted"}

    with deciding(slow) as service:
        await put(desk, Authorization, webhook_url=service.url, timeout_s=0.1)
        began = time.monotonic()
        assert (await ask(desk, "STRANGER"))["status"] in ("Unknown", "Invalid")
        assert time.monotonic() - began < 0.9


async def test_a_service_that_is_gone_is_as_one_that_says_nothing(desk: Desk) -> None:
    await put(desk, Authorization, webhook_url="http://127.0.0.1:1/ask", on_failure="accept")
    assert (await ask(desk, "STRANGER"))["status"] == "Accepted"


async def test_a_pin_and_a_payment_that_nobody_knows_are_asked_about_too(v2: Desk) -> None:
    answers = {"1234": "Accepted", "psp-1": "Unknown"}
    with deciding(lambda question: {"status": answers.get(question["id_token"], "nonsense")}) as service:
        await put(v2, Authorization, webhook_url=service.url)
        assert (await ask(v2, "1234", "KeyCode"))["status"] == "Accepted"
        assert (await ask(v2, "9999", "KeyCode"))["status"] == "Invalid"
        if v2.version is OcppVersion.V21:
            assert (await ask(v2, "psp-1", "DirectPayment"))["status"] == "Unknown"
            assert (await ask(v2, "psp-2", "DirectPayment"))["status"] == "Accepted"


async def test_the_service_may_limit_what_is_spent(v2: Desk) -> None:
    with deciding(lambda _: {"status": "Accepted", "max_cost": "7.5"}) as service:
        await put(v2, Authorization, webhook_url=service.url)
        answer = await v2.receive("TransactionEvent", event(token="STRANGER"))
        expected = {"maxCost": 7.5} if v2.version is OcppVersion.V21 else None
        assert answer.get("transactionLimit") == expected


# -- contract certificates --------------------------------------------------------------------------------------------

EMAID = "DE8AAC12345678"


def hashed(ca: Ca, certificate: x509.Certificate, url: str) -> Payload:
    data = ca.hash_data(certificate)
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
        "responderURL": url,
    }


@contextmanager
def responder(ca: Ca) -> Iterator[WebService]:
    with web_service(ca.respond) as service:
        yield service


async def test_c07_fr_14_a_good_contract_and_a_good_token(v2: Desk) -> None:
    ca = Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    with responder(ca) as service:
        await put(v2, Iso15118, ocsp_responders=["127.0.0.1"])
        data = [hashed(ca, ca.issue("contract"), service.url), hashed(ca, ca.issue("sub"), service.url)]
        found = await ask(v2, EMAID, "eMAID", iso15118CertificateHashData=data)
        assert len(service.requests) == 2
    assert (found["status"], found["certificate"]) == ("Accepted", "Accepted")


@pytest.mark.parametrize("status", ["blocked", "expired", "invalid", None])
async def test_c07_fr_13_a_good_certificate_of_a_contract_that_is_over(v2: Desk, status: Any) -> None:
    ca = Ca(now=NOON)
    if status:
        await v2.token(EMAID, type="eMAID", status=status)
    with responder(ca) as service:
        await put(v2, Iso15118, ocsp_responders=["127.0.0.1"])
        data = [hashed(ca, ca.issue("contract"), service.url)]
        found = await ask(v2, EMAID, "eMAID", iso15118CertificateHashData=data)
    assert found["certificate"] == "ContractCancelled"
    assert found["status"] == (status.capitalize() if status else "Unknown")


async def test_c07_fr_16_a_revoked_certificate(v2: Desk) -> None:
    ca = Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    contract = ca.issue("contract")
    ca.revoke(contract)
    with responder(ca) as service:
        await put(v2, Iso15118, ocsp_responders=["127.0.0.1"])
        found = await ask(v2, EMAID, "eMAID", iso15118CertificateHashData=[hashed(ca, contract, service.url)])
    assert (found["status"], found["certificate"]) == ("Invalid", "CertificateRevoked")


@pytest.mark.parametrize(
    ("policy", "status", "certificate"),
    [("require", "Invalid", "CertChainError"), ("prefer", "Accepted", "Accepted"), ("skip", "Accepted", "Accepted")],
)
async def test_c07_fr_17_without_an_answer_of_the_responder_the_setting_decides(
    v2: Desk, policy: str, status: str, certificate: str
) -> None:
    ca = Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    await put(v2, Iso15118, ocsp_responders=["127.0.0.1"], ocsp_policy=policy)
    data = [hashed(ca, ca.issue("contract"), "http://127.0.0.1:1/")]
    found = await ask(v2, EMAID, "eMAID", iso15118CertificateHashData=data)
    assert (found["status"], found["certificate"]) == (status, certificate)


def contract(ca: Ca, url: str, *, days: int = 30) -> x509.Certificate:
    """A contract certificate that names its responder."""
    ca.known.add(4242)
    place = x509.AccessDescription(
        x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url or "http://127.0.0.1:1")
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name_of(EMAID))
        .issuer_name(ca.name)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(4242)
        .not_valid_before(NOON - timedelta(days=60))
        .not_valid_after(NOON + timedelta(days=days))
        .add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        .sign(ca.key, hashes.SHA256())
    )


async def test_c07_fr_06_a_chain_is_held_against_our_roots_and_its_responder_is_asked(v2: Desk) -> None:
    ca = Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    with responder(ca) as service:
        await put(v2, Iso15118, ocsp_responders=["127.0.0.1"])
        await put(v2, Authorization, contract_roots=pem(ca.certificate))
        found = await ask(v2, EMAID, "eMAID", certificate=pem(contract(ca, service.url)))
        assert len(service.requests) == 1
    assert (found["status"], found["certificate"]) == ("Accepted", "Accepted")


async def test_c07_fr_15_a_certificate_that_has_expired(v2: Desk) -> None:
    ca = Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    await put(v2, Authorization, contract_roots=pem(ca.certificate))
    found = await ask(v2, EMAID, "eMAID", certificate=pem(contract(ca, "", days=-1)))
    assert (found["status"], found["certificate"]) == ("Expired", "CertificateExpired")


async def test_c07_fr_17_a_chain_that_leads_to_no_root_of_ours(v2: Desk) -> None:
    ca, other = Ca(now=NOON), Ca(now=NOON)
    await v2.token(EMAID, type="eMAID")
    for roots, chain in (
        (None, pem(contract(ca, ""))),
        (pem(other.certificate), pem(contract(ca, "")) + pem(ca.certificate)),
        (pem(ca.certificate), "nonsense"),
    ):
        await put(v2, Authorization, contract_roots=roots)
        found = await ask(v2, EMAID, "eMAID", certificate=chain)
        assert (found["status"], found["certificate"]) == ("Invalid", "CertChainError")


async def test_no_certificate_no_word_of_it(v2: Desk) -> None:
    await v2.token(EMAID, type="eMAID")
    assert "certificate" not in await ask(v2, EMAID, "eMAID")
