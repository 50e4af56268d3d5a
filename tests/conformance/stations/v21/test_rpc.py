"""OCPP 2.1, the transport: frames that are new, and frames that are wrong."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import put
from support.peer import CallErrorAnswer

ours = partial(case, version="2.1", block="RPC framework")


async def _send(csms: Csms, frame: Any) -> None:
    assert csms.line is not None
    await csms.line.send(frame if isinstance(frame, str) else json.dumps(frame))


async def _goes_on(csms: Csms) -> None:
    """The connection holds, and a call is answered."""
    assert (await put(csms, "OCPPCommCtrlr.OfflineThreshold", "123"))["attributeStatus"] == "Accepted"
    await csms.settle()
    assert csms.lines == 1


@ours("TC_RPC_1_V21", "A CSMS that did not understand an answer says so: nothing breaks, nothing is sent back")
async def test_tc_rpc_1_v21_result_error(csms: Csms, station: Hand) -> None:
    frames = csms.frames
    await _send(csms, [5, "no-such-call", "FormatViolation", "on purpose", {}])
    await csms.settle()
    assert csms.frames == frames
    assert csms.violations == []
    await _goes_on(csms)


@ours("TC_RPC_2_V21", "A message that wants no answer gets none, known or not")
async def test_tc_rpc_2_v21_send(csms: Csms, station: Hand) -> None:
    frames = csms.frames
    await _send(
        csms, [6, "s-1", "NotifyPeriodicEventStream", {"id": 1, "pending": 0, "basetime": station.time(), "data": []}]
    )
    await _send(csms, [6, "s-2", "NoSuchMessage", {}])
    await csms.settle()
    assert csms.frames == frames
    await _goes_on(csms)


@ours("TC_RPC_3_V21", "An action that it does not know, or a payload that is wrong, is answered with the error for it")
@pytest.mark.parametrize(
    ("action", "payload", "codes"),
    [
        ("NoSuchMessage", {}, {"NotImplemented", "NotSupported"}),
        ("Reset", {}, {"OccurrenceConstraintViolation", "OccurenceConstraintViolation", "FormatViolation"}),
        ("Reset", {"type": 7}, {"TypeConstraintViolation", "FormatViolation"}),
        ("Reset", {"type": "Sideways"}, {"PropertyConstraintViolation", "TypeConstraintViolation", "FormatViolation"}),
    ],
)
async def test_tc_rpc_3_v21_errors(
    csms: Csms, station: Hand, action: str, payload: dict[str, Any], codes: set[str]
) -> None:
    with pytest.raises(CallErrorAnswer) as refused:
        await csms.call_wrong(action, payload)
    assert refused.value.code in codes
    await _goes_on(csms)


@ours("TC_RPC_4_V21", "A call that is repeated gets the first answer, and is done once")
async def test_tc_rpc_4_v21_repeated(csms: Csms, station: Hand) -> None:
    frame = [2, "same-id", "TriggerMessage", {"requestedMessage": "Heartbeat"}]
    answers: list[Any] = []
    waiting = csms._waiting
    for _ in range(2):
        future = asyncio.get_running_loop().create_future()
        waiting["same-id"] = "TriggerMessage", future
        await _send(csms, frame)
        answers.append(await future)
    assert answers[0] == answers[1] == {"status": "Accepted"}
    await csms.expect("Heartbeat")
    await csms.none("Heartbeat")


@ours("TC_RPC_5_V21", "A station offers the versions that it speaks; what is agreed counts")
async def test_tc_rpc_5_v21_subprotocol(csms: Csms, station: Hand) -> None:
    [attempt] = csms.attempts
    offered = [part.strip() for part in attempt.headers["Sec-WebSocket-Protocol"].split(",")]
    assert "ocpp2.1" in offered
    assert csms.line is not None
    assert csms.line.subprotocol == "ocpp2.1"


@ours("TC_RPC_6_V21", "An answer of the CSMS that it does not understand is told to the CSMS")
async def test_tc_rpc_6_v21_wrong_answer(csms: Csms, station: Hand) -> None:
    csms.will_answer("Heartbeat", {"currentTime": 17})
    assert (await csms.call("TriggerMessage", requestedMessage="Heartbeat"))["status"] == "Accepted"
    await csms.expect("Heartbeat")
    await csms.settle()
    own, told = csms.violations
    csms.violations.clear()
    assert own.startswith("the case's HeartbeatResponse")
    kind, _, code, *_ = json.loads(told.partition(": ")[2])
    assert kind == 5
    assert code.endswith(("Violation", "Error"))
    await _goes_on(csms)
