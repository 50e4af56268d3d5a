"""Memory: records on SQLite or PostgreSQL, written by group commit, read by queries bound to a tenant."""

from voltherd.store.errors import CannotOpen, NotStorable, StoreError
from voltherd.store.opening import Store, open_store

__all__ = ["CannotOpen", "NotStorable", "Store", "StoreError", "open_store"]
