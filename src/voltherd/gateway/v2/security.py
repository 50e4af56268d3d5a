"""Security in OCPP 2.0.1 and 2.1: the station's password."""

from voltherd.domain.commands import NO_ANSWER, Outcome
from voltherd.gateway.routing import Caller
from voltherd.ocpp.v2 import SetVariablesRequest, SetVariablesResponse
from voltherd.ocpp.v2.types import ComponentType, SetVariableDataType, VariableType


async def set_password(caller: Caller, password: str) -> Outcome:
    """Set the password of Basic auth, as text (A01). Only `Accepted` makes it valid (A01.FR.03, A01.FR.04)."""
    wanted = SetVariableDataType(
        component=ComponentType(name="SecurityCtrlr"),
        variable=VariableType(name="BasicAuthPassword"),
        attribute_value=password,
    )
    answer = await caller.call(SetVariablesRequest(set_variable_data=[wanted]), SetVariablesResponse)
    named = ("securityctrlr", "basicauthpassword")
    results = [
        item
        for item in answer.set_variable_result
        if (item.component.name.casefold(), item.variable.name.casefold()) == named
    ]
    status = results[0].attribute_status if results else NO_ANSWER
    return Outcome(accepted=status == "Accepted", status=status, answer={"status": status})
