import pytest

from support.desk import Desk, at
from voltherd.domain.commands import RemoteStart
from voltherd.domain.transaction import Transaction
from voltherd.gateway.v16 import routes


def start(**changes: object) -> dict[str, object]:
    return {"connectorId": 1, "idTag": "CARD", "meterStart": 1000, "timestamp": at(0), **changes}


def stop(transaction_id: int, **changes: object) -> dict[str, object]:
    return {"transactionId": transaction_id, "meterStop": 8000, "timestamp": at(3600), **changes}


async def test_a_session_is_recorded_with_its_energy_in_wh(v16: Desk) -> None:
    await v16.token("CARD", group_id="FLEET")
    started = await v16.receive("StartTransaction", start())
    assert started["idTagInfo"] == {"status": "Accepted", "parentIdTag": "FLEET"}

    v16.now_ms += 3_600_000
    stopped = await v16.receive("StopTransaction", stop(started["transactionId"], idTag="CARD", reason="Remote"))

    assert stopped == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    found = await v16.transaction()
    assert (found.transaction_id, found.evse_no, found.connector_no) == (str(started["transactionId"]), 1, 1)
    assert (found.meter_start_wh, found.meter_stop_wh, found.energy_wh) == (1000.0, 8000.0, 7000.0)
    assert (found.id_token, found.authorization, found.stop_reason) == ("CARD", "Accepted", "Remote")
    assert not found.active


async def test_a_stop_without_a_token_gets_an_empty_answer_and_the_reason_local(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start()))["transactionId"]
    assert await v16.receive("StopTransaction", stop(number)) == {}
    assert (await v16.transaction()).stop_reason == "Local"


async def test_an_expired_token_is_told_until_when_it_was_good(v16: Desk) -> None:
    await v16.token("CARD", expires_at_ms=v16.now_ms - 1000)
    started = await v16.receive("StartTransaction", start())
    assert started["idTagInfo"] == {"status": "Expired", "expiryDate": at(-1)}


async def test_a_group_id_that_does_not_fit_is_left_out(v16: Desk) -> None:
    await v16.token("CARD", group_id="G" * 21)
    assert (await v16.receive("Authorize", {"idTag": "CARD"}))["idTagInfo"] == {"status": "Accepted"}


async def test_readings_in_a_stop_are_recorded_with_their_contexts(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start()))["transactionId"]
    data = [
        {"timestamp": at(0), "sampledValue": [{"value": "1000", "context": "Transaction.Begin"}]},
        {"timestamp": at(3600), "sampledValue": [{"value": "8", "unit": "kWh", "context": "Transaction.End"}]},
    ]
    await v16.receive("StopTransaction", stop(number, transactionData=data))
    found = await v16.transaction()
    kept = [(item.context, item.value, item.unit, item.raw_value) for item in await v16.samples(found.id)]
    assert kept == [("Transaction.Begin", 1000.0, "Wh", "1000"), ("Transaction.End", 8000.0, "Wh", "8")]
    assert found.energy_wh == 7000.0


@pytest.mark.parametrize("number", [0, -1, 999_999])
async def test_trap_18_a_stop_of_an_unknown_transaction_is_acknowledged_and_kept(v16: Desk, number: int) -> None:
    assert await v16.receive("StopTransaction", stop(number, idTag="CARD")) == {"idTagInfo": {"status": "Invalid"}}
    found = await v16.transaction()
    assert (found.meter_stop_wh, found.stop_id_token, found.inferred) == (8000.0, "CARD", True)
    assert "orphan-stop" in found.flags
    assert not found.active


@pytest.mark.parametrize("number", [0, -1])
async def test_trap_18_a_start_that_comes_late_is_closed_by_the_stop_before_it(v16: Desk, number: int) -> None:
    v16.now_ms += 3_700_000
    await v16.receive("StopTransaction", stop(number, idTag="CARD"))
    await v16.restart()
    started = await v16.receive("StartTransaction", start())
    orphan, found = await v16.transactions()
    assert found.transaction_id == str(started["transactionId"])
    assert (found.active, found.energy_wh) == (False, 7000.0)
    assert orphan.close_reason


async def test_trap_18_a_stop_with_id_0_ends_the_only_session_it_can_mean(v16: Desk) -> None:
    await v16.receive("StartTransaction", start())
    await v16.receive("StartTransaction", start(connectorId=2, idTag="OTHER"))
    await v16.receive("StopTransaction", stop(0, idTag="card"))
    first, second = await v16.transactions()
    assert (first.active, first.energy_wh, second.active) == (False, 7000.0, True)


async def test_trap_19_a_retried_start_gets_the_same_number_also_after_a_restart(v16: Desk) -> None:
    first = await v16.receive("StartTransaction", start())
    assert await v16.receive("StartTransaction", start(idTag="card")) == first
    assert v16.work.records == []
    await v16.restart()
    assert await v16.receive("StartTransaction", start()) == first
    assert len(await v16.transactions()) == 1


async def test_trap_19_another_start_gets_another_number(v16: Desk) -> None:
    numbers = {
        (await v16.receive("StartTransaction", start(**change)))["transactionId"]
        for change in ({}, {"meterStart": 1001}, {"timestamp": at(1)}, {"connectorId": 2}, {"idTag": "OTHER"})
    }
    assert len(numbers) == 5
    assert min(numbers) > 0


async def test_trap_20_a_repeated_stop_gets_the_same_answer_and_changes_nothing(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start()))["transactionId"]
    first = await v16.receive("StopTransaction", stop(number, idTag="CARD"))
    before = await v16.transaction()
    await v16.restart()
    assert await v16.receive("StopTransaction", stop(number, idTag="CARD")) == first
    assert v16.work.records == []
    assert await v16.transaction() == before


async def test_trap_21_reservation_0_means_none(v16: Desk) -> None:
    await v16.receive("StartTransaction", start(reservationId=0))
    await v16.receive("StartTransaction", start(connectorId=2, reservationId=7))
    first, second = await v16.transactions()
    assert (first.reservation_id, second.reservation_id) == (None, 7)


async def test_trap_21_tokens_are_compared_without_regard_to_case(v16: Desk) -> None:
    await v16.token("Ab12cD")
    assert (await v16.receive("Authorize", {"idTag": "AB12CD"}))["idTagInfo"]["status"] == "Accepted"
    assert (await v16.receive("StartTransaction", start(idTag="ab12cd")))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.parametrize(("status", "told"), [(None, "Invalid"), ("blocked", "Blocked"), ("invalid", "Invalid")])
async def test_trap_22_a_start_with_a_bad_token_is_stored_and_told_so(v16: Desk, status: str | None, told: str) -> None:
    if status:
        await v16.token("CARD", status=status)
    started = await v16.receive("StartTransaction", start())
    assert started["idTagInfo"] == {"status": told}
    assert started["transactionId"] > 0
    assert (await v16.transaction()).active


async def test_trap_24_available_while_charging_keeps_the_transaction_and_flags_it(v16: Desk) -> None:
    await v16.receive("StartTransaction", start())
    await v16.receive("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
    found = await v16.transaction()
    assert found.active
    assert found.flags == ("available-while-active",)


async def test_trap_25_two_connectors_never_share_a_transaction(v16: Desk) -> None:
    one = await v16.receive("StartTransaction", start())
    two = await v16.receive("StartTransaction", start(connectorId=2))
    assert one["transactionId"] != two["transactionId"]
    assert [item.evse_no for item in await v16.transactions()] == [1, 2]
    assert all(item.active for item in await v16.transactions())


async def test_trap_27_an_unknown_reason_is_kept_as_text(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start()))["transactionId"]
    await v16.receive("StopTransaction", stop(number, reason="CableCut"))
    assert (await v16.transaction()).stop_reason == "CableCut"


@pytest.mark.parametrize("odd", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "2099-01-01T00:00:00Z", "soon"])
async def test_trap_29_an_implausible_clock_gives_way_to_the_time_of_receipt(v16: Desk, odd: str) -> None:
    await v16.receive("StartTransaction", start(timestamp=odd))
    found: Transaction = await v16.transaction()
    assert found.started_at_ms == found.started_received_ms == v16.now_ms


@pytest.mark.parametrize("odd", ["2026-01-05T13:59:00+02", "2026-01-05T11:59:00", "2026-01-05 11:59:00,000Z"])
async def test_trap_29_odd_shapes_of_time_are_understood(v16: Desk, odd: str) -> None:
    await v16.receive("StartTransaction", start(timestamp=odd))
    assert (await v16.transaction()).started_at_ms == v16.now_ms - 60_000


async def test_trap_33_a_meter_that_starts_at_0_is_believed_until_the_register_shows_otherwise(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start(meterStart=0)))["transactionId"]
    v16.now_ms += 60_000
    values = [{"timestamp": at(60), "sampledValue": [{"value": "5000000"}]}]
    await v16.receive("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values})
    v16.now_ms += 3_540_000
    await v16.receive("StopTransaction", stop(number, meterStop=5_007_000))
    found = await v16.transaction()
    assert found.energy_wh == 7000.0
    assert "meter-start-zero" in found.flags


async def test_trap_35_implausible_energy_is_flagged(v16: Desk) -> None:
    number = (await v16.receive("StartTransaction", start()))["transactionId"]
    v16.now_ms += 60_000
    await v16.receive("StopTransaction", stop(number, meterStop=900_000, timestamp=at(60)))
    assert "implausible-energy" in (await v16.transaction()).flags


def test_trap_20_answers_about_transactions_are_remembered_over_restarts() -> None:
    remembered = {action for action, route in routes.handlers.items() if route.remember}
    assert remembered == {"StartTransaction", "StopTransaction"}


async def test_trap_18_a_stop_of_its_own_counts_more_than_an_adopted_one(v16: Desk) -> None:
    v16.now_ms += 3_700_000
    await v16.receive("StopTransaction", stop(777777, idTag="CARD", meterStop=50_000))
    number = (await v16.receive("StartTransaction", start(connectorId=2, meterStart=2000)))["transactionId"]
    orphan, adopted = await v16.transactions()
    assert (adopted.active, adopted.inferred, adopted.flags) == (False, True, ("stop-adopted",))
    await v16.receive("StopTransaction", stop(number, meterStop=2500))
    orphan, found = await v16.transactions()
    assert (found.meter_stop_wh, found.energy_wh, found.inferred) == (2500.0, 500.0, False)
    assert "stop-adopted" not in found.flags
    assert orphan.close_reason == ""


async def test_trap_18_a_stop_without_a_token_is_never_adopted(v16: Desk) -> None:
    v16.now_ms += 3_700_000
    await v16.receive("StopTransaction", stop(-1))
    await v16.receive("StartTransaction", start(idTag="OTHER"))
    _, found = await v16.transactions()
    assert found.active


async def test_trap_18_a_stop_without_id_and_token_ends_the_only_open_session(v16: Desk) -> None:
    await v16.receive("StartTransaction", start())
    await v16.receive("StopTransaction", stop(-1))
    assert (await v16.transaction()).energy_wh == 7000.0


async def test_trap_29_sessions_of_a_station_without_a_clock_are_told_apart(v16: Desk) -> None:
    same = {"timestamp": "1970-01-01T00:00:00Z", "meterStart": 0}
    numbers = []
    for energy_wh in (1000, 2000):
        number = (await v16.receive("StartTransaction", start(**same)))["transactionId"]
        assert (await v16.receive("StartTransaction", start(**same)))["transactionId"] == number
        await v16.receive("StopTransaction", stop(number, meterStop=energy_wh, timestamp=same["timestamp"]))
        numbers.append(number)
    assert len(set(numbers)) == 2
    assert [item.energy_wh for item in await v16.transactions()] == [1000.0, 2000.0]
    assert "implausible-clock" in v16.state.station.flags


async def test_a_card_that_an_operator_starts_with_is_accepted_for_that_session_only(v16: Desk) -> None:
    refused = (await v16.receive("Authorize", {"idTag": "GUEST"}))["idTagInfo"]
    assert refused["status"] == "Invalid"
    v16.open_command(RemoteStart(id_token="guest"))
    assert (await v16.receive("Authorize", {"idTag": "GUEST"}))["idTagInfo"]["status"] == "Accepted"
    started = await v16.receive("StartTransaction", start(idTag="GUEST"))
    assert started["idTagInfo"]["status"] == "Accepted"
    assert not v16.state.open_commands
    stopped = await v16.receive("StopTransaction", stop(started["transactionId"], idTag="GUEST"))
    assert stopped["idTagInfo"]["status"] == "Accepted"
    assert (await v16.receive("Authorize", {"idTag": "GUEST"}))["idTagInfo"]["status"] == "Invalid"


async def test_a_blocked_card_is_not_vouched_for(v16: Desk) -> None:
    await v16.token("CARD", status="blocked")
    v16.open_command(RemoteStart(id_token="CARD"))
    assert (await v16.receive("StartTransaction", start()))["idTagInfo"]["status"] == "Blocked"


async def test_trap_19_a_start_repeated_after_many_others_still_gets_its_number(v16: Desk) -> None:
    first = await v16.receive("StartTransaction", start())
    for number in range(1, 70):
        begun = await v16.receive("StartTransaction", start(meterStart=number))
        await v16.receive("StopTransaction", stop(begun["transactionId"]))
    await v16.receive("StopTransaction", stop(first["transactionId"]))
    await v16.restart()
    assert await v16.receive("StartTransaction", start()) == first
    assert len(await v16.transactions()) == 70
