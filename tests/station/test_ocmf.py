"""Signed meter values."""

import json
from base64 import b64decode
from datetime import UTC, datetime

import pytest

from voltherd.station import keys, ocmf
from voltherd.station.ocmf import MeterReading, Signer, is_genuine, signed_meter_data

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def signer(kind="secp256r1", **more):
    return Signer(keys.generate(kind), "M-1", **more)


def reading(energy_wh, occasion, **more):
    return MeterReading(taken_at=AT, energy_wh=energy_wh, occasion=occasion, **more)


def payload_of(text):
    kind, payload, signature = text.split("|")
    assert kind == "OCMF"
    return json.loads(payload), json.loads(signature)


@pytest.mark.parametrize("kind", ["secp256r1", "secp256k1", "secp384r1", "brainpoolP256r1"])
def test_start_and_stop_are_signed_together_and_hold_against_the_printed_key(kind):
    made = signer(kind)
    text = made.sign([reading(100, "Begin"), reading(7350.5, "End")])
    assert is_genuine(text, made.public_key_hex)
    assert not is_genuine(text.replace("7.3505", "7.3506"), made.public_key_hex)
    assert not is_genuine(text, signer(kind).public_key_hex)


def test_the_payload_says_who_measured_what_and_when():
    made = signer(evse_id="DE*ABC*E1", is_dc=True, firmware="2.1")
    text = made.sign([reading(100, "Begin")], id_token="04A1B2C3", id_type="ISO14443", flags=["RFID_PLAIN"])
    payload, signature = payload_of(text)
    assert payload["FV"] == "1.0"
    assert (payload["MS"], payload["MF"], payload["CT"], payload["CI"]) == ("M-1", "2.1", "EVSEID", "DE*ABC*E1")
    assert (payload["IS"], payload["IF"], payload["IT"], payload["ID"]) == (
        True,
        ["RFID_PLAIN"],
        "ISO14443",
        "04A1B2C3",
    )
    assert payload["RD"] == [
        {
            "TM": "2026-03-01T12:00:00,250+0000 S",
            "TX": "B",
            "RV": 0.1,
            "RI": "01-00:01.08.00*FF",
            "RU": "kWh",
            "RT": "DC",
            "EF": "",
            "ST": "G",
        }
    ]
    assert signature["SA"] == made.method == "ECDSA-secp256r1-SHA256"


def test_records_are_numbered_without_a_gap():
    made = signer(page=41)
    assert [payload_of(made.sign([reading(1, "Begin")]))[0]["PG"] for _ in range(2)] == ["T42", "T43"]


def test_nobody_known_is_said():
    payload, _ = payload_of(signer().sign([reading(1, "Begin", is_synchronized=False, is_export=True)]))
    assert (payload["IS"], payload["IT"], "ID" in payload) == (False, "NONE", False)
    assert payload["RD"][0]["TM"].endswith(" U")
    assert payload["RD"][0]["RI"] == "01-00:02.08.00*FF"


def test_a_token_cannot_break_out_of_the_payload():
    made = signer()
    text = made.sign([reading(1, "Begin")], id_token='A|{"SD":"00"}', id_type="Local")
    assert text.count("|") == 2
    assert is_genuine(text, made.public_key_hex)
    assert payload_of(text)[0]["ID"] == 'A|{"SD":"00"}'


def test_ocpp_gets_data_and_key_in_base64():
    made = signer()
    text = made.sign([reading(1, "Begin")])
    assert b64decode(signed_meter_data(text)).decode() == text
    assert len(signed_meter_data(made.sign([reading(1e9, "Begin")] * 2, id_token="X" * 36, id_type="eMAID"))) <= 2500
    prefix, encoding, kind, printed = b64decode(made.public_key_text).decode().split(":")
    assert (prefix, encoding, kind, printed) == ("oca", "base16", "asn1", made.public_key_hex)


def test_keys_that_ocmf_does_not_know_are_refused():
    with pytest.raises(keys.BadKey):
        Signer(keys.generate("rsa2048"), "M-1")
    with pytest.raises(keys.BadKey):
        Signer(b"no key", "M-1")


@pytest.mark.parametrize(
    "text", ["", "OCMF|{}", "OCMF|{}|{}", 'OCMF|{}|{"SA":"","SD":"zz"}', 'EDL|{}|{"SA":"","SD":""}']
)
def test_nonsense_is_not_genuine(text):
    assert not is_genuine(text, signer().public_key_hex)


def test_the_time_carries_the_zone():
    from datetime import timedelta, timezone

    at = AT.astimezone(timezone(timedelta(hours=1, minutes=30)))
    payload, _ = payload_of(signer().sign([MeterReading(taken_at=at, energy_wh=1, occasion="End")]))
    assert payload["RD"][0]["TM"] == "2026-03-01T13:30:00,250+0130 S"
    assert ocmf.ENCODING_METHOD == "OCMF"
