"""Configuration keys of OCPP 1.6: kept in the device model under one component."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import UNSET

from voltherd.domain.commands import NO_ANSWER, GetReport, GetVariables, Outcome, SetVariables, VariableName
from voltherd.domain.device_model import OCPP16_COMPONENT, ApplyState, Variable
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.events import ReportCompleted
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import check_writable, parts, read_outcome, some, written_outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    GetConfigurationRequest,
    GetConfigurationResponse,
)
from voltherd.ocpp.v16.types import KeyValue
from voltherd.services.device_model import is_secret, items_per_message
from voltherd.services.effects import observe
from voltherd.services.state import StationState

_APPLIED: Final[dict[str, ApplyState]] = {
    "Accepted": "applied",
    "RebootRequired": "reboot_required",
    "NotSupported": "unknown_to_station",
}
"""Everything else is `rejected`."""
MEASURAND_KEYS: Final = frozenset(
    {"metervaluessampleddata", "metervaluesaligneddata", "stoptxnsampleddata", "stoptxnaligneddata"}
)
"""Keys that hold lists of measurands, in lower case."""


@routes.translate
async def get_variables(caller: Caller, command: GetVariables) -> Outcome:
    """Read configuration keys (OCPP 1.6 5.8), not more at once than the station takes; none named: all."""
    keys = [_key(item) for item in command.variables]
    results: list[dict[str, Any]] = []
    unknown: list[str] = []
    for part in parts(keys, max_items=items_per_message(caller.state)) if keys else [[]]:
        answer = await _read(caller, part)
        results.extend(_result(item) for item in _items(answer))
        not_known = answer.unknown_key if answer.unknown_key is not UNSET else []
        unknown.extend(not_known)
        said = {key.casefold() for key in (*not_known, *(item.key for item in _items(answer)))}
        results.extend(_left_out(key) for key in part if key.casefold() not in said)
    return read_outcome(results, unknown)


@routes.translate
async def get_report(caller: Caller, command: GetReport) -> Outcome:
    """Read all configuration keys; the answer is the whole report, and one without a key is none."""
    answer = await _read(caller, [])
    found = [_result(item) for item in _items(answer)]
    if found:
        await caller.record(lambda work: observe(caller.state, work, ReportCompleted(caller.request_id, len(found))))
    return read_outcome(found, [])


@routes.translate
async def set_variables(caller: Caller, command: SetVariables) -> Outcome:
    """Write configuration keys one by one (OCPP 1.6 5.3), each recorded as soon as it is answered.

    What the station would refuse by its own report is not sent, unless forced.
    """
    wanted = [(_key(item), item.value) for item in some(command.variables)]
    await check_writable(caller, command)
    return written_outcome([await _write(caller, key, value) for key, value in wanted])


async def _write(caller: Caller, key: str, value: str) -> dict[str, Any]:
    named: dict[str, Any] = {"component": OCPP16_COMPONENT, "variable": key}
    one_by_one = caller.state.quirks.measurands_one_by_one and key.casefold() in MEASURAND_KEYS and "," in value
    if not one_by_one:
        return {**named, "status": await _change(caller, key, value)}
    taken, status = await _collect(caller, key, [item.strip() for item in value.split(",") if item.strip()])
    return {**named, "status": status, "value": ",".join(taken)}


async def _change(caller: Caller, key: str, value: str) -> str:
    return (await caller.call(ChangeConfigurationRequest(key=key, value=value), ChangeConfigurationResponse)).status


async def _collect(caller: Caller, key: str, measurands: list[str]) -> tuple[list[str], str]:
    """Add one measurand after another, each tried once, and keep those that the station takes (interop trap 13).

    `Accepted` only where all were; what the station has in the end is what it took last.
    """
    taken: list[str] = []
    statuses: list[str] = []
    for measurand in dict.fromkeys(measurands):
        status = await _change(caller, key, ",".join([*taken, measurand]))
        statuses.append(status)
        if status in ("Accepted", "RebootRequired"):
            taken.append(measurand)
        if status == "NotSupported":
            return [], status
    refused = [status for status in statuses if status not in ("Accepted", "RebootRequired")]
    return taken, refused[0] if refused else max(statuses, key=("Accepted", "RebootRequired").index)


async def _read(caller: Caller, keys: list[str]) -> GetConfigurationResponse:
    return await caller.call(GetConfigurationRequest(key=keys or UNSET), GetConfigurationResponse)


def _items(answer: GetConfigurationResponse) -> Iterable[KeyValue]:
    return answer.configuration_key if answer.configuration_key is not UNSET else ()


@routes.learn
def configuration_read(here: Here, request: GetConfigurationRequest, response: GetConfigurationResponse) -> None:
    """Record the keys that were read (OCPP 1.6 5.8)."""
    found = (_reported(here.state, item) for item in _items(response))
    here.services.device_model.reported(here.state, here.work, found)


@routes.learn
def configuration_changed(
    here: Here, request: ChangeConfigurationRequest, response: ChangeConfigurationResponse
) -> None:
    """Record what the station said to a wish (OCPP 1.6 5.3)."""
    variable = _variable(here.state, request.key)
    variable.desired_value, variable.apply_state = request.value, _APPLIED.get(response.status, "rejected")
    here.services.device_model.wanted(here.state, here.work, variable)
    if variable.apply_state in ("applied", "reboot_required"):
        _credentials(here, request.key, request.value)


def _credentials(here: Here, key: str, value: str) -> None:
    credentials = here.services.credentials
    if is_secret(OCPP16_COMPONENT, key):
        credentials.password_taken(here.state, here.work, value.encode())
    elif key.strip().casefold() == "securityprofile" and value.strip().isdecimal():
        credentials.profile_taken(here.state, here.work, int(value))


def _reported(state: StationState, item: KeyValue) -> Variable:
    variable = _variable(state, item.key)
    variable.actual_value = text(item.value)
    variable.mutability = "ReadOnly" if item.readonly else "ReadWrite"
    return variable


def _result(item: KeyValue) -> dict[str, Any]:
    secret = is_secret(OCPP16_COMPONENT, item.key)
    return {
        "component": OCPP16_COMPONENT,
        "variable": item.key,
        "status": "Accepted",
        "value": None if secret else text(item.value),
        "readonly": item.readonly,
    }


def _left_out(key: str) -> dict[str, Any]:
    return {"component": OCPP16_COMPONENT, "variable": key, "status": NO_ANSWER, "value": None}


def _variable(state: StationState, key: str) -> Variable:
    return Variable(station_id=state.station.id, component=OCPP16_COMPONENT, variable=key)


def _key(item: VariableName) -> str:
    """Give the configuration key that a variable names. Raises NotSupportedByVersion for what 1.6 cannot name."""
    elsewhere = item.component_instance or item.variable_instance or item.evse_id or item.connector_id
    if item.component not in ("", OCPP16_COMPONENT) or elsewhere or item.attribute not in (None, "Actual"):
        raise NotSupportedByVersion(
            f"OCPP 1.6 has configuration keys only: name {item.variable} without component, instance and attribute."
        )
    return item.variable
