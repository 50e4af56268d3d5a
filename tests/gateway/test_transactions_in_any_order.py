"""Any order, any repetition, any loss: one record per session, right or flagged, and nothing invented."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.desk import Desk, Payload, at
from voltherd.domain.transaction import Transaction
from voltherd.ocpp.version import OcppVersion

START_WH, STEP_WH, STEP_S = 10_000, 500, 60
_sessions = count(1)
EXAMPLES = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Plan(NamedTuple):
    """Which messages of a session arrive, in which order; -1: the server starts anew in between."""

    updates: int
    order: list[int]

    @property
    def lost(self) -> set[int]:
        return set(range(self.updates + 2)) - set(self.order)


@st.composite
def plans(draw: st.DrawFn, *, lossy: bool) -> Plan:
    updates = draw(st.integers(0, 5))
    every = list(range(updates + 2))
    kept = [number for number in every if not lossy or draw(st.integers(0, 4)) > 0] or every[:1]
    again = draw(st.lists(st.sampled_from(kept), max_size=4))
    order: list[int] = draw(st.permutations(kept + again))
    for place in draw(st.lists(st.integers(0, len(order)), max_size=2)):
        order.insert(place, -1)
    return Plan(updates, order)


@contextmanager
def running(path: Path, version: OcppVersion) -> Iterator[tuple[Desk, Callable[[Awaitable[Any]], Any]]]:
    with asyncio.Runner() as runner:
        desk = runner.run(Desk.open(path / "v.db", version))
        runner.run(desk.token("CARD"))
        desk.now_ms += 3_600_000
        try:
            yield desk, runner.run  # type: ignore[misc]
        finally:
            runner.run(desk.store.close())


async def recorded(desk: Desk, evse: int) -> list[Transaction]:
    return [item for item in await desk.transactions() if item.evse_no in (evse, 0) and item.meter_last_wh is not None]


def event(transaction_id: str, evse: int, number: int, updates: int) -> Payload:
    kind = "Started" if number == 0 else "Ended" if number == updates + 1 else "Updated"
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
    reading = {"value": START_WH + STEP_WH * number, "context": context}
    info: Payload = {"transactionId": transaction_id, "chargingState": "Charging"}
    payload: Payload = {
        "eventType": kind,
        "timestamp": at(STEP_S * number),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": number,
        "transactionInfo": info,
        "meterValue": [{"timestamp": at(STEP_S * number), "sampledValue": [reading]}],
    }
    if kind == "Started":
        payload |= {"evse": {"id": evse, "connectorId": 1}, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
    if kind == "Ended":
        info["stoppedReason"] = "EVDisconnected"
    return payload


def instant_ms(desk: Desk, number: int) -> int:
    return desk.now_ms - 3_600_000 + STEP_S * 1000 * number


async def play_v2(desk: Desk, plan: Plan) -> Transaction:
    session = next(_sessions)
    transaction_id, evse = f"tx-{session}", session
    for number in plan.order:
        if number < 0:
            await desk.restart()
        else:
            await desk.receive("TransactionEvent", event(transaction_id, evse, number, plan.updates))
    found = [item for item in await desk.transactions() if item.transaction_id == transaction_id]
    assert len(found) == 1, "a session has one record"
    return found[0]


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21], ids=["2.0.1", "2.1"])
def test_any_order_and_repetition_of_events_gives_the_same_record(tmp_path: Path, version: OcppVersion) -> None:
    with running(tmp_path, version) as (desk, run):

        @EXAMPLES
        @given(plans(lossy=False))
        def check(plan: Plan) -> None:
            found: Transaction = run(play_v2(desk, plan))
            last = plan.updates + 1
            assert (found.meter_start_wh, found.meter_stop_wh) == (START_WH, START_WH + STEP_WH * last)
            assert found.energy_wh == STEP_WH * last
            assert (found.active, found.stop_reason, found.inferred) == (False, "EVDisconnected", False)
            assert (found.started_at_ms, found.stopped_at_ms) == (instant_ms(desk, 0), instant_ms(desk, last))
            assert (found.id_token, found.seq_no_first, found.seq_no_last, found.seq_gaps) == ("CARD", 0, last, ())
            assert found.flags == ()

        check()


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21], ids=["2.0.1", "2.1"])
def test_what_is_lost_of_the_events_is_flagged_and_nothing_is_invented(tmp_path: Path, version: OcppVersion) -> None:
    with running(tmp_path, version) as (desk, run):

        @EXAMPLES
        @given(plans(lossy=True))
        def check(plan: Plan) -> None:
            found: Transaction = run(play_v2(desk, plan))
            arrived = {START_WH + STEP_WH * number for number in plan.order if number >= 0}
            last = plan.updates + 1
            for reading in (found.meter_start_wh, found.meter_stop_wh, found.meter_last_wh):
                assert reading is None or reading in arrived
            assert found.meter_last_wh == max(arrived)
            if {number for number in plan.order if number >= 0} == {last}:
                assert (found.meter_start_wh, found.energy_wh) == (None, None), "an end alone tells no energy"
            else:
                assert found.meter_start_wh is not None
                assert found.energy_wh == max(arrived) - found.meter_start_wh
            assert found.active is (last in plan.lost)
            assert (found.meter_stop_wh is None) is (last in plan.lost)
            if 0 in plan.lost:
                assert "start-not-reported" in found.flags
            else:
                assert found.started_at_ms == instant_ms(desk, 0)
            seen = sorted({number for number in plan.order if number >= 0})
            assert set(found.seq_gaps) == set(range(seen[0], seen[-1] + 1)) - set(seen)
            if not plan.lost:
                assert (found.flags, found.seq_gaps) == ((), ())

        check()


async def play_v16(desk: Desk, plan: Plan) -> list[Transaction]:
    """Messages before the first start name no transaction, as their station has none to name yet."""
    connector = next(_sessions)
    before = {item.id for item in await desk.transactions()}
    wire_id = -1
    last = plan.updates + 1
    for number in plan.order:
        wh, when = START_WH + STEP_WH * number, at(STEP_S * number)
        if number < 0:
            await desk.restart()
        elif number == 0:
            start = {"connectorId": connector, "idTag": f"CARD-{connector}", "meterStart": wh, "timestamp": when}
            given_id = (await desk.receive("StartTransaction", start))["transactionId"]
            assert wire_id in (-1, given_id), "a repeated start gets the same transaction"
            wire_id = given_id
        elif number == last:
            stop = {
                "transactionId": wire_id,
                "idTag": f"CARD-{connector}",
                "meterStop": wh,
                "timestamp": when,
                "reason": "Local",
            }
            await desk.receive("StopTransaction", stop)
        else:
            value = {"timestamp": when, "sampledValue": [{"value": str(wh)}]}
            named = {"transactionId": wire_id} if wire_id > 0 else {}
            await desk.receive("MeterValues", {"connectorId": connector, **named, "meterValue": [value]})
    return [item for item in await desk.transactions() if item.id not in before]


def test_any_order_and_repetition_of_1_6_gives_one_session(tmp_path: Path) -> None:
    with running(tmp_path, OcppVersion.V16) as (desk, run):

        @EXAMPLES
        @given(plans(lossy=True))
        def check(plan: Plan) -> None:
            found: list[Transaction] = run(play_v16(desk, plan))
            last = plan.updates + 1
            came = {number for number in plan.order if number >= 0}
            whole = [item for item in found if "orphan-stop" not in item.flags]
            assert len(whole) == (0 in came), "a start makes one session, a stop or a reading none"
            for item in whole:
                assert (item.meter_start_wh, item.started_at_ms) == (START_WH, instant_ms(desk, 0))
                assert item.active is (last not in came)
                if last in came:
                    assert (item.meter_stop_wh, item.energy_wh) == (START_WH + STEP_WH * last, STEP_WH * last)
                    assert item.stopped_at_ms == instant_ms(desk, last)
            for item in found:
                arrived = {START_WH + STEP_WH * number for number in came}
                for reading in (item.meter_start_wh, item.meter_stop_wh, item.meter_last_wh):
                    assert reading is None or reading in arrived

        check()
