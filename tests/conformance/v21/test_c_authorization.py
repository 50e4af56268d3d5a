"""OCPP 2.1, block C: what is new in authorisation. The ids name the use case."""

import json
import time
from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Csms, Station, Tokens
from support.payloads import event
from support.web_service import Request, web_service
from voltherd.domain.web_payment import one_time_password

ours = partial(case, version="2.1")


async def authorize(station: Station, token: str, kind: str = "ISO14443") -> dict[str, Any]:
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": kind}})
    return dict(answer["idTokenInfo"])


@ours("TC_C_17_1_V21", "A prepaid token charges as far as its credit goes, and is not kept by the station")
async def test_tc_c_17_1_v21_prepaid_card(v21: Station, tokens: Tokens) -> None:
    token = await tokens.make(prepaid_balance="20.50")
    found = await authorize(v21, token)
    assert (found["status"], "cacheExpiryDateTime" in found) == ("Accepted", True)
    begun = await v21.call("TransactionEvent", event("Started", "tx", 0, token=token))
    assert (begun["idTokenInfo"]["status"], begun["transactionLimit"]) == ("Accepted", {"maxCost": 20.5})
    info = {"transactionLimit": {"maxCost": 20.5}}
    later = await v21.call("TransactionEvent", event("Updated", "tx", 1, info=info))
    assert "transactionLimit" not in later
    await v21.api.put(f"/tokens/{token}", prepaid_balance="0")
    assert (await authorize(v21, token))["status"] == "NoCredit"


@ours("TC_C_18_1_V21", "What the payment terminal at the station authorised may charge")
async def test_tc_c_18_1_v21_payment_terminal(v21: Station, tokens: Tokens) -> None:
    reference = tokens.unknown()
    assert (await authorize(v21, reference, "DirectPayment"))["status"] == "Accepted"
    begin = event("Started", "tx", 0, idToken={"idToken": reference, "type": "DirectPayment"})
    begin["transactionInfo"]["transactionLimit"] = {"maxCost": 50}
    assert (await v21.call("TransactionEvent", begin))["idTokenInfo"]["status"] == "Accepted"
    found = await v21.transaction()
    assert (found["id_token"], found["id_token_type"]) == (reference, "DirectPayment")


@ours("TC_C_23_1_V21", "The terminal authorised a higher amount while the session runs")
async def test_tc_c_23_1_v21_higher_amount(v21: Station, tokens: Tokens) -> None:
    paid = {"idToken": tokens.unknown(), "type": "DirectPayment"}
    begin = event("Started", "tx", 0, idToken=paid, info={"transactionLimit": {"maxCost": 20}})
    await v21.call("TransactionEvent", begin)
    assert (await v21.transaction())["limits"]["reported"] == {"max_cost": 20.0}
    more = event("Updated", "tx", 1, trigger="LimitSet", info={"transactionLimit": {"maxCost": 40}})
    assert "transactionLimit" not in await v21.call("TransactionEvent", more)
    assert (await v21.transaction())["limits"]["reported"] == {"max_cost": 40.0}


@ours("TC_C_24_1_V21", "What a payment kiosk authorised is started from here under its reference")
async def test_tc_c_24_1_v21_payment_kiosk(v21: Station, tokens: Tokens) -> None:
    reference = tokens.unknown()
    body = {"id_token": reference, "id_token_type": "DirectPayment", "evse_id": 1}
    done = await v21.command("remote-start", body, answers={"RequestStartTransaction": {"status": "Accepted"}})
    assert done.call.payload["idToken"] == {"idToken": reference, "type": "DirectPayment"}
    info = {"remoteStartId": done.call.payload["remoteStartId"]}
    begin = event("Started", "tx", 0, idToken={"idToken": reference, "type": "DirectPayment"}, info=info)
    assert (await v21.call("TransactionEvent", begin))["idTokenInfo"]["status"] == "Accepted"
    transaction = await v21.transaction()
    await v21.api.put(f"/transactions/{transaction['id']}/limits", max_cost=15)
    later = await v21.call("TransactionEvent", event("Updated", "tx", 1))
    assert later["transactionLimit"] == {"maxCost": 15}


async def test_a_service_of_somebody_else_decides_while_the_station_waits(
    v21: Station, tokens: Tokens, csms: Csms
) -> None:
    if csms.servers is None:
        return
    token = tokens.unknown()

    def respond(request: Request) -> tuple[int, bytes]:
        known = json.loads(request.body)["id_token"] == token
        return 200, json.dumps({"status": "Accepted" if known else "Unknown", "group_id": "PARTNER"}).encode()

    with web_service(respond) as service:
        await v21.api.put("/settings/authorization", webhook_url=service.url, webhook_secret="hush")
        try:
            assert await authorize(v21, token) == {
                "status": "Accepted",
                "groupIdToken": {"idToken": "PARTNER", "type": "Central"},
            }
            assert (await authorize(v21, tokens.unknown()))["status"] == "Unknown"
            assert (await v21.api.get("/settings/authorization"))["webhook_secret"] == "***"
        finally:
            await v21.api.delete("/settings/authorization")
    assert [request.headers["authorization"] for request in service.requests] == ["Bearer hush"] * 2


@ours("TC_C_25_1_V21", "A code at the station is scanned, checked, paid for elsewhere, and starts a limited session")
async def test_tc_c_25_1_v21_dynamic_code(v21: Station, tokens: Tokens) -> None:
    template = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
    secret, reference = "a secret of the stations", tokens.unknown()
    await v21.api.put("/settings/web_payments", url_template=template, shared_secret=secret)
    totp = one_time_password(secret, int(time.time()), validity_s=30, length=8)
    scanned = f"https://pay.example/{v21.identity}/1/{totp}/v1?maxcost=12.5"
    v21.answers["NotifyWebPaymentStarted"] = {}
    found = await v21.api.post("/web-payments/check", {"url": scanned, "lock_s": 120})
    assert (found["station_id"], found["evse_id"], found["max_cost"]) == (v21.identity, 1, 12.5)
    call = await v21.peer.next_call()
    assert (call.action, call.payload) == ("NotifyWebPaymentStarted", {"evseId": 1, "timeout": 120})
    code, _ = await v21.api.refused("/web-payments/check", {"url": scanned.replace(totp, "0" * 8)})
    assert code == 422
    body = {"id_token": reference, "id_token_type": "DirectPayment", "evse_id": 1, "max_cost": found["max_cost"]}
    done = await v21.command("remote-start", body, answers={"RequestStartTransaction": {"status": "Accepted"}})
    info = {"remoteStartId": done.call.payload["remoteStartId"]}
    begin = event("Started", "tx", 0, idToken={"idToken": reference, "type": "DirectPayment"}, info=info)
    answer = await v21.call("TransactionEvent", begin)
    assert (answer["idTokenInfo"]["status"], answer["transactionLimit"]) == ("Accepted", {"maxCost": 12.5})
