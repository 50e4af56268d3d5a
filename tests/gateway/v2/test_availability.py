"""Availability in 2.x: what was asked for beside what is reported (G01-G05)."""

from typing import Any

import pytest

from support.desk import NOON_MS, Desk, Payload, at
from voltherd.domain.availability import AvailabilityIntent, agrees, deciding
from voltherd.domain.commands import ChangeAvailability
from voltherd.services.availability import DIFFERS, LOCK_FAILURE
from voltherd.services.settings import Connecting


def status(word: str, evse: int = 1, connector: int = 1) -> Payload:
    return {"timestamp": at(0), "connectorStatus": word, "evseId": evse, "connectorId": connector}


def event(component: str, variable: str, value: str, **more: Any) -> Payload:
    data = {
        "eventId": 1,
        "timestamp": at(0),
        "trigger": "Delta",
        "actualValue": value,
        "component": {"name": component, "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": variable},
        "eventNotificationType": "HardWiredNotification",
        **more,
    }
    return {"generatedAt": at(0), "seqNo": 0, "eventData": [data]}


async def boots(desk: Desk) -> None:
    await desk.receive("BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}})


async def begins(desk: Desk, evse: int = 1) -> None:
    payload = {
        "eventType": "Started",
        "timestamp": at(0),
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": f"tx-{evse}"},
        "evse": {"id": evse, "connectorId": 1},
    }
    await desk.receive("TransactionEvent", payload)


async def asked(desk: Desk, answer: str = "Accepted", **fields: Any) -> None:
    desk.answer("ChangeAvailability", {"status": answer})
    assert (await desk.perform(ChangeAvailability(**fields))).accepted


async def intents(desk: Desk) -> dict[str, tuple[str, bool]]:
    return {key: (item.state, item.operational) for key, item in (await desk.held(AvailabilityIntent)).items()}


@pytest.mark.parametrize(
    ("fields", "key"),
    [({}, "0/0"), ({"evse_id": 1}, "1/0"), ({"evse_id": 1, "connector_id": 1}, "1/1")],
)
async def test_g03_g04_what_was_asked_for_takes_effect_with_the_report(v2: Desk, fields: Any, key: str) -> None:
    await v2.receive("StatusNotification", status("Available"))
    await asked(v2, operational=False, **fields)
    assert await intents(v2) == {key: ("accepted", False)}
    await v2.receive("StatusNotification", status("Unavailable"))
    assert await intents(v2) == {key: ("in-effect", False)}
    assert DIFFERS not in v2.state.station.flags


async def test_g03_a_raw_call_is_recorded_as_a_command_is(v2: Desk) -> None:
    from voltherd.ocpp.v2 import ChangeAvailabilityRequest, ChangeAvailabilityResponse

    await v2.learn(
        ChangeAvailabilityRequest(operational_status="Inoperative"), ChangeAvailabilityResponse(status="Accepted")
    )
    assert await intents(v2) == {"0/0": ("accepted", False)}
    assert v2.state.evses[0].operational is False
    await v2.learn(
        ChangeAvailabilityRequest(operational_status="Operative"), ChangeAvailabilityResponse(status="Rejected")
    )
    assert v2.state.evses[0].operational is False


async def test_g03_fr_05_a_scheduled_change_takes_effect_when_the_session_has_ended(v2: Desk) -> None:
    await v2.receive("StatusNotification", status("Occupied"))
    await begins(v2)
    command = ChangeAvailability(operational=False, evse_id=1)
    record = v2.open_command(command)
    await asked(v2, "Scheduled", operational=False, evse_id=1)
    assert await intents(v2) == {"1/0": ("scheduled", False)}
    await v2.receive("StatusNotification", status("Occupied"))
    assert (await intents(v2), record.state) == ({"1/0": ("scheduled", False)}, "sent")
    await v2.receive("StatusNotification", status("Unavailable"))
    assert (await intents(v2), record.state) == ({"1/0": ("in-effect", False)}, "effect_seen")


async def test_g04_fr_06_a_station_out_of_service_waits_for_its_last_session(v2: Desk) -> None:
    for evse in (1, 2):
        await v2.receive("StatusNotification", status("Available", evse))
    await v2.receive("StatusNotification", status("Occupied", 2))
    await begins(v2, 2)
    record = v2.open_command(ChangeAvailability(operational=False))
    await asked(v2, "Scheduled", operational=False)
    await v2.receive("StatusNotification", status("Unavailable", 1))
    assert record.state == "sent"
    await v2.receive("StatusNotification", status("Unavailable", 2))
    assert (record.state, record.effect) == ("effect_seen", "EVSE 2 reported Unavailable")


async def test_g03_fr_08_a_station_that_forgot_after_a_boot_is_told_of(v2: Desk) -> None:
    await asked(v2, operational=False, evse_id=1)
    await v2.receive("StatusNotification", status("Unavailable"))
    await v2.restart()
    v2.now_ms = NOON_MS + 60_000
    await boots(v2)
    await v2.receive("StatusNotification", status("Available"))
    assert await intents(v2) == {"1/0": ("differs", False)}
    assert DIFFERS in v2.state.station.flags
    assert not v2.work.follow_ups
    await v2.receive("StatusNotification", status("Unavailable"))
    assert await intents(v2) == {"1/0": ("in-effect", False)}
    assert DIFFERS not in v2.state.station.flags


async def test_g03_fr_08_the_setting_lets_a_station_that_forgot_be_asked_again_once_per_boot(v2: Desk) -> None:
    await v2.services.availability._settings.put(Connecting(resend_availability=True), who="test")
    await asked(v2, operational=False, evse_id=1)
    v2.now_ms = NOON_MS + 60_000
    await boots(v2)
    await v2.receive("StatusNotification", status("Available"))
    [again] = v2.work.follow_ups or []
    assert again.command == ChangeAvailability(operational=False, evse_id=1)
    await v2.receive("StatusNotification", status("Reserved"))
    assert not v2.work.follow_ups


async def test_a_report_from_before_the_change_is_no_contradiction(v2: Desk) -> None:
    await asked(v2, operational=False, evse_id=1)
    await v2.receive("StatusNotification", status("Available"))
    assert await intents(v2) == {"1/0": ("accepted", False)}


async def test_a_station_that_is_changed_by_somebody_else_is_told_of(v2: Desk) -> None:
    await asked(v2, operational=True, evse_id=1)
    await v2.receive("StatusNotification", status("Available"))
    await v2.receive("StatusNotification", status("Unavailable"))
    assert await intents(v2) == {"1/0": ("differs", True)}


def test_who_says_out_of_service_decides_the_widest_first() -> None:
    def intent(evse: int, connector: int, operational: bool) -> AvailabilityIntent:
        return AvailabilityIntent(
            state="accepted", evse_no=evse, connector_id=connector, operational=operational, asked_at_ms=0
        )

    station, evse, connector = intent(0, 0, True), intent(1, 0, False), intent(1, 1, True)
    asked = {item.key: item for item in (station, evse, connector)}
    assert deciding(asked, (1, 1)) is evse
    assert deciding(asked, (2, 1)) is station
    assert deciding({connector.key: connector}, (2, 1)) is None
    assert deciding({station.key: station, connector.key: connector}, (1, 1)) is connector


@pytest.mark.parametrize(
    ("operational", "word", "fits"),
    [
        (True, "Available", True),
        (True, "Charging", True),
        (True, "Unavailable", False),
        (False, "Unavailable", True),
        (False, "Available", False),
        (False, "Reserved", False),
        (False, "Charging", None),
        (False, "Occupied", None),
        (True, "Faulted", None),
    ],
)
def test_what_a_status_says_of_availability(operational: bool, word: str, fits: bool | None) -> None:
    assert agrees(operational, word) is fits


async def test_g01_the_same_status_told_in_both_ways_is_one_change(v2: Desk) -> None:
    await v2.receive("StatusNotification", status("Occupied"))
    assert len(v2.intervals()) == 1
    await v2.receive("NotifyEvent", event("Connector", "AvailabilityState", "Occupied"))
    assert v2.intervals() == []
    assert (await v2.connectors())[1, 1].status == "Occupied"


async def test_g05_fr_03_a_lock_that_fails_is_shown_at_its_connector_until_it_is_well(v2: Desk) -> None:
    await v2.receive("StatusNotification", status("Available"))
    assert await v2.receive("NotifyEvent", event("ConnectorPlugRetentionLock", "Problem", "true")) == {}
    found = (await v2.connectors())[1, 1]
    assert (found.status, found.error_code) == ("Available", LOCK_FAILURE)
    await v2.receive("StatusNotification", status("Occupied"))
    assert (await v2.connectors())[1, 1].error_code == LOCK_FAILURE
    await v2.receive("NotifyEvent", event("ConnectorPlugRetentionLock", "Problem", "false"))
    assert (await v2.connectors())[1, 1].error_code == ""


async def test_g05_a_lock_of_a_connector_that_never_reported_is_kept_too(v2: Desk) -> None:
    await v2.receive("NotifyEvent", event("ConnectorPlugRetentionLock", "Problem", "false"))
    assert await v2.connectors() == {}
    await v2.receive("NotifyEvent", event("ConnectorPlugRetentionLock", "Problem", "True"))
    assert (await v2.connectors())[1, 1].error_code == LOCK_FAILURE


@pytest.mark.parametrize("fields", [{}, {"evse_id": 1}, {"evse_id": 1, "connector_id": 1}])
@pytest.mark.parametrize(("operational", "word"), [(True, "Available"), (True, "Occupied"), (False, "Unavailable")])
async def test_g03_g04_what_holds_already_is_seen_with_the_answer(
    v2: Desk, operational: bool, word: str, fields: Any
) -> None:
    await v2.receive("StatusNotification", status(word))
    record = v2.open_command(ChangeAvailability(operational=operational, **fields))
    await asked(v2, operational=operational, **fields)
    where = "EVSE 1" if fields else "the station"
    assert (record.state, record.effect) == ("effect_seen", f"{where} was {word} already")
    assert [found for found, _ in (await intents(v2)).values()] == ["in-effect"]


@pytest.mark.parametrize(
    ("operational", "words", "answer"),
    [
        (True, ["Unavailable"], "Accepted"),
        (True, ["Available", "Unavailable"], "Accepted"),
        (True, ["Faulted"], "Accepted"),
        (True, [], "Accepted"),
        (False, ["Available"], "Accepted"),
        (False, ["Unavailable", "Occupied"], "Accepted"),
        (False, ["Unavailable"], "Scheduled"),
    ],
)
async def test_g04_what_does_not_hold_yet_is_waited_for(
    v2: Desk, operational: bool, words: list[str], answer: str
) -> None:
    for evse, word in enumerate(words, 1):
        await v2.receive("StatusNotification", status(word, evse))
    record = v2.open_command(ChangeAvailability(operational=operational))
    await asked(v2, answer, operational=operational)
    assert record.state == "sent"


async def test_g03_what_was_reported_before_an_opposite_change_took_effect_proves_nothing(v2: Desk) -> None:
    await v2.receive("StatusNotification", status("Available"))
    await asked(v2, operational=False, evse_id=1)
    record = v2.open_command(ChangeAvailability(operational=True, evse_id=1))
    await asked(v2, operational=True, evse_id=1)
    assert record.state == "sent"
    await v2.receive("StatusNotification", status("Available"))
    assert (record.state, record.effect) == ("effect_seen", "EVSE 1 reported Available")
