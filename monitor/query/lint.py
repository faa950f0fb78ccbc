"""What an expression can never match, always matches, or likely does not mean.

It judges the expression by itself, over every combination of its terms being there or not; it reads no article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from monitor.query.nodes import And, Field, Group, Near, Node, Not, Or, Term, walk

_MOST_TERMS = 9  # 512 combinations; of larger expressions only their parts are judged


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about an expression. `column` counts from 1; an error can never match, the rest is a warning."""

    column: int
    message: str
    is_error: bool = False


def combined(parts: Iterable[Node]) -> Node:
    """All of `parts` as one expression, to be judged together."""
    found = tuple(parts)
    return found[0] if len(found) == 1 else And(found, found[0].column, is_enclosed=True)


def lint(node: Node, groups: Mapping[str, tuple[Node, ...]] | None = None) -> list[Finding]:
    """Everything about `node` that its author should know. `groups` are looked up where known."""
    known = groups or {}
    found = list(_parts(node, known))
    found += _precedence(node)
    return found


def _parts(node: Node, groups: Mapping[str, tuple[Node, ...]]) -> Iterator[Finding]:
    """The whole expression, and, where that is neither impossible nor certain, each part that is impossible."""
    verdict = _verdict(node, groups)
    if verdict == "never":
        yield Finding(node.column, f"{node} can never match: {_why(node)}", True)
    elif verdict == "always":
        yield Finding(node.column, f"{node} matches nearly everything; add a term that must be there")
    elif isinstance(node, Or):
        for part in node.parts:
            yield from _parts(part, groups)


def _why(node: Node) -> str:
    excluded = {str(inner.inner) for inner in walk(node) if isinstance(inner, Not)}
    both = [str(inner) for inner in walk(node) if isinstance(inner, Term) and str(inner) in excluded]
    if both:
        return f"{both[0]} is wanted and excluded"
    return "its parts exclude one another"


def _verdict(node: Node, groups: Mapping[str, tuple[Node, ...]]) -> str:
    facts = sorted(set(_facts(node, groups, "")))
    if len(facts) > _MOST_TERMS and groups:  # a group may count as one term
        return _verdict(node, {})
    if len(facts) > _MOST_TERMS:
        return "sometimes"
    results = set()
    has_empty = False
    for values in product((False, True), repeat=len(facts)):
        world = dict(zip(facts, values, strict=True))
        if _is_possible(world):
            result = _holds(node, groups, "", world)
            results.add(result)
            has_empty = has_empty or (result and not any(values))
    if True not in results:
        return "never"
    return "always" if results == {True} or has_empty else "sometimes"


#: A term in a field ("" for title and text), or a value of the document ("lang", "en").
_Fact = tuple[str, str]


def _facts(node: Node, groups: Mapping[str, tuple[Node, ...]], field: str) -> Iterator[_Fact]:
    match node:
        case Term():
            yield field, str(node).casefold()
        case Group(name=name) if name not in groups:
            yield field, str(node)
        case Group(name=name):
            for member in groups[name]:
                yield from _facts(member, groups, field)
        case Field(field=name, inner=inner):
            yield from _facts(inner, groups, name)
        case Not(inner=inner):
            yield from _facts(inner, groups, field)
        case Near(left=left, right=right):
            yield field, str(node)
            yield from _facts(left, groups, field)
            yield from _facts(right, groups, field)
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _facts(part, groups, field)


def _is_possible(world: Mapping[_Fact, bool]) -> bool:
    """A phrase brings its words along, a word in the title is a word of the article; one feed, one language."""
    whole = [field for (field, _), is_true in world.items() if is_true and field in ("feed", "lang")]
    if len(set(whole)) < len(whole):
        return False
    for (field, term), is_true in world.items():
        for (other_field, other), other_is_true in world.items():
            is_covered = other_field in (field, "") and field in ("", "title", "text")
            if is_true and not other_is_true and is_covered and _implies(term, other):
                return False
    return True


def _implies(term: str, other: str) -> bool:
    plain = term.strip('="')
    return other == term or (other.isalnum() and other in plain.split()) or (other == plain and "*" not in other)


def _holds(node: Node, groups: Mapping[str, tuple[Node, ...]], field: str, world: Mapping[_Fact, bool]) -> bool:
    match node:
        case Term():
            return world[field, str(node).casefold()]
        case Group(name=name) if name not in groups:
            return world[field, str(node)]
        case Group(name=name):
            return any(_holds(member, groups, field, world) for member in groups[name])
        case Field(field=name, inner=inner):
            return _holds(inner, groups, name, world)
        case Not(inner=inner):
            return not _holds(inner, groups, field, world)
        case Near(left=left, right=right):
            both = _holds(left, groups, field, world) and _holds(right, groups, field, world)
            return both and world[field, str(node)]
        case And(parts=parts):
            return all(_holds(part, groups, field, world) for part in parts)
        case Or(parts=parts):
            return any(_holds(part, groups, field, world) for part in parts)


def _precedence(node: Node) -> Iterator[Finding]:
    """AND beside OR without parentheses reads differently than it sounds."""
    for inner in walk(node):
        if isinstance(inner, Or):
            for part in inner.parts:
                if isinstance(part, And) and not part.is_enclosed:
                    shown = " OR ".join(f"({p})" if isinstance(p, And) else str(p) for p in inner.parts)
                    yield Finding(
                        part.column, f"AND binds before OR; this reads {shown}; write the parentheses you mean"
                    )
                    break
