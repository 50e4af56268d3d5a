"""What a station must not forget: messages about transactions, and the transactions themselves.

They are kept until the CSMS has answered, in order, while the line is down and, with `SqliteJournal`,
while the power is off (OCPP 1.6, 3.7 and 4.10; OCPP 2.0.1 E04, E12).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from voltherd.station.evse import Transaction


class KeptMessage(Struct, kw_only=True):
    """A message about a transaction, with its payload as JSON."""

    number: int
    version: str
    action: str
    payload: bytes
    transaction_id: str


class Journal(Protocol):
    """Where a station keeps what must survive a restart."""

    def load(self) -> tuple[list[KeptMessage], list[Transaction]]:
        """What was kept, messages in order."""

    def keep_message(self, message: KeptMessage) -> None:
        """Keep a message until `drop_message`."""

    def drop_message(self, number: int) -> None:
        """The message is delivered or given up."""

    def keep_transaction(self, transaction: Transaction) -> None:
        """Keep the present state of a transaction."""

    def drop_transactions(self, ids: Iterable[str]) -> None:
        """Nothing more is to be said about these."""


class MemoryJournal:
    """Forgets everything with the process; the queue itself lives in the station."""

    def load(self) -> tuple[list[KeptMessage], list[Transaction]]:
        """Nothing."""
        return [], []

    def keep_message(self, message: KeptMessage) -> None:
        """Nothing to do."""

    def drop_message(self, number: int) -> None:
        """Nothing to do."""

    def keep_transaction(self, transaction: Transaction) -> None:
        """Nothing to do."""

    def drop_transactions(self, ids: Iterable[str]) -> None:
        """Nothing to do."""


class SqliteJournal:
    """A small database file; every call is on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, version TEXT NOT NULL,"
            " action TEXT NOT NULL, payload BLOB NOT NULL, transaction_id TEXT NOT NULL)"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS charging (id TEXT PRIMARY KEY, state BLOB NOT NULL)")

    def load(self) -> tuple[list[KeptMessage], list[Transaction]]:
        """What was kept, messages in order."""
        rows = self._db.execute("SELECT number, version, action, payload, transaction_id FROM message ORDER BY 1")
        messages = [KeptMessage(number=n, version=v, action=a, payload=p, transaction_id=t) for n, v, a, p, t in rows]
        states = self._db.execute("SELECT state FROM charging").fetchall()
        return messages, [msgspec.json.decode(state, type=Transaction) for (state,) in states]

    def keep_message(self, message: KeptMessage) -> None:
        """Keep a message until `drop_message`."""
        self._db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", msgspec.structs.astuple(message))

    def drop_message(self, number: int) -> None:
        """The message is delivered or given up."""
        self._db.execute("DELETE FROM message WHERE number = ?", (number,))

    def keep_transaction(self, transaction: Transaction) -> None:
        """Keep the present state of a transaction."""
        state = msgspec.json.encode(transaction)
        self._db.execute("INSERT OR REPLACE INTO charging VALUES (?, ?)", (transaction.id, state))

    def drop_transactions(self, ids: Iterable[str]) -> None:
        """Nothing more is to be said about these."""
        self._db.executemany("DELETE FROM charging WHERE id = ?", [(i,) for i in ids])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
