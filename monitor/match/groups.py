"""The groups of terms of all watchlists: read, and seen to it that none contains itself or grows without bound.

It reads items; what a group finds is decided where its terms are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.errors import Problem
from monitor.match.places import problem
from monitor.model import Watchlist
from monitor.query import Group, Node, QueryError, parse_item, walk

MAX_DEPTH = 20  # groups within one another
MAX_TERMS = 50_000  # of one group, with those of the groups in it


@dataclass(frozen=True, slots=True)
class _Member:
    """An item of a group, and where it stands."""

    node: Node
    place: str

    def groups(self) -> Iterator[Group]:
        return (node for node in walk(self.node) if isinstance(node, Group))


@dataclass(frozen=True, slots=True)
class _Size:
    """How deep a group goes and how many terms it comes to."""

    depth: int
    terms: int


def read_groups(watchlists: Sequence[Watchlist], problems: list[Problem]) -> dict[str, tuple[Node, ...]]:
    """Name -> members. What is wrong is added to `problems` and left out, so that every group that is returned ends."""
    members = {name: tuple(_members(watchlist, name, problems)) for watchlist in watchlists for name in watchlist.terms}
    checked = _Checked(members, problems)
    for name in members:
        checked.size(name, ())
    return {
        name: tuple(member.node for at, member in enumerate(found) if (name, at) not in checked.refused)
        for name, found in members.items()
    }


def _members(watchlist: Watchlist, name: str, problems: list[Problem]) -> Iterator[_Member]:
    places = watchlist.places
    for at, item in enumerate(watchlist.terms[name]):
        place = places.get(f"terms.{name}[{at}]") or places.get(f"terms.{name}") or watchlist.path
        try:
            yield _Member(parse_item(item), place)
        except QueryError as error:
            problems.append(problem(place, f"{item!r}: {error}", error.column))


@dataclass(slots=True)
class _Checked:
    """The groups looked at so far; an item that may not stand is `refused`: group and number of the item."""

    members: Mapping[str, Sequence[_Member]]
    problems: list[Problem]
    sizes: dict[str, _Size] = field(default_factory=dict)
    refused: set[tuple[str, int]] = field(default_factory=set)

    def size(self, name: str, path: tuple[str, ...]) -> _Size:
        """How large the group `name` is, that was come to by `path`."""
        if name not in self.sizes:
            depth = terms = 0
            for at, member in enumerate(self.members.get(name, ())):
                part = self._item(name, at, (*path, name))
                if terms + part.terms > MAX_TERMS:
                    part = self._refuse(name, at, f"{member.node}: ${name} comes to more than {MAX_TERMS} terms")
                depth, terms = max(depth, part.depth), terms + part.terms
            self.sizes[name] = _Size(depth + 1, terms)
        return self.sizes[name]

    def _item(self, name: str, at: int, path: tuple[str, ...]) -> _Size:
        member = self.members[name][at]
        terms, depth = 1, 0
        for group in member.groups():
            if group.name in path:
                circle = (*path[path.index(group.name) :], group.name)
                return self._refuse(name, at, f"${group.name} contains itself ({' -> '.join(circle)})")
            if len(path) > MAX_DEPTH:
                return self._refuse(name, at, f"more than {MAX_DEPTH} groups within one another; write the terms here")
            inner = self.size(group.name, path)
            terms, depth = inner.terms, inner.depth
        if depth >= MAX_DEPTH:
            return self._refuse(name, at, f"more than {MAX_DEPTH} groups within one another; write the terms here")
        return _Size(depth, terms)

    def _refuse(self, name: str, at: int, message: str) -> _Size:
        self.refused.add((name, at))
        self.problems.append(problem(self.members[name][at].place, message))
        return _Size(0, 0)
