"""OCPP 2.0.1, block N: monitors that are set, reported, cleared, and what they tell."""

import itertools
from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand
from conformance.stations.v2 import Session, configure, fresh, named, put, rebooted, value_of

official = partial(case, version="2.0.1")
STATE = named("EVSE.AvailabilityState", evse_id=1)
OF_STATION = named("ChargingStation.AvailabilityState")
POWER = named("EVSE.Power", evse_id=1)
SEVERITY = 8


def wish(where: dict[str, Any], kind: str = "Delta", value: float = 1.0, **more: Any) -> dict[str, Any]:
    """A monitor as SetVariableMonitoring asks for it."""
    return {"value": value, "type": kind, "severity": SEVERITY} | where | more


async def set_monitors(csms: Csms, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
    """Set monitors; gives the results in the order of the wishes."""
    answer = await csms.call("SetVariableMonitoring", setMonitoringData=list(wishes))
    results: list[dict[str, Any]] = answer["setMonitoringResult"]
    assert len(results) == len(wishes)
    return results


async def monitor(csms: Csms, where: dict[str, Any], kind: str = "Delta", value: float = 1.0, **more: Any) -> int:
    """Set one monitor, which is accepted; gives its id."""
    [result] = await set_monitors(csms, wish(where, kind, value, **more))
    assert result["status"] == "Accepted", result
    assert result.get("statusInfo", {"reasonCode": "NoError"})["reasonCode"] == "NoError"
    assert {name: result[name] for name in where} == where
    return int(result["id"])


async def monitors(csms: Csms, status: str = "Accepted", **fields: Any) -> list[dict[str, Any]]:
    """Ask for a report of monitors; gives each with its component and variable."""
    request_id = fresh()
    answer = await csms.call("GetMonitoringReport", {"requestId": request_id} | fields)
    assert answer["status"] == status, answer
    found: list[dict[str, Any]] = []
    for number in itertools.count():
        if status != "Accepted":
            break
        part = await csms.expect("NotifyMonitoringReport", requestId=request_id)
        assert part["seqNo"] == number
        assert part["generatedAt"]
        for entry in part.get("monitor", []):
            where = {name: entry[name] for name in ("component", "variable")}
            found += [where | one for one in entry["variableMonitoring"]]
        if not part.get("tbc", False):
            break
    return found


def kinds(found: list[dict[str, Any]]) -> set[str]:
    """Kinds of monitors."""
    return {one["type"] for one in found}


async def event(csms: Csms, station: Hand, **fields: Any) -> Came:
    """Wait for an event that tells such data."""
    return await station.meanwhile(csms.expect("NotifyEvent", eventData=[fields]), step_s=2)


@official("TC_N_01_CS", "Monitors are reported by their kinds")
async def test_tc_n_01_cs_by_kinds(csms: Csms, station: Hand) -> None:
    await monitor(csms, POWER, "UpperThreshold", 5000.0)
    await monitor(csms, POWER, "LowerThreshold", 10.0)
    await monitor(csms, STATE, "Delta")
    await monitor(csms, STATE, "Periodic", 600.0)
    await monitor(csms, STATE, "PeriodicClockAligned", 600.0)
    threshold, delta = {"UpperThreshold", "LowerThreshold"}, {"Delta"}
    periodic = {"Periodic", "PeriodicClockAligned"}
    assert kinds(await monitors(csms, monitoringCriteria=["ThresholdMonitoring"])) == threshold
    both = ["ThresholdMonitoring", "DeltaMonitoring"]
    assert kinds(await monitors(csms, monitoringCriteria=both)) == threshold | delta
    both = ["DeltaMonitoring", "PeriodicMonitoring"]
    assert kinds(await monitors(csms, monitoringCriteria=both)) == delta | periodic


@official("TC_N_02_CS", "Monitors are reported by component and variable")
async def test_tc_n_02_cs_by_variables(csms: Csms, station: Hand) -> None:
    await monitor(csms, STATE)
    await monitor(csms, OF_STATION)
    found = await monitors(csms, componentVariable=[OF_STATION, {"component": STATE["component"]}])
    assert {one["component"]["name"] for one in found} == {"ChargingStation", "EVSE"}
    states = [one for one in found if one["variable"]["name"] == "AvailabilityState"]
    assert kinds(states) == {"Delta"}


@official("TC_N_03_CS", "Monitors are reported by kind, component and variable together")
async def test_tc_n_03_cs_by_kind_and_variable(csms: Csms, station: Hand) -> None:
    await monitor(csms, STATE)
    await monitor(csms, OF_STATION)
    where = [OF_STATION, STATE]
    await monitors(csms, "EmptyResultSet", monitoringCriteria=["ThresholdMonitoring"], componentVariable=where)
    found = await monitors(csms, monitoringCriteria=["DeltaMonitoring"], componentVariable=where)
    assert {one["component"]["name"] for one in found} == {"ChargingStation", "EVSE"}
    assert kinds(found) == {"Delta"}


@official("TC_N_47_CS", "All monitors are reported")
async def test_tc_n_47_cs_all(csms: Csms, station: Hand) -> None:
    ids = {await monitor(csms, STATE), await monitor(csms, OF_STATION)}
    assert ids <= {one["id"] for one in await monitors(csms)}


@official("TC_N_05_CS", "Each set of monitors can be made the base")
async def test_tc_n_05_cs_bases(csms: Csms, station: Hand) -> None:
    for base in ("All", "FactoryDefault", "HardWiredOnly"):
        assert (await csms.call("SetMonitoringBase", monitoringBase=base))["status"] == "Accepted"


@official("TC_N_06_CS", "With the hard-wired monitors alone, those that were set are gone")
async def test_tc_n_06_cs_hard_wired_only(csms: Csms, station: Hand) -> None:
    await monitor(csms, OF_STATION)
    assert await monitors(csms, componentVariable=[OF_STATION])
    assert (await csms.call("SetMonitoringBase", monitoringBase="HardWiredOnly"))["status"] == "Accepted"
    await monitors(csms, "EmptyResultSet", componentVariable=[OF_STATION])


@official("TC_N_08_CS", "A monitor is set")
async def test_tc_n_08_cs_set(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE)
    found = await monitors(csms, componentVariable=[STATE])
    [one] = [one for one in found if one["id"] == number]
    assert (one["type"], one["severity"], one["component"], one["variable"]) == (
        "Delta",
        SEVERITY,
        STATE["component"],
        STATE["variable"],
    )


@official("TC_N_09_CS", "Monitors of several variables are set together")
async def test_tc_n_09_cs_several(csms: Csms, station: Hand) -> None:
    results = await set_monitors(csms, wish(STATE), wish(OF_STATION))
    assert [result["status"] for result in results] == ["Accepted", "Accepted"]
    found = {one["id"] for one in await monitors(csms, componentVariable=[STATE, OF_STATION])}
    assert {result["id"] for result in results} <= found


@official("TC_N_10_CS", "Several monitors of one variable are set together")
async def test_tc_n_10_cs_several_of_one(csms: Csms, station: Hand) -> None:
    results = await set_monitors(csms, wish(STATE, severity=8), wish(STATE, severity=7))
    assert [result["status"] for result in results] == ["Accepted", "Accepted"]
    assert [result["severity"] for result in results] == [8, 7]
    assert len({result["id"] for result in results}) == 2


@official("TC_N_11_CS", "Monitors of components that there are not are refused")
async def test_tc_n_11_cs_unknown_component(csms: Csms, station: Hand) -> None:
    unknown = named("NonExistent.Power")
    first, second = await set_monitors(
        csms, wish(named("EVSE.AvailabilityState", evse_id=99)), wish(unknown, "UpperThreshold", 1234.0)
    )
    assert first["status"] in ("UnknownComponent", "Rejected")
    assert second["status"] in ("UnknownComponent", "UnknownVariable")
    assert "id" not in first
    assert "id" not in second


@pytest.mark.parametrize(
    ("where", "kind", "value", "status"),
    [
        pytest.param(
            STATE, "Delta", -1.0, {"Rejected"},
            marks=official("TC_N_12_CS", "A change of less than nothing is not monitored"), id="TC_N_12_CS",
        ),
        pytest.param(
            POWER, "UpperThreshold", 99_000_000.0, {"Rejected"},
            marks=official("TC_N_13_CS", "A threshold that is never reached is not monitored"), id="TC_N_13_CS",
        ),
        pytest.param(
            named("EVSE.unknownVariable", evse_id=1), "Delta", 1.0, {"UnknownVariable"},
            marks=official("TC_N_37_CS", "A variable that there is not is not monitored"), id="TC_N_37_CS",
        ),
        pytest.param(
            STATE, "UpperThreshold", 1.0, {"UnsupportedMonitorType", "Rejected"},
            marks=official("TC_N_38_CS", "A state has no threshold"), id="TC_N_38_CS",
        ),
    ],
)  # fmt: skip
async def test_refused(
    csms: Csms, station: Hand, where: dict[str, Any], kind: str, value: float, status: set[str]
) -> None:
    [result] = await set_monitors(csms, wish(where, kind, value))
    assert result["status"] in status
    assert "id" not in result
    assert (result["type"], result["severity"]) == (kind, SEVERITY)
    assert {name: result[name] for name in where} == where


@official("TC_N_15_CS", "The same monitor again is a duplicate")
async def test_tc_n_15_cs_duplicate(csms: Csms, station: Hand) -> None:
    results = await set_monitors(csms, wish(STATE), wish(STATE))
    assert sorted(result["status"] for result in results) == ["Accepted", "Duplicate"]


@official("TC_N_39_CS", "A monitor is not moved to another variable")
async def test_tc_n_39_cs_not_moved(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE)
    [result] = await set_monitors(csms, wish(POWER, "UpperThreshold", 10.0, id=number))
    assert result["status"] == "Rejected"
    [one] = [one for one in await monitors(csms) if one["id"] == number]
    assert {name: one[name] for name in STATE} == STATE


@official("TC_N_40_CS", "A monitor is replaced")
async def test_tc_n_40_cs_replaced(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE, severity=5)
    assert await monitor(csms, STATE, severity=4, id=number) == number
    found = await monitors(csms, monitoringCriteria=["DeltaMonitoring"], componentVariable=[STATE])
    assert [one["severity"] for one in found if one["id"] == number] == [4]


@official("TC_N_43_CS", "Of several monitors those that can be set are set")
async def test_tc_n_43_cs_some_of_several(csms: Csms, station: Hand) -> None:
    results = await set_monitors(
        csms,
        wish(POWER, "UpperThreshold", 5000.0),
        wish(POWER, "Delta", -1.0),
        wish(POWER, "LowerThreshold", 10.0),
    )
    by_kind = {result["type"]: result["status"] for result in results}
    assert by_kind == {"UpperThreshold": "Accepted", "Delta": "Rejected", "LowerThreshold": "Accepted"}


@official("TC_N_16_CS", "What is less severe than the level is not told")
async def test_tc_n_16_cs_level(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE)
    assert (await csms.call("SetMonitoringLevel", severity=7))["status"] == "Accepted"
    await Session(csms, station).plugged()
    await station.pass_time(10)
    await csms.none("NotifyEvent", eventData=[{"variableMonitoringId": number}])


@official("TC_N_17_CS", "A level that there is not is refused")
@pytest.mark.parametrize("severity", [10, -1])
async def test_tc_n_17_cs_wrong_level(csms: Csms, station: Hand, severity: int) -> None:
    assert (await csms.call("SetMonitoringLevel", severity=severity))["status"] == "Rejected"


@official("TC_N_18_CS", "Monitors are cleared")
async def test_tc_n_18_cs_cleared(csms: Csms, station: Hand) -> None:
    ids = [await monitor(csms, OF_STATION), await monitor(csms, STATE)]
    results = (await csms.call("ClearVariableMonitoring", id=ids))["clearMonitoringResult"]
    assert {result["id"]: result["status"] for result in results} == dict.fromkeys(ids, "Accepted")
    found = await csms.call("GetMonitoringReport", requestId=fresh(), componentVariable=[OF_STATION, STATE])
    assert found["status"] == "EmptyResultSet"


@official("TC_N_19_CS", "A monitor that there is not is not found")
async def test_tc_n_19_cs_unknown(csms: Csms, station: Hand) -> None:
    [result] = (await csms.call("ClearVariableMonitoring", id=[123_456]))["clearMonitoringResult"]
    assert (result["id"], result["status"]) == (123_456, "NotFound")


@official("TC_N_20_CS", "A threshold that is exceeded is told")
async def test_tc_n_20_cs_threshold(csms: Csms, station: Hand) -> None:
    assert (await csms.call("SetMonitoringBase", monitoringBase="All"))["status"] == "Accepted"
    number = await monitor(csms, POWER, "UpperThreshold", 100.0)
    await Session(csms, station).charging()
    came = await event(csms, station, variableMonitoringId=number, trigger="Alerting", variable=POWER["variable"])
    [one] = [one for one in came["eventData"] if one.get("variableMonitoringId") == number]
    assert one["component"] == POWER["component"]
    assert float(one["actualValue"]) > 100.0
    assert one["eventNotificationType"] == "CustomMonitor"


@official("TC_N_51_CS", "A monitor whose threshold is changed is judged anew")
async def test_tc_n_51_cs_changed_threshold(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, POWER, "UpperThreshold", 21_999.0)
    await Session(csms, station).charging()
    await station.pass_time(10)
    await csms.none("NotifyEvent", eventData=[{"variableMonitoringId": number}])
    await monitor(csms, POWER, "UpperThreshold", 100.0, id=number)
    await event(csms, station, variableMonitoringId=number, trigger="Alerting")


@official("TC_N_52_CS", "A monitor that was cleared tells nothing more")
async def test_tc_n_52_cs_cleared_tells_nothing(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, POWER, "UpperThreshold", 100.0)
    session = Session(csms, station)
    await session.charging()
    await event(csms, station, variableMonitoringId=number, trigger="Alerting")
    [result] = (await csms.call("ClearVariableMonitoring", id=[number]))["clearMonitoringResult"]
    assert result["status"] == "Accepted"
    await session.stopped()
    await station.pass_time(30)
    await csms.none("NotifyEvent", eventData=[{"variableMonitoringId": number}])


@official("TC_N_53_CS", "A monitor outlives a restart")
@pytest.mark.parametrize("restart", ["reset", "power"])
async def test_tc_n_53_cs_outlives_a_restart(csms: Csms, station: Hand, restart: str) -> None:
    number = await monitor(csms, POWER, "UpperThreshold", 100.0)
    if restart == "reset":
        assert (await csms.call("Reset", type="Immediate"))["status"] == "Accepted"
    else:
        await station.power_cut()
    await rebooted(csms, station)
    await csms.settle()
    found = await monitors(csms, monitoringCriteria=["ThresholdMonitoring"])
    assert [one["type"] for one in found if one["id"] == number] == ["UpperThreshold"]


@official("TC_N_45_CS", "A number that changes by more than the monitor lets pass is told")
async def test_tc_n_45_cs_delta_of_a_number(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, POWER, "Delta", 100.0)
    await Session(csms, station).charging()
    came = await event(csms, station, variableMonitoringId=number, trigger="Delta")
    [one] = [one for one in came["eventData"] if one.get("variableMonitoringId") == number]
    assert {name: one[name] for name in POWER} == POWER


@official("TC_N_56_CS", "A state that changes is told")
async def test_tc_n_56_cs_delta_of_a_state(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE)
    station.plug()
    await event(csms, station, variableMonitoringId=number, trigger="Delta", actualValue="Occupied")


@official("TC_N_48_CS", "A secret that changes is told without its value")
async def test_tc_n_48_cs_secret(csms: Csms, station: Hand) -> None:
    where = named("SecurityCtrlr.BasicAuthPassword")
    number = await monitor(csms, where)
    result = await put(csms, "SecurityCtrlr.BasicAuthPassword", "AnotherPassword4321")
    assert result["attributeStatus"] in ("Accepted", "RebootRequired")
    await event(csms, station, variableMonitoringId=number, actualValue="")


@official("TC_N_61_CS", "A setting that changes by more than the monitor lets pass is told")
async def test_tc_n_61_cs_setting(csms: Csms, station: Hand) -> None:
    path = "OCPPCommCtrlr.OfflineThreshold"
    before = int(await value_of(csms, path) or 0)
    number = await monitor(csms, named(path), "Delta", 1.0)
    await put(csms, path, str(before + 1))
    await station.pass_time(5)
    await csms.none("NotifyEvent", eventData=[{"variableMonitoringId": number}])
    await put(csms, path, str(before + 2))
    await event(csms, station, variableMonitoringId=number, actualValue=str(before + 2))


@official("TC_N_24_CS", "A state is told again and again")
async def test_tc_n_24_cs_periodic(csms: Csms, station: Hand) -> None:
    number = await monitor(csms, STATE, "Periodic", 60.0)
    times = []
    for _ in range(3):
        came = await event(csms, station, variableMonitoringId=number, trigger="Periodic")
        times.append(came.at)
    assert all(58 <= after - before <= 62 for before, after in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("severity", "is_told"),
    [
        pytest.param(
            5, True, marks=official("TC_N_22_CS", "Offline, what is severe enough is told later"), id="TC_N_22_CS"
        ),
        pytest.param(
            6, False, marks=official("TC_N_23_CS", "Offline, what is not severe enough is not told"), id="TC_N_23_CS"
        ),
    ],
)
async def test_offline(csms: Csms, station: Hand, severity: int, is_told: bool) -> None:
    await configure(csms, MonitoringCtrlr__OfflineQueuingSeverity=5, OCPPCommCtrlr__OfflineThreshold=600)
    number = await monitor(csms, STATE, severity=severity)
    await station.cut_off()
    station.plug()
    await station.pass_time(20)
    await station.back_online()
    if is_told:
        await csms.expect(
            "NotifyEvent", eventData=[{"variableMonitoringId": number, "actualValue": "Occupied", "trigger": "Delta"}]
        )
    else:
        await csms.none("NotifyEvent", eventData=[{"variableMonitoringId": number}])


@official("TC_N_21_CS", "What is hard-wired is told as such")
async def test_tc_n_21_cs_hard_wired(csms: Csms, station: Hand) -> None:
    station.lock_fails()
    session = Session(csms, station)
    await session.plugged()
    await session.authorized()
    await event(csms, station, eventNotificationType={"HardWiredNotification", "HardWiredMonitor"})


@official("TC_N_44_CS", "A hard-wired monitor is not cleared")
async def test_tc_n_44_cs_hard_wired_stays(csms: Csms, station: Hand) -> None:
    [first, *_] = await monitors(csms)
    [result] = (await csms.call("ClearVariableMonitoring", id=[first["id"]]))["clearMonitoringResult"]
    assert result["status"] == "Rejected"


@official("TC_N_41_CS", "A monitor of the factory that was changed is as it was with the factory's base")
async def test_tc_n_41_cs_factory_default(csms: Csms, station: Hand) -> None:
    changed: dict[str, Any] | None = None
    for one in await monitors(csms):
        where = {name: one[name] for name in ("component", "variable")}
        [result] = await set_monitors(
            csms, wish(where, one["type"], one["value"], severity=one["severity"] + 1, id=one["id"])
        )
        if result["status"] == "Accepted":
            changed = one
            break
    assert changed is not None, "there is no monitor of the factory that can be changed"

    async def severity() -> int:
        [found] = [one for one in await monitors(csms) if one["id"] == changed["id"]]
        return int(found["severity"])

    assert await severity() == changed["severity"] + 1
    assert (await csms.call("SetMonitoringBase", monitoringBase="FactoryDefault"))["status"] == "Accepted"
    assert await severity() == changed["severity"]
