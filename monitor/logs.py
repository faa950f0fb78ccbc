"""Logging for people: one line an event on stderr, systemd's journal adding time and level by itself.

Libraries that log whole addresses, secrets included, are kept quiet.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

#: httpx logs `POST https://hooks.slack.com/services/SECRET` at INFO.
TALKATIVE = (
    "alembic",
    "httpx",
    "httpcore",
    "aiohttp",
    "aiosmtplib",
    "apprise",
    "asyncio",
    "trafilatura",
    "watchfiles",
    "htmldate",
    "charset_normalizer",
)
#: sd-daemon(3): the journal reads the level from the line's head.
JOURNAL_LEVELS = {logging.DEBUG: "<7>", logging.INFO: "<6>", logging.WARNING: "<4>", logging.ERROR: "<3>"}


#: The same line so often in a minute, or lines of one kind that warn, and the others are counted instead of written.
SAME, OF_A_KIND = 3, 100
WINDOW_S = 60.0
MANY = 10_000

#: Says why a command waits for seconds, which a person is to know even where nothing else is logged.
WAITS = "monitor.language.tables"


def say_waits() -> None:
    """On stderr, as a sentence of the command."""
    logger = logging.getLogger(WAITS)
    logger.setLevel(logging.INFO)
    logger.handlers, logger.propagate = [_Aloud()], False


class _Aloud(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(f"monitor: {record.getMessage()}", file=sys.stderr, flush=True)  # noqa: T201  for a person


def set_up(*, is_verbose: bool = False, is_quiet: bool = False, as_json: bool = False) -> None:
    """Log to stderr: everything, what a person wants to know, or only errors; as lines for people or as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Line(is_journal="JOURNAL_STREAM" in os.environ))
    handler.addFilter(Repeats(time.monotonic))
    level = logging.DEBUG if is_verbose else logging.CRITICAL if is_quiet else logging.INFO
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the service says itself what became of a job
    if not is_quiet:  # it is a line of the log then
        logging.getLogger(WAITS).handlers, logging.getLogger(WAITS).propagate = [], True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class Repeats(logging.Filter):
    """Lets the first of many equal lines through and counts the rest; the next that passes says how many there were."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = self._clock()
        if len(self._seen) > MANY:  # of lines that differ so much, none is a storm
            self._seen.clear()
        is_first, left_out = self._passes((record.name, record.getMessage()), SAME, now)
        if record.levelno >= logging.WARNING:
            may, more = self._passes((record.name, str(record.msg), "kind"), OF_A_KIND, now)
            is_first, left_out = is_first and may, max(left_out, more)
        if is_first and left_out:
            record.msg = f"{record.getMessage()} ({left_out} more like it were left out before)"
            record.args = None
        return is_first

    def _passes(self, key: tuple[str, ...], most: int, now: float) -> tuple[bool, int]:
        """Whether a line passes, and how many were left out in the minute before this one."""
        since, count = self._seen.get(key, (now, 0))
        left_out = 0
        if now - since >= WINDOW_S:
            since, count, left_out = now, 0, max(0, count - most)
        self._seen[key] = (since, count + 1)
        return count < most, left_out


class _Json(logging.Formatter):
    """One object a line, for machines: time, level, the part of the program, the event, an error's traceback."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name.removeprefix("monitor."),
            "event": record.getMessage(),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


class _Line(logging.Formatter):
    """Time and level unless the journal has them; control characters from feeds never reach the terminal."""

    def __init__(self, *, is_journal: bool) -> None:
        super().__init__("%(message)s" if is_journal else "%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._is_journal = is_journal

    def format(self, record: logging.LogRecord) -> str:
        line = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in super().format(record))
        return JOURNAL_LEVELS.get(record.levelno, "<6>") + line if self._is_journal else line
