"""Quirks: what stations do differently, on their frames."""

import json

import pytest

from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.simulator.quirks import Quirks


def encoded(payload):
    return json.dumps(payload, separators=(",", ":")).encode()


def answered(quirks, action, payload):
    answer = quirks.answer(action, encoded(payload))
    return None if answer is None else json.loads(answer)


def profile(**changes):
    body = {"stackLevel": 0, "chargingProfileKind": "Relative", "chargingSchedule": {"chargingRateUnit": "A"}} | changes
    return {"connectorId": 1, "csChargingProfiles": body}


def test_a_station_without_quirks_changes_and_answers_nothing():
    payload = encoded({"type": "Soft"})
    assert Quirks().said("Reset", payload) is payload
    assert Quirks().answer("Reset", payload) is None


@pytest.mark.parametrize(
    ("quirks", "action", "payload", "ordinary"),
    [
        (Quirks(soft_reset_ignored=True), "Reset", {"type": "Soft"}, {"type": "Hard"}),
        (Quirks(soft_reset_ignored=True), "Reset", {"type": "OnIdle"}, {"type": "Immediate"}),
        (Quirks(connector_0_refused=True), "ChangeAvailability", {"connectorId": 0}, {"connectorId": 1}),
        (Quirks(stack_level_zero=True), "SetChargingProfile", profile(stackLevel=3), profile()),
        (Quirks(relative_only=True), "SetChargingProfile", profile(chargingProfileKind="Absolute"), profile()),
        (
            Quirks(charging_rate_unit="A"),
            "SetChargingProfile",
            profile(chargingSchedule=[{"chargingRateUnit": "W"}]),
            profile(),
        ),
    ],
    ids=["soft", "on idle", "connector 0", "stack level", "relative", "unit"],
)
def test_what_a_quirk_names_is_answered_by_itself_and_nothing_else(quirks, action, payload, ordinary):
    assert answered(quirks, action, payload)["status"] in ("Accepted", "Rejected")
    assert answered(quirks, action, ordinary) is None
    assert quirks.answer(action, b"{") is None
    assert quirks.answer("GetLocalListVersion", b"{}") is None


def test_actions_that_are_lacking_are_not_implemented():
    answer = Quirks(lacks=("GetLog",)).answer("GetLog", b"{}")
    assert isinstance(answer, OcppError)
    assert answer.code is ErrorCode.NOT_IMPLEMENTED


def test_timestamps_become_local_ones_without_a_zone():
    payload = encoded({"timestamp": "2026-07-05T12:00:01.250Z", "idTag": "2026-07-05T12:00:01Z"})
    sent = json.loads(Quirks(timestamps_local_zone="Europe/Berlin").said("StartTransaction", payload))
    assert sent == {"timestamp": "2026-07-05T14:00:01", "idTag": "2026-07-05T12:00:01Z"}


def test_empty_samples_and_unknown_fields_are_added_to_calls_only():
    values = {"connectorId": 1, "meterValue": [{"timestamp": "2026-07-05T12:00:01Z", "sampledValue": [{"value": "1"}]}]}
    quirks = Quirks(empty_samples=True, unknown_fields=True)
    sent = json.loads(quirks.said("MeterValues", encoded(values)))
    assert sent["meterValue"][0] == {"timestamp": "2026-07-05T12:00:01Z", "sampledValue": []}
    assert sent["meterValue"][1] == values["meterValue"][0]
    assert sent["vendorExtra"] == "1"
    assert json.loads(quirks.said("Heartbeat", b"{}")) == {"vendorExtra": "1"}
