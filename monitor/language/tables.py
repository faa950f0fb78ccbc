"""The tables of word forms on disk: found in the cache folder, built there when missing, read through a memory map.

It alone of this folder touches files; a table that cannot be had is an empty one, and the reason is kept.
"""

from __future__ import annotations

import logging
import mmap
import os
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from monitor.language.analogy import decode, endings
from monitor.language.codes import name_of
from monitor.language.tableformat import RULE_KEY, VERSION, TableDamaged, decode_paradigm, unpack

log = logging.getLogger(__name__)

_BUILD_TIMEOUT_S = 600
_MOST_READ = 2_000  # records kept decoded: the forms of one word are looked up one after the other

#: A lemma as the dictionary writes it, and its forms, normalised, the lemma's own first.
Paradigm = tuple[str, list[str]]


class Table:
    """Lemmas and forms of one language. Made by `table`; empty where the lemmatiser does not know the language."""

    def __init__(self, data: mmap.mmap | None, problem: str = "") -> None:
        self.problem = problem
        self._data = data
        self._starts: memoryview | list[int] = []
        self._keys: memoryview | list[int] = []
        self._records = 0
        self._rules: dict[str, list[tuple[str, str, float]]] = {}
        self._read: dict[int, Paradigm] = {}
        if data is not None:
            self._starts, self._keys, self._records = unpack(memoryview(data))

    def __bool__(self) -> bool:
        return len(self._keys) > 0

    def paradigms(self, form: str) -> list[Paradigm]:
        """(lemma, its forms) of every word that has the normalised `form`; empty if it is unknown."""
        found = []
        for offset in self._offsets(form):
            if (paradigm := self._read.get(offset)) is None:
                record = self._record(offset)
                if record[0] == RULE_KEY:
                    continue
                if len(self._read) > _MOST_READ:
                    self._read.clear()
                paradigm = self._read[offset] = decode_paradigm(record)
            if form in paradigm[1]:
                found.append(paradigm)
        return found

    def knows(self, form: str) -> bool:
        """Whether any word has the normalised `form` (wrong once in a thousand times: the hash alone is compared)."""
        if not self._keys:
            return False
        hashed = crc32(form.encode())
        last = self._starts[(hashed >> 16) + 1]
        at = bisect_left(self._keys, hashed << 32, self._starts[hashed >> 16], last)
        return at < last and self._keys[at] >> 32 == hashed

    def rules(self, word: str) -> list[tuple[str, str, float]]:
        """(what is cut, what is put instead, share) for words that end as `word` does; empty if no rule is known."""
        for ending in endings(word):
            if (found := self._rules.get(ending)) is None:
                found = self._rules[ending] = self._read_rules(RULE_KEY + ending)
            if found:
                return found
        return []

    def _read_rules(self, key: str) -> list[tuple[str, str, float]]:
        for offset in self._offsets(key):
            first, *rules = self._record(offset).split("\t")
            if first == key:
                return [decode(rule) for rule in rules]
        return []

    def _offsets(self, key: str) -> Iterator[int]:
        """Where the records are of everything that has the hash of `key`."""
        hashed = crc32(key.encode())
        for at in range(self._first(hashed) if self._keys else 0, len(self._keys)):
            if self._keys[at] >> 32 != hashed:
                return
            yield self._keys[at] & 0xFFFFFFFF

    def _first(self, hashed: int) -> int:
        """The first key of a hash, or where it would stand."""
        beginning = hashed >> 16
        return bisect_left(self._keys, hashed << 32, self._starts[beginning], self._starts[beginning + 1])

    def _record(self, offset: int) -> str:
        assert self._data is not None
        start = self._records + offset
        return self._data[start : self._data.find(b"\n", start)].decode()


def default_cache() -> Path:
    """$CACHE_DIRECTORY (systemd.exec(5)), else $XDG_CACHE_HOME/news-monitor or ~/.cache/news-monitor (XDG)."""
    if given := os.environ.get("CACHE_DIRECTORY"):
        return Path(given.partition(":")[0])
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "news-monitor"
    except RuntimeError:  # no home: a service without a user entry
        return Path(tempfile.gettempdir()) / f"news-monitor-{os.getuid()}"


@lru_cache(maxsize=1)
def known_languages() -> frozenset[str]:
    """Languages that a table can be built for."""
    from importlib.util import find_spec

    spec = find_spec("simplemma")
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "strategies" / "dictionaries" / "data"
    return frozenset(file.stem for file in folder.glob("*.plzma"))


@lru_cache(maxsize=64)
def table(language: str, cache: Path | None = None) -> Table:
    """The table of `language`, built if missing or damaged (up to 15 s, once); empty if that is not possible."""
    if language not in known_languages():
        return Table(None)
    problem = ""
    for path in _paths(language, cache):
        try:
            return _open_or_build(language, path)
        except (OSError, TableDamaged, subprocess.SubprocessError) as error:
            problem = f"no table of word forms for {language}: {error}"
    return Table(None, problem)


def announce(language: str) -> None:
    """Say why a person waits: commands show what this logger says even where they log nothing else."""
    log.info("reading word tables for %s, once; about 10 s", name_of(language))


def is_ready(language: str, cache: Path | None = None) -> bool:
    """Whether `table` gives an answer at once: building one takes longer than a task may."""
    return language not in known_languages() or any(path.exists() for path in _paths(language, cache))


def _paths(language: str, cache: Path | None) -> tuple[Path, ...]:
    folders = (cache or default_cache(), Path(tempfile.gettempdir()) / f"news-monitor-{os.getuid()}")
    return tuple(folder / f"forms-{language}-{VERSION}.bin" for folder in folders)


def _open_or_build(language: str, path: Path) -> Table:
    try:
        return _open(path)
    except (OSError, TableDamaged):
        _build(language, path)
        return _open(path)


def _open(path: Path) -> Table:
    with path.open("rb") as file:
        return Table(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _build(language: str, path: Path) -> None:
    announce(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "monitor.language.build", language, str(path)]
    subprocess.run(command, check=True, timeout=_BUILD_TIMEOUT_S, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
