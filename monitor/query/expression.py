"""From the text of an expression to its tree.

It knows the grammar only; groups stay names until they are looked up.
"""

from __future__ import annotations

from monitor.query.nodes import Node


def parse(expression: str) -> Node:
    """The tree of `expression`. Raises QueryError with the column and what was probably meant. Linear time."""
    raise NotImplementedError
