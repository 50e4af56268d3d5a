"""What a station must not forget: messages that wait for their answer, and documents of its functions.

Messages about transactions are kept until the CSMS has answered, in order, while the line is down and, with
`SqliteStorage`, while the power is off (OCPP 1.6, 3.7 and 4.10; OCPP 2.0.1 E04, E12).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct


class KeptMessage(Struct, kw_only=True):
    """A message with its payload as JSON; `transaction_id` is None where it is about none."""

    number: int
    version: str
    action: str
    payload: bytes
    transaction_id: str | None = None


class Storage(Protocol):
    """Where a station keeps what must survive a restart. Every call is durable when it returns."""

    def messages(self) -> list[KeptMessage]:
        """The messages that wait, in order."""

    def keep_message(self, message: KeptMessage, document: tuple[str, str, bytes] | None = None) -> None:
        """Keep a message until `drop_message`, and with it, all or nothing, a document (room, key, value)."""

    def drop_message(self, number: int) -> None:
        """The message is delivered or given up."""

    def keep(self, room: str, key: str, value: bytes) -> None:
        """Keep a document, in the place of its forerunner."""

    def drop(self, room: str, key: str) -> None:
        """Forget a document; it need not exist."""

    def all(self, room: str) -> dict[str, bytes]:
        """The documents of a room by key."""


class MemoryStorage:
    """Survives a restart of the station, not one of the process."""

    __slots__ = ("_messages", "_rooms")

    def __init__(self) -> None:
        self._messages: dict[int, KeptMessage] | None = None
        self._rooms: dict[str, dict[str, bytes]] | None = None

    def messages(self) -> list[KeptMessage]:
        """The messages that wait, in order."""
        return list(self._messages.values()) if self._messages else []

    def keep_message(self, message: KeptMessage, document: tuple[str, str, bytes] | None = None) -> None:
        """Keep a message until `drop_message`, and a document with it."""
        if self._messages is None:
            self._messages = {}
        self._messages[message.number] = message
        if document is not None:
            self.keep(*document)

    def drop_message(self, number: int) -> None:
        """The message is delivered or given up."""
        if self._messages is not None:
            self._messages.pop(number, None)
            self._messages = self._messages or None

    def keep(self, room: str, key: str, value: bytes) -> None:
        """Keep a document."""
        if self._rooms is None:
            self._rooms = {}
        self._rooms.setdefault(room, {})[key] = value

    def drop(self, room: str, key: str) -> None:
        """Forget a document."""
        documents = self._rooms.get(room) if self._rooms else None
        if self._rooms is not None and documents is not None:
            documents.pop(key, None)
            if not documents:
                del self._rooms[room]

    def all(self, room: str) -> dict[str, bytes]:
        """The documents of a room by key."""
        return dict(self._rooms.get(room, {})) if self._rooms else {}


class SqliteStorage:
    """A small database file; survives a power cut at any moment."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, version TEXT NOT NULL,"
            " action TEXT NOT NULL, payload BLOB NOT NULL, transaction_id TEXT)"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS document (room TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
            " PRIMARY KEY (room, key)) WITHOUT ROWID"
        )

    def messages(self) -> list[KeptMessage]:
        """The messages that wait, in order."""
        rows = self._db.execute("SELECT number, version, action, payload, transaction_id FROM message ORDER BY 1")
        return [KeptMessage(number=n, version=v, action=a, payload=p, transaction_id=t) for n, v, a, p, t in rows]

    def keep_message(self, message: KeptMessage, document: tuple[str, str, bytes] | None = None) -> None:
        """Keep a message until `drop_message`, and with it, all or nothing, a document."""
        self._db.execute("BEGIN")
        self._db.execute("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?)", msgspec.structs.astuple(message))
        if document is not None:
            self._db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", document)
        self._db.execute("COMMIT")

    def drop_message(self, number: int) -> None:
        """The message is delivered or given up."""
        self._db.execute("DELETE FROM message WHERE number = ?", (number,))

    def keep(self, room: str, key: str, value: bytes) -> None:
        """Keep a document."""
        self._db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (room, key, value))

    def drop(self, room: str, key: str) -> None:
        """Forget a document."""
        self._db.execute("DELETE FROM document WHERE room = ? AND key = ?", (room, key))

    def all(self, room: str) -> dict[str, bytes]:
        """The documents of a room by key."""
        return dict(self._db.execute("SELECT key, value FROM document WHERE room = ? ORDER BY key", (room,)))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
