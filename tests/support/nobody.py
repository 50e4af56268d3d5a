"""Doing something as a user who may not write everywhere, also where the tests run as root."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def unwritable_directory() -> Iterator[Path]:
    """Give a directory that the process may read but not write, as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="voltherd-unwritable-") as made:
        directory = Path(made)
        directory.chmod(0o555)
        was = os.geteuid()
        if was == 0:
            os.seteuid(NOBODY)
        try:
            yield directory
        finally:
            os.seteuid(was)
            directory.chmod(0o755)
