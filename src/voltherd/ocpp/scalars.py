"""What the generated wire types share: the base of all, text formats, and what msgspec cannot say itself."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

DATE_TIME_PATTERN: Final = (
    r"^(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
    r"[Tt](?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
    r"|23:59:60(?:\.[0-9]+)?(?:[Zz]|[+-]00:00))\Z"
)
"""RFC 3339 `date-time`: a date that exists, a time with its zone; leap seconds in UTC only."""

_URI_CHARACTER: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
URI_PATTERN: Final = (
    r"^[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{{2}})*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{{2}})*)(?::[0-9]*)?(?:/{_URI_CHARACTER}*)*"
    rf"|/(?:{_URI_CHARACTER}+(?:/{_URI_CHARACTER}*)*)?|{_URI_CHARACTER}+(?:/{_URI_CHARACTER}*)*|)"
    rf"(?:\?(?:{_URI_CHARACTER}|[/?])*)?(?:#(?:{_URI_CHARACTER}|[/?])*)?\Z"
)
"""RFC 3986 `URI`: with a scheme, without blanks; the inside of an IP literal is not looked at."""

Timestamp = Annotated[str, Meta(pattern=DATE_TIME_PATTERN)]
"""A point in time as the sender wrote it (RFC 3339)."""

Uri = Annotated[str, Meta(pattern=URI_PATTERN)]
"""An absolute URI (RFC 3986)."""

Number = int | float
"""A JSON number; 6 stays 6 and 6.0 stays 6.0."""

Tenths = Annotated[int | float, Meta(extra={"tenths": True})]
"""A number with at most one decimal; `voltherd.ocpp.payload` checks it after decoding."""


class WireType(Struct, kw_only=True, forbid_unknown_fields=True, repr_omit_defaults=True, rename="camel", gc=False):
    """Base of all wire types: closed objects, camelCase on the wire, trees without cycles."""


class CustomDataType(dict[str, Any]):
    """Vendor data beside the fields of the protocol: `vendorId` and anything else, kept as it came."""


class Absent:
    """The type of a field that the negotiated version does not have: no value fits."""


VENDOR_ID_MAX_LENGTH: Final = 255
FOREIGN_FIELD: Final = "Field of another version"


def decode_extra(kind: type, value: Any) -> Any:
    """Hook of the decoders for the types that msgspec does not know.

    Raises:
        ValueError: the value does not fit; `voltherd.ocpp.verdict` reads the text.
    """
    if kind is CustomDataType:
        return _custom_data(value)
    if kind is Absent:
        raise ValueError(FOREIGN_FIELD)
    raise NotImplementedError(kind)


def _custom_data(value: Any) -> CustomDataType:
    if not isinstance(value, dict):
        raise ValueError("Expected `object`, got `other`")
    if "vendorId" not in value:
        raise ValueError("Object missing required field `vendorId`")
    vendor_id = value["vendorId"]
    if not isinstance(vendor_id, str):
        raise ValueError("vendorId: Expected `str`, got `other`")
    if len(vendor_id) > VENDOR_ID_MAX_LENGTH:
        raise ValueError(f"vendorId: Expected `str` of length <= {VENDOR_ID_MAX_LENGTH}")
    return CustomDataType(value)
