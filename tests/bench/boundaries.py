"""Terms found across the ends of words in scripts without spaces: `python -m tests.bench.boundaries`.

Every noun and name of the sentences is a term, every sentence an article, and where words end people have said. Beside
the matcher stand plain search and open segmenters where they are installed (`pip install jieba fugashi unidic-lite`,
for this bench only). A word of one or two katakana within a compound counts as missed, though it is not meant to be
found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate

from monitor.match import compile
from monitor.model import Document, Watch, Watchlist
from tests.bench.forms import Sentence, sentences

Span = tuple[int, int]
Found = set[tuple[int, int, int]]  # number of the sentence, start, end
_KINDS = frozenset({"NOUN", "PROPN"})


def terms(read: Sequence[Sentence]) -> list[str]:
    """Nouns and names of two characters or more, of the script without spaces alone."""
    words = {form for one in read for form, _, kind in one["tokens"] if kind in _KINDS and len(form) > 1}
    return sorted(word for word in words if word.isalpha() and all(character > "\u0e00" for character in word))


def ends(sentence: Sentence) -> set[int]:
    """Where words begin or end."""
    found, at = {0}, 0
    for form, *_ in sentence["tokens"]:
        at = sentence["text"].find(form, at) + len(form)
        found |= {at - len(form), at}
    return found


def everywhere(text: str, wanted: Iterable[str]) -> Iterator[Span]:
    """Plain search: every place of every term."""
    for term in wanted:
        at = text.find(term)
        while at >= 0:
            yield at, at + len(term)
            at = text.find(term, at + 1)


def matcher(language: str, wanted: Sequence[str]) -> Callable[[str], Iterator[Span]]:
    watches = tuple(Watch(term, "bench", any=(f'"{term}"',)) for term in wanted)
    made = compile([Watchlist("bench", "bench.yaml", watches)])

    def find(text: str) -> Iterator[Span]:
        for _, found in made.read(Document("", text, language=language))[1]:
            yield from ((start, end) for _, _, _, start, end in found)

    return find


def segmented(cut: Callable[[str], Iterable[str]], wanted: Sequence[str]) -> Callable[[str], Iterator[Span]]:
    """A term is found where the segmenter has ends of words at both of its ends."""

    def find(text: str) -> Iterator[Span]:
        borders = {0, *accumulate(map(len, cut(text)))}
        return (span for span in everywhere(text, wanted) if borders.issuperset(span))

    return find


def segmenters(language: str) -> Iterator[tuple[str, Callable[[str], Iterable[str]]]]:
    """The open segmenters of a language that are installed."""
    if language == "zh" and find_spec("jieba"):
        jieba = import_module("jieba")
        jieba.setLogLevel(60)
        yield "jieba", jieba.lcut
    if language == "ja" and find_spec("fugashi"):
        tagger = import_module("fugashi").Tagger()
        yield "fugashi, unidic-lite", lambda text: [word.white_space + word.surface for word in tagger(text)]


def main() -> None:
    print("language  method                  reported   across the end of a word   of whole words missed")
    for language in ("ja", "zh"):
        read = sentences(language)
        wanted = terms(read)
        texts = [sentence["text"] for sentence in read]
        whole = [ends(sentence) for sentence in read]
        plain = _found(partial(everywhere, wanted=wanted), texts)
        right = {place for place in plain if whole[place[0]].issuperset(place[1:])}
        methods = [("plain search", plain), ("ours", _found(matcher(language, wanted), texts))]
        methods += [(name, _found(segmented(cut, wanted), texts)) for name, cut in segmenters(language)]
        for name, found in methods:
            wrong, missed = len(found - right) / max(1, len(found)), len(right - found) / max(1, len(right))
            print(f"{language:9} {name:22} {len(found):9} {wrong:26.2%} {missed:23.2%}", flush=True)


def _found(find: Callable[[str], Iterator[Span]], texts: Sequence[str]) -> Found:
    return {(number, *span) for number, text in enumerate(texts) for span in find(text)}


if __name__ == "__main__":
    main()
