"""One document as read for matching: its languages, its fields, the places of every term; and evidence made of them.

It judges no watch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property
from heapq import nsmallest
from itertools import chain

from monitor.match.elements import Found
from monitor.match.evaluate import FIELDS, Facts, Place
from monitor.match.finder import Finder, Places
from monitor.match.rules import DEFAULT_FIELDS
from monitor.match.view import View
from monitor.model import Document, Evidence

MOST_EVIDENCE = 20  # places of one term in one article


class Reading:
    """One document as read for matching: its languages, its fields, the places of every term."""

    def __init__(
        self, document: Document, languages: Sequence[str | None], finders: Sequence[Finder], wanted: Set[str]
    ) -> None:
        self.document = document
        self.languages = tuple(languages)
        fields = {name: text for name in FIELDS if name in wanted and (text := getattr(document, name))}
        self.views: dict[str, View] = {}
        self.found: dict[str, Places] = {}  # by field: the places of terms by number, in order
        for language, finder in zip(languages, finders, strict=True):
            views = [View(name, text, language) for name, text in fields.items()]
            for view in views:
                view.peers = tuple(peer for peer in views if peer is not view)
                self.views.setdefault(view.field, view)
                self._add(view, finder)

    def _add(self, view: View, finder: Finder) -> None:
        found = finder.find(view)
        if view.normalised.changes:
            for places in found.values():
                places[:] = view.normalised.originals(places)
        if view.field in self.found:
            _merge(self.found[view.field], found)
        else:
            self.found[view.field] = found

    @cached_property
    def facts(self) -> Facts:
        document = self.document
        source = {document.feed.casefold(), *(f"tag:{tag.casefold()}" for tag in document.tags)}
        values = {
            "lang": frozenset(language for language in self.languages if language),
            "feed": frozenset({document.feed.casefold()}),
            "tag": frozenset(tag.casefold() for tag in document.tags),
            "source": frozenset(source),
        }
        return Facts(self.found, _Words(self.views), values)

    def atoms(self) -> set[int]:
        """The terms that are found in any field, by number."""
        return set().union(*self.found.values())

    def original(self, field: str) -> str:
        """A field as given."""
        return self.views[field].original if field in self.views else ""

    def places_of(self, atom: int, field: str) -> list[Found]:
        """The first places of one term in a field."""
        return self.found[field].get(atom, [])[:MOST_EVIDENCE] if field in self.found else []

    def evidence_of(self, atom: int, label: str, *, snippets: bool) -> tuple[Evidence, ...]:
        """Evidence for one term in title and text: `evidence`, the short way."""
        places = [
            Place(name, start, end, atom, label, note)
            for name in DEFAULT_FIELDS
            for start, end, note in self.places_of(atom, name)
        ]
        return tuple([self._evidence(place, snippets=snippets) for place in places[:MOST_EVIDENCE]])

    def evidence(self, places: Iterable[Place], *, snippets: bool) -> tuple[Evidence, ...]:
        """`places` in order of field and offset, at most 20 of a term."""
        by_atom: dict[int, dict[Place, None]] = {}
        for place in places:
            by_atom.setdefault(place.atom, {})[place] = None
        first = [nsmallest(MOST_EVIDENCE, known, key=_order) for known in by_atom.values()]
        chosen = sorted(chain.from_iterable(first), key=_order)
        return tuple([self._evidence(place, snippets=snippets) for place in chosen])

    def _evidence(self, place: Place, *, snippets: bool) -> Evidence:
        view = self.views[place.field]
        text = view.original[place.start : place.end]
        snippet = view.sentence(place.start, place.end) if snippets else ""
        return Evidence(place.label, text, place.field, place.start, place.end, snippet, place.note)


def _merge(known: Places, found: Places) -> None:
    """Add to `known` what was found in the same field in another language."""
    for atom, places in found.items():
        noted = {(start, end): note for start, end, note in (*places, *known.get(atom, ()))}
        known[atom] = sorted((start, end, note) for (start, end), note in noted.items())


def _order(place: Place) -> tuple[int, int, int, str]:
    return *place.order(), place.label


class _Words(Mapping[str, Sequence[int]]):
    """Where words begin, per field, counted only when a NEAR asks."""

    def __init__(self, views: Mapping[str, View]) -> None:
        self._views = views
        self._counted: dict[str, list[int]] = {}

    def __getitem__(self, field: str) -> Sequence[int]:
        if field not in self._counted:
            view = self._views[field]
            self._counted[field] = [view.normalised.span(start, start)[0] for start in view.words]
        return self._counted[field]

    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)
