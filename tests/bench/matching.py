"""Time to find 10,000 terms, beside a bare automaton and a table of tokens: `python -m tests.bench.matching`.

Articles are the pages beside the checkout, mixed to 3.7 kB; terms are drawn from them (MEASURED.md section 4).
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from monitor.match import compile
from monitor.model import Document, Watch, Watchlist

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "pages"
LENGTH = 3_700  # characters of an article


def texts(language: str) -> list[str]:
    """The known texts of the pages of a language, in one long line each."""
    found = []
    for file in sorted((DATA / language).glob("*.json")):
        for page in json.loads(file.read_text("utf-8")).values():
            found += list(_strings(page))
    return [" ".join(text.split()) for text in found if len(text) > 80]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in inner for text in _strings(part)]


def articles(count: int, seed: int = 1) -> list[Document]:
    """`count` articles of one language each, three quarters English."""
    chance = random.Random(seed)
    pools = {"en": texts("us") + texts("uk"), "de": texts("de")}
    made = []
    for number in range(count):
        language = "de" if number % 4 == 3 else "en"
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(pools[language]) + "\n"
        made.append(Document("", text[:LENGTH], language=language))
    return made


def _words(texts: Sequence[str]) -> list[list[str]]:
    return [re.findall(r"(?!(?:AND|NOT)\b)[^\W\d_]{3,}", text) for text in texts]


def terms(documents: Sequence[Document], count: int, seed: int = 2) -> list[str]:
    """4 parts capitalised words, 2.5 parts words, 3.5 parts phrases of two or three words.

    One in eight is of the articles' own words, the rest of other languages, so that about 40 are found in an article,
    as with terms drawn from a collection of thousands.
    """
    chance = random.Random(seed)
    other = []
    for language in ("es", "it", "nl", "pl", "fr"):
        with gzip.open(DATA.parent / "forms" / f"{language}.jsonl.gz", "rt", encoding="utf-8") as lines:
            other += [json.loads(line)["text"] for line in lines]
    own = _words([document.text for document in documents])
    return [*_draw(own, count // 8, chance), *_draw(_words(other), count - count // 8, chance)]


def _draw(words: list[list[str]], count: int, chance: random.Random) -> list[str]:
    capitals = sorted({w for found in words for w in found if w[0].isupper()})
    small = sorted({w for found in words for w in found if w.islower()})
    phrases = sorted({" ".join(f[i : i + 2 + i % 2]) for f in words for i in range(0, len(f) - 3, 3)})
    parts = ((capitals, 0.4), (small, 0.25), (phrases, 0.35))
    return [term for pool, share in parts for term in chance.sample(pool, min(len(pool), int(count * share)))]


def bare(wanted: Sequence[str]) -> Callable[[Document], int]:
    """The floor: an automaton with word ends checked, no inflection."""
    automaton = AhoCorasick(
        sorted({term.lower() for term in wanted}),
        matchkind=MatchKind.Standard,
        implementation=Implementation.ContiguousNFA,
    )

    def count(document: Document) -> int:
        text = document.text.lower()
        found = set()
        for pattern, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum()):
                found.add(pattern)
        return len(found)

    return count


def table(wanted: Sequence[str]) -> Callable[[Document], int]:
    """A table of tokens, phrases by their longest word, no inflection."""
    single: set[str] = set()
    phrases: dict[str, list[str]] = {}
    for term in {term.lower() for term in wanted}:
        words = term.split()
        if len(words) == 1:
            single.add(term)
        else:
            phrases.setdefault(max(words, key=len), []).append(f" {term} ")

    def count(document: Document) -> int:
        tokens = re.findall(r"\w+", document.text.lower())
        distinct, joined = set(tokens), f" {' '.join(tokens)} "
        found = len(distinct & single)
        return found + sum(phrase in joined for head in distinct & phrases.keys() for phrase in phrases[head])

    return count


def ours(wanted: Sequence[str], *, lists: int = 1) -> tuple[Callable[[Document], int], float]:
    """The matcher, and the seconds to compile it with the tables at hand."""
    started = time.process_time()
    watches = tuple(Watch(term, "bench", any=(term,)) for term in wanted)
    matcher = compile([Watchlist("bench", "bench.yaml", watches)])
    for language in ("en", "de"):
        matcher.find(Document("", "x", language=language))
    return (lambda document: len(matcher.read(document)[1])), time.process_time() - started


def microseconds(function: Callable[[Document], int], documents: Sequence[Document]) -> tuple[float, float]:
    """CPU time and findings an article."""
    started = time.process_time()
    found = sum(map(function, documents))
    return (time.process_time() - started) / len(documents) * 1e6, found / len(documents)


def main(count: int = 10_000, size: int = 1_000) -> None:
    documents = articles(size)
    wanted = terms(articles(3_000, seed=3), count)
    ours(wanted[:10])  # tables built, if they were missing
    matcher, compiled = ours(wanted)
    print(f"{len(wanted)} terms, {size} articles of {LENGTH} characters; compiled in {compiled:.2f} s (en, de)")
    for name, function in (("bare automaton", bare(wanted)), ("table of tokens", table(wanted)), ("ours", matcher)):
        function(documents[0])
        used, found = microseconds(function, documents)
        print(f"{name:16} {used:7.0f} us an article, {found:.1f} terms found in it")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
