"""What becomes of entries that a poll shows for the first time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.intake import Plan, Terms, plan
from monitor.model import Entry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TERMS = Terms(fresh=timedelta(hours=48), is_first_archived=False)


def entry(name: str, age_h: float | None) -> Entry:
    published = None if age_h is None else NOW - timedelta(hours=age_h)
    return Entry((name,), f"https://example.org/{name}", name, published=published)


NEW, OLD, UNDATED = entry("new", 1), entry("old", 49), entry("undated", None)


def test_a_first_poll_reads_what_is_fresh_and_archives_the_rest() -> None:
    made = plan([NEW, OLD, UNDATED], TERMS, NOW, watched_since=NOW)
    assert made == Plan(first_look=(NEW, UNDATED), archive=(OLD,))


def test_later_everything_is_news_whatever_its_date() -> None:
    assert plan([NEW, OLD], TERMS, NOW, watched_since=None) == Plan(news=(NEW, OLD))


def test_fresh_can_be_switched_off() -> None:
    assert plan([OLD], Terms(None, is_first_archived=False), NOW, watched_since=NOW).first_look == (OLD,)


def test_a_first_poll_can_be_archived_whole() -> None:
    made = plan([NEW, OLD], Terms(TERMS.fresh, is_first_archived=True), NOW, watched_since=NOW)
    assert made == Plan(archive=(NEW, OLD))


@pytest.mark.parametrize("is_first_archived", [True, False])
def test_what_was_published_since_the_feed_was_added_is_news(*, is_first_archived: bool) -> None:
    """Its first poll was killed, or its server was down, for three hours."""
    older, ahead = entry("older", 4), entry("ahead", -1)
    made = plan([ahead, NEW, older], Terms(TERMS.fresh, is_first_archived), NOW, NOW - timedelta(hours=3))
    assert made.news == (NEW,)
    assert made.archive + made.first_look == (ahead, older)


def test_dates_that_are_those_of_the_answer_say_nothing() -> None:
    made = plan([entry(name, 0) for name in "abc"], TERMS, NOW, NOW - timedelta(hours=3))
    assert len(made.first_look) == 3


@pytest.mark.parametrize("apart", [timedelta(), timedelta(microseconds=7)])
def test_a_feed_that_stamps_all_but_a_pinned_entry_with_the_time_of_its_answer_floods_nobody(apart: timedelta) -> None:
    stamped = [
        Entry((f"{number}",), None, "t", published=NOW - timedelta(seconds=1) - number * apart) for number in range(9)
    ]
    made = plan([*stamped, OLD], TERMS, NOW, watched_since=NOW - timedelta(hours=1))
    assert (made.news, made.first_look) == ((), tuple(stamped))
