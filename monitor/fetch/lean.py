"""httpx without its own command line, which nobody here calls and whose colours take longer to load than all the rest.

Where that part is not installed httpx does without it; it must change nothing else of httpx.
"""

from __future__ import annotations

import sys

_COMMAND_LINE: str = "httpx._main"
_hidden = _COMMAND_LINE not in sys.modules
if _hidden:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # Python's way to say: not to be had
import httpx  # noqa: E402

if _hidden:
    del sys.modules[_COMMAND_LINE]

__all__ = ["httpx"]
