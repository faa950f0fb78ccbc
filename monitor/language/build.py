"""Builds the table of a language's word forms from the lemmatiser's own dictionary, read backwards.

It is run as a process of its own that then ends, since the largest dictionaries take 15 s and 300 MB to go through.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from array import array
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from zlib import crc32

from monitor.language.analogy import ENOUGH, encode, learn
from monitor.language.normalise import normalise
from monitor.language.tableformat import RULE_KEY, encode_paradigm, pack

_BATCH = 20_000  # lemmas that are normalised at a time


def main(language: str, path: str) -> None:
    """Write the table of `language` to `path`, at once or not at all."""
    gc.disable()  # millions of small objects, none of them garbage until the process ends
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    body = build(language)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def build(language: str) -> bytes:
    """The table of `language` as bytes."""
    groups = _groups(language)
    blob = bytearray()
    keys = _Keys()
    for lemma, forms in _paradigms(groups, language):
        keys.add_all(forms, len(blob))
        blob += encode_paradigm(lemma, forms)
    sample = _sample(groups)
    groups.clear()
    for ending, shares in learn(forms for _, forms in _paradigms(sample, language)).items():
        keys.add_all([RULE_KEY + ending], len(blob))
        blob += "\t".join([RULE_KEY + ending, *encode(shares)]).encode() + b"\n"
    return pack(keys.ordered(), blob)


class _Keys:
    """The hash of each form with the place of its record, kept by first byte: millions of them are sorted in parts."""

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(256)]

    def add_all(self, forms: list[str], offset: int) -> None:
        parts = self._parts
        for form in forms:
            hashed = crc32(form.encode())
            parts[hashed >> 24].append(hashed << 32 | offset)

    def ordered(self) -> array[int]:
        keys = array("Q")
        for part in self._parts:
            keys.extend(sorted(part))
        return keys


def _groups(language: str) -> dict[bytes, bytearray]:
    """Each lemma with its forms, a line each, as the dictionary has them."""
    groups: dict[bytes, bytearray] = {}
    last: bytes | None = None
    group = bytearray()
    for form, lemma in _entries(language):
        if lemma is not last:
            last = lemma
            group = groups.setdefault(lemma, bytearray())
        group += form
        group += b"\n"
    return groups


def _sample(groups: dict[bytes, bytearray]) -> dict[bytes, bytes]:
    """Some of the lemmas to learn from, with the forms that their own forms have: a participle is listed as a form of
    its verb, and by itself with its cases and genders."""
    sample = {}
    for lemma in islice(groups, 0, None, max(1, len(groups) // ENOUGH)):
        forms = groups[lemma].splitlines(keepends=True)
        inflected = (groups[form] for line in forms if (form := bytes(line[:-1])) != lemma and form in groups)
        sample[lemma] = b"".join((*forms, *inflected))
    return sample


def _entries(language: str) -> Iterator[tuple[bytes, bytes]]:
    """Every form with its lemma, read from the dictionary's file as it streams: unpacked as a whole it takes several
    times the memory."""
    from simplemma.strategies.dictionaries import dictionary_factory

    try:
        from simplemma.strategies.dictionaries.frontcode import _iter_records, _read_header

        data = dictionary_factory._read_decompressed(language)
        is_reversed, _, start = _read_header(data)
    except (ImportError, AttributeError, ValueError):  # another version than ours: the way that is promised
        words = dictionary_factory.DefaultDictionaryFactory(cache_max_size=1).get_dictionary(language)
        yield from ((form.encode(), lemma.encode()) for form, lemma in words.items())
        return
    if is_reversed:
        yield from ((form[::-1], lemma[::-1]) for _, form, lemma in _iter_records(data, start))
    else:
        yield from ((form, lemma) for _, form, lemma in _iter_records(data, start))


def _paradigms(groups: Mapping[bytes, bytes | bytearray], language: str) -> Iterator[tuple[str, list[str]]]:
    """Lemma (as the dictionary writes it) and its forms, normalised, the lemma's own first."""
    waiting = iter(groups.items())
    while batch := list(islice(waiting, _BATCH)):
        text = b"".join(part for lemma, forms in batch for part in (lemma, b"\n", forms)).decode()
        words = iter(normalise(text, language).text.split("\n"))
        for lemma, forms in batch:
            found = dict.fromkeys(islice(words, 1 + forms.count(b"\n")))
            found.pop("", None)
            if found:
                yield lemma.decode(), list(found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
