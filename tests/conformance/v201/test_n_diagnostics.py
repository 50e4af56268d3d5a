"""OCPP 2.0.1, block N: logs and customer information."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import instant

official = partial(case, version="2.0.1")
THERE = "https://logs.example/upload"

# -- logs -------------------------------------------------------------------------------------------------------------


async def get_log(station: Station, status: str = "Accepted", kind: str = "diagnostics") -> Any:
    """Ask for a log, which the station answers; the request is as it should be."""
    answer = {"status": status} | ({} if status == "Rejected" else {"filename": "log.zip"})
    done = await station.command("get-log", {"type": kind, "location": THERE}, {"GetLog": answer})
    wire = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}[kind]
    assert done.call.action == "GetLog"
    assert done.call.payload == {
        "log": {"remoteLocation": THERE},
        "logType": wire,
        "requestId": done.call.payload["requestId"],
    }
    return done


async def told_status(station: Station, status: str, request_id: int) -> None:
    assert await station.call("LogStatusNotification", {"status": status, "requestId": request_id}) == {}


async def states(station: Station) -> list[str]:
    """States of the station's logs, oldest first."""
    found = await station.api.items("/logs", station_id=station.identity)
    return [item["status"] for item in reversed(found)]


async def uploaded(station: Station, kind: str) -> None:
    """Upload a log from request to end."""
    done = await get_log(station, kind=kind)
    assert done.record["state"] == "accepted"
    for status, state in (("Uploading", "uploading"), ("Uploaded", "uploaded")):
        await told_status(station, status, done.call.payload["requestId"])
        assert await states(station) == [state]
    await station.become(done.record, "effect_seen")
    [log] = await station.api.items(f"/stations/{station.identity}/logs")
    assert (log["type"], log["file_name"], log["location"]) == (kind, "log.zip", THERE)
    assert [item["status"] for item in log["history"]] == ["Uploading", "Uploaded"]


@official("TC_N_25_CSMS", "Diagnostics are asked for and uploaded")
async def test_tc_n_25_csms_diagnostics(v201: Station) -> None:
    await uploaded(v201, "diagnostics")


@official("TC_N_35_CSMS", "The security log is asked for and uploaded")
async def test_tc_n_35_csms_security_log(v201: Station) -> None:
    await uploaded(v201, "security")


@official("TC_N_34_CSMS", "A refused log is shown as refused")
async def test_tc_n_34_csms_refused(v201: Station) -> None:
    done = await get_log(v201, "Rejected")
    assert done.record["state"] == "rejected"
    assert await states(v201) == ["rejected"]


@official("TC_N_36_CSMS", "A second request for a log ends the upload under way")
async def test_tc_n_36_csms_second_request(v201: Station) -> None:
    first = await get_log(v201)
    await told_status(v201, "Uploading", first.call.payload["requestId"])
    second = await get_log(v201, "AcceptedCanceled")
    assert second.call.payload["requestId"] != first.call.payload["requestId"]
    assert await states(v201) == ["cancelled", "accepted"]
    await v201.become(first.record, "failed")
    await told_status(v201, "AcceptedCanceled", first.call.payload["requestId"])
    for status in ("Uploading", "Uploaded"):
        await told_status(v201, status, second.call.payload["requestId"])
    await v201.become(second.record, "effect_seen")
    assert await states(v201) == ["cancelled", "uploaded"]


# -- customer information ---------------------------------------------------------------------------------------------


async def ask(station: Station, wanted: dict[str, Any], status: str = "Accepted") -> Any:
    """Ask about a customer; gives what came of the command."""
    done = await station.command("get-customer-information", wanted, {"CustomerInformation": {"status": status}})
    assert done.call.action == "CustomerInformation"
    assert done.call.payload["report"] is wanted.get("report", True)
    assert done.call.payload["clear"] is wanted.get("clear", False)
    assert done.record["state"] == ("accepted" if status == "Accepted" else "rejected")
    return done


async def tell(station: Station, done: Any, *parts: str) -> dict[str, Any]:
    """Report about the customer in parts; gives the whole as the API shows it."""
    for seq_no, data in enumerate(parts):
        said = {"requestId": done.call.payload["requestId"], "seqNo": seq_no, "generatedAt": instant(), "data": data}
        said["tbc"] = seq_no + 1 < len(parts)
        assert await station.call("NotifyCustomerInformation", said) == {}
    await station.become(done.record, "effect_seen")
    [found] = await station.api.items(f"/stations/{station.identity}/customer-information")
    assert (found["status"], found["text"]) == ("complete", "".join(parts))
    return dict(found)


def by_token(token: str, **more: Any) -> dict[str, Any]:
    return {"id_token": token, "id_token_type": "ISO14443", **more}


async def of_token(station: Station, token: str, wanted: dict[str, Any], *parts: str) -> None:
    done = await ask(station, by_token(token, **wanted))
    assert done.call.payload["idToken"] == {"idToken": token, "type": "ISO14443"}
    assert (await tell(station, done, *parts))["customer"] == f"id_token {token}"


@official("TC_N_27_CSMS", "What is held about a customer's token is reported")
async def test_tc_n_27_csms_report(v201: Station, tokens: Tokens) -> None:
    await of_token(v201, await tokens.make(), {}, "last charged ", "on Monday")


@official("TC_N_28_CSMS", "That nothing is held about a customer is told")
async def test_tc_n_28_csms_report_without_data(v201: Station, tokens: Tokens) -> None:
    await of_token(v201, tokens.unknown(), {}, "")


@official("TC_N_29_CSMS", "A refused report about a customer is shown as refused")
async def test_tc_n_29_csms_refused(v201: Station, tokens: Tokens) -> None:
    await ask(v201, by_token(await tokens.make()), "Rejected")
    [found] = await v201.api.items("/customer-information", station_id=v201.identity)
    assert found["status"] == "rejected"


@official("TC_N_30_CSMS", "What is held about a customer's token is cleared and reported")
async def test_tc_n_30_csms_clear_and_report(v201: Station, tokens: Tokens) -> None:
    await of_token(v201, await tokens.make(), {"clear": True}, "last charged on Monday")


@official("TC_N_31_CSMS", "Clearing a customer of whom nothing is held is told")
async def test_tc_n_31_csms_clear_and_report_without_data(v201: Station, tokens: Tokens) -> None:
    await of_token(v201, tokens.unknown(), {"clear": True}, "")


@official("TC_N_32_CSMS", "What is held about a customer's token is cleared without a report")
async def test_tc_n_32_csms_clear(v201: Station, tokens: Tokens) -> None:
    await of_token(v201, await tokens.make(), {"clear": True, "report": False}, "cleared")


@official("TC_N_62_CSMS", "A customer to be cleared is named by an identifier")
async def test_tc_n_62_csms_clear_by_identifier(v201: Station) -> None:
    done = await ask(v201, {"customer_identifier": "OpenChargeAlliance", "clear": True})
    assert done.call.payload["customerIdentifier"] == "OpenChargeAlliance"
    await tell(v201, done, "cleared")


@official("TC_N_63_CSMS", "A customer to be cleared is named by a certificate")
async def test_tc_n_63_csms_clear_by_certificate(v201: Station) -> None:
    hashes = {"hash_algorithm": "SHA256", "issuer_name_hash": "aa", "issuer_key_hash": "bb", "serial_number": "1"}
    done = await ask(v201, {"certificate": hashes, "clear": True})
    assert done.call.payload["customerCertificate"] == {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "aa",
        "issuerKeyHash": "bb",
        "serialNumber": "1",
    }
    await tell(v201, done, "cleared")


@official("TC_N_46_CSMS", "A customer's token that was cleared is taken off the station's local list")
async def test_tc_n_46_csms_clear_changes_the_local_list(v201: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    listed = {"update": "full", "entries": [{"id_token": token}, {"id_token": tokens.unknown()}], "version": 5}
    await v201.command("send-local-list", listed, {"SendLocalList": {"status": "Accepted"}})
    done = await ask(v201, by_token(token, clear=True))
    v201.answers["GetLocalListVersion"] = {"versionNumber": 5}
    await tell(v201, done, "cleared")
    while (call := await v201.peer.next_call()).action != "SendLocalList":
        pass
    assert (call.payload["updateType"], call.payload["versionNumber"] > 5) == ("Differential", True)
    assert [item["idToken"]["idToken"] for item in call.payload["localAuthorizationList"]] == [token]
