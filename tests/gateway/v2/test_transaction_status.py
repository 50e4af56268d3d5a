"""What became of a transaction (E14), how far it may go (E16, 2.1), and what else its events say."""

import msgspec

from gateway.v2.test_transactions import event, send
from support.desk import Desk
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


async def test_e16_limits_are_told_with_the_next_answer_until_the_station_reports_them(v2: Desk) -> None:
    begin = event("Started", 0, evse={"id": 1})
    await send(v2, begin)
    transaction = v2.state.transactions["tx-1"]
    transaction.ocpp_version = v2.version.value
    v2.services.transactions.use_states(lambda _: v2.state)
    wanted = Limits(max_energy_wh=20_000.0, max_time_s=3600)
    if v2.version is OcppVersion.V201:
        return
    await v2.services.transactions.limit(transaction.id, wanted)
    told = {"transactionLimit": {"maxEnergy": 20000.0, "maxTime": 3600}}
    assert await send(v2, event("Updated", 1), event("Updated", 2)) == [told, told]
    reported = {"maxEnergy": 20000, "maxTime": 3600}
    answers = await send(v2, event("Updated", 3, triggerReason="LimitSet", info={"transactionLimit": reported}))
    assert answers == [{}]
    assert limits_of(await v2.transaction()).reported == wanted


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
