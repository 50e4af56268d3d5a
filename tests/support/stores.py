"""Stores for tests: the schema is migrated once per process, then copied, which takes a fortieth of the time."""

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

from voltherd.store import Store, open_store

_templates: list[Path] = []


async def fresh_store(path: Path, **options: Any) -> Store:
    """Open a store in a new SQLite file, as `open_store` does; one that is there already stays as it is."""
    if not path.exists():
        shutil.copyfile(await _template(), path)
    return await open_store(f"sqlite:///{path}", **options)


async def _template() -> Path:
    if not _templates:
        folder = Path(tempfile.mkdtemp(prefix="voltherd-template-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        await (await open_store(f"sqlite:///{folder}/empty.db")).close()
        _templates.append(folder / "empty.db")
    return _templates[0]
