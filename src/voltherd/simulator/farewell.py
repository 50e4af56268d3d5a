"""The end of a fleet: everybody leaves, and what there is to tell is told."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from voltherd.simulator.station import SimulatedStation


async def send_home(stations: Collection[SimulatedStation], patience_s: float) -> None:
    """End the sessions of all stations that are online, and wait until their messages are delivered.

    Given up when for `patience_s` real seconds no session has ended and no message was delivered.
    """
    loop = asyncio.get_running_loop()
    shown: set[str] = set()
    least, give_up_at = None, loop.time() + patience_s
    while (left := sum(_left(station, shown) for station in stations)) and loop.time() < give_up_at:
        if least is None or left < least:
            least, give_up_at = left, loop.time() + patience_s
        await asyncio.sleep(0.05)


def _left(station: SimulatedStation, shown: set[str]) -> int:
    """How many sessions, messages and open questions are not at their end; drivers who are still there leave."""
    if not station.has_power or not station.core.is_online:
        return 0
    sessions = 0
    if not station.config.swaps_batteries:
        sessions = sum(_goes_on(station, evse_id, shown) for evse_id in station.hardware)
    return sessions + station.core.outbox.kept_count + station.core.awaits_answer


def _goes_on(station: SimulatedStation, evse_id: int, shown: set[str]) -> bool:
    """Pull the plug; where there is none, show the card again, once. Whether a transaction goes on all the same."""
    if station.hardware[evse_id].car is not None:
        station.unplug(evse_id)
    transaction = station.core.evses[evse_id].transaction
    if transaction is not None and transaction.token is not None and transaction.id not in shown:
        shown.add(transaction.id)
        station.core.charging.presented(evse_id, transaction.token, station.clock.now())
        station.pump()
    return station.core.evses[evse_id].transaction is not None
