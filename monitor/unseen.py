"""Why an article was never seen: which feeds of its site are polled, what they showed, and what stood in the way.

It reads rows; it must not fetch, nor guess what a page says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from sqlalchemy import Connection

from monitor.search import Outlets
from monitor.store import feeds, polls, sites
from monitor.store.feeds import FeedState
from monitor.store.polls import Poll
from monitor.urls import canonical, registrable_domain
from monitor.way import Step

DAY = timedelta(days=1)
#: What is looked at where the address does not say when it is from.
RECENT = timedelta(days=7)
SHOWN = 12  # polls that are named one by one


def unseen(connection: Connection, url: str, outlets: Outlets, now: datetime) -> Iterator[Step]:
    """What is known of the site of an address that no feed showed; its moments are in the zone of `now`."""
    host = urlsplit(canonical(url)).netloc
    domain = registrable_domain(host)
    mine = [state for state in feeds.listing(connection) if domain in _domains(state)]
    known = {state.id for state in mine}
    mine += [state for state in sites.that_showed(connection, host) if state.id not in known]
    active = [state for state in mine if state.is_active]
    if not active:
        was = f"; {len(mine)} of it were, but are configured no longer" if mine else ""
        said = f"no feed of {domain} is polled{was}; 'monitor feeds discover {url}' looks for one"
        yield Step("site", said, None, is_bad=True)
        return
    names = ", ".join(outlets.name(state.url, state.title) for state in active)
    yield Step("site", f"{len(active)} {'feed' if len(active) == 1 else 'feeds'} of {domain}: {names}")
    day = dated_in(url)
    since, until = (day - DAY, day + 2 * DAY) if day else (now - RECENT, now)
    span = f"looked at: {since:%d %b %Y} to {min(until, now):%d %b %Y}"
    yield Step("site", span if day else f"{span}, as its address has no date")
    for state in sorted(active, key=lambda one: one.failures > 0):
        name = outlets.name(state.url, state.title)
        yield from _of_feed(connection, state, name, since.astimezone(now.tzinfo), until.astimezone(now.tzinfo))
    yield from _pages(connection, host, since, until)


_DATE = re.compile(r"(?<!\d)(20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")


def dated_in(url: str) -> datetime | None:
    """The day that an address names, as many publishers' do: /2026/11/22/, 2026-11-22, 20261122."""
    found = _DATE.search(urlsplit(url).path)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:
        return None


def _domains(state: FeedState) -> set[str]:
    return {registrable_domain(urlsplit(one).hostname or "") for one in (state.url, state.address or "") if one}


def _of_feed(connection: Connection, state: FeedState, name: str, since: datetime, until: datetime) -> Iterator[Step]:
    known = polls.first_of(connection, [state.id])
    if state.last_poll_at is None:
        yield Step("feed", f"{name} was not polled yet", None, True)
        return
    if known is not None and known > since:
        said = f"{name}: its polls are known since {known.astimezone(since.tzinfo):%d %b %Y %H:%M}"
        yield Step("feed", said, known, known > until)
    if state.failures:
        begun = state.failing_since.astimezone(since.tzinfo) if state.failing_since else since
        said = f"{name} fails since {begun:%d %b %H:%M}: {state.error}"
        yield Step("obstacle", said, state.failing_since, is_bad=True)
    found = polls.around(connection, [state.id], since, until)
    yield from _obstacles(found, name, since.tzinfo)
    yield Step("polls", _summary(found, name))
    shown = sites.titles(connection, state.id, since, until, SHOWN)
    for title, at in shown:
        yield Step("polls", f"{name} showed: {title}", at)


def _obstacles(found: Sequence[Poll], name: str, zone: tzinfo | None) -> Iterator[Step]:
    for poll in found:
        if poll.is_gap:
            said = f"{name}: this poll showed nothing known: what came and went before it was missed"
            yield Step("obstacle", said, poll.at, True)
        elif poll.error:
            last = poll.last_at.astimezone(zone)
            many = f"{poll.times} polls until {last:%d %b %H:%M}" if poll.times > 1 else "a poll"
            yield Step("obstacle", f"{name}: {many} failed: {poll.error}", poll.at, True)


def _summary(found: Sequence[Poll], name: str) -> str:
    number, new = sum(poll.times for poll in found), sum(poll.new for poll in found)
    if not number:
        return f"{name}: no poll is known of that time"
    if all(poll.error for poll in found):
        return f"{name}: it was asked {'once' if number == 1 else f'{number} times'} and never read"
    counted = f"{number} poll{'s' * (number != 1)}, {new} new {'entry' if new == 1 else 'entries'}"
    return f"{name}: {counted}; this address was in none of them"


def _pages(connection: Connection, host: str, since: datetime, until: datetime) -> Iterator[Step]:
    """How pages of the site are read, which says whether robots.txt or a refusal stands in the way."""
    for note, number in sites.notes(connection, host, since, until):
        if not note.startswith("older than"):  # archived unread: nothing stood in the way
            yield Step("obstacle", f"{number} page{'s' * (number != 1)} of {host} in that time: {note}")
