"""How many inflected words are found, and how many wrongly, beside the lemmatiser alone: `python -m tests.bench.forms`.

Every lemma of a language's sentences is a term; every sentence is an article. Counted are distinct pairs of a form
and a lemma among nouns, names, verbs and adjectives: found, of forms that differ from their lemma; wrong, where a term
is found in a form of other lemmas only. The sentences are the development part; the figures that count are of others.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from monitor.language.normalise import normalise
from monitor.match import compile
from monitor.model import Document, Watch, Watchlist

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "forms"
KINDS = frozenset({"NOUN", "PROPN", "VERB", "ADJ"})
Pair = tuple[str, str]
Sentence = dict[str, Any]


def sentences(language: str) -> list[Sentence]:
    """The sentences of a language."""
    with gzip.open(DATA / f"{language}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def counted(lemma: str, kind: str) -> bool:
    """Whether a word counts: of a kind that people watch for, three letters or more."""
    return kind in KINDS and len(lemma) >= 3 and lemma.replace("-", "").isalpha()


def places(sentence: Sentence) -> Iterator[tuple[int, int, str, str, str]]:
    """Start, end, form, lemma and kind of each word that stands in the text as such."""
    at = 0
    for form, lemma, kind in sentence["tokens"]:
        start = sentence["text"].find(form, at)
        if start >= 0:
            at = start + len(form)
            yield start, at, form, lemma, kind


class Score:
    """Pairs found, missed and wrong, of all words and of names apart."""

    def __init__(self) -> None:
        self.changed: set[Pair] = set()
        self.names: set[Pair] = set()
        self.found: set[Pair] = set()
        self.wrong: set[Pair] = set()

    def row(self) -> tuple[float, float, float | None]:
        """Recall of changed forms, wrong pairs for 100 of them, recall of changed names: None where no name changes
        (French and Italian)."""
        total = max(1, len(self.changed))
        recall = len(self.changed & self.found) / total
        names = len(self.names & self.found) / len(self.names) if self.names else None
        return recall, 100 * len(self.wrong) / total, names


def score(language: str, finds: Any, read: list[Sentence]) -> Score:
    """`finds(sentence)` gives (start, end, lemma) of each term found in a sentence."""
    result = Score()
    same = lru_cache(maxsize=None)(lambda word: normalise(word, language).text)
    lemmas: defaultdict[str, set[str]] = defaultdict(set)
    hits: set[Pair] = set()
    for sentence in read:
        found = list(finds(sentence))
        for start, end, form, lemma, kind in places(sentence):
            lemmas[same(form)].add(same(lemma))
            if counted(lemma, kind) and same(form) != same(lemma):
                result.changed.add((same(form), same(lemma)))
                if kind == "PROPN":
                    result.names.add((same(form), same(lemma)))
            if kind in KINDS:
                hits |= {
                    (same(form), same(term))
                    for s, e, term in found
                    if s < end and e > start and _covers(s, e, start, end)
                }
    result.found = hits
    result.wrong = {(f, term) for f, term in hits if f != term and term not in lemmas[f]}
    return result


def _covers(start: int, end: int, first: int, last: int) -> bool:
    """Whether [start, end) is the whole word at [first, last): a part of a compound with hyphens is neither right nor
    wrong here. (Words that a language glues to others are longer than the word that is counted.)"""
    return start <= first and end >= last


def terms(read: list[Sentence]) -> list[str]:
    return sorted({lemma for s in read for _, lemma, kind in s["tokens"] if counted(lemma, kind)})


def ours(language: str, read: list[Sentence]) -> Score:
    watches = tuple(Watch(term, "forms", any=(f'"{term}"',)) for term in terms(read))
    matcher = compile([Watchlist("forms", "forms.yaml", watches)])

    def finds(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
        for hit in matcher.find(Document("", sentence["text"], language=language), snippets=False):
            yield from ((piece.start, piece.end, hit.watch) for piece in hit.evidence)

    return score(language, finds, read)


def lemmatiser(language: str, read: list[Sentence]) -> Score:
    """simplemma alone: a term is found in a word that has its lemma."""
    import simplemma

    lemma_of = lru_cache(maxsize=None)(lambda word: simplemma.lemmatize(word, language).casefold())
    by_lemma: defaultdict[str, list[str]] = defaultdict(list)
    for term in terms(read):
        by_lemma[lemma_of(term)].append(term)

    def finds(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
        for start, end, form, _, _ in places(sentence):
            yield from ((start, end, term) for term in by_lemma[lemma_of(form)])

    return score(language, finds, read)


def main(languages: list[str]) -> None:
    known = sorted(file.name.split(".")[0] for file in DATA.glob("*.jsonl.gz"))
    rows: list[list[float | None]] = []
    print("language  changed   ours: recall wrong/100 names   lemmatiser: recall wrong/100 names   seconds")
    for language in languages or [name for name in known if name not in ("ja", "zh")]:
        started, read = time.process_time(), sentences(language)
        mine, theirs = ours(language, read), lemmatiser(language, read)
        rows.append([*mine.row(), *theirs.row()])
        used = f"{time.process_time() - started:8.1f}"
        _print(f"{language:8} {len(mine.changed):8}", rows[-1], used)
    _print("mean             ", [_mean([row[at] for row in rows]) for at in range(6)])


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _print(head: str, row: list[float | None], tail: str = "") -> None:
    shown = ["-" if value is None else f"{value:.{1 if at in (1, 4) else 3}f}" for at, value in enumerate(row)]
    columns = "".join(f"{value:>{width}}" for value, width in zip(shown, (14, 10, 6, 20, 10, 6), strict=True))
    print(f"{head}{columns}  {tail}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
