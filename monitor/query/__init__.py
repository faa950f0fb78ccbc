"""The expressions that users write: grammar, tree, errors that point at the column, lint.

It knows no article; what a term finds is decided in monitor.match.
"""

from monitor.query.nodes import And, Field, Group, Near, Node, Not, Or, QueryError, Term
from monitor.query.expression import parse

__all__ = ["And", "Field", "Group", "Near", "Node", "Not", "Or", "QueryError", "Term", "parse"]
