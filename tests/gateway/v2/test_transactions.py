from typing import Any

import msgspec
import pytest

from support.desk import Desk, Payload, at
from voltherd.domain.metering import MeterSample
from voltherd.domain.transaction import TransactionEvent
from voltherd.gateway.v2 import routes
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.payload import decode_request
from voltherd.ocpp.version import OcppVersion

CARD = {"idToken": "CARD", "type": "ISO14443"}


def event(
    kind: str,
    seq_no: int,
    *,
    seconds: float = 0,
    transaction_id: str = "tx-1",
    wh: float | None = None,
    **changes: object,
) -> Payload:
    info = {"transactionId": transaction_id, **changes.pop("info", {})}  # type: ignore[dict-item]
    payload: Payload = {
        "eventType": kind,
        "timestamp": at(seconds),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info,
        **changes,
    }
    if wh is not None:
        payload["meterValue"] = [{"timestamp": at(seconds), "sampledValue": [{"value": wh}]}]
    return payload


async def send(desk: Desk, *events: Payload) -> list[Payload]:
    answers = []
    for payload in events:
        desk.now_ms += 1000
        answers.append(await desk.receive("TransactionEvent", payload))
    return answers


async def test_a_session_is_recorded_with_its_energy_in_wh(v2: Desk) -> None:
    await v2.token("CARD")
    evse = {"id": 2, "connectorId": 3}
    begin = event(
        "Started", 0, wh=1000, evse=evse, idToken=CARD, info={"chargingState": "Charging", "remoteStartId": 5}
    )
    middle = event("Updated", 1, seconds=60, wh=1500)
    end = event("Ended", 2, seconds=3600, wh=8000, info={"stoppedReason": "Remote"})
    v2.now_ms += 3_600_000
    answers = await send(v2, begin, middle, end)
    assert answers == [{"idTokenInfo": {"status": "Accepted"}}, {}, {}]
    found = await v2.transaction()
    assert (found.transaction_id, found.evse_no, found.connector_no) == ("tx-1", 2, 3)
    assert (found.meter_start_wh, found.meter_stop_wh, found.energy_wh) == (1000.0, 8000.0, 7000.0)
    assert (found.id_token, found.id_token_type, found.authorization) == ("CARD", "ISO14443", "Accepted")
    assert (found.stop_reason, found.remote_start_id, found.active) == ("Remote", 5, False)
    assert (found.seq_no_first, found.seq_no_last, found.seq_gaps) == (0, 2, ())


async def test_multiplier_and_unit_are_applied_and_the_raw_value_stays(v2: Desk) -> None:
    measure = {"unit": "kWh", "multiplier": -1}
    value = {"value": 25.5, "unitOfMeasure": measure, "context": "Transaction.Begin", "location": "Inlet"}
    begin = event("Started", 0)
    begin["meterValue"] = [{"timestamp": at(0), "sampledValue": [value]}]
    await send(v2, begin)
    (sample,) = v2.recorded(MeterSample)
    assert (sample.value, sample.unit, sample.raw_value, sample.raw_unit) == (2550.0, "Wh", "25.5", "kWh")
    assert (sample.context, sample.location) == ("Transaction.Begin", "Inlet")


@pytest.mark.parametrize("multiplier", [400, -400, 300])
async def test_a_multiplier_out_of_this_world_spoils_no_event(v2: Desk, multiplier: int) -> None:
    begin = event("Started", 0)
    value = {"value": 1e300, "unitOfMeasure": {"unit": "Wh", "multiplier": multiplier}}
    begin["meterValue"] = [{"timestamp": at(0), "sampledValue": [value]}]
    assert await send(v2, begin) == [{}]
    (sample,) = v2.recorded(MeterSample)
    assert sample.value in (None, 0.0)


@pytest.mark.parametrize("kind", ["Started", "Updated", "Ended"])
async def test_a_token_in_any_event_gets_its_verdict_and_group(v2: Desk, kind: str) -> None:
    await v2.token("CARD", group_id="FLEET", expires_at_ms=v2.now_ms + 10_000)
    (answer,) = await send(v2, event(kind, 0, idToken=CARD))
    group = {"idToken": "FLEET", "type": "Central"}
    assert answer == {"idTokenInfo": {"status": "Accepted", "cacheExpiryDateTime": at(10), "groupIdToken": group}}


@pytest.mark.parametrize(
    ("status", "told"), [(None, "Unknown"), ("blocked", "Blocked"), ("expired", "Expired"), ("invalid", "Invalid")]
)
async def test_trap_22_an_event_with_a_bad_token_is_stored_and_told_so(v2: Desk, status: str | None, told: str) -> None:
    if status:
        await v2.token("CARD", status=status)
    (answer,) = await send(v2, event("Started", 0, idToken=CARD, evse={"id": 1}))
    assert answer == {"idTokenInfo": {"status": told}}
    found = await v2.transaction()
    assert (found.active, found.authorization) == (True, told)


async def test_a_station_without_a_reader_is_accepted(v2: Desk) -> None:
    token = {"idToken": "", "type": "NoAuthorization"}
    (answer,) = await send(v2, event("Started", 0, idToken=token))
    assert answer == {"idTokenInfo": {"status": "Accepted"}}


async def test_trap_18_an_end_without_a_start_is_accepted_and_kept(v2: Desk) -> None:
    assert await send(v2, event("Ended", 4, wh=8000, evse={"id": 1})) == [{}]
    found = await v2.transaction()
    assert (found.active, found.inferred, found.meter_stop_wh) == (False, True, 8000.0)
    assert (found.meter_start_wh, found.energy_wh) == (None, None), "one reading tells no energy"
    assert "start-not-reported" in found.flags


async def test_trap_18_a_start_that_comes_after_the_end_completes_the_session(v2: Desk) -> None:
    v2.now_ms += 3_600_000
    await send(v2, event("Ended", 1, seconds=3600, wh=8000), event("Started", 0, wh=1000, evse={"id": 1}))
    found = await v2.transaction()
    assert (found.active, found.inferred, found.energy_wh, found.evse_no) == (False, False, 7000.0, 1)
    assert found.flags == ()


async def test_trap_20_a_repeated_event_gets_the_same_answer_and_changes_nothing(v2: Desk) -> None:
    begin = event("Started", 0, wh=1000, idToken=CARD, evse={"id": 1})
    (first,) = await send(v2, begin)
    before = await v2.transaction()
    (second,) = await send(v2, begin)
    assert second == first
    assert v2.work.records == []
    await v2.restart()
    assert await send(v2, begin) == [first]
    assert await v2.transaction() == before
    assert len(await v2.store.records.transaction_events(1, before.id)) == 1


async def test_trap_23_an_update_after_the_end_does_not_reopen_the_session(v2: Desk) -> None:
    v2.now_ms += 3_600_000
    begin = event("Started", 0, wh=1000, evse={"id": 1})
    end = event("Ended", 2, seconds=600, wh=3000)
    late = event("Updated", 1, seconds=300, wh=2000, info={"chargingState": "Charging"})
    assert await send(v2, begin, end, late) == [{}, {}, {}]
    found = await v2.transaction()
    assert (found.active, found.energy_wh, found.seq_gaps) == (False, 2000.0, ())
    assert found.charging_state == ""
    assert len(await v2.store.records.transaction_events(1, found.id)) == 3


async def test_trap_23_gaps_are_shown_until_what_is_missing_comes(v2: Desk) -> None:
    await send(v2, event("Started", 5, evse={"id": 1}), event("Updated", 8))
    assert (await v2.transaction()).seq_gaps == (6, 7)
    await send(v2, event("Updated", 6, offline=True))
    found = await v2.transaction()
    assert (found.seq_gaps, found.offline) == ((7,), True)


async def test_trap_23_an_older_event_does_not_turn_the_charging_state_back(v2: Desk) -> None:
    newer = event("Updated", 3, info={"chargingState": "SuspendedEV"})
    older = event("Updated", 2, info={"chargingState": "Charging"})
    await send(v2, event("Started", 1, evse={"id": 1}), newer, older)
    assert (await v2.transaction()).charging_state == "SuspendedEV"


async def test_trap_25_a_transaction_id_is_unique_per_station_and_evses_share_none(v2: Desk) -> None:
    one = event("Started", 0, evse={"id": 1}, wh=10)
    two = event("Started", 0, evse={"id": 2}, transaction_id="tx-2", wh=20)
    await send(v2, one, two)
    assert [(item.evse_no, item.active, item.meter_start_wh) for item in await v2.transactions()] == [
        (1, True, 10.0),
        (2, True, 20.0),
    ]


async def test_a_new_start_on_an_evse_closes_what_was_left_open_and_invents_no_meter_value(v2: Desk) -> None:
    await send(v2, event("Started", 0, evse={"id": 1}), event("Started", 0, evse={"id": 1}, transaction_id="tx-2"))
    left, new = await v2.transactions()
    assert (left.active, left.inferred, left.meter_stop_wh, new.active) == (False, True, None, True)


@pytest.mark.parametrize("evse_id", [0, -1])
async def test_an_event_of_evse_0_has_no_evse_until_one_is_named(v2: Desk, evse_id: int) -> None:
    if evse_id < 0 and v2.version is OcppVersion.V21:
        with pytest.raises(OcppError, match="PropertyConstraintViolation"):  # the schema of 2.1 has a minimum
            await send(v2, event("Started", 0, evse={"id": evse_id}))
        return
    await send(v2, event("Started", 0, evse={"id": evse_id, "connectorId": 1}))
    assert (await v2.transaction()).evse_no == 0
    await send(v2, event("Updated", 1, evse={"id": 2, "connectorId": 2}))
    found = await v2.transaction()
    assert (found.evse_no, found.connector_no) == (2, 2)


async def test_trap_27_unknown_reasons_and_measurands_are_kept_as_text(v2: Desk) -> None:
    end = event("Ended", 1, info={"stoppedReason": "CableCut"})
    end["meterValue"] = [{"timestamp": at(0), "sampledValue": [{"value": 1, "measurand": "Energy.Solar"}]}]
    await send(v2, end)
    assert (await v2.transaction()).stop_reason == "CableCut"
    assert [item.measurand for item in v2.recorded(MeterSample)] == ["Energy.Solar"]


@pytest.mark.parametrize("odd", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "2099-01-01T00:00:00Z", "soon"])
async def test_trap_29_an_implausible_clock_gives_way_to_the_time_of_receipt(v2: Desk, odd: str) -> None:
    await send(v2, {**event("Started", 0, evse={"id": 1}), "timestamp": odd})
    found = await v2.transaction()
    assert found.started_at_ms == found.started_received_ms == v2.now_ms
    assert [item.at_ms for item in v2.recorded(TransactionEvent)] == [v2.now_ms]


async def test_trap_29_odd_shapes_of_time_are_understood(v2: Desk) -> None:
    await send(v2, {**event("Started", 0, evse={"id": 1}), "timestamp": "2026-01-05T13:59:00+02"})
    assert (await v2.transaction()).started_at_ms == v2.now_ms - 61_000


async def test_trap_31_a_value_sent_as_text_is_understood_or_kept_but_never_0(v2: Desk) -> None:
    begin = event("Started", 0, evse={"id": 1})
    begin["meterValue"] = [{"timestamp": at(0), "sampledValue": [{"value": 0}, {"value": 0, "phase": "L1"}]}]
    request: Any = decode_request(v2.version, "TransactionEvent", msgspec.json.encode(begin))
    first, second = request.meter_value[0].sampled_value
    first.value, second.value = " 12.50 ", "n/a"
    await v2.handle("TransactionEvent", request)
    assert [(item.value, item.raw_value) for item in v2.recorded(MeterSample)] == [(12.5, " 12.50 "), (None, "n/a")]


async def test_trap_32_phases_are_summed_where_there_is_no_total(v2: Desk) -> None:
    def phases(*values: float) -> list[Payload]:
        sampled = [{"value": value, "phase": f"L{n}-N"} for n, value in enumerate(values, 1)]
        return [{"timestamp": at(sum(values) / 1000), "sampledValue": sampled}]

    await send(
        v2,
        {**event("Started", 0, evse={"id": 1}), "meterValue": phases(100, 100, 100)},
        {**event("Updated", 1), "meterValue": phases(200, 200, 200)},
    )
    assert (await v2.transaction()).energy_wh == 300.0


async def test_trap_33_a_register_that_jumps_back_is_counted_on_and_flagged(v2: Desk) -> None:
    v2.now_ms += 600_000
    readings = [(0, "Started", 1000), (1, "Updated", 1500), (2, "Updated", 200), (3, "Ended", 300)]
    await send(v2, *(event(kind, n, seconds=60 * n, wh=wh, evse={"id": 1}) for n, kind, wh in readings))
    found = await v2.transaction()
    assert found.energy_wh == 800.0
    assert "register-jumped-back" in found.flags


async def test_trap_34_signed_meter_data_is_kept_byte_exact_beside_the_value(v2: Desk) -> None:
    signed = "T0NNRnx7Ik RlcIjoi\u00e9"
    value = {
        "value": 1100,
        "signedMeterValue": {
            "signedMeterData": signed,
            "signingMethod": "ECDSA-secp256r1-SHA256",
            "encodingMethod": "OCMF",
            "publicKey": "",
        },
    }
    begin = event("Started", 0, evse={"id": 1})
    begin["meterValue"] = [{"timestamp": at(0), "sampledValue": [value]}]
    await send(v2, begin)
    (sample,) = v2.recorded(MeterSample)
    assert (sample.value, sample.signed_data) == (1100.0, signed)
    (stored,) = await v2.samples((await v2.transaction()).id)
    assert (stored.signed_data, stored.signature) == (
        signed,
        '{"signing_method":"ECDSA-secp256r1-SHA256","encoding_method":"OCMF","public_key":""}',
    )


async def test_trap_35_more_energy_than_the_time_allows_is_flagged(v2: Desk) -> None:
    await send(v2, event("Started", 0, wh=0, evse={"id": 1}), event("Updated", 1, seconds=1, wh=500_000))
    assert "implausible-energy" in (await v2.transaction()).flags


def test_trap_20_answers_about_transactions_are_remembered_over_restarts() -> None:
    assert {action for action, route in routes.handlers.items() if route.remember} == {"TransactionEvent"}


async def test_a_sequence_that_was_not_written_yet_is_drawn_again_after_a_crash(v2: Desk) -> None:
    for kind, number in (("Started", 0), ("Updated", 1), ("Updated", 3), ("Updated", 4)):
        await v2.receive("TransactionEvent", event(kind, number))
    assert (await v2.store.records.transactions(1)).items[0].seq_no_last == 0
    await v2.restart()
    found = await v2.transaction()
    assert (found.seq_no_first, found.seq_no_last, found.seq_gaps) == (0, 4, (2,))
    assert not found.flags


@pytest.mark.parametrize(
    ("end", "flags"),
    [
        ({"triggerReason": "EVCommunicationLost", "info": {"stoppedReason": "EVDisconnected"}}, ()),
        ({"triggerReason": "EVDeparted"}, ()),
        ({"triggerReason": "StopAuthorized"}, ("available-while-active",)),
    ],
)
async def test_e06_fr_02_an_end_by_unplugging_explains_why_the_connector_was_available_before(
    v2: Desk, end: Payload, flags: tuple[str, ...]
) -> None:
    await send(v2, event("Started", 0, evse={"id": 1, "connectorId": 1}))
    status = {"timestamp": at(1), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    assert await v2.receive("StatusNotification", status) == {}
    assert (await v2.transaction()).flags == ("available-while-active",)
    await send(v2, event("Ended", 1, seconds=2, **end))
    found = await v2.transaction()
    assert (found.active, found.flags) == (False, flags)
