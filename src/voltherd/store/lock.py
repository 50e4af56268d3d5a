"""One process per SQLite database: a lock that ends with the process."""

import os
import sys
from pathlib import Path
from typing import IO

from voltherd.store.errors import CannotOpen


class DirectoryLock:
    """Holds `<database>.lock`; raises CannotOpen where another process does."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        try:
            self._file: IO[str] = path.open("a+", encoding="ascii")
        except OSError as error:
            raise CannotOpen(f"The data directory {database.parent} cannot be written: {error.strerror}.") from error
        if not _lock(self._file):
            owner = self._owner()
            self._file.close()
            raise CannotOpen(
                f"{database} is in use by another voltherd process{owner}; stop it or choose another place."
            )
        self._file.seek(0)
        self._file.truncate()
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _owner(self) -> str:
        self._file.seek(0)
        pid = self._file.read(20).strip()
        return f" (process {pid})" if pid.isdigit() else ""

    def release(self) -> None:
        """Let others open the database."""
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        file.seek(1 << 20)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
