import pytest

from support.desk import Desk, at
from voltherd.domain.metering import MeterSample


async def started(desk: Desk, **changes: object) -> int:
    payload = {"connectorId": 1, "idTag": "CARD", "meterStart": 1000, "timestamp": at(0), **changes}
    number: int = (await desk.receive("StartTransaction", payload))["transactionId"]
    return number


async def measured(desk: Desk, *values: dict[str, object], seconds: float = 60, **changes: object) -> None:
    reading = {"timestamp": at(seconds), "sampledValue": list(values)}
    desk.now_ms += 1000
    assert await desk.receive("MeterValues", {"connectorId": 1, "meterValue": [reading], **changes}) == {}


def recorded(desk: Desk) -> list[MeterSample]:
    found: list[MeterSample] = desk.recorded(MeterSample)
    return found


async def test_readings_of_a_transaction_advance_its_energy_power_and_soc(v16: Desk) -> None:
    number = await started(v16)
    await measured(
        v16,
        {"value": "1.5", "unit": "kWh", "measurand": "Energy.Active.Import.Register"},
        {"value": "11", "unit": "kW", "measurand": "Power.Active.Import"},
        {"value": "42", "unit": "Percent", "measurand": "SoC", "location": "EV"},
        transactionId=number,
    )
    found = await v16.transaction()
    assert (found.energy_wh, found.power_w, found.soc_percent) == (500.0, 11_000.0, 42.0)
    assert {item.transaction for item in recorded(v16)} == {found.id}


async def test_readings_without_a_transaction_id_belong_to_the_open_one_of_the_connector(v16: Desk) -> None:
    await started(v16)
    await measured(v16, {"value": "1200"})
    assert (await v16.transaction()).energy_wh == 200.0
    await measured(v16, {"value": "7"}, connectorId=2)
    assert [(item.evse_no, item.transaction) for item in recorded(v16)] == [(2, None)]


async def test_an_unknown_transaction_id_is_looked_up_once_and_falls_back_to_the_open_one(v16: Desk) -> None:
    await started(v16)
    v16.state.holds_all_transactions = False
    await measured(v16, {"value": "1200"}, transactionId=77)
    assert (await v16.transaction()).energy_wh == 200.0
    assert list(v16.state.absent_transactions) == ["77"]


async def test_trap_23_readings_after_the_stop_complete_the_session_and_do_not_reopen_it(v16: Desk) -> None:
    number = await started(v16)
    await v16.receive("StopTransaction", {"transactionId": number, "meterStop": 3000, "timestamp": at(600)})
    await measured(v16, {"value": "2000"}, seconds=300, transactionId=number)
    found = await v16.transaction()
    assert (found.active, found.energy_wh) == (False, 2000.0)
    assert [item.raw_value for item in await v16.samples(found.id)] == ["2000"]


async def test_trap_25_readings_never_go_to_another_connectors_transaction(v16: Desk) -> None:
    first = await started(v16)
    await started(v16, connectorId=2)
    await measured(v16, {"value": "1700"}, connectorId=2, transactionId=first)
    one, two = await v16.transactions()
    assert (one.energy_wh, two.energy_wh) == (0.0, 700.0)


async def test_trap_27_an_unknown_measurand_is_kept_as_text(v16: Desk) -> None:
    await started(v16)
    await measured(v16, {"value": "3", "measurand": "Energy.Solar"})
    (sample,) = recorded(v16)
    assert (sample.measurand, sample.value) == ("Energy.Solar", 3.0)
    assert (await v16.transaction()).energy_wh == 0.0


@pytest.mark.parametrize("odd", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "2099-01-01T00:00:00Z", "later"])
async def test_trap_29_readings_of_an_implausible_clock_are_filed_at_their_receipt(v16: Desk, odd: str) -> None:
    await started(v16)
    reading = {"timestamp": odd, "sampledValue": [{"value": "1200"}]}
    await v16.receive("MeterValues", {"connectorId": 1, "meterValue": [reading]})
    (sample,) = recorded(v16)
    assert sample.at_ms == sample.received_ms == v16.now_ms


@pytest.mark.parametrize("connector", [0, 1])
async def test_trap_30_readings_of_connector_0_are_the_stations_and_of_no_transaction(
    v16: Desk, connector: int
) -> None:
    number = await started(v16, connectorId=connector)
    await measured(v16, {"value": "999000"}, connectorId=0, transactionId=number)
    (sample,) = recorded(v16)
    assert (sample.evse_no, sample.connector_no, sample.transaction) == (0, 0, None)
    assert (await v16.transaction()).energy_wh == 0.0


async def test_trap_31_missing_measurand_and_unit_mean_the_import_register_in_wh(v16: Desk) -> None:
    await measured(v16, {"value": "1234"})
    (sample,) = recorded(v16)
    assert (sample.measurand, sample.unit, sample.value) == ("Energy.Active.Import.Register", "Wh", 1234.0)


@pytest.mark.parametrize(
    ("raw", "value"), [(" 00012.50 ", 12.5), ("12,5", 12.5), ("", None), ("n/a", None), ("NaN", None), ("inf", None)]
)
async def test_trap_31_what_is_not_a_number_never_becomes_0(v16: Desk, raw: str, value: float | None) -> None:
    await measured(v16, {"value": raw})
    (sample,) = recorded(v16)
    assert (sample.value, sample.raw_value) == (value, raw)


async def test_trap_31_a_value_that_is_a_json_number_is_understood(v16: Desk) -> None:
    await measured(v16, {"value": 1234})
    (sample,) = recorded(v16)
    assert (sample.value, sample.raw_value) == (1234.0, "1234")


@pytest.mark.parametrize(
    ("phases", "total_wh"),
    [
        ({"L1": "400", "L2": "500", "L3": "600"}, 1500.0),
        ({"L1-N": "400", "L2-N": "500", "L3-N": "600"}, 1500.0),
        ({"L1": "1500"}, 1500.0),
        ({"": "1500", "L1": "1", "L2": "1", "L3": "1"}, 1500.0),
    ],
)
async def test_trap_32_phases_are_summed_unless_there_is_a_total(
    v16: Desk, phases: dict[str, str], total_wh: float
) -> None:
    await started(v16)
    values = [{"value": value, **({"phase": phase} if phase else {})} for phase, value in phases.items()]
    await measured(v16, *values)
    assert (await v16.transaction()).meter_last_wh == total_wh
    assert {item.phase: item.raw_value for item in recorded(v16)} == phases


async def test_trap_33_a_register_that_jumps_back_is_counted_on_from_zero_and_flagged(v16: Desk) -> None:
    number = await started(v16)
    await measured(v16, {"value": "1500"}, seconds=60)
    await measured(v16, {"value": "200"}, seconds=120)
    await v16.receive("StopTransaction", {"transactionId": number, "meterStop": 300, "timestamp": at(180)})
    found = await v16.transaction()
    assert found.energy_wh == 800.0
    assert "register-jumped-back" in found.flags


async def test_trap_33_a_begin_of_0_in_the_readings_does_not_move_the_start(v16: Desk) -> None:
    number = await started(v16)
    data = [{"timestamp": at(0), "sampledValue": [{"value": "0", "context": "Transaction.Begin"}]}]
    stop = {"transactionId": number, "meterStop": 2000, "timestamp": at(600), "transactionData": data}
    await v16.receive("StopTransaction", stop)
    found = await v16.transaction()
    assert (found.meter_start_wh, found.energy_wh) == (1000.0, 1000.0)


async def test_trap_34_signed_data_is_kept_byte_exact_and_never_summed(v16: Desk) -> None:
    await started(v16)
    signed = 'OCMF|{"RV":  2935.600}|{"SD":"3044\\u00e9"} '
    await measured(v16, {"value": signed, "format": "SignedData"}, {"value": "1100", "format": "Raw"})
    kept, plain = recorded(v16)
    assert (kept.value, kept.signed_data, kept.raw_value) == (None, signed, signed)
    assert (plain.value, plain.signed_data) == (1100.0, None)
    assert (await v16.transaction()).energy_wh == 100.0


async def test_trap_34_signed_data_that_looks_like_a_number_is_none(v16: Desk) -> None:
    await started(v16)
    await measured(v16, {"value": "90071992", "format": "SignedData"})
    assert (await v16.transaction()).energy_wh == 0.0


async def test_trap_35_more_energy_than_the_time_allows_is_flagged(v16: Desk) -> None:
    number = await started(v16)
    await measured(v16, {"value": "500000"}, transactionId=number)
    assert "implausible-energy" in (await v16.transaction()).flags


async def test_sums_that_were_not_written_yet_are_drawn_again_after_a_crash(v16: Desk) -> None:
    number = await started(v16)
    for minute, reading in ((1, "1500"), (2, "2250.5")):
        values = [{"value": reading}, {"value": "7.4", "measurand": "Power.Active.Import", "unit": "kW"}]
        meter = {"timestamp": at(60 * minute), "sampledValue": values}
        await v16.receive("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [meter]})
    assert (await v16.store.records.transactions(1)).items[0].energy_wh == 0.0
    await v16.restart()
    found = await v16.transaction()
    assert (found.energy_wh, found.meter_last_wh, found.power_w) == (1250.5, 2250.5, 7400.0)


async def test_sums_of_a_state_that_may_be_wrong_are_not_written(v16: Desk) -> None:
    number = await started(v16)
    meter = {"timestamp": at(60), "sampledValue": [{"value": "1500"}]}
    await v16.receive("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [meter]})
    v16.summing.forget(v16.state)
    assert (await v16.transaction()).energy_wh == 0.0
    await v16.restart()
    assert (await v16.transaction()).energy_wh == 500.0
