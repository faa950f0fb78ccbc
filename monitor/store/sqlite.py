"""SQLite's side of the store: its file, its pragmas, the service's lock beside it, and what its errors mean.

It knows no table; PostgreSQL's side stands in postgres.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, create_engine, event, make_url, text

from monitor.errors import StoreError
from monitor.store.backup import APPLICATION_ID, before_upgrade, copies
from monitor.store.engine import Store

#: File systems whose locks SQLite cannot trust (https://www.sqlite.org/faq.html, question 5).
NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "ceph", "glusterfs"})
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was told to the world survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 10_000,  # ms
    "journal_size_limit": 67_108_864,  # bytes: the WAL shrinks back to 64 MB
}


class SqliteStore(Store):
    """A file of ours; one service at a time holds it."""

    def __init__(self, url: str) -> None:
        engine = create_engine(url, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        super().__init__(url, engine)
        self._lock: IO[str] | None = None

    @property
    def path(self) -> Path | None:
        database = make_url(self.url).database
        return Path(database) if database else None

    @property
    def where(self) -> str:
        return str(self.path)

    def lock(self, *, is_shared: bool = False) -> None:
        """A file has one service, whether or not it would share."""
        if self.path is None:
            return
        handle = Path(f"{self.path}.lock").open("a+")  # noqa: SIM115  held as long as the process lives
        if not _take(handle):
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            handle.close()
            held = f"the store {self.path} is held by a running service (pid {holder})"
            message = f"{held}; stop it first, or ask it with 'monitor status'"
            raise StoreError(message)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._lock = handle

    def is_held(self) -> bool:
        if self.path is None or not Path(f"{self.path}.lock").exists():
            return False
        with Path(f"{self.path}.lock").open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
            return False

    def close(self) -> None:
        super().close()
        if self._lock:
            self._lock.close()
            self._lock = None

    def keep_copy(self, revision: str) -> str:
        if self.path is None:
            return ""
        copy = before_upgrade(self.path, revision)
        return (
            f"{copy} is its copy of before; the way back: stop the service, remove {self.path} and {self.path}-wal, "
            f"rename the copy to {self.path.name}, install the version of before"
        )

    def way_back(self, known: Collection[str]) -> str:
        mine = [one for one in (copies(self.path) if self.path else []) if one.name.rpartition("-")[2] in known]
        return f"put the copy {mine[-1]} of before in its place" if mine else ""

    def is_ours(self, connection: Connection) -> bool:
        return bool(connection.execute(text("PRAGMA application_id")).scalar_one() == APPLICATION_ID)

    def mark(self, connection: Connection, *, is_migrated: bool) -> None:
        connection.execute(text(f"PRAGMA application_id={APPLICATION_ID}"))

    def said(self, cause: str, code: str | None) -> str | None:
        if "locked" in cause:
            return f"the store {self.where} is locked by another program; close it and try again"
        if "full" in cause or "No space left" in cause:
            return f"the disk of the store {self.where} is full; make room, nothing accepted so far is lost"
        if "readonly" in cause or "read-only" in cause:
            return f"the store {self.where} is read-only for this user; run as its owner"
        if "malformed" in cause or "not a database" in cause:
            return f"the store {self.where} is damaged ({cause}); restore a backup, or move it away to begin anew"
        return None


def _take(handle: IO[str]) -> bool:
    """The lock, within a second: whoever only asks whether it is held (`is_held`) has it for a moment."""
    for _ in range(20):
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def become_owner(path: Path) -> None:
    """As root, turn into the user who owns the store (or its folder): no file of another owner is to appear in it."""
    if os.geteuid() != 0:
        return
    owned = path if path.exists() else path.parent
    if owned.exists() and (status := owned.stat()).st_uid != 0:
        os.setgroups([])
        os.setgid(status.st_gid)
        os.setuid(status.st_uid)


def check_file(path: Path, *, create: bool) -> None:
    """Raises StoreError where there is none and none may be made."""
    become_owner(path)
    if (kind := network_filesystem(path)) is not None:
        message = f"the store {path} lies on a network file system ({kind}), where SQLite loses data"
        raise StoreError(f"{message}; put it on a disk of this machine, or use postgresql://…")
    if not path.exists():
        if not create:
            raise StoreError(f"there is no store at {path}; start the service ('monitor run') or 'monitor once' first")
        if not path.parent.is_dir():
            raise StoreError(f"the folder {path.parent} of the store does not exist; make it, or change 'store'")
        # Opened by us first, so that nobody else may read what people watch.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def network_filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The kind of network file system that a path is on; None where it is on none, or cannot be known."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    real = path.absolute().resolve()
    found = [parts for parts in (line.split() for line in lines) if len(parts) > 2]
    places = [(Path(parts[1].replace("\\040", " ")), parts[2]) for parts in found]
    mine = [(len(place.parts), kind) for place, kind in places if real.is_relative_to(place)]
    kind = max(mine)[1] if mine else ""
    return kind if kind in NETWORKED else None


def _prepare(raw: sqlite3.Connection, record: Any) -> None:
    """Set and assert the pragmas; sqlite3's own transaction handling is switched off in favour of ours."""
    raw.isolation_level = None
    for name, value in PRAGMAS.items():
        raw.execute(f"PRAGMA {name}={value}")
        got = raw.execute(f"PRAGMA {name}").fetchone()[0]
        if got != value:
            raise StoreError(f"SQLite refuses {name}={value} (it says {got}); is the store on a network file system?")


def _begin(connection: Connection) -> None:
    purpose = connection.get_execution_options().get("purpose", "write")
    connection.exec_driver_sql("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
