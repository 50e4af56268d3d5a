"""Codes and their spelling."""

import pytest

from voltherd.ocpp.errors import DESCRIPTION_LIMIT, ErrorCode, OcppError, parse_code, spelled
from voltherd.ocpp.version import OcppVersion

CODES_16 = {
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
}


def test_every_code_is_one_that_1_6_knows_when_spelled_for_1_6():
    assert {spelled(code, OcppVersion.V16) for code in ErrorCode} == CODES_16


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21])
def test_2_x_keeps_the_spelling(version):
    assert [spelled(code, version) for code in ErrorCode] == [code.value for code in ErrorCode]


@pytest.mark.parametrize("version", OcppVersion)
@pytest.mark.parametrize(
    "code",
    [c for c in ErrorCode if c not in (ErrorCode.RPC_FRAMEWORK_ERROR, ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED)],
)
def test_a_code_survives_the_way_over_the_wire(code, version):
    assert parse_code(spelled(code, version)) is code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FormatViolation", ErrorCode.FORMAT_VIOLATION),
        ("FormationViolation", ErrorCode.FORMAT_VIOLATION),
        ("OccurrenceConstraintViolation", ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION),
        ("internalerror", ErrorCode.INTERNAL_ERROR),
        (" NotSupported ", ErrorCode.NOT_SUPPORTED),
    ],
)
def test_codes_are_read_in_any_spelling(text, code):
    assert parse_code(text) is code


def test_an_unknown_code_stays_text():
    assert parse_code("VendorTrouble") == "VendorTrouble"
    assert spelled("VendorTrouble", OcppVersion.V16) == "VendorTrouble"


def test_descriptions_are_cut_to_what_a_callerror_may_carry():
    error = OcppError(ErrorCode.INTERNAL_ERROR, "x" * 1000)
    assert error.description == "x" * DESCRIPTION_LIMIT


def test_an_error_reads_well():
    assert str(OcppError(ErrorCode.NOT_IMPLEMENTED, "no Foo")) == "NotImplemented: no Foo"
    assert str(OcppError(ErrorCode.NOT_IMPLEMENTED)) == "NotImplemented"
