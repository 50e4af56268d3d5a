"""OCPP 2.0.1, block N: logs and what the station knows of customers."""

import hashlib
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.files import FileServer
from conformance.stations.hand import Hand
from conformance.stations.v2 import TOKEN, Session, configure, fresh

official = partial(case, version="2.0.1")
FAILED = {"UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"}


async def get_log(csms: Csms, files: FileServer, status: str = "Accepted", **fields: Any) -> int:
    """Ask for a log; gives the request's id."""
    request_id = fresh()
    asked = {"logType": "DiagnosticsLog", "requestId": request_id, "log": {"remoteLocation": f"{files.url}/logs/"}}
    answer = await csms.call("GetLog", asked | fields)
    assert answer["status"] == status
    assert answer["filename"]
    return request_id


async def told(csms: Csms, request_id: int, status: str | set[str]) -> float:
    """The station says so of an upload; gives when."""
    return (await csms.expect("LogStatusNotification", status=status, requestId=request_id)).at


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            "DiagnosticsLog", marks=official("TC_N_25_CS", "The diagnostics log is uploaded"), id="TC_N_25_CS"
        ),
        pytest.param("SecurityLog", marks=official("TC_N_35_CS", "The security log is uploaded"), id="TC_N_35_CS"),
    ],
)
async def test_uploaded(csms: Csms, station: Hand, files: FileServer, kind: str) -> None:
    request_id = await get_log(csms, files, logType=kind)
    await told(csms, request_id, "Uploading")
    await told(csms, request_id, "Uploaded")
    [content] = files.received.values()
    assert content


@official("TC_N_26_CS", "An upload that fails is tried again as often as asked, at the interval asked")
async def test_tc_n_26_cs_upload_fails(csms: Csms, station: Hand, files: FileServer) -> None:
    files.refusing = True
    request_id = await get_log(csms, files, retries=3, retryInterval=60)
    await station.meanwhile(
        csms.until(
            lambda: len(_failures(csms, request_id)) >= 1 or None, lambda: "the upload did not fail as often as asked"
        ),
        step_s=2,
    )
    first = next(c.at for c in csms.calls if c.action == "LogStatusNotification")
    for _ in range(40):
        await station.pass_time(10)
        await _in_real_time(csms)
    last = _failures(csms, request_id)[-1]
    assert 170 <= last - first <= 215
    assert files.tries == 4


def _failures(csms: Csms, request_id: int) -> list[float]:
    return [
        c.at
        for c in csms.calls
        if c.action == "LogStatusNotification" and c["requestId"] == request_id and c["status"] in FAILED
    ]


async def _in_real_time(csms: Csms) -> None:
    """Let a transfer that is under way end."""
    for _ in range(5):
        await csms.settle()


@official("TC_N_36_CS", "A second request takes the place of an upload that is under way")
async def test_tc_n_36_cs_second_request(csms: Csms, station: Hand, files: FileServer) -> None:
    files.hold_uploads()
    first = await get_log(csms, files)
    await told(csms, first, "Uploading")
    second = await get_log(csms, files, "AcceptedCanceled")
    await told(csms, first, "AcceptedCanceled")
    files.let_go()
    await told(csms, second, "Uploading")
    await told(csms, second, "Uploaded")


async def _known(csms: Csms, station: Hand) -> None:
    """Let the station learn about the card, by its cache and its list."""
    await configure(
        csms,
        LocalAuthListCtrlr__Enabled=True,
        AuthCtrlr__LocalPreAuthorize=True,
        AuthCacheCtrlr__Enabled=True,
    )
    session = Session(csms, station)
    await session.charging()
    await session.done()
    entry = {"idToken": {"idToken": TOKEN, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    answer = await csms.call("SendLocalList", updateType="Full", versionNumber=1, localAuthorizationList=[entry])
    assert answer["status"] == "Accepted"


async def customer(csms: Csms, *, report: bool, clear: bool, **who: Any) -> str:
    """Ask about a customer; gives what was reported."""
    request_id = fresh()
    whom = who or {"idToken": {"idToken": TOKEN, "type": "ISO14443"}}
    answer = await csms.call("CustomerInformation", {"requestId": request_id, "report": report, "clear": clear} | whom)
    assert answer["status"] == "Accepted"
    text = ""
    for number in range(100):
        part = await csms.expect("NotifyCustomerInformation", requestId=request_id)
        assert part["seqNo"] == number
        text += part["data"]
        if not part.get("tbc", False):
            return text
    raise AssertionError("the report does not end")


@official("TC_N_27_CS", "What is known of a customer is told")
async def test_tc_n_27_cs_told(csms: Csms, station: Hand) -> None:
    nothing = await customer(csms, report=True, clear=False)
    await _known(csms, station)
    assert await customer(csms, report=True, clear=False) != nothing


@official("TC_N_28_CS", "Where nothing is known of a customer, that is told")
async def test_tc_n_28_cs_nothing_known(csms: Csms, station: Hand) -> None:
    await customer(csms, report=True, clear=False)
    await csms.none("NotifyCustomerInformation")


@official("TC_N_30_CS", "What is known of a customer is told and forgotten")
async def test_tc_n_30_cs_told_and_forgotten(csms: Csms, station: Hand) -> None:
    await _known(csms, station)
    before = await customer(csms, report=True, clear=True)
    assert before
    after = await customer(csms, report=True, clear=False)
    assert after != before
    csms.will_answer("Authorize", {"idTokenInfo": {"status": "Invalid"}})
    await Session(csms, station).plugged()


@official("TC_N_31_CS", "Nothing known, nothing to forget: that is told")
async def test_tc_n_31_cs_nothing_to_forget(csms: Csms, station: Hand) -> None:
    await customer(csms, report=True, clear=True)


@official("TC_N_32_CS", "What is known of a customer is forgotten without a report, and that is told")
async def test_tc_n_32_cs_forgotten(csms: Csms, station: Hand) -> None:
    await _known(csms, station)
    await customer(csms, report=False, clear=True)


@official("TC_N_62_CS", "Customers are known by other names, too")
async def test_tc_n_62_cs_customer_identifier(csms: Csms, station: Hand) -> None:
    await _known(csms, station)
    await customer(csms, report=True, clear=True, customerIdentifier=TOKEN)
    await customer(csms, report=True, clear=False, customerIdentifier=TOKEN)


@official("TC_N_63_CS", "Customers are known by their certificates, too")
async def test_tc_n_63_cs_customer_certificate(csms: Csms, station: Hand) -> None:
    digest = hashlib.sha256(b"nobody").hexdigest()
    certificate = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": digest,
        "issuerKeyHash": digest,
        "serialNumber": "1",
    }
    await customer(csms, report=True, clear=True, customerCertificate=certificate)
    await customer(csms, report=True, clear=False, customerCertificate=certificate)
