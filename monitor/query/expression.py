"""From the text of an expression to its tree.

It knows the grammar only; groups stay names until they are looked up.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from monitor.query.lookalikes import check_quotes
from monitor.query.mistakes import explain_lexing, explain_token
from monitor.query.nodes import And, Field, Group, Near, Node, Not, Or, QueryError, Term, walk
from monitor.query.words import check_words

_ODD_SPACE = re.compile(r"[^\S \t\r\n\f]")  # no-break and other spaces that editors put in
MAX_LENGTH = 20_000  # characters of one expression
MAX_DEPTH = 50  # parentheses and NOTs within one another
MAX_DISTANCE = 1_000  # words of a NEAR


def parse(expression: str) -> Node:
    """The tree of `expression`. Raises QueryError with the column and what was probably meant. Linear time."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    _check_size(expression)
    expression = _ODD_SPACE.sub(" ", expression)
    check_quotes(expression)
    try:
        tree = _parser().parse(expression)
    except UnexpectedToken as error:
        raise explain_token(expression, error) from None
    except UnexpectedCharacters as error:
        raise explain_lexing(expression, error.pos_in_stream or 0) from None
    return _node(tree)


def _check_size(expression: str) -> None:
    if not expression.strip():
        raise QueryError("the expression is empty; write at least one word")
    if len(expression) > MAX_LENGTH:
        raise QueryError(f"the expression has {len(expression)} characters; at most {MAX_LENGTH}, use a $group")
    depth = 0
    for at, character in enumerate(expression):
        depth += (character == "(") - (character == ")")
        if depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} parentheses within one another; use a $group", at + 1)
    if expression.count("NOT NOT NOT"):
        raise QueryError("NOT NOT NOT: one NOT is enough", expression.index("NOT NOT NOT") + 1)


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark

    grammar = files("monitor.query").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", propagate_positions=True)


def _node(tree: Any) -> Node:
    column = getattr(tree.meta, "column", 1) + _lines_before(tree)
    parts = tree.children
    match tree.data:
        case "term":
            return _term(parts[0])
        case "negation":
            return Not(_node(parts[1]), parts[0].start_pos + 1)
        case "restricted":
            return _restricted(parts[0], _node(parts[1]))
        case "near":
            return _near(parts)
        case "enclosed":
            inner = _node(parts[0])
            return replace(inner, is_enclosed=True) if isinstance(inner, And) else inner
        case "both":
            return And(tuple(_node(part) for part in parts[::2]), column)
        case _:
            return Or(tuple(_node(part) for part in parts[::2]), column)


def _lines_before(tree: Any) -> int:
    """Columns count through the whole expression, which YAML has folded into one line nearly always."""
    return int(getattr(tree.meta, "start_pos", 0) + 1 - getattr(tree.meta, "column", 1))


def _near(parts: list[Any]) -> Node:
    left = _node(parts[0])
    for operator, right in zip(parts[1::2], parts[2::2], strict=True):
        distance = int(operator.removeprefix("NEAR/"))
        column = operator.start_pos + 1
        if not 0 <= distance <= MAX_DISTANCE:
            raise QueryError(f"NEAR/{distance}: at most {MAX_DISTANCE} words; for the whole text write AND", column)
        left = Near(left, _node(right), distance, column)
    _check_near(left)
    return left


def _check_near(node: Node) -> None:
    for inner in walk(node):
        if isinstance(inner, Not):
            message = f"{inner} has no place, so nothing can be near it; write a NEAR/n b AND {inner}"
            raise QueryError(message, inner.column)


def _restricted(token: Any, inner: Node) -> Node:
    return restrict(str(token[:-1]), inner, token.start_pos + 1)


def restrict(field: str, inner: Node, column: int) -> Node:
    """`field:` before `inner`. Raises QueryError where fields stand within one another."""
    for node in walk(inner):
        if isinstance(node, Field):
            raise QueryError(
                f"{field}: before {node.field}: can never match; write {field}:a AND {node.field}:b", column
            )
    return Field(field, inner, column)  # type: ignore[arg-type]


def _term(token: Any) -> Node:
    column = token.start_pos + 1
    if token.type == "GROUP":
        return Group(str(token[1:]), column)
    if token.type == "EXACT":
        return checked(Term(str(token[2:-1]), "exact", column))
    text = str(token[1:-1]) if token.type == "QUOTED" else str(token)
    return checked(Term(" ".join(text.split()), "words", column))


def checked(term: Term) -> Term:
    """`term`, or QueryError if nothing could ever be found by it."""
    check_words(term)
    return term
