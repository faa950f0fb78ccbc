"""Builds the table of a language's word forms from the lemmatiser's own dictionary, read backwards.

It is run as a process of its own that then ends, since the dictionary needs up to 7 s and 500 MB to unpack.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from array import array
from pathlib import Path
from zlib import crc32

from monitor.language.analogy import Rule, encode, learn
from monitor.language.normalise import normalise
from monitor.language.tableformat import RULE_KEY, encode_paradigm, pack


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
    paradigms = _paradigms(language)
    blob, keys = _records(paradigms)
    rules = learn((forms for _, forms in paradigms), len(paradigms))
    blob += _rule_records(rules, keys, len(blob))
    keys.sort()
    return pack(array("Q", keys), bytes(blob))


def _dictionary(language: str) -> tuple[list[str], list[str]]:
    """Forms and, in the same order, their lemmas."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    words = DefaultDictionaryFactory(cache_max_size=1).get_dictionary(language)
    raw = getattr(words, "_dict", None)
    if isinstance(raw, dict):  # its own view decodes word by word, which takes longer than all the rest
        return b"\n".join(raw).decode().split("\n"), b"\n".join(raw.values()).decode().split("\n")
    return list(words.keys()), list(words.values())


def _paradigms(language: str) -> list[tuple[str, list[str]]]:
    """Lemma (as the dictionary writes it) and its forms, normalised, the lemma's own first."""
    forms, lemmas = _dictionary(language)
    grouped: dict[str, list[str]] = {}
    for form, lemma in zip(_normalised(forms, language), lemmas, strict=True):
        if lemma in grouped:
            grouped[lemma].append(form)
        else:
            grouped[lemma] = [form]
    own = _normalised(list(grouped), language)
    return [
        (lemma, [form for form in dict.fromkeys([first, *found]) if form])
        for first, (lemma, found) in zip(own, grouped.items(), strict=True)
        if first
    ]


def _normalised(words: list[str], language: str) -> list[str]:
    return normalise("\n".join(words), language).text.split("\n")


def _records(paradigms: list[tuple[str, list[str]]]) -> tuple[bytearray, list[int]]:
    """The records, and for each form its hash with the place of its record."""
    blob = bytearray()
    keys: list[int] = []
    for lemma, forms in paradigms:
        offset = len(blob)
        blob += encode_paradigm(lemma, forms)
        keys += [crc32(form.encode()) << 32 | offset for form in forms]
    return blob, keys


def _rule_records(rules: dict[str, dict[Rule, float]], keys: list[int], offset: int) -> bytes:
    blob = bytearray()
    for ending, shares in rules.items():
        keys.append(crc32((RULE_KEY + ending).encode()) << 32 | offset + len(blob))
        blob += "\t".join([RULE_KEY + ending, *encode(shares)]).encode() + b"\n"
    return bytes(blob)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
