"""The tree of an expression, as frozen values; columns count from 1 within the expression.

It holds no meaning beyond structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TermKind = Literal["words", "exact"]
FieldName = Literal["title", "text", "url", "author", "lang", "feed", "tag"]

#: Fields that compare whole values of the document instead of looking for words.
WHOLE_VALUE_FIELDS = frozenset({"lang", "feed", "tag"})
#: What needs no quotes to be read as a word again: WORD of the grammar, and nothing that the grammar prefers to it.
_BARE = re.compile(
    r"(?!(?:AND|OR|NOT|NEAR/\d+)\Z|(?:title|text|url|author|lang|feed|tag):)"
    r"""[^\s()"$=](?:[^\s()"]|(?<=[א-ת])"(?=[א-ת]))*"""
)


class QueryError(ValueError):
    """An expression that cannot be read. `column` counts from 1; the message says what was probably meant."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Term:
    """Words to be found: one word or a phrase with its forms (a star at one end of a word leaves that end open), or
    words to the letter."""

    text: str
    kind: TermKind = "words"
    column: int = 1

    def __str__(self) -> str:
        if self.kind == "exact":
            return f'="{self.text}"'
        return self.text if _BARE.fullmatch(self.text) else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Group:
    """$name: any of the terms of a group."""

    name: str
    column: int = 1

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class Field:
    """What is inside is looked for in one field only; lang, feed and tag compare whole values."""

    field: FieldName
    inner: Node
    column: int = 1

    def __str__(self) -> str:
        return f"{self.field}:{_tight(self.inner)}"


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node
    column: int = 1

    def __str__(self) -> str:
        return f"NOT {_tight(self.inner)}"


@dataclass(frozen=True, slots=True)
class Near:
    """Both within `distance` words of one another, in either order, in one field."""

    left: Node
    right: Node
    distance: int
    column: int = 1

    def __str__(self) -> str:
        return f"{_tight(self.left)} NEAR/{self.distance} {_tight(self.right)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]
    column: int = 1
    is_enclosed: bool = False  # written in parentheses

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    column: int = 1

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Node = Term | Group | Field | Not | Near | And | Or


def _tight(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Near | Not) else str(node)


def children(node: Node) -> tuple[Node, ...]:
    """The parts of `node`, in the order written."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Near(left=left, right=right):
            return (left, right)
        case Not(inner=inner) | Field(inner=inner):
            return (inner,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, in the order written."""
    stack = [node]
    while stack:
        at = stack.pop()
        yield at
        stack.extend(reversed(children(at)))
