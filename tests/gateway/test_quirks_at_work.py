"""Each switch of a quirk profile does something: see the page on quirks. Others are in the tests of their rooms."""

from collections.abc import Callable

import msgspec
import pytest

from support.desk import NOON_MS, Desk, Payload
from voltherd.domain.charging_profile import SetChargingProfile
from voltherd.domain.commands import ChangeAvailability, GetReport, Reset, SetVariables, VariableValue
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.quirk import Quirks
from voltherd.domain.time import parse_timestamp
from voltherd.gateway import v16 as package
from voltherd.gateway.quirks import ways_of
from voltherd.services.charging_limits import stated_limits
from voltherd.services.clocks import is_zone, told_instant_ms
from voltherd.services.network_profiles import numbers

MEASURANDS = "Energy.Active.Import.Register,Voltage,SoC,Current.Import"


def takes(known: set[str], word: str = "Rejected") -> Callable[[Payload], Payload]:
    """A station that refuses lists with a measurand it does not know."""

    def answer(request: Payload) -> Payload:
        return {"status": "Accepted" if set(request["value"].split(",")) <= known else word}

    return answer


def wish(value: str = MEASURANDS, key: str = "MeterValuesSampledData") -> SetVariables:
    return SetVariables(variables=[VariableValue(variable=key, value=value)])


async def test_trap_13_a_list_of_measurands_is_sent_once_as_it_is(v16: Desk) -> None:
    v16.answer("ChangeConfiguration", takes({"Voltage"}))
    found = await v16.perform(wish())
    assert (found.accepted, len(v16.sent)) == (False, 1)


async def test_trap_13_quirk_measurands_one_by_one_keeps_what_the_station_takes_each_tried_once(v16: Desk) -> None:
    v16.state.quirks = Quirks(measurands_one_by_one=True)
    v16.answer("ChangeConfiguration", takes({"Energy.Active.Import.Register", "Current.Import"}))
    found = await v16.perform(wish())
    assert [payload["value"] for _, payload in v16.sent] == [
        "Energy.Active.Import.Register",
        "Energy.Active.Import.Register,Voltage",
        "Energy.Active.Import.Register,SoC",
        "Energy.Active.Import.Register,Current.Import",
    ]
    assert (found.accepted, found.status) == (False, "Rejected")
    assert found.answer["results"][0]["value"] == "Energy.Active.Import.Register,Current.Import"
    kept = (await v16.variables())["OCPP16.MeterValuesSampledData"]
    assert (kept.actual_value, kept.apply_state) == ("Energy.Active.Import.Register,Current.Import", "applied")


async def test_trap_13_quirk_where_all_are_taken_it_is_accepted_and_other_keys_go_as_they_are(v16: Desk) -> None:
    v16.state.quirks = Quirks(measurands_one_by_one=True)
    v16.answer("ChangeConfiguration", {"status": "RebootRequired"})
    assert (await v16.perform(wish("A,B"))).status == "RebootRequired"
    await v16.perform(wish("A,B", "SupportedFeatureProfiles"))
    assert [payload["value"] for _, payload in v16.sent] == ["A", "A,B", "A,B"]


async def test_trap_13_quirk_a_station_without_the_key_is_asked_once(v16: Desk) -> None:
    v16.state.quirks = Quirks(measurands_one_by_one=True)
    v16.answer("ChangeConfiguration", {"status": "NotSupported"})
    assert (await v16.perform(wish())).status == "NotSupported"
    assert len(v16.sent) == 1


async def test_trap_13_a_key_that_is_read_only_is_not_written(v16: Desk) -> None:
    key = {"key": "MeterValuesSampledData", "readonly": True, "value": "Voltage"}
    v16.answer("GetConfiguration", {"configurationKey": [key]})
    await v16.perform(GetReport())
    with pytest.raises(PayloadInvalid, match="can only be read"):
        await v16.perform(wish())
    assert len(v16.sent) == 1


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Current", {"A"}),
        ("Power", {"W"}),
        ("W", {"W"}),
        ("Current,Power", {"A", "W"}),
        ("Current; Power", {"A", "W"}),
        ('"Current","Power"', {"A", "W"}),
        (" A , W ", {"A", "W"}),
        ("Horses", set()),
    ],
)
def test_trap_14_charging_rate_units_in_all_their_spellings(text: str, units: set[str]) -> None:
    key = "ChargingScheduleAllowedChargingRateUnit"
    assert stated_limits([Variable(station_id=1, component="OCPP16", variable=key, actual_value=text)]).units == units


@pytest.mark.parametrize("text", ["1,0", " 1 , 0 ", "1;0", '"1","0"', "[1, 0]"])
def test_trap_14_lists_of_slots_in_all_their_spellings(text: str) -> None:
    assert numbers(text) == ["1", "0"]


async def test_quirk_password_as_text_sends_no_digits(v16: Desk) -> None:
    v16.answer("ChangeConfiguration", {"status": "Accepted"})
    await package.set_password(v16, "secret")
    v16.state.quirks = Quirks(password_as_text=True)
    await package.set_password(v16, "secret")
    assert [payload["value"] for _, payload in v16.sent] == [b"secret".hex(), "secret"]


async def test_trap_12_quirk_connector_0_refused_asks_each_connector_at_once(v16: Desk) -> None:
    for connector in (1, 2):
        status = {"connectorId": connector, "errorCode": "NoError", "status": "Available"}
        await v16.receive("StatusNotification", status)
    v16.state.quirks = Quirks(connector_0_refused=True)
    v16.answer("ChangeAvailability", {"status": "Accepted"})
    assert (await v16.perform(ChangeAvailability(operational=False))).accepted
    assert [payload["connectorId"] for _, payload in v16.sent] == [1, 2]
    assert v16.state.evses[0].operational is False


async def test_quirk_soft_reset_ignored_in_1_6(v16: Desk) -> None:
    v16.state.quirks = Quirks(soft_reset_ignored=True)
    v16.answer("Reset", {"status": "Accepted"})
    await v16.perform(Reset(type="soft"))
    start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-05T12:00:00Z"}
    await v16.receive("StartTransaction", start)
    await v16.perform(Reset(type="soft"))
    assert [payload["type"] for _, payload in v16.sent] == ["Hard", "Soft"]


@pytest.mark.parametrize(
    ("quirks", "ways"),
    [
        (Quirks(), ()),
        (Quirks(stack_level_zero=True), ("profiles-stack-level-0",)),
        (Quirks(relative_only=True), ("profiles-relative-only",)),
        (Quirks(charging_rate_unit="W"), ("profiles-watts-only",)),
        (Quirks(charging_rate_unit="A"), ("profiles-amps-only",)),
    ],
)
def test_trap_36_quirks_of_charging_profiles_are_ways_taken_from_the_start(
    quirks: Quirks, ways: tuple[str, ...]
) -> None:
    assert ways_of(quirks) == ways


async def test_trap_36_quirk_a_profile_goes_out_as_the_station_takes_it_at_the_first_try(v16: Desk) -> None:
    v16.state.quirks = Quirks(stack_level_zero=True, charging_rate_unit="A")
    period = {"startPeriod": 0, "limit": 11040, "numberPhases": 3}
    profile = {
        "stackLevel": 3,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [period]}],
    }
    v16.answer("SetChargingProfile", {"status": "Accepted"})
    v16.answer("GetCompositeSchedule", {"status": "Rejected"})
    await v16.perform(msgspec.convert({"profile": profile, "evse_id": 1}, SetChargingProfile))
    [sent] = [payload["csChargingProfiles"] for action, payload in v16.sent if action == "SetChargingProfile"]
    assert sent["stackLevel"] == 0
    assert sent["chargingSchedule"]["chargingRateUnit"] == "A"
    assert sent["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 16


@pytest.mark.parametrize(
    ("timestamp", "zone", "utc"),
    [
        ("2026-07-01T14:00:00", "Europe/Berlin", "2026-07-01T12:00:00Z"),
        ("2026-01-05T13:00:00.5", "Europe/Berlin", "2026-01-05T12:00:00.5Z"),
        ("2026-01-05T13:00:00Z", "Europe/Berlin", "2026-01-05T13:00:00Z"),
        ("2026-01-05T13:00:00+05", "Europe/Berlin", "2026-01-05T08:00:00Z"),
        ("2026-01-05T13:00:00", None, "2026-01-05T13:00:00Z"),
    ],
)
def test_trap_29_quirk_local_time_is_read_in_the_zone_the_station_stands_in(
    timestamp: str, zone: str | None, utc: str
) -> None:
    assert told_instant_ms(timestamp, zone) == parse_timestamp(utc)


def test_trap_29_what_names_no_instant_names_none_in_any_zone() -> None:
    assert told_instant_ms("noon", "Europe/Berlin") is None
    assert told_instant_ms("2026-01-05T12:00:00", "local") is not None
    assert [is_zone(name) for name in ("Europe/Berlin", "local", "Nowhere/At all", "../x", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip


async def test_trap_29_quirk_a_status_in_local_time_is_shown_at_its_instant(v16: Desk) -> None:
    v16.state.quirks = Quirks(timestamps_local_zone="Europe/Berlin")
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-01-05T12:59:00"}
    await v16.receive("StatusNotification", status)
    assert (await v16.connectors())[1, 1].changed_at_ms == NOON_MS - 60_000


async def test_trap_29_quirk_readings_in_local_time_are_kept_at_their_instant(v16: Desk) -> None:
    v16.state.quirks = Quirks(timestamps_local_zone="Europe/Berlin")
    values = [{"timestamp": "2026-01-05T12:59:00", "sampledValue": [{"value": "5"}]}]
    start = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-05T12:58:00"}
    number = (await v16.receive("StartTransaction", start))["transactionId"]
    await v16.receive("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": values})
    found = await v16.transaction()
    assert found.started_at_ms == NOON_MS - 120_000
    assert [item.at_ms for item in await v16.samples(found.id)][-1] == NOON_MS - 60_000


async def test_quirk_empty_samples_lets_a_reading_without_values_pass(v16: Desk) -> None:
    empty = {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-05T12:00:00Z", "sampledValue": []}]}
    await v16.receive("BootNotification", {"chargePointVendor": "Vestel", "chargePointModel": "EVC04"})
    assert await v16.receive("MeterValues", empty) == {}
