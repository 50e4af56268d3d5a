"""Network profiles and moving to another CSMS (B09, B10)."""

from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload
from voltherd.domain.commands import CommandRecord, GetVariables, SetVariables
from voltherd.domain.errors import CallRefused, NotSupportedByVersion, PayloadInvalid
from voltherd.domain.network_profile import Apn, Connection, MigrateCsms, NetworkProfile, SetNetworkProfile, Vpn
from voltherd.domain.secrets import masked
from voltherd.ocpp.version import OcppVersion

URL = "wss://other.example/ocpp"
ACCEPTED = {"status": "Accepted"}
VPN = Vpn(server="vpn.example", user="u", password="vpn-secret", key="psk-secret", type="IPSec", group="g")
APN = Apn(apn="internet", authentication="PAP", user_name="u", password="apn-secret", sim_pin=1234)
SECRETS = ("vpn-secret", "psk-secret", "apn-secret", "1234", "basic-secret")


def connection(**more: Any) -> Connection:
    return Connection(csms_url=URL, security_profile=2, **more)


def tells(values: dict[str, str]) -> Any:
    """Answer GetVariables with these values."""

    def answer(request: Payload) -> Payload:
        results = []
        for item in request["getVariableData"]:
            value = values.get(item["variable"]["name"])
            found = {"attributeStatus": "UnknownVariable"} if value is None else {"attributeStatus": "Accepted"}
            more = {} if value is None else {"attributeValue": value}
            results.append({"component": item["component"], "variable": item["variable"], **found, **more})
        return {"getVariableResult": results}

    return answer


def takes(status: str) -> Any:
    """Answer SetVariables with a status."""

    def answer(request: Payload) -> Payload:
        return {
            "setVariableResult": [
                {"component": item["component"], "variable": item["variable"], "attributeStatus": status}
                for item in request["setVariableData"]
            ]
        }

    return answer


async def reports_slots(desk: Desk, values_list: str = "0,1,2") -> None:
    characteristics = {"dataType": "SequenceList", "supportsMonitoring": False, "valuesList": values_list}
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "variableAttribute": [{"value": "0"}],
        "variableCharacteristics": characteristics,
    }
    report = {"requestId": 1, "generatedAt": "2026-01-05T12:00:00Z", "seqNo": 0, "reportData": [data]}
    await desk.receive("NotifyReport", report)


async def prepared(desk: Desk, order: str = "0", active: str = "0") -> None:
    await reports_slots(desk)
    desk.answer("GetVariables", tells({"NetworkConfigurationPriority": order, "ActiveNetworkProfile": active}))
    desk.answer("SetNetworkProfile", ACCEPTED)
    desk.answer("SetVariables", takes("Accepted"))
    desk.answer("Reset", ACCEPTED)


def orders(desk: Desk) -> list[str]:
    return [
        item["attributeValue"]
        for action, payload in desk.sent
        if action == "SetVariables"
        for item in payload["setVariableData"]
    ]


def steps(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["step"], step["status"]) for step in answer["steps"]]


async def test_b09_fr_01_a_profile_goes_out_with_all_its_fields_and_is_kept_without_passwords(v2: Desk) -> None:
    v2.answer("SetNetworkProfile", ACCEPTED)
    command = SetNetworkProfile(slot=1, connection=connection(vpn=VPN, apn=APN, message_timeout_s=45))
    assert (await v2.perform(command)).accepted
    version = {"ocppVersion": "OCPP20"} if v2.version is OcppVersion.V201 else {}
    assert v2.sent == [
        (
            "SetNetworkProfile",
            {
                "configurationSlot": 1,
                "connectionData": {
                    "ocppTransport": "JSON",
                    "ocppCsmsUrl": URL,
                    "messageTimeout": 45,
                    "securityProfile": 2,
                    "ocppInterface": "Wired0",
                    **version,
                    "vpn": {
                        "server": "vpn.example",
                        "user": "u",
                        "password": "vpn-secret",
                        "key": "psk-secret",
                        "type": "IPSec",
                        "group": "g",
                    },
                    "apn": {
                        "apn": "internet",
                        "apnAuthentication": "PAP",
                        "apnUserName": "u",
                        "apnPassword": "apn-secret",
                        "simPin": 1234,
                    },
                },
            },
        )
    ]
    kept = (await v2.held(NetworkProfile))["1"]
    assert (kept.state, kept.slot, kept.connection["csms_url"]) == ("set", 1, URL)
    stored = msgspec.json.encode(kept).decode()
    assert not [secret for secret in SECRETS if secret in stored]


async def test_b09_identity_and_password_belong_to_2_1(v2: Desk) -> None:
    v2.answer("SetNetworkProfile", ACCEPTED)
    wanted = SetNetworkProfile(slot=1, connection=connection(identity="CS-9", basic_auth_password="basic-secret"))
    if v2.version is OcppVersion.V201:
        with pytest.raises(NotSupportedByVersion):
            await v2.perform(wanted)
        assert v2.sent == []
        return
    assert (await v2.perform(wanted)).accepted
    assert v2.sent[0][1]["connectionData"]["basicAuthPassword"] == "basic-secret"
    assert (await v2.held(NetworkProfile))["1"].connection["basic_auth_password"] == "***"


@pytest.mark.parametrize(("status", "state"), [("Rejected", "rejected"), ("Failed", "failed")])
async def test_b09_fr_02_03_a_refused_profile_is_kept_as_such_and_replaces_no_good_one(
    v2: Desk, status: str, state: str
) -> None:
    v2.answer("SetNetworkProfile", {"status": status, "statusInfo": {"reasonCode": "InvalidNetworkConf"}})
    command = SetNetworkProfile(slot=1, connection=connection())
    assert not (await v2.perform(command)).accepted
    kept = (await v2.held(NetworkProfile))["1"]
    assert (kept.state, kept.reason) == (state, "InvalidNetworkConf")

    v2.answer("SetNetworkProfile", ACCEPTED)
    await v2.perform(command)
    v2.answer("SetNetworkProfile", {"status": status})
    await v2.perform(SetNetworkProfile(slot=1, connection=Connection(csms_url="ws://third/", security_profile=0)))
    kept = (await v2.held(NetworkProfile))["1"]
    assert (kept.state, kept.connection["csms_url"]) == ("set", URL)
    assert kept.reason.startswith(state)


@pytest.mark.parametrize("url", ["http://other.example", "other.example", "wss://", "wss:// x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"slot": 1, "connection": {"csms_url": url, "security_profile": 1}}, SetNetworkProfile)


def test_passwords_of_profiles_are_masked_in_frames_and_commands() -> None:
    frame = (
        '[2,"1","SetNetworkProfile",{"connectionData":{"basicAuthPassword":"basic-secret","ocppCsmsUrl":"wss://a",'
        '"vpn":{"password":"vpn-secret","key":"psk\\"-secret"},"apn":{"apnPassword" : "apn-secret","simPin":1234}}}]'
    )
    hidden = masked(frame)
    assert not [secret for secret in (*SECRETS, "psk") if secret in hidden]
    assert "wss://a" in hidden
    command = msgspec.json.encode(SetNetworkProfile(slot=1, connection=connection(vpn=VPN, apn=APN))).decode()
    assert not [secret for secret in SECRETS if secret in masked(command)]
    msgspec.json.decode(masked(command))


async def test_b10_a_migration_takes_a_free_slot_puts_it_first_and_restarts_when_idle(v2: Desk) -> None:
    await prepared(v2, order="0", active="0")
    found = await v2.perform(MigrateCsms(connection=connection()))
    assert (found.accepted, found.status, found.answer["slot"]) == (True, "Accepted", 1)
    assert steps(found.answer) == [
        ("read-priority", "Accepted"),
        ("set-network-profile", "Accepted"),
        ("set-priority", "Accepted"),
        ("reset", "Accepted"),
    ]
    assert orders(v2) == ["1,0"]
    assert v2.sent[-1] == ("Reset", {"type": "OnIdle"})
    assert (await v2.held(NetworkProfile))["1"].state == "set"


async def test_b10_a_migration_may_be_prepared_without_a_restart(v2: Desk) -> None:
    await prepared(v2)
    found = await v2.perform(MigrateCsms(connection=connection(), restart=False))
    assert found.accepted
    assert [action for action, _ in v2.sent] == ["GetVariables", "GetVariables", "SetNetworkProfile", "SetVariables"]


async def test_b10_fr_02_an_order_that_is_refused_leaves_all_as_it_was(v2: Desk) -> None:
    await prepared(v2)
    v2.answer("SetVariables", takes("Rejected"))
    found = await v2.perform(MigrateCsms(connection=connection()))
    assert (found.accepted, found.status) == (False, "Rejected")
    assert "Reset" not in dict(v2.sent)


@pytest.mark.parametrize("answer", [{"status": "Rejected"}, CallRefused("busy", "InternalError")])
async def test_b10_a_restart_that_is_refused_puts_the_order_back(v2: Desk, answer: Any) -> None:
    await prepared(v2, order="0,2", active="0")
    v2.answer("Reset", answer)
    found = await v2.perform(MigrateCsms(connection=connection()))
    assert not found.accepted
    assert orders(v2) == ["1,0,2", "0,2"]
    assert steps(found.answer)[-1] == ("put-back", "Accepted")


async def test_b10_a_profile_that_is_refused_changes_nothing(v2: Desk) -> None:
    await prepared(v2)
    v2.answer("SetNetworkProfile", {"status": "Rejected"})
    found = await v2.perform(MigrateCsms(connection=connection()))
    assert (found.accepted, orders(v2)) == (False, [])


async def test_b10_the_slot_in_use_is_never_replaced(v2: Desk) -> None:
    await prepared(v2, order="1,0", active="1")
    with pytest.raises(PayloadInvalid, match="Slot 1 is the one in use"):
        await v2.perform(MigrateCsms(connection=connection(), slot=1))
    assert "SetNetworkProfile" not in dict(v2.sent)


async def test_b10_where_no_slot_is_free_the_operator_names_one(v2: Desk) -> None:
    await prepared(v2, order="0,1,2", active="0")
    with pytest.raises(PayloadInvalid, match="No slot is free"):
        await v2.perform(MigrateCsms(connection=connection()))
    assert (await v2.perform(MigrateCsms(connection=connection(), slot=2))).accepted
    assert orders(v2) == ["2,0,1"]


async def test_b10_without_a_way_back_nothing_is_sent(v2: Desk) -> None:
    v2.answer("GetVariables", tells({}))
    with pytest.raises(PayloadInvalid, match="without a way back"):
        await v2.perform(MigrateCsms(connection=connection()))


def sent_away(desk: Desk) -> CommandRecord:
    record = desk.open_command(MigrateCsms(connection=connection()))
    record.state, record.answer = "accepted", '{"status":"Accepted","slot":1,"priority_before":"0,2"}'
    return record


async def boots(desk: Desk) -> None:
    await desk.receive(
        "BootNotification", {"reason": "RemoteReset", "chargingStation": {"model": "M", "vendorName": "V"}}
    )


async def test_b10_fr_07_a_station_that_fell_back_ends_the_migration_and_gets_its_old_order(v2: Desk) -> None:
    record = sent_away(v2)
    await boots(v2)
    [asked] = v2.work.follow_ups or []
    assert isinstance(asked.command, GetVariables)
    v2.answer("GetVariables", tells({"ActiveNetworkProfile": "0"}))
    await v2.perform(asked.command)
    assert (record.state, record.effect) == ("failed", "the station fell back to slot 0")
    [back] = v2.work.follow_ups or []
    assert isinstance(back.command, SetVariables)
    assert [item.value for item in back.command.variables] == ["0,2"]


async def test_b10_a_station_that_comes_over_the_new_slot_has_moved(v2: Desk) -> None:
    record = sent_away(v2)
    await boots(v2)
    v2.answer("GetVariables", tells({"ActiveNetworkProfile": "1"}))
    await v2.perform((v2.work.follow_ups or [])[0].command)
    assert (record.state, record.effect) == ("effect_seen", "the station connected over slot 1")
    assert not v2.work.follow_ups
