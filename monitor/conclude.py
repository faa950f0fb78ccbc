"""The end of an article's way in, inside the write transaction: group, decide, store.

One writer at a time, so that two feeds with one story cannot both be first; the decisions themselves are pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from monitor import alerting, sources, stories
from monitor.alerting import ChannelState, Decision, Report, Sent, Sighting, Told, WatchPolicy
from monitor.model import Hit, WatchRef
from monitor.rules import Rules
from monitor.shortid import decode, encode
from monitor.store import alerts, articles, backlog, near_misses, outbox, silences
from monitor.store import stories as story_rows
from monitor.store.articles import Waiting
from monitor.tasks import Studied

#: The longest window that a channel's limit can look back over.
LIMIT_WINDOW = timedelta(days=1)
#: While an event is reported the same candidates come again and again; a thousand take about ten megabytes.
_fingerprint = lru_cache(maxsize=1000)(stories.Fingerprint.from_bytes)


def conclude(connection: Connection, waiting: Waiting, studied: Studied, rules: Rules, now: datetime) -> int:
    """Store what was read and found, and what is to be told because of it; how many alerts that made.

    Idempotent: an article that another has concluded is left alone.
    """
    twin = articles.twin(connection, waiting.id, waiting.canonical_url)
    if not articles.finish(connection, waiting.id, studied.reading, studied.language, twin):
        return 0
    articles.add_hits(connection, waiting.id, studied.hits, now)
    if twin is None:  # an article counts once, however many feeds show it
        near_misses.count(connection, waiting.id, studied.misses, now)
    placement = group(connection, waiting, studied, twin, now)
    return _tell(connection, waiting, studied.hits, placement, rules, now)


def conclude_edit(connection: Connection, edited: Waiting, studied: Studied, rules: Rules, now: datetime) -> int:
    """Store what an edited article says now; only watches that it did not hit before can make an alert.

    It stays in its story, and what it hit before stays recorded; where it hits again, with the words that stand in it
    now. Idempotent, as `conclude` is.
    """
    story = articles.finish_edit(connection, edited.id, studied.reading, studied.language)
    before = {(hit.watchlist, hit.watch) for hit in articles.hits_of(connection, edited.id)}
    new = [hit for hit in studied.hits if (hit.watchlist, hit.watch) not in before]
    if story is None:
        return 0
    articles.renew_hits(connection, edited.id, [hit for hit in studied.hits if hit not in new])
    if not new:
        return 0
    articles.add_hits(connection, edited.id, new, now)
    # Words that its first version did not have are news, also in a copy and in what a first poll showed.
    return _tell(connection, replace(edited, is_first_look=False), new, (story, "report", False), rules, now)


def conclude_archived(
    connection: Connection, article: Waiting, story: int, hits: Sequence[Hit], rules: Rules, now: datetime
) -> int:
    """Store what a watch that is new finds in an article of before, and tell it; how many alerts that made."""
    before = {(hit.watchlist, hit.watch) for hit in articles.hits_of(connection, article.id)}
    new = [hit for hit in hits if (hit.watchlist, hit.watch) not in before]
    if not new:
        return 0
    articles.add_hits(connection, article.id, new, now)
    return _tell(connection, replace(article, is_first_look=False), new, (story, "report", False), rules, now)


def group(
    connection: Connection, waiting: Waiting, studied: Studied, twin: int | None, now: datetime
) -> tuple[int, str, bool]:
    """Place the article: (story, relation, whether that story no longer takes reports)."""
    found = story_rows.candidates(connection, studied.keys, twin)
    print_ = stories.Fingerprint.from_bytes(studied.fingerprint)
    by_twin = next((candidate for candidate in found if candidate.article_id == twin), None)
    candidates = [
        stories.Candidate(
            article_id=str(one.article_id),
            story_id=str(one.story_id),
            seen=one.first_seen,
            fingerprint=_fingerprint(one.data),
            story_first=one.story_first_seen,
            story_last=one.story_last_seen,
            story_size=one.story_size,
            head=stories.Head(one.title, one.language),
        )
        for one in found
    ]
    if by_twin:  # the same address is the same article, whatever became of its text
        placed = stories.Placement(str(by_twin.story_id), "copy", str(twin), "the same address")
    else:
        placed = stories.place(
            print_, now, candidates, stories.Head(studied.reading.title, studied.language)
        )
        if placed.relation == "report" and sources.is_short_post(waiting.feed_url, studied.reading.text):
            placed = stories.Placement(None, "first", None, "a short post is no report of a story")
    if placed.story_id is None:
        story, is_closed = story_rows.begin(connection, studied.reading.title, now), False
    else:
        story = int(placed.story_id)
        its = next(one for one in found if one.story_id == story)
        is_closed = stories.is_closed(its.story_first_seen, its.story_last_seen, now)
        if not is_closed:
            story_rows.touch(connection, story, now)
    articles.place(connection, waiting.id, story, placed.relation, int(placed.of) if placed.of else None)
    story_rows.index(connection, waiting.id, studied.fingerprint, studied.keys)
    return story, placed.relation, is_closed


def _tell(
    connection: Connection,
    waiting: Waiting,
    hits: Sequence[Hit],
    placement: tuple[int, str, bool],
    rules: Rules,
    now: datetime,
) -> int:
    story, _, _ = placement
    told = alerts.told(connection, story)
    if not hits and not told:
        return 0
    sighting = _sighting(connection, waiting, hits, placement, told, rules)
    states = {channel.name: _state(connection, channel.name, told, now) for channel in rules.channels}
    silent = silences.active(connection, now)
    made = alerting.decide(sighting, (rules.alerts, rules.channels), states, silent, now)
    articles.add_decisions(connection, waiting.id, made, now)
    for decision in made:
        if taken := alerting.takes_in(decision, states[decision.channel].told):
            _add_to_waiting(connection, told, taken, decision)
        if decision.follows and decision.channel in rules.amending:
            _amend_first(connection, waiting, told, decision, rules, now)
    telling = [decision for decision in made if decision.action in ("tell", "bundle")]
    for decision in telling:
        _carry_out(connection, sighting, decision, rules, now)
    return len(telling)


def _amend_first(
    connection: Connection,
    waiting: Waiting,
    told: Sequence[alerts.TellingRow],
    decision: Decision,
    rules: Rules,
    now: datetime,
) -> None:
    """The story's first message there is to name the new outlet too."""
    name = decision.channel
    first = next(row.alert_id for row in told if row.channel == name)
    backlog.amend_first(connection, (name, rules.targets.get(name, ("",))), first, waiting.id, now)


def _add_to_waiting(
    connection: Connection, told: Sequence[alerts.TellingRow], taken: Told, decision: Decision
) -> None:
    waiting = next(row for row in told if encode("A", row.alert_id) == taken.alert_id)
    new = tuple(ref for ref in decision.watches if ref not in waiting.watches)
    alerts.set_watches(connection, waiting.alert_id, (*waiting.watches, *new))


def _sighting(
    connection: Connection,
    waiting: Waiting,
    hits: Sequence[Hit],
    placement: tuple[int, str, bool],
    told: Sequence[alerts.TellingRow],
    rules: Rules,
) -> Sighting:
    story, relation, is_closed = placement
    feed = rules.feed(waiting.feed_url)
    before = {(ref.watchlist, ref.name): ref for row in told for ref in row.watches}
    reports = tuple(Report(outlet, seen) for outlet, seen in story_rows.outlets(connection, story))
    return Sighting(
        article_id=waiting.id,
        story_id=encode("S", story),
        relation="copy" if relation == "copy" else "report" if relation == "report" else "first",
        watches=tuple(_policy(rules, hit.watchlist, hit.watch) for hit in hits),
        first_seen=waiting.first_seen,
        published=waiting.entry.published,
        feed_name=rules.name(waiting.feed_url, waiting.feed_title),
        feed_url=waiting.feed_url,
        feed_tags=feed.tags,
        is_first_poll=waiting.is_first_look,
        is_story_closed=is_closed,
        story_watches=tuple(rules.watch_policies[key] for key in before if key in rules.watch_policies),
        reports=reports,
    )


def _policy(rules: Rules, watchlist: str, watch: str) -> WatchPolicy:
    return rules.watch_policies.get((watchlist, watch)) or WatchPolicy(WatchRef(watch, watchlist))


def _state(connection: Connection, channel: str, told: Sequence[alerts.TellingRow], now: datetime) -> ChannelState:
    sent = alerts.sent_since(connection, channel, now - LIMIT_WINDOW)
    return ChannelState(
        told=tuple(
            Told(
                alert_id=encode("A", row.alert_id),
                watches=frozenset(map(_key, row.watches)),
                outlet=row.outlet,
                at=row.created_at,
                level=row.level,
                waits_until=row.waits_until,
            )
            for row in told
            if row.channel == channel
        ),
        sent=tuple(Sent(at, frozenset(map(_key, watches))) for at, watches in sent),
        over_limit_due=outbox.latest_bundle(connection, channel, "over limit", only_pending=False),
        first_look_due=outbox.latest_bundle(connection, channel, "first look", only_pending=True),
        digest_due=outbox.settled_ahead(connection, channel, "digest", now),
    )


def _key(ref: WatchRef) -> str:
    return WatchPolicy(ref).key


def _carry_out(connection: Connection, sighting: Sighting, decision: Decision, rules: Rules, now: datetime) -> None:
    story = decode(sighting.story_id, "S")
    assert story is not None
    alert = alerts.NewAlert(
        story_id=story,
        article_id=sighting.article_id,
        channel=decision.channel,
        watches=decision.watches,
        priority=decision.priority,
        reason=decision.reason,
        follows=decode(decision.follows, "A") if decision.follows else None,
        why=decision.why,
        bundle=decision.bundle.kind if decision.bundle else None,
        outlet=sighting.feed_name,
        level=decision.level,
        held_until=decision.due if decision.bundle else None,
    )
    alert_id = alerts.add_alert(connection, alert, now)
    targets = rules.targets.get(decision.channel, ("",))
    if decision.bundle:
        outbox.deliver_in_summary(connection, decision.channel, targets, alert_id, decision.bundle, now)
    else:
        outbox.deliver_alone(connection, decision.channel, targets, alert_id, now)
