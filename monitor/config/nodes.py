"""YAML text as trees of texts, lists and maps that know their line and column, from the parser's events.

It knows YAML but no key of ours, and leaves every scalar as it was written; aliases, anchors, tags, merge keys and
duplicate keys are problems, and what cannot be parsed is repaired line by line so that all mistakes show at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from monitor.config import mistakes
from monitor.errors import Problem

# libyaml is many times faster; wheels have it, a build from source may not.
_PARSER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

Place = tuple[int, int]  # line and column, from 1

MAX_DEPTH: Final = 20
MAX_REPAIR_CHARACTERS: Final = 20_000_000  # all attempts together, so that a broken big file still answers soon
MAX_REPAIRS: Final = 60
NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Text(str):
    """A scalar as written. `is_plain` when it stood without quotes, so that `null` may mean null."""

    __slots__ = ("at", "is_plain")
    at: Place
    is_plain: bool


class Items(list[Any]):
    __slots__ = ("at",)
    at: Place


class Map(dict[str, Any]):
    __slots__ = ("at", "keys_at")
    at: Place
    keys_at: dict[str, Place]


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's root (None when it holds nothing or cannot be read), what is wrong with it, and its lines."""

    file: str
    root: Any
    problems: tuple[Problem, ...]
    lines: tuple[str, ...]

    def problem(self, at: Place, message: str, *, is_warning: bool = False) -> Problem:
        return Problem(self.file, at[0], at[1], message, is_warning)


class TooDeep(Exception):
    """Raised at the first node below the permitted depth; carries its place."""


def is_null(value: object) -> bool:
    return value is None or (isinstance(value, Text) and value.is_plain and value in NULLS)


def text(value: str, at: Place, *, is_plain: bool) -> Text:
    made = Text(value)
    made.at = at
    made.is_plain = is_plain
    return made


def read(source: str, file: str, keys: frozenset[str] = frozenset()) -> Tree:
    """Parse one document. `keys` are the names that may stand before a colon, for better guesses at what was meant."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    original = tuple(lines)
    found: list[Problem] = []
    budget = MAX_REPAIR_CHARACTERS
    for _ in range(MAX_REPAIRS):
        builder = _Builder(file, original, keys)
        try:
            root = builder.build("\n".join(lines))
        except TooDeep as error:
            line, column = error.args[0]
            found.append(Problem(file, line, column, f"nested more than {MAX_DEPTH} deep; no setting needs that"))
            return Tree(file, None, tuple(found), original)
        except yaml.YAMLError as error:
            budget -= 5 * len(source) + 10_000
            problem, repaired = mistakes.explain(error, lines, original, keys, parses_until)
            found.append(Problem(file, *problem))
            if repaired is None or budget < 0:
                return Tree(file, None, (*found, *builder.problems), original)
            lines = repaired
        else:
            return Tree(file, root, (*found, *builder.problems), original)
    return Tree(file, None, tuple(found), original)


def parses_until(source: str) -> Place | None:
    """Where parsing stops (line and column from 0), None when it reaches the end."""
    try:
        for _ in _events(source):
            pass
    except yaml.YAMLError as error:
        return mistakes.place_of(error, source)
    return None


def _events(source: str) -> Iterator[Any]:
    parser = _PARSER(source)
    depth = 0
    event: Any
    while (event := parser.get_event()) is not None:
        kind = type(event)
        if kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeep((event.start_mark.line + 1, event.start_mark.column + 1))
        elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
            depth -= 1
        yield event


class _Builder:
    """Builds the tree of one pass over the events; what is refused becomes the text that was probably meant."""

    def __init__(self, file: str, lines: tuple[str, ...], keys: frozenset[str]) -> None:
        self.file = file
        self.lines = lines
        self.keys = keys
        self.problems: list[Problem] = []

    def build(self, source: str) -> Any:
        root: Any = None
        events = _events(source)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._wrong(_place(event), "a second document begins here; a file holds one: delete the '---'")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, events)
                root = node if documents == 1 else root
        return root

    def _node(self, event: Any, events: Iterator[Any]) -> Any:
        at = _place(event)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.tag or event.anchor:
                return self._refused(event, at, "tag" if event.tag else "anchor")
            if event.style in ("|", ">"):
                at = self._first_line(at)
            elif event.start_mark.line < event.end_mark.line and event.style in (None, ""):
                self._folded(at, event.end_mark.line)
            return text(event.value, at, is_plain=event.style in (None, ""))
        if kind is yaml.AliasEvent:
            return self._refused(event, at, "alias")
        if event.tag or event.anchor:
            self._refused(event, at, "tag" if event.tag else "anchor")
        return self._items(at, events) if kind is yaml.SequenceStartEvent else self._map(at, events)

    def _items(self, at: Place, events: Iterator[Any]) -> Items:
        items = Items()
        items.at = at
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                break
            items.append(self._node(event, events))
        return items

    def _map(self, at: Place, events: Iterator[Any]) -> Map:
        made = Map()
        made.at = at
        made.keys_at = {}
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._node(event, events)
            value = self._node(next(events), events)
            self._put(made, key, value, _place(event))
        return made

    def _put(self, made: Map, key: Any, value: Any, at: Place) -> None:
        if not isinstance(key, Text):
            self._wrong(at, f"a key must be a word, not {'a list' if isinstance(key, Items) else 'a mapping'}")
        elif key == "<<" and key.is_plain:
            self._wrong(at, "merge keys ('<<') are not used here; write the settings out")
        elif key in made:
            line, column = made.keys_at[key]
            self._wrong(at, f"'{key}' stands here a second time, first at {line}:{column}; keep one of the two")
        else:
            made[str(key)] = value
            made.keys_at[str(key)] = at

    def _folded(self, at: Place, last: int) -> None:
        """Items that YAML reads as part of the text above them, as they are indented deeper."""
        for number in range(at[0], min(last + 1, len(self.lines))):
            line = self.lines[number]
            if mistakes.is_item(line):
                message = mistakes.folded_item(line, self.lines[at[0] - 1], at[1] - 1, self.keys)
                self._wrong((number + 1, line.index("-") + 1), message)

    def _first_line(self, at: Place) -> Place:
        """Where the text of a block scalar begins, so that an error in it is shown in it."""
        for number in range(at[0], len(self.lines)):
            if bare := self.lines[number].strip():
                return number + 1, self.lines[number].index(bare) + 1
        return at

    def _refused(self, event: Any, at: Place, kind: str) -> Text:
        meant, message = mistakes.refused(kind, at, self.lines, self.keys)
        self._wrong(at, message)
        return text(meant, at, is_plain=False)

    def _wrong(self, at: Place, message: str) -> None:
        self.problems.append(Problem(self.file, at[0], at[1], message))


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
