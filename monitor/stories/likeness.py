"""How alike two fingerprints are: the same text, a translation of it, or the same event in other words.

It must not know of stories or time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2
from operator import eq
from statistics import linear_regression, median

from monitor.stories.fingerprints import GRAM_WEIGHT, Fingerprint
from monitor.stories.spine import is_rare

#: Titles alone speak of the same event from this cosine on, and so much more for each doubling of the crowd.
SAME_TITLES = 0.12
SAME_TITLES_CROWDED = 0.03
#: Pieces that a long word has, or two words with their prefixes.
LONG_WORD = 9
#: With texts, the sum of both cosines.
SAME_TITLES_AND_TEXTS = 0.8
#: Share of equal minima from which two texts are one text: half of all three-word shingles.
SAME_TEXT = 0.5
#: A text is a translation of another if so large a share of what survives stands in both, in the same order …
SAME_SPINE = 0.4
#: … is at least so much …
SPINE_LEAST = 8
#: … and stands where it should, but for so large a share of the text's length.
MOST_UNEVEN = 0.0125
#: … over so large a part of the shorter text: a table or a paragraph of background that two reports share is no copy.
SAME_SPAN = 0.5
#: Two texts in other words tell the same event where they have so many numbers in common, so many of them rare …
SAME_NUMBERS, SAME_RARE = 5, 3
#: … so large a share of the numbers of the one that has fewer, …
SHARE_OF_NUMBERS = 0.7
#: … so many names, where both have as many, …
SAME_NAMES = 3
#: … and so many numbers in their first characters: tables, background and what stands under every release come later.
SAME_AT_FIRST, FIRST = 2, 400

Spine = Sequence[tuple[int, int]]


def likeness(one: Fingerprint, other: Fingerprint, crowd: int) -> float:
    """How much two articles speak of the same event; from 1 on they do.

    `crowd` is how many stories share a word with the new one: the more, the more titles are alike by chance.
    """
    titles, texts = title_likeness(one, other), text_likeness(one, other)
    if texts is None:
        return titles / (SAME_TITLES + SAME_TITLES_CROWDED * log2(1 + crowd))
    return (titles + texts) / SAME_TITLES_AND_TEXTS


def title_likeness(one: Fingerprint, other: Fingerprint) -> float:
    """The cosine of two titles' words and pieces of words."""
    product = _product(one.title, other.title) + GRAM_WEIGHT**2 * len(one.grams & other.grams)
    return product / (one.title_norm * other.title_norm) if product else 0.0


def text_likeness(one: Fingerprint, other: Fingerprint) -> float | None:
    """The cosine of what two texts are about; None if one has no text."""
    if not one.text or not other.text:
        return None
    return _product(one.text, other.text) / (one.text_norm * other.text_norm)


def is_one_word(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether all that speaks for two articles is at most one word of their titles, and no long one."""
    if one.text and other.text:
        return False
    return len(one.title.keys() & other.title.keys()) < 2 and len(one.grams & other.grams) < LONG_WORD


def _product(one: Mapping[int, int], other: Mapping[int, int]) -> int:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def copy_reason(one: Fingerprint, other: Fingerprint, *, is_recent: bool) -> str:
    """Why two articles are the same text, in words; "" if they are not."""
    if one.sketch and other.sketch:
        same = _equal(one.sketch, other.sketch)
        if same >= SAME_TEXT:
            return f"the same text ({same:.0%} of its phrases)"
        if is_translation(one, other):
            return "a translation: the same numbers and names in the same order"
        return ""
    if is_recent and one.headline == other.headline and one.has_headline and other.has_headline:
        return "the same headline"
    return ""


def has_same_particulars(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two texts in whatever languages tell the same numbers of the same names.

    What reports of one matter on different days share are its designations and people, not how many and how much.
    """
    shared = one.numbers & other.numbers
    if len(shared) < SAME_NUMBERS or sum(map(is_rare, shared)) < SAME_RARE:
        return False
    if len(shared) < SHARE_OF_NUMBERS * min(len(one.numbers), len(other.numbers)):
        return False
    if len(one.numbers_within(FIRST) & other.numbers_within(FIRST)) < SAME_AT_FIRST:
        return False
    return len(one.names & other.names) >= min(SAME_NAMES, len(one.names), len(other.names))


def _equal(one: Sequence[int], other: Sequence[int]) -> float:
    equal: int = sum(map(eq, one, other))
    return equal / len(one)


def is_translation(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two texts tell the same names and numbers, in the same order and at the same distances."""
    if len(one.numbers & other.numbers) < 2:
        return False  # spares nearly every candidate the comparison
    least = max(SPINE_LEAST, SAME_SPINE * min(len(one.spine), len(other.spine)))
    shared = Counter(number for number, _ in one.spine) & Counter(number for number, _ in other.spine)
    if shared.total() < least:
        return False
    common = common_places(one.spine, other.spine)
    if len(common) < least or _unevenness(common) > MOST_UNEVEN:
        return False
    return _share((one.spine, other.spine), common) >= SAME_SPAN


def _share(spines: tuple[Spine, Spine], common: Sequence[tuple[int, int]]) -> float:
    """How much of the shorter text lies between the second and the last but one that are shared: one of each end may be
    shared by chance."""
    lengths = [(spine[-1][1] - spine[0][1], common[-2][side] - common[1][side]) for side, spine in enumerate(spines)]
    whole, shared = min(lengths)
    return shared / max(1, whole)


def common_places(one: Spine, other: Spine) -> list[tuple[int, int]]:
    """Where the longest common subsequence stands in both (Wagner and Fischer 1974)."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        row, below = lengths[i], lengths[i + 1]
        for j in range(len(other) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if one[i][0] == other[j][0] else max(below[j], row[j + 1])
    return _walk(one, other, lengths)


def _walk(one: Spine, other: Spine, lengths: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        if one[i][0] == other[j][0]:
            found.append((one[i][1], other[j][1]))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _unevenness(places: Sequence[tuple[int, int]]) -> float:
    """How far common places stray from the straight line that a translation keeps to: the median of their distances
    from it, as a share of the stretch they cover.
    """
    slope, start = linear_regression([x for x, _ in places], [y for _, y in places])
    stretch = max(1, places[-1][1] - places[0][1])
    return median(abs(y - start - slope * x) for x, y in places) / stretch
