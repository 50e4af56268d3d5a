"""Readings: sampled, by the clock, signed, at the ends of transactions (OCPP 2.0.1 J; OCPP 1.6, 4.7)."""

from base64 import b64decode
from datetime import datetime

import msgspec
import pytest

from support.station_line import V16, V21, V201, Line
from support.station_words import configure
from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.vehicle import Vehicle
from voltherd.station import EvseConfig
from voltherd.station.measurands import ENERGY, MEASURANDS, SINCE_21
from voltherd.station.metering import MOST_KEPT
from voltherd.station.ocmf import is_genuine

DC = EvseConfig(max_power_w=150_000, phases=0, connectors=("cCCS2",))


def online(version, **more):
    line = Line(version, **more)
    line.connect()
    return line


@pytest.fixture(params=list(OcppVersion))
def line(request):
    return online(request.param)


@pytest.fixture(params=[V201, V21])
def line2(request):
    return online(request.param)


def values(line, measurand=None):
    """All sampled values that were told, with their times."""
    found = []
    for action in ("MeterValues", "TransactionEvent"):
        for message in line.of(action):
            for value in message.get("meterValue", []):
                found += [
                    sample | {"at": value["timestamp"]}
                    for sample in value["sampledValue"]
                    if measurand in (None, sample.get("measurand", ENERGY))
                ]
    return found


def ended(line):
    return [event for event in line.of("TransactionEvent") if event["eventType"] == "Ended"][-1]


def contexts(message):
    return [value["sampledValue"][0]["context"] for value in message["meterValue"]]


def test_j02_fr_11_sampled_at_the_interval_with_the_measurands_that_are_set(line):
    configure(line, "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval", "30")
    configure(line, "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands", f"{ENERGY},Voltage")
    line.charge()
    line.heard.clear()
    line.wait(95)
    assert len({v["at"] for v in values(line)}) == 3
    assert {v["measurand"] for v in values(line)} == {ENERGY, "Voltage"}
    assert {v["context"] for v in values(line)} == {"Sample.Periodic"}


def test_every_measurand_that_the_hardware_knows_is_told(line):
    others = SINCE_21 if line.version is V16 else ("Temperature", *(SINCE_21 if line.version is V201 else ()))
    wanted = [one for one in MEASURANDS if one not in others]
    status = configure(line, "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands", ",".join(wanted))
    assert status == "Accepted"
    line.charge()
    line.heard.clear()
    line.wait(65)
    told = {v["measurand"] for v in values(line)}
    assert set(wanted) - told <= {"SoC", "Power.Active.Setpoint"}
    assert [v["phase"] for v in values(line, "Current.Import")] == ["L1", "L2", "L3"]
    assert [v["phase"] for v in values(line, "Voltage")] == ["L1-N", "L2-N", "L3-N"]


def test_a_dc_station_tells_the_soc_and_no_phases(line):
    line = online(line.version, evses=(DC,))
    line.plug(Vehicle(soc=0.3))
    line.present()
    line.wait(65)
    assert float(values(line, "SoC")[-1]["value"]) > 30
    assert all("phase" not in value for value in values(line))


def test_2_x_does_not_know_the_temperature(line2):
    assert configure(line2, None, "SampledDataCtrlr.TxUpdatedMeasurands", "Temperature") == "Rejected"
    assert configure(line2, None, "SampledDataCtrlr.TxUpdatedMeasurands", "Nonsense") == "Rejected"


def test_e01_fr_09_e06_fr_11_the_ends_have_readings_of_their_own(line2):
    configure(line2, None, "SampledDataCtrlr.TxStartedMeasurands", ENERGY)
    configure(line2, None, "SampledDataCtrlr.TxEndedMeasurands", f"{ENERGY},Voltage")
    line2.charge()
    line2.present()
    first = line2.of("TransactionEvent")[0]
    assert contexts(first) == ["Transaction.Begin"]
    assert {s["measurand"] for s in first["meterValue"][0]["sampledValue"]} == {ENERGY}
    assert contexts(ended(line2)) == ["Transaction.End"]
    assert {s["measurand"] for s in ended(line2)["meterValue"][0]["sampledValue"]} == {ENERGY, "Voltage"}


def test_e06_fr_11_readings_for_the_last_event_are_kept(line2):
    configure(line2, None, "SampledDataCtrlr.TxEndedInterval", "60")
    line2.charge()
    line2.wait(200)
    line2.present()
    assert contexts(ended(line2)) == ["Sample.Periodic"] * 3 + ["Transaction.End"]


def test_j02_fr_20_too_many_of_them_are_thinned_out(line2):
    configure(line2, None, "SampledDataCtrlr.TxEndedInterval", "1")
    configure(line2, None, "SampledDataCtrlr.TxEndedMeasurands", ENERGY)
    line2.charge()
    line2.wait(3 * MOST_KEPT)
    line2.present()
    assert MOST_KEPT / 2 <= len(contexts(ended(line2))) <= MOST_KEPT + 1
    times = [datetime.fromisoformat(value["timestamp"]) for value in ended(line2)["meterValue"]]
    assert times == sorted(times)
    assert (times[-1] - times[0]).total_seconds() > 3 * MOST_KEPT - 5


def test_j01_fr_14_values_by_the_clock_are_told_of_every_evse_and_the_main_meter(line):
    line = online(line.version, evses=(EvseConfig(), EvseConfig()))
    configure(line, "ClockAlignedDataInterval", "AlignedDataCtrlr.Interval", "900")
    line.wait(1800)
    told = line.of("MeterValues")
    numbers = [m["connectorId"] if line.version is V16 else m["evseId"] for m in told]
    assert numbers == [1, 2, 0, 1, 2, 0]
    for message in told:
        at = datetime.fromisoformat(message["meterValue"][0]["timestamp"])
        assert (at.minute % 15, at.second) == (0, 0)
        assert message["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


def test_j01_fr_22_during_a_transaction_they_belong_to_it(line):
    configure(line, "ClockAlignedDataInterval", "AlignedDataCtrlr.Interval", "60")
    configure(line, "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval", "0")
    line.charge()
    line.heard.clear()
    line.wait(61)
    if line.version is V16:
        assert line.of("MeterValues")[0]["transactionId"] == 17
    else:
        assert [e["triggerReason"] for e in line.of("TransactionEvent")] == ["MeterValueClock"]


def test_j01_fr_19_fr_20_during_idle_only(line2):
    configure(line2, None, "AlignedDataCtrlr.Interval", "60")
    configure(line2, None, "AlignedDataCtrlr.SendDuringIdle", "true")
    line2.charge()
    line2.heard.clear()
    line2.wait(120)
    assert not line2.of("MeterValues")
    assert not [e for e in line2.of("TransactionEvent") if e["triggerReason"] == "MeterValueClock"]


def test_a_clock_that_jumps_moves_what_is_aligned_to_it(line2):
    configure(line2, None, "AlignedDataCtrlr.Interval", "900")
    line2.core.clock.jump(137)
    line2.core.metering.clock_changed()
    line2.wait(901)
    at = datetime.fromisoformat(line2.of("MeterValues")[0]["meterValue"][0]["timestamp"])
    assert (at.minute % 15, at.second) == (0, 0)


def test_j01_fr_21_j02_fr_21_signed_values_are_genuine(line2):
    configure(line2, None, "SampledDataCtrlr.SignReadings", "true")
    line2.charge()
    line2.wait(65)
    line2.present()
    signed = [v["signedMeterValue"] for v in values(line2, ENERGY)]
    assert len(signed) == 3
    for one in signed:
        text = b64decode(one["signedMeterData"]).decode()
        key = b64decode(one["publicKey"]).decode().rpartition(":")[2]
        assert one["encodingMethod"] == "OCMF"
        assert is_genuine(text, key)
    reading = msgspec.json.decode(b64decode(signed[-1]["signedMeterData"]).split(b"|")[1])
    assert reading["ID"] == "GOOD"
    assert reading["RD"][0]["TX"] == "E"
    assert reading["RD"][0]["RV"] * 1000 == pytest.approx(values(line2, ENERGY)[-1]["value"], abs=1)


def test_signed_records_are_numbered_on_over_a_power_cut(line2):
    configure(line2, None, "SampledDataCtrlr.SignReadings", "true")
    line2.charge()
    line2.present()
    again = Line(line2.version, storage=line2.core.storage)
    again.connect(0.0)
    again.charge()
    again.present()
    pages = []
    for line in (line2, again):
        for one in values(line, ENERGY):
            payload = b64decode(one["signedMeterValue"]["signedMeterData"]).split(b"|")[1]
            pages.append(msgspec.json.decode(payload)["PG"])
    assert pages == [f"T{number}" for number in range(1, len(pages) + 1)]
    assert len(pages) == 4


@pytest.mark.parametrize(("policy", "keys"), [("Never", 0), ("OncePerTransaction", 2), ("EveryMeterValue", 6)])
def test_the_public_key_is_told_as_often_as_set(line2, policy, keys):
    configure(line2, None, "SampledDataCtrlr.SignReadings", "true")
    configure(line2, None, "OCPPCommCtrlr.PublicKeyWithSignedMeterValue", policy)
    for _ in range(2):
        line2.charge()
        line2.wait(65)
        line2.present()
        line2.unplug()
    signed = [v["signedMeterValue"] for v in values(line2, ENERGY)]
    assert len(signed) == 6
    assert sum(bool(one.get("publicKey")) for one in signed) == keys


def test_1_6_signed_values_have_their_own_format():
    line = online(V16, settings={"sign_sampled_16": "true"})
    line.charge()
    line.wait(65)
    [signed] = [v for v in values(line) if v.get("format") == "SignedData"]
    key = line.core.metering.public_key(1)
    assert is_genuine(signed["value"], b64decode(key).decode().rpartition(":")[2])


def test_1_6_the_data_of_a_transaction_come_with_its_end():
    line = online(V16)
    configure(line, "StopTxnSampledData", None, ENERGY)
    line.charge()
    line.wait(125)
    line.present()
    data = line.of("StopTransaction")[0]["transactionData"]
    told = [value["sampledValue"][0]["context"] for value in data]
    assert told == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


def test_1_6_without_that_setting_the_end_has_no_data():
    line = online(V16)
    line.charge()
    line.present()
    assert "transactionData" not in line.of("StopTransaction")[0]


def test_1_6_data_by_the_clock_for_the_end():
    line = online(V16)
    configure(line, "StopTxnAlignedData", None, ENERGY)
    configure(line, "ClockAlignedDataInterval", None, "60")
    line.charge()
    line.wait(120)
    line.present()
    told = [v["sampledValue"][0]["context"] for v in line.of("StopTransaction")[0]["transactionData"]]
    assert told == ["Transaction.Begin", "Sample.Clock", "Sample.Clock", "Transaction.End"]


def test_j03_2_x_data_by_the_clock_for_the_end(line2):
    configure(line2, None, "AlignedDataCtrlr.TxEndedInterval", "60")
    line2.charge()
    line2.wait(120)
    line2.present()
    assert contexts(ended(line2)) == ["Sample.Clock", "Sample.Clock", "Transaction.End"]
