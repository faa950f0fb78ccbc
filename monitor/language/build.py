"""Builds the table of a language's word forms from the lemmatiser's own dictionary, read backwards.

It is run as a process of its own that then ends, since the dictionary needs up to 7 s and 500 MB to unpack.
"""

from __future__ import annotations

import os
import sys
import tempfile
from array import array
from collections import defaultdict
from pathlib import Path

from monitor.language.analogy import Rule, encode, learn
from monitor.language.normalise import normalise
from monitor.language.tableformat import RULE_KEY, Header, encode_paradigm, hash_of, pack


def main(language: str, path: str) -> None:
    """Write the table of `language` to `path`, at once or not at all."""
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
    paradigms = _paradigms(language)
    blob, index = _records(paradigms)
    blob += _rule_records(learn(paradigms.values(), len(paradigms)), index, len(blob))
    tags, offsets = _hashed(index)
    return pack(Header(len(tags), len(blob)), tags, offsets, blob)


def _dictionary(language: str) -> list[tuple[str, str]]:
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    return sorted(DefaultDictionaryFactory(cache_max_size=1).get_dictionary(language).items())


def _paradigms(language: str) -> dict[str, list[str]]:
    """Lemma (as the dictionary writes it) -> its forms, normalised, the lemma's own first."""
    pairs = [pair for pair in _dictionary(language) if "\n" not in pair[0] + pair[1]]
    forms = _normalised([form for form, _ in pairs], language)
    lemmas = sorted({lemma for _, lemma in pairs})
    own = dict(zip(lemmas, _normalised(lemmas, language), strict=True))
    grouped: dict[str, dict[str, None]] = defaultdict(dict)
    for (_, lemma), form in zip(pairs, forms, strict=True):
        grouped[lemma].setdefault(own[lemma])
        if form:
            grouped[lemma].setdefault(form)
    return {lemma: list(found) for lemma, found in grouped.items() if own[lemma]}


def _normalised(words: list[str], language: str) -> list[str]:
    return normalise("\n".join(words), language).text.split("\n")


def _records(paradigms: dict[str, list[str]]) -> tuple[bytes, list[tuple[str, int]]]:
    blob = bytearray()
    index: list[tuple[str, int]] = []
    for lemma, forms in paradigms.items():
        offset = len(blob)
        blob += encode_paradigm(lemma, forms)
        index += ((form, offset) for form in forms)
    return bytes(blob), index


def _rule_records(rules: dict[str, dict[Rule, float]], index: list[tuple[str, int]], offset: int) -> bytes:
    blob = bytearray()
    for ending, shares in rules.items():
        index.append((RULE_KEY + ending, offset + len(blob)))
        blob += "\t".join([RULE_KEY + ending, *encode(shares)]).encode() + b"\n"
    return bytes(blob)


def _hashed(index: list[tuple[str, int]]) -> tuple[array[int], array[int]]:
    size = max(16, len(index) * 10 // 6) | 1
    tags, offsets = array("H", bytes(2 * size)), array("I", bytes(4 * size))
    for form, offset in index:
        slot, tag = hash_of(form, size)
        while tags[slot]:
            slot = slot + 1 if slot + 1 < size else 0
        tags[slot], offsets[slot] = tag, offset
    return tags, offsets


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
