"""Watchlists read into rules, every problem of them gathered with its file, line and column.

It reads expressions and looks up groups; it finds nothing in documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.errors import ConfigError, Problem
from monitor.language.detect import code
from monitor.match.groups import read_groups
from monitor.match.lexicon import Atom
from monitor.match.places import problem
from monitor.match.rules import AllOf, AnyOf, Atoms, Context, NoneOf, Rule, Whole, rule
from monitor.model import Watch, Watchlist
from monitor.query import Field, Node, Not, Or, QueryError, Term, parse, parse_item
from monitor.query.lint import Finding, combined, lint


@dataclass(frozen=True, slots=True)
class CompiledWatch:
    """A watch with its rule, and the rule without its limits to languages and feeds."""

    watch: Watch
    rule: Rule
    unlimited: Rule


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that is needed to judge documents."""

    watches: tuple[CompiledWatch, ...]
    atoms: tuple[Atom, ...]
    groups: Mapping[str, tuple[Node, ...]]


def read(watchlists: Sequence[Watchlist]) -> Program:
    """The rules of all `watchlists`. Raises ConfigError with every problem."""
    program, problems = _read(watchlists)
    if problems:
        raise ConfigError(problems)
    return program


def sound(watchlists: Sequence[Watchlist]) -> tuple[list[Watchlist], list[Problem]]:
    """Those watches and groups that can be read, and what is wrong with the others."""
    program, problems = _read(watchlists)
    if not problems:
        return list(watchlists), []
    kept = [_only(one, program) for one in watchlists]
    if not _read(kept)[1]:
        return kept, problems
    without = [replace(one, terms={}) for one in kept]  # a group is wrong: the watches that need none are left
    return [_only(one, _read(without)[0]) for one in without], problems


def _only(watchlist: Watchlist, program: Program) -> Watchlist:
    fine = {id(compiled.watch) for compiled in program.watches}
    return replace(watchlist, watches=tuple(watch for watch in watchlist.watches if id(watch) in fine))


def _read(watchlists: Sequence[Watchlist]) -> tuple[Program, list[Problem]]:
    """The rules of what is right, and every problem."""
    problems: list[Problem] = []
    atoms = Atoms()
    groups = read_groups(watchlists, problems)
    watches = []
    for watchlist in watchlists:
        for watch in watchlist.watches:
            context, before = Context(groups, atoms, watch), len(problems)
            compiled = _watch(watch, context, problems)
            if compiled is not None and len(problems) == before:
                watches.append(CompiledWatch(watch, _limited(watch, compiled), compiled))
    return Program(tuple(watches), tuple(atoms.numbers), groups), problems


def _watch(watch: Watch, context: Context, problems: list[Problem]) -> Rule | None:
    before = len(problems)
    parts = list(_parts(watch, context, problems))
    if len(problems) > before:
        return None
    if not parts:
        problems.append(problem(watch.where, f"watch {watch.name!r} has no term; write match: or any:"))
        return None
    for finding, place in findings(watch, context.groups):
        if finding.is_error:
            problems.append(problem(place, f"watch {watch.name!r}: {finding.message}", finding.column))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts), watch.name)


def _limited(watch: Watch, found: Rule) -> Rule:
    limits = tuple(_limits(watch))
    return AllOf((found, *limits), watch.name) if limits else found


def findings(watch: Watch, groups: Mapping[str, tuple[Node, ...]]) -> list[tuple[Finding, str]]:
    """What can never match or matches everything in a watch that reads without errors, each with its place."""
    if watch.match is None and not watch.none and not watch.languages:
        return []  # any and all of positive terms can always match
    nodes = [parse(watch.match)] if watch.match is not None else []
    place = watch.places.get("match", watch.where) if nodes else watch.where
    expression = lint(nodes[0], groups) if nodes else []
    nodes += [parse_item(item) for item in watch.all]
    if watch.any:
        nodes.append(Or(tuple(parse_item(item) for item in watch.any)))
    nodes += [Not(parse_item(item)) for item in watch.none]
    if watch.languages:
        nodes.append(Field("lang", Or(tuple(Term(language) for language in sorted(watch.languages)))))
    if expression or len(nodes) == 1:
        return [(finding, place) for finding in expression]
    return [(replace(finding, column=1), watch.where) for finding in lint(combined(nodes), groups)]


def _parts(watch: Watch, context: Context, problems: list[Problem]) -> Iterator[Rule]:
    if watch.match is not None:
        try:
            yield rule(parse(watch.match), context)
        except QueryError as error:
            problems.append(problem(watch.places.get("match", watch.where), str(error), error.column))
    yield from _items(watch, "all", context, problems)
    anything = tuple(_items(watch, "any", context, problems))
    if anything:
        yield anything[0] if len(anything) == 1 else AnyOf(anything, "any")
    for excluded in _items(watch, "none", context, problems):
        yield NoneOf(excluded, f"NOT {excluded.label}")


def _items(watch: Watch, key: str, context: Context, problems: list[Problem]) -> Iterator[Rule]:
    for at, item in enumerate(getattr(watch, key)):
        try:
            yield rule(parse_item(item), context)
        except QueryError as error:
            place = watch.places.get(f"{key}[{at}]", watch.where)
            problems.append(problem(place, f"{item!r}: {error}", error.column))


def _limits(watch: Watch) -> Iterator[Rule]:
    if watch.languages:
        values = frozenset(code(language) or language for language in watch.languages)
        yield Whole("lang", values, f"languages: {', '.join(sorted(watch.languages))}")
    if watch.feeds:
        yield Whole("source", frozenset(feed.casefold() for feed in watch.feeds), f"feeds: {', '.join(watch.feeds)}")
