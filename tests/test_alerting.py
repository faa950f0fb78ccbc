"""Who is told what and when: every rule of the alerts section as a row of a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.alerting import (
    AlertsPolicy,
    ChannelPolicy,
    ChannelState,
    Decision,
    Limit,
    Quiet,
    Report,
    Sent,
    Sighting,
    Silence,
    Told,
    WatchPolicy,
    decide,
    watch_policy,
)
from monitor.alerting.planned import planned_digest
from monitor.model import Watch, Watchlist, WatchRef, When

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)  # a Monday; 15:20 in Paris
HOUR = timedelta(hours=1)


def watch(name: str = "drones", **settings: Any) -> WatchPolicy:
    priority = settings.pop("priority", "normal")
    return WatchPolicy(WatchRef(name, "arms", priority), **settings)


SIGHTING = Sighting(
    article_id=7,
    story_id="S-1",
    relation="first",
    watches=(watch(),),
    first_seen=NOW,
    published=NOW - HOUR,
    feed_name="NBC",
    feed_url="https://example.org/feed",
    feed_tags=frozenset({"press"}),
    reports=(Report("NBC", NOW),),
)
DESK = ChannelPolicy("desk", at_most=Limit(20, HOUR))
ALERTS = AlertsPolicy(zone="Europe/Paris")
KNOWS_NOTHING = ChannelState()
TOLD = Told("A-1", frozenset({"arms/drones"}), "AFP", NOW - HOUR)


def one(
    sighting: Sighting = SIGHTING,
    alerts: AlertsPolicy = ALERTS,
    channel: ChannelPolicy = DESK,
    state: ChannelState = KNOWS_NOTHING,
    silences: tuple[Silence, ...] = (),
) -> Decision:
    [decision] = decide(sighting, (alerts, [channel]), {channel.name: state}, silences, NOW)
    return decision


def seen(**changes: Any) -> Sighting:
    return replace(SIGHTING, **changes)


def told(**changes: Any) -> ChannelState:
    return ChannelState(told=(replace(TOLD, **changes),))


# ------------------------------------------------------------------------------------------------- to


@pytest.mark.parametrize(
    ("watch_to", "alerts_to", "expected"),
    [
        (None, None, ["desk", "boss"]),
        (None, ("boss",), ["boss"]),
        (("desk",), ("boss",), ["desk"]),
        (("desk",), None, ["desk"]),
        ((), None, []),
    ],
)
def test_to(watch_to: tuple[str, ...] | None, alerts_to: tuple[str, ...] | None, expected: list[str]) -> None:
    sighting = seen(watches=(watch(to=watch_to),))
    policy = (replace(ALERTS, to=alerts_to), [DESK, ChannelPolicy("boss")])
    assert [decision.channel for decision in decide(sighting, policy, {}, (), NOW)] == expected


def test_to_of_a_watch_replaces_its_watchlists() -> None:
    watchlist = Watchlist("arms", "arms.yaml", (), to=("desk",))
    assert watch_policy(Watch("a", "arms"), watchlist).to == ("desk",)
    assert watch_policy(Watch("a", "arms", to=("boss",)), watchlist).to == ("boss",)


def test_one_alert_names_every_watch_of_its_channel_and_no_other() -> None:
    watches = (watch(), watch("Su-35", priority="urgent"), watch("parade", to=("boss",)))
    decision = one(seen(watches=watches))
    assert [ref.name for ref in decision.watches] == ["drones", "Su-35"]
    assert decision.priority == "urgent"


def test_only_urgent_hears_urgent_watches() -> None:
    phone = replace(DESK, only_urgent=True)
    assert decide(SIGHTING, (ALERTS, [phone]), {}, (), NOW) == []
    decision = one(seen(watches=(watch(), watch("Su-35", priority="urgent"))), channel=phone)
    assert [ref.name for ref in decision.watches] == ["Su-35"]


# ----------------------------------------------------------------------------------------------- when

DAILY = When("daily", time(7, 30))
TOMORROW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel_when", "watch_when", "due"),
    [
        (When(), None, NOW),
        (DAILY, None, TOMORROW),
        (DAILY, When(), NOW),
        (When(), DAILY, TOMORROW),
        (DAILY, When("hourly"), datetime(2026, 11, 23, 15, tzinfo=UTC)),
    ],
)
def test_when(channel_when: When, watch_when: When | None, due: datetime) -> None:
    decision = one(seen(watches=(watch(when=watch_when),)), channel=replace(DESK, when=channel_when))
    assert decision.due == due
    assert decision.action == ("tell" if due == NOW else "bundle")


def test_the_soonest_watch_counts() -> None:
    assert one(seen(watches=(watch(when=DAILY), watch("Su-35")))).action == "tell"


def test_a_digest_says_when_in_local_time_and_shares_one_key() -> None:
    first, second = (one(seen(story_id=story), channel=replace(DESK, when=DAILY)) for story in ("S-1", "S-2"))
    assert first.why == "new story; digest of desk"
    assert first.bundle is not None
    assert first.bundle == second.bundle
    assert first.bundle.kind == "digest"


# ---------------------------------------------------------------------------------------------- quiet

QUIET = Quiet(time(15), time(17, 30))
QUIET_ENDS = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "priority", "action"),
    [
        (QUIET, "normal", "bundle"),
        (QUIET, "urgent", "tell"),
        (None, "normal", "tell"),
        (Quiet(time(22), time(6)), "normal", "tell"),
    ],
)
def test_quiet(quiet: Quiet | None, priority: str, action: str) -> None:
    decision = one(seen(watches=(watch(priority=priority),)), channel=replace(DESK, quiet=quiet))
    assert decision.action == action
    if decision.bundle:
        assert (decision.bundle.kind, decision.due) == ("quiet hours", QUIET_ENDS)
        assert decision.why == "quiet hours of desk"


def test_a_digest_due_in_quiet_hours_waits_for_their_end() -> None:
    early = replace(DESK, when=When("daily", time(16)), quiet=QUIET)
    decision = one(channel=early)
    assert decision.due == QUIET_ENDS
    assert planned_digest(early, ALERTS, None, NOW) == decision.bundle
    assert planned_digest(DESK, ALERTS, None, NOW) is None


# -------------------------------------------------------------------------------------------- at_most


def sent(count: int, name: str = "drones", minutes: int = 20) -> tuple[Sent, ...]:
    start = NOW - timedelta(minutes=minutes)
    return tuple(Sent(start + timedelta(seconds=number), frozenset({f"arms/{name}"})) for number in range(count))


@pytest.mark.parametrize(
    ("channel", "count", "action"),
    [
        (DESK, 19, "tell"),
        (DESK, 20, "bundle"),
        (replace(DESK, at_most=Limit(6, HOUR)), 6, "bundle"),
        (replace(DESK, at_most=None), 500, "tell"),
        (replace(DESK, watches=2), 14, "tell"),
        (replace(DESK, watches=2), 15, "bundle"),
    ],
)
def test_at_most(channel: ChannelPolicy, count: int, action: str) -> None:
    decision = one(channel=channel, state=ChannelState(sent=sent(count)))
    assert decision.action == action
    if decision.bundle:
        assert decision.bundle.kind == "over limit"
        assert decision.due == NOW + timedelta(minutes=40)


def test_urgent_alerts_stand_apart_from_the_limit() -> None:
    sighting = seen(watches=(watch(priority="urgent"),))
    assert one(sighting, state=ChannelState(sent=sent(20))).action == "tell"


def test_one_noisy_watch_does_not_hide_another() -> None:
    state = ChannelState(sent=sent(15), over_limit_due=NOW + timedelta(minutes=40))
    channel = replace(DESK, watches=2)
    assert one(channel=channel, state=state).action == "bundle"
    assert one(seen(watches=(watch("Su-35"),)), channel=channel, state=state).action == "tell"


def test_what_is_over_the_limit_joins_the_summary_that_waits_and_a_new_window_opens_with_it() -> None:
    waits = NOW + timedelta(minutes=7)
    channel = replace(DESK, at_most=Limit(6, HOUR))
    pending = ChannelState(sent=sent(6, minutes=53), over_limit_due=waits)
    assert one(channel=channel, state=pending).due == waits
    past = ChannelState(sent=sent(6, minutes=59), over_limit_due=NOW - timedelta(seconds=1))
    assert one(channel=channel, state=past).action == "tell"


# ------------------------------------------------------------------------------------- first and late


@pytest.mark.parametrize(
    ("age", "first", "fresh", "action"),
    [
        (HOUR, "summary", 48 * HOUR, "bundle"),
        (49 * HOUR, "summary", 48 * HOUR, "archive"),
        (49 * HOUR, "alert", 48 * HOUR, "archive"),
        (49 * HOUR, "summary", None, "bundle"),
        (HOUR, "alert", 48 * HOUR, "tell"),
        (HOUR, "archive", 48 * HOUR, "archive"),
        (None, "summary", 48 * HOUR, "bundle"),
        (-HOUR, "alert", 48 * HOUR, "tell"),
    ],
)
def test_first_poll(age: timedelta | None, first: Any, fresh: timedelta | None, action: str) -> None:
    sighting = seen(is_first_poll=True, published=None if age is None else NOW - age)
    decision = one(sighting, replace(ALERTS, first=first, fresh=fresh))
    assert decision.action == action
    if decision.bundle:
        assert decision.bundle.kind == "first look"


def test_first_look_is_one_summary_due_when_the_caller_says() -> None:
    due = NOW + timedelta(minutes=2)
    decision = one(seen(is_first_poll=True), state=ChannelState(first_look_due=due))
    assert decision.due == due


@pytest.mark.parametrize(
    ("days", "late", "priority", "action"),
    [
        (3, "archive", "normal", "tell"),
        (31, "alert", "normal", "tell"),
        (31, "archive", "normal", "archive"),
        (31, "digest", "normal", "bundle"),
        (31, "archive", "urgent", "tell"),
        (31, "digest", "urgent", "tell"),
    ],
)
def test_late(days: int, late: Any, priority: str, action: str) -> None:
    sighting = seen(published=NOW - timedelta(days=days), watches=(watch(priority=priority),))
    assert one(sighting, replace(ALERTS, late=late)).action == action


def test_a_late_article_of_a_channel_without_digests_waits_for_the_usual_hour() -> None:
    decision = one(seen(published=NOW - timedelta(days=31)), replace(ALERTS, late="digest"))
    assert decision.due == TOMORROW


# ----------------------------------------------------------------------------------------- follow-ups


@pytest.mark.parametrize("relation", ["report", "copy"])
def test_other_articles_of_a_told_story_join_quietly(relation: Any) -> None:
    decision = one(seen(relation=relation), state=told())
    assert (decision.action, decision.follows) == ("join", "A-1")


def test_a_story_told_to_one_channel_is_new_to_another() -> None:
    decisions = decide(seen(relation="report"), (ALERTS, [DESK, ChannelPolicy("boss")]), {"desk": told()}, (), NOW)
    assert [decision.action for decision in decisions] == ["join", "tell"]


def test_a_new_watch_speaks_and_stands_first() -> None:
    decision = one(seen(relation="report", watches=(watch(), watch("Su-35"))), state=told())
    assert (decision.action, decision.reason, decision.follows) == ("tell", "new watch", "A-1")
    assert [ref.name for ref in decision.watches] == ["Su-35", "drones"]


@pytest.mark.parametrize(
    ("confirm", "feed", "before", "action"),
    [
        (("tag:agency",), "Reuters", "NBC", "tell"),
        (("Reuters",), "Reuters", "NBC", "tell"),
        (("Reuters",), "Reuters", "Reuters", "join"),
        (("tag:press",), "Reuters", "NBC", "join"),
    ],
)
def test_confirm(confirm: tuple[str, ...], feed: str, before: str, action: str) -> None:
    sighting = seen(
        relation="report", feed_name=feed, feed_tags=frozenset({"agency"}), watches=(watch(confirm=confirm),)
    )
    decision = one(sighting, state=told(outlet=before))
    assert decision.action == action
    assert decision.action == "join" or decision.reason == "confirmed"


def test_a_report_that_hits_nothing_itself_confirms_a_watch_of_the_story() -> None:
    sighting = seen(relation="report", watches=(), story_watches=(watch(confirm=("NBC",)),))
    assert one(sighting, state=told()).reason == "confirmed"
    assert decide(sighting, (ALERTS, [DESK]), {}, (), NOW) == []


def outlets(count: int, minutes_apart: float = 10) -> tuple[Report, ...]:
    return tuple(Report(f"outlet {n}", NOW - n * timedelta(minutes=minutes_apart)) for n in range(count))


@pytest.mark.parametrize(
    ("reports", "level", "reason"),
    [
        (outlets(4), 0, None),
        (outlets(5), 0, "spreading"),
        (outlets(5, minutes_apart=31), 0, None),
        (outlets(5), 5, None),
        (outlets(20), 5, "spreading"),
        (outlets(20), 20, None),
        (outlets(2) * 5, 0, None),
    ],
)
def test_spreading(reports: tuple[Report, ...], level: int, reason: str | None) -> None:
    decision = one(seen(relation="report", reports=reports), state=told(level=level))
    assert decision.action == ("join" if reason is None else "tell")
    assert reason is None or decision.reason == reason


def test_at_most_three_follow_ups() -> None:
    state = ChannelState(told=(TOLD,) * 4)
    sighting = seen(relation="report", watches=(watch("Su-35"),))
    assert one(sighting, state=state).action == "join"
    assert one(sighting, state=ChannelState(told=(TOLD,) * 3)).action == "tell"


def test_copies_never_alert_again_for_what_was_told_however_far_they_spread() -> None:
    assert one(seen(relation="copy", reports=outlets(20)), state=told()).action == "join"


def test_a_copy_with_a_sentence_that_hits_another_watch_is_told_for_that() -> None:
    decision = one(seen(relation="copy", watches=(watch("Su-35"),), reports=outlets(20)), state=told())
    assert (decision.action, decision.reason) == ("tell", "new watch")


def test_a_copy_of_a_story_never_told_is_news() -> None:
    assert one(seen(relation="copy")).action == "tell"


@pytest.mark.parametrize(("when", "action"), [(DAILY, "bundle"), (When(), "join")])
def test_a_late_copy_goes_to_the_next_digest_where_there_is_one(when: When, action: str) -> None:
    sighting = seen(relation="copy", is_story_closed=True)
    decision = one(sighting, channel=replace(DESK, when=when), state=told())
    assert (decision.action, decision.follows) == (action, "A-1")


def test_a_waiting_alert_takes_a_new_watch_in_and_an_urgent_one_goes_at_once() -> None:
    boss = replace(DESK, when=DAILY)
    state = told(waits_until=TOMORROW)
    decision = one(seen(relation="report", watches=(watch("Su-35"),)), channel=boss, state=state)
    assert (decision.action, [ref.name for ref in decision.watches]) == ("join", ["Su-35"])
    at_once = watch("Su-35", when=When())
    assert one(seen(relation="report", watches=(at_once,)), channel=boss, state=state).action == "tell"


def test_grouping_by_article_tells_every_report_but_no_copy() -> None:
    by_article = replace(ALERTS, group="article")
    assert one(seen(relation="report"), by_article, state=told()).action == "tell"
    assert one(seen(relation="copy"), by_article, state=told()).action == "join"


# ------------------------------------------------------------------------------------------- silences


@pytest.mark.parametrize(
    ("kind", "name", "until", "action"),
    [
        ("watch", "arms/drones", NOW + HOUR, "archive"),
        ("watch", "drones", NOW + HOUR, "archive"),
        ("watch", "Su-35", NOW + HOUR, "tell"),
        ("story", "S-1", NOW + HOUR, "archive"),
        ("story", "S-2", NOW + HOUR, "tell"),
        ("feed", "NBC", NOW + HOUR, "archive"),
        ("feed", "https://example.org/feed", NOW + HOUR, "archive"),
        ("everything", "", NOW + HOUR, "archive"),
        ("everything", "", NOW, "tell"),
    ],
)
def test_silence(kind: Any, name: str, until: datetime, action: str) -> None:
    decision = one(silences=(Silence(kind, name, until),))
    assert decision.action == action
    assert action == "tell" or decision.why.startswith("silenced until 16:20: ")


def test_a_silenced_watch_leaves_the_others_heard() -> None:
    silences = (Silence("watch", "drones", NOW + HOUR),)
    decision = one(seen(watches=(watch(), watch("Su-35"))), silences=silences)
    assert [ref.name for ref in decision.watches] == ["Su-35"]
