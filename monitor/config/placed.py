"""Where things stand in the files: a watch as it was written, with the place of each of its texts.

It reads nodes that were validated; it must not find anything wrong.
"""

from __future__ import annotations

from monitor.config.files import WatchItem
from monitor.config.nodes import Items, Map, Text
from monitor.model import Watch


def watch_of(item: object, node: object, watchlist: str, file: str) -> Watch:
    assert isinstance(item, WatchItem)
    keys = (
        "match",
        "all",
        "any",
        "none",
        "not_forms",
        "priority",
        "confirm",
        "to",
        "when",
        "since",
        "must_match",
        "must_not_match",
    )
    return Watch(
        name=item.title,
        watchlist=watchlist,
        feeds=item.feeds,
        languages=frozenset(item.languages),
        spellings=frozenset(item.spellings),
        may_flood=item.flood == "ok",
        where=where(file, node),
        places=places(node, file)
        if isinstance(node, Map)
        else {"name": where(file, node), "any[0]": where(file, node)},
        **{key: getattr(item, key) for key in keys},
    )


def where(file: str, node: object) -> str:
    line, column = getattr(node, "at", (1, 1))
    return f"{file}:{line}:{column}"


def places(node: object, file: str, path: str = "") -> dict[str, str]:
    """Path -> file:line:column of every text below a node: "match", "any[0]", "terms.uav[0]"."""
    if isinstance(node, Text):
        return {path: where(file, node)}
    found: dict[str, str] = {}
    if isinstance(node, Map):
        for key, item in node.items():
            if path or key != "watches":
                found |= places(item, file, f"{path}.{key}" if path else key)
    elif isinstance(node, Items):
        for number, item in enumerate(node):
            found |= places(item, file, f"{path}[{number}]")
    if isinstance(node, Text) is False and path:
        found.setdefault(path, where(file, node))
    return found
