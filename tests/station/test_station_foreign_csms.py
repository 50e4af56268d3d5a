"""The station against a CSMS we did not write, which checks every message against the official schemas."""

import asyncio

import ocpp.v16.call as call16
import ocpp.v201.call as call201
import pytest

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.station import SimulatedStation
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import Clock, EvseConfig, SqliteStorage, StationConfig, Token

V16, V201 = OcppVersion.V16, OcppVersion.V201
GOOD, BAD = Token("GOOD", "Central"), Token("BAD", "Central")
FAST = 60.0


@pytest.fixture
async def make_station(csms):
    stations = []

    def make(version, *, factor=1.0, storage=None, before=None, **changes):
        config = StationConfig(
            identity=changes.pop("identity", "CS-1"),
            url=csms.url,
            version=version,
            reconnect_min_s=0.05,
            reconnect_max_s=0.1,
            **changes,
        )
        clock = before.clock if before else Clock(factor=factor)
        station = SimulatedStation(config, clock=clock, storage=storage, hardware=before and before.hardware)
        station.start()
        stations.append(station)
        return station

    yield make
    for station in stations:
        await station.stop()


def events(log):
    return [(e["event_type"], e["seq_no"], e["trigger_reason"]) for e in log.of("TransactionEvent")]


def charging_states(log):
    return [e["transaction_info"].get("charging_state") for e in log.of("TransactionEvent")]


async def test_a_station_boots_reports_its_status_and_takes_the_interval(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    log = csms.log("CS-1")
    await log.until(lambda log: log.of("StatusNotification"))
    assert station.core.settings.number("heartbeat_interval_s") == 300
    boot = log.of("BootNotification")[0]
    assert (boot["charge_point_vendor"] if version is V16 else boot["charging_station"]["vendor_name"]) == "Voltherd"


@pytest.mark.parametrize("first", ["Pending", "Rejected"])
async def test_a_station_that_is_put_off_asks_again_after_the_interval(csms, make_station, version, first):
    csms.rules["boot"] = [first, first]
    station = make_station(version, factor=10.0)
    await station.wait_accepted()
    assert len(csms.log("CS-1").of("BootNotification")) == 3


async def test_1_6_a_whole_session(csms, make_station):
    station = make_station(V16, factor=FAST, settings={"meter_interval_s": "60"})
    await station.wait_accepted()
    log = csms.log("CS-1")
    assert station.plug_in(Vehicle(soc=0.2))
    assert await station.present(GOOD)
    await log.until(lambda log: len(log.of("MeterValues")) >= 2)
    assert await station.present(GOOD)
    await log.until(lambda log: log.of("StopTransaction"))
    station.unplug()
    await log.until(lambda log: log.of("StatusNotification")[-1]["status"] == "Available")
    start, stop = log.of("StartTransaction")[0], log.of("StopTransaction")[0]
    assert {m["transaction_id"] for m in log.of("MeterValues")} == {101}
    assert (stop["transaction_id"], stop["reason"]) == (101, "Local")
    used_wh = stop["meter_stop"] - start["meter_start"]
    assert 300 < used_wh < 1500
    connector = [s["status"] for s in log.of("StatusNotification") if s["connector_id"] == 1]
    assert connector == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    names = {(s.get("measurand"), s.get("unit"), s.get("phase")) for s in samples16(log.of("MeterValues")[0])}
    assert ("Energy.Active.Import.Register", "Wh", None) in names
    assert ("Current.Import", "A", "L3") in names


def samples16(message):
    return message["meter_value"][0]["sampled_value"]


async def test_2_0_1_a_whole_session(csms, make_station):
    station = make_station(V201, factor=FAST)
    await station.wait_accepted()
    log = csms.log("CS-1")
    assert station.plug_in(Vehicle(soc=0.2))
    assert await station.present(GOOD)
    await log.until(lambda log: len(log.of("TransactionEvent")) >= 3)
    assert await station.present(GOOD)
    await log.until(lambda log: log.of("TransactionEvent")[-1]["event_type"] == "Ended")
    station.unplug()
    await log.until(lambda log: log.of("StatusNotification")[-1]["connector_status"] == "Available")
    sent = log.of("TransactionEvent")
    assert [e["seq_no"] for e in sent] == list(range(len(sent)))
    assert len({e["transaction_info"]["transaction_id"] for e in sent}) == 1
    assert events(log)[0] == ("Started", 0, "Authorized")
    assert events(log)[1] == ("Updated", 1, "MeterValuePeriodic")
    assert events(log)[-1][2] == "StopAuthorized"
    assert sent[-1]["transaction_info"]["stopped_reason"] == "Local"
    assert not any(e.get("offline") for e in sent)
    registers = [
        s["value"]
        for e in sent
        for m in e["meter_value"]
        for s in m["sampled_value"]
        if s["measurand"] == "Energy.Active.Import.Register"
    ]
    assert registers == sorted(registers)
    assert 300 < registers[-1] - registers[0] < 1500


async def test_a_dc_session_reports_the_state_of_charge_and_ends_suspended(csms, make_station):
    station = make_station(
        V201, factor=600.0, evses=(EvseConfig(max_power_w=150_000, phases=0, connectors=("cCCS2",)),)
    )
    await station.wait_accepted()
    log = csms.log("CS-1")
    station.plug_in(Vehicle(soc=0.97))
    await station.present(GOOD)
    await log.until(
        lambda log: any(
            e["transaction_info"].get("charging_state") == "SuspendedEV" for e in log.of("TransactionEvent")
        )
    )
    levels = [
        s["value"]
        for e in log.of("TransactionEvent")
        for m in e.get("meter_value", [])
        for s in m["sampled_value"]
        if s["measurand"] == "SoC"
    ]
    assert levels == sorted(levels)
    assert levels[0] < 98


async def test_a_refused_token_starts_nothing(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    station.plug_in()
    assert not await station.present(BAD)
    assert not station.core.charging.is_busy


async def test_a_token_refused_at_the_start_ends_the_transaction(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    station.plug_in()
    station.core.charging.permit(station.core.evses[1], BAD)
    log = csms.log("CS-1")
    if version is V16:
        await log.until(lambda log: log.of("StopTransaction"))
        assert log.of("StopTransaction")[0]["reason"] == "DeAuthorized"
    else:
        await log.until(lambda log: len(log.of("TransactionEvent")) == 2)
        assert events(log)[1] == ("Ended", 1, "Deauthorized")


async def test_remote_start_and_stop(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    log = csms.log("CS-1")
    station.plug_in()
    if version is V16:
        answer = await csms.call("CS-1", call16.RemoteStartTransaction(id_tag="GOOD", connector_id=1))
        await log.until(lambda log: log.of("StartTransaction"))
        await station.wait_until(lambda core: core.evses[1].transaction.csms_id == 101)
        stopped = await csms.call("CS-1", call16.RemoteStopTransaction(transaction_id=101))
        await log.until(lambda log: log.of("StopTransaction"))
        assert log.of("StopTransaction")[0]["reason"] == "Remote"
        unknown = await csms.call("CS-1", call16.RemoteStopTransaction(transaction_id=999))
    else:
        token = {"id_token": "GOOD", "type": "Central"}
        answer = await csms.call("CS-1", call201.RequestStartTransaction(id_token=token, remote_start_id=7, evse_id=1))
        await log.until(lambda log: log.of("TransactionEvent"))
        started = log.of("TransactionEvent")[0]
        assert started["trigger_reason"] == "RemoteStart"
        assert started["transaction_info"]["remote_start_id"] == 7
        running = started["transaction_info"]["transaction_id"]
        stopped = await csms.call("CS-1", call201.RequestStopTransaction(transaction_id=running))
        await log.until(lambda log: len(log.of("TransactionEvent")) == 2)
        assert log.of("TransactionEvent")[1]["transaction_info"]["stopped_reason"] == "Remote"
        unknown = await csms.call("CS-1", call201.RequestStopTransaction(transaction_id="nothing"))
    assert (answer.status, stopped.status, unknown.status) == ("Accepted", "Accepted", "Rejected")


async def test_a_remote_start_waits_for_the_cable_and_gives_up(csms, make_station, version):
    station = make_station(version, factor=FAST, settings={"connection_timeout_s": "30"})
    await station.wait_accepted()
    if version is V16:
        request = call16.RemoteStartTransaction(id_tag="GOOD")
    else:
        request = call201.RequestStartTransaction(id_token={"id_token": "GOOD", "type": "Central"}, remote_start_id=1)
    assert (await csms.call("CS-1", request)).status == "Accepted"
    await station.wait_until(lambda core: core.evses[1].permission is not None)
    await station.wait_until(lambda core: core.evses[1].permission is None)
    station.plug_in()
    assert not station.core.charging.is_busy


async def test_a_lost_line_loses_no_transaction_message(csms, make_station, version):
    station = make_station(version, factor=FAST)
    await station.wait_accepted()
    log = csms.log("CS-1")
    await csms.close()
    await station.wait_until(lambda core: not core.is_connected)
    station.plug_in()
    assert await station.present(GOOD)
    await asyncio.sleep(2.2)
    assert await station.present(GOOD)
    assert station.core.outbox.kept_count >= 3
    await csms.open()
    await station.wait_until(lambda core: core.is_online and core.outbox.kept_count == 0)
    assert len(log.of("BootNotification")) == 1
    if version is V16:
        actions = [a for a, _ in log.messages if a in ("StartTransaction", "MeterValues", "StopTransaction")]
        assert actions[0] == "StartTransaction"
        assert actions[-1] == "StopTransaction"
        assert set(actions[1:-1]) == {"MeterValues"}
        assert log.of("StopTransaction")[0]["transaction_id"] == 101
    else:
        sent = log.of("TransactionEvent")
        assert [e["seq_no"] for e in sent] == list(range(len(sent)))
        assert all(e["offline"] is True for e in sent)
        assert [sent[0]["event_type"], sent[-1]["event_type"]] == ["Started", "Ended"]


async def test_trap_19_an_unanswered_start_is_sent_again_with_the_same_content(csms, make_station):
    csms.rules["fail_starts"] = 2
    station = make_station(V16, factor=20.0)
    await station.wait_accepted()
    station.plug_in()
    await station.present(GOOD)
    await station.wait_until(lambda core: core.evses[1].transaction.csms_id is not None)
    starts = csms.log("CS-1").of("StartTransaction")
    assert len(starts) == 3
    assert starts[0] == starts[1] == starts[2]


@pytest.mark.parametrize(("kind", "reason"), [("Hard", "HardReset"), ("Soft", "SoftReset")])
async def test_1_6_reset_ends_transactions_and_boots_again(csms, make_station, kind, reason):
    station = make_station(V16, reboot_s=0.05)
    await station.wait_accepted()
    station.plug_in()
    await station.present(GOOD)
    assert (await csms.call("CS-1", call16.Reset(type=kind))).status == "Accepted"
    log = csms.log("CS-1")
    await log.until(lambda log: len(log.of("BootNotification")) == 2 and log.of("StopTransaction"))
    await station.wait_until(lambda core: core.outbox.kept_count == 0)
    assert log.of("StopTransaction")[0]["reason"] == reason
    assert len(log.of("StopTransaction")) >= 1


async def test_2_0_1_reset_immediate_and_on_idle(csms, make_station):
    station = make_station(V201, reboot_s=0.05)
    await station.wait_accepted()
    log = csms.log("CS-1")
    station.plug_in()
    await station.present(GOOD)
    assert (await csms.call("CS-1", call201.Reset(type="OnIdle"))).status == "Scheduled"
    await station.present(GOOD)
    await log.until(lambda log: len(log.of("BootNotification")) == 2)
    assert log.of("BootNotification")[1]["reason"] == "ScheduledReset"
    await station.wait_accepted()
    await station.present(GOOD)
    await station.wait_until(lambda core: core.charging.is_busy)
    assert (await csms.call("CS-1", call201.Reset(type="Immediate"))).status == "Accepted"
    await log.until(lambda log: len(log.of("BootNotification")) == 3)
    await log.until(
        lambda log: log.of("TransactionEvent")[-1]["transaction_info"].get("stopped_reason") == "ImmediateReset"
    )


async def test_the_base_report_comes_in_parts(csms, make_station):
    station = make_station(V201)
    await station.wait_accepted()
    answer = await csms.call("CS-1", call201.GetBaseReport(request_id=5, report_base="FullInventory"))
    assert answer.status == "Accepted"
    log = csms.log("CS-1")
    await log.until(lambda log: any(not part["tbc"] for part in log.of("NotifyReport")))
    parts = log.of("NotifyReport")
    assert len(parts) >= 2
    assert [part["seq_no"] for part in parts] == list(range(len(parts)))
    assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False]
    named = {(d["component"]["name"], d["variable"]["name"]) for part in parts for d in part["report_data"]}
    assert {("OCPPCommCtrlr", "HeartbeatInterval"), ("ChargingStation", "Model"), ("EVSE", "Power")} <= named


async def test_variables_are_read_and_set(csms, make_station):
    station = make_station(V201)
    await station.wait_accepted()

    def at(component, variable, **more):
        return {"component": {"name": component}, "variable": {"name": variable}, **more}

    wanted = [
        at("OCPPCommCtrlr", "HeartbeatInterval", attribute_value="60"),
        at("OCPPCommCtrlr", "HeartbeatInterval", attribute_value="soon"),
        at("ChargingStation", "Model", attribute_value="x"),
        at("Nothing", "Here", attribute_value="x"),
        at("OCPPCommCtrlr", "Nothing", attribute_value="x"),
    ]
    answer = await csms.call("CS-1", call201.SetVariables(set_variable_data=wanted))
    assert [r["attribute_status"] for r in answer.set_variable_result] == [
        "Accepted",
        "Rejected",
        "Rejected",
        "UnknownComponent",
        "UnknownVariable",
    ]
    connector = {"name": "Connector", "evse": {"id": 1, "connector_id": 1}}
    asked = [
        at("OCPPCommCtrlr", "HeartbeatInterval"),
        at("SecurityCtrlr", "BasicAuthPassword"),
        at("ChargingStation", "Model", attribute_type="Target"),
        {"component": connector, "variable": {"name": "ConnectorType"}},
    ]
    answer = await csms.call("CS-1", call201.GetVariables(get_variable_data=asked))
    results = answer.get_variable_result
    assert [r["attribute_status"] for r in results] == ["Accepted", "Rejected", "NotSupportedAttributeType", "Accepted"]
    assert (results[0]["attribute_value"], results[3]["attribute_value"]) == ("60", "cType2")


async def test_configuration_keys_are_read_and_set(csms, make_station):
    station = make_station(V16)
    await station.wait_accepted()

    async def change(key, value):
        return (await csms.call("CS-1", call16.ChangeConfiguration(key=key, value=value))).status

    assert await change("MeterValueSampleInterval", "5") == "Accepted"
    assert await change("MeterValueSampleInterval", "often") == "Rejected"
    assert await change("NumberOfConnectors", "9") == "Rejected"
    assert await change("Unheard", "1") == "NotSupported"
    answer = await csms.call(
        "CS-1", call16.GetConfiguration(key=["metervaluesampleinterval", "AuthorizationKey", "Unheard"])
    )
    assert answer.configuration_key == [
        {"key": "MeterValueSampleInterval", "readonly": False, "value": "5"},
        {"key": "AuthorizationKey", "readonly": False},
    ]
    assert answer.unknown_key == ["Unheard"]
    everything = await csms.call("CS-1", call16.GetConfiguration())
    assert len(everything.configuration_key) > 15


async def test_availability_is_changed_now_or_when_the_transaction_ends(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    log = csms.log("CS-1")

    def request(*, operative):
        word = "Operative" if operative else "Inoperative"
        if version is V16:
            return call16.ChangeAvailability(connector_id=1, type=word)
        return call201.ChangeAvailability(operational_status=word, evse={"id": 1})

    def last(log):
        status = log.of("StatusNotification")[-1]
        return status["status"] if version is V16 else status["connector_status"]

    assert (await csms.call("CS-1", request(operative=False))).status == "Accepted"
    await log.until(lambda log: last(log) == "Unavailable")
    assert not station.plug_in()
    assert (await csms.call("CS-1", request(operative=True))).status == "Accepted"
    await log.until(lambda log: last(log) == "Available")
    assert station.plug_in()
    await station.present(GOOD)
    assert (await csms.call("CS-1", request(operative=False))).status == "Scheduled"
    station.unplug()
    await log.until(lambda log: last(log) == "Unavailable")


async def test_reservations_hold_the_connector_for_their_token(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    expiry = "2099-01-01T00:00:00Z"
    if version is V16:
        reserve = call16.ReserveNow(connector_id=1, expiry_date=expiry, id_tag="GOOD", reservation_id=3)
        cancel = call16.CancelReservation(reservation_id=3)
    else:
        token = {"id_token": "GOOD", "type": "Central"}
        reserve = call201.ReserveNow(id=3, expiry_date_time=expiry, id_token=token, evse_id=1)
        cancel = call201.CancelReservation(reservation_id=3)
    assert (await csms.call("CS-1", reserve)).status == "Accepted"
    await station.wait_until(lambda core: core.evses[1].told.get(1) == "Reserved")
    assert not await station.present(Token("OTHER"))
    assert (await csms.call("CS-1", cancel)).status == "Accepted"
    assert (await csms.call("CS-1", cancel)).status == "Rejected"
    assert (await csms.call("CS-1", reserve)).status == "Accepted"
    station.plug_in()
    assert await station.present(GOOD)
    other = call16.ReserveNow(connector_id=1, expiry_date=expiry, id_tag="GOOD", reservation_id=4)
    if version is V16:
        assert (await csms.call("CS-1", other)).status == "Occupied"


async def test_triggers_bring_the_message(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    log = csms.log("CS-1")
    await log.until(lambda log: log.of("StatusNotification"))
    call = call16 if version is V16 else call201
    for name in ("Heartbeat", "MeterValues", "StatusNotification"):
        before = len(log.of(name))
        assert (await csms.call("CS-1", call.TriggerMessage(requested_message=name))).status == "Accepted"
        await log.until(lambda log, name=name, before=before: len(log.of(name)) > before)
    if version is not V16:
        never = await csms.call("CS-1", call.TriggerMessage(requested_message="PublishFirmwareStatusNotification"))
        assert never.status == "NotImplemented"


async def test_unlock_clear_cache_and_data_transfer(csms, make_station, version):
    station = make_station(version, evses=(EvseConfig(connectors=("sType2",)),))
    await station.wait_accepted()
    if version is V16:
        unlock, call = call16.UnlockConnector(connector_id=1), call16
    else:
        unlock, call = call201.UnlockConnector(evse_id=1, connector_id=1), call201
    assert (await csms.call("CS-1", unlock)).status == "Unlocked"
    assert (await csms.call("CS-1", call.ClearCache())).status == "Accepted"
    assert (await csms.call("CS-1", call.DataTransfer(vendor_id="nobody"))).status == "UnknownVendorId"
    echo = call.DataTransfer(vendor_id="org.voltherd", message_id="echo", data="hello")
    assert (await csms.call("CS-1", echo)).data == "hello"
    station.plug_in()
    await station.present(GOOD)
    status = (await csms.call("CS-1", unlock)).status
    assert status == ("Unlocked" if version is V16 else "OngoingAuthorizedTransaction")


async def test_d02_fr_02_a_station_without_a_list_tells_version_0(csms, make_station, version):
    station = make_station(version)
    await station.wait_accepted()
    call = call16 if version is V16 else call201
    answer = await csms.call("CS-1", call.GetLocalListVersion())
    assert (answer.list_version if version is V16 else answer.version_number) == 0


async def test_a_station_ends_the_transactions_that_the_power_cut_off(csms, make_station, version, tmp_path):
    first = SqliteStorage(tmp_path / "station.db")
    station = make_station(version, storage=first, factor=FAST)
    await station.wait_accepted()
    station.plug_in()
    await station.present(GOOD)
    log = csms.log("CS-1")
    await station.wait_until(lambda core: core.outbox.kept_count == 0)
    await csms.close()
    await station.wait_until(lambda core: not core.is_connected)
    await asyncio.sleep(1.2)
    waiting = station.core.outbox.kept_count
    assert waiting >= 1
    await station.stop()
    first.close()
    await csms.open()
    second = SqliteStorage(tmp_path / "station.db")
    again = make_station(version, storage=second, before=station)
    await again.wait_until(lambda core: core.is_online and core.outbox.kept_count == 0)
    if version is V16:
        (stop,) = log.of("StopTransaction")
        assert (stop["transaction_id"], stop["reason"]) == (101, "PowerLoss")
        assert stop["meter_stop"] > log.of("StartTransaction")[0]["meter_start"]
    else:
        sent = log.of("TransactionEvent")
        assert [e["seq_no"] for e in sent] == list(range(len(sent)))
        assert sent[-1]["transaction_info"]["stopped_reason"] == "PowerLoss"
    assert (second.messages(), second.all("transaction")) == ([], {})
    second.close()
