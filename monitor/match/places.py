"""Where in a file something is wrong: "file:line:column" as a problem.

It reads no file.
"""

from __future__ import annotations

import re

from monitor.errors import Problem

_PLACE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?$", re.DOTALL)


def problem(place: str, message: str, column: int = 1, *, is_warning: bool = False) -> Problem:
    """A problem at "file:line:column", `column` characters further on (1: at its start)."""
    match = _PLACE.match(place)
    assert match is not None
    line, start = int(match["line"] or 0), int(match["column"] or 0)
    return Problem(match["file"] or "watchlist", line, start + column - 1 if start else 0, message, is_warning)
