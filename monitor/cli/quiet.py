"""`monitor status --why-quiet WATCH`: its last hit, what was read since, what came near, what is silenced.

It reads the store and matches the newest articles here; it changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import Opened, print_json, sound

if TYPE_CHECKING:
    from monitor.match import Matcher
    from monitor.model import Document, Watch, Watchlist

#: Articles that are looked through for near misses: a few seconds' work.
NEWEST = 400
BACK = timedelta(days=14)
NAMED = 3


def say(here: Opened, name: str, *, as_json: bool) -> None:
    """Raises InputError when there is no such watch."""
    from monitor.match import compile as compile_watches
    from monitor.store import silences, tallies, watches

    watchlist, watch = _named(here, name)
    now = datetime.now(UTC)
    with here.store.read() as connection:
        found = tallies.quiet(connection, watchlist.name, watch.name)
        kept = watches.archive(connection, now - BACK, None, NEWEST)
        silent = [one for one in silences.active(connection, now) if one.kind in ("watch", "everything")]
    matcher = compile_watches(sound(here.config.watchlists))
    named = {feed.url: feed for feed in here.config.feeds}
    documents = [
        replace(
            one.document,
            feed=here.name(one.waiting.feed_url, one.waiting.feed_title),
            tags=named[one.waiting.feed_url].tags if one.waiting.feed_url in named else frozenset(),
        )
        for one in kept
    ]
    near = list(_near_misses(matcher, documents, watchlist.name, watch.name))
    held = [one.until for one in silent if one.name in ("", watch.name, f"{watchlist.name}/{watch.name}")]
    if as_json:
        misses = [{"title": title, "missing": why} for title, why in near]
        told = {"watch": watch.name, "watchlist": watchlist.name, "silenced_until": max(held, default=None)}
        print_json(told | found | {"looked_through": len(documents), "near_misses": misses})
        return
    _print(here, watch, found, (near, len(documents)), held)


def _named(here: Opened, name: str) -> tuple[Watchlist, Watch]:
    import difflib

    from monitor.errors import InputError

    found = {(one.name, watch.name): (one, watch) for one in here.config.watchlists for watch in one.watches}
    mine = [pair for (of, called), pair in found.items() if name in (called, f"{of}/{called}")]
    if len(mine) > 1:
        ways = " or ".join(f"{one.name}/{name}" for one, _ in mine)
        raise InputError(f"'{name}' is in several watchlists; write {ways}")
    if not mine:
        near = difflib.get_close_matches(name, [called for _, called in found], n=1)
        raise InputError(f"there is no watch '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    return mine[0]


def _near_misses(
    matcher: Matcher, documents: Sequence[Document], watchlist: str, watch: str
) -> Iterator[tuple[str, str]]:
    """Articles in which part of the watch was found, with what kept it from being found whole."""
    for document in documents:
        for verdict in matcher.explain(document):
            if (verdict.watchlist, verdict.watch) != (watchlist, watch) or verdict.is_met:
                continue
            if any(part.is_met and part.evidence for part in _parts(verdict)):
                yield document.title, verdict.reason or next(
                    (part.reason for part in _parts(verdict) if not part.is_met and part.reason), "not all of it"
                )


def _parts(verdict: Any) -> Iterator[Any]:
    for child in verdict.children:
        yield child
        yield from _parts(child)


def _print(
    here: Opened,
    watch: Watch,
    found: dict[str, Any],
    near: tuple[Sequence[tuple[str, str]], int],
    held: Sequence[datetime],
) -> None:
    def line(what: str, said: str) -> None:
        click.echo(f"{what:<10}  {''.join(letter for letter in said if letter.isprintable())}")

    last = found["last_article"]
    line("last hit", f"{here.local(found['last_hit'])}: {last['title']}" if last else "never")
    if held:
        line("silenced", f"until {here.local(max(held))}; 'monitor silence {watch.name} --end' ends it")
    line("feeds", f"{found['feeds_polled']} of {found['feeds']} were read since")
    line("articles", f"{found['articles']} came since, {found['full_articles']} of them read in full")
    if found["languages"]:
        line("languages", ", ".join(f"{code} {number}" for code, number in found["languages"]))
    if watch.languages and not watch.languages & {code for code, _ in found["languages"]}:
        line("", f"none in {', '.join(sorted(watch.languages))}, the only languages of this watch")
    misses, looked = near
    line("near", f"{len(misses)} of the newest {looked} articles have a part of it")
    for (title, why), times in Counter(misses).most_common(NAMED):
        line("", f"{title}: {why}" + (f" ({times} times)" if times > 1 else ""))
