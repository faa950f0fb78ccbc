"""`monitor status --why-quiet WATCH`: its last hit, what was read since, what came near, what is silenced.

It reads the store and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import Opened, print_json

if TYPE_CHECKING:
    from monitor.model import Watch, Watchlist
    from monitor.store.near_misses import Near

DAYS = 7
NAMED = 5


def say(here: Opened, name: str, *, as_json: bool) -> None:
    """Raises InputError when there is no such watch."""
    from monitor.store import near_misses, silences, tallies

    watchlist, watch = _named(here, name)
    now = datetime.now(UTC)
    with here.store.read() as connection:
        found = tallies.quiet(connection, watchlist.name, watch.name)
        near = near_misses.of_watch(connection, (watchlist.name, watch.name), now, DAYS)
        silent = [one for one in silences.active(connection, now) if one.kind in ("watch", "everything")]
    held = [one.until for one in silent if one.name in ("", watch.name, f"{watchlist.name}/{watch.name}")]
    if as_json:
        misses = [{"title": one.title, "missing": one.cause, "articles": one.articles} for one in near]
        told = {"watch": watch.name, "watchlist": watchlist.name, "silenced_until": max(held, default=None)}
        print_json(told | found | {"days": DAYS, "near_misses": misses})
        return
    _print(here, watch, found, near, held)


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


def _print(
    here: Opened,
    watch: Watch,
    found: dict[str, Any],
    near: Sequence[Near],
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
    _print_near(line, near)


def _print_near(line: Callable[[str, str], None], near: Sequence[Near]) -> None:
    """What had every word but for one thing, and apart from it what had only some of the words."""
    close, partial = (sum(one.articles for one in near if one.is_partial is kind) for kind in (False, True))
    line("near", f"{close} in {DAYS} days had all its words, {partial} more a part of them")
    for one in near[:NAMED]:
        line("", f"{one.articles} {one.cause}; last: {one.title}")
