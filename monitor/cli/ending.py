"""How a command ends when the machine, not this program, says no: a file that is not there, a reader that went away.

It says so in one sentence with the next step; errors of this program are sentences already.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_NEXT = {
    errno.ENOENT: "no such file; check its name and the folder you are in",
    errno.EISDIR: "is a folder; name a file in it",
    errno.ENOTDIR: "a part of this path is a file, not a folder; check its name",
    errno.ENOSPC: "no space is left on its disk; make room and try again",
    errno.EDQUOT: "no space is left for this user; make room and try again",
    errno.EEXIST: "is there already; move it away, or name another",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n) and try again",
}


def sentence(error: OSError) -> str:
    """What the machine refused, and the next step."""
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and name:
        return _forbidden(Path(name), is_read_only_disk=error.errno == errno.EROFS)
    said = _NEXT.get(error.errno or 0) or f"{(error.strerror or str(error)).lower()}; check it and try again"
    return f"{name}: {said}" if name else said


def _forbidden(path: Path, *, is_read_only_disk: bool) -> str:
    """A file that may be read may not be written; one that is not there could not be made in its folder."""
    if path.exists() and not os.access(path, os.R_OK):
        return f"{path} may not be read by this user; change its rights (chmod), or run this as its owner"
    is_folder = not path.exists()
    place = f"the folder {_nearest(path)}" if is_folder else str(path)
    if is_read_only_disk:
        return f"{place} is on a disk that is mounted read-only; name a place that may be written"
    return (
        f"{place} is read-only for this user; name another place, change its rights (chmod), or run this as its owner"
    )


def _nearest(path: Path) -> Path:
    """The first folder on the way up that there is."""
    return next((folder for folder in path.absolute().parents if folder.is_dir()), path.parent)


def leave_quietly() -> None:
    """The reader of our output went away (`| head`): what is still to be written goes nowhere, at exit, too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
