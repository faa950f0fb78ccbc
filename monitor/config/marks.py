"""What tells one state of the configuration's files from another: their names, times and sizes.

It reads no file; when to compare is the service's business.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

#: path, time of the last change (ns), size, inode
Mark = tuple[str, int, int, int]
Marks = frozenset[Mark]

#: What else a file of the configuration may be called than those that were read.
SUFFIXES = frozenset({".yaml", ".yml", ".opml", ".xml"})


def concerns(path: Path, read: Collection[Path]) -> bool:
    """Neither editors' own files nor the store and logs, which may lie in the same folder and change all the time."""
    return path in read or (path.suffix in SUFFIXES and not path.name.startswith((".", "#", "~")))


def marks(folders: Iterable[Path], read: Collection[Path]) -> Marks:
    """Differ when a file in the configuration's folders came, went or was written."""
    return frozenset(one for folder in folders for one in of_folder(folder) if concerns(Path(one[0]), read))


def of_folder(folder: Path) -> Iterator[Mark]:
    """Every file that is there, whatever it is."""
    try:
        names = sorted(folder.iterdir())
    except OSError:
        return
    for path in names:
        try:
            status = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield mark(path, status)


def mark(path: Path, status: os.stat_result) -> Mark:
    return str(path), status.st_mtime_ns, status.st_size, status.st_ino
