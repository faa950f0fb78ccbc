"""The tables of word forms on disk: found in the cache folder, built there when missing, read through a memory map.

It alone of this folder touches files; a table that cannot be had is an empty one, and the reason is kept.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from monitor.language.analogy import decode, endings
from monitor.language.tableformat import (
    HEADER_LENGTH,
    RULE_KEY,
    VERSION,
    TableDamaged,
    decode_paradigm,
    hash_of,
    unpack_header,
)

_BUILD_TIMEOUT_S = 600


class Table:
    """Lemmas and forms of one language. Made by `table`; empty where the lemmatiser does not know the language."""

    def __init__(self, data: bytes | mmap.mmap | None, problem: str = "") -> None:
        self.problem = problem
        self._slots = 0
        self._data = data
        self._rules: dict[str, list[tuple[str, str, float]]] = {}
        if data is not None:
            view = memoryview(data)
            header = unpack_header(view)
            self._slots = header.slots
            tags_end = HEADER_LENGTH + 2 * header.slots
            self._tags = view[HEADER_LENGTH:tags_end].cast("H")
            self._offsets = view[tags_end : tags_end + 4 * header.slots].cast("I")
            self._records = tags_end + 4 * header.slots

    def __bool__(self) -> bool:
        return self._slots > 0

    def paradigms(self, form: str) -> list[tuple[str, list[str]]]:
        """(lemma, its forms) of every word that has the normalised `form`; empty if it is unknown."""
        found: list[tuple[str, list[str]]] = []
        if not self._slots:
            return found
        slot, tag = hash_of(form, self._slots)
        while at := self._tags[slot]:
            if at == tag:
                paradigm = self._read(self._offsets[slot])
                if form in paradigm[1]:
                    found.append(paradigm)
            slot = slot + 1 if slot + 1 < self._slots else 0
        return found

    def knows(self, form: str) -> bool:
        """Whether any word has the normalised `form` (wrong once in some 40,000 times: the tag alone is compared)."""
        if not self._slots:
            return False
        slot, tag = hash_of(form, self._slots)
        while at := self._tags[slot]:
            if at == tag:
                return True
            slot = slot + 1 if slot + 1 < self._slots else 0
        return False

    def rules(self, word: str) -> list[tuple[str, str, float]]:
        """(what is cut, what is put instead, share) for words that end as `word` does; empty if no rule is known."""
        if not self._slots:
            return []
        for ending in endings(word):
            if (found := self._rules.get(ending)) is None:
                found = self._rules[ending] = self._read_rules(RULE_KEY + ending)
            if found:
                return found
        return []

    def _read_rules(self, key: str) -> list[tuple[str, str, float]]:
        slot, tag = hash_of(key, self._slots)
        while at := self._tags[slot]:
            if at == tag:
                first, *rules = self._line(self._offsets[slot]).split("\t")
                if first == key:
                    return [decode(rule) for rule in rules]
            slot = slot + 1 if slot + 1 < self._slots else 0
        return []

    def _line(self, offset: int) -> str:
        start = self._records + offset
        assert self._data is not None
        return self._data[start : self._data.find(b"\n", start)].decode()

    def _read(self, offset: int) -> tuple[str, list[str]]:
        return decode_paradigm(self._line(offset))


def default_cache() -> Path:
    """$XDG_CACHE_HOME/news-monitor or ~/.cache/news-monitor (XDG base directory specification)."""
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
    folders = (cache or default_cache(), Path(tempfile.gettempdir()) / f"news-monitor-{os.getuid()}")
    problem = ""
    for folder in folders:
        path = folder / f"forms-{language}-{VERSION}.bin"
        try:
            return _open_or_build(language, path)
        except (OSError, TableDamaged, subprocess.SubprocessError) as error:
            problem = f"no table of word forms for {language}: {error}"
    return Table(None, problem)


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
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "monitor.language.build", language, str(path)]
    subprocess.run(command, check=True, timeout=_BUILD_TIMEOUT_S, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
