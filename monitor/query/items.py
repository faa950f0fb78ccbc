"""What a list item says: a term, a phrase, a group, each perhaps within a field; no operators.

It is the short way for thousands of plain terms; expressions are parsed in expression.py.
"""

from __future__ import annotations

import re

from monitor.query.expression import checked, restrict
from monitor.query.nodes import Group, Node, QueryError, Term

_OPERATOR = re.compile(r"(?:^|\s)(AND|OR|NOT|NEAR/\d+)(?=\s|$)")
_FIELD = re.compile(r"(title|text|url|author|lang|feed|tag):(?=\S)")


def parse_item(text: str) -> Node:
    """The tree of a list item. Raises QueryError; for an item with operators it shows the `match:` that was meant."""
    item = " ".join(text.split())
    if not item:
        raise QueryError("an empty item can never match; write a word or remove it")
    if field := _FIELD.match(item):
        return restrict(field[1], _term(item[field.end() :], field.end() + 1), 1)
    return _term(item, 1)


def _term(item: str, column: int) -> Node:
    if item.startswith("$") and " " not in item:
        return Group(item[1:], column)
    if item.startswith('="') and item.endswith('"') and item.count('"') == 2:
        return checked(Term(item[2:-1], "exact", column))
    if item.startswith('"') and item.endswith('"') and item.count('"') == 2:
        return checked(Term(" ".join(item[1:-1].split()), "words", column))
    if found := _OPERATOR.search(item):
        message = (
            f"a list item holds no operators; write match: {item} (or in quotes if these words are meant: '\"{item}\"')"
        )
        raise QueryError(message, column + found.start(1))
    return checked(Term(item, "words", column))
