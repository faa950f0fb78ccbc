"""What is kept of an article to recognise its copies and other reports of its event: under a kilobyte, no text.

It must not hold state: the same title, text and language always give the same bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import chain, combinations, islice
from math import log, sqrt

from monitor.stories.spine import has_digit, is_rare, spine_of
from monitor.stories.terms import grams, number_of, stem, weighed, weight_of, words

VERSION = 1
TITLE_TERMS = 24
TEXT_TERMS = 48
TITLE_GRAMS = 80
#: What a piece of a word weighs beside a whole long word.
GRAM_WEIGHT = 255 // 4
SPINE = 64
#: So many rare numbers of a text make keys, every two together.
RARE = 6
#: One-permutation minhash (Li, Owen, Zhang 2012): so many bins, 16 bits of each minimum, bands of four bins.
BINS = 48
BAND = 4
SHINGLE = 3
#: A text of fewer words has no sketch: two short texts are too easily alike.
SKETCH_WORDS = 40
#: So many of a title's most particular terms are keys. Pairs of terms would be more selective, at the same
#: precision
#: they find a tenth fewer reports (measured).
KEY_TERMS = 10
#: A text of fewer characters whose beginning serves as its title is a post: chatter, alike by chance too easily.
POST = 200
#: A post of fewer words is no copy of another: many say good morning.
POST_WORDS = 5
#: Characters that are read of a text: what a story is about stands there.
READ = 20_000

_LINK = re.compile(r"https?://\S+")
_HEAD = struct.Struct("<BBBBBBHI")


@dataclass(frozen=True)
class Fingerprint:
    """An article's fingerprint. Compare by `place` only; fields may change with VERSION.

    `keys` are numbers of 63 bits: articles that share none are not alike. `copy_keys` are those of them that find
    copies; each is shared by few articles and worth keeping for years. The others are words of the title and serve
    only as long as a story is open: look up the latest 300 holders of each, or those of 7 days.
    """

    title: Mapping[int, int]  # 32-bit term -> weight 1..255
    grams: frozenset[int]  # 16-bit pieces of the title's words
    text: Mapping[int, int]
    spine: tuple[tuple[int, int], ...]  # what survives translation, and where it stands: see `spine`
    sketch: tuple[int, ...]  # 16-bit minima, () for short texts
    headline: int  # 32-bit: the words of the title, or of a whole post, in order, to the letter
    length: int = field(default=0)  # words of the text, at most 65,535

    @cached_property
    def copy_keys(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys([*_bands(self.sketch), *_spine_keys(self.spine)]))

    @cached_property
    def keys(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys([*self.copy_keys, _key(b"head", (self.headline,)), *_term_keys(self.title)]))

    @property
    def has_headline(self) -> bool:
        """Whether it has as many words as make the same headline twice more than chance."""
        return len(self.title) > 2 or (not self.title and self.length >= POST_WORDS)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers and designations that survive translation."""
        return frozenset({number for number, _ in self.spine if has_digit(number)})

    def numbers_within(self, first: int) -> frozenset[int]:
        """Those of its first so many characters."""
        return frozenset({number for number, place in self.spine if place < first and has_digit(number)})

    @cached_property
    def names(self) -> frozenset[int]:
        """The names that survive translation, of languages that write them with capitals."""
        return frozenset({number for number, _ in self.spine if not has_digit(number)})

    @cached_property
    def title_norm(self) -> float:
        return sqrt(_norm(self.title) ** 2 + GRAM_WEIGHT**2 * len(self.grams))

    @cached_property
    def text_norm(self) -> float:
        return _norm(self.text)

    def to_bytes(self) -> bytes:
        """A compact form, under 1 kB, that `from_bytes` reads on any machine."""
        terms = [*self.title, *self.text]
        shorts = [*chain.from_iterable(self.spine), *self.sketch, *sorted(self.grams)]
        counts = (len(self.title), len(self.text), len(self.spine), len(self.sketch), len(self.grams))
        head = _HEAD.pack(VERSION, *counts, self.length, self.headline)
        weights = bytes([*self.title.values(), *self.text.values()])
        return head + struct.pack(f"<{len(terms)}I", *terms) + weights + struct.pack(f"<{len(shorts)}H", *shorts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """The fingerprint that `to_bytes` wrote. Raises ValueError on anything else."""
        try:
            version, titles, texts, spine, sketch, grams, length, headline = _HEAD.unpack_from(data)
            terms = titles + texts
            layout = struct.Struct(f"<{terms}I{terms}B{2 * spine + sketch + grams}H")
            numbers = layout.unpack(data[_HEAD.size :])
        except struct.error as error:
            raise ValueError("not a fingerprint") from error
        if version != VERSION:
            raise ValueError(f"a fingerprint of version {version}, not {VERSION}")
        weights = numbers[terms : 2 * terms]
        shorts = numbers[2 * terms :]
        return cls(
            title=dict(zip(numbers[:titles], weights[:titles], strict=True)),
            grams=frozenset(shorts[2 * spine + sketch :]),
            text=dict(zip(numbers[titles:terms], weights[titles:], strict=True)),
            spine=tuple(zip(shorts[: 2 * spine : 2], shorts[1 : 2 * spine : 2], strict=True)),
            sketch=shorts[2 * spine : 2 * spine + sketch],
            headline=headline,
            length=length,
        )


def fingerprint(title: str, text: str = "", language: str | None = None) -> Fingerprint:
    """The fingerprint of an article; `text` may be empty. `language` is not needed: see `terms`."""
    if is_post(title, text):
        return _of_post(text)
    title_words, text_words = words(title[:READ]), words(text[:READ])
    return Fingerprint(
        title=_heaviest({stem(word): weight_of(word) for word in title_words}, TITLE_TERMS),
        grams=_grams(title_words),
        text=_text_terms(text_words),
        spine=spine_of(text[:READ], SPINE),
        sketch=_sketch(text_words),
        headline=number_of(" ".join(title_words)),
        length=min(len(text_words), 65_535),
    )


def is_post(title: str, text: str) -> bool:
    """Whether a text is short and its first sentence, line or words are all the title that it has."""
    body, start = text.strip(), title.strip().removesuffix("…")
    if not start or not body or len(body) >= POST or not body.startswith(start):
        return False
    rest = body[len(start) :]
    return not rest or rest[0] == "\n" or title.strip()[-1] in ".!?…。！？"


def _of_post(text: str) -> Fingerprint:
    """Nothing of it can be like another, but the whole."""
    said = words(_LINK.sub(" ", text))
    return Fingerprint({}, frozenset(), {}, (), (), number_of(" ".join(said)), len(said))


def _grams(title_words: list[str]) -> frozenset[int]:
    pieces = (number_of(piece) & 0xFFFF for word in title_words if weight_of(word) for piece in grams(word))
    return frozenset(islice(dict.fromkeys(pieces), TITLE_GRAMS))


def _text_terms(text_words: list[str]) -> dict[int, int]:
    """The terms that a text is about: often, early and long ones."""
    weights: dict[str, float] = {}
    for place, word in enumerate(text_words):
        term, weight = weighed(word)
        if weight:
            weights[term] = weights.get(term, 0.0) + weight / (1 + place / 150)
    return _heaviest({term: log(1 + weight) for term, weight in weights.items()}, TEXT_TERMS)


def _heaviest(weights: Mapping[str, float], most: int) -> dict[int, int]:
    """The heaviest terms as numbers, weights scaled to 1..255."""
    kept = sorted(((weight, term) for term, weight in weights.items() if weight > 0), reverse=True)[:most]
    scale = 255 / max((weight for weight, _ in kept), default=1)
    return {number_of(term): max(1, round(weight * scale)) for weight, term in kept}


def _norm(terms: Mapping[int, int]) -> float:
    return sqrt(sum(weight * weight for weight in terms.values()))


def _sketch(text_words: list[str]) -> tuple[int, ...]:
    if len(text_words) < SKETCH_WORDS:
        return ()
    numbers = [number_of(word) for word in text_words]
    bins = [-1] * BINS
    for first, second, third in zip(numbers, numbers[1:], numbers[2:], strict=False):
        mixed = ((first * 3 + second) * 5 + third) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        place, value = (mixed >> 32) % BINS, mixed & 0xFFFFFFFF
        if bins[place] < 0 or value < bins[place]:
            bins[place] = value
    return tuple(value & 0xFFFF for value in _filled(bins))


def _filled(bins: list[int]) -> list[int]:
    """Empty bins take the value of the next full one (densification, Shrivastava and Li 2014)."""
    full = list(bins)
    for place in range(2 * len(bins) - 1, -1, -1):
        if full[place % len(bins)] < 0:
            full[place % len(bins)] = full[(place + 1) % len(bins)]
    return full


def _key(kind: bytes, numbers: Iterable[int]) -> int:
    data = b"".join(number.to_bytes(4, "little") for number in numbers)
    return int.from_bytes(blake2b(data, digest_size=8, person=kind).digest(), "little") >> 1


def _bands(sketch: tuple[int, ...]) -> list[int]:
    return [_key(b"band", (at, *sketch[at : at + BAND])) for at in range(0, len(sketch), BAND)]


def _spine_keys(spine: tuple[tuple[int, int], ...]) -> list[int]:
    """Every two of the numbers and designations that survive translation and that few other texts hold."""
    rare = sorted({number for number, _ in spine if is_rare(number)})[:RARE]
    return [_key(b"spine", pair) for pair in combinations(rare, 2)]


def _term_keys(title: Mapping[int, int]) -> list[int]:
    heaviest = sorted(title, key=lambda term: (-title[term], term))[:KEY_TERMS]
    return [_key(b"term", (term,)) for term in heaviest]
