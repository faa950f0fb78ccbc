"""The store: what was seen, decided, told and is still to be told, on SQLite or PostgreSQL.

Its functions take a connection inside a transaction that the caller holds; they decide nothing about news.
"""

from monitor.store.aio import AsyncStore
from monitor.store.engine import Store
from monitor.store.opening import open_store

__all__ = ["AsyncStore", "Store", "open_store"]
