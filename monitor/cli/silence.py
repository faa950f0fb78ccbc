"""`monitor silence`: hear no more of a watch, a story, a feed or anything for a while; list and end silences.

It works beside a running service, whose next decision already obeys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
from sqlalchemy import Connection

from monitor.cli.opening import Opened, among, opened, print_json, print_table
from monitor.cli.options import Duration, common
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.store.silences import Subject


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the person named."""

    watch: str | None
    story: str | None
    feed: str | None
    is_all: bool

    @property
    def count(self) -> int:
        return sum(map(bool, (self.watch, self.story, self.feed, self.is_all)))


@click.command()
@click.argument("watch", required=False)
@click.option("--story", metavar="ID", help="A story, by its id (S-…) or that of one of its alerts (A-…).")
@click.option("--feed", metavar="NAME", help="A feed, by its name or address.")
@click.option("--all", "is_all", is_flag=True, help="Everything.")
@click.option("--for", "duration", type=Duration(), help="How long: 4h, 2d.")
@click.option("--end", is_flag=True, help="End the silence of what is named.")
@common
def command(
    watch: str | None,
    story: str | None,
    feed: str | None,
    is_all: bool,
    duration: timedelta | None,
    end: bool,
    config: str | None,
    as_json: bool,
) -> None:
    """Hear no more of a WATCH, a story, a feed or anything for a while. Lists silences when called alone.

    What is found in that time is kept and shown by 'monitor stories', but not told.
    """
    asked = _Asked(watch, story, feed, is_all)
    if asked.count > 1:
        raise click.UsageError("name one of WATCH, --story, --feed and --all")
    if asked.count and bool(duration) == end:
        raise click.UsageError("say for how long, as in --for 4h; or --end")
    if not asked.count and (duration or end):
        raise click.UsageError("name what to silence: a WATCH, --story ID, --feed NAME or --all")
    with opened(config) as here:
        if not asked.count:
            _list(here, as_json)
        elif end:
            _end(here, asked, as_json)
        else:
            _begin(here, asked, duration or timedelta(), as_json)


def _list(here: Opened, as_json: bool) -> None:
    from monitor.store import silences

    with here.store.read() as connection:
        found = silences.active(connection, datetime.now(UTC))
        subjects = [silences.Subject(one.kind, one.name) for one in found]
        called = [_called(here, connection, subject) for subject in subjects]
    if as_json:
        for one, name in zip(found, called, strict=True):
            print_json({"kind": one.kind, "name": one.name, "called": name, "until": one.until})
        return
    print_table((f"until {here.local(one.until)}", name) for one, name in zip(found, called, strict=True))
    if not found:
        click.echo("nothing is silenced")


def _begin(here: Opened, asked: _Asked, duration: timedelta, as_json: bool) -> None:
    from monitor.store import silences

    now = datetime.now(UTC)
    try:
        until = now + duration
    except OverflowError:
        raise InputError("this silence would never end; write --for 400d or remove the watch") from None
    with here.store.write() as connection:
        subject = _subject(here, connection, asked)
        silences.begin(connection, subject, until, now)
        called = _called(here, connection, subject)
    if as_json:
        print_json({"kind": subject.kind, "name": subject.value, "called": called, "until": until})
    else:
        click.echo(f"{called}: silenced until {here.local(until)}; what is found is kept")


def _end(here: Opened, asked: _Asked, as_json: bool) -> None:
    from monitor.store import silences

    now = datetime.now(UTC)
    with here.store.write() as connection:
        subject = _subject(here, connection, asked)
        called = _called(here, connection, subject)
        if not silences.end(connection, subject, now):
            raise InputError(f"{called} is not silenced; 'monitor silence' lists what is")
    if as_json:
        print_json({"kind": subject.kind, "name": subject.value, "called": called, "until": now})
    else:
        click.echo(f"{called}: heard again")


# ---------------------------------------------------------------------------------------------- what is meant


def _subject(here: Opened, connection: Connection, asked: _Asked) -> Subject:
    """What the person named, as decisions know it. Raises InputError with the likely meaning."""
    from monitor.store.silences import Subject

    if asked.is_all:
        return Subject("everything")
    if asked.feed:
        return Subject("feed", _feed(here, connection, asked.feed))
    if asked.story:
        return Subject("story", _story(connection, asked.story))
    name = asked.watch or ""
    watches = _watches(here, connection)
    if name not in watches and name[:2].upper() in ("A-", "S-") and (story := _known_story(connection, name)):
        return Subject("story", story)
    return Subject("watch", among(name, watches, "watch"))


def _watches(here: Opened, connection: Connection) -> list[str]:
    """Names of watches, and with their watchlist's before them for those that two watchlists have."""
    from monitor.store import mentions, watches

    keys = [(one.name, watch.name) for one in here.config.watchlists for watch in one.watches]
    if here.mistake:  # what a mistake leaves out may be in force all the same
        keys += [*watches.known(connection), *mentions.known_watches(connection)]
    return [name for of, watch in dict.fromkeys(keys) for name in (watch, f"{of}/{watch}")]


def _feed(here: Opened, connection: Connection, name: str) -> str:
    """The feed's key: its name may come from the feed itself and change."""
    from monitor.store import feeds
    from monitor.urls import display

    titles = {state.url: state.title for state in feeds.listing(connection)}
    named = {here.name(feed.key, titles.get(feed.key, "")): feed.key for feed in here.config.feeds}
    named |= {address: feed.key for feed in here.config.feeds for address in (feed.url, display(feed.url))}
    if name in titles:
        return name
    return named[among(name, list(named), "feed")]


def _story(connection: Connection, text: str) -> str:
    found = _known_story(connection, text)
    if found is None:
        raise InputError(f"there is no story or alert '{text}'; 'monitor stories' and 'monitor alerts' list their ids")
    return found


def _known_story(connection: Connection, text: str) -> str | None:
    from monitor.store import silences

    found = silences.story_of(connection, text)
    return found[0] if found else None


def _called(here: Opened, connection: Connection, subject: Subject) -> str:
    """`watch Su-35`, `story S-7Q2K (Drones at sea)`, `feed Le Monde`, `everything`."""
    from monitor.store import feeds, silences

    if subject.kind == "story":
        story = silences.story_of(connection, subject.value)
        return f"story {subject.value}" + (f" ({story[1]})" if story else "")
    if subject.kind == "feed":
        titles = {state.url: state.title for state in feeds.listing(connection)}
        return f"feed {here.name(subject.value, titles.get(subject.value, ''))}"
    return f"watch {subject.value}" if subject.kind == "watch" else "everything"
