"""OCPP 2.1, blocks B to J: what is new in booting, network profiles, triggers, states, reservations and readings."""

import base64
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import DC_BIDIRECTIONAL, V2G_W, equip, v2g_vehicle
from conformance.stations.v2 import Session, all_connectors, configure, connector, get, rebooted, report
from conformance.stations.v2_secure import prefer

ours = partial(case, version="2.1")
PASSWORD = "Password-of-the-slot"
NAME = "CS-RENAMED"


async def _set_profile(csms: Csms, url: str, **more: Any) -> str:
    data = {
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Any",
    }
    answer = await csms.call("SetNetworkProfile", configurationSlot=2, connectionData=data | more)
    return str(answer["status"])


@ours("TC_B_09_1_V21", "A network profile with a name and a password is used with them, without a version in it")
async def test_tc_b_09_1_v21_identity(csms: Csms, station: Hand) -> None:
    assert await _set_profile(csms, csms.url, identity=NAME, basicAuthPassword=PASSWORD) == "Accepted"
    assert await prefer(csms, "2,1") in ("Accepted", "RebootRequired")
    assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    await rebooted(csms, station)
    attempt = csms.attempts[-1]
    assert attempt.path.endswith(f"/{NAME}")
    kind, _, value = attempt.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(value).decode()) == ("Basic", f"{NAME}:{PASSWORD}")


@ours("TC_B_09_2_V21", "The password of a network profile is not told")
async def test_tc_b_09_2_v21_password_not_told(csms: Csms, station: Hand) -> None:
    assert await _set_profile(csms, csms.url, identity=NAME, basicAuthPassword=PASSWORD) == "Accepted"
    asked = {
        "component": {"name": "NetworkConfiguration", "instance": "2"},
        "variable": {"name": "BasicAuthPassword"},
    }
    [result] = (await csms.call("GetVariables", getVariableData=[asked]))["getVariableResult"]
    assert result["attributeStatus"] in ("Rejected", "UnknownVariable", "UnknownComponent")
    assert PASSWORD not in str(result)
    url = {"component": asked["component"], "variable": {"name": "OcppCsmsUrl"}}
    [result] = (await csms.call("GetVariables", getVariableData=[url]))["getVariableResult"]
    assert result.get("attributeValue") == csms.url


@ours("TC_C_24_1_V21", "A start under the reference of a payment made elsewhere")
async def test_tc_c_24_1_v21_paid_elsewhere(csms: Csms, station: Hand) -> None:
    await configure(csms, AuthCtrlr__AuthorizeRemoteStart=False)
    session = Session(csms, station, token="PSP-REF-1", kind="DirectPayment")
    await session.plugged()
    await session.remote_started()
    await session.energy()
    tokens = [event["idToken"] for event in session.events() if "idToken" in event.payload]
    assert {"idToken": "PSP-REF-1", "type": "DirectPayment"} in [
        {name: token[name] for name in ("idToken", "type")} for token in tokens
    ]


@ours("TC_F_06_1_V21", "A message of the manufacturer that it does not have is not sent")
async def test_tc_f_06_1_v21_custom_trigger(csms: Csms, station: Hand) -> None:
    answer = await csms.call("TriggerMessage", requestedMessage="CustomTrigger", customTrigger="NoSuchMessage")
    assert answer["status"] == "NotImplemented"
    await csms.none()


@ours("TC_G_01_1_V21", "Connectors are reported when they are taken, left, and put out of service")
async def test_tc_g_01_1_v21_states(csms: Csms, station: Hand) -> None:
    session = Session(csms, station)
    await session.plugged()
    await session.unplugged()
    answer = await csms.call("ChangeAvailability", operationalStatus="Inoperative")
    assert answer["status"] == "Accepted"
    await all_connectors(csms, "Unavailable")
    assert (await get(csms, "ChargingStation.AvailabilityState"))["attributeValue"] == "Unavailable"


@ours("TC_G_01_2_V21", "A vehicle that comes to a reserved connector changes nothing until the right card comes")
async def test_tc_g_01_2_v21_reserved(csms: Csms, station: Hand) -> None:
    token = {"idToken": "04A1B2C3D4", "type": "ISO14443"}
    asked = {"id": 1, "expiryDateTime": station.time(3600), "idToken": token, "evseId": 1}
    assert (await csms.call("ReserveNow", asked))["status"] == "Accepted"
    await connector(csms, "Reserved")
    station.plug()
    await csms.settle()
    assert not [c for c in csms.calls if not c.taken and "Occupied" in str(c.payload)]
    station.present()
    await connector(csms, "Occupied")


@ours("TC_H_03_1_V21", "The card of a reservation was shown, but nobody plugged in: that is told")
async def test_tc_h_03_1_v21_no_transaction(csms: Csms, station: Hand) -> None:
    await configure(csms, TxCtrlr__TxStartPoint="PowerPathClosed", TxCtrlr__EVConnectionTimeOut=30)
    session = Session(csms, station)
    asked = {"id": 7, "expiryDateTime": station.time(3600), "idToken": session.id_token, "evseId": 1}
    assert (await csms.call("ReserveNow", asked))["status"] == "Accepted"
    await connector(csms, "Reserved")
    await session.presented()
    await station.pass_time(35)
    await csms.expect("ReservationStatusUpdate", reservationId=7, reservationUpdateStatus="NoTransaction")
    await connector(csms, "Available")


@pytest.mark.parametrize("measurands", ["Power.Active.Setpoint,Power.Active.Residual", "Display.PresentSOC,SoC"])
@ours("TC_J_02_1_V21", "Measurands that are new are sampled where they are wanted, or refused")
async def test_tc_j_02_1_v21_new_measurands(csms: Csms, cold: Hand, measurands: str) -> None:
    equip(cold, DC_BIDIRECTIONAL, max_discharge_w=V2G_W)
    await cold.booted()
    data = {
        "component": {"name": "SampledDataCtrlr"},
        "variable": {"name": "TxUpdatedMeasurands"},
        "attributeValue": measurands,
    }
    [result] = (await csms.call("SetVariables", setVariableData=[data]))["setVariableResult"]
    before = (await get(csms, "SampledDataCtrlr.TxUpdatedMeasurands"))["attributeValue"]
    if result["attributeStatus"] != "Accepted":
        assert result["attributeStatus"] == "Rejected"
        assert before != measurands
        return
    await configure(csms, SampledDataCtrlr__TxUpdatedInterval=60)
    session = Session(csms, cold)
    cold.plug(1, v2g_vehicle())
    session.is_plugged = True
    await session.authorized()
    await cold.pass_time(65)
    event = await session.event(triggerReason="MeterValuePeriodic")
    found = {one["measurand"] for value in event["meterValue"] for one in value["sampledValue"]}
    assert found
    assert found <= set(measurands.split(","))


@ours("TC_B_01_1_V21", "A station that is accepted reports all its connectors")
async def test_tc_b_01_1_v21_boot(csms: Csms, cold: Hand) -> None:
    cold.power_on()
    await csms.expect("BootNotification", reason="PowerUp")
    await all_connectors(csms)


@pytest.mark.parametrize(("seconds", "all_of_them"), [(60, True), (5, False)])
@ours("TC_B_04_1_V21", "After a time offline all connectors are reported, or those that changed")
async def test_tc_b_04_1_v21_offline(csms: Csms, station: Hand, seconds: float, all_of_them: bool) -> None:
    await configure(
        csms,
        OCPPCommCtrlr__OfflineThreshold=30,
        OCPPCommCtrlr__RetryBackOffWaitMinimum=1,
        OCPPCommCtrlr__RetryBackOffRandomRange=0,
    )
    await csms.settle()
    csms.forget()
    await station.cut_off()
    station.plug(1)
    await station.pass_time(seconds)
    await station.back_online()
    await connector(csms, "Occupied", 1)
    if all_of_them:
        await connector(csms, "Available", 2)
    await csms.none("StatusNotification")


@ours("TC_B_09_3_V21", "Each slot for a network profile is in the device model, and follows what is set")
async def test_tc_b_09_3_v21_in_the_device_model(csms: Csms, station: Hand) -> None:
    data = {
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "ws://csms.example/ocpp",
        "messageTimeout": 17,
        "securityProfile": 1,
        "ocppInterface": "Wireless0",
    }
    answer = await csms.call("SetNetworkProfile", configurationSlot=2, connectionData=data)
    assert answer["status"] == "Accepted", answer
    entries = await report(csms, reportBase="FullInventory")
    slots: dict[str, dict[str, str | None]] = {}
    for entry in entries:
        if entry["component"]["name"] == "NetworkConfiguration":
            values = slots.setdefault(entry["component"]["instance"], {})
            values[entry["variable"]["name"]] = entry["variableAttribute"][0].get("value")
    assert set(slots) >= {"1", "2"}
    told = {name.lower(): value for name, value in slots["2"].items()}
    assert told["ocppcsmsurl"] == "ws://csms.example/ocpp"
    assert told["messagetimeout"] == "17"
    assert told["ocppinterface"] == "Wireless0"
    assert told["securityprofile"] == "1"
    assert str(told["apnenabled"]).lower() == str(told["vpnenabled"]).lower() == "false"


@ours("TC_E_05_1_V21", "A card that turns out not to be valid: no more energy, and the cable stays connected")
async def test_tc_e_05_1_v21_deauthorized(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        AuthCtrlr__OfflineTxForUnknownIdEnabled=True,
        TxCtrlr__StopTxOnInvalidId=True,
        TxCtrlr__MaxEnergyOnInvalidId=0,
        TxCtrlr__TxStartPoint="PowerPathClosed",
        TxCtrlr__TxStopPoint="EVConnected",
    )
    await csms.settle()
    csms.forget()
    await station.cut_off()
    session = Session(csms, station)
    station.plug()
    station.present()
    await station.pass_time(30)
    csms.answers["TransactionEvent"] = lambda event: (
        {"idTokenInfo": {"status": "Invalid"}} if "idToken" in event else {}
    )
    await station.back_online()
    said = await session.event(eventType="Updated", triggerReason="Deauthorized")
    if said["transactionInfo"].get("chargingState") != "EVConnected":
        await session.event(eventType="Updated", transactionInfo={"chargingState": "EVConnected"})
    await session.no_event(eventType="Ended")
    before_wh = station.running.hardware[1].energy_import_wh
    await station.pass_time(120)
    assert station.running.hardware[1].energy_import_wh == pytest.approx(before_wh, abs=1)


@ours("TC_J_02_2_V21", "A signed reading tells how it was signed, and its key in a form that can be told apart")
async def test_tc_j_02_2_v21_signed(csms: Csms, station: Hand) -> None:
    await configure(
        csms,
        SampledDataCtrlr__SignReadings=True,
        OCPPCommCtrlr__PublicKeyWithSignedMeterValue="EveryMeterValue",
        SampledDataCtrlr__TxUpdatedInterval=60,
    )
    session = Session(csms, station)
    await session.charging()
    await station.pass_time(65)
    event = await session.event(triggerReason="MeterValuePeriodic")
    signed = [
        sample["signedMeterValue"]
        for value in event["meterValue"]
        for sample in value["sampledValue"]
        if "signedMeterValue" in sample
    ]
    assert signed
    for one in signed:
        assert one["encodingMethod"] == "OCMF"
        assert base64.b64decode(one["signedMeterData"]).startswith(b"OCMF|")
        marker, encoding, content, key = base64.b64decode(one["publicKey"]).decode().split(":")
        assert (marker, content) == ("oca", "asn1")
        assert encoding in ("base16", "base32", "base64")
        assert key
