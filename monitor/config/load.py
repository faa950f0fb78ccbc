"""Reads the configuration's files from disk and joins them into a Config, with every problem of every file at once.

The only file here that touches the disk (the vault's secrets aside); what single values mean is not its business.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.config import checks, opml, watches
from monitor.config.files import FeedsFile, MainFile, WatchItem, WatchlistFile
from monitor.config.marks import Mark, Marks, concerns, mark, of_folder
from monitor.config.nodes import Items, Map, Text, Tree, read
from monitor.config.placed import places, watch_of, where
from monitor.config.problems import keys_of_model, validate, without_mistakes
from monitor.config.result import Config, Examined, in_force, local_zone, sections
from monitor.config.vault import Vault
from monitor.errors import ConfigError, InputError, Problem
from monitor.model import Feed, Watch, Watchlist
from monitor.urls import without_secrets

PLACES = ("config/monitor.yaml", "/etc/news-monitor/monitor.yaml")
MISSING = "no such file; check its name and the folder you are in"
MAX_BYTES = 1_000_000
MAX_FEEDS_BYTES = 10_000_000


def find(path: str | None = None) -> Path:
    """The main file: `path`, $MONITOR_CONFIG, config/monitor.yaml, /etc/news-monitor/monitor.yaml, whichever is first.

    Raises InputError with the next step when it is not there.
    """
    named = path or os.environ.get("MONITOR_CONFIG")
    if named:
        found = Path(named)
        if found.is_dir():
            found = found / "monitor.yaml"
        if not found.exists():
            source = "" if path else " (from $MONITOR_CONFIG)"
            raise InputError(f"{found}{source}: no such file; 'monitor init' writes a starter configuration")
        return found
    for place in PLACES:
        if Path(place).is_file():
            return Path(place)
    raise InputError(
        f"no configuration at {' or '.join(PLACES)}; 'monitor init' writes a starter one, --config FILE names another"
    )


def load(path: str | None = None, *, secrets: bool = True) -> Config:
    """The configuration, or ConfigError with every problem. `secrets`: whether an unset ${…} is an error."""
    examined = examine(path, secrets=secrets)
    if any(not problem.is_warning for problem in examined.problems):
        raise ConfigError(examined.problems)
    return examined.config


def examine(path: str | None = None, *, secrets: bool = True) -> Examined:
    """What is right in the configuration, and every problem. Raises InputError only when there is no main file."""
    return _Reading(find(path), is_needed=secrets).everything()


def load_watchlist_file(path: str | Path) -> Watchlist:
    """One watchlist by itself, needing neither configuration nor store. Raises ConfigError or InputError."""
    path = Path(path)
    if not path.is_file():
        is_there = path.exists()
        raise InputError(f"{path}: {'is a folder; name a file in it' if is_there else MISSING}")
    reading = _Reading(path, is_needed=False)
    watchlist = reading.watchlist(path)
    reading.problems += checks.watchlists([watchlist] if watchlist else [])
    if watchlist is None or any(not problem.is_warning for problem in reading.problems):
        raise ConfigError(reading.problems)
    return watchlist


@dataclass(slots=True)
class _Reading:
    """One reading of all files, with the problems found so far."""

    main: Path
    is_needed: bool
    problems: list[Problem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)  # of patterns
    vault: Vault = field(init=False)
    trees: list[Tree] = field(default_factory=list)
    doubtful: list[Watchlist] = field(default_factory=list)
    seen: dict[Path, dict[str, Mark]] = field(default_factory=dict)  # by folder, as it was when first looked into

    def __post_init__(self) -> None:
        self.vault = Vault(self.main.absolute().parent, self.is_needed)

    def everything(self) -> Examined:
        tree = self._tree(self.main, MAX_BYTES, keys_of_model(MainFile))
        main, nodes, problems = validate(MainFile, tree, self.vault)
        self.problems += problems
        feeds = self._feeds(self._expand(main.feeds, nodes, "feeds", tree))
        lists = [self.watchlist(path) for path in self._expand(main.watchlists, nodes, "watchlists", tree)]
        watchlists = tuple(found for found in lists if found is not None)
        names = _declared(tree.root, main)
        doubtful = tuple(self.doubtful)
        self.problems += checks.watchlists(watchlists)
        self.problems += checks.channels(tree, names, doubtful)
        self.problems += checks.health(tree, _told(main, doubtful))
        self.problems += checks.feeds_of_watches(doubtful, feeds, self.trees)
        if not any(not problem.is_warning for problem in self.problems):
            self.problems += checks.emptiness(tree, feeds, watchlists)
        for one in self.trees:
            self.problems += checks.unexpanded(one)
            self.problems += checks.cut_by_comment(one)
            self.problems += checks.exposed(one, self._is_readable_by_others(one))
        return Examined(self._config(main, feeds, watchlists), self._in_order(), doubtful)

    def _config(self, main: MainFile, feeds: tuple[Feed, ...], watchlists: tuple[Watchlist, ...]) -> Config:
        ordered = self._in_order()
        return Config(
            path=self.main.absolute(),
            files=tuple(self.files),
            store=_absolute_store(main.store, self.main.absolute().parent),
            timezone=main.timezone or local_zone(),
            settings=sections(main),
            channels=in_force(main),
            feeds=feeds,
            watchlists=watchlists,
            warnings=tuple(problem for problem in ordered if problem.is_warning),
            no_effect=tuple(found for tree in self.trees for found in checks.without_effect(tree)),
            written=dict(self.vault.written),
            folders=tuple(dict.fromkeys((*(path.parent for path in self.files), *self.folders))),
            store_at=_place_of(self.trees, shown_path(self.main), "store"),
            read_as=self._read_as(),
        )

    def _read_as(self) -> Marks:
        found = (one for folder in self.seen.values() for one in folder.values())
        return frozenset(one for one in found if concerns(Path(one[0]), self.files))

    def _in_order(self) -> tuple[Problem, ...]:
        order = {shown_path(path): number for number, path in enumerate(self.files)}
        return tuple(
            sorted(dict.fromkeys(self.problems), key=lambda one: (order.get(one.file, -1), one.line, one.column))
        )

    # ------------------------------------------------------------------------------------------------- files

    def _bytes(self, path: Path, limit: int) -> bytes | None:
        self.files.append(path.absolute())
        folder = self._look_into(path.absolute().parent)
        try:
            with path.open("rb") as file:
                folder[str(path.absolute())] = mark(path.absolute(), os.fstat(file.fileno()))
                body = file.read(limit + 1)
        except OSError as error:
            self._wrong(path, f"cannot be read: {error.strerror}")
            return None
        if len(body) > limit:
            self._wrong(path, f"larger than {limit // 1_000_000} MB; split it into several files")
            return None
        return body

    def _look_into(self, folder: Path) -> dict[str, Mark]:
        """What is there, before any of it is read: what is saved from now on is an edit."""
        if folder not in self.seen:
            self.seen[folder] = {one[0]: one for one in of_folder(folder)}
        return self.seen[folder]

    def _tree(self, path: Path, limit: int, keys: frozenset[str]) -> Tree:
        body = self._bytes(path, limit)
        return self._parsed(path, body, keys)

    def _parsed(self, path: Path, body: bytes | None, keys: frozenset[str]) -> Tree:
        if body is None:
            return Tree(shown_path(path), None, (), ())
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            line = body[: error.start].count(b"\n") + 1
            column = error.start - body[: error.start].rfind(b"\n")
            self.problems.append(Problem(shown_path(path), line, column, "this is not UTF-8; save the file as UTF-8"))
            return Tree(shown_path(path), None, (), ())
        tree = read(text, shown_path(path), keys)
        self.problems += tree.problems
        self.trees.append(tree)
        return tree

    def _expand(self, patterns: tuple[str, ...], nodes: object, key: str, tree: Tree) -> list[Path]:
        """The files that a list of paths and patterns names, each once."""
        found: dict[Path, Path] = {}
        written = nodes.get(key) if isinstance(nodes, Map) else None
        for number, pattern in enumerate(patterns):
            whole = str(self.main.parent / Path(pattern).expanduser())
            is_pattern = glob.has_magic(pattern)
            folder = Path(whole).parent
            if folder.is_dir():
                self.folders.append(folder.absolute())
                self._look_into(folder.absolute())
            paths = sorted(glob.glob(whole, recursive=True)) if is_pattern else [whole]
            if not is_pattern and not Path(whole).is_file():
                node = written[number] if isinstance(written, Items) else written
                at = node.at if isinstance(node, Text) else (0, 0)
                self.problems.append(tree.problem(at, checks.missing_file(pattern, whole, key)))
                continue
            for path in map(Path, paths):
                if path.is_file():
                    found.setdefault(path.resolve(), path)
        return list(found.values())

    def _is_readable_by_others(self, tree: Tree) -> bool:
        path = next((path for path in self.files if shown_path(path) == tree.file), None)
        return path is not None and bool(path.stat().st_mode & 0o044)

    def _wrong(self, path: Path, message: str) -> None:
        self.problems.append(Problem(shown_path(path), 0, 0, message))

    # ------------------------------------------------------------------------------------------------- feeds

    def _feeds(self, paths: list[Path]) -> tuple[Feed, ...]:
        found: dict[str, Feed] = {}
        for path in paths:
            for feed in self._feeds_of(path):
                known = found.setdefault(feed.url, feed)
                if known is not feed:
                    found[feed.url] = replace(known, tags=known.tags | feed.tags)
                    self.problems.append(checks.feed_again(known, feed))
        return tuple(replace(feed, known_as=self._key(feed.url)) for feed in found.values())

    def _key(self, url: str) -> str:
        """Made of what stands in the file, so that it is the same whether or not its ${…} are set, and rotated."""
        return without_secrets(self.vault.written.get(url, url))

    def _feeds_of(self, path: Path) -> list[Feed]:
        return self._feeds_in(path, self._bytes(path, MAX_FEEDS_BYTES))

    def _feeds_in(self, path: Path, body: bytes | None) -> list[Feed]:
        if body is not None and (
            path.suffix.lower() == ".opml" or body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        ):
            try:
                return opml.read_opml(body, shown_path(path), self.problems)
            except InputError as error:
                self._wrong(path, str(error).removeprefix(f"{shown_path(path)}: "))
                return []
        tree = self._parsed(path, body, keys_of_model(FeedsFile))
        model, nodes, problems = validate(FeedsFile, tree, self.vault)
        self.problems += problems
        items = nodes.get("feeds", ()) if isinstance(nodes, Map) else ()
        feeds = [item.feed(f"{tree.file}:{node.at[0]}") for item, node in zip(model.feeds, items, strict=False)]
        self.problems += checks.feeds_within(tree, feeds, items)
        return checks.each_once(feeds)

    # --------------------------------------------------------------------------------------------- watchlists

    def watchlist(self, path: Path) -> Watchlist | None:
        tree = self._tree(path, MAX_BYTES, keys_of_model(WatchlistFile))
        model, nodes, problems = validate(WatchlistFile, tree, self.vault)
        self.problems += problems
        if tree.root is None and not tree.lines:
            return None
        name = model.name or path.stem
        items = nodes.get("watches", ()) if isinstance(nodes, Map) else ()
        found = [watch_of(item, node, name, tree.file) for item, node in zip(model.watches, items, strict=False)]
        self.problems += watches.named_twice(tree, found, items)
        refused = watches.refused(tree, items)
        self.problems += watches.expressions_within(tree, refused)
        if not any(one.file == tree.file and not one.is_warning for one in self.problems):
            self.problems += watches.watchless(tree)
        made = Watchlist(
            name=name,
            path=tree.file,
            watches=tuple(found),
            terms=dict(model.terms),
            to=model.to,
            editors=model.editors,
            places=places(nodes, tree.file),
        )
        self.problems += watches.operators_within(made)
        self.doubtful.append(replace(made, watches=(*made.watches, *self._mended(refused, name, tree.file))))
        return made

    def _mended(self, nodes: Sequence[object], name: str, file: str) -> Iterator[Watch]:
        """Refused watches as they are without what is wrong."""
        for node in nodes:
            item, kept = without_mistakes(WatchItem, node, self.vault)
            if item is not None:
                yield watch_of(item, kept, name, file)


def shown_path(path: Path) -> str:
    """A path as people click it: relative to where they stand, when the file is below."""
    here = Path.cwd()
    absolute = Path(os.path.normpath(path.absolute()))
    if here != Path(here.anchor) and absolute.is_relative_to(here):
        return str(absolute.relative_to(here))
    return str(absolute)


def _absolute_store(store: str, directory: Path) -> str:
    prefix = "sqlite:///"
    if not store.startswith(prefix) or store.startswith(prefix + "/"):
        return store
    path, question, options = store.removeprefix(prefix).partition("?")
    return f"{prefix}{directory / path}{question}{options}"


def _place_of(trees: list[Tree], file: str, key: str) -> str:
    """file:line:column of a key's value; the file where it is not written."""
    root = next((tree.root for tree in trees if tree.file == file), None)
    return where(file, root[key]) if isinstance(root, Map) and key in root else file


def _declared(root: object, main: MainFile) -> list[str]:
    """Names of channels, those with mistakes in them too: their mistakes are named already."""
    written = root.get("channels") if isinstance(root, Map) else None
    return list(dict.fromkeys([*main.channels, *(written if isinstance(written, Map) else ())]))


def _told(main: MainFile, watchlists: Sequence[Watchlist]) -> Collection[str]:
    """Channels that hear of watches."""
    usual = main.alerts.to if main.alerts.to is not None else tuple(main.channels)
    return {
        name
        for one in watchlists
        for watch in one.watches
        for name in next(to for to in (watch.to, one.to, usual) if to is not None)
    }


# ------------------------------------------------------------------------------------------- for edits of feeds


def feeds_target(path: str | None) -> tuple[Path, set[str]]:
    """The YAML file that new feeds go to (the first one that `feeds:` names), and the URLs that are configured.

    Raises InputError when only patterns or OPML files are named.
    """
    main = find(path)
    reading = _Reading(main, is_needed=False)
    tree = reading._tree(main, MAX_BYTES, keys_of_model(MainFile))
    model, nodes, _ = validate(MainFile, tree, reading.vault)
    known = {feed.url for feed in reading._feeds(reading._expand(model.feeds, nodes, "feeds", tree))}
    for pattern in model.feeds:
        if not glob.has_magic(pattern) and Path(pattern).suffix.lower() in (".yaml", ".yml"):
            return main.parent / Path(pattern).expanduser(), known
    raise InputError(f"{shown_path(main)}: feeds names no YAML file to add to; write feeds: [feeds.yaml]")


def feeds_file_problems(text: str, path: Path) -> list[Problem]:
    """What would be wrong with a feeds file of this text; warnings and unset secrets left out."""
    reading = _Reading(path, is_needed=False)
    reading._feeds_in(path, text.encode())
    return [problem for problem in reading.problems if not problem.is_warning]
