"""What the log says: lines for people or JSON, and no storms of the same line."""

from __future__ import annotations

import json
import logging

import pytest

from monitor.logs import OF_A_KIND, SAME, WINDOW_S, Repeats, set_up


def record(message: str, *values: object, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("monitor.polling", level, "polling.py", 1, message, values, None)


def test_a_line_that_repeats_is_counted_instead() -> None:
    now = [0.0]
    repeats = Repeats(lambda: now[0])
    passed = [repeats.filter(record("the disk is full at 100%")) for _ in range(500)]
    assert sum(passed) == SAME
    now[0] += WINDOW_S + 1
    last = record("the disk is full at 100%")
    assert repeats.filter(last)
    assert last.getMessage() == f"the disk is full at 100% ({500 - SAME} more like it were left out before)"


def test_warnings_of_one_kind_are_bounded_and_events_of_feeds_are_not() -> None:
    repeats = Repeats(lambda: 0.0)
    late = (record("feed %s: no answer", number, level=logging.WARNING) for number in range(5000))
    warned = [repeats.filter(one) for one in late]
    assert sum(warned) == OF_A_KIND
    assert all(repeats.filter(record("feed %s: %d entries", number, 3)) for number in range(5000))


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        set_up(as_json=True)
        logging.getLogger("monitor.polling").warning("feed %s: odd\nline \x1b[31m", "x")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    said = json.loads(capsys.readouterr().err)
    assert (said["level"], said["part"], said["event"]) == ("warning", "polling", "feed x: odd\nline \x1b[31m")
