"""Retention: what is older than wanted goes, in small batches between the commits of others."""

from msgspec import Struct
from sqlalchemy import bindparam, select

from voltherd.domain.access import ApiKey
from voltherd.domain.message import LoggedMessage
from voltherd.store.access import API_KEYS
from voltherd.store.batch import RemovedKeys
from voltherd.store.group_commit import GroupCommit
from voltherd.store.messages import MESSAGES
from voltherd.store.reading import Query, Reader

BATCH = 500

_m, _k = MESSAGES.table.c, API_KEYS.table.c
_oldest = select(_m.id, _m.at_ms).order_by(_m.id).limit(BATCH).subquery()
OLDEST_MESSAGES = Query(select(_oldest.c.id).where(_oldest.c.at_ms < bindparam("before_ms")))
"""Of the oldest messages those that are old enough: ids grow with time, so younger rows are never looked at."""
EXPIRED_KEYS = Query(select(_k.id).where(_k.expires_at_ms < bindparam("before_ms")).limit(BATCH))


class Pruned(Struct):
    """How many rows went."""

    messages: int = 0
    api_keys: int = 0


async def prune(journal: GroupCommit, reader: Reader, *, messages_before_ms: int, keys_before_ms: int) -> Pruned:
    """Delete logged messages older than an instant and keys that expired before one. Raises StoreUnavailable."""
    return Pruned(
        messages=await _prune(journal, reader, OLDEST_MESSAGES, LoggedMessage, messages_before_ms),
        api_keys=await _prune(journal, reader, EXPIRED_KEYS, ApiKey, keys_before_ms),
    )


async def _prune(journal: GroupCommit, reader: Reader, query: Query, record: type[Struct], before_ms: int) -> int:
    removed = 0
    while keys := (await reader.run([query.statement(reader.dialect, {"before_ms": before_ms})]))[0]:
        await journal.committed([RemovedKeys(record, [tuple(key) for key in keys])])
        removed += len(keys)
    return removed
