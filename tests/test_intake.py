"""What becomes of entries that a poll shows for the first time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.intake import Terms, plan
from monitor.model import Entry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TERMS = Terms(fresh=timedelta(hours=48), is_first_archived=False)


def entry(name: str, age_h: float | None) -> Entry:
    published = None if age_h is None else NOW - timedelta(hours=age_h)
    return Entry((name,), f"https://example.org/{name}", name, published=published)


NEW, OLD, UNDATED = entry("new", 1), entry("old", 49), entry("undated", None)


def test_a_first_poll_reads_what_is_fresh_and_archives_the_rest() -> None:
    made = plan([NEW, OLD, UNDATED], TERMS, NOW, is_first_poll=True)
    assert made.read == (NEW, UNDATED)
    assert made.archive == (OLD,)


def test_later_everything_is_news_whatever_its_date() -> None:
    assert plan([NEW, OLD], TERMS, NOW, is_first_poll=False).read == (NEW, OLD)


def test_fresh_can_be_switched_off() -> None:
    assert plan([OLD], Terms(None, is_first_archived=False), NOW, is_first_poll=True).read == (OLD,)


def test_a_first_poll_can_be_archived_whole() -> None:
    made = plan([NEW, OLD], Terms(TERMS.fresh, is_first_archived=True), NOW, is_first_poll=True)
    assert made.read == ()
    assert made.archive == (NEW, OLD)
