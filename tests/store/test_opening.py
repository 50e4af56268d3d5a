"""What cannot be opened is told in one clear line; one directory belongs to one process."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store.samples import station
from support.nobody import unwritable_directory
from support.postgres import Postgres
from voltherd.domain.errors import StoreUnavailable, VoltherdError
from voltherd.store import CannotOpen, open_store
from voltherd.store.mapping import TABLES


async def refused(url: str) -> str:
    with pytest.raises(VoltherdError) as caught:
        await open_store(url)
    assert isinstance(caught.value, (CannotOpen, StoreUnavailable))
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith((".", "place."))
    return text


async def test_the_directory_is_made(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/some where/d%20e#?/v.db".replace("?", "%3F"))
    await store.journal.committed([station("CS1", 1)])
    assert await store.records.station(1, "CS1")
    await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
async def test_only_the_owner_reads_what_is_made(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = await open_store(f"sqlite:///{tmp_path}/data/v.db")
        await store.journal.committed([station("CS1", 1)])
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").glob("v.db*")}
        await store.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    del found["v.db.lock"]
    assert found == {"v.db": 0o600, "v.db-wal": 0o600, "v.db-shm": 0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
async def test_the_modes_of_a_directory_that_is_there_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    await (await open_store(f"sqlite:///{tmp_path}/v.db")).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "", "sqlite://", "sqlite:///", "sqlite:///:memory:"])
async def test_a_wrong_url_is_told(url: str) -> None:
    assert "database URL" in await refused(url)


async def test_a_password_is_not_told() -> None:
    assert "secret" not in await refused("mysql://me:secret@host/db")


async def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made" in await refused(f"sqlite:///{tmp_path}/file/v.db")


async def test_a_directory_that_cannot_be_written_is_told() -> None:
    with unwritable_directory() as directory:
        assert "cannot be written" in await refused(f"sqlite:///{directory}/v.db")


async def test_a_path_that_is_a_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "v.db").mkdir()
    assert "cannot be opened" in await refused(f"sqlite:///{tmp_path}/v.db")


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "v.db").write_text("no database at all\n" * 100)
    assert "cannot be opened as an SQLite database" in await refused(f"sqlite:///{tmp_path}/v.db")
    (tmp_path / "v.db").unlink()
    await (await open_store(f"sqlite:///{tmp_path}/v.db")).close()


async def test_a_directory_in_use_is_told_with_the_process_that_uses_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/v.db"
    store = await open_store(url)
    code = f"import asyncio; from voltherd.store import open_store; asyncio.run(open_store({url!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert other.returncode == 1
    assert f"in use by another voltherd process (process {os.getpid()})" in other.stderr.splitlines()[-1]
    await store.journal.committed([station("CS1", 1)])
    await store.close()
    await (await open_store(url)).close()


async def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/v.db"
    code = (
        "import asyncio, os\nfrom voltherd.store import open_store\n"
        f"async def main():\n    await open_store({url!r})\n    os._exit(9)\nasyncio.run(main())"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 9
    await (await open_store(url)).close()


async def test_a_postgresql_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "PostgreSQL cannot be used" in await refused(f"postgresql://me@/db?host={tmp_path}")
    assert "PostgreSQL cannot be used" in await refused("postgresql://me:secret@127.0.0.1:1/db")


async def test_a_postgresql_database_that_does_not_exist_is_told(postgres: Postgres) -> None:
    assert "does not exist" in await refused(postgres.url("nowhere"))


async def test_durability_none_does_not_wait_for_the_disk(tmp_path: Path, postgres: Postgres) -> None:
    for url in (f"sqlite:///{tmp_path}/v.db", await postgres.fresh_database()):
        store = await open_store(url, durability="none")
        await store.journal.committed([station("CS1", 1)])
        assert len(await store.records.all_stations(1)) == 1
        await store.close()


def test_every_table_is_of_one_record() -> None:
    names = [table.table.name for table in TABLES.values()]
    assert len(names) == len(set(names))
