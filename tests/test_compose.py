"""What a summary is put together from, when it has very many alerts: asked without the writer, bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerting import AlertsPolicy, Bundle
from monitor.compose import compose, said
from monitor.intake import Terms
from monitor.model import Entry, Feed, Summary, WatchRef
from monitor.render import webhook
from monitor.rules import Rules
from monitor.schedule import Pace
from monitor.store import Store, alerts, articles, feeds, outbox, stories
from monitor.tasks import Watches
from tests.stored import fresh_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://example.org/feed"
COUNT = 230


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A summary of 230 stories, of which the last one is urgent."""
    opened = fresh_store(tmp_path)
    bundle = Bundle("digest", NOW, "hook|digest|12:00")
    with opened.write() as connection:
        feeds.sync(connection, [Feed(URL)], {URL: NOW}, NOW)
        for number in range(COUNT):
            entry = Entry((), f"https://example.org/{number}", f"Title {number}")
            article = articles.add_waiting(connection, 1, entry, None, NOW, is_first_look=False)
            story = stories.begin(connection, entry.title, NOW)
            watches = (WatchRef("drones", "Arms"),)
            priority = "urgent" if number == COUNT - 1 else "normal"
            row = alerts.NewAlert(
                story, article, "hook", watches, priority, "new story", None, "new", "digest", "Outlet", 0
            )
            alert = alerts.add_alert(connection, row, NOW)
            outbox.deliver_in_summary(connection, "hook", ("",), alert, bundle, NOW)
    yield opened
    opened.close()


def rules() -> Rules:
    return Rules(
        feeds={URL: Feed(URL, name="Example")},
        watches=Watches("", Path(), Path()),
        watch_policies={},
        alerts=AlertsPolicy(),
        channels=(),
        targets={},
        intake=Terms(timedelta(hours=48), is_first_archived=False),
        pace=Pace(),
    )


def composed(store: Store) -> Summary:
    with store.write() as connection:
        claimed = outbox.claim(connection, "hook", "one", NOW)
    assert claimed is not None
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")
        message = compose(connection, claimed, rules(), NOW)
        connection.exec_driver_sql("PRAGMA query_only = 0")
        assert isinstance(message, Summary)
        again = compose(connection, replace(claimed, body=said(message)), rules(), NOW + timedelta(hours=1))
    assert again == message, "a repeat says the same"
    return message


def test_a_summary_is_composed_without_writing_urgent_first_and_says_how_many_are_left_out(store: Store) -> None:
    message = composed(store)
    assert len(message.alerts) == len({alert.id for alert in message.alerts}) == COUNT
    assert message.alerts[0].article.title == f"Title {COUNT - 1}"
    assert {alert.feed_name for alert in message.alerts} == {"Example"}
    data = json.loads(webhook.body(message))["data"]
    assert (len(data["alerts"]), data["left_out"]) == (200, COUNT - 200)
    assert data["alerts"][0]["alert"]["priority"] == "urgent"
