"""Stores stations and their transactions until it is killed; writes each id once it is stored."""

import asyncio
import os
import sys

from voltherd.domain.station import Station
from voltherd.domain.transaction import Transaction
from voltherd.store import open_store


async def main(url: str, number: int) -> None:
    store = await open_store(url)
    os.write(1, b"ready\n")
    while True:
        for _ in range(20):
            store.journal.commit(
                [
                    Station(id=number, identity=f"CS{number:09}"),
                    Transaction(
                        id=number,
                        station_id=number,
                        transaction_id="1",
                        evse_no=1,
                        connector_no=1,
                        started_at_ms=number,
                        started_received_ms=number,
                    ),
                ],
                lambda error, number=number: os.write(1, b"%d\n" % number) if error is None else os._exit(1),
            )
            number += 1
        await asyncio.sleep(0.002)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
