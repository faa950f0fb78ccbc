"""Copies of an SQLite store: made while it is used, checked before they count, and named by what they hold.

A copy is whole or it is not there; it must never take the place of a file that exists.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.errors import StoreError

#: "NMON": tells this program's databases from others (SQLite's application_id).
APPLICATION_ID = 0x4E4D4F4E
#: Pages of the journal that a reader of this moment may need, which is soon over.
NEARLY = 100


def back_up(source: Path, to: Path) -> int:
    """Copy the store as it is at one moment, while others read and write it; the copy's size. Raises StoreError."""
    if to.exists():
        raise StoreError(f"{to} exists already; name a file that does not")
    if not to.parent.is_dir():
        raise StoreError(f"the folder {to.parent} does not exist; make it")
    part = to.with_name(f".{to.name}.part")
    part.unlink(missing_ok=True)  # of a copy that was killed
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(source, part)
        check(part)
        _sync(part)
        os.link(part, to)  # unlike a rename it never replaces what came there meanwhile
        part.unlink()
        _sync(to.parent)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"the copy {to} could not be made: {error}; nothing was changed") from error
    except StoreError:
        part.unlink(missing_ok=True)
        raise
    return to.stat().st_size


def _copy(source: Path, to: Path) -> None:
    """One read transaction: writers go on, and the copy has no gaps."""
    with closing(sqlite3.connect(source, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


def check(path: Path, *, is_quick: bool = False) -> None:
    """Raise StoreError when a store's file is damaged, is none of ours or has rows that point nowhere."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise StoreError(f"{path} is no store of this program")
            said = connection.execute(f"PRAGMA {'quick' if is_quick else 'integrity'}_check(5)").fetchall()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(1) if not is_quick else []
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreError(f"the store {path} is damaged ({error}); restore a backup") from error
    if said != [("ok",)]:
        raise StoreError(f"the store {path} is damaged ({said[0][0]}); restore a backup")
    if orphans:
        raise StoreError(f"the store {path} is damaged (rows of {orphans[0][0]} point nowhere); restore a backup")


def empty_journal(path: Path) -> bool:
    """Take what the journal holds into the store and cut it, where no reader needs it; False where one does.

    Writers wait for it a second at most, and not at all while a reader is stuck: what it needs cannot be cut.
    """
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            _, pages, taken = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages - taken > NEARLY:
                return False
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    except sqlite3.Error as error:
        raise StoreError(
            f"the journal of the store {path} could not be emptied ({error}); is the disk full?"
        ) from error


def copy_of(source: Path, revision: str) -> Path:
    """Where the copy stands that an upgrade makes of a store of this schema."""
    return source.with_name(f"{source.name}.schema-{revision}")


def copies(source: Path) -> list[Path]:
    """The copies that upgrades have made, the newest schema last."""
    return sorted(source.parent.glob(f"{source.name}.schema-*"))


def before_upgrade(source: Path, revision: str) -> Path:
    """The way back: a copy of the store as the older program left it. One that is there is of an upgrade that was
    killed, or of a way back that was taken; the store itself is newer than it."""
    to = copy_of(source, revision)
    if to.exists():
        to.replace(to.with_name(f"{to.name}.older"))
    back_up(source, to)
    return to


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
