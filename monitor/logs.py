"""Logging for people: one line an event on stderr, systemd's journal adding time and level by itself.

Libraries that log whole addresses, secrets included, are kept quiet.
"""

from __future__ import annotations

import logging
import os
import sys

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
    "htmldate",
    "charset_normalizer",
)
#: sd-daemon(3): the journal reads the level from the line's head.
JOURNAL_LEVELS = {logging.DEBUG: "<7>", logging.INFO: "<6>", logging.WARNING: "<4>", logging.ERROR: "<3>"}


def set_up(*, is_verbose: bool = False, is_quiet: bool = False) -> None:
    """Log to stderr: everything, what a person wants to know, or only errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(is_journal="JOURNAL_STREAM" in os.environ))
    level = logging.DEBUG if is_verbose else logging.CRITICAL if is_quiet else logging.INFO
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the service says itself what became of a job
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Line(logging.Formatter):
    """Time and level unless the journal has them; control characters from feeds never reach the terminal."""

    def __init__(self, *, is_journal: bool) -> None:
        super().__init__("%(message)s" if is_journal else "%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._is_journal = is_journal

    def format(self, record: logging.LogRecord) -> str:
        line = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in super().format(record))
        return JOURNAL_LEVELS.get(record.levelno, "<6>") + line if self._is_journal else line
