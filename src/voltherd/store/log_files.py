"""Files that stations upload: each in a place made beforehand, named by a secret that is taken once."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from voltherd.domain.diagnostics import upload_name
from voltherd.domain.errors import Invalid, NotFound, StoreUnavailable

MAX_BYTES: Final = 64 * 1024 * 1024
"""A larger file is refused."""
MAX_FILES: Final = 500
"""The oldest files go when there are more."""
PLACE_HOLDS_S: Final = 7 * 24 * 3600
"""So long a place waits for its file."""
_FREE, _PART = ".free", ".part"


class LogFileStore:
    """Implements `services.ports.LogFiles` in a directory."""

    def __init__(self, directory: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes

    async def reserve(self) -> str:
        """Make a place and give its secret. Raises StoreUnavailable."""
        secret = secrets.token_urlsafe(32)
        await asyncio.to_thread(self._reserve, upload_name(secret))
        return secret

    def _reserve(self, name: str) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._tidy()
            (self._directory / (name + _FREE)).touch(mode=0o600)
        except OSError as error:
            raise StoreUnavailable(f"No place for a log can be made: {error.strerror}.") from error

    def _tidy(self) -> None:
        old = time.time() - PLACE_HOLDS_S
        aged = sorted((path.stat().st_mtime, path) for path in self._directory.iterdir())
        for modified, path in aged:
            if path.suffix in (_FREE, _PART) and modified < old:
                path.unlink(missing_ok=True)
        files = [path for _, path in aged if not path.suffix]
        for path in files[: max(0, len(files) - MAX_FILES + 1)]:
            path.unlink(missing_ok=True)

    async def receive(self, secret: str, chunks: AsyncIterator[bytes]) -> None:
        """Take a file; its place is gone then, and free again where it did not come as a whole.

        Raises NotFound where the secret names no free place, Invalid where the file is too large, StoreUnavailable.
        """
        name = upload_name(secret)
        free, part = self._directory / (name + _FREE), self._directory / (name + _PART)
        try:
            free.rename(part)
        except OSError:
            raise NotFound("There is no place for a log here, or its file has come already.") from None
        try:
            await self._write(part, chunks)
            part.rename(self._directory / name)
        except BaseException:
            part.write_bytes(b"")
            part.rename(free)
            raise

    async def _write(self, path: Path, chunks: AsyncIterator[bytes]) -> None:
        size = 0
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_bytes:
                    raise Invalid(f"A log has at most {self._max_bytes} bytes.")
                try:
                    await asyncio.to_thread(file.write, chunk)
                except OSError as error:
                    raise StoreUnavailable(f"The log cannot be kept: {error.strerror}.") from error

    def find(self, name: str) -> Path | None:
        """Give the file that was uploaded under a name; None: nothing came yet, or it is gone again."""
        path = self._directory / name
        return path if name.isalnum() and path.is_file() else None
