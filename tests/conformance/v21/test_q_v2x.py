"""OCPP 2.1, block Q: bidirectional power transfer."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.station import Station, Tokens
from support.api import Api
from support.payloads import event, instant

new = partial(case, version="2.1")
ACCEPTED = {"status": "Accepted"}
CURVE = [{"frequency_hz": 49.8, "power_w": 5000}, {"frequency_hz": 50.2, "power_w": -5000}]


@pytest.fixture
async def v2x_allowed(api: Api) -> AsyncIterator[Api]:
    """Drivers of the group `v2g` may feed back, all others may not; afterwards nothing is said again."""
    await api.put("/settings/v2x", allowed_energy_transfer=["DC"], by_group={"v2g": ["DC", "DC_BPT"]})
    yield api
    await api.delete("/settings/v2x")


async def reports_v2x(station: Station) -> None:
    """Report that V2X and ISO 15118 are in use."""
    data = [
        {"component": {"name": name}, "variable": {"name": "Enabled"}, "variableAttribute": [{"value": "true"}]}
        for name in ("V2XChargingCtrlr", "ISO15118Ctrlr")
    ]
    await station.call("NotifyReport", {"requestId": 1, "generatedAt": instant(), "seqNo": 0, "reportData": data})


async def session(station: Station) -> dict[str, Any]:
    """The V2X session that was changed last."""
    found = await station.api.items(f"/stations/{station.identity}/v2x-sessions")
    return dict(max(found, key=lambda item: item["changed_at"]))


def needs(transfer: str) -> dict[str, Any]:
    wanted = {"requestedEnergyTransfer": transfer, "availableEnergyTransfer": ["DC", "DC_BPT"]}
    return {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": wanted | {"controlMode": "ScheduledControl"}}


async def operate(station: Station, mode: str, **fields: Any) -> dict[str, Any]:
    """Set an operation mode, which the station takes; gives the profile on the wire."""
    await station.call("TransactionEvent", event("Started", "tx-1", 0, energy_wh=0))
    wanted = {"evse_id": 1, "transaction_id": "tx-1", "operation_mode": mode, "profile_id": 700, **fields}
    done = await station.command("set-v2x-operation", wanted, {"SetChargingProfile": ACCEPTED})
    assert done.record["state"] == "accepted"
    profile: dict[str, Any] = done.call.payload["chargingProfile"]
    assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", "tx-1")
    assert (await session(station))["wanted_mode"] == mode
    return profile


def period(profile: dict[str, Any]) -> dict[str, Any]:
    [schedule] = profile["chargingSchedule"]
    [found] = schedule["chargingSchedulePeriod"]
    return dict(found)


@new("TC_Q_01_1_V21", "Who may feed back is told with the authorisation; another transfer is refused")
async def test_tc_q_01_1_v21_authorization(v21: Station, tokens: Tokens, v2x_allowed: Api) -> None:
    await reports_v2x(v21)
    v21.answers["SetChargingProfile"] = ACCEPTED
    for group, allowed, answer in (("v2g", ["DC", "DC_BPT"], "Accepted"), (None, ["DC"], "Rejected")):
        token = await tokens.make(group_id=group)
        verdict = await v21.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
        assert verdict["allowedEnergyTransfer"] == allowed
        name = f"tx-{group}"
        await v21.call("TransactionEvent", event("Started", name, 0, token=token, energy_wh=0))
        assert (await v21.call("NotifyEVChargingNeeds", needs("DC_BPT")))["status"] == answer
        shown = await session(v21)
        assert (shown["allowed"], shown["requested"], shown["authorised_by"]) == (allowed, "DC_BPT", f"token {token}")
        await v21.call("TransactionEvent", event("Ended", name, 1, energy_wh=0))
        assert (await session(v21))["status"] == "ended"


@new("TC_Q_02_1_V21", "A session that only charges is allowed to feed back later")
async def test_tc_q_02_1_v21_charging_only_first(v21: Station) -> None:
    profile = await operate(v21, "ChargingOnly", limit_w=11000)
    assert period(profile) == {"startPeriod": 0, "operationMode": "ChargingOnly", "limit": 11000}
    wanted = {"transaction_id": "tx-1", "allowed_energy_transfer": ["DC", "DC_BPT"]}
    answers = {"NotifyAllowedEnergyTransfer": ACCEPTED}
    done = await v21.command("notify-allowed-energy-transfer", wanted, answers)
    assert done.call.payload == {"transactionId": "tx-1", "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    shown = await session(v21)
    assert (shown["status"], shown["allowed"]) == ("bidirectional", ["DC", "DC_BPT"])


@new("TC_Q_03_1_V21", "A setpoint of ours holds, and the station's word on its mode is shown")
async def test_tc_q_03_1_v21_central_setpoint(v21: Station) -> None:
    profile = await operate(v21, "CentralSetpoint", setpoint_w=-5000)
    assert period(profile) == {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -5000}
    info = {"operationMode": "CentralSetpoint"}
    await v21.call("TransactionEvent", event("Updated", "tx-1", 1, trigger="OperationModeChanged", info=info))
    shown = await session(v21)
    assert (shown["operation_mode"], shown["setpoint_w"], shown["profile_id"]) == ("CentralSetpoint", -5000.0, 700)


@new("TC_Q_04_1_V21", "A setpoint is changed on the way, without another profile")
async def test_tc_q_04_1_v21_dynamic_setpoint(v21: Station) -> None:
    profile = await operate(v21, "CentralSetpoint", setpoint_w=1000, dynamic=True, dynamic_update_interval_s=60)
    assert (profile["chargingProfileKind"], profile["dynUpdateInterval"]) == ("Dynamic", 60)
    update = {"chargingProfileId": 700, "scheduleUpdate": {"setpoint": 2000}}
    done = await v21.raw("UpdateDynamicSchedule", update, ACCEPTED)
    assert done.call.payload == update
    assert (await session(v21))["setpoint_w"] == 2000.0
    [installed] = await v21.api.items(f"/stations/{v21.identity}/installed-profiles")
    assert (installed["profile_id"], installed["status"]) == (700, "installed")


@new("TC_Q_05_1_V21", "An energy manager at the station gets control for as long as we say")
async def test_tc_q_05_1_v21_external_with_our_profile(v21: Station) -> None:
    profile = await operate(v21, "ExternalSetpoint", duration_s=900)
    assert period(profile) == {"startPeriod": 0, "operationMode": "ExternalSetpoint"}
    assert (profile["chargingProfileKind"], profile["chargingSchedule"][0]["duration"]) == ("Dynamic", 900)


@new("TC_Q_06_1_V21", "Limits of an energy manager are taken and shown")
async def test_tc_q_06_1_v21_external_limits(v21: Station) -> None:
    values = {"startPeriod": 0, "operationMode": "ExternalLimits", "limit": 7000, "dischargeLimit": -3000}
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [values]}
    limit = {"chargingLimitSource": "EMS", "isGridCritical": False}
    said = {"chargingLimit": limit, "chargingSchedule": [schedule], "evseId": 1}
    assert await v21.call("NotifyChargingLimit", said) == {}
    [shown] = await v21.api.items(f"/stations/{v21.identity}/charging-limits")
    assert shown["evse_id"] == 1


@new("TC_Q_07_1_V21", "Frequency support from here is a dynamic profile with a setpoint")
async def test_tc_q_07_1_v21_central_frequency(v21: Station) -> None:
    profile = await operate(v21, "CentralFrequency", setpoint_w=2500, duration_s=60)
    assert profile["chargingProfileKind"] == "Dynamic"
    assert period(profile) == {"startPeriod": 0, "operationMode": "CentralFrequency", "setpoint": 2500}


@new("TC_Q_08_1_V21", "Frequency support at the station follows a curve, and a signal of the grid operator")
async def test_tc_q_08_1_v21_local_frequency(v21: Station) -> None:
    profile = await operate(v21, "LocalFrequency", baseline_w=0, freq_watt_curve=CURVE)
    assert period(profile)["v2xFreqWattCurve"] == [
        {"frequency": 49.8, "power": 5000},
        {"frequency": 50.2, "power": -5000},
    ]
    done = await v21.command("afrr-signal", {"signal": 20}, {"AFRRSignal": ACCEPTED})
    assert done.call.payload["signal"] == 20
    refused = {"AFRRSignal": {"status": "Rejected", "statusInfo": {"reasonCode": "NoSignalWattCurve"}}}
    done = await v21.command("afrr-signal", {"signal": 20}, refused)
    assert done.record["state"] == "rejected"


@new("TC_Q_09_1_V21", "The station balances the load of its site within limits")
async def test_tc_q_09_1_v21_local_load_balancing(v21: Station) -> None:
    profile = await operate(v21, "LocalLoadBalancing", limit_w=11000, discharge_limit_w=-11000)
    assert period(profile)["dischargeLimit"] == -11000


@new("TC_Q_10_1_V21", "A session is put to rest; what makes no sense then is not sent")
async def test_tc_q_10_1_v21_idle(v21: Station) -> None:
    profile = await operate(v21, "Idle", evse_sleep=True)
    assert period(profile) == {"startPeriod": 0, "operationMode": "Idle", "evseSleep": True}
    wrong = {"evse_id": 1, "operation_mode": "Idle", "limit_w": 1}
    done = await v21.command("set-v2x-operation", wrong)
    assert (done.record["state"], done.calls) == ("failed", [])


@new("TC_Q_11_1_V21", "How long a mode holds without a connection is said with it")
async def test_tc_q_11_1_v21_offline(v21: Station) -> None:
    profile = await operate(v21, "CentralSetpoint", setpoint_w=1, max_offline_duration_s=120)
    assert profile["maxOfflineDuration"] == 120


@new("TC_Q_12_1_V21", "Whether a mode may be resumed after a time without connection is said with it")
async def test_tc_q_12_1_v21_resuming(v21: Station) -> None:
    wanted = {"setpoint_w": 1, "max_offline_duration_s": 120, "invalid_after_offline": True, "stack_level": 2}
    profile = await operate(v21, "CentralSetpoint", **wanted)
    assert (profile["invalidAfterOfflineDuration"], profile["stackLevel"]) == (True, 2)
    await v21.reconnect()
    await v21.boot(reason="Triggered")
    info = {"operationMode": "ChargingOnly"}
    await v21.call("TransactionEvent", event("Updated", "tx-1", 1, trigger="OperationModeChanged", info=info))
    shown = await session(v21)
    assert (shown["wanted_mode"], shown["operation_mode"]) == ("CentralSetpoint", "ChargingOnly")
