"""OCPP 2.1, block O: messages in several languages, as QR code, and in the states that are new."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import fresh, rebooted

ours = partial(case, version="2.1")


def message(**fields: Any) -> dict[str, Any]:
    """A message."""
    content = {"format": "UTF8", "content": "Hello", "language": "en"}
    return {"id": fresh(), "priority": "NormalCycle", "message": content} | fields


async def _set(csms: Csms, one: dict[str, Any]) -> str:
    return str((await csms.call("SetDisplayMessage", message=one))["status"])


async def _get(csms: Csms, one: dict[str, Any]) -> dict[str, Any]:
    request_id = fresh()
    answer = await csms.call("GetDisplayMessages", requestId=request_id, id=[one["id"]])
    assert answer["status"] == "Accepted"
    [found] = (await csms.expect("NotifyDisplayMessages", requestId=request_id))["messageInfo"]
    return dict(found)


@ours("TC_O_01_1_V21", "A message in several languages is kept with all of them, over a power cut too")
async def test_tc_o_01_1_v21_languages(csms: Csms, station: Hand) -> None:
    extra = [
        {"format": "UTF8", "content": "Hallo", "language": "de"},
        {"format": "UTF8", "content": "Bonjour", "language": "fr"},
    ]
    one = message(messageExtra=extra)
    assert await _set(csms, one) == "Accepted"
    await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    found = await _get(csms, one)
    assert found["message"] == one["message"]
    assert found["messageExtra"] == extra


@ours("TC_O_01_2_V21", "A message is shown as QR code")
async def test_tc_o_01_2_v21_qr_code(csms: Csms, station: Hand) -> None:
    code = {"format": "QRCODE", "content": "https://example.com/pay"}
    one = message(message=code)
    assert await _set(csms, one) == "Accepted"
    assert (await _get(csms, one))["message"]["format"] == "QRCODE"


@pytest.mark.parametrize("state", ["Suspended", "Discharging"])
@ours("TC_O_01_3_V21", "A message for a state that is new is taken")
async def test_tc_o_01_3_v21_states(csms: Csms, station: Hand, state: str) -> None:
    one = message(state=state)
    assert await _set(csms, one) == "Accepted"
    assert (await _get(csms, one))["state"] == state


@ours("TC_O_01_4_V21", "A message in a language that it does not show is refused")
async def test_tc_o_01_4_v21_language_not_supported(csms: Csms, station: Hand) -> None:
    content = {"format": "UTF8", "content": "nuqneH", "language": "tlh"}
    assert await _set(csms, message(message=content)) == "LanguageNotSupported"
