"""OCPP 2.1, block B: what raw calls change is recorded as what commands change."""

from functools import partial

from conformance.cases import case
from conformance.station import Station

ours = partial(case, version="2.1")


@ours("TC_B_09_2_V21", "A network profile that was set by a raw call is shown too")
async def test_tc_b_09_2_v21_raw_network_profile(v21: Station) -> None:
    data = {
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://raw.example/ocpp",
        "messageTimeout": 20,
        "securityProfile": 1,
        "ocppInterface": "Wireless0",
        "apn": {"apn": "internet", "apnAuthentication": "PAP", "apnPassword": "apn-secret"},
    }
    wish = {"configurationSlot": 3, "connectionData": data}
    done = await v21.raw("SetNetworkProfile", wish, {"status": "Accepted"})
    assert done.call.payload == wish
    [kept] = await v21.api.items(f"/stations/{v21.identity}/network-profiles")
    assert (kept["status"], kept["slot"], kept["connection"]["interface"]) == ("set", 3, "Wireless0")
    assert "apn-secret" not in f"{kept}{done.record}{await v21.messages('SetNetworkProfile')}"


@ours("TC_G_03_1_V21", "Availability that was changed by a raw call is held against reports too")
async def test_tc_g_03_1_v21_raw_availability(v21: Station) -> None:
    wish = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    await v21.raw("ChangeAvailability", wish, {"status": "Accepted"})
    [found] = await v21.api.items(f"/stations/{v21.identity}/availability")
    assert (found["evse_id"], found["operational"], found["status"]) == (1, False, "accepted")
