"""The words that a watch's hits keep company with, by which a word that only looks like one of its terms is told apart.

Pure: found articles in, words and shares out; it must not ask the archive, nor judge a proposal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.language.frequent import would_flood
from monitor.search import Found

#: Hits from which on it is known what they are about.
FEWEST = 4
#: Words of an article that make it of the same company, of those that so many of the hits hold.
SHARED, LEAST, WORDS = 2, 2, 60
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Company:
    """Words that stand beside a watch's terms in several of its hits; none where there are too few hits."""

    words: frozenset[str]

    @classmethod
    def of(cls, hits: Sequence[Found]) -> Company:
        if len(hits) < FEWEST:
            return cls(frozenset())
        counted = Counter(word for found in hits for word in _words_beside(found))
        least = max(LEAST, len(hits) // 20)
        return cls(frozenset(word for word, number in counted.most_common(WORDS) if number >= least))

    def share(self, found: Sequence[Found]) -> float:
        """Of these articles, how large a part keeps the same company, from 0 to 1."""
        same = sum(len(_words_beside(one) & self.words) >= min(SHARED, len(self.words)) for one in found)
        return same / max(1, len(found))

    def kept_by(self, found: Iterable[Found]) -> list[str]:
        """The words that they share with the hits, the commonest first."""
        counted = Counter(word for one in found for word in _words_beside(one) & self.words)
        return [word for word, _ in counted.most_common(3)]


def _words_beside(found: Found) -> set[str]:
    """Words of the headline and of the sentences shown, but for those that were found and those that say nothing."""
    language = found.language or "en"
    told = {piece.text.casefold() for piece in found.evidence}
    sentences = ("".join(span.text for span in sentence) for sentence in found.sentences)
    words = {word for text in (found.title, *sentences) for word in _WORD.findall(text.casefold())}
    return {word for word in words if word not in told and not would_flood(word, language)}
