from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.v2x import AfrrSignal, NotifyAllowedEnergyTransfer, SetV2xOperation, V2xSession
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.v2 import (
    SetChargingProfileResponse,
    UpdateDynamicScheduleRequest,
    UpdateDynamicScheduleResponse,
)
from voltherd.ocpp.v2.types import ChargingScheduleUpdateType
from voltherd.ocpp.version import OcppVersion
from voltherd.services.effects import is_observable
from voltherd.services.settings import V2x

CARD = {"idToken": "CARD", "type": "ISO14443"}
CURVE = [{"frequency_hz": 49.8, "power_w": 5000}, {"frequency_hz": 50.2, "power_w": -5000}]
SIGNALS = [{"signal": -100, "power_w": -1000}, {"signal": 100, "power_w": 1000}]


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    yield desk
    await desk.store.close()


async def event(desk: Desk, kind: str = "Started", seq_no: int = 0, **more: Any) -> Payload:
    info = {"transactionId": "tx-1", **more.pop("info", {})}
    payload = {"eventType": kind, "timestamp": at(seq_no), "triggerReason": "Authorized", "seqNo": seq_no}
    return await desk.receive("TransactionEvent", payload | {"transactionInfo": info, "evse": {"id": 1}} | more)


async def can_do_v2x(desk: Desk) -> None:
    data = [
        {"component": {"name": name}, "variable": {"name": "Enabled"}, "variableAttribute": [{"value": "true"}]}
        for name in ("V2XChargingCtrlr", "ISO15118Ctrlr")
    ]
    await desk.receive("NotifyReport", {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "reportData": data})


async def allow(desk: Desk, **changes: Any) -> None:
    await desk.services.v2x._settings.change(V2x, changes, who="test")


def operation(mode: str, **fields: Any) -> SetV2xOperation:
    return msgspec.convert({"evse_id": 1, "operation_mode": mode} | fields, SetV2xOperation)


async def test_2_0_1_has_no_v2x(tmp_path: Path) -> None:
    desk = await Desk.open(tmp_path / "v201.db", OcppVersion.V201)
    commands = (
        operation("Idle"),
        AfrrSignal(signal=1),
        NotifyAllowedEnergyTransfer(transaction_id="x", allowed_energy_transfer=["DC"]),
    )
    for command in commands:
        with pytest.raises(NotSupportedByVersion):
            await desk.perform(command)
    await desk.store.close()


# -- what is allowed --------------------------------------------------------------------------------------------------


async def test_q01_fr_01_an_accepted_token_is_told_what_it_may_use(v21: Desk) -> None:
    await v21.token("CARD", group_id="fleet")
    await can_do_v2x(v21)
    await allow(v21, by_group={"fleet": ["DC", "DC_BPT"]}, allowed_energy_transfer=["DC"])
    assert (await v21.receive("Authorize", {"idToken": CARD}))["allowedEnergyTransfer"] == ["DC", "DC_BPT"]
    await event(v21, idToken=CARD)
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.state, session.allowed, session.evse_no) == ("bidirectional", ["DC", "DC_BPT"], 1)
    assert session.authorised_by == "token CARD"
    await allow(v21, by_token={"card": ["AC_BPT"]})
    assert (await v21.receive("Authorize", {"idToken": CARD}))["allowedEnergyTransfer"] == ["AC_BPT"]


async def test_q01_fr_01_a_station_without_v2x_is_told_nothing(v21: Desk) -> None:
    await v21.token("CARD")
    await allow(v21, allowed_energy_transfer=["DC_BPT"])
    assert "allowedEnergyTransfer" not in await v21.receive("Authorize", {"idToken": CARD})


async def test_q01_fr_08_what_is_not_known_is_left_out(v21: Desk) -> None:
    await v21.token("CARD")
    await can_do_v2x(v21)
    assert "allowedEnergyTransfer" not in await v21.receive("Authorize", {"idToken": CARD})
    await event(v21, idToken=CARD)
    assert await v21.held(V2xSession) == {}


async def test_a_refused_token_is_allowed_nothing(v21: Desk) -> None:
    await can_do_v2x(v21)
    await allow(v21, allowed_energy_transfer=["DC_BPT"])
    assert "allowedEnergyTransfer" not in await v21.receive("Authorize", {"idToken": CARD})


async def test_q02_fr_05_what_a_session_may_use_changes_on_the_way(v21: Desk) -> None:
    await event(v21)
    v21.answer("NotifyAllowedEnergyTransfer", {"status": "Accepted"})
    command = NotifyAllowedEnergyTransfer(transaction_id="tx-1", allowed_energy_transfer=["AC_three_phase", "AC_BPT"])
    assert (await v21.perform(command)).accepted
    sent = {"transactionId": "tx-1", "allowedEnergyTransfer": ["AC_three_phase", "AC_BPT"]}
    assert v21.sent == [("NotifyAllowedEnergyTransfer", sent)]
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.state, session.authorised_by) == ("bidirectional", "operator")
    v21.answer("NotifyAllowedEnergyTransfer", {"status": "Rejected"})
    only_dc = NotifyAllowedEnergyTransfer(transaction_id="tx-1", allowed_energy_transfer=["DC"])
    assert not (await v21.perform(only_dc)).accepted
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.allowed, session.answer) == (["AC_three_phase", "AC_BPT"], "Rejected")
    await event(v21, "Ended", 1)
    assert (await v21.held(V2xSession))["tx-1"].state == "ended"


async def test_what_was_allowed_and_refused_shows_as_refused(v21: Desk) -> None:
    await event(v21)
    v21.answer("NotifyAllowedEnergyTransfer", {"status": "Rejected"})
    await v21.perform(NotifyAllowedEnergyTransfer(transaction_id="tx-1", allowed_energy_transfer=["DC_BPT"]))
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.state, session.allowed) == ("refused", [])


def needs(requested: str, *available: str) -> Payload:
    found: Payload = {"requestedEnergyTransfer": requested, "controlMode": "ScheduledControl"}
    if available:
        found["availableEnergyTransfer"] = list(available)
    return {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": found}


async def test_q01_fr_03_the_transfer_that_was_agreed_on_is_kept(v21: Desk) -> None:
    await event(v21)
    assert (await v21.receive("NotifyEVChargingNeeds", needs("DC", "DC", "DC_BPT")))["status"] == "Accepted"
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.requested, session.available, session.state) == ("DC", ["DC", "DC_BPT"], "charging-only")


async def test_q01_fr_04_a_transfer_that_is_not_allowed_is_rejected(v21: Desk) -> None:
    await v21.token("CARD")
    await can_do_v2x(v21)
    await allow(v21, allowed_energy_transfer=["DC"])
    await event(v21, idToken=CARD)
    assert (await v21.receive("NotifyEVChargingNeeds", needs("DC_BPT")))["status"] == "Rejected"
    assert (await v21.held(V2xSession))["tx-1"].requested == "DC_BPT"
    assert (await v21.receive("NotifyEVChargingNeeds", needs("DC")))["status"] == "Accepted"


# -- operation modes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "fields", "period", "kind"),
    [
        ("Idle", {"evse_sleep": True}, {"evseSleep": True}, "Absolute"),
        ("Idle", {"preconditioning": True}, {"preconditioningRequest": True}, "Absolute"),
        ("ChargingOnly", {"limit_w": 11000}, {"limit": 11000}, "Absolute"),
        (
            "CentralSetpoint",
            {"setpoint_w": -5000, "setpoint_reactive_var": 100},
            {"setpoint": -5000, "setpointReactive": 100},
            "Absolute",
        ),
        ("CentralSetpoint", {"setpoint_w": 1, "dynamic": True}, {"setpoint": 1}, "Dynamic"),
        ("CentralFrequency", {"setpoint_w": 10}, {"setpoint": 10}, "Dynamic"),
        ("ExternalSetpoint", {"discharge_limit_w": -10}, {"dischargeLimit": -10}, "Dynamic"),
        ("ExternalLimits", {}, {}, "Dynamic"),
        ("LocalLoadBalancing", {"limit_w": 7, "discharge_limit_w": -7}, {"limit": 7, "dischargeLimit": -7}, "Absolute"),
        (
            "LocalFrequency",
            {"baseline_w": 0, "freq_watt_curve": CURVE, "signal_watt_curve": SIGNALS},
            {
                "v2xBaseline": 0,
                "v2xFreqWattCurve": [{"frequency": 49.8, "power": 5000}, {"frequency": 50.2, "power": -5000}],
                "v2xSignalWattCurve": [{"signal": -100, "power": -1000}, {"signal": 100, "power": 1000}],
            },
            "Absolute",
        ),
    ],
)
async def test_q03_to_q10_each_mode_goes_with_what_it_needs(
    v21: Desk, mode: str, fields: dict[str, Any], period: Payload, kind: str
) -> None:
    await event(v21)
    v21.answer("SetChargingProfile", {"status": "Accepted"})
    found = await v21.perform(operation(mode, transaction_id="tx-1", profile_id=700, **fields))
    assert (found.accepted, found.answer["profile_id"]) == (True, 700)
    [(_, sent)] = v21.sent
    profile = sent["chargingProfile"]
    assert (sent["evseId"], profile["id"], profile["transactionId"]) == (1, 700, "tx-1")
    assert (profile["chargingProfilePurpose"], profile["chargingProfileKind"]) == ("TxProfile", kind)
    [schedule] = profile["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "W", "Q08.FR.05"
    assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "operationMode": mode} | period]
    assert ("startSchedule" in schedule) is (kind == "Absolute")
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.wanted_mode, session.profile_id, session.operation_mode) == (mode, 700, None)


@pytest.mark.parametrize(
    ("mode", "fields", "words"),
    [
        ("ChargingOnly", {}, "needs limit_w"),
        ("ChargingOnly", {"limit_w": 1, "setpoint_w": 1}, "no setpoint_w"),
        ("CentralSetpoint", {"setpoint_w": 1, "limit_w": 1}, "no limit_w"),
        ("CentralFrequency", {"setpoint_w": 1, "dynamic": False}, "always dynamic"),
        ("LocalFrequency", {"baseline_w": 1, "freq_watt_curve": CURVE[:1]}, "at least two points"),
        ("LocalFrequency", {"freq_watt_curve": CURVE}, "needs baseline_w"),
        ("LocalFrequency", {"baseline_w": 1, "freq_watt_curve": CURVE, "limit_w": 1}, "no limit_w"),
        ("Idle", {"limit_w": 1}, "no limit_w"),
        ("ExternalSetpoint", {"discharge_limit_w": 5}, "zero or below"),
        ("CentralSetpoint", {"setpoint_w": 1, "evse_sleep": True}, "neither preconditioning nor evse_sleep"),
        ("CentralSetpoint", {"setpoint_w": 1, "baseline_w": 1}, "no curves"),
        ("Idle", {"dynamic_update_interval_s": 5, "dynamic": False}, "dynamic profiles"),
        ("Idle", {"evse_id": 0, "transaction_id": "tx-1"}, "evse_id is not 0"),
    ],
)
async def test_q02_fr_02_to_q10_fr_01_what_a_mode_does_not_allow_is_not_sent(
    v21: Desk, mode: str, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(PayloadInvalid, match=words):
        await v21.perform(operation(mode, **fields))
    assert v21.sent == []


async def test_q11_and_q12_how_long_it_holds_offline_is_told(v21: Desk) -> None:
    v21.answer("SetChargingProfile", {"status": "Accepted"})
    fields = {"setpoint_w": 5, "max_offline_duration_s": 60, "invalid_after_offline": True, "duration_s": 300}
    await v21.perform(operation("CentralFrequency", dynamic_update_interval_s=10, **fields))
    profile = v21.sent[0][1]["chargingProfile"]
    assert (profile["maxOfflineDuration"], profile["invalidAfterOfflineDuration"]) == (60, True)
    assert (profile["dynUpdateInterval"], profile["chargingSchedule"][0]["duration"]) == (10, 300)
    assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
    assert profile["id"] == v21.request_id
    assert (await v21.held(V2xSession))["EVSE 1"].setpoint_w == 5.0


async def test_a_refused_mode_changes_nothing_but_the_answer(v21: Desk) -> None:
    v21.answer("SetChargingProfile", {"status": "Accepted"}, {"status": "Rejected"})
    await v21.perform(operation("CentralSetpoint", setpoint_w=5))
    assert not (await v21.perform(operation("Idle"))).accepted
    session = (await v21.held(V2xSession))["EVSE 1"]
    assert (session.wanted_mode, session.answer) == ("CentralSetpoint", "Rejected")


async def test_a_mode_that_a_raw_call_sets_is_shown_and_its_values_follow(v21: Desk) -> None:
    await event(v21)
    v21.answer("SetChargingProfile", {"status": "Accepted"})
    await v21.perform(operation("CentralSetpoint", transaction_id="tx-1", setpoint_w=5, dynamic=True, profile_id=7))
    v21.answer("UpdateDynamicSchedule", {"status": "Accepted"}, {"status": "Rejected"})
    for setpoint in (-2000, 9):
        await v21.call(
            UpdateDynamicScheduleRequest(
                charging_profile_id=7, schedule_update=ChargingScheduleUpdateType(setpoint=setpoint)
            ),
            UpdateDynamicScheduleResponse,
        )
    assert (await v21.held(V2xSession))["tx-1"].setpoint_w == -2000.0
    plain = {"startPeriod": 0, "limit": 16.0}
    profile = {
        "id": 8,
        "stackLevel": 1,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "transactionId": "tx-1",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [plain]}],
    }
    said = msgspec.json.encode({"evseId": 1, "chargingProfile": profile})
    await v21.call(decode_request(v21.version, "SetChargingProfile", said), SetChargingProfileResponse)
    session = (await v21.held(V2xSession))["tx-1"]
    assert (session.wanted_mode, session.limit_w, session.profile_id) == ("ChargingOnly", None, 8)


async def test_k01_fr_110_the_mode_that_a_station_reports_is_kept(v21: Desk) -> None:
    await event(v21)
    changed = {"info": {"operationMode": "LocalFrequency"}, "triggerReason": "OperationModeChanged"}
    await event(v21, "Updated", 1, **changed)
    assert (await v21.held(V2xSession))["tx-1"].operation_mode == "LocalFrequency"


async def test_q08_fr_12_a_grid_signal_is_passed_on(v21: Desk) -> None:
    v21.answer("AFRRSignal", {"status": "Accepted"}, {"status": "Rejected"})
    assert (await v21.perform(AfrrSignal(signal=20))).accepted
    assert not (await v21.perform(AfrrSignal(signal=-20, at=at(60)))).accepted
    assert [sent for _, sent in v21.sent] == [{"timestamp": at(0), "signal": 20}, {"timestamp": at(60), "signal": -20}]
    with pytest.raises(PayloadInvalid, match="no instant"):
        await v21.perform(AfrrSignal(signal=1, at="soon"))


async def test_trap_41_a_mode_that_was_taken_is_installed_and_seen_once_a_report_shows_it(v21: Desk) -> None:
    v21.answer("SetChargingProfile", {"status": "Accepted"})
    command = operation("ChargingOnly", limit_w=5000)
    record = v21.open_command(command)
    assert is_observable(command)
    assert (await v21.perform(command)).accepted
    assert record.state == "sent"
    profile = v21.sent[0][1]["chargingProfile"]
    told = {"requestId": 1, "chargingLimitSource": "CSO", "evseId": 1, "chargingProfile": [profile]}
    await v21.receive("ReportChargingProfiles", told)
    assert record.state == "effect_seen"
