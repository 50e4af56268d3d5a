"""Reports in parts whose server starts anew, or whose station leaves (B07, B08, N02; interop trap 16)."""

from typing import Any

import pytest

from support.desk import COMMAND_ID, NOON_MS, Desk, Payload, at
from voltherd.domain.commands import Command, CommandRecord, GetReport
from voltherd.domain.monitoring import GetCustomReport, GetMonitoringReport, Monitor
from voltherd.domain.report import StationReport
from voltherd.ocpp.version import OcppVersion
from voltherd.services.device_model import REPORT_SILENCE_MS
from voltherd.services.diagnostics import Diagnostics
from voltherd.services.reports import MAX_KEPT, STALE_MS
from voltherd.services.work import Work

ASKING = [
    (GetReport(), "GetBaseReport", "variables"),
    (GetCustomReport(criteria=["Problem"]), "GetReport", "variables"),
    (GetMonitoringReport(), "GetMonitoringReport", "monitors"),
]
KINDS = pytest.mark.parametrize(("command", "action", "what"), ASKING)


async def asked(desk: Desk, command: Command, action: str) -> CommandRecord:
    """Ask for a report; gives the record of the command, which was accepted."""
    record = desk.open_command(command)
    desk.answer(action, {"status": "Accepted"})
    assert (await desk.perform(command)).accepted
    record.state = "accepted"
    await desk.store.journal.committed([record])
    return record


async def tells(desk: Desk, what: str, seq_no: int, *, last: bool = False, request_id: int | None = None) -> None:
    """Let the station send one part of a report, with one variable or monitor of that number."""
    component: Payload = {"component": {"name": "EVSE"}, "variable": {"name": f"V{seq_no}"}}
    part: Payload = {"requestId": desk.request_id if request_id is None else request_id, "generatedAt": at(0)}
    part |= {"seqNo": seq_no, "tbc": not last}
    if what == "variables":
        part["reportData"] = [{**component, "variableAttribute": [{"value": "1"}]}]
        await desk.receive("NotifyReport", part)
        return
    monitor: Payload = {"id": seq_no, "transaction": False, "value": 1, "type": "Delta", "severity": 8}
    if desk.version is OcppVersion.V21:
        monitor["eventNotificationType"] = "CustomMonitor"
    part["monitor"] = [{**component, "variableMonitoring": [monitor]}]
    await desk.receive("NotifyMonitoringReport", part)


async def starts_anew(desk: Desk) -> CommandRecord | None:
    """Forget all that is in memory; gives the open command as it is read again."""
    await desk.restart()
    needs = desk.services.display_messages._needs
    desk.services = desk.services._replace(diagnostics=Diagnostics(needs))
    return desk.state.open_commands.get(COMMAND_ID)


async def report(desk: Desk) -> StationReport:
    """Give the one report of the station."""
    (found,) = (await desk.held(StationReport)).values()
    return found


async def expires(desk: Desk, *, in_memory: bool) -> Any:
    """Let the time of the command pass while the station is away; gives its stored record."""
    commands = desk.services.display_messages._needs.commands
    commands.use_link(None, lambda _: desk.state if in_memory else None)  # type: ignore[arg-type]
    (record,) = await desk.store.records.open_commands(1)
    record.not_after_ms = NOON_MS
    await desk.store.journal.committed([record])
    await commands.load()
    await commands.expire()
    return await desk.store.records.command(1, COMMAND_ID)


@KINDS
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
async def test_b07_b08_n02_a_report_whose_first_parts_came_before_a_restart_is_complete_with_the_last(
    v2: Desk, command: Command, action: str, what: str, order: tuple[int, int, int]
) -> None:
    await asked(v2, command, action)
    for seq_no in order[:2]:
        await tells(v2, what, seq_no, last=seq_no == 2)
    assert (await report(v2)).state == "coming"
    record = await starts_anew(v2)
    assert record is not None
    await tells(v2, what, order[2], last=order[2] == 2)
    assert (record.state, record.effect) == ("effect_seen", f"3 {what} reported")
    found = await report(v2)
    assert (found.state, found.items, found.missing, found.last) == ("complete", 3, [], 2)
    assert (found.what, found.request_id, found.command_id) == (what, v2.request_id, str(COMMAND_ID))


@KINDS
async def test_trap_16_a_gap_from_before_a_restart_is_not_taken_for_complete(
    v2: Desk, command: Command, action: str, what: str
) -> None:
    await asked(v2, command, action)
    await tells(v2, what, 0)
    record = await starts_anew(v2)
    assert record is not None
    await tells(v2, what, 2, last=True)
    found = await report(v2)
    assert (record.state, found.state, found.missing, found.highest) == ("accepted", "coming", [1], 2)


async def test_n02_fr_11_a_report_of_all_monitors_tells_which_are_gone_after_a_restart_too(v2: Desk) -> None:
    v2.now_ms -= 5000
    await tells(v2, "monitors", 9, last=True, request_id=1)
    v2.now_ms += 5000
    await asked(v2, GetMonitoringReport(), "GetMonitoringReport")
    await tells(v2, "monitors", 0)
    await starts_anew(v2)
    await tells(v2, "monitors", 1, last=True)
    found = await v2.held(Monitor)
    assert {key: one.state for key, one in found.items()} == {"9": "cleared", "0": "reported", "1": "reported"}


@KINDS
@pytest.mark.parametrize("in_memory", [True, False])
async def test_trap_16_parts_that_never_came_are_told_when_the_station_has_left(
    v2: Desk, command: Command, action: str, what: str, in_memory: bool
) -> None:
    await asked(v2, command, action)
    await tells(v2, what, 0)
    await tells(v2, what, 3, last=True)
    record = await expires(v2, in_memory=in_memory)
    words = f"accepted, but no effect was observed; 2 {what} reported; parts that never came: 1, 2"
    assert (record.state, record.effect) == ("expired", words)
    assert (await report(v2)).state == "incomplete"
    if in_memory:
        await tells(v2, what, 1)
        assert (await report(v2)).missing == [2]


async def test_trap_16_a_command_of_whose_report_nothing_came_expires_with_no_words_of_parts(v2: Desk) -> None:
    await asked(v2, GetReport(), "GetBaseReport")
    assert (await expires(v2, in_memory=False)).effect == "accepted, but no effect was observed"


async def test_trap_16_a_report_that_fell_silent_is_shown_as_incomplete(v2: Desk) -> None:
    await asked(v2, GetReport(), "GetBaseReport")
    await tells(v2, "variables", 1)
    work = Work(NOON_MS + REPORT_SILENCE_MS, 1, v2.state.station.identity)
    v2.services.device_model.overdue(v2.state, work)
    await v2.store.journal.committed(work.records)
    found = await report(v2)
    assert (found.state, found.missing, found.last) == ("incomplete", [0], None)


async def test_a_report_that_nobody_waits_for_does_not_go_on_for_ever(v2: Desk) -> None:
    await tells(v2, "variables", 0, request_id=5)
    await starts_anew(v2)
    v2.now_ms += STALE_MS
    await tells(v2, "variables", 1, last=True, request_id=6)
    found = await v2.held(StationReport)
    assert {key: one.state for key, one in found.items()} == {"variables-5": "incomplete", "variables-6": "coming"}
    await tells(v2, "variables", 1, last=True, request_id=5)
    assert (await v2.held(StationReport))["variables-5"].missing == [0]


async def test_reports_are_remembered_up_to_a_number(v2: Desk) -> None:
    for request_id in range(MAX_KEPT + 3):
        await tells(v2, "variables", 0, last=True, request_id=request_id)
    assert list(await v2.held(StationReport)) == [f"variables-{one}" for one in range(3, MAX_KEPT + 3)]


@pytest.mark.parametrize("what", ["variables", "monitors"])
async def test_a_part_with_a_number_beyond_all_bounds_ends_its_report_at_once(v2: Desk, what: str) -> None:
    await tells(v2, what, 0)
    await starts_anew(v2)
    if what == "variables":
        await tells(v2, what, 2**31 - 1, last=True)
    else:
        monitor = {"requestId": v2.request_id, "generatedAt": at(0), "seqNo": 2**31 - 1}
        await v2.receive("NotifyMonitoringReport", monitor)
    assert (await report(v2)).state == "complete"
