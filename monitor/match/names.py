"""Feeds and tags that expressions name (feed:…, tag:…) and that no feed has.

It compares names; what they limit is judged in evaluate.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.errors import Problem
from monitor.match.places import problem
from monitor.match.program import Program
from monitor.model import Watch
from monitor.query import Field, Group, Node, Term, parse, parse_item, walk


@dataclass(frozen=True, slots=True)
class Names:
    """What the feeds are called and tagged. `is_complete`: no feed takes a name that only its first poll shows."""

    feeds: frozenset[str]
    tags: frozenset[str]
    is_complete: bool = True


def strangers(program: Program, names: Names) -> Iterator[Problem]:
    """Every feed:… and tag:… of `program` that is none of `names`; a warning where not all names are known."""
    known = {"feed": _small(names.feeds), "tag": _small(names.tags)}
    for compiled in program.watches:
        for node, place in _expressions(compiled.watch):
            for part in walk(node):
                if isinstance(part, Field) and part.field in known:
                    for term, column in _terms(part.inner, program.groups):
                        if term.casefold() not in known[part.field]:
                            message = _message(part.field, term, known)
                            is_warning = part.field == "feed" and not names.is_complete
                            yield problem(place, message, column, is_warning=is_warning)


def _small(names: frozenset[str]) -> dict[str, str]:
    return {name.casefold(): name for name in sorted(names)}


def _expressions(watch: Watch) -> Iterator[tuple[Node, str]]:
    if watch.match is not None:
        yield parse(watch.match), watch.places.get("match", watch.where)
    for key in ("all", "any", "none"):
        for at, item in enumerate(getattr(watch, key)):
            yield parse_item(item), watch.places.get(f"{key}[{at}]", watch.where)


def _terms(node: Node, groups: Mapping[str, tuple[Node, ...]]) -> Iterator[tuple[str, int]]:
    for part in walk(node):
        if isinstance(part, Term):
            yield part.text, part.column
        elif isinstance(part, Group):
            for member in groups.get(part.name, ()):
                yield from ((text, part.column) for text, _ in _terms(member, groups))


def _message(field: str, name: str, known: Mapping[str, Mapping[str, str]]) -> str:
    from difflib import get_close_matches

    said = f"no feed is named {name!r}" if field == "feed" else f"no feed has the tag {name!r}"
    near = get_close_matches(name.casefold(), known[field], n=1)
    if near:
        return f"{said}; did you mean {field}:{_quoted(known[field][near[0]])}?"
    other = "tag" if field == "feed" else "feed"
    return f"{said}; did you mean {other}:{_quoted(name)}?" if name.casefold() in known[other] else said


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
