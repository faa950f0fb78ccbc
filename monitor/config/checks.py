"""What one file says of another, and what is permitted but unwise: names that must exist, duplicates, exposed secrets.

Each check is a function from what was read to problems; it reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from monitor.config.mistakes import quoted
from monitor.config.nodes import Items, Map, Place, Text, Tree, is_null
from monitor.config.values import meant, shown
from monitor.config.vault import has_reference
from monitor.errors import Problem
from monitor.model import Feed, Watchlist

#: Keys that are accepted and do nothing yet; a path's part may be *, a name at the end stands for all below it.
NO_EFFECT: tuple[tuple[str, ...], ...] = ()


def at(place: str) -> tuple[str, int, int]:
    """`arms.yaml:7:5` as file, line, column."""
    found = re.fullmatch(r"(.*?):(\d+)(?::(\d+))?", place)
    if found is None:
        return place, 0, 0
    return found.group(1), int(found.group(2)), int(found.group(3) or 1)


def problem(place: str, message: str, *, is_warning: bool = False) -> Problem:
    return Problem(*at(place), message, is_warning)


# ---------------------------------------------------------------------------------------------------- files


def missing_file(pattern: str, path: str, key: str) -> str:
    next_step = {"feeds": "'monitor feeds add URL' begins one", "watchlists": "'monitor init' writes an example"}[key]
    return f"{shown(pattern)}: no such file ({path}); {next_step}"


def emptiness(tree: Tree, feeds: Sequence[Feed], watchlists: Sequence[Watchlist]) -> Iterator[Problem]:
    if not feeds:
        message = "no feeds, so nothing is read; add one: monitor feeds add URL"
        yield Problem(tree.file, 0, 0, message, is_warning=True)
    if not any(watchlist.watches for watchlist in watchlists):
        message = "no watches, so nothing is looked for; write a watchlist: watches: [Su-35]"
        yield Problem(tree.file, 0, 0, message, is_warning=True)


# ---------------------------------------------------------------------------------------------------- feeds


def feeds_within(tree: Tree, feeds: Sequence[Feed], nodes: Sequence[object]) -> Iterator[Problem]:
    """URLs and names used twice in a file."""
    urls: dict[str, int] = {}
    names: dict[str, int] = {}
    for feed, node in zip(feeds, nodes, strict=False):
        place = getattr(node, "at", (1, 1))
        if feed.url in urls:
            yield tree.problem(
                place_of(node, "url"), f"this feed stands at line {urls[feed.url]} already; keep one of the two"
            )
        elif feed.name and feed.name in names:
            message = (
                f"the name {shown(feed.name)} is used at line {names[feed.name]} already; give one of them another"
            )
            yield tree.problem(place_of(node, "name"), message)
        urls.setdefault(feed.url, place[0])
        if feed.name:
            names.setdefault(feed.name, place[0])


def each_once(feeds: Sequence[Feed]) -> list[Feed]:
    return list({feed.url: feed for feed in reversed(feeds)}.values())[::-1]


def feed_again(known: Feed, again: Feed) -> Problem:
    message = f"this feed stands in {known.where} already; that one holds, with the tags of both"
    return problem(again.where, message, is_warning=True)


def place_of(node: object, key: str) -> Place:
    value = node.get(key) if isinstance(node, Map) else node
    place: Place = getattr(value, "at", (1, 1))
    return place


# ----------------------------------------------------------------------------------------------- watchlists


def watchlists(found: Iterable[Watchlist]) -> Iterator[Problem]:
    """Watchlists with one name, and groups defined in two files."""
    names: dict[str, str] = {}
    groups: dict[str, str] = {}
    for one in found:
        if one.name in names:
            place = one.places.get("name", f"{one.path}:1:1")
            yield problem(
                place, f"a watchlist named {shown(one.name)} is {names[one.name]} already; give one another name"
            )
        names.setdefault(one.name, one.path)
        for group in one.terms:
            place = one.places.get(f"terms.{group}", one.path)
            if group in groups:
                yield problem(
                    place, f"the group '{group}' is defined at {groups[group]} already; groups hold in every watchlist"
                )
            groups.setdefault(group, place)


def channels(tree: Tree, names: Sequence[str], found: Iterable[Watchlist]) -> Iterator[Problem]:
    """Channels that are told but do not exist."""
    for path in (("alerts", "to"), ("health", "to")):
        for text in _texts_at(tree.root, path):
            if text not in names:
                yield tree.problem(text.at, _no_channel(text, names))
    for one in found:
        yield from _channels_of(one.places, "", {"to": one.to, "editors": one.editors}, names)
        for watch in one.watches:
            yield from _channels_of(watch.places, watch.where, {"to": watch.to}, names)


def _channels_of(
    places: Mapping[str, str], where: str, lists: Mapping[str, tuple[str, ...] | None], names: Sequence[str]
) -> Iterator[Problem]:
    for key, told in lists.items():
        for number, name in enumerate(told or ()):
            if name not in names:
                place = places.get(f"{key}[{number}]") or places.get(key) or where
                yield problem(place, _no_channel(name, names))


def _no_channel(name: str, names: Sequence[str]) -> str:
    known = f"; the channels are {', '.join(names)}" if names else ""
    return f"there is no channel {shown(name)}{meant(name, names, known)}"


def feeds_of_watches(found: Iterable[Watchlist], feeds: Sequence[Feed], trees: Iterable[Tree]) -> Iterator[Problem]:
    """Feeds and tags that a watch names and that no feed has; feeds with mistakes of their own count as well."""
    written = [(path[1:], text) for tree in trees for path, text in _all_texts(tree.root) if path[:1] == ("feeds",)]
    tags = {f"tag:{tag}" for feed in feeds for tag in feed.tags} | {
        f"tag:{text}" for path, text in written if path == ("tags",)
    }
    names = {feed.name for feed in feeds if feed.name} | {str(text) for path, text in written if path == ("name",)}
    # A feed without a name of its own takes the one it gives itself, which only its first poll shows.
    all_named = all(feed.name for feed in feeds)
    for one in found:
        for watch in one.watches:
            for key in ("feeds", "confirm"):
                for number, name in enumerate(getattr(watch, key)):
                    place = watch.places.get(f"{key}[{number}]") or watch.places.get(key) or watch.where
                    if name.startswith("tag:") and name not in tags:
                        yield problem(place, f"no feed has the tag {shown(name[4:])}{meant(name, tags)}")
                    elif not name.startswith("tag:") and name not in names:
                        near = meant(
                            name, [*names, *tags], f"; for a tag write tag:{name}" if f"tag:{name}" in tags else ""
                        )
                        yield problem(place, f"no feed is named {shown(name)} here{near}", is_warning=not all_named)


# --------------------------------------------------------------------------------------- keys without effect


def without_effect(tree: Tree) -> Iterator[Problem]:
    for pattern in NO_EFFECT:
        yield from _effectless(tree, tree.root, pattern, "")


def _effectless(tree: Tree, node: object, pattern: Sequence[str], path: str) -> Iterator[Problem]:
    if not pattern:
        if isinstance(node, Map):
            for key in (key for key, item in node.items() if not is_null(item)):
                yield tree.problem(node.keys_at[key], f"{path}.{key} has no effect yet", is_warning=True)
        return
    first, rest = pattern[0], pattern[1:]
    if first == "*" and isinstance(node, Items):
        for item in node:
            yield from _effectless(tree, item, rest, path)
    elif isinstance(node, Map) and first in node and not is_null(node[first]):
        inner = f"{path}.{first}" if path else first
        if rest or isinstance(node[first], Map):
            yield from _effectless(tree, node[first], rest, inner)
        else:
            yield tree.problem(node.keys_at[first], f"{inner} has no effect yet", is_warning=True)


def cut_by_comment(tree: Tree) -> Iterator[Problem]:
    """Terms that lost their end because `#word` begins a comment; a remark has a space behind its #."""
    for _, text in _all_texts(tree.root):
        line = tree.lines[text.at[0] - 1] if text.is_plain and text.at[0] <= len(tree.lines) else ""
        behind = line[text.at[1] - 1 :].removeprefix(text)
        if text and re.match(r"\s+#\w", behind):
            meant_text = f"{text}{behind}".rstrip()
            message = f"'{behind.strip()}' is a comment in YAML; if it belongs to the text, write {quoted(meant_text)}"
            yield tree.problem(text.at, message, is_warning=True)


# ---------------------------------------------------------------------------------------------------- secrets


def unexpanded(tree: Tree) -> Iterator[Problem]:
    """`${…}` where it is not expanded."""
    for path, text in _all_texts(tree.root):
        if "${" in text and has_reference(text) and not _is_expanded(path):
            place = path[-1] if path else "this place"
            message = f"${{…}} is not expanded in {place}; it is in addresses, passwords, tokens and headers"
            yield tree.problem(text.at, message, is_warning=True)


#: Where `${…}` is expanded, by the last key of the path.
_SECRET_KEYS = {"url", "token", "password", "secret", "user", "store", "proxy", "heartbeat", "server"}


def _is_expanded(path: Sequence[str]) -> bool:
    return (bool(path) and path[-1] in _SECRET_KEYS) or "headers" in path or tuple(path) == ("feeds",)


def exposed(tree: Tree, is_readable_by_others: bool) -> Iterator[Problem]:
    """Secrets written out in a file that others on the machine can read."""
    if not is_readable_by_others:
        return
    for path, text in _all_texts(tree.root):
        if not is_null(text) and not has_reference(text) and (name := _secret_in(path, text)):
            message = (
                f"{name} is written out in a file that others on this machine can read; "
                f"write ${{NAME}} or ${{file:PATH}} in its place, or: chmod 600 {tree.file}"
            )
            yield tree.problem(text.at, message, is_warning=True)


def _secret_in(path: Sequence[str], text: str) -> str:
    key = path[-1] if path else ""
    if key in ("password", "token", "secret"):
        return f"a {key}"
    if "headers" in path and re.search(r"cookie|authori[sz]ation|key|token|secret", key, re.IGNORECASE):
        return f"the header {key}"
    if key in _SECRET_KEYS or key in ("feeds", ""):
        return _secret_in_address(text)
    return ""


def _secret_in_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, password = parts.hostname or "", parts.password
    except ValueError:
        return ""
    if password:
        return "a password"
    if host == "hooks.slack.com":
        return "a Slack webhook's address"
    return "a bot's token" if parts.scheme in ("tgram", "discord", "slack") else ""


def _all_texts(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Text]]:
    if isinstance(node, Text):
        yield path, node
    elif isinstance(node, Map):
        for key, item in node.items():
            yield from _all_texts(item, (*path, key))
    elif isinstance(node, Items):
        for item in node:
            yield from _all_texts(item, path)


def health(tree: Tree, told: Collection[str]) -> Iterator[Problem]:
    """Whether word of a failing channel would reach anybody; `told` are channels that hear of watches."""
    to = _texts_at(tree.root, ("health", "to"))
    if len(to) == 1:
        message = f"health.to has one channel only; when {to[0]} fails, nobody hears of it: name a second"
        yield tree.problem(to[0].at, message, is_warning=True)
    elif to and all(text in told for text in to):
        message = "every channel of health.to hears of watches too, and what floods there hides this; name another"
        yield tree.problem(to[0].at, message, is_warning=True)


def _texts_at(node: object, path: Sequence[str]) -> list[Text]:
    for key in path:
        node = node.get(key) if isinstance(node, Map) else None
    if isinstance(node, Items):
        return [item for item in node if isinstance(item, Text)]
    return [node] if isinstance(node, Text) and not is_null(node) else []
