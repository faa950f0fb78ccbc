"""The outbox: claims are leases, records count once, summaries gather until they leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from monitor.alerting import Bundle
from monitor.model import Entry, Feed, WatchRef
from monitor.store import Store, alerts, articles, feeds, leases, open_store, outbox, reports, stories
from monitor.store.leases import LEASE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    with opened.write() as connection:
        feeds.sync(connection, [Feed("https://example.org/feed")], {"https://example.org/feed": NOW}, NOW)
    yield opened
    opened.close()


def an_alert(connection: Connection, channel: str = "desk", bundle: str | None = None) -> int:
    article = articles.add_waiting(connection, 1, Entry((), None, "Title"), None, NOW, is_first_look=False)
    story = stories.begin(connection, "Title", NOW)
    watches = (WatchRef("drones", "Arms"),)
    new = alerts.NewAlert(
        story, article, channel, watches, "normal", "new story", None, "new story", bundle, "Outlet", 0
    )
    return alerts.add_alert(connection, new, NOW)


def settle(connection: Connection, delivery: str, owner: str, state: str = "sent") -> bool:
    return outbox.settle(connection, delivery, owner, NOW, outbox.Outcome(state, "ok"))


def test_a_delivery_is_claimed_once(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        assert outbox.claim(connection, "desk", "one", NOW) is not None
        assert outbox.claim(connection, "desk", "two", NOW) is None


def test_a_claim_runs_out_and_its_late_holder_records_nothing(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        first = outbox.claim(connection, "desk", "stopped", NOW)
        second = outbox.claim(connection, "desk", "other", LATER)
        assert first is not None
        assert second is not None
        assert first.id == second.id
        assert settle(connection, second.id, "other")
        assert not settle(connection, first.id, "stopped")


def test_whoever_takes_the_lock_frees_the_claims_of_the_dead(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        outbox.claim(connection, "desk", "dead", NOW)
        leases.free(connection)
        assert outbox.claim(connection, "desk", "new", NOW) is not None


def test_deciding_twice_sends_once(store: Store) -> None:
    with store.write() as connection:
        alert = an_alert(connection)
        for _ in range(2):
            outbox.deliver_alone(connection, "boss", ("a@example.org", "b@example.org"), alert, NOW)
        claims = [outbox.claim(connection, "boss", "one", NOW) for _ in range(3)]
        assert {claim.target for claim in claims if claim} == {"a@example.org", "b@example.org"}
        assert claims[2] is None


def test_a_paused_channel_is_left_alone_and_others_are_not(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        outbox.deliver_alone(connection, "hook", ("",), an_alert(connection, "hook"), NOW)
        outbox.note_channel(connection, "desk", NOW, pause=NOW + timedelta(minutes=5), error="503")
        assert outbox.due_channels(connection, NOW, ("desk", "hook")) == ["hook"]
        assert set(outbox.due_channels(connection, NOW + timedelta(minutes=6), ("desk", "hook"))) == {"desk", "hook"}


def test_a_summary_gathers_until_it_leaves(store: Store) -> None:
    bundle = Bundle("digest", NOW + timedelta(hours=1), "desk|digest|13:00")
    with store.write() as connection:
        first, second, third = (an_alert(connection, bundle="digest") for _ in range(3))
        outbox.deliver_in_summary(connection, "desk", ("",), first, bundle, NOW)
        outbox.deliver_in_summary(connection, "desk", ("",), second, bundle, NOW)
        assert outbox.claim(connection, "desk", "one", NOW) is None
        claimed = outbox.claim(connection, "desk", "one", bundle.due)
        assert claimed is not None
        assert outbox.alert_ids(connection, claimed.id) == [first, second]
        outbox.deliver_in_summary(connection, "desk", ("",), third, bundle, NOW)
        assert outbox.alert_ids(connection, claimed.id) == [first, second], "what is on its way takes no further alert"
        settle(connection, claimed.id, "one")
        following = outbox.claim(connection, "desk", "one", bundle.due)
        assert following is not None
        assert outbox.alert_ids(connection, following.id) == [third]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL plans by how much there is
def test_the_outbox_is_never_gone_through_from_end_to_end(store: Store) -> None:
    """It only ever grows, and all of this happens while nobody else can write."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _, __, sql, values, *___: asked.append((sql, values)))
    bundle = Bundle("digest", NOW + timedelta(hours=1), "desk|digest|13:00")
    with store.write() as connection:
        outbox.deliver_in_summary(connection, "desk", ("",), an_alert(connection, bundle="digest"), bundle, NOW)
        outbox.latest_bundle(connection, "desk", "digest", only_pending=True)
        outbox.due_channels(connection, NOW, ("desk",))
        outbox.claim(connection, "desk", "one", NOW)
        alerts.told(connection, 1)
        reports.last_notice(connection, "given up: desk")
        reading = [(sql, values) for sql, values in asked if sql.startswith(("SELECT", "UPDATE"))]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in reading]
    steps = [str(row[3]) for plan in plans for row in plan]
    assert steps
    assert [step for step in steps if "SCAN" in step and "channels" not in step] == []
    assert [step for step in steps if "deliveries_due" in step] == [], "most of what is pending may be due"


def test_what_was_given_up_can_be_sent_again_under_its_id(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        claimed = outbox.claim(connection, "desk", "one", NOW)
        assert claimed is not None
        settle(connection, claimed.id, "one", "given up")
        assert outbox.claim(connection, "desk", "one", LATER) is None
        assert outbox.retry(connection, None, LATER) == [claimed.id]
        again = outbox.claim(connection, "desk", "one", LATER)
        assert again is not None
        assert (again.id, again.attempts) == (claimed.id, 0)


def test_what_was_sent_is_not_sent_again(store: Store) -> None:
    with store.write() as connection:
        outbox.deliver_alone(connection, "desk", ("",), an_alert(connection), NOW)
        claimed = outbox.claim(connection, "desk", "one", NOW)
        assert claimed is not None
        settle(connection, claimed.id, "one")
        assert outbox.retry(connection, None, LATER) == []
        assert outbox.retry(connection, [claimed.id], LATER) == []


def test_a_channel_is_introduced_once(store: Store) -> None:
    with store.write() as connection:
        assert outbox.introduce(connection, "desk", NOW)
        assert not outbox.introduce(connection, "desk", NOW)


def test_a_test_message_is_sent_by_its_test_or_never(store: Store) -> None:
    with store.write() as connection:
        trial = outbox.add_trial(connection, ("desk", ""), {"title": "Test", "lines": []}, NOW)
        assert outbox.claim_one(connection, trial, "test", NOW) is not None
        leases.free(connection)  # the test was killed, and a service starts
        assert outbox.claim(connection, "desk", "service", LATER) is None
        assert outbox.due_channels(connection, LATER, ("desk",)) == []
        outbox.end_trials(connection, LATER)
        assert outbox.retry(connection, None, LATER) == []
