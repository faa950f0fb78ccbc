"""A watch as what is evaluated: its expression with groups looked up and terms numbered.

It finds every problem of a watch's terms; it evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.language.codes import mistaken
from monitor.language.detect import code
from monitor.match.lexicon import Atom
from monitor.model import Watch
from monitor.query import And, Field, Group, Near, Node, Not, Or, QueryError, Term
from monitor.query.nodes import WHOLE_VALUE_FIELDS, walk

DEFAULT_FIELDS = ("title", "text")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term, by number, in the fields in which it counts."""

    atom: int
    fields: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A value of the document that must be one of `values`."""

    field: str  # lang, feed, tag, source (a feed's name or tag:NAME)
    values: frozenset[str]
    label: str


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Rule, ...]
    label: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Rule, ...]
    label: str


@dataclass(frozen=True, slots=True)
class NoneOf:
    part: Rule
    label: str


@dataclass(frozen=True, slots=True)
class Nearby:
    left: Rule
    right: Rule
    distance: int
    label: str


Rule = Leaf | Whole | AllOf | AnyOf | NoneOf | Nearby


@dataclass(slots=True)
class Atoms:
    """Numbers every distinct term once, in the order met."""

    numbers: dict[Atom, int] = field(default_factory=dict)

    def number(self, atom: Atom) -> int:
        return self.numbers.setdefault(atom, len(self.numbers))


@dataclass(frozen=True, slots=True)
class Context:
    """What a watch's terms are read with: the groups of all watchlists, the numbering, the watch's own options."""

    groups: Mapping[str, tuple[Node, ...]]
    atoms: Atoms
    watch: Watch

    def leaf(self, term: Term, fields: tuple[str, ...]) -> Leaf:
        is_spelled = "translit" in self.watch.spellings
        atom = Atom(term.text, term.kind == "exact", is_spelled, frozenset(self.watch.not_forms))
        return Leaf(self.atoms.number(atom), fields, term.text)


def rule(node: Node, context: Context, fields: tuple[str, ...] = DEFAULT_FIELDS) -> Rule:
    """`node` as a rule. Raises QueryError for a group that does not exist."""
    match node:
        case Term():
            return context.leaf(node, fields)
        case Group(name=name):
            members = _members(node, context)
            return AnyOf(tuple(rule(member, context, fields) for member in members), f"${name}")
        case Field(field=name, inner=inner):
            if name in WHOLE_VALUE_FIELDS:
                return _whole(name, inner, context)
            return rule(inner, context, (name,))
        case Not(inner=inner):
            return NoneOf(rule(inner, context, fields), str(node))
        case Near(left=left, right=right, distance=distance):
            return Nearby(rule(left, context, fields), rule(right, context, fields), distance, str(node))
        case And(parts=parts):
            return AllOf(tuple(rule(part, context, fields) for part in parts), str(node))
        case Or(parts=parts):
            return AnyOf(tuple(rule(part, context, fields) for part in parts), str(node))


def _members(group: Group, context: Context) -> tuple[Node, ...]:
    members = context.groups.get(group.name)
    if members is None:
        from difflib import get_close_matches

        near = get_close_matches(group.name, context.groups, n=1)
        meant = f"did you mean ${near[0]}?" if near else "define it under terms:"
        raise QueryError(f"there is no group ${group.name}; {meant}", group.column)
    return members


def _whole(name: str, inner: Node, context: Context) -> Rule:
    values = set()
    for node in walk(inner):
        if isinstance(node, Group):
            values |= set(_words_of(node, context))
        elif isinstance(node, Term):
            values.add(node.text)
        elif not isinstance(node, Or):
            raise QueryError(f"{name}: compares whole values; write {name}:a, or {name}:(a OR b)", node.column)
    if name == "lang":
        values = {_known_language(value, inner.column) for value in values}
    return Whole(name, frozenset(value.casefold() for value in values), f"{name}:{' or '.join(sorted(values))}")


def _known_language(value: str, column: int) -> str:
    wrong = mistaken(value)
    if wrong is not None:
        meant = f"did you mean lang:{wrong}?" if wrong else "write two letters, such as lang:en"
        raise QueryError(f"{value} is no language code; {meant}", column)
    return code(value) or value


def _words_of(group: Group, context: Context) -> Iterator[str]:
    """The terms of a group, and of those in it, as written."""
    for member in _members(group, context):
        if isinstance(member, Group):
            yield from _words_of(member, context)
        elif isinstance(member, Term):
            yield member.text
