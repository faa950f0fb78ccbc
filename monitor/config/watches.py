"""What one watchlist says of itself: names used twice, items that are likely not meant as written, mistakes in watches
that are refused anyway.

It reads what was read from the file; what a term finds is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from monitor.config.checks import place_of, problem
from monitor.config.nodes import Items, Map, Place, Text, Tree, is_null
from monitor.config.values import shown
from monitor.errors import Problem
from monitor.model import Watch, Watchlist

if TYPE_CHECKING:
    from monitor.query import QueryError

_OPERATOR = re.compile(r"(?<=\S)\s+(or|and not|and|not|near/\d+)\s+(?=\S)")
#: Lists of which one item is enough, so that `a or b` may be two of them.
_ANY_OF = ("any", "none", "terms")


def named_twice(tree: Tree, watches: Sequence[object], nodes: Sequence[object]) -> Iterator[Problem]:
    """Names used twice in a file, by watches that are refused for other reasons, too."""
    lines: dict[str, int] = {}
    names = {id(node): str(getattr(watch, "name", "")) for watch, node in zip(watches, nodes, strict=False)}
    for node in _written_watches(tree):
        name = names.get(id(node)) or _name(node)
        if name in lines:
            message = f"a watch named {shown(name)} stands at line {lines[name]} already; give one of them another name"
            yield tree.problem(
                place_of(node, "name") if isinstance(node, Map) and "name" in node else _at(node), message
            )
        if name:
            lines.setdefault(name, _at(node)[0])


def refused(tree: Tree, nodes: Sequence[object]) -> list[object]:
    """The watches as written of which no watch was made."""
    made = {id(node) for node in nodes}
    return [node for node in _written_watches(tree) if id(node) not in made]


def _written_watches(tree: Tree) -> Sequence[object]:
    written = tree.root.get("watches") if isinstance(tree.root, Map) else None
    return written if isinstance(written, Items) else ()


def _name(node: object) -> str:
    """What a refused watch is called: its name, or what it looks for."""
    found = node if isinstance(node, Map) else {"name": node}
    return next((str(found[key]) for key in ("name", "match") if isinstance(found.get(key), Text)), "")


def watchless(tree: Tree) -> Iterator[Problem]:
    """A watchlist of which nothing comes: neither watches nor groups for others."""
    root = tree.root if isinstance(tree.root, Map) else Map()
    if any(not is_null(root.get(key)) and root.get(key) != [] for key in ("watches", "terms")):
        return
    place = root.keys_at.get("watches") or next(iter(root.keys_at.values()), (1, 1)) if root else (1, 1)
    message = "no watches in this file, so it looks for nothing; write watches: and below it a line '  - Su-35'"
    yield tree.problem(place, message, is_warning=True)


def _at(node: object) -> Place:
    place: Place = getattr(node, "at", (1, 1))
    return place


# ------------------------------------------------------------------------------- operators in small letters


def operators_within(watchlist: Watchlist) -> Iterator[Problem]:
    """`- drone or UAV`: searched as a phrase of three words."""
    for name, items in watchlist.terms.items():
        for number, item in enumerate(items):
            place = watchlist.places.get(f"terms.{name}[{number}]") or watchlist.path
            yield from _of(item, "terms", place)
    for watch in watchlist.watches:
        yield from _of_watch(watch)


def _of_watch(watch: Watch) -> Iterator[Problem]:
    for key in ("all", "any", "none"):
        for number, item in enumerate(getattr(watch, key)):
            is_bare = key == "any" and watch.name == item and "any" not in watch.places
            place = watch.places.get(f"{key}[{number}]") or watch.places.get(key) or watch.where
            yield from _of(item, "" if is_bare else key, place)


def _of(item: str, key: str, place: str) -> Iterator[Problem]:
    found = _OPERATOR.search(item)
    if found is None or '"' in item or item.startswith("$") or _is_name(item, found):
        return
    message = (
        f"'{item}' is looked for as a phrase; if that is meant, write '\"{item}\"', else write {_meant(item, key)}"
    )
    yield problem(place, message, is_warning=True)


def _is_name(item: str, found: re.Match[str]) -> bool:
    """Trinidad and Tobago, Food and Drug Administration."""
    before, behind = item[: found.start()].split()[-1], item[found.end() :].split()[0]
    return found[1] == "and" and before[:1].isupper() and behind[:1].isupper() and not behind.isupper()


def _meant(item: str, key: str) -> str:
    words = set(_OPERATOR.findall(item))
    if (words == {"or"} and key in _ANY_OF) or (words == {"and"} and key == "all"):
        return f"an item for each: {', '.join(_parts(item))}"
    return f"match: {_expression(item)}"


def _parts(item: str) -> list[str]:
    return [part.strip() for part in _OPERATOR.split(item)[::2]]


def _expression(item: str) -> str:
    """The item as an expression: operators in capitals, quotes around each part that is a phrase."""
    pieces = _OPERATOR.split(item)
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = "AND NOT" if piece == "not" else piece.upper()
        elif " " in piece:
            pieces[number] = f'"{piece}"'
    return " ".join(pieces)


# ------------------------------------------------------------------------------------- watches that were refused


def expressions_within(tree: Tree, nodes: Iterable[object]) -> Iterator[Problem]:
    """What is wrong with the expressions of watches that are refused for other reasons: all mistakes show at once."""
    from monitor.query import parse, parse_item

    for node in nodes:
        found = node if isinstance(node, Map) else {}
        lists = [found.get(key) for key in ("all", "any", "none")]
        items = [item for value in lists for item in (value if isinstance(value, Items) else [value])]
        for read, text in ((parse, found.get("match")), *((parse_item, item) for item in items)):
            if isinstance(text, Text) and not is_null(text) and (error := _error(read, text)):
                of_item = "" if read is parse else f"{str(text)!r}: "  # as the matcher says it of other watches
                yield tree.problem((text.at[0], text.at[1] + error.column - 1), f"{of_item}{error}")


def _error(read: Callable[[str], object], text: str) -> QueryError | None:
    from monitor.query import QueryError

    try:
        read(text)
    except QueryError as error:
        return error
    return None
