"""Configuration keys of OCPP 1.6: kept in the device model under one component."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import UNSET

from voltherd.domain.commands import GetReport, GetVariables, Outcome, SetVariables, VariableName
from voltherd.domain.device_model import OCPP16_COMPONENT, ApplyState, Variable
from voltherd.domain.errors import NotSupportedByVersion
from voltherd.domain.events import ReportCompleted
from voltherd.gateway.routing import Caller
from voltherd.gateway.translating import parts, read_outcome, some, written_outcome
from voltherd.gateway.v16.common import text
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import (
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    GetConfigurationRequest,
    GetConfigurationResponse,
)
from voltherd.ocpp.v16.types import KeyValue
from voltherd.services.device_model import is_secret
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import Work

_APPLIED: Final[dict[str, ApplyState]] = {
    "Accepted": "applied",
    "RebootRequired": "reboot_required",
    "NotSupported": "unknown_to_station",
}
"""Everything else is `rejected`."""


@routes.translate
async def get_variables(caller: Caller, command: GetVariables) -> Outcome:
    """Read configuration keys (OCPP 1.6 5.8), not more at once than the station takes; none named: all."""
    keys = [_key(item) for item in command.variables]
    results: list[dict[str, Any]] = []
    unknown: list[str] = []
    for part in parts(keys, max_items=caller.state.station.items_per_message) if keys else [[]]:
        answer = await _read(caller, part)
        await caller.record(_reading(caller, answer))
        results.extend(_result(item) for item in _items(answer))
        unknown.extend(answer.unknown_key if answer.unknown_key is not UNSET else ())
    return read_outcome(results, unknown)


@routes.translate
async def get_report(caller: Caller, command: GetReport) -> Outcome:
    """Read all configuration keys; the answer is the whole report."""
    answer = await _read(caller, [])

    def record(work: Work) -> None:
        count = _record(caller, work, answer)
        observe(caller.state, work, ReportCompleted(caller.request_id, count))

    await caller.record(record)
    return read_outcome([_result(item) for item in _items(answer)], [])


@routes.translate
async def set_variables(caller: Caller, command: SetVariables) -> Outcome:
    """Write configuration keys one by one (OCPP 1.6 5.3), each recorded as soon as it is answered."""
    wanted = [(_key(item), item.value) for item in some(command.variables)]
    results: list[dict[str, Any]] = []
    for key, value in wanted:
        request = ChangeConfigurationRequest(key=key, value=value)
        status = (await caller.call(request, ChangeConfigurationResponse)).status
        await caller.record(_writing(caller, key, value, status))
        results.append({"component": OCPP16_COMPONENT, "variable": key, "status": status})
    return written_outcome(results)


async def _read(caller: Caller, keys: list[str]) -> GetConfigurationResponse:
    return await caller.call(GetConfigurationRequest(key=keys or UNSET), GetConfigurationResponse)


def _items(answer: GetConfigurationResponse) -> Iterable[KeyValue]:
    return answer.configuration_key if answer.configuration_key is not UNSET else ()


def _reading(caller: Caller, answer: GetConfigurationResponse) -> Callable[[Work], None]:
    def record(work: Work) -> None:
        _record(caller, work, answer)

    return record


def _record(caller: Caller, work: Work, answer: GetConfigurationResponse) -> int:
    found = (_reported(caller.state, item) for item in _items(answer))
    return caller.services.device_model.reported(caller.state, work, found)


def _writing(caller: Caller, key: str, value: str, status: str) -> Callable[[Work], None]:
    variable = _variable(caller.state, key)
    variable.desired_value, variable.apply_state = value, _APPLIED.get(status, "rejected")

    def record(work: Work) -> None:
        caller.services.device_model.wanted(caller.state, work, variable)

    return record


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
