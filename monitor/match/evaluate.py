"""A rule judged on the places that the terms were found at in one document.

It is the boolean part; it finds no words itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, NoneOf, Rule, Whole

#: What terms may be found in, in the order in which evidence is shown.
FIELDS = ("title", "text", "url", "author")
_FIELD_ORDER = {name: number for number, name in enumerate(FIELDS)}


class Place(NamedTuple):
    """Where a term stands; offsets into the field as given."""

    field: str
    start: int
    end: int
    atom: int
    label: str
    note: str

    def order(self) -> tuple[int, int, int]:
        return _FIELD_ORDER[self.field], self.start, self.end


@dataclass(slots=True)
class Facts:
    """What is known of a document: by field the places of each term, where words begin, its values."""

    found: Mapping[str, Mapping[int, Sequence[tuple[int, int, str]]]]
    words: Mapping[str, Sequence[int]]
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    judged: dict[int, list[Place] | None] = field(default_factory=dict)  # by the identity of the rule


def judge(rule: Rule, facts: Facts) -> list[Place] | None:
    """The evidence for `rule`, None if it is not met. What is met by an absence has no evidence.

    Each part is judged once a document, however often it is asked for: `rule` must outlive `facts`.
    """
    if id(rule) not in facts.judged:
        facts.judged[id(rule)] = _judge(rule, facts)
    return facts.judged[id(rule)]


def _judge(rule: Rule, facts: Facts) -> list[Place] | None:
    match rule:
        case Leaf():
            return leaf_places(rule, facts) or None
        case Whole(field=name, values=values):
            return [] if facts.values[name] & values else None
        case NoneOf(part=part):
            return [] if judge(part, facts) is None else None
        case AnyOf(parts=parts):
            return _any(parts, facts)
        case AllOf(parts=parts):
            return _all(parts, facts)
        case Nearby():
            return _nearby(rule, facts)


def leaf_places(leaf: Leaf, facts: Facts) -> list[Place]:
    """Where the term stands, in the fields in which it counts."""
    return [
        Place(name, start, end, leaf.atom, leaf.label, note)
        for name in leaf.fields
        if name in facts.found
        for start, end, note in facts.found[name].get(leaf.atom, ())
    ]


def _any(parts: tuple[Rule, ...], facts: Facts) -> list[Place] | None:
    met = [places for part in parts if (places := judge(part, facts)) is not None]
    return [place for places in met for place in places] if met else None


def _all(parts: tuple[Rule, ...], facts: Facts) -> list[Place] | None:
    gathered: list[Place] = []
    for part in parts:
        places = judge(part, facts)
        if places is None:
            return None
        gathered += places
    return gathered


def _nearby(rule: Nearby, facts: Facts) -> list[Place] | None:
    left, right = judge(rule.left, facts), judge(rule.right, facts)
    if not left or not right:
        return None
    near = dict.fromkeys((*_those_near(left, right, rule, facts), *_those_near(right, left, rule, facts)))
    return list(near) or None


def _those_near(places: list[Place], others: list[Place], rule: Nearby, facts: Facts) -> Iterator[Place]:
    """Those of `places` that at most so many words part from one of `others`; what overlaps it is not near.

    It is enough to look at the last that ends before a place and the first that begins behind it: n log n.
    """
    fields = {place.field for place in others}
    starts = {name: sorted(place.start for place in others if place.field == name) for name in fields}
    ends = {name: sorted(place.end for place in others if place.field == name) for name in fields}
    for place in places:
        if place.field not in fields:
            continue
        words, begins, stops = facts.words[place.field], starts[place.field], ends[place.field]
        behind = bisect_left(begins, place.end)
        if behind < len(begins):
            apart = _word_at(words, begins[behind]) - _word_at(words, place.end - 1)
            if apart <= rule.distance + 1:
                yield place
                continue
        before = bisect_right(stops, place.start) - 1
        if before >= 0 and _word_at(words, place.start) - _word_at(words, stops[before] - 1) <= rule.distance + 1:
            yield place


def _word_at(words: Sequence[int], offset: int) -> int:
    """Number of the word that `offset` stands in."""
    return bisect_right(words, offset) - 1


def mentions(rule: Rule) -> set[int]:
    """Every term that can help `rule` to be met."""
    match rule:
        case Leaf(atom=atom):
            return {atom}
        case AnyOf(parts=parts) | AllOf(parts=parts):
            return set().union(*map(mentions, parts))
        case Nearby(left=left, right=right):
            return mentions(left) | mentions(right)
    return set()


def fields_of(rule: Rule) -> set[str]:
    """Every field that a term of `rule` is looked for in."""
    match rule:
        case Leaf(fields=fields):
            return set(fields)
        case AnyOf(parts=parts) | AllOf(parts=parts):
            return set().union(*map(fields_of, parts))
        case NoneOf(part=part):
            return fields_of(part)
        case Nearby(left=left, right=right):
            return fields_of(left) | fields_of(right)
    return set()


def needs_a_term(rule: Rule) -> bool:
    """Whether `rule` can only be met where one of the terms that it mentions stands."""
    match rule:
        case Leaf() | Nearby():
            return True
        case AllOf(parts=parts):
            return any(map(needs_a_term, parts))
        case AnyOf(parts=parts):
            return all(map(needs_a_term, parts))
    return False


__all__ = ["FIELDS", "Facts", "Place", "fields_of", "judge", "leaf_places", "mentions", "needs_a_term"]
