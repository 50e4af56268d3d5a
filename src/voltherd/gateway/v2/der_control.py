"""DER control in OCPP 2.1."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, Struct

from voltherd.domain.commands import Outcome
from voltherd.domain.der_control import ClearDerControl, GetDerControl, SetDerControl, problem_of
from voltherd.domain.der_types import FIELD_OF
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.time import parse_timestamp, plausible_ms
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome
from voltherd.gateway.v2.common import text
from voltherd.gateway.v2.mirror import plain, to_wire
from voltherd.gateway.v2.routes import routes
from voltherd.gateway.v2.tariff import require_21
from voltherd.ocpp.v2 import (
    ClearDERControlRequest,
    ClearDERControlResponse,
    GetDERControlRequest,
    GetDERControlResponse,
    NotifyDERAlarmRequest,
    NotifyDERAlarmResponse,
    NotifyDERStartStopRequest,
    NotifyDERStartStopResponse,
    ReportDERControlRequest,
    ReportDERControlResponse,
    SetDERControlRequest,
    SetDERControlResponse,
)
from voltherd.services.der_control import Match, Reported

_REPORTED = {
    "curve": "",
    "enter_service": "EnterService",
    "fixed_pf_absorb": "FixedPFAbsorb",
    "fixed_pf_inject": "FixedPFInject",
    "fixed_var": "FixedVar",
    "freq_droop": "FreqDroop",
    "gradient": "Gradients",
    "limit_max_discharge": "LimitMaxDischarge",
}
"""Lists of a report and the type of what is in them; curves say theirs."""
_MEMBER = {"fixed_pf_absorb": "fixed_pf", "fixed_pf_inject": "fixed_pf"}
"""Where the settings of an item have another name than its list."""


@routes.translate
async def set_der_control(caller: Caller, command: SetDerControl) -> Outcome:
    """Set a grid rule (R04). What the station would have to reject is not sent (R04.FR.12, .14, .16)."""
    require_21(caller, command)
    problem = problem_of(command)
    if problem is not None:
        raise PayloadInvalid(f"{problem}.", "PropertyConstraintViolation")
    answer = await caller.call(to_wire(SetDERControlRequest, command, "command"), SetDERControlResponse)
    return outcome(answer)


@routes.learn
def der_control_set(here: Here, request: SetDERControlRequest, response: SetDERControlResponse) -> None:
    """Record which rule holds now, and which are superseded."""
    name = FIELD_OF.get(request.control_type, "curve")
    settings = getattr(request, name)
    rule = Reported(
        request.control_id,
        request.control_type,
        request.is_default,
        False,
        {} if settings is UNSET else plain(settings),
    )
    superseded = response.superseded_ids
    here.services.der_control.set(
        here.state,
        here.work,
        rule,
        answer=response.status,
        superseded_ids=() if superseded is UNSET else superseded,
    )


@routes.translate
async def get_der_control(caller: Caller, command: GetDerControl) -> Outcome:
    """Ask for the grid rules; that there are none is an answer too (R04.FR.30)."""
    require_21(caller, command)
    request = GetDERControlRequest(
        request_id=caller.request_id,
        is_default=UNSET if command.is_default is None else command.is_default,
        control_type=command.control_type or UNSET,
        control_id=command.control_id or UNSET,
    )
    return outcome(await caller.call(request, GetDERControlResponse), accepted=("Accepted", "NotFound"))


@routes.learn
def der_control_asked(here: Here, request: GetDERControlRequest, response: GetDERControlResponse) -> None:
    """Note which report is to come, or that there is nothing."""
    here.services.der_control.asked(here.state, here.work, request.request_id, _match(request), answer=response.status)


@routes.translate
async def clear_der_control(caller: Caller, command: ClearDerControl) -> Outcome:
    """Remove grid rules (R04.FR.41 to .46)."""
    require_21(caller, command)
    request = ClearDERControlRequest(
        is_default=command.is_default,
        control_type=command.control_type or UNSET,
        control_id=command.control_id or UNSET,
    )
    return outcome(await caller.call(request, ClearDERControlResponse))


@routes.learn
def der_control_cleared(here: Here, request: ClearDERControlRequest, response: ClearDERControlResponse) -> None:
    """Record which rules are gone."""
    here.services.der_control.cleared(here.state, here.work, _match(request), answer=response.status)


def _match(request: GetDERControlRequest | ClearDERControlRequest) -> Match:
    return Match(
        None if request.is_default is UNSET else request.is_default,
        None if request.control_type is UNSET else request.control_type,
        None if request.control_id is UNSET else request.control_id,
    )


@routes.handle()
def report_der_control(here: Here, request: ReportDERControlRequest) -> ReportDERControlResponse:
    """Record a part of a report (R04.FR.31, .32)."""
    here.services.der_control.report(
        here.state, here.work, request.request_id, list(_rules(request)), last=request.tbc is not True
    )
    return ReportDERControlResponse()


def _rules(request: ReportDERControlRequest) -> Iterator[Reported]:
    for name, control_type in _REPORTED.items():
        items: Any = getattr(request, name)
        for item in () if items is UNSET else items:
            yield _rule(item, name, control_type)


def _rule(item: Struct, name: str, control_type: str) -> Reported:
    said = plain(item)
    settings: dict[str, Any] = said[_MEMBER.get(name, name)]
    return Reported(
        said["id"],
        control_type or said["curve_type"],
        said.get("is_default", True),
        said.get("is_superseded", False),
        settings,
    )


@routes.handle()
def notify_der_start_stop(here: Here, request: NotifyDERStartStopRequest) -> NotifyDERStartStopResponse:
    """Record that a scheduled rule began or ended (R04.FR.20 to .22)."""
    superseded = request.superseded_ids
    here.services.der_control.started(
        here.state,
        here.work,
        request.control_id,
        plausible_ms(parse_timestamp(request.timestamp), here.work.now_ms),
        began=request.started,
        superseded_ids=() if superseded is UNSET else superseded,
    )
    return NotifyDERStartStopResponse()


@routes.handle()
def notify_der_alarm(here: Here, request: NotifyDERAlarmRequest) -> NotifyDERAlarmResponse:
    """Record that a rule overrules charging, or does so no more (R05)."""
    fault = request.grid_event_fault
    here.services.der_control.alarm(
        here.state,
        here.work,
        request.control_type,
        "" if fault is UNSET else fault,
        plausible_ms(parse_timestamp(request.timestamp), here.work.now_ms),
        text(request.extra_info),
        ended=request.alarm_ended is True,
    )
    return NotifyDERAlarmResponse()
