"""What became of a transaction (E14), how far it may go (E16, 2.1), and what else its events say."""

import msgspec
import pytest

from gateway.v2.test_transactions import event, send
from support.desk import Desk, Payload, at
from voltherd.domain.errors import Conflict
from voltherd.domain.transaction import GetTransactionStatus, Limits, limits_of
from voltherd.ocpp.version import OcppVersion
from voltherd.services.transaction_events import ASKED_FOR_GAP


def asked(desk: Desk) -> list[tuple[str | None, str]]:
    found = desk.work.follow_ups or []
    return [(item.command.transaction_id, item.because) for item in found]  # type: ignore[attr-defined]


async def test_tc_e_an_end_offline_with_a_gap_asks_for_the_status(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    assert asked(v2) == []
    await send(v2, event("Ended", 3, offline=True))
    assert asked(v2) == [("tx-1", ASKED_FOR_GAP)]


async def test_an_end_without_a_gap_or_online_asks_nothing(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}), event("Ended", 1, offline=True))
    assert asked(v2) == []
    await send(v2, event("Started", 0, transaction_id="tx-2", evse={"id": 1}), event("Ended", 4, transaction_id="tx-2"))
    assert asked(v2) == []


async def test_e14_events_that_will_never_come_are_flagged_as_lost(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}), event("Ended", 3, offline=True))
    v2.answer("GetTransactionStatus", {"messagesInQueue": True, "ongoingIndicator": False})
    await v2.perform(GetTransactionStatus(transaction_id="tx-1"))
    assert "messages-lost" not in (await v2.transaction()).flags
    v2.answer("GetTransactionStatus", {"messagesInQueue": False, "ongoingIndicator": False})
    outcome = await v2.perform(GetTransactionStatus(transaction_id=str((await v2.transaction()).id)))
    assert (outcome.accepted, outcome.status) == (True, "Ended")
    assert v2.sent[-1] == ("GetTransactionStatus", {"transactionId": "tx-1"})
    assert "messages-lost" in (await v2.transaction()).flags


async def test_e14_a_transaction_that_the_station_forgot_is_closed_as_inferred_without_a_meter_value(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}, wh=1000), event("Updated", 1, seconds=60, wh=1200))
    v2.answer("GetTransactionStatus", {"messagesInQueue": False, "ongoingIndicator": True})
    await v2.perform(GetTransactionStatus(transaction_id="tx-1"))
    assert (await v2.transaction()).active
    v2.answer("GetTransactionStatus", {"messagesInQueue": False, "ongoingIndicator": False})
    await v2.perform(GetTransactionStatus(transaction_id="tx-1"))
    found = await v2.transaction()
    assert (found.active, found.inferred, found.meter_stop_wh, found.energy_wh) == (False, True, None, 200.0)
    await send(v2, event("Ended", 2, seconds=120, wh=1500))
    found = await v2.transaction()
    assert (found.inferred, found.meter_stop_wh, found.energy_wh) == (False, 1500.0, 500.0)


async def test_e14_without_an_id_only_the_queue_is_told(v2: Desk) -> None:
    v2.answer("GetTransactionStatus", {"messagesInQueue": True})
    outcome = await v2.perform(GetTransactionStatus())
    assert (outcome.status, outcome.answer, v2.sent[-1][1]) == ("Unknown", {"messagesInQueue": True}, {})


only_21 = pytest.mark.parametrize("v2", [OcppVersion.V21], indirect=True)
WANTED = Limits(max_energy_wh=20_000.0, max_time_s=3600)
TOLD = {"transactionLimit": {"maxEnergy": 20000.0, "maxTime": 3600}}


async def limited(desk: Desk, wanted: Limits = WANTED) -> None:
    """Want limits for the transaction, as an operator does."""
    transaction = desk.state.transactions["tx-1"]
    transaction.ocpp_version = OcppVersion.V21.value
    desk.services.transactions.use_states(lambda _: desk.state)
    await desk.services.transactions.limit(transaction.id, wanted)


def limit_set(seq_no: int, **said: float) -> Payload:
    return event("Updated", seq_no, triggerReason="LimitSet", info={"transactionLimit": said})


async def test_e16_fr_02_limits_are_told_once_and_again_where_the_answer_was_lost(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    await limited(v2)
    if v2.version is OcppVersion.V201:
        assert await send(v2, event("Updated", 1)) == [{}]
        return
    again = event("Updated", 1)
    assert await send(v2, again, again, event("Updated", 2)) == [TOLD, TOLD, {}]
    assert await send(v2, limit_set(3, maxEnergy=20000, maxTime=3600)) == [{}]
    found = limits_of(await v2.transaction())
    assert (found.reported, found.told, found.told_at_seq_no) == (WANTED, WANTED, 1)


@only_21
async def test_e16_a_limit_that_is_raised_is_told_though_the_station_just_confirmed_the_lower_one(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    await limited(v2)
    await send(v2, event("Updated", 1))
    await limited(v2, Limits(max_energy_wh=40_000.0))
    answers = await send(v2, limit_set(2, maxEnergy=20000, maxTime=3600), event("Updated", 3), event("Updated", 4))
    assert answers == [{}, {"transactionLimit": {"maxEnergy": 40000.0}}, {}]


@only_21
async def test_e16_fr_08_a_limit_of_the_station_that_is_lower_than_ours_stays(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    await limited(v2)
    assert await send(v2, limit_set(1, maxEnergy=5000, maxTime=600), event("Updated", 2)) == [{}, {}]


@only_21
async def test_e16_fr_07_a_limit_of_the_station_that_goes_beyond_ours_is_overruled(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    await limited(v2)
    answers = await send(v2, event("Updated", 1), limit_set(2, maxEnergy=90000, maxTime=600), event("Updated", 3))
    assert answers == [TOLD, TOLD, {}]


@only_21
async def test_e16_fr_13_a_limit_that_the_station_does_not_confirm_is_not_told_again(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    await limited(v2)
    answers = await send(v2, event("Updated", 1), limit_set(2, maxEnergy=20000), event("Updated", 3))
    assert answers == [TOLD, {}, {}]
    assert limits_of(await v2.transaction()).reported == Limits(max_energy_wh=20_000.0)


@only_21
@pytest.mark.parametrize(
    ("supported", "refused"),
    [
        ("maxEnergy,maxLength", "max_cost, max_soc_percent"),
        ("maxCost, maxEnergy, maxTime, maxSoC", None),
        ("", "max_cost, max_energy_wh, max_time_s, max_soc_percent"),
    ],
)
async def test_e16_fr_12_a_limit_that_the_station_does_not_know_is_refused(
    v2: Desk, supported: str, refused: str | None
) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}))
    value = {"component": {"name": "TxCtrlr"}, "variable": {"name": "SupportedLimits"}}
    data = [{**value, "variableAttribute": [{"value": supported, "mutability": "ReadOnly"}]}]
    report = {"requestId": 1, "generatedAt": at(0), "seqNo": 0, "tbc": False, "reportData": data}
    assert await v2.receive("NotifyReport", report) == {}
    wanted = Limits(max_cost=1.0, max_energy_wh=1.0, max_time_s=1, max_soc_percent=1)
    if refused is None:
        await limited(v2, wanted)
        assert limits_of(await v2.transaction()).wanted == wanted
    else:
        with pytest.raises(Conflict, match=f"does not support {refused}[.]"):
            await limited(v2, wanted)
        assert (await v2.transaction()).limits == ""


async def test_what_else_an_event_says_is_kept_with_it(v2: Desk) -> None:
    more = {"numberOfPhasesUsed": 3, "cableMaxCurrent": 32, "info": {"timeSpentCharging": 12}}
    await send(v2, event("Started", 0, evse={"id": 1, "connectorId": 2}, customData={"vendorId": "V", "x": 1}, **more))
    (found,) = await v2.store.records.transaction_events(1, (await v2.transaction()).id)
    assert found.evse_no == 1
    assert msgspec.json.decode(found.details) == {
        "timeSpentCharging": 12,
        "numberOfPhasesUsed": 3,
        "cableMaxCurrent": 32,
        "customData": {"vendorId": "V", "x": 1},
    }
