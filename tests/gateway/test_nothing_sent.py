"""What is forbidden by what is known here fails with a title that says that the station was asked nothing."""

import msgspec
import pytest

from support.desk import Desk
from voltherd.domain.commands import Command, Outcome, RemoteStop
from voltherd.domain.diagnostics import GetLog
from voltherd.domain.errors import CallRefused, NotFound, NotSent, StationError
from voltherd.domain.local_list import SendLocalList
from voltherd.gateway.routing import Caller, carry_out
from voltherd.services.remote_control import describe

TWICE = {"entries": [{"id_token": "A1"}, {"id_token": "A1"}]}
FORBIDDEN = [
    RemoteStop(transaction_id="4711"),
    msgspec.convert(TWICE, SendLocalList),
    GetLog(),
]


async def forbidden(desk: Desk, command: Command) -> None:
    with pytest.raises(NotSent) as caught:
        await carry_out(desk.routes.translations[type(command)], desk, command)
    assert desk.sent == []
    assert msgspec.json.decode(describe(caught.value))["title"] == "Nothing was sent to the station"


@pytest.mark.parametrize("command", FORBIDDEN, ids=lambda command: command.name)
async def test_nothing_was_sent_to_a_station_of_1_6(v16: Desk, command: Command) -> None:
    await forbidden(v16, command)


@pytest.mark.parametrize("command", FORBIDDEN, ids=lambda command: command.name)
async def test_nothing_was_sent_to_a_station_of_2_x(v2: Desk, command: Command) -> None:
    await forbidden(v2, command)


async def test_what_fails_here_after_a_call_does_not_claim_that_nothing_was_sent(v16: Desk) -> None:
    async def fails_late(caller: Caller, command: Command) -> Outcome:
        v16.sent.append(("Reset", {}))
        raise NotFound("It is gone.")

    with pytest.raises(StationError, match="It is gone") as caught:
        await carry_out(fails_late, v16, RemoteStop(transaction_id="1"))
    assert type(caught.value) is StationError


async def test_what_the_station_refused_stays_its_refusal(v16: Desk) -> None:
    async def refused(caller: Caller, command: Command) -> Outcome:
        raise CallRefused("No.", "GenericError")

    with pytest.raises(CallRefused):
        await carry_out(refused, v16, RemoteStop(transaction_id="1"))
