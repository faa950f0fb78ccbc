"""The expressions that users write: grammar, tree, errors that point at the column, lint.

It knows no article; what a term finds is decided in monitor.match.
"""

from monitor.query.expression import parse
from monitor.query.items import parse_item
from monitor.query.nodes import And, Field, Group, Near, Node, Not, Or, QueryError, Term, children, walk

__all__ = [
    "And",
    "Field",
    "Group",
    "Near",
    "Node",
    "Not",
    "Or",
    "QueryError",
    "Term",
    "children",
    "parse",
    "parse_item",
    "walk",
]
