"""Proposals for watches: what would remove hits that readers marked wrong, and what a watch does not cover yet.

It proposes with evidence and changes nothing; it must not write, nor touch a watchlist's file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from monitor import neighbours
from monitor.backtest import chosen
from monitor.language.frequent import is_common
from monitor.match import compile as compile_watches
from monitor.model import Document, Watch, Watchlist, all_groups
from monitor.neighbours import Neighbour, Watching
from monitor.query import Node, Term, parse, parse_item, walk
from monitor.search import Outlets, document_of, question, search
from monitor.shortid import encode
from monitor.store import archive, judgments
from monitor.store.archive import Archived
from monitor.store.judgments import Judgment

Kind = Literal["none", "must_not_match", "form", "neighbour"]

HITS = 500  # of a watch that are looked at, the newest
CANDIDATES = 5000  # articles that the matcher looks at for one watch
PROPOSED = 3  # terms under `none:`
TRIED = 25  # phrases that are weighed for them
TESTS = 5  # sentences
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line that may be added to a watch, with what it would have done in the time looked at.

    none: `text` is a term under `none:` that would have removed `wrong` marked hits, `right` ones marked right and
    `others` that nobody marked. must_not_match: a sentence as a test. form, neighbour: `text` is a term under `any:`
    that is in `articles` articles, `new` of which the watch does not find.
    """

    watch: str
    watchlist: str
    kind: Kind
    text: str
    why: str
    wrong: int = 0
    right: int = 0
    others: int = 0
    articles: int = 0
    new: int = 0
    examples: tuple[tuple[str, str], ...] = ()  # (id, headline)
    is_match: bool = False  # the watch has an expression, which takes no `any:` or `none:` beside it


@dataclass(frozen=True, slots=True)
class _Case:
    """An article that a watch found, with what readers said of it."""

    article: Archived
    document: Document
    verdict: str  # wrong | right | "": nobody said

    @property
    def whole(self) -> str:
        return f"{self.document.title}\n{self.document.text}"


def suggest(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    outlets: Outlets,
    now: datetime,
    *,
    only: Sequence[str] = (),
    days: int = 30,
) -> list[Suggestion]:
    """What could be added to the watches, best first within each watch. Raises InputError for an unknown watch."""
    since = now - timedelta(days=days)
    wanted = chosen(watchlists, only)
    found: list[Suggestion] = []
    for watchlist in wanted:
        for watch in watchlist.watches:
            found += _for_watch(connection, wanted, watchlist, watch, outlets, since)
    return found


def _for_watch(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    watchlist: Watchlist,
    watch: Watch,
    outlets: Outlets,
    since: datetime,
) -> Iterator[Suggestion]:
    matcher = compile_watches(chosen(watchlists, [f"{watchlist.name}/{watch.name}"]))
    hits = search(connection, matcher, outlets, limit=HITS, since=since, most=CANDIDATES).found
    marks = judgments.listing(connection, watch=(watchlist.name, watch.name))
    cases = _cases(connection, [found.article_id for found in hits], marks, outlets)
    key = (watch.name, watchlist.name)
    if any(case.verdict == "wrong" for case in cases):
        yield from _against(cases, key)
        yield from _tests(cases, matcher, key, watch)
    watching = Watching(matcher, _terms(watch, watchlists), hits)
    for kind, near in (("form", neighbours.forms), ("neighbour", neighbours.names)):
        for one in near(connection, watching, outlets, since):
            near_by = _near(key, "form" if kind == "form" else "neighbour", one)
            yield replace(near_by, is_match=watch.match is not None)


def _near(key: tuple[str, str], kind: Kind, one: Neighbour) -> Suggestion:
    return Suggestion(*key, kind, one.text, one.why, articles=one.articles, new=one.new, examples=one.examples)


def _cases(connection: Connection, found: Sequence[int], marks: Sequence[Judgment], outlets: Outlets) -> list[_Case]:
    """What the watch found in the time, and what was marked whenever that was."""
    verdicts = {mark.article_id: mark.verdict for mark in marks}
    ids = list(dict.fromkeys((*verdicts, *found)))
    return [_Case(one, document_of(one, outlets), verdicts.get(one.id, "")) for one in archive.load(connection, ids)]


# ------------------------------------------------------------------------------------------------ terms for none:


def _against(cases: Sequence[_Case], key: tuple[str, str]) -> Iterator[Suggestion]:
    """Terms that stand in what was marked wrong and hardly elsewhere; each covers what those before it left."""
    wrong = [case for case in cases if case.verdict == "wrong"]
    weighed = [_weigh(term, cases) for term in _phrases(wrong, [case for case in cases if case.verdict != "wrong"])]
    left = {case.article.id for case in wrong}
    for _ in range(PROPOSED):
        useful = [one for one in weighed if one.removes & left and one.worth(left) > 0]
        if not useful:
            return
        best = max(useful, key=lambda one: (one.worth(left), -len(one.term)))
        left -= best.removes
        why = f"in {len(best.wrong)} of {len(wrong)} articles marked wrong"
        yield Suggestion(
            *key,
            "none",
            best.term,
            why,
            wrong=len(best.wrong),
            right=best.right,
            others=best.others,
            examples=tuple((encode("N", case.article.id), case.article.title) for case in best.wrong[:3]),
        )


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A term with what it would remove."""

    term: str
    wrong: tuple[_Case, ...]
    right: int
    others: int

    @property
    def removes(self) -> set[int]:
        return {case.article.id for case in self.wrong}

    def worth(self, left: set[int]) -> float:
        """What was marked right must stay; what nobody marked is more likely right than wrong."""
        return len(self.removes & left) - 5 * self.right - 0.5 * self.others


def _weigh(term: str, cases: Sequence[_Case]) -> _Weighed:
    matcher = question(f'"{term}"' if " " in term else term)
    removed = [case for case in cases if matcher.find(case.document, snippets=False)]
    return _Weighed(
        term,
        tuple(case for case in removed if case.verdict == "wrong"),
        sum(case.verdict == "right" for case in removed),
        sum(not case.verdict for case in removed),
    )


def _phrases(wrong: Sequence[_Case], others: Sequence[_Case]) -> list[str]:
    """Words and pairs of words that set the wrong articles apart, the likeliest first."""
    inside, outside = _counted(wrong), _counted(others)
    size = max(1, len(others))

    def score(phrase: str) -> tuple[float, int, str]:
        return inside[phrase] / len(wrong) - outside[phrase] / size, " " in phrase, phrase

    least = 2 if len(wrong) > 3 else 1
    return sorted((phrase for phrase in inside if inside[phrase] >= least), key=score, reverse=True)[:TRIED]


def _counted(cases: Sequence[_Case]) -> Mapping[str, int]:
    """In how many articles each word and pair of words is; common words say nothing."""
    counted: Counter[str] = Counter()
    for case in cases:
        language = case.document.language or "en"
        words = [word.lower() for word in _WORD.findall(case.whole)]
        telling = [len(word) > 3 and not word.isdigit() and not is_common(word, language) for word in words]
        single = {word for word, is_telling in zip(words, telling, strict=True) if is_telling}
        pairs = {f"{words[at]} {words[at + 1]}" for at in range(len(words) - 1) if telling[at] and telling[at + 1]}
        counted.update(single | pairs)
    return counted


# --------------------------------------------------------------------------------------------------------- tests


def _tests(cases: Sequence[_Case], matcher: object, key: tuple[str, str], watch: Watch) -> Iterator[Suggestion]:
    """Sentences of what was marked wrong that the watch finds, as cases of `must_not_match`."""
    from monitor.match import Matcher

    assert isinstance(matcher, Matcher)
    known = set(watch.must_not_match)
    for case in cases:
        if case.verdict != "wrong" or len(known) >= len(watch.must_not_match) + TESTS:
            continue
        hits = matcher.find(case.document)
        sentence = next((piece.snippet for hit in hits for piece in hit.evidence if piece.snippet), "")
        if sentence and sentence not in known:
            known.add(sentence)
            example = (encode("N", case.article.id), case.article.title)
            yield Suggestion(*key, "must_not_match", sentence, "marked wrong", wrong=1, examples=(example,))


# --------------------------------------------------------------------------------------------------------- terms


def _terms(watch: Watch, watchlists: Sequence[Watchlist]) -> tuple[str, ...]:
    """The single terms that a watch looks for, as written."""
    groups = all_groups(watchlists)
    nodes = [parse(watch.match)] if watch.match is not None else []
    nodes += [parse_item(item) for item in (*watch.all, *watch.any)]
    return neighbours.terms_of(_words(node, groups, 0) for node in nodes)


def _words(node: Node, groups: Mapping[str, Sequence[str]], depth: int) -> list[str]:
    from monitor.query import Group

    found = []
    for one in walk(node):
        if isinstance(one, Term) and one.kind == "words":
            found.append(one.text)
        elif isinstance(one, Group) and depth < 5:
            found += [word for item in groups.get(one.name, ()) for word in _words(parse_item(item), groups, depth + 1)]
    return found
