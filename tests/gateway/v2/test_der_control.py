from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.der_control import ClearDerControl, DerAlarm, DerControl, GetDerControl, SetDerControl
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.ocpp.version import OcppVersion

DROOP = {"priority": 10, "over_freq": 50.2, "under_freq": 49.8, "over_droop": 5, "under_droop": 5, "response_time": 2}
DROOP_ON_THE_WIRE = {
    "priority": 10,
    "overFreq": 50.2,
    "underFreq": 49.8,
    "overDroop": 5,
    "underDroop": 5,
    "responseTime": 2,
}
CURVE = {"priority": 5, "y_unit": "PctMaxVar", "curve_data": [{"x": 92, "y": 30}, {"x": 108, "y": -30}]}
ENTER = {"priority": 1, "high_voltage": 106, "low_voltage": 95, "high_freq": 50.1, "low_freq": 49.9}
PF = {"priority": 1, "displacement": 0.95, "excitation": True}
VAR = {"priority": 1, "setpoint": 20, "unit": "PctMaxVar"}
GRADIENT = {"priority": 1, "gradient": 10, "soft_gradient": 5}
LIMIT = {"priority": 1, "pct_max_discharge_power": 50}


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    yield desk
    await desk.store.close()


def rule(**fields: Any) -> SetDerControl:
    """Make the command as the API reads it."""
    said = {"control_id": "droop-1", "control_type": "FreqDroop", "is_default": True} | fields
    if not {"curve", "gradient"} & set(said) and said["control_type"] == "FreqDroop":
        said.setdefault("freq_droop", DROOP)
    return msgspec.convert(said, SetDerControl)


async def states(desk: Desk) -> dict[str, str]:
    return {key: item.state for key, item in (await desk.held(DerControl)).items()}


async def test_2_0_1_has_no_der_control(tmp_path: Path) -> None:
    desk = await Desk.open(tmp_path / "v201.db", OcppVersion.V201)
    for command in (rule(), GetDerControl(), ClearDerControl(is_default=True)):
        with pytest.raises(NotSupportedByVersion):
            await desk.perform(command)
    await desk.store.close()


async def test_r04_fr_02_a_default_control_is_set(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    assert (await v21.perform(rule())).accepted
    sent = {"isDefault": True, "controlId": "droop-1", "controlType": "FreqDroop", "freqDroop": DROOP_ON_THE_WIRE}
    assert v21.sent == [("SetDERControl", sent)]
    kept = (await v21.held(DerControl))["droop-1"]
    assert (kept.state, kept.is_default, kept.priority, kept.control_type) == ("set", True, 10, "FreqDroop")
    assert kept.settings == DROOP


@pytest.mark.parametrize(
    ("control_type", "field", "wire", "settings"),
    [
        ("VoltVar", "curve", "curve", CURVE),
        ("EnterService", "enter_service", "enterService", ENTER),
        ("FixedPFAbsorb", "fixed_pf_absorb", "fixedPFAbsorb", PF),
        ("FixedPFInject", "fixed_pf_inject", "fixedPFInject", PF),
        ("FixedVar", "fixed_var", "fixedVar", VAR),
        ("Gradients", "gradient", "gradient", GRADIENT),
        ("LimitMaxDischarge", "limit_max_discharge", "limitMaxDischarge", LIMIT),
    ],
)
async def test_r04_fr_16_each_type_goes_with_its_setting(
    v21: Desk, control_type: str, field: str, wire: str, settings: dict[str, Any]
) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule(control_type=control_type, **{field: settings}))
    assert wire in v21.sent[0][1]
    assert (await v21.held(DerControl))["droop-1"].settings == settings


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"control_type": "VoltVar", "freq_droop": DROOP}, "VoltVar needs the field curve"),
        ({"freq_droop": DROOP, "curve": CURVE}, "no other setting"),
        ({"control_type": "Gradients", "gradient": GRADIENT, "is_default": False}, "only as a default"),
        ({"freq_droop": DROOP | {"start_time": at(60)}}, "no start_time"),
        ({"freq_droop": DROOP | {"duration": 60}}, "no duration"),
    ],
)
async def test_r04_fr_12_14_16_what_the_station_must_reject_is_not_sent(
    v21: Desk, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(PayloadInvalid, match=words):
        await v21.perform(rule(**fields))
    assert v21.sent == []


@pytest.mark.parametrize("status", ["NotSupported", "Rejected", "NotFound"])
async def test_r04_fr_01_a_refusal_is_told_and_hides_nothing(v21: Desk, status: str) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"}, {"status": status})
    await v21.perform(rule())
    found = await v21.perform(rule())
    assert (found.accepted, found.status) == (False, status)
    assert await states(v21) == {"droop-1": "set", "rejected droop-1": "rejected"}
    assert (await v21.held(DerControl))["rejected droop-1"].answer == status


async def test_r04_fr_03_a_superseded_control_says_by_which(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"}, {"status": "Accepted", "supersededIds": ["droop-1"]})
    await v21.perform(rule())
    await v21.perform(rule(control_id="droop-2", freq_droop=DROOP | {"priority": 1}))
    assert await states(v21) == {"droop-1": "superseded", "droop-2": "set"}
    assert (await v21.held(DerControl))["droop-1"].superseded_by == "droop-2"


async def test_r04_fr_08_a_control_may_be_superseded_as_soon_as_it_is_set(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted", "supersededIds": ["droop-1"]})
    await v21.perform(rule(is_default=False, freq_droop=DROOP | {"start_time": at(60), "duration": 60}))
    assert await states(v21) == {"droop-1": "superseded"}


async def test_r04_fr_20_to_22_a_scheduled_control_begins_and_ends(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule(is_default=False, freq_droop=DROOP | {"start_time": at(60), "duration": 60}))
    assert await states(v21) == {"droop-1": "scheduled"}
    begun = {"controlId": "droop-1", "started": True, "timestamp": at(60), "supersededIds": ["other"]}
    assert await v21.receive("NotifyDERStartStop", begun) == {}
    assert await states(v21) == {"droop-1": "active", "other": "superseded"}
    await v21.receive("NotifyDERStartStop", {"controlId": "droop-1", "started": False, "timestamp": at(120)})
    kept = (await v21.held(DerControl))["droop-1"]
    assert (kept.state, kept.started_at_ms, kept.ended_at_ms) == ("ended", NOON_MS + 60_000, NOON_MS + 120_000)


async def test_a_start_of_a_control_that_nobody_set_is_kept(v21: Desk) -> None:
    await v21.receive("NotifyDERStartStop", {"controlId": "theirs", "started": True, "timestamp": at(60)})
    kept = (await v21.held(DerControl))["theirs"]
    assert (kept.state, kept.source, kept.control_type) == ("active", "reported", "")


# -- reports ----------------------------------------------------------------------------------------------------------


def part(request_id: int, *, tbc: bool = False, **lists: Any) -> Payload:
    return {"requestId": request_id, **lists} | ({"tbc": True} if tbc else {})


def reported(control_id: str, *, default: bool = True, superseded: bool = False) -> Payload:
    return {
        "id": control_id,
        "isDefault": default,
        "isSuperseded": superseded,
        "freqDroop": DROOP_ON_THE_WIRE,
    }


async def test_r04_fr_32_a_report_comes_in_parts_and_its_end_is_the_effect(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule(control_id="gone"))
    v21.answer("GetDERControl", {"status": "Accepted"})
    command = GetDerControl(is_default=True)
    record = v21.open_command(command)
    assert (await v21.perform(command)).accepted
    assert v21.sent[-1][1] == {"requestId": v21.request_id, "isDefault": True}
    first = part(v21.request_id, tbc=True, freqDroop=[reported("one"), reported("two", superseded=True)])
    assert await v21.receive("ReportDERControl", first) == {}
    assert record.state == "sent"
    curve = {"curveData": [{"x": 1, "y": 2}], "priority": 3, "yUnit": "PctMaxW"}
    last = part(
        v21.request_id,
        curve=[{"id": "three", "curveType": "VoltWatt", "isDefault": True, "isSuperseded": False, "curve": curve}],
        enterService=[
            {
                "id": "four",
                "enterService": {
                    "priority": 0,
                    "highVoltage": 106,
                    "lowVoltage": 95,
                    "highFreq": 50.1,
                    "lowFreq": 49.9,
                },
            }
        ],
        fixedPFAbsorb=[
            {
                "id": "five",
                "isDefault": True,
                "isSuperseded": False,
                "fixedPF": {"priority": 1, "displacement": 0.9, "excitation": False},
            }
        ],
    )
    await v21.receive("ReportDERControl", last)
    assert record.state == "effect_seen"
    assert record.effect == "5 controls reported"
    assert await states(v21) == {
        "gone": "not-found",
        "one": "set",
        "two": "superseded",
        "three": "set",
        "four": "set",
        "five": "set",
    }
    held = await v21.held(DerControl)
    assert (held["three"].control_type, held["three"].priority) == ("VoltWatt", 3)
    assert held["five"].settings == {"priority": 1, "displacement": 0.9, "excitation": False}


async def test_a_report_of_some_says_nothing_of_the_others(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule(control_id="curve", control_type="VoltVar", curve=CURVE))
    v21.answer("GetDERControl", {"status": "Accepted"})
    await v21.perform(GetDerControl(control_type="FreqDroop"))
    await v21.receive("ReportDERControl", part(v21.request_id, freqDroop=[reported("one")]))
    assert await states(v21) == {"curve": "set", "one": "set"}


async def test_r04_fr_30_nothing_found_is_told_and_recorded(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule())
    v21.answer("GetDERControl", {"status": "NotFound"}, {"status": "NotSupported"})
    found = await v21.perform(GetDerControl(control_id="droop-1"))
    assert (found.accepted, found.status) == (True, "NotFound")
    assert await states(v21) == {"droop-1": "not-found"}
    assert (await v21.perform(GetDerControl(control_type="WattVar"))).status == "NotSupported"


@pytest.mark.parametrize(("status", "state"), [("Accepted", "cleared"), ("NotFound", "not-found")])
async def test_r04_fr_41_to_46_clearing_ends_what_matches(v21: Desk, status: str, state: str) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule())
    await v21.perform(rule(control_id="curve", control_type="VoltVar", curve=CURVE))
    v21.answer("ClearDERControl", {"status": status})
    await v21.perform(ClearDerControl(is_default=False))
    assert await states(v21) == {"droop-1": "set", "curve": "set"}
    await v21.perform(ClearDerControl(is_default=True, control_type="VoltVar"))
    assert await states(v21) == {"droop-1": "set", "curve": state}


async def test_r04_fr_43_what_the_station_does_not_support_stays(v21: Desk) -> None:
    v21.answer("SetDERControl", {"status": "Accepted"})
    await v21.perform(rule())
    v21.answer("ClearDERControl", {"status": "NotSupported"})
    assert not (await v21.perform(ClearDerControl(is_default=True))).accepted
    assert await states(v21) == {"droop-1": "set"}


# -- alarms -----------------------------------------------------------------------------------------------------------


def alarm(seconds: float, **more: Any) -> Payload:
    return {"controlType": "HFMustTrip", "timestamp": at(seconds), "gridEventFault": "OverFrequency"} | more


async def test_r05_fr_01_and_02_an_alarm_begins_and_ends_once(v21: Desk) -> None:
    for _ in range(2):
        assert await v21.receive("NotifyDERAlarm", alarm(0, extraInfo="50.6 Hz")) == {}
    [kept] = (await v21.held(DerAlarm)).values()
    assert (kept.state, kept.fault, kept.info, kept.began_at_ms) == ("active", "OverFrequency", "50.6 Hz", NOON_MS)
    for _ in range(2):
        await v21.receive("NotifyDERAlarm", alarm(60, alarmEnded=True))
    [kept] = (await v21.held(DerAlarm)).values()
    assert (kept.state, kept.ended_at_ms, kept.flags) == ("ended", NOON_MS + 60_000, [])


async def test_r05_an_end_without_a_begin_is_kept_and_flagged(v21: Desk) -> None:
    await v21.receive("NotifyDERAlarm", alarm(60, alarmEnded=True))
    [kept] = (await v21.held(DerAlarm)).values()
    assert (kept.state, kept.began_at_ms, kept.flags) == ("ended", None, ["begin-not-reported"])


async def test_r05_fr_03_alarms_of_several_controls_are_told_apart(v21: Desk) -> None:
    await v21.receive("NotifyDERAlarm", alarm(0))
    await v21.receive("NotifyDERAlarm", alarm(1, controlType="VoltWatt", gridEventFault="OverVoltage"))
    await v21.receive("NotifyDERAlarm", alarm(60, alarmEnded=True))
    found = {item.control_type: item.state for item in (await v21.held(DerAlarm)).values()}
    assert found == {"HFMustTrip": "ended", "VoltWatt": "active"}
