"""What pages, commands and reports ask has the same answer on both databases; so has what goes with age."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.search import Outlets
from monitor.store import (
    alert_feed,
    alert_report,
    ask,
    feed_pages,
    journeys,
    numbers,
    open_store,
    pages,
    reports,
    retention,
    schema,
    tallies,
)
from monitor.store.pages import Wanted
from tests.stocked import stock
from tests.stored import ready

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DRONES = ("Arms", "drones")
LAST_WEEK = NOW - timedelta(days=7)
NAMES = Outlets().name

QUESTIONS: dict[str, Callable[[Connection], Any]] = {
    "stories": lambda c: pages.newest_stories(c, Wanted(), 30),
    "stories of a watch": lambda c: pages.newest_stories(c, Wanted(DRONES, "en", 1), 3),
    "the next page": lambda c: pages.newest_stories(c, Wanted(DRONES), 3, 5),
    "some stories": lambda c: pages.stories_of(c, [4, 20, 99]),
    "stories since": lambda c: (pages.newest_hit(c), pages.stories_since(c, 3)),
    "articles": lambda c: pages.newest_articles(c, 5, before=30, feed_id=2),
    "an article": lambda c: pages.article(c, 40),
    "languages": lambda c: sorted(pages.languages(c)),
    "feeds": lambda c: [feed_pages.worst_feeds(c, 3), feed_pages.worst_feeds(c, 3, 1, "FEED")],
    "lags": lambda c: feed_pages.lags(c, [1, 2, 3]),
    "articles of a feed": lambda c: feed_pages.articles_of_feed(c, 2),
    "a day's stories": lambda c: tallies.per_day(c, NOW),
    "delays": lambda c: sorted(tallies.delivered_since(c, LAST_WEEK)),
    "a week": lambda c: (tallies.of_days(c, LAST_WEEK), tallies.age_days(c, NOW), tallies.silenced(c, "desk", NOW)),
    "why it is quiet": lambda c: tallies.quiet(c, *DRONES),
    "given up": lambda c: reports.given_up(c),
    "what waits": lambda c: (reports.unsent(c, NOW, ["desk", "boss"]), reports.unread(c, NOW)),
    "failing": lambda c: (sorted(reports.common_errors(c, None)), ask.failing_feeds(c, 5), ask.failing_channels(c)),
    "readings": lambda c: reports.readings(c, NOW - timedelta(days=90), LAST_WEEK),
    "alerts": lambda c: ask.told(c, LAST_WEEK, 9, NAMES, only_held=False),
    "alerts held": lambda c: ask.told(c, NOW - timedelta(days=99), 9, NAMES, only_held=True),
    "alerts of a watch": lambda c: ask.told(c, NOW - timedelta(days=99), 9, NAMES, only_held=False, watch="drones"),
    "sendings": lambda c: [ask.sendings(c, 4, state) for state in (None, "given up", "pending")],
    "sent for nobody": lambda c: (ask.waiting_for_nobody(c, ["desk"]), ask.refused(c)),
    "the report": lambda c: alert_report.rows(c, LAST_WEEK, NAMES, watch="Su-35"),
    "the feed of alerts": lambda c: alert_feed.newest(c, NAMES, watch="drones"),
    "a journey": lambda c: journeys.of_article(c, 40),
    "an address": lambda c: journeys.by_address(c, "https://news.example.org/9", "https://news.example.org/9"),
    "numbers": lambda c: (numbers.now_there(c, NOW), numbers.totals(c), numbers.gauges(c, NOW)),
}  # fmt: skip


def plain(value: Any) -> Any:
    """Rows as what they hold, lists of them too."""
    if isinstance(value, Row):
        return dict(value._mapping)
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return [plain(one) for one in value]
    return value


def test_every_question_has_the_same_answer_on_both_databases(tmp_path: Path, postgres_url: str) -> None:
    answers: list[dict[str, Any]] = []
    for url in (ready(f"sqlite:///{tmp_path}/monitor.db"), postgres_url):
        store = open_store(url, create=False)
        stock(store, NOW)
        with store.read() as connection:
            answers.append({name: plain(ask_it(connection)) for name, ask_it in QUESTIONS.items()})
        store.close()
    one, other = answers
    for name, answer in one.items():
        assert other[name] == answer, name
    assert sum(map(bool, one.values())) > 20, "there is something to ask about"


def test_what_is_old_goes_but_what_was_told_stays(store_url: str) -> None:
    store = open_store(store_url, create=False)
    stock(store, NOW)
    keep = retention.Keep(articles=timedelta(days=30))
    with store.write() as connection:
        while retention.expire(connection, keep, NOW, {}):
            pass
    with store.read() as connection:
        left = set(connection.execute(select(schema.texts.c.article_id)).scalars())
        told = set(connection.execute(select(schema.alerts.c.article_id)).scalars())
        young = schema.articles.c.first_seen >= NOW - timedelta(days=30)
        assert left == told | set(connection.execute(select(schema.articles.c.id).where(young)).scalars())
        assert connection.execute(select(func.count()).select_from(schema.articles)).scalar_one() == 40
    store.close()
