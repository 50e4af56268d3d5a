"""OCPP 2.1, blocks L and O: what is new about firmware and messages. The ids name the use case."""

from functools import partial

from conformance.cases import case
from conformance.station import Station

ours = partial(case, version="2.1")


@ours("TC_O_01_1_V21", "A message has several languages and a QR code")
async def test_tc_o_01_1_v21_several_contents(v21: Station) -> None:
    contents = [
        {"content": "Pay here", "format": "UTF8", "language": "en"},
        {"content": "Hier zahlen", "format": "UTF8", "language": "de"},
        {"content": "https://pay.example/1", "format": "QRCODE"},
    ]
    wish = {"contents": contents, "state": "Suspended"}
    done = await v21.command("set-display-message", wish, {"SetDisplayMessage": {"status": "Accepted"}})
    sent = done.call.payload["message"]
    assert (sent["message"], sent["messageExtra"], sent["state"]) == (contents[0], contents[1:], "Suspended")
    [found] = await v21.documents("display-messages")
    assert [item["content"] for item in found["contents"]] == [item["content"] for item in contents]


@ours("TC_O_05_1_V21", "A station refuses to remove a message")
async def test_tc_o_05_1_v21_clear_rejected(v21: Station) -> None:
    wish = {"contents": [{"content": "Hello"}]}
    await v21.command("set-display-message", wish, {"SetDisplayMessage": {"status": "Accepted"}})
    answers = {"ClearDisplayMessage": {"status": "Rejected"}}
    done = await v21.command("clear-display-message", {"message_id": 1}, answers)
    [found] = await v21.documents("display-messages")
    assert (done.record["state"], found["status"]) == ("rejected", "accepted")


@ours("TC_L_01_1_V21", "What a station adds to a failure of an update is shown")
async def test_tc_l_01_1_v21_status_info(v21: Station) -> None:
    wish = {"location": "https://firmware.example/duo.bin"}
    done = await v21.command("update-firmware", wish, {"UpdateFirmware": {"status": "Accepted"}})
    told = {
        "status": "DownloadFailed",
        "requestId": done.call.payload["requestId"],
        "statusInfo": {"reasonCode": "NoSpace", "additionalInfo": "12 MB free"},
    }
    assert await v21.call("FirmwareStatusNotification", told) == {}
    await v21.become(done.record, "failed")
    [found] = await v21.documents("firmware-updates")
    assert (found["status"], found["reason"]) == ("failed", "NoSpace: 12 MB free")
