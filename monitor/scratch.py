"""This process's own folder among the temporary files, and the end of those whose process is gone.

What is killed cannot clean up after itself; in a crash loop folders pile up until the next start sweeps them.
"""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing.util
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

PREFIX = "news-monitor-run-"
#: Below a folder of this length a socket of multiprocessing's still has an address (unix(7): 108 bytes).
LONGEST = 70
_making = threading.Lock()
_made: dict[int, Path] = {}  # by process


def folder() -> Path:
    """The folder, made by the first who asks, gone at the process's end. Raises OSError.

    Its lock says that its process lives, to those who sweep and to systemd-tmpfiles(8), which ages nothing in it.
    """
    with _making:
        mine = _made.get(os.getpid())
        if mine is None or not mine.is_dir():
            _sweep()
            mine = _made[os.getpid()] = _make()
            # After multiprocessing has removed what it keeps in there, at -100.
            multiprocessing.util.Finalize(None, shutil.rmtree, (mine, True), exitpriority=-200)
        return mine


@contextlib.contextmanager
def as_temporary() -> Iterator[None]:
    """What makes temporary files of its own inside makes them in the folder. One thread at a time."""
    before, mine = tempfile.tempdir, folder()
    if len(os.fsencode(mine)) <= LONGEST:
        tempfile.tempdir = str(mine)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _make() -> Path:
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        handle = _lock(made)
        if handle is not None and os.fstat(handle).st_nlink:  # kept open, and so locked, as long as the process lives
            return made
        if handle is not None:  # swept by another in between
            os.close(handle)


def _sweep() -> None:
    """Remove this user's folders that nobody holds."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        handle = _lock(left)
        if handle is not None:
            if os.fstat(handle).st_uid == os.geteuid():
                shutil.rmtree(left, ignore_errors=True)
            os.close(handle)


def _lock(path: Path) -> int | None:
    """An open handle that holds the folder's lock; None where another has it, or there is no such folder."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
