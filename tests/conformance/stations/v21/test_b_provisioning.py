"""OCPP 2.1, blocks B, C, F, G and J: network profiles with a name and a password, triggers, states, new measurands."""

import base64
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Csms
from conformance.stations.hand import Hand
from conformance.stations.hand_v21 import DC_BIDIRECTIONAL, V2G_W, equip, v2g_vehicle
from conformance.stations.v2 import Session, all_connectors, configure, connector, get, rebooted
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
