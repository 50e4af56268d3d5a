"""Event streams of 2.1 stations, at a node's desk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.document import DocumentRecord
from voltherd.domain.errors import NotSupportedByVersion, PayloadInvalid
from voltherd.domain.event_stream import (
    AdjustPeriodicEventStream,
    EventStream,
    GetPeriodicEventStream,
    StreamValue,
    StreamValues,
    number_in,
    thinned,
)
from voltherd.ocpp.version import OcppVersion
from voltherd.services.settings import Diagnostics


@pytest.fixture
async def v21(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "v21.db", OcppVersion.V21)
    yield desk
    await desk.store.close()


async def streams(desk: Desk) -> dict[str, EventStream]:
    return await desk.held(EventStream)


async def opened(desk: Desk, number: int = 1, monitor: int = 7, **params: int) -> str:
    data = {"id": number, "params": params, "variableMonitoringId": monitor}
    return str((await desk.receive("OpenPeriodicEventStream", {"constantStreamData": data}))["status"])


async def send(desk: Desk, *values: tuple[float, str], number: int = 1) -> None:
    data = [{"t": after_s, "v": value} for after_s, value in values]
    said = {"id": number, "pending": 0, "basetime": at(0), "data": data}
    assert await desk.receive("NotifyPeriodicEventStream", said) == {}


async def values(desk: Desk, monitor: int | None = None) -> list[tuple[int, str]]:
    found = await desk.store.records.stream_values(
        1, desk.state.station.id, 1, monitor_id=monitor, since_ms=0, until_ms=2**60, max_values=100
    )
    return [(at_ms - NOON_MS, value) for at_ms, value in found]


async def know_monitor(desk: Desk) -> None:
    monitor = {"id": 7, "transaction": False, "value": 1, "type": "Periodic", "severity": 8}
    monitor["eventNotificationType"] = "PreconfiguredMonitor"
    item = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}}
    report: Payload = {"requestId": 1, "seqNo": 0, "generatedAt": at(0)}
    report["monitor"] = [{**item, "variableMonitoring": [monitor]}]
    await desk.receive("NotifyMonitoringReport", report)


async def refuse_unknown(desk: Desk) -> None:
    settings = desk.services.diagnostics.streams._settings
    await settings.put(Diagnostics(unknown_event_streams="refuse"), who="test")


async def test_n11_fr_04_a_stream_has_what_its_monitor_is(v21: Desk) -> None:
    await know_monitor(v21)
    assert await opened(v21, interval=60, values=5) == "Accepted"
    found = (await streams(v21))["1"]
    assert (found.state, found.monitor_id, found.interval_s, found.values) == ("open", 7, 60, 5)
    assert (found.component, found.variable, found.evse_no, found.severity) == ("EVSE", "Power", 2, 8)
    assert found.notification_type == "PreconfiguredMonitor"


async def test_n11_fr_03_a_stream_of_an_unknown_monitor_may_open_unless_the_setting_refuses(v21: Desk) -> None:
    assert await opened(v21) == "Accepted"
    await refuse_unknown(v21)
    assert await opened(v21, 2, 8) == "Rejected"
    assert {key: item.state for key, item in (await streams(v21)).items()} == {"1": "open", "2": "rejected"}
    await know_monitor(v21)
    assert await opened(v21, 3, 7) == "Accepted"


async def test_n15_the_values_of_a_message_are_one_record_each_at_its_instant(v21: Desk) -> None:
    await opened(v21)
    await send(v21, (0, "1.5"), (0.25, "2.5"), (1, "Charging"))
    [record] = v21.recorded(StreamValues)
    assert (record.stream, record.monitor_id, len(record.values)) == (1, 7, 3)
    await send(v21, (0, "1.5"), (0.25, "2.5"), (1, "Charging"))
    assert await values(v21) == [(0, "1.5"), (250, "2.5"), (1000, "Charging")]


async def test_n15_fr_05_that_more_and_more_values_wait_is_seen_and_seldom_written(v21: Desk) -> None:
    await opened(v21)
    found, written = [], 0
    for pending in (0, 3, 4, 5, 7, 9, 0, 0):
        said = {"id": 1, "pending": pending, "basetime": at(0), "data": [{"t": 0, "v": str(pending)}]}
        await v21.receive("NotifyPeriodicEventStream", said)
        found.append((await streams(v21))["1"].pending)
        written += len(v21.recorded(DocumentRecord))
    assert (found, written) == ([0, 3, 3, 3, 7, 7, 0, 0], 3)


async def test_values_of_a_stream_that_nobody_opened_are_kept(v21: Desk) -> None:
    await send(v21, (0, "1"))
    assert (await streams(v21))["1"].state == "unknown"
    await opened(v21, monitor=7)
    await send(v21, (1, "2"))
    assert await values(v21, monitor=7) == [(0, "1"), (1000, "2")]


async def test_a_number_that_is_given_to_another_monitor_begins_anew(v21: Desk) -> None:
    await opened(v21, monitor=7)
    await send(v21, (0, "old"))
    await v21.receive("ClosePeriodicEventStream", {"id": 1})
    await opened(v21, monitor=8)
    await send(v21, (1, "new"))
    assert await values(v21, monitor=8) == [(1000, "new")]


async def test_n13_fr_02_a_stream_is_closed(v21: Desk) -> None:
    await opened(v21)
    assert await v21.receive("ClosePeriodicEventStream", {"id": 1}) == {}
    found = (await streams(v21))["1"]
    assert (found.state, found.closed_at_ms) == ("closed", v21.now_ms)
    assert await v21.receive("ClosePeriodicEventStream", {"id": 99}) == {}


@pytest.mark.parametrize("after", ["1e308", "-1e308", "1" + "0" * 18, "1" + "0" * 300, "1" + "0" * 400, "4e8"])
async def test_n15_a_value_of_an_instant_that_no_calendar_has_is_of_the_instant_of_receipt(
    v21: Desk, after: str
) -> None:
    await opened(v21)
    elements = f'[{{"t":{after},"v":"a"}},{{"t":1,"v":"b"}}]'
    said = f'{{"id":1,"pending":0,"basetime":"{at(0)}","data":{elements}}}'
    await v21.receive("NotifyPeriodicEventStream", Raw(said.encode()))  # type: ignore[arg-type]
    assert sorted(await values(v21)) == [(0, "a"), (1000, "b")]
    assert "implausible-clock" in v21.state.station.flags


async def test_n12_streams_that_the_station_does_not_name_are_closed(v21: Desk) -> None:
    await opened(v21, 1)
    await opened(v21, 2)
    told = [{"id": 2, "params": {"interval": 9}, "variableMonitoringId": 7}]
    v21.answer("GetPeriodicEventStream", {"constantStreamData": told})
    done = await v21.perform(GetPeriodicEventStream())
    assert (done.accepted, done.answer["constantStreamData"]) == (True, told)
    found = await streams(v21)
    assert (found["1"].state, found["2"].state, found["2"].interval_s) == ("closed", "open", 9)


@pytest.mark.parametrize(("status", "interval"), [("Accepted", 30), ("Rejected", 60)])
async def test_n14_what_a_station_agreed_to_is_recorded(v21: Desk, status: str, interval: int) -> None:
    await opened(v21, interval=60, values=5)
    v21.answer("AdjustPeriodicEventStream", {"status": status})
    done = await v21.perform(AdjustPeriodicEventStream(stream_id=1, interval_s=30))
    assert done.accepted is (status == "Accepted")
    assert v21.sent == [("AdjustPeriodicEventStream", {"id": 1, "params": {"interval": 30}})]
    found = (await streams(v21))["1"]
    assert (found.interval_s, found.values) == (interval, 5)


async def test_n14_fr_01_something_is_adjusted(v21: Desk) -> None:
    with pytest.raises(PayloadInvalid):
        await v21.perform(AdjustPeriodicEventStream(stream_id=1))


@pytest.mark.parametrize("command", [GetPeriodicEventStream(), AdjustPeriodicEventStream(stream_id=1, values=1)])
async def test_2_0_1_has_no_streams(tmp_path: Path, command: Any) -> None:
    desk = await Desk.open(tmp_path / "v201.db", OcppVersion.V201)
    with pytest.raises(NotSupportedByVersion):
        await desk.perform(command)
    await desk.store.close()


@pytest.mark.parametrize(
    ("text", "number"), [("1.5", 1.5), ("-2e3", -2000.0), ("on", None), ("nan", None), ("inf", None)]
)
def test_a_value_is_a_number_where_its_text_is_one(text: str, number: float | None) -> None:
    assert number_in(text) == number


def series(*numbers: float | None) -> list[StreamValue]:
    return [StreamValue(at_ms * 1000, str(number), number) for at_ms, number in enumerate(numbers)]


def test_thinned_out_values_keep_their_peaks_and_their_order() -> None:
    numbers = [0.0] * 10_000
    numbers[4321], numbers[4322], numbers[9000] = 99.0, -99.0, 50.0
    found = thinned(series(*numbers), 100)
    assert len(found) <= 100
    assert {99.0, -99.0, 50.0} <= {item.number for item in found}
    assert [item.at_ms for item in found] == sorted(item.at_ms for item in found)


def test_few_values_are_not_thinned_out_and_texts_stay() -> None:
    few = series(1, 2, 3)
    assert thinned(few, 3) == few
    assert [item.number for item in thinned(series(*[None] * 100), 10)] == [None] * 5
