"""Edits of the user's YAML that keep comments, order and quoting, and files written as a whole or not at all.

It is the only place that writes a user's file; what it writes was parsed and validated before it takes its place.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from monitor.config.mistakes import quoted
from monitor.config.values import every_text, meant
from monitor.errors import InputError
from monitor.model import Feed

_PLAIN = re.compile(r"[\w][\w .&'/-]*[\w.]|\w")
_EMPTY_LIST = re.compile(r"^feeds:((?:[ ]*\[[ ]*\])?)((?:[ ]+#.*)?)[ ]*$", re.MULTILINE)
_HEADER = "# yaml-language-server: $schema=.schemas/feeds.json\n"


# ------------------------------------------------------------------------------------------------ whole files


def packaged(name: str) -> str:
    """A file shipped beside this module."""
    return resources.files("monitor.config").joinpath(name).read_text(encoding="utf-8")


def create(path: Path, text: str) -> bool:
    """Write a new file; False when there is one already, which stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def replace_file(path: Path, text: str) -> None:
    """Put `text` in the place of a file in one step, keeping its mode; a crash leaves the old one."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# ------------------------------------------------------------------------------------------------------ packs


def packs() -> Iterator[tuple[str, str, int]]:
    """Name, title and number of feeds of every pack shipped."""
    for file in sorted(resources.files("monitor.config").joinpath("packs").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            yield file.name.removesuffix(".yaml"), text.partition("\n")[0].lstrip("# "), text.count("url:")


def pack(name: str) -> list[Feed]:
    """The feeds of a pack. Raises InputError naming the nearest for one that is not shipped."""
    from monitor.config.files import FeedsFile
    from monitor.config.nodes import read
    from monitor.config.problems import validate

    known = [one for one, _, _ in packs()]
    if name not in known:
        raise InputError(f"there is no pack '{name}'{meant(name, known, f'; they are {chr(44).join(known)}')}")
    model, _, _ = validate(FeedsFile, read(packaged(f"packs/{name}.yaml"), name), None)
    return [item.feed(name) for item in model.feeds]


# --------------------------------------------------------------------------------------------- feeds in YAML


def feed_line(feed: Feed) -> str:
    """A feed as an item of the list: its address alone, or a mapping on one line."""
    parts = [f"url: {quoted(feed.url)}"]
    if feed.name:
        parts.append(f"name: {scalar(feed.name)}")
    if feed.tags:
        parts.append(f"tags: [{', '.join(map(scalar, sorted(feed.tags)))}]")
    if feed.every:
        parts.append(f"every: {every_text(feed.every)}")
    if feed.read != "auto":
        parts.append(f"read: {feed.read}")
    if feed.gaps != "count":
        parts.append(f"gaps: {feed.gaps}")
    if len(parts) == 1:
        return feed.url if re.fullmatch(r"https?://[\w./~%+=&?;@!$'()*,-]+", feed.url) else quoted(feed.url)
    return "{" + ", ".join(parts) + "}"


def scalar(text: str) -> str:
    """A text as YAML, in quotes where it could be taken for something else."""
    text = "".join(letter for letter in text if letter.isprintable())
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off")
    return text if is_plain and not re.fullmatch(r"[\d.:_-]+", text) else quoted(text)


def feeds_file(feeds: Iterable[Feed]) -> str:
    """A feeds file of these feeds."""
    lines = "".join(f"  - {feed_line(feed)}\n" for feed in _named_once(feeds, set()))
    return f"{_HEADER}\nfeeds:\n{lines}" if lines else f"{_HEADER}\nfeeds: []\n"


def with_feeds(text: str, feeds: Iterable[Feed]) -> str:
    """The feeds file `text` with more feeds at the end of its list; every other byte stays as it was.

    Only where the list ends and how it is indented is learned from ruamel.yaml's round-trip tree; the new lines are
    put in as text, so that nothing of the user's is re-wrapped or re-quoted. Raises InputError for a file that is no
    list of feeds.
    """
    if not text.strip() or _is_empty(text):
        return text.rstrip("\n") + ("\n" if text.strip() else "") + feeds_file(feeds).removeprefix(_HEADER + "\n")
    if (empty := _EMPTY_LIST.search(text)) and not re.search(r"(?m)^\s*-\s", text):
        first = feeds_file(feeds).removeprefix(_HEADER + "\n").removeprefix("feeds:\n")
        return f"{text[: empty.start(1)]}{empty[2]}\n{first}{text[empty.end() + 1 :]}"
    tree = _round_trip(text)
    names = {str(item["name"]) for item in tree if isinstance(item, dict) and item.get("name")}
    added = [feed_line(feed) for feed in _named_once(feeds, names)]
    if tree.fa.flow_style():
        raise InputError("the feeds stand in a list in brackets; put each on a line of its own, beginning with '- '")
    lines = text.split("\n")
    row, indent = _end_of(tree, lines)
    lines[row:row] = [f"{' ' * indent}- {line}" for line in added]
    return "\n".join(lines)


def _is_empty(text: str) -> bool:
    return not any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n"))


def _round_trip(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML().load(text)
    except YAMLError as error:
        raise InputError(f"not valid YAML; 'monitor check' says where ({type(error).__name__})") from None
    found = tree.get("feeds") if isinstance(tree, dict) else None
    if not isinstance(found, list) or not found:
        raise InputError("holds no list of feeds yet; write 'feeds:' and below it one line '  - https://…'")
    return found


def _end_of(tree: Any, lines: list[str]) -> tuple[int, int]:
    """The row behind the list's last item, and the column of its dashes."""
    row, column = tree.lc.item(len(tree) - 1)
    dash = lines[row].rfind("-", 0, column)
    indent = dash if dash >= 0 else column
    row += 1
    while row < len(lines) and (lines[row].strip() == "" or len(lines[row]) - len(lines[row].lstrip()) > indent):
        if lines[row].strip().startswith("#"):
            break
        row += 1
    while row > 0 and lines[row - 1].strip() == "":
        row -= 1
    return row, indent


def _named_once(feeds: Iterable[Feed], names: set[str]) -> Iterator[Feed]:
    """Feeds whose name is taken get their host behind it: names are unique in a file."""
    from dataclasses import replace
    from urllib.parse import urlsplit

    for feed in feeds:
        name, number = feed.name, 2
        if name in names:
            base = name = f"{feed.name} ({urlsplit(feed.url).hostname})"
            while name in names:
                name, number = f"{base} {number}", number + 1
        if name:
            names.add(name)
        yield replace(feed, name=name)
