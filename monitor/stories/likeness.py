"""How alike two fingerprints are: the same text, a translation of it, or the same event in other words.

It must not know of stories or time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.stories.fingerprints import Fingerprint

#: Share of equal minima from which two texts are one text: half of all three-word shingles.
SAME_TEXT = 0.5
#: Share of what survives translation, in the same order, from which one text is a translation of the other.
SAME_SPINE = 0.6
SPINE_LEAST = 10


def likeness(one: Fingerprint, other: Fingerprint) -> float:
    """From 0 to 1: how much two articles speak of the same event; titles alone if one has no text."""
    titles = _cosine(one.title, other.title, one.title_norm * other.title_norm)
    if not one.text or not other.text:
        return titles
    texts = _cosine(one.text, other.text, one.text_norm * other.text_norm)
    return 0.5 * titles + 0.5 * texts


def _cosine(one: Mapping[int, int], other: Mapping[int, int], norms: float) -> float:
    if len(other) < len(one):
        one, other = other, one
    product = sum(weight * other[term] for term, weight in one.items() if term in other)
    return product / norms if product else 0.0


def copy_reason(one: Fingerprint, other: Fingerprint, *, is_recent: bool) -> str:
    """Why two articles are the same text, in words; "" if they are not."""
    if one.sketch and other.sketch:
        same = _equal(one.sketch, other.sketch)
        if same >= SAME_TEXT:
            return f"the same text ({same:.0%} of its phrases)"
        if is_translation(one.spine, other.spine):
            return "a translation: the same numbers and names in the same order"
        return ""
    if is_recent and one.headline == other.headline and len(one.title) > 2:
        return "the same headline"
    return ""


def _equal(one: Sequence[int], other: Sequence[int]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def is_translation(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two spines tell the same names and numbers in the same order."""
    if min(len(one), len(other)) < SPINE_LEAST or min(len(one), len(other)) < 0.5 * max(len(one), len(other)):
        return False
    common = {number for number in one if number & 1} & {number for number in other if number & 1}
    return len(common) >= 2 and _common_length(one, other) >= SAME_SPINE * min(len(one), len(other))


def _common_length(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for left in one:
        diagonal = 0
        for at, right in enumerate(other, 1):
            above = row[at]
            row[at] = diagonal + 1 if left == right else max(above, row[at - 1])
            diagonal = above
    return row[-1]
