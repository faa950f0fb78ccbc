"""The matcher that everything else asks: what is found, why, why not, and what the watchlists' own tests say.

It compiles and hands on; the finding is in finder.py, the boolean part in evaluate.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from monitor.errors import Problem
from monitor.language.detect import code, languages_in
from monitor.language.tables import Table, is_ready, table
from monitor.match.evaluate import Place, fields_of, judge, mentions, needs_a_term
from monitor.match.finder import Finder
from monitor.match.lexicon import Language
from monitor.match.names import Names, strangers
from monitor.match.nearly import cause
from monitor.match.places import problem
from monitor.match.program import CompiledWatch, Program, read
from monitor.match.reading import MOST_EVIDENCE, Reading
from monitor.match.rules import DEFAULT_FIELDS, Leaf
from monitor.match.wanted import Need
from monitor.match.wanted import wanted as wanted_by
from monitor.model import ABSENT, Document, Evidence, Hit, Miss, Watch, Watchlist

_RARE = 100  # a language of fewer than one in so many articles is rare
_MOST_MISSES, _MOST_LOOKED_AT = 20, 100  # near misses of one article, and watches that are asked for theirs


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clause of a watch, judged on one document. `reason` says in words why (not); children are its parts."""

    clause: str
    is_met: bool
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    children: tuple[Verdict, ...] = ()
    watch: str = ""  # at the top only
    watchlist: str = ""


#: A term as written, the words found, the field, start and end in it.
Term = tuple[str, str, str, int, int]


class Matcher:
    """All watches of all watchlists. Picklable; deterministic; safe to use in several processes."""

    def __init__(
        self, watchlists: Sequence[Watchlist], cache: Path | None = None, tables: frozenset[str] | None = None
    ) -> None:
        self._watchlists = tuple(watchlists)
        self._cache = cache
        self._tables = tables
        self._program: Program = read(watchlists)
        self._finders: dict[str | None, Finder] = {}
        self._fields = frozenset(DEFAULT_FIELDS).union(*(fields_of(watch.rule) for watch in self._program.watches))
        self._always = tuple(n for n, watch in enumerate(self._program.watches) if not needs_a_term(watch.rule))
        self._watches_of: dict[int, list[int]] = {}
        single: dict[int, list[tuple[int, str, str]]] = {}
        for number, watch in enumerate(self._program.watches):
            if isinstance(watch.rule, Leaf) and watch.rule.fields == DEFAULT_FIELDS:
                single.setdefault(watch.rule.atom, []).append((number, watch.watch.name, watch.rule.label))
                continue
            for atom in sorted(mentions(watch.rule)):
                self._watches_of.setdefault(atom, []).append(number)
        #: By term, the watches that are that term alone: the short way.
        self._single = [tuple(single.get(atom, ())) for atom in range(len(self._program.atoms))]

    def __reduce__(self) -> tuple[object, ...]:
        return Matcher, (self._watchlists, self._cache, self._tables)

    def find(self, document: Document, *, snippets: bool = True) -> tuple[Hit, ...]:
        """Every watch that is met, in the order of the watchlists, with at most 20 pieces of evidence a term."""
        return self._hits(self._read(document), snippets=snippets)

    def judge(self, document: Document) -> tuple[tuple[Hit, ...], tuple[Miss, ...]]:
        """What `find` gives, and the watches that `document` came near; those first of which every word was there."""
        reading = self._read(document)
        return self._hits(reading, snippets=True), tuple(self._misses(reading))

    def _misses(self, reading: Reading) -> list[Miss]:
        """At most 20, of 100 that are looked at: a text that holds a part of everything says nothing of any watch."""
        watches = (self._program.watches[number] for number in sorted(self._candidates(reading)))
        unmet = (compiled for compiled in watches if judge(compiled.rule, reading.facts) is None)
        found = [
            Miss(compiled.watch.name, compiled.watch.watchlist, why)
            for compiled in islice(unmet, _MOST_LOOKED_AT)
            if (why := cause(compiled.rule, reading.facts))
        ]
        return sorted(found, key=lambda one: one.cause.startswith(ABSENT))[:_MOST_MISSES]

    def read(self, document: Document) -> tuple[str | None, list[tuple[str, list[Term]]]]:
        """The language of `document`; each watch found, in order, with its places: term, words, field, start, end.

        The quick way for thousands of texts: `find` without snippets, as plain tuples.
        """
        reading = self._read(document)
        found = self._read_singles(reading)
        for number, evidence in self._judged(reading):
            pieces = reading.evidence(evidence, snippets=False)
            terms = [(piece.term, piece.text, piece.field, piece.start, piece.end) for piece in pieces]
            found[number] = (self._program.watches[number].watch.name, terms)
        return reading.languages[0], [found[number] for number in sorted(found)]

    def _read_singles(self, reading: Reading) -> dict[int, tuple[str, list[Term]]]:
        """By number, what `read` says of the watches that are one term."""
        found: dict[int, tuple[str, list[Term]]] = {}
        single = self._single
        for field in DEFAULT_FIELDS:
            original = reading.original(field)
            for atom, places in reading.found.get(field, {}).items():
                for number, name, label in single[atom]:
                    shown = places[: MOST_EVIDENCE - (len(found[number][1]) if number in found else 0)]
                    terms = [(label, original[start:end], field, start, end) for start, end, _ in shown]
                    if number in found:
                        found[number][1].extend(terms)
                    else:
                        found[number] = name, terms
        return found

    def _candidates(self, reading: Reading) -> set[int]:
        """Watches of more than one term of which one is found, by number."""
        candidates = set(self._always)
        for atom in reading.atoms() & self._watches_of.keys():
            candidates.update(self._watches_of[atom])
        return candidates

    def _judged(self, reading: Reading) -> Iterator[tuple[int, list[Place]]]:
        """Watches of more than one term that are met, by number, with the places that met them."""
        for number in self._candidates(reading):
            places = judge(self._program.watches[number].rule, reading.facts)
            if places is not None:
                yield number, places

    def _hits(self, reading: Reading, *, snippets: bool) -> tuple[Hit, ...]:
        hits: dict[int, Hit] = {}
        for atom in reading.atoms():
            for number, _, label in self._single[atom]:
                evidence = reading.evidence_of(atom, label, snippets=snippets)
                if evidence:
                    hits[number] = self._hit(self._program.watches[number], evidence)
        for number, places in self._judged(reading):
            hits[number] = self._hit(self._program.watches[number], reading.evidence(places, snippets=snippets))
        return tuple(hits[number] for number in sorted(hits))

    def _hit(self, compiled: CompiledWatch, evidence: tuple[Evidence, ...]) -> Hit:
        return Hit(compiled.watch.name, compiled.watch.watchlist, evidence)

    def _read(self, document: Document) -> Reading:
        languages: Sequence[str | None] = self._languages(document) or (None,)
        return Reading(document, languages, [self._finder(language) for language in languages], self._fields)

    def _languages(self, document: Document) -> tuple[str, ...]:
        return languages_in(f"{document.title}\n{document.text}", document.language)

    def _finder(self, language: str | None) -> Finder:
        if language not in self._finders:
            self._finders[language] = Finder(self._program.atoms, Language(language, self._table(language)))
        return self._finders[language]

    def _table(self, language: str | None) -> Table:
        is_wanted = language and (self._tables is None or language in self._tables)
        return table(language, self._cache) if language and is_wanted else Table(None)

    def explain(self, document: Document) -> tuple[Verdict, ...]:
        """Every watch, met or not, clause by clause."""
        from monitor.match.explain import verdict

        reading = self._read(document)
        return tuple(verdict(compiled, reading) for compiled in self._program.watches)

    def language(self, document: Document) -> str | None:
        """The language that `document` is read in: detected where none is given."""
        found = self._languages(document)
        return found[0] if found else None

    def with_tables(self, counted: Mapping[str, int]) -> Matcher:
        """The same for an archive of so many articles in each language: a table of forms that is not there yet is
        built only for what it holds enough of, since a headline is easily taken for another language."""
        least = max(1, sum(counted.values()) // _RARE)
        usable = {language for language, number in counted.items() if number >= least}
        ready = {language for language in counted if is_ready(language, self._cache)}
        return Matcher(self._watchlists, self._cache, frozenset(usable | ready))

    def wanted(self, languages: Iterable[str | None]) -> Need:
        """The words that an article in one of these languages must hold for any watch to be found in it; None: it may
        hold anything."""
        codes = dict.fromkeys((None, *languages))
        known = [Language(name, self._table(name)) for name in codes]
        return wanted_by((watch.rule for watch in self._program.watches), self._program.atoms, known)

    def failures(self) -> list[Problem]:
        """Every `must_match` that is not found and every `must_not_match` that is."""
        problems = []
        for compiled in self._program.watches:
            for key, wanted in (("must_match", True), ("must_not_match", False)):
                for at, text in enumerate(getattr(compiled.watch, key)):
                    if self._is_met(compiled, text) is not wanted:
                        problems.append(_failure(compiled.watch, key, at, text))
        return problems

    def _is_met(self, compiled: CompiledWatch, text: str) -> bool:
        """Whether a watch is met by a text of no feed; a watch of one language has its tests in that language."""
        languages = compiled.watch.languages
        hint = next(iter(languages)) if len(languages) == 1 else None
        return judge(compiled.unlimited, self._read(Document("", text, language=hint)).facts) is not None

    def warnings(self, languages: Mapping[str, int] | Iterable[str] = ()) -> list[Problem]:
        """Terms that would flood, precedence traps, and which of the feeds' languages (code -> number of feeds)
        a watch has no word for."""
        from monitor.match.advice import warnings

        feeds = {code(name) or name: 1 for name in languages}
        if isinstance(languages, Mapping):
            feeds = {}
            for name, count in languages.items():
                feeds[code(name) or name] = feeds.get(code(name) or name, 0) + count
        return list(warnings(self._program, feeds, self._table))

    def strangers(self, names: Names) -> list[Problem]:
        """Every feed:… and tag:… in an expression that none of `names` is."""
        return list(strangers(self._program, names))

    def is_spelled(self, term: str) -> bool:
        """Whether a watch asks for other spellings of `term`, so that it is found in other scripts too."""
        return any(atom.is_spelled for atom in self._program.atoms if atom.text == term)

    def forms(self, term: str, languages: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
        """The forms in which `term`, as written in a list, is found, by language; the words of a phrase in order."""
        from monitor.match.lexicon import Atom, shown

        atom = next((atom for atom in self._program.atoms if atom.text == term and not atom.is_exact), Atom(term))
        return {name: shown(atom, Language(name, self._table(name))) for name in languages}


def _failure(watch: Watch, key: str, at: int, text: str) -> Problem:
    said = "is not found" if key == "must_match" else "is found"
    place = watch.places.get(f"{key}[{at}]", watch.where)
    return problem(place, f"watch {watch.name!r}: {key} {text!r} {said}; 'monitor match' shows why")


def compile(
    watchlists: Sequence[Watchlist], *, cache: Path | None = None, tables: frozenset[str] | None = None
) -> Matcher:
    """One matcher for all `watchlists`. Raises ConfigError with every problem, at file:line:column.

    `cache` is the folder of the tables of forms; default $XDG_CACHE_HOME/news-monitor or ~/.cache/news-monitor.
    `tables` names the languages whose tables may be built and used; None: all.
    """
    return Matcher(watchlists, cache, tables)
