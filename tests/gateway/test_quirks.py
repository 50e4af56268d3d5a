from pathlib import Path
from typing import Any

import msgspec
import pytest

from voltherd.domain.errors import Invalid
from voltherd.domain.quirk import QuirkBook, QuirkChoice, QuirkProfile, Quirks, Tolerance, When, written
from voltherd.gateway.quirks import BOOK, STANDARD, Deviation, decode_tolerantly
from voltherd.ocpp.errors import ErrorCode, OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

NOON = "2026-11-22T12:00:00Z"


def tolerate(
    version: OcppVersion, action: str, payload: dict[str, Any], tolerance: Tolerance = STANDARD
) -> tuple[Any, list[Deviation]]:
    raw = msgspec.json.encode(payload)
    with pytest.raises(OcppError) as refused:
        decode_request(version, action, raw)
    return decode_tolerantly(version, action, raw, refused.value, tolerance)


def meter_values(**sample: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": "1"}, sample]}]}


def test_trap_27_an_unknown_error_code_is_kept_as_text() -> None:
    payload = {"connectorId": 1, "errorCode": "CableTooShort", "status": "Faulted"}
    message, deviations = tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert message.error_code == "CableTooShort"
    assert [item.flag for item in deviations] == ["deviation:errorCode"]


def test_trap_27_an_unknown_reason_and_measurand_are_kept_as_text() -> None:
    stop = {"transactionId": 1, "meterStop": 5, "timestamp": NOON, "reason": "Boredom"}
    assert tolerate(OcppVersion.V16, "StopTransaction", stop)[0].reason == "Boredom"
    message, _ = tolerate(OcppVersion.V16, "MeterValues", meter_values(value="2", measurand="Mood", unit="smile"))
    assert message.meter_value[0].sampled_value[1].measurand == "Mood"
    assert message.meter_value[0].sampled_value[1].unit == "smile"


def test_trap_29_a_timestamp_of_odd_shape_is_kept_as_it_was_sent() -> None:
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-11-22 12:00"}
    message, _ = tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert message.timestamp == "2026-11-22 12:00"


def test_trap_31_a_number_where_1_6_wants_text_and_text_where_2_x_wants_a_number_are_kept() -> None:
    message, _ = tolerate(OcppVersion.V16, "MeterValues", meter_values(value=2.5))
    assert message.meter_value[0].sampled_value[1].value == "2.5"
    for version in (OcppVersion.V201, OcppVersion.V21):
        payload = {"evseId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": [{"value": " 12,5 "}]}]}
        message, _ = tolerate(version, "MeterValues", payload)
        assert message.meter_value[0].sampled_value[0].value == " 12,5 "


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"connectorId": 1, "errorCode": "Odd", "status": "Odd"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
        ({"connectorId": "1", "errorCode": "Odd", "status": "Available"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"errorCode": "Odd", "status": "Available"}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
    ],
)
def test_what_is_not_harmless_is_refused_also_beside_a_harmless_deviation(
    payload: dict[str, Any], code: ErrorCode
) -> None:
    with pytest.raises(OcppError) as refused:
        tolerate(OcppVersion.V16, "StatusNotification", payload)
    assert refused.value.code == code


def test_payloads_with_too_many_deviations_are_refused() -> None:
    samples = [{"value": "1", "measurand": f"Odd{number}"} for number in range(100)]
    payload = {"connectorId": 1, "meterValue": [{"timestamp": NOON, "sampledValue": samples}]}
    with pytest.raises(OcppError):
        tolerate(OcppVersion.V16, "MeterValues", payload)


def test_trap_31_a_reading_without_values_is_passed_over_where_the_profile_says_so() -> None:
    tolerance = BOOK.in_force("vestel-evc04", "", "", "").tolerated
    samples: list[Any] = [
        {"timestamp": NOON, "sampledValue": []},
        {"timestamp": NOON, "sampledValue": [{"value": "7"}]},
    ]
    payload = {"connectorId": 1, "meterValue": samples}
    with pytest.raises(OcppError, match="length"):
        tolerate(OcppVersion.V16, "MeterValues", payload)
    message, deviations = tolerate(OcppVersion.V16, "MeterValues", payload, tolerance)
    assert [len(item.sampled_value) for item in message.meter_value] == [0, 1]
    assert [item.flag for item in deviations] == ["deviation:meterValue.sampledValue"]


@pytest.mark.parametrize("version", list(OcppVersion))
def test_fields_that_the_version_does_not_know_are_passed_over_where_the_profile_says_so(version: OcppVersion) -> None:
    tolerance = BOOK.in_force("talkative", "", "", "").tolerated
    with pytest.raises(OcppError, match="no such field"):
        tolerate(version, "Heartbeat", {"uptime": 5})
    message, deviations = tolerate(version, "Heartbeat", {"uptime": 5, "mood": {"a": 1}}, tolerance)
    assert type(message).__name__ == "HeartbeatRequest"
    assert [item.flag for item in deviations] == ["deviation:uptime", "deviation:mood"]
    with pytest.raises(OcppError):
        tolerate(version, "Heartbeat", {"a.b": 1}, tolerance)


def test_every_profile_of_the_program_can_be_read_and_says_something() -> None:
    assert {"default", "vestel-evc04", "starcharge"} <= set(BOOK.names)
    for name in set(BOOK.names) - {"default"}:
        profile = BOOK.find(name)
        assert profile.switches != Quirks(), name
        assert profile.title, name


def test_every_switch_is_set_by_a_profile() -> None:
    switches = {name for one in BOOK.names for name in msgspec.to_builtins(BOOK.find(one).switches)}
    assert switches == set(Quirks.__struct_encode_fields__)


@pytest.mark.parametrize(
    ("vendor", "model", "profile"),
    [
        ("VESTEL", "EVC04-AC22SW", "vestel-evc04"),
        ("vestel", "EVC02", "default"),
        ("Growatt ", "THOR 11AS", "growatt-thor"),
        ("EN+", "AC7000-AE-25", "en-plus-ac7000"),
        ("StarCharge", "Artemis", "starcharge"),
        ("Simpson-Partners", "SP Home7", "simpson-partners-home7"),
        ("", "", "default"),
        ("Acme", "One", "default"),
    ],
)
def test_a_profile_is_chosen_by_what_the_station_tells_of_itself(vendor: str, model: str, profile: str) -> None:
    assert BOOK.choose(vendor, model, "1.0").name == profile


def test_the_profile_that_asks_for_most_is_chosen() -> None:
    def named(name: str, **when: str) -> QuirkProfile:
        return QuirkProfile(name=name, title=name, when=When(**when))

    book = QuirkBook(
        [named("b", vendor="acme"), named("a", vendor="acme"), named("c", vendor="acme", model="x", firmware="1\\..*")]
    )
    assert book.choose("Acme", "X", "1.4").name == "c"
    assert book.choose("Acme", "X", "2.0").name == "a"


def test_what_an_operator_sets_goes_before_the_profile_and_survives_profiles_that_are_gone() -> None:
    chosen = written(QuirkChoice(profile="starcharge", switches={"no-trigger": False, "heartbeat-interval-s": 30}))
    found = BOOK.in_force(chosen, "Vestel", "EVC04", "1")
    assert (found.profile.name, found.chosen_by) == ("starcharge", "operator")
    assert msgspec.to_builtins(found.switches) == {"measurands-one-by-one": True, "heartbeat-interval-s": 30}
    gone = BOOK.in_force('{"profile": "was-once", "switches": {"was-once": 1, "no-ping": true}}', "", "", "")
    assert (gone.profile.name, gone.switches) == ("default", Quirks(no_ping=True))
    broken = BOOK.in_force('{"switches": {"heartbeat-interval-s": "soon"}}', "", "", "")
    assert broken.switches == Quirks()


@pytest.mark.parametrize(
    "choice",
    [
        QuirkChoice(profile="nobody"),
        QuirkChoice(switches={"no-such": True}),
        QuirkChoice(switches={"no-ping": "yes"}),
        QuirkChoice(switches={"heartbeat-interval-s": 0}),
    ],
)
def test_what_cannot_be_set_is_told(choice: QuirkChoice) -> None:
    with pytest.raises(Invalid):
        BOOK.check(choice)


def test_the_page_of_quirks_names_every_switch_and_every_profile() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "reference", "quirks.md").read_text("utf-8")
    missing = [name for name in (*Quirks.__struct_encode_fields__, *BOOK.names) if f"`{name}`" not in page]
    assert missing == []
