"""`monitor backtest`: what the watchlists would have found and sent over the archive, and what an edit changes.

It chooses what is compared and prints; the finding and deciding is in monitor.backtest.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from monitor.cli.marks import printable, shown
from monitor.cli.opening import print_json
from monitor.cli.options import Duration, common
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.backtest import Archive, Audience, Change, Comparison, Outcome, Progress, Sample
    from monitor.model import Watchlist

BARS = "▁▂▃▄▅▆▇█"
MOST_DAYS = 60  # bars in a terminal's line


@click.command()
@click.argument("watches", nargs=-1, metavar="[WATCH…]")
@click.option("--watchlist", "files", multiple=True, metavar="FILE", help="An edited file, against the one in force.")
@click.option("--since", type=Duration(), default="30d", show_default=True, help="How far back: 12h, 30d, 400d.")
@click.option("--archive", metavar="FILE.jsonl", help="A file of articles instead of the store.")
@click.option("--samples", type=click.IntRange(0, 100), default=3, show_default=True, help="Hits shown of each watch.")
@click.option("--html", metavar="FILE", help="Write a page with charts, to be opened or sent.")
@common
def command(
    watches: tuple[str, ...],
    files: tuple[str, ...],
    since: timedelta,
    archive: str | None,
    samples: int,
    html: str | None,
    config: str | None,
    as_json: bool,
) -> None:
    """What the watchlists (or only the WATCHes named) would have found and sent over the archive.

    With --watchlist FILE: what an edited file finds, and what it adds to and takes from the file in force that it
    would replace (the one of the same place, or of the same name). With --archive neither a configuration nor a store
    is needed. Articles of first polls and imports count as if they had come in when they were published.
    """
    is_since_given = click.get_current_context().get_parameter_source("since") is click.core.ParameterSource.COMMANDLINE
    now = datetime.now(UTC)
    begin = now - since if archive is None or is_since_given else None
    with _setting(config, files, archive, begin) as (source, lists, audience), _progress() as progress:
        before, after = lists
        result = _tested(source, before, after, audience, now, (watches, begin, samples), progress)
    from monitor.cli.backtest_object import object_of

    if html is not None:
        _write_page(Path(html), object_of(result), audience.alerts.zone)
    if as_json:
        print_json(object_of(result))
    else:
        _print(result, ZoneInfo(audience.alerts.zone))
        if html is not None:
            click.echo(f"written: {html}")


def _tested(
    source: Archive,
    before: Sequence[Watchlist] | None,
    after: Sequence[Watchlist],
    audience: Audience,
    now: datetime,
    asked: tuple[Sequence[str], datetime | None, int],
    progress: Progress,
) -> Outcome | Comparison:
    from monitor.backtest import compare, run

    only, since, samples = asked
    options: dict[str, Any] = {"only": only, "since": since, "samples": samples, "progress": progress}
    if before is None:
        return run(source, after, audience, now, **options)
    return compare(source, before, after, audience, now, **options)


# -------------------------------------------------------------------------------------------- what is compared


Lists = tuple["Sequence[Watchlist] | None", "Sequence[Watchlist]"]


@contextmanager
def _setting(
    config: str | None, files: Sequence[str], archive: str | None, since: datetime | None
) -> Iterator[tuple[Archive, Lists, Audience]]:
    """The articles, the watchlists before (None: nothing to compare with) and after, and who would be told."""
    from monitor.archives import FileArchive, StoreArchive
    from monitor.cli.archive import opened_file, say_bad
    from monitor.cli.opening import opened, sound
    from monitor.config import load_watchlist_file
    from monitor.search import Outlets

    edited = [load_watchlist_file(Path(file)) for file in files]
    processes = os.cpu_count() or 1
    if archive is None:
        from monitor.assemble import make_audience

        with opened(config) as here:
            store = StoreArchive(here.store, Outlets.of(here.config.feeds), since, processes)
            yield store, _lists(sound(here.config.watchlists), edited), make_audience(here.config)
        return
    lists, audience = _without_store(config, edited)
    with opened_file(archive) as file:
        yield FileArchive(file, since, processes, on_bad=lambda bad: say_bad(archive, bad)), lists, audience


def _without_store(config: str | None, edited: Sequence[Watchlist]) -> tuple[Lists, Audience]:
    """With a watchlist by itself there need be no configuration: then one channel hears everything at once."""
    from monitor.alerting import ChannelPolicy
    from monitor.assemble import make_audience
    from monitor.backtest import Audience
    from monitor.cli.opening import lenient, sound
    from monitor.config import find

    try:
        find(config)
    except InputError:
        if config or not edited:
            raise
        return (None, [_to_all(one) for one in edited]), Audience(channels=(ChannelPolicy(ANYBODY),))
    loaded, _ = lenient(config)
    return _lists(sound(loaded.watchlists), edited), make_audience(loaded)


def _to_all(one: Watchlist) -> Watchlist:
    return replace(one, to=None, watches=tuple(replace(watch, to=None) for watch in one.watches))


def _lists(in_force: Sequence[Watchlist], edited: Sequence[Watchlist]) -> Lists:
    """What is compared: the edited files with those that they would replace. Groups of all others stay usable."""
    if not edited:
        return None, in_force
    replaced = {id(old) for new in edited for old in in_force if _is_same(old, new)}
    others = [replace(one, watches=()) for one in in_force if id(one) not in replaced]
    old = [one for one in in_force if id(one) in replaced]
    renamed = [_as_before(new, old) for new in edited]
    return ([*others, *old] if old else []), [*others, *renamed]


def _is_same(old: Watchlist, new: Watchlist) -> bool:
    return Path(old.path).resolve() == Path(new.path).resolve() or old.name == new.name


def _as_before(new: Watchlist, old: Sequence[Watchlist]) -> Watchlist:
    """Under the name of what it replaces, so that watches are known again."""
    name = next((one.name for one in old if _is_same(one, new)), new.name)
    return replace(new, name=name, watches=tuple(replace(watch, watchlist=name) for watch in new.watches))


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1000, file=sys.stderr, show_pos=False) as bar:

        def at(done: int, total: int) -> None:
            share = done / total if total else 1 - 1 / (1 + done / 20_000)
            bar.update(max(0, int(share * 1000) - bar.pos))

        yield at
        bar.update(1000 - bar.pos)


# -------------------------------------------------------------------------------------------------- what is said


def _print(result: Outcome | Comparison, zone: ZoneInfo) -> None:
    from monitor.backtest import Comparison

    if isinstance(result, Comparison):
        for change in result.changes:
            _print_change(change, zone)
        outcome = result.after
        click.echo(_sums("in force", result.before))
        click.echo(_sums("edited", result.after))
    else:
        outcome = result
        for watch in outcome.watches:
            days = _days(outcome, watch.by_day)
            click.echo(f"{watch.watch}  ({watch.watchlist}): {_count(watch.articles, watch.stories)}  {_bars(days)}")
            for term, number in list(watch.terms.items())[:8]:
                click.echo(f"    {term}: {number}")
            _print_samples(watch.samples, " ", zone)
        click.echo(_sums("all", outcome))
    since = f"since {outcome.since.astimezone(zone):%d %b %Y}" if outcome.since else "in all"
    click.echo(f"{_many(outcome.articles)} {since}, {outcome.looked_at} looked at")


def _print_change(change: Change, zone: ZoneInfo) -> None:
    said = {"same": "finds the same", "new": "is new", "gone": "is gone", "changed": "changes"}[change.what]
    click.echo(f"{change.watch}  ({change.watchlist}) {said}: {_many(change.before)} before, {change.after} after")
    for sign, number, samples in (("+", change.added_count, change.added), ("-", change.removed_count, change.removed)):
        if number:
            click.echo(f"  {sign}{number}")
            _print_samples(samples, sign, zone)


def _print_samples(samples: Sequence[Sample], sign: str, zone: ZoneInfo) -> None:
    for one in samples:
        at = f"{one.at.astimezone(zone):%d %b %H:%M}"
        click.echo(f"  {sign} {at}  {shown(one.headline)}  ({printable(one.outlet)})  {printable(one.key)}")
        if one.sentence:
            click.echo(f"      “{shown(one.sentence)}”")


def _count(articles: int, stories: int) -> str:
    return f"{_many(articles)}, {stories} {'story' if stories == 1 else 'stories'}"


#: The channel where no configuration names any.
ANYBODY = "alerts"


def _many(articles: int) -> str:
    return f"{articles} article{'s' * (articles != 1)}"


def _sums(name: str, outcome: Outcome) -> str:
    """`edited: 120 articles, 4.0 a day; alerts to desk: 30 alone, 12 in summaries (quiet hours 12)`."""
    number = len(outcome.found)
    parts = [f"{name}: {_many(number)}, {number / max(1, len(_all_days(outcome))):.1f} a day"]
    for channel in outcome.channels:
        held = ", ".join(f"{kind} {count}" for kind, count in channel.summaries.items())
        whose = f"alerts to {channel.channel}" if channel.channel != ANYBODY else "alerts"
        told = f"{whose}: {channel.alone} alone"
        parts.append(told + (f", {sum(channel.summaries.values())} in summaries ({held})" if held else ""))
    return "; ".join(parts)


def _all_days(outcome: Outcome) -> list[date]:
    days = {day for watch in outcome.watches for day in watch.by_day}
    first = outcome.since.date() if outcome.since else min(days, default=None)
    last = outcome.until.date() if outcome.since else max(days, default=None)
    if first is None or last is None:
        return []
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _days(outcome: Outcome, by_day: Mapping[date, int]) -> list[int]:
    return [by_day.get(day, 0) for day in _all_days(outcome)[-MOST_DAYS:]]


def _bars(numbers: Sequence[int]) -> str:
    most = max(numbers, default=0)
    return "".join(BARS[min(7, -(-one * 7 // most))] for one in numbers) if most else ""


def _write_page(path: Path, result: Mapping[str, Any], zone: str) -> None:
    from monitor.render.backtest_page import render

    path.write_text(render(result, zone), encoding="utf-8")
