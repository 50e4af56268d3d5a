"""OCPP 2.1, blocks B, F and G: what is new. The ids name the use case."""

from functools import partial
from typing import Any

from conformance.cases import case
from conformance.station import Station, Tokens
from support.payloads import event, instant

ours = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}
CONNECTION = {
    "csms_url": "wss://other.example/ocpp",
    "security_profile": 2,
    "interface": "Any",
    "ocpp_version": "2.1",
    "identity": "CS-9",
    "basic_auth_password": "a-secret-of-16-ch",
}


@ours("TC_B_09_1_V21", "A network profile with identity and password, which are sent and not kept")
async def test_tc_b_09_1_v21_network_profile(v21: Station) -> None:
    wish = {"slot": 2, "connection": CONNECTION}
    done = await v21.command("set-network-profile", wish, answers={"SetNetworkProfile": ACCEPTED})
    assert done.call.payload["connectionData"] == {
        "ocppCsmsUrl": "wss://other.example/ocpp",
        "ocppInterface": "Any",
        "ocppTransport": "JSON",
        "ocppVersion": "OCPP21",
        "messageTimeout": 30,
        "securityProfile": 2,
        "identity": "CS-9",
        "basicAuthPassword": "a-secret-of-16-ch",
    }
    [kept] = await v21.api.items(f"/stations/{v21.identity}/network-profiles")
    record = await v21.api.get(f"/commands/{done.record['command_id']}")
    frames = await v21.messages("SetNetworkProfile")
    assert kept["connection"]["identity"] == "CS-9"
    assert "a-secret-of-16-ch" not in f"{kept}{record}{frames}"


def variables(values: dict[str, str]) -> Any:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        found = [
            {
                "component": item["component"],
                "variable": item["variable"],
                "attributeStatus": "Accepted",
                "attributeValue": values[item["variable"]["name"]],
            }
            for item in request["getVariableData"]
        ]
        return {"getVariableResult": found}

    return answer


def taken(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "setVariableResult": [
            {"component": item["component"], "variable": item["variable"], "attributeStatus": "Accepted"}
            for item in request["setVariableData"]
        ]
    }


@ours("TC_B_10_1_V21", "A station moves to another CSMS, falls back, and gets its old order again")
async def test_tc_b_10_1_v21_migrate_and_fall_back(v21: Station) -> None:
    values = {"NetworkConfigurationPriority": "0", "ActiveNetworkProfile": "0"}
    answers = {
        "GetVariables": variables(values),
        "SetNetworkProfile": ACCEPTED,
        "SetVariables": taken,
        "Reset": ACCEPTED,
    }
    done = await v21.command("migrate-csms", {"connection": CONNECTION, "slot": 1}, answers=answers)
    assert [step["step"] for step in done.record["answer"]["steps"]] == [
        "read-priority",
        "set-network-profile",
        "set-priority",
        "reset",
    ]
    order = next(call.payload for call in done.calls if call.action == "SetVariables")["setVariableData"][0]
    assert order["attributeValue"] == "1,0"
    assert done.calls[-1].payload == {"type": "OnIdle"}
    await v21.reconnect()
    assert (await v21.boot(reason="RemoteReset"))["status"] == "Accepted"
    record = await v21.become(done.record, "failed")
    assert record["effect"] == "the station fell back to slot 0"
    while (call := await v21.peer.next_call()).action != "SetVariables":
        assert call.action == "GetVariables"
    assert call.payload["setVariableData"][0]["attributeValue"] == "0"


@ours("TC_B_13_1_V21", "A restart that interrupts the session, which goes on afterwards")
async def test_tc_b_13_1_v21_reset_and_resume(v21: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    begin = event("Started", "tx-1", 0, token=token, info={"chargingState": "Charging"})
    assert (await v21.call("TransactionEvent", begin))["idTokenInfo"]["status"] == "Accepted"
    done = await v21.command("reset", {"type": "immediate_and_resume"}, answers={"Reset": ACCEPTED})
    assert done.call.payload == {"type": "ImmediateAndResume"}
    assert await v21.call("TransactionEvent", event("Updated", "tx-1", 1, trigger="ResetCommand")) == {}
    await v21.reconnect()
    assert (await v21.boot(reason="RemoteReset"))["status"] == "Accepted"
    await v21.become(done.record, "effect_seen")
    resumed = event("Updated", "tx-1", 2, trigger="TxResumed", info={"chargingState": "SuspendedEVSE"})
    assert await v21.call("TransactionEvent", resumed) == {}
    found = await v21.transaction()
    assert (found["active"], found["seq_gaps"]) == (True, [])


@ours("TC_F_06_1_V21", "A message that the manufacturer defined is asked for")
async def test_tc_f_06_1_v21_custom_trigger(v21: Station) -> None:
    wish = {"message": "CustomTrigger", "custom": "SecurityEventNotification"}
    done = await v21.command("trigger", wish, answers={"TriggerMessage": ACCEPTED})
    sent = {"requestedMessage": "CustomTrigger", "customTrigger": "SecurityEventNotification"}
    assert done.call.payload == sent
    told = {"type": "SettingSystemTime", "timestamp": instant()}
    assert await v21.call("SecurityEventNotification", told) == {}
    await v21.become(done.record, "effect_seen")


@ours("TC_F_07_1_V21", "A remote start with limits: the station learns them with its first event")
async def test_tc_f_07_1_v21_remote_start_with_limits(v21: Station, tokens: Tokens) -> None:
    token = await tokens.make()
    wish = {"id_token": token, "id_token_type": "ISO14443", "evse_id": 1, "max_energy_wh": 8000, "max_time_s": 1800}
    done = await v21.command("remote-start", wish, answers={"RequestStartTransaction": ACCEPTED})
    number = done.call.payload["remoteStartId"]
    begin = event("Started", "tx-1", 0, trigger="RemoteStart", token=token, info={"remoteStartId": number})
    answer = await v21.call("TransactionEvent", begin)
    assert answer["transactionLimit"] == {"maxEnergy": 8000, "maxTime": 1800}
    confirmed = event("Updated", "tx-1", 1, trigger="LimitSet", info={"transactionLimit": answer["transactionLimit"]})
    assert "transactionLimit" not in await v21.call("TransactionEvent", confirmed)
    await v21.become(done.record, "effect_seen")


@ours("TC_G_01_1_V21", "Availability told by events alone: connector, EVSE and station")
async def test_tc_g_01_1_v21_status_by_events(v21: Station) -> None:
    def told(name: str, value: str, **component: Any) -> dict[str, Any]:
        data = {
            "eventId": 1,
            "timestamp": instant(),
            "trigger": "Delta",
            "actualValue": value,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": name, **component},
            "variable": {"name": "AvailabilityState"},
            "severity": 8,
        }
        return {"generatedAt": instant(), "seqNo": 0, "eventData": [data]}

    assert await v21.call("NotifyEvent", told("Connector", "Occupied", evse={"id": 1, "connectorId": 1})) == {}
    assert await v21.call("NotifyEvent", told("EVSE", "Available", evse={"id": 2})) == {}
    assert await v21.call("NotifyEvent", told("ChargingStation", "Available")) == {}
    shown = await v21.shown()
    assert [(item["evse_id"], item["status"]) for item in shown["evses"]] == [(1, "Occupied"), (2, "Available")]
    assert shown["station_status"] == "Available"
