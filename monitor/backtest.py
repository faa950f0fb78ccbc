"""What watchlists would have found and sent over the archive, and what an edit of them adds and removes.

It decides with the same pure functions as the service; it must not write, send, or know where articles come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from monitor.alerting.policy import Relation
from monitor.errors import InputError
from monitor.hindsight import Article, Audience, ChannelResult, Seen, Telling
from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.model import Hit, Watchlist
from monitor.render.evidence import Sentence
from monitor.search import marked_sentences, marked_title
from monitor.stories import Head, Index

#: Called with how many articles were looked at, and of how many (0: not known).
Progress = Callable[[int, int], None]


class Archive(Protocol):
    """Where articles come from: monitor.archives has those of a store and of a file."""

    articles: int  # in the time that is looked at, known when `find` has ended
    looked_at: int  # of them, by the matcher

    def find(self, matcher: Matcher, progress: Progress) -> Iterator[Seen]:
        """Every article in which `matcher` finds something, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A hit as people are shown it."""

    key: str
    title: str
    url: str | None
    outlet: str
    language: str | None
    at: datetime
    headline: Sentence
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class WatchResult:
    """What one watch finds."""

    watch: str
    watchlist: str
    articles: int
    stories: int
    by_day: Mapping[date, int]  # articles
    terms: Mapping[str, int]  # articles in which each term was found
    outlets: Mapping[str, int]
    samples: tuple[Sample, ...]  # newest first


@dataclass(frozen=True, slots=True)
class Outcome:
    """A backtest. `found` maps the keys of articles to what was found in them."""

    since: datetime | None
    until: datetime
    articles: int  # in that time
    looked_at: int  # of them, by the matcher
    watches: tuple[WatchResult, ...]
    channels: tuple[ChannelResult, ...]
    found: Mapping[str, Seen] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does to one watch."""

    watch: str
    watchlist: str
    what: str  # new | gone | changed | same
    before: int  # articles
    after: int
    added: tuple[Sample, ...]  # newest first, at most as many as samples were asked for
    removed: tuple[Sample, ...]
    added_count: int = 0
    removed_count: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The watchlists in force against edited ones."""

    before: Outcome
    after: Outcome
    changes: tuple[Change, ...]


def run(
    archive: Archive,
    watchlists: Sequence[Watchlist],
    audience: Audience,
    now: datetime,
    *,
    only: Sequence[str] = (),
    since: datetime | None = None,
    samples: int = 5,
    progress: Progress | None = None,
) -> Outcome:
    """What `watchlists` (of them only the watches named in `only`) find in `archive`, and what would be sent.

    Raises ConfigError for watchlists that do not compile, InputError for a watch that is not there.
    """
    wanted = chosen(watchlists, only)
    found = sorted(archive.find(compile_watches(wanted), progress or _quietly), key=_by_time)
    placed = _placed(found)
    told = Telling(wanted, audience)
    for seen, story, relation in placed:
        told.tell(seen, story, relation)
    stories_of = {seen.article.key: story for seen, story, _ in placed}
    watches = [(watch, watchlist.name) for watchlist in wanted for watch in watchlist.watches]
    return Outcome(
        since=since,
        until=now,
        articles=archive.articles,
        looked_at=archive.looked_at,
        watches=tuple(_of_watch(watch.name, name, found, stories_of, samples, audience) for watch, name in watches),
        channels=told.results(),
        found={seen.article.key: seen for seen in found},
    )


def compare(
    archive: Archive,
    before: Sequence[Watchlist],
    after: Sequence[Watchlist],
    audience: Audience,
    now: datetime,
    *,
    only: Sequence[str] = (),
    since: datetime | None = None,
    samples: int = 5,
    progress: Progress | None = None,
) -> Comparison:
    """Both runs over the same articles, and what the edit adds and removes, watch by watch."""
    edited = _named(after, only) or only
    names = {watch.name for one in before for watch in one.watches}
    old = run(
        archive,
        before,
        audience,
        now,
        only=[name for name in edited if name.rpartition("/")[2] in names] if only else (),
        since=since,
        samples=samples,
        progress=progress,
    )
    new = run(archive, after, audience, now, only=edited, since=since, samples=samples, progress=progress)
    return Comparison(old, new, tuple(_changes(old, new, samples)))


def _quietly(done: int, total: int) -> None:
    pass


def _by_time(seen: Seen) -> tuple[datetime, str]:
    return seen.article.at, seen.article.key


# ------------------------------------------------------------------------------------------------- which watches


def chosen(watchlists: Sequence[Watchlist], only: Sequence[str]) -> list[Watchlist]:
    """The watchlists with none but the watches named (as `name` or `watchlist/name`); their groups stay usable.

    Raises InputError for a name that none has.
    """
    if not only:
        return list(watchlists)
    known = [name for watchlist in watchlists for watch in watchlist.watches for name in _names(watchlist, watch.name)]
    for name in only:
        if name.casefold() not in {one.casefold() for one in known}:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean '{near[0]}'?" if near else "'monitor check' lists the watchlists"
            raise InputError(f"there is no watch '{name}'; {meant}")
    wanted = {name.casefold() for name in only}
    return [
        replace(
            watchlist,
            watches=tuple(
                watch
                for watch in watchlist.watches
                if not wanted.isdisjoint(name.casefold() for name in _names(watchlist, watch.name))
            ),
        )
        for watchlist in watchlists
    ]


def _names(watchlist: Watchlist, watch: str) -> tuple[str, str]:
    return watch, f"{watchlist.name}/{watch}"


def _named(watchlists: Sequence[Watchlist], only: Sequence[str]) -> list[str]:
    """Those of `only` that stand in `watchlists`: a watch may be new, or gone."""
    known = {name.casefold() for one in watchlists for watch in one.watches for name in _names(one, watch.name)}
    return [name for name in only if name.casefold() in known]


# ------------------------------------------------------------------------------------------------- what is found


def _placed(found: Sequence[Seen]) -> list[tuple[Seen, str, Relation]]:
    """Each article with its story and what it is to it: as the archive has it, else grouped anew."""
    index = Index()
    placed: list[tuple[Seen, str, Relation]] = []
    for seen in found:
        article = seen.article
        if article.story is not None or seen.print_ is None:
            relation = article.relation if article.relation in ("report", "copy") else "first"
            placed.append((seen, article.story or article.key, cast(Relation, relation)))
        else:
            head = Head(article.document.title, article.document.language)
            placement = index.add(article.key, article.at, seen.print_, head)
            placed.append((seen, f"new {placement.story_id}", placement.relation))
    return placed


def _of_watch(
    watch: str, watchlist: str, found: Sequence[Seen], stories: Mapping[str, str], samples: int, audience: Audience
) -> WatchResult:
    zone = ZoneInfo(audience.alerts.zone)
    mine = [(seen, hit) for seen in found for hit in seen.hits if (hit.watch, hit.watchlist) == (watch, watchlist)]
    return WatchResult(
        watch=watch,
        watchlist=watchlist,
        articles=len(mine),
        stories=len({stories[seen.article.key] for seen, _ in mine}),
        by_day=dict(sorted(Counter(seen.article.at.astimezone(zone).date() for seen, _ in mine).items())),
        terms=dict(Counter(term for _, hit in mine for term in {piece.term for piece in hit.evidence}).most_common()),
        outlets=dict(Counter(seen.article.outlet for seen, _ in mine).most_common()),
        samples=tuple(sample(seen, hit) for seen, hit in _spread(mine, samples)),
    )


Item = TypeVar("Item")


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """So many of them, the newest first, from all of the time."""
    if len(items) <= most:
        return list(reversed(items))
    step = len(items) / max(1, most)
    return [items[len(items) - 1 - int(number * step)] for number in range(most)]


def sample(seen: Seen, hit: Hit) -> Sample:
    """A hit as people are shown it."""
    article = seen.article
    sentences = marked_sentences(hit.evidence, article.document.title, 1)
    return Sample(
        key=article.key,
        title=article.document.title,
        url=article.document.url or None,
        outlet=article.outlet,
        language=article.document.language,
        at=article.at,
        headline=marked_title(article.document.title, hit.evidence),
        sentence=sentences[0] if sentences else (),
    )


def _changes(old: Outcome, new: Outcome, samples: int) -> Iterator[Change]:
    """Watch by watch, in the order of the edited files; those that are gone come last."""
    before = {(one.watchlist, one.watch): one for one in old.watches}
    after = {(one.watchlist, one.watch): one for one in new.watches}
    for key in dict.fromkeys((*after, *before)):
        had, has = _found_by(old, key), _found_by(new, key)
        added = [has[one] for one in has if one not in had]
        removed = [had[one] for one in had if one not in has]
        is_same = not added and not removed
        what = "new" if key not in before else "gone" if key not in after else "same" if is_same else "changed"
        yield Change(
            watch=key[1],
            watchlist=key[0],
            what=what,
            before=len(had),
            after=len(has),
            added=tuple(sample(*one) for one in _spread(added, samples)),
            removed=tuple(sample(*one) for one in _spread(removed, samples)),
            added_count=len(added),
            removed_count=len(removed),
        )


def _found_by(outcome: Outcome, key: tuple[str, str]) -> dict[str, tuple[Seen, Hit]]:
    """In order of time, as `found` is."""
    return {
        one: (seen, hit)
        for one, seen in outcome.found.items()
        for hit in seen.hits
        if (hit.watchlist, hit.watch) == key
    }


__all__ = [
    "Archive", "Article", "Audience", "Change", "ChannelResult", "Comparison", "Outcome", "Progress", "Sample", "Seen",
    "WatchResult", "chosen", "compare", "run", "sample",
]  # fmt: skip
