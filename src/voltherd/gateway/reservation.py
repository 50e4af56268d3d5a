"""Reservations in every version: what is recorded while the station is asked."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from voltherd.domain.errors import AnswerInvalid, CallRefused, NoAnswer, StationError
from voltherd.domain.reservation import Reservation
from voltherd.gateway.routing import Caller

R = TypeVar("R")


async def ask(caller: Caller, asked: Reservation, send: Callable[[], Awaitable[R]]) -> R:
    """Record a reservation as unknown, ask the station, and end the record where it cannot have been made.

    Without an answer the record stays: the function that learns from answers settles it, however late one comes.
    """
    reservations, state = caller.services.reservations, caller.state
    await caller.record(lambda work: reservations.asking(state, work, asked))
    try:
        return await send()
    except (NoAnswer, AnswerInvalid):
        raise
    except StationError as error:
        refusal = str(error) if isinstance(error, CallRefused) else None
        await caller.record(lambda work: reservations.not_made(state, work, asked.reservation_id, refusal))
        raise
