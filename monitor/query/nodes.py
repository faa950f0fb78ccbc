"""The tree of an expression, as frozen values; columns count from 1 within the expression.

It holds no meaning beyond structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TermKind = Literal["words", "exact", "prefix", "suffix"]
FieldName = Literal["title", "text", "url", "author", "lang", "feed", "tag"]


class QueryError(ValueError):
    """An expression that cannot be read. `column` counts from 1; the message says what was probably meant."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Term:
    """Words to be found: a word or phrase with its forms, a word to the letter, a beginning or an end of words."""

    text: str
    kind: TermKind = "words"
    column: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """$name: any of the terms of a group."""

    name: str
    column: int = 1


@dataclass(frozen=True, slots=True)
class Field:
    """What is inside is looked for in one field only; lang, feed and tag compare whole values."""

    field: FieldName
    inner: Node
    column: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node
    column: int = 1


@dataclass(frozen=True, slots=True)
class Near:
    """Both within `distance` words of one another, in either order, in one field."""

    left: Node
    right: Node
    distance: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]
    column: int = 1


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    column: int = 1


Node = Term | Group | Field | Not | Near | And | Or
