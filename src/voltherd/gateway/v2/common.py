"""What handlers and translations of OCPP 2.0.1 and 2.1 share."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from voltherd.domain.commands import VariableName
from voltherd.domain.device_model import Variable
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.id_token import Authorization
from voltherd.domain.metering import MeterSample, sample
from voltherd.domain.time import format_ms, parse_timestamp
from voltherd.ocpp.v2.types import (
    ComponentType,
    EVSEType,
    IdTokenInfoType,
    IdTokenType,
    MeterValueType,
    SignedMeterValueType,
    VariableType,
)
from voltherd.ocpp.version import OcppVersion
from voltherd.services.clocks import told_instant_ms

MAX_TOKEN: Final = {OcppVersion.V201: 36, OcppVersion.V21: 255}
TYPES_OF_201: Final = frozenset(
    {"Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"}
)
"""Types of tokens in 2.0.1; in 2.1 any text is one."""


def text(value: str | UnsetType) -> str:
    """Give an optional text, empty where it was left out."""
    return value if value is not UNSET else ""


def id_token_info(verdict: Authorization, version: OcppVersion) -> IdTokenInfoType:
    """Put a verdict on the wire, with the token's group where there is one (C01.FR.06).

    A group whose id is too long for the version is left out: cut, it might be another's.
    """
    expires_at_ms, group = verdict.expires_at_ms, verdict.group_id
    if verdict.uncached_at_ms is not None and version is OcppVersion.V21:
        expires_at_ms = verdict.uncached_at_ms
    fits = group and len(group) <= MAX_TOKEN[version]
    return IdTokenInfoType(
        status=verdict.status,
        cache_expiry_date_time=UNSET if expires_at_ms is None else format_ms(expires_at_ms),
        group_id_token=IdTokenType(id_token=group, type=verdict.group_type) if group and fits else UNSET,
    )


def samples(values: Sequence[MeterValueType], received_ms: int, zone: str | None = None) -> list[MeterSample]:
    """Normalise sampled values, each at its reading's instant; the instant of receipt where that cannot be read.

    `zone`: where the station stands, if it writes local time without a zone.
    """
    found: list[MeterSample] = []
    for value in values:
        at_ms = parse_timestamp(value.timestamp) if zone is None else told_instant_ms(value.timestamp, zone)
        if at_ms is None:
            at_ms = received_ms
        for item in value.sampled_value:
            raw, measure, signed = item.value, item.unit_of_measure, item.signed_meter_value
            found.append(
                sample(
                    at_ms,
                    str(raw),
                    item.measurand or "",
                    measure.unit or "" if measure else "",
                    item.phase or "",
                    item.location or "",
                    item.context or "",
                    False,
                    signed.signed_meter_data if signed else None,
                    raw if raw.__class__ is float else None,
                    measure.multiplier or 0 if measure else 0,
                )
            )
            if signed:
                found[-1].signature = _signature(signed)
    return found


def _signature(signed: SignedMeterValueType) -> str:
    said = {
        "signing_method": signed.signing_method,
        "encoding_method": signed.encoding_method,
        "public_key": signed.public_key,
    }
    return msgspec.json.encode({name: value for name, value in said.items() if value is not UNSET}).decode()


def evse_of(evse_id: int | None, connector_id: int | None = None) -> EVSEType | UnsetType:
    """Name an EVSE, and a connector of it; the station as a whole where none is meant. Raises PayloadInvalid."""
    if not evse_id:
        if connector_id:
            raise PayloadInvalid("A connector needs its evse_id.", "OccurrenceConstraintViolation")
        return UNSET
    return EVSEType(id=evse_id, connector_id=connector_id or UNSET)


def component_of(item: VariableName) -> ComponentType:
    """Name a variable's component. Raises PayloadInvalid."""
    if not item.component:
        words = f"Name the component of {item.variable}: in OCPP 2.x every variable has one."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    evse = UNSET if item.evse_id is None else EVSEType(id=item.evse_id, connector_id=_given(item.connector_id))
    return ComponentType(name=item.component, instance=item.component_instance or UNSET, evse=evse)


def variable_of(item: VariableName) -> VariableType:
    """Name a variable."""
    return VariableType(name=item.variable, instance=item.variable_instance or UNSET)


def record_of(station_id: int, component: ComponentType, variable: VariableType, attribute: str) -> Variable:
    """Make the record of one attribute of a variable."""
    evse = component.evse
    evse_no = connector_no = -1
    if evse is not UNSET:
        evse_no = evse.id
        connector_no = evse.connector_id if evse.connector_id is not UNSET else -1
    return Variable(
        station_id=station_id,
        component=component.name,
        component_instance=text(component.instance),
        evse_no=evse_no,
        connector_no=connector_no,
        variable=variable.name,
        variable_instance=text(variable.instance),
        attribute=attribute,
    )


def _given(value: int | None) -> int | UnsetType:
    return UNSET if value is None else value
