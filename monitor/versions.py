"""Versions of libraries that this program does not start with, since they let what it reads do harm.

What is merely old is pip's business.
"""

from __future__ import annotations

import re
from importlib import metadata

from monitor.errors import InputError

#: Library -> the first version without the fault, and the fault.
LEAST = {
    "lxml": ("6.1.0", "reads local files that a page names (CVE-2026-41066)"),
    "aiosmtplib": ("5.1.2", "takes commands that were sent before TLS (CVE-2026-55558)"),
}


def check() -> None:
    """Raises InputError for a library that is known to be bad."""
    for name, (least, fault) in LEAST.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if _parts(found) < _parts(least):
            raise InputError(f"{name} {found} {fault}; install {least} or later: pip install --upgrade {name}")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
